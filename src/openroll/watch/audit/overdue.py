"""Requests that no entry moves on: the time of their step was over, the log went on for days, and nothing in it says so.

A roll's worker writes that a time was over (`request.time-passed/1`) within a minute, and the pages show a telling that is late
where no worker runs too. Whoever leaves that entry out hides a delay that nobody decided, and no later entry of the request has
to come that would not follow. The log's other entries show that time went by.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

from openroll.register.procedure import missed
from openroll.register.request.state import ProcedureGone, Request
from openroll.register.request.turns import telling_steps
from openroll.watch.audit.entries import CivilDays, EntryRules
from openroll.watch.audit.finding import Finding, hashes
from openroll.watch.audit.heads import Head
from openroll.watch.audit.owed import MOST_OF_A_KIND
from openroll.watch.audit.report import VisitReport
from openroll.watch.log_reader import LogReader

ALLOWED = timedelta(days=7)
"""How long a log may go on, from its first whole day after a time was over, before nothing says that it was."""


def check_overdue(
    report: VisitReport,
    head: Head,
    reader: LogReader,
    rules: EntryRules,
    named: Mapping[int, datetime],
    days: CivilDays,
    *,
    every: bool,
) -> dict[int, datetime]:
    """Report the requests that should have gone on by the newest entry's day: those that were not `named` before, and, where
    `every` entry is read, the others behind them.

    Gives those that are named by now, each with when its time was over: the next visit names what was too many for this one.
    Raises TlogError and Unreachable, and then nothing is reported.
    """
    newest, index = rules.newest
    late = overdue(rules.requests.going.values(), sorted({day for day, _ in rules.tallies if day <= newest}), days)
    due = {one.number: one.standing.due for one in late if one.standing.due is not None}
    fresh = [one for one in late if named.get(one.number) != one.standing.due]
    told = (
        fresh[:MOST_OF_A_KIND]
        + [one for one in late if every and named.get(one.number) == one.standing.due][:MOST_OF_A_KIND]
    )
    if told:
        files = {"head-1": head.note, "entry": next(iter(reader.entries(index, index + 1)))}
        files["entry-proof"] = hashes(reader.prove_inclusion(index))
        report.faults += [_finding(head, one, files, (newest, index)) for one in told]
    if len(fresh) > MOST_OF_A_KIND:
        report.warnings.append(
            f"{len(fresh) - MOST_OF_A_KIND:,} more faults of the kind overdue: the next visits name them"
        )
    for one in fresh[MOST_OF_A_KIND:]:
        due.pop(one.number, None)
    return due


def overdue(requests: Iterable[Request], log_days: Sequence[str], days: CivilDays) -> list[Request]:
    """The requests whose step's time was over, although the log went on for longer than is allowed since.

    `log_days` are the days that have entries, in order. A log that stood still shows nothing while it did: what is allowed begins
    with the first of them after the time was over.
    """
    if not log_days:
        return []
    begin, newest, found = [days.begins(day) for day in log_days], date.fromisoformat(log_days[-1]), []
    for request in requests:
        due = request.standing.due
        first = len(begin) if due is None else bisect_left(begin, due)
        if (
            first < len(begin)
            and newest - date.fromisoformat(log_days[first]) > ALLOWED
            and _goes_on(request, begin[-1])
        ):
            found.append(request)
    return found


def _goes_on(request: Request, now: datetime) -> bool:
    try:
        return missed(request.by, request.standing, now) is not None
    except ProcedureGone:
        return False  # where it would go, nobody here knows: the visit names the procedure


def _finding(head: Head, request: Request, files: Mapping[str, bytes], newest: tuple[str, int]) -> Finding:
    (day, index), step, due = newest, request.standing.step, request.standing.due
    assert due is not None  # noqa: S101 - what has no time is never over
    untold = ", and that its person was not told" if step in telling_steps(request.by) else ""
    what = (
        f"request {request.number}: the time of its step {step!r} was over on {due:%Y-%m-%d %H:%M} UTC, and the log goes on to"
        f" {day} (entry {index:,}); no entry says that it was over{untold}."
    )
    details: dict[str, str | int] = {"request": request.number, "step": step, "due": due.isoformat(), "index": index}
    return Finding("overdue", head.where, what, files, details)
