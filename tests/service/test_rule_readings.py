"""What no check can judge is read: two people of different organisations sign before a rule is published."""

import json
from datetime import timedelta

import msgspec
import pytest

from openroll.register.decision import Accepted, Refused
from openroll.register.organisation.roles import KEEPER, Seat
from openroll.rules import Rule, digest, words_digest
from openroll.service.filing.rebuild import rebuild
from openroll.service.governance import rule_versions
from openroll.service.governance.rule_readings import WordsOfRule, rules_to_read, sign, words_of
from openroll.service.identity import people
from openroll.service.queries import official_acts
from openroll.service.roll import Roll
from tests.seats import in_force, invited, seated
from tests.service.test_governance import another, refused, today

ONE, TWO = Seat("registrar", 1), Seat("registrar", 2)


@pytest.fixture
def roll(roll: Roll) -> Roll:
    """A roll whose registrar has two leads of two lines: the founding one, and one whom the keeper invited."""
    assert in_force(roll, "registrar", "registrar-lead") == ONE
    assert in_force(roll, "registrar", "registrar-lead", KEEPER, ONE) == TWO
    return roll


def proposed(roll: Roll, rule: Rule) -> int:
    """A rule that the first lead proposed."""
    number = rule_versions.propose_rule(roll, rule, today(roll) + timedelta(days=2), ONE)
    assert isinstance(number, int), number
    return number


def read(roll: Roll, rule: Rule, by: Seat) -> str:
    """Have a seat sign; the code of what refused it, empty where nothing did."""
    outcome = sign(roll, digest(rule), words_digest(rule), by)
    return "" if outcome is None else outcome.refusal.code


def published(roll: Roll, number: int) -> Refused | None:
    """Have the second lead publish a proposal."""
    return rule_versions.settle(roll, number, TWO, drop=False)


def missing(roll: Roll, number: int) -> tuple[int, list[str]]:
    """How many must still read before a proposal is published, and for whom it was read."""
    outcome = published(roll, number)
    assert refused(outcome) == "rule-unread"
    assert isinstance(outcome, Refused)
    return outcome.refusal.params["missing"], list(outcome.refusal.params["organisations"])


def known(roll: Roll, rule: Rule) -> WordsOfRule:
    """How a rule of the roll stands."""
    return words_of(roll, [rule])[0]


def test_a_rule_is_published_once_two_organisations_have_read_its_words(roll: Roll) -> None:
    """Nobody, then one, is too few; the act says role, organisation and both digests, and no name; the second opens the way."""
    rule, east = another(roll), in_force(roll, "east", "operator-lead")
    number = proposed(roll, rule)
    assert missing(roll, number) == (2, [])
    assert read(roll, rule, ONE) == ""
    assert missing(roll, number) == (1, ["registrar"])
    assert read(roll, rule, ONE) == "rule-read-already"
    assert read(roll, rule, east) == ""
    body = json.loads(next(one for one in official_acts(roll) if one.name == "rule.read/1").body)
    assert (body["organisation"], body["role"], body["by"]) == ("east", "operator-lead", "east/1")
    assert (body["digest"], body["words"]) == (digest(rule), words_digest(rule))
    assert set(body) == {"read", "digest", "words", "role", "organisation", "by", "rule"}
    assert published(roll, number) is None
    assert known(roll, rule).missing == 0
    assert rebuild(roll, replace=False).differences == ()


def test_only_people_who_answer_for_an_organisation_sign_and_only_what_they_were_shown(roll: Roll) -> None:
    """Not whoever keeps the machine, no clerk, no seat that waits; not other words, and not a rule that is none of the roll's."""
    rule, east = another(roll), in_force(roll, "east", "operator-lead")
    proposed(roll, rule)
    clerk = in_force(roll, "east", "clerk", east, ONE)
    assert {read(roll, rule, seat) for seat in (KEEPER, clerk)} == {"not-allowed"}
    assert read(roll, rule, invited(roll, "registrar", "registrar-lead", ONE)) == "seat-waiting"
    assert refused(sign(roll, digest(rule), words_digest(roll.rule) + "0", east)) == "rule-words-changed"
    assert read(roll, msgspec.structs.replace(rule, version=99), east) == "proposal-unknown"
    assert known(roll, rule).readings == ()


def test_one_person_in_two_seats_reads_once(roll: Roll) -> None:
    """Two seats of one organisation are one; so is a lead with an organisation she let herself into, or two of them."""
    rule, hers = another(roll), [in_force(roll, name, "operator-lead", ONE) for name in ("east", "west")]
    number = proposed(roll, rule)
    for seat in hers:
        assert read(roll, rule, seat) == ""
    assert read(roll, rule, ONE) == ""
    assert missing(roll, number)[0] == 1
    assert read(roll, rule, TWO) == ""
    assert published(roll, number) is None


def test_two_seats_of_one_organisation_are_one_reading(roll: Roll) -> None:
    """Also when nothing else ties the two."""
    rule = another(roll)
    number = proposed(roll, rule)
    for seat in (ONE, TWO, seated(roll, "registrar", "registrar-lead")):
        assert read(roll, rule, seat) == ""
    assert missing(roll, number) == (1, ["registrar"])


def test_a_seat_that_ended_counts_no_more(roll: Roll) -> None:
    """Who left before the publication has not read for anybody; the page says so."""
    rule, east = another(roll), in_force(roll, "east", "operator-lead")
    number = proposed(roll, rule)
    assert (read(roll, rule, east), read(roll, rule, ONE)) == ("", "")
    other = in_force(roll, "east", "operator-lead", east, ONE)
    assert isinstance(people.end_seat(roll, "east", east.number, other), Accepted)
    assert missing(roll, number) == (1, ["registrar"])
    assert [(one.sits, one.counts) for one in known(roll, rule).readings] == [(False, False), (True, True)]
    assert read(roll, rule, east) == "seat-gone"


def test_a_changed_proposal_is_read_anew(roll: Roll) -> None:
    """One letter of a note makes another digest: what was read before is not what is proposed."""
    rule, east = another(roll), in_force(roll, "east", "operator-lead")
    for seat in (ONE, east):
        proposed(roll, rule)
        assert read(roll, rule, seat) == ""
    changed = msgspec.structs.replace(rule, notes=({"en": "And the police may come in."}, *rule.notes))
    assert missing(roll, proposed(roll, changed)) == (2, [])


def test_the_rule_a_roll_was_opened_with_is_read_afterwards_and_holds_nothing_back(roll: Roll) -> None:
    """It was read by nobody, which is said; it can be signed; and it stands, also with a changed jurisdiction."""
    assert [(one.digest, one.missing, one.waits) for one in rules_to_read(roll)] == [(digest(roll.rule), 2, False)]
    title = {**roll.place.jurisdiction.title, "en": "Another name"}
    place = msgspec.structs.replace(
        roll.place, jurisdiction=msgspec.structs.replace(roll.place.jurisdiction, title=title)
    )
    number = rule_versions.propose_place(roll, place, today(roll) + timedelta(days=2), ONE)
    assert isinstance(number, int), number
    assert published(roll, number) is None
    for seat in (ONE, in_force(roll, "east", "operator-lead")):
        assert read(roll, roll.rule, seat) == ""
    assert [one.missing for one in rules_to_read(roll)] == [0]
