// ONE domain, in A-labels, as openroll.register.request.one_record has it: by the browser's own IDNA (UTS 46), narrowed to what
// IDNA 2008 (RFC 5892) takes, and below a suffix under which anybody may have theirs.
import { isSuffixRule } from "./known-names.js";

const MOST_DOMAIN = 253, MOST_LABEL = 63, DIGITS = "abcdefghijklmnopqrstuvwxyz0123456789";
const PLAIN = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const ascii = (text) => /^[\0-\x7f]*$/.test(text);
const hostOf = (label) => { try { return new URL(`http://${label}/`).hostname; } catch { return ""; } };

// The characters of IDNA 2008: letters, marks and digits, and those that are taken between certain others; without the exceptions of
// RFC 5892 section 2.6, old Hangul letters, and marks for symbols and music.
const TAKEN = /^[-a-z0-9\p{Ll}\p{Lo}\p{Lm}\p{Mn}\p{Mc}\p{Nd}\u06fd\u06fe\u0f0b\u3007\u00b7\u0375\u05f3\u05f4\u30fb\u200c\u200d]+$/u;
const REFUSED = /[\u0640\u07fa\u302e\u302f\u3031-\u3035\u303b\u1100-\u11ff\ua960-\ua97f\ud7b0-\ud7ff\u20d0-\u20ff\u{1d100}-\u{1d24f}]/u;

// What stands in an A-label behind `xn--`, one that the browser takes (RFC 3492 section 6.2).
function decoded(input) {
  const mark = input.lastIndexOf("-"), points = [...input.slice(0, Math.max(mark, 0))].map((char) => char.codePointAt(0));
  let code = 128, at = 0, bias = 72, from = mark + 1;
  while (from < input.length) {
    const before = at;
    for (let weight = 1, step = 36; ; step += 36) {
      const digit = DIGITS.indexOf(input[from]), least = Math.min(Math.max(step - bias, 1), 26);
      from += 1;
      at += digit * weight;
      if (digit < least) break;
      weight *= 36 - least;
    }
    const count = points.length + 1;
    let delta = Math.floor((at - before) / (before ? 2 : 700)), apart = 0;
    for (delta += Math.floor(delta / count); delta > 455; apart += 36) delta = Math.floor(delta / 35);
    bias = apart + Math.floor((36 * delta) / (delta + 38));
    code += Math.floor(at / count);
    at %= count;
    points.splice(at, 0, code);
    at += 1;
  }
  return String.fromCodePoint(...points);
}

// What some characters need beside them (RFC 5892 appendix A.3 to A.9); of joiners the browser sees to it.
function inPlace(char, before, after, label) {
  if (char === "\u00b7") return before === "l" && after === "l";
  if (char === "\u0375") return /\p{Script=Greek}/u.test(after);
  if (char === "\u05f3" || char === "\u05f4") return /\p{Script=Hebrew}/u.test(before);
  if (char === "\u30fb") return /[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]/u.test(label);
  return !/[\u0660-\u0669]/.test(char) || !/[\u06f0-\u06f9]/.test(label);
}
function isULabel(label) {
  const chars = [...label];
  if (!TAKEN.test(label) || REFUSED.test(label) || label.startsWith("-") || label.endsWith("-") || chars.slice(2, 4).join("") === "--") return false;
  return chars.every((char, at) => inPlace(char, chars[at - 1] || "", chars[at + 1] || "", label));
}
function isALabel(label) {
  if (!label.startsWith("xn--")) return PLAIN.test(label) && label.slice(2, 4) !== "--";
  if (label.length > MOST_LABEL || hostOf(label) !== label) return false;
  const plain = decoded(label.slice(4));
  return isULabel(plain) && hostOf(plain) === label;  // the one A-label of what stands in it
}
function aLabel(label) {
  if (ascii(label)) return isALabel(label) ? label : "";
  const host = TAKEN.test(label) ? hostOf(label) : "";
  return host.startsWith("xn--") && isALabel(host) && decoded(host.slice(4)) === label ? host : "";
}

// A domain in A-labels; as it stands where it is none, so that what is wrong with it can be said.
export function aLabels(value) {
  const name = value.replace(/[\u3002\uff0e\uff61]/g, ".").toLowerCase().replace(/\.$/, "");
  if (ascii(name)) return name;
  const labels = name.split(".").map(aLabel), made = labels.join(".");
  return labels.every(Boolean) && made.length <= MOST_DOMAIN ? made : name;
}

// How many labels of a domain are a suffix under which anybody may have theirs (the list's rules, the longest first).
function publicLabels(labels) {
  for (let at = 0; at < labels.length; at += 1) {
    const rest = labels.slice(at).join("."), depth = labels.length - at;
    if (isSuffixRule(`!${rest}`)) return depth - 1;
    if (isSuffixRule(`*.${rest}`)) return at ? depth + 1 : depth;
    if (isSuffixRule(rest)) return depth;
  }
  return 1;
}

// What is wrong with a text of one line as ONE domain; empty for nothing.
export function nameFault(domain) {
  const labels = domain.split("."), last = labels[labels.length - 1];
  if (last === "arpa") return "range";  // networks and numbers as names (RFC 3172), and no clock beside an address
  if (labels.length < 2 || !ascii(domain) || domain !== domain.toLowerCase() || /^[0-9]+$/.test(last) || !labels.every(isALabel)) return "form";
  return labels.length > publicLabels(labels) ? "" : "several";
}
