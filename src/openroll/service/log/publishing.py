"""Who gives filings their places and publishes the log, since when, and whether it does: so that nobody waits in silence."""

from datetime import datetime

import msgspec
from psycopg import Connection

from openroll.service.log.leader import PATIENCE
from openroll.service.roll import Roll
from openroll.store import exclusion, log, placed_facts
from openroll.store.exclusion import Lease
from openroll.store.log import Blocker

SILENCE = 60.0
"""Seconds that an event waits, while nothing is published, before that is trouble. A round is begun every two seconds."""
SILENT = "nobody has published the log for a minute or more though events wait; `openroll status` says whose turn it is"
"""What is said then, and the key of the work that it is for the registrar."""

PASSED_BY = "Written past the log, without a place in it: {:,} facts; `openroll log fsck` names them"
"""What is said of facts that no round will take, with their count."""


class Publishing(msgspec.Struct, frozen=True):
    """How the publishing of the log stands. Seconds are the roll's clock's, those of `leader` the database's.

    `size` and `age` are the newest checkpoint's (None before the first), `waiting` how many seconds the first event that has no
    place has waited (None where none waits), `blockers` whose transactions places wait for.
    """

    size: int
    age: float | None
    waiting: float | None
    leader: Lease | None
    blockers: tuple[Blocker, ...] = ()

    @property
    def led(self) -> bool:
        """Whether a process leads that is there, and gave a sign of late."""
        return self.leader is not None and self.leader.alive and self.leader.age < PATIENCE

    @property
    def silent(self) -> bool:
        """Whether events have waited for so long, while nothing was published, that somebody should look."""
        return self.waiting is not None and self.waiting > SILENCE and (self.age is None or self.age > SILENCE)


def publishing(roll: Roll) -> Publishing:
    """How the publishing of the log stands now."""
    with roll.database.own() as connection:
        waited_for = log.asked_waited_for(connection)
        standing = _standing(roll, connection)
        return msgspec.structs.replace(standing, blockers=tuple(log.blockers_in(waited_for)))


def passed_by(roll: Roll) -> int:
    """How many facts the log has passed by. It counts all facts there are, so it is asked when a person asks."""
    with roll.database.own() as connection:
        return placed_facts.count_passed_by(connection)


def is_silent(roll: Roll, connection: Connection) -> bool:
    """Whether nobody publishes, asked in few looks: every process that stands by asks every two seconds."""
    return _standing(roll, connection).silent


def _standing(roll: Roll, connection: Connection) -> Publishing:
    now, asked, lead = roll.clock(), log.asked_standing(connection), exclusion.asked_lease(connection, exclusion.LEAD)
    stands = log.standing_in(connection, asked)
    leader = exclusion.lease_in(lead)
    return Publishing(stands.size, _since(now, stands.published), _since(now, stands.oldest_waiting), leader)


def _since(now: datetime, at: datetime | None) -> float | None:
    return None if at is None else max((now - at).total_seconds(), 0.0)
