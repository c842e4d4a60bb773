// Which record a request is about: ONE. Every rule mirrors openroll.register.request.one_record, .address and .record, which the
// reviewer's and the operator's programs hold it against again; a test holds the two against each other.
import { aLabels, nameFault } from "./domain.js";
import { isZoneName } from "./known-names.js";
import { digit, stripped } from "./plain.js";
import { refusedCharacter } from "./told-text.js";

const MEANS = ["subscription", "code", "domain", "address"];
const MOST_NUMBER = 64, MOST_DOMAIN = 253, MOST_PORT = 65535;
const PATTERN = /[*?%[\]{}()^$|\\<>=!~`"']/, SEVERAL = /[\s,;&]|\.\.|[\u2026\u3001\u060c]/;
const lack = (field, why) => (why ? [{ field, why }] : []);
const long = (text, most) => [...text].length > most;

export const typed = (text) => [...stripped(text.normalize("NFKC"))]
  .map((char) => (char <= "\x7f" ? char : /\p{Nd}/u.test(char) ? digit(char) : /[\p{Pd}\u2212]/u.test(char) ? "-" : char)).join("");

function textFault(text) {
  if (!text) return "missing";
  if (refusedCharacter(text)) return "hidden";
  if (text !== typed(text)) return "form";
  return long(text, MOST_DOMAIN) ? "long" : "";
}

function isTwo(number) {
  for (const found of number.matchAll(/[0-9][-./:_]*\p{Lo}/gu)) if (/[0-9]/.test(number.slice(found.index + found[0].length))) return true;
  const runs = number.match(/[0-9]+/g) || [];
  return runs.some((one, at) => at > 0 && one.length >= 4 && one.length === runs[at - 1].length);
}
export function numberFault(number) {
  const why = textFault(number);
  if (why) return why;
  if (SEVERAL.test(number)) return "several";
  if (PATTERN.test(number)) return "pattern";
  if (!/^[\p{L}\p{N}\p{Mn}\p{Mc}\-./:_+#@]*$/u.test(number)) return "form";
  if (isTwo(number) || isNetwork(number)) return "range";
  if (long(number, MOST_NUMBER)) return "long";
  return /[0-9]/.test(number) ? "" : "no-digit";
}

export function codeFault(code) {
  const why = textFault(code);
  if (why) return why;
  if (code.replace(/\D/g, "").length > 16) return "several";
  if (PATTERN.test(code)) return "pattern";
  return /^[0-9]{16}$/.test(code) && BigInt(code) % 97n === 1n ? "" : "form";
}

export function domainFault(domain) {
  const why = textFault(domain);
  if (why) return why;
  if (SEVERAL.test(domain)) return "several";
  if (PATTERN.test(domain)) return "pattern";
  return nameFault(domain);
}

// Addresses

const four = (text) => /^((25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(\.|$)){4}$/.test(text) && !text.endsWith(".");
const six = (text) => { try { return new URL(`http://[${text}]/`).hostname.slice(1, -1); } catch { return ""; } };
const canonicalIp = (text) => (text.includes(":") && /^[0-9a-fA-F:.]+$/.test(text) ? six(text) || text : text);
function groupsOf(address) {
  const [head, tail] = address.split("::").map((part) => (part ? part.split(":").map((one) => parseInt(one, 16)) : []));
  return tail === undefined ? head : [...head, ...Array(8 - head.length - tail.length).fill(0), ...tail];
}
// Whether a number is an IP address or a network: of one to be asked about, an address says its second, zone and port.
function isNetwork(number) {
  const [address, prefix, ...more] = number.split("/"), within = (most) => prefix === undefined || (/^[0-9]+$/.test(prefix) && Number(prefix) <= most);
  if (more.length) return false;
  return four(address) ? within(32) || isMask(prefix) : address.includes(":") && /^[0-9a-fA-F:.]+$/.test(address) && six(address) !== "" && within(128);
}
const isMask = (text) => four(text) && /^(1*0*|0*1*)$/.test(text.split(".").map((part) => Number(part).toString(2).padStart(8, "0")).join(""));
export function ipFault(address) {
  const why = textFault(address);
  if (why) return why;
  if (address.includes("/") || /[0-9a-fA-F:.]-[0-9a-fA-F:]/.test(address)) return "range";
  if (SEVERAL.test(address)) return "several";
  if (PATTERN.test(address) || /(^|[^\p{L}\p{N}_])x+($|[^\p{L}\p{N}_])/iu.test(address)) return "pattern";
  if (four(address)) {
    const [a, b, c, d] = address.split(".").map(Number);
    return a >= 224 && a < 240 || a === 127 || a + b + c + d === 0 || (a === 169 && b === 254) || address === "255.255.255.255" ? "impossible" : "";
  }
  if (!address.includes(":") || six(address) !== address) return "form";
  const groups = groupsOf(address), zeros = (from, to) => groups.slice(from, to).every((one) => one === 0);
  if (zeros(0, 5) && groups[5] === 0xffff) return "form";
  if (groups[0] >> 8 === 0xff || (zeros(0, 7) && groups[7] < 2) || (groups[0] & 0xffc0) === 0xfe80) return "impossible";
  return zeros(4, 8) ? "range" : "";
}

// Moments

const AT = /^([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}:[0-9]{2}(:[0-9]{2})?)$/;
export function splitZone(givenAt, givenZone) {
  let at = typed(givenAt), zone = typed(givenZone);
  const found = /^(.*[0-9])\s*([Zz]|[+-][0-9]{2}:[0-9]{2})$/.exec(at);
  if (found && !zone && AT.test(found[1])) [, at, zone] = found;
  if (AT.test(at)) at = at.replace(" ", "T");
  return [at, ["Z", "z", "UTC"].includes(zone) ? "+00:00" : zone];
}
function offsetAt(time, zone) {
  const form = new Intl.DateTimeFormat("en-u-hc-h23", { timeZone: zone, era: "short", year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric" });
  const { era, ...part } = Object.fromEntries(form.formatToParts(time).map(({ type, value }) => [type, type === "era" ? value : Number(value)]));
  const local = new Date(0);  // Date.UTC would take the years 0 to 99 for those of 1900
  local.setUTCFullYear(era === "BC" ? 1 - part.year : part.year, part.month - 1, part.day);
  return local.setUTCHours(part.hour, part.minute, part.second) - time;
}
function isZone(zone) {
  if (!isZoneName(zone)) return false;
  try { return Boolean(new Intl.DateTimeFormat("en", { timeZone: zone })); } catch { return false; }
}
// The years that the commands count in, 1 to 9999.
const FIRST = Date.parse("0001-01-01T00:00:00Z"), AFTER = Date.parse("+010000-01-01T00:00:00Z");
const inTime = (time) => (time >= FIRST && time < AFTER ? time : { field: "moment", why: "impossible" });
// The moment that a clock in a zone showed, in milliseconds; or what is missing or wrong, as { field, why }.
export function momentOf(at, zone) {
  if (!at) return { field: "moment", why: "missing" };
  const found = AT.exec(at);
  if (!found) return { field: "moment", why: /[0-9]\s*(?:\/|--|\bto\b|,|;|~)\s*[0-9]/.test(at) ? "range" : "form" };
  if (!found[3]) return { field: "moment", why: "second" };
  if (at[10] !== "T") return { field: "moment", why: "form" };
  const local = Date.parse(`${at}Z`);
  if (Number.isNaN(local) || new Date(local).toISOString().slice(0, 19) !== at || local < FIRST) return { field: "moment", why: "impossible" };
  if (!zone || zone === "-00:00") return { field: "zone", why: "missing" };
  const offset = /^([+-])([0-9]{2}):([0-9]{2})$/.exec(zone);
  if (offset) {
    const apart = (Number(offset[2]) * 60 + Number(offset[3])) * 60_000;
    return apart <= 14 * 3_600_000 && offset[3] < "60" ? inTime(local - (offset[1] === "-" ? -apart : apart)) : { field: "zone", why: "impossible" };
  }
  if (!isZone(zone)) return { field: "zone", why: "form" };
  const tries = [-86_400_000, 86_400_000].map((apart) => local - offsetAt(local + apart, zone));
  const real = [...new Set(tries)].filter((time) => time + offsetAt(time, zone) === local);
  return real.length === 1 ? inTime(real[0]) : { field: "moment", why: real.length ? "ambiguous" : "impossible" };
}
const momentLack = (moment, now) => (typeof moment === "object" ? [moment] : now !== undefined && moment > now ? [{ field: "moment", why: "future" }] : []);
function portOf(text) {
  const port = typed(text);
  if (!port) return { field: "port", why: "missing" };
  if (!/^[0-9]+$/.test(port)) return { field: "port", why: (port.match(/[0-9]+/g) || []).length > 1 ? "several" : "form" };
  return port.length < 6 && Number(port) > 0 && Number(port) <= MOST_PORT ? Number(port) : { field: "port", why: "impossible" };
}

// The record that somebody typed, { record } in its one form, or { lacks } with everything that is missing or wrong.
export function recordOf({ by, value, at, zone, port }, now) {
  const plain = typed(value), moment = splitZone(at || "", zone || "");
  const addressLacks = () => {
    const found = portOf(port || "");
    return [...momentLack(momentOf(...moment), now), ...(at || zone ? [] : [{ field: "zone", why: "missing" }]), ...(typeof found === "object" ? [found] : [])];
  };
  if (!plain || !MEANS.includes(by)) return { lacks: [{ field: "record", why: "missing" }, ...(by === "address" ? addressLacks() : [])] };
  if (by === "address") {
    const address = canonicalIp(plain), lacks = [...lack("record", ipFault(address)), ...addressLacks()];
    return lacks.length ? { lacks } : { record: { by, address, at: moment[0], zone: moment[1], port: portOf(port) } };
  }
  const record = { subscription: () => ({ by, number: plain }), code: () => ({ by, code: plain.replace(/[ .\u00b7-]/g, "") }), domain: () => ({ by, domain: aLabels(plain) }) }[by]();
  const lacks = recordLacks(record);
  return lacks.length ? { lacks } : { record };
}

// Everything that is missing or wrong with a record as an envelope says it.
export function recordLacks(record, now) {
  if (record.by === "subscription") return lack("record", numberFault(record.number));
  if (record.by === "code") return lack("record", codeFault(record.code));
  if (record.by === "domain") return lack("record", domainFault(record.domain));
  const port = record.port > 0 && record.port <= MOST_PORT ? "" : record.port ? "form" : "missing";
  return [...lack("record", ipFault(record.address)), ...momentLack(momentOf(record.at, record.zone), now), ...lack("port", port)];
}
