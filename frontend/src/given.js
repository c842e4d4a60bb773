// What a person gives: disclosures and the receipts that bear them, in one file or behind the number sign of a link. The same as
// openroll.register.given, which says why; tests/register/test_given_in_page.py holds the two against each other.
import { sha256 } from "@noble/hashes/sha2.js";
import { encodedIn, parse } from "./disclosures.js";
import { bytesOf, checkOf, strictText, utf8, without, withoutGroups } from "./plain.js";
import { claimed } from "./receipt.js";
import { recordTag } from "./record-tag.js";

const FORM = "openroll-given-1", FRAGMENT = "given=", MOST = 64, MOST_WORDS = 200, MOST_BYTES = 2_000_000, MOST_DEPTH = 32;
const hidden = /[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\p{Cs}]/u;
const BEGINS = "subscription.filed/1";
const strings = (value) => Array.isArray(value) && value.every((one) => typeof one === "string" && !/\p{Surrogate}/u.test(one));
const base64url = (bytes) => {
  let binary = "";
  for (let at = 0; at < bytes.length; at += 8192) binary += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(binary).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
};

// The disclosure of a text, and of nothing else.
function textOf(encoded) {
  const one = parse(encoded);
  return one?.isText ? one : undefined;
}

// What an entry's body says of digests: a whole list, those added, those dropped. A filing begins a record.
function says({ index, kind, body, salt }) {
  const said = objectIn(body) ?? {};  // what is none says nothing of digests
  const set = (name) => new Set(Array.isArray(said[name]) ? said[name].filter((one) => typeof one === "string") : []);
  const whole = "digests" in said ? set("digests") : undefined, added = set("added");
  return { index, whole, added, dropped: set("dropped"), begins: kind === BEGINS, salt, record: said.record, stands: (digest) => added.has(digest) || Boolean(whole && whole.has(digest)) };
}

const bearing = (digest, said) => Math.max(-1, ...said.filter((one) => one.stands(digest)).map((one) => one.index));

function takenAway(digest, since, said) {
  const own = said.some((one) => one.whole && one.whole.has(digest));
  const later = said.filter((one) => one.index > since && !one.begins);
  return (own && later.some((one) => one.whole && !one.whole.has(digest))) || later.some((one) => one.dropped.has(digest));
}

// Whether the entries are provably of one record: all of one filing, by its receipt and by what the others name. That they share a
// digest shows nothing: whoever has several records can list a digest of one in a change of another.
function joined(bearing, said) {
  const isOf = (one, filing) => one.index === filing.index || one.record === recordTag(filing.salt, one.salt);
  return bearing.length <= 1 || said.some((filing) => filing.begins && bearing.every((one) => isOf(one, filing)));
}

// What can be given of a file: each field that a receipt proves and nothing took away since, by its newest disclosure.
export function givable(content, receipts) {
  const read = receipts.map((text) => ({ text, ...claimed(utf8.encode(text)) })).filter((one) => one.kind).map((one) => ({ text: one.text, ...says(one) }));
  const found = new Map();
  for (const encoded of encodedIn(content)) {
    const one = textOf(encoded);
    if (!one) continue;
    const at = bearing(one.digest, read);
    if (at < 0 || takenAway(one.digest, at, read)) continue;
    const before = found.get(one.field);
    if (!before || before.at < at) found.set(one.field, { field: one.field, value: one.value, encoded, at, receipt: read.find((other) => other.index === at).text });
  }
  return [...found.values()];
}

export function give(chosen, to, until, grant = "", once = false) {
  const receipts = [...new Set([...chosen].sort((one, other) => one.at - other.at).map((one) => one.receipt))];
  const made = { disclosures: chosen.map((one) => one.encoded), form: FORM, receipts };
  if (to.trim()) made.to = [...to.trim().normalize("NFC")].filter((char) => !hidden.test(char)).slice(0, MOST_WORDS).join("");
  if (until) made.until = until;
  if (grant) made.grant = grant;
  if (grant && once) made.once = true;
  return JSON.stringify(made);
}

export const linkOf = (page, json) => `${page}#${FRAGMENT}${base64url(utf8.encode(json))}`;

// The bytes behind the number sign of a link; undefined where there are none of this kind, no bytes where they are damaged.
export function behind(hash) {
  if (!hash.startsWith(`#${FRAGMENT}`)) return undefined;
  const encoded = hash.slice(1 + FRAGMENT.length);
  try {
    const bytes = bytesOf(atob(encoded.replace(/-/g, "+").replace(/_/g, "/")));
    return base64url(bytes) === encoded ? bytes : new Uint8Array();
  } catch { return new Uint8Array(); }
}

const ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";
const WORD = /^[a-z2-7]{24}([a-z2-7]{2})?$/;
const checked = (body) => checkOf([...body].map((char) => ALPHABET.indexOf(char))).map((value) => ALPHABET[value]).join("");
// A word by which something is taken back, as its giver keeps it; one as somebody typed it, { body, checked }, undefined for none and
// for a mistyped one; and the grant that it is the word of (openroll.register.grant).
export function newWord() {
  const body = [...crypto.getRandomValues(new Uint8Array(24))].map((byte) => ALPHABET[byte & 31]).join("");
  return (body + checked(body)).match(/.{1,4}/g).join("-");
}
export function readWord(typed) {
  const plain = withoutGroups(typed).toLowerCase(), body = plain.slice(0, 24), check = plain.slice(24);
  return WORD.test(plain) && (!check || check === checked(body)) ? { body, checked: Boolean(check) } : undefined;
}
export const grantOf = (word) => [...sha256(utf8.encode(`openroll grant 1\0${readWord(word).body}`))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

const isDay = (text) => /^\d{4}-\d{2}-\d{2}$/.test(text) && text >= "0001" && !Number.isNaN(Date.parse(text)) && new Date(text).toISOString().startsWith(text);

// The object that a JSON text is; undefined where two readers could read it differently: one that names a member of an object twice
// (one reader would take the first, another the last), or is deeper than MOST_DEPTH (which some cannot read at all).
function objectIn(json) {
  let said;
  try { said = JSON.parse(json); } catch { return undefined; }
  if (!said || typeof said !== "object" || Array.isArray(said)) return undefined;
  const names = [];
  let before = "";
  for (const [token] of json.matchAll(/"[^"\\]*(?:\\.[^"\\]*)*"|[[\]{}:]/g)) {
    if (token === "{" || token === "[") names.push(new Set());
    else if (token === "}" || token === "]") names.pop();
    else if (token === ":") {
      const name = JSON.parse(before);
      if (names.at(-1).has(name)) return undefined;
      names.at(-1).add(name);
    }
    if (names.length > MOST_DEPTH) return undefined;
    before = token;
  }
  return said;
}

// What a file is that is taken for a given one and cannot be read as one; empty where nothing shows it (openroll.register.given).
const BEGINNINGS = [["\x89PNG", "picture"], ["\xff\xd8\xff", "picture"], ["GIF8", "picture"], ["PK\x03\x04", "zip"]];
export function mistakenFor(bytes) {
  const first = String.fromCharCode(...bytes.subarray(0, 4)), begun = BEGINNINGS.find(([begins]) => first.startsWith(begins));
  if (begun) return begun[1];
  const text = new TextDecoder().decode(bytes);
  if (/^[ \t\r\n]*eyJ[\w-]*\.[\w-]+\.[\w-]+~/.test(text)) return "sd-jwt";
  if (!/^[ \t\r\n]*\{/.test(text)) return "";
  if (text.includes('"openroll-given-') || /^[ \t\r\n]*\{[ \t\r\n]*"disclosures"[ \t\r\n]*:/.test(text)) return "given-file";
  return text.includes('"TransactionLog"') ? "notices" : "";
}

// The link that a text file holds and nothing else, as a message saves it; undefined for any other file.
export function linkIn(bytes) {
  const text = without(new TextDecoder().decode(bytes), " \t\r\n");
  return /^https?:\/\/[^ \t\r\n]+$/.test(text) ? text : undefined;
}

// What was given, read strictly; undefined for what is no such file.
export function givenIn(bytes) {
  if (bytes.length > MOST_BYTES) return undefined;
  const said = objectIn(strictText(bytes));
  if (!said || said.form !== FORM || !strings(said.disclosures) || !strings(said.receipts)) return undefined;
  const { form, disclosures, receipts, to = "", until = null, grant = "", once = false, ...more } = said;
  const few = [disclosures, receipts].every((list) => list.length > 0 && list.length <= MOST);
  if (!few || Object.keys(more).length || typeof to !== "string" || [...to].length > MOST_WORDS || hidden.test(to)) return undefined;
  if (until !== null && (typeof until !== "string" || !isDay(until))) return undefined;
  if (typeof grant !== "string" || typeof once !== "boolean" || (grant && !/^[0-9a-f]{64}$/.test(grant))) return undefined;
  if ((once && !grant) || (grant && until === null)) return undefined;
  return { disclosures, receipts, to, until, grant, once };
}

// Checks what was given; `check` gives the verdict on one receipt's bytes. `today` is a day, as 2026-11-29.
export function judge(given, check, today) {
  const proved = new Map(), broken = [];
  for (const receipt of given.receipts) {
    const verdict = check(utf8.encode(receipt));
    if (verdict.code === "good") proved.set(verdict.proved.index, verdict.proved);
    else broken.push(verdict);
  }
  const said = [...proved.values()].sort((one, other) => one.index - other.index).map(says);
  const shown = given.disclosures.map((encoded) => {
    const one = parse(encoded);
    if (!one?.isText) return { field: one?.field ?? "", value: "", why: "form" };
    const at = bearing(one.digest, said);
    if (at < 0) return { ...one, why: "altered" };
    return { ...one, why: takenAway(one.digest, at, said) ? "superseded" : "", at };
  });
  for (const one of shown) {
    const alike = (other) => (one.field ? other.field === one.field : other.digest === one.digest);
    if (!one.why && shown.filter(alike).length > 1) one.why = "twice";
  }
  const entries = [...new Set(shown.filter((one) => one.at !== undefined).map((one) => one.at))];
  const over = Boolean(given.until && today > given.until);
  const unaltered = !broken.length && shown.length > 0 && shown.every((one) => !one.why);
  return { good: unaltered && !over, unaltered, over, broken, shown, entries: entries.map((at) => proved.get(at)), apart: !joined(entries.map((at) => said.find((one) => one.index === at)), said) };
}
