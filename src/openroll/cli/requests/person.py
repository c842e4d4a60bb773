"""The person's own list: what was asked about them, found and opened here with their notice code; and a complaint."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any, NamedTuple
from zoneinfo import ZoneInfo

import msgspec
from cyclopts import App, Parameter

from openroll.cli.key_files import write_private
from openroll.cli.output import command, err, fail, line, one_line, out
from openroll.cli.requests.at_roll import Believed, Roll, asked
from openroll.cli.requests.heaps import Looked, Told, heaps_of, heaps_of_roll, hold_heaps, look, origins_of
from openroll.cli.requests.public_part import ABSENT, Beside, LookedInto, as_json, beside, public_part
from openroll.cli.requests.read_back import HeldBy, complain_read_back
from openroll.cli.roll_time import zone_named
from openroll.cli.wiring import Wiring
from openroll.disclosure.notice import OwnNotice
from openroll.register.exchange.transaction_log import transaction_log
from openroll.register.request.compared import NAMES, Compared, as_in_public
from openroll.register.request.content import ContentUnfit, Notice, read_notice
from openroll.watch.roll_api import RollApi

MONTHS = 24
"""How far back is looked where nothing is said."""
MOST_MONTHS = 1200
GONE = (
    "The log says that somebody was told, and no heap has the notice, which may be one to you: ask your operator, or the"
    " supervisor of that use. It is of"
)
MOVED = (
    "The roll gives out a notice under another month or another request than its log has, so that its person would not find it"
    " (here it was tried as the log has it): tell the supervisor of that use. It is of"
)


class Opened(NamedTuple):
    """What a person was told: each notice whole, the contexts of those that were altered, and of those of which no key that is
    known says who signed them."""

    notices: tuple[Notice, ...]
    altered: tuple[str, ...]
    unsigned: tuple[str, ...]


def list_own(
    wiring: Wiring, secret: bytes, roll: str, since: str, output: Path | None, believed: Believed | None = None
) -> None:
    """Find, open and print a person's notices beside what stands in public, or write them down; what cannot be is a sentence.

    A heap that cannot be read hides none of the others: it is said at the end, with status 2, as is what could not be compared.
    Status 1 where the public log says otherwise, or says that somebody was told in a notice that is not given out. Where acts in
    requests were left out of what its log says, as whoever they name may not do them, nobody says that nothing was told: 2.
    """
    periods = _periods(since, wiring.clock().astimezone(UTC).date())
    api = RollApi(roll)
    with asked():
        served = heaps_of_roll(api)
        into = LookedInto(periods[0], periods[-1], served.months)
        public = public_part(api, into, wiring.clock, believed)
        hold_heaps(served.heaps, public)
        heaps = heaps_of(secret, periods, served.heaps, public, wiring.random)
        told = Told(public, into, origins_of(api, believed, public), believed, wiring.clock)
        looked = look(api, served.heaps, heaps, secret, told)
    opened = _opened(looked.own)
    compared = _compared(opened, looked)
    unknown, left_out = _not_looked_at(looked, compared, opened), looked.public.left_out
    unsure = [*unknown, *([str(left_out)] if left_out is not None and left_out.in_requests else ())]
    if output is not None:
        _write(compared, opened.altered, looked, unsure, api.where, output)
    else:
        for one in compared:
            show_notice(one, api.where, zone_named(served.zone))
        for context in opened.altered:
            line(f"{one_line(context)}: a notice to you was altered and cannot be read. Ask your operator.")
        if not compared and not opened.altered and not unsure:
            line(f"Nothing was told to this code since {since or f'{MONTHS} months ago'}.")
    _end(compared, looked, unknown)


def _compared(opened: Opened, looked: Looked) -> list[Beside]:
    """Each notice beside what stands in public, by the numbers of the requests; what is the person's by its word alone is told as
    it stands there."""
    found = [beside(one, looked.public) for one in opened.notices]
    for number in looked.by_word.keys() - {one.request for one in opened.notices}:
        request = looked.public.requests[number]
        notice = as_in_public(request, looked.public.uses.get(request.use), looked.by_word[number])
        found.append(beside(notice, looked.public))
    return sorted(found, key=lambda one: one.notice.request)


def _not_looked_at(looked: Looked, compared: list[Beside], opened: Opened) -> list[str]:
    """What could not be looked at, each as a sentence: then nobody can say that nothing else was told."""
    unknown = []
    if looked.public.fault:
        unknown.append(
            "What stands in public could not be read, so nobody can say whether a notice to you is missing, try again in a"
            f" minute: {looked.public.fault}."
        )
    if looked.public.unlogged:
        unknown.append(
            "Listed, and not in the log yet, so the roll's word alone, look again in a minute:"
            f" {', '.join(looked.public.unlogged)}."
        )
    if uncompared := [str(one.notice.request) for one in compared if one.fault]:
        unknown.append(f"Not compared with the public log: request {', '.join(uncompared)}.")
    if opened.altered:
        unknown.append(
            "Sealed to you, and not read, as it was altered, or sealed as no notice:"
            f" {', '.join(opened.altered)}. Ask your operator."
        )
    if opened.unsigned:
        by_log = looked.public.signers is not None
        whose = "that the log has of its operator signed it" if by_log else "that the roll gives with it signed it"
        ask = "Ask your operator" if by_log else "With --log-key the keys are taken from the log"
        unknown.append(f"Sealed to you, and not shown, as no key {whose}: {', '.join(opened.unsigned)}. {ask}.")
    if looked.lost:
        unknown.append(f"{len(looked.lost)} of the heaps could not be read, try again in a minute: {looked.lost[0]}.")
    return unknown


def _end(compared: list[Beside], looked: Looked, unknown: list[str]) -> None:
    """Say what is wrong, and end with 2 where something could not be looked at, with 1 where the public log says otherwise, and
    with 2 where that log has acts in requests that are not believed."""
    wrong = [str(one.notice.request) for one in compared if one.absent or (one.compared and one.compared.otherwise)]
    if wrong:
        err.print(f"Told otherwise than it stands in the public log: request {', '.join(wrong)}.", soft_wrap=True)
    if looked.gone:
        err.print(f"{GONE} request {', '.join(map(str, looked.gone))}.", soft_wrap=True)
    if looked.otherwise:
        err.print(f"{MOVED} request {', '.join(map(str, looked.otherwise))}.", soft_wrap=True)
    for sentence in unknown:
        err.print(one_line(sentence), soft_wrap=True)
    left_out = looked.public.left_out
    if left_out is not None and left_out.count:
        err.print(one_line(str(left_out)), soft_wrap=True)
    if unknown:
        raise SystemExit(2)
    if wrong or looked.gone or looked.otherwise:
        raise SystemExit(1)
    if left_out is not None and left_out.in_requests:
        raise SystemExit(2)


def _write(
    found: list[Beside], altered: tuple[str, ...], looked: Looked, unknown: list[str], where: str, output: Path
) -> None:
    """Write the notices as they stand in public, and beside them what was told otherwise, what is not given out, and what could
    not be looked at: an empty list of which nobody knows whether it is whole is not written."""
    notices = [one.compared.notice if one.compared else one.notice for one in found if not one.absent]
    if unknown and not found and not altered:
        err.print("No list was written: nothing was found, and not everything could be looked at.", soft_wrap=True)
        return
    more = {"notGivenOut": looked.gone, "givenOutOtherwise": looked.otherwise, "notWhole": unknown}
    taken = transaction_log(notices, where, altered) | as_json(found) | {name: row for name, row in more.items() if row}
    write_private(output, msgspec.json.format(msgspec.json.encode(taken)) + b"\n", "A list")
    out.print(f"Wrote {len(notices)} notices to {output}{', which is not the whole list' if unknown else ''}.")


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


def _opened(found: Iterable[OwnNotice]) -> Opened:
    notices, altered, unsigned = [], [], []
    for one in found:
        if one.content is None and one.reason == "signer-unknown":
            unsigned.append(one.context)
            continue
        try:
            notices.append(read_notice(one.content or b"", one.context))
        except ContentUnfit:
            altered.append(one.context)
    return Opened(tuple(sorted(notices, key=lambda one: one.request)), tuple(altered), tuple(unsigned))


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
        held_by: HeldBy | None = None,
    ) -> None:
        """Complain about a request that you were told of. It stands in public, without your name, and goes to its reviewer."""
        with asked():
            complain_read_back(RollApi(roll), number, word, held_by)
        out.print(f"Complained about request {number}.")
