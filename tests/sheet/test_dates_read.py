"""A date that is none is told how it can be read, where it can be read in one way alone."""

import pytest

from openroll.sheet.rows import check_row
from tests.sheet.test_reading import TERMS, row


@pytest.mark.parametrize(
    ("cell", "shape", "said"),
    [
        ("26/06/2024", "day-first", "This is day/month/year, which YYYY-MM-DD writes 2024-06-26."),
        ("6.26.2024", "month-first", "This is month/day/year, which YYYY-MM-DD writes 2024-06-26."),
        ("05.05.2024", "day-first", "2024-05-05"),
        ("29/02/2024", "day-first", "2024-02-29"),
        ("26/06/24", "day-first", "This is day/month/year."),
        ("05/06/2024", "day-or-month", "nobody can tell which"),
        ("31/02/2024", "no-such-day", "does not exist"),
        ("45/45/2024", "no-such-day", "does not exist"),
    ],
)
def test_a_date_with_one_reading_is_told_by_it(cell: str, shape: str, said: str) -> None:
    """What no month can be is the day; two readings that are days stay two."""
    (fault,) = [one for one in check_row(row("a-1", connected=cell), TERMS, 2) if one.column == "connected"]
    assert fault.params["shape"] == shape
    assert said in fault.remedy
