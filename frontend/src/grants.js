// What a roll says of a grant (service/grants.py), asked and marked by a page. The roll learns a number that says nothing else.
import { solved } from "./solver.js";

export const quiet = { credentials: "omit", referrerPolicy: "no-referrer", cache: "no-store" };  // who looks says nothing of themselves
export const look = (grant) => fetch(`/api/v1/grants/${grant}`, quiet).catch(() => null);

// Marks a grant, by a word or as shown. Where the roll is slowed down the puzzle is solved that it gives, instead of waiting.
export async function mark(path, body) {
  const send = (proof) => fetch(`/api/v1/grants/${path}`, {
    ...quiet,
    method: "POST",
    headers: { "content-type": "application/json", "accept-language": document.documentElement.lang },
    body: JSON.stringify({ ...body, ...(proof ? { proof } : {}) }),
  }).catch(() => null);
  const first = await send("");
  if (!first || first.status !== 429) return first;
  const { params } = await first.clone().json().catch(() => ({}));
  const proof = params && params.puzzle ? await solved(params.puzzle).catch(() => "") : "";
  return proof ? send(proof) : first;
}
