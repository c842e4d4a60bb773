"""The lives of requests as a log's entries tell them, collected whole: what figures and patterns are counted from."""

from collections.abc import Iterable, Iterator

from openroll.register.event import Event
from openroll.register.request.account import Row, Tally
from openroll.register.request.events import RequestEvent, RequestFiled
from openroll.tlog import Entry
from openroll.watch.audit.request_rules import NAMES
from openroll.watch.facts import UNRECKONED, read_entry
from openroll.watch.requests.believed import BelievedLog, Placed
from openroll.watch.requests.decisions import KeysInLog, Signatures, signatures_in
from openroll.watch.requests.patterns import StandsOut, decided_in, standing_out


class Lives(BelievedLog):
    """Every request's acts in the order of the log, from its first entry on: those of the bodies whose they are."""

    def __init__(self) -> None:
        super().__init__()
        self._unread: list[tuple[int, str]] = []
        self._keys = KeysInLog()

    def take(self, position: int, entry: Entry) -> Event | None:
        """Keep the next entry, where it is one on a request."""
        if entry.kind in NAMES and (wrong := read_entry(entry.kind, entry.act).wrong) is not None:
            self._unread.append((position, f"entry {position:,}: {wrong[1]}"))
        known = super().take(position, entry)
        self._keys.take(position, known)
        return known

    def counted(self, size: int) -> tuple[tuple[Row, ...], tuple[str, ...]]:
        """The figures of the first `size` entries, and the requests and entries that cannot be counted, each with why."""
        histories = ([(one.day[:7], one.fact) for one in acts if one.position < size] for acts in self._every())
        rows, broken = counted(history for history in histories if history)
        never = tuple(f"request {number}: it was never filed" for number, first in self.unfiled.items() if first < size)
        return rows, (*broken, *never, *(why for index, why in self._unread if index < size))

    def _every(self) -> Iterator[tuple[Placed, ...]]:
        return (self.placed(number) for number, _ in self.every_act())

    def signed(self) -> Signatures:
        """Of the decisions by which something was given, how many their bodies signed."""
        lives = (acts for acts in self._every() if len(self.filings(acts[0].fact.request)) == 1)
        return signatures_in(([(one.position, one.fact) for one in acts] for acts in lives), self._keys.of)

    def standing_out(self) -> tuple[StandsOut, ...]:
        """The officials whose decisions are not dealt out as by lot."""
        found = []
        for acts in self._every():
            try:
                decided = decided_in([(one.day, one.fact) for one in acts])
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
