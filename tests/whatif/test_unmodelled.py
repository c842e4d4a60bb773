"""What a rule says and the model does not put people through is named, and what it does model is charged as the rule says."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from openroll.report.provenance import not_modelled
from openroll.report.wording import texts
from openroll.rules import Deadline, Money, Rule, load, parse_rule, shipped
from openroll.whatif.city import GROUPS
from openroll.whatif.rule_effects import RuleEffects
from openroll.whatif.unmodelled import unmodelled
from tests.whatif.made import NOTICE, REGULATION, village

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
    assert set(unmodelled(rule)) == named
    sentences = not_modelled(rule, "zh")
    assert len(sentences) == len(named)
    assert all("{" not in sentence for sentence in sentences)


def test_each_reason_has_its_sentence() -> None:
    """Every why that any law meets stands in the words of the report, and no sentence is for nothing."""
    met = {why for file in LAWS.glob("*.yaml") for why in unmodelled(law(file.stem))}
    assert met == set(texts()["unmodelled"]) - {"rule"}


@pytest.mark.parametrize("name", ["cn-cq-2006-notice", "cn-cq-2006-regulation", "notification-2006"])
def test_the_rules_of_2006_are_modelled_but_for_the_operators_that_may_be_closed(name: str) -> None:
    """What the model was made for is not called unmodelled; operators are, and what their suspension does to subscribers."""
    assert name in shipped()
    assert set(unmodelled(load(name))) <= {"closing", "operators"}


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
    assert unmodelled(with_fine(fine_from=end))["no-top"] == ("fine",)


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
