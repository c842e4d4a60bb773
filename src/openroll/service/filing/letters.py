"""Filing codes for letters: an operator's own, in the order of their records, a batch at a time.

Whoever filed alone has their code already, and nobody else gets it: such a record is in no letter.
"""

import hmac
from collections.abc import Iterator, Sequence
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
from openroll.store import subscriptions
from openroll.store.roll import operators

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
    """Letters of one file: the records of the first and the last, and the (handle, code, district) of each."""

    first: int
    last: int
    codes: list[tuple[str, str, str]]


def name_for_letters(roll: Roll, operator: str) -> Text | Refused:
    """What an operator is called in its letters, by language; OperatorUnknown where there is none."""
    with roll.database.transaction("operator", organisation=operator) as connection:
        title = operators(connection).get(operator)
    return Refused(OperatorUnknown(operator=operator)) if title is None else dict(title)


def mark_of(roll: Roll, printed: bytes) -> str:
    """What tells a file of letters from every other: 16 hexadecimal digits, which say nothing of the codes in it.

    Keyed, because a filing code alone can be guessed from a digest of it.
    """
    return hmac.digest(LETTERS.of(roll.keys), printed, "sha256")[:8].hex()


def all_batches(roll: Roll, operator: str, most: int) -> Iterator[Batch]:
    """All living subscriptions of an operator, `most` a batch, each batch as it is when its turn comes."""
    after = 0
    while True:
        with roll.database.transaction("operator", organisation=operator) as connection:
            rows = subscriptions.living(connection, operator, after, most)
        if not rows:
            return
        after = rows[-1][1]
        yield Batch(rows[0][1], after, _with_codes(roll, rows))
