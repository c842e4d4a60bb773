// Keys of envelopes, their ids and their text; every rule mirrors openroll.disclosure.envelope (docs/envelopes.md, "Keys").
import { ed25519 } from "@noble/curves/ed25519.js";
import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { ml_dsa44 } from "@noble/post-quantum/ml-dsa.js";
import { publicOf } from "./hpke.js";
import { signed } from "./keys.js";
import { bytesOf, hex, joined, utf8 } from "./plain.js";

// What an envelope or a key is refused for. `code` is `shape`, `key`, `too-long`, or why an envelope does not open here:
// `not-a-recipient`, `does-not-open`, `signer-unknown`, `signature`.
export class Unsealed extends Error {
  constructor(code, message = code) { super(message); this.code = code; }
}
export const refuse = (code, message) => { throw new Unsealed(code, message); };

export const HYBRID = 1, X25519 = 2;
export const SUITES = {
  1: { name: "hybrid", publicSize: 1216, enc: 1120, verifying: 1344, signature: 2484 },
  2: { name: "x25519", publicSize: 32, enc: 32, verifying: 32, signature: 64 },
};
const P = 2n ** 255n - 19n;
const LOW_U = new Set([0n, 1n, P - 1n,
  325606250916557431795983626356110631294008115727848805560023387167927233504n,
  39382357235489614581723060781553021112529911719440698176882885853963445705823n]);
const little = (bytes) => BigInt(`0x${hex(Uint8Array.from(bytes).reverse())}`);
const base64url = (bytes) => btoa(String.fromCharCode(...bytes)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const idOf = (suite, raw) => sha256(joined(Uint8Array.of(suite), raw)).slice(0, 16);
export const derived = (secret, ...info) => hkdf(sha256, secret, undefined, joined(...info), 32);

// The one encoding of a u-coordinate that is not of small order (RFC 7748).
export const isX25519 = (raw) => { const u = little(raw); return u < P && !LOW_U.has(u); };

// The point of an Ed25519 key in its one encoding and not of small order; undefined for any other 32 bytes.
function pointOf(raw) {
  try {
    const point = ed25519.Point.fromBytes(raw, false);
    return point.isSmallOrder() ? undefined : point;
  } catch { return undefined; }
}
const LOW_Y = new Set([0n, 1n, P - 1n,
  2707385501144840649318225287225658788936804267575313519463743609750303402022n,
  55188659117513257062467267217118295137698188065244968500265048394206261417927n]);
const isEd25519 = (raw) => { const y = little(raw) & ((1n << 255n) - 1n); return y < P && !LOW_Y.has(y); };

// A key to seal to.
export function publicKey(suite, raw) {
  if (!SUITES[suite]) refuse("key", "unknown suite");
  if (raw.length !== SUITES[suite].publicSize || !isX25519(raw.slice(-32))) refuse("key", "no key to seal to");
  if (suite === HYBRID && !isReduced(raw.subarray(0, 1152))) refuse("key", "no ML-KEM key");
  const keyId = idOf(suite, raw);
  return { suite, raw, keyId, id: hex(keyId) };
}

// Whether each coefficient of an ML-KEM key, 12 bits long, is below the modulus (FIPS 203 section 7.2).
function isReduced(packed) {
  for (let at = 0; at < packed.length; at += 3) {
    const [a, b, c] = packed.subarray(at, at + 3);
    if ((a | ((b & 15) << 8)) >= 3329 || ((b >> 4) | (c << 4)) >= 3329) return false;
  }
  return true;
}

// A key to check signatures with.
export function verifyingKey(suite, raw) {
  if (!SUITES[suite]) refuse("key", "unknown suite");
  if (raw.length !== SUITES[suite].verifying || !isEd25519(raw.subarray(0, 32))) refuse("key", "no key to verify with");
  const keyId = idOf(suite, raw);
  return { suite, raw, keyId, id: hex(keyId) };
}

// Whether a signature is a key's: each of its parts by its part of the key. Ed25519 is checked as the receipts' is, strictly.
export function isSignature(key, signature, message) {
  if (signature.length !== SUITES[key.suite].signature) return false;
  const raw = key.raw.slice(0, 32), point = pointOf(raw);
  if (!point || !signed(signature.slice(0, 64), message, point, raw)) return false;
  if (key.suite !== HYBRID) return true;
  try { return ml_dsa44.verify(signature.slice(64), message, key.raw.slice(32)); } catch { return false; }
}

// A text that stands in public, signed (openroll.disclosure.envelope.statement): written in one form, and of no other beginning than this.
const statement = (text, keyId) => joined(utf8.encode("openroll statement 1 signature\0"), keyId, sha256(utf8.encode(text)));
export const sign = (text, signer) => base64url(signer.sign(statement(text, signer.verifying.keyId)));
export function isStatement(text, signature, key) {
  if (!/^[A-Za-z0-9_-]{1,4000}$/.test(signature) || /\p{Surrogate}/u.test(text)) return false;
  let raw;
  try { raw = bytesOf(atob(signature.replace(/-/g, "+").replace(/_/g, "/"))); } catch { return false; }
  return base64url(raw) === signature && isSignature(key, raw, statement(text, key.keyId));
}

export const privateKey = (suite, seed) => ({ suite, seed, public: publicKey(suite, publicOf(suite, seed)) });

// Everything that a holder keeps, from one seed of 32 bytes: random, or what a passkey's PRF gives for the purpose.
export function heldKey(seed, suite = HYBRID) {
  if (!SUITES[suite] || seed.length !== 32) refuse("key", "a seed has 32 bytes");
  const from = (name) => derived(seed, utf8.encode("openroll envelope key 1\0"), Uint8Array.of(suite), utf8.encode(name));
  const opening = privateKey(suite, from("open")), classic = from("ed25519");
  const lattice = suite === HYBRID ? ml_dsa44.keygen(from("ml-dsa-44")) : undefined;
  const raw = joined(ed25519.getPublicKey(classic), lattice ? lattice.publicKey : new Uint8Array());
  const verifying = verifyingKey(suite, raw);
  const sign = (message) => joined(ed25519.sign(message, classic), lattice ? ml_dsa44.sign(message, lattice.secretKey) : new Uint8Array());
  return { suite, seed, id: opening.public.id, private: opening, signing: { suite, verifying, sign },
    published: { id: opening.public.id, sealing: opening.public, verifying } };
}

// A passkey's PRF (WebAuthn level 3) instead of a key file: what it is asked for, and the seed from its 32 bytes.
export const PRF_INPUT = sha256(utf8.encode("openroll envelope passkey 1"));
export const seedFromPrf = (output) => derived(output, utf8.encode("openroll envelope seed 1\0"));

// Keys as text

export const keyLine = (key) => `openroll-envelope-key-1 ${SUITES[key.suite].name} ${key.id} ${base64url(key.seed)}\n`;
export const publicLine = ({ sealing, verifying }) =>
  `openroll-envelope-public-1 ${SUITES[sealing.suite].name} ${sealing.id} ${verifying.id} ${base64url(joined(sealing.raw, verifying.raw))}\n`;

export function keyOf(text) {
  const [suite, [id], raw] = read(/^openroll-envelope-key-1 ([a-z0-9]{1,16}) ([0-9a-f]{32}) ([A-Za-z0-9_-]{1,4000})[ \t\n\r\f\v]*$/, text);
  const key = heldKey(raw, suite);
  if (key.id !== id) refuse("key", "changed");
  return key;
}

export function publishedOf(text) {
  const [suite, ids, raw] = read(
    /^openroll-envelope-public-1 ([a-z0-9]{1,16}) ([0-9a-f]{32}) ([0-9a-f]{32}) ([A-Za-z0-9_-]{1,4000})[ \t\n\r\f\v]*$/, text);
  const at = SUITES[suite].publicSize;
  const sealing = publicKey(suite, raw.slice(0, at)), verifying = verifyingKey(suite, raw.slice(at));
  if (sealing.id !== ids[0] || verifying.id !== ids[1]) refuse("key", "changed");
  return { id: sealing.id, sealing, verifying };
}

function read(form, text) {
  const found = form.exec(text);
  if (!found) refuse("key", "no key");
  const suite = Number(Object.keys(SUITES).find((one) => SUITES[one].name === found[1]));
  if (!suite) refuse("key", "unknown suite");
  const encoded = found.at(-1);
  let raw;
  try { raw = bytesOf(atob(encoded.replace(/-/g, "+").replace(/_/g, "/"))); } catch { refuse("key", "cut off"); }
  if (base64url(raw) !== encoded) refuse("key", "cut off");
  return [suite, found.slice(2, -1), raw];
}
