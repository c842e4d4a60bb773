"""Official acts beyond what a copy knows: what they ended stays ended, as their entries say it whole.

A roll that was brought back may wake up before an act that its log shows: before somebody was put out, or before a stolen token
was ended. What the entry of such an act holds is enough to end the right again. So whatever ends or withdraws something is a fact
again when its entry is taken, through the same projections; `LATER` says of every official kind whether it is, or why not.

Its salt is gone with the disk that held it (`UNSALTED`): the entry itself holds what the salt would prove, and `log fsck`
compares it. So is its moment: it ends what it ends when its entry is taken, on the day that the entry names.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

import msgspec
from psycopg import Connection

from openroll.register.decision import Refused
from openroll.register.events import event_of
from openroll.register.organisation import commands, events
from openroll.register.organisation.roles import KEEPER, KEEPERS_ROLE, REGISTRAR, Seat
from openroll.service.acts import act, bring_back, project
from openroll.service.event_rows import UNSALTED
from openroll.service.identity.seats import member, record_of, seat_of
from openroll.service.recovery.not_replayed import NOT_REPLAYED, NotReplayed
from openroll.service.roll import Roll, writing_while_held
from openroll.service.way import Done
from openroll.store import events as kept
from openroll.store import people, recovery_records
from openroll.store.events import EventRow
from openroll.store.roll import NewToken
from openroll.tlog import Entry


class Replayed(NamedTuple):
    """An act that is a fact again: whether what it is about came back, and the command by which its tables follow, if they ask.

    `follow` is another way to bring the tables to what it says, for a projection that needs what no entry holds.
    """

    came_back: Callable[[Connection, Any], bool]
    command: Callable[[Any], Any] = lambda _: None
    follow: Callable[[Connection, Roll, Done, Any], None] | None = None


class Place(NamedTuple):
    """The record an act stands on, and whose record it is."""

    stream: int
    owner: str


def _seat(fact: Any) -> Seat:
    return seat_of(fact.seat) or Seat(fact.organisation, 0)


def _sits(connection: Connection, fact: Any) -> bool:
    return people.in_seat(connection, fact.organisation, _seat(fact).number) is not None


def _leaving(fact: events.PersonLeft) -> commands.Leave:
    return commands.Leave(organisation=fact.organisation, seat=_seat(fact).number)


def _has_token(connection: Connection, fact: Any) -> bool:
    return recovery_records.has_token(connection, fact.organisation, fact.token)


def _token_ended(connection: Connection, _: Roll, done: Done, fact: events.TokenEnded) -> None:
    recovery_records.end_token(connection, fact.token, done.now)


def _token_replaced(connection: Connection, roll: Roll, done: Done, fact: events.TokenReplaced) -> None:
    """The old token ends when its entry says; of its successor nobody has the text that would let in by it."""
    until, expires = _instant(fact.until), _instant(fact.expires)
    new = NewToken(roll.random_bytes(32), fact.organisation, "", done.now, expires, fact.token)
    recovery_records.succeed_token(connection, fact.successor, new, until)


def _instant(said: str) -> datetime | None:
    return datetime.fromisoformat(said) if said else None


REPLAYED: dict[str, Replayed] = {
    events.PersonLeft.name: Replayed(_sits, _leaving),
    events.TokenEnded.name: Replayed(_has_token, follow=_token_ended),
    events.TokenReplaced.name: Replayed(_has_token, follow=_token_replaced),
}

LATER: dict[str, Replayed | NotReplayed] = {**NOT_REPLAYED, **REPLAYED}
"""What becomes of an act of each official kind that a copy does not know. A test finds each of `kinds.OFFICIAL` here once."""


class LaterActs:
    """Makes acts that a copy does not know facts again, in the order of the log; remembers which invitations they used up."""

    def __init__(self, connection: Connection, roll: Roll) -> None:
        self._connection = connection
        self._roll = roll
        self._now = roll.clock()
        self._used: set[tuple[str, str]] = set()

    def bring(self, entry: Entry) -> int | None:
        """The number of the fact that an entry's act is again; None where it is not replayed, or what it is about did not come
        back."""
        if not entry.act or entry.kind not in LATER:
            return None
        try:
            fact: Any = event_of(entry.kind, entry.act)
        except msgspec.ValidationError:
            return (
                None  # what no version of ours wrote: the root that is compared in the end says whether it was altered
            )
        if isinstance(fact, events.PersonJoined) or (isinstance(fact, events.PersonInvited) and fact.withdrawn):
            self._used.add((fact.organisation, fact.role))
        how = LATER[entry.kind]
        if isinstance(how, NotReplayed) or (place := self._place(fact)) is None:
            return None
        return self._replay(entry, fact, how, place) if how.came_back(self._connection, fact) else None

    def _place(self, fact: Any) -> Place | None:
        organisation = getattr(fact, "organisation", "") or getattr(fact, "operator", "") or REGISTRAR
        stream = record_of(self._connection, organisation)
        return None if stream is None else Place(stream, organisation)

    def _replay(self, entry: Entry, fact: Any, how: Replayed, place: Place) -> int:
        self._now += timedelta(
            microseconds=1
        )  # what different records say of one row is folded in the order of moments
        day, by = date.fromisoformat(entry.day), seat_of(fact.by) or KEEPER
        version = kept.version_of(self._connection, place.stream) + 1
        role = KEEPERS_ROLE if by == KEEPER else member(self._connection, by).role or REGISTRAR
        other = by.organisation if by.organisation != place.owner else None
        of = (place.stream, version, entry.kind, role, place.owner, self._now, day)
        bring_back(self._connection, EventRow(*of, UNSALTED, entry.commitment, entry.act or "", other))
        done = Done(how.command(fact), place.stream, version, self._now, day, by)
        if how.follow is not None:
            how.follow(self._connection, self._roll, done, fact)
        else:
            project(self._connection, done, fact)
        return recovery_records.event_id(self._connection, entry.commitment)

    def close(self) -> None:
        """What no single entry tells: invitations that were used up or taken back, and notices in which somebody spoke."""
        recovery_records.hear_everybody(self._connection, self._roll.day(self._now))
        for organisation, role in sorted(self._used):
            for row in people.invitations(self._connection, organisation, self._now):
                if row.role == role:
                    self._take_back(commands.WithdrawInvitation(organisation=organisation, digest=row.hash))

    def _take_back(self, command: commands.WithdrawInvitation) -> None:
        """No entry says which invitation it was, so each that is open there is taken back by an act that the log shows."""
        with writing_while_held(self._roll):
            acted = act(self._connection, self._roll, command)
        if isinstance(acted, Refused):
            raise RuntimeError(f"an open invitation could not be taken back: {acted.refusal.code}")
