"""The two suites of envelopes, and which public keys are refused because nothing would be secret or signed under them.

| suite | name | key encapsulation | signature |
|---|---|---|---|
| 1 | `hybrid` | MLKEM768-X25519 (0x647A; draft-ietf-hpke-pq, also called X-Wing) | Ed25519 and ML-DSA-44, both |
| 2 | `x25519` | DHKEM(X25519, HKDF-SHA256) (0x0020; RFC 9180) | Ed25519 |

Both with HKDF-SHA256 (0x0001) and ChaCha20Poly1305 (0x0003) in HPKE's base mode.
"""

from typing import NamedTuple

from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

HYBRID, X25519 = 1, 2
KEY_ID_BYTES = 16
SEED_BYTES = 32
ED25519_PUBLIC, ED25519_SIGNATURE = 32, 64
ML_DSA_PUBLIC, ML_DSA_SIGNATURE = 1312, 2420
ML_KEM_PUBLIC = 1184


class Form(NamedTuple):
    """A suite's name, its HPKE suite, and the lengths in bytes of what it makes."""

    name: str
    hpke: Suite
    public: int
    encapsulated: int
    verifying: int
    signature: int


SUITES = {
    HYBRID: Form(
        "hybrid",
        Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305),
        public=ML_KEM_PUBLIC + 32,
        encapsulated=1120,
        verifying=ED25519_PUBLIC + ML_DSA_PUBLIC,
        signature=ED25519_SIGNATURE + ML_DSA_SIGNATURE,
    ),
    X25519: Form(
        "x25519",
        Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305),
        public=32,
        encapsulated=32,
        verifying=ED25519_PUBLIC,
        signature=ED25519_SIGNATURE,
    ),
}
NAMES = {form.name: suite for suite, form in SUITES.items()}

_P = 2**255 - 19
_LOW_U = frozenset(
    {
        0,
        1,
        _P - 1,
        325606250916557431795983626356110631294008115727848805560023387167927233504,
        39382357235489614581723060781553021112529911719440698176882885853963445705823,
    }
)
"""The u-coordinates of points of small order on Curve25519 and its twist (RFC 7748 section 6.1)."""
_LOW_Y = frozenset(
    {
        0,
        1,
        _P - 1,
        2707385501144840649318225287225658788936804267575313519463743609750303402022,
        55188659117513257062467267217118295137698188065244968500265048394206261417927,
    }
)
"""The y-coordinates of points of small order on edwards25519."""


def is_x25519(public: bytes) -> bool:
    """Whether 32 bytes are the one encoding of a u-coordinate (RFC 7748 section 5), and not of small order.

    With a point of small order every shared secret is zero: whoever reads along has it too (RFC 9180 section 7.1.4).
    """
    u = int.from_bytes(public, "little")
    return len(public) == 32 and u < _P and u not in _LOW_U


def is_ed25519(public: bytes) -> bool:
    """Whether 32 bytes are the one encoding of a y-coordinate (RFC 8032 section 5.1.3), and not of small order.

    Under a key of small order one signature fits many messages. Whether a point has this y, the signature's check finds out.
    """
    y = int.from_bytes(public, "little") & (1 << 255) - 1
    return len(public) == 32 and y < _P and y not in _LOW_Y
