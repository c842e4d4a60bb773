"""What an officer and a reviewer seal: a request, what was missing, a question, what answers it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, NoReturn

from cyclopts import App, Parameter

from openroll.cli.envelopes import read_held
from openroll.cli.key_files import read_bytes
from openroll.cli.output import command, err, fail, out
from openroll.cli.requests.at_roll import (
    NOT_THERE,
    AtRoll,
    KeyFile,
    Log,
    asked,
    hold_own_key,
    json_at,
    log_of,
    request_at,
    sent,
    to_seal_to,
)
from openroll.cli.requests.held_log import BelievedWhole, BesideLog, beside_log
from openroll.cli.requests.read_back import NEVER, Taken, before_at, filed_back, of_request, step
from openroll.cli.requests.rights import Use
from openroll.cli.requests.unanswered import filed_after, say_done
from openroll.cli.table import Rows
from openroll.cli.wiring import Wiring
from openroll.disclosure.envelope import digest, seal
from openroll.register.request.content import (
    MOST_TEXT,
    SALT_BYTES,
    AnswerBack,
    Ask,
    Content,
    Draft,
    Question,
    ask_of,
    context_of,
    text_lack,
)
from openroll.register.request.events import RequestFiled
from openroll.register.request.one_record import Lack
from openroll.register.request.record import Given
from openroll.register.request.words import TEXT
from openroll.watch.requests.proved import Matter, Unproved
from openroll.watch.roll_api import Declined, RollApi
from openroll.watch.source import Unreachable

_Number = Annotated[int, Parameter(help="The number of the request.")]
_Key = Annotated[Path, Parameter(help="Your organisation's key, as `openroll envelope new-key` made it.")]
_Text = Annotated[Path, Parameter(help="A file with the text; - for standard input.")]

SAID = {
    "missing": "it is not there",
    "long": "it is too long",
    "hidden": "it holds a character that nobody sees",
    "several": "it means several records; a request is about one",
    "range": "it means a range of records; a request is about one",
    "pattern": "it is a pattern; a request is about one record",
    "form": "it is written otherwise than asked",
    "no-digit": "a number has a digit; this could be a name",
    "second": "the second is missing, as 2026-11-01T10:00:00",
    "ambiguous": "that hour came twice in this zone: give the offset, as +08:00",
    "impossible": "there was no such moment in this zone",
    "future": "it lies in the future",
    "names-somebody": "it names somebody; a role is asked for",
}
"""What is missing or wrong, in words (`one_record.WHY`)."""


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Asked:
    """What the envelope of a request holds."""

    by: Annotated[Literal["subscription", "code", "domain", "address"], Parameter(help="How the one record is named.")]
    record: Annotated[
        str, Parameter(help="The operator's number of the subscription, or a filing code, domain, address.")
    ]
    at_time: Annotated[str, Parameter(help="For an address: when, to the second, as 2026-11-01T10:00:00.")] = ""
    zone: Annotated[str, Parameter(help="For an address: the time zone of that clock, as Asia/Shanghai or +08:00.")] = (
        ""
    )
    port: Annotated[str, Parameter(help="For an address: the port.")] = ""
    grounds: _Text
    basis: Annotated[str, Parameter(help="The article or order relied on in this case.")]
    case: Annotated[str, Parameter(help="Your case reference. The log has a salted digest of it.")]
    officer: Annotated[str, Parameter(help="The role of who asks, never a name.")]


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Whom:
    """Of whom one asks, under which right, and for what."""

    use: Annotated[int, Parameter(help="The number of your authority's registered use.")]
    operator: Annotated[str, Parameter(help="The operator that is asked.")]
    reviewer: Annotated[str, Parameter(help="The other body that decides.")]
    field: Annotated[list[str], Parameter(help="A field that is asked for; --field again for more.")]
    urgency: Literal["ordinary", "emergency"] = "ordinary"
    desired: Annotated[
        Literal["now", "preserve", "produce"],
        Parameter(help="now; preserve, that nothing is given yet; produce what --earlier had preserved."),
    ] = "now"
    earlier: Annotated[int | None, Parameter(help="The request that had it preserved.")] = None
    objector: Annotated[str, Parameter(help="The third body, where the procedure has one.")] = ""


def add(group: App, wiring: Wiring) -> None:
    """Add the commands."""
    _add_file(group, wiring)
    _add_complete(group, wiring)
    _add_questions(group)


def _add_file(group: App, wiring: Wiring) -> None:
    @group.command(name="file")
    def file_request(
        *,
        at: AtRoll,
        believed: BelievedWhole,
        key: _Key,
        whom: Whom,
        said: Asked,
        dry_run: Annotated[bool, Parameter(negative="", help="Check everything, and file nothing.")] = False,
    ) -> None:
        """As an officer: ask an operator for fields of one record. What names it is sealed here, before anything is sent."""
        ask = _ask(said, wiring)
        key_file, api = KeyFile(key, read_held(key)), at.api()
        with asked():
            log = log_of(api, believed)
            authority = _authority(api, whom.use)
            filed = {
                "use": whom.use,
                "operator": whom.operator,
                "reviewer": whom.reviewer,
                "fields": whom.field,
                "case_digest": ask.case_digest,
            }
            readers = [authority, whom.reviewer, whom.operator, whom.objector]
            own = _Own(key_file, beside_log(believed.log, believed))
            envelope = _sealed(
                api, log, ask, readers, own, context_of(log.origin, filed | {"authority": authority}, "ask")
            )
            rest = {
                "urgency": whom.urgency,
                "desired": whom.desired,
                "earlier": whom.earlier,
                "objector": whom.objector,
            }
            body = filed | rest | {"envelope": envelope, "dry_run": dry_run}
            before = before_at(api, log, whom.earlier, at.token.parent)
            taken = _sent(api, body, authority, digest(envelope))
            if not dry_run:
                filed_back(
                    api,
                    _filed(body, envelope, taken),
                    before,
                    of_request(api, log, taken.number, "file", at.token.parent),
                )
        if dry_run:
            out.print("It is complete and would be taken. Nothing was filed.")
        else:
            show = command("request", "show", taken.number, "--roll", at.roll, *believed.words())
            out.print(f"Filed as request {taken.number}. {show} follows it.", soft_wrap=True)


def _sent(api: RollApi, body: dict[str, Any], authority: str, envelope: str) -> Taken:
    """File a request. Raises Declined, Unreachable: and nothing of it is listed."""
    try:
        return sent(api, "requests", body, Taken)
    except (Declined, Unreachable) as error:
        if body["dry_run"]:
            raise
        number, by = filed_after(error, api, authority, envelope)
        say_done(error, f"request {number} was sent", f", by {by}")
        return Taken(by, number)


def _filed(body: dict[str, Any], envelope: bytes, taken: Taken) -> RequestFiled:
    """The fact that a filing makes, as far as it is the officer's."""
    said = {name: value for name, value in body.items() if name not in ("envelope", "dry_run", "fields")}
    fields = tuple(dict.fromkeys(body["fields"]))
    of: dict[str, Any] = {"request": taken.number, "at": NEVER, "by": taken.by, "rule": "", "procedure": ""}
    return RequestFiled(authority=taken.organisation, fields=fields, envelope=digest(envelope), **said, **of)


def _authority(api: RollApi, use: int) -> str:
    try:
        found = json_at(api, f"uses/{use}", Use)
    except Declined as error:
        if error.status != NOT_THERE:
            raise
        fail(f"no use {use} is registered: {command('request', 'uses', '--roll', api.where)} lists those that are.", 1)
    if found.number != use:
        raise Unproved(f"asked for use {use}, it gives use {found.number}")
    return found.organisation


def _ask(said: Asked, wiring: Wiring) -> Ask:
    """What is asked, complete; or everything that it lacks, and the end."""
    grounds = _text_of(said.grounds)
    given = Given(said.by, said.record, said.at_time, said.zone, said.port)
    draft = Draft(given, grounds, said.basis, said.case, said.officer)
    ask = ask_of(draft, wiring.random(SALT_BYTES), wiring.clock())
    return ask if isinstance(ask, Ask) else _lacks(ask)


def _lacks(lacks: tuple[Lack, ...]) -> NoReturn:
    table = Rows("what", "why", title="The request is not complete", lined=False)
    for one in lacks:
        table.add_row(one.field, SAID.get(one.why, one.why))
    err.print(table)
    fail("nothing was sent. Put right what is named.", 1)


def _text_of(path: Path) -> str:
    data = read_bytes(path, 8 * MOST_TEXT)
    try:
        return data.decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        fail(f"{path}: this is not UTF-8 text.")


class _Own(NamedTuple):
    """One's own key, and the keys of everybody as an own reading of the log has them."""

    key: KeyFile
    in_log: BesideLog | None


def _sealed(api: RollApi, log: Log, content: Content, readers: list[str], own: _Own, context: str) -> bytes:
    """An envelope to the keys of these organisations that the log proves; one's own organisation is among them."""
    hold_own_key(api, readers, log, own.key, own.in_log)
    return seal(content.encoded(), to_seal_to(api, readers, log), own.key.held.signing, context, pad_to=TEXT)


def _add_complete(group: App, wiring: Wiring) -> None:
    @group.command
    def complete(number: _Number, /, *, at: AtRoll, believed: BelievedWhole, key: _Key, said: Asked) -> None:
        """As an officer: send a request anew that was returned, whole. Its case stays what it was."""
        ask = _ask(said, wiring)
        key_file, api = KeyFile(key, read_held(key)), at.api()
        with asked():
            log = log_of(api, believed)
            matter = request_at(api, number, log).matter
            request = matter.request
            readers = [request.authority, request.reviewer, request.operator, request.objector]
            own = _Own(key_file, beside_log(believed.log, believed, matter))
            envelope = _sealed(api, log, ask, readers, own, _context(log, matter, "complete"))
            step(at, number, {"act": "complete", "envelope": envelope}, log)
        out.print(f"Request {number}: completed. Sealed to {_all_of(readers)}.", soft_wrap=True)


def _add_questions(group: App) -> None:
    @group.command
    def ask_back(number: _Number, /, *, at: AtRoll, believed: BelievedWhole, key: _Key, text: _Text) -> None:
        """As a reviewer: ask the officer something, sealed to both of you."""
        question = Question(text=_checked(_text_of(text)))
        readers = _between(number, at, believed, key, question, "ask-back")
        out.print(f"Request {number}: asked back. Sealed to {readers}.", soft_wrap=True)

    @group.command
    def answer_back(number: _Number, /, *, at: AtRoll, believed: BelievedWhole, key: _Key, text: _Text) -> None:
        """As an officer: answer what the reviewer asked."""
        readers = _between(number, at, believed, key, AnswerBack(text=_checked(_text_of(text))), "answer-back")
        out.print(f"Request {number}: answered back. Sealed to {readers}.", soft_wrap=True)


def _checked(text: str) -> str:
    if lacks := text_lack("text", text):
        _lacks(lacks)
    return text


def _between(number: int, at: AtRoll, believed: BelievedWhole, key: Path, content: Content, act: str) -> str:
    """Seal something between officer and reviewer, and send it; whoever can read it, by name."""
    key_file, api = KeyFile(key, read_held(key)), at.api()
    with asked():
        log = log_of(api, believed)
        matter = request_at(api, number, log).matter
        own = _Own(key_file, beside_log(believed.log, believed, matter))
        readers = [matter.request.authority, matter.request.reviewer]
        envelope = _sealed(api, log, content, readers, own, _context(log, matter, act))
        step(at, number, {"act": act, "envelope": envelope}, log)
    return _all_of(readers)


def _all_of(readers: list[str]) -> str:
    """Whoever can read what was sealed, by name."""
    return ", ".join(dict.fromkeys(filter(None, readers)))


def _context(log: Log, matter: Matter, part: str) -> str:
    filed = matter.filed
    said = {name: getattr(filed, name) for name in filed.__struct_fields__}
    return context_of(log.origin, said, part)
