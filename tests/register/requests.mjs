// Answers questions to the pages' side of requests, under Node.js: `node requests.mjs <frontend/src>`, a list of [function, ...arguments]
// on standard input, their results on standard output.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const folder = pathToFileURL(`${process.argv[2]}/`);
const load = (name) => import(new URL(name, folder).href);
const [content, answers, proof, plain] = await Promise.all(["desk-content.js", "desk-answer.js", "desk-proof.js", "plain.js"].map(load));
const lines = (faults) => faults.map(({ field, why }) => [field, why]);
const DO = {
  ask: (draft, now) => {
    const { ask, lacks } = content.askOf(draft, new Uint8Array(16), now);
    return lacks ? lines(lacks) : [content.canonical(ask), content.caseDigest(ask.case, ask.salt)];
  },
  read: (text, kind) => content.readContent(new TextEncoder().encode(text), kind) !== undefined,
  answer: (kept, approved, keptBack) => {
    const { answer, fields } = answers.answerOf(kept, approved, [], () => undefined, keptBack);
    return [answer.outcome, answer.disclosures, answer.withheld, fields];
  },
  line: (text) => plain.oneLine(text),
  context: (origin, filed, part) => content.contextOf(origin, filed, part),
  checked: (answer, expected, spans) => {
    const { values, faults, unproved, late } = answers.checked(answer, expected, (receipt) => proof.provedBy(receipt, spans));
    return [values, lines(faults), unproved, late];
  },
};
console.log(JSON.stringify(JSON.parse(readFileSync(0, "utf8")).map(([name, ...given]) => DO[name](...given))));
