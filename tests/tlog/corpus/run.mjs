// Says what the check in JavaScript says of some cases, by their places: `node run.mjs <corpus.json.gz> <receipt.js> <places>`, all JSON:
// of each case its code and rule.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { gunzipSync } from "node:zlib";

const [corpusFile, checkFile, places] = process.argv.slice(2);
const { check } = await import(pathToFileURL(checkFile).href);
const corpus = JSON.parse(gunzipSync(readFileSync(corpusFile)).toString());
const bytes = (text) => new Uint8Array(Buffer.from(text, "base64"));
const bases = corpus.bases.map(bytes), policies = corpus.policies.map(bytes);
const said = JSON.parse(places).map((place) => corpus.cases[place]).map(([, base, start, end, piece, keys, policy]) => {
  const receipt = new Uint8Array(Buffer.concat([bases[base].slice(0, start), bytes(piece), bases[base].slice(end)]));
  const { code, rule } = check(receipt, keys.map((key) => corpus.keys[key]), policy === null ? undefined : policies[policy]);
  return [code, rule];
});
console.log(JSON.stringify(said));
