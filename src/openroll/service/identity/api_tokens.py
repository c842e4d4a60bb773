"""Tokens of organisations' programs: issued, replaced by a successor, ended by the operator or the registrar, or by their day.

Each act is an event under the operator's organisation. It names the seat that acted and the token's number, never the token.
"""

from datetime import datetime

import msgspec

from openroll.register.decision import Refused
from openroll.register.organisation.commands import EndToken, IssueToken, ReplaceToken
from openroll.register.organisation.roles import KEEPER, Seat
from openroll.register.organisation.tokens import MOST_DAYS, MOST_OVERLAP, OVERLAP
from openroll.register.sign_in_refusals import PasskeyNeeded
from openroll.service.acts import act
from openroll.service.governance.open_roll import token_hash
from openroll.service.identity.sessions import Principal, new_secret, too_old
from openroll.service.roll import Roll
from openroll.store import roll as rolls

__all__ = [
    "MOST_DAYS",
    "MOST_OVERLAP",
    "OVERLAP",
    "Live",
    "end_token",
    "issue_own_token",
    "issue_token",
    "live_tokens",
    "replace_token",
    "revoke_token",
    "tokens_of_seat",
]


class Live(msgspec.Struct, frozen=True):
    """A token that lets programs in: until `ends`, if ever. `replaced` says that a successor is there already.

    `seat` is the number of the seat that acts by it, 0 for a program that files and acts for nobody.
    """

    number: int
    label: str
    issued: datetime
    ends: datetime | None
    replaced: bool
    seat: int = 0


def live_tokens(roll: Roll, organisation: str) -> list[Live]:
    """An organisation's tokens that let programs in now."""
    with roll.database.own() as connection:
        rows = rolls.tokens(connection, organisation, roll.clock())
    succeeded = {row.replaces for row in rows}
    return [Live(row.id, row.label, row.issued, row.expires, row.id in succeeded, row.seat) for row in rows]


def issue_token(
    roll: Roll, organisation: str, label: str, by: Seat = KEEPER, *, days: int | None = None, seat: int = 0
) -> str | Refused:
    """A new token for an organisation's programs, shown once; it ends by itself after `days`, or never.

    `seat` is the number of the seat whose acts are done by it; 0 for an operator's program that only files.
    """
    token = _fresh(roll)
    command = IssueToken(organisation=organisation, label=label, digest=token_hash(token), days=days, seat=seat)
    with roll.database.own() as connection:
        acted = act(connection, roll, command, by)
    return acted if isinstance(acted, Refused) else token


def tokens_of_seat(roll: Roll, by: Seat) -> list[Live]:
    """The tokens that act for a seat and let programs in now."""
    return [one for one in live_tokens(roll, by.organisation) if one.seat == by.number]


def issue_own_token(roll: Roll, who: Principal, label: str, *, days: int | None = None) -> str | Refused:
    """A new token that acts for somebody's own seat, shown once: nobody else ever has it in hand.

    Made by who has signed in by a passkey, and a moment ago: it goes on when their session has ended.
    """
    if who.seat is None or not who.by_passkey:
        return Refused(PasskeyNeeded())
    if (refused := too_old(roll, who.begun)) is not None:
        return refused
    return issue_token(roll, who.seat.organisation, label, who.seat, days=days, seat=who.seat.number)


def replace_token(roll: Roll, organisation: str, number: int, by: Seat, *, overlap: int = OVERLAP) -> str | Refused:
    """A successor for one of the organisation's tokens, shown once. The old one ends by itself after `overlap` days.

    The successor lasts as long as the old one was issued for. A token has one successor, and one that acts for a seat has none.
    """
    token = _fresh(roll)
    command = ReplaceToken(organisation=organisation, token=number, digest=token_hash(token), overlap=overlap)
    with roll.database.own() as connection:
        acted = act(connection, roll, command, by)
    return acted if isinstance(acted, Refused) else token


def end_token(roll: Roll, organisation: str, number: int, by: Seat, why: str = "") -> Refused | None:
    """End one of an organisation's tokens at once. Where another organisation ends it, it says why, in the public log."""
    with roll.database.own() as connection:
        acted = act(connection, roll, EndToken(organisation=organisation, token=number, why=why), by)
    return acted if isinstance(acted, Refused) else None


def revoke_token(roll: Roll, token: str) -> bool:
    """End a token by its text, from the command line; whether there was one to end. Whoever has the text needs no reason."""
    with roll.database.own() as connection:
        found = rolls.token_of(connection, token_hash(token), roll.clock())
        if found is None:
            return False
        command = EndToken(organisation=found.organisation, token=found.number, by_text=True)
        return not isinstance(act(connection, roll, command), Refused)


def _fresh(roll: Roll) -> str:
    return f"openroll_{new_secret(roll)}"
