"""Ending what waited for the registrar's people: an official act, with its reason, by the seat that says so."""

from openroll.register.decision import Refused
from openroll.register.organisation.roles import Seat
from openroll.register.roll.commands import SettleWork
from openroll.service.acts import act
from openroll.service.roll import Roll


def settle_work(roll: Roll, number: int, outcome: str, by: Seat) -> Refused | None:
    """Say how a piece of work ended; a mail that could not be delivered is given up with it. Raises NotNow."""
    with roll.database.own() as connection:
        decided = act(connection, roll, SettleWork(number=number, outcome=outcome), by)
    return decided if isinstance(decided, Refused) else None
