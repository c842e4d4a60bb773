"""Tables of people who act for organisations: seats, invitations, sign-in providers; and of organisations."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from psycopg import Connection, Cursor
from psycopg.types.json import Jsonb

from openroll.store import signs_of_life
from openroll.store.exclusion import hold
from openroll.store.sessions import SESSION, SESSION_IS, SessionRow, end_ceremonies, end_sessions, hold_ways_in_alone


class OrganisationRow(NamedTuple):
    """An organisation: `kind` is registrar, operator, authority or reviewer; `number` is its record."""

    name: str
    kind: str
    title: Mapping[str, str]
    number: int


class PersonRow(NamedTuple):
    """A seat somebody sits or sat in. `handle` (32 bytes) is how their passkeys name them.

    `invited_by` is a seat as text, or empty; `confirmed_by` is whose word put it in force, None while it waits for one. A
    `founding` seat needs none. `announced_by` is the registrar's seat that gave notice of it, at the instant `announced` until
    the day `announced_until`.
    """

    id: int
    organisation: str
    seat: int
    role: str
    label: str
    handle: bytes
    joined: datetime
    left_at: datetime | None
    invited_by: str
    founding: bool
    confirmed_by: str | None
    announced_by: str | None = None
    announced: datetime | None = None
    announced_until: date | None = None

    @property
    def in_force(self) -> bool:
        """Whether it acts."""
        return self.founding or self.confirmed_by is not None


class InvitationRow(NamedTuple):
    """An invitation that may still be used."""

    hash: bytes
    organisation: str
    role: str
    label: str
    expires: datetime
    invited_by: str = ""


_PERSON = (
    "id, organisation, seat, role, label, handle, joined, left_at, invited_by, founding, confirmed_by, announced_by, announced,"
    " announced_until"
)
_IN_FORCE = "left_at is null and (founding or confirmed_by is not null)"


def organisations(connection: Connection, *, ended: bool = False) -> list[OrganisationRow]:
    """Every organisation but the registrar, operators first; with `ended` also operators that are in the roll no more."""
    rows = connection.execute(
        "select name, 'operator' as kind, title, number, 0 as place from operator where %s or ended is null union all"
        " select name, kind, title, number, 1 from organisation order by place, name",
        (ended,),
    )
    return [OrganisationRow(*row[:4]) for row in rows]


def put_organisation(connection: Connection, row: OrganisationRow, admitted: date) -> None:
    """Keep an admitted authority or reviewer."""
    connection.execute(
        "insert into organisation (name, kind, title, number, admitted) values (%s, %s, %s, %s, %s)",
        (row.name, row.kind, Jsonb(row.title), row.number, admitted),
    )


def only_one_joins(connection: Connection, organisation: str) -> None:
    """Hold others who join the same organisation off until the transaction ends."""
    hold(connection, f"seats of {organisation}")


def put_person(
    connection: Connection, seat: int, invitation: InvitationRow, handle: bytes, now: datetime, *, founding: bool
) -> PersonRow:
    """Insert the person who takes a seat."""
    row = connection.execute(
        "insert into person (organisation, seat, role, label, handle, joined, invited_by, founding)"
        f" values (%s, %s, %s, %s, %s, %s, %s, %s) returning {_PERSON}",
        (
            invitation.organisation,
            seat,
            invitation.role,
            invitation.label,
            handle,
            now,
            invitation.invited_by,
            founding,
        ),
    ).fetchone()
    return PersonRow._make(row or ())


def confirm_person(connection: Connection, organisation: str, seat: int, by: str, now: datetime) -> None:
    """Put a seat in force."""
    connection.execute(
        "update person set confirmed_by = %s, confirmed = %s where organisation = %s and seat = %s",
        (by, now, organisation, seat),
    )


def announce_person(connection: Connection, organisation: str, seat: int, by: str, now: datetime, until: date) -> None:
    """Keep the notice that was given of a new seat."""
    connection.execute(
        "update person set announced_by = %s, announced = %s, announced_until = %s"
        " where organisation = %s and seat = %s",
        (by, now, until, organisation, seat),
    )
    signs_of_life.forget(connection, organisation, seat)


def seat(connection: Connection, organisation: str, number: int, *, hold: bool = False) -> PersonRow | None:
    """Who sits or sat in a seat; with `hold` kept from changing until the transaction ends."""
    row = connection.execute(
        f"select {_PERSON} from person where organisation = %s and seat = %s{' for share' if hold else ''}",
        (organisation, number),
    ).fetchone()
    return None if row is None else PersonRow._make(row)


def waiting(connection: Connection, organisation: str) -> list[PersonRow]:
    """Seats that wait to be confirmed, of one organisation or (with none named) of all."""
    rows = connection.execute(
        f"select {_PERSON} from person where left_at is null and not founding and confirmed_by is null"
        " and (%(organisation)s = '' or organisation = %(organisation)s) order by joined",
        {"organisation": organisation},
    )
    return [PersonRow._make(row) for row in rows]


def leads_in_force(connection: Connection) -> list[tuple[str, int]]:
    """The seats in force that let others in and out: (organisation, number)."""
    return connection.execute(
        f"select organisation, seat from person where {_IN_FORCE} and right(role, 5) = '-lead' order by 1, 2"
    ).fetchall()


def is_led(connection: Connection, organisation: str, since: date) -> bool:
    """Whether a lead in force signs in by a provider, or joined or used a passkey on this day or later."""
    row = connection.execute(
        f"select exists (select from person p where organisation = %(of)s and right(role, 5) = '-lead' and {_IN_FORCE}"
        " and (joined >= %(since)s or exists (select from subject s where s.person = p.id) or exists (select from passkey k"
        " where k.person = p.id and k.ended is null and greatest(k.used, k.added) >= %(since)s)))",
        {"of": organisation, "since": since},
    ).fetchone()
    return bool(row and row[0])


def in_force(connection: Connection, organisation: str) -> list[tuple[str, int]]:
    """The seats of an organisation that act: (organisation, number)."""
    return connection.execute(
        f"select organisation, seat from person where {_IN_FORCE} and organisation = %s order by 2", (organisation,)
    ).fetchall()


def had_lead(connection: Connection, organisation: str) -> bool:
    """Whether an organisation ever had a lead in force, also one that has left."""
    row = connection.execute(
        "select exists (select from person where organisation = %s and right(role, 5) = '-lead'"
        " and (founding or confirmed_by is not null))",
        (organisation,),
    ).fetchone()
    return bool(row and row[0])


def is_under_way(connection: Connection, organisation: str, now: datetime) -> bool:
    """Whether an organisation has begun: a seat of it was in force, a token lets its programs in, or it has subscriptions.

    What somebody filed alone under an operator's name is none of its own before its word.
    """
    row = connection.execute(
        "select exists (select from person where organisation = %(of)s and (founding or confirmed_by is not null))"
        " or exists (select from token where organisation = %(of)s and revoked is null"
        " and (expires is null or expires > %(now)s))"
        " or exists (select from subscription where operator = %(of)s and standing = 'confirmed')",
        {"of": organisation, "now": now},
    ).fetchone()
    return bool(row and row[0])


def founding(connection: Connection, organisation: str) -> list[int]:
    """An organisation's founding seats, also those that were left."""
    rows = connection.execute(
        "select seat from person where organisation = %s and founding order by seat", (organisation,)
    )
    return [number for (number,) in rows]


def person(connection: Connection, number: int, *, hold: bool = False) -> PersonRow | None:
    """Somebody who has not left; with `hold` they do not leave until the transaction ends."""
    lock = " for share" if hold else ""
    row = connection.execute(
        f"select {_PERSON} from person where id = %s and left_at is null{lock}", (number,)
    ).fetchone()
    return None if row is None else PersonRow._make(row)


class Come(NamedTuple):
    """A session (`sessions.session`) with what is asked of whose it is, as it stands at one moment."""

    session: SessionRow
    held: bool
    """Whether a passkey holds the record, where it is of one."""
    organisation: tuple[str, Mapping[str, str]] | None
    """Of what kind the person's organisation is, and its title; None for the registrar, and for one in the roll no more."""
    unheard: bool
    """Whether the organisation's sign of life is to be kept (`signs_of_life.hear`), where the seat is in force."""
    person: PersonRow | None
    """Whose it is, if they have not left."""


_COME = (
    f"select {SESSION}, case when s.record is not null then (select held from subscription where number = s.record) end,"
    " case when who.id is not null then (select jsonb_build_array(kind, title) from"
    " (select name, 'operator' as kind, title from operator where ended is null union all select name, kind, title"
    " from organisation) known where known.name = who.organisation limit 1) end,"
    f" case when who.founding or who.confirmed_by is not null then {signs_of_life.unheard('who.organisation')} end, who.*"
    f" from session s left join (select {_PERSON} from person where left_at is null) who on who.id = s.person"
    f" where {SESSION_IS}"
)


def asked_come(connection: Connection, hashed: bytes) -> Cursor[Any]:
    """Ask for a session with whose it is, for within a pipeline: what `come` reads."""
    return connection.execute(_COME, (hashed,))


def come(asked: Cursor[Any]) -> Come | None:
    """What was answered to `asked_come`; None where there is no such session."""
    row = asked.fetchone()
    if row is None:
        return None
    width = len(SessionRow._fields)
    held, organisation, unheard, *person = row[width:]
    return Come(
        SessionRow._make(row[:width]),
        bool(held),
        None if organisation is None else (organisation[0], organisation[1]),
        bool(unheard),
        None if person[0] is None else PersonRow._make(person),
    )


def in_seat(connection: Connection, organisation: str, seat: int) -> PersonRow | None:
    """Who sits in a seat now."""
    row = connection.execute(
        f"select {_PERSON} from person where organisation = %s and seat = %s and left_at is null", (organisation, seat)
    ).fetchone()
    return None if row is None else PersonRow._make(row)


def people(connection: Connection, organisation: str) -> list[PersonRow]:
    """Everyone who sits in an organisation."""
    return people_in(asked_people(connection, organisation))


def asked_people(connection: Connection, organisation: str) -> Cursor[Any]:
    """Ask for everyone who sits in an organisation, for within a pipeline: what `people_in` reads."""
    return connection.execute(
        f"select {_PERSON} from person where organisation = %s and left_at is null order by seat", (organisation,)
    )


def people_in(asked: Cursor[Any]) -> list[PersonRow]:
    """What was answered to `asked_people`."""
    return list(map(PersonRow._make, asked))


def seats_with(connection: Connection, organisation: str, roles: Sequence[str]) -> frozenset[int]:
    """The seats in force that hold one of these roles. Holds them against change until the transaction ends."""
    rows = connection.execute(
        f"select seat from person where organisation = %s and role = any(%s) and {_IN_FORCE} for no key update",
        (organisation, list(roles)),
    )
    return frozenset(seat for (seat,) in rows)


def hold_seats_alone(connection: Connection, organisation: str, seat: int | None = None) -> list[int]:
    """Let nobody act in a seat, or (with none named) in any seat of an organisation, until the transaction ends; who sits there.

    What was begun in them is waited for: it was decided before, and stands before the end of the seats.
    """
    rows = connection.execute(
        "select id from person where organisation = %(of)s and left_at is null and (%(seat)s::integer is null or seat = %(seat)s)"
        " order by id for no key update",
        {"of": organisation, "seat": seat},
    ).fetchall()
    return [number for (number,) in rows]


def hold_ways_alone(connection: Connection, organisation: str, seat: int, persons: Sequence[int]) -> None:
    """As `hold_seats_alone`, for what is done by a seat's tokens, and by the ways in and sessions of who sits there."""
    connection.execute(
        "select from token where organisation = %s and seat = %s and seat <> 0 and revoked is null order by id for no key update",
        (organisation, seat),
    )
    hold_ways_in_alone(connection, persons)


def end_person(connection: Connection, number: int, now: datetime) -> None:
    """Somebody left: their ways in, those they are making, their sessions and the tokens of their seat end with it.

    By which subject they came is kept as a hash, to know them again in another seat (`requests.same_person`).
    """
    connection.execute("update person set left_at = %s where id = %s", (now, number))
    # Ceremonies first: whoever is taking the second step is waited for, and the passkey that came of it ends with the others.
    end_ceremonies(connection, f"person {number}")
    connection.execute("update passkey set ended = %s where person = %s and ended is null", (now, number))
    end_sessions(connection, person=number)
    connection.execute(
        "update token set revoked = %s from person p where p.id = %s and token.seat <> 0 and token.revoked is null"
        " and token.organisation = p.organisation and token.seat = p.seat",
        (now, number),
    )
    connection.execute(
        "insert into former_subject select person, sha256(convert_to(person || ' ' || issuer || ' ' || subject, 'UTF8'))"
        " from subject where person = %s on conflict do nothing",
        (number,),
    )
    connection.execute("delete from subject where person = %s", (number,))


def put_invitation(connection: Connection, row: InvitationRow, now: datetime) -> None:
    """Keep the hash of an invitation."""
    connection.execute(
        "insert into invitation (hash, organisation, role, label, expires, invited_by, issued)"
        " values (%s, %s, %s, %s, %s, %s, %s)",
        (*row, now),
    )


def invited_since(connection: Connection, inviter: str, since: datetime) -> int:
    """How many a seat has invited since an instant, whatever came of it."""
    row = connection.execute(
        "select count(*) from invitation where invited_by = %s and issued > %s", (inviter, since)
    ).fetchone()
    return int(row[0]) if row else 0


_INVITATION = "hash, organisation, role, label, expires, invited_by"
_GOOD = (
    "used is null and revoked is null and expires > %(now)s and not exists (select from person p"
    " where p.organisation || '/' || p.seat = invitation.invited_by and p.left_at is not null)"
)
"""Which invitations may be used: an invitation is its maker's word, and ends with their seat."""


def invitation(connection: Connection, hashed: bytes, now: datetime) -> InvitationRow | None:
    """An invitation that may still be used."""
    row = connection.execute(
        f"select {_INVITATION} from invitation where hash = %(hash)s and {_GOOD}", {"hash": hashed, "now": now}
    ).fetchone()
    return None if row is None else InvitationRow(bytes(row[0]), *row[1:])


def organisation_of_invitation(connection: Connection, hashed: bytes) -> str | None:
    """Whose invitation it is, also one that is not good any more; None for one that never was."""
    row = connection.execute("select organisation from invitation where hash = %s", (hashed,)).fetchone()
    return None if row is None else str(row[0])


def use_invitation(connection: Connection, hashed: bytes, now: datetime) -> InvitationRow | None:
    """Use an invitation up atomically: of two who come at once only one gets it."""
    row = connection.execute(
        f"update invitation set used = %(now)s where hash = %(hash)s and {_GOOD} returning {_INVITATION}",
        {"hash": hashed, "now": now},
    ).fetchone()
    return None if row is None else InvitationRow(bytes(row[0]), *row[1:])


def invitations(connection: Connection, organisation: str, now: datetime) -> list[InvitationRow]:
    """The invitations of an organisation that may still be used."""
    return invitations_in(asked_invitations(connection, organisation, now))


def asked_invitations(connection: Connection, organisation: str, now: datetime) -> Cursor[Any]:
    """Ask for the invitations that may still be used, for within a pipeline: what `invitations_in` reads."""
    return connection.execute(
        f"select {_INVITATION} from invitation where organisation = %(organisation)s and {_GOOD} order by issued",
        {"organisation": organisation, "now": now},
    )


def invitations_in(asked: Cursor[Any]) -> list[InvitationRow]:
    """What was answered to `asked_invitations`."""
    return [InvitationRow(bytes(row[0]), *row[1:]) for row in asked]


def revoke_invitation(connection: Connection, organisation: str, hashed: bytes, now: datetime) -> bool:
    """Take an invitation back; whether there was one."""
    done = connection.execute(
        "update invitation set revoked = %s where hash = %s and organisation = %s and used is null",
        (now, hashed, organisation),
    )
    return done.rowcount > 0


class ProviderRow(NamedTuple):
    """A provider as it is kept. `client_secret` is empty but in rows of before secrets were sealed."""

    organisation: str
    issuer: str
    client_id: str
    client_secret: str
    secret_sealed: bytes | None


def put_provider(connection: Connection, row: ProviderRow) -> None:
    """The OpenID Connect provider with which an organisation's people sign in."""
    connection.execute(
        "insert into provider (organisation, issuer, client_id, client_secret, secret_sealed) values (%s, %s, %s, %s, %s)"
        " on conflict (organisation) do update set issuer = excluded.issuer, client_id = excluded.client_id,"
        " client_secret = excluded.client_secret, secret_sealed = excluded.secret_sealed",
        row,
    )


def providers(connection: Connection) -> list[ProviderRow]:
    """Every organisation's provider."""
    rows = connection.execute(
        "select organisation, issuer, client_id, client_secret, secret_sealed from provider order by 1"
    )
    made = map(ProviderRow._make, rows)
    return [row._replace(secret_sealed=bytes(row.secret_sealed)) if row.secret_sealed else row for row in made]


def is_provider(connection: Connection, organisation: str, issuer: str, client_id: str) -> bool:
    """Whether an organisation's people sign in with this provider; it is not replaced until the transaction ends."""
    found = connection.execute(
        "select from provider where organisation = %s and issuer = %s and client_id = %s for share",
        (organisation, issuer, client_id),
    )
    return found.fetchone() is not None


def put_subject(connection: Connection, issuer: str, subject: str, number: int) -> None:
    """Bind a provider's subject to a person."""
    connection.execute("insert into subject values (%s, %s, %s)", (issuer, subject, number))


def knows_subject(connection: Connection, issuer: str, subject: str) -> bool:
    """Whether a provider's subject is bound to anyone of any organisation."""
    found = connection.execute("select 1 from subject where issuer = %s and subject = %s", (issuer, subject))
    return found.fetchone() is not None


def of_subject(connection: Connection, organisation: str, issuer: str, subject: str) -> PersonRow | None:
    """Who a provider's subject is here: only within the organisation whose provider said it."""
    row = connection.execute(
        "select p.* from (select person from subject where issuer = %s and subject = %s) s"
        f" join (select {_PERSON} from person) p on p.id = s.person where p.organisation = %s and p.left_at is null",
        (issuer, subject, organisation),
    ).fetchone()
    return None if row is None else PersonRow._make(row)
