"""What a dump holds, as pg_restore reads it out: its list and the rows of its tables. No statement of a dump is ever run.

An archive of pg_dump is a program: whatever its statements say is done by whoever loads it, be it a function in a check or the
very line that says which table rows are for. So pg_restore writes it out as text and is connected to no server; of that text
the rows alone are taken, into tables that are there, by statements of ours.
"""

import os
import re
import subprocess
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

from psycopg import Connection, sql

from openroll.store.postgres_tools import Server, ToolFailed, address, clean, client_tool, server_of
from openroll.store.unwatched import unwatched

Pieces = Callable[[], Iterable[bytes]]
"""The bytes of a dump (custom format), from its beginning each time it is called."""

_HARMLESS = frozenset({"ACL", "DEFAULT ACL", "COMMENT", "STATISTICS DATA", "SECURITY LABEL"})
"""Of a list: rights, words and statistics, which are not loaded either and are nothing to name."""
_KINDS_OF_THE_WALL = ("FUNCTION ", "POLICY ", "ROW SECURITY ", "TRIGGER ")

_WORD = rb'(?:[a-z_][a-z0-9_]*|"[a-z_][a-z0-9_]*")'
_COPY = re.compile(rb"COPY (%s)\.(%s) \((%s(?:, %s)*)\) FROM stdin;" % (_WORD, _WORD, _WORD, _WORD))
_SETVAL = re.compile(rb"SELECT pg_catalog\.setval\('(%s)\.(%s)', ([0-9]{1,19}), (true|false)\);" % (_WORD, _WORD))
_END = b"\n\\.\n"


class Strange(Exception):
    """A dump holds what no roll of Openroll does; the sentence names it."""


def entries(program: str, pieces: Pieces) -> frozenset[str]:
    """What a dump says it holds: the kind and name of everything in it but rights, comments and statistics. Raises ToolFailed."""
    with _written([program, "--list"], pieces) as said:
        text = b"".join(said).decode("utf-8", "replace")
    return frozenset(filter(None, map(_entry, text.splitlines())))


def _entry(line: str) -> str:
    """Of `215; 1259 16400 TABLE roll_east event keeper` what it is and how it is called: without numbers and owner."""
    parts = line.split(" ", 3)
    if line.startswith(";") or len(parts) < 4:
        return ""
    what = parts[3].rpartition(" ")[0]
    return "" if any(what.startswith(f"{kind} ") for kind in _HARMLESS) else what


def entries_of_schema(server: Server, schema: str) -> frozenset[str]:
    """The same of a schema as it stands on a server, as its pg_dump lists it."""
    where, environment = address(server)
    arguments = [client_tool("pg_dump", server), "--dbname", where, "--schema", schema, "--format", "custom"]
    arguments += ["--schema-only", "--no-password"]
    done = subprocess.run(arguments, capture_output=True, check=False, env=environment)  # noqa: S603 - PostgreSQL's own program
    if done.returncode:
        raise ToolFailed(f"pg_dump failed: {done.stderr.decode(errors='replace').strip()}")
    found = entries(client_tool("pg_restore", server), lambda: [done.stdout])
    rows = {f"TABLE DATA{one.removeprefix('TABLE')}" for one in found if one.startswith("TABLE ")}
    sets = {f"SEQUENCE SET{one.removeprefix('SEQUENCE')}" for one in found if one.startswith("SEQUENCE ")}
    return found | rows | sets


def dump_to(url: str, schema: str, path: Path) -> None:
    """Write a schema as a dump (custom format) to a file. Raises ToolFailed or FileNotFoundError."""
    server = server_of(url)
    where, environment = address(server)
    arguments = [client_tool("pg_dump", server), "--dbname", where, "--schema", schema, "--format", "custom"]
    arguments += ["--compress", "0", "--no-owner", "--strict-names", "--no-password", "--file", str(path)]
    done = subprocess.run(arguments, capture_output=True, check=False, env=environment)  # noqa: S603 - PostgreSQL's own program
    if done.returncode:
        raise ToolFailed(f"pg_dump failed: {done.stderr.decode(errors='replace').strip()}")


def others(there: Iterable[str], own: frozenset[str], *, older: bool) -> list[str]:
    """What is in a dump's list and not in Openroll's own, by name.

    The wall around the tables of an `older` roll was another: its functions and policies are not compared.
    """
    return sorted(one for one in set(there) - own if not (older and one.startswith(_KINDS_OF_THE_WALL)))


def revision(program: str, pieces: Pieces, schema: str) -> str:
    """The shape of the tables in a dump: the newest migration they went through; empty where it does not say."""
    arguments = [program, "--data-only", "--schema", schema, "--table", "migration", "--file", "-"]
    with _written(arguments, pieces) as said:
        for table, _, rows in _Script(said).tables(schema):
            value = b"".join(rows).decode("utf-8", "replace").strip()
            if table == "migration":
                return value
    return ""


def load(connection: Connection, program: str, pieces: Pieces, schema: str) -> None:
    """Load the rows of a dump into the tables of a schema, in place of what is in them, and set its sequences.

    In one transaction, as the tables' owner; without triggers and foreign keys, which are as they were afterwards. Raises
    Strange for rows of a table that is not there, ToolFailed, and what `pieces` raises.
    """
    arguments = [program, "--data-only", "--schema", schema, "--file", "-"]
    with connection.transaction(), unwatched(connection), _written(arguments, pieces) as said:
        tables, script = _emptied(connection), _Script(said)
        for table, columns, rows in script.tables(schema):
            if table == "migration":
                for _ in rows:
                    pass  # our own migrations said it
                continue
            if table not in tables:
                raise Strange(f"it brings rows for a table {table}, which no roll has")
            query = sql.SQL("copy {} ({}) from stdin").format(
                sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
            )
            with connection.cursor() as cursor, cursor.copy(query) as copy:
                for piece in rows:
                    copy.write(piece)
        _set_sequences(connection, script.sequences)


def _set_sequences(connection: Connection, sequences: Sequence[tuple[str, int, bool]]) -> None:
    there = {
        name
        for (name,) in connection.execute(
            "select relname from pg_class where relkind = 'S' and relnamespace = current_schema()::regnamespace"
        )
    }
    for name, last, called in sequences:
        if name not in there:
            raise Strange(f"it sets a sequence {name}, which no roll has")
        connection.execute("select setval(%s::regclass, %s, %s)", (f'"{name}"', last, called))


def _emptied(connection: Connection) -> frozenset[str]:
    """The tables of the schema, emptied but for `migration`."""
    tables = frozenset(
        name
        for (name,) in connection.execute(
            "select relname from pg_class where relkind = 'r' and relnamespace = current_schema()::regnamespace"
        )
    )
    emptied = sql.SQL(", ").join(map(sql.Identifier, sorted(tables - {"migration"})))
    connection.execute(sql.SQL("truncate {}").format(emptied))
    return tables


class _Script:
    """The text that pg_restore writes of a dump's rows: tables with their rows, and sequences; of the rest nothing is taken."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._held = b""
        self.sequences: list[tuple[str, int, bool]] = []

    def tables(self, schema: str) -> Iterator[tuple[str, list[str], Iterator[bytes]]]:
        """Each table by name, with its columns and its rows as COPY takes them. The rows are read before the next."""
        while (line := self._line()) is not None:
            if (found := _SETVAL.fullmatch(line)) is not None and _name(found[1]) == schema:
                self.sequences.append((_name(found[2]), int(found[3]), found[4] == b"true"))
            if not line.startswith(b"COPY "):
                continue
            found = _COPY.fullmatch(line)
            if found is None or _name(found[1]) != schema:
                raise Strange(
                    f"it brings rows in a way that pg_dump does not: {line[:80].decode('ascii', 'replace')!r}"
                )
            rows = self._rows()
            yield _name(found[2]), [_name(one) for one in found[3].split(b", ")], rows
            for _ in rows:
                pass

    def _more(self) -> bool:
        piece = next(self._pieces, b"")
        self._held += piece
        return bool(piece)

    def _line(self) -> bytes | None:
        while b"\n" not in self._held:
            if not self._more():
                return None
        line, _, self._held = self._held.partition(b"\n")
        return line

    def _rows(self) -> Iterator[bytes]:
        while len(self._held) < 3 and self._more():
            pass
        if self._held.startswith(_END[1:]):
            self._held = self._held[3:]
            return
        while (end := self._held.find(_END)) < 0:
            if len(self._held) > 3:
                yield self._held[:-3]
                self._held = self._held[-3:]
            if not self._more():
                raise Strange("its rows break off")
        yield self._held[: end + 1]
        self._held = self._held[end + len(_END) :]


def _name(word: bytes) -> str:
    return word.strip(b'"').decode("ascii")


@contextmanager
def _written(arguments: Sequence[str], pieces: Pieces) -> Iterator[Iterator[bytes]]:
    """What pg_restore writes about a dump that it is given. All of the dump is read, however early pg_restore has enough."""
    failed: list[BaseException] = []
    with subprocess.Popen(  # noqa: S603 - PostgreSQL's own program
        arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=clean()
    ) as process:
        errors: list[bytes] = []
        feeding = threading.Thread(target=_feed, args=(process, pieces, failed), daemon=True)
        hearing = threading.Thread(target=_hear, args=(process, errors), daemon=True)
        feeding.start()
        hearing.start()
        assert process.stdout is not None  # noqa: S101 - it was asked for
        said = partial(os.read, process.stdout.fileno(), 1 << 20)
        try:
            yield iter(said, b"")
            while said():
                pass
        except BaseException as error:
            process.kill()
            feeding.join()
            if failed and isinstance(error, Strange):
                raise failed[0] from None  # it breaks off because what it comes from does
            raise
        finally:
            feeding.join()
            hearing.join()
        if failed:
            raise failed[0]
        if process.wait():
            raise ToolFailed(f"pg_restore cannot read it: {b''.join(errors).decode('utf-8', 'replace').strip()[-300:]}")


def _hear(process: "subprocess.Popen[bytes]", errors: list[bytes]) -> None:
    assert process.stderr is not None  # noqa: S101 - it was asked for
    errors.append(process.stderr.read())


def _feed(process: "subprocess.Popen[bytes]", pieces: Pieces, failed: list[BaseException]) -> None:
    assert process.stdin is not None  # noqa: S101 - it was asked for
    try:
        gone = False
        for piece in pieces():
            if not gone:
                try:
                    process.stdin.write(piece)
                except BrokenPipeError:
                    gone = True  # it has read what it wants; what is left is still held against its digests
    except BaseException as error:  # raised where the answer is awaited
        failed.append(error)
        process.kill()
    finally:
        with suppress(BrokenPipeError):
            process.stdin.close()
