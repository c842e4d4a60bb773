"""Facts of requests and of rights to ask, each with the receipt that proves it: no reader need believe who serves them."""

from collections.abc import Callable, Collection
from datetime import date

import msgspec

from openroll.register.organisation.events import OperatorSucceeded
from openroll.register.organisation.lives import heir_of
from openroll.service.identity.seats import record_of
from openroll.service.log.receipts import published, receipt_of
from openroll.service.roll import Roll
from openroll.store import events, log, operators, requests


class FactSeen(msgspec.Struct, frozen=True):
    """An official fact as the log holds it: kind, civil day, body (JSON), and its receipt, empty while it has no place."""

    name: str
    day: date
    body: str
    receipt: str


def facts_proved(
    roll: Roll,
    stream: int,
    names: Collection[str] = (),
    only: Callable[[str], bool] | None = None,
    newest: int | None = None,
) -> list[FactSeen]:
    """The facts of a record in their order, or those of these kinds, each with a receipt under the newest head.

    `only` those whose body it wants, and the `newest` so many of them: to make a receipt costs far more than to read a body.

    An act whose salt is gone (`UNSALTED`) is proved by its entry, which says all of it: verified with `by_act`.
    """
    head = published(roll)
    with roll.database.own() as connection:
        rows = [row for row in events.of_streams(connection, [stream]) if not names or row.name in names]
        placed_at = log.positions_of(connection, stream)
    wanted = rows if only is None else [row for row in rows if only(row.body)]
    found = []
    for row in wanted[-newest:] if newest else wanted:
        place = placed_at.get(row.version)
        placed = head is not None and place is not None and place < head[1].size
        receipt = receipt_of(roll, row, place, head).decode() if placed and head and place is not None else ""
        found.append(FactSeen(row.name, row.day, row.body, receipt))
    return found


def request_version(roll: Roll, number: int) -> tuple[int, int] | None:
    """What the proofs of a request are made of: its newest fact's version, and the size of the log's newest head."""
    newest = published(roll)
    with roll.database.own() as connection:
        row = requests.request(connection, number)
    return None if row is None else (row.version, newest[1].size if newest else 0)


def successions(roll: Roll, operator: str) -> list[FactSeen]:
    """By what an operator answers for others: that it succeeded them, and they others before, each with its proof."""
    with roll.database.own() as connection:
        heirs = operators.ask_heirs(connection)()
        streams = [record_of(connection, name, ended=True) for name in heirs if heir_of(name, heirs) == operator]
    found = [facts_proved(roll, one, (OperatorSucceeded.name,)) for one in streams if one is not None]
    return [fact for facts in found for fact in facts if fact.receipt]


def request_facts(roll: Roll, number: int) -> list[FactSeen]:
    """The facts of a request, each with its proof; none for a number that no request has. Anybody may have them."""
    with roll.database.own() as connection:
        found = requests.stream_of(connection, number)
    return [] if found is None else facts_proved(roll, found[0])
