"""What waits for a person of the registrar: everything has a reason and a last day, and an owner once somebody took it."""

from datetime import timedelta
from uuid import UUID

import msgspec

from openroll.register.decision import Refused
from openroll.register.free_text import reason_refusal
from openroll.register.roll.refusals import ProposalUnknown
from openroll.service.mail import outbox
from openroll.service.recovery import escrow
from openroll.service.roll import Roll
from openroll.store import rule_versions, uploads
from openroll.store.uploads import WorkRow


class Waiting(msgspec.Struct, frozen=True):
    """A piece of work as the queue shows it; `left` is in days, negative when it is late."""

    row: WorkRow
    left: int


def queue(roll: Roll, trouble: str = "") -> list[Waiting]:
    """Everything that waits, after looking for what is new and what has settled itself."""
    now = roll.clock()
    today = roll.day(now)
    with roll.database.own() as connection:
        proposals = rule_versions.proposals(connection)
        for one in proposals:
            uploads.enqueue(connection, "proposal", str(one.id), one.starts - timedelta(days=1), now)
        uploads.end_others(connection, "proposal", [str(one.id) for one in proposals], now)
        lost = [str(one.id) for one in outbox.failed(roll)]
        for one_lost in lost:
            uploads.enqueue(connection, "mail", one_lost, today + timedelta(days=1), now)
        uploads.end_others(connection, "mail", lost, now)
        if trouble:
            uploads.enqueue(connection, "log", trouble, today, now)
        uploads.end_others(connection, "log", [trouble] if trouble else [], now)
        deposit = escrow.missed(connection, today)
        if deposit:
            uploads.enqueue(connection, "escrow", deposit, today, now)
        uploads.end_others(connection, "escrow", [deposit] if deposit else [], now)
        return [Waiting(row, (row.due - today).days) for row in uploads.waiting(connection)]


def take(roll: Roll, number: int, person: int) -> Refused | None:
    """Make a piece of work one's own."""
    with roll.database.own() as connection:
        return None if uploads.take_work(connection, number, person) else Refused(ProposalUnknown())


def done(roll: Roll, number: int, outcome: str) -> Refused | None:
    """Say how a piece of work ended."""
    refused = reason_refusal(outcome)
    if refused is not None:
        return Refused(refused)
    with roll.database.own() as connection:
        row = next((one for one in uploads.waiting(connection) if one.id == number), None)
        if row is None or not uploads.end_work(connection, number, outcome.strip(), roll.clock()):
            return Refused(ProposalUnknown())
    if row.kind == "mail":
        outbox.give_up(roll, UUID(row.about))
    return None
