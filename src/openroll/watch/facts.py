"""A log's entry taken apart: the one place where what stands in it becomes a fact that can be reckoned with, or is named.

Whoever keeps the log wrote its entries, and may have written anything: a moment at the end of the calendar or without a zone, a
number that no machine holds, a text that is none. Everybody who reads entries reads them here, so that none ends an audit.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any, Literal, NamedTuple

import msgspec

from openroll.register.event import Event
from openroll.register.events import EVENTS

Wrong = Literal["silent-act", "readable-act", "bad-act"]

YEARS = range(1000, 9000)
"""Years that are reckoned with: whatever a procedure or a calendar adds to them, or takes from them, is a day."""
MOST = 2**53 - 1
"""The largest number that every reader of JSON reads alike (RFC 8259, section 6)."""
UNRECKONED = (ArithmeticError, LookupError, TypeError, ValueError)
"""What reckoning with facts may raise that are good each by itself and do not go together. It ends no audit either."""


class Read(NamedTuple):
    """What an entry holds: its fact, or what is wrong with its text. Neither for a person's act, and for a kind unknown here."""

    fact: Event | None = None
    wrong: tuple[Wrong, str] | None = None


class NoFact(Exception):
    """An entry's text is no fact that can be reckoned with. The message is a sentence's end."""


def read_entry(kind: str, act: str | None) -> Read:
    """What stands in an entry of this kind: official acts stand in full, people's acts as commitments only."""
    event = EVENTS.get(kind)
    if event is None:
        return Read()
    if not event.official:
        said = f"{kind} is a person's act and carries a text of {len(act or '')} characters"
        return Read() if act is None else Read(wrong=("readable-act", said))
    if act is None:
        return Read(wrong=("silent-act", f"{kind} is an official act and carries no text"))
    try:
        fact = fact_of(kind, act)
    except NoFact as error:
        return Read(wrong=("bad-act", f"the text of {kind} {error}"))
    if fact.body() != act:
        return Read(wrong=("bad-act", f"the text of {kind} is not in its one canonical form"))
    return Read(fact)


def fact_of(kind: str, text: str) -> Event:
    """The fact that a text of a kind says, a person's too. Raises NoFact."""
    event = EVENTS.get(kind)
    if event is None:
        raise NoFact("is of a kind that this version of Openroll does not know")
    try:
        fact = msgspec.json.decode(text, type=event)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise NoFact(f"does not read: {error}") from error
    for name in fact.__struct_fields__:
        if not all(map(_is_reckoned, _values(getattr(fact, name)))):
            raise NoFact(f"cannot be reckoned with: {name} is a moment, a day or a number that no roll writes")
    return fact


def no_moment_in(value: Any) -> datetime | None:
    """A moment in what a server said that cannot be reckoned with, wherever it stands; None where there is none.

    The last hour of the calendar is a moment that no other time zone has, and one without a zone is no moment.
    """
    return next((one for one in _values(value) if isinstance(one, datetime) and not _is_reckoned(one)), None)


_PLAIN = frozenset({str, int, bool, bytes, type(None), datetime, date})
"""What stands for itself, as most values do."""


def _values(value: Any) -> Iterator[Any]:
    """What stands in a value, in its order, each by itself: a list of a thousand requests has some thirty thousand."""
    left = [value]
    while left:
        one = left.pop()
        if type(one) in _PLAIN:
            yield one
        elif isinstance(one, msgspec.Struct):
            left += [getattr(one, name) for name in reversed(one.__struct_fields__)]
        elif isinstance(one, Mapping):
            left += reversed((*one.keys(), *one.values()))
        elif isinstance(one, tuple | list):
            left += reversed(one)
        elif isinstance(one, frozenset):
            left += one
        else:
            yield one


def _is_reckoned(value: Any) -> bool:
    if isinstance(value, datetime):
        return value.utcoffset() is not None and value.year in YEARS
    if isinstance(value, date):
        return value.year in YEARS
    return not isinstance(value, int) or -MOST <= value <= MOST
