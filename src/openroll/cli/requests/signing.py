"""Decisions signed by the key of whoever decided, once the log has them as they were sent; and held by whoever answers."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, NamedTuple

from cyclopts import App, Parameter

from openroll.cli.envelopes import read_held, read_published
from openroll.cli.output import command, err, fail, line, one_line, out
from openroll.cli.requests.at_roll import AtRoll, KeyFile, Log, asked, hold_own_key, request_at, served_keys
from openroll.cli.requests.folder import Folder
from openroll.cli.requests.held_log import BesideLog
from openroll.cli.requests.read_back import log_held_by, step
from openroll.cli.requests.resting import Decided
from openroll.disclosure.envelope import HeldKey, sign_text
from openroll.durable import write_new
from openroll.register.request.events import RequestAnsweredBack, RequestCompleted, RequestEvent
from openroll.register.request.signed_decisions import Judged, TimedKey, differences, digest_in_log
from openroll.tlog import parse_proof
from openroll.watch.requests.decisions import decisions_judged, timed_keys
from openroll.watch.requests.proved import Key, Matter, Unproved, organisation_of, own_keys
from openroll.watch.requests.read_back import ReadBack
from openroll.watch.roll_api import RollApi

_SHOWN = 16
"""Characters of a digest that are shown where two differ."""
WHY = {
    "unsigned": "it signed nothing of it",
    "otherwise": "it signed another decision",
    "no-key": "what signs it is no key of its own that was in force then, or none that you named",
    "signature": "its signature does not hold",
}
"""Why a decision that stands in the log is not its body's word (`signed_decisions.FAULTS`)."""


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Signing:
    """By which key a decision is signed."""

    key: Annotated[
        Path | None,
        Parameter(
            help="Your organisation's key: it signs the decision once the log has it as it was sent. Without it the operator has"
            " the log's word alone, and its program gives nothing on that unless told to."
        ),
    ] = None

    def decided(self, at: AtRoll, number: int, found: ReadBack, log: Log) -> None:
        """Sign a decision that was read back; a sentence where there is no key."""
        if self.key is None:
            again = at.command("sign", number, "--key", "YOUR.key", "--field", "FIELD")
            err.print(
                f"NOT SIGNED: that it is your decision is the log's word alone. {again} signs it.", soft_wrap=True
            )
            return
        if any(isinstance(one.fact, RequestCompleted | RequestAnsweredBack) for one in found.since):
            again = at.command("sign", number, "--key", self.key, "--field", "FIELD", "--folder", "FOLDER")
            fail(
                f"request {number}: the log has something that was sent anew before your decision, which the roll had not given"
                f" you when you decided. Nothing was signed. Take the request and read it again; {again} signs a decision that is"
                " still yours then.",
                1,
            )
        if found.act is not None and isinstance(found.act.fact, RequestEvent):
            _sign(at, number, log, KeyFile(self.key, read_held(self.key)), found.act.fact)


def add(group: App) -> None:
    """Add the command."""

    @group.command
    def sign(
        number: Annotated[int, Parameter(help="The number of the request.")],
        /,
        *,
        at: AtRoll,
        key: Annotated[Path, Parameter(help="Your organisation's key.")],
        field: list[str],
        decided: Decided | None = None,
    ) -> None:
        """Sign a decision of your organisation that stands in the log already, where it is what you decided.

        Parameters
        ----------
        field
            A field that may be given by that decision; --field again for more. Where the log has others, nothing is signed.
        """
        api, own = at.api(), KeyFile(key, read_held(key))
        with asked():
            log = log_held_by(api, decided)
            matter = request_at(api, number, log).matter
            organisation = _whose(api, matter, log, own.held)
        (decided or Decided()).hold(at, number, matter.request.party(organisation))
        with asked():
            facts = [one for one in _decisions(matter) if organisation_of(one) == organisation]
            if not facts:
                fail(f"request {number} has no decision of yours that an answer rests on. Nothing was signed.", 1)
            allowed = matter.request.approved or ()
            if set(field) != set(allowed):
                fail(
                    f"THE LOG SAYS OTHERWISE: by your decision in request {number} may be given: {', '.join(allowed)}. Nothing"
                    " was signed. Where that is none of yours, tell the operator and the supervisor outside of the roll.",
                    1,
                )
            for fact in facts:
                _sign(at, number, log, own, fact, matter)


def _sign(at: AtRoll, number: int, log: Log, own: KeyFile, fact: RequestEvent, served: Matter | None = None) -> None:
    """Sign a decision as it stands in the log, and read that back."""
    with asked():
        api = at.api()
        matter = served or request_at(api, number, log).matter
        text = _text_of(matter, fact)
        if text is None:
            fail(
                f"request {number} rests on another decision than yours by now: nothing was signed. Look at it again.",
                1,
            )
        hold_own_key(api, [organisation_of(fact)], log, own)
        said = {
            "decision": text,
            "key": own.held.published.verifying.id,
            "signature": sign_text(text, own.held.signing),
        }
        step(at, number, {"act": "sign", **said}, log)
    out.print(f"Request {number}: signed by your key {own.held.id}.")


def _text_of(matter: Matter, fact: RequestEvent) -> str | None:
    """The text of a decision that an answer rests on."""
    decided = f" decided={digest_in_log(fact)} "
    return next((text for _, text in matter.request.decisions if decided in text), None)


def _decisions(matter: Matter) -> list[RequestEvent]:
    """The facts that an answer rests on."""
    return [fact for fact in matter.facts if _text_of(matter, fact) is not None]


def _whose(api: RollApi, matter: Matter, log: Log, held: HeldKey) -> str:
    """The body of a request that published a key; or a sentence and the end."""
    filed = matter.filed
    bodies = [name for name in (filed.reviewer, filed.authority, filed.objector) if name]
    keys = {name: own_keys(served_keys(api, name), name, log.keys, log.policy) for name in bodies}
    found = next((name for name, own in keys.items() if held.id in [one.published.id for one in own]), "")
    if not found:
        fail(f"the key {held.id} is of no body that decides in request {filed.request}. Nothing was signed.", 1)
    return found


class Trusted(NamedTuple):
    """What whoever answers trusts: the `log`, in what nobody signed; no other `keys` than these, by the ids of those that verify;
    all that the log proves to be a body's where there are none."""

    log: bool = False
    keys: frozenset[str] = frozenset()


def pinned(paths: Sequence[Path] | None) -> frozenset[str]:
    """The ids of the keys that verify, from files with their public halves; or a sentence and the end."""
    return frozenset(one.verifying.id for one in read_published(paths or ()))


def hold_signed(folder: Folder, api: RollApi, beside: BesideLog | None, trusted: Trusted) -> None:
    """End with a sentence where a decision that an answer rests on is not signed by its body: then it is the log's word alone.

    What nobody signed is taken at that word where the log is trusted; what its body signed otherwise never is.
    """
    matter, trust = folder.matter, trusted.log

    def keys(name: str) -> list[Key]:
        return served_keys(api, name)

    found = judged_by(matter, folder.log, keys, beside, trusted.keys)
    for one in found:
        if not one.fault:
            err.print(said_of(one), soft_wrap=True)
    filed = matter.filed
    if filed.objector and all(one.party != "objector" for one in found):
        err.print(f"That {filed.objector} did not object is the log's word: nobody signs that they say nothing.")
    wrong = [one for one in found if one.fault and not (trust and one.fault == "unsigned")]
    for one in found:
        if one.fault == "unsigned" and trust:
            err.print(f"{said_of(one)} You trust the log (--trust-the-log).", soft_wrap=True)
    if wrong:
        _not_theirs(matter, wrong, folder.path, api)


def _not_theirs(matter: Matter, wrong: Sequence[Judged], folder: Path, api: RollApi) -> None:
    number, saved = matter.request.number, _kept(matter, wrong, folder)
    for one in wrong:
        line(f"  {said_of(one)}")
    if all(one.fault == "unsigned" for one in wrong):
        sign = command(
            "request",
            "sign",
            number,
            "--roll",
            api.where,
            "--token",
            "THEIR.token",
            "--key",
            "THEIR.key",
            "--field",
            "FIELD",
        )
        remedy = (
            f"It signs a moment after it decides: try again, or ask it outside of the roll whether this is its decision; {sign}"
            " with its fields signs it. --trust-the-log answers by the log's word all the same."
        )
    else:
        remedy = "Give nothing. Tell whoever decided, the supervisor and whoever watches the log, outside of the roll."
    fail(
        f"request {number}: what the log says was decided is not its body's word. Nothing was sent. {remedy}{saved}", 1
    )


def _kept(matter: Matter, wrong: Iterable[Judged], folder: Path) -> str:
    """The files that hold the receipts of what the log has and of what was signed, as a sentence."""
    places = {matter.facts.index(fact) for fact in _decisions(matter)}
    places |= {one.place for one in wrong if one.place is not None}
    kept, lost = [], ""
    for place in sorted(places):
        receipt = matter.receipts[place]
        path = folder / f"decision-entry-{parse_proof(receipt.encode()).index}.receipt"
        try:
            if not path.exists():
                write_new(path, receipt.encode())
        except OSError as error:
            lost = f" {path} could not be written: {error.strerror or error}."
        else:
            kept.append(str(path))
    return (f" The receipts that prove it are in {', '.join(kept)}." if kept else "") + lost


def judged_by(
    matter: Matter,
    log: Log,
    keys: Callable[[str], list[Key]],
    beside: BesideLog | None = None,
    only: Collection[str] = (),
) -> tuple[Judged, ...]:
    """Each decision that an answer rests on, and whether its body signed it, by the keys that the roll gives or gave, or
    that the log has which was read `beside`; by `only` those, where there are any."""

    def keys_of(name: str) -> list[TimedKey]:
        found = timed_keys(keys(name), name, log.keys, log.policy) if beside is None else beside.signing(name)
        return [one for one in found if not only or one.verifying.id in only]

    return decisions_judged(matter, keys_of)


def signatures_said(matter: Matter, log: Log, keys: Callable[[str], list[Key]]) -> list[str]:
    """Of each decision that an answer rests on, whether its body signed it, as sentences: also where that cannot be known."""
    try:
        return [said_of(one) for one in judged_by(matter, log, keys)]
    except Unproved as error:
        return [f"NOT KNOWN, whether what was decided is signed by its body: {error}."]


def said_of(one: Judged) -> str:
    """Whether a body signed its decision, as a sentence."""
    said = dict(member.split("=", 1) for member in one.text.split(" ") if "=" in member)
    act, fields = said.get("act", ""), said.get("fields", "")
    if not one.fault:
        return f"Signed by {one.organisation}, key {one.key}: {act}, fields: {fields}."
    if one.fault != "otherwise":
        return f"NOT SIGNED by {one.organisation}: the log says {act}, fields: {fields}; {WHY[one.fault]}."
    differing = differences(one.text, one.signed)
    log, theirs = (", ".join(f"{name}: {_short(pair[at])}" for name, *pair in differing) for at in (0, 1))
    return one_line(
        f"SIGNED OTHERWISE: the log says of {act} ({fields}) {log}; {one.organisation} signed {theirs} (key {one.key})."
    )


def _short(value: str) -> str:
    return f"{value[:_SHOWN]}…" if len(value) == 64 and value.isalnum() else value or "nothing"


__all__ = ["Signing", "Trusted", "add", "hold_signed", "pinned", "signatures_said"]
