"""The pages' addresses. Filing codes travel in forms, never in addresses, so that no list of addresses holds them."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import segno
from litestar import MediaType, Request, Response, get, post
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath
from litestar.response import Redirect
from litestar.template.base import csrf_token
from litestar.types import ControllerRouterHandler

from openroll import tlog
from openroll.register.decision import Refused
from openroll.register.refusals import CodeWrong
from openroll.rules import Duty, Field, check
from openroll.service.desk import Desk
from openroll.service.reading import Record
from openroll.web import acts
from openroll.web.forms import Form
from openroll.web.pages import render, svg
from openroll.web.vocabulary import ACCESSES, EVENTS, KINDS, ROLES, STATES, SUBSCRIBERS, VERDICTS, options, words
from openroll.words import catalogue, say
from openroll.words.catalogue import gettext

Ask = Request[Any, Any, Any]
Lang = Literal["zh", "en"]
Typed = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]


def page(
    name: str, request: Ask, desk: Desk, lang: str, here: str, *, status: int = 200, **given: Any
) -> Response[str]:
    """A page as a response, never cached: it may hold a code."""
    html = render(name, desk, lang, here, csrf_token({"request": request}), **given)
    return Response(html, status_code=status, media_type=MediaType.HTML, headers={"cache-control": "no-store"})


@get("/", include_in_schema=False, sync_to_thread=False)
def front(request: Ask) -> Redirect:
    """To the reader's language."""
    chinese = request.headers.get("accept-language", "zh").lower().startswith("zh")
    return Redirect("/zh/" if chinese else "/en/", headers={"vary": "accept-language"})


@get("/{lang:str}/", include_in_schema=False)
async def home(lang: FromPath[Lang], request: Ask, desk: NamedDependency[Desk]) -> Response[str]:
    """What this roll is, its rule side by side, its figures and its log."""
    counted = await desk.figures()
    names = [
        (desk.district(code), count) for code, count in sorted(counted.by_district.items(), key=lambda one: -one[1])
    ]
    figures = {
        "living": sum(counted.by_district.values()),
        "notified": counted.by_event.get("subscription.notified/1", 0),
        "withdrawn": counted.by_event.get("subscription.withdrawn/1", 0),
        "districts": [(place.zh if lang == "zh" else place.en, count) for place, count in names],
        "operators": [(one.zh if lang == "zh" else one.en, one.count) for one in counted.operators],
    }
    shown: dict[str, Any] = {"figures": figures, "rule": desk.roll.rule, "findings": check(desk.roll.rule)}
    return page("home.html", request, desk, lang, "", **shown, origin=desk.roll.origin, trouble=desk.trouble)


@get("/{lang:str}/find", include_in_schema=False, sync_to_thread=False)
def find(lang: FromPath[Lang], request: Ask, desk: NamedDependency[Desk]) -> Response[str]:
    """Where a filing code is typed."""
    return page("find.html", request, desk, lang, "find", form=Form())


@post("/{lang:str}/find", status_code=200, include_in_schema=False)
async def found(lang: FromPath[Lang], data: Typed, request: Ask, desk: NamedDependency[Desk]) -> Response[str]:
    """The filing that a code opens."""
    form = Form(data)
    record = await desk.by_code(form.value("code"))
    if isinstance(record, Refused):
        return _not_found(form, record, request, desk, lang)
    return await record_page(request, desk, lang, record, Form(key=acts.new_key(desk)))


def _not_found(form: Form, refused: Refused, request: Ask, desk: Desk, lang: str) -> Response[str]:
    form.fault("code", say(refused.refusal.code, refused.refusal.params, lang))
    status = 422 if isinstance(refused.refusal, CodeWrong) else 404
    return page("find.html", request, desk, lang, "find", status=status, form=form, errors=form.summary())


@post("/{lang:str}/record/{act:str}", status_code=200, include_in_schema=False)
async def record_act(
    lang: FromPath[Lang],
    act: FromPath[Literal["notify", "withdraw", "change", "correct", "end"]],
    data: Typed,
    request: Ask,
    desk: NamedDependency[Desk],
) -> Response[str]:
    """What a subscriber does with their filing; the filing comes back as it then stands."""
    form = Form(data, key=data.get("key", "")[:64])
    record = await desk.by_code(form.value("code"))
    if isinstance(record, Refused):
        return _not_found(form, record, request, desk, lang)
    kept = await acts.act_on(desk, record, act, form, lang)
    if form.errors:
        form.key = acts.new_key(desk)
        return await record_page(request, desk, lang, record, form, act=act, status=422)
    again = await desk.by_code(record.code)
    done = gettext(lang, "It is stored, and stands in the history below.")
    shown = again if isinstance(again, Record) else record
    return await record_page(request, desk, lang, shown, Form(key=acts.new_key(desk)), done=done, kept=kept)


async def record_page(
    request: Ask, desk: Desk, lang: str, record: Record, form: Form, *, kept: str = "", status: int = 200, **given: Any
) -> Response[str]:
    """The page of one filing."""
    state = record.state
    place = desk.district(state.district)
    day = catalogue.day
    operators = {one.name: one.zh if lang == "zh" else one.en for one in (await desk.figures()).operators}
    rows = [
        (gettext(lang, "Operator"), operators.get(state.operator, state.operator)),
        (gettext(lang, "Who subscribes"), words(lang, KINDS, state.kind)),
        (gettext(lang, "How you connect"), words(lang, ACCESSES, state.access)),
        (gettext(lang, "District"), place.zh if lang == "zh" else place.en),
        (gettext(lang, "When the subscription began"), day(lang, state.connected)),
        (gettext(lang, "Filed"), day(lang, state.filed)),
        *([(gettext(lang, "Ended"), day(lang, state.ended))] if state.ended else []),
    ]
    history = [
        {
            "version": one.version,
            "day": day(lang, one.day),
            "what": words(lang, EVENTS, one.name),
            "by": words(lang, ROLES, one.role),
        }
        for one in record.history
    ]
    shown = {
        "record": record,
        "rows": rows,
        "history": history,
        "duties": _duties(desk, record, lang),
        "ended": state.ended is not None,
        "told": len(state.told),
        "fields": fields_of(desk, lang),
        "districts": districts(desk, lang),
        "accesses": options(lang, ACCESSES),
        "kinds": options(lang, KINDS, SUBSCRIBERS),
        "disclosures": kept,
        "form": form,
        "errors": form.summary(),
        "act": "",
        "done": "",
    }
    return page("record.html", request, desk, lang, "find", status=status, **(shown | given))


def _duties(desk: Desk, record: Record, lang: str) -> list[tuple[str, str]]:
    by_id: dict[str, Duty] = {duty.id: duty for duty in desk.roll.rule.duties}
    said = []
    for one in record.duties:
        if one.state != "none":
            title = by_id[one.duty].title
            due = f" ({catalogue.day(lang, one.due)})" if one.due else ""
            said.append((title.zh if lang == "zh" else title.en, words(lang, STATES, one.state) + due))
    return said


def fields_of(desk: Desk, lang: str) -> list[dict[str, str]]:
    """The rule's personal fields as a form asks them: the title, and why, by which article, and whether by choice."""
    return [_asked(field, lang) for field in desk.roll.rule.fields if field.personal]


def _asked(field: Field, lang: str) -> dict[str, str]:
    aims = gettext(lang, ", ").join(aim.zh if lang == "zh" else aim.en for aim in field.aims)
    kinds = gettext(lang, ", ").join(words(lang, KINDS, kind) for kind in field.required_of)
    duty = gettext(lang, "By choice") if field.by_choice else gettext(lang, "Asked of: {kinds}").format(kinds=kinds)
    title = field.title.zh if lang == "zh" else field.title.en
    parts = (duty, aims, field.article)
    return {"name": field.name, "label": title, "hint": " · ".join(part for part in parts if part)}


def districts(desk: Desk, lang: str) -> list[dict[str, str]]:
    """The roll's districts as the items of a select."""
    places = desk.roll.districts.values()
    return [{"value": place.code, "text": place.zh if lang == "zh" else place.en} for place in places]


@get("/{lang:str}/file", include_in_schema=False)
async def file_form(lang: FromPath[Lang], request: Ask, desk: NamedDependency[Desk]) -> Response[str]:
    """Where somebody files without an operator's file."""
    return await _file_page(request, desk, lang, Form(key=acts.new_key(desk)))


async def _file_page(request: Ask, desk: Desk, lang: str, form: Form, status: int = 200) -> Response[str]:
    operators = (await desk.figures()).operators
    shown = {
        "operators": [{"value": one.name, "text": one.zh if lang == "zh" else one.en} for one in operators],
        "kinds": options(lang, KINDS, SUBSCRIBERS),
        "accesses": options(lang, ACCESSES),
        "districts": districts(desk, lang),
        "fields": fields_of(desk, lang),
        "form": form,
        "errors": form.summary(),
    }
    return page("file.html", request, desk, lang, "file", status=status, **shown)


@post("/{lang:str}/file", status_code=200, include_in_schema=False)
async def file_sent(lang: FromPath[Lang], data: Typed, request: Ask, desk: NamedDependency[Desk]) -> Response[str]:
    """File. What was told goes back to its teller on this one page and is not kept."""
    form = Form(data, key=data.get("key", "")[:64])
    operators = {one.name for one in (await desk.figures()).operators}
    filed = await acts.file_alone(desk, form, operators, lang)
    if filed is None:
        return await _file_page(request, desk, lang, form, status=422)
    code, kept = filed
    return page("filed.html", request, desk, lang, "file", code=code, disclosures=kept)


@post("/{lang:str}/disclosures", status_code=200, include_in_schema=False, sync_to_thread=False)
def disclosures(lang: FromPath[Lang], data: Typed) -> Response[str]:
    """Give somebody's own text back as a file: it was never stored."""
    text = data.get("disclosures", "")[:100_000]
    headers = {"content-disposition": f'attachment; filename="disclosures-{lang}.txt"', "cache-control": "no-store"}
    return Response(text, media_type="text/plain; charset=utf-8", headers=headers)


@post("/{lang:str}/receipt", status_code=200, include_in_schema=False)
async def receipt(lang: FromPath[Lang], data: Typed, request: Ask, desk: NamedDependency[Desk]) -> Response[str]:
    """A receipt's page: what it proves and what not."""
    form = Form(data)
    record = await desk.by_code(form.value("code"))
    if isinstance(record, Refused):
        return _not_found(form, record, request, desk, lang)
    version = _version(data)
    proof = await desk.receipt(record.number, version)
    shown: dict[str, Any] = {"code": record.code, "version": str(version), "waiting": isinstance(proof, Refused)}
    if isinstance(proof, bytes):
        proved = tlog.verify_receipt(proof, desk.roll.keys.verifiers, origin=desk.roll.origin)
        address = f"{request.base_url}{lang}/find#{record.code.replace(' ', '')}"
        shown |= {
            "proved": proved,
            "keys": desk.roll.keys.verifiers,
            "what": words(lang, EVENTS, proved.entry.kind),
            "day": proved.entry.day,
            "qr": svg(segno.make_qr(address, error="m")),
        }
    return page("receipt.html", request, desk, lang, "find", **shown)


@post("/{lang:str}/receipt.tlog-proof", status_code=200, include_in_schema=False)
async def receipt_file(lang: FromPath[Lang], data: Typed, request: Ask, desk: NamedDependency[Desk]) -> Response[Any]:
    """The receipt itself."""
    form = Form(data)
    record = await desk.by_code(form.value("code"))
    if isinstance(record, Refused):
        return _not_found(form, record, request, desk, lang)
    proof = await desk.receipt(record.number, _version(data))
    if isinstance(proof, Refused):
        return page("receipt.html", request, desk, lang, "find", code=record.code, version=_version(data), waiting=True)
    headers = {"content-disposition": 'attachment; filename="receipt.tlog-proof"', "cache-control": "no-store"}
    return Response(proof, media_type="text/plain; charset=utf-8", headers=headers)


def _version(data: Mapping[str, str]) -> int:
    text = data.get("version", "1")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 1


@get("/{lang:str}/verify", include_in_schema=False, sync_to_thread=False)
def verify(lang: FromPath[Lang], request: Ask, desk: NamedDependency[Desk]) -> Response[str]:
    """Where a receipt is checked, in the browser."""
    verdicts = [(code, gettext(lang, text)) for code, text in VERDICTS.items()]
    return page("verify.html", request, desk, lang, "verify", keys=desk.roll.keys.verifier_keys, verdicts=verdicts)


page_handlers: tuple[ControllerRouterHandler, ...] = (
    front,
    home,
    find,
    found,
    record_act,
    file_form,
    file_sent,
    disclosures,
    receipt,
    receipt_file,
    verify,
)
"""All pages."""
