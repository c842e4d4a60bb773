"""The duties board: how every duty stands by operator and district, what operators owe, and what falls due in the days to come.

Duties depend on few dates, so the database counts the records that share them all, and the rule is asked once for each such
group, by column: a million records take the time of the counting.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import msgspec

from openroll.rules import bearer_of
from openroll.service.governance.kept_days import is_kept
from openroll.service.governance.stood import earlier_versions, frame_as_known
from openroll.service.roll import Roll
from openroll.store import rule_versions, subscriptions

if TYPE_CHECKING:
    import polars as pl

AHEAD = 30
"""Days the coming rush looks ahead."""
SOON = 7
"""Days before a duty of an operator falls due on which it is reminded of it."""
_STANDS = {"due": "due", "overdue": "late", "met": "met", "met-late": "met-late"}


class Line(msgspec.Struct, frozen=True):
    """How the duties of one operator in one district stand: counts of records and duty."""

    operator: str
    district: str
    due: int
    late: int
    met: int
    met_late: int


class Owed(msgspec.Struct, frozen=True):
    """How one duty of an operator stands over all records it keeps: a duty about each of its subscribers."""

    operator: str
    duty: str
    due: int
    late: int
    met: int
    met_late: int


class Coming(msgspec.Struct, frozen=True):
    """A reminder to an operator: so many records for which a duty of its own falls due on a day soon."""

    operator: str
    duty: str
    last: date
    count: int


class Board(msgspec.Struct, frozen=True):
    """The board of a day: its lines, the duties by name, what falls due on each coming day, when it was counted,
    and how many records of which operator still have a handle from before handles had a form.

    `owed` and `coming` are the duties that operators bear themselves, about each record; the lines count them too, with those
    of subscribers. `uncounted` names duties for which a roll keeps no day. `unconfirmed` counts filings made alone that wait for
    their operator's word: they are in none of the lines.
    """

    on: date
    counted: datetime
    lines: tuple[Line, ...]
    by_duty: dict[str, dict[str, int]]
    rush: dict[date, int]
    old_handles: dict[str, int] = {}
    unconfirmed: int = 0
    owed: tuple[Owed, ...] = ()
    coming: tuple[Coming, ...] = ()
    uncounted: tuple[str, ...] = ()

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
    version = roll.rule_on(day)
    rule = version.rule
    # A kind that an earlier rule declared and this one does not know is nobody that this one speaks of.
    frame = _frame(rows).filter(pl.col("kind").is_in(list(rule.known_kinds)))
    stands = duties_frame(frame, rule, day, version.place.working_days)
    if earlier := earlier_versions(roll.versions, day):
        stands = frame_as_known(frame, stands, rule, earlier, day)
    counting = _Counting(day)
    for duty in filter(is_kept, rule.duties):
        shown = frame.with_columns(state=stands[f"{duty.id}.state"].cast(pl.String), last=stands[f"{duty.id}.due"])
        shown = _of_who_answered(shown, operator)
        counting.add(duty.id, shown, of_operators=bearer_of(duty, rule) == "operator")
    return Board(
        on=day,
        counted=now,
        lines=tuple(
            Line(operator, district, tally["due"], tally["late"], tally["met"], tally["met-late"])
            for (operator, district), tally in sorted(counting.lines.items())
        ),
        by_duty=counting.by_duty,
        rush=dict(sorted(counting.rush.items())),
        old_handles=old,
        unconfirmed=sum(waiting.values()),
        owed=tuple(counting.owed),
        coming=tuple(counting.coming),
        uncounted=tuple(duty.id for duty in rule.duties if not is_kept(duty)),
    )


class _Counting:
    """What is counted of a board, duty by duty."""

    def __init__(self, day: date) -> None:
        self.day = day
        self.by_duty: dict[str, dict[str, int]] = {}
        self.lines: dict[tuple[str, str], Counter[str]] = {}
        self.rush: Counter[date] = Counter()
        self.owed: list[Owed] = []
        self.coming: list[Coming] = []

    def add(self, duty: str, shown: "pl.DataFrame", *, of_operators: bool) -> None:
        """Count one duty: its states and last days stand in `state` and `last`."""
        import polars as pl  # noqa: PLC0415 - as above

        own: dict[tuple[str, str], Counter[str]] = {}
        self.by_duty[duty] = _tally(shown, own)
        for place, tally in own.items():
            self.lines.setdefault(place, Counter()).update(tally)
        soon = shown.filter((pl.col("state") == "due") & (pl.col("last") <= self.day + timedelta(days=AHEAD)))
        for last, count in soon.group_by("last").agg(pl.col("count").sum()).iter_rows():
            self.rush[last] += count
        if of_operators:
            self.owed += _owed(duty, own)
            self.coming += _coming(duty, soon.filter(pl.col("last") <= self.day + timedelta(days=SOON)))


def _of_who_answered(shown: "pl.DataFrame", operator: str | None) -> "pl.DataFrame":
    """What was done, and was due before a record came to its operator, is of the one that answered then.

    On the board of one `operator` what is another's does not stand.
    """
    import polars as pl  # noqa: PLC0415 - as above

    earlier = pl.col("state").is_in(["met", "met-late"]) & (pl.col("last") < pl.col("since"))
    whose = pl.when(earlier.fill_null(value=False)).then(pl.col("before")).otherwise(pl.col("operator"))
    shown = shown.with_columns(operator=whose)
    return shown if operator is None else shown.filter(pl.col("operator") == operator)


def _owed(duty: str, own: dict[tuple[str, str], Counter[str]]) -> list[Owed]:
    """One duty of operators, counted over all districts of each."""
    by_operator: dict[str, Counter[str]] = {}
    for (operator, _), tally in own.items():
        by_operator.setdefault(operator, Counter()).update(tally)
    return [
        Owed(operator, duty, tally["due"], tally["late"], tally["met"], tally["met-late"])
        for operator, tally in sorted(by_operator.items())
    ]


def _coming(duty: str, soon: "pl.DataFrame") -> list[Coming]:
    import polars as pl  # noqa: PLC0415 - as above

    counted = soon.group_by("operator", "last").agg(pl.col("count").sum()).sort("operator", "last")
    return [Coming(operator, duty, last, count) for operator, last, count in counted.iter_rows()]


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
        "since": pl.Date,
        "before": pl.String,
        "count": pl.Int64,
    }
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    # As kept_days.subject_of says of one record.
    return frame.with_columns(
        activated=pl.col("connected"), change_reported=pl.col("changed"), end_reported=pl.col("ended")
    )


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
