"""The way of an official act in the service: on which record it stands, what its decision needs, what comes of it.

`register.kinds` says who decides; the tables of these in each room say the rest (service/projections.py collects them).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from psycopg import Connection

from openroll.register.event import Event
from openroll.register.organisation.roles import REGISTRAR, Seat
from openroll.register.roll.decide import ROLL_STREAM
from openroll.service.roll import Roll

NEW = -1
"""Instead of a record's number: the act begins a record of its own."""


@dataclass(frozen=True)
class Record:
    """The record an act stands on: its number (NEW; None where there is none), and the organisation whose record it is."""

    number: int | None
    owner: str


@dataclass(frozen=True)
class Asked:
    """A command on its way: what is asked, by which seat, and when."""

    command: Any
    by: Seat
    now: datetime


@dataclass(frozen=True)
class Done:
    """What was decided, as projections see it: the command, the events' record and newest version, when, and by which seat.

    A command carries what must not stand in the log (digests of secrets, labels, sealed secrets), so it is here and not in the
    event. `fresh` is the number that was drawn for the act, 0 where none was.
    """

    command: Any
    number: int
    version: int
    now: datetime
    day: date
    by: Seat
    fresh: int = 0


@dataclass(frozen=True)
class Way:
    """How a command is acted on: its record, the state its decider is given, and the number it needs, if any: the next of a
    `counter`, or one that is made of the record's own (`naming`).

    A number is drawn once it is sure that the act is taken, and stands in the state's `fresh`.
    """

    record: Callable[[Connection, Asked], Record]
    load: Callable[[Connection, Roll, Asked], Any]
    counter: Callable[[Any], str] | None = None
    naming: Callable[[Connection, Roll, int], int] | None = None


Project = Callable[[Connection, Done, Any], None]
"""Brings the tables made from events to what an event says, in the event's own transaction."""

Ways = dict[type, Way]
Mails = dict[type[Event], str]
"""By which mail's template somebody is told of an event: it waits as soon as the event is stored, in the same transaction."""
Projections = dict[type[Event], Project | str]
"""How each kind of event is projected; for one that no table shows, the reason."""


def of_the_roll(_: Connection, __: object) -> Record:
    """The roll's own record, of the registrar."""
    return Record(ROLL_STREAM, REGISTRAR)


def of_nothing(_: Connection, __: Roll, ___: Asked) -> None:
    """No state: the act is decided by who asks alone."""
