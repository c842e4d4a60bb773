// What solves the puzzle of a busy moment (service/identity/puzzle.py): a number such that SHA-256 of "challenge.number" begins with so
// many zero bits. Plain script, a slice at a time, so that the page stays alive.
const K = new Uint32Array(64), START = new Uint32Array(8);
(function constants() {
  const prime = (n) => { for (let d = 2; d * d <= n; d++) if (n % d === 0) return false; return true; };
  // The first 32 bits behind the point of the roots of the first primes (FIPS 180-4 sections 4.2.2 and 5.3.3).
  const fraction = (x) => (x - Math.floor(x)) * 4294967296;
  for (let n = 2, found = 0; found < 64; n++) {
    if (!prime(n)) continue;
    if (found < 8) START[found] = fraction(Math.sqrt(n));
    K[found++] = fraction(Math.cbrt(n));
  }
})();

const W = new Uint32Array(64);
function block(state, bytes, at) {
  for (let i = 0; i < 16; i++, at += 4) W[i] = (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
  for (let i = 16; i < 64; i++) {
    const x = W[i - 15], y = W[i - 2];
    W[i] = W[i - 16] + W[i - 7] + (((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3))
      + (((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10));
  }
  let [a, b, c, d, e, f, g, h] = state;
  for (let i = 0; i < 64; i++) {
    const t = (h + (((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7))) + ((e & f) ^ (~e & g)) + K[i] + W[i]) | 0;
    const u = ((((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10))) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g; g = f; f = e; e = (d + t) | 0; d = c; c = b; b = a; a = (t + u) | 0;
  }
  state[0] += a; state[1] += b; state[2] += c; state[3] += d; state[4] += e; state[5] += f; state[6] += g; state[7] += h;
}

function zeros(state) {
  let n = 0;
  for (const word of state) { n += Math.clz32(word); if (word) break; }
  return n;
}

export function solver(challenge) {
  const head = `${challenge}.`, whole = head.length >> 6, before = START.slice(), bits = +challenge.split(".")[2];
  const first = new TextEncoder().encode(head);
  for (let i = 0; i < whole; i++) block(before, first, i * 64);
  let number = 0;
  return function slice(until) {
    const state = new Uint32Array(8);
    while (performance.now() < until) {
      for (let turn = 0; turn < 500; turn++, number++) {
        const digits = String(number), length = head.length + digits.length, rest = length - whole * 64;
        const tail = new Uint8Array(rest + 9 > 64 ? 128 : 64);
        tail.set(first.subarray(whole * 64));
        for (let i = 0; i < digits.length; i++) tail[head.length - whole * 64 + i] = digits.charCodeAt(i);
        tail[rest] = 128;
        new DataView(tail.buffer).setUint32(tail.length - 4, length * 8);
        state.set(before);
        for (let at = 0; at < tail.length; at += 64) block(state, tail, at);
        if (zeros(state) >= bits) return head + number;
      }
    }
    return "";
  };
}

const HARDEST = 24;  // bits, as there: a roll that asks for more asks for what no page can do
export const solved = (challenge) => new Promise((resolve, reject) => {
  if (!(Number(challenge.split(".")[2]) <= HARDEST)) { reject(new Error("no puzzle")); return; }
  const slice = solver(challenge);
  (function turn() {
    const found = slice(performance.now() + 40);
    if (found) resolve(found); else setTimeout(turn, 0);
  })();
});
