"""What the log has of organisations' sites, by position: read from the facts of official acts, a window of the log at a time."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

from psycopg import Connection

from openroll.store.events import INDEXED

MOST_A_RUN = 65_536
"""How far the places of one run may lie apart: it is of one round of the log (service/log/sequencer.py, MOST_A_ROUND)."""
_APART = 10_000
"""Numbers of events between two runs above which they are read apart."""


class SiteFact(NamedTuple):
    """A fact with its position in the log: kind, civil day, body (JSON)."""

    position: int
    name: str
    day: date
    body: str


class _Run(NamedTuple):
    position: int
    event: int
    length: int
    offsets: bytes | None

    def place(self, event: int) -> int:
        """The place of an event of this run, as `place_in` has it."""
        nth = event - self.event
        behind = nth if self.offsets is None else int.from_bytes(self.offsets[4 * nth : 4 * nth + 4])
        return self.position + behind


def facts_between(connection: Connection, names: Sequence[str], first: int, last: int) -> list[SiteFact]:
    """The facts of these kinds from one position on and before another, in their order.

    By the runs of places and not by numbers of events or transactions: the order of those is not kept when a database is restored
    (store/xid_reset.py).
    """
    rows = connection.execute(
        "select position, event, count, offsets from placed where position > %s and position < %s order by event",
        (first - MOST_A_RUN, last),
    )
    runs = [_Run._make(row) for row in rows]
    found = []
    for together in _near(runs):
        begins = [run.event for run in together]
        of_events = connection.execute(
            f"select id, name, day, body from event where {INDEXED} and id >= %s and id < %s and name = any(%s)",
            (begins[0], together[-1].event + together[-1].length, list(names)),
        )
        for event, name, day, body in of_events:
            run = together[bisect_right(begins, event) - 1]
            if event < run.event + run.length and first <= (position := run.place(event)) < last:
                found.append(SiteFact(position, name, day, body))
    return sorted(found)


def _near(runs: Sequence[_Run]) -> Iterator[list[_Run]]:
    """Runs, by their events, in groups that are read at once."""
    together: list[_Run] = []
    for run in runs:
        if together and run.event > together[-1].event + together[-1].length + _APART:
            yield together
            together = []
        together.append(run)
    if together:
        yield together


def newest_fact(connection: Connection, names: Sequence[str]) -> int:
    """The number of the newest fact of these kinds, with or without a place; 0 where there is none."""
    row = connection.execute(
        f"select id from event where {INDEXED} and name = any(%s) order by id desc limit 1", (list(names),)
    ).fetchone()
    return int(row[0]) if row else 0


def waits(connection: Connection, event: int) -> bool:
    """Whether an event waits for its place in the log."""
    row = connection.execute(
        "select e.id < p.event + p.count from event e left join lateral (select * from placed where event <= %(id)s"
        " order by event desc limit 1) p on true where e.id = %(id)s",
        {"id": event},
    ).fetchone()
    return row is not None and not row[0]


def records_beyond(connection: Connection, names: Sequence[str], size: int) -> list[int]:
    """The records with a fact of these kinds that is not among the first `size` entries of the log: those of the last seconds."""
    head = connection.execute(
        "select xid::text, id from head where size <= %s order by size desc limit 1", (size,)
    ).fetchone()
    rows = connection.execute(
        "select distinct stream from event where (xid, id) > (%s::text::xid8, %s::bigint) and name = any(%s)",
        (*(head or ("0", 0)), list(names)),
    )
    return [int(stream) for (stream,) in rows]
