"""Copies from before a change of the log's keys: they are led on by what mirrors hold, and go on under the keys of today."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import msgspec
import psycopg
import pytest

from openroll.archive import Keys, Sealing
from openroll.service.governance.open_roll import find_roll
from openroll.service.keys import KeyNotHeld
from openroll.service.log.handovers import history
from openroll.service.log.key_rotation import finish, revoke, rotate
from openroll.service.log.receipts import published
from openroll.service.log.sequencer import Sequencer
from openroll.service.recovery.escrow import deposit
from openroll.service.recovery.escrow_opening import CannotOpen, check, open_deposit
from openroll.service.recovery.restart_log import begin_anew
from openroll.service.recovery.resume import CannotResume, Resumed, resume, seen_at, seen_in
from openroll.service.roll import Roll
from openroll.store import recovery_records
from openroll.tlog import KEY_HISTORY, OtherLog, Verifier, follow, open_checkpoint
from openroll.tlog.proof import Proof, format_proof
from openroll.watch.log_restart import check_restart
from openroll.watch.source import FolderSource
from tests.conftest import Ticking
from tests.service.copies import clean, file_some, found
from tests.service.test_governance import refused
from tests.service.test_key_rotation import handovers, sequenced, turned

NOBODY = Keys(())
"""Deposits here are plain: what seals them is tested with them."""


@pytest.fixture
def elsewhere(database_url: str) -> Iterator[str]:
    """The address of another, empty database."""
    name = f"carried_{os.getpid()}_{os.urandom(4).hex()}"
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(f"create database {name}")
    yield database_url.replace("/postgres?", f"/{name}?")
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(f"drop database {name} with (force)")


def copied(roll: Roll, folder: Path) -> Path:
    """A copy of the roll, to be brought back elsewhere."""
    return deposit(roll, folder / "deposits", Sealing.readable_by_anyone(), "archive-office").path


def mirrored(roll: Roll, folder: Path, *, history_too: bool = True) -> FolderSource:
    """A mirror of the log as it stands."""
    shutil.copytree(roll.public, folder, dirs_exist_ok=True)
    if history_too:
        (folder / KEY_HISTORY).write_bytes(msgspec.json.encode(history(roll)))
    return FolderSource(folder)


def brought_back(copy: Path, roll: Roll, url: str, home: Path) -> Roll:
    """The roll from its copy, on another machine, with the private keys that were changed since put back into their place."""
    open_deposit(copy, home, url, NOBODY, clock=Ticking())
    back = found(home, url, roll.name)
    for key in (roll.home / "keys").glob("log-*.key"):
        if not (back.home / "keys" / key.name).exists():
            shutil.copy2(key, back.home / "keys")
    return back


def goes_on(back: Roll, roll: Roll, done: Resumed, old: tuple[Verifier, ...]) -> None:
    """The log is the one that was seen, signed by the keys of today; its history leads there from the first keys."""
    before = open_checkpoint((roll.public / "checkpoint").read_bytes(), roll.keys.verifiers)
    assert done.size == before.size
    Sequencer(back).run_until_empty()
    file_some(back, 2)
    assert clean(back) > before.size
    now = published(back)
    assert now is not None
    assert open_checkpoint(now[0], roll.keys.verifiers).size == now[1].size
    assert back.keys.verifiers == roll.keys.verifiers
    assert follow(handovers(back), old).terms == roll.keys.succession.terms
    assert [one.act for one in history(back).handovers] == [one.act for one in history(roll).handovers]


def test_a_change_of_keys_after_the_copy_is_followed_by_what_a_mirror_holds(
    roll: Roll, elsewhere: str, tmp_path: Path
) -> None:
    """Changed with an overlap and finished, both behind the copy: without the mirror's history it stays held, with it the log
    goes on under the new keys, the acts whole again, and a late checkpoint alone can be read beside it."""
    file_some(roll, 3)
    old = roll.keys.verifiers
    copy = copied(roll, tmp_path)
    turned(rotate(roll, "yearly"))
    file_some(roll, 2)
    turned(finish(roll, "time is up"))
    file_some(roll, 2)
    back = brought_back(copy, roll, elsewhere, tmp_path / "home")
    late = (roll.public / "checkpoint").read_bytes()
    silent = mirrored(roll, tmp_path / "silent", history_too=False)
    with pytest.raises(CannotResume, match=r"key-history\.json"):
        seen_at(back, silent)
    with pytest.raises(CannotResume, match=r"key-history\.json"):
        seen_in(back, late, "a reader")
    mirror = seen_at(back, mirrored(roll, tmp_path / "mirror"))
    for shown in (late, format_proof(Proof(b"x", 0, (), late))):
        assert seen_in(back, shown, "a reader", [mirror]).checkpoint == mirror.checkpoint
    with pytest.raises(CannotResume, match="a reader shows no head of this log that can be read"):
        seen_in(back, b"late", "a reader", [mirror])
    tried = resume(back, [mirror], take_missing=True, dry_run=True)
    assert back.keys.verifiers == old
    done = resume(back, [mirror], take_missing=True)
    assert done == tried
    assert (
        done.lost == 5
    )  # four filings, and the act that handed the deposit over; the two changes of keys are not among them
    goes_on(back, roll, done, old)


def test_a_change_that_waited_for_its_place_in_the_copy_gets_it(roll: Roll, elsewhere: str, tmp_path: Path) -> None:
    """The copy holds the act and not yet its place: the handover it had elsewhere is the one it keeps."""
    file_some(roll, 3)
    old = roll.keys.verifiers
    turned(rotate(roll, "yearly", overlap=False))
    copy = copied(roll, tmp_path)
    file_some(roll, 2)
    back = brought_back(copy, roll, elsewhere, tmp_path / "home")
    for key in (back.home / "keys").glob("log-*.key"):
        if key.name in ("log-ed25519.key", "log-ml-dsa-44.key"):
            key.unlink()  # destroyed after the change, as docs/keys.md asks: they need not sign again
    done = resume(back, [seen_at(back, mirrored(roll, tmp_path / "mirror"))], take_missing=True)
    assert handovers(roll) != []
    goes_on(back, roll, done, old)


def test_a_change_that_nothing_shown_proves_is_not_taken(roll: Roll, elsewhere: str, tmp_path: Path) -> None:
    """In an overlap the old keys still open the head; yet without its handover the change is not taken, for who signs next
    would not be known; the roll stays held and whole."""
    file_some(roll, 3)
    copy = copied(roll, tmp_path)
    turned(rotate(roll, "yearly"))
    file_some(roll, 2)
    back = brought_back(copy, roll, elsewhere, tmp_path / "home")
    with back.database.own() as connection:
        before = connection.execute("select max(size), (select count(*) from event) from head").fetchone()
    silent = seen_at(back, mirrored(roll, tmp_path / "silent", history_too=False))
    with pytest.raises(CannotResume, match="changes the log's keys, and nothing shown proves it"):
        resume(back, [silent], take_missing=True)
    with back.database.own() as connection:
        assert connection.execute("select max(size), (select count(*) from event) from head").fetchone() == before
    goes_on(
        back,
        roll,
        resume(back, [silent, seen_at(back, mirrored(roll, tmp_path / "mirror"))], take_missing=True),
        follow([], back.keys.verifiers).at(0),
    )


def test_new_keys_that_nobody_kept_are_replaced_while_the_old_ones_still_sign(
    roll: Roll, elsewhere: str, tmp_path: Path
) -> None:
    """Brought back in an overlap without the private halves of the new keys, the log stands still and says so; revoked as
    lost in one act, they make way for others, and who holds the first keys follows."""
    file_some(roll, 3)
    old = roll.keys.verifiers
    copy = copied(roll, tmp_path)
    new = turned(rotate(roll, "yearly")).made
    file_some(roll, 2)
    open_deposit(copy, tmp_path / "home", elsewhere, NOBODY, clock=Ticking())
    back = found(tmp_path / "home", elsewhere, roll.name)
    done = resume(back, [seen_at(back, mirrored(roll, tmp_path / "mirror"))], take_missing=True)
    with pytest.raises(KeyNotHeld, match="revoke-key --lost"):
        Sequencer(back).run_until_empty()
    assert refused(revoke(back, (), "nobody kept them", lost=True)) == "nothing-asked"
    turn = turned(revoke(back, tuple(one.key_id.hex() for one in new), "nobody kept them", lost=True))
    assert [one.algorithm for one in turn.made] == [one.algorithm for one in new]
    Sequencer(back).run_until_empty()
    file_some(back, 1)
    assert clean(back) > done.size
    assert back.keys.verifiers == turn.made
    assert follow(handovers(back), old).terms[-1].staying == turn.made


def test_a_deposit_is_checked_with_keys_from_before_a_change(roll: Roll, elsewhere: str, tmp_path: Path) -> None:
    """Who noted the first keys checks a deposit made under later ones; later keys do not check an earlier deposit, and that
    is said; a stranger's check none."""
    file_some(roll, 2)
    old = roll.keys.verifier_keys
    first = copied(roll, tmp_path / "first")
    turned(rotate(roll, "yearly"))
    file_some(roll, 1)
    overlap = copied(roll, tmp_path / "overlap")
    turned(finish(roll, "time is up"))
    file_some(roll, 1)
    later = copied(roll, tmp_path / "later")
    new = roll.keys.verifier_keys
    for path, keys in ((first, old), (overlap, old), (overlap, new), (later, old), (later, new), (later, ())):
        check(path, NOBODY, log_keys=keys)
    with pytest.raises(CannotOpen, match="give those it had before"):
        check(first, NOBODY, log_keys=new)
    with pytest.raises(CannotOpen):
        check(later, NOBODY, log_keys=[f"{roll.origin}+00000000+{'A' * 43}="])
    open_deposit(later, tmp_path / "home", elsewhere, NOBODY, clock=Ticking(), log_keys=old)
    assert found(tmp_path / "home", elsewhere, roll.name).keys.verifiers == roll.keys.verifiers


def test_a_log_that_changed_its_keys_ends_with_those_of_its_last_head(roll: Roll, tmp_path: Path) -> None:
    """Another log goes on from it, and names the keys that signed the head it goes on from; anybody follows with them."""
    file_some(roll, 2)
    first = roll.keys.verifiers
    before = sequenced(roll)
    turned(rotate(roll, "yearly", overlap=False))
    sequenced(roll)
    newest = roll.keys.verifiers
    shutil.copytree(roll.public, tmp_path / "old")
    told = msgspec.json.encode(history(roll))
    begin_anew(roll, "roll.example/again", "two heads were signed", last=before)
    again = find_roll(roll.database, roll.home, clock=roll.clock, random_bytes=roll.random_bytes)
    Sequencer(again).run_until_empty()
    done = check_restart(FolderSource(tmp_path / "old"), newest, FolderSource(again.public), again.keys.verifiers)
    assert (done.before, done.after, done.lost) == (roll.origin, "roll.example/again", 0)
    with pytest.raises(OtherLog):
        check_restart(FolderSource(tmp_path / "old"), first, FolderSource(again.public), again.keys.verifiers)
    (tmp_path / "old" / KEY_HISTORY).write_bytes(told)
    assert done == check_restart(
        FolderSource(tmp_path / "old"), first, FolderSource(again.public), again.keys.verifiers
    )
    with again.database.own() as connection:
        (ended,) = recovery_records.ended_logs(connection)
    assert ended.keys.split() == list(map(str, newest))
    assert set(map(str, first)).isdisjoint(ended.keys.split())
