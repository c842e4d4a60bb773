"""The duties board: how every duty stands by operator and district, and what falls due in the days to come.

Duties depend on few dates, so the database counts the records that share them all, and the rule is asked once for each such
group, by column: a million records take the time of the counting.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import msgspec

from openroll.service.roll import Roll
from openroll.store import rule_versions, subscriptions

if TYPE_CHECKING:
    import polars as pl

AHEAD = 30
"""Days the coming rush looks ahead."""
_STANDS = {"due": "due", "overdue": "late", "met": "met", "met-late": "met-late"}


class Line(msgspec.Struct, frozen=True):
    """How the duties of one operator in one district stand: counts of records and duty."""

    operator: str
    district: str
    due: int
    late: int
    met: int
    met_late: int


class Board(msgspec.Struct, frozen=True):
    """The board of a day: its lines, the duties by name, what falls due on each coming day, when it was counted,
    and how many records of which operator still have a handle from before handles had a form.

    `unconfirmed` counts filings made alone that wait for their operator's word: they are in none of the lines.
    """

    on: date
    counted: datetime
    lines: tuple[Line, ...]
    by_duty: dict[str, dict[str, int]]
    rush: dict[date, int]
    old_handles: dict[str, int] = {}
    unconfirmed: int = 0

    def total(self, stands: str) -> int:
        """All that stand so (`due`, `late`, `met`, `met_late`)."""
        return sum(int(getattr(line, stands)) for line in self.lines)


def board(roll: Roll, operator: str | None = None) -> Board:
    """Count the board, of the whole roll or of one operator."""
    import polars as pl  # noqa: PLC0415 - loaded with the first board

    from openroll.rules import duties_frame  # noqa: PLC0415 - as above

    now = roll.clock()
    day = roll.day(now)
    role = "registrar" if operator is None else "operator"
    with roll.database.transaction(role, organisation=operator or "") as connection:
        rows = rule_versions.groups(connection, operator)
        old = dict(subscriptions.old_handles(connection))
        waiting = subscriptions.count_unconfirmed(connection)
    rule = roll.rule_on(day).rule
    frame = _frame(rows)
    stands = duties_frame(frame, rule, day)
    by_duty: dict[str, dict[str, int]] = {}
    lines: dict[tuple[str, str], Counter[str]] = {}
    rush: Counter[date] = Counter()
    for duty in rule.duties:
        shown = frame.with_columns(state=stands[f"{duty.id}.state"].cast(pl.String), last=stands[f"{duty.id}.due"])
        by_duty[duty.id] = _tally(shown, lines)
        soon = shown.filter((pl.col("state") == "due") & (pl.col("last") <= day + timedelta(days=AHEAD)))
        for last, count in soon.group_by("last").agg(pl.col("count").sum()).iter_rows():
            rush[last] += count
    made = tuple(
        Line(operator, district, tally["due"], tally["late"], tally["met"], tally["met-late"])
        for (operator, district), tally in sorted(lines.items())
    )
    return Board(day, now, made, by_duty, dict(sorted(rush.items())), old, sum(waiting.values()))


def _frame(rows: Sequence[tuple[Any, ...]]) -> "pl.DataFrame":
    import polars as pl  # noqa: PLC0415 - as above

    schema = {
        "operator": pl.String,
        "district": pl.String,
        "kind": pl.String,
        "connected": pl.Date,
        "filed": pl.Date,
        "changed": pl.Date,
        "ended": pl.Date,
        "count": pl.Int64,
    }
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    return frame.with_columns(change_reported=pl.col("changed"), end_reported=pl.col("ended"))


def _tally(shown: "pl.DataFrame", lines: dict[tuple[str, str], Counter[str]]) -> dict[str, int]:
    """Count one duty into the lines; its own counts by how it stands."""
    import polars as pl  # noqa: PLC0415 - as above

    own: Counter[str] = Counter()
    counted = shown.group_by("operator", "district", "state").agg(pl.col("count").sum())
    for operator, district, state, count in counted.iter_rows():
        if state in _STANDS:
            lines.setdefault((operator, district), Counter())[_STANDS[state]] += count
            own[_STANDS[state]] += count
    return dict(own)
