"""How often the records of a group were changed today, asked of few rows before any record is read whole."""

import math
from collections.abc import Sequence
from datetime import datetime, time, timedelta

from psycopg import Connection

from openroll.register.command import Actor, Command
from openroll.register.decision import Refused
from openroll.register.subscription import pace
from openroll.service.roll import Roll
from openroll.store import events

_LOOKED_AT = 4 * pace.A_DAY
"""Newest facts among which those of today are counted: both sides' of a day, and what officials added meanwhile."""


def minutes_left(roll: Roll, now: datetime) -> int:
    """How many minutes the civil day still has."""
    local = now.astimezone(roll.zone)
    tomorrow = datetime.combine(local.date() + timedelta(days=1), time(), roll.zone)
    return math.ceil((tomorrow - local).total_seconds() / 60)


class Pace:
    """The facts that one side added today to each of some records: one number for each act that is asked for.

    An operator's side is that operator alone: another one that the record is to come to does not use its day up.
    """

    def __init__(
        self,
        connection: Connection,
        roll: Roll,
        now: datetime,
        numbers: Sequence[int],
        by: Actor,
        *,
        another_s: bool = False,
    ) -> None:
        """`another_s` says that another operator than the one that acts answers for these records."""
        self._another_s = another_s
        local = now.astimezone(roll.zone)
        self._minutes = minutes_left(roll, now)
        # Where nothing is done twice, a record of fewer facts than that has room for one more.
        fewest = pace.A_DAY_OF_ANOTHER_S if another_s else pace.A_DAY
        least = fewest if len(set(numbers)) == len(numbers) else 1
        of = (local.date(), by.role, by.organisation, _LOOKED_AT, least)
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
        today += self._added.get(number, 0)
        return pace.too_many(command, today, version, self._minutes, another_s=self._another_s)
