// Seals and opens envelopes as openroll.disclosure.envelope does; docs/envelopes.md has the form byte by byte. Sealing draws
// randomness (WebCrypto's, by noble); nothing else here does, and nothing talks to anybody.
import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { randomBytes } from "@noble/hashes/utils.js";
import { derived, isSignature, isX25519, refuse, SUITES } from "./envelope-keys.js";
import { hpkeOpen, hpkeSeal } from "./hpke.js";
import { hex, joined, same, utf8 } from "./plain.js";

export const MOST_BYTES = 65536, MOST_RECIPIENTS = 16, BLOCK = 1024;
// What the parts of a request are filled up to (docs/envelopes.md), each of one size whatever stands in it: an answer to the whole
// envelope, everything else to TEXT. The register takes no other.
export const TEXT = 24 * BLOCK, ANSWER = MOST_BYTES;
const MAGIC = utf8.encode("ORE1"), TAG = 16, COMMITMENT = 32, SEALED_KEY = 48, KEY_ID = 16, NONCE = new Uint8Array(12);

const u32 = (n) => { const b = new Uint8Array(4); new DataView(b.buffer).setUint32(0, n); return b; };
const overhead = (suite) => 1 + KEY_ID + SUITES[suite].signature + 4;
const bodyKey = (key) => derived(key, utf8.encode("openroll envelope 1 body\0"));
const commitmentOf = (key) => derived(key, utf8.encode("openroll envelope 1 commitment\0"));
const compared = (a, b) => { for (let at = 0; at < a.length; at += 1) if (a[at] !== b[at]) return a[at] - b[at]; return 0; };

function contextBytes(context) {
  const encoded = utf8.encode(context);
  if (!encoded.length || encoded.length > 1024 || /\p{Surrogate}/u.test(context)) throw new RangeError("a context has 1 to 1,024 bytes");
  return encoded;
}

function binding(recipients, context) {
  const named = joined(Uint8Array.of(recipients.length), ...recipients.map(({ suite, keyId }) => joined(Uint8Array.of(suite), keyId)));
  return joined(utf8.encode("openroll envelope 1 key\0"), sha256(named), contextBytes(context));
}
const around = (head, context) => joined(sha256(head), sha256(contextBytes(context)));
const signedMessage = (head, context, signer, content) =>
  joined(utf8.encode("openroll envelope 1 signature\0"), around(head, context), signer, sha256(content));

// How many bytes of content go into one envelope to these recipients, signed by this key.
export function mostContent(to, signer) {
  const head = MAGIC.length + 1 + COMMITMENT + to.reduce((n, { suite }) => n + 1 + KEY_ID + SUITES[suite].enc + SEALED_KEY, 0);
  return Math.floor((MOST_BYTES - TAG - head) / BLOCK) * BLOCK - overhead(signer.suite);
}

// Seals content (bytes) to public keys, signed, and bound to a context; filled up to a multiple of `padTo` bytes.
export async function seal(content, to, signer, context, padTo = BLOCK) {
  const recipients = [...to].sort((a, b) => compared(a.keyId, b.keyId));
  if (!to.length || to.length > MOST_RECIPIENTS || new Set(to.map(({ id }) => id)).size !== to.length) throw new RangeError("recipients");
  if (!Number.isSafeInteger(padTo) || padTo <= 0 || padTo % BLOCK) throw new RangeError("padTo");
  const most = mostContent(to, signer);
  if (content.length > most) refuse("too-long", `${content.length} > ${most}`);
  const key = randomBytes(32), info = binding(recipients, context), parts = [MAGIC, Uint8Array.of(recipients.length)];
  for (const { suite, keyId, raw } of recipients) parts.push(Uint8Array.of(suite), keyId, await hpkeSeal(suite, raw, key, info));
  const head = joined(...parts, commitmentOf(key));
  const signature = signer.sign(signedMessage(head, context, signer.verifying.keyId, content));
  const plain = joined(Uint8Array.of(signer.suite), signer.verifying.keyId, signature, u32(content.length), content);
  const room = most + overhead(signer.suite), step = Math.min(padTo, room);
  const inside = new Uint8Array(Math.min(Math.ceil(plain.length / step) * step, room));
  inside.set(plain);
  return joined(head, chacha20poly1305(bodyKey(key), NONCE, around(head, context)).encrypt(inside));
}

// An envelope's bytes taken apart, without any key.
export function takeApart(envelope) {
  if (!same(envelope.slice(0, 4), MAGIC)) refuse("shape", "magic");
  if (envelope.length > MOST_BYTES) refuse("shape", "too long");
  let at = MAGIC.length;
  const take = (length) => {
    const taken = envelope.slice(at, at + length);
    if (taken.length < length) refuse("shape", "cut off");
    at += length;
    return taken;
  };
  const [count] = take(1), stanzas = [];
  if (!count || count > MOST_RECIPIENTS) refuse("shape", "recipients");
  while (stanzas.length < count) {
    const [suite] = take(1);
    if (!SUITES[suite]) refuse("shape", "suite");
    const stanza = { suite, keyId: take(KEY_ID), enc: take(SUITES[suite].enc), sealed: take(SEALED_KEY) };
    if (!isX25519(stanza.enc.slice(-32))) refuse("shape", "small order");
    if (stanzas.length && compared(stanzas.at(-1).keyId, stanza.keyId) >= 0) refuse("shape", "order");
    stanzas.push(stanza);
  }
  const commitment = take(COMMITMENT), body = envelope.slice(at);
  if (body.length < BLOCK + TAG || (body.length - TAG) % BLOCK) refuse("shape", "blocks");
  return { stanzas, commitment, head: envelope.slice(0, at), body };
}

export const recipients = (envelope) => takeApart(envelope).stanzas.map(({ keyId }) => hex(keyId));
export const digest = (envelope) => hex(sha256(envelope));

function takenOut(plain) {
  const suite = plain[0];
  if (!SUITES[suite]) refuse("shape", "suite of the signature");
  const begin = overhead(suite);
  if (begin > plain.length) refuse("shape", "cut off");
  const length = new DataView(plain.buffer, plain.byteOffset + begin - 4, 4).getUint32(0);
  if (begin + length > plain.length || plain.subarray(begin + length).some(Boolean)) refuse("shape", "filled up");
  return { suite, signer: plain.slice(1, 17), signature: plain.slice(17, begin - 4), content: plain.slice(begin, begin + length) };
}

// The content that one of `signers` sealed to this private key and others, about `context`; nothing before all is checked.
export async function openEnvelope(envelope, key, signers, context) {
  const { stanzas, commitment, head, body } = takeApart(envelope), info = binding(stanzas, context);
  const stanza = stanzas.find(({ suite, keyId }) => suite === key.suite && same(keyId, key.public.keyId));
  if (!stanza) refuse("not-a-recipient");
  let plain;
  const secret = await hpkeOpen(stanza.suite, key.seed, stanza.enc, stanza.sealed, info);
  if (!secret || !same(commitmentOf(secret), commitment)) refuse("does-not-open");
  try { plain = chacha20poly1305(bodyKey(secret), NONCE, around(head, context)).decrypt(body); } catch { refuse("does-not-open"); }
  const inside = takenOut(plain);
  const signer = signers.find(({ suite, keyId }) => suite === inside.suite && same(keyId, inside.signer));
  if (!signer) refuse("signer-unknown");
  if (!isSignature(signer, inside.signature, signedMessage(head, context, signer.keyId, inside.content))) refuse("signature");
  return inside.content;
}
