"""The lives of requests as a log's entries tell them, collected whole: what figures and patterns are counted from."""

from collections.abc import Iterable
from typing import NamedTuple

from openroll.register.request.account import Row, Tally
from openroll.register.request.events import RequestEvent, RequestFiled
from openroll.tlog import Entry
from openroll.watch.audit.request_rules import NAMES
from openroll.watch.facts import UNRECKONED, read_entry
from openroll.watch.requests.patterns import StandsOut, decided_in, standing_out


class Told(NamedTuple):
    """A fact with its place in the log and the civil day it stands under."""

    position: int
    day: str
    fact: RequestEvent


class Lives:
    """Every request's facts in the order of the log, from its first entry on."""

    def __init__(self) -> None:
        self._facts: dict[int, list[Told]] = {}
        self._unread: list[tuple[int, str]] = []
        self.newest = ""

    def take(self, index: int, entry: Entry) -> None:
        """Keep the next entry, where it is one on a request."""
        self.newest = max(self.newest, entry.day)
        fact, wrong = read_entry(entry.kind, entry.act)
        if isinstance(fact, RequestEvent):
            self._facts.setdefault(fact.request, []).append(Told(index, entry.day, fact))
        elif wrong is not None and entry.kind in NAMES:
            self._unread.append((index, f"entry {index:,}: {wrong[1]}"))

    def counted(self, size: int) -> tuple[tuple[Row, ...], tuple[str, ...]]:
        """The figures of the first `size` entries, and the requests and entries that cannot be counted, each with why."""
        histories = ([(one.day[:7], one.fact) for one in told if one.position < size] for told in self._facts.values())
        rows, broken = counted(history for history in histories if history)
        return rows, (*broken, *(why for index, why in self._unread if index < size))

    def standing_out(self) -> tuple[StandsOut, ...]:
        """The officials whose decisions are not dealt out as by lot."""
        found = []
        for told in self._facts.values():
            try:
                decided = decided_in([(one.day, one.fact) for one in told])
            except UNRECKONED:
                continue  # it cannot be followed: `counted` says why
            found += [] if decided is None else [decided]
        return standing_out(found, self.newest)


def counted(histories: Iterable[list[tuple[str, RequestEvent]]]) -> tuple[tuple[Row, ...], tuple[str, ...]]:
    """The counts of requests, each from its facts in their order with the months they stand under; and what does not count."""
    tally, broken = Tally(), []
    for history in histories:
        facts = [fact for _, fact in history]
        if not isinstance(facts[0], RequestFiled):
            broken.append(f"request {facts[0].request}: it was never filed")
            continue
        try:
            tally.add(facts, history[0][0])
        except UNRECKONED as error:
            broken.append(f"request {facts[0].request}: {error}")
    return tally.rows(), tuple(broken)
