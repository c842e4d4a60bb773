"""An operator's page of subscriptions that go to another operator or come to it: offered, asked for, agreed, withdrawn."""

from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from openroll.register.decision import Refused
from openroll.register.organisation.roles import Seat
from openroll.register.refusals import ReasonMissing, TextNamesSomebody
from openroll.register.subscription.refusals import HandleChanged, HandleForm, HandleLeft, HandleTaken
from openroll.rules.language import in_language
from openroll.service.application import Application
from openroll.service.filing import porting
from openroll.service.filing.porting import Party, Porting
from openroll.service.filing.submit import Taken
from openroll.service.identity import filing_code
from openroll.service.roll import Roll
from openroll.web.auth import FormData, Lang, Request, base, page, retry_after, seat, source, to
from openroll.web.forms import Form
from openroll.words import catalogue, say_refused
from openroll.words.catalogue import gettext

PATH = "operator/porting"
STEPS = ("offer", "ask", "agree", "withdraw")


@get("/{lang:str}/operator/porting", include_in_schema=False)
async def porting_page(
    lang: FromPath[Lang], request: Request, application: NamedDependency[Application]
) -> Response[str]:
    """What is on its way, and where a subscription is offered or asked for."""
    return await _page(request, application, lang, Form())


@post("/{lang:str}/operator/porting", status_code=200, include_in_schema=False)
async def step(
    lang: FromPath[Lang], data: FormData, request: Request, application: NamedDependency[Application]
) -> Any:
    """Offer one, ask for one, agree or withdraw."""
    form, by = Form(data), seat(request)
    which = form.value("step") if form.value("step") in STEPS else "withdraw"
    party = Party(by.organisation, by, source=source(request), link=f"{base(request)}{lang}/find")
    outcome = await application.ask(_done, which, form.values, party)
    if isinstance(outcome, Refused):
        form.fault(_field(which, outcome), say_refused(outcome, lang))
        answer = await _page(request, application, lang, form, outcome.refusal.status)
        answer.headers.update(retry_after(outcome))
        return answer
    application.wake()
    return to(f"/{lang}/{PATH}", f"port-{which}")


def _done(roll: Roll, step: str, given: dict[str, str], party: Party) -> Taken | Refused:
    """One step, in the operator's name."""
    said = {name: given.get(name, "").strip() for name in ("sought", "to", "code", "own", "reference", "handle", "why")}
    if step == "ask":
        return porting.ask(roll, party, said["code"], said["own"])
    if step == "agree":
        return porting.agree(roll, party, said["reference"], said["handle"])
    if step == "withdraw":
        return porting.withdraw(roll, party, said["reference"], said["why"])
    by = party.seat or Seat(party.operator, 0)
    record = filing_code.operators_record(roll, by, said["sought"], party.source)
    return record if isinstance(record, Refused) else porting.offer(roll, party, record.number, said["to"])


def _field(step: str, refused: Refused) -> str:
    """The field at which a refusal is said."""
    refusal = refused.refusal
    if isinstance(refusal, HandleForm | HandleLeft | HandleChanged | HandleTaken) and step != "offer":
        return "own" if step == "ask" else "handle"
    if isinstance(refusal, ReasonMissing | TextNamesSomebody):
        return "why"
    return {"offer": "to" if refusal.code == "operator-unknown" else "sought", "ask": "code"}.get(step, "reference")


async def _page(request: Request, application: Application, lang: str, form: Form, status: int = 200) -> Response[str]:
    operator = seat(request).organisation
    every = await application.ask(porting.waiting, operator)
    figures = (await application.figures()).operators
    named = {one.name: in_language(one.title, lang) for one in figures}
    there = {one.name for one in figures if one.ended is None}
    given: dict[str, Any] = {"waiting": [_line(application, one, named, lang) for one in every]}
    others = [{"value": name, "text": text} for name, text in named.items() if name in there - {operator}]
    given |= {"others": others, "form": form, "errors": form.summary()}
    return page("porting.html", request, application, lang, PATH, status=status, **given)


def _line(application: Application, one: Porting, named: dict[str, str], lang: str) -> dict[str, str]:
    what = (application.kind(one.kind, lang), application.access(one.access, lang))
    where = in_language(application.district(one.district).title, lang)
    return {
        "reference": one.reference,
        "way": gettext(lang, "From {losing} to {gaining}").format(
            losing=named.get(one.losing, one.losing), gaining=named.get(one.gaining, one.gaining)
        ),
        "handle": one.handle,
        "what": gettext(lang, ", ").join((*what, where)),
        "connected": catalogue.day(lang, one.connected),
        "until": catalogue.day(lang, one.until),
        "turn": _turn(one, lang),
    }


def _turn(one: Porting, lang: str) -> str:
    if one.void:
        return gettext(lang, "nobody's: the seat that began it has ended; let it stay where it is, and begin again")
    return gettext(lang, "the other operator's") if one.mine else gettext(lang, "yours")


porting_handlers: tuple[ControllerRouterHandler, ...] = (porting_page, step)
"""The page of subscriptions that change their operator."""
