"""The life of operators: one is succeeded by another, by both their words or by the registrar's after its notice, or it leaves.

Each is one official act in one transaction. With the act its tokens, seats and sessions end, and what it had is its heir's.
"""

from datetime import date

import msgspec

from openroll.register.command import Command
from openroll.register.decision import Decision
from openroll.register.organisation.commands import LeaveRoll, OfferSuccession, Succeed, WithdrawSuccession
from openroll.register.organisation.roles import KEEPER, REGISTRAR, Seat
from openroll.service.acts import act
from openroll.service.roll import Roll
from openroll.store import operators, signs_of_life


class Operator(msgspec.Struct, frozen=True):
    """An operator as its life stands: since when it is in the roll no more and by whom it was succeeded, or what is offered.

    `offered_by` is the seat that offered, asked or announced; `until` the last day to agree or of the notice. `lapsed` says that
    it is over, `ready` that the notice is: then it is carried out. `accepted` says that a second word was said: of what was
    announced the heir's. `heard` is since which day that is void, as the operator is not gone; `notice` the last day on which
    what both agreed to may be taken back.
    """

    name: str
    ended: date | None
    heir: str | None
    to: str | None
    offered_by: str
    until: date | None
    announced: bool
    lapsed: bool
    ready: bool
    accepted: bool = False
    heard: date | None = None
    notice: date | None = None


def lives(roll: Roll) -> list[Operator]:
    """Every operator there is or was, by name."""
    today = roll.day(roll.clock())
    with roll.database.own() as connection:
        rows, signs = operators.lives(connection), signs_of_life.heard_of(connection)
    found = []
    for row in rows:
        heard = signs.get(row.name)
        announced = (row.offered_by or "").startswith(f"{REGISTRAR}/")
        over = row.offered_until is not None and row.offered_until < today
        agreed = row.accepted is not None
        lapsed, ready = (
            over and not announced and row.notice is None,
            over and announced and agreed and heard is None,
        )
        ready = ready or (row.notice is not None and row.notice < today)
        to = None if lapsed else row.offered_to
        by, until = row.offered_by or "", row.offered_until
        found.append(
            Operator(row.name, row.ended, row.heir, to, by, until, announced, lapsed, ready, agreed, heard, row.notice)
        )
    return found


def living(roll: Roll, operator: str) -> int:
    """How many subscriptions an operator still answers for."""
    with roll.database.own() as connection:
        return operators.living(connection, operator)


def offer_succession(roll: Roll, operator: str, heir: str, by: Seat = KEEPER) -> Decision:
    """Offer that `heir` succeeds an operator, ask for it, or (the registrar) announce it."""
    return _acted(roll, OfferSuccession(operator=operator, heir=heir), by)


def succeed(roll: Roll, operator: str, heir: str = "", by: Seat = KEEPER) -> Decision:
    """Agree to what was offered, or carry out what was announced."""
    return _acted(roll, Succeed(operator=operator, heir=heir), by)


def withdraw_succession(roll: Roll, operator: str, why: str = "", by: Seat = KEEPER) -> Decision:
    """Take back what was offered or announced, or decline it."""
    return _acted(roll, WithdrawSuccession(operator=operator, why=why), by)


def leave_roll(roll: Roll, operator: str, why: str = "", by: Seat = KEEPER) -> Decision:
    """Have an operator leave that answers for nothing any more."""
    return _acted(roll, LeaveRoll(operator=operator, why=why), by)


def _acted(roll: Roll, command: Command, by: Seat) -> Decision:
    with roll.database.own() as connection:
        return act(connection, roll, command, by)
