"""Check a PostgreSQL connection before anything is written over it: settings, login, encoding, no transaction pooler.

A setting that is asked for in the startup packet may be dropped on the way: PgBouncer does so when told to ignore it, and
then tables would land in `public`. So every setting is made by a statement and read back, and a pooler that changes the server
under a connection, in which no setting and no lock stays, is found out and refused.
"""

from typing import Any

import psycopg
from psycopg import Connection
from psycopg.conninfo import make_conninfo

from openroll.store.waiting import waits_of

_SETTINGS = {
    "DateStyle": "ISO, YMD",
    "TimeZone": "UTC",
    "client_encoding": "UTF8",
    "standard_conforming_strings": "on",
    "bytea_output": "hex",
    "IntervalStyle": "postgres",
    "default_transaction_isolation": "read committed",
    "row_security": "on",
}
"""What the SQL here counts on, whatever the server, the database or the login was set to."""
_OLDEST = 150_000

_straight: dict[tuple[str, str, str], bool] = {}
"""Whether a server (host, port, database) keeps to a connection; asked once a process."""


class DatabaseUnfit(ValueError):
    """A roll cannot be kept in this database; the sentence says why and what to do."""


def settle(connection: Connection[Any], schema: str, *, runtime: bool = False) -> None:
    """Set a connection's settings and check that they hold. `runtime` insists on a login without privileges."""
    if connection.info.server_version < _OLDEST:
        raise DatabaseUnfit("this PostgreSQL is older than 15; a roll needs 15 or later")
    before, connection.autocommit = connection.autocommit, True
    waits = waits_of(connection.info.parameter_status("application_name") or "", runtime=runtime)
    wanted = _SETTINGS | {"search_path": f"{schema}, pg_temp"}
    wanted |= {"lock_timeout": waits.lock, "statement_timeout": waits.statement}
    wanted |= {"idle_in_transaction_session_timeout": waits.idle}
    made = ", ".join("set_config(%s, %s, false)" for _ in wanted)
    try:
        with connection.pipeline():
            connection.execute(f"select {made}", [word for pair in wanted.items() for word in pair])
            read = ", ".join("current_setting(%s)" for _ in wanted)
            row = connection.execute(
                f"select {read}, pg_backend_pid(), current_setting('server_encoding'), current_schema(), r.rolsuper or"
                " r.rolbypassrls or r.rolcreaterole or r.rolreplication, current_user, coalesce(has_schema_privilege("
                "to_regnamespace(%s), 'create'), false) from pg_roles r where r.rolname = current_user",
                [*wanted, schema],
            ).fetchone()
    except psycopg.errors.InvalidParameterValue as error:
        raise DatabaseUnfit(f"this server does not take a setting that a roll needs: {error}") from None
    finally:
        connection.autocommit = before
    assert row is not None  # noqa: S101 - everybody who is connected is a role
    row = tuple(one.decode() if isinstance(one, bytes) else one for one in row)  # bytes, where the server is SQL_ASCII
    values, (pid, encoding, current, strong, user, creates) = row[: len(wanted)], row[len(wanted) :]
    _refuse_pooler(connection, pid)
    if encoding != "UTF8":
        raise DatabaseUnfit(
            f"this database is encoded in {encoding}, which cannot hold every name: make one with"
            " `create database NAME encoding 'UTF8' template template0`"
        )
    lost = [f"{name} is {found!r}" for (name, want), found in zip(wanted.items(), values, strict=True) if found != want]
    if lost:
        raise DatabaseUnfit(
            f"settings of this connection do not hold ({', '.join(lost)}): what stands between drops them"
        )
    if runtime:
        _refuse_login(user, schema, current, too_much=strong or creates)


def _refuse_login(user: str, schema: str, current: str | None, *, too_much: bool) -> None:
    if too_much:
        raise DatabaseUnfit(
            f"the login {user} has privileges that what runs day by day must not have: superuser, bypassrls, createrole,"
            f" replication or the schema {schema}; `openroll upgrade` makes the roll's own"
        )
    if current != schema:
        raise DatabaseUnfit(f"the schema {schema} is not there, or not for {user}: `openroll upgrade`")


def _refuse_pooler(connection: Connection[Any], pid: int) -> None:
    """Refuse a pooler that gives the server away between transactions. One that keeps it is as good as none."""
    if connection.info.backend_pid == pid:
        return
    info = connection.info
    server = (info.host, str(info.port), info.dbname)
    if server not in _straight:
        _straight[server] = not _gives_away(connection)
    if not _straight[server]:
        raise DatabaseUnfit(
            "a pooler in transaction mode stands before this database: settings and locks do not stay with a connection there,"
            " and the log would stand still. Let DATABASE_URL name the server itself, or a pool in session mode"
        )


def _gives_away(first: Connection[Any]) -> bool:
    """Whether two connections come to use the same server process, one after the other: then neither has one of its own."""
    before, first.autocommit = first.autocommit, True
    try:
        address = make_conninfo(first.info.dsn, password=first.info.password)
        with psycopg.connect(address, autocommit=True) as second:
            for _ in range(3):
                mine = _process(first)
                with second.transaction():
                    if _process(second) == mine or _process(first) != mine:
                        return True
    except psycopg.Error:
        return True  # in statement mode there are no transactions at all
    finally:
        first.autocommit = before
    return False


def _process(connection: Connection[Any]) -> int:
    row = connection.execute("select pg_backend_pid()", prepare=False).fetchone()
    return int(row[0]) if row else 0
