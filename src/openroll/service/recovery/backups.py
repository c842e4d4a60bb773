"""A folder of backups: base backups, the write-ahead log between them, and dumps; what is there is told by the names alone.

    FOLDER/<the cluster's own number>/base-20261124T020000.250000Z-000000010000000000000003.tar.gz.age
                                      wal-000000010000000000000003.gz.age
                                      wal-000000010000000000000004.partial.gz.age
                                      mark-20261124T023100.000000Z-000000010000000000000004-00000000040012A8-3f0c9a61d2b84e75.gz.age
                                      rolls-20261124T022600.000000Z-0000000004000120-3f0c9a61d2b84e75.tar.gz.age
                                      dump-20261124T020000.250000Z.tar.gz.age
           <the number>-20261130T115300.000000Z/base-...

A base backup is good for any instant from its own (the moment it was finished) on, as far as the write-ahead log after it goes.
The name says the segment of the log it begins with, so that old segments can go when no base needs them. The mark says how far
the log was taken: all that was committed by its instant stands before its position (16 digits), in its segment; and by their
fingerprint it names the rolls' own files that belong to it (`roll_files`), which were sealed at the position in their name.

A folder within holds one *history*: log that was taken from one server without a break. Where it cannot be shown that a server's
log goes on from what was taken (the database went back, the spool was lost), another begins beside it (`wal_archive`).
`reach` says what a base can bring back; whoever lists, proves, restores, follows or takes away old files asks that.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from openroll.store.wal import lsn_text

STAMP = "%Y%m%dT%H%M%S.%fZ"
_SUFFIX = r"(?:\.age|\.gpg)?"
_BASE = re.compile(rf"base-(\d{{8}}T\d{{6}}\.\d{{6}}Z)-([0-9A-F]{{24}})\.tar\.gz{_SUFFIX}")
_DUMP = re.compile(rf"dump-(\d{{8}}T\d{{6}}\.\d{{6}}Z)\.tar\.gz{_SUFFIX}")
_WAL = re.compile(rf"wal-([0-9A-F]{{24}}|[0-9A-F]{{8}}\.history)(\.partial)?\.gz{_SUFFIX}")
_MARK = re.compile(
    rf"mark-(\d{{8}}T\d{{6}}\.\d{{6}}Z)-([0-9A-F]{{24}})-([0-9A-F]{{16}})(?:-([0-9a-f]{{16}}))?\.gz{_SUFFIX}"
)
_FILES = re.compile(rf"rolls-(\d{{8}}T\d{{6}}\.\d{{6}}Z)-([0-9A-F]{{16}})-([0-9a-f]{{16}})\.tar\.gz{_SUFFIX}")
_SEGMENT_BITS = 24
"""Segments have 16 MB (2 to the 24), PostgreSQL's default."""
_LOG_PARTS = 1 << (32 - _SEGMENT_BITS)
"""Segments in one part of a segment's name, which is 4 GB."""


class Backup(msgspec.Struct, frozen=True):
    """A base backup (`start` is the segment of the log it begins with) or a dump (`start` is empty), finished `at`."""

    path: Path
    at: datetime
    start: str

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
        return self.number << _SEGMENT_BITS


def number_of(segment: str) -> int:
    """The place of a segment in the log, from its name: timeline, part and segment of that part, 8 digits each."""
    return int(segment[8:16], 16) * _LOG_PARTS + int(segment[16:24], 16)


def backups(folder: Path) -> list[Backup]:
    """What stands in a folder, the newest first. A file still being written has another name and is not seen."""
    found = [one for path in folder.glob("*/*") if (one := _backup(path)) is not None]
    return sorted(found, key=lambda one: one.at, reverse=True)


def backup_of(path: Path) -> Backup | None:
    """A single backup, by its file."""
    return _backup(path)


def _backup(path: Path) -> Backup | None:
    base, dump = _BASE.fullmatch(path.name), _DUMP.fullmatch(path.name)
    found = base or dump
    if found is None:
        return None
    return Backup(path, _time(found[1]), base[2] if base else "")


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

    @property
    def position(self) -> str:
        """The position as PostgreSQL writes it."""
        return lsn_text(self.lsn)


def mark_name(at: datetime, segment: str, lsn: int, files: str = "") -> str:
    """The name of a mark's file, but for what sealing adds."""
    return f"mark-{at.strftime(STAMP)}-{segment}-{lsn:016X}{'-' * bool(files)}{files}.gz"


def newest_mark(history: Path) -> Taken | None:
    """How far the history in a folder was taken; None where nobody noted it (by an older Openroll)."""
    found = [one for path in history.glob("mark-*") if (one := _mark(path)) is not None]
    return max(found, key=lambda one: one.lsn, default=None)


def _mark(path: Path) -> Taken | None:
    found = _MARK.fullmatch(path.name)
    return found and Taken(path, _time(found[1]), found[2], int(found[3], 16), found[4] or "")


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


def newest_lacks(folder: Path) -> str:
    """What the newest base backup in a folder does not bring back of all that was taken, in a sentence; empty where it does."""
    newest = next((one for one in backups(folder) if one.kind == "base"), None)
    return "" if newest is None else reach(newest).lacks


def cluster_of(history: Path) -> str:
    """The number of the cluster whose history is in a folder."""
    return history.name.partition("-")[0]


def histories(folder: Path, system: str) -> list[Path]:
    """The histories of a cluster in a folder of backups that hold anything, the one that began last first."""
    there = [one for one in folder.glob(f"{system}*") if cluster_of(one) == system and any(one.glob("[bwm]a*"))]
    return sorted(there, key=lambda one: one.name, reverse=True)


def later_history(base: Backup) -> Path | None:
    """The newest history of the same cluster, where that is another than the base's."""
    newest = histories(base.path.parents[1], cluster_of(base.path.parent))[:1]
    return newest[0] if newest and newest[0] != base.path.parent else None


def too_many(folder: Path, keep: int, made: Path) -> list[Path]:
    """The files that may go when `keep` backups of each kind are enough: older ones, and the log that no kept base needs.

    Backups are counted over all histories of a cluster; `made` has just been made, and stays whatever the clock says.
    """
    going: list[Path] = []
    for cluster in {cluster_of(one.path.parent) for one in backups(folder)}:
        there = [one for one in backups(folder) if cluster_of(one.path.parent) == cluster]
        there.sort(key=lambda one: one.path != made)
        bases = [one for one in there if one.kind == "base"]
        dumps = [one for one in there if one.kind == "dump"]
        going += [one.path for one in (*bases[keep:], *dumps[keep:])]
        for history in {one.path.parent for one in bases}:
            going += _old_log(history, [one for one in bases[:keep] if one.path.parent == history])
    return going


def _old_log(history: Path, bases: Sequence[Backup]) -> list[Path]:
    """The log that none of the bases needs that stay; all of a history of which none does, with its mark."""
    if not bases:
        return [path for kind in ("wal", "mark", "aside", "rolls") for path in history.glob(f"{kind}-*")]
    first = min(number_of(one.start) for one in bases)
    old = [one.path for one in every_segment(history) if 0 <= one.number < first]
    return old + [one.path for one in files_taken(history)[:-1] if one.lsn < first << _SEGMENT_BITS]
