"""A folder of backups: base backups, the write-ahead log between them, and dumps; what is there is told by the names alone.

    FOLDER/<the cluster's own number>/base-20261124T020000.250000Z-000000010000000000000003.tar.gz.age
                                      wal-000000010000000000000003.gz.age
                                      wal-000000010000000000000004.partial.gz.age
                                      dump-20261124T020000.250000Z.tar.gz.age

A base backup is good for any instant from its own (the moment it was finished) on, as far as the write-ahead log after it goes.
The name says the segment of the log it begins with, so that old segments can go when no base needs them.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec

STAMP = "%Y%m%dT%H%M%S.%fZ"
_SUFFIX = r"(?:\.age|\.gpg)?"
_BASE = re.compile(rf"base-(\d{{8}}T\d{{6}}\.\d{{6}}Z)-([0-9A-F]{{24}})\.tar\.gz{_SUFFIX}")
_DUMP = re.compile(rf"dump-(\d{{8}}T\d{{6}}\.\d{{6}}Z)\.tar\.gz{_SUFFIX}")
_WAL = re.compile(rf"wal-([0-9A-F]{{24}}|[0-9A-F]{{8}}\.history)(\.partial)?\.gz{_SUFFIX}")
_LOG_PARTS = 0x100
"""Segments of 16 MB in one part of a segment's name (4 GB; PostgreSQL's default)."""


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
    at = datetime.strptime(found[1], STAMP).replace(tzinfo=UTC)
    return Backup(path, at, base[2] if base else "")


def segments(folder: Path, start: str) -> list[Segment]:
    """The write-ahead log that a base backup beginning at `start` needs, in order; `folder` is the base's own."""
    found = [one for path in folder.glob("wal-*") if (one := _segment(path)) is not None]
    first = number_of(start)
    needed = [one for one in found if one.number == -1 or one.number >= first]
    whole = {one.name for one in needed if not one.partial}
    return sorted((one for one in needed if not one.partial or one.name not in whole), key=lambda one: one.name)


def _segment(path: Path) -> Segment | None:
    found = _WAL.fullmatch(path.name)
    return None if found is None else Segment(path, found[1], found[2] is not None)


def gap(found: Iterable[Segment], start: str) -> str | None:
    """The first segment that is missing after `start`, so that nothing after it can be restored; None when all are there."""
    there = {one.number for one in found if one.number >= 0}
    if not there:
        return None  # a base brings what it needs; the log after it has not been taken yet
    missing = next((number for number in range(number_of(start), max(there)) if number not in there), None)
    return None if missing is None else f"{start[:8]}{missing // _LOG_PARTS:08X}{missing % _LOG_PARTS:08X}"


def too_many(folder: Path, keep: int) -> list[Path]:
    """The files that may go when `keep` backups of each kind are enough: older ones, and the log that no kept base needs."""
    going: list[Path] = []
    for cluster in {one.path.parent for one in backups(folder)}:
        there = [one for one in backups(folder) if one.path.parent == cluster]
        bases = [one for one in there if one.kind == "base"]
        dumps = [one for one in there if one.kind == "dump"]
        going += [one.path for one in (*bases[keep:], *dumps[keep:])]
        going += _old_log(cluster, bases[:keep])
    return going


def _old_log(cluster: Path, bases: Sequence[Backup]) -> list[Path]:
    if not bases:
        return []
    first = min(number_of(one.start) for one in bases)
    found = [one for path in cluster.glob("wal-*") if (one := _segment(path)) is not None]
    return [one.path for one in found if 0 <= one.number < first]
