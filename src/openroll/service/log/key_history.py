"""The keys of the log as the log itself has them: taken up from its entries."""

from psycopg import Connection

from openroll.register.log_keys.state import LogKeys
from openroll.register.roll.decide import ROLL_STREAM
from openroll.register.roll.events import LogBegun
from openroll.service.keys import OpenedCheckpoint
from openroll.service.roll import Roll
from openroll.store import log
from openroll.tlog import KEYS_CHANGED, KEYS_REVOKED, Checkpoint, KeyHistory, TlogError, Verifier, change_of

KINDS = (KEYS_CHANGED, KEYS_REVOKED)


def succession_of(connection: Connection, first: tuple[Verifier, ...]) -> KeyHistory:
    """The succession that the placed entries give, beginning with `first`."""
    acts = changes_of_keys(connection)
    return KeyHistory(first, (change_of(place, body) for place, _, _, body in acts if place is not None))


def changes_of_keys(connection: Connection) -> list[tuple[int | None, int, str, str]]:
    """What changed the keys of the log there is now; a log that went on from another begins with keys of its own."""
    acts = log.acts_of(connection, ROLL_STREAM, (*KINDS, LogBegun.name))
    begun = max((version for _, version, name, _ in acts if name == LogBegun.name), default=0)
    return [one for one in acts if one[1] > begun]


def adopt_keys(roll: Roll, connection: Connection) -> KeyHistory:
    """Have the roll go on under the keys its log names."""
    found = succession_of(connection, roll.keys.succession.terms[0].keys)
    roll.keys.adopt(found, log.newest_checkpoint(connection))
    return found


def standing(connection: Connection, roll: Roll) -> LogKeys:
    """The keys as a change of them is decided on."""
    succession = adopt_keys(roll, connection)
    acts = changes_of_keys(connection)
    size = log.newest_checkpoint(connection)
    newest = succession.terms[-1]
    under_way = any(place is None or place >= size for place, *_ in acts)
    return LogKeys(now=newest.keys, leaving=newest.leaving, ever=succession.ever(), size=size, under_way=under_way)


def open_own(roll: Roll, note: bytes) -> Checkpoint:
    """Open a checkpoint this roll published, under the keys of its size. Raises TlogError.

    Another process may have changed the keys meanwhile: before one is turned away the log is asked anew. Each page shows the
    newest one, so the last that was opened is not verified again under the same keys.
    """
    last = roll.keys.opened
    if last is not None and (last.note, last.epochs) == (note, roll.keys.succession.terms):
        return last.checkpoint
    try:
        opened = roll.keys.succession.open(note, origin=roll.origin)
    except TlogError:
        with roll.database.transaction("registrar") as connection:
            opened = adopt_keys(roll, connection).open(note, origin=roll.origin)
    succession = roll.keys.succession
    roll.keys.adopt(succession, opened.size)
    roll.keys.opened = OpenedCheckpoint(note, succession.terms, opened)
    return opened
