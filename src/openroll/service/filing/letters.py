"""Filing codes for letters: an operator's own, in the order of their records, a batch at a time.

Whoever filed alone has their code already, and nobody else gets it: such a record is in no letter.
"""

from openroll.register.subscription.filing_code import code_of
from openroll.service.roll import Roll
from openroll.store import subscriptions

MOST_LETTERS = 200
"""Letters in one batch: what a desk printer takes and a PDF is made of in a few seconds."""
BATCHES = 25
"""Batches offered on one page."""


def codes_for_letters(roll: Roll, operator: str, after: int) -> list[tuple[str, str, str]]:
    """The (handle, code, district) of the batch of living subscriptions after a record."""
    with roll.database.transaction("operator", organisation=operator) as connection:
        rows = subscriptions.living(connection, operator, after, MOST_LETTERS)
    return [(handle, code_of(number, roll.keys.code_key), district) for handle, _, number, district in rows]


def batches(roll: Roll, operator: str, after: int) -> tuple[list[tuple[int, int]], int | None]:
    """The next batches as (the record each begins after, letters in it), and the record after which there are more, if any."""
    most = MOST_LETTERS * BATCHES
    with roll.database.transaction("operator", organisation=operator) as connection:
        numbers = [number for _, number, *_ in subscriptions.living(connection, operator, after, most + 1)]
    starts = range(0, min(len(numbers), most), MOST_LETTERS)
    made = [(numbers[at - 1] if at else after, min(MOST_LETTERS, len(numbers) - at)) for at in starts]
    return made, numbers[most - 1] if len(numbers) > most else None
