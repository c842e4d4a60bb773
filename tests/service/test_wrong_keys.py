"""A command that is given another's keys is refused in a sentence, changes nothing, and a server beside it goes on."""

import os
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from psycopg import Connection
from psycopg.conninfo import make_conninfo

from openroll.register.command import Actor
from openroll.service.filing.submit import Taken, take
from openroll.service.governance.database_seal import reseal
from openroll.service.governance.open_roll import find_roll, upgrade_roll
from openroll.service.identity.release import keep_contact
from openroll.service.log.external_keys import GivenKeys, KeysWrong
from openroll.service.log.key_checks import FILE, read_checks
from openroll.service.log.ratchet import Forked
from openroll.service.log.sequencer import Sequencer
from openroll.service.log.signing_hold import current_hold
from openroll.service.numbers import Numbers
from openroll.service.roll import Roll
from openroll.service.rollback_guard import ClaimsNotAccepted, new_numbers, refuse_if_behind
from openroll.store.connect import Database
from openroll.store.numbers import RECORD
from tests.conftest import opened
from tests.handles import handle
from tests.program import Program
from tests.service.filings import filing, submission_of

ANOTHERS = "ab" * 32


def files_of(roll: Roll) -> dict[Path, bytes]:
    """Every file of the roll's folder."""
    return {path: path.read_bytes() for path in roll.home.rglob("*") if path.is_file()}


def wall(roll: Roll) -> list[tuple[bytes, ...]]:
    """What the database's claims are sealed with."""
    with roll.database.open() as connection:
        return connection.execute("select ipad, opad from wall").fetchall()


def goes_on(roll: Roll, name: str) -> None:
    """A process that had the roll open takes a filing and gives it its place."""
    with roll.database.open_runtime("test") as connection:
        connection.autocommit = True
        one = submission_of(filing(handle=handle(name)), Actor("operator", "east"))
        assert isinstance(take(connection, [one], roll, roll.clock())[0], Taken)
    assert Sequencer(roll).round().placed
    assert current_hold(roll.home) is None


def again(roll: Roll, given: GivenKeys = GivenKeys()) -> Roll:  # noqa: B008 - a frozen value
    """The roll as another process finds it."""
    return find_roll(
        Database(roll.database.url, roll.name), roll.home, clock=roll.clock, random_bytes=os.urandom, given=given
    )


@pytest.mark.parametrize("checks", [True, False], ids=["with check values", "of before there were any"])
def test_every_command_refuses_anothers_key_of_codes_and_the_server_goes_on(
    checks: bool, roll: Roll, program: Callable[[str], Program], tmp_path: Path
) -> None:
    """`codes`, `serve`, `log fsck`, `rebuild --check` and `upgrade`: status 2, one sentence, no file, no other seal, no hold."""
    home = tmp_path / "at"
    (home / "rolls").mkdir(parents=True)
    (home / "rolls" / roll.name).symlink_to(roll.home)
    goes_on(roll, "k-1")
    if not checks:
        (roll.home / FILE).unlink()
    before, sealed = files_of(roll), wall(roll)
    env = {
        "OPENROLL_HOME": str(home),
        "OPENROLL_ROLL": roll.name,
        "DATABASE_URL": roll.database.url,
        "OPENROLL_CODES_KEY": ANOTHERS,
    }
    out = tmp_path / "codes.csv"
    for words in (
        ["codes", "--operator", "east", "--output", str(out)],
        ["serve", "--port", "8520"],
        ["log", "fsck"],
        ["rebuild", "--check"],
        ["upgrade"],
    ):
        told = program("openroll.compose.main").run(words, env)
        assert told.returncode == 2, (words, told)
        assert "the keys given are not this roll's" in told.stderr
        assert "OPENROLL_CODES_KEY" in told.stderr
        assert len(told.stderr.strip().splitlines()) == 1
        assert not out.exists()
    assert (files_of(roll), wall(roll)) == (before, sealed)
    goes_on(roll, "k-2")


@pytest.mark.parametrize(
    ("given", "name"),
    [(GivenKeys(codes_key=ANOTHERS), "OPENROLL_CODES_KEY"), (GivenKeys(address_key=ANOTHERS), "OPENROLL_ADDRESS_KEY")],
    ids=["codes", "addresses"],
)
def test_the_sentence_names_the_key_that_does_not_fit(given: GivenKeys, name: str, roll: Roll) -> None:
    """Of a command and of `upgrade`; a swapped file is told like one that was given, and no key is in the sentence."""
    file = roll.home / "keys" / ("filing-codes.key" if given.codes_key else "addresses.key")
    own = file.read_text(encoding="ascii")
    for keys in (given, GivenKeys()):
        with pytest.raises(KeysWrong, match=f"the keys given are not this roll's: .*{name}") as told:
            again(roll, keys)
        assert ANOTHERS not in str(told.value)
        with pytest.raises(KeysWrong, match=f"the keys given are not this roll's: .*{name}"):
            upgrade_roll(roll.database, roll.home, keys)
        file.write_text(ANOTHERS, encoding="ascii")
    file.write_text(own, encoding="ascii")
    again(roll)


def test_a_lost_key_of_addresses_is_not_made_anew(roll: Roll) -> None:
    """A roll that had one and lost it says which file is missing; another would open no waiting mail."""
    (roll.home / "keys" / "addresses.key").unlink()
    with pytest.raises(FileNotFoundError, match=r"addresses\.key"):
        again(roll)
    assert not (roll.home / "keys" / "addresses.key").exists()


def test_check_values_come_with_upgrade_and_a_key_of_addresses_can_be_changed(roll: Roll) -> None:
    """docs/keys.md: a new key in its place, the line taken out, `openroll upgrade`; the check values tell no key."""
    kept = (roll.home / FILE).read_text(encoding="ascii")
    assert (roll.home / FILE).stat().st_mode & 0o777 == 0o600
    assert set(read_checks(roll.home)) == {"codes", "addresses"}
    assert not any(key.hex() in kept for key in (roll.keys.code_key, roll.keys.address_key))
    (roll.home / FILE).unlink()
    upgrade_roll(roll.database, roll.home)
    assert (roll.home / FILE).read_text(encoding="ascii") == kept
    (roll.home / "keys" / "addresses.key").write_text(ANOTHERS, encoding="ascii")
    lines = [line for line in kept.splitlines() if not line.startswith("addresses ")]
    (roll.home / FILE).write_text("\n".join(lines) + "\n", encoding="ascii")
    upgrade_roll(roll.database, roll.home)
    assert again(roll).keys.address_key.hex() == ANOTHERS
    assert read_checks(roll.home)["codes"] in kept
    assert read_checks(roll.home)["addresses"] not in kept
    with pytest.raises(KeysWrong, match="OPENROLL_ADDRESS_KEY"):
        again(roll, GivenKeys(address_key="cd" * 32))


def test_a_damaged_file_of_check_values_is_a_sentence(roll: Roll) -> None:
    """It is not taken for a file that holds no value."""
    (roll.home / FILE).write_text("codes 12\n", encoding="ascii")
    with pytest.raises(KeysWrong, match=f"{FILE} is damaged"):
        again(roll)


def test_a_server_whose_seal_was_taken_does_not_hold_itself(roll: Roll) -> None:
    """No rows are visible to it, which does not say that the database went back; with its seal again it goes on."""
    goes_on(roll, "k-1")
    with roll.database.open() as connection:
        sealed = connection.execute("select ipad, opad from wall").fetchone()
        _sealed(connection, (b"another", b"one"))
    with roll.database.own() as own, pytest.raises(ClaimsNotAccepted, match="the roll's claims are not accepted"):
        refuse_if_behind(roll, own)
    with pytest.raises(Forked, match="the roll's claims are not accepted"):
        Sequencer(roll).round()
    roll.numbers = Numbers(roll.home / "numbers", roll.database)
    with pytest.raises(ClaimsNotAccepted):
        new_numbers(roll, RECORD)
    assert current_hold(roll.home) is None
    with roll.database.open() as connection:
        _sealed(connection, sealed)
    goes_on(roll, "k-2")


def _sealed(connection: Connection, pads: tuple[bytes, bytes] | None) -> None:
    connection.execute("update wall set ipad = %b, opad = %b", pads)


@pytest.fixture
def staging(roll: Roll, database_url: str, tmp_path: Path) -> Roll:
    """Another roll of the same name as `roll`, in a home of its own; its database is dropped, so that only the home is left."""
    url = make_conninfo(database_url, dbname="staging")
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("drop database if exists staging")
        connection.execute("create database staging template template0 encoding utf8")
    other = opened(url, tmp_path / "staging", roll.name)
    roll.database.seal()  # logins belong to the cluster: the roll's has its own password again
    return other


def test_a_home_of_another_roll_is_let_into_a_database_by_no_command(roll: Roll, staging: Roll) -> None:
    """A roll of the same name, good check values, the right log name: every way in refuses, and the roll's own keys go on."""
    goes_on(roll, "k-1")
    sealed = wall(roll)
    there = Database(roll.database.url, roll.name)
    ways: dict[str, Callable[[], object]] = {
        "find": lambda: find_roll(there, staging.home, clock=roll.clock, random_bytes=os.urandom),
        "upgrade": lambda: upgrade_roll(there, staging.home),
        "brought back": lambda: find_roll(
            there, staging.home, clock=roll.clock, random_bytes=os.urandom, brought_back=True
        ),
        "reseal": lambda: reseal(there, staging.home),
    }
    for name, way in ways.items():
        with pytest.raises(KeysWrong, match=r"not this roll.s|not the home") as told:
            way()
        assert "openroll upgrade" not in str(told.value), name
    assert wall(roll) == sealed
    goes_on(again(roll), "k-2")


def test_a_roll_that_has_no_log_yet_is_taken_by_no_other_home(roll: Roll, staging: Roll) -> None:
    """Just opened, nothing of its log says whose it is: then its seal does, and another home may not seal it anew."""
    sealed = wall(roll)
    there = Database(roll.database.url, roll.name)
    with pytest.raises(KeysWrong, match="not this roll's"):
        reseal(there, staging.home)
    with pytest.raises(KeysWrong, match="not this roll's"):
        upgrade_roll(there, staging.home)
    assert wall(roll) == sealed
    reseal(Database(roll.database.url, roll.name), roll.home)
    goes_on(again(roll), "k-1")


def test_with_the_same_key_of_codes_the_log_tells_two_homes_apart(roll: Roll, staging: Roll) -> None:
    """One OPENROLL_CODES_KEY for two rolls: the seal fits, and the log in the database was signed by the other home's keys."""
    goes_on(roll, "k-1")
    (staging.home / FILE).unlink()
    given = GivenKeys(codes_key=roll.keys.code_key.hex())
    there = Database(roll.database.url, roll.name)
    for way in (
        lambda: find_roll(there, staging.home, clock=roll.clock, random_bytes=os.urandom, given=given),
        lambda: upgrade_roll(there, staging.home, given),
        lambda: reseal(there, staging.home, given),
    ):
        with pytest.raises(KeysWrong, match="not the home of this database"):
            way()
    goes_on(again(roll), "k-2")


def test_a_database_without_seal_is_sealed_by_the_home_that_signed_its_log(roll: Roll, staging: Roll) -> None:
    """A dump that lost its seal: `upgrade` of the roll's own home seals it, another's is refused; without any log, both are."""
    goes_on(roll, "k-1")
    with roll.database.open() as connection:
        connection.execute("delete from wall")
    with pytest.raises(KeysWrong, match="not the home of this database"):
        upgrade_roll(Database(roll.database.url, roll.name), staging.home)
    with pytest.raises(KeysWrong, match="the keys given are not this roll's"):
        again(roll)
    upgrade_roll(Database(roll.database.url, roll.name), roll.home)
    goes_on(again(roll), "k-2")
    with roll.database.open() as connection:
        connection.execute("delete from wall")
        connection.execute("delete from checkpoint")
    for home in (staging.home, roll.home):
        with pytest.raises(KeysWrong, match="openroll database reseal"):
            upgrade_roll(Database(roll.database.url, roll.name), home)


def test_a_log_key_that_is_not_the_roll_s_is_named_by_every_command(
    roll: Roll, staging: Roll, caplog: pytest.LogCaptureFixture
) -> None:
    """Acts would pile up unsigned: whoever opens the roll reads which key is missing, and which lies there instead."""
    goes_on(roll, "k-1")
    name = "log-ed25519.key"
    (roll.home / "keys" / name).write_bytes((staging.home / "keys" / name).read_bytes())
    again(roll)
    own, others = (one.keys.succession.terms[0].keys[0].key_id.hex() for one in (roll, staging))
    assert [one.levelname for one in caplog.records] == ["WARNING"]
    assert own in caplog.text
    assert others in caplog.text


def test_an_older_roll_takes_no_other_key_of_addresses(roll: Roll) -> None:
    """Without check values `upgrade` tries the key on what is sealed: another's is refused, and the right one stays right."""
    goes_on(roll, "k-1")
    with roll.database.own() as connection:
        row = connection.execute("select max(number) from subscription").fetchone()
    assert row
    assert keep_contact(roll, row[0], "en", "a@example.org", roll.clock()) is True
    (roll.home / FILE).unlink()
    there = Database(roll.database.url, roll.name)
    with pytest.raises(KeysWrong, match="OPENROLL_ADDRESS_KEY"):
        upgrade_roll(there, roll.home, GivenKeys(address_key=ANOTHERS))
    assert not (roll.home / FILE).exists()
    (roll.home / "keys" / "addresses.key").rename(roll.home / "away")
    for lost in (lambda: again(roll), lambda: upgrade_roll(there, roll.home)):
        with pytest.raises(FileNotFoundError, match=r"addresses\.key"):
            lost()
    assert not (roll.home / "keys" / "addresses.key").exists()
    (roll.home / "away").rename(roll.home / "keys" / "addresses.key")
    upgrade_roll(there, roll.home)
    assert set(read_checks(roll.home)) == {"codes", "addresses"}


def test_only_upgrade_makes_a_key_of_addresses(roll: Roll) -> None:
    """For a roll of before there was one, with nothing sealed; to open a roll makes no key, whatever is missing."""
    goes_on(roll, "k-1")
    (roll.home / FILE).unlink()
    (roll.home / "keys" / "addresses.key").unlink()
    with pytest.raises(FileNotFoundError):
        again(roll)
    assert not (roll.home / "keys" / "addresses.key").exists()
    upgrade_roll(Database(roll.database.url, roll.name), roll.home)
    again(roll)
