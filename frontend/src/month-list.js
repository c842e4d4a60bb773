// What was told in a month, as everybody fetches it whole: openroll.register.request.month_list says what its columns are. A column is
// a list of as many values as there are requests, or of one, which all have; moments are microseconds since 1970.
const FORM = "openroll-told-1", DIGEST = 32, DIGITS = "0123456789abcdef";
const CODED = ["authority", "operator", "filed_to", "reviewer", "use", "fields", "urgency", "approved", "outcome", "given", "annulled", "postponed_why", "reason", "complained"];

function fail(why) { throw new TypeError(`it is no list of what was told in a month: ${why}`); }

function column(values, many) {
  if (!Array.isArray(values) || (values.length !== 1 && values.length !== many)) fail("its columns are not of one length");
  return values.length === 1 ? (at) => values[0] : (at) => values[at];
}

function coded(given, many) {
  if (!given || !Array.isArray(given.values)) fail("a column has no values");
  const of = column(given.of, many);
  return (at) => (Number.isSafeInteger(of(at)) && of(at) >= 0 && of(at) < given.values.length ? given.values[of(at)] : fail("a place that there is not"));
}

// In hexadecimal all at once, as there are thousands.
function digests(text, many) {
  const bytes = atob(text), digits = new Uint8Array(2 * bytes.length);
  if (bytes.length !== many * DIGEST) fail("its digests are not as many as its requests");
  for (let at = 0; at < bytes.length; at += 1) {
    digits[2 * at] = DIGITS.charCodeAt(bytes.charCodeAt(at) >> 4);
    digits[2 * at + 1] = DIGITS.charCodeAt(bytes.charCodeAt(at) & 15);
  }
  const all = new TextDecoder().decode(digits);
  return (at) => all.slice(2 * DIGEST * at, 2 * DIGEST * (at + 1));
}

// As the roll writes moments: to the microsecond, where there is one.
function moment(microseconds) {
  if (!Number.isSafeInteger(microseconds) || microseconds < 0) fail("a moment that is none");
  const part = microseconds % 1e6, second = new Date((microseconds - part) / 1e3).toISOString().slice(0, 19);
  return `${second}${part ? `.${String(part).padStart(6, "0")}` : ""}Z`;
}

const momentOrNone = (microseconds) => (microseconds === null ? null : moment(microseconds));

// The requests whose person was last told in a month, each as the list of all requests has it. Throws for anything else.
export function monthOf(text, month) {
  const read = JSON.parse(text), many = Array.isArray(read.number) ? read.number.length : fail("it has no numbers");
  if (read.form !== FORM || read.month !== month) fail("it says of another month");
  const [filed, told, postponed, until, bucket, words] = ["filed", "told", "postponed", "until", "bucket", "words"].map((name) => column(read[name], many));
  const values = CODED.map((name) => [name, coded(read[name], many)]), byWord = coded(read.by_word, many), notice = digests(read.notice, many);
  const counts = Array.from({ length: many }, (_, at) => (Number.isSafeInteger(words(at)) && words(at) >= 0 ? words(at) : fail("a number of words")));
  const complaint = digests(read.complaints, counts.reduce((sum, one) => sum + one, 0));
  let first = 0, before = -1;
  return read.number.map((number, at) => {
    if (!Number.isSafeInteger(number) || number <= before) fail("its requests are not in the order of their numbers");
    const request = { number, filed: moment(filed(at)), postponed: momentOrNone(postponed(at)), complain_until: momentOrNone(until(at)), complaints: [] };
    for (const [name, value] of values) request[name] = value(at);
    for (let one = 0; one < counts[at]; one += 1) request.complaints.push(complaint(first + one));
    [first, before] = [first + counts[at], number];
    request.told = { notice: notice(at), bucket: bucket(at), at: moment(told(at)), by_word: byWord(at) };
    if (request.told.at.slice(0, 7) !== month) fail("it has what was told in another month");
    return request;
  });
}
