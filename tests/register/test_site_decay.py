"""How long sites last: the life table against one reckoned by hand, its interval against many made-up registers, and the rate."""

import math
import random
from datetime import date, timedelta
from typing import Any

import pytest

from openroll.register.site import events
from openroll.register.site.decay import (
    FEWEST_AT_RISK,
    Age,
    Counted,
    Lives,
    Point,
    counted,
    months_between,
    predicted,
    rate,
    survival,
)
from openroll.register.site.record import Site, evolve

TODAY = date(2026, 11, 30)


@pytest.mark.parametrize(
    ("begun", "day", "months"),
    [
        (date(2024, 1, 31), date(2024, 2, 29), 0),
        (date(2024, 1, 31), date(2024, 3, 31), 2),
        (date(2024, 12, 1), date(2025, 1, 1), 1),
        (date(2025, 1, 1), date(2024, 1, 1), 0),
    ],
)
def test_months_are_whole(begun: date, day: date, months: int) -> None:
    """One that is begun counts with the next."""
    assert months_between(begun, day) == months


def test_the_table_is_the_one_that_is_reckoned_by_hand() -> None:
    """Of 100, 10 go in the first month and 20 stand no longer; of 70, 7 in the second; the last ten tell nothing any more."""
    first, second = 1 - 10 / 90, 1 - 7 / (70 - 53 / 2)
    points = survival((Age(0, 10, 20), Age(1, 7, 53), Age(2, 10, 0)))
    assert [(one.months, one.at_risk, one.gone) for one in points] == [(0, 100, 0), (1, 100, 10), (2, 70, 7)]
    assert [one.share for one in points] == pytest.approx([1, first, first * second])
    wide = 1.959964 * math.sqrt(10 / (90 * 80)) / -math.log(first)
    assert (points[1].low, points[1].high) == pytest.approx((first ** math.exp(wide), first ** math.exp(-wide)))
    assert survival((Age(0, 3, FEWEST_AT_RISK - 4),)) == survival(()) == ()


def made_up(seed: int, sites: int, yearly: float) -> Counted:
    """A register of six years whose sites go at one rate."""
    draw, lives = random.Random(seed), Lives(TODAY)
    for _ in range(sites):
        filed = TODAY - timedelta(days=draw.randrange(6 * 365))
        gone = filed + timedelta(days=draw.expovariate(yearly / 365.25))
        lives.add(filed, "live" if gone > TODAY else "ended", gone)
    return lives.counted(0)


def test_the_intervals_hold_what_is_true_as_often_as_they_say() -> None:
    """Of 200 made-up registers whose sites go at a rate of 0.15 a year, nineteen of twenty have it within, and the share too."""
    registers = [made_up(seed, 400, 0.15) for seed in range(200)]
    rates = [one for register in registers if (one := rate(register.ages))]
    assert len(rates) == 200
    within = sum(one.low <= 0.15 <= one.high for one in rates)
    points = [next(one for one in survival(register.ages) if one.months == 36) for register in registers]
    covered = sum(one.low <= math.exp(-0.15 * 3) <= one.high for one in points)
    assert within in range(182, 200)
    assert covered in range(182, 200)
    assert sum(one.share for one in points) / 200 == pytest.approx(math.exp(-0.45), abs=0.005)


def test_what_is_predicted_goes_on_from_what_was_seen_and_nothing_is_where_too_few_were() -> None:
    """At whole years behind the last month that tells, ever less and ever wider; not from four that went."""
    register = made_up(1, 3_000, 0.15)
    seen, ahead = survival(register.ages)[-1], predicted(register)
    assert [one.months for one in ahead] == [*range((seen.months // 12 + 1) * 12, 121, 12)]
    assert all(one.low < one.share < one.high for one in ahead)
    assert [one.share for one in ahead] == sorted((one.share for one in ahead), reverse=True)
    assert ahead[-1].share == pytest.approx(math.exp(-1.5), abs=0.03)
    few = Lives(TODAY)
    few.add(date(2020, 1, 1), "live", None, 100)
    few.add(date(2020, 1, 1), "ended", date(2022, 1, 1), 4)
    assert predicted(few.counted(0)) == ()
    assert predicted(Counted(0, TODAY, (), ())) == ()
    assert Point(0, 0, 0, 0, 0, 0).at_risk == 0


def test_a_site_that_came_back_stands_and_one_whose_end_is_to_come_too() -> None:
    """A number that is retired is gone from the day on which it was; one answer brings it back."""
    of: dict[str, Any] = {"operator": "east", "by": "east/1", "rule": "r@1"}
    filed = events.SiteFiled(
        **of, site=1, kind="site", sponsor="A", domains=("a.example",), services="s", began=TODAY, control=""
    )
    day = date(2024, 1, 1)

    def site(*facts: tuple[date, events.SiteEvent]) -> Site:
        found = None
        for at, fact in ((day, filed), *facts):
            found = evolve(found, fact, at)
        assert found is not None
        return found

    def checked(state: str) -> events.SiteChecked:
        return events.SiteChecked(**of, site=1, control="", state=state)

    silent, retired, back = date(2024, 6, 1), date(2024, 9, 1), date(2025, 1, 1)
    sites = {
        1: site((silent, checked("silent")), (retired, checked("retired"))),
        2: site((retired, checked("retired")), (back, checked("live"))),
        3: site((back, events.SiteEnded(**of, site=1, on=date(2027, 1, 1)))),
        4: site((back, events.SiteEnded(**of, site=1, on=date(2024, 2, 1)))),
    }
    found = counted(sites, 9, TODAY)
    assert [(one.year, one.live, one.silent, one.retired, one.ended, one.filed) for one in found.years] == [
        (2024, 1, 0, 1, 2, 4)
    ]
    assert found.ages == (Age(1, 1, 0), Age(8, 1, 0), Age(34, 0, 2))
