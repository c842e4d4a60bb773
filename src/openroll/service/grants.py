"""What a roll can say of something that a person gave: that it was taken back, or was shown before. It never learns what it was.

A grant is a random number to it: whoever has what was given has the number, and whoever gave it the word behind it. Nothing of
it stands in the log, where each entry would say for ever at which moment somebody gave something.

To ask changes nothing, and is never slowed down. To mark a grant (taken back, or shown) keeps a row for two years, of a number
that anybody can make up: so a network marks so many, and all together do. Whoever comes behind that works on a puzzle instead,
and then nothing refuses. A grant that has its row already is marked at once.
"""

from datetime import datetime, timedelta

import msgspec

from openroll.register.decision import Refused
from openroll.register.grant import MOST_DAYS, grant_of
from openroll.register.refusals import GrantsSlowed, RequestShape
from openroll.service.identity import throttle
from openroll.service.roll import Roll
from openroll.store import grant_marks
from openroll.traffic import Bucket

KEPT = timedelta(days=MOST_DAYS + 30)
"""How long what became of a grant is remembered: longer than anything with a grant is good for."""
_FREE = throttle.Lane((Bucket(100, 60.0), Bucket(300, 20.0), Bucket(500, 12.0)), Bucket(2_000, 10.0))
_WORKED = throttle.Lane((Bucket(20, 60.0), Bucket(60, 20.0)), Bucket(2_000, 10.0), refuses=frozenset())
TAKING_BACK = throttle.Limits("take-back", _FREE, _WORKED)
"""Grants that are taken back. Strangers who take back what nobody gave make puzzles harder, and shut no giver out."""
SHOWING = throttle.Limits("show", _FREE, _WORKED)
"""Grants that are marked as shown, apart from those that are taken back."""


class Standing(msgspec.Struct, frozen=True):
    """What became of a grant: when it was taken back, when it was first shown; None for never, as far as this roll knows."""

    grant: str
    taken_back: datetime | None = None
    shown: datetime | None = None


def standing(roll: Roll, grant: str) -> Standing:
    """What became of a grant (64 hex digits)."""
    with roll.database.own() as connection:
        return Standing(grant, *grant_marks.mark(connection, bytes.fromhex(grant)))


def take_back(roll: Roll, word: str, source: str, proof: str = "") -> Standing | Refused:
    """Take a grant back, by its word: from now on this roll says so to whoever asks by its number.

    A word of before they had a check (24 characters) is taken as it is: nobody can know whether it is right.
    """
    grant = grant_of(word)
    if grant is None:
        return Refused(
            RequestShape(
                detail="the word has 26 letters and digits, of which the last two check the others: one is wrong"
            )
        )
    before = standing(roll, grant)
    if before.taken_back is not None:
        return before
    if before.shown is None and (slowed := _slowed(roll, TAKING_BACK, source, proof)) is not None:
        return slowed
    now = roll.clock()
    with roll.database.own() as connection:
        grant_marks.take_back(connection, bytes.fromhex(grant), now, now + KEPT)
    return standing(roll, grant)


def show(roll: Roll, grant: str, source: str, proof: str = "") -> Standing | Refused:
    """Say that something is shown that is good once: how it stood before. `shown` is None for the first who says so.

    What was taken back, or shown before, is said so however slowed down its reader is.
    """
    before = standing(roll, grant)
    if before.shown is not None:
        return before
    if before.taken_back is None and (slowed := _slowed(roll, SHOWING, source, proof)) is not None:
        return slowed
    now = roll.clock()
    with roll.database.own() as connection:
        first = grant_marks.show(connection, bytes.fromhex(grant), now, now + KEPT)
    return before if first else standing(roll, grant)


def _slowed(roll: Roll, limits: throttle.Limits, source: str, proof: str) -> Refused | None:
    goes = throttle.take(roll, limits, source=source, proof=proof)
    return Refused(GrantsSlowed(wait=goes.minutes, puzzle=goes.puzzle)) if isinstance(goes, throttle.Wait) else None
