// What a person was told, read as openroll.register.request.content reads it: in its one form, of the one request that the notice
// stands under, or not at all. What is in there an operator's program wrote: nothing of it is taken on trust.
const TEXTS = ["authority", "authority_title", "basis", "operator", "outcome", "postponed_why", "purpose", "reviewer", "supervisor", "supervised_at", "urgency", "word"];
const LISTS = ["approved", "asked", "given"];
const NAMES = new Set(["is", "request", "filed", "postponed", "annulled", ...TEXTS, ...LISTS]);
const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)?$/;

const isMoment = (value) => typeof value === "string" && MOMENT.test(value) && !Number.isNaN(new Date(value).getTime());
const isList = (value) => Array.isArray(value) && value.every((one) => typeof one === "string");

function fits(notice, context) {
  if (typeof notice !== "object" || notice === null || Array.isArray(notice) || notice.is !== "notice") return false;
  const names = Object.keys(notice);
  return names.length === NAMES.size && names.every((name) => NAMES.has(name))
    && TEXTS.every((name) => typeof notice[name] === "string") && LISTS.every((name) => isList(notice[name]))
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
