"""A roll's schema: its name, its database roles and its migrations."""

from importlib.resources import as_file, files

import psycopg
from psycopg import sql

ROLES = ("openroll_operator", "openroll_subscriber", "openroll_registrar", "openroll_sequencer")
"""Database roles without login. Row-level security holds each to its own rows; the login role takes one on."""

_ROLES_LOCK = 0x6F70656E726F6C6C  # "openroll": two first set-ups at once must not both create the roles


NEWEST = "0008"
"""The newest revision under migrations/versions: what a roll must stand at to be served."""


def is_current(url: str, roll: str) -> bool:
    """Whether the roll's schema has its newest shape."""
    query = sql.SQL("select version_num from {}.migration").format(sql.Identifier(schema_of(roll)))
    with psycopg.connect(url) as connection:
        row = connection.execute(query).fetchone()
    return row is not None and row[0] == NEWEST


def schema_of(roll: str) -> str:
    """The schema a roll lives in: one roll, one schema, so that it moves to another node whole."""
    return "roll_" + roll.replace("-", "_")


def is_there(url: str, roll: str) -> bool:
    """Whether a roll of this name stands in this database already, open or not."""
    with psycopg.connect(url) as connection:
        row = connection.execute("select to_regnamespace(%s) is not null", (schema_of(roll),)).fetchone()
    return bool(row and row[0])


def drop(url: str, roll: str) -> None:
    """Take a roll's schema away, as when its making broke off. Danger: every fact of the roll in this database goes."""
    with psycopg.connect(url) as connection:
        connection.execute(sql.SQL("drop schema if exists {} cascade").format(sql.Identifier(schema_of(roll))))


def migrate(url: str, roll: str, revision: str = "head") -> None:
    """Bring the roll's schema to the newest shape, or to that of an older `revision`; creates it when it is not there.

    Repeating it does nothing.
    """
    schema = schema_of(roll)
    with psycopg.connect(url) as connection:
        connection.execute("select pg_advisory_xact_lock(%s)", (_ROLES_LOCK,))
        _make_roles(connection)
        connection.execute(sql.SQL("create schema if not exists {}").format(sql.Identifier(schema)))
        for role in ROLES:
            _grant_schema(connection, schema, role)
    _upgrade(url, schema, revision)


def make_roles(url: str) -> None:
    """Create the database roles of rolls where they are missing. Repeating it does nothing."""
    with psycopg.connect(url) as connection:
        connection.execute("select pg_advisory_xact_lock(%s)", (_ROLES_LOCK,))
        _make_roles(connection)


def _make_roles(connection: psycopg.Connection) -> None:
    present = {name for (name,) in connection.execute("select rolname from pg_roles")}
    for role in ROLES:
        if role not in present:
            connection.execute(sql.SQL("create role {} nologin noinherit").format(sql.Identifier(role)))
            connection.execute(sql.SQL("grant {} to current_user").format(sql.Identifier(role)))


def _grant_schema(connection: psycopg.Connection, schema: str, role: str) -> None:
    statement = sql.SQL("grant usage on schema {} to {}").format(sql.Identifier(schema), sql.Identifier(role))
    connection.execute(statement)


def _upgrade(url: str, schema: str, revision: str) -> None:
    # Here, not above: every command opens this file, few migrate, and these three take longer to read than all of ours.
    import sqlalchemy  # noqa: PLC0415 - seconds to load, for who migrates alone
    from alembic import command  # noqa: PLC0415 - as above
    from alembic.config import Config  # noqa: PLC0415 - as above

    engine = sqlalchemy.create_engine(
        "postgresql+psycopg://", creator=lambda: psycopg.connect(url, options=f"-c search_path={schema}")
    )
    config = Config()
    with as_file(files("openroll.store") / "migrations") as scripts, engine.connect() as connection:
        config.set_main_option("script_location", str(scripts))
        config.attributes.update(connection=connection, schema=schema)
        command.upgrade(config, revision)
        connection.commit()
    engine.dispose()
