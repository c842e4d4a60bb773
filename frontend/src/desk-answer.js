// The operator finds ONE record in its own files, and anyone checks the answer: as openroll.sheet.disclosed and
// openroll.register.request.checked do. Nothing here asks the register which record is meant.
import { parse } from "./disclosures.js";
import { alike, bare, normalised, opens } from "./packing.js";
import { lookup, octets, strictText, utf8 } from "./plain.js";
import { claimed } from "./receipt.js";
import { recordTag } from "./record-tag.js";

export const GIVING = ["given", "partly"], NOT_GIVING = ["not-held", "impossible", "immunity", "conflict-of-law", "unclear", "disproportionate"];
// `code` is a word of the page: `none`, `several`, `other-way`, `unread`, `another`, `file-wrong`, `no-field`, `all-withheld`; `more` what it is about.
export class Unfound extends Error { constructor(code, more = "") { super(code); Object.assign(this, { code, more }); } }

// A disclosure, { name, value, digest, salt }, its value undefined where it is no text; undefined for what is none (RFC 9901 section 4.2.1).
export function disclosure(encoded) {
  const one = parse(encoded);
  return one && { name: one.field, value: one.isText ? one.value : undefined, digest: one.digest, salt: one.salt };
}

const strings = (list) => Array.isArray(list) && list.every((one) => typeof one === "string");
// A line of a disclosures file (openroll.sheet.pack.Kept), the account empty where the list had handles.
function keptIn(line) {
  let kept;
  try { kept = JSON.parse(line); } catch { throw new Unfound("file-wrong"); }
  const { handle, disclosures, decoys = [], account = "", openings = {} } = kept || {};
  if (typeof handle !== "string" || typeof account !== "string" || !strings(disclosures) || !strings(decoys)) throw new Unfound("file-wrong");
  if (!openings || typeof openings !== "object" || Array.isArray(openings) || !strings(Object.values(openings))) throw new Unfound("file-wrong");
  return { handle, disclosures, decoys, account, openings };
}

// A record of the operator's: its lines, one of each packing that it was in, in the order of the files.
export const ownRecord = (lines) => ({ handle: lines[0].handle, account: lines.find(({ account }) => account)?.account || "", lines });

// The one record of disclosures files (the bytes of each) that an ask means, or that the operator names by its own number: never another than
// the ask names. Without an ask, where none can be read, by that number alone.
export function recordIn(files, ask, account) {
  const named = ask?.record.by === "subscription" ? ask.record.number : "", wanted = account || named;
  if (!wanted) throw new Unfound(ask ? "other-way" : "unread");
  const kept = files.flatMap(linesIn).map(keptIn), found = ofNumber(kept, wanted);
  if (found.length !== 1) throw new Unfound(found.length ? "several" : "none");
  const [own] = found, asked = named ? ofNumber(kept, named) : [];
  if (named && (asked.length === 1 ? asked[0].handle !== own.handle : !alike(own.account, named))) throw new Unfound("another", `${named} · ${own.account}`);
  return own;
}
function linesIn(file) {
  const lines = (strictText(file) ?? refused()).split("\n");
  if (lines[lines.length - 1] === "") lines.pop();
  return lines;
}
// The records of a number to the letter, else without the marks that stand within it.
function ofNumber(kept, number) {
  const plain = normalised(number), near = kept.filter(({ account }) => plain !== undefined && account && bare(account) === bare(plain));
  const exact = near.filter(({ account }) => account === plain), found = exact.length ? exact : near;
  return [...new Set(found.map(({ handle }) => handle))].map((handle) => ownRecord(found.filter((one) => one.handle === handle)));
}
const refused = () => { throw new Unfound("file-wrong"); };

// Of receipts those that are of this record, by handle or by digests: its own, and those that a receipt of it names beside them. Whether
// they hold is for whoever gets them to check (openroll.sheet.disclosed.receipts_of).
function receiptsOf(own, receipts) {
  const known = new Set(own.lines.flatMap(digestsOf)), found = new Set();
  for (let more = true; more;) {
    more = false;
    for (const receipt of receipts) {
      const fact = found.has(receipt) ? undefined : factOf(claimed(utf8.encode(receipt)));
      const named = fact && ["digests", "added", "dropped"].flatMap((part) => (Array.isArray(fact[part]) ? fact[part] : []));
      if (!fact || (fact.handle !== own.handle && !named.some((one) => known.has(one)))) continue;
      found.add(receipt);
      more ||= named.some((one) => !known.has(one));
      named.forEach((one) => known.add(one));
    }
  }
  return ofOneFiling(receipts.filter((receipt) => found.has(receipt)), new Set(own.lines.flatMap(digestsOf)));
}

// Of receipts those that can be of one filing among them: another record had the handle before. Of several filings the one with these digests
// counts, else the newest, with what names it.
function ofOneFiling(receipts, own) {
  const read = receipts.map((receipt) => ({ receipt, fact: factOf(claimed(utf8.encode(receipt))) })), isFiling = ({ kind_of_fact: kind }) => kind === "subscription.filed/1";
  const rank = ({ digests, entry, salt }) => `${Number(Array.isArray(digests) && digests.some((one) => own.has(one)))} ${String(entry.position).padStart(20, "0")} ${octets(salt)}`;
  const filings = read.filter(({ fact }) => isFiling(fact)).map(({ fact }) => fact).sort((one, other) => (rank(one) < rank(other) ? -1 : 1)), filing = filings.pop();
  const fits = (fact) => (isFiling(fact) ? fact.entry.position === filing.entry.position : !fact.record || fact.record === recordTag(filing.salt, fact.salt));
  return filing ? read.filter(({ fact }) => fits(fact)).map(({ receipt }) => receipt) : receipts;
}

// The digests that a line opens, and its decoys.
const digestsOf = (kept) => [...kept.disclosures.map((encoded) => disclosure(encoded)?.digest), ...kept.decoys];
// The line whose digests stand on the record by these receipts of it; where they tell nothing, or the same of several, the last one counts
// that has digests (openroll.sheet.disclosed.OwnRecord.standing).
function standingLine(own, receipts) {
  const stand = recordOf(ofEachEntry(receipts.map((receipt) => claimed(utf8.encode(receipt)))).filter(factOf)).record?.digests || new Set();
  const rank = (kept) => { const digests = new Set(digestsOf(kept)); return [[...digests].filter((one) => stand.has(one)).length, Math.sign(digests.size)]; };
  return own.lines.reduce((best, kept) => {
    const [standing, any] = rank(kept), [most, other] = rank(best);
    return standing > most || (standing === most && any >= other) ? kept : best;
  });
}

// By field what shows that the disclosures given of a record were filed under its number, where that is the one asked about.
function openingsOf({ account, openings = {} }, given, number) {
  if (!number || !account || !alike(account, number)) return {};
  return Object.fromEntries(given.filter(({ name, salt }) => opens(lookup(openings, name) || "", salt, account)).map(({ name }) => [name, openings[name]]));
}

// The number that an ask names; empty where it names its record otherwise, undefined where what is asked is not known.
export const numberIn = (ask) => ask && (ask.record.by === "subscription" ? ask.record.number : "");

// Whose values were `given` is told. A number says whose; with which record a code, a domain or an address was answered, no page knows.
export const isSureWhose = (ask, given) => !given.length || Boolean(numberIn(ask));

// Exactly the approved fields of a record (`ownRecord`) but those `kept back` (field: code), with those of these receipts that are of it, and what
// shows that they are of the `number` asked about: { answer, fields }.
export function answerOf(own, approved, receipts, keptBack = {}, number = "") {
  const proofs = receiptsOf(own, receipts), kept = standingLine(own, proofs);
  const opened = kept.disclosures.map((encoded) => ({ encoded, ...disclosure(encoded) }));
  if (opened.some(({ name }) => name === undefined)) throw new Unfound("file-wrong");
  const byName = new Map(opened.map((one) => [one.name, one.encoded])), there = approved.filter((name) => byName.has(name) && !lookup(keptBack, name));
  const reasons = approved.map((name) => lookup(keptBack, name)).filter(Boolean);
  if (!there.length) throw reasons.length ? new Unfound("all-withheld", reasons[0]) : new Unfound("no-field");
  const withheld = Object.fromEntries(approved.filter((name) => !there.includes(name)).map((name) => [name, lookup(keptBack, name) || "not-held"]));
  const outcome = there.length < approved.length ? "partly" : "given";
  const openings = openingsOf(kept, opened.filter(({ name }) => there.includes(name)), number);
  const shown = Object.keys(openings).length ? { number: kept.account, openings } : {};
  const answer = { is: "answer", outcome, disclosures: there.map((name) => byName.get(name)), receipts: proofs, withheld, ...shown };
  return { answer, fields: there };
}

// Checking

const KINDS = ["filed", "changed", "corrected", "ended", "erased", "ported"].map((name) => `subscription.${name}/1`);
const NAMELESS = ["subscription.filed/1", "subscription.erased/1"];
export function factOf(proved) {
  if (!proved || !KINDS.includes(proved.kind)) return undefined;
  try { return { ...JSON.parse(proved.body), kind_of_fact: proved.kind, salt: proved.salt, entry: { position: proved.index, day: proved.day } }; } catch { return undefined; }
}
// Receipts that are read, of each entry once, in the log's order.
export function ofEachEntry(read) {
  const each = new Map(read.map((one) => [`${String(one.index).padStart(20, "0")} ${octets(one.salt)}`, one]));
  return [...each].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, one]) => one);
}
const shares = (some, others) => [...some].some((one) => others.has(one));

// A record after one more of its facts; undefined for one that is not its own. A fact that names its record proves by it that it is;
// `unnamed` are digests that stand only by facts of before that, and `moved` says whether one of those moved the record.
function after(record, fact) {
  const kind = fact.kind_of_fact;
  if (kind === "subscription.filed/1") return record ? undefined : { operator: fact.operator, handle: fact.handle, digests: new Set(fact.digests), before: new Set(), since: new Map(), unnamed: new Set(), moved: false, erased: false, filing: fact.salt };
  if (!record) return undefined;
  const named = !NAMELESS.includes(kind) && Boolean(fact.record);
  if (named && fact.record !== recordTag(record.filing, fact.salt)) return undefined;
  if (kind === "subscription.ported/1") return fact.losing === record.operator ? { ...record, operator: fact.gaining, handle: fact.handle, moved: record.moved || !named } : undefined;
  if (kind === "subscription.erased/1") return { ...record, erased: true };
  if (kind === "subscription.ended/1") return record;
  return withDigests(record, fact, kind === "subscription.changed/1", named);
}
function withDigests(record, fact, changed, named) {
  const dropped = new Set(fact.dropped || []), added = fact.added || [];
  const digests = new Set(changed ? fact.digests : [...[...record.digests].filter((one) => !dropped.has(one)), ...added]);
  const own = changed ? named || shares(digests, record.digests) : [...dropped].every((one) => record.digests.has(one)) && (named || dropped.size > 0 || !added.length);
  if (!own) return undefined;
  const still = named ? [...record.unnamed].filter((one) => !changed && !added.includes(one)) : [...record.unnamed, ...[...digests].filter((one) => !record.digests.has(one))];
  const unnamed = new Set(still.filter((one) => digests.has(one)));
  return { ...record, digests, unnamed, before: new Set([...record.before, ...record.digests].filter((one) => !digests.has(one))) };
}

// From where on each digest stands without a break: by a fact that names the record, as soon as there is one.
function sinceOf(record, next, entry) {
  const still = (one) => record?.since.has(one) && !(record.unnamed.has(one) && !next.unnamed.has(one));
  return new Map([...next.digests].map((one) => [one, still(one) ? record.since.get(one) : entry]));
}
// Of a digest that stands on a record: whether nothing proves that it is this record's, and whether it may have come after it was asked about.
export const isUnproved = (record, digest) => record.moved || record.unnamed.has(digest);
export const isLate = (record, digest, asked) => isAfter(record.since.get(digest), asked);

export function recordOf(proved) {
  let record;
  const faults = [], others = new Set();
  // Those of one round of the log stand in an order that says nothing, and a filing comes before all else of its record.
  const begins = ({ kind }) => kind === "subscription.filed/1";
  for (const fact of [...proved.filter(begins), ...proved.filter((one) => !begins(one))].map(factOf)) {
    const next = fact && after(record, fact);
    if (next) {
      record = { ...next, since: sinceOf(record, next, fact.entry) };
    } else if (fact) {
      [fact.digests, fact.added].flat().filter(Boolean).forEach((one) => others.add(one));
      faults.push({ field: "", why: "other-record" });
    } else faults.push({ field: "", why: "receipt" });
  }
  for (const one of [...others]) if (record && (record.digests.has(one) || record.before.has(one))) others.delete(one);
  return { record, others, faults };
}

function contradicts({ outcome, withheld, disclosures, number, openings }, approved) {
  if (Boolean(number) !== Object.keys(openings || {}).length > 0) return true;
  if (![...GIVING, ...NOT_GIVING].includes(outcome) || Object.values(withheld).some((code) => !NOT_GIVING.includes(code))) return true;
  return Object.keys(withheld).some((name) => !approved.includes(name)) || (disclosures.length > 0) !== GIVING.includes(outcome);
}

// What the sealed answer and the public one say differently.
function announced(answer, { approved, outcome, given }, names) {
  const explained = GIVING.includes(answer.outcome) ? Object.keys(answer.withheld) : approved;
  return [
    ...(answer.outcome === outcome ? [] : [{ field: "", why: "not-announced" }]),
    ...names.filter((name) => approved.includes(name) && !given.includes(name)).map((field) => ({ field, why: "not-announced" })),
    ...given.filter((name) => !names.includes(name)).map((field) => ({ field, why: "missing" })),
    ...approved.filter((name) => ![...names, ...explained, ...given].includes(name)).map((field) => ({ field, why: "missing" })),
    ...names.filter((name) => Object.hasOwn(answer.withheld, name)).map((field) => ({ field, why: "contradicts" })),
  ];
}

// By its day, and on one day by its index: a log that begins anew places its facts anew, and keeps their days.
const isAfter = (one, other) => Boolean(other) && (one.day > other.day || (one.day === other.day && one.position > other.position));

// The operator of a record, and whoever succeeded it: what was filed by the one is the others' to answer.
function answering(operator, heirs) {
  const found = new Set([operator]);
  for (const one of found) heirs.filter(([of]) => of === one).forEach(([, heir]) => found.add(heir));
  return found;
}

const UNTOLD = ["digests", "added", "dropped", "rule", "record"];
// What a receipt shows of a record in public, its digests left out: { kind, day, position, named, told }, `told` its [name, value]. Not `named`: it
// could be of another record.
function publicOf(one) {
  const body = JSON.parse(one.body), told = Object.entries(body).filter(([name, value]) => !UNTOLD.includes(name) && ["string", "number"].includes(typeof value) && value !== "");
  return { kind: one.kind, day: one.day, position: one.index, named: NAMELESS.includes(one.kind) || Boolean(body.record), told };
}

// What is wrong with the number that an answer opens: another than was asked about, or none was; or it opens nothing.
function numberFaults({ number = "", openings = {} }, expected, read) {
  const faults = number && expected.number !== undefined && !alike(number, expected.number) ? [{ field: "", why: "other-number" }] : [];
  const salts = new Map(read.filter((one) => one?.name).map(({ name, salt }) => [name, salt]));
  for (const [field, opening] of Object.entries(openings)) {
    if (!salts.has(field)) faults.push({ field, why: "contradicts" });
    else if (!opens(opening, salts.get(field), number)) faults.push({ field, why: "other-number" });
  }
  return faults;
}

// An answer held against the receipts that it brings: { values, faults, unproved, late, unopened, besides }. With any fault it is not good. `unproved`
// are fields whose value this operator filed, nothing proves on which record; `late` those that may have come after the request; `unopened` those that nothing shows to be of the number asked about
// (`expected.number`: empty where it was asked otherwise, undefined where that is not known); `besides` is
// what its receipts show of the record in public.
export function checked(answer, expected, provedBy) {
  const none = { values: [], unproved: [], late: [], unopened: [], besides: [] };
  if (contradicts(answer, expected.approved)) return { ...none, faults: [{ field: "", why: "contradicts" }] };
  const read = answer.disclosures.map(disclosure), names = read.map((one) => one?.name ?? "");
  const faults = announced(answer, expected, names);
  if (!GIVING.includes(answer.outcome)) return { ...none, faults };
  const found = answer.receipts.map(provedBy), good = ofEachEntry(found.filter(Boolean));
  faults.push(...found.filter((one) => !one).map(() => ({ field: "", why: "receipt" })));
  const { record, others, faults: odd } = recordOf(good);
  faults.push(...odd);
  if (!record) return { ...none, faults: [...faults, { field: "", why: "no-receipt" }] };
  if (!answering(record.operator, expected.heirs || []).has(expected.operator)) faults.push({ field: "", why: "other-operator" });
  if (record.erased) faults.push({ field: "", why: "erased" });
  const values = [];
  for (const one of read) {
    const why = judged(one, expected, record, others) || (names.filter((name) => name === one.name).length > 1 ? "twice" : "");
    if (why) faults.push({ field: one?.name ?? "", why });
    else values.push([one.name, one.value]);
  }
  faults.push(...numberFaults(answer, expected, read));
  const faulty = new Set(faults.map(({ field }) => field)), sound = faulty.has("") ? [] : values.filter(([name]) => !faulty.has(name));
  const digestOf = new Map(read.filter(Boolean).map((one) => [one.name, one.digest])), shown = sound.map(([name]) => name);
  return {
    values: sound, faults, unproved: shown.filter((name) => isUnproved(record, digestOf.get(name))),
    late: shown.filter((name) => isLate(record, digestOf.get(name), expected.asked)),
    unopened: shown.filter((name) => expected.number && !Object.hasOwn(answer.openings || {}, name)),
    besides: good.filter(factOf).map(publicOf),
  };
}
function judged(one, expected, record, others) {
  if (one?.value === undefined) return "form";
  if (!expected.approved.includes(one.name)) return "not-approved";
  if (record.digests.has(one.digest)) return "";
  if (record.before.has(one.digest)) return "superseded";
  return others.has(one.digest) ? "other-record" : "altered";
}
