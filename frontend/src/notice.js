// Notices: what a notice code leads to and opens; every step mirrors openroll.disclosure.notice and notice_code.
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { openEnvelope, recipients, seal } from "./envelope.js";
import { derived, HYBRID, privateKey, publishedOf, Unsealed } from "./envelope-keys.js";
import { bytesOf, checkOf, hex, joined, utf8, withoutGroups } from "./plain.js";

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ", BODY = 26;
const SAID = new Set(["signer-unknown", "signature"]);
const ALIKE = { O: "0", I: "1", L: "1", U: "V" };

// The secret of a subscription, from its operator's handle key and its handle.
export const noticeSecret = (handleKey, handle) => hmac(sha256, handleKey, joined(utf8.encode("openroll notice 1\0"), utf8.encode(handle))).slice(0, 16);

export function codeOf(secret) {
  let number = secret.reduce((total, byte) => (total << 8n) | BigInt(byte), 0n) << 2n;
  const values = Array.from({ length: BODY }, () => { const value = Number(number & 31n); number >>= 5n; return value; }).reverse();
  return [...values, ...checkOf(values)].map((value) => ALPHABET[value]).join("").replace(/.{4}(?=.)/g, "$&-");
}

// The secret of a code however it was typed; undefined when it is none or has a mistake.
export function secretOf(code) {
  const plain = withoutGroups(code).toUpperCase();
  const values = [...plain].map((char) => ALPHABET.indexOf(ALIKE[char] || char));
  if (values.length !== BODY + 2 || values.includes(-1)) return undefined;
  const body = values.slice(0, BODY), check = checkOf(body), number = body.reduce((total, value) => (total << 5n) | BigInt(value), 0n);
  if (check[0] !== values[BODY] || check[1] !== values[BODY + 1] || number & 3n) return undefined;
  return Uint8Array.from({ length: 16 }, (_, at) => Number((number >> BigInt(122 - 8 * at)) & 255n));
}

// The secret that the notice of a request is sealed to where its operator holds no such record: telling again gives the same bucket.
export const nobodySecret = (handleKey, request) => hmac(sha256, handleKey, utf8.encode(`openroll notice to nobody 1\0${request}`)).slice(0, 16);

function bucket(secret, what) {
  const mac = hmac(sha256, secret, utf8.encode(what));
  return (mac[0] << 2) | (mac[1] >> 6);
}

// The bucket, 0 to 1,023, in which the notice of a request to a secret stands: of two requests they have nothing in common.
export const bucketOf = (secret, request) => bucket(secret, `openroll notice bucket 2\0${request}`);

// The bucket in which notices to a secret stood that were published in a month (as 2026-11), before `bucketOf` was.
export const monthBucket = (secret, month) => bucket(secret, `openroll notice bucket 1\0${month}`);

// What gives the word of a matter that a secret has, by its context: the same each time that it is told. Where its SHA-256 stands in
// public, whoever has the secret sees at once that they were told.
export function wordsOf(secret) {
  const keyed = hmac.create(sha256, secret);
  return (context) => hex(keyed.clone().update(utf8.encode(`openroll notice word 1\0${context}`)).digest().slice(0, 15));
}

// The heap, 0 to `heaps` - 1, in which a bucket's notices are fetched where there are so many heaps.
export const heapNumber = (bucket, heaps) => Math.floor((bucket * heaps) / 1024);

// What binds a notice to its matter, by the name of the log and the number of the request.
export const noticeContext = (origin, number) => `openroll notice 1 roll=${origin} request=${number}`;

// How many heaps the buckets of so many notices are given out in.
export function heapsFor(notices) {
  let heaps = 1;
  while (heaps < 1024 && notices >= 512 * heaps) heaps *= 2;
  return heaps;
}

export const noticeKey = (secret, context) =>
  privateKey(HYBRID, derived(secret, utf8.encode("openroll notice key 1\0"), utf8.encode(context)));
export const sealNotice = (content, secret, signer, context, padTo) => seal(content, [noticeKey(secret, context).public], signer, context, padTo);

// A month and those beside it: the clock that a notice was sealed by need not be the roll's.
export function about(month) {
  const [year, number] = month.split("-").map(Number), at = year * 12 + number - 1;
  return [at - 1, at, at + 1].map((one) => `${String(Math.floor(one / 12)).padStart(4, "0")}-${String((one % 12) + 1).padStart(2, "0")}`);
}

// A heap as it is published: notices with context and envelope, and the keys that their senders may have signed with. Each is read by
// itself: what is none (a notice, a key) hides no other. `next` is where the heap goes on, undefined at its end. Context and month are
// the heap's word; a month that is no text is none.
export function heapOf(json) {
  const { form, notices, senders, next } = JSON.parse(json);
  if (form !== "openroll-notices-1" || !Array.isArray(notices) || !Array.isArray(senders)) throw new TypeError("no heap of notices");
  return { notices: notices.filter((one) => one).flatMap(sealedIn), senders: senders.flatMap(keyIn), next: Number.isSafeInteger(next) && next > 0 ? next : undefined };
}

function sealedIn({ context, envelope, month }) {
  try { return typeof context === "string" ? [{ context, envelope: bytesOf(atob(envelope)), month: typeof month === "string" ? month : "" }] : []; } catch { return []; }
}

// The SHA-256 of each notice in a heap, in hexadecimal: by these the public log names them.
export async function digestsIn({ notices }) {
  const digests = await Promise.all(notices.map(({ envelope }) => crypto.subtle.digest("SHA-256", envelope)));
  return digests.map((digest) => [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join(""));
}

function keyIn(line) {
  try { return [publishedOf(line)]; } catch { return []; }
}

// The key by which a notice is this secret's; undefined for another's, and for what nobody can have sealed.
function keyTo({ context, envelope }, secret) {
  try {
    const key = noticeKey(secret, context);
    return recipients(envelope).includes(key.public.id) ? key : undefined;
  } catch (error) {
    if (error instanceof Unsealed || error instanceof RangeError) return undefined;
    throw error;
  }
}

// Of a heap's notices those sealed to this secret: { context, content }, or { context, reason } for one that was altered.
// `step` is awaited between them, so that a page can show how far it is and stays usable on a slow phone.
export async function ownNotices({ notices, senders }, secret, step = async () => {}) {
  const own = [], signers = senders.map(({ verifying }) => verifying);
  for (const [at, { context, envelope }] of notices.entries()) {
    await step(at, notices.length);
    const key = keyTo({ context, envelope }, secret);
    if (!key) continue;
    try {
      own.push({ context, content: await openEnvelope(envelope, key, signers, context) });
    } catch (error) {
      own.push({ context, reason: SAID.has(error.code) ? error.code : "does-not-open" });
    }
  }
  return own;
}
