// What the roll says of a request and of keys, held against its receipts, as openroll.watch.requests.proved does it.
import { publishedOf } from "./envelope-keys.js";
import { Bad, utf8 } from "./plain.js";
import { check, claimedSize, headOf } from "./receipt.js";
import { isOfItsParty, isOfTheTwo, isSeatOf, operatorsOf } from "./whose.js";

const MOST_KEYS = 4, TRIES = 240, WAIT = 250;  // a minute (docs/log.md, "What is promised")
// `code` is a word of the page (`unproved`, `not-yet`, `no-key`, `anothers`), `more` what it is about.
export class Unproved extends Error { constructor(code, more = "") { super(code); Object.assign(this, { code, more }); } }

// What a receipt proves under the keys of its time: { kind, body, index }; nothing where it proves nothing. `byAct` as `check` has it:
// for what is said of requests, and not for the receipts of a record.
export function provedBy(receipt, spans, byAct = true) {
  const bytes = utf8.encode(receipt), said = check(bytes, keysAt(spans, claimedSize(bytes)), undefined, byAct);
  // What is said of requests are official acts, and their entries say them in clear: one without text would prove to each what they are shown.
  return said.code === "good" && (said.proved.act || !byAct) ? said.proved : undefined;
}

const keysAt = (spans, size) => (spans.find(([from]) => size >= from) || spans[spans.length - 1])[1];

// How many entries the log has, by its head as its keys signed it.
export async function sizeOf(spans) {
  const answer = await fetch("/log/checkpoint", { cache: "no-store" });
  if (!answer.ok) throw new Unproved("failed");
  const bytes = new Uint8Array(await answer.arrayBuffer());
  try { return headOf(bytes, (size) => keysAt(spans, size)).size; } catch (error) { if (error instanceof Bad) throw new Unproved("unproved"); throw error; }
}

function factOf({ name, body, receipt }, spans) {
  const found = provedBy(receipt, spans);
  if (!found || found.kind !== name || (body !== undefined && found.body !== body)) throw new Unproved("unproved");
  return { ...JSON.parse(found.body), name, entry: { position: found.index, day: found.day } };
}
async function got(path) {
  const answer = await fetch(path, { cache: "no-store", headers: { accept: "application/json" } });
  if (!answer.ok) throw new Unproved("failed");
  return answer.json();
}

// What somebody else wrote into the log in the name of a body: nothing rests on it.
const anothers = (body, { name, by }) => new Unproved("anothers", `${body} (${name}, ${by})`);

// Operators with who succeeded each, proved: [operator, heir].
const heirsOf = (successions, spans) => successions.map((one) => factOf(one, spans)).map((fact) => {
  if (fact.name !== "operator.succeeded/1") throw new Unproved("unproved");
  if (!isOfTheTwo(fact)) throw anothers(fact.operator, fact);
  return [fact.operator, fact.heir];
});

// The facts of a request in their order, each proved, with `heirs`: who succeeded which operator. Waits some seconds for the newest to
// have its place in the log.
// Whether what was sent anew, or answered back, comes in the order of its moments: else an older one passes for the newest.
const ANEW = [["request.filed/1", "request.completed/1"], ["request.answered-back/1"]];
export const inOrder = (facts) => ANEW.every((names) => facts.filter(({ name, envelope }) => envelope && names.includes(name))
  .map(({ at }) => Date.parse(at)).every((at, nth, all) => nth === 0 || all[nth - 1] <= at));

export async function factsOf(number, spans) {
  for (let at = 0; at < TRIES; at += 1) {
    const { facts, successions = [] } = await got(`/api/v1/requests/${number}`);
    if ([...facts, ...successions].every(({ receipt }) => receipt)) {
      const found = facts.map((one) => factOf(one, spans));
      // Of two filings of one number nobody can tell here which is the request.
      if (found.findLastIndex(({ name }) => name === "request.filed/1") !== 0 || found.some(({ request }) => request !== number)) throw new Unproved("unproved");
      if (!inOrder(found)) throw new Unproved("unproved");
      const heirs = heirsOf(successions, spans), [filed] = found, operators = operatorsOf(filed.operator, heirs);
      const other = found.find((one) => !isOfItsParty(one, filed, operators));
      if (other) throw anothers(number, other);
      return Object.assign(found, { heirs, served: facts.map(({ name, body }) => `${name} ${body}`), receipts: facts.map(({ receipt }) => receipt) });
    }
    await new Promise((resume) => setTimeout(resume, WAIT));
  }
  throw new Unproved("not-yet");
}

// A registered use of an authority, as its receipt proves it: on what basis it asks, and who supervises.
export function useOf(use, receipt, authority, spans) {
  if (!receipt) throw new Unproved("not-yet");
  const fact = factOf({ name: "use.registered/1", receipt }, spans);
  if (fact.use !== use || fact.organisation !== authority) throw new Unproved("unproved");
  if (!isSeatOf(fact.by, authority)) throw anothers(authority, fact);
  return fact;
}

// Every key that an organisation published, the newest first, each proved to be its own: { published, ended, from, until }, `from` and
// `until` being the entries by which it was published and ended. One of a moment ago is
// waited for, as a fact is.
export async function keysOf(organisation, spans) {
  let keys;
  for (let at = 0; at < TRIES && !keys?.every(({ receipt }) => receipt); at += 1) {
    if (keys) await new Promise((resume) => setTimeout(resume, WAIT));
    keys = await got(`/api/v1/envelope-keys/${encodeURIComponent(organisation)}`);
  }
  return keys.map(({ key, ended, receipt, ended_receipt: end }) => {
    if (!receipt) throw new Unproved("not-yet");
    const fact = factOf({ name: "envelope-key.published/1", receipt }, spans), published = publishedOf(fact.public);
    if (fact.organisation !== organisation || fact.key !== key || published.id !== key) throw new Unproved("unproved");
    if (!isSeatOf(fact.by, organisation)) throw anothers(organisation, fact);
    const until = () => { // a key whose end is not proved signs nothing
      if (!end) return 0;
      const over = factOf({ name: "envelope-key.ended/1", receipt: end }, spans);
      if (over.organisation !== organisation || over.key !== key) throw new Unproved("unproved");
      return isSeatOf(over.by, organisation) ? over.entry.position : 0;
    };
    return { published, ended, from: fact.entry.position, until };
  });
}
// The entry from which on a key signs nothing.
export const endOf = ({ ended, until }) => (ended ? until() : Infinity);

async function keysInForce(organisation, spans) {
  const keys = (await keysOf(organisation, spans)).filter(({ ended }) => !ended).map(({ published }) => published);
  if (!keys.length) throw new Unproved("no-key", organisation);
  return keys;
}

// The keys that an envelope to these organisations is sealed to.
export async function toSealTo(organisations, spans) {
  const found = [];
  for (const name of new Set(organisations)) found.push(...(await keysInForce(name, spans)).slice(0, MOST_KEYS).map(({ sealing }) => sealing));
  return found;
}
// The first of these keys that an organisation has published and that is in force: what any other signs nobody could check.
export async function ownKey(keys, organisation, spans) {
  const published = await keysInForce(organisation, spans), found = keys.find(({ id }) => published.some((one) => one.id === id));
  if (!found) throw new Unproved("own-key", keys.map(({ id }) => id).join(", "));
  return found;
}
export const signersOf = async (organisation, spans) => (organisation ? (await keysOf(organisation, spans)).map(({ published }) => published.verifying) : []);
export const json = got;
