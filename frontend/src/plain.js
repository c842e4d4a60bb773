// Bytes, base64, numbers, text and the one kind of error: what the checks of receipts and policies share.
export class Bad extends Error {
  // `code` is the verdict's, `rule` the number of the rule in docs/proofs.md, `line` that of a policy's line that is wrong.
  constructor(code, rule, line = 0) { super(`${code} ${rule}`); Object.assign(this, { code, rule, line }); }
}
export const bad = (code, rule) => { throw new Bad(code, rule); };
export const utf8 = new TextEncoder();
const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
// The text that bytes are in UTF-8, a mark of a byte order included; undefined for what is no UTF-8.
export const strictText = (bytes) => { try { return strict.decode(bytes); } catch { return undefined; } };

export const joined = (...parts) => {
  const out = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  parts.reduce((at, p) => (out.set(p, at), at + p.length), 0);
  return out;
};
// What a table has under a name that somebody else wrote, and nothing that every object has (`toString`, `__proto__`).
export const lookup = (table, name) => (table && Object.hasOwn(table, name) ? table[name] : undefined);
export const same = (a, b) => a.length === b.length && a.every((x, i) => x === b[i]);
export const hex = (bytes) => [...bytes].map((b) => b.toString(16).padStart(2, "0")).join("");
// The bytes as one character each, for what is searched in bytes.
export const octets = (bytes) => {
  let out = "";
  for (let at = 0; at < bytes.length; at += 8192) out += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return out;
};
export const bytesOf = (text) => Uint8Array.from(text, (c) => c.charCodeAt(0));

// Standard base64 in its one canonical form: no white space, right padding, no loose bits.
export const base64 = (text, rule) => {
  let raw;
  try { raw = atob(text); } catch { bad("malformed", rule); }
  if (btoa(raw) !== text) bad("malformed", rule);
  return bytesOf(raw);
};
export const text = (bytes, rule) => { try { return strict.decode(bytes); } catch { return bad("malformed", rule); } };
// What somebody else wrote, on one line whatever is in it: what nobody sees is shown, as openroll.tlog.printable does it.
export const oneLine = (text) => text.replace(/[\p{Cc}\p{Cf}\p{Cn}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/gu, (char) => `<U+${char.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}>`);
// A whole number in plain digits below 2**53, which JavaScript holds exactly.
export const number = (digits, rule) => {
  if (!/^(0|[1-9][0-9]{0,15})$/.test(digits) || Number(digits) > Number.MAX_SAFE_INTEGER) bad("malformed", rule);
  return Number(digits);
};
// The text without such characters at its end. Walked back: a pattern like /[ ]+$/ begins anew at each blank of a long row of them.
export const withoutEnd = (text, characters) => {
  let end = text.length;
  while (end && characters.includes(text[end - 1])) end -= 1;
  return text.slice(0, end);
};
// The same at both ends.
export const without = (text, characters) => {
  let begin = 0;
  while (begin < text.length && characters.includes(text[begin])) begin += 1;
  return withoutEnd(text.slice(begin), characters);
};

// What Python calls blank, by which the commands strip a text: the separators of records are, the mark of a byte order is not.
const BLANKS = "\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000";
export const stripped = (text) => without(text, BLANKS);
export const strippedEnd = (text) => withoutEnd(text, BLANKS);

// Two values that show any one wrong of these (each 0 to 31), and any two exchanged; and a code as one word, however it was typed
// (openroll.disclosure.notice_code).
export function checkOf(values) {
  const sum = values.reduce((total, value, at) => total + value * (at + 1), 0) % 1021;
  return [sum >> 5, sum & 31];
}
export const withoutGroups = (code) => code.normalize("NFKC").replace(/[\p{White_Space}\x1c-\x1f\p{Pd}\p{Cf}\u2212._]/gu, "");

// A decimal digit of any script as 0 to 9: they stand in rows of ten, some of them one behind the other.
export function digit(char) {
  let back = 0;
  while (/\p{Nd}/u.test(String.fromCodePoint(char.codePointAt(0) - back - 1))) back += 1;
  return String(back % 10);
}
