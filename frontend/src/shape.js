// Whether a number has the form that its field has in the jurisdiction, as far as a browser knows it (places/numbers.py, shape_of).
import { digit } from "./plain.js";

const LONGEST = 100; // of places/pattern.py, MOST_LENGTH: no number is longer, and nothing longer is tried
const hasShape = (bare, shape) => bare.length <= LONGEST && new RegExp(`^(?:${shape})$`).test(bare);
export const fits = (value, { shape, apart }) => {
  if (!shape) return true;
  if (value.length > 10 * LONGEST) return false;
  const bare = value.replace(new RegExp(apart, "g"), "");
  return hasShape(bare, shape) || hasShape(bare.replace(/\p{Nd}/gu, digit), shape); // in any script's digits, as the command
};
