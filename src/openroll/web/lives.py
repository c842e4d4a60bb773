"""Pages of the life of operators: one is succeeded by another, or leaves; the operator's own, and the registrar's."""

from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from openroll.register.decision import Accepted, Decision, Refused
from openroll.register.organisation.events import SuccessionAccepted
from openroll.register.organisation.roles import Seat
from openroll.rules.language import in_language
from openroll.service.application import Application
from openroll.service.governance import lives
from openroll.service.governance.lives import Operator
from openroll.service.roll import Roll
from openroll.web.auth import FormData, Lang, Request, page, seat, to
from openroll.web.forms import Form
from openroll.words import catalogue, say_refused
from openroll.words.catalogue import gettext

OWN, REGISTRARS = "operator/succession", "registrar/succession"
STEPS = {"offer": "heir", "ask": "other", "agree": "offered", "withdraw": "offered", "leave": "leaving"}
"""The steps, each with the field at which its refusal is said."""


@get("/{lang:str}/operator/succession", include_in_schema=False)
async def own(lang: FromPath[Lang], request: Request, application: NamedDependency[Application]) -> Response[str]:
    """What is offered to the operator or by it, and where it merges or leaves."""
    return await _own_page(request, application, lang, Form())


@post("/{lang:str}/operator/succession", status_code=200, include_in_schema=False)
async def own_step(
    lang: FromPath[Lang], data: FormData, request: Request, application: NamedDependency[Application]
) -> Response[Any]:
    """Offer, ask, agree, withdraw or leave, in the operator's name."""
    form, by = Form(data), seat(request)
    step = form.value("step") if form.value("step") in STEPS else "withdraw"
    operator, heir = by.organisation, form.value("heir")
    if step == "ask":
        operator, heir = form.value("other"), by.organisation
    elif step in ("agree", "withdraw"):
        operator = form.value("operator")
    decision = await application.ask(_done, step, operator, heir, form.value(_reason(step)), by)
    if isinstance(decision, Refused):
        form.fault(STEPS[step], say_refused(decision, lang))
        return await _own_page(request, application, lang, form, decision.refusal.status)
    application.wake()
    waits = isinstance(decision, Accepted) and isinstance(decision.events[0], SuccessionAccepted)
    ended = operator == by.organisation and step in ("agree", "leave") and not waits
    return to(f"/{lang}" if ended else f"/{lang}/{OWN}", _said(step, waits=waits, heir=operator != by.organisation))


def _said(step: str, *, waits: bool, heir: bool) -> str:
    """The name of what is said of a step that was done: an agreement tells each side what it means for it."""
    if waits:
        return "succession-accept"
    return "succession-heir" if step == "agree" and heir else f"succession-{step}"


def _reason(step: str) -> str:
    return {"withdraw": "why", "leave": "leaving"}.get(step, "")


def _done(roll: Roll, step: str, operator: str, heir: str, why: str, by: Seat) -> Decision:
    """One step, by a seat."""
    if step in ("offer", "ask"):
        return lives.offer_succession(roll, operator, heir, by)
    if step == "agree":
        return lives.succeed(roll, operator, heir, by)
    if step == "leave":
        return lives.leave_roll(roll, operator, why, by)
    return lives.withdraw_succession(roll, operator, why, by)


async def _own_page(
    request: Request, application: Application, lang: str, form: Form, status: int = 200
) -> Response[str]:
    operator = seat(request).organisation
    every = await application.ask(lives.lives)
    named = await _named(application, lang)
    about = [one for one in every if one.to and operator in (one.name, one.to)]
    given: dict[str, Any] = {
        "offers": [_line(one, named, lang, seat(request)) for one in about],
        "others": _choices([one for one in every if one.ended is None and one.name != operator], named),
        "living": await application.ask(lives.living, operator),
        "form": form,
        "errors": form.summary(),
    }
    return page("succession-own.html", request, application, lang, OWN, status=status, **given)


@get("/{lang:str}/registrar/succession", include_in_schema=False)
async def registrars(
    lang: FromPath[Lang], request: Request, application: NamedDependency[Application]
) -> Response[str]:
    """Every operator as its life stands, and where the registrar announces, carries out or ends."""
    return await _registrars_page(request, application, lang, Form())


@post("/{lang:str}/registrar/succession", status_code=200, include_in_schema=False)
async def registrars_step(
    lang: FromPath[Lang], data: FormData, request: Request, application: NamedDependency[Application]
) -> Response[Any]:
    """Announce, carry out, take back, or have an operator leave that is gone."""
    form = Form(data)
    step = form.value("step") if form.value("step") in STEPS else "withdraw"
    operator = form.value("gone") if step == "leave" else form.value("operator")
    why = form.value(_reason(step))
    decision = await application.ask(_done, step, operator, form.value("heir"), why, seat(request))
    if isinstance(decision, Refused):
        form.fault(STEPS[step], say_refused(decision, lang))
        return await _registrars_page(request, application, lang, form, decision.refusal.status)
    application.wake()
    return to(f"/{lang}/{REGISTRARS}", "succession-carried-out" if step == "agree" else f"succession-{step}")


async def _registrars_page(
    request: Request, application: Application, lang: str, form: Form, status: int = 200
) -> Response[str]:
    every = await application.ask(lives.lives)
    named = await _named(application, lang)
    given: dict[str, Any] = {
        "operators": [_line(one, named, lang) for one in every],
        "there": _choices([one for one in every if one.ended is None], named),
        "form": form,
        "errors": form.summary(),
    }
    return page("succession.html", request, application, lang, REGISTRARS, status=status, **given)


async def _named(application: Application, lang: str) -> dict[str, str]:
    return {one.name: in_language(one.title, lang) for one in (await application.figures()).operators}


def _choices(every: list[Operator], named: dict[str, str]) -> list[dict[str, str]]:
    return [{"value": one.name, "text": named.get(one.name, one.name)} for one in every]


def _line(one: Operator, named: dict[str, str], lang: str, me: Seat | None = None) -> dict[str, Any]:
    """An operator as its life stands. `me` is whose page it is: who offered cannot agree."""
    own = "" if me is None else me.organisation
    # The operator that ends may need a second lead of its own; what both agreed to is done by either when its days are over.
    mine = one.offered_by == str(me) or (one.offered_by.partition("/")[0] == own and one.name != own)
    agrees = one.ready if one.notice is not None else not mine
    return {
        "name": one.name,
        "title": named.get(one.name, one.name),
        "to": one.to or "",
        "stands": _stands(one, named, lang),
        "by": one.offered_by,
        "announced": one.announced,
        "may_agree": bool(one.to) and (one.to == own and not one.accepted if one.announced else agrees),
        "may_carry_out": one.ready and one.announced,
        "may_withdraw": bool(one.to),
    }


def _stands(one: Operator, named: dict[str, str], lang: str) -> str:
    """How an operator's life stands, in a sentence."""
    heir = one.heir or one.to or ""
    given = {"heir": named.get(heir, heir)}
    if one.ended is not None:
        day = catalogue.day(lang, one.ended)
        if one.heir:
            return gettext(lang, "Succeeded by {heir} on {day}").format(day=day, **given)
        return gettext(lang, "Left the roll on {day}").format(day=day)
    if one.to and one.until:
        until = catalogue.day(lang, one.until)
        if one.announced and one.heard:
            return gettext(lang, "{heir} was to succeed it; void, as it gave a sign of life on {day}").format(
                day=catalogue.day(lang, one.heard), **given
            )
        if one.announced and not one.accepted:
            return gettext(
                lang, "{heir} is to succeed it after the notice, which runs until {until}, if {heir} agrees"
            ).format(until=until, **given)
        if one.announced:
            return gettext(lang, "{heir} is to succeed it after the notice, which runs until {until}").format(
                until=until, **given
            )
        if one.notice is not None:
            day = catalogue.day(lang, one.notice)
            return gettext(lang, "{heir} is to succeed it after {day}, unless a lead takes it back").format(
                day=day, **given
            )
        if one.accepted:
            return gettext(lang, "{heir} is to succeed it, if one lead more agrees until {until}").format(
                until=until, **given
            )
        return gettext(lang, "{heir} is to succeed it, if both agree until {until}").format(until=until, **given)
    return gettext(lang, "In the roll")


life_handlers: tuple[ControllerRouterHandler, ...] = (own, own_step, registrars, registrars_step)
"""The pages of operators that leave or are succeeded."""
