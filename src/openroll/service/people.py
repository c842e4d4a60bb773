"""Organisations and their people: admitting, inviting, joining, leaving, and the ways in they join with.

Every one of these acts is an event under the organisation; no event holds a name.
"""

from datetime import datetime, timedelta
from typing import Any

import msgspec
from psycopg import Connection

from openroll.register.commands import AdmitOrganisation, Join, Leave
from openroll.register.decision import Decision, Refused
from openroll.register.events import Event, PersonInvited
from openroll.register.organisations import KEEPER, REGISTRAR, ROLES, Seat, admit, join, lead_of, leave
from openroll.register.refusals import (
    InvitationUnknown,
    OperatorUnknown,
    ReasonMissing,
    RoleUnknown,
    SignInFailed,
)
from openroll.register.roll import ROLL_STREAM
from openroll.service import passkeys, sessions
from openroll.service.mailing import Params
from openroll.service.passkeys import Options, Place
from openroll.service.post import send_later
from openroll.service.roll import Roll
from openroll.service.sessions import Someone, hashed, new_secret
from openroll.service.standing import new_numbers
from openroll.service.submit import fact_row
from openroll.store import events, people
from openroll.store import sessions as kept_sessions
from openroll.store.numbers import RECORD, SEAT
from openroll.store.people import InvitationRow, OrganisationRow, PersonRow

INVITATION_LASTS = timedelta(days=7)
MOST_LABEL = 60


class Organisation(msgspec.Struct, frozen=True):
    """An organisation as pages show it; `kind` is registrar, operator, authority or reviewer."""

    name: str
    kind: str
    zh: str
    en: str


def organisations(roll: Roll) -> tuple[Organisation, ...]:
    """Every organisation of the roll, the registrar first."""
    opened = roll.opened
    registrar = Organisation(REGISTRAR, REGISTRAR, opened.registrar, opened.registrar)
    with roll.database.own() as connection:
        return (registrar, *(Organisation(*row[:4]) for row in people.organisations(connection)))


def record_of(connection: Connection, organisation: str) -> int | None:
    """The record an organisation's events stand on: its own, or the roll's for the registrar."""
    if organisation == REGISTRAR:
        return ROLL_STREAM
    found = (one.number for one in people.organisations(connection) if one.name == organisation)
    return next(found, None)


def append_official(
    connection: Connection, roll: Roll, now: datetime, stream: int, facts: tuple[Event, ...], organisation: str
) -> None:
    """Append official acts to an organisation's record. Their bodies stand in the public log."""
    version = events.version_of(connection, stream)
    rows = [
        fact_row(roll, now, fact, stream=stream, version=version + place, role="registrar", owner=organisation)
        for place, fact in enumerate(facts, 1)
    ]
    events.append(connection, rows)


def admit_organisation(roll: Roll, command: AdmitOrganisation, by: Seat) -> Decision:
    """Admit an authority or a reviewer (an official act)."""
    now = roll.clock()
    with roll.database.own() as connection:
        taken = frozenset(one.name for one in people.organisations(connection))
        decision = admit(command, taken, by, roll.rule_name)
        if isinstance(decision, Refused):
            return decision
        number = new_numbers(roll, RECORD).start
        append_official(connection, roll, now, number, decision.events, REGISTRAR)
        row = OrganisationRow(command.organisation, command.kind, command.title_zh, command.title_en, number)
        people.put_organisation(connection, row, roll.day(now))
    return decision


def invite(roll: Roll, organisation: str, role: str, label: str, by: Seat = KEEPER) -> str | Refused:
    """Invite somebody to a seat; the text of the invitation, shown once, good for a week and for one person."""
    secret = _invitation(roll, organisation, role, label)
    if not isinstance(secret, Refused):
        _say_invited(roll, organisation, role, by, withdrawn=False)
    return secret


def _say_invited(roll: Roll, organisation: str, role: str, by: Seat, *, withdrawn: bool) -> None:
    fact = PersonInvited(organisation=organisation, role=role, withdrawn=withdrawn, by=str(by), rule=roll.rule_name)
    with roll.database.own() as connection:
        stream = record_of(connection, organisation)
        if stream is not None:
            append_official(connection, roll, roll.clock(), stream, (fact,), organisation)


def _invitation(roll: Roll, organisation: str, role: str, label: str) -> str | Refused:
    kind = next((one.kind for one in organisations(roll) if one.name == organisation), None)
    if kind is None:
        return Refused(OperatorUnknown(operator=organisation))
    if role not in ROLES[kind]:
        return Refused(RoleUnknown(role=role))
    if not 0 < len(label.strip()) <= MOST_LABEL:
        return Refused(ReasonMissing())
    secret, now = new_secret(roll), roll.clock()
    row = InvitationRow(hashed(secret), organisation, role, label.strip(), now + INVITATION_LASTS)
    with roll.database.own() as connection:
        people.put_invitation(connection, row, now)
    return secret


def mail_invitation(roll: Roll, lang: str, address: str, params: Params) -> bool:
    """Send an invitation by e-mail; whether the address could be one. The address is not kept once the mail has left."""
    try:
        send_later(roll, "invitation", lang, params, address, roll.clock())
    except ValueError:
        return False
    return True


def invitation(roll: Roll, secret: str) -> InvitationRow | Refused:
    """What an invitation invites to."""
    with roll.database.own() as connection:
        row = people.invitation(connection, hashed(secret), roll.clock())
    return row if row is not None else Refused(InvitationUnknown())


def revoke_invitation(roll: Roll, organisation: str, digest: str, by: Seat = KEEPER) -> bool:
    """Take back an invitation by its hash in hexadecimal; whether there was one to take back."""
    try:
        wanted = bytes.fromhex(digest)
    except ValueError:
        return False
    now = roll.clock()
    with roll.database.own() as connection:
        found = people.invitation(connection, wanted, now)
        done = found is not None and people.revoke_invitation(connection, organisation, wanted, now)
    if found is not None and done:
        _say_invited(roll, organisation, found.role, by, withdrawn=True)
    return done


def passkey_for_invitation(roll: Roll, place: Place, secret: str) -> Options | Refused:
    """The first step of joining with a passkey."""
    found = invitation(roll, secret)
    if isinstance(found, Refused):
        return found
    name = f"{found.label} · {found.organisation}"
    return passkeys.register_options(roll, place, hashed(secret).hex(), roll.salts(32), name)


def join_with_passkey(roll: Roll, place: Place, secret: str, answer: dict[str, Any], before: str = "") -> str | Refused:
    """The second step: a seat, its passkey and a session; what the session's cookie holds."""
    with roll.database.own() as connection:
        made = passkeys.registered(connection, roll, place, hashed(secret).hex(), answer)
        if isinstance(made, Refused):
            return made
        passkey, handle = made
        person = _join(connection, roll, secret, handle)
        if isinstance(person, Refused):
            return person
        row = passkey._replace(person=person.id)
        kept_sessions.put_passkey(connection, row)
        return sessions.begin_in(connection, roll, person=person.id, before=before)


def join_with_subject(roll: Roll, secret: str, issuer: str, subject: str, before: str = "") -> str | Refused:
    """Join as a provider's subject; what the session's cookie holds."""
    with roll.database.own() as connection:
        if people.knows_subject(connection, issuer, subject):
            return Refused(SignInFailed())  # somebody already: the invitation stays good for who it is meant for
        person = _join(connection, roll, secret, roll.salts(32))
        if isinstance(person, Refused):
            return person
        people.put_subject(connection, issuer, subject, person.id)
        return sessions.begin_in(connection, roll, person=person.id, before=before)


def _join(connection: Connection, roll: Roll, secret: str, handle: bytes) -> PersonRow | Refused:
    now = roll.clock()
    used = people.use_invitation(connection, hashed(secret), now)
    if used is None:
        return Refused(InvitationUnknown())
    stream = record_of(connection, used.organisation)
    kind = next((kind for kind, roles in ROLES.items() if used.role in roles), "")
    seat = new_numbers(roll, f"{SEAT}{used.organisation}").start
    command = Join(organisation=used.organisation, kind=kind, role=used.role)
    decision = join(command, seat, Seat(used.organisation, seat), roll.rule_name)
    if isinstance(decision, Refused) or stream is None:
        return decision if isinstance(decision, Refused) else Refused(InvitationUnknown())
    append_official(connection, roll, now, stream, decision.events, used.organisation)
    return people.put_person(connection, seat, used, handle, now)


def sit_down(roll: Roll, organisation: str, role: str, label: str) -> int | Refused:
    """Seat somebody without any way in (development and the first lead's command line); the person's number."""
    secret = _invitation(roll, organisation, role, label)
    if isinstance(secret, Refused):
        return secret
    with roll.database.own() as connection:
        person = _join(connection, roll, secret, roll.salts(32))
    return person if isinstance(person, Refused) else person.id


def end_seat(roll: Roll, organisation: str, seat: int, by: Seat) -> Decision:
    """Take a seat away: its person's ways in and sessions end at once."""
    now = roll.clock()
    with roll.database.own() as connection:
        kind = next((one.kind for one in people.organisations(connection) if one.name == organisation), REGISTRAR)
        leads = people.seats_with(connection, organisation, [lead_of(kind)])
        person = people.in_seat(connection, organisation, seat)
        stream = record_of(connection, organisation)
        if person is None or stream is None:
            return Refused(OperatorUnknown(operator=f"{organisation}/{seat}"))
        decision = leave(Leave(organisation=organisation, seat=seat), leads, by, roll.rule_name)
        if not isinstance(decision, Refused):
            append_official(connection, roll, now, stream, decision.events, organisation)
            people.end_person(connection, person.id, now)
    return decision


def passkey_for_person(roll: Roll, place: Place, who: Someone) -> Options | Refused:
    """The first step of making another passkey for somebody who is signed in."""
    with roll.database.own() as connection:
        row = None if who.person is None else people.person(connection, who.person)
    if row is None:
        return Refused(InvitationUnknown())
    name = f"{row.label} · {row.organisation}"
    return passkeys.register_options(roll, place, f"person {row.id}", row.handle, name)


def add_passkey(roll: Roll, place: Place, who: Someone, answer: dict[str, Any], most: int) -> Refused | None:
    """The second step: the passkey is theirs, up to `most` of them."""
    with roll.database.own() as connection:
        made = passkeys.registered(connection, roll, place, f"person {who.person}", answer)
        if isinstance(made, Refused):
            return made
        if len(kept_sessions.passkeys_of(connection, person=who.person)) >= most:
            return Refused(SignInFailed())
        kept_sessions.put_passkey(connection, made[0]._replace(person=who.person))
    return None
