"""Organisations and their people: admitting, inviting, joining, leaving, and the ways in they join with.

Every one of these acts is an event under the organisation; no event holds a name.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import msgspec
from psycopg import Connection, Error

from openroll.register.decision import Decision, Refused
from openroll.register.organisation.commands import (
    AdmitOrganisation,
    ConfirmSeat,
    CreateSeat,
    Invite,
    Join,
    Leave,
    WithdrawInvitation,
)
from openroll.register.organisation.decide import MOST_INVITED, MOST_LABEL
from openroll.register.organisation.events import PersonInvited, PersonJoined
from openroll.register.organisation.refusals import InvitationUnknown, LastPasskey, OperatorUnknown, PasskeyHasASeat
from openroll.register.organisation.roles import KEEPER, REGISTRAR, Seat, lead_of
from openroll.register.sign_in_refusals import SignInFailed
from openroll.register.subscription.refusals import PasskeyWaits
from openroll.rules.language import Text
from openroll.service.acts import Acted, act
from openroll.service.identity import passkeys, sessions
from openroll.service.identity.passkeys import Options, RelyingParty
from openroll.service.identity.projections import INVITATION_LASTS, MAILS
from openroll.service.identity.seats import kind_of
from openroll.service.identity.sessions import Principal, hashed, new_secret
from openroll.service.mail.message import Params
from openroll.service.mail.outbox import send_later
from openroll.service.roll import Roll
from openroll.store import people
from openroll.store import sessions as kept_sessions
from openroll.store.connect import is_away
from openroll.store.people import InvitationRow, PersonRow
from openroll.store.sessions import PasskeyRow

__all__ = ["INVITATION_LASTS", "MOST_INVITED", "MOST_LABEL"]


class Organisation(msgspec.Struct, frozen=True):
    """An organisation as pages show it; `kind` is registrar, operator, authority or reviewer."""

    name: str
    kind: str
    title: Text


def organisations(roll: Roll) -> tuple[Organisation, ...]:
    """Every organisation of the roll, the registrar first."""
    opened = roll.opened
    registrar = Organisation(REGISTRAR, REGISTRAR, opened.registrar)
    with roll.database.own() as connection:
        return (registrar, *(Organisation(*row[:3]) for row in people.organisations(connection)))


def overview(
    roll: Roll, organisation: str, person: int
) -> tuple[list[PersonRow], list[InvitationRow], list[PasskeyRow]]:
    """An organisation's page: who sits there, the invitations that are good, and the passkeys of whoever looks (`person`)."""
    now = roll.clock()
    with roll.database.own() as connection:
        sitting = people.asked_people(connection, organisation)
        invited = people.asked_invitations(connection, organisation, now)
        passkeys = kept_sessions.passkeys_of(connection, person=person)
        return people.people_in(sitting), people.invitations_in(invited), passkeys


def admit_organisation(roll: Roll, command: AdmitOrganisation, by: Seat) -> Decision:
    """Admit an authority or a reviewer (an official act)."""
    with roll.database.own() as connection:
        return act(connection, roll, command, by)


def invite(
    roll: Roll, organisation: str, role: str, label: str, by: Seat = KEEPER, *, token: str = ""
) -> str | Refused:
    """Invite somebody to a seat; the text of the invitation, shown once, good for a week and for one person.

    Who invites is a lead in force of the organisation or of the registrar, or whoever keeps the machine: at the word of
    the organisation itself where it shows a `token` of its programs.
    """
    with roll.database.own() as connection:
        return _invite(connection, roll, organisation, role, label, by, token)


def _invite(
    connection: Connection, roll: Roll, organisation: str, role: str, label: str, by: Seat, token: str = ""
) -> str | Refused:
    secret, word = new_secret(roll), hashed(token) if token else b""
    command = Invite(organisation=organisation, role=role, label=label, digest=hashed(secret), token=word)
    acted = act(connection, roll, command, by)
    return acted if isinstance(acted, Refused) else secret


class InvitationMail(msgspec.Struct, frozen=True):
    """A mail to whoever is invited: its language and address, what its words need, and how the link is made of the secret."""

    lang: str
    address: str
    params: Params
    link: Callable[[str], str]


class Invited(msgspec.Struct, frozen=True):
    """An invitation that stands, and whether it waits to be sent by mail: it does not where the address could be none."""

    secret: str
    mailed: bool


def invite_by_mail(
    roll: Roll, organisation: str, role: str, label: str, by: Seat, mail: InvitationMail
) -> Invited | Refused:
    """Invite somebody and send it to them, in one transaction. The address is not kept once the mail has left."""
    with roll.database.own() as connection:
        secret = _invite(connection, roll, organisation, role, label, by)
        if isinstance(secret, Refused):
            return secret
        params: Params = {**mail.params, "link": mail.link(secret)}
        try:
            send_later(roll, MAILS[PersonInvited], mail.lang, params, mail.address, roll.clock(), connection=connection)
        except ValueError:  # it says so before anything is written
            return Invited(secret, mailed=False)
        return Invited(secret, mailed=True)


def usual_label(roll: Roll, organisation: str, role: str) -> str:
    """What a seat that the keeper invites somebody to is called unless said otherwise: whose, and by whom it was given.

    Not whether it is the first: of several links that are out nobody knows which is followed first.
    """
    kind = next((one.kind for one in organisations(roll) if one.name == organisation), REGISTRAR)
    return f"{'lead' if role == lead_of(kind) else role} of {organisation} (keeper's)"


def unknown(roll: Roll, organisation: str) -> Refused | None:
    """The refusal of a name that no organisation of the roll has today: a list of nothing is read as there being nothing."""
    with roll.database.own() as connection:
        known = kind_of(connection, organisation) is not None
    return None if known else Refused(OperatorUnknown(operator=organisation))


def is_led_by_nobody(roll: Roll, organisation: str) -> bool:
    """Whether an organisation has begun and no lead of it is in force: a seat that the keeper gives there waits for a notice."""
    with roll.database.own() as connection:
        led = any(one[0] == organisation for one in people.leads_in_force(connection))
        had = people.had_lead(connection, organisation)
        return not led and (had or people.is_under_way(connection, organisation, roll.clock()))


def begins_unled(roll: Roll, organisation: str) -> bool:
    """Whether an organisation has not begun, and no lead of it is in force: its first file or token shuts its first lead out.

    Not where the database is away: what is done next says so.
    """
    try:
        with roll.database.own() as connection:
            return kind_of(connection, organisation) is not None and not (
                people.had_lead(connection, organisation) or people.is_under_way(connection, organisation, roll.clock())
            )
    except Error as error:
        if not is_away(error):
            raise
        return False


def invitation(roll: Roll, secret: str) -> InvitationRow | Refused:
    """What an invitation invites to."""
    with roll.database.own() as connection:
        row = people.invitation(connection, hashed(secret), roll.clock())
    return row if row is not None else Refused(InvitationUnknown())


def revoke_invitation(roll: Roll, organisation: str, digest: str, by: Seat = KEEPER) -> bool:
    """Take back an invitation by its hash in hexadecimal; whether there was one to take back."""
    try:
        command = WithdrawInvitation(organisation=organisation, digest=bytes.fromhex(digest))
    except ValueError:
        return False
    with roll.database.own() as connection:
        return not isinstance(act(connection, roll, command, by), Refused)


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
        return sessions.begin_of_person(connection, roll, person.id, before=before, passkey=row.id)


def join_with_subject(
    roll: Roll, secret: str, issuer: str, subject: str, before: str = "", *, client: tuple[str, str] | None = None
) -> str | Refused:
    """Join as a provider's subject; what the session's cookie holds.

    `client` is the organisation whose provider named the subject, and the roll's name there: it must still be that provider, and
    the invitation that organisation's.
    """
    with roll.database.own() as connection:
        if client is not None:
            invited = people.invitation(connection, hashed(secret), roll.clock())
            if invited is None:
                return Refused(InvitationUnknown())
            if invited.organisation != client[0] or not people.is_provider(connection, client[0], issuer, client[1]):
                return Refused(SignInFailed())
        kept_sessions.only_one_way_in(connection, f"{issuer} {subject}".encode())
        # Somebody already: the invitation stays good for who it is meant for.
        if people.knows_subject(connection, issuer, subject) or _is_seated(connection, roll, secret, before):
            return Refused(PasskeyHasASeat())
        person = _join(connection, roll, secret, roll.random_bytes(32))
        if isinstance(person, Refused):
            return person
        people.put_subject(connection, issuer, subject, person.id)
        return sessions.begin_of_person(connection, roll, person.id, before=before)


def _is_seated(connection: Connection, roll: Roll, secret: str, before: str) -> bool:
    """Whether the browser that answers an invitation is signed in to a seat, of whatever organisation: that is one person.

    Who asks, who decides and who answers are to be three; so a browser has one seat, and whoever changes theirs signs out first.
    """
    found = people.invitation(connection, hashed(secret), roll.clock())
    return found is not None and sessions.someone_in(connection, roll, before).seat is not None


def _join(connection: Connection, roll: Roll, secret: str, handle: bytes) -> PersonRow | Refused:
    return _seated(connection, act(connection, roll, Join(digest=hashed(secret), handle=handle)))


def _seated(connection: Connection, acted: Acted | Refused) -> PersonRow | Refused:
    """Who sits in the seat that was taken."""
    if isinstance(acted, Refused):
        return acted
    joined = acted.events[0]
    assert isinstance(joined, PersonJoined)  # noqa: S101 - nothing else comes of it
    person = people.in_seat(connection, joined.organisation, acted.fresh)
    assert person is not None  # noqa: S101 - they have just sat down
    return person


def create_seat(roll: Roll, organisation: str, role: str, label: str) -> int | Refused:
    """Seat somebody without a way in and without another's word, of a line of its own; the person's number.

    For development, on a machine that nobody else reaches: whoever can call it acts as two people. The log shows it as founding.
    """
    with roll.database.own() as connection:
        person = _created(connection, roll, organisation, role, label)
    return person if isinstance(person, Refused) else person.id


def _created(connection: Connection, roll: Roll, organisation: str, role: str, label: str) -> PersonRow | Refused:
    digest, handle = hashed(new_secret(roll)), roll.random_bytes(32)
    command = CreateSeat(organisation=organisation, role=role, label=label, handle=handle, digest=digest)
    return _seated(connection, act(connection, roll, command))


def sign_in_without_a_way(roll: Roll, organisation: str, role: str, before: str) -> str | Refused:
    """Sign in to a seat of this role, sitting down in a new one where nobody does; what the session's cookie holds.

    For the development door, on a machine that nobody else reaches (`create_seat`).
    """
    with roll.database.own() as connection:
        sitting = people.people(connection, organisation)
        person = next((one for one in sitting if one.role == role and one.in_force), None)
        found = person or _created(connection, roll, organisation, role, f"null {role}")
        if isinstance(found, Refused):
            return found
        return sessions.begin_of_person(connection, roll, found.id, before=before)


def end_seat(roll: Roll, organisation: str, seat: int, by: Seat) -> Decision:
    """Take a seat away: its person's ways in and sessions end at once."""
    with roll.database.own() as connection:
        return act(connection, roll, Leave(organisation=organisation, seat=seat), by)


def confirm_seat(roll: Roll, organisation: str, number: int, by: Seat) -> Decision:
    """Give one's word for a new seat (an official act): from now on it acts."""
    with roll.database.own() as connection:
        return act(connection, roll, ConfirmSeat(organisation=organisation, seat=number), by)


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
    return passkeys.register_options(roll, place, sessions.for_person(row.id), row.handle, name, others=others)


def add_passkey(roll: Roll, place: RelyingParty, who: Principal, answer: dict[str, Any], most: int) -> Refused | None:
    """The second step: the passkey is theirs, up to `most` of them, and younger than those, whatever the clock says.

    Raises ClockBehind while the clock stands well behind what was written: by such a clock its days would begin too early.
    """
    if who.person is None:
        return Refused(SignInFailed())
    roll.check_clock(roll.clock())
    with roll.database.own() as connection:
        made = passkeys.registered(connection, roll, place, sessions.for_person(who.person), answer)
        if isinstance(made, Refused):
            return made
        people.only_one_joins(connection, who.organisation)  # two at once would otherwise be of one age
        own = kept_sessions.passkeys_of(connection, person=who.person)
        if len(own) >= most:
            return Refused(SignInFailed())
        added = max([made[0].added, *(one.added + timedelta(microseconds=1) for one in own)])
        kept_sessions.put_passkey(connection, made[0]._replace(person=who.person, added=added))
    return None


def end_passkey(roll: Roll, who: Principal, credential: bytes, cookie: str = "") -> Refused | None:
    """End one passkey of somebody's own, and with it every session but this browser's, as of a device that was lost.

    This browser's ends as well where it began by that passkey. Not the last passkey, and only by who has signed in a moment ago.
    """
    if (refused := sessions.too_old(roll, who.begun)) is not None:
        return refused
    if who.person is None:
        return Refused(LastPasskey())
    with roll.database.own() as connection:
        people.only_one_joins(connection, who.organisation)  # two at once would otherwise end both
        own = kept_sessions.passkeys_of(connection, person=who.person)
        ends = next((one for one in own if one.id == credential), None)
        if ends is None or len(own) < 2:
            return Refused(LastPasskey())
        session = kept_sessions.session(connection, hashed(cookie))
        by = session.passkey if session is not None else None
        if (refusal := _end_waits(roll, own, ends, by)) is not None:
            return Refused(refusal)
        stays = session is not None and by != credential
        kept_sessions.end_passkeys(connection, roll.clock(), person=who.person, one=credential)
        kept_sessions.end_sessions(connection, person=who.person, but=hashed(cookie) if stays else b"")
    return None


def _end_waits(roll: Roll, own: Sequence[PasskeyRow], ends: PasskeyRow, by: bytes | None) -> PasskeyWaits | None:
    """Why a passkey of a seat does not end yet: no young one's session ends an older one, nor do young ones alone stay.

    Who sits a minute at a lead's open browser makes a passkey there: the seat's own has days to end that one first.
    """
    waits = timedelta(days=roll.release_days)
    grown = {one.id: roll.day(one.added) + waits for one in own if one.added > ends.added}
    if by not in grown and len(grown) < len(own) - 1:  # one that is not younger stays
        return None
    until = grown[by] if by is not None and by in grown else min(grown.values())
    return PasskeyWaits(until=until) if roll.day(roll.clock()) <= until else None
