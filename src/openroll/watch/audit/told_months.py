"""Lists of what was told in a month as a monitor sees them: whether each telling that the log has is listed, as it was told.

A person finds their own in these lists, by the word of their telling, and looks nowhere else; so one that is left out of a list,
or listed with another word, is as good as a notice that is taken out. A visit looks at one month, drawn by lot; where every entry
is read, at all of them.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec

from openroll.register.request.compared import PublicRequest
from openroll.register.request.month_list import MonthMalformed, month_of
from openroll.watch.audit.entries import BrokenRule
from openroll.watch.audit.entry_scan import evidence
from openroll.watch.audit.heads import Head
from openroll.watch.audit.notices import HEAPS
from openroll.watch.audit.owed import MOST_OF_A_KIND
from openroll.watch.audit.report import VisitReport
from openroll.watch.audit.tellings import Claimed, Telling
from openroll.watch.log_reader import LogReader
from openroll.watch.source import FolderSource, Source, Unreachable

TOLD = "api/v1/told"
"""Below which a roll lists what was told in a month."""


LOGGED_WITHIN = timedelta(minutes=5)
"""Between two visits: what was told before the first is in the log at the second (it promises a minute)."""


class Claims(NamedTuple):
    """The requests that a visit before found listed as told anew, and the moment of this visit."""

    before: Mapping[int, Claimed]
    now: datetime


class _Months(msgspec.Struct):
    months: dict[str, int] | None = None


def check_months(
    report: VisitReport,
    head: Head,
    reader: LogReader,
    public: Source | None,
    told: Mapping[int, Telling],
    draw: Callable[[int], int],
    *,
    every: bool,
    claims: Claims,
) -> dict[int, Claimed]:
    """Report tellings, by the numbers of their requests, that are not listed in their month, or not as they were told, in one
    month or in `every` one; `draw` gives a number below another by lot. That nothing is given out at all `check_notices` says.

    `claims` are those that a visit before found listed as told anew since its head: by now the log must have that. Gives those
    to look at again next time. Raises TlogError, Unreachable.
    """
    still = {
        request: one for request, one in claims.before.items() if request in told and told[request].index == one.index
    }
    months = sorted({one.month for one in told.values() if one.month})
    served = None if public is None or isinstance(public, FolderSource) or not months else public.get(HEAPS)
    if public is None or served is None:
        return still
    counted = _months_in(served, public)
    if counted is None:
        report.not_checked.append("what was told in each month: this roll lists none, as one of an earlier version")
        return still
    chosen = months if every else [months[draw(len(months))]]
    looked, wrong = 0, dict[int, str]()
    for month in chosen:
        there, expected = _listed(public, month), {request: one for request, one in told.items() if one.month == month}
        looked += len(expected)
        wrong |= {request: why for request, one in expected.items() if (why := _otherwise(there.get(request), one))}
    anew = _told_anew(public, {request: told[request] for request in wrong}, counted)
    made_up = {request for request in anew if request in still and claims.now - still[request].at > LOGGED_WITHIN}
    wrong |= dict.fromkeys(made_up, "is listed as told anew, and the log never had that; its person may find nothing")
    anew -= made_up
    _report(report, head, reader, told, {request: why for request, why in wrong.items() if request not in anew})
    if anew:
        report.not_checked.append(
            f"{len(anew):,} tellings that are listed as told anew a moment ago: the next visit looks"
        )
    if not wrong.keys() - anew:
        rest = "" if every or len(months) == 1 else f" of {len(months)} (one a visit, --whole looks at each)"
        report.checked.append(
            f"the word, notice and bucket of {looked - len(anew):,} tellings of {len(chosen)} months{rest} are listed as the log"
            " has them"
        )
    return still | {request: still.get(request, Claimed(told[request].index, claims.now)) for request in anew}


def _otherwise(listed: PublicRequest | None, told: Telling) -> str:
    """What is wrong with how a telling is listed; empty for nothing."""
    if listed is None or listed.told is None:
        return "is not listed in its month, and its person finds nothing"
    if (listed.told.notice, listed.told.bucket) == (told.notice, told.bucket) and _has_word(listed, told):
        return ""
    return "is listed in its month otherwise than the log has it, and its person may find nothing"


def _has_word(listed: PublicRequest, told: Telling) -> bool:
    """Whether whoever was told by a word finds it so in what is listed."""
    return not told.word or (listed.told is not None and listed.told.by_word and told.word in listed.complaints)


def _told_anew(public: Source, wrong: Mapping[int, Telling], counted: Mapping[str, int]) -> frozenset[int]:
    """Those of some requests whose person was told anew since the head: a later telling is listed, in its month, and by whatever
    word they were told first they find it still."""
    if not wrong:
        return frozenset()
    since = min(one.month for one in wrong.values())
    found: set[int] = set()
    for month in sorted(one for one in counted if one >= since):
        there = _listed(public, month)
        found |= {
            request
            for request, one in wrong.items()
            if (row := there.get(request)) and row.told and row.told.notice != one.notice and _has_word(row, one)
        }
    return frozenset(found)


def _report(
    report: VisitReport, head: Head, reader: LogReader, told: Mapping[int, Telling], wrong: Mapping[int, str]
) -> None:
    """Report so many of what is wrong, but what is a fault of its notice already."""
    named = {fault.details.get("index") for fault in report.faults if fault.kind == "notice-missing"}
    fresh = {request: why for request, why in wrong.items() if told[request].index not in named}
    for request, why in list(fresh.items())[:MOST_OF_A_KIND]:
        index = told[request].index
        what = f"entry {index:,}: the telling of request {request} {why}"
        entry = next(reader.entries(index, index + 1))
        report.faults.append(evidence(reader, head, BrokenRule("notice-missing", index, what, entry)))
    if len(fresh) > MOST_OF_A_KIND:
        more = len(fresh) - MOST_OF_A_KIND
        report.warnings.append(f"{more:,} more tellings that are not listed as the log has them")


def _months_in(served: bytes, public: Source) -> Mapping[str, int] | None:
    try:
        return msgspec.json.decode(served, type=_Months).months
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Unreachable(f"{public.where}/{HEAPS}", f"it does not say in which months was told: {error}") from error


def _listed(public: Source, month: str) -> dict[int, PublicRequest]:
    """What is listed of a month, by the numbers of the requests; nothing where no such list is given out."""
    path = f"{TOLD}/{month}"
    data = public.get(path)
    try:
        return {} if data is None else {one.number: one for one in month_of(data, month)}
    except MonthMalformed as error:
        raise Unreachable(f"{public.where}/{path}", str(error)) from error
