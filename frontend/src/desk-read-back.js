// After an act: what the log has of it, held against what was sent, as openroll.watch.requests.read_back does it. An act stands as the
// log says it: whoever owns the database can write another one than the page sent, and the log proves that.
import { factsOf, json, Unproved } from "./desk-proof.js";
import { digest } from "./envelope.js";
import { bytesOf, lookup, oneLine, same, stripped } from "./plain.js";
import { isSeatOf } from "./whose.js";

const LOOKS = 7; // each waits ten seconds for the newest fact: a log promises a place within a minute
const PASSED = "request.time-passed/1";
// What a roll says of an act, and nobody sends; `step` and `procedure` are where its request stands, and the rule's way.
const OF_THE_ROLL = ["name", "entry", "request", "at", "by", "rule", "step", "procedure"];
const sealedIn = (base64) => (base64 ? digest(bytesOf(atob(base64))) : "");
const textOf = (value = "") => stripped(value.replace(/\r\n?/g, "\n"));

// The facts of a request as they are served, not proved yet: what an act comes after.
export const servedBefore = async (number) => (await json(`/api/v1/requests/${number}`)).facts.map(({ name, body }) => `${name} ${body}`);

// What each act says in the log, by the fields of its form: { names, said }.
// The facts of the request say what was asked for: an approval of all of it is another act than one of less.
export const meantBy = (act, form, { own, zone }) => (filed) => meantAfter(act, form, own, zone, filed);
function meantAfter(act, form, own, zone, filed) {
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
    extend: () => kind("time-extended/1", { ...until, ...why }),
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

// A moment as it was typed: by the roll's clock, or with its offset from UTC.
const untilIn = (typed = "", zone) => {
  const text = stripped(typed).replace(" ", "T");
  return (at) => (/(Z|[+-]\d\d:?\d\d)$/i.test(text) ? Date.parse(text) === Date.parse(at) : clockAt(at, zone).startsWith(text));
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
const isMeant = (fact, { name, said }, own) => {
  const says = Object.keys(fact).filter((one) => !OF_THE_ROLL.includes(one));
  return fact.name === name && isSeatOf(fact.by, own) && says.every((one) => Object.hasOwn(said, one)) && Object.keys(said).every((one) => isAlike(said[one], fact[one]));
};

// The fact that an act made, after those of `before`. Throws Unproved: `otherwise`, with what the log has; `not-logged`, where it has nothing in time.
export async function readBack(number, before, meantAs, own, spans) {
  for (let at = 0; at < LOOKS; at += 1) {
    const facts = await factsOf(number, spans).catch((error) => { if (error.code !== "not-yet") throw error; });
    if (!facts) continue;
    const meant = meantAs(facts[0]);
    if (!before.every((one, place) => facts.served[place] === one)) throw new Unproved("otherwise", `${number}`);
    const since = facts.slice(before.length).filter(({ name }) => name !== PASSED), found = since.find((one) => isMeant(one, meant, own));
    if (found) return found;
    // Each seat's taking stands there once in each step.
    if (meant.name === "request.opened/1" && !since.length && facts.some((one) => isMeant(one, meant, own))) return undefined;
    if (since.length) throw Object.assign(new Unproved("otherwise", since.map(factSaid).join("; ")), { receipts: since.map(({ entry }) => [entry.position, facts.receipts[facts.findIndex((one) => one.entry === entry)]]) });
    await new Promise((resume) => { setTimeout(resume, 1000); });
  }
  throw new Unproved("not-logged");
}
const factSaid = (fact) => {
  const said = Object.entries(fact).filter(([name, value]) => !OF_THE_ROLL.includes(name) && String(value)).map(([name, value]) => `${name}: ${[value].flat().join(" ")}`);
  return oneLine([fact.name, ...said, fact.by].join(", "));
};
// That something was filed, which produces from an earlier request, stands there too.
export const producedBy = (later) => () => ({ name: "request.produced/1", said: { later } });
export const actOf = (form) => form.dataset.act || (Object.hasOwn(form.dataset, "open") ? "open" : "");
export const numberIn = (address) => Number(lookup(/\/(\d+)(?:[?#].*)?$/.exec(address || "") || [], "1"));
