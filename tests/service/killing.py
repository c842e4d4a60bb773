"""A connection that is killed at a chosen step of a use case: before a statement, before a commit, or after one."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from psycopg import Connection, Cursor

from openroll.store.connect import RollConnection


class Killed(psycopg.OperationalError):
    """The connection broke off here."""


class Killer:
    """Counts the statements and commits of this thread while a use case runs, and breaks the connection at one of them."""

    def __init__(self) -> None:
        self._left: int | None = None
        self._thread = 0

    @contextmanager
    def at(self, step: int | None) -> Iterator[None]:
        """Kill at so many steps from now on; never, where it is None."""
        self._left, self._thread = step, threading.get_ident()
        try:
            yield
        finally:
            self._left = None

    def step(self, connection: Connection[Any]) -> None:
        """One more step: break off, if this is the one."""
        if self._left is None or self._thread != threading.get_ident():
            return
        self._left -= 1
        if self._left < 0:
            self._left = None
            connection.close()
            raise Killed("the connection broke off")


@contextmanager
def killing() -> Iterator[Killer]:
    """Have every connection of rolls go through a killer, as long as this stands."""
    killer = Killer()
    execute, copy, command = Cursor.execute, Cursor.copy, Connection._exec_command

    def counted_execute(self: Cursor[Any], *args: Any, **given: Any) -> Cursor[Any]:
        if isinstance(self.connection, RollConnection):
            killer.step(self.connection)
        return execute(self, *args, **given)

    def counted_copy(self: Cursor[Any], *args: Any, **given: Any) -> Any:
        killer.step(self.connection)
        return copy(self, *args, **given)

    def counted_command(self: Connection[Any], said: Any, *args: Any, **given: Any) -> Any:
        commits = isinstance(self, RollConnection) and isinstance(said, bytes) and said.lower().startswith(b"commit")
        if commits:
            killer.step(self)
        answer = yield from command(self, said, *args, **given)
        if commits:
            killer.step(self)
        return answer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Cursor, "execute", counted_execute)
        patch.setattr(Cursor, "copy", counted_copy)
        patch.setattr(Connection, "_exec_command", counted_command)
        yield killer
