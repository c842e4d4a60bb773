"""Servers and poolers as others keep them: what a roll asks of a connection holds, or it is refused and nothing is made."""

import os
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import psycopg
import pytest

from openroll import places
from openroll.register.command import Actor
from openroll.service.filing.rebuild import rebuild
from openroll.service.filing.submit import Taken, take
from openroll.service.governance.database_seal import reseal
from openroll.service.governance.open_roll import NoSuchRoll, find_roll, role_script, upgrade_roll
from openroll.service.log.external_keys import KeysWrong
from openroll.service.log.sequencer import Sequencer
from openroll.service.roll import Roll
from openroll.store.connect import Database
from openroll.store.roles import OLD
from openroll.store.settle import DatabaseUnfit
from tests.conftest import Ticking, opened
from tests.handles import handle
from tests.service.cluster import PASSWORD, Cluster, bouncer, cluster
from tests.service.filings import filing, submission_of

TABLES = (
    "select table_schema, count(*) from information_schema.tables where table_schema not in ('pg_catalog', 'information_schema')"
    " group by 1"
)


@pytest.fixture(scope="module")
def debian(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Debian's PostgreSQL 15, over TCP with passwords."""
    with cluster(tmp_path_factory.mktemp("debian")) as found:
        yield found


def again(roll: Roll, url: str = "", **given: str) -> Roll:
    """The roll as another process finds it, through another address."""
    database = Database(url or roll.database.url, roll.name, **given)
    return find_roll(database, roll.home, clock=Ticking(), random_bytes=os.urandom)


def file_one(roll: Roll, name: str) -> int:
    """File one subscription and give it its place; the size of the log."""
    with roll.database.open_runtime("test") as connection:
        connection.autocommit = True
        one = submission_of(filing(handle=handle(name)), Actor("operator", "east"))
        assert isinstance(take(connection, [one], roll, roll.clock())[0], Taken)
    sequencer = Sequencer(roll)
    try:
        return sequencer.run_until_empty().size
    finally:
        sequencer.close()


def is_empty(debian: Cluster, database: str, roll: str) -> None:
    """No table and no role of the roll's is there."""
    assert debian.do(TABLES, database=database) == []
    assert debian.do(f"select rolname from pg_roles where rolname like 'roll_{roll}%'") == []


def test_a_pooler_in_transaction_mode_is_refused_before_anything_is_made(debian: Cluster, tmp_path: Path) -> None:
    """Through PgBouncer in transaction mode that drops `options`, nothing is made: no table in `public`, no key, no folder."""
    debian.owner("pooled")
    with (
        bouncer(debian, tmp_path / "bouncer", {"pooled": PASSWORD}, "transaction") as port,
        pytest.raises(DatabaseUnfit, match="pooler in transaction mode"),
    ):
        opened(debian.url("pooled", "pooled", port), tmp_path / "home", "pooled")
    is_empty(debian, "pooled", "pooled")
    assert not (tmp_path / "home").exists()


def test_a_pooler_is_refused_for_a_roll_that_is_open(debian: Cluster, tmp_path: Path) -> None:
    """A roll opened at the server itself is not served through a pool in transaction mode; in session mode it goes its way."""
    roll = opened(debian.owner("served"), tmp_path / "home", "served")
    claims = roll.database.claims
    assert claims is not None
    logins = {"served": PASSWORD, "roll_served_runtime": claims.password}
    with (
        bouncer(debian, tmp_path / "transaction", logins, "transaction") as port,
        pytest.raises(DatabaseUnfit, match="pooler in transaction mode"),
    ):
        again(roll, debian.url("served", "served", port))
    with bouncer(debian, tmp_path / "session", logins, "session") as port:
        through = again(roll, debian.url("served", "served", port))
        assert file_one(through, "p-1") == 4
        assert rebuild(through, replace=False).differences == ()


def test_settings_of_server_and_login_do_not_reach_the_roll(debian: Cluster, tmp_path: Path) -> None:
    """Whatever search path, dates, zone or quoting a database and its login were given, the roll reads and writes as ever."""
    url = debian.owner("odd")
    for setting in (
        "search_path = public",
        "datestyle = 'German, DMY'",
        "timezone = 'Asia/Chongqing'",
        "standard_conforming_strings = off",
        "bytea_output = 'escape'",
        "intervalstyle = 'sql_standard'",
        "default_transaction_isolation = 'serializable'",
    ):
        debian.do(f"alter role odd set {setting}", f"alter database odd set {setting}")
    roll = opened(url, tmp_path / "home", "odd")
    assert [schema for schema, _ in debian.do(TABLES, database="odd")] == ["roll_odd"]
    assert file_one(again(roll), "o-1") == 4
    assert rebuild(roll, replace=False).differences == ()


@pytest.mark.parametrize("encoding", ["SQL_ASCII", "LATIN1"])
def test_a_database_that_cannot_hold_every_name_is_refused(debian: Cluster, tmp_path: Path, encoding: str) -> None:
    """A database in another encoding than UTF-8 is refused with the statement that makes one, and nothing is made."""
    name = encoding.lower()
    debian.do(
        f"create role {name} login createrole password '{PASSWORD}'",
        f"create database {name} owner {name} encoding '{encoding}' lc_collate 'C' lc_ctype 'C' template template0",
    )
    with pytest.raises(DatabaseUnfit, match="template template0"):
        opened(debian.url(name, name), tmp_path / "home", name)
    is_empty(debian, name, name)
    assert not (tmp_path / "home").exists()


def test_an_owner_who_may_not_make_roles_is_told_what_to_do_and_it_helps(debian: Cluster, tmp_path: Path) -> None:
    """Without CREATEROLE nothing is made; once the printed script was run, the roll opens and is served."""
    url = debian.owner("plain", may="")
    with pytest.raises(DatabaseUnfit, match="openroll database roles --sql"):
        opened(url, tmp_path / "home", "plain")
    is_empty(debian, "plain", "plain")
    script = role_script(Database(url, "plain"))
    assert script.rstrip().endswith("\\password roll_plain_runtime")
    statements = [line for line in script.splitlines() if not line.startswith("\\")]
    debian.do(*statements, f"alter role roll_plain_runtime password '{PASSWORD}'")
    roll = opened(url, tmp_path / "home", "plain", runtime_password=PASSWORD)
    assert file_one(again(roll, runtime_password=PASSWORD), "n-1") == 4


def test_another_owner_beside_opens_another_roll_and_not_the_same(debian: Cluster, tmp_path: Path) -> None:
    """Two owners keep rolls in one cluster; a second roll of a name that another owner's roles bear is refused in a sentence."""
    opened(debian.owner("first"), tmp_path / "h1", "twin")
    other = debian.owner("second")
    opened(other, tmp_path / "h2", "other-twin")
    # As the second owner sees it there is no such roll, but its roles are the first's.
    with pytest.raises(DatabaseUnfit, match="give the roll another name"):
        opened(other, tmp_path / "h3", "twin")
    assert not (tmp_path / "h3").exists()
    assert debian.do(TABLES, database="second")[0][0] == "roll_other_twin"


def test_what_serves_need_not_know_the_owner(debian: Cluster, tmp_path: Path) -> None:
    """A process whose DATABASE_URL names the server and no owner finds the roll and does its day's work."""
    roll = opened(debian.owner("apart"), tmp_path / "home", "apart")
    url = f"postgresql://127.0.0.1:{debian.port}/apart"
    assert file_one(again(roll, url), "s-1") == 4


def test_a_database_brought_back_elsewhere_lets_the_roll_in_again(debian: Cluster, tmp_path: Path) -> None:
    """Another password of the login is mended by `upgrade`; another seal by no command but `database reseal`, which says so."""
    roll = opened(debian.owner("back"), tmp_path / "home", "back")
    debian.do("alter role roll_back_runtime password 'another'")
    with pytest.raises(KeysWrong, match="openroll upgrade"):
        again(roll)
    upgrade_roll(Database(roll.database.url, roll.name), roll.home)
    assert file_one(again(roll), "b-0") == 4
    debian.do("update roll_back.wall set ipad = '', opad = ''", database="back")
    for refused in (lambda: again(roll), lambda: upgrade_roll(Database(roll.database.url, roll.name), roll.home)):
        with pytest.raises(KeysWrong, match="the keys given are not this roll's") as told:
            refused()
        assert "openroll upgrade" not in str(told.value)
    reseal(Database(roll.database.url, roll.name), roll.home)
    assert file_one(again(roll), "b-1") == 5


def migrated_to_0006(url: str, schema: str) -> None:
    """Make a schema as 768d606 did: its migrations up to 0006, word for word, under the shared roles."""
    with psycopg.connect(url, autocommit=True) as connection:
        present = {name for (name,) in connection.execute("select rolname from pg_roles")}
        for role in OLD:
            if role not in present:
                connection.execute(f"create role {role} nologin noinherit".encode())
            connection.execute(f"grant {role} to current_user".encode())
        connection.execute(f"create schema {schema}".encode())
        connection.execute(f"set search_path = {schema}".encode())
        connection.execute(f"grant usage on schema {schema} to {', '.join(OLD)}".encode())
        folder = Path(str(files("openroll.store") / "migrations" / "versions"))
        for path in sorted(folder.glob("000[1-6]_*.sql")):
            connection.execute(path.read_bytes())
        connection.execute("create table migration (version_num varchar(32) primary key)")
        connection.execute("insert into migration values ('0006')")


@pytest.mark.parametrize("where", ["private", "debian"])
def test_a_roll_of_before_is_upgraded_with_all_it_holds(
    where: str, request: pytest.FixtureRequest, debian: Cluster, tmp_path: Path
) -> None:
    """A roll with the schema 0006 says that it wants `upgrade`; then it has roles and modes of its own, its facts and log."""
    name = f"old{os.getpid()}"
    url = request.getfixturevalue("database_url") if where == "private" else debian.owner(f"{name}_{where}")
    roll = opened(url, tmp_path / "home", name)
    size = file_one(roll, "u-1")
    schema, kept = roll.database.schema, f"{roll.database.schema}_new"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"alter schema {schema} rename to {kept}".encode())
    migrated_to_0006(url, schema)
    with psycopg.connect(url) as connection:
        for table in (
            "event",
            "rule_version",
            "operator",
            "subscription",
            "placed",
            "tile",
            "bundle",
            "head",
        ):
            columns = _columns(connection, schema, table)
            now = columns.replace('"title_zh"', "title->>'zh'").replace('"title_en"', "title->>'en'")
            connection.execute(
                f"insert into {schema}.{table} ({columns}) overriding system value select {now} from {kept}.{table}".encode()
            )
        connection.execute(f"insert into {schema}.checkpoint select * from {kept}.checkpoint".encode())
        connection.execute(f"insert into {schema}.tally select * from {kept}.tally".encode())
        connection.execute(
            f"select setval('{schema}.record_number', (select last_value from {kept}.record_number))".encode()
        )
        connection.execute(f"alter table {schema}.event alter id restart with 1000".encode())
        connection.execute(f"drop schema {kept} cascade".encode())
        for role in ("runtime", "application", "operator", "subscriber", "registrar", "sequencer"):
            connection.execute(f"drop role {schema}_{role}".encode())
    roll.home.chmod(0o755)
    (roll.home / "ratchet").chmod(0o644)
    with pytest.raises(NoSuchRoll, match="openroll upgrade"):
        again(roll)
    database = Database(url, name)
    upgrade_roll(database, roll.home)
    upgrade_roll(database, roll.home)  # repeating it does nothing
    assert [oct(one.stat().st_mode & 0o777) for one in (roll.home, roll.home / "ratchet")] == ["0o700", "0o600"]
    assert again(roll).place == roll.place, "read from what ships, where none was kept"
    with psycopg.connect(url) as connection:  # its opening is today's, which says what the tables of then did not keep
        connection.execute(f"alter table {schema}.rule_version disable trigger append_only".encode())
        connection.execute(
            f"update {schema}.rule_version set jurisdiction = %s, bundle = %s".encode(),
            (places.full_name(roll.place), places.canonical(roll.place).decode()),
        )
        connection.execute(f"alter table {schema}.rule_version enable trigger append_only".encode())
    upgraded = again(roll)
    assert file_one(upgraded, "u-2") == size + 1
    assert rebuild(upgraded, replace=False).differences == ()
    with psycopg.connect(url) as connection:
        left = connection.execute(
            "select count(*) from pg_policies where schemaname = %s and roles && %s::name[]", (schema, list(OLD))
        ).fetchone()
        granted = connection.execute(
            "select count(*) from information_schema.role_table_grants where table_schema = %s and grantee = any(%s)",
            (schema, list(OLD)),
        ).fetchone()
    assert (left, granted) == ((0,), (0,))
    with upgraded.database.transaction("operator", organisation="west") as connection:
        assert connection.execute("select count(*) from subscription").fetchone() == (0,)


def _columns(connection: psycopg.Connection, schema: str, table: str) -> str:
    rows = connection.execute(
        "select column_name from information_schema.columns where table_schema = %s and table_name = %s",
        (schema, table),
    )
    return ", ".join(f'"{name}"' for (name,) in rows)
