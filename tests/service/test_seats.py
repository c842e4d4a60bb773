"""Two pairs of eyes: who invited whom decides which seats count as two people, and a new seat waits for another's word."""

import itertools
import json
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openroll.register.decision import Accepted, Refused
from openroll.register.organisation.commands import AdmitOperator, AdmitOrganisation
from openroll.register.organisation.roles import KEEPER, Seat
from openroll.register.organisation.seats import KEEPERS, Member, of_one_chain, of_one_line
from openroll.service.governance import figures, rule_versions
from openroll.service.governance.open_roll import admit_operator
from openroll.service.identity import api_tokens, people, seats
from openroll.service.identity.oidc.code_flow import providers, seal_secrets, use_provider
from openroll.service.identity.oidc.provider import Provider
from openroll.service.identity.sessions import begin
from openroll.service.queries import official_acts
from openroll.service.records import audited_lookup
from openroll.service.roll import Roll
from tests.seats import in_force, invited, words_read
from tests.service.test_governance import another, refused


def starts(roll: Roll) -> date:
    """A day on which a rule may start."""
    return roll.day(roll.clock()) + timedelta(days=2)


def proposed(roll: Roll, by: Seat) -> int:
    """A rule that a seat proposed."""
    number = rule_versions.propose_rule(roll, another(roll), starts(roll), by)
    assert isinstance(number, int), number
    return number


@pytest.fixture
def first(roll: Roll) -> Seat:
    """The registrar's founding seat, invited by whoever keeps the machine."""
    return in_force(roll, "registrar", "registrar-lead")


@pytest.fixture
def second(roll: Roll, first: Seat) -> Seat:
    """A second lead of the registrar: invited by whoever keeps the machine, confirmed by the first."""
    return in_force(roll, "registrar", "registrar-lead", KEEPER, first)


def test_a_lead_who_invites_herself_publishes_nothing(roll: Roll, first: Seat) -> None:
    """However many seats one person takes by her own invitations, in a chain or side by side, none acts without another."""
    child = invited(roll, "registrar", "registrar-lead", first)
    number = proposed(roll, first)
    assert refused(rule_versions.settle(roll, number, child, drop=False)) == "seat-waiting"
    assert refused(people.confirm_seat(roll, "registrar", child.number, first)) == "one-line"
    assert refused(people.confirm_seat(roll, "registrar", child.number, child)) in ("one-line", "seat-waiting")
    assert refused(people.invite(roll, "registrar", "registrar-lead", "third", child)) == "seat-waiting"
    assert refused(rule_versions.settle(roll, number, first, drop=False)) == "second-eyes-needed"
    assert len(roll.versions) == 1


def test_nobody_publishes_what_their_own_line_proposed(roll: Roll, first: Seat, second: Seat) -> None:
    """Confirmed or not, whom I invited, who invited me, and my fellows by one invitation are not a second pair of eyes."""
    child = in_force(roll, "registrar", "registrar-lead", first, second)
    sister = in_force(roll, "registrar", "registrar", first, second)
    grandchild = in_force(roll, "registrar", "registrar", child, second)
    line = (first, child, sister, grandchild)
    for one, other in itertools.permutations(line, 2):
        number = proposed(roll, one)
        assert refused(rule_versions.settle(roll, number, other, drop=False)) == "one-line", (one, other)
        assert rule_versions.settle(roll, number, other, drop=True) is None
    number = proposed(roll, grandchild)
    row = rule_versions.waiting(roll)[0]
    told = rule_versions.eyes(roll, row, first)
    assert told.may == (second,)
    assert told.refusal is not None
    words_read(roll, another(roll))
    assert rule_versions.settle(roll, number, second, drop=False) is None


def test_leaving_and_being_invited_again_keeps_the_line(roll: Roll, first: Seat, second: Seat) -> None:
    """A seat that was left still counts: what it proposed is not published by its line, and a new seat waits again."""
    child = in_force(roll, "registrar", "registrar-lead", first, second)
    number = proposed(roll, child)
    assert isinstance(people.end_seat(roll, "registrar", child.number, first), Accepted)
    again = invited(roll, "registrar", "registrar-lead", first)
    assert refused(rule_versions.settle(roll, number, again, drop=False)) == "seat-waiting"
    assert refused(rule_versions.settle(roll, number, first, drop=False)) == "one-line"
    assert refused(people.confirm_seat(roll, "registrar", child.number, second)) == "seat-gone"
    assert isinstance(people.end_seat(roll, "registrar", second.number, first), Accepted)
    assert refused(people.confirm_seat(roll, "registrar", again.number, first)) == "one-line"
    new = invited(roll, "registrar", "registrar-lead")
    assert refused(rule_versions.settle(roll, number, new, drop=False)) == "seat-waiting"


def test_the_keepers_seats_are_one_line_and_found_nothing_twice(roll: Roll, first: Seat, second: Seat) -> None:
    """Only the first lead is in force at once; of those the keeper invites later none confirms another, nor publishes for it."""
    third = invited(roll, "registrar", "registrar-lead")
    assert refused(people.confirm_seat(roll, "registrar", third.number, second)) == "one-line"
    assert refused(people.confirm_seat(roll, "registrar", third.number, KEEPER)) == "not-allowed"
    assert isinstance(people.confirm_seat(roll, "registrar", third.number, first), Accepted)
    assert refused(people.confirm_seat(roll, "registrar", third.number, first)) == "seat-confirmed-already"
    number = proposed(roll, third)
    assert refused(rule_versions.settle(roll, number, second, drop=False)) == "one-line"
    assert refused(rule_versions.settle(roll, number, KEEPER, drop=False)) == "one-line"
    words_read(roll, another(roll))
    assert rule_versions.settle(roll, number, first, drop=False) is None


def test_a_seat_of_another_organisation_is_no_way_round(roll: Roll, first: Seat, second: Seat) -> None:
    """A registrar's lead is of her own line at an operator too, and an operator's lead does not confirm at the registrar."""
    east = in_force(roll, "east", "operator-lead")
    hers = invited(roll, "east", "operator-lead", first)
    assert refused(people.confirm_seat(roll, "east", hers.number, first)) == "one-line"
    assert isinstance(people.confirm_seat(roll, "east", hers.number, east), Accepted)
    puppet = invited(roll, "registrar", "registrar-lead", first)
    assert refused(people.confirm_seat(roll, "registrar", puppet.number, east)) == "not-allowed"
    assert refused(people.invite(roll, "registrar", "registrar", "x", east)) == "not-allowed"
    assert refused(people.invite(roll, "west", "clerk", "x", east)) == "not-allowed"
    clerk = invited(roll, "east", "clerk", hers)
    assert refused(people.confirm_seat(roll, "east", clerk.number, first)) == "one-line"
    assert isinstance(people.confirm_seat(roll, "east", clerk.number, east), Accepted)


def test_an_operator_with_one_lead_begins_with_the_registrars_word(roll: Roll, first: Seat) -> None:
    """Its first lead is in force at once; whom that one invites is confirmed by a lead of the registrar."""
    east = in_force(roll, "east", "operator-lead")
    clerk = invited(roll, "east", "clerk", east)
    (waits,) = seats.waiting(roll, "east")
    assert (waits.seat, waits.invited_by, waits.may_confirm) == (clerk, "east/1", (first,))
    assert isinstance(people.confirm_seat(roll, "east", clerk.number, first), Accepted)
    assert seats.waiting(roll) == []


def test_a_new_seat_does_nothing_official(roll: Roll, first: Seat, second: Seat) -> None:
    """Every official act of a seat that waits, or that nobody sits in, is refused, and leaves no entry in the log."""
    new = invited(roll, "registrar", "registrar-lead", first)
    issued = api_tokens.issue_token(roll, "east", "billing")
    assert isinstance(issued, str)
    number = proposed(roll, second)
    police = AdmitOrganisation(organisation="police", kind="authority", title={"zh": "某局", "en": "Police"})
    acts = len(official_acts(roll, 1000))

    def all_acts(by: Seat) -> list[object]:
        north = AdmitOperator(operator="north", title={"zh": "北", "en": "North"}, kind="access-operator", by=str(by))
        own = Provider(organisation="east", issuer="https://id.example", client_id="c", client_secret="s")
        return [
            rule_versions.propose_rule(roll, another(roll), starts(roll), by),
            rule_versions.settle(roll, number, by, drop=False),
            rule_versions.settle(roll, number, by, drop=True),
            figures.publish(roll, by),
            people.admit_organisation(roll, police, by),
            admit_operator(roll, north),
            people.invite(roll, "registrar", "registrar", "x", by),
            people.end_seat(roll, "registrar", second.number, by),
            api_tokens.issue_token(roll, "east", "x", by),
            api_tokens.replace_token(roll, "east", 1, by),
            api_tokens.end_token(roll, "east", 1, by, "found in public"),
            use_provider(roll, own, by),
            audited_lookup(roll, "handle", "east", by, "192.0.2.7"),
            people.confirm_seat(roll, "registrar", new.number, by),
        ]

    assert {refused(one) for one in all_acts(new)} == {"seat-waiting"}
    assert {refused(one) for one in all_acts(Seat("registrar", 99))} <= {"seat-gone", "not-allowed"}
    assert len(official_acts(roll, 1000)) == acts
    assert not people.revoke_invitation(roll, "registrar", "00" * 32, new)


def test_the_beginning_stands_in_the_log(roll: Roll, first: Seat, second: Seat) -> None:
    """Who was founding, who invited whom and whose word put a seat in force: each is said by an official act."""
    said = [(row.name, json.loads(row.body)) for row in official_acts(roll)]
    joined = {body["seat"]: body for name, body in said if name == "person.joined/1"}
    assert joined["registrar/1"]["founding"] is True
    assert joined["registrar/1"]["invited_by"] == "registrar/0"
    assert "founding" not in joined["registrar/2"]
    (confirmed,) = [body for name, body in said if name == "seat.confirmed/1"]
    assert (confirmed["seat"], confirmed["by"]) == ("registrar/2", "registrar/1")
    assert seats.founding(roll) == [first]


def test_the_last_lead_in_force_stays_whoever_waits(roll: Roll, first: Seat) -> None:
    """A lead who waits is no lead yet: the only one in force cannot leave, and nobody becomes founding a second time."""
    waits = invited(roll, "registrar", "registrar-lead", first)
    assert refused(people.end_seat(roll, "registrar", first.number, first)) == "last-lead"
    assert isinstance(people.end_seat(roll, "registrar", waits.number, waits), Accepted)
    third = invited(roll, "registrar", "registrar-lead")
    assert refused(rule_versions.propose_rule(roll, another(roll), starts(roll), third)) == "seat-waiting"


def test_one_subject_and_one_browser_are_one_person(roll: Roll, first: Seat) -> None:
    """A provider's subject that has a seat takes no second one, nor does a browser that is signed in to one."""
    with roll.database.own() as connection:
        (issuer, subject, person) = connection.execute("select issuer, subject, person from subject").fetchone() or ()
    secret = people.invite(roll, "registrar", "registrar", "x", first)
    assert isinstance(secret, str)
    assert refused(people.join_with_subject(roll, secret, issuer, subject)) == "passkey-has-a-seat"
    cookie = begin(roll, person=person)
    assert refused(people.join_with_subject(roll, secret, issuer, "another", cookie)) == "passkey-has-a-seat"
    assert not isinstance(people.invitation(roll, secret), Refused)
    assert isinstance(people.join_with_subject(roll, secret, issuer, "another"), str)


def test_a_providers_secret_is_sealed(roll: Roll) -> None:
    """It stands readable in no row; a row moved to another issuer does not open, alone; old rows are sealed on upgrade."""
    use_provider(
        roll, Provider(organisation="east", issuer="https://id.example", client_id="c", client_secret="hush-hush")
    )
    with roll.database.own() as connection:
        connection.execute("insert into provider values ('west', 'https://id.example', 'c', 'in the open')")
    assert providers(roll)["east"].client_secret == "hush-hush"
    assert providers(roll)["west"].client_secret == "in the open"
    assert seal_secrets(roll) == 1
    assert seal_secrets(roll) == 0
    assert providers(roll)["west"].client_secret == "in the open"
    with roll.database.own() as connection:
        rows = str(connection.execute("select p::text, encode(secret_sealed, 'escape') from provider p").fetchall())
        connection.execute("update provider set issuer = 'https://evil.example' where organisation = 'east'")
    assert "hush" not in rows
    assert "open" not in rows
    assert list(providers(roll)) == ["west"], "and those of others go on"


@st.composite
def trees(draw: st.DrawFn) -> list[Member]:
    """The registrar's seats as they can come about: a founding one, and each later one invited by one before or the keeper."""
    members = [KEEPERS, Member(Seat("registrar", 1), "registrar-lead", True, True, (Seat("registrar", 1),))]
    for number in range(2, draw(st.integers(3, 12))):
        above = members[draw(st.integers(0, len(members) - 1))]
        seat = Seat("registrar", number)
        members.append(Member(seat, "registrar-lead", True, True, (seat, *above.chain)))
    return members


@given(trees())
def test_lines_part_the_seats_and_chains_lie_within_lines(members: list[Member]) -> None:
    """Being of one line is an equivalence with two classes at most a root; who invited whom is always of one line."""
    for one, other in itertools.product(members, repeat=2):
        assert of_one_line(one, other) == of_one_line(other, one)
        assert of_one_chain(one, other) == of_one_chain(other, one)
        assert not of_one_chain(one, other) or of_one_line(one, other)
        assert one.seat not in other.chain or of_one_line(one, other)
    assert {one.line for one in members} <= {KEEPER, Seat("registrar", 1)}
