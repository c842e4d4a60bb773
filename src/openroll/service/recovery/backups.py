"""A folder of backups: base backups, the write-ahead log between them, and dumps; what is there is told by the names alone.

    FOLDER/<the cluster's own number>-n000001-<whose>/
               base-20261124T020000.250000Z-000000010000000000000003-n000003.tar.gz.age
               wal-000000010000000000000003.gz.age
               wal-000000010000000000000004.partial.gz.age
               mark-20261124T023100.000000Z-000000010000000000000004-00000000040012A8-3f0c9a61d2b84e75-n000034.gz.age
               rolls-20261124T022600.000000Z-0000000004000120-3f0c9a61d2b84e75.tar.gz.age
           <the cluster's own number>-n000035-<whose>/base-...
               holds-20261124T020000.250000Z-n000036-cq
           <the cluster's own number>/dump-20261124T020000.250000Z-n000036-cq.tar.gz.age

What was written first and what later the *numbers* say (`n...`), which the folder counts by itself, and its home on from
folder to folder (`wal_archive.give_number`): clocks go wrong. Where there is none (an older Openroll),
it is earlier than what has one, and of several without the clock decides.

A base backup is good for any instant from its own (the moment it was finished) on, as far as the write-ahead log after it goes.
The name says the segment of the log it begins with, so that old segments can go when no base needs them. The mark says how far
the log was taken: all that was committed by its instant stands before its position (16 digits), in its segment; and by their
fingerprint it names the rolls' own files that belong to it (`roll_files`), which were sealed at the position in their name.

A folder within holds one *history*: log that was taken from one server without a break. Where it cannot be shown that a server's
log goes on from what was taken (the database went back, the spool was lost), another begins beside it (`wal_archive`).
What a dump holds is in a history that says so (`holds-...`), because its word was found there (`dump_words`), and in no other.
`reach` says what a base can bring back, and `choice` what a folder does; whoever lists, proves, restores, follows or takes away
old files asks those.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from openroll.store.wal import lsn_text

STAMP = "%Y%m%dT%H%M%S.%fZ"
_SUFFIX = r"(?:\.age|\.gpg)?"
_STAMPED = r"(\d{8}T\d{6}\.\d{6}Z)"
_NUMBERED = r"-n(\d{6,})"
_BASE = re.compile(rf"base-{_STAMPED}-([0-9A-F]{{24}})(?:{_NUMBERED})?\.tar\.gz{_SUFFIX}")
_DUMP = re.compile(rf"dump-{_STAMPED}(?:{_NUMBERED}-([a-z0-9-]+))?\.tar\.gz{_SUFFIX}")
_WAL = re.compile(rf"wal-([0-9A-F]{{24}}|[0-9A-F]{{8}}\.history)(\.partial)?\.gz{_SUFFIX}")
_MARK = re.compile(
    rf"mark-{_STAMPED}-([0-9A-F]{{24}})-([0-9A-F]{{16}})(?:-([0-9a-f]{{16}}))?(?:{_NUMBERED})?\.gz{_SUFFIX}"
)
_FILES = re.compile(rf"rolls-{_STAMPED}-([0-9A-F]{{16}})-([0-9a-f]{{16}})\.tar\.gz{_SUFFIX}")
_HISTORY = re.compile(rf"(\w+)(?:{_NUMBERED}(?:-([0-9a-f]{{8}}))?|-{_STAMPED})?")
SEGMENT_BITS = 24
"""Segments have 16 MB (2 to the 24): a server whose segments have not is not copied (`base_backup.hindrance_of`)."""
_LOG_PARTS = 1 << (32 - SEGMENT_BITS)
"""Segments in one part of a segment's name, which is 4 GB."""


Order = tuple[int, datetime]
"""When something was written: by the folder's own count, 0 where it has no number; only of those the clock is heeded."""


class Backup(msgspec.Struct, frozen=True):
    """A base backup (`start` is the segment of the log it begins with) or a dump (`start` is empty), finished `at`.

    `roll` is whose dump it is; empty where an older Openroll made it, and of a base, which holds all.
    """

    path: Path
    at: datetime
    start: str
    number: int = 0
    roll: str = ""

    @property
    def order(self) -> Order:
        """When it was written."""
        return self.number, self.at

    @property
    def kind(self) -> str:
        """`base` or `dump`."""
        return "base" if self.start else "dump"


class Segment(msgspec.Struct, frozen=True):
    """A sealed piece of the write-ahead log: a segment (`partial`: as far as it had come), or a timeline's history."""

    path: Path
    name: str
    partial: bool

    @property
    def number(self) -> int:
        """Its place in the log, whatever the timeline; -1 for a history, which every restore may need."""
        return -1 if self.name.endswith(".history") else number_of(self.name)

    @property
    def least(self) -> int:
        """A position (LSN) that it does not begin before: its first, where segments have 16 MB."""
        return self.number << SEGMENT_BITS


def number_of(segment: str) -> int:
    """The place of a segment in the log, from its name: timeline, part and segment of that part, 8 digits each."""
    return int(segment[8:16], 16) * _LOG_PARTS + int(segment[16:24], 16)


def backups(folder: Path) -> list[Backup]:
    """What stands in a folder, the newest first. A file still being written has another name and is not seen."""
    found = [one for path in folder.glob("*/*") if (one := _backup(path)) is not None]
    return sorted(found, key=lambda one: one.order, reverse=True)


def backup_of(path: Path) -> Backup | None:
    """A single backup, by its file."""
    return _backup(path)


def _backup(path: Path) -> Backup | None:
    base, dump = _BASE.fullmatch(path.name), _DUMP.fullmatch(path.name)
    found = base or dump
    if found is None:
        return None
    number = int(found[3 if base else 2] or 0)
    return Backup(path, _time(found[1]), base[2] if base else "", number, "" if base else found[3] or "")


def base_name(at: datetime, start: str, number: int) -> str:
    """The name of a base backup's file, but for what sealing adds."""
    return f"base-{at.strftime(STAMP)}-{start}-n{number:06d}.tar.gz"


def dump_name(at: datetime, roll: str, number: int) -> str:
    """The name of a dump's file, but for what sealing adds."""
    return f"dump-{at.strftime(STAMP)}-n{number:06d}-{roll}.tar.gz"


def held_name(dump: Path) -> str:
    """The name of the file that says beside a history that what a dump holds is in it."""
    return f"holds-{dump.name.removeprefix('dump-').partition('.tar.gz')[0]}"


def next_number(folder: Path) -> int:
    """The number of what is written next into a folder of backups: later than all that is there, whatever clocks say."""
    names = [path.name for pattern in ("*", "*/*") for path in folder.glob(pattern)]
    return 1 + max((int(one[1]) for name in names if (one := re.search(_NUMBERED, name))), default=0)


def _time(stamp: str) -> datetime:
    return datetime.strptime(stamp, STAMP).replace(tzinfo=UTC)


def segments(folder: Path, start: str) -> list[Segment]:
    """The write-ahead log that a base backup beginning at `start` needs, in order; `folder` is the base's own."""
    first = number_of(start)
    needed = [one for one in every_segment(folder) if one.number == -1 or one.number >= first]
    whole = {one.name for one in needed if not one.partial}
    return sorted((one for one in needed if not one.partial or one.name not in whole), key=lambda one: one.name)


def every_segment(history: Path) -> list[Segment]:
    """All pieces of the log in the folder of a history."""
    return [one for path in history.glob("wal-*") if (one := _segment(path)) is not None]


def _segment(path: Path) -> Segment | None:
    found = _WAL.fullmatch(path.name)
    return None if found is None else Segment(path, found[1], found[2] is not None)


class Taken(msgspec.Struct, frozen=True):
    """A mark: how far a history was taken. All that was committed by `at` stands before `lsn`, in `segment` or earlier.

    `files` is the fingerprint of the rolls' files that belong to it; empty where an older Openroll wrote it.
    """

    path: Path
    at: datetime
    segment: str
    lsn: int
    files: str = ""
    number: int = 0

    @property
    def order(self) -> Order:
        """When it was written."""
        return self.number, self.at

    @property
    def position(self) -> str:
        """The position as PostgreSQL writes it."""
        return lsn_text(self.lsn)


def mark_name(at: datetime, segment: str, lsn: int, files: str, number: int) -> str:
    """The name of a mark's file, but for what sealing adds."""
    return f"mark-{at.strftime(STAMP)}-{segment}-{lsn:016X}{'-' * bool(files)}{files}-n{number:06d}.gz"


def newest_mark(history: Path) -> Taken | None:
    """How far the history in a folder was taken; None where nobody noted it (by an older Openroll)."""
    found = [one for path in history.glob("mark-*") if (one := _mark(path)) is not None]
    return max(found, key=lambda one: one.lsn, default=None)


def _mark(path: Path) -> Taken | None:
    found = _MARK.fullmatch(path.name)
    return found and Taken(path, _time(found[1]), found[2], int(found[3], 16), found[4] or "", int(found[5] or 0))


class FilesTaken(msgspec.Struct, frozen=True):
    """The rolls' own files as they were at a position of the log, told from others by their fingerprint."""

    path: Path
    at: datetime
    lsn: int
    fingerprint: str


def files_name(at: datetime, lsn: int, fingerprint: str) -> str:
    """The name of their file, but for what sealing adds."""
    return f"rolls-{at.strftime(STAMP)}-{lsn:016X}-{fingerprint}.tar.gz"


def files_taken(history: Path) -> tuple[FilesTaken, ...]:
    """The rolls' files in the folder of a history, in the order of the log."""
    found = [(path, _FILES.fullmatch(path.name)) for path in history.glob("rolls-*")]
    there = [FilesTaken(path, _time(one[1]), int(one[2], 16), one[3]) for path, one in found if one is not None]
    return tuple(sorted(there, key=lambda one: one.lsn))


class Reach(msgspec.Struct, frozen=True):
    """What a base backup can bring back.

    `segments` are the pieces of the log after it that follow each other without a hole, in order; `gap` is the first that is
    missing although later log was taken: nothing that was committed in it or after it comes back. `taken` is how far the log was
    taken, which is as far as the base reaches where there is no gap. `files` are the rolls' own files as they changed beside it.
    """

    segments: tuple[Segment, ...]
    gap: str | None
    taken: Taken | None
    files: tuple[FilesTaken, ...] = ()

    @property
    def lacks(self) -> str:
        """What was taken and does not come back, as far as names tell, in a sentence; empty where all does."""
        if self.gap is not None:
            later = f" up to {self.taken.at.isoformat()}" if self.taken is not None else ""
            return f"the log after it breaks off before segment {self.gap}, and what was taken later{later} does not come back"
        if self.taken is None or not self.taken.files:
            return ""
        then = [one for one in self.files if one.lsn <= self.taken.lsn][-1:]
        if then and then[0].fingerprint == self.taken.files:
            return ""
        return (
            f"the rolls' own files that belong to {self.taken.path.name} (rolls-...-{self.taken.files}) are not beside it, and"
            " keys that were made after the backup do not come back"
        )


def reach(base: Backup) -> Reach:
    """What a base backup can bring back, by the names of the files beside it.

    A segment that is there in part counts as the last piece and as no other: a whole one beyond it does not make it whole.
    A hole is looked at twice, for a round may just have put a whole segment in the place of its part.
    """
    there = _reach(base)
    return there if not there.lacks else _reach(base)


def _reach(base: Backup) -> Reach:
    taken = newest_mark(base.path.parent)  # first: all that it speaks of is there by then
    found, first = segments(base.path.parent, base.start), number_of(base.start)
    numbered = [one for one in found if one.number >= 0]
    whole = {one.number for one in numbered if not one.partial}
    end = next(number for number in range(first, first + len(whole) + 1) if number not in whole)
    last = [one for one in numbered if one.number == end]
    furthest = max((one.number for one in numbered), default=-1)
    if taken is not None:
        furthest = max(furthest, number_of(taken.segment) if number_of(taken.segment) >= first else -1)
    # A base brings the log that it needs itself: where none was taken after it yet, none is missing.
    missing = furthest > end or (furthest == end and not last)
    usable = tuple(one for one in found if one.number < end or one in last)
    gap = f"{base.start[:8]}{end // _LOG_PARTS:08X}{end % _LOG_PARTS:08X}" if missing else None
    return Reach(usable, gap, taken, files_taken(base.path.parent))


def cluster_of(history: Path) -> str:
    """The number of the cluster whose history is in a folder."""
    return history.name.partition("-")[0]


class History(msgspec.Struct, frozen=True):
    """One history in a folder: its bases, the newest last, how far its log was taken, and when it began (`begun`).

    `taker` tells the home that takes it from other ones; empty where an older Openroll began it.
    """

    path: Path
    begun: Order
    bases: tuple[Backup, ...]
    taken: Taken | None
    taker: str = ""

    @property
    def system(self) -> str:
        """The number of the cluster whose history it is."""
        return cluster_of(self.path)

    @property
    def last(self) -> Order:
        """When something was last written of it, as far as names tell."""
        there = [one.order for one in (*self.bases, self.taken) if one is not None]
        return max(there, default=self.begun)

    @property
    def end(self) -> datetime:
        """The last instant that it is known to hold, by the clock of then."""
        if self.taken is not None:
            return self.taken.at
        return self.bases[-1].at if self.bases else self.begun[1]


def histories(folder: Path) -> list[History]:
    """The histories in a folder of backups that hold anything, the one that began last first."""
    there = [one for path in folder.glob("*") if any(path.glob("[bwm]a*")) and (one := _history(path)) is not None]
    return sorted(there, key=lambda one: (one.begun, one.last), reverse=True)


def _history(path: Path) -> History | None:
    found = _HISTORY.fullmatch(path.name)
    if found is None:
        return None
    bases = [one for file in path.glob("base-*") if (one := _backup(file)) is not None]
    bases.sort(key=lambda one: (number_of(one.start), one.order))
    taken = newest_mark(path)
    began = _time(found[4]) if found[4] else _first(path, bases, taken)
    return History(path, (int(found[2] or 0), began), tuple(bases), taken, found[3] or "")


def history_name(system: str, number: int, taker: str) -> str:
    """The name of a history's folder."""
    return f"{system}-n{number:06d}-{taker}"


def _first(path: Path, bases: Sequence[Backup], taken: Taken | None) -> datetime:
    """When a history of an older Openroll began that bears no instant: the cluster's first, before each that bears one."""
    others = [_HISTORY.fullmatch(one.name) for one in path.parent.glob(f"{path.name}-*")]
    stamps = [_time(one[4]) - timedelta(microseconds=1) for one in others if one and one[4]]
    return min(
        (*stamps, *(one.at for one in (*bases, taken) if one is not None)), default=datetime.min.replace(tzinfo=UTC)
    )


def too_many(folder: Path, keep: int, made: Path) -> list[Path]:
    """The files that may go when `keep` backups of each kind are enough: older ones, and the log that no kept base needs.

    Backups are counted over all histories of a cluster, dumps for each roll; `made` has just been made, and stays.
    """
    going: list[Path] = []
    for cluster in {cluster_of(one.path.parent) for one in backups(folder)}:
        own = [one for one in histories(folder) if one.system == cluster]
        bases = [base for one in own for base in reversed(one.bases)]
        bases.sort(key=lambda one: one.path != made)
        dumps = [one for one in backups(folder) if one.kind == "dump" and cluster_of(one.path.parent) == cluster]
        dumps.sort(key=lambda one: one.path != made)
        going += [one.path for one in bases[keep:]]
        for roll in {one.roll for one in dumps}:
            old = [one.path for one in dumps if one.roll == roll][keep:]
            going += old + [held for path in old for held in folder.glob(f"*/{held_name(path)}")]
        for one in own:
            if one.bases:
                going += _old_log(one.path, [base for base in bases[:keep] if base in one.bases])
    return going


def _old_log(history: Path, bases: Sequence[Backup]) -> list[Path]:
    """The log that none of the bases needs that stay; all of a history of which none does, with its mark."""
    if not bases:
        return [path for kind in ("wal", "mark", "aside", "rolls", "holds") for path in history.glob(f"{kind}-*")]
    first = min(number_of(one.start) for one in bases)
    old = [one.path for one in every_segment(history) if 0 <= one.number < first]
    return old + [one.path for one in files_taken(history)[:-1] if one.lsn < first << SEGMENT_BITS]
