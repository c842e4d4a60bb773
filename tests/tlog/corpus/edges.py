"""Ed25519's edges, made here: keys and signatures about which libraries differ (Chalkias, Garillot, Nikolaenko: "Taming the
many EdDSAs", 2020, sections 3 and 4), each with the rule of docs/proofs.md that decides it."""

from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256

from openroll.tlog import strict_ed25519 as curve
from tests.tlog.corpus.forge import BASE, ED, ORIGIN, Forged, challenge, encoded, line, secret

P, L = curve.P, curve.L
# A point of order 8: "Taming the many EdDSAs", table 6a.
_EIGHTH = curve._decoded(bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"))
GOOD = Forged().bytes()
TEXT = GOOD.partition(b"\n\n")[2].rpartition(b"\n\n")[0] + b"\n"
A = secret(bytes([1]) * 32)
Edge = tuple[str, bytes, str, str, str]
"""Name, receipt, key, code, rule."""


def small_points() -> list[curve.Point]:
    """The eight points of small order."""
    assert _EIGHTH is not None
    return [curve._times(n, _EIGHTH) for n in range(8)]


def named_key(public: bytes, name: str = ORIGIN, kind: int = 1) -> str:
    """A verifier key of these 32 bytes, whatever they are."""
    data = bytes([kind]) + public
    digest = sha256(name.encode() + b"\n" + data).hexdigest()
    return f"{name}+{digest[:8]}+{b64encode(data).decode()}"


def under(public: bytes, signature: bytes) -> tuple[bytes, str]:
    """The good receipt under another key and signature, and that key."""
    key = named_key(public)
    return Forged(lines=line(ORIGIN, bytes.fromhex(key.split("+")[1]) + signature)).bytes(), key


def signature(r: int, a: int, public: bytes, first: bytes | None = None, add: int = 0) -> bytes:
    """A signature over the good checkpoint with the nonce r; `first` in the place of R, `add` to S."""
    assert BASE is not None
    commit = encoded(curve._times(r, BASE)) if first is None else first
    return commit + ((r + challenge(commit, public, TEXT) * a) % L + add).to_bytes(32, "little")


def edges() -> Iterator[Edge]:
    """All of them."""
    yield from _keys()
    yield from _mixed()
    yield from _signatures()


def _keys() -> Iterator[Edge]:
    """Keys that are no keys: of small order, not canonical, not on the curve. Their signatures please a lax check."""
    identity = encoded((0, 1, 1, 0))
    encodings = {f"small order {n}": encoded(point) for n, point in enumerate(small_points())}
    for name, y in {"identity": 1, "minus one": P - 1, "identity + p": P + 1, "zero": 0, "zero + p": P}.items():
        for sign in (0, 1):
            encodings[f"{name}, sign {sign}"] = (y | sign << 255).to_bytes(32, "little")
    for more in range(19):
        for sign in (0, 1):
            encodings[f"y = p + {more}, sign {sign}"] = (P + more | sign << 255).to_bytes(32, "little")
    off = [y for y in range(2, 60) if curve._decoded(y.to_bytes(32, "little")) is None]
    encodings |= {f"not on the curve {y}": y.to_bytes(32, "little") for y in off[:10]}
    mixed = [y for y in range(2, 60) if y not in off and not curve.is_public_key(y.to_bytes(32, "little"))]
    encodings |= {f"mixed order, y = {y}": y.to_bytes(32, "little") for y in mixed[:10]}
    for name, public in encodings.items():
        for first, r in (("R the identity", identity), ("R a point", encoded(curve._times(5, BASE or (0, 1, 1, 0))))):
            s = 0 if r == identity else 5
            receipt, key = under(public, r + s.to_bytes(32, "little"))
            yield f"ed25519 key {name}, {first}", receipt, key, "key-malformed", "K4"
    for size in (0, 31, 33, 64):
        yield f"ed25519 key of {size} bytes", GOOD, named_key(bytes(size)), "key-malformed", "K2"


def _mixed() -> Iterator[Edge]:
    """Keys with a part of small order and a signature that fits where k is a multiple of eight, and where it is not."""
    assert BASE is not None
    for n, torsion in enumerate(small_points()[1:], 1):
        public = encoded(curve._sum(curve._times(A, BASE), torsion))
        for wanted in (0, 1):
            r = next(
                r
                for r in range(1, 400)
                if (challenge(encoded(curve._times(r, BASE)), public, TEXT) % 8 == 0) == (wanted == 0)
            )
            receipt, key = under(public, signature(r, A, public))
            yield (
                f"ed25519 mixed key {n}, k mod 8 {'is' if wanted == 0 else 'is not'} 0",
                receipt,
                key,
                "key-malformed",
                "K4",
            )


def _signatures() -> Iterator[Edge]:
    """Signatures by the log's own, good key."""
    assert BASE is not None
    public, key = ED.verifier.public, ED.verifier_key
    ident = bytes.fromhex(key.split("+")[1])

    def made(name: str, data: bytes, *, good: bool = False) -> Edge:
        verdict = ("good", "") if good else ("signature-failed", "S4")
        return f"ed25519 {name}", Forged(lines=line(ORIGIN, ident + data)).bytes(), key, *verdict

    yield made("another nonce", signature(7, A, public), good=True)
    yield made("R the identity", signature(0, A, public), good=True)
    for n, torsion in enumerate(small_points()[1:], 1):
        first = encoded(curve._sum(curve._times(7, BASE), torsion))
        yield made(f"R with a part of order {n}", signature(7, A, public, first))
        yield made(f"R of small order {n}", signature(0, A, public, encoded(torsion)))
    for name, y in {"p + 1": P + 1, "-0": 1 | 1 << 255, "p": P, "p - 1": P - 1}.items():
        yield made(f"R = {name}", signature(0, A, public, y.to_bytes(32, "little")))
    for times in range(1, 16):
        yield made(f"S + {times} L", signature(7, A, public, add=times * L))
    good = signature(7, A, public)
    for bit in range(253, 256):
        high = bytearray(good)
        high[63] ^= 1 << bit - 248
        yield made(f"S with bit {bit}", bytes(high))
    for name, s in {"0": 0, "L": L, "L - 1": L - 1, "2**256 - 1": 2**256 - 1}.items():
        yield made(f"S = {name}", good[:32] + s.to_bytes(32, "little"))
    negative = ((-int.from_bytes(good[32:], "little")) % L).to_bytes(32, "little")
    yield made("S negated", good[:32] + negative)
    for size in (0, 1, 32, 63, 65, 72):
        yield made(f"signature of {size} bytes", (good + good)[:size] or b"\0")
