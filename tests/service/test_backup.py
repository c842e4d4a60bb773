"""Backups of a real cluster: what comes back is what was there at the instant asked for, and it refuses to fork the log."""

import os
import re
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from openroll import cli
from openroll.archive import CannotSeal, CannotUnseal, Keys, Sealing
from openroll.cli import backup as commands
from openroll.compose.main import Process
from openroll.compose.postgres import private_server
from openroll.compose.settings import Settings
from openroll.service.log.ratchet import Forked, Ratchet
from openroll.service.log.sequencer import Sequencer
from openroll.service.log.signing_hold import SigningHold
from openroll.service.recovery import backup, restart_log, restore
from openroll.service.recovery.backup import House, back_up
from openroll.service.recovery.backups import backup_of, backups, reach, segments
from openroll.service.recovery.choice import choose
from openroll.service.recovery.dump_loading import CannotRestore
from openroll.service.recovery.following import follow
from openroll.service.recovery.not_replayed import ACTS_LOST, SILENT
from openroll.service.recovery.restart_log import CannotBegin, begin_anew
from openroll.service.recovery.resume import CannotResume, resume, seen_at, seen_in
from openroll.service.roll import Roll
from openroll.store import recovery, wal, xid_reset
from openroll.store.postgres_tools import ToolFailed, server_of
from openroll.store.recovery import NotReached
from openroll.store.temporary_server import serving, stop_left
from openroll.tlog import bundle_path, verify_consistency
from openroll.watch.log_reader import LogReader, fetch_checkpoint
from openroll.watch.log_restart import NotARestart, check_restart
from openroll.watch.source import FolderSource
from tests.service.copies import NAME, Holder, Kept, clean, file_some, found, size_of

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """The roll, its backups and their holder."""
    return Kept(tmp_path_factory.mktemp("kept"))


def silent(*_: object) -> None:
    """Nobody looks at the progress."""


def bring_back(kept: Kept, home: Path, to: datetime | None, keys: Keys | None = None) -> Path:
    """Restore on another machine; the data folder."""
    data = home / "postgres"
    chosen = choose(kept.folder, to).backup
    done = restore.restore(chosen, home, data, keys or kept.holder.keys, to=to, now=datetime.now(UTC), progress=silent)
    assert done == restore.Restored((NAME,), "")
    return data


@pytest.fixture(scope="module")
def halfway(kept: Kept, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home brought back to the instant between two filings, never started: tests take copies of it."""
    home = tmp_path_factory.mktemp("halfway") / "home"
    bring_back(kept, home, kept.between)
    return home


@pytest.fixture
def back(halfway: Path, tmp_path: Path) -> Roll:
    """The roll as it was at that instant, running."""
    home = tmp_path / "home"
    subprocess.run(["cp", "-a", str(halfway), str(home)], check=True)
    return found(home, private_server(home / "postgres"))


def test_an_instant_between_two_filings_comes_back(kept: Kept, back: Roll) -> None:
    """What was filed before the instant is there and what came after is not; nothing is signed before it was compared."""
    with back.database.own() as connection:
        row = connection.execute("select count(*), (select max(size) from head) from subscription").fetchone()
    assert row == (7, kept.size_between)
    before = Ratchet(back.home / "ratchet").read()
    with pytest.raises(Forked, match="log resume"):
        Sequencer(back).run_until_empty()
    assert Ratchet(back.home / "ratchet").read() == before
    assert not (back.public / "checkpoint").exists()


def test_what_a_clock_that_ran_ahead_hides_of_an_instant_is_counted() -> None:
    """Attacker 31: three hours ahead for one commit, then right. A replay ends there; what came by the instant is behind it."""
    said = "rmgr: Transaction len (rec/tot): 34/ 34, tx: 1, lsn: 0/0300{:04X}, prev 0/0, desc: {} 2026-11-30 {}:00.000000 UTC"
    ends = [
        ("COMMIT", "16:30"),
        ("ABORT", "19:38"),
        ("COMMIT", "16:39"),
        ("ABORT", "16:40"),
        ("COMMIT_PREPARED 7:", "16:41"),
    ]
    lines = [said.format(place, what, at) for place, (what, at) in enumerate(ends, 1)]
    lines.append("pg_waldump: error: error in WAL record at 0/3000005: invalid record length")

    def passed(hour: int, minute: int = 0, known: int = 0x3000005) -> object:
        return recovery.passed_over_in(lines, datetime(2026, 11, 30, hour, minute, tzinfo=UTC), known)

    assert passed(17) == (
        2,
        datetime(2026, 11, 30, 16, 41, tzinfo=UTC),
        datetime(2026, 11, 30, 19, 38, tzinfo=UTC),
    )
    assert (passed(16, 35), passed(20)) == (None, None)
    with pytest.raises(ToolFailed, match="up to 0/3000005 of 0/3000009 only: pg_waldump: error"):
        passed(17, known=0x3000009)


def test_the_missing_entries_come_back_from_a_mirror(kept: Kept, back: Roll) -> None:
    """The log is the same log again: facts the database had get their places back, the rest is kept as what it shows."""
    seen = seen_at(back, FolderSource(kept.roll.public))
    with pytest.raises(CannotResume, match=r"name the newest head"):
        resume(back, [])
    with pytest.raises(CannotResume, match=rf"a head of {kept.size} entries, and fewer came back"):
        resume(back, [seen])
    tried = resume(back, [seen], take_missing=True, dry_run=True)
    done = resume(back, [seen], take_missing=True)
    assert tried == done
    assert (done.size, done.brought, done.lost) == (kept.size, 6, 5)
    Sequencer(back).run_until_empty()
    assert clean(back) == kept.size + 1
    with back.database.own() as connection:
        act = connection.execute("select body from event where name = 'log.restored/1'").fetchall()
    assert len(act) == 1
    assert '"lost":5' in act[0][0]
    file_some(back, 2)
    assert clean(back) == kept.size + 3
    old, _ = fetch_checkpoint(FolderSource(kept.roll.public), kept.roll.keys.verifiers)
    new, _ = fetch_checkpoint(FolderSource(back.public), kept.roll.keys.verifiers)
    proof = LogReader(FolderSource(back.public), new).prove_consistency(old.size)
    verify_consistency(old.size, new.size, proof, old.root, new.root)
    with pytest.raises(CannotResume, match="not held"):
        resume(back, [seen])


def test_a_mirror_that_gives_other_entries_is_not_believed(kept: Kept, back: Roll, tmp_path: Path) -> None:
    """Entries that do not lead to the signed head are refused, and nothing of them is kept."""
    mirror = tmp_path / "mirror"
    shutil.copytree(kept.roll.public, mirror)
    bundle = mirror / bundle_path(0, kept.size)
    data = bytearray(bundle.read_bytes())
    data[-10] = ord("A") if data[-10] != ord("A") else ord("B")
    bundle.write_bytes(bytes(data))
    with pytest.raises(CannotResume, match="altered"):
        resume(back, [seen_at(back, FolderSource(mirror))], take_missing=True)
    with back.database.own() as connection:
        assert connection.execute("select max(size) from head").fetchone() == (kept.size_between,)


def test_a_log_that_cannot_go_on_is_followed_by_another(kept: Kept, back: Roll, tmp_path: Path) -> None:
    """The new log names the old one's last head and carries its entries; a process with the old keys signs nothing more."""
    last = (kept.roll.public / "checkpoint").read_bytes()
    with pytest.raises(CannotBegin, match="new name"):
        begin_anew(back, back.origin, "the disk died", last=last)
    with pytest.raises(CannotBegin, match="why"):
        begin_anew(back, "roll.example/kept-2", " ", last=last)
    tried = begin_anew(back, "roll.example/kept-2", "the disk died", last=last, dry_run=True)
    done = begin_anew(back, "roll.example/kept-2", "the disk died", last=last)
    assert done == tried
    assert (done.carried, done.lost) == (kept.size_between, kept.size - kept.size_between)
    assert done.to_do == (ACTS_LOST, *SILENT)
    with pytest.raises(Forked, match="has ended"):
        Sequencer(back).run_until_empty()
    new = found(tmp_path / "home", back.database.url)
    assert new.origin == "roll.example/kept-2"
    assert (new.keys.code_key, new.keys.address_key) == (back.keys.code_key, back.keys.address_key)
    Sequencer(new).run_until_empty()
    assert clean(new) == kept.size_between + 2  # the act that begins it, and the filing that had no place yet
    file_some(new, 1)
    assert clean(new) == kept.size_between + 3
    old, fresh = FolderSource(kept.roll.public), FolderSource(new.public)
    checked = check_restart(old, kept.roll.keys.verifiers, fresh, new.keys.verifiers)
    assert (checked.before, checked.after) == (kept.roll.origin, new.origin)
    assert (checked.carried, checked.lost, checked.why) == (done.carried, done.lost, "the disk died")
    with pytest.raises(NotARestart, match="goes on from no other"):
        check_restart(old, kept.roll.keys.verifiers, old, kept.roll.keys.verifiers)


def test_a_switch_of_keys_that_broke_off_is_finished(
    kept: Kept, back: Roll, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed between the database and the files, nothing is signed for either log; saying it again finishes it."""
    last = (kept.roll.public / "checkpoint").read_bytes()
    with monkeypatch.context() as patched:
        patched.setattr(restart_log, "_move_files", interrupted)
        with pytest.raises(KeyboardInterrupt):
            begin_anew(back, "roll.example/kept-2", "the key was seen", last=last)
    again = found(tmp_path / "home", back.database.url)
    assert again.origin == kept.roll.origin
    with pytest.raises(Forked):
        Sequencer(again).run_until_empty()
    with pytest.raises(CannotBegin, match="ended already"):
        begin_anew(again, "roll.example/kept-3", "again")
    new = found(tmp_path / "home", back.database.url)
    Sequencer(new).run_until_empty()
    assert clean(new) == kept.size_between + 2


def interrupted(*_: object) -> None:
    """As if the machine had lost its power here."""
    raise KeyboardInterrupt


def test_a_newer_ratchet_is_never_replaced(kept: Kept, halfway: Path, tmp_path: Path) -> None:
    """The machine that still has its ratchet keeps it, and the keeper's word does not outweigh it."""
    home = tmp_path / "home"
    roll = home / "rolls" / NAME
    shutil.copytree(kept.roll.home, roll)
    staged = tmp_path / "staged"
    shutil.copytree(halfway / "rolls", staged)
    why = SigningHold(datetime.now(UTC), "backup", kept.between)
    assert restore.bring_rolls(staged, home / "rolls", why) == (NAME,)
    assert Ratchet(roll / "ratchet").read().size == kept.size
    (roll / "ratchet").write_bytes((halfway / "rolls" / NAME / "ratchet").read_bytes())
    shutil.copy(kept.roll.home / "ratchet", staged / NAME / "ratchet")
    restore.bring_rolls(staged, home / "rolls", why)
    assert Ratchet(roll / "ratchet").read().size == kept.size


def test_the_keepers_word_does_not_outweigh_the_ratchet(kept: Kept, back: Roll) -> None:
    """Who says that nobody has seen more is not believed where the machine itself remembers a newer head."""
    shutil.copy(kept.roll.home / "ratchet", back.home / "ratchet")
    with pytest.raises(CannotResume, match="the ratchet shows a head"):
        resume(back, [], nobody_has_seen_more=True)


def test_nothing_is_overwritten(kept: Kept, back: Roll, tmp_path: Path) -> None:
    """A data folder that is there, or another roll's key, stays what it is."""
    assert back.name == NAME
    with pytest.raises(CannotRestore, match="is there already"):
        bring_back(kept, tmp_path / "home", None)
    other = tmp_path / "other"
    keys = other / "rolls" / NAME / "keys"
    keys.mkdir(parents=True)
    (keys / "log.pub").write_text("another", encoding="ascii")
    with pytest.raises(CannotRestore, match="another log"):
        bring_back(kept, other, None)
    assert not (other / "postgres").exists()
    assert list(other.glob("*.restoring")) == []


def test_an_instant_that_is_not_in_the_backup_is_refused(kept: Kept, tmp_path: Path) -> None:
    """Before the first backup or after the last of its log: a sentence with what there is, and no folder left behind."""
    with pytest.raises(CannotRestore, match="nothing before it"):
        choose(kept.folder, kept.before)
    with pytest.raises(NotReached, match="latest instant in it is"):
        bring_back(kept, tmp_path / "home", datetime.now(UTC) + timedelta(days=1))
    assert list((tmp_path / "home").iterdir()) == []


def test_only_its_holder_can_open_it(kept: Kept, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With another key nothing comes back, which makes no backup bad; and what was sealed holds no key, no word of the roll."""
    stranger = Holder(tmp_path)
    with pytest.raises(CannotUnseal, match="sealed to none of the keys that were given"):
        bring_back(kept, tmp_path / "home", None, stranger.keys)
    with pytest.raises(CannotUnseal, match="--identity"):
        bring_back(kept, tmp_path / "home", None, Keys(()))
    for keys in (stranger.keys, Keys(())):
        status = commands._verify(
            backups(kept.folder)[0], keys, Process(Settings(home=tmp_path, roll=NAME)), restoring=True
        )
        assert (status, capsys.readouterr().out[:11]) == (3, "Not proved:")
    secret = (kept.roll.home / "keys" / "log-ed25519.key").read_bytes().strip()
    for path in kept.folder.glob("*/*"):
        data = path.read_bytes()
        assert secret not in data
        assert data.startswith(b"age-encryption.org/v1")


@pytest.mark.parametrize("how", ["cut off", "altered", "log altered", "log missing"])
def test_a_damaged_backup_is_found(kept: Kept, tmp_path: Path, how: str) -> None:
    """Cut off, or with one byte altered in the middle, a backup is refused by `verify` and brings nothing back."""
    folder = tmp_path / "backups"
    shutil.copytree(kept.folder, folder)
    base = backups(folder)[0]
    log = segments(base.path.parent, base.start)
    assert len(log) >= 1
    path = base.path if "log" not in how else log[-1].path
    data = bytearray(path.read_bytes())
    if how == "log missing":
        (path.parent / path.name.replace(log[-1].name, f"{log[-1].name[:-1]}F")).write_bytes(bytes(data))
        path.unlink()
        assert f"before segment {log[-1].name}" in backup.verify(base, kept.holder.keys).lacks
        return
    if how == "cut off":
        del data[len(data) // 2 :]
    else:
        data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))
    with pytest.raises(CannotUnseal, match="altered or cut off"):
        backup.verify(base, kept.holder.keys)
    with pytest.raises(CannotUnseal, match="altered or cut off"):
        restore.restore(
            base,
            tmp_path / "home",
            tmp_path / "home" / "postgres",
            kept.holder.keys,
            to=None,
            now=datetime.now(UTC),
            progress=silent,
        )
    assert not (tmp_path / "home" / "postgres").exists()


def test_a_whole_backup_is_verified_and_a_dry_choice_is_the_real_one(kept: Kept) -> None:
    """Every byte is held against its digest, and the log after it has no hole."""
    done = backup.verify(backups(kept.folder)[0], kept.holder.keys)
    assert done.lacks == ""
    assert done.files > 500
    assert choose(kept.folder, kept.between).backup == choose(kept.folder).backup == done.backup


@pytest.fixture
def small_disk() -> Iterator[Callable[[int], None]]:
    """Lets no file grow beyond so many bytes, as a full disk would."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    yield lambda size: resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_leaves_no_half_backup(kept: Kept, tmp_path: Path, small_disk: Callable[[int], None]) -> None:
    """What does not fit is not there at all, and what was there before stays."""
    small_disk(100_000)
    with pytest.raises(CannotSeal, match="Nothing was kept"):
        back_up(kept.house, tmp_path / "full", kept.holder.sealing)
    assert [path for path in (tmp_path / "full").rglob("*") if path.is_file()] == []


def test_a_full_disk_leaves_no_half_restore(kept: Kept, tmp_path: Path, small_disk: Callable[[int], None]) -> None:
    """What does not fit is not brought back at all: no data folder, no roll, nothing beside them."""
    small_disk(100_000)
    with pytest.raises(OSError, match="too large"):
        bring_back(kept, tmp_path / "home", None)
    assert [path for path in (tmp_path / "home").rglob("*") if path.is_file()] == []


def test_a_killed_backup_is_never_taken_for_a_whole_one(kept: Kept, tmp_path: Path) -> None:
    """Killed in the middle it leaves a file that is no backup by its name; the next one goes its way."""
    code = (
        "import os, sys; from pathlib import Path; from openroll.archive import Sealing; from openroll.service.recovery.backup"
        " import House, back_up; back_up(House(Path(sys.argv[1]), sys.argv[2]), Path(sys.argv[3]),"
        " Sealing.to([sys.argv[4]]), progress=lambda *_: os.kill(os.getpid(), 9))"
    )
    given = [str(kept.home), kept.url, str(tmp_path / "b"), kept.holder.recipient]
    ended = subprocess.run([sys.executable, "-c", code, *given], cwd=ROOT, capture_output=True, check=False)
    assert ended.returncode == -9, ended.stderr
    assert backups(tmp_path / "b") == []
    back_up(kept.house, tmp_path / "b", kept.holder.sealing)
    assert len(backups(tmp_path / "b")) == 1
    backup.stop_following(kept.house, tmp_path / "b")


def test_old_backups_go_with_the_log_that_only_they_needed(kept: Kept, tmp_path: Path) -> None:
    """Of two, the newer stays, and it still has its whole log."""
    folder = tmp_path / "b"
    for _ in range(2):
        done = back_up(kept.house, folder, kept.holder.sealing, keep=1)
    assert done.gone > 0
    there = backups(folder)
    assert len(there) == 1
    for one in there:
        assert backup.verify(one, kept.holder.keys).lacks == ""
    made = backup.dump(kept.house, NAME, folder, kept.holder.sealing).path
    assert f"{made} was made after" in choose(folder).lacks[0]
    backup.take_log(kept.house, folder, kept.holder.sealing)
    assert choose(folder).lacks == (), "the dump's word was found in the log"
    backup.stop_following(kept.house, folder)


def test_a_hole_in_the_log_makes_a_new_base(kept: Kept, tmp_path: Path) -> None:
    """When the server forgot log that was not taken, following begins anew with a base instead of keeping what is of no use."""
    folder = tmp_path / "b"
    follow(kept.house, folder, kept.holder.sealing, rounds=1)
    assert len(backups(folder)) == 1
    backup.stop_following(kept.house, folder)
    follow(kept.house, folder, kept.holder.sealing, rounds=2, pause=lambda _: None)
    assert len(backups(folder)) == 2
    backup.stop_following(kept.house, folder)


def acknowledged(url: str, *notes: str) -> tuple[str, ...]:
    """Commit these in a table of their own, each followed by the end of its segment of the log; all that are there."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("create table if not exists acknowledged (note text)")
        for note in notes:
            connection.execute("insert into acknowledged values (%s)", (note,))
            connection.execute("select pg_switch_wal()")
        return tuple(note for (note,) in connection.execute("select note from acknowledged"))


def brought(kept: Kept, folder: Path, home: Path) -> tuple[str, ...]:
    """What was acknowledged and comes back from a folder, all that it claims."""
    chosen, data = choose(folder).backup, home / "postgres"
    done = restore.restore(chosen, home, data, kept.holder.keys, to=None, now=datetime.now(UTC), progress=silent)
    assert done.lacks == ""
    with serving(data) as sockets:
        return acknowledged(f"host={sockets} user=postgres dbname=postgres")


def received(kept: Kept, folder: Path) -> Path:
    """A round that is broken off before anything is sealed; the spool, with what it received."""
    spool = kept.home / "spool" / backup.slot_of(folder)
    with psycopg.connect(kept.url, autocommit=True) as connection:
        wal.receive(server_of(kept.url), backup.slot_of(folder), spool, wal.mark(connection).until)
    return spool


def test_a_full_disk_under_the_spool_ends_nothing_and_hides_nothing(kept: Kept, tmp_path: Path) -> None:
    """A segment that came short is received again, what is whole is sealed; and a spool that was cleared makes a new base."""
    folder, told = tmp_path / "b", list[str]()
    done = back_up(kept.house, folder, kept.holder.sealing)
    acknowledged(kept.url, "before")
    whole, partial = sorted(received(kept, folder).iterdir())
    os.truncate(partial, 1 << 22)
    with pytest.raises(psycopg.OperationalError):
        backup.take_log(House(kept.home, "host=/nowhere"), folder, kept.holder.sealing, told.append)
    assert next(folder.glob(f"*/wal-{whole.name}.gz.age")).stat().st_size, "sealed though the server is away"
    assert "had not come whole" in told[0]
    assert backup.take_log(kept.house, folder, kept.holder.sealing) is not None
    acknowledged(kept.url, "in the spool alone")
    received(kept, folder)
    acknowledged(kept.url, "and more")
    for path in received(kept, folder).iterdir():
        path.unlink()
    follow(kept.house, folder, kept.holder.sealing, rounds=1, tell=told.append)
    acknowledged(kept.url, "after")
    follow(kept.house, folder, kept.holder.sealing, rounds=1, tell=told.append)
    assert re.match(r"Another history begins .*: .* of which a part was taken, did not come again", told[1])
    assert len(told) == 2
    assert [one.path == done.path for one in backups(folder)] == [False, True]
    assert [reach(one).gap for one in backups(folder)] == [None, None]
    assert brought(kept, folder, tmp_path / "home")[-4:] == ("before", "in the spool alone", "and more", "after")
    backup.stop_following(kept.house, folder)


def test_a_database_that_went_back_begins_another_history(kept: Kept, halfway: Path, tmp_path: Path) -> None:
    """Behind what was taken or written on beyond it, on the same timeline: a new base, and none of the old log is given out."""
    home, folder, told = tmp_path / "home", tmp_path / "b", list[str]()
    subprocess.run(["cp", "-a", str(halfway), str(home)], check=True)
    data = home / "postgres"
    house, older = House(home, private_server(data)), tmp_path / "older"

    def goes_back() -> None:
        stop_left(data)
        shutil.rmtree(data)
        subprocess.run(["cp", "-a", str(older), str(data)], check=True)
        private_server(data)

    back_up(house, folder, kept.holder.sealing)
    stop_left(data)
    subprocess.run(["cp", "-a", str(data), str(older)], check=True)
    private_server(data)
    acknowledged(house.url, "given up")
    follow(house, folder, kept.holder.sealing, rounds=1, tell=told.append)
    goes_back()
    follow(house, folder, kept.holder.sealing, rounds=1, tell=told.append)
    assert len(backups(folder)) == 2
    goes_back()
    acknowledged(house.url, *"abcdefg")
    back_up(house, folder, kept.holder.sealing, tell=told.append)
    assert ["its log ends at" in one for one in told] == [True, False]
    assert ["is not the one that was taken" in one for one in told] == [False, True]
    assert [reach(one).gap for one in backups(folder)] == [None] * 3
    assert brought(kept, folder, tmp_path / "again") == tuple("abcdefg")


def test_a_server_that_lets_nobody_replicate_says_so(kept: Kept, tmp_path: Path) -> None:
    """The sentence names the missing right, and the way that is left."""
    with psycopg.connect(kept.url, autocommit=True) as connection:
        connection.execute("create role plain_user login")
    house = House(kept.home, kept.url.replace("postgres:@", "plain_user:@"))
    with pytest.raises(Exception, match=r"may not replicate.*backup --dump|may not replicate.*--dump"):
        back_up(house, tmp_path / "b", kept.holder.sealing)


def test_a_dump_in_a_younger_cluster_gets_its_order_anew(kept: Kept, tmp_path: Path) -> None:
    """Places that were given stay, what waited gets its place after them, and the log goes on clean."""
    with psycopg.connect(kept.url) as connection:
        connection.autocommit = True
        connection.execute("set synchronous_commit = off")
        for _ in range(3_000):
            connection.execute("select pg_current_xact_id()")
    file_some(kept.roll, 2)
    file_some(kept.roll, 2, place=False)
    size = size_of(kept.roll)
    done = backup.dump(kept.house, NAME, tmp_path / "b", kept.holder.sealing)
    assert done.path is not None
    chosen = backup_of(done.path)
    assert chosen is not None
    home = tmp_path / "home"
    url = private_server(home / "postgres")
    loaded = restore.load_dump(chosen, home, url, kept.holder.keys, clock=kept.roll.clock)
    assert (loaded.roll, loaded.reordered) == (NAME, True)
    roll = found(home, url)
    resume(roll, [seen_in(roll, (kept.roll.public / "checkpoint").read_bytes(), "a reader")])
    Sequencer(roll).run_until_empty()
    assert clean(roll) == size + 3
    with roll.database.open() as connection:
        assert xid_reset.set_anew(connection) is None
    file_some(roll, 1)
    assert clean(roll) == size + 4
    with pytest.raises(Exception, match="stands in this database already"):
        restore.load_dump(chosen, tmp_path / "again", url, kept.holder.keys, clock=kept.roll.clock)


def test_without_a_key_nothing_is_written(tmp_path: Path) -> None:
    """Unsealed is only what was asked for by its dangerous name."""
    with pytest.raises(CannotSeal, match="name at least one key"):
        Sealing.to([])
    with pytest.raises(CannotSeal, match="not a public key"):
        Sealing.to(["age1nonsense"])
    assert Sealing.readable_by_anyone().suffix == ""


def test_the_page_for_that_day_holds(kept: Kept, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The commands of docs/backup.md, in their order, bring a roll back on an empty machine and find it clean."""
    page = (ROOT / "docs" / "backup.md").read_text(encoding="utf-8")
    day = page.split("## The day the disk dies")[1].split("\n## ")[0]
    commands = re.findall(r"^    openroll (.*)$", day, re.MULTILINE)
    assert len(commands) >= 6
    app = cli.build(Process(Settings(home=tmp_path / "home", roll=NAME)))
    known = {
        "/mnt/backups": str(kept.folder),
        "holder.txt": str(kept.holder.file),
        "https://mirror.example/roll": str(kept.roll.public),
    }
    for command in commands:
        words = [known.get(word, word) for word in command.split("  #")[0].split()]
        with pytest.raises(SystemExit) as ended:
            app(words)
        told = capsys.readouterr()
        assert not ended.value.code, (command, told)
    assert "Good" in told.out
