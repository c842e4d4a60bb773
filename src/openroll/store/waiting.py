"""How long a connection of ours waits, and is waited for: no statement, lock or open transaction is without an end.

Values, and why they are what they are: docs/limits.md, "The database". Times are PostgreSQL's own words for them, as it shows
them again; `0` is without end.
"""

from typing import NamedTuple

from psycopg import Connection
from psycopg.errors import (
    DeadlockDetected,
    IdleInTransactionSessionTimeout,
    LockNotAvailable,
    QueryCanceled,
    SerializationFailure,
)
from psycopg_pool import PoolTimeout

WAITED_OUT = (
    LockNotAvailable,
    QueryCanceled,
    DeadlockDetected,
    SerializationFailure,
    IdleInTransactionSessionTimeout,
    PoolTimeout,
)
"""What is raised where a wait ran out, or two waited for each other: the transaction was rolled back, and may be tried again."""
IN_EACH_OTHERS_WAY = (DeadlockDetected, SerializationFailure)
"""Those of them after which the same is tried again at once."""


class Waits(NamedTuple):
    """`lock` is how long a statement waits for somebody else's lock, `statement` how long it runs.

    `idle` is how long a transaction may stand open between two statements before the server ends the connection: its client
    hangs, and others wait for it.
    """

    lock: str
    statement: str
    idle: str


PAGES = Waits("5s", "2min", "1min")
OWNER = Waits("30s", "0", "1h")
BY_APPLICATION = {
    "openroll": PAGES,
    "openroll-filings": Waits("50ms", "1min", "30s"),
    "openroll-filings-held": Waits("200ms", "1min", "30s"),
    "openroll-leader": Waits("5s", "10s", "10s"),
    "openroll-round": Waits("30s", "1min", "10min"),
    "openroll-sequencer": Waits("10s", "5min", "5min"),
    "openroll-listening": Waits("5s", "1min", "1min"),
    "openroll-rules": PAGES,
    "openroll-numbers": Waits("10s", "1min", "1min"),
    "openroll-file": Waits("30s", "30min", "10min"),
    "openroll-uploads": Waits("30s", "30min", "10min"),
    "openroll-reconcile": Waits("30s", "30min", "10min"),
    "openroll-fsck": Waits("30s", "0", "1h"),
    "openroll-rebuild": Waits("1min", "0", "1h"),
    "openroll-decay": Waits("5s", "1min", "10min"),
}
"""By the name that a connection of the runtime login bears."""


LITTLE = "200ms"


def wait_little(connection: Connection) -> None:
    """Have the transaction wait for next to nothing that others hold: for a thread that does the work of all, one after another.

    LockNotAvailable is raised then, and that work is left for later.
    """
    connection.execute("select set_config('lock_timeout', %s, true)", (LITTLE,))


def waits_of(application: str, *, runtime: bool) -> Waits:
    """How long a connection waits, by its name; the owner's do what takes long, and a person sits there."""
    return BY_APPLICATION.get(application, PAGES) if runtime else OWNER
