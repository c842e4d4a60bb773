"""Organisations, seats, tokens and providers: what their acts are decided on, and the tables that follow their events."""

from datetime import timedelta

from psycopg import Connection

from openroll.register.organisation import commands, events
from openroll.register.organisation.roles import KEEPER, REGISTRAR, Seat, lead_of, seat_of
from openroll.register.organisation.seats import Confirming
from openroll.register.organisation.state import Inviting, Issuing, Replacing, Seated, Seating, Token
from openroll.register.organisation.tokens import expiry, succession
from openroll.service.identity.seats import confirming, is_led, kind_of, member, record_of
from openroll.service.roll import Roll
from openroll.service.way import NEW, Asked, Done, Mails, Projections, Record, Way, Ways
from openroll.store import operators, people
from openroll.store import roll as rolls
from openroll.store.numbers import SEAT
from openroll.store.people import InvitationRow, OrganisationRow, ProviderRow
from openroll.store.roll import NewToken

INVITATION_LASTS = timedelta(days=7)


def _new_record(_: Connection, __: object) -> Record:
    return Record(NEW, REGISTRAR)


def _of_organisation(connection: Connection, asked: Asked) -> Record:
    """The record of the organisation that a command names."""
    command = asked.command
    return Record(record_of(connection, command.organisation), command.organisation)


def _of_invitation(connection: Connection, asked: Asked) -> Record:
    """The record of the organisation that an invitation is of, whether it is good or not."""
    organisation = people.organisation_of_invitation(connection, asked.command.digest)
    return Record(None if organisation is None else record_of(connection, organisation), organisation or "")


# What decisions need.


def _taken(connection: Connection, *_: object) -> frozenset[str]:
    return frozenset(one.name for one in people.organisations(connection, ended=True))


def _inviting(connection: Connection, roll: Roll, asked: Asked) -> Inviting:
    since = asked.now - timedelta(days=1)
    invited = 0 if asked.by == KEEPER else people.invited_since(connection, str(asked.by), since)
    command = asked.command
    token = rolls.token_of(connection, command.token, asked.now) if command.token else None
    # Its programs' word is a token's that is the organisation's: a seat's token is that person's word.
    own_word = token is not None and token.organisation == command.organisation and not token.seat
    led = own_word and is_led(connection, roll, command.organisation, roll.day(asked.now))
    return Inviting(kind_of(connection, command.organisation), invited, own_word, led)


def _invited_role(connection: Connection, _: Roll, asked: Asked) -> str | None:
    found = people.invitation(connection, asked.command.digest, asked.now)
    return found.role if found is not None and found.organisation == asked.command.organisation else None


def _kind(connection: Connection, _: Roll, asked: Asked) -> str | None:
    return kind_of(connection, asked.command.organisation)


def _seating(connection: Connection, _: Roll, asked: Asked) -> Seating:
    found = people.invitation(connection, asked.command.digest, asked.now)
    if found is not None and (inviter := seat_of(found.invited_by)) is not None:
        # An invitation ends with its maker's seat: that does not end now, or is waited for and seen.
        people.seat(connection, inviter.organisation, inviter.number, hold=True)
        found = people.invitation(connection, asked.command.digest, asked.now)
    if found is None:
        return Seating("", None, None, "", had_lead=False)
    of = found.organisation
    had_lead, begun = people.had_lead(connection, of), people.is_under_way(connection, of, asked.now)
    return Seating(of, kind_of(connection, of), found.role, found.invited_by, had_lead=had_lead, under_way=begun)


def _sitting_down(connection: Connection, _: Roll, asked: Asked) -> Seating:
    of = asked.command.organisation
    return Seating(of, kind_of(connection, of), asked.command.role, "", had_lead=people.had_lead(connection, of))


def _confirming(connection: Connection, roll: Roll, asked: Asked) -> Confirming:
    seat = Seat(asked.command.organisation, asked.command.seat)
    if asked.by.organisation == REGISTRAR != seat.organisation:
        # What puts a seat in force when its organisation is silent: it files nothing and nobody comes in while that is looked at.
        operators.hold_alone(connection, seat.organisation)
    return confirming(connection, roll, seat, roll.day(asked.now))


def _seated(connection: Connection, _: Roll, asked: Asked) -> Seated:
    """Before a seat is taken away. What is done in it just now comes first, and stands in the log before its end."""
    command = asked.command
    kind = kind_of(connection, command.organisation) or REGISTRAR
    leads = people.seats_with(connection, command.organisation, [lead_of(kind)])
    persons = people.hold_seats_alone(connection, command.organisation, command.seat)
    people.hold_ways_alone(connection, command.organisation, command.seat, persons)
    return Seated(people.in_seat(connection, command.organisation, command.seat) is not None, leads)


def _issuing(connection: Connection, _: Roll, asked: Asked) -> Issuing:
    command = asked.command
    kind = kind_of(connection, command.organisation)
    seat = member(connection, Seat(command.organisation, command.seat)) if command.seat and kind is not None else None
    return Issuing(kind, seat)


def _replacing(connection: Connection, _: Roll, asked: Asked) -> Replacing:
    row = rolls.hold_token(connection, asked.command.organisation, asked.command.token, asked.now)
    if row is None:
        return Replacing(None)
    return Replacing(Token(row.issued, row.expires, rolls.is_replaced(connection, row.id), row.seat))


def _token_number(_: object) -> str:
    return "token"


def _seat_number(state: Seating) -> str:
    return f"{SEAT}{state.organisation}"


WAYS: Ways = {
    commands.AdmitOperator: Way(_new_record, _taken),
    commands.AdmitOrganisation: Way(_new_record, _taken),
    commands.Invite: Way(_of_organisation, _inviting),
    commands.WithdrawInvitation: Way(_of_organisation, _invited_role),
    commands.GiveCodes: Way(_of_organisation, _kind),
    commands.SetProvider: Way(_of_organisation, _kind),
    commands.Join: Way(_of_invitation, _seating, _seat_number),
    commands.CreateSeat: Way(_of_organisation, _sitting_down, _seat_number),
    commands.ConfirmSeat: Way(_of_organisation, _confirming),
    commands.Leave: Way(_of_organisation, _seated),
    commands.IssueToken: Way(_of_organisation, _issuing, _token_number),
    commands.ReplaceToken: Way(_of_organisation, _replacing, _token_number),
    commands.EndToken: Way(_of_organisation, _replacing),
}


# What comes of events.


def _operator_admitted(connection: Connection, done: Done, fact: events.OperatorAdmitted) -> None:
    rolls.put_operator(connection, fact.operator, done.number, fact.title, fact.kind, done.day)


def _organisation_admitted(connection: Connection, done: Done, fact: events.OrganisationAdmitted) -> None:
    row = OrganisationRow(fact.organisation, fact.kind, fact.title, done.number)
    people.put_organisation(connection, row, done.day)


def _invited(connection: Connection, done: Done, fact: events.PersonInvited) -> None:
    command = done.command
    if fact.withdrawn:
        people.revoke_invitation(connection, fact.organisation, command.digest, done.now)
        return
    expires = done.now + INVITATION_LASTS
    row = InvitationRow(command.digest, fact.organisation, fact.role, command.label.strip(), expires, fact.by)
    people.put_invitation(connection, row, done.now)


def _provider_set(connection: Connection, done: Done, fact: events.ProviderSet) -> None:
    command = done.command
    row = ProviderRow(fact.organisation, fact.issuer, command.client_id, "", command.secret_sealed)
    people.put_provider(connection, row)


def _joined(connection: Connection, done: Done, fact: events.PersonJoined) -> None:
    command, seat = done.command, seat_of(fact.seat)
    if isinstance(command, commands.CreateSeat):
        row = InvitationRow(command.digest, command.organisation, command.role, command.label.strip(), done.now)
        people.put_invitation(connection, row._replace(expires=done.now + INVITATION_LASTS), done.now)
    used = people.use_invitation(connection, command.digest, done.now)
    assert used is not None and seat is not None  # noqa: S101, PT018 - it was good a moment ago, and its record is held
    people.put_person(connection, seat.number, used, command.handle, done.now, founding=fact.founding)


def _announced(connection: Connection, done: Done, fact: events.SeatAnnounced) -> None:
    people.announce_person(connection, fact.organisation, done.command.seat, fact.by, done.now, fact.until)


def _confirmed(connection: Connection, done: Done, fact: events.SeatConfirmed) -> None:
    people.confirm_person(connection, fact.organisation, done.command.seat, fact.by, done.now)
    if fact.unasked:
        operators.withhold_codes(connection, fact.organisation, done.now)


def _left(connection: Connection, done: Done, fact: events.PersonLeft) -> None:
    person = people.in_seat(connection, fact.organisation, done.command.seat)
    assert person is not None  # noqa: S101 - it was decided on that somebody sits there
    people.end_person(connection, person.id, done.now)
    operators.take_back(connection, fact.seat)


def _issued(connection: Connection, done: Done, fact: events.TokenIssued) -> None:
    command = done.command
    expires = expiry(command, done.now)
    new = NewToken(command.digest, fact.organisation, command.label.strip(), done.now, expires, seat=fact.seat)
    rolls.put_token(connection, fact.token, new)


def _replaced(connection: Connection, done: Done, fact: events.TokenReplaced) -> None:
    command = done.command
    old = rolls.hold_token(connection, fact.organisation, fact.token, done.now)
    assert old is not None  # noqa: S101 - it was held when it was decided on
    until, expires = succession(command, Token(old.issued, old.expires, replaced=False), done.now)
    new = NewToken(command.digest, fact.organisation, old.label, done.now, expires, fact.token, old.seat)
    rolls.put_token(connection, fact.successor, new)
    rolls.expire_token(connection, fact.token, until)


def _ended(connection: Connection, done: Done, fact: events.TokenEnded) -> None:
    rolls.end_token(connection, fact.organisation, fact.token, done.now)


PROJECTIONS: Projections = {
    events.OperatorAdmitted: _operator_admitted,
    events.OrganisationAdmitted: _organisation_admitted,
    events.PersonInvited: _invited,
    events.ProviderSet: _provider_set,
    events.CodesGiven: "no table: codes are computed, and who took them stands in the event",
    events.PersonJoined: _joined,
    events.SeatAnnounced: _announced,
    events.SeatConfirmed: _confirmed,
    events.PersonLeft: _left,
    events.TokenIssued: _issued,
    events.TokenReplaced: _replaced,
    events.TokenEnded: _ended,
}

MAILS: Mails = {events.PersonInvited: "invitation"}
