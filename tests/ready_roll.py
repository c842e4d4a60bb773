"""One roll that is opened once, and copies of it: a fresh roll for a test in a tenth of the time that opening one takes."""

import dataclasses
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from openroll.service.keys import read_keys
from openroll.service.log.external_keys import GivenKeys
from openroll.service.roll import Clock, Roll
from openroll.service.rules_in_force import follow
from openroll.store.connect import Database


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
                yield self._opened(home, clock, make_conninfo(self._server, dbname=name))
            finally:
                connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))

    def _opened(self, home: Path, clock: Clock, url: str) -> Roll:
        shutil.copytree(self._roll.home, home)
        keys = read_keys(home / "keys", GivenKeys())
        database = Database(url, self._roll.name)
        database.unlock(keys.code_key)
        roll = dataclasses.replace(
            self._roll, database=database, home=home, keys=keys, clock=clock, random_bytes=os.urandom
        )
        follow(roll)
        # It goes on in the block of record numbers that was begun, as the process that opened it would.
        roll.numbers._own, roll.numbers._followed = self._roll.numbers._own, self._roll.numbers._followed
        return roll
