"""Organisations and their people: seats, invitations, sessions and their ends, guessing slowed down."""

from datetime import datetime, timedelta

import msgspec
import pytest

from openroll.register.decision import Accepted, Refused
from openroll.register.organisation.commands import AdmitOrganisation
from openroll.register.organisation.roles import KEEPER, Seat
from openroll.service.filing.rebuild import rebuild
from openroll.service.governance.open_roll import organisation_of, token_hash
from openroll.service.identity import api_tokens, people, sessions
from openroll.service.identity.sessions import NOBODY
from openroll.service.log.sequencer import Sequencer
from openroll.service.queries import official_acts
from openroll.service.roll import Roll


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def on(self, **by: float) -> None:
        """Let time pass."""
        self.now += timedelta(**by)


@pytest.fixture
def clock(roll: Roll) -> Clock:
    """The roll's clock, standing."""
    roll.clock = Clock(roll.clock())
    return roll.clock


def seated(roll: Roll, organisation: str, role: str, label: str = "somebody") -> int:
    """Somebody in a seat, without a way in."""
    person = people.create_seat(roll, organisation, role, label)
    assert isinstance(person, int)
    return person


def refused(outcome: object) -> str:
    """The code of a refusal."""
    assert isinstance(outcome, Refused), outcome
    return outcome.refusal.code


def test_every_act_on_people_is_an_event_that_names_nobody(roll: Roll) -> None:
    """Joining, leaving and tokens stand in the log under the organisation, by seat; the label stands nowhere."""
    seated(roll, "east", "operator-lead", "Wang Xiaoming")
    seated(roll, "east", "clerk", "Li Si")
    token = api_tokens.issue_token(roll, "east", "billing of Wang", Seat("east", 1))
    assert isinstance(token, str)
    assert organisation_of(roll, token_hash(token)) == "east"
    assert api_tokens.revoke_token(roll, token)
    assert organisation_of(roll, token_hash(token)) is None
    assert isinstance(people.end_seat(roll, "east", 2, Seat("east", 1)), Accepted)
    names = [row.name for row in official_acts(roll)]
    assert names[:5] == ["person.left/1", "token.ended/1", "token.issued/1", "person.joined/1", "person.joined/1"]
    said = " ".join(row.body for row in official_acts(roll))
    assert "Wang" not in said
    assert "Li Si" not in said
    assert '"east/2"' in said


def test_an_invitation_is_good_for_one_person_and_a_week(roll: Roll, clock: Clock) -> None:
    """Used, taken back or run out, an invitation invites nobody; one that stands does."""
    first, second, third = (people.invite(roll, "east", "clerk", f"clerk {n}") for n in range(3))
    assert isinstance(first, str)
    assert isinstance(second, str)
    assert isinstance(third, str)
    assert isinstance(people.join_with_subject(roll, first, "https://id.example", "a"), str)
    assert refused(people.join_with_subject(roll, first, "https://id.example", "b")) == "invitation-unknown"
    digest = sessions.hashed(second).hex()
    assert not people.revoke_invitation(roll, "west", digest)
    assert people.revoke_invitation(roll, "east", digest)
    assert refused(people.invitation(roll, second)) == "invitation-unknown"
    clock.on(days=7, seconds=1)
    assert refused(people.invitation(roll, third)) == "invitation-unknown"


def test_roles_are_those_of_the_kind_of_organisation(roll: Roll) -> None:
    """An operator has no registrar; an organisation that is not there invites nobody; a seat is called something."""
    assert refused(people.invite(roll, "east", "registrar", "x")) == "role-unknown"
    assert refused(people.invite(roll, "north", "clerk", "x")) == "operator-unknown"
    assert refused(people.invite(roll, "east", "clerk", "  ")) == "reason-missing"
    assert refused(people.invite(roll, "east", "clerk", "x" * 61)) == "reason-missing"


def test_the_last_lead_stays(roll: Roll) -> None:
    """An organisation is never left without somebody who can let others in."""
    seated(roll, "east", "operator-lead")
    seated(roll, "east", "clerk")
    assert refused(people.end_seat(roll, "east", 1, Seat("east", 1))) == "last-lead"
    seated(roll, "east", "operator-lead")
    assert isinstance(people.end_seat(roll, "east", 1, Seat("east", 3)), Accepted)
    assert refused(people.end_seat(roll, "east", 1, Seat("east", 3))) == "operator-unknown"


def test_authorities_and_reviewers_are_admitted_and_rebuilt(roll: Roll) -> None:
    """They stand among the organisations under their names; the projection is what the events say."""
    for name, kind in (("court", "reviewer"), ("police", "authority")):
        command = AdmitOrganisation(organisation=name, kind=kind, title={"zh": "某机关", "en": name.title()})
        assert isinstance(people.admit_organisation(roll, command, KEEPER), Accepted)
        assert refused(people.admit_organisation(roll, command, KEEPER)) == "operator-admitted-already"
    assert [one.name for one in people.organisations(roll)] == ["registrar", "east", "west", "court", "police"]
    Sequencer(roll).run_until_empty()
    assert rebuild(roll, replace=False).differences == ()
    with roll.database.own() as connection:
        connection.execute("update organisation set title = jsonb_build_object('en', 'Another') where name = 'court'")
    assert rebuild(roll, replace=False).differences[0].table == "organisation"
    rebuild(roll, replace=True)
    assert rebuild(roll, replace=False).differences == ()


def test_a_session_ends_idle_and_ends_at_last(roll: Roll, clock: Clock) -> None:
    """Half an hour unseen ends it, twelve hours end it in any case; being seen keeps it meanwhile."""
    person = seated(roll, "east", "clerk")
    cookie = sessions.begin(roll, person=person)
    for _ in range(25):
        clock.on(minutes=28)
        assert sessions.someone(roll, cookie).person == person
    clock.on(minutes=28)
    assert sessions.someone(roll, cookie) == NOBODY
    cookie = sessions.begin(roll, person=person)
    clock.on(minutes=31)
    assert sessions.someone(roll, cookie) == NOBODY


def test_signing_in_ends_the_session_before_and_signing_out_everywhere_ends_all(roll: Roll) -> None:
    """A cookie from before a sign-in is worth nothing after it; leaving a seat ends its sessions too."""
    person = seated(roll, "east", "operator-lead")
    first = sessions.begin(roll, person=person)
    second = sessions.begin(roll, person=person, before=first)
    third = sessions.begin(roll, person=person)
    assert first != second
    assert sessions.someone(roll, first) == NOBODY
    who = sessions.someone(roll, second)
    assert who.roles == {"anyone", "clerk", "operator-lead"}
    assert str(who.seat) == "east/1"
    sessions.end_everywhere(roll, who)
    assert sessions.someone(roll, second) == sessions.someone(roll, third) == NOBODY
    fourth = sessions.begin(roll, person=person)
    seated(roll, "east", "operator-lead")
    people.end_seat(roll, "east", 1, Seat("east", 2))
    assert sessions.someone(roll, fourth) == NOBODY


def test_a_forged_cookie_is_nobody(roll: Roll) -> None:
    """What is not the text of a session is nobody's, whatever it looks like."""
    for cookie in ("", "x", "\0", "a" * 43, "x" * 10_000, "'; drop table session; --"):
        assert sessions.someone(roll, cookie) == NOBODY


def test_someone_is_a_value(roll: Roll) -> None:
    """Who is asking can be compared and holds no secret."""
    person = seated(roll, "registrar", "registrar-lead", "the first")
    who = sessions.someone(roll, sessions.begin(roll, person=person))
    assert who == msgspec.structs.replace(who)
    assert who.organisation == "registrar"
    assert who.kind == "registrar"


def test_a_lead_invites_so_many_a_day(roll: Roll, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever has a lead's seat sends mail to so many strangers and no more; a day later it goes on, and others go on anyway."""
    monkeypatch.setattr("openroll.register.organisation.decide.MOST_INVITED", 3)
    for label in ("first", "second"):
        seated(roll, "east", "operator-lead", label)
    for _ in range(3):
        assert isinstance(people.invite(roll, "east", "clerk", "somebody", Seat("east", 1)), str)
    assert refused(people.invite(roll, "east", "clerk", "somebody", Seat("east", 1))) == "too-many-invitations"
    assert isinstance(people.invite(roll, "east", "clerk", "somebody", Seat("east", 2)), str)
    assert isinstance(people.invite(roll, "east", "clerk", "somebody"), str)
    clock.on(days=1, seconds=1)
    assert isinstance(people.invite(roll, "east", "clerk", "somebody", Seat("east", 1)), str)
