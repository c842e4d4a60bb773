"""The tokens by which programs act for one's own seat: made here by the seat itself, shown once, and ended."""

from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from openroll.register.decision import Refused
from openroll.register.organisation.refusals import DaysOutOfRange
from openroll.register.refusals import ReasonMissing
from openroll.service.application import Application
from openroll.service.identity import api_tokens
from openroll.web.auth import FormData, Lang, Request, page, seat, someone, to
from openroll.web.desk import PATH
from openroll.web.forms import Form
from openroll.web.tokens import days_in, row
from openroll.words import say_refused


@get("/{lang:str}/desk/tokens", include_in_schema=False)
async def own_tokens(
    lang: FromPath[Lang], request: Request, application: NamedDependency[Application]
) -> Response[str]:
    """The tokens of one's own seat."""
    return await _page(request, application, lang, Form())


async def _page(
    request: Request, application: Application, lang: str, form: Form, *, token: str = "", status: int = 200
) -> Response[str]:
    me = seat(request)
    kept = await application.ask(api_tokens.tokens_of_seat, me)
    given: dict[str, Any] = {
        "tokens": [row(application, one, lang, me.organisation) for one in kept],
        "seat": str(me),
        "token": token,
        "by_passkey": someone(request).by_passkey,
        "form": form,
        "errors": form.summary(),
    }
    return page("desk-tokens.html", request, application, lang, f"{PATH}/tokens", status=status, **given)


@post("/{lang:str}/desk/tokens", status_code=200, include_in_schema=False)
async def make(
    lang: FromPath[Lang], data: FormData, request: Request, application: NamedDependency[Application]
) -> Response[str]:
    """Make a token of one's own seat; it is shown on this one page."""
    form = Form(data)
    made = await application.ask(
        api_tokens.issue_own_token, someone(request), form.value("label"), days=days_in(form.value("days"))
    )
    if isinstance(made, Refused):
        place = {DaysOutOfRange: "days", ReasonMissing: "label"}.get(type(made.refusal), "make")
        form.fault(place, say_refused(made, lang))
        return await _page(request, application, lang, form, status=made.refusal.status)
    application.wake()
    return await _page(request, application, lang, Form(), token=made)


@post("/{lang:str}/desk/tokens/{number:int}/end", status_code=200, include_in_schema=False)
async def end(
    lang: FromPath[Lang], number: FromPath[int], request: Request, application: NamedDependency[Application]
) -> Response[Any]:
    """End a token of one's own seat at once."""
    me = seat(request)
    ended = await application.ask(api_tokens.end_token, me.organisation, number, me)
    if isinstance(ended, Refused):
        form = Form()
        form.fault("tokens", say_refused(ended, lang))
        return await _page(request, application, lang, form, status=ended.refusal.status)
    application.wake()
    return to(f"/{lang}/{PATH}/tokens", "request")


desk_token_handlers: tuple[ControllerRouterHandler, ...] = (own_tokens, make, end)
"""Pages of a seat's own tokens."""
