"""The operator's side: answer a request from its own files, and tell the person in a notice that they alone open."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, NamedTuple, NoReturn

import msgspec
from cyclopts import App, Parameter

from openroll.cli.envelopes import read_held
from openroll.cli.handles import read_key
from openroll.cli.output import command, fail, line, out
from openroll.cli.requests.answered_record import Mine, answered_handle, note_answered, record_meant, record_told
from openroll.cli.requests.at_roll import (
    AtRoll,
    KeyFile,
    asked,
    hold_own_key,
    json_at,
    sent,
    to_seal_to,
)
from openroll.cli.requests.folder import Folder, context, opened, read_folder
from openroll.cli.requests.held_log import BelievedWhole, beside_log
from openroll.cli.requests.read_back import HeldBy, step
from openroll.cli.requests.reading import (
    FolderPath,
    Keys,
    case_faults,
    expected,
    number_in,
    show_faults,
    show_given,
    show_public,
    show_unsure,
    show_whose,
)
from openroll.cli.requests.resting import (
    anew,
    asked_last,
    hold_rested_on,
    missing_in,
    missing_said,
    operators,
)
from openroll.cli.requests.rights import Use
from openroll.cli.requests.signing import Trusted, hold_signed, pinned
from openroll.disclosure import Disclosure
from openroll.disclosure.envelope import HeldKey, most_content, seal
from openroll.disclosure.notice import bucket_of, nobody_secret, notice_secret, seal_notice, word_of
from openroll.register.request.checked import Checked, LogPosition, checked
from openroll.register.request.content import Answer, Ask, Notice, complaint_digest, notice_context
from openroll.register.request.needed import fewest
from openroll.register.request.state import Request
from openroll.register.request.telling import AskedUnder, notice_of
from openroll.register.request.turns import may_be_nobody
from openroll.register.request.words import ANSWER, NOT_GIVING, NOTICE
from openroll.register.subscription.handle import handle_of
from openroll.sheet.disclosed import OwnRecord, Unfound, openings_of, receipts_of, take
from openroll.watch.requests.proved import use_of
from openroll.watch.roll_api import RollApi


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Sending:
    """Whether an answer that holds is sent."""

    although_not_proved: Annotated[
        bool, Parameter(negative="", help="Send also what was shown to be NOT PROVED or LATE.")
    ] = False
    trust_the_log: Annotated[
        bool,
        Parameter(
            negative="",
            help="Answer by the log's word a decision that its body did not sign: whoever owns the roll's database can have"
            " written it.",
        ),
    ] = False
    decided_by: Annotated[
        list[Path] | None,
        Parameter(
            negative="",
            help="The public half of a key that you have from a deciding body itself, in a file; --decided-by again for more. No"
            " decision signed by another key is taken: whoever keeps the log can publish one in a body's name.",
        ),
    ] = None
    dry_run: Annotated[
        bool, Parameter(negative="", help="Check everything, show what the officer will read, and send nothing.")
    ] = False


_SENT_IF_PROVED = Sending()


def add(group: App) -> None:
    """Add the commands."""
    _add_answer(group)
    _add_not_given(group)
    _add_tell(group)


def _ask_in(folder: Folder, held: list[HeldKey]) -> Ask:
    """What is asked, as the log says that it was sent last; or a sentence and the end."""
    hold_rested_on(folder, ["operator"])
    for one in missing_in(folder, ["operator"]):
        line(f"MISSING, {missing_said(folder, one)}: that the case is still the one of the log is not proved.")
    parts = opened(folder, held)
    for said in case_faults(folder, parts):
        fail(f"the case that the authority sealed: {said}. Nothing was sent.", 1)
    ask = asked_last(folder, parts)
    if ask is None:
        fail(
            "what was asked last does not open to these keys: is it your organisation's turn, and was it sealed to an older key?"
            " Nothing was sent.",
            1,
        )
    return ask


@contextmanager
def _looked_up(instead: Callable[[str], str]) -> Iterator[None]:
    """What is not found in the operator's files is a sentence, with the one that says what to do for an outcome, and the end."""
    try:
        yield
    except Unfound as error:
        _unfound(error, instead)


def _unfound(error: Unfound, instead: Callable[[str], str]) -> NoReturn:
    if error.why == "file":
        fail(f"{error}.")
    told, outcome = (_ALL_WITHHELD, str(error)) if error.why == "withheld" else _UNFOUND[error.why]
    fail(f"{told}. Nothing was sent. {instead(outcome)}".rstrip(), 1)


_UNFOUND = {
    "none": ("no record in your files is the one that is meant", "not-held"),
    "several": ("several records are meant: --handle names one", "unclear"),
    "no-field": ("none of the approved fields is in your files", "not-held"),
}
"""Why nothing can be given, in words, and the outcome that says so."""
_ALL_WITHHELD = "all that was approved is withheld, so nothing would be given, and one reason stands for it in public"


def _withheld(given: list[str]) -> dict[str, str]:
    found = {}
    for one in given:
        name, equals, code = one.partition("=")
        if not (equals and name and code in NOT_GIVING):
            fail(f"--withhold {one}: expected FIELD=CODE, the code one of {', '.join(NOT_GIVING)}.")
        found[name] = code
    return found


def _add_answer(group: App) -> None:
    @group.command
    def answer(
        folder: FolderPath,
        /,
        *,
        at: AtRoll,
        key: Keys,
        believed: BelievedWhole,
        mine: Mine,
        receipts: Annotated[list[Path], Parameter(help="Receipts of your filings, files or folders of them.")],
        withhold: Annotated[
            list[str] | None, Parameter(help="An approved field not given, and why: FIELD=CODE.")
        ] = None,
        sending: Sending = _SENT_IF_PROVED,
    ) -> None:
        """As an operator: answer a request with exactly what was approved, sealed to the authority.

        It is checked here as the officer will check it. What would not hold is not sent; what is not proved only if you say so.
        Each decision that it rests on must be signed by the body whose it is (--trust-the-log).
        With --log nothing is sent either where the log has more of the request than the roll gave, such as that it was annulled.
        """
        held, api = [read_held(path) for path in key], at.api()
        with asked():
            found = anew(read_folder(folder, believed), api, believed)
            _may_answer(found)
            in_log = beside_log(believed.log, believed, found.matter)
            hold_own_key(api, operators(found), found.log, KeyFile(key[0], held[0]), in_log)
            number = found.matter.request.number
            hold_signed(found, api, in_log, Trusted(sending.trust_the_log, pinned(sending.decided_by)))
            ask = _ask_in(found, held)
            with _looked_up(lambda code: f"{at.command('not-given', number, '--outcome', code)} says so."):
                record = record_meant(mine, ask)
                made, fields = _answer(found, _Own(record, number_in(ask) or ""), receipts, _withheld(withhold or []))
            readers = to_seal_to(api, [found.matter.request.authority], found.log)
            made = _fitting(made, most_content(readers, held[0].signing), expected(found).asked)
            said = expected(found)._replace(outcome=made.outcome, given=fields, number=number_in(ask))
            result = checked(made, said, found.log.keys, found.log.policy)
            if not result.good:
                show_faults(result)
                fail(f"this answer would not hold. Nothing was sent.{_where_receipts(result, mine, receipts, at)}", 1)
            if not (result.proved or sending.although_not_proved or sending.dry_run):
                _not_proved(made, result, said.number)
            sealed = seal(made.encoded(), readers, held[0].signing, context(found, "answer"), pad_to=ANSWER)
            if not sending.dry_run:
                note_answered(found, sealed, record)
            body = {"act": "answer", "outcome": made.outcome, "fields": fields, "envelope": sealed}
            if sending.dry_run:
                sent(api, f"requests/{number}/steps", body | {"dry_run": True}, dict[str, Any])
            else:
                step(at, number, body, found.log)
        if sending.dry_run:
            line("It would be taken; nothing was sent. The officer would read:")
            _show(made, result, said.number)
        else:
            line(f"Answered ({made.outcome}): {', '.join(fields)}.")
            show_unsure(result)
            show_public(result)


def _not_proved(made: Answer, result: Checked, number: str | None) -> NoReturn:
    _show(made, result, number)
    fail(
        "not everything that the officer would read is proved. Nothing was sent. --although-not-proved sends it all the same.",
        1,
    )


def _show(made: Answer, result: Checked, number: str | None) -> None:
    """Show an answer as the officer will read it."""
    show_given(made, result)
    show_unsure(result)
    if result.values:
        show_whose(made, number)
    show_public(result)


def _where_receipts(result: Checked, mine: Mine, receipts: list[Path], at: AtRoll) -> str:
    """How receipts come into the operator's folder, where those of the record are missing."""
    if not any(one.why == "no-receipt" for one in result.faults):
        return ""
    into = next((one for one in receipts if one.is_dir()), Path("receipts"))
    fetch = command("receipt", "fetch", *mine.disclosures, "--roll", at.roll, "--token", "FILES.token", "-o", into)
    return f" Those of all your records come by {fetch}, with a token that files."


def _may_answer(folder: Folder) -> None:
    """End with a sentence where nothing is to be answered: what is sealed to an authority is not sent for the roll to refuse."""
    request = folder.matter.request
    if request.by.move(request.standing.step, "answer", "operator") is None or not request.approved:
        step = request.standing.step
        fail(f"request {request.number} stands in {step}: nothing approved is to be answered now. Nothing was sent.", 1)


class _Own(NamedTuple):
    """The record that is answered, and the number that was asked about: empty where it was asked otherwise."""

    record: OwnRecord
    number: str


def _answer(
    folder: Folder, own: _Own, receipts: list[Path], withheld: dict[str, str]
) -> tuple[Answer, tuple[str, ...]]:
    """The answer of a record: what is approved and there; the rest is withheld, for want of it where nothing else is said.

    With it goes what shows that it is of the number asked about; of another number than that it says nothing.
    """
    approved = expected(folder).approved
    proofs = receipts_of(own.record, receipts)
    kept = own.record.standing(proofs)
    found = take(kept, [name for name in approved if name not in withheld])
    why = {**dict.fromkeys(found.absent, "not-held"), **withheld}
    if not found.fields:
        reasons = [withheld[name] for name in approved if name in withheld]
        raise Unfound("withheld", reasons[0]) if reasons else Unfound("no-field")
    outcome = "partly" if why else "given"
    openings = openings_of(kept, found.disclosures, own.number)
    made = Answer(outcome=outcome, disclosures=found.disclosures, receipts=proofs, withheld=why)
    shown = msgspec.structs.replace(made, number=kept.account, openings=openings) if openings else made
    return shown, found.fields


def _fitting(made: Answer, most: int, asked_at: LogPosition | None) -> Answer:
    """An answer with the receipts that it needs and no other, so that it fits; or what is to be withheld, and the end."""
    fitting = next(
        (one for newest in (True, False) if len((one := _fewest(made, asked_at, newest=newest)).encoded()) <= most),
        None,
    )
    return fitting or _too_long(made, most, asked_at)


def _too_long(made: Answer, most: int, asked_at: LogPosition | None) -> NoReturn:
    by_size = {
        Disclosure.parse(one).name: len(_fewest(_without(made, one), asked_at, newest=False).encoded())
        for one in made.disclosures
    }
    longest = min(by_size, key=lambda name: by_size[name])
    fail(
        f"the answer is longer than the {most:,} bytes that an envelope takes. Nothing was sent. Give the rest with"
        f" --withhold {longest}=impossible",
        1,
    )


def _fewest(made: Answer, asked_at: LogPosition | None, *, newest: bool) -> Answer:
    opened = frozenset(Disclosure.parse(one).digest() for one in made.disclosures)
    return msgspec.structs.replace(made, receipts=fewest(made.receipts, opened, asked_at, newest=newest))


def _without(made: Answer, disclosure: str) -> Answer:
    name = Disclosure.parse(disclosure).name
    openings = {field: one for field, one in made.openings.items() if field != name}
    rest = tuple(one for one in made.disclosures if one != disclosure)
    return msgspec.structs.replace(made, disclosures=rest, number=made.number if openings else "", openings=openings)


def _add_not_given(group: App) -> None:
    @group.command
    def not_given(
        number: int,
        /,
        *,
        at: AtRoll,
        outcome: Annotated[str, Parameter(help=", ".join(NOT_GIVING))],
        held_by: HeldBy | None = None,
    ) -> None:
        """As an operator: say by a code why nothing is given.

        Parameters
        ----------
        number
            The number of the request.
        """
        with asked():
            step(at, number, {"act": "answer", "outcome": outcome}, held_by)
        out.print(f"Request {number}: nothing is given ({outcome}).")


def _add_tell(group: App) -> None:
    @group.command
    def tell(
        folder: FolderPath,
        /,
        *,
        at: AtRoll,
        key: Keys,
        believed: BelievedWhole,
        mine: Mine,
        handle_key: Annotated[Path, Parameter(help="Your handle key: notice codes are made with it.")],
        sealed_to_nobody: Annotated[
            bool,
            Parameter(negative="", help="You hold no such record: the notice is sealed to nobody, and looks like any."),
        ] = False,
        as_answered: Annotated[
            bool,
            Parameter(
                negative="",
                help="The record of --account or --handle is the one whose values were given, whatever the request names.",
            ),
        ] = False,
    ) -> None:
        """As an operator: tell the person who asked, when, why, on what basis, what was given, and how to complain.

        The notice is sealed to the person's notice code, and published in a heap where they alone find it.
        """
        held, api, secret_key = [read_held(path) for path in key], at.api(), read_key(handle_key)
        with asked():
            found = anew(read_folder(folder, believed), api, believed)
            in_log = beside_log(believed.log, believed, found.matter)
            hold_own_key(api, operators(found), found.log, KeyFile(key[0], held[0]), in_log)
            if sealed_to_nobody and answered_handle(found):
                fail(
                    "values of a record were given: its person is told. Leave --sealed-to-nobody out. Nothing was sent.",
                    1,
                )
            # Where there is no record it is nobody's: whoever told the two apart would know what is held. So each is told by the
            # same key, in the same bucket however often.
            own = [word for path in key for word in ("--key", path)] + [
                word for path in mine.disclosures for word in ("--disclosures", path)
            ]
            log = ["--log", believed.log] if believed.log else []
            given = [*own, *believed.words(), *log, "--handle-key", handle_key]
            number = found.matter.request.number
            with _looked_up(_nobody_told(found.matter.request, at, folder, given)):
                secret = (
                    nobody_secret(secret_key, number)
                    if sealed_to_nobody
                    else _secret_of(record_told(found, held, mine, as_answered=as_answered), secret_key)
                )
            context = notice_context(found.log.origin, number)
            word, heap = word_of(secret, context), bucket_of(secret, number)
            content = _notice(found, api, word)
            sealed = seal_notice(content.encoded(), secret, held[0].signing, context, pad_to=NOTICE)
            digest = complaint_digest(word)
            body = {"act": "tell", "notice": sealed, "bucket": heap, "complaint": digest, "by_word": True}
            step(at, number, body, found.log)
        line(f"Told: the notice stands in heap {heap}.")


def _nobody_told(request: Request, at: AtRoll, folder: Path, given: list[object]) -> Callable[[str], str]:
    """What to do where no record is found whose person is to be told: `nobody` is said in public, and only where the operator's
    answer said so; anywhere else that would tell whether a record is held, and a notice is published all the same."""

    def instead(outcome: str) -> str:
        if outcome != "not-held" or request.given:
            return ""
        if may_be_nobody(request):
            return f"{at.command('nobody', request.number)} says so."
        tell = command("request", "tell", folder, "--roll", at.roll, "--token", at.token, *given, "--sealed-to-nobody")
        return f"{tell} tells all the same, and looks like any other."

    return instead


def _secret_of(record: OwnRecord, handle_key: bytes) -> bytes:
    if record.account and handle_of(record.account, handle_key) != record.handle:
        fail(
            "this handle key did not make the handle of that record: its person would not find it. Nothing was sent.", 1
        )
    return notice_secret(handle_key, record.handle)


def _notice(folder: Folder, api: RollApi, word: str) -> Notice:
    """What the person is told of a request. Raises Unproved where the log does not prove under what it was asked."""
    request, facts = folder.matter.request, folder.matter.facts
    use = json_at(api, f"uses/{request.use}", Use)
    proved = use_of(use.receipt, request.use, request.authority, folder.log.keys, folder.log.policy)
    about = AskedUnder(use.titles, use.said, proved.basis, proved.supervisor, proved.supervised_at)
    return notice_of(request, facts, about, word)
