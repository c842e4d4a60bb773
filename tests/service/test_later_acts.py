"""A database that went back: what an official act ended stays ended, as its entry in the log says it whole."""

from datetime import timedelta
from typing import Any, get_type_hints
from unittest.mock import Mock

import pytest

from openroll.register.decision import Refused
from openroll.register.events import EVENTS
from openroll.register.kinds import KINDS, OFFICIAL
from openroll.register.organisation import events as lives
from openroll.register.organisation.commands import AdmitOperator
from openroll.register.organisation.roles import REGISTRAR, Seat
from openroll.register.request.commands import WithdrawRequest
from openroll.register.request.events import UseEnded
from openroll.register.subscription.commands import Hold, RefuseRelease
from openroll.service.acts import Acted
from openroll.service.filing.submit import Taken
from openroll.service.governance import rule_versions
from openroll.service.governance.lives import offer_succession, succeed, withdraw_succession
from openroll.service.governance.open_roll import admit_operator, organisation_of, token_hash
from openroll.service.identity import people, release, sessions
from openroll.service.identity.api_tokens import end_token, issue_token, live_tokens, replace_token
from openroll.service.identity.oidc.code_flow import providers, use_provider
from openroll.service.identity.oidc.provider import Provider
from openroll.service.identity.seats import member
from openroll.service.identity.sessions import hashed
from openroll.service.log.fsck import fsck
from openroll.service.log.sequencer import Sequencer
from openroll.service.recovery import resume as recovery
from openroll.service.recovery.given_numbers import FIELDS, IN_NO_ENTRY, numbers_in
from openroll.service.recovery.later_acts import LATER, REPLAYED
from openroll.service.recovery.not_replayed import END_NOTHING, NOT_REPLAYED, PERSONS, SILENT
from openroll.service.recovery.resume import Resumed, resume
from openroll.service.requests import rights
from openroll.service.requests.ask import file_request
from openroll.service.requests.proofs import request_facts
from openroll.service.roll import Roll
from openroll.store import signs_of_life
from openroll.store.numbers import COLUMNS, HIGHEST, RECORD
from openroll.store.people import in_seat
from tests.register.asked import held
from tests.seats import in_force, seated
from tests.service.copies import clean
from tests.service.going_back import remember
from tests.service.requests.bodies import bodies
from tests.service.requests.followed import not_following
from tests.service.test_governance import another
from tests.service.test_holding import later, refused, submit
from tests.service.test_own_seats import registrars
from tests.service.test_porting import code, filed
from tests.service.test_unconfirmed import record

AMOUNTS = {"number", "size", "seen", "lost", "carried", "unbelieved_from", "purpose", "bucket"}
"""Whole numbers in official acts that no count of ours gave: of work, sizes, places in lists, the log or a heap."""
_BY: dict[str, Any] = {"by": "registrar/1", "rule": "r@1"}
NAMED = (
    (lives.PersonJoined(organisation="court", seat="court/4", role="reviewer", **_BY), {"seat/court": 4}),
    (lives.TokenIssued(organisation="court", token=7, seat=3, **_BY), {"token": 7, "seat/court": 3}),
    (lives.TokenReplaced(organisation="east", token=7, successor=9, until="", **_BY), {"token": 9}),
    (UseEnded(organisation="police", use=2, why="over", **_BY), {"use": 2}),
)
"""Facts that name numbers, and of which counts."""


def resumed(roll: Roll) -> Resumed:
    """The log goes on with the entries of its own public files; `rebuild --check` and `log fsck` find nothing."""
    done = resume(roll, [], take_missing=True)
    Sequencer(roll).run_until_empty()
    assert clean(roll) > done.size
    return done


def invitation(roll: Roll, role: str, by: Seat) -> str:
    """The secret of an invitation to east."""
    secret = people.invite(roll, "east", role, "somebody", by)
    assert isinstance(secret, str)
    return secret


def provider(issuer: str) -> Provider:
    """A provider of east's."""
    return Provider(organisation="east", issuer=issuer, client_id="roll", client_secret="kept")


def session_of(roll: Roll, seat: Seat) -> str:
    """A session of whoever sits there."""
    with roll.database.own() as connection:
        person = in_seat(connection, seat.organisation, seat.number)
    assert person is not None
    return sessions.begin(roll, person=person.id)


def test_every_official_kind_has_its_place() -> None:
    """Each is made a fact again, or it is said why not; of people's own the keeper is told what to do, or it is said why not."""
    assert set(LATER) == set(OFFICIAL)
    assert not set(REPLAYED) & set(NOT_REPLAYED)
    assert all(one.why for one in NOT_REPLAYED.values())
    assert set(KINDS) - set(OFFICIAL) == set(PERSONS) | set(END_NOTHING)
    assert not set(PERSONS) & set(END_NOTHING)


def test_who_was_put_out_does_not_sit_again(roll: Roll) -> None:
    """Dismissed, its token ended, its session ended, and then the database went back: none of the three lets in."""
    first, second = registrars(roll)
    east = in_force(roll, "east", "operator-lead")
    filed(roll, "a-1")
    stolen = issue_token(roll, "east", "billing", east)
    assert isinstance(stolen, str)
    cookie, other = session_of(roll, second), session_of(roll, first)
    Sequencer(roll).run_until_empty()
    go_back = remember(roll)
    (live,) = live_tokens(roll, "east")
    assert end_token(roll, "east", live.number, east) is None
    assert not isinstance(people.end_seat(roll, REGISTRAR, second.number, first), Refused)
    Sequencer(roll).run_until_empty()
    go_back()
    done = resumed(roll)
    assert (done.brought, done.replayed, done.lost) == (2, 2, 0)
    assert organisation_of(roll, token_hash(stolen)) is None
    assert [sessions.someone(roll, one).person for one in (cookie, other)] == [None, None]
    with roll.database.own() as connection:
        assert not member(connection, second).sits
        assert member(connection, first).in_force
    assert isinstance(people.invite(roll, "west", "operator-lead", "x", second), Refused)
    with roll.database.open() as connection:  # an act without its salt is held against its entry
        connection.execute("alter table event disable trigger user")
        connection.execute(
            "update event set body = replace(body, 'registrar/2', 'registrar/1') where name = 'person.left/1'"
        )
        connection.execute("alter table event enable always trigger append_only")
    fault = fsck(roll).fault
    assert fault is not None
    assert "not the fact" in fault.what


def test_a_token_that_got_a_successor_ends_when_its_entry_says(roll: Roll) -> None:
    """Its successor is there under its number, and nobody has a text that lets in by it."""
    east = in_force(roll, "east", "operator-lead")
    old = issue_token(roll, "east", "billing", east)
    assert isinstance(old, str)
    Sequencer(roll).run_until_empty()
    go_back = remember(roll)
    (live,) = live_tokens(roll, "east")
    new = replace_token(roll, "east", live.number, east, overlap=0)
    assert isinstance(new, str)
    Sequencer(roll).run_until_empty()
    go_back()
    assert organisation_of(roll, token_hash(old)) == "east"
    assert resumed(roll).replayed == 1
    assert [organisation_of(roll, token_hash(one)) for one in (old, new)] == [None, None]
    assert [one.replaced for one in live_tokens(roll, "east")] == [False]


def test_no_number_that_an_entry_shows_is_given_again(roll: Roll) -> None:
    """Where database and home forgot an authority, its seats, its use and its request: it is there, and goes on beyond them."""
    Sequencer(roll).run_until_empty()
    go_back = remember(roll)
    made = bodies(roll)
    request = made.file()
    before = {str(seat) for seat in made.seats.values()}
    Sequencer(roll).run_until_empty()
    go_back()
    (roll.home / "numbers").unlink()
    done = resumed(roll)
    assert done.replayed == 8  # two bodies, the keys of four, the use, the request
    again = bodies(roll)
    assert not before & {str(seat) for seat in again.seats.values()}
    assert (again.use > made.use, again.file() > request) == (True, True)
    Sequencer(roll).run_until_empty()
    assert not_following(roll) == []


def test_numbers_go_on_from_what_entries_show(roll: Roll) -> None:
    """Of every count whose numbers stand in entries, however far beyond the database these are."""
    for fact, given in NAMED:
        assert numbers_in(fact) == given
    highest = {name: 5_000 for _, given in NAMED for name in given}
    (roll.home / "numbers").unlink(missing_ok=True)
    roll.numbers.restart(leaping=False, given=highest)
    assert all(roll.numbers.take(name, 1).start > 5_000 for name in highest)


def test_every_number_in_an_official_act_is_of_a_count_or_is_none() -> None:
    """What a field's whole number is, is said once; each count stands in entries, or it is said why it does not."""
    numbers = {
        field
        for kind in OFFICIAL
        for field, of in get_type_hints(EVENTS[kind]).items()
        if of in (int, int | None) and field in EVENTS[kind].__struct_fields__
    }
    assert numbers == {*FIELDS, "seat", "site", *AMOUNTS}  # a site's is a record's number under a key
    assert {*FIELDS.values(), *IN_NO_ENTRY} == {RECORD, *COLUMNS, *HIGHEST}


def test_an_operator_whose_heir_was_forgotten_is_not_there_again(roll: Roll) -> None:
    """The heir is there again, without seats, and its succession is carried out: nobody asks the one that ended."""
    made = bodies(roll)
    Sequencer(roll).run_until_empty()
    go_back = remember(roll)
    admit = AdmitOperator(operator="north", title={"zh": "某机构", "en": "North"}, kind="access-operator")
    assert isinstance(admit_operator(roll, admit), Acted)
    north = seated(roll, "north", "operator-lead")
    assert code(offer_succession(roll, "east", "north", made.seats["east lead"])) == ""
    assert code(succeed(roll, "east", by=north)) == ""
    Sequencer(roll).run_until_empty()
    go_back()
    done = resumed(roll)
    assert done.replayed == 2
    assert "operator.admitted/2 (1): it is there, and nobody sits in it" in "\n".join(done.to_do)
    acted = file_request(roll, made.asking(), made.seats["officer"])
    assert isinstance(acted, Refused)
    assert acted.refusal.code == "operator-unknown"
    assert not_following(roll) == []


def test_a_run_that_was_killed_before_it_let_go_is_told_again(roll: Roll, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its acts stand in the database by then: the next run says what they were, and gives no number that their entries show."""
    Sequencer(roll).run_until_empty()
    go_back = remember(roll)
    filed(roll, "a-1")
    assert isinstance(issue_token(roll, "east", "a program"), str)
    Sequencer(roll).run_until_empty()
    go_back()
    with monkeypatch.context() as killed:
        killed.setattr(recovery, "_go_on", killing := Mock(side_effect=KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            resume(roll, [], take_missing=True)
    first = killing.call_args.args[1]
    done = resumed(roll)
    assert (done.lost, done.to_do) == (2, first.to_do)
    assert len(done.to_do) > len(SILENT)


def test_a_no_that_was_lost_lets_no_filing_go(roll: Roll) -> None:
    """No entry says whose no it was: nothing is released by an asking of before, it is given up and asked anew."""
    one, other = seated(roll, "east", "operator-lead"), seated(roll, "east", "clerk")
    number = filed(roll, "k-1")
    assert isinstance(submit(roll, Hold(), number), Taken)
    assert isinstance(release.ask(roll, one, number, "came to the counter", "ask"), Taken)
    assert isinstance(release.second(roll, other, number, "second"), Taken)
    Sequencer(roll).run_until_empty()
    go_back = remember(roll)
    assert isinstance(submit(roll, RefuseRelease(passkey="first"), number), Taken)
    Sequencer(roll).run_until_empty()
    go_back()
    assert any(said.startswith("subscription.release-refused/1") for said in resumed(roll).to_do)
    later(roll, days=9)
    assert refused(release.release(roll, one, number, "let go")) == "release-not-asked"
    assert isinstance(release.give_up(roll, one, number, "give up"), Taken)
    assert isinstance(release.ask(roll, one, number, "came to the counter", "ask again"), Taken)
    assert isinstance(release.second(roll, other, number, "second again"), Taken)
    later(roll, days=9)
    assert isinstance(release.release(roll, one, number, "let go again"), Taken)


def test_what_no_entry_says_is_taken_as_said(roll: Roll) -> None:
    """That a session was ended, or that an operator spoke while a notice ran: a roll that goes on has neither any more."""
    first, _ = registrars(roll)
    assert code(offer_succession(roll, "east", "west", first)) == ""
    cookie = session_of(roll, first)
    Sequencer(roll).run_until_empty()
    go_back = remember(roll)
    filed(roll, "a-1")
    Sequencer(roll).run_until_empty()
    go_back()
    done = resumed(roll)
    assert (done.lost, done.replayed, done.to_do) == (1, 0, SILENT)
    assert sessions.someone(roll, cookie).person is None
    with roll.database.own() as connection:
        assert signs_of_life.heard(connection, "east") is not None


def test_what_an_organisation_took_back_stays_taken_back(roll: Roll) -> None:
    """An offer, an invitation, a provider and a proposed rule: none is good again because the database went back."""
    east, west = in_force(roll, "east", "operator-lead"), in_force(roll, "west", "operator-lead")
    assert code(offer_succession(roll, "east", "west", west)) == ""
    kept, used = (invitation(roll, role, east) for role in ("clerk", "operator-lead"))
    gone = invitation(roll, "clerk", east)
    assert use_provider(roll, provider("https://old.example"), east) is None
    one = seated(roll, REGISTRAR, "registrar-lead")
    proposed = rule_versions.propose_rule(roll, another(roll), roll.day(roll.clock()) + timedelta(days=9), one)
    assert isinstance(proposed, int)
    Sequencer(roll).run_until_empty()
    go_back = remember(roll)
    assert code(withdraw_succession(roll, "east", "no", east)) == ""
    assert people.revoke_invitation(roll, "east", hashed(gone).hex(), east)
    assert isinstance(people.join_with_subject(roll, used, "https://id.example", "somebody"), str)
    assert use_provider(roll, provider("https://new.example"), east) is None
    assert rule_versions.settle(roll, proposed, one, drop=True) is None
    Sequencer(roll).run_until_empty()
    go_back()
    done = resumed(roll)
    assert (done.replayed, done.lost) == (3, 2)  # which invitation was taken back or used up stands in no entry
    assert code(succeed(roll, "east", by=east)) == "succession-not-offered"
    for secret in (gone, used, kept):  # of a role of which one was, none is good
        assert isinstance(people.invitation(roll, secret), Refused)
    assert providers(roll) == {}  # the old one is not east's, and the new one's client stands in no entry
    assert use_provider(roll, provider("https://new.example"), east) is None
    assert providers(roll)["east"].issuer == "https://new.example"
    assert rule_versions.waiting(roll) == []
    said = "\n".join(done.to_do)
    assert all(kind in said for kind in ("provider.set/1 (1)", "person.joined/1 (1)", "Passkeys of seats"))


def test_an_operator_that_was_succeeded_is_not_there_again(roll: Roll) -> None:
    """Its records are its heir's, its token and its seats let nobody in."""
    east, west = in_force(roll, "east", "operator-lead"), in_force(roll, "west", "operator-lead")
    number = filed(roll, "a-1")
    token = issue_token(roll, "east", "billing", east)
    assert isinstance(token, str)
    assert code(offer_succession(roll, "east", "west", east)) == ""
    Sequencer(roll).run_until_empty()
    go_back = remember(roll)
    assert code(succeed(roll, "east", by=west)) == ""
    Sequencer(roll).run_until_empty()
    go_back()
    assert resumed(roll).replayed == 1
    assert record(roll, number).state.operator == "west"
    assert organisation_of(roll, token_hash(token)) is None
    with roll.database.own() as connection:
        assert not member(connection, east).sits


def test_a_request_that_was_withdrawn_is_not_open_again(roll: Roll) -> None:
    """Nor is the right to ask by which it was filed, nor the key that was ended."""
    made = bodies(roll)
    number = made.file()
    Sequencer(roll).run_until_empty()
    go_back = remember(roll)
    made.does(WithdrawRequest(request=number, why="over"), "officer")
    assert isinstance(rights.end_use(roll, made.use, "over", made.seats["police lead"]), Acted)
    assert isinstance(rights.end_key(roll, held("police").id, "lost", made.seats["police lead"]), Acted)
    step = made.step_of(number)
    Sequencer(roll).run_until_empty()
    go_back()
    assert made.step_of(number) != step
    assert resumed(roll).replayed == 3
    assert made.step_of(number) == step
    assert rights.uses(roll, "police") == []
    assert rights.keys_of(roll, "police") == ()
    assert all(fact.receipt for fact in request_facts(roll, number))
