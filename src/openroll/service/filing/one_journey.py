"""Ordinary new filings in one journey to the database, on assumptions that it checks itself.

The careful way (submit.py) first asks what stands in the way of a filing, and then writes. Here the filings of programs whose
tokens were good a moment ago are decided as if nothing did, and sent whole: before them one statement that fails unless, in this
very transaction, the tokens let in, the database is behind no mark and believes who asks, and the rules are those decided under.
That a handle or a key is new the tables' own unique keys say. Where anything fails nothing is written, and the careful way takes
the same filings: it says what stood in their way.

Nothing is remembered that lets anybody in. Of a token it is remembered whose it was; whether it still is, is asked each time.
"""

from collections.abc import Sequence
from datetime import datetime

import msgspec
import psycopg
from psycopg import Connection

from openroll.register.command import Actor
from openroll.register.subscription.commands import File
from openroll.register.subscription.filing_code import codes_of
from openroll.service.filing.submit import Group, Outcome, Submission, Taken, Who, one_commit, take
from openroll.service.roll import Roll
from openroll.service.rollback_guard import marks
from openroll.store.assumptions import Assumptions, require
from openroll.store.connect import assume
from openroll.store.pipeline import send_what_waits
from openroll.store.waiting import IN_EACH_OTHERS_WAY

MOST_TOKENS = 1_024
CAREFUL = 16
"""So many groups go the careful way after one that did not hold: who sends such again and again slows nobody much."""


class _NotOrdinary(Exception):
    """A filing of the group was not simply taken: the careful way says why."""


class OneJourney:
    """Takes groups of filings, in one journey where they are ordinary. For one thread."""

    def __init__(self, roll: Roll) -> None:
        self._roll = roll
        self._tokens: dict[bytes, str] = {}
        """The organisations of tokens that let in, when they were last looked up."""
        self._careful = 0

    def take(self, connection: Connection, submissions: Sequence[Submission], now: datetime) -> list[Outcome]:
        """Take filings that arrived together, as `submit.take` does, over a connection of the application's own role."""
        places = self._places(submissions)
        if places is not None:
            try:
                return self._take_ordinary(connection, submissions, places, now)
            except (psycopg.Error, _NotOrdinary) as error:
                if isinstance(error, psycopg.OperationalError) and not isinstance(error, IN_EACH_OTHERS_WAY):
                    raise
                self._careful = CAREFUL
                self._tokens.clear()
        self._careful -= self._careful > 0
        if len(self._tokens) > MOST_TOKENS:
            self._tokens.clear()
        return take(connection, submissions, self._roll, now, self._tokens)

    def _places(self, submissions: Sequence[Submission]) -> dict[str, list[int]] | None:
        """The places of ordinary filings by organisation; None where one of them is none, or it is time to be careful."""
        if self._careful:
            return None
        places: dict[str, list[int]] = {}
        for place, one in enumerate(submissions):
            organisation = self._tokens.get(one.token)
            ordinary = one.actor is None and not one.session and isinstance(one.command, File)
            if organisation is None or not ordinary or not one.handle:
                return None
            places.setdefault(organisation, []).append(place)
        return places

    def _take_ordinary(
        self, connection: Connection, submissions: Sequence[Submission], places: dict[str, list[int]], now: datetime
    ) -> list[Outcome]:
        signed, followed = marks(self._roll)
        tokens = {one.token: self._tokens[one.token] for one in submissions}
        outcomes: dict[int, Outcome] = {}
        codes: dict[int, str] = {}

        def make_codes() -> None:
            """While the database commits: nobody is told a code before that is done. Those of a group together take a third."""
            numbers = {place: one.number for place, one in outcomes.items() if isinstance(one, Taken)}
            codes.update(zip(numbers, codes_of(list(numbers.values()), self._roll.keys.code_key), strict=True))

        with one_commit(connection, make_codes):
            require(connection, Assumptions(followed, signed, len(self._roll.versions), tokens), now)
            for organisation, every in places.items():
                assume(connection, "operator", organisation=organisation)
                send_what_waits(connection)
                group = Group(connection, self._roll, Who(Actor("operator", organisation), None), now)
                taken = group.take_new([submissions[place] for place in every])
                if taken is None:
                    raise _NotOrdinary
                outcomes |= zip(every, taken, strict=True)
        # Step 6: as in submit.py, the transaction has committed.
        return [_with_code(outcomes[place], codes.get(place, "")) for place in range(len(submissions))]


def _with_code(outcome: Outcome, code: str) -> Outcome:
    return msgspec.structs.replace(outcome, code=code) if isinstance(outcome, Taken) else outcome
