// The page "Check a receipt": takes files, asks the check, and shows its verdict in words. Nothing leaves the browser.
import { compare } from "./disclosures.js";
import { behind, givenIn, judge as judgeGiven, linkIn, mistakenFor } from "./given.js";
import { look, mark } from "./grants.js";
import { isPdf, receiptIn } from "./pdf.js";
import { base64, Bad, lookup, oneLine } from "./plain.js";
import { parsePolicy, shown } from "./policy.js";
import { check, claimedSize } from "./receipt.js";
import { clockNow, dayIn, onDay, spoken } from "./roll-clock.js";

// For whoever wants to hold this very page against the corpus of receipts (tests/tlog/corpus), from its console.
globalThis.openrollCheck = check;
// The same for files that somebody gives (tests/register/test_given_in_page.py).
globalThis.openrollGiven = { behind, givenIn, judge: judgeGiven };

const MOST_FILE = 20_000_000;
const filled = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
const items = (lines) => lines.map((line) => Object.assign(document.createElement("li"), { textContent: line }));

function when(time) {
  if (time > 8_640_000_000_000n) return `${time}`;
  const form = new Intl.DateTimeFormat(spoken(), { dateStyle: "long", timeStyle: "medium", timeZone: "UTC" });
  return `${form.format(new Date(Number(time) * 1000))} UTC`;
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
    filled(inside ? told.inside : told.outside, { field: oneLine(lookup(fields, field) || field), value: oneLine(value) }));
  if (more) lines.push(filled(told.more, { count: more }));
  if (unread) lines.push(filled(told.unread, { count: unread }));
  place.replaceChildren(...items(lines.length ? lines : [told.nothing]));
  place.closest("[hidden]")?.removeAttribute("hidden");
}

// What somebody was given, in words: each value or what is wrong with it, then the entries that hold them, and for whom and until when.
// What is good once has no value here before the press, whatever is wrong with it: it would be seen, and not be used up.
function tellGiven(verdict, { gift: given, found, stands, clock }, fields, kinds, said) {
  const named = (field) => oneLine(lookup(fields, field) || field);
  const operator = (body) => { try { return JSON.parse(body).operator || ""; } catch { return ""; } };
  const entries = found.entries.flatMap((one) => [
    filled(said.entry, { index: one.index, origin: one.origin, day: onDay(one.day), kind: lookup(kinds, one.kind) || one.kind }),
    ...(operator(one.body) ? [filled(said.public, { operator: operator(one.body) })] : []),
  ]);
  if (found.apart) entries.push(said.apart);
  if (given.to) entries.unshift(filled(said.to, { to: given.to }));
  if (given.until) {
    const by = clock.said.map(([code, day]) => filled(said[code], { day: onDay(day) }));
    entries.push([filled(found.over ? said.over : said.until, { day: onDay(given.until) }), ...by, filled(said.zone, clock)].join(" "));
  }
  entries.push(...stands.lines);
  if (stands.unshown) entries.unshift(said.unshown);
  const told = found.shown.filter((one) => one.why || !stands.unshown);
  const values = told.map((one) => filled(said[one.why || "value"], { field: named(one.field), value: oneLine(one.value) }));
  verdict.querySelector('[data-list="shown"]').replaceChildren(...items(values));
  verdict.querySelector('[data-list="entries"]').replaceChildren(...items(entries));
}

// What its roll says of a grant: `is` is good, back (taken back), before (shown before), once (nobody was shown it yet), or unknown: not looked.
// To look changes nothing, so that no program that opens links by itself uses up what is good once; only who presses does.
const asked = new Map(), pressed = new Set();
async function standing(gift, online, said, dayOf) {
  if (!gift.grant) return { is: "good", lines: [] };
  if (!online) return { is: "good", lines: [said.unasked] };
  if (!asked.has(gift.grant)) asked.set(gift.grant, await standingIn(await look(gift.grant), gift, said, dayOf, { is: gift.once ? "once" : "good", lines: gift.once ? [] : [said.stands] }));
  const found = await asked.get(gift.grant);
  if (found.is === "unknown") asked.delete(gift.grant);  // it is looked for anew
  return found;
}

// Whoever pressed has it shown, and is told whether they are the first. For this page it stays so, whatever is chosen anew.
async function usedUp(gift, said, dayOf) {
  const found = await standingIn(await mark(`${gift.grant}/shown`, {}), gift, said, dayOf, { is: "good", lines: [said.first] });
  if (found.is === "unknown") return found;
  asked.set(gift.grant, found);
  pressed.add(gift.grant);
  return found;
}

async function standingIn(answer, { grant: of, once }, said, dayOf, stands) {
  const day = (moment) => onDay(dayOf(moment));
  if (answer && answer.status === 429) {
    const again = new Date(Date.now() + 1000 * (Number(answer.headers.get("retry-after")) || 60));
    return { is: "unknown", lines: [filled(said.slowed, { time: again.toLocaleTimeString(spoken(), { timeStyle: "short" }) })] };
  }
  const { taken_back: back, shown, grant } = (answer && answer.ok && await answer.json().catch(() => null)) || {};
  if (grant !== of) return { is: "unknown", lines: [said.unasked] };  // what is said of another grant is said of none
  const lines = [...(back ? [filled(said.back, { day: day(back) })] : []), ...(once && shown ? [filled(said.before, { day: day(shown) })] : [])];
  return lines.length ? { is: back ? "back" : "before", lines } : stands;
}

// The keys of a receipt's own time: `spans` are the log's, newest first, as [from, keys]; see openroll.tlog.key_history.
function keysFor(bytes, spans) {
  const size = claimedSize(bytes);
  return (spans.find(([from]) => size >= from) || spans[0])[1];
}

// What is altered is not good; what is unaltered may be taken back, shown before or over, and none of these says that it is false.
const codeOf = (found, { is }) => {
  if (!found.unaltered) return "given-wrong";
  if (is === "back" || is === "before") return `given-${is}`;
  return found.over ? "given-over" : { good: "given", once: "given-once", unknown: "given-unasked" }[is];
};

const page = document.querySelector("[data-verify]");
if (page) {
  const input = page.querySelector("#receipt"), own = page.querySelector("#policy"), kept = page.querySelector("#disclosures");
  const verdict = page.querySelector("[data-verdict]"), data = (name) => JSON.parse(page.dataset[name] || "{}");
  const told = data("told"), reasons = data("reasons"), dayOf = (moment) => dayIn(page.dataset.zone, moment);
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
    const clock = await clockNow(page.dataset, Boolean(gift.until)), found = judgeGiven(gift, verdict, clock.today);
    if (found.broken.length) return found.broken[0];
    const online = "online" in page.dataset, unshown = online && gift.once && !pressed.has(gift.grant);
    const stands = { ...(await standing(gift, online, data("given"), dayOf)), unshown };
    return { code: codeOf(found, stands), gift, found, stands, clock };
  }

  async function judged(file) {
    if (file.size > MOST_FILE) return { code: "malformed", rule: "F1" };
    let bytes = await read(file);
    const gift = givenIn(bytes);
    if (gift) return judgedGift(gift);
    const link = linkIn(bytes), other = mistakenFor(bytes);
    if (link) return judgedLink(behind(link.slice(link.indexOf("#"))));
    if (other) return { code: "malformed", rule: other };
    if (isPdf(bytes) && !(bytes = await receiptIn(bytes))) return { code: "malformed", rule: "pdf" };
    const said = check(bytes, ...(await given(bytes)));
    return said.code === "malformed" && compare(bytes, "").shown.length ? { code: "malformed", rule: "disclosures" } : said;
  }

  function show({ code, rule, line, proved, restored, gift, found, stands, clock }) {
    verdict.dataset.good = { good: "true", given: "true", "given-once": "open", "given-unasked": "open" }[code] || "false";
    verdict.replaceChildren(...page.querySelector(`template[data-say="${code}"]`).content.cloneNode(true).children);
    const fill = (name, value) => verdict.querySelectorAll(`[data-slot="${name}"]`).forEach((place) => { place.textContent = value; });
    if (reasons[rule]) fill("reason", reasons[rule]);  // else what is said of the verdict stays
    fill("rule", /^[A-Z]/.test(rule || "") ? filled(told.rule, { rule }) : "");
    fill("detail", line ? filled(told.line, { line }) : "");
    if (code === "given-once") offer(gift);
    else if (gift) tellGiven(verdict, { gift, found, stands, clock }, data("fields"), data("kinds"), data("given"));
    if (proved) {
      tellWitnesses(verdict, proved, told);
      const kind = lookup(data("kinds"), proved.kind) || proved.kind;
      for (const [name, value] of Object.entries({ ...proved, kind, day: onDay(proved.day) })) fill(name, String(value));
    }
    const repaired = verdict.querySelector("a[data-repaired]");
    if (repaired && restored) repaired.href = URL.createObjectURL(new Blob([restored], { type: "application/octet-stream" }));
    verdict.focus();
  }

  // What is good once is shown to whoever presses, and used up by that; where it could not be marked nothing is shown.
  function offer(gift) {
    const button = verdict.querySelector("button[data-show-now]"), line = verdict.querySelector("[data-state]"), said = data("given");
    button.addEventListener("click", async () => {
      button.disabled = true;
      line.textContent = said.working;
      const found = await usedUp(gift, said, dayOf);
      if (found.is !== "unknown") { await shownWith(await judgedGift(gift)); return; }
      line.textContent = found.lines.join(" ");
      button.disabled = false;
    });
  }

  // A receipt that holds is shown with the disclosures of a file of one's own beside it.
  async function shownWith(said) {
    show(said);
    const place = verdict.querySelector('[data-list="disclosures"]');
    if (!place || !said.proved) return;
    const beside = kept.files[0] && (await read(kept.files[0]));
    if (beside) tellDisclosures(place, beside, said.proved.body, data("fields"), told);
  }

  // The verdict on one file is gone before the next is judged, and one that comes too late is not shown.
  let judging = 0;
  function forget() {
    judging += 1;
    verdict.replaceChildren();
    delete verdict.dataset.good;
    return judging;
  }
  const gone = document.querySelector("[data-link-gone]");
  let linked;  // what a link had behind its number sign, until a file is chosen
  async function judgedLink(bytes = new Uint8Array()) {
    const gift = givenIn(bytes);
    return gift ? judgedGift(gift) : { code: "malformed", rule: "given" };
  }
  async function judge() {
    const mine = forget(), file = input.files[0];
    if (file) linked = undefined;
    gone.hidden = true;
    const said = file ? await judged(file) : linked && (await judgedLink(linked));
    if (said && mine === judging) await shownWith(said);
  }

  for (const one of [input, own, kept]) one.addEventListener("change", judge);

  // A link that somebody gave has all of it behind its number sign. It is taken out of the address, so that no history keeps it.
  async function followed() {
    const bytes = behind(location.hash);
    if (!bytes) return;
    history.replaceState({ linked: true }, "", location.pathname);
    input.value = "";
    linked = bytes;
    await judge();
  }
  window.addEventListener("hashchange", followed);
  gone.hidden = !history.state?.linked || Boolean(behind(location.hash));
  followed();
}
