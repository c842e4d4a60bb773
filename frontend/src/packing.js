// Packs a list of subscribers in the operator's own browser, as `openroll pack` does on its machine: given the same key and the
// same random bytes both write the same two files. Nothing here talks to anybody. Every step mirrors openroll.sheet.pack,
// openroll.register.subscription.handle and openroll.disclosure.text; a test holds the results equal byte for byte.
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesOf, digit, joined, lookup, stripped, utf8, without } from "./plain.js";
import { fits } from "./shape.js";
import { normalText, refusedCharacter } from "./told-text.js";

const ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";
const MOST_FAULTS = 1000, MOST_CELL = 4096, MOST_ACCOUNT = 256;
const base64url = (bytes) => btoa(String.fromCharCode(...bytes)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

// Handles (docs/handles.md)

const base32 = (bytes) => {
  let out = "", held = 0, bits = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    for (bits += 8; bits >= 5; bits -= 5) out += ALPHABET[(held >> (bits - 5)) & 31];
    held &= (1 << bits) - 1;
  }
  return out;
};

export const keyId = (key) => base32(hmac(sha256, key, utf8.encode("openroll/handle-key/1\0")).slice(0, 5));
export const keyLine = (key) => `openroll-handle-key-1 ${keyId(key)} ${base64url(key)}\n`;

// The 32 bytes in a key file's text; nothing when it is none or was changed.
export function keyOf(text) {
  const found = /^openroll-handle-key-1 ([a-z2-7]{8}) ([A-Za-z0-9_-]{43})\s*$/.exec(text);
  if (!found) return undefined;
  const key = Uint8Array.from(atob(found[2].replace(/-/g, "+").replace(/_/g, "/") + "="), (char) => char.charCodeAt(0));
  return keyId(key) === found[1] ? key : undefined;
}

// The account number as it is hashed; nothing when it makes no handle.
export function normalised(account) {
  const plain = without(account.normalize("NFKC"), " ");
  const length = [...plain].length;
  return length < 1 || length > MOST_ACCOUNT || /[\p{Cc}\p{Cf}\p{Cn}\p{Co}\p{Cs}\p{Zl}\p{Zp}\ufffd]/u.test(plain) ? undefined : plain;
}

export function handleOf(account, key) {
  const body = base32(hmac(sha256, key, utf8.encode(`openroll/handle/1\0${account}`)).slice(0, 20));
  return `h1${body}${checkOf(body)}`;
}
const checkOf = (body) => {
  const sum = [...body].reduce((all, char, at) => all + (at + 1) * ALPHABET.indexOf(char), 0) % 1021;
  return ALPHABET[sum >> 5] + ALPHABET[sum & 31];
};

// A value as the table of faults shows it, as openroll.sheet.faults.visible: what does not show as its code point, cut to 80.
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cn}\p{Co}\p{Cs}\p{Z}]/u;
function visible(value) {
  const chars = [...value], cut = chars.slice(0, 80), inner = stripped(cut.join("")), begin = inner ? [...cut.join("").split(inner)[0]].length : cut.length;
  const end = begin + [...inner].length;
  const shown = cut.map((char, at) => ((UNSEEN.test(char) && char !== " ") || (at < begin || at >= end) ? `<${named(char)}>` : char));
  return shown.join("") + (chars.length > cut.length ? "…" : "");
}
// What is not shown: it is too long or unseen, or stands as a handle and is none, so that it may be somebody's number.
const UNSHOWN = ["cell-too-long", "character-refused", "handle-check", "handle-duplicate", "handle-form", "handle-shape", "line-break"];
const shownOf = (column, code, row) => (!row || (UNSHOWN.includes(code) && column !== "account") ? "" : visible((row[column] || "").replace(code === "handle-blank" ? /\s+/g : "", "")));

const named = (char) => `U+${char.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`;

// Encodings (openroll.sheet.encodings): UTF-8, a mark, or what whoever knows the names has chosen from samples.

const CODECS = { gb18030: "gb18030", big5: "big5", "shift-jis": "shift_jis", "euc-kr": "euc-kr", "windows-1251": "windows-1251", "windows-1252": "windows-1252" };

// The text of a list, or what it would be in each encoding: {text} or {samples: [[name, cells]]}.
export function decoded(bytes, named) {
  const wide = bytes[0] === 0xff && bytes[1] === 0xfe ? "utf-16le" : bytes[0] === 0xfe && bytes[1] === 0xff ? "utf-16be" : "";
  const text = read(bytes, wide || (named && CODECS[named]) || "utf-8");
  if (text !== undefined && !text.slice(0, 64).includes("\0")) return { text };
  if (!wide && !named && read(bytes, "utf-8", { stream: true }) !== undefined) return { cut: true }; // it ends in half a character
  const found = Object.entries(CODECS).map(([name, codec]) => [name, read(bytes, codec)]).filter(([, one]) => one !== undefined);
  return { samples: found.map(([name, one]) => [name, sampled(one)]).filter(([, cells]) => cells.length) };
}
const read = (bytes, codec, how) => { try { return new TextDecoder(codec, { fatal: true }).decode(bytes, how); } catch { return undefined; } };
const sampled = (text) => [...new Set(text.slice(0, 65536).split(/[\r\n,;\t"]+/).map((cell) => cell.trim())
  .filter((cell) => /[^\0-\x7f]/.test(cell)))].slice(0, 5);

// CSV: rows of cells with the number a spreadsheet shows; the separator is the header's commonest. `openEnd` says that the last
// has no line end; null is a text that ends in a quoted cell, undefined one whose quotation marks stand wrong.

export function rowsOf(text) {
  const ends = text.includes("\n") ? text : text.replace(/\r/g, "\n");
  const head = ends.slice(0, (ends.indexOf("\n") + 1 || ends.length + 1) - 1);
  const mark = [...",;\t"].reduce((best, one) => (head.split(one).length > head.split(best).length ? one : best));
  const rows = [];
  let row = [], cell = "", quoted = false, was = false;
  const next = () => { row.push(cell); cell = ""; was = false; };
  for (let at = 0; at < ends.length; at++) {
    const char = ends[at];
    if (quoted) {
      if (char !== '"') cell += char;
      else if (ends[at + 1] === '"') { cell += '"'; at++; } else quoted = false;
    } else if (char === '"' && cell === "" && !was) { quoted = was = true; }
    else if (char === mark) next();
    else if (char === "\n") { if (cell.endsWith("\r")) cell = cell.slice(0, -1); next(); rows.push(row); row = []; }
    else if (was) { if (char !== "\r") return undefined; }
    else cell += char;
  }
  if (quoted) return null;
  if (cell || row.length) { next(); rows.push(row); rows.openEnd = true; }
  return rows;
}

// Packing

const ROUNDED = /^[0-9](?:[.,][0-9]+)?[Ee]\+[0-9]+$/;
const OLD = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/;
const FEW = 8, NEAREST = 5;
const NEEDED = ["kind", "access", "district", "connected"];

// Packs the rows of a list. `random` gives so many bytes; `step` is awaited now and then with the rows done and all of them.
// Gives {rows, filing, disclosures}, or {rows, faults, count}: with any fault there are no files.
export async function pack(table, key, terms, random, step = async () => {}) {
  const work = { faults: [], count: 0, key, terms, random, seen: new Map() };
  const atEnd = [];
  let ending;
  const end = table.openEnd ? table.length : 0;
  const fault = (row, column, code, params = {}) => {
    work.count += 1;
    if (row === end) atEnd.push({ column, code, params });
    if (work.faults.length < MOST_FAULTS) work.faults.push({ row, column, value: shownOf(column, code, work.row), code, params });
  };
  while (table.length > 1 && table[table.length - 1].every((cell) => cell === "")) table.pop();
  const columns = columnsOf(table[0] || [], terms, fault);
  if (table.length < 2 && !work.count) fault(0, "", "file-empty");
  const written = terms.columns.filter((name) => columns.has(name) || name === "handle");
  const filing = [`${[...written, "digests"].join(",")}\n`], disclosures = [];
  for (let at = 1, empty = 0; at < table.length && columns.size && !(work.count && at === 1); at++) {
    const cells = table[at];
    if (cells.every((cell) => cell === "")) { empty = empty || at + 1; continue; }
    if (empty) { fault(empty, "", "row-empty"); empty = 0; }
    if (cells.length !== table[0].length) fault(at + 1, "", "row-ragged", { expected: table[0].length, found: cells.length });
    else {
      const row = Object.fromEntries([...columns].map(([name, place]) => [name, cells[place]]));
      work.row = row;
      const packed = packedRow(row, at + 1, work, fault);
      work.row = undefined;
      if (at + 1 === end) ending = row;
      if (!work.count) {
        filing.push(`${[...written.map((name) => row[name]), packed.digests].join(",")}\n`);
        disclosures.push(`${JSON.stringify(packed.kept)}\n`);
      }
    }
    if (at % 1000 === 0) await step(at, table.length - 1);
  }
  const last = [...columns].reduce((found, one) => (one[1] > found[1] ? one : found), ["", -1])[0];
  if (atEnd.some((one) => ofACut(one, last)) || (ending && goesOn(ending, last, terms))) {
    work.faults = work.faults.filter(({ row }) => row !== end);
    work.count -= atEnd.length - 1;
    work.faults.unshift({ row: end, column: "", value: "", code: "file-cut-off", params: {} });
  }
  const rows = Math.max(0, table.length - 1);
  return work.count ? { rows, faults: work.faults, count: work.count } : { rows, filing, disclosures, openEnd: end > 0 && end === table.length };
}

// Whether a fault of a last row without line end is that of a row that was cut (openroll.sheet.cut_off).
const WHOLE = ["cell-too-long", "character-refused", "date-range", "handle-duplicate", "line-break", "not-empty", "number-rounded"];
const ofACut = ({ column, code, params }, last) => (code === "row-ragged" ? params.found < params.expected : column === last && !WHOLE.includes(code));

// Whether a good last row without line end may have been cut: its last cell begins a longer one that is as good.
function goesOn(row, last, terms) {
  const act = row.act || "new", cell = row[last].trim();
  if (!["new", "change"].includes(act) || (act === "new" && !cell && terms.columns.includes(last))) return false;
  const words = { kind: terms.kinds, access: terms.accesses, district: terms.districts }[last];
  if (words) return words.some((word) => word !== cell && word.startsWith(cell));
  return terms.fields.some(({ name }) => name === last) && !cell;
}

function columnsOf(header, terms, fault) {
  const columns = new Map();
  const known = new Set(["account", ...terms.columns, ...terms.fields.map((field) => field.name)]);
  header.forEach((given, place) => {
    const name = lookup(terms.titles, given.trim()) || given.trim().toLowerCase();
    if (!known.has(name)) fault(1, name.slice(0, 80), "column-unknown");
    else if (columns.has(name)) fault(1, name, "column-doubled");
    if (!columns.has(name)) columns.set(name, place);
  });
  for (const name of [columns.has("handle") ? "handle" : "account", ...NEEDED]) if (!columns.has(name)) fault(1, name, "column-missing");
  if (columns.has("handle") && columns.has("account")) fault(1, "handle", "column-unknown");
  return columns;
}

function packedRow(row, number, work, fault) {
  for (const name of work.terms.columns) if (name in row) row[name] = row[name].trim();
  const account = "account" in row ? normalised(row.account) : "";
  if ("account" in row && ROUNDED.test(row.account.trim())) fault(number, "account", "number-rounded");
  if (account === undefined) fault(number, "account", "account-shape");
  if ("account" in row) row.handle = account ? handleOf(account, work.key) : "";
  const told = new Map(work.terms.fields.map((field) => [field.name, normalText(row[field.name] || "")]).filter(([, value]) => value));
  const fresh = ["", "new"].includes(row.act || "");
  const packed = fresh || told.size ? split(row.handle, account || "", told, work) : { digests: "", kept: { handle: row.handle, disclosures: [], decoys: [], account: account || "", openings: {} } };
  checkPublic(row, packed.digests, number, work.terms, fault);
  if (fresh || told.size) checkFields(row, told, number, work.terms, fault);
  const column = "account" in row ? "account" : "handle";
  if (row.handle && work.seen.has(row.handle)) fault(number, column, "handle-duplicate", { first: work.seen.get(row.handle) });
  else work.seen.set(row.handle, number);
  return packed;
}

// Under which number a value is filed: the salt of its disclosure, which its opening (16 random bytes) shows to be of that number
// (openroll.register.subscription.number_salt). `opens` takes opening and salt in base64url.
const saltFor = (account, opening) => sha256(joined(utf8.encode("openroll number 1\0"), opening, utf8.encode(account)));
export function opens(opening, salt, account) {
  if (!/^[A-Za-z0-9_-]{22}$/.test(opening)) return false;
  const data = bytesOf(atob(opening.replace(/-/g, "+").replace(/_/g, "/") + "=="));
  return base64url(data) === opening && base64url(saltFor(account, data)) === salt;
}
// A number without the marks that stand within; and whether two are one without them.
export const bare = (number) => number.replace(/[-./:_ ]+/g, "");
export function alike(one, other) {
  const [a, b] = [one, other].map(normalised);
  return a !== undefined && b !== undefined && bare(a) === bare(b);
}

// The digests of a row, and what opens them: salts first, then decoys, all from one draw of random bytes, as `pack` does.
function split(handle, account, told, work) {
  const drawn = work.random(16 * told.size + 32 * (work.terms.fields.length - told.size));
  const opened = new Map(), decoys = [], openings = {};
  [...told].forEach(([name, value], place) => {
    const fresh = drawn.slice(16 * place, 16 * place + 16), salt = base64url(account ? saltFor(account, fresh) : fresh);
    if (account) openings[name] = base64url(fresh);
    const encoded = base64url(utf8.encode(`[${[salt, name, value].map((part) => JSON.stringify(part)).join(", ")}]`));
    opened.set(base64url(sha256(utf8.encode(encoded))), encoded);
  });
  for (let at = 16 * told.size; at < drawn.length; at += 32) decoys.push(base64url(drawn.slice(at, at + 32)));
  const digests = [...opened.keys(), ...decoys].sort((a, b) => (a < b ? -1 : 1));
  const kept = { handle, disclosures: [...opened.values()], decoys: digests.filter((one) => !opened.has(one)), account, openings };
  return { digests: digests.join(" "), kept };
}

function checkPublic(row, digests, number, terms, fault) {
  const act = row.act || "new";
  if (!["new", "change", "end"].includes(act)) { fault(number, "act", "act-unknown", { words: "new, change, end" }); return; }
  if (!("account" in row)) {
    const isForm = (text) => /^h1[a-z2-7]{34}$/.test(text), isRight = (text) => checkOf(text.slice(2, 34)) === text.slice(34);
    const formed = isForm(row.handle), dense = row.handle.replace(/\s+/g, "");
    if (dense !== row.handle && isForm(dense) && isRight(dense)) fault(number, "handle", "handle-blank");
    else if (act === "new" && !formed) fault(number, "handle", "handle-form");
    else if (act === "new" && !isRight(row.handle)) fault(number, "handle", "handle-check");
    else if (!OLD.test(row.handle)) fault(number, "handle", "handle-shape");
  }
  for (const [name, words] of [["kind", terms.kinds], ["access", terms.accesses], ["district", terms.districts]]) {
    if (act === "end") { if (row[name]) fault(number, name, "not-empty", { act }); }
    else if (!words.includes(row[name]) && (act === "new" || row[name])) fault(number, name, `${name}-unknown`, wordsMeant(row[name], words));
  }
  const [dated, blank] = act === "new" ? ["connected", "on"] : ["on", "connected"];
  const day = row[dated] || "";
  if (!isDay(day)) fault(number, dated, "date-shape", { shape: /[^\x00-\x7f]/.test(day) && /^[\p{Nd}/.\s-]+$/u.test(day) ? "other-digits" : "", example: terms.latest });
  else if (day < terms.earliest || day > terms.latest) fault(number, dated, "date-range", { earliest: terms.earliest, latest: terms.latest, shape: beyond(day, terms) });
  if (row[blank]) fault(number, blank, "not-empty", { act });
  if (act === "end" && digests) fault(number, "digests", "not-empty", { act });
}
// What a day is that may not be filed: of another calendar where it is far away (openroll.sheet.rows).
function beyond(day, { earliest, latest }) {
  const [year, first, last] = [day, earliest, latest].map((one) => Number(one.slice(0, 4)));
  return first - year >= 400 || year - last >= 40 ? "other-calendar" : day < earliest ? "too-early" : "to-come";
}
// The words that a fault names: all of few, the nearest of many (openroll.sheet.rows).
function wordsMeant(typed, words) {
  if (words.length <= FEW) return { words: [...words].sort().join(", ") };
  const cell = typed.replace(/\p{Nd}/gu, digit); // whatever the script of its digits
  const bare = (text) => text.replace(/^0+/, "").toLowerCase();
  const begins = (word) => { let at = 0; while (at < word.length && word[at] === cell[at]) at += 1; return at; };
  const alike = words.map((word) => ({ word, other: Number(bare(word) !== bare(cell)), begins: begins(word) })).filter((one) => one.begins || !one.other);
  alike.sort((a, b) => a.other - b.other || b.begins - a.begins || (a.word < b.word ? -1 : 1));
  return { words: alike.slice(0, NEAREST).map((one) => one.word).join(", "), many: String(words.length) };
}
const LINE_BREAKS = "\t\n\v\f\r\x85\u2028\u2029";
const isDay = (text) => /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(text) && !Number.isNaN(Date.parse(`${text}T00:00:00Z`))
  && new Date(`${text}T00:00:00Z`).toISOString().startsWith(text);

function checkFields(row, told, number, terms, fault) {
  for (const field of terms.fields) {
    const value = told.get(field.name) || "", char = refusedCharacter(value);
    if (field.required_of.includes(row.kind) && !value) fault(number, field.name, "field-missing");
    if (char && LINE_BREAKS.includes(char)) fault(number, field.name, "line-break");
    else if (char) fault(number, field.name, "character-refused", { character: `${named(char)} ${lookup(terms.characters, char) || ""}`.trim() });
    else if (ROUNDED.test(value)) fault(number, field.name, "number-rounded");
    else if (value && !fits(value, field)) fault(number, field.name, "number-form", { example: field.example });
    if ([...value].length > MOST_CELL) fault(number, field.name, "cell-too-long");
  }
}

