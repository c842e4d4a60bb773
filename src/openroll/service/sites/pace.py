"""How often something is done to one site in a day: each time is an entry of the public log, for ever."""

from psycopg import Connection

from openroll.register.decision import Refused
from openroll.register.organisation.roles import Seat
from openroll.register.site.commands import EndSite, OfSite
from openroll.register.subscription.refusals import TooManyActs
from openroll.service.filing.pace import minutes_left
from openroll.service.roll import Roll
from openroll.store import events, sites

A_DAY = 20
"""Facts that an operator adds to one of its sites in a day. Its end is taken at any time."""


def too_often(connection: Connection, roll: Roll, command: OfSite, by: Seat) -> Refused | None:
    """Why nothing more is done to a site today, if so. Nobody else writes to it until the end."""
    row = None if isinstance(command, EndSite) else sites.one(connection, command.site)
    if row is None or row.operator != by.organisation:
        return None
    events.version_of(connection, row.stream)
    now = roll.clock()
    if events.of_body_on(connection, row.stream, by.organisation, roll.day(now)) < A_DAY:
        return None
    return Refused(TooManyActs(wait=minutes_left(roll, now), most=A_DAY), roll.rule_name)
