// What may stand in a value that is hidden behind a digest: as openroll.disclosure.text, which says why.
import { without } from "./plain.js";

export const normalText = (value) => without(value.normalize("NFC").replace(/[\u00a0\u1680\u2000-\u200a\u202f\u205f]/g, " "), " \t\u3000");
const SHOWN_FORMATS = /[\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\u{110bd}\u{110cd}]/u;
const BLANKS = /[\ufffd\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\ufffc]/u;
const JOINED = /[\u0600-\u08ff\u0900-\u0dff\u0f00-\u109f\u1780-\u18af\ua840-\ua87f\ufb50-\ufdff\ufe70-\ufefc\u{11000}-\u{11fff}]/u;
const HAN = /[\u2e80-\u2fdf\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u{20000}-\u{3fffd}]/u;

// The first character that no value may have; nothing when there is none.
export function refusedCharacter(value) {
  const chars = [...value];
  return chars.find((char, at) => refused(char, chars[at - 1] || "", chars[at + 1] || ""));
}
function refused(char, before, after) {
  if (char === "\u200c" || char === "\u200d") return !(JOINED.test(before) && JOINED.test(after));
  if (/[\ufe00-\ufe0f\u{e0100}-\u{e01ef}]/u.test(char)) return !HAN.test(before) || /[\ufe03-\ufe0f]/.test(char);
  if (/[\u180b-\u180d\u180f]/.test(char)) return !/[\u1820-\u18aa]/.test(before);
  if (BLANKS.test(char)) return true;
  return !SHOWN_FORMATS.test(char) && /[\p{Cc}\p{Cf}\p{Cn}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/u.test(char);
}
