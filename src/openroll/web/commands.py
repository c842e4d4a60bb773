"""Turn what people submit on pages into commands: file alone, tell, take back, change, correct, end."""

import hashlib
from collections.abc import Callable, Collection
from datetime import date
from functools import partial
from typing import NamedTuple

import msgspec

from openroll.register.command import Actor, Command
from openroll.register.decision import Refused
from openroll.register.subscription.commands import Change, Correct, End, Erase, File, Notify, RefuseRelease, Withdraw
from openroll.register.subscription.decide import decide
from openroll.register.subscription.filing_code import code_of
from openroll.register.subscription.terms import Terms
from openroll.rules.kinds import fields_of_subscriptions
from openroll.service.application import Application
from openroll.service.filing.submit import Submission, Taken, refused_of
from openroll.service.queries import Record
from openroll.web.forms import Form, check_told, disclosures_of, seed_of, told
from openroll.web.replacing import Replaced, asked_of, replaced
from openroll.words import say, say_refused
from openroll.words.catalogue import gettext

SUBSCRIBER = Actor("subscriber")

Made = tuple[Command, str, str] | None
"""A command, the disclosures to keep, and the field an error belongs to."""


def new_key(application: Application) -> str:
    """A key for one form: sending the form twice does its work once."""
    return application.roll.random_bytes(16).hex()


def new_form(application: Application) -> Form:
    """An empty form with a key of its own, and the seed of what it may tell."""
    return Form(key=new_key(application), seed=seed_of("", application.roll.random_bytes))


async def submit(
    application: Application,
    form: Form,
    command: Command,
    number: int | None,
    lang: str,
    place: str,
    *,
    operator: str = "",
) -> Taken | None:
    """Submit under the form's key; a refusal becomes the error of the field at `place`.

    It is the subscriber's act, or with `operator` that operator's on its own record.
    """
    # The record belongs to what was asked: a key that was used on another record is a key used twice.
    request = hashlib.sha256(f"{type(command).__name__} {number} ".encode() + msgspec.json.encode(command)).digest()
    key = f"form-{form.key}" if form.key else f"form-{request.hex()[:40]}"
    actor = Actor("operator", operator) if operator else SUBSCRIBER
    submission = Submission(command=command, key=key, request=request, actor=actor, number=number)
    outcome = await application.submit(submission)
    if not isinstance(outcome, Taken):
        form.fault(place, say_refused(refused_of(outcome), lang))
        return None
    return outcome


def _terms(application: Application) -> Terms:
    """The terms of today."""
    return application.roll.setting(application.roll.day(application.roll.clock())).terms


def check_subscription(application: Application, form: Form, operators: Collection[str], lang: str) -> bool:
    """Whether the first step of filing is whole; what is wrong stands in the form."""
    terms = _terms(application)
    level = application.roll.place.level(lang)
    choose = {
        "operator": gettext(lang, "Choose your operator"),
        "kind": gettext(lang, "Choose who subscribes"),
        "access": gettext(lang, "Choose how you connect"),
        "district": gettext(lang, "Choose one: {what}").format(what=level)
        if level
        else gettext(lang, "Choose your district"),
    }
    lists = {"operator": operators, "kind": terms.kinds, "access": terms.accesses, "district": terms.districts}
    for name, allowed in lists.items():
        if form.value(name) not in allowed:
            form.fault(name, choose[name])
    connected = form.day("connected", lang)
    if connected is not None and not terms.earliest <= connected <= terms.latest:
        params = {"field": "connected", "value": connected, "earliest": terms.earliest, "latest": terms.latest}
        form.fault("connected", say("date-range", params, lang))
    return not form.errors


def check_about(application: Application, form: Form, lang: str) -> bool:
    """Whether the second step is whole: what the rule asks of this kind is told."""
    fields = fields_of_subscriptions(application.roll.rule)
    check_told(form, fields, form.value("kind"), lang, _terms(application))
    return not form.errors


class Filed(NamedTuple):
    """A filing made alone: its number, filing code, the disclosures to keep, and the version of its newest fact.

    What was told by choice is a fact of its own, so the version is 2 where anything was.
    """

    number: int
    code: str
    disclosures: str
    version: int


async def file_alone(application: Application, form: Form, operators: Collection[str], lang: str) -> Filed | None:
    """File without an operator's file: what came of it, or None with the form's errors."""
    if not check_subscription(application, form, operators, lang) or not check_about(application, form, lang):
        return None
    connected = form.day("connected", lang)
    if connected is None:
        return None
    fields = fields_of_subscriptions(application.roll.rule)
    kept = told(form, fields, form.value("kind"))
    # Step 1 for a form: it is whole, and becomes a command.
    command = File(
        operator=form.value("operator"),
        handle="",
        kind=form.value("kind"),
        access=form.value("access"),
        district=form.value("district"),
        connected=connected,
        digests=kept.digests,
        told=kept.chosen,
    )
    taken = await submit(application, form, command, None, lang, "connected")
    if taken is None:
        return None
    code = code_of(taken.number, application.roll.keys.code_key)
    return Filed(taken.number, code, "\n".join(kept.disclosures), taken.version)


def check_end(application: Application, record: Record, form: Form, lang: str) -> date | None:
    """The day that somebody is about to report as the end of their subscription; None with what is wrong in the form."""
    day = form.day("ended", lang)
    if day is None:
        return None
    setting = application.roll.setting(application.roll.day(application.roll.clock()))
    decision = decide(End(on=day), record.state, SUBSCRIBER, setting)
    if isinstance(decision, Refused):
        form.fault("ended", say_refused(decision, lang))
        return None
    return day


async def act_on(application: Application, record: Record, act: str, form: Form, lang: str) -> tuple[str, int]:
    """Do one of a subscriber's acts on their record. Errors are the form's.

    The disclosures they should keep, if any, and the version of the fact that came of it (0: none did).
    """
    makers: dict[str, Callable[[Application, Form, str], Made]] = {
        "tell": _notify,
        "take-back": partial(_withdraw, record=record),
        "move": partial(_change, record=record),
        "correct": partial(_correct, record=record),
        "end": _end,
        "erase": _erase,
        "keep": _keep,
    }
    made = None if form.errors else makers[act](application, form, lang)
    if made is None or form.errors:
        return "", 0
    command, kept, place = made
    taken = await submit(application, form, command, record.number, lang, place)
    return kept, taken.version if taken else 0


def _notify(application: Application, form: Form, lang: str) -> Made:
    fields = fields_of_subscriptions(application.roll.rule)
    first = f"field-{fields[0].name}" if fields else "code"
    check_told(form, fields, "", lang, _terms(application))
    made = told(form, fields, "")
    if not made.chosen:
        form.fault(first, gettext(lang, "Fill in what you want to tell"))
        return None
    return Notify(added=made.chosen, to=form.value("to")[:32]), "\n".join(made.disclosures), first


def _withdraw(_: Application, form: Form, lang: str, *, record: Record) -> Made:
    """Take back what the pasted text opens: of one field, or all of it that is told by choice still."""
    which = form.value("which")
    pasted = [one.digest() for one in disclosures_of(form.value("disclosure")) if which in ("", one.name)]
    given = form.words("digest") if form.in_page else pasted
    if not given:
        form.fault("disclosure", gettext(lang, "Paste the text that you kept of what you want to take back"))
        return None
    # One that is on the record no more is no fault beside others; alone it is refused as what it is.
    dropped = tuple(dict.fromkeys(one for one in given if one in record.state.told)) or given[:1]
    return Withdraw(dropped=tuple(dropped)), "", "disclosure"


def _change(application: Application, form: Form, lang: str, *, record: Record) -> Made:
    day: date | None = form.day("changed", lang)
    new = _replaced(application, form, lang, record)
    if day is None:
        return None
    digests = tuple(sorted((record.state.digests - set(new.dropped)) | set(new.added))) if new.added else None
    command = Change(
        on=day, district=form.value("district") or None, access=form.value("access") or None, digests=digests
    )
    return command, "\n".join(new.disclosures), "changed"


def _correct(application: Application, form: Form, lang: str, *, record: Record) -> Made:
    new = _replaced(application, form, lang, record)
    command = Correct(
        district=form.value("right-district") or None,
        kind=form.value("right-kind") or None,
        access=form.value("right-access") or None,
        connected=form.day_if_any("right-connected", lang),
        added=new.added,
        dropped=new.dropped,
    )
    return command, "\n".join(new.disclosures), "right-district"


def _replaced(application: Application, form: Form, lang: str, record: Record) -> Replaced:
    """What the form replaces of the fields that the rule asks of the record's kind."""
    asked = asked_of(fields_of_subscriptions(application.roll.rule), record.state.kind)
    return replaced(form, asked, lang, _terms(application))


def _end(_: Application, form: Form, lang: str) -> Made:
    day = form.day("ended", lang)
    return None if day is None else (End(on=day), "", "ended")


def _erase(_: Application, form: Form, lang: str) -> Made:
    if form.value("sure") != "yes":
        form.fault("sure", gettext(lang, "Say that you are sure: what is erased cannot come back"))
        return None
    return Erase(), "", "sure"


def _keep(_: Application, form: Form, _lang: str) -> Made:
    return RefuseRelease(passkey=form.value("signed-in-by")), "", "keep"
