"""What a roll can say of something that a person gave: that it was taken back, or was shown before. It never learns what it was.

A grant is a random number to it: whoever has what was given has the number, and whoever gave it the word behind it. Nothing of
it stands in the log, where each entry would say for ever at which moment somebody gave something.
"""

from datetime import datetime, timedelta

import msgspec

from openroll.register.decision import Refused
from openroll.register.grant import MOST_DAYS, grant_of
from openroll.register.refusals import RequestShape, TooManyAtOnce
from openroll.service.identity import throttle
from openroll.service.roll import Roll
from openroll.store import grant_marks
from openroll.traffic import Bucket

KEPT = timedelta(days=MOST_DAYS + 30)
"""How long what became of a grant is remembered: longer than anything with a grant is good for."""
MARKING = throttle.Limits(
    "grant", throttle.Lane((Bucket(100, 60.0), Bucket(300, 20.0), Bucket(500, 12.0)), Bucket(2_000, 10.0))
)
"""Grants that are taken back or marked as shown: each keeps a row for two years."""


class Standing(msgspec.Struct, frozen=True):
    """What became of a grant: when it was taken back, when it was first shown; None for never, as far as this roll knows."""

    grant: str
    taken_back: datetime | None = None
    shown: datetime | None = None


def standing(roll: Roll, grant: str) -> Standing:
    """What became of a grant (64 hex digits)."""
    with roll.database.own() as connection:
        return Standing(grant, *grant_marks.mark(connection, bytes.fromhex(grant)))


def take_back(roll: Roll, word: str, source: str) -> Standing | Refused:
    """Take a grant back, by its word: from now on this roll says so to whoever asks by its number."""
    grant = grant_of(word)
    if grant is None:
        return Refused(RequestShape(detail="the word has 24 letters and digits"))
    if (waits := _waits(roll, source)) is not None:
        return waits
    now = roll.clock()
    with roll.database.own() as connection:
        grant_marks.take_back(connection, bytes.fromhex(grant), now, now + KEPT)
    return standing(roll, grant)


def show(roll: Roll, grant: str, source: str) -> Standing | Refused:
    """Say that something was shown that is good once: how it stood before. `shown` is None for the first who says so."""
    before = standing(roll, grant)
    if before.shown is not None:
        return before
    if (waits := _waits(roll, source)) is not None:
        return waits
    now = roll.clock()
    with roll.database.own() as connection:
        first = grant_marks.show(connection, bytes.fromhex(grant), now, now + KEPT)
    return before if first else standing(roll, grant)


def _waits(roll: Roll, source: str) -> Refused | None:
    goes = throttle.take(roll, MARKING, source=source)
    return Refused(TooManyAtOnce(wait=60 * goes.minutes)) if isinstance(goes, throttle.Wait) else None
