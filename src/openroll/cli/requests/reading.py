"""Taking a request's envelopes into a folder, and reading them there: with an answer held against the log, offline."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

import msgspec
from cyclopts import App, Parameter

from openroll.cli.envelopes import read_held
from openroll.cli.output import SECONDS, clock_time, command, err, line, one_line, out, quoted
from openroll.cli.requests.at_roll import (
    AtRoll,
    Believed,
    asked,
    json_at,
    log_of,
    request_at,
    sent,
    served_keys,
    size_of,
)
from openroll.cli.requests.folder import Folder, Opened, RollSaid, read_folder, tried, write_folder
from openroll.cli.requests.held_log import FactsInLog, Where, fact_said, read_whole
from openroll.cli.requests.read_back import Act, look_after, of_request, served_before, taken_back
from openroll.cli.requests.resting import REMEDY, asked_last, missing_in, missing_said, parties, unopened
from openroll.cli.requests.signing import signatures_said
from openroll.disclosure.envelope import digest
from openroll.register.request.checked import Checked, Expected, LogPosition, checked, fact_of
from openroll.register.request.commands import OpenRequest
from openroll.register.request.content import Answer, AnswerBack, Ask, ContentUnfit, Question, read_ask, read_content
from openroll.register.request.record import ByAddress, ByCode, ByDomain, BySubscription, RecordSaid
from openroll.register.request.sealed_parts import ASKS, missing, replaced, sealed_in
from openroll.register.request.turns import part_of
from openroll.tlog import Proved
from openroll.watch.requests.proved import Key, Matter, organisation_of
from openroll.watch.requests.read_back import Before
from openroll.watch.roll_api import Declined, RollApi
from openroll.watch.source import Unreachable

FAULTS = {
    "receipt": "a receipt proves nothing",
    "no-receipt": "no receipt says what was filed",
    "other-operator": "the record is another operator's",
    "other-record": "it is of another record",
    "other-number": "it is not of the number that was asked about, or no number was asked about",
    "erased": "the record was erased",
    "form": "a disclosure is none",
    "altered": "it is not what was filed: altered, or made up",
    "superseded": "it was corrected or changed since",
    "not-approved": "nobody approved it",
    "twice": "it is given twice",
    "missing": "it was approved, and is neither given nor explained",
    "not-announced": "the public answer does not say so",
    "contradicts": "the answer contradicts itself",
}
"""What is wrong with an answer, in words (`checked.FAULTS`)."""
_UNTOLD = ("digests", "added", "dropped", "rule", "record")
YOUR_KEY = "YOUR.key"
"""What stands in a command for one's own key file, where this one was not given it."""
FolderPath = Annotated[Path, Parameter(help="The folder that `openroll request take` made.")]
Keys = Annotated[list[Path], Parameter(help="Your organisation's key; --key again for older ones.")]


class _Part(msgspec.Struct):
    part: str
    organisation: str
    envelope: bytes


class _Taken(msgspec.Struct):
    envelopes: list[_Part]
    by: str
    before: bool


class _Lost(msgspec.Struct, frozen=True):
    lost: tuple[str, ...] = ()


class _Served(msgspec.Struct, frozen=True):
    request: _Lost = _Lost()


def add(group: App) -> None:
    """Add the commands."""
    _add_take(group)
    _add_read(group)


def _add_take(group: App) -> None:
    @group.command
    def take(
        number: int,
        /,
        *,
        at: AtRoll,
        believed: Believed,
        output: Annotated[Path, Parameter(name=["--output", "-o"], help="The folder to make.")],
    ) -> None:
        """Take a request with the envelopes that are sealed to you, when it is your turn. That you took them stands in the log.

        Parameters
        ----------
        number
            The number of the request.
        """
        api = at.api()
        with asked():
            log = log_of(api, believed)
            size = size_of(api, log, at.token.parent)
            before = request_at(api, number, log)
            act = of_request(api, log, number, "take", at.token.parent)
            taken = _take(api, number, served_before(before.data, size), act)
            parts = taken.envelopes
            keys = [one for name in _bodies(before.matter) for one in served_keys(api, name)]
            country = json_at(api, "rule", RollSaid).country
            said = RollSaid(country, json_at(api, "log", RollSaid).before)
        # What was served before they were taken: that this was so has its place in the log a moment later.
        write_folder(output, before.data, keys, log.history, [(one.part, one.envelope) for one in parts], said)
        say_lost(before.data)
        _say_not_given(before.matter, [one.envelope for one in parts])
        read_it = command("request", "read", output, "--key", YOUR_KEY, *believed.words())
        many = "1 envelope" if len(parts) == 1 else f"{len(parts)} envelopes"
        out.print(f"Wrote {many} to {output}. {read_it} opens {'it' if len(parts) == 1 else 'them'}.", soft_wrap=True)
        with asked():
            taken_back(api, number, served_before(before.data, size), act, taken.by, taken.before)


def _take(api: RollApi, number: int, before: Before, act: Act) -> _Taken:
    """Take the envelopes. Raises Declined, Unreachable, with what the log has of it."""
    try:
        return sent(api, f"requests/{number}/envelopes", {}, _Taken)
    except (Declined, Unreachable) as error:
        look_after(error, api, OpenRequest(request=number), before, act)
        raise


def _bodies(matter: Matter) -> list[str]:
    """Whoever sealed something in a request, or opens it: by their keys it is known who signed, and whose a key is."""
    filed = matter.filed
    bodies = {filed.authority, filed.reviewer, filed.operator, filed.objector, *(heir for _, heir in matter.heirs)}
    return sorted((bodies | {organisation_of(fact) for fact in matter.facts}) - {""})


def _say_not_given(matter: Matter, given: list[bytes]) -> None:
    """Say which asks the log names and the roll did not give: they are sealed to every body. Whose the rest is `read` knows."""
    there = {digest(one) for one in given}
    for one in missing(sealed_in(matter.facts), ["operator"], there):
        line(f"NOT GIVEN by the roll: the log names `{one.part}` of {clock_time(matter.facts[one.place].at, SECONDS)}.")


def say_lost(served: bytes) -> None:
    """Say what was sealed in a request, as the roll serves it, and is gone."""
    lost = msgspec.json.decode(served, type=_Served).request.lost
    if lost:
        line(
            f"Lost to the roll, as its database went back or they were taken out: {', '.join(lost)}. The log has their digests"
            " alone; whoever took them before has them."
        )


def _add_read(group: App) -> None:
    @group.command
    def read(folder: FolderPath, /, *, key: Keys, believed: Believed, log: Where = "") -> None:
        """Read what was taken, and check an answer against the digests the register has held since the filing. Needs no network.

        Ends with status 1 where an answer does not hold, where nothing proves that a value stood on this record when it was asked
        about or is of the number that was asked by, or where an envelope is not what should stand there, or is missing though
        the log names it; the others are shown. With --log also where the log has more of the request than the roll gave.
        """
        held = [read_held(path) for path in key]
        with asked():
            found = read_folder(folder, believed)
            parts = tried(found, held)
            request = found.matter.request
            line(
                f"Request {request.number}: {request.authority} asks {request.operator} for {', '.join(request.fields)}."
            )
            for said in signatures_said(found.matter, found.log, lambda name: _keys_in(found, name)):
                line(f"  {said}")
            cases = case_faults(found, parts)
            lacking = _say_missing(found, parts, parties(found, held))
            hidden = _say_hidden(found, log, believed)
            shown = [_shown(found, one, asked_last(found, parts)) for one in parts]
            for said in cases:
                line(f"  WRONG, the case: {said}.")
        if not parts:
            line("Nothing in it is sealed to this key.")
        if request.annulled:
            line("This request was annulled: what was given may not be used.")
        if cases or lacking or hidden or not all(shown):
            raise SystemExit(1)


def _keys_in(folder: Folder, organisation: str) -> list[Key]:
    return [one for one in folder.keys if one.organisation == organisation]


def _say_hidden(folder: Folder, where: str, believed: Believed) -> bool:
    """Say what a log has of the request and the roll did not give, what it gave that is nobody's act, or that nobody looked.

    Whether anything rests on that.
    """
    if not where:
        err.print(NOT_LOOKED_AT, soft_wrap=True)
        return False
    facts = FactsInLog(folder.matter.request.number)
    head = read_whole(where, believed, facts.take)
    left_out, since = facts.hidden(folder.matter.facts)
    nobodys = facts.unbelieved(folder.matter.facts)
    for fact, why in nobodys:
        line(
            f"  NOT BELIEVED: the roll gave {fact_said(fact)}, and by the rest of the log nobody did who may: {one_line(why)}."
        )
    if facts.left_out.count:
        err.print(one_line(str(facts.left_out)), soft_wrap=True)
    for fact in left_out:
        line(f"  HIDDEN: the log has {fact_said(fact)} before what the roll gave last, and the roll left it out.")
    for fact in since:
        line(f"  MORE: the log has {fact_said(fact)}, which came later, or was left out. Take the request again.")
    if not left_out and not since and not nobodys:
        err.print(f"All {head.size:,} entries of the log have nothing more of it.", soft_wrap=True)
    return bool(left_out or nobodys) or any(part_of(fact) is not None for fact in since)


NOT_LOOKED_AT = (
    "Not looked at: whether the log has more of this request than the roll gave, such as that it was returned and sent anew."
    " --log with the roll's address, or a mirror's, reads all of the log."
)
"""What is not known of a request that the roll gave."""


def _say_missing(folder: Folder, parts: list[Opened], of: Sequence[str]) -> bool:
    """Say what the log names for these parties and is not read here; whether there is any."""
    lacking = missing_in(folder, of)
    for one in lacking:
        line(f"  MISSING, {missing_said(folder, one)}.")
    if lacking:
        line(f"  Rest on nothing here without it. {REMEDY}.")
    closed = unopened(folder, parts, of) if parts else []
    for one in closed:
        line(
            f"  NOT OPENED, `{one.part}`: it was sent last, and is not sealed to these keys. Give your others by --key besides."
        )
    return bool(lacking or closed)


def _shown(folder: Folder, one: Opened, ask: Ask | None) -> bool:
    """Show what stands in an envelope, and whether it is what should stand there and holds. `ask`: what was asked, if known."""
    try:
        if one.fault:
            raise ContentUnfit(f"it does not open: {one.fault}")
        if one.part == "answer":
            return _show_answer(folder, one, ask)
        _show(one, replaced=replaced(sealed_in(folder.matter.facts), one.place))
    except ContentUnfit as error:
        line("", f"{one.organisation or 'the person'} ({one.part}):", f"  WRONG: {error}.")
        return False
    return True


def _show(one: Opened, *, replaced: bool = False) -> None:
    who = one.organisation or "the person"
    if one.part in ASKS:
        ask = read_ask(one.content)
        line("", f"{who} ({one.part}{', REPLACED by what was sent anew' if replaced else ''}):")
        _show_ask(ask)
    elif one.part == "ask-back":
        line("", f"{who} asks back:", *quoted(read_content(one.content, Question).text))
    elif one.part == "answer-back":
        line("", f"{who} answers back:", *quoted(read_content(one.content, AnswerBack).text))
    else:
        line("", f"{who} ({one.part}):", *quoted(one.content.decode("utf-8", errors="replace")))


def _show_ask(ask: Ask) -> None:
    line(f"  record:  {record_said(ask.record)}", f"  basis:   {ask.basis}", f"  case:    {ask.case}")
    line(f"  officer: {ask.officer}", "  grounds:", *quoted(ask.grounds))


def record_said(record: RecordSaid) -> str:
    """How an ask names its record."""
    match record:
        case BySubscription():
            return f"subscription {record.number}"
        case ByCode():
            return f"filing code {record.code}"
        case ByDomain():
            return f"domain {record.domain}"
        case ByAddress():
            return f"address {record.address}, port {record.port}, at {record.at} {record.zone}"


def case_faults(folder: Folder, parts: Iterable[Opened]) -> list[str]:
    """What is wrong with the case that an authority sealed: the log has its digest, and who sends anew does not change it."""
    asks = readable_asks(parts)
    first = next((ask for part, ask in asks if part == "ask"), None)
    if first is None:
        return ["what was sent first cannot be read"] if any(one.part == "ask" for one in parts) else []
    other = (
        []
        if first.case_digest == folder.matter.filed.case_digest
        else ["its digest is not the one that stands in the log"]
    )
    return other + [f"sent anew it is another, {ask.case}" for _, ask in asks if ask.case != first.case]


def readable_asks(parts: Iterable[Opened]) -> list[tuple[str, Ask]]:
    """What was asked, and asked anew, as far as it can be read; each with its part."""
    found = []
    for one in parts:
        if one.part in ASKS and not one.fault:
            with suppress(ContentUnfit):
                found.append((one.part, read_ask(one.content)))
    return found


def expected(folder: Folder) -> Expected:
    """What an answer in a folder is held against: what the log proves of the request."""
    request, asked_of = folder.matter.request, folder.matter.filed.operator
    heirs, placed = folder.matter.heirs, folder.matter.placed
    asked_at = None if placed is None else LogPosition(*placed)
    return Expected(asked_of, request.approved or (), request.answered, request.given, heirs, asked_at)


def number_in(ask: Ask | None) -> str | None:
    """The number that an ask names; empty where it names its record otherwise, None where what was asked is not known."""
    if ask is None:
        return None
    return ask.record.number if isinstance(ask.record, BySubscription) else ""


def _show_answer(folder: Folder, one: Opened, ask: Ask | None) -> bool:
    """Show an answer and whether it holds."""
    answer = read_content(one.content, Answer)
    number = number_in(ask)
    held_against = _at_the_time(folder, one)._replace(number=number)
    result = checked(answer, held_against, folder.log.keys, folder.log.policy)
    proved = result.proved and (number is not None or not result.values)
    line("", f"{one.organisation} answers ({answer.outcome}):")
    _show_values(answer, result)
    show_faults(result)
    if result.good:
        unaltered = "unaltered since it was filed, " if proved else ""
        line(f"Checked: {unaltered}complete, and no field under seal but those that were approved.")
        show_unsure(result)
        if result.values:
            show_whose(answer, number)
        show_public(result)
    return proved


def show_given(answer: Answer, result: Checked) -> None:
    """Show what an answer gives and what it does not, before it is sent."""
    line(f"({answer.outcome}):")
    _show_values(answer, result)


def _show_values(answer: Answer, result: Checked) -> None:
    for name, value in result.values.items():
        line(f"  {one_line(name)}: {one_line(value)}")
    for name, why in sorted(answer.withheld.items()):
        line(f"  {one_line(name)}: not given ({why})")


def show_whose(answer: Answer, number: str | None) -> None:
    """Say by what it is known, or not, whose record an answer is of."""
    if number is None:
        line(
            "  NOT PROVED: that it is of the number that was asked about. What was asked does not open here: give the key that it"
            " was sealed to by --key besides."
        )
    elif not number:
        line(
            "Whose record this is, is the operator's word: no receipt shows whose a filing code, a domain or an address was."
        )
    elif answer.number:
        line(f"Filed under the number {one_line(answer.number)}.")


def show_unsure(result: Checked) -> None:
    """Say of each value what is not proved of it: that it is this record's, that it was when it was asked about, and whose."""
    for name in result.unproved:
        line(
            f"  NOT PROVED, {one_line(name)}: the operator filed this value. That it is of this record no receipt shows: the"
            " entry that has it is from before entries named their record."
        )
    for name in result.late:
        line(
            f"  LATE, {one_line(name)}: no receipt shows that it stood on the record when this was asked. It may have been"
            " filed since."
        )
    for name in result.unopened:
        line(
            f"  NOT PROVED, {one_line(name)}: that it is of the number that was asked about. Nothing shows under which number it"
            " was filed."
        )


def show_public(result: Checked) -> None:
    """Say what the receipts of an answer show of its record: it is public in the register, and nobody approved it apart."""
    if result.receipts:
        line("The receipts show besides, whatever was approved, what the register holds of the record in public:")
    for one in result.receipts:
        unnamed = " (that it is of this record is not proved)" if one.index in result.unnamed else ""
        line(f"  {_public(one)}{unnamed}")


def _public(receipt: Proved) -> str:
    """A fact of a record, its digests left out: of what nobody opens they tell nothing.

    By the entry of its filing a record is told from any other; a handle that its operator gave up may call another one later.
    """
    fact = fact_of(receipt.entry.kind, receipt.body)
    names = [] if fact is None else [name for name in fact.__struct_fields__ if name not in _UNTOLD]
    told = [f"{name}: {one_line(str(value))}" for name in names if (value := getattr(fact, name)) not in ("", None)]
    return ", ".join([f"{receipt.entry.kind} of {receipt.entry.day}, entry {receipt.index}", *told])


def _at_the_time(folder: Folder, one: Opened) -> Expected:
    """What the answer said of itself in public when it was given: what came of the request later is another matter."""
    fact: Any = folder.matter.facts[one.place]
    return expected(folder)._replace(outcome=fact.outcome, given=fact.fields)


def show_faults(result: Checked) -> None:
    """Say everything that is wrong with an answer."""
    for fault in result.faults:
        detail = f" ({fault.detail})" if fault.detail else ""
        line(f"  WRONG, {one_line(fault.field) or 'the answer'}: {FAULTS.get(fault.why, fault.why)}{one_line(detail)}")
