"""How far a folder of backups reaches, by the names in it: what is there in part is no link of a chain."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from openroll.service.recovery.backups import (
    STAMP,
    Backup,
    Reach,
    Segment,
    Taken,
    backups,
    files_name,
    histories,
    mark_name,
    reach,
    too_many,
)
from openroll.service.recovery.choice import choose, is_earlier
from openroll.service.recovery.restore import lacking

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
SYSTEM = "7713926527735042847"


def name_of(number: int) -> str:
    """A segment's name on the first timeline."""
    return f"00000001{number >> 8:08X}{number & 0xFF:08X}"


def base(folder: Path, start: int, minutes: int = 0, history: str = SYSTEM) -> Backup:
    """A base backup by its name."""
    at = NOON + timedelta(minutes=minutes)
    path = folder / history / f"base-{at.strftime(STAMP)}-{name_of(start)}.tar.gz.age"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    return Backup(path, at, name_of(start))


def log(one: Backup, *pieces: str) -> None:
    """Pieces of the log beside it, `12` whole and `12p` in part (hexadecimal)."""
    for piece in pieces:
        end = ".partial" if piece.endswith("p") else ""
        (one.path.parent / f"wal-{name_of(int(piece.rstrip('p'), 16))}{end}.gz.age").touch()


def mark(one: Backup, segment: int, minutes: int = 0, files: str = "") -> None:
    """How far the log was taken."""
    at = NOON + timedelta(minutes=minutes)
    name = mark_name(at, name_of(segment), segment << 24 | 0x2000, files, 0).replace("-n000000", "")
    (one.path.parent / f"{name}.age").touch()


def roll_files(one: Backup, segment: int, files: str) -> Path:
    """The rolls' own files, sealed at a place in the log."""
    path = one.path.parent / f"{files_name(one.at, segment << 24 | 0x1000, files)}.age"
    path.touch()
    return path


@pytest.mark.parametrize(
    ("pieces", "taken", "used", "gap"),
    [
        ("11 12 13p", 0x13, "11 12 13p", None),
        ("11 12p 13 14 15 16p", 0x16, "11 12p", "12"),  # the hole of attacker 24
        ("11 12p 13p", None, "11 12p", "12"),
        ("11 13", None, "11", "12"),
        ("11 12", 0x13, "11 12", "13"),
        ("11 12p", 0x13, "11 12p", "12"),
        ("12 13p", 0x13, "", "11"),
        ("", 0x11, "", "11"),
        ("", None, "", None),
        ("0F 10p", 0x10, "", None),  # of a base before it: this one's log has not been taken yet
        ("11 12 12p", 0x12, "11 12", None),
    ],
)
def test_a_piece_in_part_is_the_last_of_its_chain(
    tmp_path: Path, pieces: str, taken: int | None, used: str, gap: str | None
) -> None:
    """What follows on each other without a hole counts, the last piece as far as it came, and nothing behind a hole."""
    one = base(tmp_path, 0x11)
    log(one, *pieces.split())
    if taken is not None:
        mark(one, taken)
    found = reach(one)
    names = [f"{each.number:02X}{'p' * each.partial}" for each in found.segments]
    assert (names, found.gap) == (used.split(), gap and name_of(int(gap, 16)))


def test_each_history_stands_alone(tmp_path: Path) -> None:
    """The newest is brought back, with no segment of the one before; an instant of then with none of the newest."""
    old = base(tmp_path, 0x11)
    log(old, "11", "12", "13p")
    mark(old, 0x13, 5)
    new = base(tmp_path, 0x12, 10, f"{SYSTEM}-{(NOON + timedelta(minutes=8)).strftime(STAMP)}")
    log(new, "12", "13p")
    mark(new, 0x13, 15)
    base(tmp_path, 0x01, -60, history="99")
    assert [one.path for one in histories(tmp_path) if one.system == SYSTEM] == [new.path.parent, old.path.parent]
    assert (is_earlier(old), is_earlier(new)) == (True, False)
    assert {one.path.parent for one in reach(new).segments} == {new.path.parent}
    assert choose(tmp_path).backup == new
    assert choose(tmp_path, NOON + timedelta(minutes=4)).backup == old
    assert choose(tmp_path, NOON + timedelta(minutes=12)).backup == new
    assert [one.partition(",")[0] for one in choose(tmp_path).lacks] == [
        f"{tmp_path}/99 is of another database cluster"
    ]
    mark(old, 0x14, 20)  # two that follow into one folder: the one that began last, and the other is named
    assert choose(tmp_path).backup == new
    assert f"{old.path.parent} holds log, taken up to" in choose(tmp_path).lacks[0]


def test_what_a_kept_base_needs_never_goes(tmp_path: Path) -> None:
    """Backups are counted over the histories; the log of the newest stays whole, even where the clock went back meanwhile."""
    old, newer = base(tmp_path, 0x11, 60), base(tmp_path, 0x12, 61)
    log(old, "11", "12", "13p")
    mark(old, 0x13, 62)
    made = base(tmp_path, 0x12, 0, f"{SYSTEM}-{NOON.strftime(STAMP)}")
    log(made, "11", "12", "13p")
    mark(made, 0x13, 1)
    going = too_many(tmp_path, 2, made.path)
    assert {path for path in going if path.parent == made.path.parent} == {
        made.path.parent / f"wal-{name_of(0x11)}.gz.age"
    }
    assert old.path in going
    assert newer.path not in going
    for path in too_many(tmp_path, 1, made.path):
        path.unlink()
    assert backups(tmp_path) == [made]
    assert list(old.path.parent.iterdir()) == []
    assert reach(made).gap is None


def test_a_mark_without_its_files_is_a_hole(tmp_path: Path) -> None:
    """What the mark names of the rolls' files has to be the newest by then; sealed for a mark to come, they are not missed."""
    one = base(tmp_path, 0x11)
    log(one, "11", "12", "13p")
    mark(one, 0x13, files="a" * 16)
    assert "are not beside it, and keys that were made after the backup do not come back" in reach(one).lacks
    old = roll_files(one, 0x11, "a" * 16)
    assert (reach(one).lacks, reach(one).files[0].path) == ("", old)
    new, old = old, roll_files(one, 0x12, "b" * 16)
    assert "are not beside it" in lacking(reach(one), 0x13002000)
    roll_files(one, 0x14, "c" * 16)
    for path in (new, *one.path.parent.glob("mark-*")):
        path.unlink()
    mark(one, 0x13, 1, files="b" * 16)
    assert reach(one).lacks == ""
    later = base(tmp_path, 0x13)
    going = too_many(tmp_path, 1, later.path)
    assert old in going
    assert not [path for path in going if path.name.startswith(("rolls-", "mark-")) and path != old]


def test_a_replay_that_ends_too_early_is_no_restore() -> None:
    """Held against the mark; where there is none, against the last whole segment; and a hole is named whatever was replayed."""
    pieces = (Segment(Path("a"), name_of(0x11), partial=False), Segment(Path("b"), name_of(0x12), partial=True))
    taken = Taken(Path("m"), NOON, name_of(0x12), 0x12002000)
    whole = Reach(pieces, None, taken)
    assert lacking(whole, 0x12002000) == ""
    assert "0/11FFFFFF, and was taken up to 0/12002000" in lacking(whole, 0x11FFFFFF)
    assert "breaks off before segment 000000010000000000000012" in lacking(
        Reach(pieces, name_of(0x12), taken), 0x13000000
    )
    assert lacking(Reach(pieces, None, None), 0x11000000) == ""
    assert "000000010000000000000011 is not of this history" in lacking(Reach(pieces, None, None), 0x10FFFFFF)
