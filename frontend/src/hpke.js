// HPKE (RFC 9180) as envelopes use it: key schedule and modes by panva's `hpke`, primitives by noble, which the receipt check has
// anyway. The package's own primitives are those of WebCrypto, which old phones lack (X25519, ML-KEM, ChaCha20-Poly1305), and pages
// without TLS have not at all. `hpke` takes others by an interface, which is what stands here; the tests hold it against the
// vectors of RFC 9180 and of the hybrid.
import { CipherSuite, concat, DecapError, encode, I2OSP, LabeledExpand, LabeledExtract, OpenError } from "hpke";
import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { x25519 } from "@noble/curves/ed25519.js";
import { expand, extract } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { ml_kem768_x25519 } from "@noble/post-quantum/hybrid.js";

// A key as `hpke` wants it, around bytes that only this file reads.
class Key {
  #value;
  constructor(name, type, value) {
    this.algorithm = { name };
    this.type = type;
    this.extractable = false;
    this.#value = value;
  }
  static value(key) { return key.#value; }
}

const never = async () => { throw new Error("envelopes draw and write no keys by HPKE"); };

const kdf = () => ({
  id: 1, type: "KDF", name: "HKDF-SHA256", Nh: 32, stages: 2,
  Extract: async (salt, ikm) => extract(sha256, ikm, salt),
  Expand: async (prk, info, length) => expand(sha256, prk, info, length),
  Derive: never,
});

const aead = () => ({
  id: 3, type: "AEAD", name: "ChaCha20Poly1305", Nk: 32, Nn: 12, Nt: 16,
  Seal: async (key, nonce, aad, plain) => chacha20poly1305(key, nonce, aad).encrypt(plain),
  Open: async (key, nonce, aad, sealed) => chacha20poly1305(key, nonce, aad).decrypt(sealed),
});

const kem = (id, name, sizes, { publicOf, encap, decap }) => () => ({
  id, type: "KEM", name, Nsecret: 32, Nsk: 32, ...sizes,
  DeriveKeyPair: never, GenerateKeyPair: never, SerializePrivateKey: never,
  SerializePublicKey: async (key) => Key.value(key).slice(),
  DeserializePublicKey: async (raw) => new Key(name, "public", raw.slice()),
  DeserializePrivateKey: async (seed) => new Key(name, "private", { seed: seed.slice(), publicKey: publicOf(seed) }),
  Encap: async (key) => encap(Key.value(key)),
  Decap: async (enc, key) => decap(enc, Key.value(key)),
});

// DHKEM(X25519, HKDF-SHA256), RFC 9180 section 4.1. noble refuses a shared secret that is zero (section 7.1.4).
const X25519_KEM = concat(encode("KEM"), I2OSP(0x20, 2));
async function shared(dh, enc, publicKey) {
  const prk = await LabeledExtract(kdf(), X25519_KEM, new Uint8Array(), encode("eae_prk"), dh);
  return LabeledExpand(kdf(), X25519_KEM, prk, encode("shared_secret"), concat(enc, publicKey), 32);
}
const classic = {
  publicOf: (seed) => x25519.getPublicKey(seed),
  async encap(publicKey) {
    const secret = x25519.utils.randomSecretKey(), enc = x25519.getPublicKey(secret);
    return { enc, shared_secret: await shared(x25519.getSharedSecret(secret, publicKey), enc, publicKey) };
  },
  decap: (enc, { seed, publicKey }) => shared(x25519.getSharedSecret(seed, enc), enc, publicKey),
};

// MLKEM768-X25519 of draft-ietf-hpke-pq, X-Wing by its other name.
const hybrid = {
  publicOf: (seed) => ml_kem768_x25519.keygen(seed).publicKey,
  encap(publicKey) {
    const { cipherText, sharedSecret } = ml_kem768_x25519.encapsulate(publicKey);
    return { enc: cipherText, shared_secret: sharedSecret };
  },
  decap: (enc, { seed }) => ml_kem768_x25519.decapsulate(enc, seed),
};

const SUITES = {
  1: new CipherSuite(kem(0x647a, "MLKEM768-X25519", { Nenc: 1120, Npk: 1216 }, hybrid), kdf, aead),
  2: new CipherSuite(kem(0x20, "DHKEM(X25519, HKDF-SHA256)", { Nenc: 32, Npk: 32 }, classic), kdf, aead),
};

// The public key of a seed of 32 bytes.
export const publicOf = (suite, seed) => (suite === 1 ? hybrid : classic).publicOf(seed);

// `enc` and the ciphertext, one behind the other, as HPKE's single-shot functions in Python give them.
export async function hpkeSeal(suite, publicKey, plain, info) {
  const hpke = SUITES[suite], key = await hpke.DeserializePublicKey(publicKey);
  const { encapsulatedSecret, ciphertext } = await hpke.Seal(key, plain, { info });
  return concat(encapsulatedSecret, ciphertext);
}

// What was sealed; undefined where it does not open.
export async function hpkeOpen(suite, seed, enc, sealed, info) {
  const hpke = SUITES[suite], key = await hpke.DeserializePrivateKey(seed);
  try { return await hpke.Open(key, enc, sealed, { info }); } catch (error) {
    if (error instanceof OpenError || error instanceof DecapError) return undefined;
    throw error;
  }
}
