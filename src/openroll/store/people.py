"""People who act for organisations: their seats, invitations, and what organisations there are."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from psycopg import Connection


class OrganisationRow(NamedTuple):
    """An organisation: `kind` is registrar, operator, authority or reviewer; `number` is its record."""

    name: str
    kind: str
    title_zh: str
    title_en: str
    number: int


class PersonRow(NamedTuple):
    """A seat somebody sits or sat in. `handle` (32 bytes) is how their passkeys name them."""

    id: int
    organisation: str
    seat: int
    role: str
    label: str
    handle: bytes
    joined: datetime
    left_at: datetime | None


class InvitationRow(NamedTuple):
    """An invitation that may still be used."""

    hash: bytes
    organisation: str
    role: str
    label: str
    expires: datetime


_PERSON = "id, organisation, seat, role, label, handle, joined, left_at"


def organisations(connection: Connection) -> list[OrganisationRow]:
    """Every organisation but the registrar, operators first."""
    rows = connection.execute(
        "select name, 'operator' as kind, title_zh, title_en, number, 0 as place from operator union all"
        " select name, kind, title_zh, title_en, number, 1 from organisation order by place, name"
    )
    return [OrganisationRow(*row[:5]) for row in rows]


def put_organisation(connection: Connection, row: OrganisationRow, admitted: date) -> None:
    """Keep an admitted authority or reviewer."""
    connection.execute(
        "insert into organisation (name, kind, title_zh, title_en, number, admitted) values (%s, %s, %s, %s, %s, %s)",
        (*row, admitted),
    )


def put_person(connection: Connection, seat: int, invitation: InvitationRow, handle: bytes, now: datetime) -> PersonRow:
    """Seat somebody."""
    row = connection.execute(
        "insert into person (organisation, seat, role, label, handle, joined) values (%s, %s, %s, %s, %s, %s)"
        f" returning {_PERSON}",
        (invitation.organisation, seat, invitation.role, invitation.label, handle, now),
    ).fetchone()
    return PersonRow._make(row or ())


def person(connection: Connection, number: int) -> PersonRow | None:
    """Somebody who has not left."""
    row = connection.execute(f"select {_PERSON} from person where id = %s and left_at is null", (number,)).fetchone()
    return None if row is None else PersonRow._make(row)


def in_seat(connection: Connection, organisation: str, seat: int) -> PersonRow | None:
    """Who sits in a seat now."""
    row = connection.execute(
        f"select {_PERSON} from person where organisation = %s and seat = %s and left_at is null", (organisation, seat)
    ).fetchone()
    return None if row is None else PersonRow._make(row)


def people(connection: Connection, organisation: str) -> list[PersonRow]:
    """Everyone who sits in an organisation."""
    rows = connection.execute(
        f"select {_PERSON} from person where organisation = %s and left_at is null order by seat", (organisation,)
    )
    return [PersonRow._make(row) for row in rows]


def seats_with(connection: Connection, organisation: str, roles: Sequence[str]) -> frozenset[int]:
    """The seats that hold one of these roles. Holds them against change until the transaction ends."""
    rows = connection.execute(
        "select seat from person where organisation = %s and role = any(%s) and left_at is null for update",
        (organisation, list(roles)),
    )
    return frozenset(seat for (seat,) in rows)


def end_person(connection: Connection, number: int, now: datetime) -> None:
    """Somebody left: their ways in and sessions end with it."""
    connection.execute("update person set left_at = %s where id = %s", (now, number))
    connection.execute("update passkey set ended = %s where person = %s and ended is null", (now, number))
    connection.execute("delete from session where person = %s", (number,))
    connection.execute("delete from subject where person = %s", (number,))


def put_invitation(connection: Connection, row: InvitationRow, now: datetime) -> None:
    """Keep the hash of an invitation."""
    connection.execute(
        "insert into invitation (hash, organisation, role, label, expires, issued) values (%s, %s, %s, %s, %s, %s)",
        (*row, now),
    )


_INVITATION = "hash, organisation, role, label, expires"


def invitation(connection: Connection, hashed: bytes, now: datetime) -> InvitationRow | None:
    """An invitation that may still be used."""
    row = connection.execute(
        f"select {_INVITATION} from invitation where hash = %s and used is null and revoked is null and expires > %s",
        (hashed, now),
    ).fetchone()
    return None if row is None else InvitationRow(bytes(row[0]), *row[1:])


def use_invitation(connection: Connection, hashed: bytes, now: datetime) -> InvitationRow | None:
    """Use an invitation up: only one of two who come at once gets it."""
    row = connection.execute(
        "update invitation set used = %s where hash = %s and used is null and revoked is null and expires > %s"
        f" returning {_INVITATION}",
        (now, hashed, now),
    ).fetchone()
    return None if row is None else InvitationRow(bytes(row[0]), *row[1:])


def invitations(connection: Connection, organisation: str, now: datetime) -> list[InvitationRow]:
    """The invitations of an organisation that may still be used."""
    rows = connection.execute(
        f"select {_INVITATION} from invitation where organisation = %s and used is null and revoked is null"
        " and expires > %s order by issued",
        (organisation, now),
    )
    return [InvitationRow(bytes(row[0]), *row[1:]) for row in rows]


def revoke_invitation(connection: Connection, organisation: str, hashed: bytes, now: datetime) -> bool:
    """Take an invitation back; whether there was one."""
    done = connection.execute(
        "update invitation set revoked = %s where hash = %s and organisation = %s and used is null",
        (now, hashed, organisation),
    )
    return done.rowcount > 0


def put_provider(connection: Connection, organisation: str, issuer: str, client_id: str, client_secret: str) -> None:
    """The OpenID Connect provider with which an organisation's people sign in."""
    connection.execute(
        "insert into provider values (%s, %s, %s, %s) on conflict (organisation) do update set"
        " issuer = excluded.issuer, client_id = excluded.client_id, client_secret = excluded.client_secret",
        (organisation, issuer, client_id, client_secret),
    )


def providers(connection: Connection) -> dict[str, tuple[str, str, str]]:
    """Providers by organisation: (issuer, client id, client secret)."""
    rows = connection.execute("select organisation, issuer, client_id, client_secret from provider order by 1")
    return {name: (issuer, client, secret) for name, issuer, client, secret in rows}


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
