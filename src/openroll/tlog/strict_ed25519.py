"""Strict Ed25519 verification (RFC 8032 without its choices), so that no two verifiers can disagree.

RFC 8032 section 5.1.7 lets a verifier multiply by the cofactor or not, and says nothing of public keys of small or mixed order;
libraries differ in both, and OpenSSL takes keys under which one signature fits any message. Here:

- a public key is the one encoding (y below p, no "-0") of a point of the prime-order subgroup that is not the identity;
- S is below L (section 5.1.7, step 1);
- R is compared octet by octet with the encoding of [S]B - [k]A, without the cofactor.

The key is looked at here, since no library at hand does; the signature is `cryptography`'s (OpenSSL), which does the last two.
Nothing here is secret, so nothing need take constant time.
"""

from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

P = 2**255 - 19
"""The field's prime."""
L = 2**252 + 27742317777372353535851937790883648493
"""The order of the subgroup that the base point generates."""
_D = -121665 * pow(121666, -1, P) % P
_ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)

Point = tuple[int, int, int, int]
"""Extended coordinates (RFC 8032 section 5.1.4): x = X/Z, y = Y/Z, xy = T/Z."""
_IDENTITY: Point = (0, 1, 1, 0)


def verify(public: bytes, signature: bytes, message: bytes) -> bool:
    """Whether a signature of 64 bytes by a public key of 32 is good, as said at the head of this file."""
    if len(signature) != 64 or not is_public_key(public):
        return False
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


@lru_cache(maxsize=4096)
def is_public_key(data: bytes) -> bool:
    """Whether these are the one encoding of a point of order L: neither of small order nor with a part of small order."""
    point = _decoded(data)
    return point is not None and not _is_identity(point) and _is_identity(_times(L, point))


def _decoded(data: bytes) -> Point | None:
    """The point behind its encoding (RFC 8032 section 5.1.3); None where it is no encoding, or not the canonical one."""
    if len(data) != 32:
        return None
    y, odd = int.from_bytes(data, "little") & (1 << 255) - 1, data[31] >> 7
    if y >= P:
        return None
    u, v = (y * y - 1) % P, (_D * y * y + 1) % P
    x = u * pow(v, 3, P) * pow(u * pow(v, 7, P), (P - 5) // 8, P) % P
    if v * x * x % P == -u % P:
        x = x * _ROOT_OF_MINUS_ONE % P
    if v * x * x % P != u or (x == 0 and odd):
        return None
    x = P - x if x & 1 != odd else x
    return x, y, 1, x * y % P


def _sum(one: Point, other: Point) -> Point:
    """Addition, good for doubling too (RFC 8032 section 5.1.4)."""
    a, b = (one[1] - one[0]) * (other[1] - other[0]) % P, (one[1] + one[0]) * (other[1] + other[0]) % P
    c, d = 2 * one[3] * other[3] * _D % P, 2 * one[2] * other[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def _times(count: int, point: Point) -> Point:
    total = _IDENTITY
    for bit in f"{count:b}":
        total = _sum(total, total)
        if bit == "1":
            total = _sum(total, point)
    return total


def _is_identity(point: Point) -> bool:
    return point[0] == 0 and point[1] == point[2]
