// The page on which somebody gives what they told: their file is read here, the receipts of their filing are fetched, all of them alike,
// and what comes of it goes nowhere but into a download or a link.
import { forgetCopied } from "./copy.js";
import { give, givable, grantOf, linkOf, newWord, readWord } from "./given.js";
import { lookup, oneLine } from "./plain.js";
import { mark } from "./grants.js";
import { onDay } from "./roll-clock.js";

const LOGGED_WITHIN = 60;  // seconds (docs/log.md, "What is promised")
const filled = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
const root = document.querySelector("[data-give]");
if (root) {
  const form = root.querySelector("form"), file = root.querySelector("#give-from"), choose = root.querySelector("[data-choose]");
  const state = root.querySelector("[data-state]"), made = root.querySelector("[data-made]"), boxes = root.querySelector("[data-fields-here]");
  const fields = JSON.parse(root.dataset.fields), said = JSON.parse(root.dataset.given);
  let receipts, found = [];

  // All receipts that may bear a digest, whatever was chosen: by what is fetched the roll learns nothing.
  async function fetched() {
    const proofs = [];
    for (const version of root.dataset.receipts.split(" ").filter(Boolean)) proofs.push(await proofOf(version));
    return proofs;
  }

  // The newest fact may have no place in the log yet: it has one within a second or so, and within the minute that a log promises. Till then
  // its own page comes, and a server that is busy or does not answer is asked again; whoever is signed out meanwhile waits for nothing.
  async function proofOf(version) {
    const place = `/${root.dataset.lang}/mine/receipts/${version}`;
    for (let tries = 0; tries < LOGGED_WITHIN; tries += 1) {
      if (tries) await new Promise((resume) => setTimeout(resume, 1000));
      const answer = await fetch(`${place}/proof`, { cache: "no-store" }).catch(() => null);
      const proof = answer?.ok ? await answer.text().catch(() => "") : "";
      if (proof.startsWith("c2sp.org/tlog-proof")) return proof;
      if (answer && answer.status < 429 && !answer.url.endsWith(place)) break;
    }
    throw new Error("no receipt");
  }

  // What can be taken back has an end: a year from now where nothing is said, two at most (register/grant.py). Now is the roll's day, by
  // which its check judges; the page says the days before, and the end that it came to after.
  const { preset, last } = root.dataset, within = (day) => (!day ? preset : day > last ? last : day);

  const taking = root.querySelector("[data-take-back]"), told = root.querySelector("[data-taken]");
  taking.addEventListener("submit", async (event) => {
    event.preventDefault();
    const box = taking.querySelector("input"), word = readWord(box.value), wrong = !word;
    root.querySelector("[data-word-wrong]").hidden = !wrong;
    told.textContent = "";
    box.toggleAttribute("aria-invalid", wrong);
    if (wrong) { box.focus(); return; }
    told.textContent = said.working;
    const answer = await mark("taken-back", { word: word.body });
    const found = (answer && await answer.json().catch(() => null)) || {}, good = answer?.ok && found.taken_back && found.grant === grantOf(word.body);
    told.textContent = good ? (word.checked ? said.taken : said.unchecked) : found.detail || said.unknown;
    told.focus();
  });

  const box = (one, at) => {
    const item = root.querySelector("template[data-field]").content.firstElementChild.cloneNode(true);
    const input = item.querySelector("input"), label = item.querySelector("label");
    input.id = label.htmlFor = `give-${at}`;
    input.value = String(at);
    label.textContent = filled(said.value, { field: oneLine(lookup(fields, one.field) || one.field), value: oneLine(one.value) });
    return item;
  };

  // What another file gave is gone before the next is read, and what comes too late counts for nothing.
  function forget() {
    made.hidden = choose.hidden = true;
    state.textContent = "";
    boxes.replaceChildren();
    found = [];
  }
  let reading = 0;
  async function read() {
    const mine = reading += 1, files = [...file.files];
    forget();
    if (!files.length) return;
    state.textContent = said.working;
    try { receipts = receipts || (await fetched()); } catch { state.textContent = said.failed; return; }
    const content = (await Promise.all(files.map((one) => one.text()))).join("\n");
    if (mine !== reading) return;
    found = givable(content, receipts);
    boxes.replaceChildren(...found.map(box));
    choose.hidden = !found.length;
    state.textContent = found.length ? "" : said.none;
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const chosen = [...boxes.querySelectorAll("input:checked")].map((one) => found[Number(one.value)]);
    const until = root.querySelector("#give-until"), day = until.value, over = Boolean(day) && day < root.dataset.today, nothing = !chosen.length;
    root.querySelector("[data-nothing]").hidden = !nothing || file.files.length > 0;
    root.querySelector("[data-unticked]").hidden = !nothing || !file.files.length;
    root.querySelector("[data-over]").hidden = !over;
    until.toggleAttribute("aria-invalid", over);
    if (nothing || over) { made.hidden = true; state.textContent = ""; (nothing ? boxes.querySelector("input") || file : until).focus(); return; }
    const once = root.querySelector("#give-once").checked;
    const word = once || root.querySelector("#give-back").checked ? newWord() : "";
    const end = word ? within(day) : day, json = give(chosen, root.querySelector("#give-to").value, end, word && grantOf(word), once);
    root.querySelector("[data-word]").textContent = word;
    root.querySelector("[data-with-word]").hidden = !word;
    const save = root.querySelector("[data-save]");
    URL.revokeObjectURL(save.href);
    save.href = URL.createObjectURL(new Blob([json], { type: "application/json" }));
    root.querySelector("[data-link]").value = linkOf(`${location.origin}/${root.dataset.lang}/verify`, json);
    forgetCopied();
    made.hidden = false;
    state.textContent = [said.made, ...(end ? [filled(said.ends, { day: onDay(end) })] : [])].join(" ");
    state.focus();
  });
  for (const one of form.querySelectorAll("input")) one.addEventListener("change", () => { made.hidden = true; });
  boxes.addEventListener("change", () => { made.hidden = true; });
  file.addEventListener("change", read);
  root.hidden = false;
  document.querySelector("[data-give-without]").hidden = true;
}
