"""What a monitor keeps between visits: the last head it saw, as served, the edge of its tree, and what it has counted."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import msgspec

from openroll.durable import write_durably
from openroll.tlog import CompactRange

MOST_VISITS = 512
"""Visits that are remembered: enough to say since when a mirror is behind, and no more."""


class DamagedState(Exception):
    """The monitor's own folder is not what it wrote. Nothing is known then of what was seen before."""


class BusyState(Exception):
    """Another monitor works in the same folder."""


class Newest(msgspec.Struct, frozen=True):
    """The latest day that an entry carries so far, and the first entry that carried it."""

    day: str = ""
    index: int = 0


class State(msgspec.Struct, kw_only=True):
    """One log as it was last seen. Times are UTC.

    `head` is the signed note, as text; `size` and `edge` its tree; `seen` the last visit that found everything, `moved`
    the visit that first saw this head. `tallies` count entries by day and kind. `visits` says when which size was first
    seen. `stamps` is the newest (time, size, head) by witness key. `known` names the faults that were shown already.
    """

    version: int = 1
    origin: str = ""
    head: str = ""
    size: int = 0
    edge: list[bytes] = msgspec.field(default_factory=list)
    seen: datetime | None = None
    moved: datetime | None = None
    newest: Newest = Newest()
    tallies: list[tuple[str, str, int]] = msgspec.field(default_factory=list)
    visits: list[tuple[datetime, int]] = msgspec.field(default_factory=list)
    stamps: dict[str, tuple[int, int, str]] = msgspec.field(default_factory=dict)
    ahead: datetime | None = None
    known: list[str] = msgspec.field(default_factory=list)

    @property
    def mark(self) -> CompactRange:
        """The head and its edge."""
        return CompactRange(self.size, tuple(self.edge))

    def first_beyond(self, size: int) -> datetime | None:
        """When the log was first seen to be larger than `size`."""
        return next((when for when, seen in self.visits if seen > size), None)


def read_state(folder: Path) -> State:
    """The state kept in a folder; an empty one where there is none. Raises DamagedState."""
    path = folder / "state.json"
    try:
        state = msgspec.json.decode(path.read_bytes(), type=State)
    except FileNotFoundError:
        return State()
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise DamagedState(f"{path} is damaged: {error}") from error
    if state.version != 1:
        raise DamagedState(f"{path} was written by another version ({state.version}) of this program")
    return state


def write_state(folder: Path, state: State) -> None:
    """Keep the state: the old one or the new one is there, whatever happens."""
    state.visits = state.visits[-MOST_VISITS:]
    write_durably(folder / "state.json", msgspec.json.format(msgspec.json.encode(state), indent=1) + b"\n")


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Be the only monitor in a folder, which is made if it is not there. Raises BusyState or OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BusyState(f"another monitor works in {folder}") from error
        yield
