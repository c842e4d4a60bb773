"""A dump brought back: its rows, into tables that our own migrations made. Nothing that a dump brings is run.

A backup lies where others may put another, and a database may be kept by somebody else: a function in a check, a trigger or a
table's statement would act here as whoever loads it. What Openroll does not make is refused by name.
"""

import re

import psycopg

from openroll.store import dump_contents, schema
from openroll.store.dump_contents import Pieces, Strange
from openroll.store.postgres_tools import client_tool, server_of

_REVISION = re.compile(r"[0-9]{4}")
_NAMED = 5


class CannotRestore(Exception):
    """Nothing was brought back; the sentence says why, and what to do."""


def load_rows(url: str, roll: str, pieces: Pieces, *, leave_out: bool = False) -> str:
    """Make the roll's schema behind `url` in the shape that the dump's tables have, and load its rows; that shape's revision.

    `leave_out` loads it although there is something in it that Openroll does not make: that stays out, as ever. Raises
    CannotRestore, ToolFailed, FileNotFoundError and what `pieces` raises, and leaves no schema behind then.
    """
    name, server = schema.schema_of(roll), server_of(url)
    if schema.is_there(url, roll):
        raise CannotRestore(f"a roll {roll} stands in this database already: bring the dump back into another one")
    program = client_tool("pg_restore", server)
    there = dump_contents.entries(program, pieces)
    revision = dump_contents.revision(program, pieces, name)
    if not _REVISION.fullmatch(revision):
        raise CannotRestore(f"the roll {roll} is not in it: it holds no tables of the schema {name}")
    if revision > schema.NEWEST:
        raise CannotRestore(
            f"it was made by a newer Openroll (tables of {revision}, here {schema.NEWEST}): use that one"
        )
    try:
        older = revision < schema.NEWEST
        schema.migrate(url, roll, revision if older else "head")
        strange = dump_contents.others(there, dump_contents.entries_of_schema(server, name), older=older)
        if strange and not leave_out:
            raise CannotRestore(_strange(strange))
        with psycopg.connect(url, options=f"-c search_path={name},pg_temp") as connection:
            dump_contents.load(connection, program, pieces, name)
    except (Strange, psycopg.DataError, psycopg.IntegrityError, psycopg.ProgrammingError) as error:
        schema.drop(url, roll)
        raise CannotRestore(str(error).partition("\n")[0]) from error
    except BaseException:
        schema.drop(url, roll)
        raise
    return revision


def _strange(found: list[str]) -> str:
    more = f" and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
    return (
        f"it brings what Openroll does not make: {', '.join(found[:_NAMED])}{more}. None of it is ever loaded or run. Find out"
        " who put it there; `openroll restore --leave-out` brings back the roll without it"
    )
