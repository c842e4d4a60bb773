"""One roll that is opened once, and copies of it: a fresh roll for a test in a tenth of the time that opening one takes."""

import dataclasses
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import chain
from pathlib import Path
from typing import Any, cast

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.pq import TransactionStatus

from openroll.service.keys import read_keys
from openroll.service.log.external_keys import GivenKeys
from openroll.service.roll import Clock, Roll
from openroll.service.rules_in_force import follow
from openroll.store.connect import Database, RollConnection


class KeptConnection(RollConnection):
    """A connection that goes back to its database when its block is left, if nothing is left undone on it."""

    back_to: "list[KeptConnection]"

    def __exit__(self, *error: Any) -> None:
        super().__exit__(*error)
        if self.info.transaction_status == TransactionStatus.IDLE:
            self.back_to.append(self)
        else:
            self.close()


class KeptDatabase(Database):
    """A database that keeps its connections from one transaction to the next: a new one costs more than most of what is done.

    A serving process keeps its own too, in a pool that asks more of each; here a connection is what it is in any other process.
    """

    def __init__(self, url: str, roll: str) -> None:
        super().__init__(url, roll)
        self._free: dict[tuple[str, str], list[KeptConnection]] = {}

    def open_runtime(self, application: str, *, role: str = "") -> RollConnection:
        """As any database's or, for what closes it at the end of a block, one that another block has left."""
        if role or application not in ("openroll", "openroll-numbers"):
            return super().open_runtime(application, role=role)
        free = self._free.setdefault((application, self.url), [])  # a test may have it look elsewhere
        while free:
            with suppress(IndexError):  # another thread was faster
                if not (kept := free.pop()).closed:
                    return kept
        opened = super().open_runtime(application)
        opened.__class__ = KeptConnection
        assert isinstance(opened, KeptConnection)
        opened.back_to = free
        opened._pool = cast(Any, self)  # psycopg leaves a connection of a pool open at the end of its block
        return opened

    def close(self) -> None:
        """Close what is kept."""
        for connection in chain.from_iterable(self._free.values()):
            connection.close()


class ReadyRoll:
    """A roll that nobody writes to, in a database of its own, and its copies, each in a database and a home of its own.

    A copy is what was opened, byte for byte: the same name, keys and first entries of the log. Whoever needs two rolls that
    differ opens a second one.
    """

    def __init__(self, server: str, roll: Roll) -> None:
        """`roll` is the one to copy; `server` is an address beside its database. Nobody may be connected to the roll's."""
        self._server, self._roll, self._copies = server, roll, 0

    @contextmanager
    def copy(self, home: Path, clock: Clock) -> Iterator[Roll]:
        """A copy of the roll, its folder at `home`. Its database goes in the end, whoever is still connected to it."""
        template = sql.Identifier(str(conninfo_to_dict(self._roll.database.url)["dbname"]))
        name = f"{self._roll.name}-{self._copies}"
        self._copies += 1
        with psycopg.connect(self._server, autocommit=True) as connection:
            # Of files, not by the write-ahead log: that writes each page of the catalogues once more.
            made = sql.SQL("create database {} template {} strategy file_copy")
            connection.execute(made.format(sql.Identifier(name), template))
            try:
                database = KeptDatabase(make_conninfo(self._server, dbname=name), self._roll.name)
                yield self._opened(home, clock, database)
                database.close()
            finally:
                connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))

    def _opened(self, home: Path, clock: Clock, database: Database) -> Roll:
        shutil.copytree(self._roll.home, home)
        keys = read_keys(home / "keys", GivenKeys())
        database.unlock(keys.code_key)
        roll = dataclasses.replace(
            self._roll, database=database, home=home, keys=keys, clock=clock, random_bytes=os.urandom
        )
        follow(roll)
        # It goes on in the block of record numbers that was begun, as the process that opened it would.
        roll.numbers._own, roll.numbers._followed = self._roll.numbers._own, self._roll.numbers._followed
        return roll
