// The page on which an operator files a list of sites: read here, looked at by the roll, then filed whole. Of a person's site a
// handle and digests are sent; what opens them is saved from here before anything is filed.
import { know } from "./known-names.js";
import { askBeforeLeaving } from "./leaving.js";
import { decoded, keyOf, rowsOf } from "./packing.js";
import { fileLink, filled, made, paragraph } from "./page-parts.js";
import { adding, keptIn, sitesOf, split } from "./site-list.js";

const box = document.querySelector("[data-sites]");
const MOST_BYTES = 20_000_000, SHOWN = 50, AT_ONCE = 100, MOST_SENT = 100_000, VERSION = 1;
if (box) {
  const terms = JSON.parse(box.dataset.terms), words = JSON.parse(box.dataset.words);
  const [list, keyFile, earlierFile, control, go, verdict] = ["#sites-list", "#sites-key", "#sites-earlier", "#sites-control", "[data-sites-go]", "[data-sites-said]"].map((one) => box.querySelector(one));
  const random = (count) => crypto.getRandomValues(new Uint8Array(count));
  const say = (...inner) => { verdict.replaceChildren(...inner); verdict.focus(); };
  const wrong = (text) => say(made("p", { class: "govuk-error-message" }, text));
  const unsaved = () => verdict.querySelector("[data-unsaved]");

  box.hidden = false;
  document.querySelector("[data-sites-without]").hidden = true;
  askBeforeLeaving(() => Boolean(unsaved()), () => unsaved().click());
  for (const one of [list, keyFile, earlierFile, control]) one.addEventListener("change", () => { verdict.replaceChildren(); });
  const busy = async (button, work) => {
    button.disabled = true;
    try { await work(); } catch (error) { wrong(error.said || words.failed); } finally { button.disabled = false; }
  };
  go.addEventListener("click", () => busy(go, looked));

  // What domains are held against: fetched whatever stands in the list.
  let listed = false;
  async function lists() {
    if (!listed) know(await (await fetch(box.dataset.lists)).json());
    listed = true;
  }

  async function looked() {
    const file = list.files[0];
    if (!file) return wrong(words.list);
    if (file.size > MOST_BYTES) return wrong(words.large);
    const read = decoded(new Uint8Array(await file.arrayBuffer()));
    if (read.text === undefined) return wrong(words.unreadable);
    const table = rowsOf(read.text.replace(/^\ufeff/, ""));
    if (!table) return wrong(words.broken);
    await lists();
    const { sites, faults } = sitesOf(table, terms);
    if (faults.length) return showFaults(faults.map(({ row, column, value, code }) => [row, column, value, words[code]]));
    if (!sites.length) return wrong(words.empty);
    const sealed = await takenApart(sites);
    if (!sealed) return undefined;
    const found = await sentWhole(sites, sealed.bodies, false);
    if (found) showGood(file.name.replace(/\.[^.]*$/, ""), sites, sealed);
    return undefined;
  }

  // What is sent of each site, and what stays; nothing where a key or a file will not do.
  async function takenApart(sites) {
    const own = sites.filter((site) => site.account), shown = control.value === "none" ? "" : control.value;
    const text = keyFile.files[0] && await keyFile.files[0].text(), key = text === undefined ? undefined : keyOf(text);
    if (own.length && !key) { wrong(text === undefined ? words.key : words.damaged); return undefined; }
    const earlier = earlierFile.files[0] ? keptIn(await earlierFile.files[0].text()) : new Map();
    if (!earlier) { wrong(words.earlier); return undefined; }
    const bodies = sites.map((site) => {
      const of = { kind: site.kind, began: site.cells.began, control: shown };
      if (!site.account) return { is: "open", sponsor: site.cells.sponsor, domains: site.domains, services: site.cells.services, ...of };
      const { handle, digests, kept: one } = split(site, terms.fields, key, random, earlier);
      adding(earlier, one);
      return { is: "private", handle, digests, ...of };
    });
    return { bodies, kept: own.length ? [...earlier.values()].flat() : undefined };
  }

  // Sends a list in parts, none too large; the answers for its sites in their order, nothing where a fault was said.
  async function sentWhole(sites, bodies, write) {
    const filed = [], faults = [];
    for (let at = 0; at < bodies.length;) {
      const part = [];
      for (let size = 0; at + part.length < bodies.length && part.length < AT_ONCE; ) {
        size += JSON.stringify(bodies[at + part.length]).length;
        if (part.length && size > MOST_SENT) break;
        part.push(bodies[at + part.length]);
      }
      say(paragraph(filled(words.asking, { done: at, all: bodies.length })));
      const answer = await sent(part, write);
      if (answer.refused) { wrong(write && at ? `${answer.refused} ${words.cut}` : answer.refused); return undefined; }
      for (const one of answer.faults || []) faults.push([sites[at + one.at].row, one.field, sites[at + one.at].account || sites[at + one.at].domains[0], one.said]);
      filed.push(...(answer.filed || []));
      at += part.length;
    }
    if (faults.length) { showFaults(faults); return undefined; }
    return filed;
  }

  async function sent(part, write) {
    const body = new URLSearchParams({ _csrf_token: box.dataset.csrf, sites: JSON.stringify(part), write: write ? "yes" : "" });
    const failed = () => Object.assign(new Error("not answered"), { said: write ? words.cut : words.failed });
    let answer;
    try { answer = await fetch(location.pathname, { method: "POST", body, redirect: "error" }); } catch { throw failed(); }
    try { return await answer.json(); } catch { throw failed(); }
  }

  function showGood(stem, sites, { bodies, kept }) {
    const button = made("button", { class: "govuk-button", type: "button" }, words.file);
    const ways = [];
    if (kept) {
      const name = `${stem}.disclosures.ndjson`, lines = kept.map((one) => `${JSON.stringify(one)}\n`).join("");
      const keepsake = fileLink(name, [lines], name);
      keepsake.dataset.unsaved = "";
      keepsake.addEventListener("click", () => { delete keepsake.dataset.unsaved; button.disabled = false; });
      button.disabled = true;
      ways.push(paragraph(words.keep), made("p", { class: "govuk-body" }, keepsake));
    }
    button.addEventListener("click", () => busy(button, async () => {
      const filed = await sentWhole(sites, bodies, true);
      if (filed) showFiled(stem, sites, filed);
    }));
    say(paragraph(filled(words.good, { count: sites.length })), ...ways, button);
  }

  function showFiled(stem, sites, filed) {
    const known = filed.filter((one) => one.repeated).length, name = `${stem}.numbers.json`;
    const numbers = Object.fromEntries(filed.map((one, at) => [one.number, { domain: sites[at].domains[0], told: one.state || "live" }]));
    const rows = filed.map((one, at) => [one.number, sites[at].account || sites[at].domains[0]]);
    say(paragraph(filled(words.filed, { fresh: filed.length - known, known })),
      made("p", { class: "govuk-body" }, fileLink(name, [`${JSON.stringify({ version: VERSION, sites: numbers }, null, 1)}\n`], name), ` ${words.numbers}`),
      table("", [words.number, words.domain], rows));
  }

  const showFaults = (faults) => say(table(filled(words.faults, { count: faults.length }), [words.row, words.column, words.value, words.what], faults));

  function table(caption, heads, rows) {
    const cell = (text, at) => made("td", { class: "govuk-table__cell roll-break", "data-head": heads[at], ...(heads[at] === words.what ? {} : { translate: "no" }) }, String(text));
    const head = heads.map((text) => made("th", { class: "govuk-table__header", scope: "col" }, text));
    return made("div", { class: "roll-scroll", tabindex: "0" }, made("table", { class: "govuk-table roll-listed" },
      made("caption", { class: "govuk-table__caption govuk-table__caption--s" }, caption),
      made("thead", { class: "govuk-table__head" }, made("tr", { class: "govuk-table__row" }, ...head)),
      made("tbody", { class: "govuk-table__body" }, ...rows.slice(0, SHOWN).map((row) => made("tr", { class: "govuk-table__row" }, ...row.map(cell))))));
  }
}
