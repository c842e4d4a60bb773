"""What a rule says and the model does not put people through is named, and what it does model is charged as the rule says."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from openroll.report.provenance import not_modelled
from openroll.report.wording import texts
from openroll.rules import Deadline, Fine, Measure, Money, Rule, Unit, Worth, load, parse_rule, shipped
from openroll.whatif import run
from openroll.whatif.city import GROUPS, Exchange, Turnover
from openroll.whatif.fines import DAYS_OF_A_BREACH, charged
from openroll.whatif.metrics import MONTH, answers
from openroll.whatif.rule_effects import RuleEffects
from openroll.whatif.unmodelled import unmodelled
from tests.whatif.made import NOTICE, NOTIFICATION, REGULATION, village

OF_THE_CITY = {"currency", "dates", "moved", "percent"}
"""Reasons that hang on the city that a rule is measured in, and not on the rule alone."""
LAWS = Path(__file__).parents[1] / "rules" / "laws"


def law(name: str) -> Rule:
    """A law of the tests of rules."""
    return parse_rule((LAWS / f"{name}.yaml").read_text(encoding="utf-8"), name)


@pytest.mark.parametrize(
    ("name", "named"),
    [
        ("ke-ln163-2015", {"operators", "condition", "liberty", "measures", "kinds", "duties"}),
        ("br-10703-2003", {"operators", "condition", "closing", "kinds", "duties", "measures"}),
        ("za-rica-2009", {"operators", "condition", "again", "liberty", "kinds", "duties"}),
        ("fr-hadopi1-2009", {"operators", "standing", "measures", "duties"}),
        ("in-dot-2021", {"condition", "duties", "measures"}),
        ("eu-clauses", {"operators", "succession", "percent", "no-top", "again", "duties"}),
        ("cn-clauses", {"percent", "liberty", "measures", "closing", "before", "duties"}),
    ],
)
def test_each_clause_that_is_not_modelled_is_named(name: str, named: set[str]) -> None:
    """No registration no service, prison, an operator that is closed, a fine by the day: nothing is silent."""
    rule = law(name)
    found = set(unmodelled(rule, village()))
    assert found - OF_THE_CITY == named - OF_THE_CITY
    sentences = not_modelled(rule, village(), "zh")
    assert len(sentences) == len(found)
    assert all("{" not in sentence for sentence in sentences)


def test_each_reason_has_its_sentence() -> None:
    """Every why that any law meets stands in the words of the report, and no sentence is for nothing."""
    met = {why for file in LAWS.glob("*.yaml") for why in unmodelled(law(file.stem), village())}
    met |= set(unmodelled(NOTICE, msgspec.structs.replace(village(), begin=date(2020, 1, 1))))
    assert met == set(texts()["unmodelled"]) - {"rule"}


@pytest.mark.parametrize("name", ["cn-cq-2006-notice", "cn-cq-2006-regulation", "notification-2006"])
def test_the_rules_of_2006_are_modelled_but_for_the_operators_that_may_be_closed(name: str) -> None:
    """What the model was made for is not called unmodelled; operators are, and what their suspension does to subscribers."""
    assert name in shipped()
    assert set(unmodelled(load(name), village())) <= {"moved", "operators"}


def fines(rule: Rule) -> list[tuple[float, float] | None]:
    """What a fine can come to, by group."""
    return [one.fine for one in RuleEffects(rule, village()).consequence]


def with_fine(**said: object) -> Rule:
    """The regulation with its fine said otherwise."""
    fine = REGULATION.measure("fine")
    other = msgspec.structs.replace(fine, **{"fine_from": None, "fine_to": None, **said})
    measures = tuple(other if one.id == "fine" else one for one in REGULATION.measures)
    return msgspec.structs.replace(REGULATION, measures=measures)


def test_a_fine_with_one_end_is_charged() -> None:
    """Up to 3,000 is from nothing to 3,000; from 3,000 on is 3,000, and said to have no top."""
    group = next(place for place, one in enumerate(fines(REGULATION)) if one)
    end = Money(Decimal(3000), "CNY")
    assert fines(with_fine(fine_to=end))[group] == (0.0, 3000.0)
    assert fines(with_fine(fine_from=end))[group] == (3000.0, 3000.0)
    assert unmodelled(with_fine(fine_from=end), village())["no-top"] == ("fine",)


def test_a_measure_that_holds_on_no_day_of_the_city_follows_on_none() -> None:
    """A fine from the year 2199 on, or until 1999, is never charged."""
    end = Money(Decimal(3000), "CNY")
    assert not any(fines(with_fine(fine_to=end, since=date(2199, 1, 1))))
    assert not any(fines(with_fine(fine_to=end, until=date(1999, 1, 1))))


def test_working_days_are_the_citys() -> None:
    """Five working days from the rule's first day are due as the city's own calendar counts them, not thirty days later."""
    duty = msgspec.structs.replace(NOTICE.duties[0], applies="all", deadlines=(Deadline(working_days=5),))
    city = village()
    left = RuleEffects(msgspec.structs.replace(NOTICE, duties=(duty,)), city).left(0, 3)
    assert 0 < left[GROUPS.index("household-online"), 1] <= 12


def test_a_duty_of_the_far_future_binds_nobody() -> None:
    """A duty to file from 2199 on is nobody's duty in 2006."""
    duties = tuple(msgspec.structs.replace(duty, since=date(2199, 1, 1)) for duty in NOTICE.duties)
    left = RuleEffects(msgspec.structs.replace(NOTICE, duties=duties), village()).left(10, 3)
    assert (left != left).all()  # noqa: PLR0124 - NaN: no duty


def test_shillings_are_no_yuan() -> None:
    """A fine in another currency is charged at the city's rate; without one it is not charged, and that is said."""
    end, group = Money(Decimal(1000), "KES"), GROUPS.index("organisation")
    in_shillings = with_fine(fine_to=end)
    assert fines(in_shillings)[group] is None
    assert unmodelled(in_shillings, village())["currency"] == ("fine",)
    city = msgspec.structs.replace(village(), exchange=(Exchange(currency="KES", rate=0.05, source="made"),))
    assert RuleEffects(in_shillings, city).consequence[group].fine == (0.0, 50.0)
    assert "currency" not in unmodelled(in_shillings, city)


@pytest.mark.parametrize(
    ("fine", "kind", "wanted"),
    [
        (Fine(percent_from=Decimal(1), percent_to=Decimal(4), percent_of="turnover"), "organisation", (5000, 20000)),
        (Fine(percent_to=Decimal(4), percent_of="profit"), "organisation", None),
        (Fine(per="day"), "organisation", (0, 3000 * DAYS_OF_A_BREACH)),
        (Fine(per="day", most=Money(Decimal(5000), "CNY")), "organisation", (0, 5000)),
        (Fine(per="subscription"), "access-operator", (0, 3000 * 1020)),
        (Fine(per="subscription"), "organisation", (0, 3000)),
        (Fine(unit="penalty-unit", units_to=Decimal(10)), "organisation", (0, 120)),
    ],
)
def test_a_fine_is_charged_as_the_rule_counts_it(fine: Fine, kind: str, wanted: tuple[float, float] | None) -> None:
    """By percent of a turnover, by day up to a cap, by line of an operator (2,040 of two), in units by their worth."""
    city = msgspec.structs.replace(
        village(), turnover=Turnover(organisation=500_000, operator=9e6, site=20_000, source="made")
    )
    plain = fine.per is not msgspec.UNSET
    rule = with_fine(fine=fine, fine_to=Money(Decimal(3000), "CNY") if plain else None)
    unit = Unit(id="penalty-unit", title={"en": "unit"}, worth=(Worth(value=Money(Decimal(12), "CNY")),))
    rule = msgspec.structs.replace(rule, units=(unit,))
    assert charged(rule.measure("fine"), rule, city, kind) == wanted


def test_dates_outside_the_city_are_said() -> None:
    """A first day that is moved, and a fixed date that is not, are both told with their days."""
    kenya = law("ke-ln163-2015")
    late = msgspec.structs.replace(kenya, in_force=date(2015, 8, 14))
    told = unmodelled(late, village())
    assert told["moved"] == ("2015-08-14 → 2006-07-07",)
    dated = msgspec.structs.replace(NOTICE.duties[0], deadlines=(Deadline(fixed=date(2030, 1, 1)),))
    assert unmodelled(msgspec.structs.replace(NOTICE, duties=(dated,)), village())["dates"] == (
        f"{dated.id} 2030-01-01",
    )


def test_an_operator_that_is_closed_takes_its_subscribers_with_it() -> None:
    """Where operators are closed, homes that have no duty at all lose months; where they are only warned, nobody does."""
    shut = Measure(
        id="shut",
        step=3,
        kind="closure",
        title={"en": "closed"},
        against=("access-operator",),
        decider="police",
        cap="P30D",
    )
    duty = NOTIFICATION.duties[0]
    rule = msgspec.structs.replace(
        NOTIFICATION,
        duties=(msgspec.structs.replace(duty, bearers=("access-operator",), measures=("shut",)),),
        measures=(shut,),
    )
    city = village(people__operators=40, officials__harsh=1, filing__heed=0, filing__word=0)
    dark, mild = run([rule, NOTIFICATION], city).series
    assert dark.city["dark"].max() > 0
    assert dark.city["off.household"].max() == 0
    assert dark.city["cost.off-line"].sum() > 0
    months = {one["rule"]: one["value"] for one in answers(run([rule], city)).filter(answer="months-off").to_dicts()}
    assert months[rule.ref] > dark.city["off"].sum() / MONTH
    assert "dark" not in mild.city
    assert "closing" not in unmodelled(rule, city)
