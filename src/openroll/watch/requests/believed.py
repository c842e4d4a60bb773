"""What a log's entries say of requests and bodies, where whoever says it may: the one way from entries to belief.

A log holds whatever whoever keeps it writes. So whoever shows, compares or counts facts of entries takes them from here, where
each act is judged as `openroll audit` judges it, by the bodies, seats, keys, uses and successions of the entries before it. What
somebody did who may not is not believed, and `left_out` says so: nobody is to be told "nothing" where it was left out.
"""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from openroll.register.event import Event
from openroll.register.events import EVENTS
from openroll.register.organisation.events import OperatorSucceeded
from openroll.register.request.events import RequestEvent, RequestFiled
from openroll.register.request.whose import operators_of
from openroll.register.roll.events import LogBegun
from openroll.tlog import Entry
from openroll.watch.audit.bodies import NAMES as FOLLOWED
from openroll.watch.audit.bodies import Bodies
from openroll.watch.audit.roll_acts import RollActs, may_not_in
from openroll.watch.facts import Wrong, read_entry
from openroll.watch.log_restart import MOST_BEFORE

MOST_NAMED = 10
"""Entries that were left out and are named; the others are counted."""


class Placed(NamedTuple):
    """A fact on a request with its place in the log and the civil day it stands under."""

    position: int
    day: str
    fact: RequestEvent


class LeftOut:
    """The entries that are not believed: how many, how many of them are acts in requests, and the first of them in words."""

    def __init__(self) -> None:
        self.count = self.in_requests = 0
        self._named: list[str] = []

    def add(self, named: str, *, in_request: bool) -> None:
        """One more, with what it is and why."""
        self.count += 1
        self.in_requests += in_request
        if len(self._named) < MOST_NAMED:
            self._named.append(named)

    def __str__(self) -> str:
        """All of it as sentences; empty where nothing was left out."""
        if not self.count:
            return ""
        more = self.count - len(self._named)
        return (
            f"Left out, and not believed: {'; '.join(self._named)}{f'; and {more:,} more' if more else ''}."
            " `openroll audit` names each such entry."
        )


class BelievedLog:
    """The facts of a log's entries, taken in their order from its first, that are the acts of those who may.

    `kinds` are those on requests that are kept: the filing must be among them. `newest` is the latest day of any entry, `before`
    the names of the logs that it goes on from, as its first entries say.
    """

    def __init__(self, kinds: tuple[type[RequestEvent], ...] = (RequestEvent,)) -> None:
        self._kinds = kinds
        self._bodies = Bodies()
        self._acts = RollActs(self._bodies, from_first=True)
        self._placed: dict[int, list[Placed]] = {}
        self._again: dict[int, list[RequestFiled]] = {}
        self._unfiled: dict[int, int] = {}
        self._heirs: list[tuple[str, str]] = []
        self.newest = ""
        self.before: list[str] = []
        self.left_out = LeftOut()
        self._begins = True
        self._day = ("", date.min)

    def take(self, position: int, entry: Entry) -> Event | None:
        """Keep the next entry; its fact as it is read now, where it is on no request and done by somebody who may."""
        self.newest = max(self.newest, entry.day)
        fact, wrong = read_entry(entry.kind, entry.act)
        if fact is None:
            if said := _unread(entry, wrong):
                self._leave_out(position, entry.kind, None, said)
            return None
        known = fact.as_now()
        self._begins = self._begins and isinstance(known, LogBegun)
        if entry.day != self._day[0]:
            self._day = (entry.day, date.fromisoformat(entry.day))
        said = self._acts.judge(fact, self._day[1])
        if isinstance(known, RequestEvent):
            self._in_request(Placed(position, entry.day, known))
            return None
        if said:
            self._leave_out(position, entry.kind, known, said)
            return None
        if isinstance(known, LogBegun) and self._begins and len(self.before) < MOST_BEFORE:
            self.before.append(known.before)
        if isinstance(known, OperatorSucceeded):
            self._heirs.append((known.operator, known.heir))
        return known if known.name in FOLLOWED else None

    def _in_request(self, act: Placed) -> None:
        """Keep an act in a request, where it is by somebody who may do it in a filing of that number that is believed."""
        fact, number = act.fact, act.fact.request
        if not isinstance(fact, self._kinds):
            return
        every = self._placed.get(number)
        if isinstance(fact, RequestFiled):
            said = may_not_in(fact, fact, self._bodies)
        elif every is None:
            said = "its request was not filed before by anybody who may"
        else:
            said = self._may_not(fact, every[0].fact)
        if said:
            if every is None:
                self._unfiled.setdefault(number, act.position)
            self._leave_out(act.position, fact.name, fact, f"of request {number}, {said}")
        elif every is None:
            self._placed[number] = [act]
            self._unfiled.pop(number, None)
        else:
            every.append(act)
            if isinstance(fact, RequestFiled):
                self._again.setdefault(number, []).append(fact)

    def _may_not(self, fact: RequestEvent, first: RequestEvent) -> str:
        """Why nobody believes this act in a request: where it was filed more than once, in none of the filings."""
        filed = (first, *self._again.get(fact.request, ()))
        said = [may_not_in(one, fact, self._bodies) for one in filed if isinstance(one, RequestFiled)]
        return said[0] if all(said) else ""

    def _leave_out(self, position: int, kind: str, fact: Event | None, said: str) -> None:
        in_request = isinstance(fact, RequestEvent) or kind.startswith(IN_REQUESTS)
        self.left_out.add(f"entry {position:,}, {kind}: {said}", in_request=in_request)

    @property
    def unfiled(self) -> dict[int, int]:
        """The requests of which something was written and no filing is believed, each with the place of the first such entry."""
        return self._unfiled

    def placed(self, number: int) -> tuple[Placed, ...]:
        """The acts in a request, from its filing on; none where nobody filed it who may."""
        return tuple(self._placed.get(number, ()))

    def acts(self, number: int) -> list[RequestEvent]:
        """As `placed`, without the places."""
        return [one.fact for one in self._placed.get(number, ())]

    def every_act(self) -> Iterator[tuple[int, list[RequestEvent]]]:
        """Each request that was filed, with its acts."""
        for number in self._placed:
            yield number, self.acts(number)

    def filings(self, number: int) -> list[RequestFiled]:
        """The filings of a number that are believed, each in its own right: one, where only its own bodies wrote into the log.

        Where there are more nobody can tell here which is the request: none of them is preferred.
        """
        first = (one.fact for one in self._placed.get(number, ())[:1])
        return [one for one in (*first, *self._again.get(number, ())) if isinstance(one, RequestFiled)]

    def answering(self, operator: str) -> list[str]:
        """The operator that was asked, and whoever succeeded it."""
        return operators_of(operator, self._heirs)


IN_REQUESTS = "request."
"""What the kinds of acts in requests begin with."""


def _unread(entry: Entry, wrong: tuple[Wrong, str] | None) -> str:
    """What an entry may say of requests and bodies and nobody can read here; empty for one that says nothing of them."""
    if entry.kind not in EVENTS:
        return "a kind that this version of Openroll does not know" if entry.act is not None else ""
    followed = entry.kind in FOLLOWED or entry.kind.startswith(IN_REQUESTS)
    return wrong[1] if wrong is not None and followed else ""
