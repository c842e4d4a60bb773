"""A backup is good when it was brought back: on Debian's PostgreSQL and the wheel's, under TLS, as a role without superuser."""

import shutil
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import psycopg
import pytest
from psycopg.sql import SQL

from openroll import cli, store
from openroll.archive import CannotUnseal
from openroll.compose.main import Process
from openroll.compose.settings import Settings
from openroll.service.log.key_rotation import rotate
from openroll.service.log.sequencer import Sequencer
from openroll.service.recovery import backup, backup_proof, restore
from openroll.service.recovery.backup import House, back_up
from openroll.service.recovery.backup_proof import NotProved, Untrue, prove
from openroll.service.recovery.backups import Backup, backup_of, backups
from openroll.service.recovery.choice import choose
from openroll.service.recovery.dump_loading import CannotRestore, load_rows
from openroll.service.recovery.following import follow
from openroll.service.recovery.resume import resume, seen_in
from openroll.service.roll import Roll
from openroll.store import base_backup, dump_contents, postgres_tools, schema
from openroll.store.backup_contents import Head
from openroll.store.dump_contents import Strange
from openroll.store.postgres_tools import Server, ToolFailed, address, client_tool, has_tls, major, server_of
from openroll.store.temporary_server import serving
from tests.conftest import Ticking, opened
from tests.service.copies import NAME, Holder, clean, file_some, found, size_of
from tests.service.servers import needs, own_server
from tests.service.test_apart import WALLED
from tests.service.test_key_rotation import turned


class Own(NamedTuple):
    """A roll on a server of somebody's own, with a base backup, the log after it, and a dump."""

    version: int
    url: str
    roll: Roll
    holder: Holder
    house: House
    base: Backup
    dump: Backup


@pytest.fixture(scope="module", params=[15, 18])
def own(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Own]:
    """The roll and its copies."""
    version: int = request.param
    needs(version)
    folder = tmp_path_factory.mktemp("own")
    with own_server(folder / "server", version, tls=version == 15) as url:
        home = folder / "home"
        roll = opened(url, home / "rolls" / NAME, NAME)
        holder, house = Holder(folder), House(home, url)
        file_some(roll, 3)
        back_up(house, folder / "base", holder.sealing)
        file_some(roll, 4)
        follow(house, folder / "base", holder.sealing, rounds=1)
        done = backup.dump(house, NAME, folder / "dump", holder.sealing)
        dumped = backup_of(done.path) if done.path else None
        assert dumped is not None
        yield Own(version, url, roll, holder, house, backups(folder / "base")[0], dumped)


@WALLED
def test_verify_proves_a_base_backup(own: Own, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As of a dump, while another round takes more of the log."""
    _proves(own, own.base, tmp_path, monkeypatch)


@pytest.mark.parametrize("own", [15], indirect=True)  # 18's: where the command says Good
def test_verify_proves_a_dump(own: Own, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tables and their rows, the head of the log, and receipts that verify; nothing of it is left behind."""
    _proves(own, own.dump, tmp_path, monkeypatch)


def _proves(own: Own, one: Backup, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    def meanwhile(what: str, *_: int) -> None:
        if what == "segments":  # a round of `follow` beside it takes more than was unpacked
            follow(own.house, own.base.path.parents[1], own.holder.sealing, rounds=1)

    proofs = prove(one, own.holder.keys, clock=Ticking(), progress=meanwhile)
    size = size_of(own.roll)
    assert [(proof.roll, proof.size, proof.receipts) for proof in proofs] == [(NAME, size, size)]
    assert proofs[0].tables > 20
    assert proofs[0].rows > size
    assert list(tmp_path.iterdir()) == []


def test_a_base_backup_comes_back(own: Own, tmp_path: Path) -> None:
    """Into a data folder without settings of its own, and with a folder `log` in it; the roll in it is the roll."""
    home, data = tmp_path / "home", tmp_path / "home" / "data"
    chosen = choose(own.base.path.parents[1]).backup
    done = restore.restore(
        chosen, home, data, own.holder.keys, to=None, now=datetime.now(UTC), progress=lambda *_: None
    )
    assert done == restore.Restored((NAME,), "")
    assert (data / "log").is_dir()
    with serving(data) as sockets:
        roll = found(home, f"host={sockets} user=own dbname=one")
        resume(roll, [seen_in(roll, (own.roll.public / "checkpoint").read_bytes(), "a reader")])
        Sequencer(roll).run_until_empty()
        assert clean(roll) == size_of(own.roll) + 1


def test_a_base_backup_that_pads_its_end_is_whole(own: Own, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What stands behind the archive's end is read out: closed on it, its writer died of SIGPIPE, by chance of timing."""
    with psycopg.connect(own.url) as connection:
        server = server_of(own.url, connection)
    padding = tmp_path / "pg_basebackup"
    padding.write_text(f'#!/bin/sh\n"{client_tool("pg_basebackup", server)}" "$@" && head -c 2000000 /dev/zero\n')
    padding.chmod(0o755)
    monkeypatch.setattr(base_backup, "client_tool", lambda *_: str(padding))
    with base_backup.base_backup(server) as stream:
        for member in stream:
            while member.data is not None and member.data.read():
                pass
    assert stream.start_segment


def test_a_dump_comes_back_on_the_same_server(own: Own, tmp_path: Path) -> None:
    """By tools of its own version, under TLS where it asks for that, as a role without superuser."""
    url = own.url.removesuffix("/one") + "/two"
    restore.load_dump(own.dump, tmp_path / "home", url, own.holder.keys, clock=own.roll.clock)
    roll = found(tmp_path / "home", url)
    resume(roll, [seen_in(roll, (own.roll.public / "checkpoint").read_bytes(), "a reader")])
    Sequencer(roll).run_until_empty()
    assert clean(roll) == size_of(own.roll) + 1
    given = own.roll.numbers.take("record", 1).start
    file_some(roll, 1)
    with roll.database.own() as connection:
        newest = connection.execute("select max(number) from subscription").fetchone()
    assert newest is not None
    assert newest[0] > given + 100_000_000, "what was filed after the dump and is nowhere any more keeps its codes"


def test_the_servers_own_version_comes_first(own: Own) -> None:
    """Each tool is of the server's version, has TLS where the way has it, and asks for it by itself."""
    server = server_of(own.url)
    assert server.tls == (own.version == 15)
    for name in ("pg_dump", "pg_restore", "pg_basebackup", "pg_receivewal"):
        program = client_tool(name, server)
        assert major(program) == own.version
        assert has_tls(program) or not server.tls
    where, environment = address(server)
    assert ("sslmode=require" in where) == server.tls
    assert environment["PGPASSWORD"] == "p:w"
    assert "p:w" not in where


def test_no_tool_without_tls_is_taken_where_tls_is_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rather than go in the clear, it is said what is missing; and an older tool is never taken for a newer server."""
    monkeypatch.setattr(postgres_tools, "has_tls", lambda _: False)
    with pytest.raises(FileNotFoundError, match=r"has no TLS.*Install PostgreSQL 15"):
        client_tool("pg_dump", Server("", 15, tls=True))
    with pytest.raises(FileNotFoundError, match=r"none is here.*Install PostgreSQL 99"):
        client_tool("pg_dump", Server("", 99, tls=False))


def test_a_copy_of_nothing_is_refused_when_it_is_made(own: Own, tmp_path: Path) -> None:
    """Where the tables are elsewhere (a pooler dropped the search path) a dump would be empty: said, and none written."""
    with psycopg.connect(own.url, autocommit=True) as connection:
        connection.execute("create schema if not exists roll_elsewhere")
    with pytest.raises(ToolFailed, match=r"no tables in the schema roll_elsewhere.*pooler"):
        backup.dump(own.house, "elsewhere", tmp_path / "b", own.holder.sealing)
    assert not [path for path in (tmp_path / "b").rglob("*") if path.is_file()]


ONE = pytest.mark.parametrize("own", [18], indirect=True)
"""For what is the same with every server."""


def told(folder: Path, own: Own, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    """What `backup verify` says and ends with."""
    app = cli.build(Process(Settings(home=own.house.home, roll=NAME, database_url=own.url)))
    with pytest.raises(SystemExit) as ended:
        app(["backup", "verify", str(folder), "--identity", str(own.holder.file), *words])
    given = capsys.readouterr()
    return int(ended.value.code or 0), " ".join((given.out + given.err).split())


@ONE
def test_what_was_not_restored_is_never_called_good(
    own: Own, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """No server of that version, or asked not to restore: `Not proved` and status 3; proved: `Good` and 0."""
    folder = own.dump.path.parents[1]
    status, said = told(folder, own, capsys)
    assert (status, "Good:" in said) == (0, True), said
    assert f"a log of {size_of(own.roll)} entries, {size_of(own.roll)} receipts that verify" in said
    status, said = told(folder, own, capsys, "--without-restoring")
    assert (status, "Good" in said, "Not proved:" in said) == (3, False, True)

    def nowhere(version: int) -> Path:
        raise FileNotFoundError(
            f"this backup is of PostgreSQL {version}, and no server programs of that version are here"
        )

    monkeypatch.setattr(backup_proof, "server_folder", nowhere)
    status, said = told(folder, own, capsys)
    assert (status, "Good" in said, "no server programs of that version" in said) == (3, False, True)
    with pytest.raises(NotProved, match="no server programs"):
        prove(own.base, own.holder.keys, clock=Ticking())
    monkeypatch.undo()
    monkeypatch.setattr(store.apart, "_CHILD", Path("/nowhere"))
    with pytest.raises(NotProved, match=r"run this as root.*prove a dump"):
        prove(own.base, own.holder.keys, clock=Ticking())


@ONE
@WALLED
def test_a_backup_that_lacks_what_was_taken_is_bad(
    own: Own, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whole by its digests, restorable, and of the log a piece in which the last filings are not: `Bad`, status 1."""
    back_up(own.house, tmp_path, own.holder.sealing)
    (piece,) = tmp_path.glob("*/wal-*.partial.gz.age")
    less = piece.read_bytes()
    file_some(own.roll, 2)
    follow(own.house, tmp_path, own.holder.sealing, rounds=1)
    piece.write_bytes(less)
    status, said = told(tmp_path, own, capsys)
    assert (status, "Bad:" in said, "and was taken up to" in said) == (1, True, True), said
    backup.stop_following(own.house, tmp_path)
    backup_proof._hold(own.url, NAME, Head(0, ""))
    with pytest.raises(CannotRestore, match="came back without its head of 3 entries"):
        backup_proof._hold(own.url, NAME, Head(3, "00"))


@ONE
@WALLED
def test_a_roll_opened_behind_a_base_is_proved_with_its_keys(
    own: Own, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its keys changed too, all since the base: `Good` names it. Without what was sealed of its files, no command says good."""
    home, folder = tmp_path / "home", tmp_path / "b"
    house, told_of = House(home, own.url), list[str]()
    (home / "rolls").mkdir(parents=True)
    back_up(house, folder, own.holder.sealing)
    roll = opened(own.url, home / "rolls" / "behind", "behind")
    file_some(roll, 2)
    turned(rotate(roll, "yearly", overlap=False))
    Sequencer(roll).run_until_empty()
    file_some(roll, 2)
    follow(house, folder, own.holder.sealing, rounds=1)
    status, said = told(folder, own, capsys)
    assert (status, "Good:" in said, "behind:" in said) == (0, True, True), said
    (one,) = backups(folder)
    for key in (roll.home / "keys").glob("log-*-*.key"):
        key.rename(tmp_path / key.name)
    follow(house, folder, own.holder.sealing, rounds=1)
    status, said = told(folder, own, capsys)
    assert (status, "Good:" in said) == (0, True), "what was sealed before stays"
    for path in sorted(folder.glob("*/rolls-*"))[:-1]:
        path.unlink()
    with pytest.raises(NotProved, match="which must sign the next head of behind, is not in it: kept elsewhere"):
        prove(one, own.holder.keys, clock=Ticking())
    (roll.home / "keys").rename(tmp_path / "keys")
    follow(house, folder, own.holder.sealing, rounds=1, tell=told_of.append)
    assert told_of == [f"The keys of behind are not in {home / 'rolls'}, and in no backup: is it mounted?"]
    for path in sorted(folder.glob("*/rolls-*"))[:-1]:
        path.unlink()
    with pytest.raises(Untrue, match="no keys of behind are in it: opened after the backup was made"):
        prove(one, own.holder.keys, clock=Ticking())
    next(folder.glob("*/rolls-*")).unlink()
    status, said = told(folder, own, capsys)
    assert (status, "Bad:" in said, "are not beside it" in said) == (1, True, True), said
    backup.stop_following(house, folder)


@ONE
def test_a_dump_that_lacks_rows_or_tables_is_bad(
    own: Own, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whole by its digests, and not what was there: `Bad`, status 1."""
    said = backup._contents

    def more(connection: psycopg.Connection, rolls: list[str]) -> dict[str, object]:
        about = said(connection, rolls)
        about["contents"][NAME]["rows"]["event"] += 1
        return about

    monkeypatch.setattr(backup, "_contents", more)
    done = backup.dump(own.house, NAME, tmp_path / "lacking", own.holder.sealing)
    assert done.path is not None
    status, words = told(tmp_path / "lacking", own, capsys)
    assert (status, "Bad:" in words, "Good" in words) == (1, True, False)

    monkeypatch.setattr(backup, "schema_of", lambda _: "roll_elsewhere")
    monkeypatch.setattr(backup, "_contents", lambda connection, _: said(connection, [NAME]) | {"contents": {NAME: {}}})
    done = backup.dump(own.house, NAME, tmp_path / "empty", own.holder.sealing)
    one = backup_of(done.path) if done.path else None
    assert one is not None
    assert backup.verify(one, own.holder.keys).files > 1, "its digests are all in order"
    with pytest.raises(Untrue, match="cannot be restored"):
        prove(one, own.holder.keys, clock=Ticking())


PLANT = """
create function roll_kept.f() returns boolean language plpgsql as $$ begin
    if current_user in ('proof', 'keeper', 'boss') then execute format('copy (select 1) to program %L', 'touch {mark}'); end if;
    return true; end $$;
create table roll_kept.note (x int check (roll_kept.f()));
insert into roll_kept.note values (1);
"""
"""What attacker 8 planted as the roll's owner, no superuser: a check that runs a program when somebody else loads it."""
PULLED = "drop table roll_kept.note; drop function roll_kept.f();"


@ONE
def test_nothing_that_a_dump_brings_is_run(own: Own, tmp_path: Path) -> None:
    """What Openroll does not make is named and refused, by a proof and by a restore; left out, the roll comes back without."""
    mark = tmp_path / "run"
    tmp_path.chmod(0o777)
    with psycopg.connect(own.url, autocommit=True) as connection:
        connection.execute(PLANT.replace("{mark}", str(mark)).encode())
        done = backup.dump(own.house, NAME, tmp_path / "b", own.holder.sealing)
        connection.execute(PULLED)
    one = backup_of(done.path) if done.path else None
    assert one is not None
    with pytest.raises(Untrue, match=r"does not make: FUNCTION roll_kept f\(\), TABLE DATA roll_kept note"):
        prove(one, own.holder.keys, clock=Ticking())
    url = own.url.removesuffix("/one") + "/two"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("drop schema if exists roll_kept cascade")
        with pytest.raises(CannotRestore, match="TABLE roll_kept note"):
            restore.load_dump(one, tmp_path / "home", url, own.holder.keys, clock=own.roll.clock)
        assert connection.execute("select to_regnamespace('roll_kept')").fetchone() == (None,)
    assert not mark.exists()


@ONE
@WALLED
def test_a_base_backup_is_looked_at_apart(own: Own, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of a role, no key yet, strange things are named; its code leaves no process, and no link is followed."""
    target = tmp_path / "target"
    target.write_text("ours")
    with psycopg.connect(own.url, autocommit=True) as connection:
        connection.execute("alter role own set statement_timeout = '59min'")
        connection.execute(PLANT.replace("{mark}", str(tmp_path / "run")).encode())
        back_up(own.house, tmp_path / "b", own.holder.sealing)
        connection.execute(PULLED)
        connection.execute("alter role own reset all")
    dump_to, seen, stays = dump_contents.dump_to, list[object](), f"sleep 1{time.time_ns()}"
    links = f"for f in postgresql.auto.conf PG_VERSION wal_restored /sockets/.s.PGSQL.5432; do rm -rf $f; ln -s {target} $f; done"

    def look(url: str, schema: str, path: Path) -> None:
        seen.extend(path.parent.glob("rolls/*"))
        with psycopg.connect(url, autocommit=True) as connection:
            seen.append(connection.execute("select count(*) from pg_db_role_setting").fetchone())
            for run in (links, f"setsid {stays} >/dev/null 2>&1 &", "mkdir d && ln -s /etc d/l && chmod 0 d"):
                connection.execute(SQL("copy (select 1) to program {}").format(f"cat >/dev/null; {run}"))
        dump_to(url, schema, path)

    monkeypatch.setattr(backup_proof, "dump_to", look)
    with pytest.raises(Untrue, match=r"does not make: FUNCTION roll_kept f\(\), TABLE DATA roll_kept note"):
        prove(backups(tmp_path / "b")[0], own.holder.keys, clock=Ticking())
    assert seen == [(0,)]
    assert (target.read_text(), (tmp_path / "run").exists()) == ("ours", False)
    assert stays not in subprocess.run(["ps", "-eo", "args"], check=True, capture_output=True, text=True).stdout


def test_a_dump_of_before_is_loaded_in_the_shape_it_had(database_url: str, tmp_path: Path) -> None:
    """Its tables are made as they were then, triggers and foreign keys as they were; what comes after is `migrate`'s to do."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        for name in ("before_a", "before_b"):
            connection.execute(f"drop database if exists {name}".encode())
            connection.execute(f"create database {name}".encode())
    urls = [psycopg.conninfo.make_conninfo(database_url, dbname=name) for name in ("before_a", "before_b")]
    schema.migrate(urls[0], "before", "0012")
    dump = tmp_path / "dump"
    dump_contents.dump_to(urls[0], "roll_before", dump)
    assert load_rows(urls[1], "before", lambda: [dump.read_bytes()]) == "0012"
    shapes = [dump_contents.entries_of_schema(server_of(url), "roll_before") for url in urls]
    assert shapes[0] == shapes[1]
    with pytest.raises(CannotRestore, match="stands in this database already"):
        load_rows(urls[1], "before", lambda: [dump.read_bytes()])
    schema.migrate(urls[1], "before")
    assert schema.is_current(urls[1], "before")


def test_no_statement_of_a_dump_is_taken() -> None:
    """Of what pg_restore writes the rows alone are read: a line that copies from a program, or elsewhere, ends it."""
    rows = b"COPY roll_kept.event (id, at) FROM stdin;\n1\tx\n2\t\\\\.\n\\.\n"
    more = (
        b"DROP TABLE x;\nCOPY roll_kept.head (id) FROM stdin;\n\\.\nSELECT pg_catalog.setval('roll_kept.s', 5, true);\n"
    )
    for size in (1, 2, 3, 7, 1000):
        whole = rows + more
        script = dump_contents._Script(whole[at : at + size] for at in range(0, len(whole), size))
        assert [(table, names, b"".join(data)) for table, names, data in script.tables("roll_kept")] == [
            ("event", ["id", "at"], b"1\tx\n2\t\\\\.\n"),
            ("head", ["id"], b""),
        ]
        assert script.sequences == [("s", 5, True)]
    for bad in (
        b"COPY roll_kept.event (id) FROM PROGRAM 'id';\n",
        b"COPY pg_catalog.pg_authid (oid) FROM stdin;\n",
        b"COPY roll_kept.event (id) FROM stdin; select f();\n",
        b"COPY roll_kept.event (id) FROM stdin;\n1\n",
    ):
        with pytest.raises(Strange):
            list(dump_contents._Script(iter([bad])).tables("roll_kept"))


@ONE
def test_a_dump_for_an_older_server_is_refused_before_it_is_loaded(own: Own, tmp_path: Path) -> None:
    """A dump of 18 on a server of 15 says which version it needs, and nothing is loaded."""
    needs(15)
    with own_server(tmp_path / "older", 15, tls=True) as url:
        with pytest.raises(CannotRestore, match="it needs 18 or later"):
            restore.load_dump(own.dump, tmp_path / "home", url, own.holder.keys, clock=own.roll.clock)
        with psycopg.connect(url) as connection:
            assert connection.execute("select to_regclass('roll_kept.event')").fetchone() == (None,)


@ONE
def test_a_proof_that_fails_leaves_nothing_behind(own: Own, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it unpacked, keys among it, lay in a folder of mode 0700 that is gone; as when the disk is full in the middle."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    modes: list[int] = []

    def full(*given: object, **named: object) -> str:
        restore.feed_dump(*given, **named)  # type: ignore[arg-type] # as it was called
        modes.extend(path.stat().st_mode & 0o777 for path in tmp_path.iterdir())
        raise OSError(28, "No space left on device", str(tmp_path))

    monkeypatch.setattr(backup_proof, "feed_dump", full)
    with pytest.raises(OSError, match="No space left"):
        prove(own.dump, own.holder.keys, clock=Ticking())
    assert modes == [0o700]
    assert list(tmp_path.iterdir()) == []


@ONE
def test_a_cut_off_backup_is_bad(own: Own, tmp_path: Path) -> None:
    """Before anything of it is restored."""
    copy = tmp_path / "cluster" / own.dump.path.name
    copy.parent.mkdir()
    shutil.copy(own.dump.path, copy)
    copy.write_bytes(copy.read_bytes()[:-200])
    one = backup_of(copy)
    assert one is not None
    with pytest.raises(CannotUnseal):
        prove(one, own.holder.keys, clock=Ticking())
