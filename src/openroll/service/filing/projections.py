"""Subscriptions: the table that shows every record's state, and what ends with a record that was released or erased.

Filings come in groups, so states are shown many at a time (`show`); an official act on one record goes through PROJECTIONS.
"""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING

import msgspec
from psycopg import Connection

from openroll.register.events import event_of
from openroll.register.organisation.lives import heir_of
from openroll.register.subscription import commands, events
from openroll.register.subscription.decide import Subscription, evolve
from openroll.service.roll import Roll
from openroll.service.way import Asked, Done, Mails, Project, Projections, Record, Way, Ways
from openroll.store import contacts, files, operators, sessions, subscriptions
from openroll.store import events as stored
from openroll.store.connect import assume
from openroll.store.events import EventRow
from openroll.store.subscriptions import SubscriptionRow

if TYPE_CHECKING:
    import polars as pl

ENDS_WAYS_IN = (events.SubscriptionReleased.name, events.SubscriptionErased.name)
"""What ends every passkey and session of a record."""


def projected(number: int, state: Subscription) -> SubscriptionRow:
    """The row that shows a record's state."""
    port = state.port
    return SubscriptionRow(
        number,
        state.operator,
        state.handle or None,
        state.kind,
        state.access,
        state.district,
        state.connected,
        state.filed,
        state.changed,
        state.ended,
        state.held,
        state.standing,
        state.version,
        state.code or None,
        None if port is None else port.gaining,
        None if port is None else port.asked,
        None if port is None else port.until,
        state.since,
        state.before or None,
    )


def states_of(connection: Connection, numbers: Collection[int]) -> dict[int, Subscription | None]:
    """Records as their facts make them, to be written; those without facts are not in it, erased ones are None.

    The operators that they name stay in force until the transaction ends, so that the rows written of them stay true.
    """
    heirs = operators.hold_heirs(connection, numbers)
    rows = stored.of_streams(connection, list(numbers))
    states: dict[int, Subscription | None] = {}
    followed = heirs()
    for row in rows:
        states[row.stream] = evolve(states.get(row.stream), event_of(row.name, row.body), row.day)
    return {number: answered(state, followed) for number, state in states.items()} if followed else states


def answered(state: Subscription | None, heirs: Mapping[str, str]) -> Subscription | None:
    """A record as it stands after its operator, or the one it was to go to, was succeeded by another."""
    if state is None:
        return None
    operator, port = heir_of(state.operator, heirs), state.port
    if port is not None:
        gaining = heir_of(port.gaining, heirs)
        port = None if gaining == operator else msgspec.structs.replace(port, gaining=gaining)
    return msgspec.structs.replace(state, operator=operator, port=port, before=heir_of(state.before, heirs))


def show(connection: Connection, states: Mapping[int, Subscription | None]) -> set[int]:
    """Bring the table of subscriptions to these states; the numbers of the records that were erased, and are gone from it."""
    erased = {number for number, state in states.items() if state is None}
    for number in erased:
        stored.erase(connection, number)
        subscriptions.remove(connection, number)
    # Step 5: the projection follows in the same transaction.
    rows = [projected(number, state) for number, state in states.items() if state is not None]
    if rows:
        subscriptions.put(connection, rows)
    return erased


def show_filed(connection: Connection, frame: "pl.DataFrame", operator: str, file: int, day: date) -> None:
    """Show new filings of an operator's file, by column: what `show` makes of each, with the file it came in."""
    differ = frame.select("number", "handle", "kind", "access", "district", "connected")
    alike = {"operator": operator, "filed": day, "version": 1, "file": file}
    files.copy_in(connection, "subscription", differ, alike)


def end_ways_in(connection: Connection, facts: Collection[EventRow], now: datetime) -> None:
    """What was released or erased is opened by no passkey and no session any more, in the same transaction."""
    gone = {fact.stream for fact in facts if fact.name in ENDS_WAYS_IN}
    if gone:
        assume(connection, "application")  # ways in belong to no organisation
        for number in gone:
            # First of all: whoever is taking its second step is waited for, and what came of it ends below.
            sessions.end_ceremonies(connection, f"record {number}")
            sessions.end_passkeys(connection, now, record=number)
            sessions.end_sessions(connection, record=number)
            contacts.forget(connection, number)


def _record(connection: Connection, asked: Asked) -> Record:
    row = subscriptions.get(connection, asked.command.number)
    return Record(None, "") if row is None else Record(asked.command.number, row.operator)


def _there(connection: Connection, _: Roll, asked: Asked) -> bool:
    return subscriptions.get(connection, asked.command.number) is not None


WAYS: Ways = {commands.LookUp: Way(_record, _there)}


def _seen(connection: Connection, done: Done, _: events.RecordSeen) -> None:
    subscriptions.moved_on(connection, done.number, done.version)


def _shown(connection: Connection, done: Done, _: object) -> None:
    show(connection, states_of(connection, [done.number]))


_FILINGS = (
    events.SubscriptionFiled,
    events.SubscriptionChanged,
    events.SubscriptionEnded,
    events.SubscriptionNotified,
    events.SubscriptionWithdrawn,
    events.SubscriptionCorrected,
    events.SubscriptionHeld,
    events.PasskeyAdded,
    events.PasskeyEnded,
    events.ContactChanged,
    events.ReleaseAsked,
    events.ReleaseSeconded,
    events.ReleaseRefused,
    events.SubscriptionReleased,
    events.SubscriptionRehandled,
    events.SubscriptionConfirmed,
    events.SubscriptionDisowned,
    events.SubscriptionLapsed,
    events.PortOffered,
    events.PortWithdrawn,
    events.SubscriptionPorted,
    events.SubscriptionErased,
)
_one_of_a_group: Project = _shown
PROJECTIONS: Projections = {**dict.fromkeys(_FILINGS, _one_of_a_group), events.RecordSeen: _seen}

MAILS: Mails = {
    events.PasskeyAdded: "passkey-added",
    events.PasskeyEnded: "passkey-ended",
    events.ContactChanged: "contact-changed",
    events.ReleaseAsked: "release-asked",
    events.SubscriptionReleased: "passkey-released",
    events.SubscriptionPorted: "subscription-ported",
}
