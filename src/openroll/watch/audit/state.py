"""A monitor's saved state: the last head seen, as served, its compact range, and the counts so far."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path

import msgspec

from openroll.durable import write_durably
from openroll.register.request.state import Request
from openroll.tlog import CompactRange
from openroll.watch.audit.bodies import Bodies
from openroll.watch.audit.finding import Finding, Kind
from openroll.watch.audit.owed import Debts
from openroll.watch.audit.request_rules import Approvals
from openroll.watch.audit.tellings import Claimed, TellerKey, Telling

MOST_VISITS = 512
"""Visits that are remembered: enough to say since when a mirror is behind, and no more."""

MOST_UNWRITTEN = 16_000_000
"""Bytes of evidence that wait in the state to be written."""


class DamagedState(Exception):
    """The monitor's state folder is damaged: nothing is known of earlier visits."""


class BusyState(Exception):
    """Another monitor is using this state folder."""


class Newest(msgspec.Struct, frozen=True):
    """The latest day of any entry so far, and the first entry that has it."""

    day: str = ""
    index: int = 0


class Untold(msgspec.Struct):
    """A fault that not everybody took yet who is to be told of it: `hooks` are those that did not, by their options.

    With none left only the report may not have been shown: the visit ended before.
    """

    kind: Kind
    where: str
    what: str
    hooks: list[str]


class Unwritten(msgspec.Struct, frozen=True):
    """A fault whose evidence could not be written, with all that goes into it: when it was seen, and the log's key history."""

    fault: Finding
    seen: datetime
    history: bytes

    @property
    def size(self) -> int:
        """Bytes of its files."""
        return len(self.history) + sum(map(len, self.fault.files.values()))


class State(msgspec.Struct, kw_only=True):
    """What the monitor remembers of one log. Times are UTC.

    `head` is the signed note, as text; `size` and `edge` its tree; `seen` the last visit that found everything, `moved`
    the visit that first saw this head. `tallies` count entries by day and kind. `visits` says when which size was first
    seen. `stamps` is the newest (time, size, head) by witness key. `known` names the faults that were found already, `untold` has
    those of them that are to be told still, `unwritten` those whose evidence could not be written yet.
    `requests` are those that go on, by number, `last_request` the newest number; `requests_whole` says that each was followed
    from the log's first entry on (None: this state is of before requests were followed). `approvals` are those that still count
    for their pair. `bodies` are the organisations, seats and uses (None: this state is of before they were followed), `readers`
    the bodies that may still open each request that has ended, `over` those requests whose person was told (not all of them in a
    state of before they were kept: `over_whole`). `tellings` has the last telling of each request, `retold` those before it,
    likewise, `keys` those that their notices may be signed with (None: this state is of before they were kept). `missing` are the
    requests whose notice was named as missing, each with that notice; `claimed` those listed as told anew, which the log is to
    have by the next visit; `overdue` are the requests that were named as such, each
    with when its time was over; `debts` is what was found and not named yet. `unfollowed` are requests that cannot be followed,
    each with its procedure where this version does not have that; `by_rule` is the procedure of each rule, `rules` its first day
    (empty in a state of before they were kept, and before the roll's opening: `rules_from_first` says which).
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
    requests: dict[int, Request] = msgspec.field(default_factory=dict)
    last_request: int = 0
    requests_whole: bool | None = None
    approvals: Approvals = msgspec.field(default_factory=dict)
    bodies: Bodies | None = None
    readers: dict[int, list[str]] = msgspec.field(default_factory=dict)
    unfollowed: dict[int, str] = msgspec.field(default_factory=dict)
    by_rule: dict[str, str] = msgspec.field(default_factory=dict)
    over: dict[int, Request] = msgspec.field(default_factory=dict)
    over_whole: bool = False
    rules: dict[str, date] = msgspec.field(default_factory=dict)
    rules_from_first: bool = False
    tellings: dict[int, Telling] = msgspec.field(default_factory=dict)
    retold: list[tuple[int, Telling]] = msgspec.field(default_factory=list)
    keys: list[TellerKey] | None = None
    missing: dict[int, str] = msgspec.field(default_factory=dict)
    claimed: dict[int, Claimed] = msgspec.field(default_factory=dict)
    overdue: dict[int, datetime] = msgspec.field(default_factory=dict)
    debts: Debts = msgspec.field(default_factory=Debts)
    known: list[str] = msgspec.field(default_factory=list)
    untold: dict[str, Untold] = msgspec.field(default_factory=dict)
    unwritten: dict[str, Unwritten] = msgspec.field(default_factory=dict)

    @property
    def mark(self) -> CompactRange:
        """The last head's compact range."""
        return CompactRange(self.size, tuple(self.edge))

    def drop_unwritten(self) -> set[str]:
        """Drop the evidence that is too much to wait here, the newest first; the names of what was dropped."""
        size, dropped = 0, set[str]()
        for name, one in self.unwritten.items():
            size += one.size
            if size > MOST_UNWRITTEN:
                dropped.add(name)
        self.unwritten = {name: one for name, one in self.unwritten.items() if name not in dropped}
        return dropped

    def first_beyond(self, size: int) -> datetime | None:
        """When the log was first seen to be larger than `size`."""
        return next((when for when, seen in self.visits if seen > size), None)


def read_state(folder: Path) -> State:
    """Read the monitor's state from its folder; an empty one where there is none. Raises DamagedState."""
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
    """Write the monitor's state atomically and durably."""
    state.visits = state.visits[-MOST_VISITS:]
    write_durably(folder / "state.json", msgspec.json.format(msgspec.json.encode(state), indent=1) + b"\n")


@contextmanager
def lock_state_folder(folder: Path) -> Iterator[None]:
    """Lock the state folder for this monitor alone, making it if it is missing. Raises BusyState or OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BusyState(f"another monitor works in {folder}") from error
        yield
