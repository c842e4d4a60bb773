"""Official acts of organisations as they are stored: on which record, and with which words in the public log."""

from datetime import datetime

from psycopg import Connection

from openroll.register.event import Event
from openroll.register.organisation.roles import REGISTRAR
from openroll.register.roll.decide import ROLL_STREAM
from openroll.service.filing.submit import fact_row
from openroll.service.roll import Roll
from openroll.store import events, people


def record_of(connection: Connection, organisation: str) -> int | None:
    """The record an organisation's events stand on: its own, or the roll's for the registrar."""
    if organisation == REGISTRAR:
        return ROLL_STREAM
    found = (one.number for one in people.organisations(connection) if one.name == organisation)
    return next(found, None)


def append_official(
    connection: Connection, roll: Roll, now: datetime, stream: int, facts: tuple[Event, ...], organisation: str
) -> None:
    """Append official acts to an organisation's record. Their bodies stand in the public log."""
    version = events.version_of(connection, stream)
    rows = [
        fact_row(roll, now, fact, stream=stream, version=version + place, role="registrar", owner=organisation)
        for place, fact in enumerate(facts, 1)
    ]
    events.append(connection, rows)
