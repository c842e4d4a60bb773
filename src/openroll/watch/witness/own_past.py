"""What others know of a witness's own past: its cosignatures, wherever they are published.

Everything a machine keeps can be set back to last week at once. What the witness has signed is out in the world, though, under
its own key: so it asks the logs, fellow witnesses and mirrors, and believes its own signature. Where the log's tiles can be
read, two heads of ours that differ in size are also proved to be of one history.
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple

import msgspec

from openroll.tlog import (
    Checkpoint,
    KeyMissing,
    TlogError,
    Verifier,
    consistency_proof,
    only_signatures,
    root_at,
    split_note,
    verify_consistency,
)
from openroll.tlog.witnessing import CosignedHead, Submission, format_submission
from openroll.watch.log_reader import LogReader
from openroll.watch.source import Source, Unreachable
from openroll.watch.witness.heads import Heads, LastCosigned, Stopped, cosigned, origin_hash

Found = Literal["silent", "nothing", "known", "newer", "contradiction", "unreadable"]


class CheckpointSource(NamedTuple):
    """Where a log's checkpoint is shown: a source and the path below it. `own`: by the log itself; `tiles`: with its tiles."""

    source: Source
    path: str = "checkpoint"
    own: bool = False
    tiles: bool = False


class Recollection(msgspec.Struct, frozen=True):
    """What one place said of one log: `known` and `newer` heads are ours; a `contradiction` is ours and cannot be.

    `proof` is the consistency proof that convicts, as a request's body, where the two heads differ in size. `own`: the log
    itself said so.
    """

    origin: str
    where: str
    found: Found
    size: int = 0
    note: bytes = b""
    why: str = ""
    own: bool = False
    proof: bytes = b""
    head: bytes = b""

    @property
    def recollections(self) -> bool:
        """Whether the place said anything that ends a quarantine. That a log does not show our signature says nothing."""
        return self.found != "silent" and not (self.own and self.found in ("nothing", "unreadable"))


def recollect(
    heads: Heads,
    origin: str,
    places: Sequence[CheckpointSource],
    own: Sequence[Verifier],
    log_keys: Sequence[Verifier] = (),
) -> list[Recollection]:
    """Ask each place for a checkpoint of the log, and move on to the newest that bears a cosignature of `own` keys.

    Raises Stopped when what is kept is damaged. A contradiction is returned, not raised: somebody must keep it as evidence.
    """
    libraries = [place.source for place in places if place.tiles]
    recollections = []
    for place in places:
        said = _asked(origin, place, own, log_keys)
        recollections.append(
            said if isinstance(said, Recollection) else _compared(heads, origin, place, said, libraries)
        )
    return recollections


def monitoring_path(origin: str) -> str:
    """Where a witness shows a log's last checkpoint, below its monitoring prefix (tlog-witness, "Monitor Retrieval")."""
    return f"{origin_hash(origin)}/checkpoint"


def _asked(
    origin: str, place: CheckpointSource, own: Sequence[Verifier], log_keys: Sequence[Verifier]
) -> LastCosigned | Recollection:
    """A head of ours that a place shows, or why there is none."""
    where = f"{place.source.where}/{place.path}"
    try:
        note = place.source.get(place.path)
    except Unreachable as error:
        return Recollection(origin, where, "silent", why=error.why, own=place.own)
    if note is None:
        return Recollection(origin, where, "nothing", own=place.own)
    try:
        return cosigned(note, own, origin)._replace(note=only_signatures(note, [*log_keys, *own]))
    except KeyMissing:
        return Recollection(origin, where, "nothing", own=place.own)
    except (TlogError, Stopped) as error:
        return Recollection(origin, where, "unreadable", note=note, why=str(error), own=place.own)


def _compared(
    heads: Heads, origin: str, place: CheckpointSource, theirs: LastCosigned, libraries: Sequence[Source]
) -> Recollection:
    where = f"{place.source.where}/{place.path}"
    with heads.of(origin) as log:
        ours = log.last
        lower, upper = sorted((ours, theirs), key=lambda last: last.head.size)
        apart = _apart(origin, lower, upper, libraries)
        if apart is not None:
            return Recollection(
                *(origin, where, "contradiction", theirs.head.size, theirs.note),
                why=f"a head of size {theirs.head.size} under our own cosignature does not belong with ours of {ours.head.size}",
                own=place.own,
                proof=apart,
                head=ours.note,
            )
        if theirs.head.size > ours.head.size:
            log.move(theirs)
            return Recollection(origin, where, "newer", theirs.head.size, theirs.note, own=place.own)
    return Recollection(origin, where, "known", theirs.head.size, theirs.note, own=place.own)


def _apart(origin: str, lower: LastCosigned, upper: LastCosigned, libraries: Sequence[Source]) -> bytes | None:
    """The proof that two heads are of two histories; None where they are of one, or nobody can say."""
    if lower.head.size == upper.head.size:
        return None if lower.head.root == upper.head.root else b""
    if lower.head.size == 0:
        return None
    for library in libraries:
        found = _proved(library, origin, lower.head, upper.head)
        if found is not None:
            prefix, proof = found
            bundle = format_submission(Submission(lower.head.size, tuple(proof), upper.note))
            return None if prefix == lower.head.root else bundle
    return None


def _proved(library: Source, origin: str, lower: CosignedHead, upper: CosignedHead) -> tuple[bytes, list[bytes]] | None:
    """The root that the tree of `upper` has at the size of `lower`, proved from tiles; None where they prove nothing."""
    try:
        # Partial tiles of the upper head may be gone: those of the head that is shown now hold the same hashes, or prove nothing.
        reader = LogReader(library, Checkpoint(origin, max(upper.size, _shown(library)), b""))
        prefix = root_at(reader.widest, lower.size)
        proof = consistency_proof(reader.widest, lower.size, upper.size)
        verify_consistency(lower.size, upper.size, proof, prefix, upper.root)
    except (Unreachable, TlogError):
        return None
    return prefix, proof


def _shown(library: Source) -> int:
    """The size that a place's checkpoint says of itself, unverified. Raises TlogError or Unreachable."""
    note = library.get("checkpoint")
    return 0 if note is None else Checkpoint.parse(split_note(note)[0]).size
