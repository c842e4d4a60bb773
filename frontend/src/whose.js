// Whose act each fact is, as openroll.register.request.whose has it: what is said in a body's name counts where a seat of that body says it.
// Whether that body was ever admitted, and whether somebody sits there, no receipt shows: who reads the log whole sees it (openroll audit).
import { lookup } from "./plain.js";

const PARTIES = {
  authority: ["filed", "completed", "answered-back", "confirmed", "withdrawn", "produced"],
  reviewer: ["returned", "asked-back", "approved", "narrowed", "seconded", "refused", "annulled", "telling-postponed", "time-extended"],
  objector: ["objected", "let-pass"],
  operator: ["preserved", "answered", "told", "nobody-told"],
};
const PARTY = Object.fromEntries(Object.entries(PARTIES).flatMap(([party, acts]) => acts.map((act) => [`request.${act}/1`, party])).concat([["request.told/2", "operator"]]));
const TAKES = "request.opened/1", CALLS = "request.called-back/1", SIGNS = "request.signed/1";

// Number 0 is a machine's or a program's, and nobody's seat.
export const isSeatOf = (name, organisation) => typeof name === "string" && /^([^/]*)\/[1-9][0-9]{0,14}$/.exec(name)?.[1] === organisation;
// The keeper of the registrar's machine is its seat 0 and counts as another than its people; one word twice is not two.
const isTheRegistrars = (word) => typeof word === "string" && /^registrar\/(0|[1-9][0-9]{0,14})$/.test(word);
export const isOfTheTwo = ({ operator, heir, offered_by: offered, by }) =>
  [offered, by].every((word) => isSeatOf(word, operator) || isSeatOf(word, heir)) || (offered !== by && [offered, by].every(isTheRegistrars));

// The operator that was asked, and whoever succeeded it; `heirs` are [operator, heir].
export function operatorsOf(asked, heirs) {
  const found = [asked];
  for (const operator of found) found.push(...heirs.filter(([of, heir]) => of === operator && !found.includes(heir)).map(([, heir]) => heir));
  return found;
}

// Whether a fact is the act of the body whose it is, in a request that was `filed` so. That time passed is nobody's word; a complaint is
// the person's, who has no seat.
export function isOfItsParty(fact, filed, operators) {
  if (fact.name === "request.time-passed/1") return true;
  if (fact.name === "request.complained/1") return fact.by === "";
  const bodies = { authority: [filed.authority], reviewer: [filed.reviewer], objector: filed.objector ? [filed.objector] : [], operator: operators };
  if (fact.name === SIGNS) bodies.operator = [];
  const party = fact.name === CALLS ? (fact.organisation === filed.reviewer ? "reviewer" : "operator") : lookup(PARTY, fact.name);
  const own = party ? bodies[party] : Object.values(bodies).flat(), said = [TAKES, CALLS, SIGNS].includes(fact.name);
  return own.some((one) => isSeatOf(fact.by, one) && (!said || one === fact.organisation));
}
