"""Tokens of operators' programs: issued, replaced by a successor, ended by the operator or the registrar, or by their day.

Each act is an event under the operator's organisation. It names the seat that acted and the token's number, never the token.
"""

from datetime import UTC, datetime, timedelta

import msgspec
from psycopg import Connection

from openroll.register.decision import Refused
from openroll.register.event import Event
from openroll.register.free_text import reason_refusal
from openroll.register.organisation.events import TokenEnded, TokenIssued, TokenReplaced
from openroll.register.organisation.refusals import DaysOutOfRange, OperatorUnknown, TokenReplacedAlready, TokenUnknown
from openroll.register.organisation.roles import KEEPER, Seat
from openroll.register.refusals import ReasonMissing
from openroll.register.roll.decide import ROLL_STREAM
from openroll.service.governance.open_roll import token_hash
from openroll.service.identity.people import MOST_LABEL
from openroll.service.identity.seats import acting
from openroll.service.identity.sessions import new_secret
from openroll.service.official import append_official, record_of
from openroll.service.roll import Roll
from openroll.service.rollback_guard import new_numbers
from openroll.store import roll as rolls
from openroll.store.roll import NewToken

MOST_DAYS, MOST_OVERLAP, OVERLAP = 1096, 90, 7
"""Days a token may last, days it may stand beside its successor, and days it does unless said."""


class Live(msgspec.Struct, frozen=True):
    """A token that lets programs in: until `ends`, if ever. `replaced` says that a successor is there already."""

    number: int
    label: str
    issued: datetime
    ends: datetime | None
    replaced: bool


def live_tokens(roll: Roll, organisation: str) -> list[Live]:
    """An organisation's tokens that let programs in now."""
    with roll.database.own() as connection:
        rows = rolls.tokens(connection, organisation, roll.clock())
    succeeded = {row.replaces for row in rows}
    return [Live(row.id, row.label, row.issued, row.expires, row.id in succeeded) for row in rows]


def issue_token(
    roll: Roll, organisation: str, label: str, by: Seat = KEEPER, *, days: int | None = None
) -> str | Refused:
    """A new token for an operator's programs, shown once; it ends by itself after `days`, or never."""
    if not 0 < len(label.strip()) <= MOST_LABEL:
        return Refused(ReasonMissing())
    if days is not None and not 1 <= days <= MOST_DAYS:
        return Refused(DaysOutOfRange(least=1, most=MOST_DAYS))
    token, now = _fresh(roll), roll.clock()
    expires = None if days is None else now + timedelta(days=days)
    with roll.database.own() as connection:
        if (refused := acting(connection, by)) is not None:
            return refused
        if record_of(connection, organisation) in (None, ROLL_STREAM):
            return Refused(OperatorUnknown(operator=organisation))
        new = NewToken(token_hash(token), organisation, label.strip(), now, expires)
        number = new_numbers(roll, "token").start
        rolls.put_token(connection, number, new)
        fact = TokenIssued(
            organisation=organisation, token=number, expires=_said(expires), by=str(by), rule=roll.rule_name
        )
        _append(connection, roll, now, fact, organisation)
    return token


def replace_token(roll: Roll, organisation: str, number: int, by: Seat, *, overlap: int = OVERLAP) -> str | Refused:
    """A successor for one of the organisation's tokens, shown once. The old one ends by itself after `overlap` days.

    The successor lasts as long as the old one was issued for. A token has one successor.
    """
    if not 0 <= overlap <= MOST_OVERLAP:
        return Refused(DaysOutOfRange(least=0, most=MOST_OVERLAP))
    token, now = _fresh(roll), roll.clock()
    with roll.database.own() as connection:
        if (refused := acting(connection, by)) is not None:
            return refused
        old = rolls.hold_token(connection, organisation, number, now)
        if old is None:
            return Refused(TokenUnknown())
        if rolls.is_replaced(connection, number):
            return Refused(TokenReplacedAlready())
        until = now + timedelta(days=overlap)
        until = until if old.expires is None else min(until, old.expires)
        expires = None if old.expires is None else now + (old.expires - old.issued)
        new = NewToken(token_hash(token), organisation, old.label, now, expires, number)
        successor = new_numbers(roll, "token").start
        rolls.put_token(connection, successor, new)
        rolls.expire_token(connection, number, until)
        fact = TokenReplaced(
            organisation=organisation,
            token=number,
            successor=successor,
            until=_said(until),
            expires=_said(expires),
            by=str(by),
            rule=roll.rule_name,
        )
        _append(connection, roll, now, fact, organisation)
    return token


def end_token(roll: Roll, organisation: str, number: int, by: Seat, why: str = "") -> Refused | None:
    """End one of an organisation's tokens at once. Where another organisation ends it, it says why, in the public log."""
    refused = reason_refusal(why, optional=by.organisation == organisation)
    if refused is not None:
        return Refused(refused)
    return _end(roll, organisation, number, by, why)


def revoke_token(roll: Roll, token: str) -> bool:
    """End a token by its text, from the command line; whether there was one to end. Whoever has the text needs no reason."""
    with roll.database.own() as connection:
        found = rolls.token_of(connection, token_hash(token), roll.clock())
    return found is not None and _end(roll, *found, KEEPER, "") is None


def _end(roll: Roll, organisation: str, number: int, by: Seat, why: str) -> Refused | None:
    now = roll.clock()
    with roll.database.own() as connection:
        if (refused := acting(connection, by)) is not None:
            return refused
        if not rolls.end_token(connection, organisation, number, now):
            return Refused(TokenUnknown())
        fact = TokenEnded(organisation=organisation, token=number, why=why.strip(), by=str(by), rule=roll.rule_name)
        _append(connection, roll, now, fact, organisation)
    return None


def _append(connection: Connection, roll: Roll, now: datetime, fact: Event, organisation: str) -> None:
    stream = record_of(connection, organisation)
    assert stream is not None  # noqa: S101 - a token belongs to an organisation that is there
    append_official(connection, roll, now, stream, (fact,), organisation)


def _fresh(roll: Roll) -> str:
    return f"openroll_{new_secret(roll)}"


def _said(at: datetime | None) -> str:
    """An instant as an event says it, in UTC to the second; empty for never."""
    return "" if at is None else at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
