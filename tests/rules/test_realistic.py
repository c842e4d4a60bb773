"""Time: nothing is due before its event but what its bearer plans, not long ahead, on any calendar and under any deadline."""

from datetime import date, timedelta

import msgspec
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.rules.test_closed_lists import BASE, duty, opens

from openroll.places import JurisdictionFaults, own_files, read_bundle
from openroll.places.tables import DAYS
from openroll.rules import Deadline, Subject, duties
from openroll.rules.calendar import LONGEST_REST, WorkingDays, most_days
from openroll.rules.deadlines import due_date
from openroll.rules.duty import Act, Event
from openroll.rules.vectorized import duties_frame

FIRST = date(2027, 3, 1)


def resting(days: int, since: date = FIRST) -> WorkingDays:
    """A calendar with so many days off in a row."""
    return WorkingDays(holidays=frozenset(since + timedelta(n) for n in range(days)))


@given(st.integers(0, 90), st.integers(0, LONGEST_REST), st.integers(-3, 70))
@settings(max_examples=100)
def test_a_last_day_that_moves_back_stays_on_or_after_its_event(days: int, off: int, later: int) -> None:
    """Who acts on the day of the event is in time, however many days off lie around it."""
    begun = FIRST + timedelta(later)
    due = due_date(Deadline(period=f"P{days}D", moves="previous-working-day"), begun, resting(off))
    assert due is not None
    assert begun <= due <= begun + timedelta(days)


def test_a_million_subjects_are_moved_back_no_further_than_one() -> None:
    """By column too, the last day is no earlier than the event."""
    back = Deadline(period="P45D", moves="previous-working-day")
    rule = msgspec.structs.replace(BASE, duties=(msgspec.structs.replace(BASE.duties[0], deadlines=(back,)),))
    begins = [FIRST + timedelta(n) for n in range(0, 60, 7)]
    frame = pl.DataFrame({"kind": ["organisation"] * len(begins), "connected": begins, "filed": begins})
    found = duties_frame(frame, rule, date(2027, 9, 1), resting(59))
    one_by_one = [
        duties(Subject("organisation", connected=day, filed=day), rule, date(2027, 9, 1), resting(59))[0]
        for day in begins
    ]
    assert found["file.due"].to_list() == [one.due for one in one_by_one]
    assert {one.state for one in one_by_one} == {"met"}


@pytest.mark.parametrize(("days", "may"), [(LONGEST_REST - 1, False), (LONGEST_REST, True)])
def test_what_moves_back_has_a_working_day_left_on_each_calendar(days: int, may: bool) -> None:
    """The check takes as many days off in a row as a folder may have."""
    rule = msgspec.structs.replace(
        BASE,
        duties=(
            msgspec.structs.replace(
                BASE.duties[0], deadlines=(Deadline(period=f"P{days}D", moves="previous-working-day"),)
            ),
            *BASE.duties[1:],
        ),
    )
    assert opens(rule) == may


def test_a_folder_counts_the_weekend_before_its_holidays() -> None:
    """Sixty days off from a Monday on are 62 with the Saturday and Sunday before them, and are refused."""
    rows = "day,worked\n" + "".join(f"{FIRST + timedelta(n)},no\n" for n in range(59))
    assert FIRST.weekday() == 0
    with pytest.raises(JurisdictionFaults, match=r"From 2027-02-27 on, no day is worked for more than 60 days"):
        read_bundle({**own_files("ke"), DAYS: rows.encode()})


@pytest.mark.parametrize(
    ("about", "act", "event", "period", "may"),
    [
        (False, "report-change", "change", "P31D", True),
        (False, "report-change", "change", "P32D", False),
        (False, "report-end", "end", "P1M", True),
        (False, "report-change", "suspension", "P1D", False),
        (False, "report-loss", "loss", "P1D", False),
        (True, "report-change", "change", "P1D", False),
        (True, "report-end", "end", "P1D", False),
        (True, "report-end", "deactivation", "P1D", True),
        (True, "report-end", "deactivation", "P3M", False),
        (True, "file", "port", "P1D", False),
        (True, "file", "connection", "P1D", False),
    ],
)
def test_only_what_its_bearer_plans_is_owed_in_advance(
    about: bool, act: Act, event: Event, period: str, may: bool
) -> None:
    """Operators do not know when somebody will leave; organisations know their own changes a month ahead, no longer."""
    ahead = Deadline(period=period, before=True)
    whose = {} if about else {"about": msgspec.UNSET, "bearers": ("organisation",)}
    later = tuple(Deadline(period="P30D", since=date(2030 + n, 1, 1)) for n in range(5))
    for deadlines in ((ahead,), (*later, msgspec.structs.replace(ahead, since=date(2040, 1, 1)))):
        tried = duty(act, event, deadlines=deadlines, **whose)
        assert opens(BASE, tried) == may, most_days(period)
