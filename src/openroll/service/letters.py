"""Filing codes for letters: an operator's own, in the order of their records, a batch at a time."""

from openroll.register.code import code_of
from openroll.service.roll import Roll

MOST_LETTERS = 200
"""Letters in one batch: what a desk printer takes and a PDF is made of in a few seconds."""
_FURTHEST = 10**14
"""No roll holds more records (register/code.py), and the database counts no further than 2**63."""


def codes_for_letters(roll: Roll, operator: str, first: int) -> tuple[list[tuple[str, str]], int]:
    """The (handle, code) of a batch of living subscriptions from the `first` on, and how many there are in all."""
    with roll.database.transaction("operator", organisation=operator) as connection:
        rows = connection.execute(
            "select handle, number from subscription where operator = %s and handle is not null and ended is null"
            " order by number offset %s limit %s",
            (operator, min(max(0, first), _FURTHEST), MOST_LETTERS),
        ).fetchall()
        every = connection.execute(
            "select count(*) from subscription where operator = %s and handle is not null and ended is null",
            (operator,),
        ).fetchone()
    codes = [(handle, code_of(number, roll.keys.code_key)) for handle, number in rows]
    return codes, int(every[0]) if every else 0
