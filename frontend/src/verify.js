// Checks a receipt in the reader's own browser; nothing leaves it. The formats are those of C2SP (signed-note,
// tlog-checkpoint, tlog-cosignature, tlog-proof) and docs/proofs.md; every step mirrors openroll.tlog.
import { ed25519 } from "@noble/curves/ed25519.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { ml_dsa44 } from "@noble/post-quantum/ml-dsa.js";

const utf8 = new TextEncoder();
const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
class Bad extends Error {}
const bad = (code) => { throw new Bad(code); };

const joined = (...parts) => {
  const out = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  parts.reduce((at, p) => (out.set(p, at), at + p.length), 0);
  return out;
};
const same = (a, b) => a.length === b.length && a.every((x, i) => x === b[i]);
const base64 = (text) => {
  let raw;
  try { raw = atob(text); } catch { bad("malformed"); }
  if (btoa(raw) !== text) bad("malformed");
  return Uint8Array.from(raw, (c) => c.charCodeAt(0));
};
const number = (text) => (/^(0|[1-9][0-9]{0,15})$/.test(text) ? Number(text) : bad("malformed"));
const u64 = (n) => { const b = new Uint8Array(8); new DataView(b.buffer).setBigUint64(0, BigInt(n)); return b; };
const text = (bytes) => { try { return strict.decode(bytes); } catch { bad("malformed"); } };

function parseKey(line) {
  const [name, id, ...rest] = line.split("+");
  const data = base64(rest.join("+"));
  return { name, id, type: data[0], key: data.slice(1) };
}

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

function checkSignature(key, note) {
  const found = note.lines.filter((line) => line.name === key.name && line.id === key.id);
  if (found.length !== 1) bad("key-missing");
  const sig = found[0].sig;
  let good = false;
  if (key.type === 1) good = sig.length === 64 && ed25519.verify(sig, utf8.encode(note.body), key.key, { zip215: false });
  if (key.type === 6) {
    const name = utf8.encode(key.name), origin = utf8.encode(note.origin);
    const message = joined(utf8.encode("subtree/v1\n\0"), Uint8Array.of(name.length), name, sig.slice(0, 8),
      Uint8Array.of(origin.length), origin, u64(0), u64(note.size), note.root);
    good = sig.length === 2428 && ml_dsa44.verify(sig.slice(8), message, key.key);
  }
  if (!good) bad("signature-failed");
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
  const note = strict.decode(bytes).split("\n\n").slice(1).join("\n\n"), size = Number(note.split("\n")[1]);
  const span = spans.find(([from]) => size >= from) || spans[0];
  return span[1];
}

export function verify(bytes, keyLines) {
  const whole = text(bytes);
  const cut = whole.indexOf("\n\n");
  const lines = whole.slice(0, Math.max(cut, 0)).split("\n");
  if (cut < 0 || lines[0] !== "c2sp.org/tlog-proof@v1" || !/^extra /.test(lines[1] || "") || !/^index /.test(lines[2] || "")) bad("malformed");
  const keys = keyLines.map(parseKey);
  const note = parseNote(whole.slice(cut + 2));
  if (note.origin !== keys[0].name) bad("other-log");
  keys.forEach((key) => checkSignature(key, note));
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
  return { kind: entry[1], day: entry[2], index: number(lines[2].slice(6)), size: note.size, origin: note.origin, body: held.body };
}

const page = document.querySelector("[data-verify]");
if (page) {
  const input = page.querySelector("input[type=file]"), verdict = page.querySelector("[data-verdict]");
  page.hidden = false;
  input.addEventListener("change", async () => {
    const file = input.files[0];
    if (!file) return;
    let code, proved;
    try {
      const bytes = new Uint8Array(await file.arrayBuffer());
      proved = verify(bytes, keysFor(bytes, JSON.parse(page.dataset.keys)));
      code = "good";
    }
    catch (error) { code = error instanceof Bad ? error.message : "malformed"; }
    verdict.dataset.good = String(code === "good");
    verdict.replaceChildren(...page.querySelector(`template[data-say="${code}"]`).content.cloneNode(true).children);
    if (proved) proved.kind = JSON.parse(page.dataset.kinds || "{}")[proved.kind] || proved.kind;
    for (const [name, value] of Object.entries(proved || {})) {
      const place = verdict.querySelector(`[data-slot="${name}"]`);
      if (place) place.textContent = String(value);
    }
    verdict.focus();
  });
}
