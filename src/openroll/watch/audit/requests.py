"""Requests as a monitor that reads every entry sees them: the roll's own figures counted anew, and officials who stand out."""

from collections.abc import Sequence

import msgspec
from msgspec.structs import astuple

from openroll.register.request.account import Counted, Row
from openroll.watch.audit.finding import Finding
from openroll.watch.audit.heads import Head
from openroll.watch.audit.report import VisitReport
from openroll.watch.requests.lives import Lives
from openroll.watch.requests.patterns import ERROR_RATE

FIGURES = "api/v1/requests/figures/log"
"""Where a roll says what became of its requests, and how many entries that counts."""


def check_requests(report: VisitReport, head: Head, lives: Lives | None, counted: bytes | None) -> None:
    """Report what the entries on requests show beside the rules of each. `lives` is None where not every entry was read."""
    if lives is None:
        report.not_checked.append("the figures of requests and who decides on them: `--whole` reads every entry again")
        return
    found = lives.standing_out()
    for one in found:
        details: dict[str, str | int] = {"question": one.question, "official": one.reviewer, "month": one.month}
        details |= {"officer": one.officer} if one.officer else {}
        what = f"{one.sentence[:1].upper()}{one.sentence[1:]}."
        report.faults.append(Finding("stands-out", head.where, what, {"head-1": head.note}, details))
    if not found:
        report.checked.append(
            f"no official stands out among those who decide on requests (error rate {ERROR_RATE:g} a year)"
        )
    _signatures(report, lives)
    _figures(report, head, lives, counted)


def _signatures(report: VisitReport, lives: Lives) -> None:
    """Say how many decisions by which something was given are signed by their bodies, and which are not."""
    found = lives.signed()
    report.warnings += found.otherwise
    if not found.decisions:
        return
    signed = found.decisions - len(found.otherwise) - found.unsigned
    of = f"{signed:,} of {found.decisions:,} decisions by which something was given are signed by the bodies whose they are"
    alone = ", ".join(map(str, found.requests[:_MOST_NAMED]))
    more = f"; others by the log's word alone, in requests {alone}" if alone else ""
    report.checked.append(of + more)


_MOST_NAMED = 20
"""Requests that are named of those in which nobody signed."""


def _figures(report: VisitReport, head: Head, lives: Lives, counted: bytes | None) -> None:
    if counted is None:
        report.not_checked.append("the figures of requests: no address of the roll's pages was given, or it has none")
        return
    files = {"head-1": head.note, "figures": counted}
    try:
        served = msgspec.json.decode(counted, type=Counted)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        what = f"What is served as figures of requests is none: {error}."
        report.faults.append(Finding("figures-wrong", head.where, what, files))
        return
    if served.size > head.size:
        report.not_checked.append(f"the figures of requests: they count {served.size:,} entries, more than the head")
        return
    rows, broken = lives.counted(served.size)
    report.warnings += [f"not counted: {one}" for one in broken]
    if rows == served.rows:
        report.checked.append(f"the figures of requests are those of the first {served.size:,} entries")
        return
    what = f"Figures of requests: of the first {served.size:,} entries {_difference(rows, served.rows)}."
    report.faults.append(Finding("figures-wrong", head.where, what, files))


def _difference(rows: Sequence[Row], served: Sequence[Row]) -> str:
    """The first difference between what the entries give and what is served."""
    theirs = {row[:5]: row for row in map(astuple, served)}
    for row in map(astuple, rows):
        there = theirs.pop(row[:5], None)
        if there != row:
            parts = (
                [name for name, ours, shown in zip(_PARTS, row[5:], there[5:], strict=True) if ours != shown]
                if there
                else []
            )
            return f"those of {' / '.join(map(str, row[:5]))} are others ({', '.join(parts) or 'none are served'})"
    return f"those of {' / '.join(map(str, next(iter(theirs), ())))} are none, and some are served"


_PARTS = Row.__struct_fields__[5:]
