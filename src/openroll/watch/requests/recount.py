"""The figures of requests, counted anew from every entry of a log: nobody's table is needed for it."""

from collections.abc import Iterable
from typing import NamedTuple

from openroll.register.request.account import Row, Tally
from openroll.register.request.events import RequestEvent, RequestFiled
from openroll.tlog import CompactRange, Entry, KeyHistory, Malformed, TlogError
from openroll.watch.audit.entry_scan import bundles
from openroll.watch.audit.request_rules import fact_in
from openroll.watch.log_reader import LogReader
from openroll.watch.source import Source


class Recounted(NamedTuple):
    """What the entries give, how many there are, and the requests that cannot be counted, each with why."""

    rows: tuple[Row, ...]
    size: int
    broken: tuple[str, ...]


def recounted(log: Source, keys: KeyHistory) -> Recounted:
    """Read a log whole, prove that its entries are those of its signed head, and count its requests. Raises a TlogError."""
    head = keys.open(log.get("checkpoint") or b"")
    reader = LogReader(log, head)
    mark = CompactRange()
    facts: dict[int, list[tuple[str, RequestEvent]]] = {}
    for _, entries in bundles(reader, 0, -(-head.size // 256)):
        mark = mark.extend(entries)
        for data in entries:
            _collect(data, facts)
    if mark.root != head.root:
        raise TlogError("its entries are not those that its head is signed for")
    rows, broken = counted(facts.values())
    return Recounted(rows, head.size, broken)


def _collect(data: bytes, facts: dict[int, list[tuple[str, RequestEvent]]]) -> None:
    try:
        entry = Entry.parse(data)
    except Malformed:
        return  # `openroll audit` names it
    fact = fact_in(entry.kind, entry.act or "")
    if fact is not None:
        facts.setdefault(fact.request, []).append((entry.day[:7], fact))


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
        except (ValueError, LookupError) as error:
            broken.append(f"request {facts[0].request}: {error}")
    return tally.rows(), tuple(broken)
