// Answers questions to the pages' side of requests, under Node.js: `node requests.mjs <frontend/src>`, a list of [function, ...arguments]
// on standard input, their results on standard output.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const folder = pathToFileURL(`${process.argv[2]}/`);
const load = (name) => import(new URL(name, folder).href);
const names = ["desk-content.js", "desk-answer.js", "desk-proof.js", "desk-matter.js", "needed.js", "known-names.js", "envelope-keys.js", "plain.js", "disclosures.js"];
const [content, answers, proof, matter, needed, known, keys, plain, disclosures] = await Promise.all(names.map(load));
const lines = (faults) => faults.map(({ field, why }) => [field, why]);
const own = (lines) => answers.ownRecord([lines].flat());
const size = (answer) => content.encoded(answer).length;
const DO = {
  know: (lists) => known.know(lists),
  ask: (draft, now) => {
    const { ask, lacks } = content.askOf(draft, new Uint8Array(16), now);
    return lacks ? lines(lacks) : [content.canonical(ask), content.caseDigest(ask.case, ask.salt)];
  },
  read: (text, kind) => content.contentIn(new TextEncoder().encode(text), kind).content !== undefined,
  answers: (kept, approved, receipts, number) => content.canonical(answers.answerOf(own(kept), approved, receipts, {}, number).answer),
  answer: (kept, approved, keptBack, receipts = []) => {
    const { answer, fields } = answers.answerOf(own(kept), approved, receipts, keptBack);
    return [answer.outcome, answer.disclosures, answer.withheld, fields, answer.receipts];
  },
  record: (files, ask, account) => {
    try { return answers.recordIn([files].flat().map((lines) => new TextEncoder().encode(lines)), ask, account).handle; } catch (error) { return [error.code, error.more]; }
  },
  sure: (ask, given) => answers.isSureWhose(ask ?? undefined, given),
  unfound: (kept, approved, keptBack) => {
    try { return answers.answerOf(own(kept), approved, [], keptBack); } catch (error) { return [error.code, error.more]; }
  },
  fewest: (receipts, opened, newest, asked) => needed.fewest(receipts, new Set(opened.map((one) => answers.disclosure(one).digest)), asked ?? undefined, newest),
  fitting: (answer, most) => needed.fitting(answer, most, size).field || "",
  opened: async (parts, facts, key, signer) => {
    const found = await matter.openedParts(parts, facts, [keys.keyOf(key)], ["roll.example/again", "roll.example/t"], async () => [keys.publishedOf(signer).verifying]);
    return [found.map(({ part, fault }) => [part, fault || ""]), matter.caseFaults(found, facts[0])];
  },
  rests: async (parts, facts, key, signer) => {
    const found = await matter.openedParts(parts, facts, [keys.keyOf(key)], ["roll.example/t"], async () => [keys.publishedOf(signer).verifying]);
    return [found.map(({ place }) => place), matter.askedLast(facts, found)?.record.number ?? ""];
  },
  held: (names, there, party, annulled) => {
    const facts = names.map((name, place) => ({ name, envelope: String(place) })), places = (some) => some.map(({ place }) => place);
    const missing = matter.missingOf(facts, party, there.map(String), annulled);
    return [places(missing), places(matter.restedOn(facts, party)), facts.map((_, place) => place).filter((place) => matter.isReplaced(facts, place))];
  },
  ordered: (facts) => proof.inOrder(facts),
  inside: (encoded, body) => disclosures.compare(new TextEncoder().encode(encoded), body).shown.map((one) => one.inside),
  line: (text) => plain.oneLine(text),
  context: (origin, filed, part) => content.contextOf(origin, filed, part),
  checked: (answer, expected, spans) => {
    const { values, faults, unproved, late, unopened } = answers.checked(answer, expected, (receipt) => proof.provedBy(receipt, spans, false));
    return [values, lines(faults), unproved, late, unopened];
  },
};
const said = [];
for (const [name, ...given] of JSON.parse(readFileSync(0, "utf8"))) said.push((await DO[name](...given)) ?? null);
console.log(JSON.stringify(said));
