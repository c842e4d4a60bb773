// Takes the receipt out of the PDF that Openroll prints (its attachment `receipt.tlog-proof`, PDF 32000-1 section 7.11.4).
// It knows the form in which such a file is written and no other PDF's: what it takes out is checked like any receipt.
import { bytesOf, octets } from "./plain.js";

const MOST = 2_000_000, MOST_TRIED = 64;
export const isPdf = (bytes) => octets(bytes.subarray(0, 1024)).includes("%PDF-");

async function inflated(data) {
  const reader = new Blob([data]).stream().pipeThrough(new DecompressionStream("deflate")).getReader(), parts = [];
  for (let size = 0; ;) {
    const { value, done } = await reader.read();
    if (done) return new Uint8Array(await new Blob(parts).arrayBuffer());
    if ((size += value.length) > MOST) { await reader.cancel(); return undefined; }
    parts.push(value);
  }
}

// The receipt's bytes; undefined where the PDF carries none.
export async function receiptIn(bytes) {
  const whole = octets(bytes);
  let tried = 0;
  for (const found of whole.matchAll(/\/EmbeddedFile(?![A-Za-z])/g)) {
    if (++tried > MOST_TRIED) break; // ours has one; each costs a walk through the file
    const start = whole.lastIndexOf(" obj", found.index), opened = whole.indexOf("stream", found.index);
    if (start < 0 || opened < 0) continue;
    const head = whole.slice(start, opened), length = /\/Length (\d+)/.exec(head);
    const from = opened + (whole.startsWith("stream\r\n", opened) ? 8 : 7);
    if (!length || head.includes("endobj")) continue;
    const data = bytesOf(whole.slice(from, from + Number(length[1])));
    try {
      const made = /\/FlateDecode/.test(head) ? await inflated(data) : data;
      if (made && octets(made.subarray(0, 9)) === "c2sp.org/") return made;
    } catch { continue; }
  }
  return undefined;
}
