"""What is published undoes nothing that was published before it, and is undone by nothing that comes after it."""

import json
import os
import re
from datetime import UTC, date, datetime, timedelta

import msgspec
import psycopg
import pytest

from openroll.places import Bundle, full_name
from openroll.register.decision import Refused
from openroll.register.events import event_of
from openroll.register.organisation.roles import Seat
from openroll.rules import Rule, digest
from openroll.service.filing.rebuild import rebuild
from openroll.service.filing.replays import replay_proposal
from openroll.service.governance import rule_versions
from openroll.service.governance.made_on import proposal_on
from openroll.service.governance.open_roll import find_roll
from openroll.service.governance.rule_readings import rules_to_read, words_of
from openroll.service.queries import official_acts
from openroll.service.roll import Roll
from openroll.store.events import EventRow
from openroll.web.registrar import _proposed
from tests.seats import words_read
from tests.service.test_governance import ONE, TWO, another, today
from tests.service.test_jurisdictions import kenya, split

__all__ = ["kenya"]


def _day(roll: Roll, days: int) -> date:
    """The roll's civil day so many days from now."""
    return today(roll) + timedelta(days=days)


def place_proposed(roll: Roll, days: int, by: Seat = ONE) -> int:
    """A split of Nairobi from a day on."""
    number = rule_versions.propose_place(roll, split(roll, _day(roll, days)), _day(roll, days), by)
    assert isinstance(number, int), number
    return number


def rule_proposed(roll: Roll, rule: Rule, days: int, by: Seat = ONE, made_on: str = "") -> int:
    """A rule from a day on, whose words are read."""
    number = rule_versions.propose_rule(roll, rule, _day(roll, days), by, made_on=made_on)
    assert isinstance(number, int), number
    if words_of(roll, [rule])[0].missing:
        words_read(roll, rule)
    return number


def published(roll: Roll, number: int, by: Seat = TWO) -> str:
    """What comes of publishing: the code of what refused it, empty where it is published."""
    outcome = rule_versions.settle(roll, number, by, drop=False)
    return "" if outcome is None else outcome.refusal.code


def voluntary(roll: Roll) -> Rule:
    """The roll's rule with its title changed: another value than `another` changes."""
    return msgspec.structs.replace(roll.rule, title={**roll.rule.title, "en": "Another title"})


def test_a_jurisdiction_does_not_bring_back_the_rule_of_before(kenya: Roll) -> None:
    """Proposed before a rule is published for an earlier day, it is stale; proposed anew it stands beside that rule."""
    number, rule = place_proposed(kenya, 10), another(kenya)
    assert published(kenya, rule_proposed(kenya, rule, 5, TWO), ONE) == ""
    outcome = rule_versions.settle(kenya, number, TWO, drop=False)
    assert isinstance(outcome, Refused)
    assert (outcome.refusal.code, outcome.refusal.params["on"]) == ("stale-proposal", _day(kenya, 10).isoformat())
    assert outcome.refusal.params["rule"] == kenya.rule_on(_day(kenya, 5)).name
    assert rule_versions.settle(kenya, number, TWO, drop=True) is None
    assert published(kenya, place_proposed(kenya, 10)) == ""
    then = kenya.rule_on(_day(kenya, 10))
    assert (then.rule, "048" in then.place.by_code) == (rule, True)


def test_a_rule_does_not_bring_back_the_jurisdiction_of_before(kenya: Roll) -> None:
    """The other way round; and nobody is asked to read the words of a rule that cannot be published."""
    rule = another(kenya)
    number = rule_proposed(kenya, rule, 10)
    assert [one.waits for one in rules_to_read(kenya)] == [True, False]
    assert published(kenya, place_proposed(kenya, 5, TWO), ONE) == ""
    assert [one.waits for one in rules_to_read(kenya)] == [False]
    assert published(kenya, number) == "stale-proposal"
    assert published(kenya, rule_proposed(kenya, rule, 10)) == ""
    then = kenya.rule_on(_day(kenya, 10))
    assert (then.rule, "048" in then.place.by_code) == (rule, True)


@pytest.mark.parametrize("later", ["rule", "place"])
def test_what_starts_earlier_is_published_once_its_change_stands_later_too(kenya: Roll, later: str) -> None:
    """A later version that was published already would undo it: the change is made in that first, then it is published."""
    rule = another(kenya)
    first = rule_proposed(kenya, rule, 10) if later == "rule" else place_proposed(kenya, 10)
    assert published(kenya, first) == ""
    number = place_proposed(kenya, 5) if later == "rule" else rule_proposed(kenya, rule, 5)
    assert published(kenya, number) == "stale-proposal"
    then = kenya.rule_on(_day(kenya, 10))
    both = (rule, split(kenya, _day(kenya, 5))) if later == "rule" else (rule, then.place)
    again = rule_versions.propose_rule(kenya, both[0], _day(kenya, 10), ONE, both[1])
    assert isinstance(again, int), again
    assert published(kenya, again) == ""
    assert published(kenya, number) == ""
    found = [kenya.rule_on(_day(kenya, days)) for days in (5, 10)]
    stands = [(then.rule == rule, "048" in then.place.by_code) for then in found]
    assert stands == [(later == "place", later == "rule"), (True, True)]
    assert rebuild(kenya, replace=False).differences == ()


def test_two_rules_that_change_different_values_do_not_undo_each_other(kenya: Roll) -> None:
    """The one for the earlier day is stale, until the later one has what it changes beside what that changed itself."""
    early, late = voluntary(kenya), another(kenya)
    both = msgspec.structs.replace(late, title=early.title)
    assert published(kenya, rule_proposed(kenya, late, 10)) == ""
    number = rule_proposed(kenya, early, 5)
    assert published(kenya, number) == "stale-proposal"
    assert published(kenya, rule_proposed(kenya, both, 10)) == ""
    assert published(kenya, number) == ""
    assert [kenya.rule_on(_day(kenya, days)).rule for days in (4, 5, 10)] == [kenya.rule, early, both]


def test_a_proposal_says_what_it_changes_and_what_it_was_made_on(kenya: Roll) -> None:
    """The act names both; what was made on anything else than what is in force on its first day is not even proposed."""
    place_proposed(kenya, 5)
    body = json.loads(official_acts(kenya)[0].body)
    now = (digest(kenya.rule), full_name(kenya.place))
    assert (body["changes"], body["on_rule"], body["on_jurisdiction"]) == (["jurisdiction"], *now)
    rule = another(kenya)
    old = rule_versions.propose_rule(kenya, rule, _day(kenya, 5), ONE, made_on=digest(rule))
    assert isinstance(old, Refused)
    assert old.refusal.code == "stale-proposal"
    of_another = rule_versions.propose_place(kenya, split(kenya, _day(kenya, 5)), _day(kenya, 5), ONE, "ke@0")
    assert isinstance(of_another, Refused)
    assert of_another.refusal.code == "stale-proposal"
    rule_proposed(kenya, rule, 5)
    bodies = [json.loads(one.body) for one in official_acts(kenya) if one.name == "rule.proposed/2"]
    assert bodies[0]["changes"] == ["rule"]


def test_one_of_before_that_was_kept_is_judged_by_its_time(kenya: Roll) -> None:
    """A proposal that waited when the roll was upgraded says nothing of what it was made on: its moment tells it."""
    numbers, rule = (place_proposed(kenya, 10), place_proposed(kenya, 3)), another(kenya)
    second = rule_proposed(kenya, rule, 5)
    with psycopg.connect(kenya.database.url) as owner:
        owner.execute(f'set search_path to "{kenya.database.schema}"')
        owner.execute("update proposal set on_rule = '', on_jurisdiction = ''")
    assert published(kenya, second) == ""
    assert published(kenya, numbers[0]) == "stale-proposal"
    assert published(kenya, numbers[1]) == "stale-proposal"  # the rule of the fifth day has no split


def test_a_process_that_has_not_heard_decides_on_what_was_published(kenya: Roll) -> None:
    """Two publications at once are decided one after the other, the second on what the first one made."""
    number, rule = place_proposed(kenya, 10), another(kenya)
    other = find_roll(kenya.database, kenya.home, clock=kenya.clock, random_bytes=os.urandom)
    assert published(kenya, rule_proposed(kenya, rule, 5)) == ""
    other.versions = other.versions[:1]
    other.database.see_rules = None  # as when it came in before the first one was committed
    assert published(other, number) == "stale-proposal"


def test_what_stands_elsewhere_is_told_value_by_value(kenya: Roll) -> None:
    """A rule that is already to come may come earlier: nothing of it is undone."""
    rule = another(kenya)
    assert published(kenya, rule_proposed(kenya, rule, 10)) == ""
    assert published(kenya, rule_proposed(kenya, rule, 5)) == ""
    assert kenya.rule_on(_day(kenya, 5)).rule == rule


def test_who_publishes_reads_what_changes_on_that_day_and_after(kenya: Roll) -> None:
    """Differences are against what is in force on the first day, not today; then of each later version against the proposal."""
    rule = another(kenya)
    assert published(kenya, rule_proposed(kenya, rule, 5)) == ""
    place_proposed(kenya, 10)
    (row,) = rule_versions.waiting(kenya)
    shown = str(_proposed(row, proposal_on(kenya, row), "en")[1])
    assert "Nairobi 048" in shown
    assert "45 days" not in shown
    assert published(kenya, rule_proposed(kenya, voluntary(kenya), 20, made_on=digest(rule))) == ""
    later = str(_proposed(row, proposal_on(kenya, row), "en")[1])
    name = kenya.rule_on(_day(kenya, 20)).name
    assert re.search(rf"on {name} is in force:.*45 days.*30 days.*Nairobi 048", later, re.DOTALL)


def test_an_act_of_before_reads_as_it_was_written() -> None:
    """A proposal in the log of an older roll has none of the new keys, and its bytes stay what a receipt commits to."""
    body = '{"by":"registrar/1","jurisdiction":"ke@1","proposed":"law@2","rule":"law@1","safeguards":[],"starts":"2026-03-20"}'
    fact = event_of("rule.proposed/2", body)
    assert fact.body() == body
    at, rows = datetime(2026, 3, 16, tzinfo=UTC), dict[object, dict[str, object]]()
    row = EventRow(0, 4, fact.name, "registrar-lead", "registrar", at, at.date(), bytes(32), bytes(32), body)
    replay_proposal(rows, fact, row)
    assert (rows[4]["on_rule"], rows[4]["on_jurisdiction"]) == ("", "")


def test_a_text_of_before_undoes_nothing_that_was_published_since(kenya: Roll) -> None:
    """Copied before another rule was published, proposed afterwards: it is told what it takes back; who means it says so."""
    text = voluntary(kenya)
    assert published(kenya, rule_proposed(kenya, another(kenya), 5, TWO), ONE) == ""
    old = rule_versions.propose_rule(kenya, text, _day(kenya, 10), ONE)
    assert isinstance(old, Refused)
    then = kenya.rule_on(_day(kenya, 10))
    assert (old.refusal.code, old.refusal.params["rule"]) == ("takes-back", then.name)
    assert old.refusal.params["parts"], "it says which"
    assert not any("title" in part for part in old.refusal.params["parts"]), "what it changes itself is none"
    merged = msgspec.structs.replace(another(kenya), title=text.title)
    assert published(kenya, rule_proposed(kenya, merged, 10)) == ""
    meant = rule_versions.propose_rule(kenya, kenya.rule, _day(kenya, 20), ONE, made_on=digest(merged))
    assert isinstance(meant, int), meant
    before_any = rule_versions.propose_rule(kenya, text, _day(kenya, 3), ONE)
    assert isinstance(before_any, int), "on that day nothing is changed yet"


def test_a_jurisdiction_that_lost_its_first_line_undoes_nothing(kenya: Roll) -> None:
    """A tool that drops the line which says what it was made on: a day off that others took out stays out."""
    version = kenya.place.jurisdiction.version

    def raised(place: Bundle, by: int) -> Bundle:
        new = msgspec.structs.replace(place.jurisdiction, version=version + by)
        return msgspec.structs.replace(place, jurisdiction=new)

    first = raised(msgspec.structs.replace(kenya.place, days_off=kenya.place.days_off[:-1]), 1)
    assert published(kenya, _number(rule_versions.propose_place(kenya, first, _day(kenya, 5), ONE))) == ""
    old = raised(kenya.place, 2)
    outcome = rule_versions.propose_place(kenya, old, _day(kenya, 10), ONE)
    assert isinstance(outcome, Refused), outcome
    assert outcome.refusal.code == "takes-back"
    assert outcome.refusal.params["parts"] == (f"days_off/{kenya.place.days_off[-1].day}",)
    assert isinstance(rule_versions.propose_place(kenya, old, _day(kenya, 10), ONE, full_name(first)), int)


def _number(outcome: int | Refused) -> int:
    assert isinstance(outcome, int), outcome
    return outcome


def test_a_rule_is_published_for_its_day_again_after_another(kenya: Roll) -> None:
    """One, another, and the first one again, all for one day: the last published is in force, and the roll is rebuilt so."""
    first, second = another(kenya), voluntary(kenya)
    assert published(kenya, rule_proposed(kenya, first, 5)) == ""
    assert published(kenya, rule_proposed(kenya, second, 5, made_on=digest(first))) == ""
    assert published(kenya, rule_proposed(kenya, first, 5, made_on=digest(second))) == ""
    assert [one.rule for one in kenya.versions[1:]] == [first, second, first]
    assert kenya.rule_on(_day(kenya, 5)).rule == first
    assert rebuild(kenya, replace=False).differences == ()
