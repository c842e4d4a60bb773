"""The log's keys beyond what a copy knows: a roll that was brought back may wake up after its log has changed its keys.

The heads anybody shows are then signed by keys the copy has never heard of. What proves them are the handovers, which mirrors
keep beside the log; and an act that changed the keys comes back whole, because its handover holds salt and body.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, time

from psycopg import Connection

from openroll.register.organisation.roles import REGISTRAR
from openroll.register.roll.decide import ROLL_STREAM
from openroll.service.acts import bring_back
from openroll.service.roll import Roll
from openroll.store import events, log, recovery_records
from openroll.store.events import EventRow
from openroll.tlog import KeyHistory, Proved, follow, parse_proof, verify_under


def carried_on(roll: Roll, handovers: Sequence[bytes]) -> KeyHistory:
    """The keys as the roll knows them, carried on by handovers that its newest keys, or those after them, signed.

    Raises TlogError where one that should lead on does not.
    """
    own = roll.keys.succession
    told = follow(handovers, own.terms[-1].keys, origin=roll.origin)
    known = own.changes[-1].position if own.changes else -1
    return KeyHistory(own.terms[0].keys, (*own.changes, *(one for one in told.changes if one.position > known)))


def by_place(handovers: Sequence[bytes], keys: KeyHistory) -> Mapping[int, tuple[bytes, Proved]]:
    """Each handover that these keys prove, by the place of its entry: the checkpoint that ends in it, and what it proves."""
    changed = {change.position for change in keys.changes}
    found: dict[int, tuple[bytes, Proved]] = {}
    for one in handovers:
        proof = parse_proof(one)
        if proof.index in changed:
            found[proof.index] = (proof.checkpoint, verify_under(one, keys))
    return found


def bring_fact(connection: Connection, roll: Roll, proved: Proved) -> int:
    """Append the act of a handover as the fact it was; the event's id.

    Its moment is gone with the disk that held it: it stands at the beginning of its own day.
    """
    entry = proved.entry
    day = datetime.fromisoformat(entry.day).date()
    at = datetime.combine(day, time(), roll.zone)
    version = events.version_of(connection, ROLL_STREAM) + 1
    row = EventRow(
        ROLL_STREAM,
        version,
        entry.kind,
        "registrar",
        REGISTRAR,
        at,
        day,
        proved.salt,
        entry.commitment,
        proved.body.decode(),
    )
    bring_back(connection, row)
    return recovery_records.event_id(connection, entry.commitment)


def keep_checkpoint(connection: Connection, roll: Roll, position: int, note: bytes) -> None:
    """Keep the checkpoint that ended in a change of keys: the roll hands the keys over by it for as long as there are readers."""
    log.put_checkpoint(connection, position + 1, note, roll.clock())
