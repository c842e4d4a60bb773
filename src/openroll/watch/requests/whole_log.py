"""A log read whole, and proved to be what its head is signed for."""

from collections.abc import Iterator

from openroll.tlog import (
    Checkpoint,
    CompactRange,
    Entry,
    KeyHistory,
    Malformed,
    Policy,
    TlogError,
    open_under_policy,
)
from openroll.watch.audit.entry_scan import bundles
from openroll.watch.log_reader import WIDTH, LogReader
from openroll.watch.source import Source


def signed_head(log: Source, keys: KeyHistory, policy: Policy | None = None) -> Checkpoint:
    """The head of a log under its keys. Raises a TlogError, also where it does not meet a policy."""
    note = log.get("checkpoint") or b""
    head = keys.open(note)
    if policy is not None:
        open_under_policy(note, policy, keys.at(head.size))
    return head


def entries_under(log: Source, head: Checkpoint) -> Iterator[tuple[int, Entry]]:
    """Every entry under a head with its place, but those that read as none, which `openroll audit` names.

    Raises TlogError, at the end, where they are not those that the head is signed for: nothing of them is believed before.
    """
    mark = CompactRange()
    for _, entries in bundles(LogReader(log, head), 0, -(-head.size // WIDTH)):
        for index, data in enumerate(entries, mark.size):
            try:
                entry = Entry.parse(data)
            except Malformed:
                continue
            yield index, entry
        mark = mark.extend(entries)
    if mark.root != head.root:
        raise TlogError("its entries are not those that its head is signed for")
