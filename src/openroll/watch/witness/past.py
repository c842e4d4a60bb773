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
from openroll.tlog.witnessing import Held, Submission, format_submission
from openroll.watch.reading import Reading
from openroll.watch.source import Source, Unreachable
from openroll.watch.witness.heads import Heads, Kept, Stopped, cosigned, origin_hash

Found = Literal["silent", "nothing", "known", "newer", "contradiction", "unreadable"]


class Place(NamedTuple):
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
    held: bytes = b""

    @property
    def told(self) -> bool:
        """Whether the place said anything that ends a quarantine. That a log does not show our signature says nothing."""
        return self.found != "silent" and not (self.own and self.found in ("nothing", "unreadable"))


def recollect(
    heads: Heads, origin: str, places: Sequence[Place], own: Sequence[Verifier], log_keys: Sequence[Verifier] = ()
) -> list[Recollection]:
    """Ask each place for a checkpoint of the log, and move on to the newest that bears a cosignature of `own` keys.

    Raises Stopped when what is kept is damaged. A contradiction is returned, not raised: somebody must keep it as evidence.
    """
    libraries = [place.source for place in places if place.tiles]
    told = []
    for place in places:
        said = _asked(origin, place, own, log_keys)
        told.append(said if isinstance(said, Recollection) else _compared(heads, origin, place, said, libraries))
    return told


def monitoring_path(origin: str) -> str:
    """Where a witness shows a log's last checkpoint, below its monitoring prefix (tlog-witness, "Monitor Retrieval")."""
    return f"{origin_hash(origin)}/checkpoint"


def _asked(origin: str, place: Place, own: Sequence[Verifier], log_keys: Sequence[Verifier]) -> Kept | Recollection:
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


def _compared(heads: Heads, origin: str, place: Place, theirs: Kept, libraries: Sequence[Source]) -> Recollection:
    where = f"{place.source.where}/{place.path}"
    with heads.of(origin) as log:
        ours = log.kept
        lower, upper = sorted((ours, theirs), key=lambda kept: kept.held.size)
        apart = _apart(origin, lower, upper, libraries)
        if apart is not None:
            return Recollection(
                *(origin, where, "contradiction", theirs.held.size, theirs.note),
                why=f"a head of size {theirs.held.size} under our own cosignature does not belong with ours of {ours.held.size}",
                own=place.own,
                proof=apart,
                held=ours.note,
            )
        if theirs.held.size > ours.held.size:
            log.move(theirs)
            return Recollection(origin, where, "newer", theirs.held.size, theirs.note, own=place.own)
    return Recollection(origin, where, "known", theirs.held.size, theirs.note, own=place.own)


def _apart(origin: str, lower: Kept, upper: Kept, libraries: Sequence[Source]) -> bytes | None:
    """The proof that two heads are of two histories; None where they are of one, or nobody can say."""
    if lower.held.size == upper.held.size:
        return None if lower.held.root == upper.held.root else b""
    if lower.held.size == 0:
        return None
    for library in libraries:
        found = _proved(library, origin, lower.held, upper.held)
        if found is not None:
            prefix, proof = found
            bundle = format_submission(Submission(lower.held.size, tuple(proof), upper.note))
            return None if prefix == lower.held.root else bundle
    return None


def _proved(library: Source, origin: str, lower: Held, upper: Held) -> tuple[bytes, list[bytes]] | None:
    """The root that the tree of `upper` has at the size of `lower`, proved from tiles; None where they prove nothing."""
    try:
        # Partial tiles of the upper head may be gone: those of the head that is shown now hold the same hashes, or prove nothing.
        reading = Reading(library, Checkpoint(origin, max(upper.size, _shown(library)), b""))
        prefix = root_at(reading.widest, lower.size)
        proof = consistency_proof(reading.widest, lower.size, upper.size)
        verify_consistency(lower.size, upper.size, proof, prefix, upper.root)
    except (Unreachable, TlogError):
        return None
    return prefix, proof


def _shown(library: Source) -> int:
    """The size that a place's checkpoint says of itself, unverified. Raises TlogError or Unreachable."""
    note = library.get("checkpoint")
    return 0 if note is None else Checkpoint.parse(split_note(note)[0]).size
