"""Who is at the door: sessions kept on the server, begun by a passkey, a provider or a filing code, and their ends.

The cookie holds 32 random bytes; the roll keeps their SHA-256. A new session at every sign-in (so nothing that was there
before is worth anything after), an end when idle, an end in any case, and one call that ends all of them.
"""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from datetime import datetime, timedelta
from typing import Any

import msgspec
from psycopg import Connection

from openroll.register.decision import Refused
from openroll.register.organisation.roles import REGISTRAR, Seat
from openroll.register.sign_in_refusals import SessionOld, SignInFailed
from openroll.register.subscription.refusals import HeldByPasskey, SubscriptionUnknown
from openroll.service.identity.seats import let_in_by_own
from openroll.service.roll import Roll
from openroll.store import people, rights, sessions, signs_of_life, subscriptions
from openroll.store.connect import assume
from openroll.store.rights import RightOver as RightOver  # noqa: PLC0414 - for the faces, which know no store
from openroll.store.rights import SessionOver as SessionOver  # noqa: PLC0414 - as above
from openroll.store.rights import SessionRight, TokenRight, act_by, right_of_act
from openroll.store.rights import TokenOver as TokenOver  # noqa: PLC0414 - as above
from openroll.store.rights import now_stands as now_stands  # noqa: PLC0414 - as above
from openroll.store.rights import stands as stands  # noqa: PLC0414 - as above
from openroll.store.sessions import CODE, PASSKEY

IDLE = {"person": timedelta(minutes=30), "subscriber": timedelta(minutes=60)}
"""A session not seen for so long has ended."""
LONGEST = {"person": timedelta(hours=12), "subscriber": timedelta(hours=4)}
"""No session lasts longer than this."""
FRESH = timedelta(minutes=10)
"""For so long after signing in somebody may change their ways in."""
AHEAD = timedelta(hours=3)
"""So far ahead of us a session may have been begun: servers' clocks, and one set an hour or two wrong, differ by less."""
_SEEN_EVERY = timedelta(seconds=60)


_answered: ContextVar[dict[Any, Any] | None] = ContextVar("answered", default=None)


def begin_request() -> None:
    """Say that a request begins: nothing of it stands as yet, and it is nobody's act."""
    rights.begin_request()
    act_for("")


def act_for(cookie: str, *, reads: bool = False) -> None:
    """Say by which session the rest of this request acts, by its cookie; nothing for what is no session's act.

    What it does is done on the session's behalf (`store.rights`): not at all once the session has ended. `reads` says that it
    only reads.
    """
    act_by(SessionRight(hashed(cookie), reads) if cookie else None)
    _answered.set({} if cookie and reads else None)


def read_for_anybody() -> None:
    """Say that all that the rest of this request does is reading what anybody may."""
    rights.read_for_anybody()
    _answered.set({})


def act_by_token(roll: Roll, token: bytes, *, reads: bool = False) -> None:
    """As `act_for`, for a program: by its token's hash."""
    act_by(TokenRight(token, roll.clock, reads))


def answered() -> dict[Any, Any] | None:
    """What this request has asked and was answered, by question, where all it does is reading; None where it may write."""
    return _answered.get()


def acting_session() -> bytes:
    """The hash of the session that this request acts by; empty for none."""
    right = right_of_act()
    return right.hash if isinstance(right, SessionRight) else b""


class Principal(msgspec.Struct, frozen=True):
    """Who is asking. `roles` are those of the access table; nobody has only `anyone`.

    A person has a seat in an organisation of a kind; a subscriber has the number of the record they opened. Who is `waiting`
    sits in a new seat that nobody has confirmed yet: it reads, and does nothing. Who came from `outside`, let in by nobody of the
    organisation, does not even read.
    """

    roles: frozenset[str] = frozenset({"anyone"})
    person: int | None = None
    seat: Seat | None = None
    kind: str = ""
    label: str = ""
    called: tuple[tuple[str, str], ...] = ()
    """What the organisation is called, by language."""
    record: int | None = None
    waiting: bool = False
    outside: bool = False
    begun: datetime | None = None
    """When they signed in."""
    by_passkey: bool = False
    """Whether they signed in by a passkey, rather than by a provider or in some other way."""

    @property
    def organisation(self) -> str:
        """The organisation's short name, or nothing."""
        return self.seat.organisation if self.seat else ""

    @property
    def title(self) -> Mapping[str, str]:
        """What the organisation is called, by language; nothing for who sits in none."""
        return dict(self.called)


NOBODY = Principal()
LEADS = {
    "operator-lead": "clerk",
    "registrar-lead": "registrar",
    "officer-lead": "officer",
    "reviewer-lead": "reviewer",
}
"""A lead may do what the others of the organisation do."""


def hashed(secret: str) -> bytes:
    """What the roll keeps of a cookie, an invitation or a ceremony."""
    return hashlib.sha256(secret.encode()).digest()


def new_secret(roll: Roll) -> str:
    """32 random bytes as text fit for a cookie."""
    return urlsafe_b64encode(roll.random_bytes(32)).decode().rstrip("=")


def begin(roll: Roll, *, person: int | None = None, record: int | None = None, before: str = "") -> str:
    """Begin a session of a person, or of a record by its code; what its cookie holds. Raises ValueError where that may not be.

    For measurements and tests: whoever signs in has a way in, which is asked for in the same transaction.
    """
    with roll.database.own() as connection:
        if record is not None:
            secret = begin_by_code(connection, roll, record, record, before=before)
        else:
            secret = begin_of_person(connection, roll, person or 0, before=before)
    if isinstance(secret, Refused):
        raise ValueError(secret.refusal.code)
    return secret


def begin_of_person(
    connection: Connection, roll: Roll, person: int, *, before: str = "", passkey: bytes | None = None
) -> str | Refused:
    """Begin a session of somebody who sits in a seat; what its cookie holds. The session `before` it in the same browser ends.

    Within the transaction that looked at their way in: they do not leave before it has ended. With `passkey` (its credential) it
    holds their passkey against change: who leaves then waits for that, and a second lock would have the two wait for each other.
    """
    found = people.person(connection, person, hold=passkey is None)
    if found is None:
        return Refused(SignInFailed())
    if found.in_force:  # a seat that waits is not its organisation's yet, and no sign of its life
        signs_of_life.hear(connection, found.organisation, roll.day(roll.clock()))
    return _begin(connection, roll, before, person=person, passkey=passkey)


def begin_by_code(connection: Connection, roll: Roll, record: int, code: int, *, before: str = "") -> str | Refused:
    """Begin a session of a record by its filing code (the number behind it); what its cookie holds.

    Whether the code opens the record is asked here, whoever asked it before: no passkey holds it, and it has no fresh code, until
    the transaction has ended. What begins to hold it then ends this session.
    """
    assume(connection, "subscriber", record=record)
    ways = subscriptions.ways_in(connection, record, hold=True)
    assume(connection, "application")
    if ways is None or (ways.code != code and not ways.held):
        return Refused(SubscriptionUnknown(sought=""))
    if ways.held:
        return Refused(HeldByPasskey(), roll.rule_name)
    return _begin(connection, roll, before, record=record, way=CODE)


def begin_by_passkey(
    connection: Connection, roll: Roll, record: int, *, before: str = "", passkey: bytes | None = None
) -> str | Refused:
    """Begin a session of a record by the passkey (its credential) that holds it; what its cookie holds.

    Within the transaction that holds the passkey's row against change, or makes it.
    """
    if not is_held(connection, record):
        return Refused(SignInFailed())  # its passkey is of a time before it was released or erased
    return _begin(connection, roll, before, record=record, way=PASSKEY, passkey=passkey)


def _begin(
    connection: Connection,
    roll: Roll,
    before: str,
    *,
    person: int | None = None,
    record: int | None = None,
    way: str | None = None,
    passkey: bytes | None = None,
) -> str:
    secret, now = new_secret(roll), roll.clock()
    if before:
        sessions.end_session(connection, hashed(before))
    sessions.put_session(connection, hashed(secret), now, person=person, record=record, way=way, passkey=passkey)
    return secret


def is_held(connection: Connection, record: int, *, alone: bool = False) -> bool:
    """Whether a passkey holds a record, within a transaction of the application.

    With `alone` that stays so until it ends, and nobody else who asks so is answered before.
    """
    with connection.pipeline():
        assume(connection, "subscriber", record=record)
        asked = subscriptions.asked_ways_in(connection, record, alone=alone)
        assume(connection, "application")
    ways = asked.fetchone()
    return ways is not None and bool(ways[0])


def someone(roll: Roll, cookie: str) -> Principal:
    """Whose session a cookie is; nobody's when it has ended, run out or never was. One journey to the database, mostly."""
    if not cookie:
        return NOBODY
    with roll.database.at_once("application") as connection:
        asked = people.asked_come(connection, hashed(cookie))
    come = people.come(asked)
    if come is None or not _is_to_be_kept(come, roll.clock()):
        return _whose(roll, come)
    with roll.database.own() as connection:
        return someone_in(connection, roll, cookie)


def someone_in(connection: Connection, roll: Roll, cookie: str) -> Principal:
    """As `someone`, within a transaction."""
    now = roll.clock()
    come = people.come(people.asked_come(connection, hashed(cookie))) if cookie else None
    if come is not None and _is_to_be_kept(come, now):
        if now - come.session.seen > _SEEN_EVERY:
            sessions.seen(connection, hashed(cookie), now)
        if come.unheard and come.person is not None:
            signs_of_life.hear(connection, come.person.organisation, roll.day(now))
    return _whose(roll, come)


def _is_to_be_kept(come: people.Come, now: datetime) -> bool:
    """Whether it is to be kept that somebody was seen, or gave a sign of their organisation's life."""
    return not _over(come.session, now) and (come.unheard or now - come.session.seen > _SEEN_EVERY)


def _whose(roll: Roll, come: people.Come | None) -> Principal:
    """Whose a session is."""
    if come is None or _over(come.session, roll.clock()):
        return NOBODY
    row, found = come.session, come.person
    if row.record is not None:
        # The hold of a record ended those that its code had opened; should one be left, it opens nothing.
        if row.way != PASSKEY and come.held:
            return NOBODY
        return Principal(frozenset({"anyone", "subscriber"}), record=row.record, begun=row.begun)
    if found is None:
        return NOBODY
    of = (REGISTRAR, roll.opened.registrar) if found.organisation == REGISTRAR else come.organisation
    if of is None:
        return NOBODY  # its organisation is in the roll no more
    return msgspec.structs.replace(_of_person(found, *of), begun=row.begun, by_passkey=row.passkey is not None)


def _of_person(row: people.PersonRow, kind: str, title: Mapping[str, str]) -> Principal:
    """A person as the access table sees them, of an organisation of a kind and what it is called."""
    roles = {"anyone", row.role, LEADS.get(row.role, row.role)}
    own = Seat(row.organisation, row.seat)
    waits, outside = not row.in_force, not let_in_by_own(row)
    return Principal(
        frozenset(roles), row.id, own, kind, row.label, tuple(title.items()), waiting=waits, outside=outside
    )


def _over(row: sessions.SessionRow, now: datetime) -> bool:
    whose = "person" if row.person is not None else "subscriber"
    idle, whole = now - row.seen, now - row.begun
    # A clock that ran ahead made it: under the right one it would last until that comes there.
    return idle > IDLE[whose] or whole > LONGEST[whose] or min(idle, whole) < -AHEAD


def ends_with(roll: Roll, cookie: str, credential: bytes) -> bool:
    """Whether a browser's session began by a passkey (its credential), so that it ends when that one does."""
    with roll.database.own() as connection:
        session = sessions.session(connection, hashed(cookie))
    return session is not None and session.passkey == credential


def too_old(roll: Roll, begun: datetime | None) -> Refused | None:
    """Whether a session began too long ago for changing ways in: a browser left open is not enough to stay in for good."""
    if begun is not None and -AHEAD <= roll.clock() - begun <= FRESH:
        return None
    return Refused(SessionOld(minutes=FRESH.seconds // 60))


def for_person(number: int) -> str:
    """For whom the ceremonies of a person are."""
    return f"person {number}"


def for_record(number: int) -> str:
    """For whom the ceremonies of a record are."""
    return f"record {number}"


def end_others(roll: Roll, who: Principal, cookie: str) -> None:
    """End every session of a person but the one of this browser, and every passkey that is being made."""
    if who.person is not None:
        with roll.database.own() as connection:
            sessions.end_ceremonies(connection, for_person(who.person))  # before all else: their second steps wait here
            sessions.end_sessions(connection, person=who.person, but=hashed(cookie))


def end(roll: Roll, cookie: str) -> None:
    """End the session of this browser."""
    with roll.database.own() as connection:
        sessions.end_session(connection, hashed(cookie))


def end_everywhere(roll: Roll, who: Principal, cookie: str = "") -> None:
    """End every session of a person, or of a record, and that of this browser."""
    with roll.database.own() as connection:
        if who.person is not None:
            sessions.end_ceremonies(connection, for_person(who.person))
            sessions.end_sessions(connection, person=who.person)
        elif who.record is not None:
            sessions.end_ceremonies(connection, for_record(who.record))
            sessions.end_sessions(connection, record=who.record)
        if cookie:
            sessions.end_session(connection, hashed(cookie))


def forget_over(connection: Connection, now: datetime) -> int:
    """Forget every session that is over; how many."""
    return sum(
        sessions.forget_sessions(
            connection, sessions.Over(now - IDLE[whose], now - LONGEST[whose], now + AHEAD), persons=whose == "person"
        )
        for whose in IDLE
    )


def has_role(who: Principal, roles: Sequence[str] | frozenset[str]) -> bool:
    """Whether somebody has one of these roles."""
    return not who.roles.isdisjoint(roles)
