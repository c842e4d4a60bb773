"""The figures of requests, counted anew from every entry of a log: nobody's table is needed for it."""

from collections.abc import Callable
from typing import NamedTuple

from openroll.register.request.account import Row
from openroll.tlog import KeyHistory, Policy, TlogError
from openroll.watch.requests.believed import LeftOut
from openroll.watch.requests.lives import Lives, counted
from openroll.watch.requests.whole_log import entries_under, signed_head
from openroll.watch.source import Source

__all__ = ["Recounted", "counted", "recounted"]


class Recounted(NamedTuple):
    """What the entries give, how many there are, and the requests that cannot be counted, each with why.

    `then` is what the first of them gave, as many as somebody else counted, `left_out` the entries that are not believed.
    """

    rows: tuple[Row, ...]
    size: int
    broken: tuple[str, ...]
    then: tuple[Row, ...]
    left_out: LeftOut


TOLD_EVERY = 256
"""Entries after which it is told anew how far the reading is."""


def recounted(
    log: Source,
    keys: KeyHistory,
    then: int,
    policy: Policy | None = None,
    progress: Callable[[int, int], None] = lambda *_: None,
) -> Recounted:
    """Read a log whole, prove that its entries are those of its signed head, and count its requests: in all, and in the first
    `then` entries. `progress` is told how many entries of how many are read.

    Raises a TlogError, also where it has fewer, and where its head does not meet a policy.
    """
    head, lives = signed_head(log, keys, policy).checkpoint, Lives()
    if then > head.size:
        raise TlogError(f"its figures count {then:,} entries, and it shows {head.size:,}")
    for index, entry in entries_under(log, head):
        lives.take(index, entry)
        if not index % TOLD_EVERY:
            progress(index, head.size)
    rows, broken = lives.counted(head.size)
    early = rows if then == head.size else lives.counted(then)[0]
    return Recounted(rows, head.size, broken, early, lives.left_out)
