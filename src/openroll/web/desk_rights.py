"""What is there before anybody asks: an organisation's keys for envelopes, and what an authority may ask for."""

import base64
from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from openroll.register.decision import Refused
from openroll.register.organisation.roles import lead_of
from openroll.register.request.commands import RegisterUse
from openroll.register.request.state import Use
from openroll.register.request.whose import is_seat_of
from openroll.service.application import Application
from openroll.service.requests import rights
from openroll.service.requests.rights import SeenKey
from openroll.web.auth import FormData, Lang, Request, page, seat, someone, to
from openroll.web.desk import PATH, purposes, script_data
from openroll.web.field_titles import titles_in
from openroll.web.forms import Form
from openroll.web.requests import purpose_of
from openroll.words import catalogue, say_refused
from openroll.words.catalogue import gettext
from openroll.words.desk import WHY
from openroll.words.labels import words

_MOST_NUMBER = 15
"""Digits of a number of a use: with more it is none."""


def _leads(request: Request) -> bool:
    me = someone(request)
    return lead_of(me.kind) in me.roles and not me.waiting


@get("/{lang:str}/desk/keys", include_in_schema=False)
async def keys_page(lang: FromPath[Lang], request: Request, application: NamedDependency[Application]) -> Response[str]:
    """The keys of one's organisation, with the receipts that prove them; its lead makes, publishes and ends them."""
    return await _keys_page(request, application, lang, Form())


async def _keys_page(
    request: Request, application: Application, lang: str, form: Form, status: int = 200
) -> Response[str]:
    own = seat(request).organisation
    keys = await application.ask(rights.published_keys, own)
    given: dict[str, Any] = {
        "keys": [_key_row(one) for one in keys],
        "own": own,
        "lead": _leads(request),
        "form": form,
        "errors": form.summary(),
        "script": script_data(application, lang),
    }
    return page("desk-keys.html", request, application, lang, f"{PATH}/keys", status=status, **given)


def _key_row(one: SeenKey) -> dict[str, Any]:
    receipt = base64.b64encode(one.receipt.encode()).decode()
    by = {"by": one.by, "day": one.published, "own": is_seat_of(one.by, one.organisation)}
    return {"key": one.key, "ended": one.ended, "receipt": receipt, "public": one.public} | by


@post("/{lang:str}/desk/keys", status_code=200, include_in_schema=False)
async def change_keys(
    lang: FromPath[Lang], data: FormData, request: Request, application: NamedDependency[Application]
) -> Any:
    """Publish the public half of a key, or end one."""
    form, by = Form(data), seat(request)
    key = form.value("end")
    if key:
        acted = await application.ask(rights.end_key, key, form.value(f"why-{key}"), by)
    else:
        acted = await application.ask(rights.publish_key, form.value("public"), by)
    if isinstance(acted, Refused):
        form.fault(f"why-{key}" if key else "public", say_refused(acted, lang))
        return await _keys_page(request, application, lang, form, acted.refusal.status)
    application.wake()
    return to(f"/{lang}/{PATH}/keys", "request")


@get("/{lang:str}/desk/uses", include_in_schema=False)
async def uses_page(lang: FromPath[Lang], request: Request, application: NamedDependency[Application]) -> Response[str]:
    """What one's authority may ask for; its lead registers and ends it."""
    return await _uses_page(request, application, lang, Form())


async def _uses_page(
    request: Request, application: Application, lang: str, form: Form, status: int = 200
) -> Response[str]:
    found = await application.ask(rights.uses, seat(request).organisation, ended=True)
    given: dict[str, Any] = {
        "uses": [_use_row(one, application, lang) for one in found],
        "lead": _leads(request),
        "purposes": [{"value": str(place), "text": text} for place, text in purposes(application, lang).items()],
        "fields": [
            {"name": f"field-{name}", "value": "yes", "text": title}
            for name, title in titles_in(application, lang).items()
        ],
        "form": form,
        "errors": form.summary(),
    }
    return page("desk-uses.html", request, application, lang, f"{PATH}/uses", status=status, **given)


def _use_row(one: Use, application: Application, lang: str) -> dict[str, Any]:
    titles = titles_in(application, lang)
    return {
        "number": one.number,
        "purpose": purpose_of(one, application, lang),
        "basis": one.basis,
        "fields": catalogue.listed(lang, [titles.get(name, name) for name in one.fields]),
        "supervisor": gettext(lang, ", ").join((one.supervisor, one.supervised_at)),
        "office": one.office,
        "ended": one.ended,
    }


@post("/{lang:str}/desk/uses", status_code=200, include_in_schema=False)
async def change_uses(
    lang: FromPath[Lang], data: FormData, request: Request, application: NamedDependency[Application]
) -> Any:
    """Register what may be asked for, or end it."""
    form, by = Form(data), seat(request)
    ending = form.value("end")
    if ending:
        acted = await application.ask(rights.end_use, _number(ending), form.value(f"why-{ending}"), by)
    else:
        acted = await application.ask(rights.register_use, _use_in(form), by)
    if isinstance(acted, Refused):
        if ending:
            form.fault(f"why-{ending}", say_refused(acted, lang))
        else:
            _say(form, acted, lang)
        return await _uses_page(request, application, lang, form, acted.refusal.status)
    application.wake()
    return to(f"/{lang}/{PATH}/uses", "request")


def _use_in(form: Form) -> RegisterUse:
    purpose = form.value("purpose")
    return RegisterUse(
        purpose=_number(purpose) if purpose else -1,
        basis=form.value("basis"),
        fields=tuple(name.removeprefix("field-") for name in form.values if name.startswith("field-")),
        supervisor=form.value("supervisor"),
        supervised_at=form.value("supervised_at"),
        office=form.value("office"),
    )


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _MOST_NUMBER else -1


def _say(form: Form, refused: Refused, lang: str) -> None:
    """Say a refusal at its field; of what is missing, at each field that lacks it."""
    refusal = refused.refusal
    labels = {
        "basis": gettext(lang, "Legal basis"),
        "supervisor": gettext(lang, "Who hears complaints"),
        "supervised_at": gettext(lang, "How they are reached"),
        "office": gettext(lang, "Telephone of your office"),
    }
    for name in getattr(refusal, "missing", ()):
        if name == "fields":
            form.fault("which", gettext(lang, "Tick at least one."))
        else:
            form.fault(name, f"{labels.get(name, name)} · {words(lang, WHY, 'missing')}")
    if not form.value("purpose"):
        form.fault("purpose", gettext(lang, "Choose a purpose."))
    if not form.errors:
        place = {"purpose-unknown": "purpose", "beyond-use": "which", "office-unfit": "office"}.get(
            refusal.code, "basis"
        )
        form.fault(place, say_refused(refused, lang))


desk_right_handlers: tuple[ControllerRouterHandler, ...] = (keys_page, change_keys, uses_page, change_uses)
"""Pages of keys and of registered uses."""
