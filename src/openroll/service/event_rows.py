"""What an event is as it is stored: the one definition of its row, for one event and (by column) for a file of new filings."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec

from openroll.register.command import Actor
from openroll.register.event import Event
from openroll.register.events import EVENTS, event_of
from openroll.register.subscription.events import OfRecord
from openroll.register.subscription.record_tag import record_tag
from openroll.service.roll import Roll
from openroll.store.events import EventRow
from openroll.tlog import commit, commit_all

if TYPE_CHECKING:
    import polars as pl

DOMAIN = b"openroll/event/1"
"""Keeps the commitments of events apart from every other use of the hash."""

UNSALTED = bytes(32)
"""In place of the salt of an official act that only its entry in the log told (`service/recovery/later_acts.py`).

No receipt opens its commitment, and its entry holds all of it (`tlog.verify_receipt`, `by_act`).
"""


def event_row(
    roll: Roll, now: datetime, event: Event, *, stream: int, version: int, actor: Actor, owner: str
) -> EventRow:
    """An event of a record as it is stored: with its salt, the commitment that will stand in the log, and who acted.

    `owner` is whose record it is: an organisation's short name, or nobody's once it was erased.
    """
    salt, body = roll.random_bytes(32), event.body()
    commitment = commit(DOMAIN, salt, body.encode())
    other = actor.organisation if actor.organisation not in ("", owner) else None
    return EventRow(stream, version, event.name, actor.role, owner, now, roll.day(now), salt, commitment, body, other)


NAMES_RECORD = frozenset(name for name, kind in EVENTS.items() if issubclass(kind, OfRecord))
"""The kinds of facts that name the record they stand on."""


def naming_record(row: EventRow, filing: bytes) -> EventRow:
    """The same fact naming its record, whose filing has this salt. Its body is another then, and so is its commitment."""
    fact = msgspec.structs.replace(event_of(row.name, row.body), record=record_tag(filing, row.salt))
    body = fact.body()
    return row._replace(body=body, commitment=commit(DOMAIN, row.salt, body.encode()))


def event_columns(
    roll: Roll, now: datetime, name: str, operator: str, numbers: "pl.Series", bodies: "pl.Series"
) -> tuple["pl.DataFrame", dict[str, Any]]:
    """The first events of many new records of an operator, as `event_row` makes each. Raises NotNow.

    The columns in which they differ, and the values that all have alike. An operator files on its own records, so no other
    organisation acts.
    """
    import polars as pl  # noqa: PLC0415 - what reads files comes with the first file

    roll.writes_at(now)
    random = roll.random_bytes(32 * len(bodies))
    salts = [random[at : at + 32] for at in range(0, len(random), 32)]
    commitments = commit_all(DOMAIN, salts, bodies.cast(pl.Binary).to_list())
    differ = pl.DataFrame({"stream": numbers, "salt": salts, "commitment": commitments, "body": bodies})
    alike = {"version": 1, "name": name, "role": "operator", "organisation": operator, "at": now, "day": roll.day(now)}
    return differ, alike
