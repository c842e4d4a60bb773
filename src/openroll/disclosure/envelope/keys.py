"""Keys of envelopes: what is sealed to (KEM) and what signs, both halves, each with an id made from its public half.

Everything that a holder keeps is one seed of 32 bytes; the keys of a suite are derived from it, here and in the browser alike
(docs/envelopes.md, "Keys"). Nothing here draws a seed, reads a file or asks the time.
"""

import hashlib
from dataclasses import dataclass
from functools import cached_property

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hpke import MLKEM768X25519PrivateKey, MLKEM768X25519PublicKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from openroll.disclosure.envelope.errors import KeyUnfit
from openroll.disclosure.envelope.suites import (
    ED25519_PUBLIC,
    ED25519_SIGNATURE,
    HYBRID,
    KEY_ID_BYTES,
    ML_KEM_PUBLIC,
    SEED_BYTES,
    SUITES,
    is_ed25519,
    is_x25519,
)

_DOMAIN = b"openroll envelope key 1\0"


def derived(secret: bytes, info: bytes) -> bytes:
    """32 bytes from a secret (HKDF-SHA256 without salt, RFC 5869); what they are for stands in `info`."""
    return HKDF(SHA256(), SEED_BYTES, salt=None, info=info).derive(secret)


def _id(suite: int, public: bytes) -> bytes:
    return hashlib.sha256(bytes([suite]) + public).digest()[:KEY_ID_BYTES]


def _check_suite(suite: int) -> None:
    if suite not in SUITES:
        raise KeyUnfit(f"its suite, {suite}, is none that is known here")


@dataclass(frozen=True)
class PublicKey:
    """A key that envelopes are sealed to. `raw` is that of its KEM: ML-KEM-768 and then X25519, or X25519 alone."""

    suite: int
    raw: bytes

    def __post_init__(self) -> None:
        """Raises KeyUnfit for a length of another suite, an X25519 part of small order or not in its one encoding, and for
        an ML-KEM part with a coefficient that is not reduced (FIPS 203 section 7.2)."""
        _check_suite(self.suite)
        if len(self.raw) != SUITES[self.suite].public:
            raise KeyUnfit("it has the wrong length for its suite")
        if not is_x25519(self.raw[-32:]):
            raise KeyUnfit("nothing would be secret under it: its X25519 part is of small order, or written otherwise")
        _ = self.hpke

    @cached_property
    def hpke(self) -> MLKEM768X25519PublicKey | X25519PublicKey:
        """The key as `cryptography` has it."""
        classic = X25519PublicKey.from_public_bytes(self.raw[-32:])
        if self.suite != HYBRID:
            return classic
        try:
            return MLKEM768X25519PublicKey(MLKEM768PublicKey.from_public_bytes(self.raw[:ML_KEM_PUBLIC]), classic)
        except ValueError:
            raise KeyUnfit("its ML-KEM part is no key") from None

    @cached_property
    def key_id(self) -> bytes:
        """The first 16 bytes of SHA-256 over the suite and the key."""
        return _id(self.suite, self.raw)

    @property
    def id(self) -> str:
        """The key's id in hex, as `recipients` of an envelope says it."""
        return self.key_id.hex()


class PrivateKey:
    """A key that opens envelopes, made from 32 bytes: for `hybrid` the seed of MLKEM768-X25519, else the X25519 key."""

    def __init__(self, suite: int, seed: bytes) -> None:
        """Raises KeyUnfit for another length or an unknown suite."""
        _check_suite(suite)
        if len(seed) != SEED_BYTES:
            raise KeyUnfit(f"its seed has {SEED_BYTES} bytes, not {len(seed)}")
        self.suite = suite
        self.hpke: MLKEM768X25519PrivateKey | X25519PrivateKey
        if suite == HYBRID:
            # draft-ietf-hpke-pq: the seed, expanded by SHAKE256, is the seed of ML-KEM-768 and the X25519 key.
            expanded = hashlib.shake_256(seed).digest(96)
            lattice, classic = (
                MLKEM768PrivateKey.from_seed_bytes(expanded[:64]),
                X25519PrivateKey.from_private_bytes(expanded[64:]),
            )
            self.hpke = MLKEM768X25519PrivateKey(lattice, classic)
            raw = lattice.public_key().public_bytes_raw() + classic.public_key().public_bytes_raw()
        else:
            self.hpke = X25519PrivateKey.from_private_bytes(seed)
            raw = self.hpke.public_key().public_bytes_raw()
        self._raw = raw

    @cached_property
    def public(self) -> PublicKey:
        """The public half."""
        return PublicKey(self.suite, self._raw)

    @property
    def id(self) -> str:
        """The public half's id, which costs less than the half: whoever looks for their own derives a key for each notice."""
        return _id(self.suite, self._raw).hex()

    def __repr__(self) -> str:
        """The public half's id; never the seed."""
        return f"PrivateKey({self.id})"


@dataclass(frozen=True)
class VerifyingKey:
    """A key that a sender's signatures are checked with. `raw` is Ed25519 and then ML-DSA-44, or Ed25519 alone."""

    suite: int
    raw: bytes

    def __post_init__(self) -> None:
        """Raises KeyUnfit for a length of another suite, and for an Ed25519 part of small order or not in its one encoding."""
        _check_suite(self.suite)
        if len(self.raw) != SUITES[self.suite].verifying:
            raise KeyUnfit("it has the wrong length for its suite")
        if not is_ed25519(self.raw[:ED25519_PUBLIC]):
            raise KeyUnfit("anyone could sign under it: its Ed25519 part is of small order, or written otherwise")

    @cached_property
    def key_id(self) -> bytes:
        """The first 16 bytes of SHA-256 over the suite and the key."""
        return _id(self.suite, self.raw)

    @property
    def id(self) -> str:
        """The key's id in hex."""
        return self.key_id.hex()

    def is_signature(self, signature: bytes, message: bytes) -> bool:
        """Whether a signature over a message is this key's: each of its parts by its part of the key."""
        try:
            Ed25519PublicKey.from_public_bytes(self.raw[:ED25519_PUBLIC]).verify(signature[:ED25519_SIGNATURE], message)
            if self.suite == HYBRID:
                MLDSA44PublicKey.from_public_bytes(self.raw[ED25519_PUBLIC:]).verify(
                    signature[ED25519_SIGNATURE:], message
                )
        except (InvalidSignature, ValueError):
            return False
        return len(signature) == SUITES[self.suite].signature


class SigningKey:
    """A key that signs what is sealed: Ed25519, and for `hybrid` ML-DSA-44 beside it."""

    def __init__(self, suite: int, ed25519: bytes, ml_dsa: bytes) -> None:
        """Two seeds of 32 bytes; the second is left alone where the suite has no ML-DSA. Raises KeyUnfit."""
        _check_suite(suite)
        if len(ed25519) != SEED_BYTES or len(ml_dsa) != SEED_BYTES:
            raise KeyUnfit(f"its seeds have {SEED_BYTES} bytes each")
        self.suite = suite
        self._classic = Ed25519PrivateKey.from_private_bytes(ed25519)
        self._lattice = MLDSA44PrivateKey.from_seed_bytes(ml_dsa) if suite == HYBRID else None
        raw = self._classic.public_key().public_bytes_raw()
        if self._lattice is not None:
            raw += self._lattice.public_key().public_bytes_raw()
        self.verifying = VerifyingKey(suite, raw)

    def sign(self, message: bytes) -> bytes:
        """Sign a message. Ed25519's part is always the same; ML-DSA's is hedged with randomness by the library (FIPS 204)."""
        classic = self._classic.sign(message)
        return classic if self._lattice is None else classic + self._lattice.sign(message)

    def __repr__(self) -> str:
        """The public half's id; never the seeds."""
        return f"SigningKey({self.verifying.id})"


@dataclass(frozen=True)
class Published:
    """The public half of a holder's keys, as it is published: what to seal to, and what to check its signatures with."""

    sealing: PublicKey
    verifying: VerifyingKey

    @property
    def id(self) -> str:
        """The id of the key that is sealed to, in hex: what an envelope's header names."""
        return self.sealing.id


class HeldKey:
    """Everything that a holder keeps: one seed, and from it what opens and what signs."""

    def __init__(self, seed: bytes, suite: int = HYBRID) -> None:
        """`seed` is 32 random bytes, or what a passkey's PRF gives for the purpose. Raises KeyUnfit."""
        _check_suite(suite)
        if len(seed) != SEED_BYTES:
            raise KeyUnfit(f"its seed has {SEED_BYTES} bytes, not {len(seed)}")
        domain = _DOMAIN + bytes([suite])
        self.suite = suite
        self.seed = seed
        self.private = PrivateKey(suite, derived(seed, domain + b"open"))
        self.signing = SigningKey(suite, derived(seed, domain + b"ed25519"), derived(seed, domain + b"ml-dsa-44"))
        self.published = Published(self.private.public, self.signing.verifying)

    @property
    def id(self) -> str:
        """The id of the key that is sealed to, in hex."""
        return self.published.id

    def __repr__(self) -> str:
        """The public half's id; never the seed."""
        return f"HeldKey({self.id})"
