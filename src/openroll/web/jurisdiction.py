"""The registrar's page on which a changed jurisdiction is proposed: checked, its differences in words, then sent."""

from datetime import date
from typing import Any, NamedTuple

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from openroll.places import Bundle
from openroll.register.decision import Refused
from openroll.register.roll.refusals import JurisdictionFaulty, StaleProposal, StartsTooSoon, TakesBack
from openroll.rules.text import made_on
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
    given: dict[str, Any] = {"checked": None, "faults": (), "back": "", **told, "form": form, "errors": form.summary()}
    roll = application.roll
    today = roll.day(roll.clock())
    given["now"] = roll.version.place_name
    given["later"] = [(catalogue.day(lang, one.starts), one.place_name) for one in roll.versions if one.starts > today]
    return page("jurisdiction.html", request, application, lang, "registrar/rules", status=status, **given)


@get("/{lang:str}/registrar/jurisdiction", include_in_schema=False)
async def jurisdiction_page(
    lang: FromPath[Lang], request: Request, application: NamedDependency[Application]
) -> Response[str]:
    """The jurisdiction of today as texts to change."""
    texts = await application.weigh(seat(request), _texts, application.roll.place)
    if isinstance(texts, Refused):
        return refused_page(application, lang, texts)
    return _page(request, application, lang, Form(texts))


def _texts(_: Roll, place: Bundle) -> dict[str, str]:
    # What reads folders carries calendars and numbering plans: 30 MB, in a server that few ask for this page.
    from openroll.places.writing import districts_text, saved_text  # noqa: PLC0415 - see above

    return {"main": saved_text(place), "districts": districts_text(place)}


class Read(NamedTuple):
    """The jurisdiction that two texts make of the one of a day, what they were made on, and what changes, in words."""

    place: Bundle
    made_on: str
    changes: list[dict[str, str]]


def _read(roll: Roll, starts: date | None, texts: tuple[str, str], lang: str) -> Read | Refused:
    """What two texts make of the jurisdiction of a day, of today's where none is said. Refused where it was made on another."""
    base = made_on(texts[0])
    old = rule_versions.place_to_change(roll, starts or roll.day(roll.clock()), base if starts else "")
    if isinstance(old, Refused):
        return old
    place = rule_versions.read_place(old, *texts)
    if isinstance(place, Refused):
        return place
    return Read(place, base, place_changes(old, place, lang))


@post("/{lang:str}/registrar/jurisdiction", status_code=200, include_in_schema=False)
async def propose(
    lang: FromPath[Lang], data: FormData, request: Request, application: NamedDependency[Application]
) -> Response[Any]:
    """Check a changed jurisdiction, or propose it to be in force from a day."""
    form, by, act = Form(data), seat(request), data.get("act")
    starts = form.day("starts", lang) if act != "check" or form.value("starts-year") else None
    if act == "begin":
        return await _begun(request, application, lang, form, starts)
    texts = (form.values.get("main", ""), form.values.get("districts", ""))
    read = await application.weigh(by, _read, starts, texts, lang)
    if isinstance(read, Refused):
        told = read.refusal.faults if isinstance(read.refusal, JurisdictionFaulty) else ()
        faults = tuple(catalogue.said(lang, one) for one in told)
        said = say(read.refusal.code, {"faults": faults[:1]}, lang) if told else say_refused(read, lang)
        form.fault(_field_of(read), said)
        return _page(request, application, lang, form, status=read.refusal.status, faults=faults)
    found = read.changes
    if act == "check" or starts is None:
        return _page(request, application, lang, form, status=422 if form.errors else 200, checked=found)
    if form.value("seen") != "yes":
        form.fault("seen", gettext(lang, "Say that you have read what it changes"))
        return _page(request, application, lang, form, status=422, checked=found)
    made_on_it = read.made_on or form.value("back")
    proposed = await application.weigh(by, rule_versions.propose_place, read.place, starts, by, made_on_it)
    if isinstance(proposed, Refused):
        form.fault(_field_of(proposed), say_refused(proposed, lang))
        back = proposed.refusal.jurisdiction if isinstance(proposed.refusal, TakesBack) else ""
        return _page(request, application, lang, form, status=422, checked=found, back=back)
    application.wake()
    return to(f"/{lang}/registrar/rules", "proposed")


async def _begun(
    request: Request, application: Application, lang: str, form: Form, starts: date | None
) -> Response[str]:
    """The form again, with the texts of the day on which the change is to start."""
    if starts is None:
        return _page(request, application, lang, form, status=422)
    texts = await application.weigh(seat(request), _texts, application.roll.rule_on(starts).place)
    if isinstance(texts, Refused):
        return refused_page(application, lang, texts)
    return _page(request, application, lang, Form({**form.values, **texts}))


def _field_of(refused: Refused) -> str:
    """The field of the form that a refusal is about."""
    return "starts" if isinstance(refused.refusal, StartsTooSoon | StaleProposal) else "main"


jurisdiction_handlers: tuple[ControllerRouterHandler, ...] = (jurisdiction_page, propose)
"""The routes of this page."""
