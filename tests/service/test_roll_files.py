"""The rolls' own files beside the log: sealed anew when they are others, and brought back as they were taken last."""

import shutil
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from openroll.archive import Broken, Keys, Sealing, write_box
from openroll.service.recovery import roll_files
from openroll.service.recovery.backups import files_taken
from openroll.service.recovery.roll_files import FORM, FilesChanged, RollFiles, add_later, files_of, without_keys
from openroll.store.wal import Mark
from tests.service.test_backup_reach import NOON

PLAIN, NONE = Sealing.readable_by_anyone(), Keys(())


class Machine:
    """A home of rolls and a folder that its files are sealed into; `round` takes them, a minute later each time."""

    def __init__(self, folder: Path) -> None:
        self.home, self.history, self.minutes = folder / "home", folder / "b" / "7", 0
        self.history.mkdir(parents=True)
        self.has("one/keys/log.pub", "one's log")
        self.has("one/keys/log-ed25519.key", "first")
        self.has("one/ratchet", ratchet(0))

    def has(self, path: str, text: str) -> Path:
        """A file of a roll."""
        file = self.home / "rolls" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file

    @property
    def now(self) -> datetime:
        """By the server's clock."""
        return NOON + timedelta(minutes=self.minutes)

    def round(self, files: RollFiles | None = None) -> str:
        """Seal them beside a mark."""
        self.minutes += 1
        mark = Mark(0x1000 * self.minutes, "", self.now, "", "")
        return (files or RollFiles(self.home)).seal(self.history, PLAIN, mark)

    def base(self, folder: Path) -> Path:
        """What a base backup brings back of them."""
        shutil.copytree(self.home / "rolls", folder)
        return folder

    def back(self, rolls: Path, until: int | None = None) -> dict[str, str]:
        """The files of a base brought up to what was sealed since, by their paths."""
        to = None if until is None else NOON + timedelta(minutes=until)
        self.unsure = add_later(rolls, files_taken(self.history), NONE, to)
        return {str(path.relative_to(rolls)): path.read_text() for path in rolls.rglob("*") if path.is_file()}


def ratchet(size: int) -> str:
    """The file of a ratchet, of the empty tree or of one entry."""
    root = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" if size == 0 else "ab" * 32
    return f'{{"size": {size}, "root": "{root}", "edge": {[] if size == 0 else ["ab" * 32]}}}'.replace("'", '"')


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """With one roll."""
    return Machine(tmp_path)


@pytest.mark.parametrize(
    "path",
    [
        "two/keys/log.pub",
        "one/keys/log-ed25519-2.key",
        "one/keys/addresses.key",
        "one/key-checks",
        "one/ended/1/ratchet",
    ],
)
def test_whatever_is_another_file_is_sealed_by_the_next_round(machine: Machine, path: str, tmp_path: Path) -> None:
    """A roll opened, a key begun, a log that ended, all behind a base: each comes back; and what is the same is sealed once."""
    rolls = machine.base(tmp_path / "rolls")
    first = machine.round()
    machine.has("one/numbers", "moves all the time")
    machine.has("one/ratchet", ratchet(1))
    machine.has("one/public/checkpoint", "so does this")
    assert machine.round() == first
    machine.has(path, "later")
    assert machine.round() != first
    assert [one.lsn for one in files_taken(machine.history)] == [0x1000, 0x3000]
    back = machine.back(rolls)
    assert back[path] == "later"
    assert (back["one/keys/log-ed25519.key"], back["one/ratchet"]) == ("first", ratchet(1))
    assert machine.unsure == ()


def test_a_log_that_began_anew_comes_back_as_a_whole(machine: Machine, tmp_path: Path) -> None:
    """No key of the log before stays among the new one's; for an instant before it the old ones alone; between, it is said."""
    rolls = [machine.base(tmp_path / name) for name in "xyz"]
    machine.round()
    (machine.home / "rolls/one/keys/log-ed25519.key").unlink()
    machine.has("one/keys/log.pub", "another log")
    machine.has("one/keys/log-ed25519.key", "of the new one")
    machine.has("two/keys/log.pub", "two's log")
    machine.has("two/ratchet", ratchet(1))
    machine.has("one/key-checks", "later")
    machine.round()
    newest = machine.back(rolls[0])
    assert (newest["one/keys/log.pub"], newest["one/keys/log-ed25519.key"]) == ("another log", "of the new one")
    assert (machine.back(rolls[1], until=2)["one/keys/log.pub"], machine.unsure) == ("another log", ())
    before = machine.back(rolls[2], until=1)
    assert (before["one/keys/log.pub"], "one/key-checks" in before) == ("one's log", False)
    assert (before["two/keys/log.pub"], "two/ratchet" in before) == ("two's log", False)
    assert machine.unsure == ("one/keys/log.pub",)
    assert without_keys(["one", "two", "three"], rolls[2]) == "three"


def test_a_key_that_changed_about_an_instant_is_named(machine: Machine, tmp_path: Path) -> None:
    """A key begun between two rounds may be named by the database already, so it comes; one in another's place is said."""
    machine.has("one/keys/addresses.key", "before")
    rolls = machine.base(tmp_path / "rolls")
    machine.round()
    machine.has("one/keys/addresses.key", "later")
    machine.has("one/keys/log-ed25519-2.key", "begun")
    machine.round()
    back = machine.back(rolls, until=1)
    assert (back["one/keys/addresses.key"], back["one/keys/log-ed25519-2.key"]) == ("before", "begun")
    assert machine.unsure == ("one/keys/addresses.key",)


def test_files_and_database_are_of_one_moment(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """A ratchet that moves on behind the mark is not in it; a log that begins anew meanwhile, or a key, ends the round."""
    files = RollFiles(machine.home)
    machine.has("one/ratchet", ratchet(1))
    machine.round(files)
    assert machine.back(machine.history / "none")["one/ratchet"] == ratchet(0)
    files = RollFiles(machine.home)
    machine.has("one/keys/log.pub", "another log")
    with pytest.raises(FilesChanged, match="began anew"):
        machine.round(files)
    told = iter("ab")
    monkeypatch.setattr(roll_files, "fingerprint", lambda _: next(told))
    with pytest.raises(FilesChanged, match="keys changed"):
        machine.round()
    assert len(list(machine.history.glob("rolls-*"))) == 1


def test_files_behind_a_link_are_taken(machine: Machine, tmp_path: Path) -> None:
    """Keys in another place, linked to; a link that leads back ends nothing."""
    keys = machine.home / "rolls" / "one" / "keys"
    keys.rename(tmp_path / "vault")
    keys.symlink_to(tmp_path / "vault")
    (tmp_path / "vault" / "loop").symlink_to(keys.parent)
    assert {str(within) for within, _ in files_of(keys.parent)} == {"keys/log-ed25519.key", "keys/log.pub", "ratchet"}


def test_a_box_of_files_holds_nothing_else(machine: Machine, tmp_path: Path) -> None:
    """What is no roll's file is refused, and nothing of it stays."""
    machine.round()
    (one,) = files_taken(machine.history)
    one.path.unlink()
    with write_box(one.path, PLAIN, FORM, 0) as box:
        box.put("postgres/PG_VERSION", b"18")
        box.finish({})
    with pytest.raises(Broken, match="no place among the rolls' files"):
        machine.back(tmp_path / "rolls")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b", "home"]
