"""What the log's order and the public figures say about who filed what: nothing."""

from datetime import timedelta
from itertools import pairwise

import msgspec
import pytest

from openroll.register.command import Actor
from openroll.service import queries
from openroll.service.filing.bulk import FileTaken, take_file
from openroll.service.filing.submit import Taken, take
from openroll.service.governance import figures
from openroll.service.log.sequencer import Sequencer
from openroll.service.roll import Roll
from openroll.store.events import IS_OFFICIAL
from openroll.store.log import position_of
from tests.conftest import Ticking
from tests.service.filings import filing, rows_file, submission_of


def places(roll: Roll) -> list[int]:
    """The places in the log of all people's acts, in the order in which they were written."""
    with roll.database.open() as connection:
        rows = connection.execute(f"select stream, version from event where not {IS_OFFICIAL} order by id").fetchall()
        found = [position_of(connection, stream, version) for stream, version in rows]
    return [place for place in found if place is not None]


def test_the_log_does_not_keep_the_order_of_filing(roll: Roll) -> None:
    """Of 400 filings of one round, each has a place of its own, and neighbours in time are hardly ever neighbours in the log."""
    assert isinstance(take_file(roll, "east", rows_file(400)), FileTaken)
    Sequencer(roll).run_until_empty()
    found = places(roll)
    assert sorted(found) == list(range(3, 403)), "behind the roll's opening and its two operators"
    # In a random order some two of 400 pairs are neighbours; 20 would be chance once in 10^12.
    assert sum(abs(one - other) == 1 for one, other in pairwise(found)) < 20


def test_official_acts_keep_their_order(roll: Roll) -> None:
    """Acts that stand in the log whole stand in the order in which they were done."""
    Sequencer(roll).run_until_empty()
    with roll.database.open() as connection:
        rows = connection.execute(f"select stream, version from event where {IS_OFFICIAL} order by id").fetchall()
        assert [position_of(connection, *row) for row in rows] == list(range(len(rows)))


def file_one(roll: Roll, number: int, district: str = "500240") -> None:
    """File one subscription in a district."""
    command = filing(handle=f"one-{number}", district=district)
    with roll.database.open() as connection:
        (done,) = take(connection, [submission_of(command, Actor("operator", "east"))], roll, roll.clock())
    assert isinstance(done, Taken)


def test_figures_of_the_living_change_once_a_day(roll: Roll) -> None:
    """Whoever looks again after a filing sees the same districts, kinds and operators until the next civil day."""
    assert isinstance(take_file(roll, "east", rows_file(37)), FileTaken)
    before = figures.count_day(roll)
    file_one(roll, 1)
    Sequencer(roll).run_until_empty()
    assert figures.count_day(roll) == before
    shown = [row for row in figures.rows(roll) if row.table != "days"]
    assert {(row.table, row.key): row.count for row in shown if row.count} == {
        ("districts", "500103"): 30,
        ("kinds", "household"): 30,
        ("operators", "east"): 30,
    }
    assert isinstance(roll.clock, Ticking)
    roll.clock.now += timedelta(days=1)
    after = figures.count_day(roll)
    assert after.day == before.day + timedelta(days=1)
    few = {"500103": 30, "500240": 0}
    assert before.districts | few == after.districts == before.districts, "one filing is fewer than the least count"


def test_the_first_filing_of_a_district_or_kind_adds_no_row(roll: Roll) -> None:
    """Every district, kind and operator has its row before anything is filed: none and fewer than the least count look alike."""
    none = figures.count_day(roll)
    place = roll.place
    assert set(none.districts) == {one.code for one in place.leaves(none.day)}
    assert set(none.kinds) == set(roll.setting(none.day).terms.kinds)
    assert set(none.unconfirmed) == set(none.operators) == {"east", "west"}
    file_one(roll, 1)
    assert isinstance(roll.clock, Ticking)
    roll.clock.now += timedelta(days=1)
    assert msgspec.structs.replace(figures.count_day(roll), day=none.day) == none
    assert set(none.districts.values()) == set(none.kinds.values()) == {0}


def test_a_day_is_counted_only_once_whoever_asks(roll: Roll) -> None:
    """Two servers that count a day one after the other show what the first one counted, and publishing shows it too."""
    first = figures.count_day(roll)
    for number in range(12):
        file_one(roll, number)
    assert figures.count_day(roll) == first
    assert queries.figures(roll).living == first.living == 0


@pytest.mark.parametrize(
    ("count", "least", "shown"), [(0, 10, 0), (9, 10, 0), (10, 10, 10), (19, 10, 10), (1_234, 5, 1_230)]
)
def test_counts_are_rounded_down(count: int, least: int, shown: int) -> None:
    """A count is shown as the multiple of the least count that it reaches."""
    assert figures.coarse(count, least) == shown
