// The part of the page Files that packs a list before anything is sent: files in, files out, all in this browser.
import { askBeforeLeaving } from "./leaving.js";
import { decoded, keyId, keyLine, keyOf, pack, rowsOf } from "./packing.js";
import { fileLink, filled, made, paragraph } from "./page-parts.js";

const box = document.querySelector("[data-pack]");
const MOST_BYTES = 200_000_000, SHOWN = 50;
if (box) {
  const terms = JSON.parse(box.dataset.terms), words = JSON.parse(box.dataset.words), faults = JSON.parse(box.dataset.faults);
  const [list, keyFile, verdict, go, make] = ["#pack-list", "#pack-key", "[data-pack-said]", "[data-pack-go]", "[data-pack-make]"].map((one) => box.querySelector(one));
  const encodings = box.querySelector("[data-pack-encodings]");
  const random = (count) => crypto.getRandomValues(new Uint8Array(count));
  const say = (...inner) => { verdict.replaceChildren(...inner); };
  const wrong = (code) => { say(made("p", { class: "govuk-error-message" }, words[code])); verdict.focus(); };

  box.hidden = false;
  document.querySelector("[data-pack-without]").hidden = true;

  make.addEventListener("click", () => {
    const key = random(32), name = `${keyId(key)}.handle-key`;
    say(paragraph(words.made), made("p", { class: "govuk-body" }, fileLink(name, [keyLine(key)], name)));
    verdict.querySelector("a").click();
    verdict.focus();
  });
  const unsaved = () => verdict.querySelector("[data-unsaved]");
  askBeforeLeaving(() => Boolean(unsaved()), () => unsaved().click());
  list.addEventListener("change", () => { encodings.hidden = true; encodings.querySelector("[data-options]").replaceChildren(); say(); });
  go.addEventListener("click", async () => {
    go.disabled = true;
    try { await packed(); } catch { wrong("failed"); } finally { go.disabled = false; }
  });

  const choose = (samples) => {
    encodings.querySelector("[data-options]").replaceChildren(...samples.map(([name, cells], at) => made("div", { class: "govuk-radios__item" },
      made("input", { class: "govuk-radios__input", type: "radio", name: "pack-encoding", id: `pack-encoding-${at}`, value: name }),
      made("label", { class: "govuk-label govuk-radios__label", for: `pack-encoding-${at}` }, `${name}: ${cells.join("  ")}`))));
    encodings.hidden = !samples.length;
    wrong(samples.length ? "encoding" : "unreadable");
  };

  async function packed() {
    const file = list.files[0], text = keyFile.files[0] && await keyFile.files[0].text();
    if (!file) return wrong("list");
    if (file.size > MOST_BYTES) return wrong("large");
    const chosen = encodings.querySelector("input:checked");
    const read = decoded(new Uint8Array(await file.arrayBuffer()), chosen && chosen.value);
    if (read.cut) return wrong("cut");
    if (read.samples) return choose(read.samples);
    const table = rowsOf(read.text);
    if (!table) return wrong(table === null ? "cut" : "broken");
    const key = text === undefined ? undefined : keyOf(text);
    if (!key) return wrong(text === undefined ? "key" : "damaged");
    const result = await pack(table, key, terms, random, async (done, all) => {
      say(paragraph(filled(words.working, { percent: Math.floor(100 * done / all) })));
      await new Promise((on) => { setTimeout(on); });
    });
    if (result.faults) showFaults(result); else showFiles(file.name.replace(/\.[^.]*$/, ""), result);
    verdict.focus();
  }

  function showFiles(stem, { rows, filing, disclosures, openEnd }) {
    const [send, keep] = [`${stem}.filing.csv`, `${stem}.disclosures.ndjson`];
    const keepsake = fileLink(keep, disclosures, keep);
    keepsake.dataset.unsaved = "";
    keepsake.addEventListener("click", () => { delete keepsake.dataset.unsaved; });
    say(made("h3", { class: "govuk-heading-s" }, filled(words.packed, { rows })),
      made("ul", { class: "govuk-list govuk-list--bullet" },
        made("li", {}, fileLink(send, filing, send), ` ${words.send}`), made("li", {}, keepsake, ` ${words.keep}`)),
      ...(openEnd ? [paragraph(words.open)] : []));
  }

  function showFaults({ faults: found, count }) {
    const heads = [words.row, words.column, words.value, words.what];
    const cell = (text, at) => made("td", { class: "govuk-table__cell", "data-head": heads[at], ...(at === 2 ? { translate: "no" } : {}) }, text);
    const rows = found.slice(0, SHOWN).map(({ row, column, value, code, params }) => {
      const what = filled(faults[params.many ? `${code} ${params.words ? "near" : "far"}` : `${code} ${column}`] || faults[code] || code, { ...params, column, shape: words[params.shape] || "" });
      return made("tr", { class: "govuk-table__row", "data-code": code }, ...[row ? String(row) : "", column, value, what].map(cell));
    });
    const head = heads.map((text) => made("th", { class: "govuk-table__header", scope: "col" }, text));
    say(made("div", { class: "roll-scroll", tabindex: "0" }, made("table", { class: "govuk-table roll-listed" },
      made("caption", { class: "govuk-table__caption govuk-table__caption--s" }, filled(words.faults, { count })),
      made("thead", { class: "govuk-table__head" }, made("tr", { class: "govuk-table__row" }, ...head)), made("tbody", { class: "govuk-table__body" }, ...rows))));
  }
}
