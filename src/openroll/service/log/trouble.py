"""Why the log stands still, as anybody may read it: a code of ours and its sentence, never an exception's words.

Pages, API and the registrar's work tell it. An exception's own words may name the database's host and login, or folders of the
machine; they are for who keeps it, in the server's log.
"""

import psycopg
from psycopg_pool import PoolTimeout

from openroll.disk_room import is_full
from openroll.fault_trace import fault_trace
from openroll.service.keys import KeyNotHeld
from openroll.service.log.ratchet import Forked, RatchetDamaged
from openroll.service.log.sequencer import Held, RoundElsewhere
from openroll.service.numbers import NumbersDamaged
from openroll.service.roll import NotNow

SENTENCES = {
    "disk-full": "the disk of the roll or of its database has no room",
    "database-away": "the database does not answer",
    "database-fault": "the database refuses what the log needs",
    "forked": "database, ratchet and published log disagree, so nothing is signed; `openroll log fsck` says where",
    "ratchet-damaged": "the ratchet beside the database is damaged; `openroll status` says what to do",
    "numbers-damaged": "the file of numbers that were given out is damaged; `openroll status` says what to do",
    "key-not-held": "a key that must sign is not on this machine; `openroll key` says which",
    "not-now": "the roll writes nothing now; `openroll status` says why",
    "fault": "a fault of the roll's own; the server's log says where",
}
"""By code."""


def trouble_of(error: Exception) -> str:
    """What is said of an error that kept a round from its end."""
    if isinstance(error, Held | RoundElsewhere):
        return str(error)  # sentences of ours, without a value of the machine's
    code = _code(error)
    return f"{code}: {SENTENCES[code]}"


def logged(error: Exception) -> str:
    """What the keeper's log says of an error: one line of one whose cause is known by itself, else the code that it came from."""
    code = _code(error)
    return f"{code}: {SENTENCES[code]}" if code in ("database-away", "disk-full") else fault_trace(error)


def _code(error: Exception) -> str:
    if is_full(error):
        return "disk-full"
    if isinstance(error, psycopg.OperationalError | psycopg.InterfaceError | PoolTimeout):
        return "database-away"
    if isinstance(error, psycopg.Error):
        return "database-fault"
    if _came_of(error, RatchetDamaged):
        return "ratchet-damaged"
    if _came_of(error, NumbersDamaged):
        return "numbers-damaged"
    if isinstance(error, Forked):
        return "forked"
    if isinstance(error, KeyNotHeld):
        return "key-not-held"
    return "not-now" if isinstance(error, NotNow) else "fault"


def _came_of(error: BaseException | None, kind: type[Exception]) -> bool:
    """Whether an error, or what it came of, is of a kind."""
    seen: list[BaseException] = []
    while error is not None and error not in seen:
        if isinstance(error, kind):
            return True
        seen.append(error)
        error = error.__cause__ or error.__context__
    return False
