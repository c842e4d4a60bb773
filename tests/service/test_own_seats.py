"""An organisation's seats are its own to give: who is put there from outside waits for its word, or for a notice's end."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from openroll.register.decision import Refused
from openroll.register.organisation.commands import AdmitOrganisation
from openroll.register.organisation.events import SeatAnnounced, SeatConfirmed
from openroll.register.organisation.roles import KEEPER, REGISTRAR, Seat
from openroll.service import queries
from openroll.service.acts import Acted
from openroll.service.filing import porting
from openroll.service.filing.letters import count_left_out, count_letters, letters_of, withheld
from openroll.service.filing.porting import Party
from openroll.service.filing.rebuild import rebuild
from openroll.service.filing.submit import Submission
from openroll.service.governance.lives import lives, offer_succession, succeed
from openroll.service.governance.open_roll import organisation_of, token_hash
from openroll.service.identity import people, seats, sessions
from openroll.service.identity.api_tokens import end_token, issue_token, live_tokens, replace_token
from openroll.service.identity.people import confirm_seat
from openroll.service.queries import Record
from openroll.service.roll import Roll
from openroll.store import subscriptions
from openroll.store.people import in_seat
from openroll.store.roll import NewToken, put_token
from openroll.words import say_refused
from tests.handles import handle
from tests.seats import in_force, invited, seated
from tests.service.filings import filing
from tests.service.test_porting import code, filed, reference
from tests.service.test_unconfirmed import do, file_alone, on


def registrars(roll: Roll) -> tuple[Seat, Seat]:
    """Two leads of the registrar, of two lines."""
    first = in_force(roll, REGISTRAR, "registrar-lead")
    return first, in_force(roll, REGISTRAR, "registrar-lead", confirmed_by=first)


def word(roll: Roll, seat: Seat, by: Seat) -> object:
    """What comes of somebody's word for a new seat: the kind of event, or the code of the refusal."""
    decision = confirm_seat(roll, seat.organisation, seat.number, by)
    return decision.refusal.code if isinstance(decision, Refused) else type(decision.events[0])


def signs_in(roll: Roll, seat: Seat) -> None:
    """Whoever sits there signs in."""
    with roll.database.own() as connection:
        person = in_seat(connection, seat.organisation, seat.number)
    assert person is not None
    sessions.begin(roll, person=person.id)


def test_two_leads_of_the_registrar_put_nobody_into_an_operator_that_lives(roll: Roll) -> None:
    """The seat they agree on waits: it prints no letter, issues no token, throws nobody out; the operator's lead may take it."""
    first, second = registrars(roll)
    east = in_force(roll, "east", "operator-lead")
    filed(roll, "a-1")
    friend = invited(roll, "east", "operator-lead", first)
    assert word(roll, friend, second) is SeatAnnounced
    assert word(roll, friend, second) == "notice-runs"
    assert code(letters_of(roll, friend, 0)) == "seat-waiting"
    assert code(issue_token(roll, "east", "by test", friend)) == "seat-waiting"
    assert code(people.end_seat(roll, "east", east.number, friend)) == "seat-waiting"
    signs_in(roll, friend)  # is no sign of the operator's life
    on(roll, 10)
    (waits,) = seats.waiting(roll, "east")
    assert (waits.heard, waits.may_announce, waits.may_confirm) == (None, (), (east,))
    signs_in(roll, east)
    on(roll, 40)
    assert word(roll, friend, second) == "organisation-lives"
    assert word(roll, friend, first) == "one-line"
    assert word(roll, friend, east) is SeatConfirmed
    assert shown(roll, friend) == {handle("a-1")}
    assert rebuild(roll, replace=False).differences == ()


def holds_a_token(roll: Roll) -> None:
    """Its programs have a token."""
    assert isinstance(issue_token(roll, "east", "by test"), str)


def files(roll: Roll) -> None:
    """It files."""
    filed(roll, "a-1")


def test_what_a_stranger_files_alone_keeps_no_first_lead_out(roll: Roll) -> None:
    """An operator newly admitted that has filed nothing has its first lead at once, whatever others file under its name."""
    file_alone(roll, "east")
    lead = in_force(roll, "east", "operator-lead")
    clerk = in_force(roll, "east", "clerk", lead, in_force(roll, REGISTRAR, "registrar-lead"))
    assert code(letters_of(roll, clerk, 0)) == ""


@pytest.mark.parametrize(("began", "keeper"), [(holds_a_token, True), (files, False)])
def test_the_first_lead_of_an_operator_that_has_begun_is_nobodys_alone_to_put_there(
    roll: Roll, began: Callable[[Roll], None], keeper: bool
) -> None:
    """Whether the registrar or who keeps the machine invites, also before it began: the seat waits."""
    first, second = registrars(roll)
    by = KEEPER if keeper else first
    secret = people.invite(roll, "east", "operator-lead", "early", by)
    began(roll)
    assert isinstance(secret, str)
    assert isinstance(people.join_with_subject(roll, secret, "https://id.example", "early"), str)
    friend = Seat("east", 1)
    assert code(letters_of(roll, friend, 0)) in ("", "seat-waiting")
    assert code(issue_token(roll, "east", "x", friend)) == "seat-waiting"
    assert word(roll, friend, first if keeper else second) is SeatAnnounced


def asks(roll: Roll, token: str) -> None:
    """Its program asks for something."""
    assert organisation_of(roll, token_hash(token)) == "east"


@pytest.mark.parametrize("lives_on", [asks, lambda roll, _: files(roll)])
def test_any_sign_of_life_voids_the_notice(roll: Roll, lives_on: Callable[[Roll, str], None]) -> None:
    """Whatever its programs do while the notice runs, and on the day on which it is over."""
    first, second = registrars(roll)
    token = issue_token(roll, "east", "by test")
    assert isinstance(token, str)
    friend = invited(roll, "east", "operator-lead", first)
    assert word(roll, friend, second) is SeatAnnounced
    on(roll, 40)
    lives_on(roll, token)
    assert word(roll, friend, second) == "organisation-lives"
    assert word(roll, friend, second) == "organisation-lives"


def put_in(roll: Roll) -> tuple[Seat, Seat, Seat]:
    """Nobody answered for east: the registrar's two, and the lead they put there."""
    first, second = registrars(roll)
    friend = invited(roll, "east", "operator-lead", first)
    assert word(roll, friend, second) is SeatAnnounced
    on(roll, 40)
    assert word(roll, friend, second) is SeatConfirmed
    return first, second, friend


def shown(roll: Roll, by: Seat) -> set[str]:
    """The handles of an operator whose filing code it is told: in its list, in letters, by handle."""
    operator = by.organisation
    letters = letters_of(roll, by, 0)
    assert not isinstance(letters, Refused), letters
    found = {one for one, _ in queries.codes(roll, operator)} | {one for one, *_ in letters}
    for account in ("a-1", "a-2", "w-1"):
        one = queries.by_handle(roll, operator, handle(account))
        found |= {handle(account)} if isinstance(one, Record) and one.code else set()
    return found


def test_a_seat_that_was_put_there_gets_no_code_of_what_was_filed_before(roll: Roll) -> None:
    """Nor does its token, a clerk it lets in, an operator that it ports to, or its heir; what is filed from then on it prints."""
    number = filed(roll, "a-1")
    on(roll, 1)
    first, _, friend = put_in(roll)
    filed(roll, "a-2")
    assert shown(roll, friend) == {handle("a-2")}
    clerk = in_force(roll, "east", "clerk", friend, first if first.number != 1 else Seat(REGISTRAR, 2))
    assert shown(roll, clerk) == {handle("a-2")}
    with roll.database.own() as connection:  # what an answer to a program tells
        assert subscriptions.code_to_tell(connection, number) is None
    assert rebuild(roll, replace=False).differences == ()
    west = seated(roll, "west", "operator-lead")
    assert code(porting.offer(roll, Party("east", friend), number, "west")) == ""
    assert code(porting.agree(roll, Party("west", west), reference(roll), handle("w-1"))) == ""
    assert shown(roll, west) == set()
    filed(roll, "a-3")
    offer_succession(roll, "east", "west", friend)
    assert code(succeed(roll, "east", by=west)) == ""
    assert handle("w-1") not in shown(roll, west)
    assert rebuild(roll, replace=True).differences == ()
    assert handle("w-1") not in shown(roll, west)


def test_the_second_time_counts_as_the_first_did(roll: Roll) -> None:
    """What was filed between two such seats is the second one's to print no more than the first's."""
    filed(roll, "a-1")
    on(roll, 1)
    first, second, friend = put_in(roll)
    filed(roll, "a-2")
    on(roll, 1)
    again = invited(roll, "east", "operator-lead", first)
    assert word(roll, again, second) is SeatAnnounced
    on(roll, 40)
    assert word(roll, again, second) is SeatConfirmed
    assert shown(roll, friend) == set()
    assert rebuild(roll, replace=False).differences == ()


def test_an_authoritys_and_a_reviewers_seats_are_their_own_too(roll: Roll) -> None:
    """Once it has a lead, the registrar's two put nobody into it who acts; its own lead with the registrar does."""
    first, second = registrars(roll)
    for kind, lead, other in (("authority", "officer-lead", "officer"), ("reviewer", "reviewer-lead", "reviewer")):
        admit = AdmitOrganisation(organisation=kind, kind=kind, title={"zh": kind, "en": kind})
        assert isinstance(people.admit_organisation(roll, admit, first), Acted)
        own = in_force(roll, kind, lead, first)
        friend = invited(roll, kind, other, first)
        assert word(roll, friend, second) is SeatAnnounced
        on(roll, 1)
        signs_in(roll, own)
        on(roll, 40)
        assert word(roll, friend, second) == "organisation-lives"
        in_force(roll, kind, other, own, second)


def test_who_said_a_word_still_sits_when_it_is_taken_up(roll: Roll) -> None:
    """An invitation and a notice end with the seat that made them."""
    first, second = registrars(roll)
    third = in_force(roll, REGISTRAR, "registrar-lead", second, first)
    east = in_force(roll, "east", "operator-lead")
    left = in_force(roll, "east", "operator-lead", east, first)
    friend, other = invited(roll, "east", "clerk", left), invited(roll, "east", "clerk", first)
    assert word(roll, other, third) is SeatAnnounced
    assert not isinstance(people.end_seat(roll, "east", left.number, east), Refused)
    assert word(roll, friend, first) == "seat-gone"
    assert not isinstance(people.end_seat(roll, REGISTRAR, third.number, first), Refused)
    on(roll, 40)
    assert word(roll, other, second) is SeatAnnounced  # anew, by one who is there


def test_what_opens_an_organisation_is_no_outsiders_to_give(roll: Roll) -> None:
    """A token, and the end of a seat, are its own leads' acts, or the keeper's; whoever calls the service."""
    first, second = registrars(roll)
    east = in_force(roll, "east", "operator-lead")
    west = in_force(roll, "west", "operator-lead")
    clerk = in_force(roll, "east", "clerk", east, first)
    assert isinstance(issue_token(roll, "east", "billing", east), str)
    for other in (first, second, west, clerk):
        assert code(issue_token(roll, "east", "x", other)) == "not-allowed"
        assert code(replace_token(roll, "east", 1, other)) == "not-allowed"
    for other in (first, second, west):
        assert code(people.end_seat(roll, "east", clerk.number, other)) == "not-allowed"
    assert code(people.end_seat(roll, "east", clerk.number, clerk)) == ""


def test_an_authoritys_token_files_nothing(roll: Roll) -> None:
    """An authority or a reviewer has tokens of its seats alone: none that files under its name."""
    admit = AdmitOrganisation(organisation="police", kind="authority", title={"zh": "警方", "en": "Police"})
    assert isinstance(people.admit_organisation(roll, admit, KEEPER), Acted)
    assert code(issue_token(roll, "police", "program")) == "token-without-seat"
    assert (
        code(issue_token(roll, "police", "program", in_force(roll, "police", "officer-lead"))) == "token-without-seat"
    )
    with roll.database.own() as connection:  # as it could be issued before
        new = NewToken(token_hash("old"), "police", "program", roll.clock(), None)
        put_token(connection, 7, new)
    assert organisation_of(roll, token_hash("old")) is None
    made = Submission(
        command=filing("police"), key="k", request=b"r" * 32, token=token_hash("old"), handle=handle("a-1")
    )
    assert code(do(roll, made)) == "token-unknown"


def test_an_operator_of_programs_alone_gets_a_lead_by_its_own_word(roll: Roll) -> None:
    """Who keeps the machine shows a token of it: then a lead of the registrar confirms at once, and nothing has to be silent."""
    first, _ = registrars(roll)
    token, wests = issue_token(roll, "east", "by test"), issue_token(roll, "west", "by test")
    assert isinstance(token, str)
    assert isinstance(wests, str)
    assert people.is_led_by_nobody(roll, "east")
    filed(roll, "a-1")
    assert code(people.invite(roll, "east", "operator-lead", "x", token=wests)) == "token-unknown"
    assert code(people.invite(roll, "east", "operator-lead", "x", first, token=token)) == "token-unknown"
    secret = people.invite(roll, "east", "operator-lead", "x", token=token)
    assert isinstance(secret, str)
    assert isinstance(people.join_with_subject(roll, secret, "https://id.example", "own"), str)
    lead = Seat("east", 1)
    assert code(issue_token(roll, "east", "x", lead)) == "seat-waiting"
    waits = issue_token(roll, "east", "x", lead)
    assert isinstance(waits, Refused)
    assert "--token-file" in say_refused(waits, "en")
    assert word(roll, lead, first) is SeatConfirmed
    assert not people.is_led_by_nobody(roll, "east")
    assert shown(roll, lead) == set()  # whoever keeps the machine could have made that token
    filed(roll, "a-2")
    assert shown(roll, lead) == {handle("a-2")}
    assert rebuild(roll, replace=False).differences == ()


def test_a_notice_runs_two_weeks_at_the_least(roll: Roll) -> None:
    """Of a seat and of a succession, whatever whoever keeps the machine sets for the day of it."""
    roll.unconfirmed_days = 1
    first, second = registrars(roll)
    holds_a_token(roll)
    today = roll.day(roll.clock())
    assert word(roll, invited(roll, "east", "operator-lead", first), second) is SeatAnnounced
    assert [one.until for one in seats.waiting(roll, "east")] == [today + timedelta(days=14)]
    in_force(roll, "west", "operator-lead")
    assert code(offer_succession(roll, "east", "west", first)) == ""
    assert {one.until for one in lives(roll) if one.name == "east"} == {today + timedelta(days=14)}
    on(roll, 14)
    assert word(roll, Seat("east", 1), second) == "notice-runs"
    on(roll, 1)
    assert word(roll, Seat("east", 1), second) is SeatConfirmed


def by_token(roll: Roll, token: str, subject: str) -> Seat:
    """Who joined at the word of a token."""
    secret = people.invite(roll, "east", "operator-lead", "x", token=token)
    assert isinstance(secret, str), secret
    joined = people.join_with_subject(roll, secret, "https://id.example", subject)
    assert isinstance(joined, str), joined
    with roll.database.own() as connection:
        row = connection.execute("select max(seat) from person where organisation = 'east'").fetchone()
    return Seat("east", row[0] if row else 0)


def made(roll: Roll) -> str:
    """A token that whoever keeps the machine made."""
    token = issue_token(roll, "east", "made", KEEPER)
    assert isinstance(token, str)
    return token


def test_a_token_is_no_word_where_a_lead_speaks(roll: Roll) -> None:
    """Whoever keeps the machine can make one: a lead who is there is asked, be it when somebody is invited or confirmed."""
    first, _ = registrars(roll)
    token = made(roll)
    early, lead = by_token(roll, token, "early"), by_token(roll, token, "lead")
    assert word(roll, lead, first) is SeatConfirmed
    assert word(roll, early, first) is SeatAnnounced
    assert code(people.invite(roll, "east", "operator-lead", "x", token=token)) == "not-allowed"
    with roll.database.own() as connection:
        assert seats.member(connection, lead).chain == (lead, Seat("east", 0), KEEPER)


def test_the_word_of_a_token_ends_with_it(roll: Roll) -> None:
    """A token that was stolen and ended has nobody confirmed any more."""
    first, _ = registrars(roll)
    seat = by_token(roll, made(roll), "thief")
    (live,) = live_tokens(roll, "east")
    assert end_token(roll, "east", live.number, KEEPER, "stolen") is None
    assert code(confirm_seat(roll, "east", seat.number, first)) == "seat-gone"


def test_it_is_said_what_is_told_no_more(roll: Roll) -> None:
    """Letters of what was filed before such a seat are left out, counted, with the day since when; before it none is."""
    assert withheld(roll, "east") == (False, None)
    filed(roll, "a-1")
    assert (withheld(roll, "east"), count_left_out(roll, "east")) == ((True, None), 0)
    on(roll, 1)
    put_in(roll)
    assert (withheld(roll, "east"), count_left_out(roll, "east")) == ((True, roll.day(roll.clock())), 1)
    filed(roll, "a-2")
    assert (count_left_out(roll, "east"), count_letters(roll, "east")) == (1, 1)
