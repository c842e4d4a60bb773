"""Notices as a monitor sees them: whether what the log says was told is in the heaps that the roll gives out, as it was told.

The log has the digest of each notice, its request and moment, and the bucket that it stands in. The heaps are everybody's to
fetch, and only whoever has the notice code opens anything in them; so whoever follows the log can hold the one against the other,
and learns nothing of anybody. A notice opens for its person by the key of whoever signed it, which the heap gives beside it:
so each key that whoever told had published by then must be there. A visit looks at one heap, drawn by lot, as large as each
person fetches; where every entry is read, at all of them.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Annotated, NamedTuple

import msgspec

from openroll.disclosure.notice import BUCKETS, heap_number
from openroll.disclosure.notice_heap import HeapMalformed, HeapNotice, heap_of
from openroll.register.request.content import notice_context
from openroll.watch.audit.entries import BrokenRule
from openroll.watch.audit.entry_scan import evidence
from openroll.watch.audit.heads import Head
from openroll.watch.audit.owed import MOST_OF_A_KIND
from openroll.watch.audit.report import VisitReport
from openroll.watch.audit.tellings import TellerKey, Telling, signed_by
from openroll.watch.log_reader import LogReader
from openroll.watch.log_restart import names_before
from openroll.watch.source import FolderSource, Source, Unreachable

HEAPS = "api/v1/notices"
"""Where a roll says in how many heaps it gives notices out, and below which they are."""
_MORE_PAGES = 16
"""Answers of one heap beyond those that the tellings in the log fill, for what was told since its head."""
_IN_ONE = 256


class _Missing(NamedTuple):
    """A telling that its person would find nothing of, and why."""

    request: int
    telling: Telling
    why: str


class _Heaps(msgspec.Struct):
    heaps: Annotated[int, msgspec.Meta(ge=1, le=BUCKETS)]


class Tellings(NamedTuple):
    """What a log told: the last telling of each request by its number, and those before it, each with its number; and the keys
    that it has. `named` are the requests that earlier visits named as missing, each with its notice."""

    last: Mapping[int, Telling]
    before: Sequence[tuple[int, Telling]] = ()
    keys: Sequence[TellerKey] = ()
    named: Mapping[int, str] = {}


class _Given(NamedTuple):
    """A notice of a heap, and the ids of the keys that stand beside it."""

    notice: HeapNotice
    keys: frozenset[str]


def check_notices(
    report: VisitReport,
    head: Head,
    reader: LogReader,
    public: Source | None,
    told: Tellings,
    draw: Callable[[int], int],
    *,
    every: bool,
) -> dict[int, str]:
    """Report tellings whose notice is not given out, or not as it was told, in one heap or in `every` one; `draw` gives a number
    below another by lot. A roll that gives out none at all, where somebody was told, gives out none of them.

    Gives what is `named` as missing by now: of what is missing the next visit names first what this one did not.
    Raises TlogError, Unreachable.
    """
    if not told.last:
        return {}
    served = None if public is None else public.get(HEAPS)
    if public is None or (served is None and isinstance(public, FolderSource)):
        report.not_checked.append(
            "the notices to people: no address of the roll's pages was given, or a folder, which has none of them"
        )
        return dict(told.named)
    if served is None:
        why = "is in no heap, as the roll gives out no notices at all, and its person finds nothing"
        gone = [_Missing(request, one, why) for request, one in told.last.items()]
        return _report(report, head, reader, gone, told.named)
    of = _heaps_in(served, public)
    heaps = sorted(
        {heap_number(one.bucket, of) for one in told.last.values()}
        | {heap_number(one.bucket, of) for _, one in told.before}
    )
    chosen = heaps if every else [heaps[draw(len(heaps))]]
    looked, missing, replaced = 0, list[_Missing](), list[tuple[int, Telling]]()
    for number in chosen:
        expected = {request: one for request, one in told.last.items() if heap_number(one.bucket, of) == number}
        before = [one for one in told.before if heap_number(one[1].bucket, of) == number]
        notices = _given_out(public, number, of, len(expected) + len(before))
        there = {one.notice.digest for one in notices}
        looked += len(expected)
        absent = _missing(expected, notices, (head.checkpoint.origin,), told.keys)
        origins = (head.checkpoint.origin, *names_before(reader)) if absent else ()
        missing += _missing(expected, notices, origins, told.keys) if absent else []
        replaced += [one for one in before if one[1].notice not in there]
    seen = {request for request, one in told.last.items() if heap_number(one.bucket, of) in chosen}
    elsewhere = {request: notice for request, notice in told.named.items() if request not in seen}
    named = elsewhere | _report(report, head, reader, missing, told.named)
    _say_replaced(report, told, replaced, draw)
    if not missing:
        rest = (
            ""
            if looked == len(told.last)
            else f" of {len(told.last):,} in all (one heap a visit, --whole looks at each)"
        )
        report.checked.append(f"the notices of {looked:,} tellings{rest} are given out as the log has them")
    return named


def _say_replaced(
    report: VisitReport, told: Tellings, replaced: Sequence[tuple[int, Telling]], draw: Callable[[int], int]
) -> None:
    """Warn of notices that are gone whose person was told anew: a lost one is, and so might be one that was taken out. Of very
    many, others are named each time."""
    if len(replaced) > MOST_OF_A_KIND:
        first = draw(len(replaced))
        replaced = [*replaced[first:], *replaced[:first]]
    for request, one in replaced[:MOST_OF_A_KIND]:
        anew = told.last[request].index
        report.warnings.append(
            f"entry {one.index:,}: the notice of request {request} is not in its heap; entry {anew:,} told its person anew, as is"
            " right for a notice that was lost: ask whoever told them whether they did"
        )
    if len(replaced) > MOST_OF_A_KIND:
        report.warnings.append(f"{len(replaced) - MOST_OF_A_KIND:,} more notices that are gone and were told anew")


def _missing(
    expected: Mapping[int, Telling], notices: Iterable[_Given], origins: Sequence[str], keys: Sequence[TellerKey]
) -> list[_Missing]:
    """The tellings whose notice is not in their heap, or stands there under another request or month than the log has, or
    without the keys that it may be signed with."""
    beside: dict[str, list[_Given]] = {}
    for given in notices:
        beside.setdefault(given.notice.digest, []).append(given)
    missing = []
    for request, one in expected.items():
        there = beside.get(one.notice, [])
        if not there:
            missing.append(_Missing(request, one, "is not in its heap, and its person finds nothing"))
        elif not (there := [given for given in there if _as_told(given.notice, request, one, origins)]):
            why = "stands in its heap under another request or month than the log has, and its person may find nothing"
            missing.append(_Missing(request, one, why))
        elif not any(given.keys >= signed_by(one, keys) for given in there):
            why = "is given out without a key that its operator had published by then, and its person may not be able to read it"
            missing.append(_Missing(request, one, why))
    return missing


def _as_told(notice: HeapNotice, request: int, told: Telling, origins: Sequence[str]) -> bool:
    """Whether a heap says of a notice what the log says, by a name that it has or had. A heap that gives no month hides nothing
    by it."""
    months = {"", told.month} if told.month else {notice.month}
    return notice.context in {notice_context(one, request) for one in origins} and notice.month in months


def _report(
    report: VisitReport, head: Head, reader: LogReader, missing: Sequence[_Missing], named: Mapping[int, str]
) -> dict[int, str]:
    """Report what is missing, so many for each reason and those first that no visit named; those of it that are named by now."""
    reported, count = dict[int, str](), Counter[str]()
    is_named = {one.request for one in missing if named.get(one.request) == one.telling.notice}
    for request, one, why in sorted(missing, key=lambda one: one.request in is_named):
        count[why] += 1
        if count[why] <= MOST_OF_A_KIND:
            entry = next(reader.entries(one.index, one.index + 1))
            what = f"entry {one.index:,}: the notice of request {request} {why}"
            report.faults.append(evidence(reader, head, BrokenRule("notice-missing", one.index, what, entry)))
            reported[request] = one.notice
        elif request in is_named:
            reported[request] = one.notice
    if more := len(missing) - len(reported):
        report.warnings.append(
            f"{more:,} more faults of the kind notice-missing: the next visits to their heaps name them"
        )
    return reported


def _heaps_in(served: bytes, public: Source) -> int:
    where = f"{public.where}/{HEAPS}"
    try:
        of = msgspec.json.decode(served, type=_Heaps).heaps
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Unreachable(where, f"it does not say how many heaps there are: {error}") from error
    if BUCKETS % of:
        raise Unreachable(where, f"it has {of} heaps, which the buckets cannot be given out in")
    return of


def _given_out(public: Source, number: int, of: int, expected: int) -> list[_Given]:
    """All notices of a heap. Raises Unreachable, also for a heap that never ends."""
    found: list[_Given] = []
    after = 0
    for _ in range(expected // _IN_ONE + _MORE_PAGES):
        path = f"{HEAPS}/{number}?of={of}&after={after}"
        data = public.get(path)
        if data is None:
            raise Unreachable(f"{public.where}/{path}", "there is no such heap")
        try:
            heap = heap_of(data)
        except HeapMalformed as error:
            raise Unreachable(f"{public.where}/{path}", str(error)) from error
        keys = frozenset(one.id for one in heap.senders)
        found += [_Given(one, keys) for one in heap.every]
        if heap.next <= after:
            return found
        after = heap.next
    raise Unreachable(f"{public.where}/{HEAPS}/{number}", "it goes on beyond what the log has of it")
