"""`openroll escrow check --open`: a deposit is opened for a trial, in a PostgreSQL and a folder of its own that go with the call.

That its bytes are whole says that nothing was altered, not that a roll comes of it. So it is opened as its holder would, and its
tables are held against the facts.
"""

import os
from collections.abc import Sequence
from pathlib import Path

import msgspec
import psycopg

from openroll.archive import Keys
from openroll.service.filing.rebuild import FactUnfit, rebuild
from openroll.service.governance.open_roll import NoSuchRoll, find_roll
from openroll.service.keys import KeyNotHeld
from openroll.service.log.external_keys import GivenKeys
from openroll.service.recovery.backup_proof import NotProved, Untrue
from openroll.service.recovery.escrow import Progress
from openroll.service.recovery.escrow_opening import Checked, check, open_deposit
from openroll.service.recovery.trial_folder import TRIAL, trial_folder
from openroll.service.roll import Clock
from openroll.store.connect import Database
from openroll.store.postgres_tools import ToolFailed, newest_server
from openroll.store.server_user import NoServerUser
from openroll.store.temporary_server import keepers_database, make_cluster, serving

_SUPERUSER, _KEEPER = "proof", "keeper"


class Opened(msgspec.Struct, frozen=True):
    """A deposit of which a roll came: what it is, and how many records stand in the tables as their facts say."""

    checked: Checked
    records: int


def try_opening(
    path: Path,
    keys: Keys,
    *,
    clock: Clock,
    given: GivenKeys = GivenKeys(),  # noqa: B008 - a frozen value
    log_keys: Sequence[str] = (),
    progress: Progress = lambda *_: None,
) -> Opened:
    """Open a deposit beside everything, and compare what comes of it with its own facts.

    It takes as much room in the temporary folder (TMPDIR) as the roll has, in a folder of mode 0700 that goes with the call.
    Raises CannotUnseal, Broken or CannotOpen as opening does, Untrue where no roll comes of it or another one, and NotProved
    where this machine cannot tell.
    """
    with trial_folder(TRIAL) as made:
        found = check(path, keys, log_keys=log_keys, progress=progress)
        home, cluster = made / "home", made / "postgres"
        try:
            make_cluster(cluster, newest_server(), _SUPERUSER)
            with serving(cluster, ("fsync = off",)) as sockets:
                url = keepers_database(sockets, _SUPERUSER, _KEEPER, [found.roll])
                try:
                    open_deposit(path, home, url, keys, clock=clock, log_keys=log_keys, progress=progress)
                except psycopg.Error as error:
                    raise Untrue(f"its rows do not go into the tables: {str(error).splitlines()[0]}") from error
                database = Database(url, found.roll)
                return Opened(found, _records(database, home / "rolls" / found.roll, clock, given))
        except (ToolFailed, FileNotFoundError, NoServerUser) as error:
            raise NotProved(str(error)) from error


def _records(database: Database, home: Path, clock: Clock, given: GivenKeys) -> int:
    """Hold the tables of what was opened against its facts; how many records that were."""
    try:
        roll = find_roll(database, home, clock=clock, random_bytes=os.urandom, given=given, brought_back=True)
    except (NoSuchRoll, KeyNotHeld, ValueError, OSError) as error:
        raise NotProved(f"it opens, and its tables cannot be held against its facts: {error}") from error
    try:
        rebuilt = rebuild(roll, replace=False)
    except FactUnfit as error:
        raise Untrue(f"it opens, and {error}") from error
    if rebuilt.differences:
        tables = ", ".join(sorted({one.table for one in rebuilt.differences}))
        raise Untrue(f"it opens, and rows are not as its facts say: {tables}")
    return rebuilt.rows
