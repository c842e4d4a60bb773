"""What a log's entries say of requests and bodies, where it is the word of whose it is: the one way from entries to belief.

A log holds whatever whoever keeps it writes. So whoever shows, compares or counts facts of entries takes them from here, where
what somebody wrote in another body's name is left out; `openroll audit`, which judges each act itself, names it.
"""

from collections.abc import Iterator
from typing import NamedTuple

from openroll.register.event import Event
from openroll.register.organisation.events import OperatorSucceeded
from openroll.register.request.events import RequestEvent
from openroll.register.request.whose import is_own_word, operators_of, own_acts
from openroll.register.roll.events import LogBegun
from openroll.tlog import Entry
from openroll.watch.facts import read_entry
from openroll.watch.log_restart import MOST_BEFORE


class Placed(NamedTuple):
    """A fact on a request with its place in the log and the civil day it stands under."""

    position: int
    day: str
    fact: RequestEvent


class BelievedLog:
    """The facts of a log's entries, taken in their order, that are the word of whoever may say them.

    `kinds` are those on requests that are kept: the filing must be among them. `newest` is the latest day of any entry, `before`
    the names of the logs that it goes on from, as its first entries say. What is given of requests is right once all entries
    that are to be believed were taken: who answers for an operator may be said later.
    """

    def __init__(self, kinds: tuple[type[RequestEvent], ...] = (RequestEvent,)) -> None:
        self._kinds = kinds
        self._placed: dict[int, list[Placed]] = {}
        self._own: dict[int, tuple[Placed, ...]] = {}
        self._heirs: dict[str, str] = {}
        self.newest = ""
        self.before: list[str] = []
        self._begins = True

    def take(self, position: int, entry: Entry) -> Event | None:
        """Keep the next entry; its fact as it is read now, where it is on no request and is its own body's word."""
        self.newest = max(self.newest, entry.day)
        fact = read_entry(entry.kind, entry.act).fact
        known = None if fact is None else fact.as_now()
        self._begins = self._begins and isinstance(known, LogBegun)
        if isinstance(known, self._kinds):
            self._placed.setdefault(known.request, []).append(Placed(position, entry.day, known))
            self._own.pop(known.request, None)
        if known is None or not is_own_word(known):
            return None
        if isinstance(known, LogBegun) and self._begins and len(self.before) < MOST_BEFORE:
            self.before.append(known.before)
        if isinstance(known, OperatorSucceeded):
            self._heirs[known.operator] = known.heir
            self._own.clear()
        return known

    @property
    def numbers(self) -> list[int]:
        """The requests of which anything was written, by whomever, in the order in which each was first."""
        return list(self._placed)

    def first(self, number: int) -> int:
        """The place of the first entry on a request, whoever wrote it."""
        return self._placed[number][0].position

    def placed(self, number: int) -> tuple[Placed, ...]:
        """The acts on a request by the bodies whose they are, from its filing on; none where nobody filed it."""
        if number not in self._own:
            every = self._placed.get(number, [])
            own = set(map(id, own_acts([one.fact for one in every], self._heirs.items())))
            self._own[number] = tuple(one for one in every if id(one.fact) in own)
        return self._own[number]

    def acts(self, number: int) -> list[RequestEvent]:
        """As `placed`, without the places."""
        return [one.fact for one in self.placed(number)]

    def every_act(self) -> Iterator[tuple[int, list[RequestEvent]]]:
        """Each request that was filed, with its acts."""
        for number in self._placed:
            if acts := self.acts(number):
                yield number, acts

    def answering(self, operator: str) -> list[str]:
        """The operator that was asked, and whoever succeeded it."""
        return operators_of(operator, self._heirs.items())
