"""The database as a second wall: what a session that acts for somebody can read, write and become, tried on real servers."""

import itertools
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest
from psycopg import Connection

from openroll.register.command import Actor
from openroll.service.filing.submit import Taken, take
from openroll.service.log.sequencer import Sequencer
from openroll.service.roll import Roll
from openroll.store.claims import Claims
from openroll.store.connect import assume
from openroll.store.roles import ACTING, role_of
from openroll.store.schema import drop
from tests.conftest import opened
from tests.handles import handle
from tests.service.cluster import cluster
from tests.service.filings import filing, submission_of

EVENT = (
    "insert into event (stream, version, name, role, organisation, at, day, salt, commitment, body) values"
    " ({stream}, {version}, '{name}', '{role}', '{organisation}', now(), current_date, sha256('a'), sha256('b'), '{{}}')"
)
_numbers = itertools.count()


class Standing:
    """A roll with a filing of each of two operators, and one of a subscriber's own with the first."""

    def __init__(self, url: str, home: Path) -> None:
        name = f"wall{os.getpid()}-{next(_numbers)}"
        self.roll = opened(url, home / name, name)
        self.east = self._filed(filing(handle=handle("a-1")), Actor("operator", "east"))
        self.west = self._filed(filing("west", handle("b-1")), Actor("operator", "west"))
        self.own = self._filed(filing(handle=""), Actor("subscriber"))
        Sequencer(self.roll).run_until_empty()

    def _filed(self, command: object, actor: Actor) -> int:
        with self.roll.database.open_runtime("test") as connection:
            connection.autocommit = True
            outcome = take(connection, [submission_of(command, actor)], self.roll, self.roll.clock())[0]  # type: ignore[arg-type] # as filings gives it
        assert isinstance(outcome, Taken), outcome
        return outcome.number

    def sql(self, text: str) -> str:
        """A statement with this roll's names and numbers in it."""
        schema = self.roll.database.schema
        for name, value in {"EAST": self.east, "WEST": self.west, "OWN": self.own, "SCHEMA": schema}.items():
            text = text.replace(name, str(value))
        return text


@pytest.fixture(scope="module", params=["private", "debian"])
def standing(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standing]:
    """The roll on the private server (PostgreSQL 18), and on Debian's 15 with an owner who is no superuser."""
    home = tmp_path_factory.mktemp("wall")
    if request.param == "private":
        url = request.getfixturevalue("database_url")
        made = Standing(url, home)
        yield made
        drop(url, made.roll.name)
        return
    with cluster(home) as debian:
        yield Standing(debian.owner("keeper"), home)


def tried(connection: Connection, statements: list[str]) -> list[tuple[object, ...]]:
    """What the last of these statements gives; raises what the database says against them."""
    for statement in statements:
        cursor = connection.execute(statement.encode())
    return cursor.fetchall() if cursor.description else [(cursor.rowcount,)]


def event(**given: object) -> str:
    """A statement that adds a fact."""
    whole = {"version": 2, "name": "subscription.ended/1", "role": "operator", "organisation": "east"} | given
    return EVENT.format(**whole)


NOTHING = [(0,)]
AS_OPERATOR = {
    "others' rows": ["select count(*) from subscription where operator <> 'east'"],
    "others' events": ["select count(*) from event where organisation <> 'east'"],
    "set the organisation": [
        "select set_config('openroll.organisation', 'west', true)",
        "select count(*) from subscription",
    ],
    "set who acts": [
        "select set_config('openroll.acts', 'registrar', true)",
        "set local role SCHEMA_registrar",
        "select count(*) from event",
    ],
    "reset the role": ["reset role", "select count(*) from subscription"],
    **{
        f"become the {role}": [f"set local role SCHEMA_{role}", "select count(*) from event"]
        for role in ACTING
        if role != "operator"
    },
    "sessions as the application": ["set local role SCHEMA_application", "select count(*) from session"],
    "tokens as the application": ["set local role SCHEMA_application", "select count(*) from token"],
    "write as the registrar": ["set local role SCHEMA_registrar", event(stream=0, version=99, role="registrar")],
    "write as the application": ["set local role SCHEMA_application", event(stream="EAST", role="registrar")],
    "rewrite a tile as the sequencer": ["set local role SCHEMA_sequencer", "update tile set data = ''"],
    "a tile as the sequencer": ["set local role SCHEMA_sequencer", "insert into tile values (0, 99, 1, '')"],
    "an official act": [event(stream=0, version=99, name="rule.published/1", role="registrar")],
    "an official name": [event(stream="EAST", name="rule.published/1")],
    "the roll's own record": [event(stream=0, version=99)],
    "another's record": [event(stream="WEST")],
    "another's name": [event(stream="WEST", organisation="west")],
    "as a subscriber": [event(stream="EAST", role="subscriber")],
    "a number nobody has yet": [event(stream=90_000_000, version=1)],
    "another's subscription": ["update subscription set district = '500105' where number = WEST"],
    "give a subscription away": ["update subscription set operator = 'west' where number = EAST"],
    "tokens": ["select count(*) from token"],
    "the key of seals": ["select count(*) from wall"],
    "change the key": ["insert into wall values ('', '')"],
    "move the numbers": ["select setval('record_number', 99999999999999)"],
    "move the numbers by our function": ["select advance_numbers(99999999999999)"],
    "turn a trigger off": ["alter table event disable trigger all"],
    "replicate": ["set session_replication_role = replica"],
    "drop a trigger": ["drop trigger append_only on event"],
    "rewrite a fact": ["update event set body = 'x' where stream = EAST"],
    "delete a fact": ["delete from event where stream = EAST"],
    "truncate": ["truncate event"],
    "turn security off": ["set local row_security = off", "select count(*) from event where organisation <> 'east'"],
    "own function": ["create function SCHEMA.acting() returns text language sql as 'select ''registrar'''"],
    "grant oneself": ["grant select on SCHEMA.token to SCHEMA_operator"],
    "a policy": ["drop policy operator_reads on SCHEMA.event"],
    "own the session": [
        "set session authorization SCHEMA_registrar",
        "select count(*) from event where role = 'registrar'",
    ],
    "a program": ["copy (select 1) to program 'id'"],
    "a file": ["select pg_read_file('/etc/passwd')"],
}


@pytest.mark.parametrize("way", AS_OPERATOR)
def test_an_operators_session_gains_nothing(standing: Standing, way: str) -> None:
    """Whatever a statement in an operator's session tries, the database refuses it or shows and changes no row."""
    statements = [standing.sql(one) for one in AS_OPERATOR[way]]
    before = facts(standing.roll)
    with (
        suppress(psycopg.DatabaseError),
        standing.roll.database.transaction("operator", organisation="east") as connection,
    ):
        assert tried(connection, statements) == NOTHING
        raise psycopg.Rollback
    assert facts(standing.roll) == before


def facts(roll: Roll) -> object:
    """How much there is, and the newest number, as the owner sees it."""
    with roll.database.open() as connection:
        return connection.execute("select (select count(*) from event), last_value from record_number").fetchone()


def test_the_operators_own_way_is_open(standing: Standing) -> None:
    """The wall lets an operator see and add to its own records, so that the ways above fail for their own reasons."""
    with standing.roll.database.transaction("operator", organisation="east") as connection:
        assert connection.execute("select count(*) from subscription").fetchone() == (2,)
        assert tried(connection, [standing.sql(event(stream="EAST"))]) == [(1,)]
        raise psycopg.Rollback


def test_temporary_tables_shadow_nothing(standing: Standing) -> None:
    """A temporary table named like ours is not taken for ours, nor by our functions, also in a later transaction."""
    database = standing.roll.database
    with database.open_runtime("test") as connection:
        connection.autocommit = True
        with connection.transaction():
            assume(connection, "operator", organisation="east")
            connection.execute("create temporary table subscription (number bigint)")
            connection.execute("create temporary table wall as select ''::bytea as ipad, ''::bytea as opad")
            connection.execute("set search_path = pg_temp, public")
            connection.execute("select set_config('search_path', 'pg_temp', false)")
        with connection.transaction():
            assume(connection, "operator", organisation="east")
            assert connection.execute("select count(*) from subscription").fetchone() == (2,)
            assert connection.execute("select acting()").fetchone() == ("operator",)


AS_SUBSCRIBER = {
    "another record": ["select count(*) from event where stream <> OWN"],
    "set the record": ["select set_config('openroll.record', 'WEST', true)", "select count(*) from event"],
    "another's stream": [event(stream="WEST", role="subscriber", organisation="")],
    "as the operator": [event(stream="OWN", role="operator")],
    "as the registrar": [event(stream="OWN", role="registrar")],
    "an official name": [event(stream="OWN", role="subscriber", name="rule.published/1")],
    "all subscriptions": ["select count(*) from subscription where number <> OWN"],
    "form keys of others": ["select count(*) from idempotency where number <> OWN"],
    "as an operator without a name": ["set local role SCHEMA_operator", "select count(*) from idempotency"],
}


@pytest.mark.parametrize("way", AS_SUBSCRIBER)
def test_a_subscribers_session_stays_with_its_record(standing: Standing, way: str) -> None:
    """Whatever a statement in a subscriber's session tries, it sees and changes the one record alone."""
    statements = [standing.sql(one) for one in AS_SUBSCRIBER[way]]
    with (
        suppress(psycopg.DatabaseError),
        standing.roll.database.transaction("subscriber", record=standing.own) as connection,
    ):
        assert tried(connection, statements) == NOTHING
        raise psycopg.Rollback


def test_a_seal_of_another_roll_or_for_others_opens_nothing(standing: Standing) -> None:
    """A seal that was made with another key, or is not a seal at all, shows an empty register."""
    database = standing.roll.database
    for seal in (Claims(b"another").seal("registrar", "", ""), "", "00" * 32, "x' or true --"):
        with database.open_runtime("test") as connection:
            connection.execute("select set_config('role', %s, true)", (role_of(database.schema, "registrar"),))
            connection.execute(
                "select set_config('openroll.acts', 'registrar', true), set_config('openroll.organisation', '', true),"
                " set_config('openroll.record', '', true), set_config('openroll.seal', %s, true)",
                (seal,),
            )
            assert connection.execute("select count(*) from event").fetchone() == (0,)


def test_what_runs_day_by_day_owns_nothing_and_has_no_privilege(standing: Standing) -> None:
    """The runtime login is no superuser, owns no table, and without a claim may not even read one."""
    database = standing.roll.database
    with database.own() as connection:
        row = connection.execute(
            "select rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls from pg_roles where rolname = session_user"
        ).fetchone()
        assert row == (False,) * 5
        owned = (
            "select count(*) from pg_class where pg_has_role(session_user, relowner, 'member') and relname = 'event'"
        )
        assert connection.execute(owned).fetchone() == (0,)
    with database.open_runtime("test") as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("select count(*) from event")


def test_every_table_has_its_wall_and_every_trigger_stands(standing: Standing) -> None:
    """No table is without policies, no trigger can be turned off by a setting, and no function looks into other schemas."""
    with standing.roll.database.open() as connection:
        bare = connection.execute(
            "select relname from pg_class where relnamespace = current_schema()::regnamespace and relkind = 'r' and not"
            " relrowsecurity order by 1"
        ).fetchall()
        assert bare == [("migration",), ("wall",)]
        triggers = connection.execute(
            "select distinct tgenabled from pg_trigger t join pg_class c on c.oid = tgrelid"
            " where c.relnamespace = current_schema()::regnamespace and not tgisinternal"
        ).fetchall()
        assert triggers == [("A",)]
        paths = "select proconfig from pg_proc where pronamespace = current_schema()::regnamespace"
        want = [f"search_path=pg_catalog, {standing.roll.database.schema}, pg_temp"]
        said = {one for (config,) in connection.execute(paths) for one in (config or [""])}
        assert said - {"enable_seqscan=off", "plan_cache_mode=force_generic_plan"} == set(want)  # how, and never what
        assert all(config and config[0] == want[0] for (config,) in connection.execute(paths))


def test_a_login_of_one_roll_is_nobody_in_another(standing: Standing, tmp_path: Path) -> None:
    """Roles are each roll's own: the login of one can neither take on another's roles nor read its events."""
    url, other = standing.roll.database.url, f"other{os.getpid()}"
    beside = opened(url, tmp_path / other, other)
    try:
        for role in (*ACTING, "runtime"):
            with beside.database.own() as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(f"set role {role_of(standing.roll.database.schema, role)}".encode())
        with beside.database.own() as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(f"select count(*) from {standing.roll.database.schema}.event".encode())
    finally:
        drop(url, other)
