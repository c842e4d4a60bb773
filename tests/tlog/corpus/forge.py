"""Makes receipts of which any part can be chosen, well signed by the log's own key: what a hostile log could hand out."""

import json
from base64 import b64encode
from dataclasses import dataclass, replace
from hashlib import sha256, sha512

from openroll import tlog
from openroll.tlog import strict_ed25519 as curve

ORIGIN, DOMAIN, SALT = "roll.example/test", "openroll/event/1", bytes(range(32))
BODY = '{"district":"500103","what":"某事"}'
ED = tlog.Signer.from_seed(ORIGIN, bytes([1]) * 32, "ed25519")
BASE_Y = 4 * pow(5, -1, curve.P) % curve.P
BASE = curve._decoded(BASE_Y.to_bytes(32, "little"))


def line(name: str, data: bytes) -> str:
    """A signature line; `data` is key id and signature."""
    return f"— {name} {b64encode(data).decode()}\n"


@dataclass(frozen=True)
class Forged:
    """Every part of a receipt, as text or bytes. What is None is made from the rest as an honest log makes it."""

    body: str = BODY
    domain: str = DOMAIN
    salt: bytes = SALT
    kind: str = "thing.done/1"
    day: str = "2006-10-30"
    tail: str = "\n"
    commitment: bytes | None = None
    entry: str | None = None
    extra: bytes | None = None
    first: str = "c2sp.org/tlog-proof@v1\n"
    extra_line: bytes | None = None
    index: str = "3"
    index_line: bytes | None = None
    path: tuple[bytes, ...] | None = None
    hash_lines: bytes | None = None
    origin: str = ORIGIN
    size: str = "5"
    root: str | None = None
    more: str = ""
    text: str | bytes | None = None
    lines: str | bytes | None = None
    signer: tlog.Signer = ED

    def with_(self, **changes: object) -> "Forged":
        """The same with some parts changed."""
        return replace(self, **changes)  # type: ignore[arg-type]

    def bytes(self) -> bytes:
        """The receipt."""
        digest = sha256(
            bytes([len(self.domain.encode()) % 256]) + self.domain.encode() + self.salt + self.body.encode()
        ).digest()
        commitment = b64encode(digest if self.commitment is None else self.commitment).decode()
        entry = (
            f"salted-entry/v1\n{self.kind}\n{self.day}\n{commitment}{self.tail}" if self.entry is None else self.entry
        )
        held = {"body": self.body, "domain": self.domain, "entry": entry, "salt": b64encode(self.salt).decode()}
        extra = canonical(held) if self.extra is None else self.extra
        extra_line = b"extra " + b64encode(extra) + b"\n" if self.extra_line is None else self.extra_line
        path, root = tree(entry.encode())
        chosen = path if self.path is None else self.path
        hashes = b"".join(b64encode(one) + b"\n" for one in chosen) if self.hash_lines is None else self.hash_lines
        index = f"index {self.index}\n".encode() if self.index_line is None else self.index_line
        root_line = b64encode(root).decode() if self.root is None else self.root
        text = f"{self.origin}\n{self.size}\n{root_line}\n{self.more}" if self.text is None else self.text
        octets = text if isinstance(text, bytes) else text.encode()
        if self.lines is None:
            signed = line(self.signer.name, self.signer.verifier.key_id + self.signer._key.sign(octets)).encode()
        else:
            signed = self.lines if isinstance(self.lines, bytes) else self.lines.encode()
        return self.first.encode() + extra_line + index + hashes + b"\n" + octets + b"\n" + signed


def canonical(held: object) -> bytes:
    """JSON in its one form."""
    return json.dumps(held, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass")


def tree(entry: bytes, size: int = 5, index: int = 3) -> tuple[tuple[bytes, ...], bytes]:
    """The path of an entry in a small tree, and its root."""
    hashes = [tlog.leaf_hash(b"other %d" % n) for n in range(size)]
    hashes[index] = tlog.leaf_hash(entry)
    growth = tlog.grow(0, lambda *_: b"", hashes)
    tiles = {(level, at): data for level, at, _, data in growth.tiles}
    return tuple(tlog.inclusion_proof(lambda level, at, _: tiles[level, at], size, index)), growth.root


def encoded(point: curve.Point) -> bytes:
    """A point's canonical encoding (RFC 8032 section 5.1.2)."""
    inverse = pow(point[2], -1, curve.P)
    x, y = point[0] * inverse % curve.P, point[1] * inverse % curve.P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def secret(seed: bytes) -> int:
    """The scalar of a seed (RFC 8032 section 5.1.5)."""
    raw = bytearray(sha512(seed).digest()[:32])
    raw[0], raw[31] = raw[0] & 248, raw[31] & 127 | 64
    return int.from_bytes(raw, "little") % curve.L


def challenge(r: bytes, public: bytes, message: bytes) -> int:
    """k of RFC 8032 section 5.1.7."""
    return int.from_bytes(sha512(r + public + message).digest(), "little") % curve.L
