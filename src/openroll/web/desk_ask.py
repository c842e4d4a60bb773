"""The form in which an officer asks: what names the record, and the grounds, are sealed in the browser; no clear text is sent."""

from collections.abc import Sequence
from datetime import UTC
from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.types import ControllerRouterHandler

from openroll.register.decision import Refused
from openroll.register.organisation.roles import Seat
from openroll.register.request.ask import needs_objector
from openroll.register.request.commands import FileRequest
from openroll.register.request.one_record import suffix_rules
from openroll.register.request.state import Use
from openroll.register.request.words import DESIRED, URGENCIES
from openroll.rules.language import in_language
from openroll.rules.procedure import procedure_for
from openroll.rules.zones import zone_names
from openroll.service.application import Application
from openroll.service.identity.people import organisations
from openroll.service.requests import ask, rights
from openroll.service.roll import Roll
from openroll.web.auth import FormData, Lang, Request, page, seat, to
from openroll.web.desk import PATH, answer_json, problem, say_of_fields, script_data, wants_json
from openroll.web.desk_acts import sealed_in
from openroll.web.field_titles import titles_in
from openroll.web.forms import Form
from openroll.web.requests import purpose_of
from openroll.words import catalogue, desk
from openroll.words.catalogue import gettext
from openroll.words.labels import options
from openroll.words.requests import DESIRED as DESIRED_SAID
from openroll.words.requests import URGENCIES as URGENCIES_SAID

_PLACES = {
    "beyond-use": "which",
    "reviewer-not-apart": "reviewer",
    "operator-unknown": "operator",
    "nothing-preserved": "earlier",
    "word-of-list": "urgency",
}
"""The field at which a refusal is said; the registered use for any other."""


@get("/{lang:str}/desk/lists", include_in_schema=False)
async def lists(lang: FromPath[Lang]) -> Response[Any]:  # noqa: ARG001 - as every page has one
    """What the pages' script holds a record against as the commands do: rules of public suffixes, and names of time zones."""
    return answer_json({"suffixes": sorted(suffix_rules()), "zones": sorted(zone_names())})


@get("/{lang:str}/desk/ask", include_in_schema=False)
async def ask_page(
    lang: FromPath[Lang],
    request: Request,
    application: NamedDependency[Application],
    earlier: FromQuery[str] = "",
) -> Response[str]:
    """The form; `earlier` is the request under which something is preserved that is asked for now."""
    given = {"earlier": earlier, "desired": "produce"} if earlier.isascii() and earlier.isdigit() else {}
    return await _page(request, application, lang, Form(given))


async def _page(request: Request, application: Application, lang: str, form: Form, status: int = 200) -> Response[str]:
    own = seat(request).organisation
    uses = await application.ask(rights.uses, own)
    every = await application.ask(organisations)
    named = {
        kind: [{"value": one.name, "text": in_language(one.title, lang)} for one in every if one.kind == kind]
        for kind in ("operator", "reviewer")
    }
    roll = application.roll
    titles = titles_in(application, lang)
    procedure = procedure_for(roll.rule)
    begins = {"emergency", "ordinary"} & set(procedure.begins)
    fields = dict.fromkeys(name for use in uses for name in use.fields)
    given: dict[str, Any] = {
        "uses": [_use(one.number, purpose_of(one, application, lang), one.basis, lang) for one in uses],
        "operators": named["operator"],
        "reviewers": named["reviewer"],
        "third": needs_objector(procedure),
        "fields": [{"name": f"field-{name}", "value": "yes", "text": titles.get(name, name)} for name in fields],
        "urgencies": options(lang, URGENCIES_SAID, tuple(one for one in URGENCIES if one in begins)),
        "wishes": options(lang, DESIRED_SAID, DESIRED),
        "means": options(lang, desk.MEANS),
        "form": form,
        "errors": form.summary(),
        "script": script_data(application, lang),
        "asking": _asking(seat(request), uses, roll),
        "zone": roll.zone.key,
    }
    return page("desk-ask.html", request, application, lang, f"{PATH}/ask", status=status, **given)


def _asking(by: Seat, uses: Sequence[Use], roll: Roll) -> str:
    """What the form's script needs to know: who asks, the roll's clock, and the fields of each use that may be asked for."""
    given = {
        "own": by.organisation,
        "seat": str(by),
        "now": roll.clock().astimezone(UTC).isoformat(),
        "fields": {str(one.number): one.fields for one in uses},
    }
    return msgspec.json.encode(given).decode()


def _use(number: int, purpose: str, basis: str, lang: str) -> dict[str, str]:
    text = catalogue.number(lang, number) + gettext(lang, ": ") + purpose + gettext(lang, ", ") + basis
    return {"value": str(number), "text": text}


@post("/{lang:str}/desk/ask", status_code=200, include_in_schema=False)
async def file_request(
    lang: FromPath[Lang], data: FormData, request: Request, application: NamedDependency[Application]
) -> Any:
    """File what the page's script sealed."""
    form = Form(data)
    command = FileRequest(
        use=_number(form.value("use")) or 0,
        operator=form.value("operator"),
        reviewer=form.value("reviewer"),
        objector=form.value("objector"),
        fields=tuple(name.removeprefix("field-") for name in form.values if name.startswith("field-")),
        urgency=form.value("urgency"),
        desired=form.value("desired"),
        earlier=_number(form.value("earlier")),
        envelope=sealed_in(form, "envelope"),
        case_digest=form.value("case_digest"),
    )
    dry = form.value("dry-run") == "yes"
    by = seat(request)
    acted = await application.ask(ask.file_request, command, by, dry_run=dry)
    if isinstance(acted, Refused):
        place, sentence = _PLACES.get(acted.refusal.code, "use"), say_of_fields(acted, application, lang)
        if wants_json(request):
            return problem(sentence, acted.refusal.status, place)
        form.fault(place, sentence)
        return await _page(request, application, lang, form, acted.refusal.status)
    if dry:
        return answer_json({"to": ""})
    application.wake()
    after = f"/{lang}/{PATH}/{acted.fresh}"
    return answer_json({"to": f"{after}?done=request", "by": str(by)}) if wants_json(request) else to(after, "request")


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 15 else None


desk_ask_handlers: tuple[ControllerRouterHandler, ...] = (lists, ask_page, file_request)
"""The page on which an officer asks, and what its script checks with."""
