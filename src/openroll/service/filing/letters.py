"""Filing codes for letters: an operator's own, in the order of their records, a batch at a time.

Whoever filed alone has their code already, and nobody else gets it: such a record is in no letter.
"""

import hmac
from collections import deque
from collections.abc import Collection, Iterator, Sequence
from datetime import date
from itertools import pairwise
from typing import NamedTuple

from openroll.register.decision import Decision, Refused
from openroll.register.organisation.commands import GiveCodes
from openroll.register.organisation.refusals import OperatorUnknown
from openroll.register.organisation.roles import KEEPER, Seat
from openroll.register.subscription.filing_code import codes_of
from openroll.rules.language import Text
from openroll.service.acts import act
from openroll.service.key_labels import LETTERS
from openroll.service.roll import Roll
from openroll.store import operators, subscriptions
from openroll.store import roll as rolls

MOST_LETTERS = 200
"""Letters in one batch: what a desk printer takes and a PDF is made of in a few seconds."""
BATCHES = 25
"""Batches offered on one page."""


def codes_for_letters(roll: Roll, operator: str, after: int) -> list[tuple[str, str, str]]:
    """The (handle, code, district) of the batch of living subscriptions after a record."""
    with roll.database.transaction("operator", organisation=operator) as connection:
        rows = subscriptions.living(connection, operator, after, MOST_LETTERS)
    return _with_codes(roll, rows)


def _with_codes(roll: Roll, rows: Sequence[tuple[str, int, int, str]]) -> list[tuple[str, str, str]]:
    codes = codes_of([number for _, _, number, _ in rows], roll.keys.code_key)
    return [(handle, code, district) for (handle, _, _, district), code in zip(rows, codes, strict=True)]


def give_codes(roll: Roll, operator: str, by: Seat = KEEPER) -> Decision:
    """Put on record that a seat is given filing codes of an operator (official). What is refused gives none out."""
    with roll.database.own() as connection:
        return act(connection, roll, GiveCodes(organisation=operator), by)


def letters_of(roll: Roll, by: Seat, after: int) -> list[tuple[str, str, str]] | Refused:
    """The batch of letters after a record, given to a seat of its operator and put on record; none where there are none."""
    found = codes_for_letters(roll, by.organisation, after)
    if not found:
        return found
    given = give_codes(roll, by.organisation, by)
    return given if isinstance(given, Refused) else found


def batches(roll: Roll, operator: str, after: int) -> tuple[list[tuple[int, int]], int | None]:
    """The next batches as (the record each begins after, letters in it), and the record after which there are more, if any."""
    most = MOST_LETTERS * BATCHES
    with roll.database.transaction("operator", organisation=operator) as connection:
        # One more than are shown says whether there are more: it is a batch of its own, and the last.
        ends = subscriptions.ends_of_batches(connection, operator, after, most + 1, MOST_LETTERS)
    shown = [(last, up_to) for last, up_to in ends if up_to <= most]
    begins = [(after, 0), *shown]
    made = [(first, up_to - before) for (first, before), (_, up_to) in pairwise(begins)]
    return made, shown[-1][0] if len(ends) > len(shown) else None


class Batch(NamedTuple):
    """Letters of one file: all there are from a record to a record, each its record and its (handle, code, district)."""

    first: int
    last: int
    records: list[int]
    codes: list[tuple[str, str, str]]


def name_for_letters(roll: Roll, operator: str) -> Text | Refused:
    """What an operator is called in its letters, by language; OperatorUnknown where there is none."""
    with roll.database.transaction("operator", organisation=operator) as connection:
        title = rolls.operators(connection).get(operator)
    return Refused(OperatorUnknown(operator=operator)) if title is None else dict(title)


def mark_of(roll: Roll, printed: bytes) -> str:
    """What tells a file of letters from every other: 16 hexadecimal digits, which say nothing of the codes in it.

    Keyed, because a filing code alone can be guessed from a digest of it.
    """
    return hmac.digest(LETTERS.of(roll.keys), printed, "sha256")[:8].hex()


def all_batches(
    roll: Roll, operator: str, most: int, cuts: Collection[tuple[int, int]] = (), largest: int = 0
) -> Iterator[Batch]:
    """All living subscriptions of an operator, each batch as it is when its turn comes.

    `cuts` are the (first, last) records of batches that were made before: what lies between two such records is one batch again,
    whoever has come or gone, unless it is more than `largest`; so that what is done elsewhere stays as it was. All else is cut
    into batches of `most`, each from behind the one before to its own last record.
    """
    largest, after, ahead = max(largest, most), 0, deque(sorted(cuts))
    while True:
        with roll.database.transaction("operator", organisation=operator) as connection:
            rows = subscriptions.living(connection, operator, after, largest + 1)
        if not rows:
            return
        next_record = rows[0][1]
        while ahead and (ahead[0][0] <= after or ahead[0][1] < next_record):
            ahead.popleft()
        if ahead and ahead[0][0] <= next_record:
            first, last = ahead[0]
            those = [row for row in rows if row[1] <= last]
            if len(those) > largest:
                those = those[:largest]
                last = those[-1][1]
        else:
            those = [row for row in rows[:most] if not ahead or row[1] < ahead[0][0]]
            first, last = after + 1, those[-1][1]
        after = last
        yield Batch(first, last, [number for _, number, *_ in those], _with_codes(roll, those))


class Withheld(NamedTuple):
    """What an operator is told no filing code of: whether it has anything, and since when what it had before is nobody's to tell.

    `since` is the day on which a seat that nobody of it spoke for was put in force, or it was succeeded unasked.
    """

    living: bool
    since: date | None


def withheld(roll: Roll, operator: str) -> Withheld:
    """Why letters of an operator lack what it has filed, where they do."""
    with roll.database.transaction("operator", organisation=operator) as connection:
        living = subscriptions.has_living(connection, operator)
    with roll.database.own() as connection:
        since = operators.withheld_since(connection, operator)
    return Withheld(living, None if since is None else roll.day(since))


def count_left_out(roll: Roll, operator: str) -> int:
    """How many living subscriptions of an operator have no letter, as their filing codes are not its to tell."""
    with roll.database.transaction("operator", organisation=operator) as connection:
        return subscriptions.count_without_letter(connection, operator)


def count_letters(roll: Roll, operator: str) -> int:
    """How many letters an operator's living subscriptions have now."""
    with roll.database.transaction("operator", organisation=operator) as connection:
        return subscriptions.count_living(connection, operator)
