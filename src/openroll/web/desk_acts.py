"""The acts of a request as forms: which its procedure offers a body now, what each asks for, and the command it becomes."""

import base64
import binascii
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec

from openroll.register.decision import Refused
from openroll.register.refusal import Refusal
from openroll.register.request import commands
from openroll.register.request.refusals import FieldsBeyond, NotCalledBack, PostponedTooLong
from openroll.register.request.state import Request as Asked
from openroll.register.request.turns import may_be_nobody, may_take
from openroll.register.request.words import GROUNDS, MISSING, NOT_GIVING, REASONS
from openroll.rules.procedure import lasts
from openroll.service.application import Application
from openroll.web.field_titles import titles_in
from openroll.web.forms import Form
from openroll.words import catalogue, desk
from openroll.words.catalogue import gettext
from openroll.words.labels import words
from openroll.words.requests import OUTCOMES
from openroll.words.requests import REASONS as REASONS_SAID

ORDER = tuple(desk.ACTS)
SEALED = ("complete", "ask-back", "answer-back", "answer", "tell", "sign")
"""Acts whose content the browser seals or signs: without its script nothing of them is sent."""
CODES = {"refuse": REASONS, "annul": REASONS, "object": GROUNDS, "not-given": NOT_GIVING}
"""The closed list from which an act takes its main reason."""


class Field(msgspec.Struct, frozen=True):
    """One thing that an act asks for. `kind` is `checks`, `select`, `text`, `lines` or `moment`."""

    kind: str
    name: str
    label: str
    hint: str = ""
    options: tuple[dict[str, Any], ...] = ()


FOLDED = ("withdraw", "annul", "postpone", "extend")
"""Acts that no page unfolds by itself: they take back what was done, or put off what is to be done."""


class OfferedAct(msgspec.Struct, frozen=True):
    """An act that may be done now: its name, its words, what it asks for, and `more`: the number that is to be called.

    `waits` says that it waits until what is sealed was opened; empty where it does not.
    """

    act: str
    title: str
    hint: str
    fields: tuple[Field, ...]
    sealed: bool
    more: str = ""
    waits: str = ""


def offered(
    request: Asked, party: str, application: Application, lang: str, office: str = ""
) -> tuple[OfferedAct, ...]:
    """The acts that the procedure takes from a party in the step that a request is in, in one order."""
    moves = {move.act for move in request.by.step(request.standing.step).moves if move.by == party}
    found = moves & set(desk.ACTS)
    if "narrow" in moves:
        found.add("approve")
    if "answer" in moves:
        found.add("not-given")
    if "extend" in found and request.standing.step in request.extended:
        found.discard("extend")
    if _unsigned(request, party):
        found.add("sign")
    if not may_be_nobody(request):
        found.discard("nobody")
    if "refuse" in found and request.in_effect:
        found = (found - {"refuse"}) | {"annul"}
    asks = _Asks(request, application, lang)
    return tuple(
        OfferedAct(
            act=act,
            title=words(lang, desk.ACTS, act),
            hint=words(lang, desk.HINTS, act) if act in desk.HINTS else "",
            fields=asks.fields(act),
            sealed=act in SEALED,
            more=office if act == "call-back" else "",
            waits=words(lang, desk.WAITS, act) if act in desk.WAITS and may_take(request, party) else "",
        )
        for act in ORDER
        if act in found
    )


def _unsigned(request: Asked, party: str) -> bool:
    """Whether a party has a decision that an answer rests on and that no key of its own signed yet."""
    own = [text for of, text in request.decisions if of == party]
    return not request.ended and any(text not in request.signed for text in own)


class _Asks:
    """What each act asks for, in a language."""

    def __init__(self, request: Asked, application: Application, lang: str) -> None:
        self._request, self._application, self._lang = request, application, lang

    def fields(self, act: str) -> tuple[Field, ...]:
        known: dict[str, Callable[[], tuple[Field, ...]]] = {
            "approve": lambda: (
                self._checks(act, gettext(self._lang, "Which fields"), self._asked_for()),
                self._why(act),
            ),
            "sign": lambda: (self._checks(act, gettext(self._lang, "Which fields"), self._asked_for()),),
            "refuse": lambda: (self._select(act, REASONS_SAID), self._why(act)),
            "annul": lambda: (self._select(act, REASONS_SAID), self._why(act)),
            "return": lambda: (
                self._checks(act, gettext(self._lang, "What is missing"), self._missing()),
                self._why(act),
            ),
            "object": lambda: (self._select(act, REASONS_SAID), self._why(act)),
            "postpone": lambda: (self._moment(act, self._latest_told()), self._why(act, needed=True)),
            "extend": lambda: (self._moment(act, self._latest_step()), self._why(act, needed=True)),
            "withdraw": lambda: (self._why(act),),
            "call-back": lambda: (Field("text", f"{act}-number", gettext(self._lang, "The number that you called")),),
            "not-given": lambda: (self._select(act, OUTCOMES),),
        }
        return known[act]() if act in known else ()

    def _asked_for(self) -> tuple[tuple[str, str], ...]:
        titles = titles_in(self._application, self._lang)
        return tuple((name, titles.get(name, name)) for name in self._request.fields)

    def _missing(self) -> tuple[tuple[str, str], ...]:
        return tuple((code, words(self._lang, desk.MISSING, code)) for code in MISSING)

    def _checks(self, act: str, label: str, rows: tuple[tuple[str, str], ...]) -> Field:
        # Nothing is ticked beforehand: what is approved is chosen, and to approve less is not the extra work.
        options = tuple({"name": f"{act}-is-{code}", "value": "yes", "text": text} for code, text in rows)
        return Field("checks", f"{act}-which", label, options=options)

    def _select(self, act: str, table: dict[str, str]) -> Field:
        options = tuple({"value": code, "text": words(self._lang, table, code)} for code in CODES[act])
        return Field("select", f"{act}-code", gettext(self._lang, "Main reason"), options=options)

    def _why(self, act: str, *, needed: bool = False) -> Field:
        label = gettext(self._lang, "Why") if needed else gettext(self._lang, "Why (optional)")
        hint = gettext(self._lang, "A few words that name nobody: they stand in the public log.")
        return Field("lines", f"{act}-why", label, hint)

    def _moment(self, act: str, latest: datetime | None) -> Field:
        zone = self._application.roll.zone
        said = catalogue.moment(self._lang, latest, zone) if latest else ""
        hint = gettext(self._lang, "At the latest {moment}, time zone {zone}").format(moment=said, zone=zone.key)
        return Field("moment", f"{act}-until", gettext(self._lang, "Until when"), hint if said else "")

    def _latest_told(self) -> datetime:
        return self._request.filed + lasts(self._request.by.postpone)

    def _latest_step(self) -> datetime | None:
        due = self._request.standing.due
        return None if due is None else due + lasts(self._request.by.extend)


class ActUnread(Exception):
    """A form that no act can be made of; the field at which it is said, and the sentence."""

    def __init__(self, place: str, sentence: str) -> None:
        super().__init__(sentence)
        self.place, self.sentence = place, sentence


def command_of(number: int, act: str, form: Form, application: Application, lang: str) -> commands.Step:
    """The command that a form is. Raises ActUnread for what was not chosen, what is no moment, and what no page of ours sent."""

    def value(name: str) -> str:
        return form.value(f"{act}-{name}")

    why = value("why")
    which = tuple(name.removeprefix(f"{act}-is-") for name in form.values if name.startswith(f"{act}-is-"))
    made: Mapping[str, Callable[[], commands.Step]] = {
        "approve": lambda: commands.Approve(request=number, fields=which, why=why),
        "second": lambda: commands.SecondApproval(request=number),
        "refuse": lambda: commands.Refuse(request=number, reason=value("code"), why=why),
        "annul": lambda: commands.Refuse(request=number, reason=value("code"), why=why),
        "return": lambda: commands.ReturnIncomplete(request=number, missing=which, why=why),
        "object": lambda: commands.Object(request=number, ground=value("code"), why=why),
        "let-pass": lambda: commands.LetPass(request=number),
        "sign": lambda: commands.SignDecision(
            request=number,
            decision=form.value("decision"),
            key=form.value("key"),
            signature=form.value("signature"),
        ),
        "postpone": lambda: commands.PostponeTelling(
            request=number, until=_until(act, form, application, lang), why=why
        ),
        "extend": lambda: commands.ExtendTime(request=number, until=_until(act, form, application, lang), why=why),
        "withdraw": lambda: commands.WithdrawRequest(request=number, why=why),
        "call-back": lambda: commands.CallBack(request=number, number=value("number")),
        "confirm": lambda: commands.ConfirmEmergency(request=number),
        "preserve": lambda: commands.Preserve(request=number),
        "not-given": lambda: commands.Answer(request=number, outcome=value("code")),
        "nobody": lambda: commands.TellNobody(request=number),
        "complete": lambda: commands.CompleteRequest(request=number, envelope=sealed_in(form, "envelope")),
        "ask-back": lambda: commands.AskBack(request=number, envelope=sealed_in(form, "envelope")),
        "answer-back": lambda: commands.AnswerBack(request=number, envelope=sealed_in(form, "envelope")),
        "answer": lambda: commands.Answer(
            request=number,
            outcome=form.value("outcome"),
            fields=form.words("fields"),
            envelope=sealed_in(form, "envelope"),
        ),
        "tell": lambda: commands.Tell(
            request=number,
            notice=sealed_in(form, "notice"),
            bucket=_number(form.value("bucket")),
            complaint=form.value("complaint"),
            by_word=form.value("by-word") == "yes",
        ),
    }
    if act not in made:
        raise ActUnread("acts", gettext(lang, "Choose what you do."))
    if act in CODES and value("code") not in CODES[act]:
        raise ActUnread(f"{act}-code", gettext(lang, "Choose a main reason."))
    if act == "approve" and not which:
        raise ActUnread("approve-which", gettext(lang, "Tick each field that you approve; to approve none, refuse."))
    if act == "return" and not (which and set(which) <= set(MISSING)):
        raise ActUnread("return-which", gettext(lang, "Tick what is missing."))
    return made[act]()


def sealed_in(form: Form, name: str) -> bytes:
    """An envelope as a script puts it into a form (base64); empty, which is refused as none, for anything else."""
    try:
        return base64.b64decode(form.value(name), validate=True)
    except (binascii.Error, ValueError):
        return b""


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else -1


def _until(act: str, form: Form, application: Application, lang: str) -> datetime:
    """A moment as a browser writes it, by the roll's clock. What a log says of a moment is its UTC to the minute's offset: one
    whose offset has seconds would stand there as another than was decided on."""
    try:
        moment = datetime.fromisoformat(form.value(f"{act}-until"))
        if not moment.tzinfo:
            moment = moment.replace(tzinfo=application.roll.zone)
        if (moment.utcoffset() or timedelta()) % timedelta(minutes=1):
            raise ValueError("an offset of seconds")
        return moment
    except ValueError:
        example = f"{application.roll.day(application.roll.clock())} 12:00"
        said = gettext(lang, "Enter a day and a time, as {example}.").format(example=example)
        raise ActUnread(f"{act}-until", said) from None


def place_of(act: str, refused: Refused) -> str:
    """The field of an act's form at which a refusal is said."""
    refusal: Refusal = refused.refusal
    if act in SEALED:
        return f"act-{act}"
    if isinstance(refusal, FieldsBeyond) and act == "approve":
        return "approve-which"
    if isinstance(refusal, PostponedTooLong):
        return f"{act}-until"
    if isinstance(refusal, NotCalledBack) and act == "call-back":
        return f"{act}-number"
    if refusal.code in ("reason-missing", "text-names-somebody", "text-unfit"):
        return f"{act}-why"
    return f"act-{act}"
