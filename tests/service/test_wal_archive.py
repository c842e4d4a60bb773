"""What a round finds in the spool, in its note and in the folder, before it asks the server."""

import re
from pathlib import Path

import pytest

from openroll.archive import Sealing
from openroll.service.recovery import backup, dump_words, wal_archive
from openroll.service.recovery.backup import House
from openroll.service.recovery.backups import Taken, dump_name, held_name, history_name, newest_mark, too_many
from openroll.service.recovery.wal_archive import Discontinued, FolderGone, FolderTaken, WalArchive
from openroll.store import wal
from openroll.store.base_backup import hindrance_of
from tests.service.test_backup_reach import NOON, name_of

SIZE = 1 << 16
FURTHER = f"mark-20261130T120500.000000Z-{name_of(0x12)}-{0x12000200:016X}.gz"


class Taking:
    """A folder that the log is taken into, from a server that is not asked."""

    def __init__(self, folder: Path) -> None:
        self.spool, self.history, self.told = folder / "home" / "slot", folder / "b" / "7", list[str]()
        self.spool.mkdir(parents=True)
        self.history.mkdir(parents=True)
        self.received(0x12, "noted")
        archive = self.archive()
        archive._history = "7"
        archive._seal(0x12000100)
        archive._put_mark(wal.Mark(0x12000100, name_of(0x12), NOON, "", ""), 1, {}, "")

    def archive(self) -> WalArchive:
        """As a new process has it."""
        return WalArchive(self.history.parent, self.spool, "slot", Sealing.readable_by_anyone(), self.told.append)

    def received(self, number: int, text: str, *, whole: bool = False) -> Path:
        """A segment in the spool, filled up with zeros."""
        partial = self.spool / f"{name_of(number)}.partial"
        partial.write_bytes(text.encode().ljust(SIZE, b"\0"))
        return partial.rename(self.spool / name_of(number)) if whole else partial

    def sealed(self) -> list[str]:
        """The pieces of the log in the folder."""
        return sorted(path.name.removeprefix("wal-").removesuffix(".gz")[22:] for path in self.history.glob("wal-*"))


@pytest.fixture
def taking(tmp_path: Path) -> Taking:
    """After a round that took a part of segment 12."""
    return Taking(tmp_path)


def test_what_a_round_left_is_sealed_and_its_short_piece_goes(taking: Taking) -> None:
    """A full disk in the middle of segment 14: 12 and 13 are sealed, and 14 will come anew; nothing leaves before it is noted."""
    (taking.spool / f"{name_of(0x12)}.partial").unlink()
    taking.received(0x12, "noted, and more", whole=True)
    taking.received(0x13, "the next", whole=True)
    taking.received(0x14, "short").write_bytes(b"short")
    for _ in range(2):  # nothing is sealed twice
        taking.archive().settle()
        assert taking.sealed() == ["12", "13"]
        assert [path.name for path in taking.spool.iterdir()] == [name_of(0x13)]
    assert [sentence.partition(" ")[0] for sentence in taking.told] == [f"{name_of(0x14)}.partial"]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda one: one.spool.with_name("slot.continuity").unlink(), "not known here what was taken"),
        (lambda one: one.received(0x12, "other"), "is not the one that was taken"),
        (lambda one: (one.received(0x13, ""), (one.spool / f"{name_of(0x12)}.partial").unlink()), "did not come again"),
        (lambda one: (one.history / f"wal-{name_of(0x12)}.gz").touch(), "does not know of it"),
        (lambda one: (one.history / f"wal-{name_of(0x13)}.partial.gz").touch(), "does not know of it"),
        (lambda one: newest(one).path.rename(newest(one).path.with_name(FURTHER)), "taken up to 0/12000200"),
    ],
)
def test_what_cannot_be_shown_to_go_on_does_not(taking: Taking, change: object, why: str) -> None:
    """A note that is gone, other bytes, a missing segment; and a folder that holds more than this machine knows of."""
    taking.archive().settle()
    change(taking)  # type: ignore[operator] # one of those above
    with pytest.raises(Discontinued, match=why):
        taking.archive().settle()


def test_a_folder_that_another_home_took_over_is_left_to_it(taking: Taking, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two homes of one server in one folder: the first is told, and takes nothing away of the other's when it stops.

    What this home itself began since, it has forgotten: it went back.
    """
    for name in ("release", "reserve"):
        monkeypatch.setattr(wal, name, lambda *_: True)
    spool = taking.spool.parents[1] / "other" / "slot"
    spool.mkdir(parents=True)
    other = WalArchive(taking.history.parent, spool, "slot", Sealing.readable_by_anyone())
    other.begin(None, "7", "its first")  # type: ignore[arg-type] # no server is asked
    assert not wal_archive.is_taken_over(taking.history.parent, taking.spool)
    other.history.mkdir()
    (other.history / f"wal-{name_of(0x12)}.gz").touch()
    assert wal_archive.is_taken_over(taking.history.parent, taking.spool)
    with pytest.raises(FolderTaken, match=f"another home goes on with this database's log in {other.history}"):
        taking.archive().settle()
    own = other.history.with_name(history_name("7", 3, wal_archive.taker(taking.spool)))
    other.history.rename(own)
    assert not wal_archive.is_taken_over(taking.history.parent, taking.spool)
    with pytest.raises(Discontinued, match="was begun since, and this machine does not know of it"):
        taking.archive().settle()
    house, folder = House(taking.spool.parents[1], "host=/nowhere"), taking.history.parent
    monkeypatch.setattr(
        backup, "is_taken_over", lambda *given: given == (folder, house.home / "spool" / backup.slot_of(folder))
    )
    assert backup.stop_following(house, folder), "no server is asked to let the other's log go"


def newest(one: Taking) -> Taken:
    """The mark in the folder."""
    mark = newest_mark(one.history)
    assert mark is not None
    return mark


def test_a_home_counts_on_from_folder_to_folder(taking: Taking, tmp_path: Path) -> None:
    """Attacker 31: an empty disk began at 1 again, and what it took was older than the other's when they came together."""
    spools, full, empty = taking.spool.parent, taking.history.parent, tmp_path / "empty"
    (taking.history / dump_name(NOON, "one", 41)).touch()
    assert [wal_archive.give_number(one, spools) for one in (full, empty, empty, full)] == [42, 43, 44, 45]


def test_a_folder_that_is_not_there_is_not_begun_anew(taking: Taking) -> None:
    """Not mounted, it would be filled on the wrong disk, and every round would say that all is well; given up, it is begun."""
    taking.history.rename(taking.history.with_name("elsewhere"))
    with pytest.raises(FolderGone, match=r"is it mounted\? .* `openroll backup stop --to "):
        taking.archive().settle()
    wal_archive.forget(taking.spool)
    with pytest.raises(Discontinued):
        taking.archive().settle()


def test_what_may_be_of_another_history_is_sealed_apart(taking: Taking, monkeypatch: pytest.MonkeyPatch) -> None:
    """What waited when the note was lost goes to no base, and does not stay in the clear; what was known as sealed just goes."""
    for name in ("release", "reserve"):
        monkeypatch.setattr(wal, name, lambda *_: True)
    known, lost = taking.archive(), taking.archive()
    known.settle()
    wal_archive.forget(taking.spool)
    lost.begin(None, "7", "the note was lost")  # type: ignore[arg-type] # no server is asked
    assert [path.name for path in lost.history.iterdir()] == [f"aside-{name_of(0x12)}.partial.gz"]
    assert "sealed as" in taking.told[0]
    assert re.match(
        f"Another history begins in {lost.history}, .*: the note was lost. .* stays in {taking.history}", taking.told[1]
    )
    taking.received(0x12, "noted")
    known.begin(None, "7", "the database went back")  # type: ignore[arg-type]
    assert (known.history.exists(), list(taking.spool.iterdir())) == (False, [])


def test_a_round_that_broke_off_before_its_note_goes_on(taking: Taking, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed when all was sealed and nothing noted yet: what the folder has beyond the note is in the spool still."""
    taking.received(0x12, "noted, and more", whole=True)
    (taking.spool / f"{name_of(0x12)}.partial").unlink(missing_ok=True)
    taking.received(0x13, "the next")
    with monkeypatch.context() as patched:
        patched.setattr(wal_archive, "write_durably", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            taking.archive().settle()
    assert taking.sealed() == ["12", "13.partial"]
    taking.archive().settle()
    assert [path.name for path in taking.spool.iterdir()] == [f"{name_of(0x13)}.partial"]


def test_a_dump_is_in_the_log_where_its_word_is(taking: Taking) -> None:
    """Attacker 31: what went back by position alone is not seen. A word that did not come is told, and beside no history."""
    folder = taking.history.parent
    dumps = [folder / "7" / dump_name(NOON, roll, 2) for roll in ("one", "two")]
    words = [dump_words.promise(taking.spool, dump) for dump in (*dumps, folder / "8" / dumps[0].name)]
    taking.received(0x12, f"noted, {words[0]} {words[2]}")
    archive = taking.archive()
    archive.settle()
    for dump in dumps:
        dump.touch()
    archive._tell_missing(dict(zip(words, dumps, strict=False)))
    assert [path.name for path in taking.history.glob("holds-*")] == [held_name(dumps[0])]
    assert [sentence.partition(" is not in the log")[0] for sentence in taking.told] == [str(dumps[1])]
    assert [path.name for path in taking.spool.parent.glob("*.dump-*")] == [f"slot.dump-{words[2]}"]
    assert sorted(too_many(folder, 0, folder)) == sorted([*dumps, taking.history / held_name(dumps[0])])


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        (("u", True, "replica", 10, 1 << 24), ""),
        (("u", True, "replica", 10, 1 << 26), "segments of 64 MB, and only segments of 16 MB"),
        (("u", True, "minimal", 10, 1 << 24), "it needs replica"),
        (("u", False, "replica", 10, 1 << 24), "may not replicate"),
    ],
)
def test_a_server_whose_log_cannot_be_counted_is_refused(settings: tuple[str, bool, str, int, int], why: str) -> None:
    """Segments of another size have other names: a hole would be seen where there is none, or none where there is one."""
    found = hindrance_of(*settings)
    assert (why in found, bool(found)) == (True, bool(why))
