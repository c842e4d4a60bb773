"""Compare a log's new head with the one a mirror has: it must extend it, or is refused with evidence."""

import hashlib
from base64 import b64encode
from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple

from openroll.tlog import Checkpoint, ProofFailed, TlogError, consistency_proof, root_at, verify_consistency
from openroll.watch.source import Unreachable

Tile = Callable[[int, int, int], bytes]


class Head(NamedTuple):
    """A signed checkpoint: parsed, and its bytes."""

    checkpoint: Checkpoint
    note: bytes


class HeadRefused(Exception):
    """A head that contradicts an earlier one (`forked`), or is older than it (`stale`).

    `proof` is the consistency proof between the two, from tiles proved under the larger, and `had` the root that the larger
    tree had at the smaller size; None where none could be had.
    """

    def __init__(
        self,
        kind: Literal["forked", "stale"],
        known: Head,
        now: Head,
        proof: Sequence[bytes] | None,
        had: bytes | None = None,
    ) -> None:
        super().__init__(_SAID[kind].format(known=known.checkpoint.size, now=now.checkpoint.size))
        self.kind = kind
        self.known = known
        self.now = now
        self.proof = proof
        self.had = had

    @property
    def name(self) -> str:
        """The evidence's name: the same for the same two heads."""
        return f"{self.kind}-{hashlib.sha256(self.known.note + self.now.note).hexdigest()[:12]}"

    def files(self, keys: Sequence[str]) -> dict[str, bytes]:
        """The files of the evidence, for somebody who has nothing but these and the keys."""
        files = {
            "explanation.txt": self._explanation().encode(),
            "head-1": self.known.note,
            "head-2": self.now.note,
            "keys": "".join(f"{key}\n" for key in keys).encode(),
        }
        if self.proof is not None:
            files["proof"] = b"".join(b64encode(one) + b"\n" for one in self.proof)
        if self.had is not None and self.kind == "forked":
            # Named as a monitor names them, so that one program checks both (`openroll evidence`).
            tail = "-1" if self.known.checkpoint.size > self.now.checkpoint.size else ""
            files |= {f"prefix-root{tail}": self.had.hex().encode() + b"\n", f"proof{tail}": files["proof"]}
        return files

    def _explanation(self) -> str:
        one, two = self.known.checkpoint, self.now.checkpoint
        said = _FORKED if self.kind == "forked" else _STALE
        proof = _PROOF if self.proof is not None else _NO_PROOF
        if one.size == two.size:
            proof = ""
        return said.format(
            origin=one.origin, one=one.size, two=two.size, root_1=one.root.hex(), root_2=two.root.hex()
        ) + proof.format(small=min(one.size, two.size), large=max(one.size, two.size))


_SAID = {
    "forked": "the log contradicts itself: it signed one head of {known:,} entries and another of {now:,}, "
    "and the larger does not begin with the smaller",
    "stale": "the log shows a head of {now:,} entries, and it has signed one of {known:,} before",
}
_FORKED = """The log {origin} has signed two heads that cannot both be true.

head-1, which this mirror had before: {one} entries, root {root_1}
head-2, which the log shows now:      {two} entries, root {root_2}

Both carry the log's own signatures (keys). A log only grows, so the larger tree must begin with the smaller. It does not:
something that was in the log was changed, taken out or put in another order, or two readers are shown two logs.
"""
_STALE = """The log {origin} shows an older head than it has signed before.

head-1, which this mirror had before: {one} entries, root {root_1}
head-2, which the log shows now:      {two} entries, root {root_2}

Both carry the log's own signatures (keys). An old head may come from a cache that lags, and then the next look mends it.
It may also mean that the log was put back to an old state, and that the entries between the two are being taken away.
"""
_PROOF = """
proof holds the consistency proof from {small} to {large} entries (RFC 9162 section 2.1.4.2; one hash a line, base64), made
from tiles that lead to the root of the larger head. Whoever computes it gets that root, and beside it the root that the
first {small} entries of the larger tree really have: compare it with the smaller head. Any implementation of RFC 9162 does
this; nobody has to be asked. `openroll evidence` does, too: prefix-root is that root.
"""
_NO_PROOF = """
No proof between the two could be made: the files it needs are not served.
"""


def compare(known: Head, now: Head, tiles: Callable[[Head], Tile]) -> None:
    """Raise HeadRefused unless `now` is `known` or a later head of the same log.

    `tiles` gives proved tiles under a head. Errors in getting those of a newer head are raised (WrongFile, Missing,
    Unreachable): they say nothing about the log's honesty.
    """
    old, new = known.checkpoint, now.checkpoint
    if old.size == new.size:
        if old.root != new.root:
            raise HeadRefused("forked", known, now, None)
    elif old.size < new.size:
        if old.size:
            proof = consistency_proof(tiles(now), old.size, new.size)
            if not _holds(old, new, proof):
                raise HeadRefused("forked", known, now, proof, root_at(tiles(now), old.size))
    else:
        back = _older(known, now, tiles)
        forked = back is not None and not _holds(new, old, back)
        had = root_at(tiles(known), new.size) if forked else None
        raise HeadRefused("forked" if forked else "stale", known, now, back, had)


def _older(known: Head, now: Head, tiles: Callable[[Head], Tile]) -> list[bytes] | None:
    """The consistency proof from the stale head `now` to `known`, made from tiles; None where they do not give it."""
    if now.checkpoint.size == 0:
        return None
    try:
        return consistency_proof(tiles(known), now.checkpoint.size, known.checkpoint.size)
    except (TlogError, Unreachable):
        return None  # the older head is refused all the same; only the proof beside it is wanting


def _holds(old: Checkpoint, new: Checkpoint, proof: Sequence[bytes]) -> bool:
    try:
        verify_consistency(old.size, new.size, proof, old.root, new.root)
    except ProofFailed:
        return False
    return True
