// Checks a receipt: rules F0 to Q1 of docs/proofs.md in their order, as openroll.tlog.proof does. No page, no network, no clock.
import { sha256 } from "@noble/hashes/sha2.js";
import { fits, notInNames, parseKey, timeOf } from "./keys.js";
import { Bad, bad, base64, bytesOf, hex, joined, number, octets, same, text, utf8, withoutEnd } from "./plain.js";
import { lacks, parsePolicy } from "./policy.js";

const HEAD = "c2sp.org/tlog-proof@v1", ENTRY = "salted-entry/v1\n";
const MOST_BYTES = 1_000_000, MOST_HASHES = 63, MOST_SIGNATURES = 100, MOST_ENTRY = 65_535;
const DASH = "\xe2\x80\x94 ";
const leapYear = (year) => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);

// F1 to F6: the proof's own lines; what stands behind the empty line is the checkpoint.
function parseProof(bytes) {
  if (bytes.length > MOST_BYTES) bad("malformed", "F1");
  const whole = octets(bytes), cut = whole.indexOf("\n\n");
  if (cut < 0) bad("malformed", "F2");
  const head = whole.slice(0, cut), lines = head.split("\n");
  if (/[^\x00-\x7f]/.test(head) || lines.shift() !== HEAD) bad("malformed", "F3");
  const extra = lines.length && lines[0].startsWith("extra ") ? base64(lines.shift().slice(6), "F4") : undefined;
  if (!lines.length || !lines[0].startsWith("index ")) bad("malformed", "F5");
  const digits = lines.shift().slice(6);
  if (!/^(0|[1-9][0-9]{0,18})$/.test(digits) || BigInt(digits) >= 1n << 63n) bad("malformed", "F5");
  if (lines.length > MOST_HASHES) bad("malformed", "F6");
  const path = lines.map((line) => base64(line, "F6"));
  if (path.some((one) => one.length !== 32)) bad("malformed", "F6");
  return { extra, index: number(digits, "F5"), path, checkpoint: bytes.slice(cut + 2) };
}

// F4 and F7 to F9: what the leaf is recomputed from.
function parseExtra(extra) {
  if (!extra) bad("malformed", "F4");
  const json = text(extra, "F7");
  let held;
  try { held = JSON.parse(json); } catch { bad("malformed", "F7"); }
  const values = held && typeof held === "object" ? [held.body, held.domain, held.entry, held.salt] : [];
  // A lone surrogate is no text: JavaScript would turn it into another character on the way to bytes.
  if (!values.length || values.some((one) => typeof one !== "string" || /\p{Surrogate}/u.test(one))) bad("malformed", "F7");
  const [body, domain, entry, salt] = values;
  if (JSON.stringify({ body, domain, entry, salt }) !== json) bad("malformed", "F7");
  const saltBytes = base64(salt, "F8");
  if (saltBytes.length !== 32) bad("malformed", "F8");
  if (!/^[a-z0-9][a-z0-9./-]{0,63}$/.test(domain)) bad("malformed", "F9");
  return { body, domain, entry, salt: saltBytes };
}

function isDay(day) {
  const found = /^([0-9]{4})-([0-9]{2})-([0-9]{2})$/.exec(day);
  if (!found) return false;
  const [year, month, date] = found.slice(1).map(Number);
  const days = [31, leapYear(year) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  return year >= 1 && month >= 1 && month <= 12 && date >= 1 && date <= days[month - 1];
}

// F10: the entry, in its one form.
function parseEntry(entry) {
  if (!entry.startsWith(ENTRY) || utf8.encode(entry).length > MOST_ENTRY) bad("malformed", "F10");
  const [kind, day, commitment, ...act] = entry.slice(ENTRY.length).split("\n");
  if (commitment === undefined || !act.length) bad("malformed", "F10");
  const bytes = base64(commitment, "F10");
  if (!/^[a-z0-9][a-z0-9./-]{0,63}$/.test(kind) || !isDay(day) || bytes.length !== 32) bad("malformed", "F10");
  return { kind, day, commitment: bytes, act: act.join("\n") };
}

// F11 to F13: the checkpoint's text and signature lines.
function parseNote(bytes) {
  const whole = text(bytes, "F11"), cut = whole.lastIndexOf("\n\n");
  if (cut < 0 || cut + 2 >= whole.length || !whole.endsWith("\n")) bad("malformed", "F11");
  const noteText = whole.slice(0, cut + 1);
  if (/[\x00-\x09\x0b-\x1f\ufffd]/.test(noteText)) bad("malformed", "F11");
  const rows = whole.slice(cut + 2, -1).split("\n");
  if (rows.length > MOST_SIGNATURES) bad("malformed", "F12");
  const lines = rows.map(parseSignature), said = noteText.slice(0, -1).split("\n"), [origin, size, root] = said;
  if (said.length < 3 || said.some((line) => !line)) bad("malformed", "F13");
  const head = { origin, root: base64(root, "F13"), size: number(size, "F13") };
  if (head.root.length !== 32) bad("malformed", "F13");
  return { text: noteText, lines, ...head };
}

function parseSignature(row) {
  const space = row.indexOf(" ", 2);
  if (!row.startsWith("— ") || space < 0) bad("malformed", "F12");
  const name = row.slice(2, space);
  if (!name || notInNames.test(name)) bad("malformed", "F12");
  const data = base64(row.slice(space + 1), "F12");
  if (data.length < 5) bad("malformed", "F12");
  return { name, id: hex(data.slice(0, 4)), sig: data.slice(4) };
}

function parseReceipt(bytes) {
  const proof = parseProof(bytes);
  const held = parseExtra(proof.extra);
  return { ...proof, ...held, fields: parseEntry(held.entry), note: parseNote(proof.checkpoint) };
}

// What a program that saves text did to a receipt, undone; undefined where nothing of the kind was done to it.
function restored(bytes) {
  const marks = [["\xff\xfe", "utf-16le"], ["\xfe\xff", "utf-16be"]];
  let whole = octets(bytes);
  for (const [mark, encoding] of marks) {
    if (!whole.startsWith(mark)) continue;
    try { whole = octets(utf8.encode(new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(bytes.slice(2)))); } catch { return undefined; }
  }
  whole = whole.replace(/^\xef\xbb\xbf/, "").replace(/\r\n?/g, "\n").replace(/\n(?:\xa1\xaa|\x97|\xa1\x58) /g, `\n${DASH}`);
  whole = withoutEnd(whole, "\n\t \x1a") + "\n";
  const made = bytesOf(whole);
  return same(made, bytes) ? undefined : made;
}

// The receipt behind a file that was saved as text; undefined where it needs no such help, or would be none with it.
export function restoredReceipt(bytes) {
  try { parseReceipt(bytes); return undefined; } catch (error) { if (!(error instanceof Bad)) throw error; }
  const made = bytes.length > MOST_BYTES ? undefined : restored(bytes);
  if (!made) return undefined;
  try { parseReceipt(made); return made; } catch (error) { if (error instanceof Bad) return undefined; throw error; }
}

// K6, S1 to S7: every key of `keys` must have signed; of the policy's logs one, by a key of this origin.
function checkSignatures(note, keys, policy) {
  if (!keys.length && !policy.logs.length) bad("key-missing", "K6");
  const origins = keys.length ? [keys[0].name] : policy.logs.map((log) => log.key.name);
  if (!origins.includes(note.origin)) bad("other-log", "S1");
  const logs = policy.logs.filter((log) => log.key.name === note.origin);
  if (policy.logs.length && !logs.length) bad("other-log", "S2");
  const named = (key) => `${key.name}+${key.id}`, known = new Map();
  for (const key of [...keys, ...policy.logs.map((one) => one.key), ...policy.witnesses.map((one) => one.key)]) {
    const first = known.get(named(key));
    if (first && (first.type !== key.type || !same(first.key, key.key))) bad("key-malformed", "K5");
    known.set(named(key), first || key);
  }
  const lines = note.lines.filter((line) => known.has(named(line)));
  if (new Set(lines.map(named)).size < lines.length) bad("malformed", "S3");
  for (const line of lines) if (!fits(known.get(named(line)), line.sig, note.text, note)) bad("signature-failed", "S4");
  const signed = new Map(lines.map((line) => [named(line), line.sig]));
  if (!signed.size) bad("other-log", "S5");
  if (keys.some((key) => !signed.has(named(key)))) bad("key-missing", "S6");
  if (logs.length && !logs.some((log) => signed.has(named(log.key)))) bad("key-missing", "S7");
  return policy.witnesses.map(({ name, key }) => {
    const sig = signed.get(named(key));
    return { name, time: sig && timeOf(sig) };
  });
}

// I2 (RFC 9162 section 2.1.3.2).
function checkInclusion(leaf, index, size, path, root) {
  let node = BigInt(index), last = BigInt(size) - 1n, hash = leaf;
  for (const sibling of path) {
    if (last === 0n) bad("proof-failed", "I2");
    if (node & 1n || node === last) {
      hash = sha256(joined(Uint8Array.of(1), sibling, hash));
      while (!(node & 1n) && node) { node >>= 1n; last >>= 1n; }
    } else hash = sha256(joined(Uint8Array.of(1), hash, sibling));
    node >>= 1n; last >>= 1n;
  }
  if (last || !same(hash, root)) bad("proof-failed", "I2");
}

// `byAct`: where the salt is gone with the machine that had it (all zeros), the body is held against the act that the entry says.
function verified(receipt, keys, policy, byAct) {
  const { note, fields, body, index } = receipt;
  const witnesses = checkSignatures(note, keys, policy);
  const domain = utf8.encode(receipt.domain);
  const commitment = sha256(joined(Uint8Array.of(domain.length), domain, receipt.salt, utf8.encode(body)));
  const saidByEntry = byAct && receipt.salt.every((byte) => byte === 0) && fields.act === body;
  if (!saidByEntry && !same(commitment, fields.commitment)) bad("content-changed", "C1");
  if (fields.act && fields.act !== body) bad("content-changed", "C2");
  if (index >= note.size) bad("proof-failed", "I1");
  checkInclusion(sha256(joined(Uint8Array.of(0), utf8.encode(receipt.entry))), index, note.size, receipt.path, note.root);
  return { kind: fields.kind, day: fields.day, act: fields.act, index, size: note.size, origin: note.origin, body, salt: receipt.salt, domain: receipt.domain, witnesses,
    lacks: lacks(policy, witnesses.filter((one) => one.time !== undefined).map((one) => one.name)), asks: policy.quorum !== "none" };
}

const noPolicy = { logs: [], witnesses: [], groups: [], quorum: "none" };

// The verdict on a receipt under keys (verifier keys) and the bytes of a policy; either may be left out, not both.
// `code` is "good" or what is wrong, `rule` the rule broken, `proved` what the log holds, `line` that of a policy's fault.
// `byAct` as openroll.tlog.verify_receipt has it, for what is said of requests alone.
export function check(bytes, keyLines, policyBytes, byAct = false) {
  try {
    const keys = keyLines.map(parseKey), policy = policyBytes ? parsePolicy(policyBytes) : noPolicy;
    const text = restoredReceipt(bytes), proved = verified(parseReceipt(text || bytes), keys, policy, byAct);
    if (text) return { code: "saved-as-text", rule: "F0", restored: text };
    return proved.lacks.length ? { code: "quorum-missing", rule: "Q1", proved } : { code: "good", rule: "", proved };
  } catch (error) {
    if (!(error instanceof Bad)) throw error;
    return { code: error.code, rule: error.rule, line: error.line };
  }
}

// The head of a log that all its keys signed: { origin, size }. `keysAt` gives the keys of a size. Throws Bad.
export function headOf(bytes, keysAt) {
  const note = parseNote(bytes);
  checkSignatures(note, keysAt(note.size).map(parseKey), noPolicy);
  return { origin: note.origin, size: note.size };
}

// The size that a receipt's checkpoint says of itself, unverified; 0 where it cannot be read.
export function claimedSize(bytes) {
  try { return parseReceipt(restoredReceipt(bytes) || bytes).note.size; } catch { return 0; }
}

// What a receipt claims, unverified: its entry's place, kind, day, body and salt; undefined for what is no receipt.
export function claimed(bytes) {
  try {
    const { index, body, salt, fields } = parseReceipt(bytes);
    return { index, body, salt, kind: fields.kind, day: fields.day };
  } catch (error) { if (error instanceof Bad) return undefined; throw error; }
}
