"""A date that is none is told how it can be read, where it can be read in one way alone."""

import msgspec
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
        ("२००६-११-०५", "other-digits", "another script's digits"),
        ("45/45/2024", "no-such-day", "does not exist"),
    ],
)
def test_a_date_with_one_reading_is_told_by_it(cell: str, shape: str, said: str) -> None:
    """What no month can be is the day; two readings that are days stay two."""
    (fault,) = [one for one in check_row(row("a-1", connected=cell), TERMS, 2) if one.column == "connected"]
    assert fault.params["shape"] == shape
    assert said in fault.remedy


def test_a_year_of_another_calendar_is_told_as_one() -> None:
    """Bikram Sambat, the Buddhist and the Persian calendar are 56 years away or more; next year is still to come."""
    for cell, shape in (
        ("2083-08-14", "other-calendar"),
        ("2570-01-01", "other-calendar"),
        ("1405-09-09", "other-calendar"),
    ):
        (fault,) = check_row(row("a-1", connected=cell), TERMS, 2)
        assert (fault.code, fault.params["shape"]) == ("date-range", shape)
        assert "another calendar" in fault.remedy
    (fault,) = check_row(row("a-1", connected=f"{TERMS.latest.year + 1}-01-01"), TERMS, 2)
    assert fault.params["shape"] == "to-come"


def test_a_code_in_other_digits_is_told_by_its_own() -> None:
    """The nearest codes are those that it would be in the digits 0 to 9."""
    districts = frozenset(f"0{number}01" for number in range(1, 10))
    (fault,) = check_row(row("a-1", district="०३०१"), msgspec.structs.replace(TERMS, districts=districts), 2)
    assert fault.params["words"].startswith("0301")
