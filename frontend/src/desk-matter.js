// A request as its proved facts leave it, as far as answering, checking and telling need it; and its envelopes, opened.
import { openEnvelope, digest, recipients } from "./envelope.js";
import { Unsealed } from "./envelope-keys.js";
import { caseDigest, contextOf, readContent } from "./desk-content.js";
import { bytesOf } from "./plain.js";
import { Unproved } from "./desk-proof.js";

const PARTS = { "request.filed/1": "ask", "request.completed/1": "complete", "request.asked-back/1": "ask-back",
  "request.answered-back/1": "answer-back", "request.answered/1": "answer", "request.complained/1": "complaint" };
const CONTENTS = { ask: "ask", complete: "ask", "ask-back": "question", "answer-back": "answer-back", answer: "answer" };
const OUTCOMES = { "request.refused/1": "refused", "request.annulled/1": "annulled", "request.objected/1": "objected",
  "request.withdrawn/1": "withdrawn", "request.produced/1": "produced" };

// `silences` is what each step of its procedure brings when its time is over (openroll.register.request.state).
export function stateOf(facts, silences) {
  const state = { filed: facts[0], approved: null, given: [], outcome: "", annulled: false, postponed: null, postponedWhy: "" };
  for (const fact of facts) {
    if (OUTCOMES[fact.name]) state.outcome = OUTCOMES[fact.name];
    switch (fact.name) {
      case "request.confirmed/1": state.approved = facts[0].fields; break;
      case "request.approved/1": case "request.narrowed/1": state.approved = fact.fields; break;
      case "request.annulled/1": state.annulled = true; break;
      case "request.answered/1": Object.assign(state, { outcome: fact.outcome, given: fact.fields }); break;
      case "request.telling-postponed/1": Object.assign(state, { postponed: fact.until, postponedWhy: fact.why }); break;
      case "request.time-passed/1": {
        const silence = silences[fact.step];
        if (silence === "annulled") Object.assign(state, { outcome: silence, annulled: true });
        else state.outcome ||= silence || "";
        break;
      }
      default:
    }
  }
  return state;
}

// What an answer is held against: what was approved, and what it said of itself in public when it was given.
export const expectedOf = (fact, facts, state) => ({ operator: facts[0].operator, approved: state.approved || [], outcome: fact.outcome, given: fact.fields, asked: facts[0].entry });

// The envelopes that these keys open, in the order of their facts: { part, organisation, fact, content }. Throws Unproved
// for one that the log does not name, Unsealed for one that was altered or holds what it should not.
export async function openedParts(parts, facts, keys, origin, signersOf) {
  const found = [];
  for (const { envelope } of parts) {
    const bytes = bytesOf(atob(envelope)), place = facts.findIndex((fact) => fact.envelope === digest(bytes)), fact = facts[place];
    if (!fact || !PARTS[fact.name]) throw new Unproved("unproved");
    // A person's letter is signed by nobody whom the log knows: it is read by command, not here.
    const to = recipients(bytes), key = keys.find(({ id }) => to.includes(id));
    if (!CONTENTS[PARTS[fact.name]] || !key) continue;
    const part = PARTS[fact.name], organisation = fact.by.replace(/\/?[^/]*$/, "");
    const plain = await openEnvelope(bytes, key.private, await signersOf(organisation), contextOf(origin, facts[0], part));
    const content = readContent(plain, CONTENTS[part]);
    if (!content) throw new Unsealed("does-not-open");
    found.push({ part, organisation, fact, place, content });
  }
  const asks = found.sort((one, other) => one.place - other.place).filter(({ content }) => content.is === "ask").map(({ part, content }) => ({ part, ...content }));
  // The log has the digest of the case, and who sends anew does not change it.
  const [first] = asks, same = !first || first.part !== "ask" || caseDigest(first.case, first.salt) === facts[0].case_digest;
  if (!same || asks.some((one) => one.case !== first.case)) throw new Unproved("unproved");
  return found;
}
