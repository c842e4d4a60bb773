"""An operator's page of filings that people made alone under its name: it takes or disowns them."""

from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from openroll.register.decision import Refused
from openroll.register.refusals import ReasonMissing, RequestShape, TextNamesSomebody
from openroll.register.subscription.refusals import HandleChanged, HandleLeft, HandleTaken
from openroll.rules.language import in_language
from openroll.service.application import Application
from openroll.service.filing import unconfirmed
from openroll.service.filing.submit import Taken, refused_of
from openroll.service.filing.unconfirmed import Waiting, Word
from openroll.web.auth import FormData, Lang, Request, page, retry_after, seat, source, to
from openroll.web.forms import Form
from openroll.words import catalogue, say_refused

SHOWN = 100


@get("/{lang:str}/operator/unconfirmed", include_in_schema=False)
async def waiting_page(
    lang: FromPath[Lang], request: Request, application: NamedDependency[Application]
) -> Response[str]:
    """What waits for the operator's word."""
    return await _page(request, application, lang, Form())


@post("/{lang:str}/operator/unconfirmed", status_code=200, include_in_schema=False)
async def said(
    lang: FromPath[Lang], data: FormData, request: Request, application: NamedDependency[Application]
) -> Any:
    """Take one, or disown it."""
    form = Form(data)
    names = ("reference", "word", "handle", "why")
    reference = "".join(form.value("reference").split())
    word = Word(**{name: form.value(name) for name in names} | {"reference": reference})
    (outcome,) = await application.say(seat(request).organisation, [word], source(request))
    if not isinstance(outcome, Taken):
        refused = refused_of(outcome)
        refusal = refused.refusal
        wrong = isinstance(refusal, HandleChanged | HandleLeft | HandleTaken | RequestShape)
        place = "handle" if wrong else "why" if isinstance(refusal, ReasonMissing | TextNamesSomebody) else "reference"
        form.fault(place, say_refused(refused, lang))
        answer = await _page(request, application, lang, form, refusal.status)
        answer.headers.update(retry_after(refused))
        return answer
    return to(f"/{lang}/operator/unconfirmed", "word-taken")


async def _page(request: Request, application: Application, lang: str, form: Form, status: int = 200) -> Response[str]:
    after = request.query_params.get("after", "")
    found = await application.ask(unconfirmed.waiting, seat(request).organisation, after)
    every = [] if isinstance(found, Refused) else found
    given: dict[str, Any] = {"waiting": [_line(application, one, lang) for one in every[:SHOWN]]}
    given |= {"more": every[SHOWN - 1].reference if len(every) > SHOWN else "", "form": form, "errors": form.summary()}
    return page("unconfirmed.html", request, application, lang, "operator/unconfirmed", status=status, **given)


def _line(application: Application, one: Waiting, lang: str) -> dict[str, str]:
    where = application.district(one.district)
    return {
        "reference": one.reference,
        "kind": application.kind(one.kind, lang),
        "access": application.access(one.access, lang),
        "district": in_language(where.title, lang),
        "connected": catalogue.day(lang, one.connected),
        "filed": catalogue.day(lang, one.filed),
        "until": catalogue.day(lang, one.until),
    }


unconfirmed_handlers: tuple[ControllerRouterHandler, ...] = (waiting_page, said)
"""The page of filings to confirm."""
