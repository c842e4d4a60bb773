"""How often bodies of requests acted today, asked of few rows before anything is decided."""

from psycopg import Connection

from openroll.register.decision import Refused
from openroll.register.organisation.roles import Seat
from openroll.register.request import commands, pace
from openroll.register.request.events import KeyPublished, UseRegistered
from openroll.service.filing.pace import minutes_left
from openroll.service.identity.seats import record_of
from openroll.service.roll import Roll
from openroll.store import events, requests


def too_often(connection: Connection, roll: Roll, command: commands.Step, by: Seat) -> Refused | None:
    """Why a body does something in a request no more today, if so. Nobody else writes to the request until the end."""
    found = requests.stream_of(connection, command.request) if isinstance(command, pace.AGAIN) else None
    if found is None:
        return None
    now, version = roll.clock(), events.version_of(connection, found[0])
    today = events.of_body_on(connection, found[0], by.organisation, roll.day(now))
    return pace.too_often(command, today, version, minutes_left(roll, now))


def too_many_filed(connection: Connection, roll: Roll, desired: str, by: Seat) -> Refused | None:
    """Why a seat files no further request of what it wishes today, if so."""
    now = roll.clock()
    local = now.astimezone(roll.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    left = minutes_left(roll, now)
    refused = pace.too_many_filed(requests.filed_since(connection, str(by), local), left)
    if refused is not None or desired != "preserve":
        return refused
    own, by_all = requests.to_preserve_since(connection, by.organisation, str(by), local)
    return pace.too_many_to_preserve(own, by_all, left)


def too_many_rights(
    connection: Connection, roll: Roll, kind: type[KeyPublished] | type[UseRegistered], by: Seat
) -> Refused | None:
    """Why an organisation publishes no further key, or registers no further use, today, if so."""
    stream = record_of(connection, by.organisation)
    if stream is None:
        return None
    events.version_of(connection, stream)  # two at once are counted one after the other
    now = roll.clock()
    today = events.of_body_on(connection, stream, by.organisation, roll.day(now), kind.name)
    return pace.too_many_rights(today, minutes_left(roll, now))
