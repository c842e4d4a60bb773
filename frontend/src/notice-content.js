// What a person was told, read as openroll.register.request.content reads it: in its one form, of the one request that the notice
// stands under, or not at all. What is in there an operator's program wrote: nothing of it is taken on trust.
const TEXTS = ["authority", "authority_title", "basis", "operator", "outcome", "postponed_why", "purpose", "reviewer", "supervisor", "supervised_at", "urgency", "word"];
const LISTS = ["approved", "asked", "given"];
const NAMES = new Set(["is", "request", "filed", "postponed", "annulled", ...TEXTS, ...LISTS]);
// RFC 3339 in the form in which the roll writes moments, and no other: with its zone (Z for UTC), six digits of a second or none.
const MOMENT = /^(?!0000)(\d{4}-\d\d-\d\d)T([01]\d|2[0-3])(:[0-5]\d){2}(\.(?!0{6})\d{6})?(Z|[+-](?!00:00)([01]\d|2[0-3]):[0-5]\d)$/;
const isDay = (day) => new Date(`${day}T00:00:00Z`).toISOString().slice(0, 10) === day;

const isMoment = (value) => typeof value === "string" && MOMENT.test(value) && isDay(value.slice(0, 10));
const isText = (value) => typeof value === "string" && !/\p{Surrogate}/u.test(value);  // half a character is no text
const isList = (value) => Array.isArray(value) && value.every(isText);

function fits(notice, context) {
  if (typeof notice !== "object" || notice === null || Array.isArray(notice) || notice.is !== "notice") return false;
  const names = Object.keys(notice);
  return names.length === NAMES.size && names.every((name) => NAMES.has(name))
    && TEXTS.every((name) => isText(notice[name])) && LISTS.every((name) => isList(notice[name]))
    && isMoment(notice.filed) && (notice.postponed === null || isMoment(notice.postponed)) && typeof notice.annulled === "boolean"
    && Number.isSafeInteger(notice.request) && context.endsWith(` request=${notice.request}`);
}

// The notice that stands in these bytes, under this context; undefined for anything else.
export function noticeOf(content, context) {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(content), notice = JSON.parse(text);
    const sorted = fits(notice, context) && Object.fromEntries(Object.entries(notice).sort(([one], [other]) => (one < other ? -1 : 1)));
    return sorted && JSON.stringify(sorted) === text ? notice : undefined;
  } catch { return undefined; }
}
