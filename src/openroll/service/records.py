"""The registrar looks one record up: by its code or its operator's handle, and never unseen by whose record it is."""

from psycopg.errors import UniqueViolation

from openroll.register.decision import Refused
from openroll.register.organisation.roles import Seat
from openroll.register.refusals import DatabaseBusy
from openroll.register.subscription.commands import LookUp
from openroll.service.acts import act
from openroll.service.identity.filing_code import looked_up
from openroll.service.identity.seats import acting
from openroll.service.queries import Record, by_handle, record_in
from openroll.service.roll import Roll

_TRIES = 3
"""How often a look is put on record anew, where its operator or its subscriber was quicker on the same record."""


def audited_lookup(roll: Roll, sought: str, operator: str, by: Seat, source: str) -> Record | Refused:
    """The record behind a filing code, or (with an operator) behind its handle. Looking is an official act.

    What is shown is read in the transaction that puts the look on record: nothing is seen that the record does not tell of.
    Codes looked up in vain count against the seat and the address (`source`) it comes from.
    """
    with roll.database.own() as connection:
        refused = acting(connection, by)
    if refused is not None:
        return refused
    found = by_handle(roll, operator, sought) if operator else looked_up(roll, sought, by, source)
    if isinstance(found, Refused):
        return found
    for _ in range(_TRIES):
        try:
            with roll.database.own() as connection:
                acted = act(connection, roll, LookUp(number=found.number), by)
                return acted if isinstance(acted, Refused) else record_in(connection, roll, found.number)
        except UniqueViolation:
            continue  # somebody was quicker on this record: what is shown is what they left
    return Refused(DatabaseBusy())
