"""What is known of a site follows the world within the stated time, over years, whatever the world does."""

import random
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from openroll.register.site.life import (
    GRACE,
    LATE_BACK,
    LATE_RETIRED,
    LATE_SILENT,
    LATEST,
    SILENCE,
    Life,
    begun,
)

NOW = datetime(2026, 11, 30, tzinfo=UTC)
YEARS = timedelta(days=5 * 365)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def after(life: Life, answers: bool, until: datetime) -> Life:
    """What is known at a moment, where every look until then sees the same."""
    while life.due <= until:
        life = life.looked(answers, life.due)
    return life


def test_a_site_that_answers_is_looked_at_ever_more_rarely() -> None:
    life, gaps = begun(NOW), []
    for _ in range(8):
        life = life.looked(True, life.due)
        gaps.append(life.gap // DAY)
    assert gaps == [1, 2, 4, 8, 16, 28, 28, 28]
    assert (life.state, life.since) == ("live", NOW)


def test_an_outage_of_six_days_is_no_death() -> None:
    live = after(begun(NOW), True, NOW + YEARS)
    out = after(live, False, live.due + timedelta(days=6))
    assert out.state == "failing"
    back = out.looked(True, out.due)
    assert (back.state, back.gap) == ("live", DAY)


def test_five_looks_in_a_week_make_silence_and_not_five_in_an_hour() -> None:
    life = begun(NOW)
    for _ in range(20):
        life = life.looked(False, NOW)
    assert life.state == "failing"
    assert life.looked(False, NOW + SILENCE).state == "silent"


def test_a_silent_site_is_retired_when_its_filer_had_two_months_and_comes_back_with_one_answer() -> None:
    silent = after(begun(NOW), False, NOW + SILENCE + DAY)
    assert silent.state == "silent"
    assert after(silent, False, silent.since + GRACE - HOUR).state == "silent"
    retired = after(silent, False, silent.since + GRACE + DAY)
    assert retired.state == "retired"
    assert retired.looked(True, retired.due).state == "live"


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 200 * 24)), max_size=30))
def test_whatever_is_seen_and_whenever_the_next_look_lies_ahead_and_not_too_far(seen: list[tuple[bool, int]]) -> None:
    life, at = begun(NOW), NOW
    for answers, hours in seen:
        at += timedelta(hours=hours)
        was, life = life, life.looked(answers, at)
        assert HOUR <= life.due - at <= LATE_BACK
        assert life.due - at <= LATEST or life.state == "retired"
        order = ["live", "failing", "silent", "retired"]
        assert life.state == "live" if answers else order.index(life.state) - order.index(was.state) in (0, 1)


def test_three_thousand_sites_over_five_years_are_known_for_what_they_are_within_the_stated_time() -> None:
    """Sites end, come back, and fail for hours or days; at the end of every stretch that is long enough it is known."""
    drawn = random.Random(3_000)
    looks = held = 0
    for _ in range(3_000):
        life, at = begun(NOW), NOW
        while at < NOW + YEARS:
            answers = drawn.random() < 0.6
            end = at + timedelta(days=drawn.choice([0.1, 2, 6, 40, 120, 400]) * (0.5 + drawn.random()))
            while life.due < end:
                moment = life.due
                life = life.looked(answers, moment)
                looks += 1
                long = moment - at
                if answers:
                    assert life.state == "live"
                else:
                    assert life.state != "live"
                    assert life.state in ("silent", "retired") or long <= LATE_SILENT
                    assert life.state == "retired" or long <= LATE_RETIRED
            stretch = end - at
            if answers and stretch > LATE_BACK:
                assert life.state == "live"
                held += 1
            if not answers and stretch > LATE_RETIRED:
                assert life.state == "retired"
                held += 1
            at = end
    assert held > 3_000
    assert looks < 3_000 * 5 * 365 / 4, "a site is looked at less than every fourth day"
