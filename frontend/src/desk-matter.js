// A request as its proved facts leave it, as far as answering, checking and telling need it; and its envelopes, opened.
import { openEnvelope, digest, recipients } from "./envelope.js";
import { Unsealed } from "./envelope-keys.js";
import { caseDigest, contentIn, contextOf } from "./desk-content.js";
import { bytesOf, lookup } from "./plain.js";
import { Unproved } from "./desk-proof.js";

const PARTS = { "request.filed/1": "ask", "request.completed/1": "complete", "request.asked-back/1": "ask-back",
  "request.answered-back/1": "answer-back", "request.answered/1": "answer", "request.complained/1": "complaint" };
const CONTENTS = { ask: "ask", complete: "ask", "ask-back": "question", "answer-back": "answer-back", answer: "answer" };
const OUTCOMES = { "request.refused/1": "refused", "request.annulled/1": "annulled", "request.objected/1": "objected",
  "request.withdrawn/1": "withdrawn", "request.produced/1": "produced" };

// `silences` is what each step of its procedure brings when its time is over (openroll.register.request.state).
export function stateOf(facts, silences) {
  const state = { filed: facts[0], heirs: facts.heirs, approved: null, given: [], outcome: "", annulled: false, postponed: null, postponedWhy: "" };
  for (const fact of facts) {
    state.outcome = lookup(OUTCOMES, fact.name) || state.outcome;
    switch (fact.name) {
      case "request.confirmed/1": state.approved = facts[0].fields; break;
      case "request.approved/1": case "request.narrowed/1": state.approved = fact.fields; break;
      case "request.annulled/1": state.annulled = true; break;
      case "request.answered/1": Object.assign(state, { outcome: fact.outcome, given: fact.fields }); break;
      case "request.telling-postponed/1": Object.assign(state, { postponed: fact.until, postponedWhy: fact.why }); break;
      case "request.time-passed/1": {
        const silence = lookup(silences, fact.step);
        if (silence === "annulled") Object.assign(state, { outcome: silence, annulled: true });
        else state.outcome ||= silence || "";
        break;
      }
      default:
    }
  }
  return state;
}

// What an answer is held against: what was approved, what it said of itself in public when it was given, and the `number` that was
// asked about.
export const expectedOf = (fact, facts, state, number) => ({ number, operator: facts[0].operator, approved: state.approved || [], outcome: fact.outcome, given: fact.fields, asked: facts[0].entry, heirs: facts.heirs });

// The envelopes that are sealed to these keys, in the order of their facts: { part, organisation, fact, place } with what stands in each
// (`content`), or with what is wrong with it (`fault`, a word of the page; `lacks`, what an ask lacks): one that is bad keeps nobody
// from the others. One that was sent again stands where it was sent last, as the command has it. Throws Unproved for one that the log
// does not name. What was sealed before the log was begun anew is bound to one of the names that it had: `origins`, today's first.
export async function openedParts(parts, facts, keys, origins, signersOf) {
  const found = [], named = facts.map((fact) => fact.envelope);
  for (const { envelope } of parts) {
    const bytes = bytesOf(atob(envelope)), place = named.lastIndexOf(digest(bytes)), fact = facts[place];
    const part = lookup(PARTS, fact?.name);
    if (!part) throw new Unproved("unproved");
    const organisation = fact.by.replace(/\/?[^/]*$/, "");
    // A person's letter is signed by nobody whom the log knows: it is read by command, not here.
    const key = CONTENTS[part] && keyTo(bytes, keys);
    if (!key) continue;
    let opened;
    for (const origin of origins) {
      opened = await tried(bytes, part, key, await signersOf(organisation), contextOf(origin, facts[0], part));
      if (opened.fault !== "does-not-open") break;
    }
    if (opened) found.push({ part, organisation, fact, place, ...opened });
  }
  return found.sort((one, other) => one.place - other.place);
}
const NOT_SIGNED = ["signer-unknown", "signature"];
// The key that an envelope names; of one that is none, any: it does not open, which is said.
function keyTo(bytes, keys) {
  try { const to = recipients(bytes); return keys.find(({ id }) => to.includes(id)); } catch { return keys[0]; }
}
async function tried(bytes, part, key, signers, context) {
  try {
    const { content, lacks } = contentIn(await openEnvelope(bytes, key.private, signers, context), CONTENTS[part]);
    return content ? { content } : { fault: lacks ? "incomplete" : "unreadable", lacks };
  } catch (error) {
    return { fault: error instanceof Unsealed && NOT_SIGNED.includes(error.code) ? "not-signed" : "does-not-open" };
  }
}

// Which envelopes the log names, held against those that were given, as openroll.register.request.sealed_parts does: which was sent last
// is the log's word, and never their order.
const ASKS = ["ask", "complete"], BETWEEN = ["ask-back", "answer-back"];
const READERS = { answer: ["authority"], complaint: ["reviewer"] };
const readersOf = (part) => lookup(READERS, part) || (BETWEEN.includes(part) ? ["authority", "reviewer"] : ["authority", "reviewer", "operator", "objector"]);
const reads = (party, part) => !party || readersOf(part).includes(party);
const sealedIn = (facts) => facts.map((fact, place) => ({ place, part: lookup(PARTS, fact.name), digest: fact.envelope, at: fact.at })).filter(({ part, digest: named }) => part && named);
const newest = (facts, ...parts) => sealedIn(facts).filter(({ part }) => parts.includes(part)).pop();
export const missingOf = (facts, party, there, annulled) =>
  sealedIn(facts).filter((one) => !there.includes(one.digest) && reads(party, one.part) && !(annulled && one.part === "answer"));
// What a decision rests on: what was asked last, and the last answer to a question that its party reads.
export const restedOn = (facts, party) => [newest(facts, ...ASKS), newest(facts, "answer-back")].filter((one) => one && reads(party, one.part));
export const isReplaced = (facts, place) => place < newest(facts, ...ASKS)?.place && ASKS.includes(lookup(PARTS, facts[place].name));
// What was asked last; undefined where that is missing or cannot be read: what it replaced is never taken.
export const askedLast = (facts, parts) => parts.find(({ place, content }) => content && place === newest(facts, ...ASKS)?.place)?.content;
export const digestsOf = (parts) => parts.map(({ envelope }) => digest(bytesOf(atob(envelope))));

// What was asked, and asked anew, as far as it can be read.
const readableAsks = (parts) => parts.filter(({ content }) => content?.is === "ask");

// What is wrong with the case that an authority sealed, as words of the page: the log has its digest, and who sends anew does not change it.
export function caseFaults(parts, filed) {
  const asks = readableAsks(parts), first = asks.find(({ part }) => part === "ask")?.content;
  if (!first) return parts.some(({ part }) => part === "ask") ? ["case-unread"] : [];
  const same = caseDigest(first.case, first.salt) === filed.case_digest;
  return [...(same ? [] : ["case-digest"]), ...(asks.some(({ content }) => content.case !== first.case) ? ["case-other"] : [])];
}
