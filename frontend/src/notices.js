// The page on which somebody opens what was told to their notice code. The code stays in this page: heaps are fetched as everybody's,
// what is theirs in them is found and opened here, and a complaint sends the word of its notice and nothing else.
import { transactionLog } from "./transaction-log.js";
import { digestsIn, heapNumber, heapOf, ownNotices, secretOf } from "./notice.js";
import { noticeOf } from "./notice-content.js";
import { asInPublic, beside, besideAsJson, heapsToFetch, mayBeOwn, mostHeaps, notGivenOut, ownByWord, place, publicPart, tellingsOf } from "./notice-compared.js";

const MONTHS = 24;
const root = document.querySelector("[data-notices]");
if (root) {
  const form = root.querySelector("form"), box = form.querySelector("input"), wrong = root.querySelector("[data-wrong]");
  const state = root.querySelector("[data-state]"), list = root.querySelector("[data-list]"), save = root.querySelector("[data-save]");
  const words = (name) => new Map([...root.querySelector(`template[data-${name}]`).content.querySelectorAll("[data-code]")].map((one) => [one.dataset.code, one.textContent]));
  const fields = words("fields"), outcomes = words("outcomes"), said = words("said");
  const bodies = words("bodies"), reasons = words("reasons"), urgencies = words("urgencies"), labels = words("labels");

  const monthOf = (at) => `${String(Math.floor(at / 12)).padStart(4, "0")}-${String((at % 12) + 1).padStart(2, "0")}`;
  const thisMonth = () => { const [year, month] = root.dataset.month.split("-").map(Number); return year * 12 + month - 1; };
  const periods = () => Array.from({ length: MONTHS }, (_, back) => monthOf(thisMonth() - back));
  const tell = (name, more = "") => { state.textContent = said.get(name) + more; };
  const named = (codes) => codes.map((code) => fields.get(code) || code).join(said.get("comma")) || said.get("nothing");

  // Days as the roll counts them, written as the other pages write them (English there is that of `18 December 2006`).
  const { lang } = document.documentElement, day = new Intl.DateTimeFormat(lang === "en" ? "en-GB" : lang, { dateStyle: "long", timeZone: root.dataset.zone });
  const dayOf = (at) => { const moment = new Date(at); return Number.isNaN(moment.getTime()) ? String(at) : day.format(moment); };

  // Nothing of who asks goes along: no session, no page that it comes from; and the order says nothing of the months.
  async function asked(path) {
    const answer = await fetch(`/api/v1/${path}`, { cache: "no-store", credentials: "omit", referrerPolicy: "no-referrer" });
    if (!answer.ok) throw new Error(String(answer.status));
    return answer.text();
  }

  // The heaps to fetch, in no order.
  function inNoOrder(heaps) {
    const order = [...heaps];
    for (let at = order.length - 1; at > 0; at -= 1) {
      const other = crypto.getRandomValues(new Uint32Array(1))[0] % (at + 1);
      [order[at], order[other]] = [order[other], order[at]];
    }
    return order;
  }

  // A heap in its parts, read to its end: each part goes to `take`. The digests of all that is in it.
  async function eachPart(of, number, take) {
    const since = monthOf(thisMonth() - MONTHS), digests = new Set();
    let after = 0;
    while (after !== undefined) {
      const heap = heapOf(await asked(`notices/${number}?of=${of}&since=${since}&after=${after}`));
      for (const [at, digest] of (await digestsIn(heap)).entries()) { heap.notices[at].digest = digest; digests.add(digest); }
      await take(heap);
      after = heap.next > after ? heap.next : undefined;
    }
    return digests;
  }

  // The requests whose notice is not given out in the heaps that were fetched, whoever was told. Such a heap is fetched once more:
  // somebody may have been told between the heap and the list.
  async function goneFrom(heaps, of, fetched) {
    const gone = () => notGivenOut(fetched, heaps, of, periods().at(-1));
    for (const number of new Set(gone().map((one) => heapNumber(fetched.requests.get(one).told.bucket, of)))) {
      const more = await eachPart(of, number, () => {}).catch(() => []);
      heaps.set(number, new Set([...heaps.get(number), ...more]));
    }
    return gone();
  }

  // Whether these are numbers of what was told in months, a century of them at the most.
  function counted(months) {
    const rows = typeof months === "object" && months !== null ? Object.entries(months) : undefined;
    return Boolean(rows) && rows.length <= 1200 && rows.every(([month, many]) => /^[1-9]\d{3}-(0[1-9]|1[0-2])$/.test(month) && Number.isSafeInteger(many) && many >= 0);
  }

  // Why no heap is fetched, undefined where nothing is against it: more of them than there are notices for would tell who fetches which.
  function against(of, fetched) {
    if (of === 1) return undefined;
    if (!fetched) return "unlisted";
    return 1024 % of || of > mostHeaps(fetched) ? "heaps" : undefined;
  }

  // What is theirs, and how many heaps could not be read: one that does not come hides no other. A notice is tried where the public log has
  // it, and never where the heap says. Somebody may be told between the lists and a heap: where any notice, whoever's, stands in no list,
  // the lists are fetched once more; what is in none then is taken by the heap's word.
  async function foundBy(secret, current) {
    const { heaps: of, months } = JSON.parse(await asked("notices"));
    if (!Number.isSafeInteger(of) || of < 1 || !counted(months)) throw new TypeError("no number of heaps or of what was told");
    const lists = () => publicPart(asked, periods().at(-1), periods()[0], months).catch(() => undefined);
    const origins = JSON.parse(root.dataset.origins);
    let fetched = await lists(), tellings = tellingsOf(fetched, origins), lost = 0;
    const stopped = against(of, fetched);
    if (stopped) return { stopped };
    const mine = () => mayBeOwn(fetched, secret, of, periods().at(-1));
    let lookedFor = mine();
    const rest = () => new Promise((resume) => setTimeout(resume)), own = [], heaps = new Map(), untold = [], otherwise = new Set(), order = inNoOrder(heapsToFetch(fetched, lookedFor, secret, of, periods()));
    const open = async (notices, senders) => own.push(...(await ownNotices({ notices, senders }, secret, rest)));
    const placed = (notices) => { const found = place(notices, tellings, lookedFor); for (const one of found.otherwise) otherwise.add(one); return found; };
    for (const [at, number] of order.entries()) {
      if (!current()) break;
      tell("looking", ` ${at + 1}/${order.length}`);
      const take = async ({ notices, senders }) => {
        const { known, unknown } = placed(notices);
        await open(known, senders);
        if (unknown.length) untold.push({ unknown, senders });
      };
      try { heaps.set(number, await eachPart(of, number, take)); } catch { lost += 1; }
    }
    if (!current()) return { stopped: "failed" };
    if (untold.length && fetched) { fetched = await lists(); tellings = tellingsOf(fetched, origins); lookedFor = mine(); }
    for (const { unknown: notices, senders } of untold) {
      const { known, unknown } = placed(notices);
      await open([...known, ...unknown], senders);
    }
    const read = (one) => { const notice = one.content && noticeOf(one.content, one.context); return { context: one.context, reason: one.reason, beside: notice && beside(notice, fetched) }; };
    const sorted = [...otherwise].sort((one, other) => one - other), found = own.map(read);
    // What is theirs by its word alone is told as it stands in public.
    for (const [number, word] of await ownByWord(fetched, secret, origins, periods().at(-1), rest)) {
      if (found.some((one) => one.beside?.notice.request === number)) continue;
      const request = fetched.requests.get(number);
      found.push({ beside: beside(asInPublic(request, fetched.uses.get(request.use), word), fetched) });
    }
    return { own: found, lost, gone: fetched ? await goneFrom(heaps, of, fetched) : [], otherwise: sorted, listed: Boolean(fetched) };
  }

  // It is final, so it asks once more.
  let meant;
  async function complain(notice, button, line) {
    if (meant !== button) {
      meant = button;
      line.textContent = said.get("once-more");
      line.focus();
      return;
    }
    meant = undefined;
    button.disabled = true;
    const answer = await fetch("/api/v1/complaints", {
      method: "POST",
      credentials: "omit",
      referrerPolicy: "no-referrer",
      headers: { "content-type": "application/json", "accept-language": document.documentElement.lang },
      body: JSON.stringify({ request: notice.request, word: notice.word }),
    }).catch(() => null);
    const problem = answer && !answer.ok ? await answer.json().catch(() => ({})) : {};
    line.textContent = answer && answer.ok ? said.get("complained") : problem.detail || said.get("unknown");
    if (answer && answer.ok) button.remove();
    else button.disabled = false;
    line.focus();
  }

  // By when the person can complain, as the public list has it; undefined where that does not say.
  const exact = new Intl.DateTimeFormat(day.resolvedOptions().locale, { dateStyle: "long", timeStyle: "short", timeZone: root.dataset.zone });
  function complaining({ notice, request, otherwise }) {
    const until = request && otherwise && notice.word && !request.complained ? request.complain_until : undefined;
    if (until === null) return said.get("over");
    return until && (Number.isNaN(Date.parse(until)) ? String(until) : exact.format(new Date(until)));
  }

  const VALUES = {
    filed: dayOf, postponed: (at) => (at ? dayOf(at) : ""), asked: named, approved: named, given: named,
    operator: (name) => bodies.get(name) || name, reviewer: (name) => bodies.get(name) || name, authority: (name) => bodies.get(name) || name,
    outcome: (code) => outcomes.get(code) || code, urgency: (code) => urgencies.get(code) || code, annulled: (yes) => (yes ? outcomes.get("annulled") : said.get("nothing")),
  };
  const valueOf = (name, value) => (VALUES[name] ? VALUES[name](value) : value) || "";
  const differing = (name, value, other) => {  // two moments of one day are not said to differ by the same words
    const [told, stands] = [value, other].map((one) => valueOf(name, one) || said.get("nothing"));
    return told === stands ? [String(value), String(other)] : [told, stands];
  };

  // What the operator's notice says otherwise than the public log, each beside what the log says: never in its place.
  function warnings({ notice, absent, fault, otherwise = {} }) {
    if (absent) {
      const told = [...labels].filter(([name]) => notice[name] && valueOf(name, notice[name]));
      return [said.get("absent"), ...told.map(([name, label]) => `${said.get("told")} ${label}${said.get("colon")}${valueOf(name, notice[name])}`)];
    }
    if (fault) return [said.get(fault)];
    return Object.entries(otherwise).map(([name, value]) => {
      if (name === "word") return said.get("no-word");
      const [told, stands] = differing(name, value, notice[name]);
      return `${said.get("otherwise")} ${labels.get(name)}${said.get("colon")}${stands}${said.get("stop")} ${said.get("told")} ${told}`;
    });
  }

  function shown(one) {
    const { notice, request, absent } = one, section = root.querySelector("template[data-notice]").content.firstElementChild.cloneNode(true);
    const at = absent ? {} : {
      ...Object.fromEntries(["filed", "operator", "reviewer", "purpose", "basis", "asked", "approved", "given", "outcome", "urgency"].map((name) => [name, valueOf(name, notice[name])])),
      postponed: notice.postponed_why, reason: request && (reasons.get(request.reason) || request.reason),
      supervisor: [notice.supervisor, notice.supervised_at].join(said.get("comma")), complaining: complaining(one),
    };
    const who = bodies.get(notice.authority) || notice.authority_title || notice.authority;
    section.querySelector('[data-at="title"]').textContent = `${said.get("request")} ${notice.request}${absent ? "" : `${said.get("colon")}${who}`}`;
    for (const place of section.querySelectorAll("dd[data-at]")) {
      if (at[place.dataset.at]) place.textContent = at[place.dataset.at];
      else place.closest("div").remove();
    }
    const warned = section.querySelector("[data-otherwise]");
    for (const text of warnings(one)) warned.append(Object.assign(document.createElement("p"), { className: "govuk-body", textContent: text }));
    warned.hidden = !warned.childElementCount;
    const link = section.querySelector("[data-public]"), button = section.querySelector("button"), line = section.querySelector("[data-complaint]");
    if (request) link.href += notice.request;
    else link.parentElement.remove();
    if (request && request.complained) line.textContent = said.get("complained");
    if (absent || !notice.word || (request && request.complained)) for (const gone of [button, section.querySelector("[data-final]")]) gone.remove();
    button.addEventListener("click", () => complain(notice, button, line));
    return section;
  }

  // Nothing of what one code opened stays when another is typed: somebody else may sit here by then.
  let asking = 0;
  function forget() {
    asking += 1;
    list.replaceChildren();
    state.textContent = "";
    save.hidden = true;
    if (save.href.startsWith("blob:")) URL.revokeObjectURL(save.href);
    save.href = "#";
    return asking;
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const mine = forget(), secret = secretOf(box.value);
    wrong.hidden = secret !== undefined;
    if (!secret) { box.setAttribute("aria-invalid", "true"); box.focus(); return; }
    box.removeAttribute("aria-invalid");
    try {
      const { stopped, own, lost, gone, otherwise, listed } = await foundBy(secret, () => mine === asking);
      if (mine !== asking) return;
      if (stopped) { tell(stopped); state.focus(); return; }
      const unread = own.filter((one) => !one.beside), unsigned = unread.filter(({ reason }) => reason === "signer-unknown");
      const altered = unread.filter((one) => !unsigned.includes(one)).map(({ context }) => context);
      const found = own.flatMap((one) => one.beside || []).sort((one, other) => other.notice.request - one.notice.request);
      list.append(...found.map(shown));
      const shut = [altered.length && `${said.get("altered")} ${altered.length}`, unsigned.length && `${said.get("unsigned")} ${unsigned.length}`];
      const unknown = [...shut, !listed && said.get("unlisted"), lost && `${said.get("lost")} ${lost}`].filter(Boolean);
      const more = [...unknown, gone.length && `${said.get("gone")} ${gone.join(said.get("comma"))}`, otherwise.length && `${said.get("moved")} ${otherwise.join(said.get("comma"))}`].filter(Boolean);
      const any = own.length || more.length;
      tell(any ? "found" : "none", any ? [` ${found.length}`, ...more].join(`${said.get("stop")} `) : "");
      const stand = found.filter((one) => !one.absent).map(({ notice }) => notice).reverse();
      const rows = Object.entries({ notGivenOut: gone, givenOutOtherwise: otherwise, notWhole: unknown }).filter(([, list]) => list.length);
      const log = { ...transactionLog(stand, location.origin, altered), ...besideAsJson(found), ...Object.fromEntries(rows) };
      if (found.length) save.href = URL.createObjectURL(new Blob([JSON.stringify(log, null, 2)], { type: "application/json" }));
      save.hidden = !found.length;
    } catch { if (mine !== asking) return; tell("failed"); }
    state.focus();
  });
  root.hidden = false;
  document.querySelector("[data-notices-without]").hidden = true;
}
