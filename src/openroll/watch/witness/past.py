"""What others know of a witness's own past: its cosignatures, wherever they are published.

Everything a machine keeps can be set back to last week at once. What the witness has signed is out in the world, though, under
its own key: so on start it asks the logs, fellow witnesses and mirrors, and believes its own signature.
"""

from collections.abc import Sequence
from typing import Literal

import msgspec

from openroll.tlog import KeyMissing, TlogError, Verifier
from openroll.watch.source import Source, Unreachable
from openroll.watch.witness.heads import Heads, Kept, Stopped, cosigned, origin_hash

Found = Literal["silent", "nothing", "known", "newer", "contradiction", "unreadable"]


class Recollection(msgspec.Struct, frozen=True):
    """What one place said of one log: `known` and `newer` heads are ours; a `contradiction` is ours and cannot be."""

    origin: str
    where: str
    found: Found
    size: int = 0
    note: bytes = b""
    why: str = ""


def recollect(
    heads: Heads, origin: str, places: Sequence[tuple[Source, str]], own: Sequence[Verifier]
) -> list[Recollection]:
    """Ask each place (a source and the path below it) for a checkpoint of the log, and move on to the newest of our own.

    Raises Stopped when what is kept is damaged. A contradiction is returned, not raised: somebody must keep it as evidence.
    """
    return [_asked(heads, origin, source, path, own) for source, path in places]


def _asked(heads: Heads, origin: str, source: Source, path: str, own: Sequence[Verifier]) -> Recollection:
    where = f"{source.where}/{path}"
    try:
        note = source.get(path)
    except Unreachable as error:
        return Recollection(origin, where, "silent", why=error.why)
    if note is None:
        return Recollection(origin, where, "nothing")
    try:
        theirs = cosigned(note, own, origin)
    except KeyMissing:
        return Recollection(origin, where, "nothing")
    except (TlogError, Stopped) as error:
        return Recollection(origin, where, "unreadable", note=note, why=str(error))
    return _compared(heads, origin, where, theirs)


def _compared(heads: Heads, origin: str, where: str, theirs: Kept) -> Recollection:
    with heads.of(origin) as log:
        ours = log.kept.held
        if theirs.held.size > ours.size:
            log.move(theirs.held, theirs.note)
            return Recollection(origin, where, "newer", theirs.held.size, theirs.note)
        if theirs.held.size == ours.size and theirs.held.root != ours.root:
            return Recollection(origin, where, "contradiction", theirs.held.size, theirs.note)
    return Recollection(origin, where, "known", theirs.held.size, theirs.note)


def monitoring_path(origin: str) -> str:
    """Where a witness shows a log's last checkpoint, below its monitoring prefix (tlog-witness, "Monitor Retrieval")."""
    return f"{origin_hash(origin)}/checkpoint"
