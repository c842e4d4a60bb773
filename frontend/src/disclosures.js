// Disclosures (RFC 9901): reads the files people keep them in, and says which of them a receipt's body has the digests of.
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesOf, text, utf8 } from "./plain.js";

const MOST_SHOWN = 50;
const base64url = (bytes) => btoa(String.fromCharCode(...bytes)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

const RESERVED = ["_sd", "..."];

// One disclosure, `[salt, field, value]`, in its one form; undefined for what is none. `isText` says whether its value is a text.
export function parse(encoded) {
  if (!/^[A-Za-z0-9_-]+$/.test(encoded)) return undefined;
  try {
    const raw = bytesOf(atob(encoded.replace(/-/g, "+").replace(/_/g, "/"))), parts = JSON.parse(text(raw));
    if (base64url(raw) !== encoded || !Array.isArray(parts) || parts.length !== 3) return undefined;
    const [salt, field, value] = parts, isText = typeof value === "string";
    if (typeof salt !== "string" || typeof field !== "string" || RESERVED.includes(field)) return undefined;
    return { salt, field, value: isText ? value : JSON.stringify(value), isText, digest: base64url(sha256(utf8.encode(encoded))) };
  } catch { return undefined; }
}

// What stands in a file: a disclosure a line, or an operator's NDJSON with a list of them in each line.
export function encodedIn(content) {
  return content.split(/\r\n?|\n/).flatMap((line) => {
    if (!line.trim().startsWith("{")) return line.split(/[\s~]+/).filter(Boolean);
    try { return [JSON.parse(line).disclosures].flat().filter((one) => typeof one === "string"); } catch { return [line]; }
  });
}

// A body has its digests in lists, under one name or another by the kind of act; those that it takes away stand in it no more.
function digestsOf(body) {
  try {
    const { dropped: _, ...stand } = JSON.parse(body), lists = Object.values(stand).filter(Array.isArray);
    return new Set(lists.flat().filter((one) => typeof one === "string" && /^[A-Za-z0-9_-]{43}$/.test(one)));
  } catch { return new Set(); }
}

// Every disclosure of a file with whether it is in this body; those that are come first. `unread` counts what is none.
export function compare(bytes, body) {
  const content = new TextDecoder(bytes[0] === 0xff && bytes[1] === 0xfe ? "utf-16le" : "utf-8").decode(bytes);
  const digests = digestsOf(body), encoded = encodedIn(content), read = encoded.map(parse).filter(Boolean);
  const all = read.map((one) => ({ field: one.field, value: one.value, inside: digests.has(one.digest) }));
  const shown = [...all.filter((one) => one.inside), ...all.filter((one) => !one.inside).slice(0, MOST_SHOWN)];
  return { shown, more: all.length - shown.length, unread: encoded.length - read.length };
}
