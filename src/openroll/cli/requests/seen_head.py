"""The newest head of a log that this machine saw, kept beside the token: a roll that shows an older one hides what came since.

An act's entry has to stand behind the head that was taken before it was sent. A roll that kept back both a fact and the heads
since then could pass its old entry off for the same act sent again; but whoever did the older act saw its receipt, which is of a
newer head than that entry.
"""

from pathlib import Path
from urllib.parse import quote

from openroll.cli.output import err
from openroll.durable import write_durably
from openroll.tlog import Checkpoint, KeyHistory, TlogError
from openroll.watch.requests.proved import Unproved

MOST_BYTES = 100_000


def path_in(folder: Path, origin: str) -> Path:
    """The file in a folder that has the newest head of a log."""
    return folder / f"{quote(origin, safe='')}.head"


def seen_in(folder: Path, origin: str, keys: KeyHistory) -> Checkpoint | None:
    """The newest head that was seen; None where none was. Raises Unproved: a file there is no head of this log."""
    path = path_in(folder, origin)
    try:
        data = path.read_bytes()[:MOST_BYTES]
    except FileNotFoundError:
        return None
    except OSError as error:
        err.print(f"{path} could not be read: {error.strerror or error}.")
        return None
    try:
        return keys.open(data, origin=origin)
    except TlogError as error:
        raise Unproved(
            f"{path}, which keeps the newest head that was seen of the log, is none of it ({error}): move it away"
        ) from error


def is_older(head: Checkpoint, seen: Checkpoint | None) -> bool:
    """Whether a head is older than one that was seen. Raises Unproved for another head of the same size: a fork."""
    if seen is not None and head.size == seen.size and head.root != seen.root:
        raise Unproved(f"the log shows two heads of {head.size:,} entries: it tells one thing here and another there")
    return seen is not None and head.size < seen.size


def keep_seen(folder: Path, origin: str, keys: KeyHistory, note: bytes) -> None:
    """Keep a head, where it is newer than the one that is kept. Raises Unproved, TlogError."""
    head, seen = keys.open(note, origin=origin), seen_in(folder, origin, keys)
    if is_older(head, seen) or (seen is not None and head.size == seen.size):
        return
    path = path_in(folder, origin)
    try:
        write_durably(path, note)
    except OSError as error:
        err.print(f"{path} could not be written: {error.strerror or error}.")
