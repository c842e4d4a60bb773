// What stands in the envelopes of a request, each in one canonical JSON, as openroll.register.request.content has it.
import { sha256 } from "@noble/hashes/sha2.js";
import { recordLacks, recordOf } from "./one-record.js";
import { refusedCharacter } from "./told-text.js";
import { bytesOf, digit, hex, joined, lookup, same, stripped, strippedEnd, utf8 } from "./plain.js";

const MOST_TEXT = 4000, MOST_LINE = 200;
const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

// JSON with its members sorted, by their characters as bytes sort them, and no blanks.
const order = (one, other) => {
  const [a, b] = [one, other].map((name) => hex(utf8.encode(name)));
  return a < b ? -1 : Number(a > b);
};
export function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value && typeof value === "object") return `{${Object.keys(value).sort(order).map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join(",")}}`;
  return JSON.stringify(value);
}
export const encoded = (content) => utf8.encode(canonical(content));

const text = (one) => typeof one === "string" && !/\p{Surrogate}/u.test(one);
const texts = (one) => Array.isArray(one) && one.every(text);
const named = (one) => plainObject(one) && Object.entries(one).flat().every(text);
const plainObject = (one) => Boolean(one) && typeof one === "object" && !Array.isArray(one);
const record = { subscription: { number: text }, code: { code: text }, domain: { domain: text },
  address: { address: text, at: text, zone: text, port: Number.isSafeInteger } };
const FORMS = {
  ask: { record: (one) => plainObject(one) && Object.keys(record).includes(one.by) && fits(one, { by: text, ...record[one.by] }), grounds: text, basis: text, case: text, salt: (one) => text(one) && /^[0-9a-f]{32}$/.test(one), officer: text },
  question: { text }, "answer-back": { text },
  answer: { outcome: text, disclosures: texts, receipts: texts, withheld: named },
};
// Members that an answer may have besides, and never empty: an answer of before has neither.
const BESIDES = { answer: { number: (one) => text(one) && one !== "", openings: (one) => named(one) && Object.keys(one).length > 0 } };
const fits = (one, form) => Object.keys(one).length === Object.keys(form).length && Object.entries(form).every(([name, fit]) => fit(one[name]));

// What stood in an envelope, in its one form, { content }; { lacks } for an ask that is not whole, and neither for what should not
// stand there.
export function contentIn(bytes, kind) {
  let found;
  try { found = JSON.parse(strict.decode(bytes)); } catch { return {}; }
  if (!plainObject(found) || found.is !== kind) return {};
  const besides = Object.entries(lookup(BESIDES, kind) || {}).filter(([name]) => Object.hasOwn(found, name));
  if (!fits(found, { is: text, ...FORMS[kind], ...Object.fromEntries(besides) }) || !same(encoded(found), bytes)) return {};
  const lacks = kind === "ask" ? askLacks(found) : [];
  return lacks.length ? { lacks } : { content: found };
}

// Asking

const oneForm = (given) => stripped(given).split(/\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]/).map(strippedEnd).join("\n");
export function textLack(field, given) {
  if (!stripped(given)) return [{ field, why: "missing" }];
  if ([...given].length > MOST_TEXT) return [{ field, why: "long" }];
  return refusedCharacter(given.replace(/[\n\t]/g, "")) ? [{ field, why: "hidden" }] : [];
}
// A number of six digits or more, however grouped, or an address of mail (openroll.rules.naming); days are none.
// Digits that stand by themselves and in no row of ten, as those in circles: the first of a row, its value, how many.
const ALONE = [[0x1369, 1, 9], [0x19da, 1, 1], [0x24f5, 1, 9], [0x24ff, 0, 1], [0x2776, 1, 9], [0x2780, 1, 9], [0x278a, 1, 9], [0x10a40, 1, 4],
  [0x10e60, 1, 9], [0x11052, 1, 9]];
function plainDigit(char) {
  if (/\p{Nd}/u.test(char)) return digit(char);
  const code = char.codePointAt(0), row = ALONE.find(([first, , count]) => code >= first && code < first + count);
  return row ? String(code - row[0] + row[1]) : char;
}
function namesSomebody(given) {
  const digits = [...given.replace(/\p{Cf}/gu, "").normalize("NFKC")].map(plainDigit).join("");
  const plain = digits.replace(/(^|[^0-9])(19|20)[0-9]{2}([-.])(0?[1-9]|1[0-2])\3(0?[1-9]|[12][0-9]|3[01])(?![0-9])/g, "$1|");
  const one = "[0-9\\u3007\\u96f6\\u4e00\\u4e8c\\u4e09\\u56db\\u4e94\\u516d\\u4e03\\u516b\\u4e5d\\u5e7a]";
  return [`${one}{6}`, `${one}(?:[ \\-‐-―.()]{0,2}${one}){6}`, "[^\\s@]@[^\\s@]+\\.[^\\s@]"].some((form) => new RegExp(form).test(plain));
}
function lineLack(field, given) {
  if (!stripped(given)) return [{ field, why: "missing" }];
  if ([...given].length > MOST_LINE) return [{ field, why: "long" }];
  if (refusedCharacter(given)) return [{ field, why: "hidden" }];
  return field === "officer" && namesSomebody(given) ? [{ field, why: "names-somebody" }] : [];
}
const textLacks = (said) => [...textLack("grounds", said.grounds), ...["basis", "case", "officer"].flatMap((name) => lineLack(name, said[name]))];
export const askLacks = (ask, now) => [...recordLacks(ask.record, now), ...textLacks(ask)];

// The ask that a draft makes, { ask }; or { lacks } by field, before anything is sealed.
export function askOf(draft, salt, now) {
  const said = Object.fromEntries(["grounds", "basis", "case", "officer"].map((name) => [name, oneForm(draft[name])]));
  const { record: found, lacks } = recordOf(draft, now), all = [...(lacks || []), ...textLacks(said)];
  return all.length ? { lacks: all } : { ask: { is: "ask", record: found, salt: hex(salt), ...said } };
}
export const caseDigest = (reference, salt) => hex(sha256(joined(utf8.encode("openroll case 1\0"), bytesOf(salt.replace(/../g, (two) => String.fromCharCode(parseInt(two, 16)))), utf8.encode(reference))));

// What binds an envelope to its matter.
export function contextOf(origin, filed, part) {
  const fields = hex(sha256(utf8.encode([...filed.fields].sort().join("\n")))).slice(0, 16);
  return `openroll request 1 roll=${origin} authority=${filed.authority} use=${filed.use} operator=${filed.operator}`
    + ` reviewer=${filed.reviewer} fields=${fields} case=${filed.case_digest} part=${part}`;
}
