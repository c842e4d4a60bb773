// The page "Check a receipt": takes files, asks the check, and shows its verdict in words. Nothing leaves the browser.
import { compare } from "./disclosures.js";
import { behind, givenIn, judge as judgeGiven } from "./given.js";
import { isPdf, receiptIn } from "./pdf.js";
import { base64, Bad, oneLine } from "./plain.js";
import { parsePolicy, shown } from "./policy.js";
import { check, claimedSize } from "./receipt.js";

// For whoever wants to hold this very page against the corpus of receipts (tests/tlog/corpus), from its console.
globalThis.openrollCheck = check;

const MOST_FILE = 20_000_000;
const filled = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
const items = (lines) => lines.map((line) => Object.assign(document.createElement("li"), { textContent: line }));

const spoken = () => (document.documentElement.lang === "en" ? "en-GB" : document.documentElement.lang);

function when(time) {
  if (time > 8_640_000_000_000n) return `${time}`;
  const form = new Intl.DateTimeFormat(spoken(), { dateStyle: "long", timeStyle: "medium", timeZone: "UTC" });
  return `${form.format(new Date(Number(time) * 1000))} UTC`;
}

// A civil day in words, as all other pages say it.
function onDay(day) {
  const form = new Intl.DateTimeFormat(spoken(), { dateStyle: "long", timeZone: "UTC" });
  return form.format(new Date(`${day}T00:00:00Z`));
}

// What the verdict says of witnesses: who cosigned and when, what the quorum lacks, and what that means.
function tellWitnesses(verdict, proved, told) {
  const lines = proved.witnesses.map(({ name, time }) => {
    if (time === undefined) return filled(told.silent, { name: shown(name) });
    return filled(time ? told.cosigned : told.timeless, { name: shown(name), time: when(time) });
  });
  const names = (some) => some.map(shown).join(", ") || told.none;
  const missing = proved.lacks.map((one) =>
    filled(told.lacks, { name: shown(one.name), threshold: one.threshold, having: names(one.having), lacking: names(one.lacking) }));
  verdict.querySelector('[data-list="witnesses"]').replaceChildren(...items(lines.length ? lines : [told.none]));
  const lacking = verdict.querySelector('[data-list="lacks"]');
  if (lacking) lacking.replaceChildren(...items(missing));
  const quorum = verdict.querySelector('[data-slot="quorum"]');
  if (quorum) quorum.textContent = proved.asks ? told.reached : told.alone;
}

// What somebody told, in words: the field in both languages, its value, and whether this receipt has its digest.
function tellDisclosures(place, bytes, body, fields, told) {
  const { shown: some, more, unread } = compare(bytes, body);
  const lines = some.map(({ field, value, inside }) =>
    filled(inside ? told.inside : told.outside, { field: oneLine((fields[field] || [field]).join(" · ")), value: oneLine(value) }));
  if (more) lines.push(filled(told.more, { count: more }));
  if (unread) lines.push(filled(told.unread, { count: unread }));
  place.replaceChildren(...items(lines.length ? lines : [told.nothing]));
  place.closest("[hidden]")?.removeAttribute("hidden");
}

// What somebody was given, in words: each value or what is wrong with it, then the entries that hold them, and for whom and until when.
function tellGiven(verdict, given, found, stands, fields, kinds, said) {
  const named = (field) => oneLine((fields[field] || [field]).join(" · "));
  const operator = (body) => { try { return JSON.parse(body).operator || ""; } catch { return ""; } };
  const entries = found.entries.flatMap((one) => [
    filled(said.entry, { index: one.index, origin: one.origin, day: onDay(one.day), kind: kinds[one.kind] || one.kind }),
    ...(operator(one.body) ? [filled(said.public, { operator: operator(one.body) })] : []),
  ]);
  if (found.apart) entries.push(said.apart);
  if (given.to) entries.unshift(filled(said.to, { to: given.to }));
  if (given.until) entries.push(filled(found.over ? said.over : said.until, { day: onDay(given.until) }));
  entries.push(...stands.lines);
  const values = found.shown.map((one) => filled(said[one.why || "value"], { field: named(one.field), value: oneLine(one.value) }));
  verdict.querySelector('[data-list="shown"]').replaceChildren(...items(values));
  verdict.querySelector('[data-list="entries"]').replaceChildren(...items(entries));
}

// What its roll says of a grant: taken back, or shown before where it is good once. The roll learns a number that says nothing else.
// Asked once a page, whatever is chosen anew: what is good once must not be spent by a second look of the same reader.
const asked = new Map();
function standing(gift, online, said) {
  if (!gift.grant) return { good: true, lines: [] };
  if (!asked.has(gift.grant)) asked.set(gift.grant, standingOf(gift, online, said));
  return asked.get(gift.grant);
}

async function standingOf({ grant, once }, online, said) {
  const day = (moment) => onDay(moment.slice(0, 10));
  try {
    if (!online) throw new Error("offline");
    const path = `/api/v1/grants/${grant}`, body = { method: "POST", headers: { "content-type": "application/json" }, body: "{}" };
    const unknown = { credentials: "omit", referrerPolicy: "no-referrer", cache: "no-store" };  // who looks says nothing of themselves
    const answer = await fetch(once ? `${path}/shown` : path, once ? { ...unknown, ...body } : unknown);
    if (!answer.ok) throw new Error(String(answer.status));
    const { taken_back: back, shown } = await answer.json(), before = once && shown;
    const lines = [...(back ? [filled(said.back, { day: day(back) })] : []), ...(before ? [filled(said.before, { day: day(shown) })] : [])];
    return lines.length ? { good: false, lines } : { good: true, lines: [once ? said.first : said.stands] };
  } catch { return { good: true, lines: [said.unasked] }; }
}

// The keys of a receipt's own time: `spans` are the log's, newest first, as [from, keys]; see openroll.tlog.key_history.
function keysFor(bytes, spans) {
  const size = claimedSize(bytes);
  return (spans.find(([from]) => size >= from) || spans[0])[1];
}

const page = document.querySelector("[data-verify]");
if (page) {
  const input = page.querySelector("#receipt"), own = page.querySelector("#policy"), kept = page.querySelector("#disclosures");
  const verdict = page.querySelector("[data-verdict]"), data = (name) => JSON.parse(page.dataset[name] || "{}");
  const told = data("told"), reasons = data("reasons");
  page.hidden = false;
  const read = async (file) => new Uint8Array(await file.arrayBuffer());

  // A reader's own policy takes the place of the roll's; it may list the logs too, and then the roll's keys are not asked for.
  async function given(bytes) {
    const keys = keysFor(bytes, data("keys"));
    if (!own.files[0]) return [keys, base64(page.dataset.policy)];
    const policy = await read(own.files[0]);
    try { return [parsePolicy(policy).logs.length ? [] : keys, policy]; } catch (error) {
      if (error instanceof Bad) return [keys, policy];  // the check says what is wrong with it
      throw error;
    }
  }

  // Every receipt of what was given is checked as one alone would be; the first that does not hold is told.
  async function judgedGift(gift) {
    const trust = new Map();
    for (const receipt of gift.receipts) trust.set(receipt, await given(new TextEncoder().encode(receipt)));
    const verdict = (bytes) => check(bytes, ...trust.get(new TextDecoder().decode(bytes)));
    const found = judgeGiven(gift, verdict, new Date().toISOString().slice(0, 10));
    if (found.broken.length) return { ...found.broken[0], disclosures: gift.disclosures };
    const stands = await standing(gift, "online" in page.dataset, data("given"));
    return { code: found.good && stands.good ? "given" : "given-wrong", gift, found, stands };
  }

  async function judged(file) {
    if (file.size > MOST_FILE) return { code: "malformed", rule: "F1" };
    let bytes = await read(file);
    const gift = givenIn(bytes);
    if (gift) return judgedGift(gift);
    if (isPdf(bytes) && !(bytes = await receiptIn(bytes))) return { code: "malformed", rule: "pdf" };
    const said = check(bytes, ...(await given(bytes)));
    return said.code === "malformed" && compare(bytes, "").shown.length ? { code: "malformed", rule: "disclosures" } : said;
  }

  function show({ code, rule, line, proved, restored, gift, found, stands }) {
    verdict.dataset.good = String(code === "good" || code === "given");
    verdict.replaceChildren(...page.querySelector(`template[data-say="${code}"]`).content.cloneNode(true).children);
    const fill = (name, value) => verdict.querySelectorAll(`[data-slot="${name}"]`).forEach((place) => { place.textContent = value; });
    if (reasons[rule]) fill("reason", reasons[rule]);  // else what is said of the verdict stays
    fill("rule", /^[A-Z]/.test(rule || "") ? filled(told.rule, { rule }) : "");
    fill("detail", line ? filled(told.line, { line }) : "");
    if (gift) tellGiven(verdict, gift, found, stands, data("fields"), data("kinds"), data("given"));
    if (proved) {
      tellWitnesses(verdict, proved, told);
      const kind = data("kinds")[proved.kind] || proved.kind;
      for (const [name, value] of Object.entries({ ...proved, kind, day: onDay(proved.day) })) fill(name, String(value));
    }
    const repaired = verdict.querySelector("a[data-repaired]");
    if (repaired && restored) repaired.href = URL.createObjectURL(new Blob([restored], { type: "application/octet-stream" }));
    verdict.focus();
  }

  // A receipt that holds is shown with the disclosures beside it: those of a file of one's own, or those that were given with it.
  async function shownWith(said) {
    show(said);
    const place = verdict.querySelector('[data-list="disclosures"]');
    if (!place || !said.proved) return;
    const beside = said.disclosures ? new TextEncoder().encode(said.disclosures.join("\n")) : kept.files[0] && (await read(kept.files[0]));
    if (beside) tellDisclosures(place, beside, said.proved.body, data("fields"), told);
  }

  async function judge() {
    if (input.files[0]) await shownWith(await judged(input.files[0]));
  }

  for (const one of [input, own, kept]) one.addEventListener("change", judge);

  // A link that somebody gave has all of it behind its number sign. It is taken out of the address, so that no history keeps it.
  async function followed() {
    const bytes = behind(location.hash);
    if (!bytes) return;
    history.replaceState(null, "", location.pathname);
    const gift = givenIn(bytes);
    await shownWith(gift ? await judgedGift(gift) : { code: "malformed", rule: "given" });
  }
  window.addEventListener("hashchange", followed);
  followed();
}
