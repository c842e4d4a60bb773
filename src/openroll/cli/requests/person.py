"""The person's own list: what was asked about them, found and opened here with their notice code; and a complaint."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any, NamedTuple
from zoneinfo import ZoneInfo

import msgspec
from cyclopts import App, Parameter

from openroll.cli.key_files import write_private
from openroll.cli.output import command, err, fail, line, one_line, out
from openroll.cli.requests.at_roll import Believed, Roll, asked, json_at, sent
from openroll.cli.requests.public_part import ABSENT, Beside, Public, as_json, beside, public_part
from openroll.cli.roll_time import zone_named
from openroll.cli.wiring import Wiring
from openroll.disclosure.notice import BUCKETS, OwnNotice, bucket_of, heap_number, own_notices
from openroll.disclosure.notice_heap import Heap, HeapMalformed, heap_of
from openroll.register.exchange.transaction_log import transaction_log
from openroll.register.request.compared import NAMES, Compared, not_given_out
from openroll.register.request.content import ContentUnfit, Notice, read_notice
from openroll.watch.roll_api import Declined, RollApi
from openroll.watch.source import Unreachable

MONTHS = 24
"""How far back is looked where nothing is said: a notice stands in another heap each month."""
MOST_MONTHS = 1200
GONE = (
    "The log says that somebody was told, and no heap has the notice, which may be one to you: ask your operator, or the"
    " supervisor of that use. It is of"
)


class Told(NamedTuple):
    """What a person was told: each notice whole, and the contexts of those that were altered."""

    notices: tuple[Notice, ...]
    altered: tuple[str, ...]


def list_own(
    wiring: Wiring, secret: bytes, roll: str, since: str, output: Path | None, believed: Believed | None = None
) -> None:
    """Find, open and print a person's notices beside what stands in public, or write them down; what cannot be is a sentence.

    A heap that cannot be read hides none of the others: it is said at the end, with status 2. Status 1 where the public log says
    otherwise, or says that somebody was told in a notice that is not given out.
    """
    periods = _periods(since, wiring.clock().astimezone(UTC).date())
    api = RollApi(roll)
    with asked():
        served = _heaps(api)
        heaps = _in_no_order(_months_of(secret, periods, served.heaps), wiring)
        found, there, lost = _found(api, served.heaps, heaps, secret, periods[0])
    told = _told(found)
    public = public_part(api, periods[0], believed)
    gone = _gone(api, served.heaps, there, public, periods[0])
    compared = [beside(one, public) for one in told.notices]
    if output is not None:
        _write(compared, told.altered, gone, api.where, output)
    else:
        for one in compared:
            show_notice(one, api.where, zone_named(served.zone))
        for context in told.altered:
            line(f"{context}: a notice to you was altered and cannot be read. Ask your operator.")
        if not told.notices and not told.altered and not lost:
            line(f"Nothing was told to this code since {since or f'{MONTHS} months ago'}.")
    wrong = [str(one.notice.request) for one in compared if one.absent or (one.compared and one.compared.otherwise)]
    if wrong:
        err.print(f"Told otherwise than it stands in the public log: request {', '.join(wrong)}.", soft_wrap=True)
    if uncompared := [str(one.notice.request) for one in compared if one.fault]:
        err.print(f"Not compared with the public log: request {', '.join(uncompared)}.", soft_wrap=True)
    if gone:
        err.print(f"{GONE} request {', '.join(map(str, gone))}.", soft_wrap=True)
    if lost:
        fail(f"{len(lost)} of the heaps could not be read, try again in a minute: {lost[0]}.", 2)
    if wrong or gone:
        raise SystemExit(1)


def _write(found: list[Beside], altered: tuple[str, ...], gone: tuple[int, ...], where: str, output: Path) -> None:
    """Write the notices as they stand in public, and beside them what was told otherwise and what is not given out."""
    notices = [one.compared.notice if one.compared else one.notice for one in found if not one.absent]
    taken = transaction_log(notices, where, altered) | as_json(found) | ({"notGivenOut": gone} if gone else {})
    write_private(output, msgspec.json.format(msgspec.json.encode(taken)) + b"\n", "A list")
    out.print(f"Wrote {len(notices)} notices to {output}.")


class _Heaps(msgspec.Struct):
    heaps: Annotated[int, msgspec.Meta(ge=1, le=BUCKETS)]
    zone: str = "UTC"


def _heaps(api: RollApi) -> _Heaps:
    """How many heaps the roll has, and its time zone. Raises Declined, Unreachable."""
    return json_at(api, "notices", _Heaps)


def _months_of(secret: bytes, periods: list[str], of: int) -> dict[int, list[str]]:
    """The heaps that a person's notices of these months can stand in, each with the months."""
    heaps: dict[int, list[str]] = {}
    for period in periods:
        heaps.setdefault(heap_number(bucket_of(secret, period), of), []).append(period)
    return heaps


def _in_no_order(heaps: dict[int, list[str]], wiring: Wiring) -> list[tuple[int, list[str]]]:
    """The heaps in an order that says nothing of the months, which would say more of whose they are."""
    return sorted(heaps.items(), key=lambda _: wiring.random(16))


def _found(
    api: RollApi, of: int, heaps: list[tuple[int, list[str]]], secret: bytes, first: str
) -> tuple[list[OwnNotice], dict[int, frozenset[str]], list[Unreachable | Declined]]:
    """What is a person's in these heaps, the digests of all that is in each, and why others could not be read."""
    found: list[OwnNotice] = []
    there: dict[int, frozenset[str]] = {}
    lost: list[Unreachable | Declined] = []
    for number, months in heaps:
        try:
            parts = list(_parts(api, of, number, first, months))
        except (Unreachable, Declined) as error:
            lost.append(error)
            continue
        there[number] = frozenset().union(*(heap.digests for heap in parts))
        for heap in parts:
            found += own_notices(heap.notices, secret, [one.verifying for one in heap.senders])
    return found, there, lost


def _gone(api: RollApi, of: int, there: dict[int, frozenset[str]], public: Public, first: str) -> tuple[int, ...]:
    """The requests whose notice is not given out in the heaps that were fetched, whoever was told.

    Such a heap is fetched once more: somebody may have been told between the heap and the list.
    """
    gone = not_given_out(public.requests.values(), there, of, first)
    told = [one.told for one in public.requests.values() if one.number in gone and one.told is not None]
    for number in {heap_number(one.bucket, of) for one in told}:
        with suppress(Unreachable, Declined):
            there[number] |= frozenset().union(*(heap.digests for heap in _parts(api, of, number, first, [])))
    return not_given_out(public.requests.values(), there, of, first) if gone else ()


def _periods(since: str, today: date) -> list[str]:
    """The months from one to this one, as `2026-11`."""
    last = today.year * 12 + today.month - 1
    if since:
        try:
            begin = date.fromisoformat(f"{since}-01")
        except ValueError:
            fail(f"--since {since}: expected a month, as 2026-01.")
        first = begin.year * 12 + begin.month - 1
    else:
        first = last - MONTHS + 1
    if not 0 <= last - first < MOST_MONTHS:
        fail(f"--since {since}: expected a month of the past, as {today:%Y-%m}.")
    return [f"{month // 12:04}-{month % 12 + 1:02}" for month in range(first, last + 1)]


def month_before(month: str) -> str:
    """The month before one, as `2026-11`: the clock that a notice was sealed by need not be the roll's."""
    year, number = int(month[:4]), int(month[5:])
    return f"{year - (number == 1):04}-{(number - 2) % 12 + 1:02}"


def _parts(api: RollApi, of: int, number: int, first: str, months: list[str]) -> Iterator[Heap]:
    """One heap in its parts, read to its end, from a month before the first one on. Raises Declined, Unreachable."""
    path = f"api/v1/notices/{number}?of={of}&since={month_before(first)}"
    after: int | None = 0
    while after is not None:
        try:
            heap = heap_of(api.get(f"{path}&after={after}"), months)
        except HeapMalformed as error:
            raise Unreachable(f"{api.where}/{path}", str(error)) from error
        yield heap
        after = heap.next if heap.next > after else None


def _told(found: list[OwnNotice]) -> Told:
    notices, altered = [], []
    for one in found:
        try:
            notices.append(read_notice(one.content or b"", one.context))
        except ContentUnfit:
            altered.append(one.context)
    return Told(tuple(sorted(notices, key=lambda one: one.request)), tuple(altered))


def show_notice(one: Beside, roll: str, zone: ZoneInfo) -> None:
    """Print what a person is told by the roll at an address, as it stands in public, and the command to complain by.

    What the operator's notice says otherwise stands below the value of the public log, never in its place.
    """
    if one.absent:
        _show_absent(one.notice)
        return
    notice = one.compared.notice if one.compared else one.notice
    asked_for = ", ".join(notice.asked)
    who = notice.authority_title or notice.authority
    line(one_line(f"Request {notice.request}, {_value(notice.filed, zone)}: {who} asked for {asked_for}."))
    for name, value in _rows(one, notice, roll, zone).items():
        if value:
            line(f"  {name}: {one_line(value)}")
    if one.fault:
        line(f"  NOT COMPARED with the public log, so this is your operator's word alone: {one_line(one.fault)}.")
    if one.compared is not None:
        _show_otherwise(one.compared)


def _rows(one: Beside, notice: Notice, roll: str, zone: ZoneInfo) -> dict[str, str]:
    complain = command("notice", "complain", notice.request, "--roll", roll, "--word", notice.word).strip("`")
    public = command("request", "show", notice.request, "--roll", roll, "--log-key", "log.pub").strip("`")
    complained = one.public is not None and one.public.complained
    return {
        "of": notice.operator,
        "purpose": notice.purpose,
        "basis": notice.basis,
        "urgency": notice.urgency,
        "decided by": notice.reviewer,
        "approved": ", ".join(notice.approved) or "nothing",
        "given": ", ".join(notice.given) or "nothing",
        "outcome": notice.outcome + (" (annulled: it may not be used)" if notice.annulled else ""),
        "reason": one.public.reason if one.public else "",
        "told later, after": _value(notice.postponed, zone) if notice.postponed else "",
        "told late because": notice.postponed_why,
        "supervisor": f"{notice.supervisor}, {notice.supervised_at}",
        "complained": "yes, once; it stands in public and is final" if complained else "",
        "to complain": "" if complained or not notice.word else f"{complain} (public, without your name, and final)",
        "you can complain until": "" if complained or not notice.word else _until(one, zone),
        "in public": public if one.public else "",
    }


def _until(one: Beside, zone: ZoneInfo) -> str:
    """By when the person can complain, as the public list has it; empty where that does not say."""
    until = msgspec.UNSET if one.public is None else one.public.complain_until
    if isinstance(until, msgspec.UnsetType):
        return ""
    if until is None:
        return "the time to complain is over"
    try:
        return f"{until.astimezone(zone):%Y-%m-%d %H:%M} ({zone.key})"
    except OverflowError:  # the first or last day that there is
        return until.isoformat()


def _show_absent(notice: Notice) -> None:
    line(f"Request {notice.request}: {ABSENT}")
    for name in NAMES:
        if name != "word" and (value := _value(getattr(notice, name))):
            line(f"  the notice says, {_NAMED.get(name, name)}: {one_line(value)}")


def _show_otherwise(compared: Compared) -> None:
    for name, told in compared.otherwise.items():
        if name == "word":
            line(
                "  THE PUBLIC LOG SAYS OTHERWISE: no complaint can be made by the word in this notice. Ask your operator."
            )
            continue
        true, said = (_value(value) or "nothing" for value in (getattr(compared.notice, name), told))
        line(
            f"  THE PUBLIC LOG SAYS OTHERWISE, {_NAMED.get(name, name)}: {one_line(true)}. Your notice says: {one_line(said)}"
        )


_NAMED = {
    "authority_title": "name of the authority",
    "filed": "asked on",
    "asked": "asked for",
    "reviewer": "decided by",
    "operator": "of",
    "postponed": "told later, after",
    "postponed_why": "told late because",
    "supervised_at": "how the supervisor is reached",
}


def _value(value: Any, zone: ZoneInfo | None = None) -> str:
    """A value of a notice in words; a moment as its day in the roll's time zone, or, without one, as it was written."""
    match value:
        case datetime() if zone is None:
            return value.isoformat()
        case datetime():
            try:
                return f"{value.astimezone(zone):%Y-%m-%d}"
            except OverflowError:  # the first or last day that there is
                return value.isoformat()
        case tuple():
            return ", ".join(value)
        case bool():
            return "yes" if value else ""
    return str(value or "")


def add(notices: App) -> None:
    """Add the command by which a person complains."""

    @notices.command
    def complain(
        number: Annotated[int, Parameter(help="The number of the request, as the notice says it.")],
        /,
        *,
        roll: Roll,
        word: Annotated[str, Parameter(help="The word that stands in the notice: it is your right to complain.")],
    ) -> None:
        """Complain about a request that you were told of. It stands in public, without your name, and goes to its reviewer."""
        with asked():
            sent(RollApi(roll), "complaints", {"request": number, "word": word}, dict[str, Any])
        out.print(f"Complained about request {number}.")
