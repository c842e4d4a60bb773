"""Compare the heads of one log, wherever they were seen: all must be of one tree that only grows, else the view was split.

The trunk is the largest tree that can be read. Every other head is proved to be its beginning, or shown not to be: a proof
from the trunk's own tiles, good under the trunk's head, says which root the trunk had at the other head's size. When that is
another root than the one the log signed, two signed heads contradict each other, and anyone can see it from the two heads and
that proof.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from openroll.tlog import EMPTY_ROOT, Checkpoint, CompactRange, ProofFailed, TlogError, verify_consistency
from openroll.tlog.tree import perfect_subtrees, prove_consistency, range_root
from openroll.watch.audit.finding import Finding, hashes
from openroll.watch.log_reader import LogReader
from openroll.watch.source import Source, Unreachable


@dataclass(frozen=True, slots=True)
class Head:
    """A signed head as a source showed it. `source` serves its tiles; `mark` is its compact range, where known."""

    where: str
    note: bytes
    checkpoint: Checkpoint
    source: Source | None = None
    mark: CompactRange | None = None

    @property
    def size(self) -> int:
        """The size of the tree that the head signs."""
        return self.checkpoint.size

    @property
    def root(self) -> bytes:
        """The root hash that the head signs."""
        return self.checkpoint.root


@dataclass(frozen=True, slots=True)
class Prefix:
    """The root of a head's tree at a smaller size, with the consistency proof."""

    size: int
    root: bytes
    proof: tuple[bytes, ...]


def prefix_of(head: Head, size: int) -> Prefix:
    """The root that a head's tree had at `size`, from its tiles, with a verified consistency proof.

    Raises TlogError when its tiles do not give its head, Unreachable when they cannot be read.
    """
    if size == head.size:
        return Prefix(size, head.root, ())
    if size == 0:
        return Prefix(0, EMPTY_ROOT, ())
    if head.source is None:
        raise ProofFailed(f"the tree of {head.where} cannot be read")
    reader = LogReader(head.source, head.checkpoint)
    return _proved(head, size, reader.prefix_root(size), reader.prove_consistency(size))


def edge_prefixes(head: Head) -> list[Prefix]:
    """The earlier roots that a head's compact range gives by itself: at the ends of its perfect subtrees."""
    if head.mark is None or head.mark.root != head.root:
        return []
    parts = perfect_subtrees(0, head.size)
    known = dict(zip(parts, head.mark.edge, strict=True))

    def read(level: int, index: int) -> bytes:
        return known[level, index]

    ends = [(index + 1) << level for level, index in parts]
    return [_proved(head, end, range_root(read, 0, end), prove_consistency(read, end, head.size)) for end in ends[:-1]]


def _proved(head: Head, size: int, root: bytes, proof: Sequence[bytes]) -> Prefix:
    verify_consistency(size, head.size, proof, root, head.root)
    return Prefix(size, root, tuple(proof))


def fork(one: Head, two: Head, first: Prefix, second: Prefix) -> Finding:
    """Finding of a split view: two heads whose trees differ at one size."""
    files = {"head-1": one.note, "head-2": two.note}
    if first.size != one.size:
        files |= {"proof-1": hashes(first.proof), "prefix-root-1": first.root.hex().encode() + b"\n"}
    if second.size != two.size:
        files |= {"proof": hashes(second.proof), "prefix-root": second.root.hex().encode() + b"\n"}
    what = (
        f"head-1 ({one.where}) has {one.size:,} entries and head-2 ({two.where}) has {two.size:,}. Of the first {first.size:,} "
        f"entries head-1 says the root is {first.root.hex()}, head-2 that it is {second.root.hex()}. The log signed both."
    )
    where = two.where if two.where == one.where else f"{one.where}, {two.where}"
    return Finding("two-heads", where, what, files, {"size": first.size})


@dataclass(frozen=True, slots=True)
class Compared:
    """The result of comparing heads: faults, consistent heads, and heads that could not be compared."""

    trunk: Head
    faults: tuple[Finding, ...]
    proved: tuple[Head, ...]
    unproved: tuple[tuple[Head, str], ...]


def compare(heads: Iterable[Head]) -> Compared:
    """Compare heads with the largest tree that can be read; at least one must be readable."""
    ordered = sorted(heads, key=lambda head: (-head.size, head.source is None))
    trunk = next(head for head in ordered if head.source is not None)
    faults: list[Finding] = []
    proved: list[Head] = []
    unproved: list[tuple[Head, str]] = []
    for head in ordered:
        if head is trunk:
            continue
        try:
            found = _against(head, trunk)
        except (TlogError, Unreachable) as error:
            unproved.append((head, str(error)))
            continue
        if found is None:
            proved.append(head)
        else:
            faults.append(found)
    return Compared(trunk, tuple(faults), tuple(proved), tuple(unproved))


def _against(head: Head, trunk: Head) -> Finding | None:
    """None when one of the two begins with the other, a fork when not. Raises when neither can be shown."""
    if head.size <= trunk.size:
        had = prefix_of(trunk, head.size)
        if had.root == head.root:
            return None
        return fork(head, trunk, Prefix(head.size, head.root, ()), had)
    for known in edge_prefixes(head):
        if known.size <= trunk.size:
            had = prefix_of(trunk, known.size)
            if had.root != known.root:
                return fork(head, trunk, known, had)
    raise ProofFailed(f"it has {head.size:,} entries, and no tree that can be read has more than {trunk.size:,}")
