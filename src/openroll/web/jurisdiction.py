"""The registrar's page on which a changed jurisdiction is proposed: checked, its differences in words, then sent."""

from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from openroll.places import Bundle
from openroll.register.decision import Refused
from openroll.register.roll.refusals import JurisdictionFaulty
from openroll.service.application import Application
from openroll.service.governance import rule_versions
from openroll.service.roll import Roll
from openroll.web.auth import FormData, Lang, Request, page, refused_page, seat, to
from openroll.web.forms import Form
from openroll.web.place_changes import place_changes
from openroll.words import catalogue, say, say_refused
from openroll.words.catalogue import gettext


def _page(
    request: Request, application: Application, lang: str, form: Form, *, status: int = 200, **told: Any
) -> Response[str]:
    given: dict[str, Any] = {"checked": None, "faults": (), **told, "form": form, "errors": form.summary()}
    given["now"] = application.roll.version.place_name
    return page("jurisdiction.html", request, application, lang, "registrar/rules", status=status, **given)


@get("/{lang:str}/registrar/jurisdiction", include_in_schema=False)
async def jurisdiction_page(
    lang: FromPath[Lang], request: Request, application: NamedDependency[Application]
) -> Response[str]:
    """The jurisdiction of today as texts to change."""
    texts = await application.weigh(seat(request), _texts)
    if isinstance(texts, Refused):
        return refused_page(application, lang, texts)
    return _page(request, application, lang, Form(texts))


def _texts(roll: Roll) -> dict[str, str]:
    # What reads folders carries calendars and numbering plans: 30 MB, in a server that few ask for this page.
    from openroll.places.writing import districts_text, main_text  # noqa: PLC0415 - see above

    return {"main": main_text(roll.place), "districts": districts_text(roll.place)}


def _read(_: Roll, old: Bundle, texts: tuple[str, str], lang: str) -> tuple[Bundle, list[dict[str, str]]] | Refused:
    """The jurisdiction that two texts make of another, and what changes, in words."""
    place = rule_versions.read_place(old, *texts)
    return place if isinstance(place, Refused) else (place, place_changes(old, place, lang))


@post("/{lang:str}/registrar/jurisdiction", status_code=200, include_in_schema=False)
async def propose(
    lang: FromPath[Lang], data: FormData, request: Request, application: NamedDependency[Application]
) -> Response[Any]:
    """Check a changed jurisdiction, or propose it to be in force from a day."""
    form, old, by = Form(data), application.roll.place, seat(request)
    texts = (form.values.get("main", ""), form.values.get("districts", ""))
    read = await application.weigh(by, _read, old, texts, lang)
    if isinstance(read, Refused):
        told = read.refusal.faults if isinstance(read.refusal, JurisdictionFaulty) else ()
        faults = tuple(catalogue.said(lang, one) for one in told)
        form.fault("main", say(read.refusal.code, {"faults": faults[:1]}, lang) if told else say_refused(read, lang))
        return _page(request, application, lang, form, status=read.refusal.status, faults=faults)
    place, found = read
    if form.value("act") == "check":
        return _page(request, application, lang, form, checked=found)
    starts = form.day("starts", lang)
    if starts is None:
        return _page(request, application, lang, form, status=422, checked=found)
    if form.value("seen") != "yes":
        form.fault("seen", gettext(lang, "Say that you have read what it changes"))
        return _page(request, application, lang, form, status=422, checked=found)
    proposed = await application.weigh(by, rule_versions.propose_place, place, starts, by)
    if isinstance(proposed, Refused):
        where = "starts" if proposed.refusal.code == "starts-too-soon" else "main"
        form.fault(where, say_refused(proposed, lang))
        return _page(request, application, lang, form, status=422, checked=found)
    application.wake()
    return to(f"/{lang}/registrar/rules", "proposed")


jurisdiction_handlers: tuple[ControllerRouterHandler, ...] = (jurisdiction_page, propose)
"""The routes of this page."""
