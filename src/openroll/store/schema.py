"""Create and migrate a roll's PostgreSQL schema, its database roles, and its row-level security."""

import re
from collections.abc import Sequence
from contextlib import suppress
from importlib.resources import as_file, files
from typing import Any

import psycopg
from psycopg import Connection, sql

from openroll.store.claims import Claims
from openroll.store.roles import ACTING, OLD, RUNTIME, role_of, schema_of
from openroll.store.settle import DatabaseUnfit, settle

__all__ = [
    "NEWEST",
    "DatabaseUnfit",
    "check",
    "drop",
    "drop_old_roles",
    "is_current",
    "is_sealed",
    "is_there",
    "make_roles",
    "migrate",
    "role_script",
    "schema_of",
    "seal_with",
    "sealed_by_another",
]

_POLITE, _GIVES_WAY = 50, "300ms"
_IN_THE_WAY = (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected)
"""Raising the wall takes every table in its turn from who may have some already and want another: servers that run meanwhile.

So it lets go of all of them and begins again, so many times, well before PostgreSQL looks for a deadlock (a second) and ends the
transaction of one of the two.
"""

NEWEST = "0044"
"""The newest revision under migrations/versions: what a roll must stand at to be served."""


def is_current(url: str, roll: str) -> bool:
    """Whether the roll's schema has its newest shape. Raises UndefinedTable where there is no such roll."""
    query = sql.SQL("select version_num from {}.migration").format(sql.Identifier(schema_of(roll)))
    with psycopg.connect(url) as connection:
        row = connection.execute(query).fetchone()
    return row is not None and row[0] == NEWEST


def is_there(url: str, roll: str) -> bool:
    """Whether a roll of this name stands in this database already, open or not."""
    with psycopg.connect(url) as connection:
        row = connection.execute("select to_regnamespace(%s) is not null", (schema_of(roll),)).fetchone()
    return bool(row and row[0])


def drop(url: str, roll: str) -> None:
    """Take a roll's schema away, as when its making broke off. Danger: every fact of the roll in this database goes.

    Its roles go with it, unless a roll of the same name in another database of the cluster has them too.
    """
    schema = schema_of(roll)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL("drop schema if exists {} cascade").format(sql.Identifier(schema)))
        for role in (RUNTIME, *ACTING):
            _drop_role(connection, role_of(schema, role))


def _drop_role(connection: Connection[Any], name: str) -> None:
    # It may be another roll's still, or made by somebody else.
    with suppress(psycopg.DatabaseError):
        connection.execute(sql.SQL("drop role if exists {}").format(sql.Identifier(name)))


def migrate(url: str, roll: str, revision: str = "head") -> None:
    """Bring the roll's schema to the newest shape, or to that of an older `revision`; creates it when it is not there.

    Repeating it does nothing. Raises DatabaseUnfit, with what to do, where the database or its login cannot keep a roll.
    """
    schema = schema_of(roll)
    make_roles(url, roll)
    with psycopg.connect(url) as connection:
        connection.execute(sql.SQL("create schema if not exists {}").format(sql.Identifier(schema)))
        grant = sql.SQL("grant usage on schema {} to {}").format(
            sql.Identifier(schema), _listed(schema, (RUNTIME, *ACTING))
        )
        connection.execute(grant)
    _upgrade(url, schema, revision)
    if revision == "head":
        _raise_wall(url, schema)


def check(url: str, roll: str) -> None:
    """Raise DatabaseUnfit when a roll cannot be made in this database; change nothing."""
    schema = schema_of(roll)
    with psycopg.connect(url) as connection:
        settle(connection, schema)
        row = connection.execute(
            "select r.rolsuper or r.rolcreaterole, has_database_privilege(current_database(), 'create'), current_user"
            " from pg_roles r where r.rolname = current_user"
        ).fetchone()
        present = _present(connection, schema)
    may_make, may_create, user = row or (False, False, "")
    if not may_create:
        raise DatabaseUnfit(f"{user} may not make a schema in this database: `grant create on database NAME to {user}`")
        _refuse_others_roles(connection, present)
    if not may_make and len(present) < len(ACTING) + 1:
        raise DatabaseUnfit(_by_hand(user))


def _by_hand(user: str) -> str:
    return (
        f"{user} may not make database roles: whoever keeps the server gives it CREATEROLE, or runs what `openroll database roles"
        " --sql` prints"
    )


def make_roles(url: str, roll: str, *, old: bool = False) -> None:
    """Create the roll's database roles where they are missing. Repeating it does nothing.

    `old` creates those too that all rolls of a cluster shared once: a dump of then names them.
    """
    try:
        _make_roles(url, schema_of(roll), old=old)
    except (psycopg.errors.DuplicateObject, psycopg.errors.UniqueViolation):
        _make_roles(url, schema_of(roll), old=old)  # another first set-up has just made some: it is done with them now


def _make_roles(url: str, schema: str, *, old: bool) -> None:
    with psycopg.connect(url) as connection:
        settle(connection, schema)
        present = _present(connection, schema)
        _refuse_others_roles(connection, present)
        try:
            for statement in _missing_roles(schema, present):
                connection.execute(statement)
            if old:
                for name in OLD:
                    _make_old(connection, name)
        except psycopg.errors.InsufficientPrivilege as error:
            said = str(error).splitlines()[0]
            raise DatabaseUnfit(f"the roll's roles cannot be made ({said}). {_by_hand(connection.info.user)}") from None


def drop_old_roles(url: str) -> None:
    """Take the roles away that all rolls of a cluster shared once, as soon as no roll uses them any more."""
    with psycopg.connect(url, autocommit=True) as connection:
        for name in OLD:
            _drop_role(connection, name)


def _make_old(connection: Connection[Any], name: str) -> None:
    row = connection.execute("select to_regrole(%s) is null", (name,)).fetchone()
    if row and row[0]:
        connection.execute(sql.SQL("create role {} nologin noinherit").format(sql.Identifier(name)))


def _present(connection: Connection[Any], schema: str) -> set[str]:
    rows = connection.execute("select rolname from pg_roles where starts_with(rolname, %s)", (f"{schema}_",)).fetchall()
    return {name for (name,) in rows} & {role_of(schema, role) for role in (RUNTIME, *ACTING)}


def _refuse_others_roles(connection: Connection[Any], present: set[str]) -> None:
    """Roles belong to the whole cluster: those that another owner's roll bears in another database are not ours to use."""
    rows = connection.execute(
        "select rolname from pg_roles where rolname = any(%s) and not rolcanlogin and not pg_has_role(oid, 'member')",
        (sorted(present),),
    ).fetchall()
    if rows:
        raise DatabaseUnfit(
            f"the database role {rows[0][0]} is another owner's, for a roll of the same name in this cluster: give the roll"
            " another name"
        )


def _missing_roles(schema: str, present: set[str]) -> list[sql.Composed]:
    """The statements that make what is missing; the owner may take on the acting roles, for repairs."""
    runtime, statements = role_of(schema, RUNTIME), []
    if runtime not in present:
        made = "create role {} login noinherit nosuperuser nocreatedb nocreaterole noreplication nobypassrls"
        statements.append(sql.SQL(made).format(sql.Identifier(runtime)))
    for role in ACTING:
        name = role_of(schema, role)
        if name not in present:
            statements.append(sql.SQL("create role {} nologin noinherit").format(sql.Identifier(name)))
        if name not in present or runtime not in present:
            statements.append(sql.SQL("grant {} to {}").format(sql.Identifier(name), sql.Identifier(runtime)))
            statements.append(sql.SQL("grant {} to current_user").format(sql.Identifier(name)))
    return statements


def roles_there(url: str, roll: str) -> dict[str, bool]:
    """The roll's database roles by name, and whether they are there."""
    schema = schema_of(roll)
    with psycopg.connect(url) as connection:
        present = _present(connection, schema)
    return {name: name in present for name in (role_of(schema, role) for role in (RUNTIME, *ACTING))}


def role_script(roll: str, owner: str) -> str:
    """SQL for whoever keeps the server, where the roll's owner may not make roles; psql asks for the login's password."""
    schema = schema_of(roll)
    lines = [
        statement.as_string(None).replace("current_user", f'"{owner}"') for statement in _missing_roles(schema, set())
    ]
    return "".join(f"{line};\n" for line in lines) + f"\\password {role_of(schema, RUNTIME)}\n"


def seal_with(url: str, roll: str, claims: Claims) -> None:
    """Give the database the key that claims are sealed with, and the runtime login its password. As the owner."""
    schema = schema_of(roll)
    with psycopg.connect(url) as connection:
        settle(connection, schema)
        connection.execute("delete from wall")
        connection.execute("insert into wall (ipad, opad) values (%b, %b)", claims.pads)
        connection.commit()
        runtime = role_of(schema, RUNTIME)
        verifier = connection.pgconn.encrypt_password(claims.password.encode(), runtime.encode(), b"scram-sha-256")
        query = sql.SQL("alter role {} password {}").format(sql.Identifier(runtime), sql.Literal(verifier.decode()))
        try:
            connection.execute(query)
        except psycopg.errors.InsufficientPrivilege:
            connection.rollback()  # whoever made the login gave it one (OPENROLL_RUNTIME_PASSWORD)


def is_sealed(url: str, roll: str) -> bool:
    """Whether the roll's claims are sealed with any key yet. As the owner."""
    return bool(_pads(url, roll))


def sealed_by_another(url: str, roll: str, claims: Claims) -> bool:
    """Whether the roll's claims are sealed with another key than this; not where they have none yet. As the owner."""
    return any(pads != claims.pads for pads in _pads(url, roll))


def _pads(url: str, roll: str) -> list[tuple[bytes, bytes]]:
    query = sql.SQL("select ipad, opad from {}.wall").format(sql.Identifier(schema_of(roll)))
    try:
        with psycopg.connect(url) as connection:
            return [(bytes(inner), bytes(outer)) for inner, outer in connection.execute(query)]
    except psycopg.errors.UndefinedTable:
        return []  # of before there was a seal


def _listed(schema: str, roles: Sequence[str]) -> sql.Composed:
    return sql.SQL(", ").join(sql.Identifier(role_of(schema, role)) for role in roles)


class _Migrating(Connection[Any]):
    """Gives each roll's own roles to the SQL of migrations, which names them `openroll_operator` and so on."""

    schema = ""

    def execute(self, query: Any, *given: Any, **named: Any) -> Any:
        """As ever, with the names of roles put in."""
        if isinstance(query, str):
            pattern = rf"\bopenroll_({'|'.join((*ACTING, RUNTIME))})\b"
            query = re.sub(pattern, lambda found: role_of(self.schema, found[1]), query)
        return super().execute(query, *given, **named)


def _connected(url: str, schema: str) -> _Migrating:
    connection = _Migrating.connect(url)
    connection.schema = schema
    settle(connection, schema)
    row = connection.execute("select current_schema()").fetchone()
    connection.commit()
    if row is None or row[0] != schema:
        connection.close()
        raise DatabaseUnfit(f"the tables would not land in {schema} but in {row and row[0]}: nothing was made")
    return connection


def _upgrade(url: str, schema: str, revision: str) -> None:
    # Here, not above: every command opens this file, few migrate, and these three take longer to read than all of ours.
    import sqlalchemy  # noqa: PLC0415 - seconds to load, for who migrates alone
    from alembic import command  # noqa: PLC0415 - as above
    from alembic.config import Config  # noqa: PLC0415 - as above

    engine = sqlalchemy.create_engine("postgresql+psycopg://", creator=lambda: _connected(url, schema))
    config = Config()
    with as_file(files("openroll.store") / "migrations") as scripts, engine.connect() as connection:
        config.set_main_option("script_location", str(scripts))
        config.attributes.update(connection=connection, schema=schema)
        command.upgrade(config, revision)
        connection.commit()
    engine.dispose()


def _raise_wall(url: str, schema: str) -> None:
    text = (files("openroll.store") / "wall.sql").read_text(encoding="utf-8")
    with _connected(url, schema) as connection:
        for _ in range(_POLITE):
            with suppress(*_IN_THE_WAY), connection.transaction():
                Connection.execute(connection, "select set_config('lock_timeout', %s, true)", (_GIVES_WAY,))
                Connection.execute(connection, text.encode())
                break
        else:
            Connection.execute(connection, text.encode())
    drop_old_roles(url)
