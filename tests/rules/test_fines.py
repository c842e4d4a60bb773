"""What fines come to: none that the check lets pass is beyond its limits, on any day, in any form, alone or with others."""

from datetime import date
from decimal import Decimal

import msgspec
from hypothesis import example, given, settings
from hypothesis import strategies as st

from openroll.rules import Fine, Measure, Money, Rule, check, fine_range, load
from openroll.rules import given as said
from openroll.rules.checks.fines import MOST_PERCENT, MOST_SPAN, excess, most_fine, share
from openroll.rules.values import Unit, Worth

BASE = load("notification-2006")
DAYS = [date(2006, 12, 1), date(2020, 1, 1), date(2027, 1, 1)]
amounts = st.sampled_from([Decimal(0), Decimal(1), Decimal(1000), Decimal(10**6), Decimal(10**8), Decimal(10**11)])
monies = st.builds(Money, amounts, st.sampled_from(["CNY", "CNY", "CNY", "EUR", "IDR"]))
percents = st.sampled_from([msgspec.UNSET, Decimal(0), Decimal("0.0001"), Decimal(1), Decimal(10), Decimal(100)])
fines = st.builds(
    Fine,
    per=st.sampled_from([msgspec.UNSET, "day"]),
    most=st.one_of(st.just(msgspec.UNSET), monies),
    percent_from=percents,
    percent_to=percents,
    unit=st.just("unit"),
    units_from=st.one_of(st.just(msgspec.UNSET), amounts),
    units_to=st.one_of(st.just(msgspec.UNSET), amounts),
)
worths = st.lists(st.tuples(monies, st.sampled_from(DAYS)), min_size=1, max_size=3)


def fined(fine: Fine, low: Money | None = None, high: Money | None = None) -> Measure:
    """The fine of the proposal, said otherwise."""
    return msgspec.structs.replace(BASE.measure("fine"), fine_from=low, fine_to=high, fine=fine)


def worth(*of: tuple[Money, date]) -> Rule:
    """The proposal with a unit that is worth this from these days on."""
    unit = Unit(id="unit", title={"en": "unit"}, worth=tuple(Worth(value=value, since=day) for value, day in of))
    return msgspec.structs.replace(BASE, units=(unit,), in_force=DAYS[0])


@given(st.one_of(st.none(), monies), st.one_of(st.none(), monies), fines, worths)
@settings(max_examples=200)
@example(None, None, Fine(unit="unit", units_to=Decimal(1000)), [(Money(Decimal(1), "CNY"), DAYS[0])])
def test_no_fine_that_passes_is_beyond_a_limit_on_any_day(
    low: Money | None, high: Money | None, fine: Fine, of: list[tuple[Money, date]]
) -> None:
    """On each day all of its ends are known, in one currency, no more than its most and 1,000 times the least."""
    rule, measure = worth(*of), fined(fine, low, high)
    if excess(measure, rule) is not None:
        return
    for day in DAYS:
        found = fine_range(measure, said(rule.units, ()), day)
        assert found is not None
        ends = [one for one in (found.low, found.high, found.most) if one is not None]
        assert len({one.currency for one in ends}) <= 1
        assert all(one.amount <= (most_fine(one.currency) or 0) for one in ends)
        top = found.high or found.most
        if found.low and top:
            assert found.low.amount <= top.amount <= MOST_SPAN * found.low.amount
        assert all(one is None or one <= MOST_PERCENT for one in found.percent or ())
        assert found.low or fine.units_from is msgspec.UNSET
        assert found.high or fine.units_to is msgspec.UNSET
        assert share(measure, rule).money <= 1


def test_a_unit_may_change_its_currency() -> None:
    """A country that got a new currency counts the same units in it: each day is judged in its own."""
    rule = worth((Money(Decimal(3000), "ZWL"), DAYS[0]), (Money(Decimal(1), "USD"), DAYS[1]))
    assert excess(fined(Fine(unit="unit", units_from=Decimal(10), units_to=Decimal(1000))), rule) is None


def test_fines_of_duties_that_no_one_has_both_of_do_not_add_up() -> None:
    """Who was connected before a rule and who comes after it, this service and that: each pays one fine."""
    most = Money(Decimal(60_000_000), "CNY")
    fine = msgspec.structs.replace(BASE.measure("fine"), fine_from=None, fine_to=most)
    own, *others = BASE.duties
    others = [msgspec.structs.replace(one, measures=("warning",)) for one in others]

    def passes(**values: tuple[object, object]) -> bool:
        pair = [
            msgspec.structs.replace(own, id=f"file-{n}", **{name: value[n] for name, value in values.items()})
            for n in range(2)
        ]
        tried = msgspec.structs.replace(BASE, duties=(*pair, *others), measures=(BASE.measures[0], fine))
        return next(one for one in check(tried) if one.id == "ladder").outcome == "passed"

    assert not passes(applies=("all", "all"))
    assert not passes(applies=("all", "new"))
    assert passes(applies=("existing", "new"))
    assert passes(services=(("fixed",), ("mobile",)))
    assert not passes(services=(("fixed",), ("mobile", "fixed")))
    assert passes(until=(date(2026, 12, 31), msgspec.UNSET), since=(None, date(2027, 1, 1)))
    assert not passes(until=(date(2027, 1, 1), msgspec.UNSET), since=(None, date(2027, 1, 1)))
