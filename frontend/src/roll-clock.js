// Which clock a check judges a last day by, as openroll.cli.roll_time does: the roll's, where it can be asked, else this computer's. The
// file that works alone cannot ask; that of a demonstration, whose clock stands in another year, goes by the day of its download.
import { quiet } from "./grants.js";

const A_DAY = 86_400_000;

// The civil day of a moment (milliseconds, or as a server says it) in a time zone, as 2006-12-31; what a server says that is none, as it is.
export function dayIn(zone, said) {
  const moment = typeof said === "number" ? said : momentOf(said);
  if (Number.isNaN(moment)) return String(said);
  const form = new Intl.DateTimeFormat("en-u-ca-iso8601", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" });
  const { year, month, day } = Object.fromEntries(form.formatToParts(new Date(moment)).map(({ type, value }) => [type, value]));
  return `${year.padStart(4, "0")}-${month}-${day}`;
}

// A moment that can be reckoned with, as openroll.watch.facts takes it; NaN where a text is none: it is a server's, which may say anything.
function momentOf(text) {
  return /^[1-8]\d{3}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text) : Number.NaN;
}
// The language of the page as its dates are written, and a civil day in words, as all other pages say it.
export const spoken = () => (document.documentElement.lang === "en" ? "en-GB" : document.documentElement.lang);
export function onDay(day) {
  const form = new Intl.DateTimeFormat(spoken(), { dateStyle: "long", timeZone: "UTC" }), moment = new Date(`${day}T00:00:00Z`);
  return Number.isNaN(moment.getTime()) ? day : form.format(moment);
}

let ahead;  // of the roll's clock before this computer's, in milliseconds, once it was asked
async function asked() {
  const answer = await fetch("/api/v1/log", quiet).catch(() => null);
  const moment = momentOf(((answer && answer.ok && await answer.json().catch(() => null)) || {}).now);
  return Number.isNaN(moment) ? undefined : moment - Date.now();
}

// What day it is, and what is said of that: [code, day] of the clock, and of this computer's too where that is not nearly the same.
export async function clockNow({ zone, now, online, demonstration }, wanted) {
  if (online !== undefined && wanted) ahead ??= await asked();
  const code = ahead !== undefined ? "roll-clock" : demonstration !== undefined ? "then-clock" : "own-clock", own = Date.now();
  const today = dayIn(zone, { "roll-clock": own + (ahead || 0), "then-clock": Date.parse(now), "own-clock": own }[code]);
  return { today, zone, said: [[code, today], ...(Math.abs(ahead || 0) > A_DAY ? [["own-clock", dayIn(zone, own)]] : [])] };
}
