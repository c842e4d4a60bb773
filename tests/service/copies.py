"""What tests of copies share: a holder's key, a roll in a cluster of its own, and what it means that a roll is well."""

import itertools
import os
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pyrage

from openroll.archive import Keys, Sealing
from openroll.compose.postgres import private_server
from openroll.register.command import Actor
from openroll.service.filing.rebuild import rebuild
from openroll.service.filing.submit import Taken, take
from openroll.service.governance.open_roll import find_roll
from openroll.service.log.fsck import fsck
from openroll.service.log.sequencer import Sequencer
from openroll.service.recovery.backup import House, back_up
from openroll.service.recovery.following import follow
from openroll.service.roll import Roll
from openroll.store.connect import Database
from openroll.tlog import open_checkpoint
from tests.conftest import Ticking, opened
from tests.service.filings import filing, submission_of

NAME = "kept"
_numbers = itertools.count()


class Holder:
    """Who holds copies: a key of age, and the file of its private half."""

    def __init__(self, folder: Path) -> None:
        identity = pyrage.x25519.Identity.generate()
        self.file = folder / f"holder-{next(_numbers)}.txt"
        self.file.write_text(f"# the holder's key\n{identity}\n", encoding="ascii")
        self.recipient = str(identity.to_public())
        self.sealing = Sealing.to([self.recipient])
        self.keys = Keys((self.file,))


def file_some(roll: Roll, count: int, *, place: bool = True) -> None:
    """File so many subscriptions, and give them their places."""
    with roll.database.open() as connection:
        connection.autocommit = True
        for _ in range(count):
            one = submission_of(filing(handle=f"h-{next(_numbers)}"), Actor("operator", "east"))
            assert isinstance(take(connection, [one], roll, roll.clock())[0], Taken)
    if place:
        Sequencer(roll).run_until_empty()


def instant(url: str) -> datetime:
    """The server's own time."""
    with psycopg.connect(url) as connection:
        row = connection.execute("select clock_timestamp()").fetchone()
    assert row is not None
    at: datetime = row[0]
    return at.astimezone(UTC)


def clean(roll: Roll) -> int:
    """`rebuild --check` and `log fsck` find nothing; how many entries the log has."""
    assert rebuild(roll, replace=False).differences == ()
    checked = fsck(roll)
    assert checked.fault is None, checked.fault
    return checked.size


def size_of(roll: Roll) -> int:
    """The entries of the log as published."""
    return open_checkpoint((roll.public / "checkpoint").read_bytes(), roll.keys.verifiers).size


def found(home: Path, url: str, name: str = NAME) -> Roll:
    """The roll of a home and a database."""
    return find_roll(Database(url, name), home / "rolls" / name, clock=Ticking(), random_bytes=os.urandom)


class Kept:
    """One roll in a cluster of its own: backed up after 3 filings, 3 and an unplaced one until `between`, 5 more after it."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "home"
        self.url = private_server(self.home / "postgres")
        self.roll = opened(self.url, self.home / "rolls" / NAME, NAME)
        self.holder = Holder(folder)
        self.house = House(self.home, self.url)
        self.folder = folder / "backups"
        self.before = instant(self.url)
        file_some(self.roll, 3)
        self.base = back_up(self.house, self.folder, self.holder.sealing)
        file_some(self.roll, 3)
        self.size_between = size_of(self.roll)
        file_some(self.roll, 1, place=False)
        self.between = instant(self.url)
        file_some(self.roll, 5)
        self.size = size_of(self.roll)
        follow(self.house, self.folder, self.holder.sealing, rounds=1)
