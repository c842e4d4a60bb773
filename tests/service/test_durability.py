"""What a database promises of what it has acknowledged is checked and said before a roll is served."""

import subprocess
from dataclasses import replace
from pathlib import Path

import msgspec
import psycopg
import pytest

from openroll.compose.server import check_durability
from openroll.compose.settings import Settings, settings_from
from openroll.register.subscription.filing_code import code_of
from openroll.service.log.sequencer import Sequencer
from openroll.service.log.signing_hold import SigningHold, current_hold, hold
from openroll.service.recovery import durability
from openroll.service.recovery.durability import awaited, faults, said, warnings
from openroll.service.recovery.resume import resume
from openroll.service.roll import Roll, RollIsHeld
from openroll.store.durability import Promise, promise
from openroll.store.temporary_server import make_cluster, serving
from tests.conftest import opened
from tests.service.copies import clean, file_some, found

WELL = Promise(
    fsync=True,
    full_page_writes=True,
    synchronous_commit="on",
    awaited="",
    standby=False,
    standbys=0,
    synchronous=0,
)


@pytest.mark.parametrize(
    ("names", "commit", "count"),
    [
        ("", "on", 0),
        ("a, b", "on", 1),
        ("*", "remote_apply", 1),
        ("2 (a, b, c)", "on", 2),
        ("FIRST 1 (a)", "on", 1),
        ("any 3 (*)", "on", 3),
        ("ANY 2 (a, b)", "local", 0),
        ("ANY 2 (a, b)", "remote_write", 0),
        ("ANY 2 (a, b)", "off", 0),
    ],
)
def test_the_standbys_a_commit_waits_for_are_counted(names: str, commit: str, count: int) -> None:
    """As PostgreSQL reads synchronous_standby_names; and none, where the commit is answered before one has it on its disk."""
    assert awaited(WELL._replace(awaited=names, synchronous_commit=commit)) == count


@pytest.mark.parametrize(
    ("found", "word"),
    [
        (WELL._replace(fsync=False), "fsync is off"),
        (WELL._replace(full_page_writes=False), "full_page_writes is off"),
        (WELL._replace(synchronous_commit="off"), "synchronous_commit is off"),
        (WELL._replace(standby=True), "has to name the primary"),
    ],
)
def test_each_lack_is_said_with_its_remedy(found: Promise, word: str) -> None:
    """One sentence each; a server that has them all has none."""
    assert faults(WELL) == []
    sentences = faults(found)
    assert len(sentences) == 1
    assert word in sentences[0]


def test_a_roll_that_says_it_is_replicated_waits_for_its_standbys() -> None:
    """Fewer awaited than it says is a fault; more connected than awaited is said; too few connected is said before it hangs."""
    assert "ANY 2" in faults(WELL, 2)[0]
    assert faults(WELL._replace(awaited="any 2 (*)"), 2) == []
    assert "waits for none of them" in warnings(WELL._replace(standbys=1))[0]
    assert "filings wait until" in warnings(WELL._replace(awaited="*"), 1)[0]
    assert warnings(WELL._replace(awaited="*", standbys=1, synchronous=None), 1) == []
    assert "waits for 2 standbys" in said(WELL._replace(awaited="any 2 (*)"))


def test_a_role_with_its_own_setting_is_seen_and_not_served(
    roll: Roll, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`alter role ... set synchronous_commit = off` is seen in the session itself: not served, but for a demonstration."""
    settings = Settings(home=tmp_path, roll=roll.name, database_url=roll.database.url)
    with psycopg.connect(roll.database.url, autocommit=True) as connection:
        connection.execute("drop role if exists loose")
        connection.execute("create role loose superuser login")
        connection.execute("alter role loose set synchronous_commit = off")
    with psycopg.connect(roll.database.url, user="loose") as connection:
        found = promise(connection)
    assert found.synchronous_commit == "off"
    serious = replace(roll, opened=msgspec.structs.replace(roll.opened, demonstration=False))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(durability, "read_durability", lambda _: found)
        with pytest.raises(ValueError, match=r"could be lost.*synchronous_commit is off.*OPENROLL_MAY_LOSE_FILINGS"):
            check_durability(settings, serious)
        check_durability(settings, roll)
        check_durability(msgspec.structs.replace(settings, may_lose=True), serious)
    told = capsys.readouterr().err
    assert told.count("WARNING: synchronous_commit is off") == 2
    hold(roll.home, SigningHold(roll.clock(), "keeper", why="it is being moved"))
    check_durability(settings, roll)
    assert "WARNING: the roll is held: it is being moved" in capsys.readouterr().err


def test_the_settings_are_read(tmp_path: Path) -> None:
    """A number of standbys, or a sentence."""
    given = {"OPENROLL_HOME": str(tmp_path), "OPENROLL_REPLICATED": "2", "OPENROLL_MAY_LOSE_FILINGS": "1"}
    assert (settings_from(given).replicated, settings_from(given).may_lose) == (2, True)
    with pytest.raises(ValueError, match="OPENROLL_REPLICATED"):
        settings_from({"OPENROLL_REPLICATED": "two"})


def test_a_replica_that_was_behind_takes_over(tmp_path: Path) -> None:
    """Promoted while it was behind: the roll holds itself, no code is given twice, and a command brings the log back whole."""
    first, second = tmp_path / "first", tmp_path / "second"
    make_cluster(first, 18, "boss")
    with serving(first, ("fsync = off",)) as sockets:
        url = f"host={sockets} user=boss dbname=postgres"
        roll = opened(url, tmp_path / "home" / "rolls" / "kept", "kept")
        file_some(roll, 3)
        Sequencer(roll).run_until_empty()
    # What the replica has by then: a copy of the folder at rest is what a replica that stopped receiving is.
    subprocess.run(["cp", "-a", str(first), str(second)], check=True)
    with serving(first, ("fsync = off",)) as sockets:
        roll = found(tmp_path / "home", f"host={sockets} user=boss dbname=postgres", "kept")
        file_some(roll, 20)
        Sequencer(roll).run_until_empty()
        before = _codes(roll)
    with serving(second, ("fsync = off",)) as sockets:
        again = found(tmp_path / "home", f"host={sockets} user=boss dbname=postgres", "kept")
        with pytest.raises(RollIsHeld):
            file_some(again, 1)
        assert current_hold(again.home) is not None
        resume(again, [], take_missing=True)
        Sequencer(again).run_until_empty()
        assert clean(again) == len(before) + 3 + 1
        lost = before - _codes(again)
        assert len(lost) == 20
        file_some(again, 20)
        assert not (_codes(again) - before) & lost
        assert len(_codes(again)) == 23


def _codes(roll: Roll) -> set[str]:
    with roll.database.own() as connection:
        numbers = connection.execute("select number from subscription").fetchall()
    return {code_of(number, roll.keys.code_key) for (number,) in numbers}
