"""How often the records of a group were changed today, asked of few rows before any record is read whole."""

import math
from collections.abc import Sequence
from datetime import datetime, time, timedelta

from psycopg import Connection

from openroll.register.command import Command
from openroll.register.decision import Refused
from openroll.register.subscription import pace
from openroll.service.roll import Roll
from openroll.store import events

_LOOKED_AT = 4 * pace.A_DAY
"""Newest facts among which those of today are counted: both sides' of a day, and what officials added meanwhile."""


class Pace:
    """The facts that one side added today to each of some records: one number for each act that is asked for."""

    def __init__(self, connection: Connection, roll: Roll, now: datetime, numbers: Sequence[int], role: str) -> None:
        local = now.astimezone(roll.zone)
        tomorrow = datetime.combine(local.date() + timedelta(days=1), time(), roll.zone)
        self._minutes = math.ceil((tomorrow - local).total_seconds() / 60)
        # Where nothing is done twice, a record of fewer facts than that has room for one more.
        least = pace.A_DAY if len(set(numbers)) == len(numbers) else 1
        of = (local.date(), role, _LOOKED_AT, least)
        self._found = events.added_on(connection, numbers, *of) if numbers else {}
        self._added: dict[int, int] = {}

    def added(self, number: int, version: int, facts: int) -> None:
        """So many facts were added to a record just now, which has `version` of them."""
        self._added[number] = self._added.get(number, 0) + facts
        if number in self._found:
            self._found[number] = (version, self._found[number][1])

    def too_many(self, command: Command, number: int) -> Refused | None:
        """Why an act is not taken today on a record; None where it is."""
        version, today = self._found.get(number, (0, 0))
        return pace.too_many(command, today + self._added.get(number, 0), version, self._minutes)
