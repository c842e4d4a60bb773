"""The person's own list: what was asked about them, found and opened here with their notice code; and a complaint."""

from datetime import UTC, date
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import msgspec
from cyclopts import App, Parameter

from openroll.cli.key_files import write_private
from openroll.cli.output import fail, line, out
from openroll.cli.requests.at_roll import Roll, asked, sent
from openroll.cli.wiring import Wiring
from openroll.disclosure.notice import OwnNotice, bucket_of, own_notices
from openroll.disclosure.notice_heap import HeapMalformed, heap_of
from openroll.register.exchange.transaction_log import transaction_log
from openroll.register.request.content import ContentUnfit, Notice, read_content
from openroll.watch.roll_api import RollApi
from openroll.watch.source import Unreachable

MONTHS = 24
"""How far back is looked where nothing is said: a notice stands in another heap each month."""
MOST_MONTHS = 1200


class Told(NamedTuple):
    """What a person was told: each notice whole, and the contexts of those that were altered."""

    notices: tuple[Notice, ...]
    altered: tuple[str, ...]


def list_own(wiring: Wiring, secret: bytes, roll: str, since: str, output: Path | None) -> None:
    """Find, open and print a person's notices, or write them down. Raises nothing: what cannot be is a sentence."""
    heaps: dict[int, list[str]] = {}
    for period in _periods(since, wiring.clock().astimezone(UTC).date()):
        heaps.setdefault(bucket_of(secret, period), []).append(period)
    api = RollApi(roll)
    with asked():
        told = _told([one for heap, months in sorted(heaps.items()) for one in _own(api, heap, months, secret)])
    if output is not None:
        taken = transaction_log(told.notices, api.where, told.altered)
        write_private(output, msgspec.json.format(msgspec.json.encode(taken)) + b"\n", "A list")
        out.print(f"Wrote {len(told.notices)} notices to {output}.")
        return
    for notice in told.notices:
        show_notice(notice)
    for context in told.altered:
        line(f"{context}: a notice to you was altered and cannot be read. Ask your operator.")
    if not told.notices and not told.altered:
        line(f"Nothing was told to this code since {since or f'{MONTHS} months ago'}.")


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


def _own(api: RollApi, number: int, months: list[str], secret: bytes) -> list[OwnNotice]:
    path = f"api/v1/notices/{number}"
    try:
        heap = heap_of(api.get(path), months)
    except HeapMalformed as error:
        raise Unreachable(f"{api.where}/{path}", str(error)) from error
    return list(own_notices(heap.notices, secret, [one.verifying for one in heap.senders]))


def _told(found: list[OwnNotice]) -> Told:
    notices, altered = [], []
    for one in found:
        try:
            notices.append(read_content(one.content or b"", Notice))
        except ContentUnfit:
            altered.append(one.context)
    return Told(tuple(sorted(notices, key=lambda one: one.request)), tuple(altered))


def show_notice(notice: Notice) -> None:
    """Print what a person is told."""
    asked_for = ", ".join(notice.asked)
    line(
        f"Request {notice.request}, {notice.filed:%Y-%m-%d}: {notice.authority_title or notice.authority} asked for {asked_for}."
    )
    rows = {
        "of": notice.operator,
        "purpose": notice.purpose,
        "basis": notice.basis,
        "urgency": notice.urgency,
        "decided by": notice.reviewer,
        "approved": ", ".join(notice.approved) or "nothing",
        "given": ", ".join(notice.given) or "nothing",
        "outcome": notice.outcome + (" (annulled: it may not be used)" if notice.annulled else ""),
        "told late because": notice.postponed_why,
        "supervisor": f"{notice.supervisor}, {notice.supervised_at}",
        "to complain": f"openroll notice complain {notice.request} --word {notice.word}",
    }
    for name, value in rows.items():
        if value:
            line(f"  {name}: {value}")


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
