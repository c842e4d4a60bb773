"""HPKE as envelopes use it, held against the figures of others: RFC 9180's, and those of the post-quantum hybrid.

The public functions seal under a fresh ephemeral key each time, and take no associated data. So what others published is opened:
a ciphertext is made under the key and nonce that they say, and must come out under their private key, `enc` and `info`.
"""

import hashlib
import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256, SHA512, Hash, HashAlgorithm
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from tests.vectors import needs, vectors

from openroll.disclosure.envelope import HYBRID, X25519, PrivateKey
from openroll.disclosure.envelope.suites import SUITES

Vector = dict[str, Any]
AEADS: dict[int, tuple[AEAD, type[AESGCM] | type[ChaCha20Poly1305]]] = {
    1: (AEAD.AES_128_GCM, AESGCM),
    2: (AEAD.AES_256_GCM, AESGCM),
    3: (AEAD.CHACHA20_POLY1305, ChaCha20Poly1305),
}
KEY_LENGTHS = {1: 16, 2: 32, 3: 32}
KDFS: dict[int, tuple[KDF, HashAlgorithm]] = {1: (KDF.HKDF_SHA256, SHA256()), 3: (KDF.HKDF_SHA512, SHA512())}
INFO = bytes.fromhex("4f6465206f6e2061204772656369616e2055726e")


class Schedule(NamedTuple):
    """The first key and nonce of a context (RFC 9180 section 5.1)."""

    key: bytes
    nonce: bytes


def read(file: str) -> list[Vector]:
    """The vectors of a file of FiloSottile/hpke."""
    found: list[Vector] = json.loads((vectors("hpke") / file).read_text("utf-8"))
    return found


def extract(hashed: HashAlgorithm, suite: bytes, salt: bytes, label: bytes, ikm: bytes) -> bytes:
    """LabeledExtract (RFC 9180 section 4)."""
    mac = HMAC(salt or bytes(hashed.digest_size), hashed)
    mac.update(b"HPKE-v1" + suite + label + ikm)
    return mac.finalize()


def expand(hashed: HashAlgorithm, suite: bytes, prk: bytes, label: bytes, info: bytes, length: int) -> bytes:
    """LabeledExpand (RFC 9180 section 4)."""
    return HKDFExpand(hashed, length, length.to_bytes(2) + b"HPKE-v1" + suite + label + info).derive(prk)


def schedule(vector: Vector) -> Schedule:
    """The key schedule of a DHKEM(X25519) vector in base mode, as RFC 9180 writes it, without the library under test."""
    hashed, aead = KDFS[vector["kdf_id"]][1], vector["aead_id"]
    enc, public = bytes.fromhex(vector["enc"]), bytes.fromhex(vector["pkRm"])
    secret = X25519PrivateKey.from_private_bytes(bytes.fromhex(vector["skRm"]))
    kem = b"KEM" + vector["kem_id"].to_bytes(2)
    prk = extract(SHA256(), kem, b"", b"eae_prk", secret.exchange(X25519PublicKey.from_public_bytes(enc)))
    shared = expand(SHA256(), kem, prk, b"shared_secret", enc + public, 32)
    suite = b"HPKE" + b"".join(vector[name].to_bytes(2) for name in ("kem_id", "kdf_id", "aead_id"))
    context = (
        b"\0"
        + extract(hashed, suite, b"", b"psk_id_hash", b"")
        + extract(hashed, suite, b"", b"info_hash", bytes.fromhex(vector["info"]))
    )
    prk = extract(hashed, suite, shared, b"secret", b"")
    key = expand(hashed, suite, prk, b"key", context, KEY_LENGTHS[aead])
    return Schedule(key, expand(hashed, suite, prk, b"base_nonce", context, 12))


def drawn(data: bytes) -> Iterator[bytes]:
    """What the vectors' makers draw from SHAKE128: a byte that says how many, and those."""
    at = 0
    while True:
        length = data[at]
        yield data[at + 1 : at + 1 + length]
        at += 1 + length


def accumulated(made: Schedule, aead: int) -> str:
    """SHAKE128 over 1,000 ciphertexts in a row, as `encryptions_accumulated` says it."""
    inputs, sink, cipher = drawn(hashlib.shake_128().digest(600_000)), hashlib.shake_128(), AEADS[aead][1](made.key)
    for number in range(1000):
        aad, plain = next(inputs), next(inputs)
        nonce = (int.from_bytes(made.nonce) ^ number).to_bytes(12)
        sink.update(cipher.encrypt(nonce, plain, aad))
    return sink.hexdigest(16)


@needs("hpke")
def test_the_vectors_of_rfc_9180() -> None:
    """DHKEM(X25519) with each KDF and AEAD of `rfc9180.json`: the schedule gives its ciphertexts, and the library opens them."""
    tried = [one for one in read("rfc9180.json") if one["kem_id"] == 0x20 and one["aead_id"] in AEADS]
    assert len(tried) == 6
    for vector in tried:
        made = schedule(vector)
        assert accumulated(made, vector["aead_id"]) == vector["encryptions_accumulated"]
        aead, cipher = AEADS[vector["aead_id"]]
        suite = Suite(KEM.X25519, KDFS[vector["kdf_id"]][0], aead)
        key = PrivateKey(X25519, bytes.fromhex(vector["skRm"]))
        assert key.public.raw.hex() == vector["pkRm"]
        sealed = bytes.fromhex(vector["enc"]) + cipher(made.key).encrypt(made.nonce, b"content", b"")
        assert suite.decrypt(sealed, key.hpke, bytes.fromhex(vector["info"])) == b"content"


@needs("hpke")
def test_the_vectors_of_the_hybrid() -> None:
    """MLKEM768-X25519 (0x647A) with HKDF-SHA256 and ChaCha20Poly1305, the suite that envelopes use, and with SHAKE256."""
    tried = [one for one in read("hpke-pq.json") if one["kem_id"] == 0x647A]
    assert [(one["kdf_id"], one["aead_id"]) for one in tried] == [(1, 3), (17, 3)]
    for vector, kdf in zip(tried, (KDF.HKDF_SHA256, KDF.SHAKE256), strict=True):
        key = PrivateKey(HYBRID, bytes.fromhex(vector["skRm"]))
        assert key.public.raw.hex() == vector["pkRm"]
        cipher, nonce = ChaCha20Poly1305(bytes.fromhex(vector["key"])), bytes.fromhex(vector["base_nonce"])
        first = vector["encryptions"][0]
        assert cipher.decrypt(nonce, bytes.fromhex(first["ct"]), bytes.fromhex(first["aad"])).hex() == first["pt"]
        sealed = bytes.fromhex(vector["enc"]) + cipher.encrypt(nonce, b"content", b"")
        suite = Suite(KEM.MLKEM768_X25519, kdf, AEAD.CHACHA20_POLY1305)
        assert suite.decrypt(sealed, key.hpke, bytes.fromhex(vector["info"])) == b"content"


def test_a_published_figure_of_rfc_9180() -> None:
    """RFC 9180 appendix A.2.1 (DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20Poly1305): envelopes' second suite opens it."""
    key = PrivateKey(X25519, bytes.fromhex("8057991eef8f1f1af18f4a9491d16a1ce333f695d4db8e38da75975c4478e0fb"))
    enc = bytes.fromhex("1afa08d3dec047a643885163f1180476fa7ddb54c6a8029ea33f95796bf2ac4a")
    assert key.public.raw.hex() == "4310ee97d88cc1f088a5576c77ab0cf5c3ac797f3d95139c6c84b5429c59662a"
    cipher = ChaCha20Poly1305(bytes.fromhex("ad2744de8e17f4ebba575b3f5f5a8fa1f69c2a07f6e7500bc60ca6e3e3ec1c91"))
    nonce = bytes.fromhex("5c4d98150661b848853b547f")
    # Section A.2.1.1, sequence number 0.
    ct = "1c5250d8034ec2b784ba2cfd69dbdb8af406cfe3ff938e131f0def8c8b60b4db21993c62ce81883d2dd1b51a28"
    assert cipher.decrypt(nonce, bytes.fromhex(ct), b"Count-0") == b"Beauty is truth, truth beauty"
    assert SUITES[X25519].hpke.decrypt(enc + cipher.encrypt(nonce, b"content", b""), key.hpke, INFO) == b"content"


def test_a_published_figure_of_the_hybrid() -> None:
    """draft-ietf-hpke-pq, MLKEM768-X25519 with HKDF-SHA256 and ChaCha20Poly1305: a seed gives its public key."""
    key = PrivateKey(HYBRID, bytes.fromhex("b3f98b03126a431ccecc62ae0f68e102c2d8e1cc7b21ba85d821d8e31761e0f8"))
    hashed = Hash(SHA256())
    hashed.update(key.public.raw)
    assert hashed.finalize().hex() == "120b60e0ae3c00c1c9def1c61aeb12de710bfa49646ae6f99a7e564b25ace493"
    assert key.public.raw[:16].hex() == "3c282de306815eb40990929aeee0839b"
    assert key.public.raw[-32:].hex() == "5ff88bc7348a401a95215ca1b16cbbfe5e082dd66029e768dadf2e52e283ce5d"
