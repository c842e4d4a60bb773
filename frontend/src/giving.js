// The page on which somebody gives what they told: their file is read here, the receipts of their filing are fetched, all of them alike,
// and what comes of it goes nowhere but into a download or a link.
import { give, givable, grantOf, linkOf, newWord } from "./given.js";
import { oneLine } from "./plain.js";

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

  // The newest fact may have no place in the log yet: it has one within a second or so.
  async function proofOf(version) {
    for (let tries = 0; tries < 5; tries += 1) {
      if (tries) await new Promise((resume) => setTimeout(resume, 1000));
      const answer = await fetch(`/${root.dataset.lang}/mine/receipts/${version}/proof`, { cache: "no-store" });
      const proof = answer.ok ? await answer.text() : "";
      if (proof.startsWith("c2sp.org/tlog-proof")) return proof;
    }
    throw new Error("no receipt");
  }

  // What can be taken back has an end: a year from now where nothing is said, two at most (register/grant.py).
  const inDays = (days) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
  const within = (day) => (!day ? inDays(365) : day > inDays(730) ? inDays(730) : day);

  const taking = root.querySelector("[data-take-back]"), told = root.querySelector("[data-taken]");
  taking.addEventListener("submit", async (event) => {
    event.preventDefault();
    const box = taking.querySelector("input"), wrong = !grantOf(box.value);
    root.querySelector("[data-word-wrong]").hidden = !wrong;
    box.toggleAttribute("aria-invalid", wrong);
    if (wrong) { box.focus(); return; }
    const answer = await fetch("/api/v1/grants/taken-back", {
      method: "POST", credentials: "omit", referrerPolicy: "no-referrer",  // whose it is, nobody needs to hear
      headers: { "content-type": "application/json", "accept-language": document.documentElement.lang },
      body: JSON.stringify({ word: box.value.trim().toLowerCase() }),
    }).catch(() => null);
    const problem = answer && !answer.ok ? await answer.json().catch(() => ({})) : {};
    told.textContent = answer && answer.ok ? said.taken : problem.detail || said.failed;
    told.focus();
  });

  const box = (one, at) => {
    const item = root.querySelector("template[data-field]").content.firstElementChild.cloneNode(true);
    const input = item.querySelector("input"), label = item.querySelector("label");
    input.id = label.htmlFor = `give-${at}`;
    input.value = String(at);
    label.textContent = filled(said.value, { field: oneLine(fields[one.field] || one.field), value: oneLine(one.value) });
    return item;
  };

  async function read() {
    made.hidden = true;
    state.textContent = "";
    if (!file.files[0]) return;
    try { receipts = receipts || (await fetched()); } catch { state.textContent = said.failed; return; }
    found = givable(await file.files[0].text(), receipts);
    boxes.replaceChildren(...found.map(box));
    choose.hidden = !found.length;
    if (!found.length) state.textContent = said.none;
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const chosen = [...boxes.querySelectorAll("input:checked")].map((one) => found[Number(one.value)]);
    if (!chosen.length) { (boxes.querySelector("input") || file).focus(); return; }
    const day = root.querySelector("#give-until").value, once = root.querySelector("#give-once").checked;
    const word = once || root.querySelector("#give-back").checked ? newWord() : "";
    const json = give(chosen, root.querySelector("#give-to").value, word ? within(day) : day, word && grantOf(word), once);
    root.querySelector("[data-word]").textContent = word;
    root.querySelector("[data-with-word]").hidden = !word;
    const save = root.querySelector("[data-save]");
    URL.revokeObjectURL(save.href);
    save.href = URL.createObjectURL(new Blob([json], { type: "application/json" }));
    root.querySelector("[data-link]").value = linkOf(`${location.origin}/${root.dataset.lang}/verify`, json);
    made.hidden = false;
    state.textContent = said.made;
    state.focus();
  });
  for (const one of form.querySelectorAll("input")) one.addEventListener("change", () => { made.hidden = true; });
  boxes.addEventListener("change", () => { made.hidden = true; });
  file.addEventListener("change", read);
  root.hidden = false;
  document.querySelector("[data-give-without]").hidden = true;
}
