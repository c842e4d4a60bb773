// Checks a receipt in the reader's own browser; nothing leaves it. The formats are those of C2SP (signed-note,
// tlog-checkpoint, tlog-cosignature, tlog-policy, tlog-proof) and docs/proofs.md; every step mirrors openroll.tlog.
import { ed25519 } from "@noble/curves/ed25519.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { ml_dsa44 } from "@noble/post-quantum/ml-dsa.js";
import { Bad, bad, base64, joined, same, utf8 } from "./plain.js";
import { lacks, parseKey, parsePolicy, shown } from "./policy.js";

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const number = (text) => (/^(0|[1-9][0-9]{0,15})$/.test(text) ? Number(text) : bad("malformed"));
const u64 = (n) => { const b = new Uint8Array(8); new DataView(b.buffer).setBigUint64(0, BigInt(n)); return b; };
const text = (bytes) => { try { return strict.decode(bytes); } catch { bad("malformed"); } };

function parseNote(note) {
  const cut = note.lastIndexOf("\n\n");
  if (cut < 0 || !note.endsWith("\n")) bad("malformed");
  const body = note.slice(0, cut + 1);
  const lines = note.slice(cut + 2, -1).split("\n").map((line) => {
    const found = /^— ([^ +]+) (.+)$/.exec(line) || bad("malformed");
    const data = base64(found[2]);
    return { name: found[1], id: [...data.slice(0, 4)].map((b) => b.toString(16).padStart(2, "0")).join(""), sig: data.slice(4) };
  });
  const [origin, size, root] = body.split("\n");
  return { body, lines, origin, size: number(size), root: base64(root) };
}

// The signature of a key under a note, verified; nothing when the key has not signed. A line of the key that fails is the end.
function signatureOf(key, note) {
  const found = note.lines.filter((line) => line.name === key.name && line.id === key.id);
  if (!found.length) return undefined;
  if (found.length > 1) bad("malformed");
  const sig = found[0].sig, sizes = { 1: 64, 4: 72, 6: 2428 };
  const timed = (message) => ed25519.verify(sig.slice(8), message, key.key, { zip215: false });
  if (sig.length !== sizes[key.type] || (key.type !== 1 && sig[0] > 127)) bad("signature-failed");
  let good = false;
  if (key.type === 1) good = ed25519.verify(sig, utf8.encode(note.body), key.key, { zip215: false });
  if (key.type === 4) good = timed(utf8.encode(`cosignature/v1\ntime ${timeOf(sig)}\n${note.body}`));
  if (key.type === 6) {
    const name = utf8.encode(key.name), origin = utf8.encode(note.origin);
    if (name.length > 255 || origin.length > 255) bad("signature-failed");
    const message = joined(utf8.encode("subtree/v1\n\0"), Uint8Array.of(name.length), name, sig.slice(0, 8),
      Uint8Array.of(origin.length), origin, u64(0), u64(note.size), note.root);
    good = ml_dsa44.verify(sig.slice(8), message, key.key);
  }
  if (!good) bad("signature-failed");
  return sig;
}
const timeOf = (sig) => new DataView(sig.buffer, sig.byteOffset, 8).getBigUint64(0);

// Every key of `keys` must have signed; of the policy's logs one, by a key of this origin. What witnesses say comes back.
function checkSignatures(note, keys, policy) {
  const origins = keys.length ? [keys[0].name] : policy.logs.map((log) => log.key.name);
  const logs = policy.logs.filter((log) => log.key.name === note.origin);
  if (!origins.includes(note.origin) || (policy.logs.length && !logs.length)) bad("other-log");
  for (const key of keys) if (!signatureOf(key, note)) bad("key-missing");
  const signed = policy.logs.filter((log) => signatureOf(log.key, note));
  if (policy.logs.length && !signed.some((log) => log.key.name === note.origin)) bad("key-missing");
  return policy.witnesses.map(({ name, key }) => {
    const sig = signatureOf(key, note);
    return { name, time: sig && timeOf(sig) };
  });
}

function checkInclusion(leaf, index, size, path, root) {
  if (index >= size) bad("proof-failed");
  let node = BigInt(index), last = BigInt(size) - 1n, hash = leaf;
  for (const sibling of path) {
    if (last === 0n) bad("proof-failed");
    if (node & 1n || node === last) {
      hash = sha256(joined(Uint8Array.of(1), sibling, hash));
      while (!(node & 1n) && node) { node >>= 1n; last >>= 1n; }
    } else hash = sha256(joined(Uint8Array.of(1), hash, sibling));
    node >>= 1n; last >>= 1n;
  }
  if (last || !same(hash, root)) bad("proof-failed");
}

// The keys of a receipt's own time: `spans` are the log's, newest first, as `from:key key`; see openroll.tlog.succession.
function keysFor(bytes, spans) {
  const note = text(bytes).split("\n\n").slice(1).join("\n\n"), size = Number(note.split("\n")[1]);
  const span = spans.find(([from]) => size >= from) || spans[0];
  return span[1];
}

// With keys (verifier keys) and the bytes of a policy; either may be empty, not both.
export function verify(bytes, keyLines, policyBytes) {
  const policy = parsePolicy(policyBytes);
  const whole = text(bytes);
  const cut = whole.indexOf("\n\n");
  const lines = whole.slice(0, Math.max(cut, 0)).split("\n");
  if (cut < 0 || lines[0] !== "c2sp.org/tlog-proof@v1" || !/^extra /.test(lines[1] || "") || !/^index /.test(lines[2] || "")) bad("malformed");
  const keys = keyLines.map(parseKey);
  const note = parseNote(whole.slice(cut + 2));
  if (!keys.length && !policy.logs.length) bad("key-missing");
  const witnesses = checkSignatures(note, keys, policy);
  const extra = text(base64(lines[1].slice(6)));
  let held;
  try { held = JSON.parse(extra); } catch { bad("malformed"); }
  const again = JSON.stringify({ body: held.body, domain: held.domain, entry: held.entry, salt: held.salt });
  if (again !== extra) bad("malformed");
  const entry = held.entry.split("\n");
  const domain = utf8.encode(held.domain);
  const commitment = sha256(joined(Uint8Array.of(domain.length), domain, base64(held.salt), utf8.encode(held.body)));
  if (entry[0] !== "salted-entry/v1" || !same(commitment, base64(entry[3]))) bad("content-changed");
  const leaf = sha256(joined(Uint8Array.of(0), utf8.encode(held.entry)));
  checkInclusion(leaf, number(lines[2].slice(6)), note.size, lines.slice(3).map(base64), note.root);
  return { kind: entry[1], day: entry[2], index: number(lines[2].slice(6)), size: note.size, origin: note.origin, body: held.body,
    witnesses, lacks: lacks(policy, witnesses.filter((one) => one.time !== undefined).map((one) => one.name)), asks: policy.quorum !== "none" };
}

const filled = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
const items = (lines) => lines.map((line) => Object.assign(document.createElement("li"), { textContent: line }));

function when(time) {
  if (time > 8_640_000_000_000n) return `${time}`;
  const lang = document.documentElement.lang;
  const form = new Intl.DateTimeFormat(lang === "en" ? "en-GB" : lang, { dateStyle: "long", timeStyle: "medium", timeZone: "UTC" });
  return `${form.format(new Date(Number(time) * 1000))} UTC`;
}

// What the verdict says of witnesses: who cosigned and when, what the quorum lacks, and what that means.
function tellWitnesses(verdict, proved, told) {
  const lines = proved.witnesses.map(({ name, time }) => {
    if (time === undefined) return filled(told.silent, { name: shown(name) });
    return filled(time ? told.cosigned : told.timeless, { name: shown(name), time: when(time) });
  });
  const names = (some) => some.map(shown).join(", ") || told.none;
  const missing = proved.lacks.map((one) =>
    filled(told.lacks, { name: shown(one.name), threshold: one.threshold, having: names(one.having), lacking: names(one.lacking) }));
  verdict.querySelector('[data-list="witnesses"]').replaceChildren(...items(lines.length ? lines : [told.none]));
  const lacking = verdict.querySelector('[data-list="lacks"]');
  if (lacking) lacking.replaceChildren(...items(missing));
  const quorum = verdict.querySelector('[data-slot="quorum"]');
  if (quorum) quorum.textContent = proved.asks ? told.reached : told.alone;
}

const page = document.querySelector("[data-verify]");
if (page) {
  const input = page.querySelector("#receipt"), own = page.querySelector("#policy");
  const verdict = page.querySelector("[data-verdict]"), told = JSON.parse(page.dataset.told);
  page.hidden = false;

  // A reader's own policy takes the place of the roll's; it may list the logs too, and then the roll's keys are not asked for.
  async function given(bytes) {
    const keys = keysFor(bytes, JSON.parse(page.dataset.keys));
    if (!own.files[0]) return [keys, base64(page.dataset.policy)];
    const policy = new Uint8Array(await own.files[0].arrayBuffer());
    return [parsePolicy(policy).logs.length ? [] : keys, policy];
  }

  async function judge() {
    const file = input.files[0];
    if (!file) return;
    let code, proved, detail = "";
    try {
      const bytes = new Uint8Array(await file.arrayBuffer());
      proved = verify(bytes, ...(await given(bytes)));
      code = proved.lacks.length ? "quorum-missing" : "good";
    } catch (error) {
      code = error instanceof Bad ? error.message : "malformed";
      if (error.line) detail = filled(told.line, { line: error.line });
    }
    verdict.dataset.good = String(code === "good");
    verdict.replaceChildren(...page.querySelector(`template[data-say="${code}"]`).content.cloneNode(true).children);
    if (proved) {
      tellWitnesses(verdict, proved, told);
      proved.kind = JSON.parse(page.dataset.kinds || "{}")[proved.kind] || proved.kind;
    }
    for (const name of ["kind", "day", "index", "size", "origin", "body"]) {
      const place = proved && verdict.querySelector(`[data-slot="${name}"]`);
      if (place) place.textContent = String(proved[name]);
    }
    const place = verdict.querySelector('[data-slot="detail"]');
    if (place) place.textContent = detail;
    verdict.focus();
  }

  input.addEventListener("change", judge);
  own.addEventListener("change", judge);
}
