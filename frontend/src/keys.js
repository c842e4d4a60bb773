// Public keys of logs and witnesses, and their signatures; every rule mirrors openroll.tlog.note and openroll.tlog.strict_ed25519.
import { ed25519 } from "@noble/curves/ed25519.js";
import { sha256, sha512 } from "@noble/hashes/sha2.js";
import { ml_dsa44 } from "@noble/post-quantum/ml-dsa.js";
import { Bad, bad, base64, hex, joined, same, utf8, without } from "./plain.js";

const Point = ed25519.Point, L = Point.Fn.ORDER;
const KEY_SIZES = { 1: 32, 4: 32, 6: 1312 }, SIGNATURE_SIZES = { 1: 64, 4: 72, 6: 2428 };
// Unicode's property White_Space (\s means something else), controls, and the plus that parts a key.
export const notInNames = /[\x00-\x20+]|\p{White_Space}/u;

const u64 = (n) => { const b = new Uint8Array(8); new DataView(b.buffer).setBigUint64(0, BigInt(n)); return b; };
const little = (bytes) => BigInt(`0x${hex(Uint8Array.from(bytes).reverse())}`);
export const timeOf = (sig) => new DataView(sig.buffer, sig.byteOffset, 8).getBigUint64(0);

// The point behind the one encoding of a public key, of prime order; undefined for every other 32 bytes.
function publicPoint(key) {
  try {
    const point = Point.fromBytes(key, false);
    return !point.is0() && point.isTorsionFree() ? point : undefined;
  } catch { return undefined; }
}

// Strict Ed25519 (docs/proofs.md): S below L, and R compared octet by octet, without the cofactor, which noble's own verify has.
export function signed(sig, message, point, key) {
  const r = sig.slice(0, 32), s = little(sig.slice(32));
  if (s >= L) return false;
  const k = little(sha512(joined(r, key, message))) % L;
  return same(Point.BASE.multiplyUnsafe(s).subtract(point.multiplyUnsafe(k)).toBytes(), r);
}

// A verifier key `name+<8 hex digits>+base64(type || key)`.
export function parseKey(line) {
  const [name, id, ...rest] = without(line, " \t\r\n").split("+");
  if (!rest.length || !/^[0-9a-f]{8}$/.test(id)) bad("key-malformed", "K1");
  let data;
  try { data = base64(rest.join("+"), "K1"); } catch { bad("key-malformed", "K1"); }
  if (/\p{Surrogate}/u.test(name)) bad("key-malformed", "K1");
  if (!data.length) bad("key-malformed", "K2");
  if (hex(sha256(joined(utf8.encode(`${name}\n`), data)).slice(0, 4)) !== id) bad("key-malformed", "K3");
  if (!name || notInNames.test(name)) bad("key-malformed", "K1");
  const key = { name, id, type: data[0], key: data.slice(1) };
  if (key.key.length !== KEY_SIZES[key.type]) bad("key-malformed", "K2");
  if (key.type !== 6 && !(key.point = publicPoint(key.key))) bad("key-malformed", "K4");
  return key;
}

// Whether `sig` is this key's over the text of a note; `head` is the note's checkpoint.
export function fits(key, sig, noteText, head) {
  if (sig.length !== SIGNATURE_SIZES[key.type]) return false;
  if (key.type === 1) return signed(sig, utf8.encode(noteText), key.point, key.key);
  if (sig[0] > 127) return false;
  const time = sig.slice(0, 8), rest = sig.slice(8);
  if (key.type === 4) return signed(rest, utf8.encode(`cosignature/v1\ntime ${timeOf(sig)}\n${noteText}`), key.point, key.key);
  const name = utf8.encode(key.name), origin = utf8.encode(head.origin);
  if (name.length > 255 || origin.length > 255) return false;
  const message = joined(utf8.encode("subtree/v1\n\0"), Uint8Array.of(name.length), name, time,
    Uint8Array.of(origin.length), origin, u64(0), u64(head.size), head.root);
  try { return ml_dsa44.verify(rest, message, key.key); } catch (error) { if (error instanceof Bad) throw error; return false; }
}
