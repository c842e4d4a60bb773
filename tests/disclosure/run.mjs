// Answers questions to the browser's envelopes, under Node.js: `node run.mjs <frontend/src>`, a list of [function, ...arguments] on
// standard input, their results on standard output. Bytes are written as {"hex": "..."}; what is refused as {"refused": code}.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const folder = pathToFileURL(`${process.argv[2]}/`);
const load = (name) => import(new URL(name, folder).href);
const [keys, envelope, notice, hpke] = await Promise.all(["envelope-keys.js", "envelope.js", "notice.js", "hpke.js"].map(load));
const bytes = (value) => Uint8Array.from(Buffer.from(value.hex, "hex"));
const hex = (value) => (value instanceof Uint8Array ? { hex: Buffer.from(value).toString("hex") } : value);
const held = ([suite, seed]) => keys.heldKey(bytes(seed), suite);
const verifying = (lines) => lines.map((line) => keys.publishedOf(line).verifying);
const DO = {
  key: (key) => { const made = held(key); return [keys.keyLine(made), keys.publicLine(made.published)]; },
  keyOf: (line) => keys.keyLine(keys.keyOf(line)),
  publishedOf: (line) => keys.publicLine(keys.publishedOf(line)),
  publicKey: (suite, raw) => keys.publicKey(suite, bytes(raw)).id,
  verifyingKey: (suite, raw) => keys.verifyingKey(suite, bytes(raw)).id,
  open: (sealed, key, lines, context) => envelope.openEnvelope(bytes(sealed), held(key).private, verifying(lines), context),
  seal: (content, lines, key, context, padTo) =>
    envelope.seal(bytes(content), lines.map((line) => keys.publishedOf(line).sealing), held(key).signing, context, padTo),
  sizes: () => [envelope.TEXT, envelope.ANSWER],
  fromPrf: (output) => keys.seedFromPrf(bytes(output)),
  recipients: (sealed) => envelope.recipients(bytes(sealed)),
  most: (lines, key) => envelope.mostContent(lines.map((line) => keys.publishedOf(line).sealing), held(key).signing),
  hpke: (suite, seed, enc, sealed, info) => hpke.hpkeOpen(suite, bytes(seed), bytes(enc), bytes(sealed), bytes(info)),
  publicOf: (suite, seed) => hpke.publicOf(suite, bytes(seed)),
  secret: (key, handle) => notice.noticeSecret(bytes(key), handle),
  code: (secret) => notice.codeOf(bytes(secret)),
  secretOf: (code) => notice.secretOf(code) ?? null,
  bucket: (secret, request) => notice.bucketOf(bytes(secret), request),
  monthBucket: (secret, month) => notice.monthBucket(bytes(secret), month),
  word: (secret, context) => notice.wordsOf(bytes(secret))(context),
  nobody: (key, request) => notice.nobodySecret(bytes(key), request),
  noticeKey: (secret, context) => notice.noticeKey(bytes(secret), context).public.id,
  sealNotice: (content, secret, key, context) => notice.sealNotice(bytes(content), bytes(secret), held(key).signing, context),
  own: async (json, secret) => (await notice.ownNotices(notice.heapOf(json), bytes(secret))).map((one) => ({ ...one, content: hex(one.content) })),
};
const said = [];
for (const [name, ...given] of JSON.parse(readFileSync(0, "utf8"))) {
  try { said.push(hex(await DO[name](...given))); } catch (error) {
    if (!error.code && !(error instanceof RangeError)) throw error;
    said.push({ refused: error.code || "range" });
  }
}
console.log(JSON.stringify(said));
