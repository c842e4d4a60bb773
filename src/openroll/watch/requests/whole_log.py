"""A log read whole, and on from there, and proved to be what its head is signed for."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

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
from openroll.watch.audit.entries import moment
from openroll.watch.audit.entry_scan import bundles
from openroll.watch.log_reader import WIDTH, LogReader
from openroll.watch.source import Source


class SignedHead(NamedTuple):
    """The head of a log, and when witnesses of a policy say that they cosigned it; nothing without a policy."""

    checkpoint: Checkpoint
    cosigned: tuple[datetime, ...] = ()


def signed_head(log: Source, keys: KeyHistory, policy: Policy | None = None) -> SignedHead:
    """The head of a log under its keys. Raises a TlogError, also where it does not meet a policy."""
    note = log.get("checkpoint") or b""
    head = keys.open(note)
    if policy is None:
        return SignedHead(head)
    opened = open_under_policy(note, policy, keys.at(head.size))
    return SignedHead(head, tuple(moment(one.time) for one in opened.cosignatures))


class LogRead:
    """A log that is read to one head after another: each entry once."""

    def __init__(self, log: Source) -> None:
        self._log, self._mark = log, CompactRange()

    def entries(self, head: Checkpoint) -> Iterator[tuple[int, Entry]]:
        """The entries under a head that were not read before, with their places, but those that read as none, which `openroll
        audit` names.

        Raises TlogError, at the end, where they are not those that the head is signed for: nothing of them is believed before.
        """
        for at, bundle in bundles(LogReader(self._log, head), self._mark.size // WIDTH, -(-head.size // WIDTH)):
            fresh = bundle[max(self._mark.size - at * WIDTH, 0) :]
            for index, data in enumerate(fresh, self._mark.size):
                try:
                    entry = Entry.parse(data)
                except Malformed:
                    continue
                yield index, entry
            self._mark = self._mark.extend(fresh)
        if self._mark.root != head.root:
            raise TlogError("its entries are not those that its head is signed for")


def entries_under(log: Source, head: Checkpoint) -> Iterator[tuple[int, Entry]]:
    """Every entry under a head, as `LogRead.entries` gives them, and with its errors."""
    return LogRead(log).entries(head)
