// Bytes, base64 and the one kind of error: what the checks of receipts and policies share.
export class Bad extends Error {}
export const bad = (code) => { throw new Bad(code); };
export const utf8 = new TextEncoder();

export const joined = (...parts) => {
  const out = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  parts.reduce((at, p) => (out.set(p, at), at + p.length), 0);
  return out;
};
export const same = (a, b) => a.length === b.length && a.every((x, i) => x === b[i]);
export const base64 = (text) => {
  let raw;
  try { raw = atob(text); } catch { bad("malformed"); }
  if (btoa(raw) !== text) bad("malformed");
  return Uint8Array.from(raw, (c) => c.charCodeAt(0));
};
