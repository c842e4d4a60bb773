// Decisions that their bodies sign, as openroll.register.request.signed_decisions judges them: what an answer rests on is a body's word,
// and not the log's alone. One text is signed, which names the decision, the request as it was filed and what was asked last.
import { digest } from "./envelope.js";
import { isStatement, sign } from "./envelope-keys.js";
import { endOf } from "./desk-proof.js";
import { lookup, utf8 } from "./plain.js";

const DECIDES = { "request.approved/1": "reviewer", "request.narrowed/1": "reviewer", "request.seconded/1": "reviewer", "request.confirmed/1": "authority", "request.let-pass/1": "objector" };
const BEGINS_ANEW = ["request.approved/1", "request.narrowed/1", "request.confirmed/1"], SIGNS = "request.signed/1";
// The acts of the page by which something may be given.
export const DECISIONS = ["approve", "second", "confirm", "let-pass"];

// Each decision that an answer rests on: { party, text, fact }. `facts` are proved, with the texts that the log has of them.
export function decisionsIn(facts) {
  const bodyOf = (place) => digest(utf8.encode(facts.served[place].slice(facts[place].name.length + 1)));
  let found = [], filed = "", asked = "", approved = [];
  facts.forEach((fact, place) => {
    const { name } = fact;
    if (name === "request.filed/1") [filed, asked] = [bodyOf(place), fact.envelope];
    if (name === "request.completed/1") asked = fact.envelope;
    const party = lookup(DECIDES, name);
    if (!party) return;
    if (BEGINS_ANEW.includes(name)) [found, approved] = [[], fact.fields || facts[0].fields];
    const text = `openroll decision 1 request=${fact.request} filed=${filed} asked=${asked} decided=${bodyOf(place)} act=${name} by=${fact.by} fields=${approved.join(",")}`;
    found.push({ party, text, fact });
  });
  return found;
}

// Each decision with whether its body signed it: `fault` is empty, `unsigned`, `otherwise` (with the text that was `signed`), `no-key` or
// `signature`; `key` is the id of the key. `keysOf` gives the keys of an organisation, as desk-proof does.
export async function judged(facts, keysOf) {
  const decisions = decisionsIn(facts), texts = decisions.map(({ text }) => text), [filed] = facts;
  const found = [];
  for (const { party, text, fact } of decisions) {
    const organisation = filed[party], of = facts.filter(({ name, organisation: own }) => name === SIGNS && own === organisation);
    const own = of.filter(({ decision }) => decision === text || !texts.includes(decision)), keys = own.length ? await keysOf(organisation) : [];
    let best = { party, organisation, text, fact, fault: "unsigned", key: "", signed: "" };
    for (const one of own) {
      const fault = faultOf(one, keys) || (one.decision === text ? "" : "otherwise"), said = { ...best, fault, key: one.key, signed: one.decision, by: one };
      if (!fault) { best = said; break; }
      if (best.fault !== "otherwise") best = said;
    }
    found.push(best);
  }
  return found;
}
function faultOf({ key: id, decision, signature, entry: { position } }, keys) {
  const key = keys.find((one) => one.published.verifying.id === id && one.from < position && position < endOf(one));
  if (!key) return "no-key";
  return isStatement(decision, signature, key.published.verifying) ? "" : "signature";
}

// What signs a decision: the fields of the act `sign`.
export const signing = (text, key) => ({ act: "sign", decision: text, key: key.published.verifying.id, signature: sign(text, key.signing) });
// The fields that a text of a decision names.
export const fieldsIn = (text) => (/ fields=(\S*)$/.exec(text)?.[1] || "").split(",").filter(Boolean);
