"""Open the database and the roll of the settings."""

import os

from openroll.compose.postgres import database_url
from openroll.compose.settings import Settings, random_bytes
from openroll.service.governance.open_roll import NoSuchRoll, find_roll
from openroll.service.log.witness_status import read_policy
from openroll.service.roll import Roll
from openroll.store.connect import Database


def database(settings: Settings, *, making: bool = False) -> Database:
    """The database of these settings. What this process makes from here on is its user's alone (umask).

    Only who opens a roll or brings one back is `making` a database where there is none. Raises NoSuchRoll for all others.
    """
    data = settings.home / "postgres"
    if not (making or settings.database_url or (data / "PG_VERSION").exists()):
        raise NoSuchRoll(
            f"there is no roll in {settings.home}: OPENROLL_HOME names the folder of one, `openroll init --rule RULE` opens one"
        )
    os.umask(0o077)
    return Database(database_url(settings), settings.roll, runtime_password=settings.runtime_password)


def roll(settings: Settings) -> Roll:
    """Open the roll of these settings. Raises NoSuchRoll, and ValueError for a policy that cannot be used."""
    found = find_roll(
        database(settings), settings.roll_home, clock=settings.clock(), random_bytes=random_bytes, given=settings.given
    )
    found.policy = None if settings.policy is None else read_policy(settings.policy, found.origin)
    found.witness_deadline = settings.witness_deadline
    found.least_count = settings.least_count
    found.unconfirmed_days = settings.unconfirmed_days
    found.release_days = settings.release_days
    if settings.clock_was_wrong:
        found.latest = None  # the newest head was made by a clock that ran ahead; whoever keeps the roll says so
    return found
