"""A rule as the model sees it: due days are those of `duties_frame`, and what may follow is read from the rule alone."""

from datetime import date, timedelta

import msgspec
import numpy as np
import polars as pl
import pytest

from openroll.rules import KIND, Rule, duties_frame, load, shipped
from openroll.whatif import load_city, run
from openroll.whatif.city import GROUPS
from openroll.whatif.moves import STEP
from openroll.whatif.rule_effects import RuleEffects
from openroll.whatif.unmodelled import is_modelled
from tests.whatif.made import NOTICE, NOTIFICATION, REGULATION, village

CITIES = {"ph-ra11934-2022": "philippines-2022"}


@pytest.mark.parametrize("name", shipped())
def test_who_is_late_is_what_duties_frame_says(name: str) -> None:
    """On every tenth day, for every group and slot: fewer than no days are left just where a filing duty is overdue."""
    city = load_city(CITIES.get(name, "village"))
    rule_effects = RuleEffects(load(name), city)
    slots = rule_effects.slots_due
    for index in range(0, city.days, 10):
        today = city.begin + timedelta(days=index)
        before = min(city.begin, rule_effects.rule.in_force or city.begin) - timedelta(days=1)
        newcomers = [
            min(city.begin + timedelta(days=max(index // STEP - back, 0) * STEP + STEP // 2), today)
            for back in range(slots - 1)
        ]
        frame = pl.DataFrame(
            {
                "kind": pl.Series([kind for kind in rule_effects.kinds for _ in range(slots)], dtype=KIND),
                "connected": [before, *newcomers] * len(GROUPS),
            }
        )
        stand = duties_frame(frame, rule_effects.rule, today)
        states = [
            stand[f"{duty.id}.state"].cast(pl.String)
            for duty in rule_effects.rule.duties
            if duty.act == "file" and is_modelled(duty)
        ]
        overdue = np.zeros(len(frame), dtype=bool)
        for column in states:
            overdue |= (column == "overdue").to_numpy()
        np.testing.assert_array_equal(rule_effects.left(index, slots).reshape(-1) < 0, overdue, str(today))


def test_the_notice_binds_homes_by_30_october_and_newcomers_within_30_days() -> None:
    """A home that was there has until 30 October 2006; one that connects has 30 days; both may be put off the network."""
    city = village()
    rule_effects = RuleEffects(NOTICE, city)
    left = rule_effects.left(10, rule_effects.slots_due)
    assert left[0, 0] == (date(2006, 10, 30) - city.begin).days - 10
    assert (
        left[0, 1] == 30 + 2
    )  # connected on 19 July, the middle of its five days, two days from the day that is asked of
    home = rule_effects.consequence[GROUPS.index("household-online")]
    assert home.warning
    assert home.own_hands
    assert home.cap == 186
    assert not rule_effects.correction
    assert rule_effects.open_book


def test_the_regulation_and_the_proposal_ask_nothing_of_homes() -> None:
    """Neither binds a home; under the proposal a home may tell by choice, and nothing can be read without asking."""
    for rule in (REGULATION, NOTIFICATION):
        rule_effects = RuleEffects(rule, village())
        assert np.isnan(rule_effects.left(5, 3)[:2]).all()
        assert not rule_effects.consequence[0].anything
    assert RuleEffects(NOTIFICATION, village()).may_tell[:2].all()
    assert not RuleEffects(REGULATION, village()).may_tell.any()
    assert not RuleEffects(NOTIFICATION, village()).open_book
    assert RuleEffects(REGULATION, village()).open_book


def test_an_extension_is_not_known_before_it_is_announced() -> None:
    """Until 24 April 2023 the deadline is 26 April; from the 25th it is 25 July, put off once."""
    rule_effects = RuleEffects(load("ph-ra11934-2022"), load_city("philippines-2022"))
    begin = date(2022, 12, 27)
    eve, after = (date(2023, 4, 24) - begin).days, (date(2023, 4, 25) - begin).days
    assert rule_effects.left(eve, 2)[0, 0] == 2
    assert rule_effects.put_off(eve) == 0
    assert rule_effects.left(after, 2)[0, 0] == (date(2023, 7, 25) - date(2023, 4, 25)).days
    assert rule_effects.put_off(after) == 1
    assert rule_effects.before_connection[:3].all()


def test_sims_are_deactivated_once_the_grace_is_over_and_never_before() -> None:
    """Five days after 25 July: nobody is deactivated up to the 30th, and everybody who has not filed on the 31st."""
    city = load_city("philippines-2022")
    series = run([load("ph-ra11934-2022")], city).series[0].city
    off = series["deactivated"][0]
    last = (date(2023, 7, 30) - city.begin).days
    assert not off[: last + 1].any()
    assert off[last + 1] > 1e7
    assert series["unaware"][0, last + 1] == 0


def test_nobody_is_off_the_network_longer_than_the_cap() -> None:
    """With a cap of 30 days and no case after the first month, nobody is off the network a month and a step later."""
    measures = tuple(
        msgspec.structs.replace(one, cap="P30D") if one.kind == "suspension" else one for one in NOTICE.measures
    )
    capped: Rule = msgspec.structs.replace(NOTICE, measures=measures)
    city = village(
        120, officials__checks=50, officials__decisions=50, officials__harsh=1, filing__lull=0, filing__rush=0
    )
    off = run([capped], city, runs=4).series[0].city
    longest = 30 + STEP
    cut = sum(off[name] for name in ("cut-short", "cut-half", "cut-full", "refused-cut"))
    # Person-days off the network never pass what those who were cut in the last `longest` days could still serve.
    recent = np.cumsum(cut, axis=1) - np.pad(np.cumsum(cut, axis=1), ((0, 0), (longest, 0)))[:, : city.days]
    assert off["off"].max() > 0
    assert (off["off"] <= recent).all()


def test_no_measure_comes_before_the_days_to_correct_are_over() -> None:
    """Under the proposal a case that nobody corrects is decided 14 days after it was opened at the earliest."""
    city = village(60, officials__checks=1000, officials__decisions=1000, channels__correct=0, filing__heed=1)
    series = run([NOTIFICATION], city, runs=4).series[0].city
    measured = series["warn"] + series["fine"] + series["refused-warn"] + series["bribe-paid"]
    opened = int(np.flatnonzero(series["detected"].sum(axis=0))[0])
    assert measured.sum() > 0
    assert not measured[:, : opened + 14].any()


def test_a_period_of_more_than_a_year_ends_too() -> None:
    """With 400 days to file, who connected on the first days is late on day 405, and who came later is not."""
    duties = tuple(
        msgspec.structs.replace(one, deadlines=(msgspec.structs.replace(one.deadlines[0], period="P400D"),))
        if one.id == "file-new"
        else one
        for one in NOTICE.duties
    )
    rule_effects = RuleEffects(msgspec.structs.replace(NOTICE, duties=duties), village(500))
    left = rule_effects.left(405, rule_effects.slots_due)[0, 1:]
    assert (left < 0).any()
    assert (left[: 390 // STEP] >= 0).all()
