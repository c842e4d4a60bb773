"""Organisations and their people: admitting, inviting, joining, leaving, and the ways in they join with.

Every one of these acts is an event under the organisation; no event holds a name.
"""

from datetime import datetime, timedelta
from typing import Any

import msgspec
from psycopg import Connection

from openroll.register.decision import Decision, Refused
from openroll.register.organisation.commands import AdmitOrganisation, Join, Leave
from openroll.register.organisation.decide import admit, join, leave
from openroll.register.organisation.events import PersonInvited, PersonJoined
from openroll.register.organisation.refusals import (
    InvitationUnknown,
    LastPasskey,
    NotAllowed,
    OperatorUnknown,
    PasskeyHasASeat,
    RoleUnknown,
    TooManyInvitations,
)
from openroll.register.organisation.roles import KEEPER, REGISTRAR, ROLES, Seat, lead_of
from openroll.register.organisation.seats import Member, may_act
from openroll.register.refusal import Refusal
from openroll.register.refusals import ReasonMissing
from openroll.register.sign_in_refusals import SignInFailed
from openroll.rules.language import Text
from openroll.service.identity import passkeys, sessions
from openroll.service.identity.passkeys import Options, RelyingParty
from openroll.service.identity.seats import acting, member
from openroll.service.identity.sessions import Principal, hashed, new_secret
from openroll.service.mail.message import Params
from openroll.service.mail.outbox import send_later
from openroll.service.official import append_official, record_of
from openroll.service.roll import Roll
from openroll.service.rollback_guard import new_numbers
from openroll.store import people
from openroll.store import sessions as kept_sessions
from openroll.store.numbers import RECORD, SEAT
from openroll.store.people import InvitationRow, OrganisationRow, PersonRow

INVITATION_LASTS = timedelta(days=7)
MOST_LABEL = 60
MOST_INVITED = 50
"""People whom one seat may invite within a day."""


class Organisation(msgspec.Struct, frozen=True):
    """An organisation as pages show it; `kind` is registrar, operator, authority or reviewer."""

    name: str
    kind: str
    title: Text


def organisations(roll: Roll) -> tuple[Organisation, ...]:
    """Every organisation of the roll, the registrar first."""
    opened = roll.opened
    registrar = Organisation(REGISTRAR, REGISTRAR, {opened.languages[0]: opened.registrar})
    with roll.database.own() as connection:
        return (registrar, *(Organisation(*row[:3]) for row in people.organisations(connection)))


def admit_organisation(roll: Roll, command: AdmitOrganisation, by: Seat) -> Decision:
    """Admit an authority or a reviewer (an official act)."""
    now = roll.clock()
    with roll.database.own() as connection:
        if (refused := acting(connection, by)) is not None:
            return refused
        taken = frozenset(one.name for one in people.organisations(connection))
        decision = admit(command, taken, by, roll.rule_name)
        if isinstance(decision, Refused):
            return decision
        number = new_numbers(roll, RECORD).start
        append_official(connection, roll, now, number, decision.events, REGISTRAR)
        row = OrganisationRow(command.organisation, command.kind, command.title, number)
        people.put_organisation(connection, row, roll.day(now))
    return decision


def invite(roll: Roll, organisation: str, role: str, label: str, by: Seat = KEEPER) -> str | Refused:
    """Invite somebody to a seat; the text of the invitation, shown once, good for a week and for one person.

    Who invites is a lead in force of the organisation or of the registrar, or whoever keeps the machine.
    """
    now = roll.clock()
    with roll.database.own() as connection:
        inviter = member(connection, by)
        refusal = may_act(inviter) or _may_not_invite(inviter, organisation) or _enough(connection, by, now)
        secret = Refused(refusal) if refusal else _invitation(connection, roll, now, organisation, role, label, str(by))
        if not isinstance(secret, Refused):
            _say_invited(connection, roll, now, organisation, role, by, withdrawn=False)
    return secret


def usual_label(roll: Roll, organisation: str, role: str) -> str:
    """What a seat that the keeper invites somebody to is called unless said otherwise: whose, and whether it is the first."""
    kind = next((one.kind for one in organisations(roll) if one.name == organisation), REGISTRAR)
    if role != lead_of(kind):
        return f"{role} of {organisation} (keeper's)"
    with roll.database.own() as connection:
        had = people.had_lead(connection, organisation) or people.invitations(connection, organisation, roll.clock())
    return f"further lead of {organisation} (keeper's)" if had else f"first lead of {organisation}"


def _may_not_invite(inviter: Member, organisation: str) -> Refusal | None:
    if inviter.lead and inviter.seat.organisation in (organisation, REGISTRAR):
        return None
    return NotAllowed(role=inviter.role, act="invite")


def _enough(connection: Connection, by: Seat, now: datetime) -> Refusal | None:
    """Whether a seat has invited enough people today: each invitation may be a mail to anybody. The keeper is free."""
    if by == KEEPER or people.invited_since(connection, str(by), now - timedelta(days=1)) < MOST_INVITED:
        return None
    return TooManyInvitations(most=MOST_INVITED)


def _say_invited(
    connection: Connection, roll: Roll, now: datetime, organisation: str, role: str, by: Seat, *, withdrawn: bool
) -> None:
    fact = PersonInvited(organisation=organisation, role=role, withdrawn=withdrawn, by=str(by), rule=roll.rule_name)
    stream = record_of(connection, organisation)
    if stream is not None:
        append_official(connection, roll, now, stream, (fact,), organisation)


def _kind_of(connection: Connection, organisation: str) -> str | None:
    if organisation == REGISTRAR:
        return REGISTRAR
    return next((one.kind for one in people.organisations(connection) if one.name == organisation), None)


def _invitation(
    connection: Connection, roll: Roll, now: datetime, organisation: str, role: str, label: str, by: str
) -> str | Refused:
    kind = _kind_of(connection, organisation)
    if kind is None:
        return Refused(OperatorUnknown(operator=organisation))
    if role not in ROLES[kind]:
        return Refused(RoleUnknown(role=role))
    if not 0 < len(label.strip()) <= MOST_LABEL:
        return Refused(ReasonMissing())
    secret = new_secret(roll)
    row = InvitationRow(hashed(secret), organisation, role, label.strip(), now + INVITATION_LASTS, by)
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
        if acting(connection, by) is not None:
            return False
        found = people.invitation(connection, wanted, now)
        if found is None or not people.revoke_invitation(connection, organisation, wanted, now):
            return False
        _say_invited(connection, roll, now, organisation, found.role, by, withdrawn=True)
    return True


def passkey_for_invitation(roll: Roll, place: RelyingParty, secret: str) -> Options | Refused:
    """The first step of joining with a passkey."""
    found = invitation(roll, secret)
    if isinstance(found, Refused):
        return found
    name = f"{found.label} · {found.organisation}"
    # An authenticator that signs in to another seat of the organisation is not a second person's.
    with roll.database.own() as connection:
        others = kept_sessions.passkeys_of_organisation(connection, found.organisation)
    return passkeys.register_options(roll, place, hashed(secret).hex(), roll.random_bytes(32), name, others=others)


def join_with_passkey(
    roll: Roll, place: RelyingParty, secret: str, answer: dict[str, Any], before: str = ""
) -> str | Refused:
    """The second step: a seat, its passkey and a session; what the session's cookie holds."""
    with roll.database.own() as connection:
        made = passkeys.registered(connection, roll, place, hashed(secret).hex(), answer)
        if isinstance(made, Refused):
            return made
        if _is_seated(connection, roll, secret, before):
            return Refused(PasskeyHasASeat())
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
        # Somebody already: the invitation stays good for who it is meant for.
        if people.knows_subject(connection, issuer, subject) or _is_seated(connection, roll, secret, before):
            return Refused(PasskeyHasASeat())
        person = _join(connection, roll, secret, roll.random_bytes(32))
        if isinstance(person, Refused):
            return person
        people.put_subject(connection, issuer, subject, person.id)
        return sessions.begin_in(connection, roll, person=person.id, before=before)


def _is_seated(connection: Connection, roll: Roll, secret: str, before: str) -> bool:
    """Whether the browser that answers an invitation is signed in to a seat of the same organisation: that is one person."""
    found = people.invitation(connection, hashed(secret), roll.clock())
    who = sessions.someone_in(connection, roll, before)
    return found is not None and who.organisation == found.organisation


def _join(connection: Connection, roll: Roll, secret: str, handle: bytes) -> PersonRow | Refused:
    now = roll.clock()
    used = people.use_invitation(connection, hashed(secret), now)
    if used is None:
        return Refused(InvitationUnknown())
    stream = record_of(connection, used.organisation)
    kind = next((kind for kind, roles in ROLES.items() if used.role in roles), "")
    people.only_one_joins(connection, used.organisation)
    seat = new_numbers(roll, f"{SEAT}{used.organisation}").start
    # Where there never was a lead in force there is nobody to confirm the first one. A second one waits at the lock.
    founding = bool(kind) and used.role == lead_of(kind) and not people.had_lead(connection, used.organisation)
    command = Join(
        organisation=used.organisation, kind=kind, role=used.role, invited_by=used.invited_by, founding=founding
    )
    decision = join(command, seat, Seat(used.organisation, seat), roll.rule_name)
    if isinstance(decision, Refused) or stream is None:
        return decision if isinstance(decision, Refused) else Refused(InvitationUnknown())
    append_official(connection, roll, now, stream, decision.events, used.organisation)
    return people.put_person(connection, seat, used, handle, now, founding=founding)


def create_seat(roll: Roll, organisation: str, role: str, label: str) -> int | Refused:
    """Seat somebody without a way in and without another's word, of a line of its own; the person's number.

    For development, on a machine that nobody else reaches: whoever can call it acts as two people. The log shows it as founding.
    """
    now = roll.clock()
    with roll.database.own() as connection:
        secret = _invitation(connection, roll, now, organisation, role, label, "")
        if isinstance(secret, Refused):
            return secret
        used = people.use_invitation(connection, hashed(secret), now)
        stream = record_of(connection, organisation)
        if used is None or stream is None:
            return Refused(InvitationUnknown())
        people.only_one_joins(connection, organisation)
        seat = Seat(organisation, new_numbers(roll, f"{SEAT}{organisation}").start)
        fact = PersonJoined(
            organisation=organisation, seat=str(seat), role=role, by=str(seat), rule=roll.rule_name, founding=True
        )
        append_official(connection, roll, now, stream, (fact,), organisation)
        return people.put_person(connection, seat.number, used, roll.random_bytes(32), now, founding=True).id


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
        # A seat that waits may be given up by who sits in it; taking another's away is an act.
        if by != Seat(organisation, seat) and (refused := acting(connection, by)) is not None:
            return refused
        decision = leave(Leave(organisation=organisation, seat=seat), leads, by, roll.rule_name)
        if not isinstance(decision, Refused):
            append_official(connection, roll, now, stream, decision.events, organisation)
            people.end_person(connection, person.id, now)
    return decision


def passkey_for_person(roll: Roll, place: RelyingParty, who: Principal) -> Options | Refused:
    """The first step of making another passkey for somebody who has signed in a moment ago."""
    if (refused := sessions.too_old(roll, who.begun)) is not None:
        return refused
    with roll.database.own() as connection:
        row = None if who.person is None else people.person(connection, who.person)
        others = kept_sessions.passkeys_of_organisation(connection, who.organisation)
    if row is None:
        return Refused(InvitationUnknown())
    name = f"{row.label} · {row.organisation}"
    return passkeys.register_options(roll, place, f"person {row.id}", row.handle, name, others=others)


def add_passkey(roll: Roll, place: RelyingParty, who: Principal, answer: dict[str, Any], most: int) -> Refused | None:
    """The second step: the passkey is theirs, up to `most` of them."""
    with roll.database.own() as connection:
        made = passkeys.registered(connection, roll, place, f"person {who.person}", answer)
        if isinstance(made, Refused):
            return made
        if len(kept_sessions.passkeys_of(connection, person=who.person)) >= most:
            return Refused(SignInFailed())
        kept_sessions.put_passkey(connection, made[0]._replace(person=who.person))
    return None


def end_passkey(roll: Roll, who: Principal, credential: bytes) -> Refused | None:
    """End one passkey of somebody's own; not the last, and only by who has signed in a moment ago."""
    if (refused := sessions.too_old(roll, who.begun)) is not None:
        return refused
    if who.person is None:
        return Refused(LastPasskey())
    with roll.database.own() as connection:
        people.only_one_joins(connection, who.organisation)  # two at once would otherwise end both
        own = [one.id for one in kept_sessions.passkeys_of(connection, person=who.person)]
        if credential not in own or len(own) < 2:
            return Refused(LastPasskey())
        kept_sessions.end_passkeys(connection, roll.clock(), person=who.person, one=credential)
    return None
