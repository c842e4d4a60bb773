"""The figures of requests, counted anew from every entry of a log: nobody's table is needed for it."""

from typing import NamedTuple

from openroll.register.request.account import Row
from openroll.tlog import CompactRange, Entry, KeyHistory, Malformed, Policy, TlogError, open_under_policy
from openroll.watch.audit.entry_scan import bundles
from openroll.watch.log_reader import WIDTH, LogReader
from openroll.watch.requests.lives import Lives, counted
from openroll.watch.source import Source

__all__ = ["Recounted", "counted", "recounted"]


class Recounted(NamedTuple):
    """What the entries give, how many there are, and the requests that cannot be counted, each with why.

    `then` is what the first of them gave, as many as somebody else counted.
    """

    rows: tuple[Row, ...]
    size: int
    broken: tuple[str, ...]
    then: tuple[Row, ...]


def recounted(log: Source, keys: KeyHistory, then: int, policy: Policy | None = None) -> Recounted:
    """Read a log whole, prove that its entries are those of its signed head, and count its requests: in all, and in the first
    `then` entries. Raises a TlogError, also where it has fewer, and where its head does not meet a policy.
    """
    note = log.get("checkpoint") or b""
    head = keys.open(note)
    if policy is not None:
        open_under_policy(note, policy, keys.at(head.size))
    if then > head.size:
        raise TlogError(f"its figures count {then:,} entries, and it shows {head.size:,}")
    reader, lives, mark = LogReader(log, head), Lives(), CompactRange()
    for _, entries in bundles(reader, 0, -(-head.size // WIDTH)):
        for index, data in enumerate(entries, mark.size):
            try:
                lives.take(index, Entry.parse(data))
            except Malformed:
                continue  # `openroll audit` names it
        mark = mark.extend(entries)
    if mark.root != head.root:
        raise TlogError("its entries are not those that its head is signed for")
    rows, broken = lives.counted(head.size)
    return Recounted(rows, head.size, broken, rows if then == head.size else lives.counted(then)[0])
