"""Tokens of programs: the operator's own page, and the registrar's, which sees no labels and ends one for a reason only."""

from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from openroll.register.decision import Refused
from openroll.register.organisation.refusals import DaysOutOfRange
from openroll.register.organisation.roles import Seat
from openroll.rules.language import in_language
from openroll.service.application import Application
from openroll.service.identity import api_tokens, people
from openroll.service.identity.api_tokens import OVERLAP, Live
from openroll.web.auth import FormData, Lang, Request, page, seat, to
from openroll.web.forms import Form
from openroll.words import catalogue, say_refused


@get("/{lang:str}/operator/tokens", include_in_schema=False)
async def own(lang: FromPath[Lang], request: Request, application: NamedDependency[Application]) -> Response[str]:
    """The tokens with which the operator's programs file."""
    return await _own_page(request, application, lang, Form())


async def _own_page(
    request: Request, application: Application, lang: str, form: Form, *, token: str = "", status: int = 200
) -> Response[str]:
    kept = await application.ask(api_tokens.live_tokens, seat(request).organisation)
    given: dict[str, Any] = {
        "tokens": [row(application, one, lang, seat(request).organisation) for one in kept],
        "token": token,
        "overlap": OVERLAP,
    }
    given |= {"form": form, "errors": form.summary()}
    return page("tokens.html", request, application, lang, "operator/tokens", status=status, **given)


def days_in(text: str) -> int | None:
    """The days that somebody typed, None for nothing. Whatever is no number is a number of days out of range: one sentence says
    what can be written."""
    if not text:
        return None
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0


def row(application: Application, one: Live, lang: str, organisation: str) -> dict[str, Any]:
    """A token of an organisation as pages show it; `seat` is the seat that acts by it, empty for none."""
    zone = application.roll.zone
    return {
        "id": one.number,
        "label": one.label,
        "issued": catalogue.moment(lang, one.issued, zone),
        "ends": "" if one.ends is None else catalogue.moment(lang, one.ends, zone),
        "replaced": one.replaced,
        "seat": str(Seat(organisation, one.seat)) if one.seat else "",
    }


@post("/{lang:str}/operator/tokens", status_code=200, include_in_schema=False)
async def issue(
    lang: FromPath[Lang], data: FormData, request: Request, application: NamedDependency[Application]
) -> Response[str]:
    """Issue a token; it is shown on this one page."""
    form, by = Form(data), seat(request)
    lasts = days_in(form.value("days"))
    token = await application.ask(api_tokens.issue_token, by.organisation, form.value("label"), by, days=lasts)
    application.wake()
    if isinstance(token, Refused):
        place = "days" if isinstance(token.refusal, DaysOutOfRange) else "label"
        form.fault(place, say_refused(token, lang))
        return await _own_page(request, application, lang, form, status=422)
    return await _own_page(request, application, lang, Form(), token=token)


@post("/{lang:str}/operator/tokens/{number:int}/replace", status_code=200, include_in_schema=False)
async def replace(
    lang: FromPath[Lang], number: FromPath[int], request: Request, application: NamedDependency[Application]
) -> Response[str]:
    """Issue a successor to a token; it is shown on this one page. The old one ends by itself."""
    form, by = Form(), seat(request)
    token = await application.ask(api_tokens.replace_token, by.organisation, number, by)
    application.wake()
    if isinstance(token, Refused):
        form.fault("tokens", say_refused(token, lang))
        return await _own_page(request, application, lang, form, status=token.refusal.status)
    return await _own_page(request, application, lang, form, token=token)


@post("/{lang:str}/operator/tokens/{number:int}/end", status_code=200, include_in_schema=False)
async def end_own(
    lang: FromPath[Lang], number: FromPath[int], request: Request, application: NamedDependency[Application]
) -> Response[Any]:
    """End a token at once."""
    by = seat(request)
    ended = await application.ask(api_tokens.end_token, by.organisation, number, by)
    if isinstance(ended, Refused):
        form = Form()
        form.fault("tokens", say_refused(ended, lang))
        return await _own_page(request, application, lang, form, status=ended.refusal.status)
    application.wake()
    return to(f"/{lang}/operator/tokens", "ended")


@get("/{lang:str}/registrar/organisations/{name:str}/tokens", include_in_schema=False)
async def theirs(
    lang: FromPath[Lang], name: FromPath[str], request: Request, application: NamedDependency[Application]
) -> Response[str]:
    """An operator's tokens as the registrar sees them: numbers and days, no labels."""
    return await _their_page(request, application, lang, name, Form())


async def _their_page(
    request: Request, application: Application, lang: str, name: str, form: Form, *, status: int = 200
) -> Response[str]:
    every = await application.ask(people.organisations)
    found = next((one for one in every if one.name == name and one.kind == "operator"), None)
    if found is None:
        raise NotFoundException
    kept = await application.ask(api_tokens.live_tokens, name)
    given: dict[str, Any] = {
        "tokens": [row(application, one, lang, name) for one in kept],
        "operator": name,
        "organisation": in_language(found.title, lang),
        "form": form,
        "errors": form.summary(),
    }
    here = f"registrar/organisations/{name}/tokens"
    return page("tokens-of-operator.html", request, application, lang, here, status=status, **given)


@post(
    "/{lang:str}/registrar/organisations/{name:str}/tokens/{number:int}/end", status_code=200, include_in_schema=False
)
async def end_theirs(
    lang: FromPath[Lang],
    name: FromPath[str],
    number: FromPath[int],
    data: FormData,
    request: Request,
    application: NamedDependency[Application],
) -> Response[Any]:
    """End an operator's token, for a reason that stands in the public log."""
    form = Form(data)
    refused = await application.ask(api_tokens.end_token, name, number, seat(request), form.value(f"why-{number}"))
    if isinstance(refused, Refused):
        form.fault(f"why-{number}", say_refused(refused, lang))
        return await _their_page(request, application, lang, name, form, status=refused.refusal.status)
    application.wake()
    return to(f"/{lang}/registrar/organisations/{name}/tokens", "ended")


token_handlers: tuple[ControllerRouterHandler, ...] = (own, issue, replace, end_own, theirs, end_theirs)
"""Pages of tokens."""
