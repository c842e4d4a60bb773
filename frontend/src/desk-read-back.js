// After an act: what the log has of it, held against what was sent, as openroll.watch.requests.read_back does it. An act stands as the
// log says it: whoever owns the database can write another one than the page sent, and the log proves that.
import { factsOf, json, sizeOf, Unproved } from "./desk-proof.js";
import { digest } from "./envelope.js";
import { bytesOf, lookup, oneLine, same, stripped } from "./plain.js";

const LOOKS = 60, WAIT = 1000; // a log promises a place within a minute (docs/log.md, "What is promised")
const PASSED = "request.time-passed/1", TAKES = "request.opened/1";
// What a roll says of an act, and nobody sends; `procedure` is the rule's way.
const OF_THE_ROLL = ["name", "entry", "request", "at", "by", "rule", "procedure"];
const sealedIn = (base64) => (base64 ? digest(bytesOf(atob(base64))) : "");
const textOf = (value = "") => stripped(value.replace(/\r\n?/g, "\n"));

// What an act comes after: how many entries the log has, by its head; then the facts of its request as they are served, not proved yet.
export async function standing(number, spans) {
  const size = await sizeOf(spans);
  return { size, facts: number ? (await json(`/api/v1/requests/${number}`)).facts.map(({ name, body }) => `${name} ${body}`) : [] };
}

// What each act says in the log, by the fields of its form: { names, said }.
// The facts of the request say what was asked for: an approval of all of it is another act than one of less.
export const meantBy = (act, form, { own, zone }) => (filed, step) => meantAfter(act, form, own, zone, filed, step);
function meantAfter(act, form, own, zone, filed, step) {
  const of = (name) => form[`${act}-${name}`], why = { why: textOf(of("why")) }, until = { until: untilIn(of("until"), zone) };
  const ticked = Object.keys(form).filter((name) => name.startsWith(`${act}-is-`)).map((name) => name.slice(act.length + 4));
  const kind = (name, said = {}) => ({ name: `request.${name}`, said }), envelope = { envelope: sealedIn(form.envelope) };
  const whole = filed.fields.every((name) => ticked.includes(name));
  return {
    open: () => kind("opened/1", { organisation: own }),
    approve: () => kind(whole ? "approved/1" : "narrowed/1", { fields: ticked, ...why }),
    second: () => kind("seconded/1"),
    refuse: () => kind("refused/1", { reason: of("code"), ...why }),
    annul: () => kind("annulled/1", { reason: of("code"), ...why }),
    return: () => kind("returned/1", { missing: ticked, ...why }),
    object: () => kind("objected/1", { ground: of("code"), ...why }),
    "let-pass": () => kind("let-pass/1"),
    sign: () => kind("signed/1", { organisation: own, decision: form.decision, key: form.key, signature: form.signature }),
    postpone: () => kind("telling-postponed/1", { ...until, ...why }),
    extend: () => kind("time-extended/1", { ...(step && { step }), ...until, ...why }),
    withdraw: () => kind("withdrawn/1", why),
    "call-back": () => kind("called-back/1", { organisation: own, number: textOf(of("number")) }),
    confirm: () => kind("confirmed/1"),
    preserve: () => kind("preserved/1"),
    "not-given": () => kind("answered/1", { outcome: of("code"), fields: [], envelope: "" }),
    nobody: () => kind("nobody-told/1"),
    complete: () => kind("completed/1", envelope),
    "ask-back": () => kind("asked-back/1", envelope),
    "answer-back": () => kind("answered-back/1", envelope),
    answer: () => kind("answered/1", { outcome: form.outcome, fields: (form.fields || "").split(" ").filter(Boolean), ...envelope }),
    tell: () => kind("told/2", { notice: sealedIn(form.notice), bucket: Number(form.bucket), complaint: form.complaint }),
    ask: () => kind("filed/1", {
      authority: own, use: Number(form.use), operator: form.operator, reviewer: form.reviewer, objector: form.objector || "", urgency: form.urgency, desired: form.desired,
      fields: Object.keys(form).filter((name) => name.startsWith("field-")).map((name) => name.slice(6)), earlier: form.earlier ? Number(form.earlier) : null, case_digest: form.case_digest, ...envelope,
    }),
  }[act]();
}

// A moment as it was typed: by the roll's clock, or with its offset from UTC. What was not typed of it is nothing: the log has no more.
const FRACTION = /\.\d+/, WHOLE = "0000-00-00T00:00:00";
const fractionIn = (text) => Number(FRACTION.exec(text)?.[0] || 0);
const untilIn = (typed = "", zone) => {
  const text = stripped(typed).replace(" ", "T"), begun = text.replace(FRACTION, ""), offset = /T.*(Z|[+-]\d\d:?\d\d)$/i.test(text);
  const isAt = (at) => (offset ? Date.parse(begun) === Date.parse(at) : clockAt(at, zone) === begun + WHOLE.slice(begun.length));
  return (at) => fractionIn(at) === fractionIn(text) && isAt(at.replace(FRACTION, ""));
};
function clockAt(at, timeZone) {
  const form = new Intl.DateTimeFormat("en-u-ca-iso8601-hc-h23", { timeZone, year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit" });
  const { year, month, day, hour, minute, second } = Object.fromEntries(form.formatToParts(new Date(at)).map(({ type, value }) => [type, value]));
  return `${year.padStart(4, "0")}-${month}-${day}T${hour}:${minute}:${second}`;
}

const isAlike = (said, logged) => {
  if (typeof said === "function") return typeof logged === "string" && said(logged);
  return Array.isArray(said) ? Array.isArray(logged) && same(said, logged) : said === logged;
};
// Whether a fact is what was meant, by the very seat that acted, in every field of both.
const isMeant = (fact, { name, said }, seat) => {
  const says = Object.keys(fact).filter((one) => !OF_THE_ROLL.includes(one));
  return fact.name === name && fact.by === seat && says.every((one) => Object.hasOwn(said, one)) && Object.keys(said).every((one) => isAlike(said[one], fact[one]));
};

// The act of a procedure that each fact is (openroll.register.request.state, ACTS); what is not here leaves a request in its step.
const ACTS = { returned: "return", completed: "complete", "asked-back": "ask-back", "answered-back": "answer-back", confirmed: "confirm", approved: "approve", narrowed: "narrow", seconded: "second",
  refused: "refuse", annulled: "refuse", objected: "object", "let-pass": "let-pass", withdrawn: "withdraw", preserved: "preserve", produced: "produce", answered: "answer", told: "tell", "nobody-told": "nobody" };
// The step that a request stands in after each of its facts.
function stepsOf(facts, { begins, moves }) {
  let step = begins;
  return facts.map((fact) => {
    const act = lookup(ACTS, fact.name.replace(/^request\.|\/\d+$/g, "")), to = lookup(moves, step);
    // An operator of before said by an answer that it preserves nothing.
    step = fact.name === PASSED ? fact.to : lookup(to, act) || (act === "answer" && lookup(to, "decline")) || step;
    return step;
  });
}
// The taking of a seat by which it had all the envelopes that there were in the step that the request stood in, since the first so many
// facts; undefined where there is none: then a new one had to be made.
function takenBefore(facts, before, seat, own, procedure) {
  const steps = stepsOf(facts, procedure), sealed = facts.map((_, place) => facts.slice(0, place + 1).filter(({ envelope }) => envelope).length);
  for (let end = Math.max(before, 1); end <= facts.length; end += 1) {
    const place = facts.slice(0, end).findLastIndex((one) => one.name === TAKES && one.by === seat);
    if (place >= 0 && facts[place].organisation === own && steps[place] === steps[end - 1] && sealed[place] === sealed[end - 1]) return facts[place];
  }
  return undefined;
}

// What proved facts have of an act that a seat did after `before`: { found }, or { since }, the facts that came since. An entry that is
// to be the act's stands behind what the log had: an older one is of an older act. Throws Unproved where those of before are not what they were.
export function inLog(facts, before, meantAs, { own, seat, procedure }) {
  if (!before.facts.every((one, place) => facts.served[place] === one)) throw new Unproved("otherwise", "");
  const since = facts.slice(before.facts.length).filter(({ name }) => name !== PASSED);
  const isIt = (one) => one.entry.position >= before.size && isMeant(one, meantAs(facts[0], stepBefore(facts, one, procedure)), seat);
  const opens = meantAs(facts[0]).name === TAKES && procedure;
  const found = since.find(isIt) || (opens ? takenBefore(facts, before.facts.length, seat, own, procedure) : undefined);
  return found ? { found } : { since };
}
const stepBefore = (facts, fact, procedure) => (procedure ? stepsOf(facts, procedure)[facts.indexOf(fact) - 1] : undefined);

// The fact that an act made, after what there was `before`. `by` is who acts: { own, seat, procedure }. Throws Unproved: `otherwise`, with
// what the log has; `not-logged`, where it has no place there in time; `silent`, where the log has nothing of it.
export async function readBack(number, before, meantAs, by, spans) {
  for (let at = 0; at < LOOKS; at += 1) {
    if (at) await new Promise((resume) => { setTimeout(resume, WAIT); });
    const facts = await factsOf(number, spans).catch((error) => { throw error.code === "not-yet" ? new Unproved("not-logged") : error; });
    const { found, since } = inLog(facts, before, meantAs, by);
    if (found) return found;
    const fresh = since.filter(({ entry }) => entry.position >= before.size);
    if ((fresh.length && meantAs(facts[0]).name !== TAKES) || (since.length && at === LOOKS - 1)) throw otherwise(facts, since);
  }
  throw new Unproved("silent");
}
// After a refusal, which is the roll's word too, or no answer: what the log has since of an act by this very seat. Throws Unproved:
// `done-still`, with the act as it was meant; `otherwise`, with what it has in its place. Else { size }: so many entries have nothing of it.
// What was refused is looked for once, at once; what was not answered for ten seconds (openroll.cli.requests.unanswered says why).
// `number` 0: a filing, which is looked for among the newest requests of its authority.
export async function lookAfter(number, before, meantAs, by, spans, refused) {
  const looks = refused ? 1 : 20;
  for (let at = 0; at < looks; at += 1) {
    for (const of of number ? [number] : await newestOf(by.own)) {
      const { facts } = await json(`/api/v1/requests/${of}`), since = facts.slice(before.facts.length).filter(({ name }) => name !== PASSED);
      if (since.some((one) => isOwn(one, number, meantAs, by))) return sinceThen(await factsOf(of, spans), before, meantAs, by);
    }
    if (at + 1 < looks) await new Promise((resume) => { setTimeout(resume, WAIT / 2); });
  }
  return { size: await sizeOf(spans) };
}
const newestOf = async (own) => (await json("/api/v1/requests")).filter(({ authority }) => authority === own).slice(0, 3).map(({ number }) => number);
// What a seat did in a request; of its filings that with the envelope that was sent, as it has others.
const isOwn = ({ body }, number, meantAs, by) => {
  const fact = JSON.parse(body);
  return fact.by === by.seat && (number > 0 || fact.envelope === meantAs(fact).said.envelope);
};
function sinceThen(facts, before, meantAs, by) {
  const { found, since } = inLog(facts, before, meantAs, by), own = found ? [found] : since.filter((one) => one.by === by.seat && one.entry.position >= before.size);
  if (!own.length) return { size: before.size };
  throw Object.assign(otherwise(facts, own), { code: found ? "done-still" : "otherwise" });
}
const otherwise = (facts, since) => Object.assign(new Unproved("otherwise", since.map(factSaid).join("; ")), { receipts: since.map((one) => [one.entry.position, facts.receipts[facts.indexOf(one)]]) });
const factSaid = (fact) => {
  const said = Object.entries(fact).filter(([name, value]) => !OF_THE_ROLL.includes(name) && String(value)).map(([name, value]) => `${name}: ${[value].flat().join(" ")}`);
  return oneLine([fact.name, ...said, fact.by].join(", "));
};
// That something was filed, which produces from an earlier request, stands there too.
export const producedBy = (later) => () => ({ name: "request.produced/1", said: { later } });
export const actOf = (form) => form.dataset.act || (Object.hasOwn(form.dataset, "open") ? "open" : "");
export const numberIn = (address) => Number(lookup(/\/(\d+)(?:[?#].*)?$/.exec(address || "") || [], "1"));
