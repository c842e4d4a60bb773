"""Operators that leave or are succeeded: what their acts are decided on, and the tables that follow their events."""

import msgspec
from psycopg import Connection

from openroll.register.decision import Accepted
from openroll.register.event import Event
from openroll.register.kinds import decided
from openroll.register.official import Under
from openroll.register.organisation import commands, events
from openroll.register.organisation.lives import Life, Offered
from openroll.register.organisation.roles import REGISTRAR, Seat, seat_of
from openroll.register.request.state import ProcedureGone, procedure_of
from openroll.register.request.turns import owes
from openroll.service.identity.seats import member, noticed_until, record_of
from openroll.service.roll import Roll
from openroll.service.way import Asked, Done, Mails, Projections, Record, Way, Ways
from openroll.store import operators, people, requests, signs_of_life, sites
from openroll.store.operators import OperatorRow


def _of_operator(connection: Connection, asked: Asked) -> Record:
    """The record of the operator that is to end."""
    command = asked.command
    return Record(record_of(connection, command.operator), command.operator)


def _life(connection: Connection, roll: Roll, asked: Asked) -> Life:
    """Before something is offered or taken back: nothing is counted."""
    command = asked.command
    row = operators.life(connection, command.operator)
    offer = None if row is None else _offer(connection, row)
    heir = getattr(command, "heir", "") or (offer.heir if offer else "")
    until = noticed_until(roll, roll.day(asked.now))
    known = row is not None and row.ended is None and _is_alone(connection, command.operator)
    heir_known = bool(heir) and operators.is_in_force(connection, heir, hold=True) and _is_alone(connection, heir)
    return Life(known, heir_known, until, offer)


def _is_alone(connection: Connection, name: str) -> bool:
    """Whether an operator's name is nobody else's: else the seats, tokens and invitations that end with it would be another's."""
    return name != REGISTRAR and not operators.shares_its_name(connection, name)


def _offer(connection: Connection, row: OperatorRow) -> Offered | None:
    by = seat_of(row.offered_by or "")
    if by is None or row.offered_to is None or row.offered_until is None:
        return None
    accepted = seat_of(row.accepted or "")
    agreed = None if accepted is None else member(connection, accepted)
    heard = signs_of_life.heard(connection, row.name)
    return Offered(row.offered_to, member(connection, by), row.offered_until, agreed, heard, row.notice)


def _ending(connection: Connection, roll: Roll, asked: Asked) -> Life:
    """Before an operator ends: nobody acts for it any more while its subscriptions are counted.

    That is for what ends it alone. Whatever is refused without it (somebody of neither organisation, a notice that runs, handles
    that meet), and a word that ends nothing yet, hold nobody up; and for what is refused anyway nothing is counted.
    """
    life = _by_words(connection, roll, asked)
    if not _taken(connection, roll, asked, life):
        return life
    life = _counted(connection, asked, life)
    if not _ENDS & {type(fact) for fact in _taken(connection, roll, asked, life)}:
        return life
    operators.hold_to_end(connection, asked.command.operator)
    return _counted(connection, asked, _by_words(connection, roll, asked))


_ENDS = {events.OperatorSucceeded, events.OperatorLeft}


def _taken(connection: Connection, roll: Roll, asked: Asked, life: Life) -> tuple[Event, ...]:
    """What would be decided on what is known so far: nothing, where it is refused."""
    day = roll.day(asked.now)
    under = Under(roll.rule_on(day).name, day, asked.now)
    decision = decided(asked.command, life, member(connection, asked.by), under)
    return decision.events if isinstance(decision, Accepted) else ()


def _by_words(connection: Connection, roll: Roll, asked: Asked) -> Life:
    """What was said, and by whom it was heard; no subscription is counted."""
    name = asked.command.operator
    life = _life(connection, roll, asked)
    if life.offer is not None and life.offer.announced and life.offer.heard is None:
        filed = operators.filed_since_announced(connection, name)
        life = msgspec.structs.replace(life, offer=msgspec.structs.replace(life.offer, heard=filed))
    return msgspec.structs.replace(
        life,
        leads=tuple(member(connection, Seat(*one)) for one in people.leads_in_force(connection) if one[0] == name),
        thrown_out=operators.threw_out_since(connection, name, asked.now - (life.until - roll.day(asked.now))),
    )


def _counted(connection: Connection, asked: Asked, life: Life) -> Life:
    """With what it answers for, subscriptions and requests, and the handles that it and its heir both use."""
    name = asked.command.operator
    meeting = operators.meeting(connection, name, life.offer.heir) if life.offer and life.heir_known else 0
    ahead = requests.under_way(connection, name)
    owed = sum(count for procedure, step, count in ahead if _owes(procedure, step)) + requests.lost_to(connection, name)
    return msgspec.structs.replace(
        life,
        living=operators.living(connection, name),
        hosted=sites.living(connection, name),
        meeting=meeting,
        owed=owed,
    )


def _owes(procedure: str, step: str) -> bool:
    """Whether an operator has something left to do in a request; one of a procedure that is not known any more counts too."""
    try:
        return owes(procedure_of(procedure), step, "operator")
    except ProcedureGone:
        return True


WAYS: Ways = {
    commands.OfferSuccession: Way(_of_operator, _life),
    commands.WithdrawSuccession: Way(_of_operator, _life),
    commands.Succeed: Way(_of_operator, _ending),
    commands.LeaveRoll: Way(_of_operator, _ending),
}


def _offered(connection: Connection, _: Done, fact: events.SuccessionOffered) -> None:
    operators.offer(connection, fact.operator, fact.heir, fact.by, fact.until)


def _accepted(connection: Connection, _: Done, fact: events.SuccessionAccepted) -> None:
    operators.accept(connection, fact.operator, fact.by, fact.until)


def _withdrawn(connection: Connection, _: Done, fact: events.SuccessionWithdrawn) -> None:
    operators.offer(connection, fact.operator, None, None, None)


def _succeeded(connection: Connection, done: Done, fact: events.OperatorSucceeded) -> None:
    unasked = fact.offered_by.startswith(f"{REGISTRAR}/")
    operators.end(connection, fact.operator, done.day, done.now, fact.heir, unasked=unasked)


def _left(connection: Connection, done: Done, fact: events.OperatorLeft) -> None:
    operators.end(connection, fact.operator, done.day, done.now, None)


PROJECTIONS: Projections = {
    events.SuccessionOffered: _offered,
    events.SuccessionAccepted: _accepted,
    events.SuccessionWithdrawn: _withdrawn,
    events.OperatorSucceeded: _succeeded,
    events.OperatorLeft: _left,
}
MAILS: Mails = {}
