"""What a folder of backups brings back, told by names: what was taken and does not come back is named, whatever clocks say."""

from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openroll import cli
from openroll.cli.backup import _up_to
from openroll.compose.main import Process
from openroll.compose.settings import Settings
from openroll.service.recovery.backup import MarkSays
from openroll.service.recovery.backups import (
    STAMP,
    Backup,
    History,
    base_name,
    dump_name,
    every_segment,
    files_name,
    files_taken,
    held_name,
    histories,
    mark_name,
    next_number,
    number_of,
    too_many,
)
from openroll.service.recovery.choice import choose
from openroll.service.recovery.dump_loading import CannotRestore
from openroll.service.recovery.restore import _in_database
from openroll.store.backup_contents import Head
from tests.service.test_backup_reach import NOON, SYSTEM, base, log, name_of

ONE = "one"


class Keeper:
    """A register that is filed in, copies of it, and what each of them holds: of filings, and of the rolls' keys."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.clock, self.filings, self.keys, self.segment = folder, NOON, 0, 0, 0x10
        self.history = folder
        self.filings_in, self.pieces = dict[Path, int](), dict[tuple[Path, int], int]()
        self.keys_in = dict[Path, int]()
        self.shown = (0, 0)
        """How many filings, and which keys, the folder was last said to hold."""
        self.whole = True
        self.waiting = list[Path]()
        """Dumps whose words stand in the server's log, behind what was taken of it."""

    def _now(self) -> datetime:
        self.clock += timedelta(seconds=1)
        return self.clock

    def round(self, grown: int = 0) -> None:
        """Take the log, `grown` segments further: the newest filing is in its last piece."""
        self.filings += 1
        for path in self.history.glob("wal-*.partial.gz"):
            path.unlink()
        for number in range(self.segment, self.segment + grown):
            (self.history / f"wal-{name_of(number)}.gz").touch()
        self.segment += grown
        (self.history / f"wal-{name_of(self.segment)}.partial.gz").touch()
        self.pieces[self.history, self.segment] = self.filings
        for dump in self.waiting:
            (self.history / held_name(dump)).touch()
        self.waiting = []
        number, at, position = next_number(self.folder), self._now(), (self.segment << 24) + self.filings
        keys = f"{self.keys:016x}"
        there = files_taken(self.history)
        if not there or there[-1].fingerprint != keys:
            (self.history / files_name(at, position, keys)).touch()
        for path in self.history.glob("mark-*"):
            path.unlink()
        (self.history / mark_name(at, name_of(self.segment), position, keys, number)).touch()
        self.shown = (self.filings, self.keys)

    def keys_change(self, _: int = 0) -> None:
        """A roll is opened, or a key begun."""
        self.keys += 1

    def clock_jumps(self, hours: int) -> None:
        """In any direction."""
        self.clock += timedelta(hours=hours)

    def retire(self, keep: int) -> None:
        """What is old goes, as when the newest base was made."""
        for made in [one.bases[-1] for one in histories(self.folder) if one.path == self.history and one.bases]:
            for path in too_many(self.folder, 1 + keep, made.path):
                path.unlink(missing_ok=True)

    def base(self, _: int = 0) -> None:
        """A base backup of all that was filed so far."""
        self.filings += 1
        start, filings = self.segment, self.filings
        self.round()
        path = self.history / base_name(self._now(), name_of(start), next_number(self.folder))
        path.touch()
        self.filings_in[path] = filings

    def begin(self, _: int = 0) -> None:
        """Another history."""
        self.history = self.folder / f"{SYSTEM}-n{next_number(self.folder):06d}"
        self.history.mkdir()
        self.waiting = []
        self.base()

    def dump(self, _: int = 0) -> None:
        """The rows as they are now."""
        self.filings += 1
        path = self.folder / SYSTEM / dump_name(self._now(), ONE, next_number(self.folder))
        path.parent.mkdir(exist_ok=True)
        path.touch()
        self.waiting.append(path)
        self.filings_in[path], self.keys_in[path] = self.filings, self.keys
        self.shown = (self.filings, self.keys)

    def lose(self, which: int) -> None:
        """Something of the history is taken out of the folder."""
        there = sorted(self.history.glob("*"))
        if there:
            there[which % len(there)].unlink()
            self.whole = False

    def most(self, history: History) -> int:
        """How many filings a history of before brings back at most: none, if it is the one that is written."""
        return max((self.brought(one)[0] for one in history.bases), default=0)

    def brought(self, one: Backup) -> tuple[int, int | None]:
        """How many filings come back with a backup, and which keys; None where only a base's own are known to."""
        if one.kind == "dump":
            return self.filings_in[one.path], self.keys_in[one.path]
        there = {each.number: each.partial for each in every_segment(one.path.parent)}
        filings, number = self.filings_in[one.path], number_of(one.start)
        while number in there:
            filings = max(filings, self.pieces.get((one.path.parent, number), 0))
            number = number + 1 if not there[number] else -1
        files = files_taken(one.path.parent)
        return filings, int(files[-1].fingerprint, 16) if files else None


MOVES = st.one_of(
    st.tuples(st.just("round"), st.integers(0, 2)),
    st.tuples(st.sampled_from(["base", "begin", "dump", "keys_change"]), st.just(0)),
    st.tuples(st.just("clock_jumps"), st.integers(-500, 500)),
    st.tuples(st.sampled_from(["lose", "retire"]), st.integers(0, 9)),
)


@settings(max_examples=100, deadline=None)
@given(st.lists(MOVES, max_size=12))
def test_what_is_called_restorable_is_what_a_restore_brings(moves: list[tuple[str, int]]) -> None:
    """With clocks that go wrong in any direction, histories, dumps, keys that change, and pieces that somebody took away."""
    with TemporaryDirectory() as folder:
        keeper = Keeper(Path(folder))
        keeper.begin()
        for move, how in moves:
            getattr(keeper, move)(how)
        try:
            choice = choose(keeper.folder)
        except CannotRestore:
            assert not keeper.whole
            return
        if not choice.lacks:
            assert keeper.brought(choice.backup) == keeper.shown
        if keeper.whole and keeper.brought(choice.backup)[0] == keeper.shown[0]:
            unknown = ("its word was found in no log", "by its clock, later than what comes back")
            assert [one for one in choice.lacks if not any(why in one for why in unknown)] == []
        assert keeper.brought(choice.backup)[0] >= max(map(keeper.most, histories(keeper.folder)))


def test_a_clock_that_ran_ahead_decides_nothing(tmp_path: Path) -> None:
    """Attacker 26: the history of before says that it was taken later; the one that began last is brought back all the same."""
    keeper = Keeper(tmp_path)
    keeper.clock += timedelta(hours=3)
    keeper.begin()
    keeper.clock -= timedelta(hours=3)
    keeper.begin()
    choice = choose(tmp_path)
    assert (choice.backup.path.parent, choice.others) == (keeper.history, ())
    assert ["by its clock, later than what comes back" in one for one in choice.lacks] == [True], (
        "but it is named: numbers"
    )
    keeper.clock += timedelta(hours=4)  # of two folders do not compare (attacker 31)
    keeper.round()
    choice = choose(tmp_path)
    assert ([one.partition(",")[0] for one in choice.others], choice.lacks) == (["Another history"], ())
    (keeper.history / f"aside-{name_of(0x10)}.gz").touch()
    assert "sealed apart, is not in it" in choose(tmp_path).others[1]
    (base_of_it,) = keeper.history.glob("base-*")
    base_of_it.unlink()
    assert "holds log without a base backup, which never comes back" in choose(tmp_path).lacks[0]


def test_what_another_cluster_has_is_named(tmp_path: Path) -> None:
    """Attacker 31: two servers, one folder. Neither holds anything of the other, of whose rolls the keys alone come back."""
    other = base(tmp_path, 0x11, history="99-n000001")
    keeper = Keeper(tmp_path)
    keeper.begin()
    for said in (choose(tmp_path), choose(tmp_path, keeper.clock)):
        assert (said.backup.path.parent, len(said.lacks), said.others) == (keeper.history, 1, ())
        assert f"{other.path.parent} is of another database cluster" in said.lacks[0]
        assert f"name {other.path} instead" in said.lacks[0]
    for path in (*tmp_path.glob("*/base-*"), *tmp_path.glob("*/[mwr]*")):
        path.unlink()
    for cluster, number in (("99", 1), (SYSTEM, 2)):  # by an older Openroll, which did not say whose
        dump = tmp_path / cluster / f"dump-{(NOON + timedelta(hours=number)).strftime(STAMP)}.tar.gz"
        dump.parent.mkdir(exist_ok=True)
        dump.touch()
    assert [str(tmp_path / "99") in one for one in choose(tmp_path).lacks] == [True]
    about: dict[str, Any] = {"contents": {"one": {}}}
    said_then = MarkSays(1, NOON, {"two": Head(0, "")})
    named, why = _in_database(("one", "three", "two"), said_then, about)
    assert (named, "of three the keys alone are in it" in why) == (("one", "two"), True)
    assert _in_database(("one", "two"), said_then, about) == (("one", "two"), "")


def test_histories_of_before_are_in_their_order(tmp_path: Path) -> None:
    """Without numbers the first is the one that bears no instant, whatever its files say; each with a number came later."""
    first = base(tmp_path, 0x11, 300)
    second = base(tmp_path, 0x12, 10, f"{SYSTEM}-20261130T120500.000000Z")
    choice = choose(tmp_path)
    assert choice.backup == second
    assert "since this history began" in choice.lacks[0], "by the clocks it may have been taken on"
    assert str(first.path) in choice.lacks[0]
    numbered = base(tmp_path, 0x13, -600, f"{SYSTEM}-n000001")
    choice = choose(tmp_path)
    assert (choice.backup, len(choice.lacks), choice.others) == (numbered, 2, ()), "its clock is behind theirs"


def test_a_dump_that_came_later_is_named(tmp_path: Path) -> None:
    """Attacker 26: behind the last round it is in no log; a round later it is. Named itself, it is brought back, told to."""
    keeper = Keeper(tmp_path)
    keeper.begin()
    keeper.dump()
    (dump,) = (tmp_path / SYSTEM).iterdir()
    assert f"{dump} was made after what comes back was taken" in choose(tmp_path).lacks[0]
    assert (choose(dump).backup.path, choose(dump).lacks) == (dump, ())
    with pytest.raises(CannotRestore, match="brings back its own moment"):
        choose(dump, NOON)
    keeper.round()
    assert choose(tmp_path).lacks == ()
    (held,) = keeper.history.glob("holds-*")
    held.unlink()
    for said in (choose(tmp_path), choose(tmp_path, keeper.clock)):  # Attacker 31: the database went back in between
        assert f"{dump} may not be in it: its word was found in no log" in said.lacks[0]
    held.touch()
    elsewhere = tmp_path / "99" / dump_name(NOON, ONE, next_number(tmp_path))
    elsewhere.parent.mkdir()
    elsewhere.touch()
    keeper.round()
    assert str(elsewhere) in choose(tmp_path).lacks[0], "of another cluster, it is in no log of this one"


def test_each_roll_has_its_own_dumps(tmp_path: Path) -> None:
    """Where there are dumps only, the newest of each other roll is named; and none of them goes for another roll's."""
    made = [dump_of(tmp_path, roll, number) for number, roll in enumerate(("one", "two", "one", "two", "one"), 1)]
    choice = choose(tmp_path)
    assert (choice.backup.path, len(choice.lacks)) == (made[4], 1)
    assert str(made[3]) in choice.lacks[0]
    assert sorted(too_many(tmp_path, 1, made[4])) == sorted(made[:3])
    with pytest.raises(CannotRestore, match="brings back its own moment"):
        choose(tmp_path, NOON)
    with pytest.raises(CannotRestore, match="there is no backup in"):
        choose(tmp_path / "none")
    with pytest.raises(CannotRestore, match="there is no "):
        choose(made[4].with_name(dump_name(NOON, ONE, 99)))


def dump_of(folder: Path, roll: str, number: int) -> Path:
    """A dump by its name."""
    path = folder / SYSTEM / dump_name(NOON - timedelta(minutes=number), roll, number)
    path.parent.mkdir(exist_ok=True)
    path.touch()
    return path


def test_an_instant_says_what_it_leaves_out(tmp_path: Path) -> None:
    """What came after it, as was asked; where the clocks let two histories claim it, that is not known, and said."""
    keeper = Keeper(tmp_path)
    keeper.begin()
    keeper.clock += timedelta(hours=1)
    keeper.round()
    first = keeper.history
    keeper.clock += timedelta(hours=1)
    keeper.begin()
    keeper.dump()
    choice = choose(tmp_path, NOON + timedelta(minutes=30))
    assert (choice.backup.path.parent, choice.lacks) == (first, ())
    assert choose(choice.backup.path, NOON + timedelta(minutes=30)).backup == choice.backup
    with pytest.raises(CannotRestore, match="nothing before it"):
        choose(choice.backup.path, NOON)
    left = [
        str(one) for one in (keeper.history, f"up to {(NOON + timedelta(hours=1, seconds=3)).isoformat()}", "dump-")
    ]
    assert [word in sentence for word, sentence in zip(left, choice.others, strict=True)] == [True] * 3
    keeper.clock = NOON + timedelta(minutes=20)
    keeper.begin()
    keeper.clock += timedelta(minutes=30)
    keeper.round()
    choice = choose(tmp_path, NOON + timedelta(minutes=30))
    assert choice.backup.path.parent == keeper.history
    assert f"that instant is in {first} too" in choice.lacks[0]
    assert len(choice.lacks) == 1


@pytest.mark.parametrize("words", [("backup", "list"), ("restore", "--dry-run"), ("backup", "verify")])
def test_every_command_says_the_same(
    tmp_path: Path, words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    """A later dump, and log that breaks off: `list`, `restore`, `verify` and the end of `follow` name both, with status 1."""
    folder = tmp_path / "b"
    one = base(folder, 0x11)
    log(one, "11", "13")
    dump_of(folder, ONE, 1)
    for sentence in ("breaks off before segment 000000010000000000000012", "was made after what comes back was taken"):
        for command in (
            lambda: cli.build(Process(Settings(home=tmp_path, roll=ONE)))([*words, str(folder)]),
            lambda: _up_to(folder),
        ):
            with pytest.raises(SystemExit) as ended:
                command()
            told = capsys.readouterr()
            said = " ".join((told.out + told.err).split())
            assert (ended.value.code, sentence in said, f"{folder}/{SYSTEM}/dump-" in said) == (1, True, True), told
