// What a person was told, compared with what stands in public of that request: as openroll.register.request.compared does it. An
// operator's program wrote the notice. `as` names what is fetched: the lists that are the same for everybody, never one request.
import { sha256 } from "@noble/hashes/sha2.js";
import { monthOf } from "./month-list.js";
import { about, bucketOf, heapNumber, heapsFor, monthBucket, noticeContext, wordsOf } from "./notice.js";
import { hex, utf8 } from "./plain.js";

const PAGE = 200;
const ALIKE = ["authority", "reviewer", "urgency", "outcome", "given", "annulled", "postponed_why"];
const NAMES = [...ALIKE, "authority_title", "operator", "filed", "asked", "purpose", "basis", "approved", "postponed", "supervisor", "supervised_at", "word"];
const digestOf = (word) => hex(sha256(utf8.encode(word)));
const BETWEEN = " / ";
const inAll = (texts) => [...new Set(Object.values(texts))].join(BETWEEN);
// A moment to its microsecond, in whatever zone it is written; NaN, which no other is, for what is none.
function moment(value) {
  const found = /^([^.]+?)(\.\d{1,6})?(Z|[+-]\d\d:\d\d)$/.exec(value), at = found ? Date.parse(found[1] + found[3]) : NaN;
  return Number.isNaN(at) ? NaN : `${at}${(found[2] || ".").padEnd(7, "0")}`;
}
const sameMoment = (one, other) => (one === null || other === null ? one === other : moment(one) === moment(other));
// The order of languages and of fields says nothing: programs write them each in its own.
const IN_ANY_ORDER = ["asked", "approved", "given", "authority_title", "purpose"];
const sorted = (value) => [...(typeof value === "string" ? value.split(BETWEEN) : value)].sort();
function same(name, one, other) {
  if (name === "filed" || name === "postponed") return sameMoment(one, other);
  const [left, right] = IN_ANY_ORDER.includes(name) ? [sorted(one), sorted(other)] : [one, other];
  return JSON.stringify(left) === JSON.stringify(right);
}

// What was told from a month (as 2026-11) to the `last`, each month whole, the oldest first, and all uses, ended ones too. `months` says
// of how many requests the roll says that somebody was told in each: it counts them some minutes ago, so those about this one are
// fetched too. `ask` gives the text at a path. It is asked the same whoever looks, and whether anything was told or not.
export async function publicPart(ask, first, last, months) {
  const since = monthBeside(first, -1), newest = Object.keys(months).sort().slice(-1);
  const about = [...[-1, 0, 1].map((by) => monthBeside(last, by)), ...newest.map((one) => monthBeside(one, 1))];
  const listed = [...new Set([...Object.keys(months), ...about])].filter((one) => one >= since).sort(), requests = new Map();
  for (const month of listed) for (const one of monthOf(await ask(`told/${month}`), month)) requests.set(one.number, one);
  const older = Object.keys(months).filter((one) => one < since).reduce((sum, one) => sum + months[one], 0);
  return { requests, uses: await everyUse(ask), older };
}

function monthBeside(month, by) {
  const at = Number(month.slice(0, 4)) * 12 + Number(month.slice(5)) - 1 + by;
  return `${String(Math.floor(at / 12)).padStart(4, "0")}-${String((at % 12) + 1).padStart(2, "0")}`;
}

async function everyUse(ask) {
  const found = new Map();
  for (let more = ""; ; more = `&before=${[...found.keys()].at(-1)}`) {
    const page = JSON.parse(await ask(`uses?ended=true${more}`)).filter((one) => !found.has(one.number));
    for (const one of page) found.set(one.number, one);
    if (page.length < PAGE) return found;
  }
}

// A notice beside what was fetched (undefined where nothing could be): { notice, request, otherwise } with the notice as it stands in
// public and, by name, what was told otherwise; or { notice, absent } or { notice, fault: "unread" }.
export function beside(notice, fetched) {
  if (!fetched) return { notice, fault: "unread" };
  const request = fetched.requests.get(notice.request);
  if (!request) return { notice, absent: true };
  const use = fetched.uses.get(request.use);
  if (!use || !Array.isArray(request.complaints)) return { notice, request, fault: "unread" };
  const stands = {
    ...notice,
    ...Object.fromEntries(ALIKE.map((name) => [name, request[name]])),
    authority_title: inAll(use.titles),
    operator: [request.filed_to, request.operator].includes(notice.operator) ? notice.operator : request.filed_to,
    filed: request.filed, postponed: request.postponed, asked: request.fields, approved: request.approved || [],
    purpose: inAll(use.said), basis: use.basis, supervisor: use.supervisor, supervised_at: use.supervised_at,
    word: request.complaints.includes(digestOf(notice.word)) ? notice.word : "",
  };
  const otherwise = Object.fromEntries(NAMES.filter((name) => !same(name, notice[name], stands[name])).map((name) => [name, notice[name]]));
  return { notice: stands, request, otherwise };
}

// The requests whose person was told since a month in a notice that is not in its heap, by their numbers. `heaps` maps the heaps that
// were fetched, `of` so many, to the digests of what is in them. Whose notice it is nobody can know.
export function notGivenOut(fetched, heaps, of, first) {
  const gone = toldSince(fetched, first).filter((one) => { const there = heaps.get(heapNumber(one.told.bucket, of)); return there && !there.has(one.told.notice); });
  return gone.map(({ number }) => number).sort((one, other) => one - other);
}

// Where each notice that was told belongs: by its digest { number, context, month } of every request that was told in it. `origins`
// are the names of the log, today's and those of before. Nothing else proves context and month of a notice.
export function tellingsOf(fetched, origins) {
  const tellings = new Map();
  for (const { number, told } of fetched ? fetched.requests.values() : []) {
    if (!told) continue;
    const month = toldIn({ told });
    const where = origins.map((origin) => ({ number, context: noticeContext(origin, number), month }));
    tellings.set(told.notice, [...(tellings.get(told.notice) || []), ...where]);
  }
  return tellings;
}

const toldIn = ({ told }) => new Date(told.at).toISOString().slice(0, 7);
const toldSince = (fetched, first) => (fetched ? [...fetched.requests.values()].filter((one) => one.told && toldIn(one) >= first) : []);

// The requests told since a month to this secret that are known by their complaint word, each number with the word: nothing is fetched
// for it but what stands in public. `origins` are as for `tellingsOf`. `step` is awaited now and then, so that a page stays usable.
export async function ownByWord(fetched, secret, origins, first, step = async () => {}) {
  const found = new Map(), wordOf = wordsOf(secret);
  const told = toldSince(fetched, first).filter((one) => one.told.by_word === true && Array.isArray(one.complaints));
  for (const [at, { number, complaints }] of told.entries()) {
    if (at % 500 === 499) await step();
    const word = origins.map((origin) => wordOf(noticeContext(origin, number))).find((one) => complaints.includes(digestOf(one)));
    if (word) found.set(number, word);
  }
  return found;
}

// What a person is told of a request, as it stands in public, beside the word that is theirs. What is not there is empty.
export function asInPublic(request, use, word) {
  return {
    is: "notice", request: request.number, authority: request.authority, authority_title: use ? inAll(use.titles) : "", reviewer: request.reviewer,
    operator: request.filed_to, filed: request.filed, purpose: use ? inAll(use.said) : "", basis: use ? use.basis : "", asked: request.fields,
    approved: request.approved || [], given: request.given, outcome: request.outcome, urgency: request.urgency, supervisor: use ? use.supervisor : "",
    supervised_at: use ? use.supervised_at : "", word, postponed: request.postponed, postponed_why: request.postponed_why, annulled: request.annulled,
  };
}

// The requests told since a month whose notice may be to this secret, and that are not known by their words, by their numbers: about one
// in 1,024 of all, and each that is. By the bucket of its telling: the request's own, or, as it was before, that of its month or one
// beside it. Where there is one heap (`of` so many) it is each, wherever an operator put it.
export function mayBeOwn(fetched, secret, of, first) {
  const found = new Set(), ofMonth = new Map();
  for (const one of toldSince(fetched, first)) {
    const { number, told } = one, month = toldIn(one);
    if (told.by_word === true && of > 1) continue;
    if (!ofMonth.has(month)) ofMonth.set(month, about(month).map((near) => monthBucket(secret, near)));
    if (of === 1 || ofMonth.get(month).includes(told.bucket) || told.bucket === bucketOf(secret, number)) found.add(number);
  }
  return found;
}

// The heaps that a person fetches, `of` so many: those of the requests that are looked for, and one a month, which are fetched whether
// anything was told or not: without them, whoever fetches a heap of a roll with few notices was told. Where all that was told in these
// months is known by its words, which is the same for everybody, none is fetched; nor is one heap, which says nothing, left out.
export function heapsToFetch(fetched, lookedFor, secret, of, periods) {
  const told = toldSince(fetched, [...periods].sort()[0]);
  if (of > 1 && told.length && told.every((one) => one.told.by_word === true)) return [];
  const own = of > 1 ? [...lookedFor].map((number) => fetched.requests.get(number).told.bucket) : [];
  return [...new Set([...own, ...periods.map((month) => monthBucket(secret, month))].map((bucket) => heapNumber(bucket, of)))];
}

// A heap's notices (each with its `digest`) where the public log has them, and not where the heap says: `known` are those of the requests
// that are looked for, `unknown` have no telling, and `otherwise` are the requests whose notice the heap gives another place.
export function place(notices, tellings, lookedFor) {
  const known = [], unknown = [], otherwise = new Set();
  for (const one of notices) {
    const told = tellings.get(one.digest);
    if (!told) { unknown.push(one); continue; }
    known.push(...told.filter(({ number }) => lookedFor.has(number)).map(({ context }) => ({ context, envelope: one.envelope })));
    if (!told.some(({ context, month }) => one.context === context && (!one.month || one.month === month))) for (const { number } of told) otherwise.add(number);
  }
  return { known, unknown, otherwise: [...otherwise] };
}

// In how many heaps notices are given out at the most, by what is listed, and how many requests were told before: more of them would
// tell who fetches which.
export function mostHeaps({ requests, older }) {
  return heapsFor(older + [...requests.values()].filter(({ told }) => told).length);
}

// What a list that is taken away says beside its notices.
export function besideAsJson(found) {
  const rows = {
    toldOtherwise: found.filter((one) => one.otherwise && Object.keys(one.otherwise).length).map((one) => ({ request: one.notice.request, told: one.otherwise })),
    noSuchRequest: found.filter((one) => one.absent).map((one) => one.notice),
    notCompared: found.filter((one) => one.fault).map((one) => ({ request: one.notice.request, why: one.fault })),
  };
  return Object.fromEntries(Object.entries(rows).filter(([, list]) => list.length));
}
