"""The registrar looks one record up: by its code or its operator's handle, and never unseen by whose record it is."""

from openroll.register.decision import Refused
from openroll.register.organisation.roles import Seat
from openroll.register.subscription.events import RecordSeen
from openroll.service.filing.submit import fact_row
from openroll.service.identity.filing_code import looked_up
from openroll.service.identity.seats import acting
from openroll.service.queries import Record, by_handle, by_number
from openroll.service.roll import Roll
from openroll.store import events, subscriptions


def audited_lookup(roll: Roll, sought: str, operator: str, by: Seat, source: str) -> Record | Refused:
    """The record behind a filing code, or (with an operator) behind its handle. Looking is an official act.

    Codes looked up in vain count against the seat and the address (`source`) it comes from.
    """
    with roll.database.own() as connection:
        refused = acting(connection, by)
    if refused is not None:
        return refused
    record = by_handle(roll, operator, sought) if operator else looked_up(roll, sought, by, source)
    if isinstance(record, Refused):
        return record
    now = roll.clock()
    with roll.database.own() as connection:
        version = events.version_of(connection, record.number) + 1
        fact = RecordSeen(by=str(by), rule=roll.rule_name)
        of = {"stream": record.number, "version": version}
        events.append(connection, [fact_row(roll, now, fact, **of, role="registrar", owner=record.state.operator)])
        subscriptions.moved_on(connection, record.number, version)
    return by_number(roll, record.number)
