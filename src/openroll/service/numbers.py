"""Numbers that never repeat: reserved in blocks beside the ratchet, outside the database, before any of them is used.

A filing code is a record's number under a key: a number given twice is one code for two people. A database can go back (a
replica that was behind takes over, a backup or a dump is brought back), and a counter in it goes back with it. So what has
been given stands in a file that only ever moves forward, and numbers are handed out from a block that lies below its mark.
The counter in the database follows, for the day on which the file is the one that is old: the next block begins beyond both.

One reservation, in this order, so that a crash anywhere only ever wastes numbers:

1. the lock on the file (processes of this home), then the database's (machines that share it);
2. the file's mark moves beyond the block, durably;
3. the database's counter follows, durably;
4. the file says that it has followed, durably. A database whose counter stands below *that* has gone back: the roll is held.

The cost is two waits for the disk a block, not a filing.
"""

import fcntl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import msgspec
from psycopg import Connection

from openroll.durable import write_durably
from openroll.store import numbers
from openroll.store.connect import Database, assume
from openroll.store.numbers import COLUMNS, FORMER, HIGHEST, RECORD, SEAT

BLOCK = 1_024
"""Record numbers in a block: a process that ends wastes the rest of its block, of the 10^14 there are."""
LEAP = {RECORD: 1_000_000_000}
"""How far numbers of records go on beyond the newest mark there is, where the machine that knew better is gone (`restart`)."""
SMALL_LEAP = 1_000
"""The same for what is given by the dozen: seats, tokens, uploads, proposals, uses, requests."""
FAR_LEAP = 1_000_000
"""The same for counters that the database keeps by itself, and for records where another machine's home gave the last ones."""

Step = Callable[[str], None]


class NumbersDamaged(Exception):
    """The file of marks cannot be read; the sentence says which. No number is given until `openroll log resume`."""


class WentBack(Exception):
    """The database knows fewer numbers than it has confirmed: it is an older copy of itself. No number was given."""


def went_back(known: int, followed: int) -> str:
    """What a database says that has gone back, as a sentence."""
    return (
        f"the database knows of {known} numbers of records, and had confirmed {followed}: an older backup was restored, or a"
        " replica that was behind took over"
    )


class Mark(msgspec.Struct, frozen=True):
    """Numbers up to `reserved` may have been given; `followed` is what the database has confirmed that it knows of."""

    reserved: int = 0
    followed: int = 0


class Marks:
    """The file of marks, by name. It moves forward only, under a lock, and each step is durable before it returns."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> dict[str, Mark]:
        """Every mark; none where nothing was ever reserved. Raises NumbersDamaged."""
        try:
            kept = msgspec.json.decode(self._path.read_bytes(), type=dict[str, Mark])
        except FileNotFoundError:
            return {}
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise NumbersDamaged(
                f"the file {self._path.name} of the roll's home is damaged: what was given is not known"
            ) from error
        if any(not 0 <= mark.followed <= mark.reserved for mark in kept.values()):
            raise NumbersDamaged(
                f"the file {self._path.name} of the roll's home is damaged: it says that the database is ahead of its mark"
            )
        return kept

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Be the one process of this home that moves marks."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.with_name(f"{self._path.name}.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def move(self, name: str, mark: Mark) -> None:
        """Move one mark forward; a step back moves nothing. The caller holds the lock. Raises OSError and NumbersDamaged."""
        self.put(merged(self.read(), {name: mark}))

    def put(self, marks: dict[str, Mark]) -> None:
        """Write all marks. The caller holds the lock, and has merged them with what is there."""
        write_durably(self._path, msgspec.json.encode(dict(sorted(marks.items()))) + b"\n", mode=0o600)


def merged(one: dict[str, Mark], other: dict[str, Mark]) -> dict[str, Mark]:
    """The marks that have come further, name by name."""
    names = one.keys() | other.keys()
    pairs = {name: (one.get(name, Mark()), other.get(name, Mark())) for name in names}
    return {
        name: Mark(max(a.reserved, b.reserved), max(a.followed, b.followed)) for name, (a, b) in sorted(pairs.items())
    }


class Numbers:
    """Gives numbers to one process: records from a block of its own, what is rarer one by one. Safe between threads."""

    def __init__(self, path: Path, database: Database, *, block: int = BLOCK, step: Step = lambda _: None) -> None:
        """`step` is told the name of each step before and after it is done; the kill table stops the process there."""
        self.marks = Marks(path)
        self._database = database
        self._block = block
        self.step = step
        self._own = range(0)
        self._followed: int | None = None
        self._thread = threading.Lock()

    def take(self, name: str, count: int) -> range:
        """`count` consecutive numbers that nobody was ever given: `record`, `seat/ORGANISATION`, or one of COLUMNS or HIGHEST.

        A large count (a file of a million rows) is one reservation. Raises WentBack, NumbersDamaged and OSError.
        """
        with self._thread:
            if name != RECORD:
                return self._reserve(name, count)
            if len(self._own) < count:
                self._own = self._reserve(RECORD, max(count, self._block))
            taken, self._own = self._own[:count], self._own[count:]
            return taken

    def followed(self) -> int:
        """The record number that the database has confirmed, as far as this process knows: it stands at or beyond it."""
        if self._followed is None:
            self._followed = self.marks.read().get(RECORD, Mark()).followed
        return self._followed

    def _reserve(self, name: str, count: int) -> range:
        with self.marks.locked(), self._connected() as connection:
            numbers.only_one(connection)
            known, mark = numbers.last(connection, name), self.marks.read().get(name, Mark())
            if known < mark.followed:
                raise WentBack(went_back(known, mark.followed))
            # Another home gave the last ones, and whether this database is the newest that it wrote to, only that one knows.
            idle = name == RECORD and 0 < mark.reserved < known
            first = max(known, mark.reserved) + 1 + (FAR_LEAP if idle else 0)
            last = first + count - 1
            self.step("numbers: before")
            self.marks.move(name, Mark(last, mark.followed))
            self.step("numbers: reserved")
            numbers.raise_to(connection, name, last)
            connection.commit()
            self.step("numbers: followed")
            if name == RECORD:
                self.marks.move(name, Mark(last, last))
                self._followed = last
            self.step("numbers: after")
        return range(first, last + 1)

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        """A connection of its own: whoever asks may be in a transaction, and what is reserved stays so if that ends ill."""
        with self._database.open_beside("openroll-numbers") as connection:
            assume(connection, "application")
            yield connection

    def restart(self, *, leaping: bool, given: Mapping[str, int] = {}) -> dict[str, Mark]:
        """Bring the database of a held roll to its marks, or beyond; the marks as they are then.

        `given` are last numbers by their names that the log shows, of which neither database nor home may know.

        `leaping`: this home may not know what was given last (it was brought back itself), so every count goes on far beyond
        what is known. Repeating it only wastes numbers.
        """
        with self._thread, self.marks.locked(), self._database.open("openroll-numbers") as connection:
            numbers.only_one(connection)
            try:
                marks = self.marks.read()
            except NumbersDamaged:
                marks = {}
            leaping = leaping or not marks
            seats = (f"{SEAT}{one}" for one in numbers.organisations(connection))
            known_marks = (name for name in marks if name not in FORMER)
            for name in dict.fromkeys((RECORD, *COLUMNS, *HIGHEST, *seats, *known_marks, *given)):
                known = max(numbers.last(connection, name), marks.get(name, Mark()).reserved, given.get(name, 0))
                last = known + (LEAP.get(name, SMALL_LEAP) if leaping else 0)
                marks[name] = Mark(last, marks.get(name, Mark()).followed)
            self.marks.put(marks)
            numbers.raise_to(connection, RECORD, marks[RECORD].reserved)
            numbers.leap(connection, FAR_LEAP)
            connection.commit()
            marks[RECORD] = Mark(marks[RECORD].reserved, marks[RECORD].reserved)
            self.marks.put(marks)
            self._own, self._followed = range(0), marks[RECORD].followed
        return marks
