// What somebody tells about themselves stays in their browser where this script runs. Salts, decoys and digests are made here, only
// digests are sent, and the disclosures are given to their teller from here. So the pages of a form that tells are fetched and shown
// in place of the one before: what was typed waits in this page's memory, and nowhere else. Without this script the forms go to the
// server as they are, and the server forgets (web/forms.py).
import { sha256 } from "@noble/hashes/sha2.js";
import { askBeforeLeaving } from "./leaving.js";
import { utf8 } from "./plain.js";
import { fits } from "./shape.js";
import { refusedCharacter } from "./told-text.js";

const MOST = 500;
const TELLS = /\/(file|mine\/(tell|take-back|move|correct))$/;
const OURS = new Set(["seed", "in-page", "digests", "told", "filled", "digest", "disclosure", "which", "kept", "present", "dropped"]);

const base64url = (bytes) => btoa(String.fromCharCode(...bytes)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const random = (count) => base64url(crypto.getRandomValues(new Uint8Array(count)));
const digest = (disclosure) => base64url(sha256(utf8.encode(disclosure)));

const typed = new Map(); // what was typed, by the name of its box
const made = new Map(); // disclosures, by field and value: the same form sent twice tells the same thing once
const decoys = [];
let telling = null; // what is sent in place of what was typed, and the disclosures that open it
let steps = []; // the pages so far, as they stand, for the browser's way back

const disclosureOf = (name, value) => {
  const key = `${name}\0${value}`;
  if (!made.has(key)) made.set(key, base64url(utf8.encode(JSON.stringify([random(16), name, value]))));
  return made.get(key);
};

// RFC 9901, section 4.2: [salt, name, value] as JSON in base64url; among the record's own digests a decoy for each untold field.
function tell(form) {
  const asked = new Set((form.dataset.asked || "").split(" ")), count = Number(form.dataset.count || 0);
  const own = [], chosen = [], filled = [];
  for (const box of form.querySelectorAll("input[type=text][name^='field-']")) {
    const name = box.name.slice("field-".length), value = box.value.normalize("NFC").trim();
    typed.set(box.name, value);
    if (!value) continue;
    (asked.has(name) ? own : chosen).push(disclosureOf(name, value));
    if (asked.has(name)) filled.push(name);
  }
  while (decoys.length < count) decoys.push(random(32));
  const digests = [...own.map(digest), ...decoys.slice(0, Math.max(0, count - own.length))].sort();
  telling = { sent: { digests, told: chosen.map(digest).sort(), filled }, disclosures: [...own, ...chosen] };
}

// What the rule asks, told anew (web/replacing.py): digests in place of those whose disclosures were pasted, or of all there are.
function replace(form, box) {
  const fields = [...form.querySelectorAll("input[type=text][name^='field-']")], values = new Map(), held = new Map();
  const present = form.querySelector("[name=present]").value.split(" ");
  typed.set(box.name, box.value);
  for (const one of fields) {
    const value = one.value.normalize("NFC").trim();
    typed.set(one.name, value);
    if (value) values.set(one.name.slice("field-".length), value);
  }
  for (const { word, parts } of disclosuresIn(box.value)) {
    if (parts.length === 3 && present.includes(digest(word))) held.set(parts[1], digest(word));
  }
  const names = [...values.keys()], all = names.length === fields.length, paired = names.every((name) => held.has(name));
  const dropped = !names.length ? [] : paired ? names.map((name) => held.get(name)) : all ? present : [];
  const own = names.map((name) => disclosureOf(name, values.get(name))), count = dropped.length - own.length;
  while (decoys.length < count) decoys.push(random(32));
  const digests = [...own.map(digest), ...decoys.slice(0, Math.max(0, count))].sort();
  telling = { sent: { digests, dropped: [...dropped].sort() }, disclosures: own };
}

// The disclosures in what somebody pasted, with or without words around them.
function disclosuresIn(text) {
  const found = [];
  for (const word of text.split(/[\s~]+/)) {
    try {
      const plain = atob(word.replace(/-/g, "+").replace(/_/g, "/"));
      const parts = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(Uint8Array.from(plain, (c) => c.charCodeAt(0))));
      if (Array.isArray(parts) && (parts.length === 2 || parts.length === 3)) found.push({ word, parts });
    } catch { /* some other word */ }
  }
  return found;
}

// What the server cannot look at is looked at here, and said beside its box: a character that nobody sees, by which a value would
// read otherwise than it is; and a number that is not written as such numbers are.
function unfit(form) {
  let first = null;
  for (const box of form.querySelectorAll("input[type=text][name^='field-']")) {
    const value = box.value.normalize("NFC").trim(), unseen = Boolean(refusedCharacter(value)), misshapen = Boolean(value) && !fits(value, box.dataset);
    const wrong = unseen || misshapen;
    for (const [name, is] of [["unseen", unseen], ["shape", misshapen && !unseen]]) {
      const said = document.getElementById(`${box.id}-${name}`);
      if (said) said.hidden = !is;
    }
    box.classList.toggle("govuk-input--error", wrong);
    box.toggleAttribute("aria-invalid", wrong);
    if (wrong) first ||= box;
  }
  if (first) first.focus();
  return first !== null;
}

function takeBack(form, box) {
  typed.set(box.name, box.value);
  const which = form.querySelector("[name='which']")?.value || "";
  const chosen = disclosuresIn(box.value).filter(({ parts }) => !which || (parts.length === 3 && parts[1] === which));
  telling = { sent: { digest: chosen.map(({ word }) => digest(word)) }, disclosures: [] };
}

function bodyOf(form, submitter) {
  const replaced = form.querySelector("textarea[name='kept']");
  if (replaced) replace(form, replaced);
  else if (form.querySelector("input[type=text][name^='field-']")) tell(form);
  const disclosure = form.querySelector("textarea[name='disclosure']");
  if (disclosure) takeBack(form, disclosure);
  const body = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    if (!name.startsWith("field-") && !OURS.has(name)) body.append(name, value);
  }
  if (submitter && submitter.name) body.append(submitter.name, submitter.value);
  if (telling) {
    body.set("in-page", "yes");
    for (const [name, words] of Object.entries(telling.sent)) body.set(name, words.join(" "));
  }
  return body;
}

// A page in its boxes' last state: what the server never had is put in from memory.
function fill(body) {
  for (const box of body.querySelectorAll("input[type=text][name^='field-'], textarea[name='disclosure'], textarea[name='kept']")) {
    if (box.name.startsWith("field-")) box.maxLength = MOST;
    if (typed.has(box.name)) box.value = typed.get(box.name);
  }
  for (const row of body.querySelectorAll("[data-answer]")) {
    const value = typed.get(`field-${row.dataset.answer}`);
    if (value) row.textContent = value;
  }
  for (const one of body.querySelectorAll("[data-by-server]")) one.hidden = true;
  for (const one of body.querySelectorAll("[data-in-page]")) one.hidden = false;
  const kept = body.querySelector("[data-kept]");
  if (kept && telling && telling.disclosures.length) {
    kept.querySelector("textarea").value = telling.disclosures.join("\n");
    kept.hidden = false;
  }
  return Boolean(body.querySelector("[data-done]"));
}

function put(body) {
  document.body.replaceWith(body);
  for (const button of body.querySelectorAll("button")) button.disabled = false;
  window.scrollTo(0, 0);
  (body.querySelector("[autofocus]") || body.querySelector("main") || body).focus();
}

function show(html) {
  const next = new DOMParser().parseFromString(html, "text/html");
  const body = document.adoptNode(next.body), done = fill(body);
  document.title = next.title;
  put(body);
  // A script that came with the page does not run by itself.
  for (const script of body.querySelectorAll("script[src]")) {
    if (/telling\.js/.test(script.src)) continue;
    const again = document.createElement("script");
    again.src = script.src;
    body.append(again);
  }
  if (done) { steps = []; return; } // no way back into a form that was taken
  steps = steps.slice(0, (history.state?.step ?? 0) + 1);
  steps.push(body);
  history.pushState({ step: steps.length - 1 }, "");
}

async function send(form, submitter) {
  const body = bodyOf(form, submitter), lost = document.querySelector("[data-lost]");
  for (const button of form.querySelectorAll("button")) button.disabled = true;
  if (lost) lost.hidden = true;
  try {
    const answer = await fetch(form.action, { method: "POST", body });
    if (answer.redirected) { location.assign(answer.url); return; }
    show(await answer.text());
  } catch {
    if (lost) lost.hidden = false;
    for (const button of form.querySelectorAll("button")) button.disabled = false;
  }
}

const keepsake = () => document.querySelector("[data-kept]:not([hidden], [data-saved])");
function download() {
  const kept = document.querySelector("[data-kept]"), link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([kept.querySelector("textarea").value + "\n"], { type: "text/plain" }));
  link.download = `disclosures-${document.documentElement.lang.slice(0, 2)}.txt`;
  link.click();
  URL.revokeObjectURL(link.href);
  kept.dataset.saved = "";
}
// Who copied the text has it too.
document.addEventListener("copy", (event) => { if (event.target.matches?.("[data-kept] textarea")) keepsake()?.setAttribute("data-saved", ""); });
askBeforeLeaving(() => Boolean(keepsake()), download);

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.matches("[data-kept] form")) {
    event.preventDefault();
    download();
  } else if (TELLS.test(new URL(form.action).pathname)) {
    event.preventDefault();
    if (event.submitter?.name !== "back" && unfit(form)) return;
    send(form, event.submitter);
  }
});

// A file of disclosures, put into the box that takes their text. It has no name, so that no form sends it.
document.addEventListener("change", async (event) => {
  const file = event.target;
  if (!file.matches("input[type=file][data-into]")) return;
  const texts = await Promise.all([...file.files].map((one) => one.text()));
  document.getElementById(file.dataset.into).value = texts.join("\n").trim();
});

window.addEventListener("popstate", (event) => {
  if (event.state?.step === undefined) return; // a link to a box of this page
  if (!steps[event.state.step]) { location.reload(); return; }
  put(steps[event.state.step]);
});

if (TELLS.test(location.pathname)) {
  steps = [document.body];
  history.replaceState({ step: 0 }, "");
}
fill(document.body);
