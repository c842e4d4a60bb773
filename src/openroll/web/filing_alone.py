"""Filing alone, in three steps: what somebody subscribes to, what they tell by choice, and a look at all of it."""

from collections.abc import Mapping, Sequence
from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from openroll.places.model import Choice
from openroll.register.decision import Refused
from openroll.register.refusal import Refusal
from openroll.register.refusals import TooManyFilings, TooManyTries
from openroll.rules import Field
from openroll.rules.kinds import fields_of_subscriptions
from openroll.rules.language import in_language
from openroll.service.application import Application
from openroll.service.identity import filing_code
from openroll.web import commands
from openroll.web.auth import (
    SESSION,
    FormData,
    Lang,
    Request,
    form_key,
    page,
    retry_after,
    source,
    with_session,
)
from openroll.web.field_titles import title_to
from openroll.web.forms import Form, number_fault, seed_of, unseen_fault
from openroll.web.local import district_word, offices_of, with_parents
from openroll.web.packing import number_shape
from openroll.web.record_shown import operators_in_force
from openroll.words import catalogue, say_refused
from openroll.words.catalogue import gettext
from openroll.words.citations import cited


def fields_of(application: Application, lang: str, kind: str = "", *, teller: str = "") -> list[dict[str, Any]]:
    """The rule's personal fields as a form asks them: the title, and why, by which article, and whether by choice.

    `kind` is whose duty is said; `teller` who tells, where all is by choice.
    """
    return [
        _asked(application, field, lang, kind, teller or kind)
        for field in fields_of_subscriptions(application.roll.rule)
        if field.offered_to(teller or kind)
    ]


def _asked(application: Application, field: Field, lang: str, kind: str, teller: str) -> dict[str, Any]:
    aims = gettext(lang, ", ").join(in_language(aim, lang) for aim in field.aims)
    kinds = gettext(lang, ", ").join(application.kind(one, lang) for one in field.required_of)
    asked = kind in field.required_of
    if kind:
        duty = gettext(lang, "Asked of you") if asked else gettext(lang, "By choice")
    else:
        free = field.by_choice or (teller and teller not in field.required_of)
        duty = gettext(lang, "By choice") if free else gettext(lang, "Asked of: {kinds}").format(kinds=kinds)
    title = title_to(application, field, lang, teller)
    optional = gettext(lang, "{field} (optional)").format(field=title)
    # What the rule asks of others is no article that anybody who tells by choice is held to.
    parts = (duty, aims, cited(lang, field.article) if asked or not teller else "")
    label = title if asked or not kind else optional
    hint = " · ".join(part for part in parts if part)
    form = application.roll.setting(application.roll.day(application.roll.clock())).terms.form_of(field.name)
    example = gettext(lang, "For example {example}").format(example=form.example) if form else ""
    shape = number_shape(form) | ({"fault": number_fault(lang, form)} if form else {}) | {"unseen": unseen_fault(lang)}
    told = {"name": field.name, "title": title, "label": label, "asked": asked, "shape": shape}
    return told | {"hint": " · ".join(filter(None, (hint, example)))}


def districts(application: Application, lang: str) -> list[dict[str, str]]:
    """The districts of today that a filing may name, as the items of a select; those of a wider one stand together."""
    roll = application.roll
    leaves = roll.place.leaves(roll.day(roll.clock()))
    return [{"value": one.code, "text": with_parents(roll.place, one, lang)} for one in leaves]


def choices(listed: Sequence[Choice], lang: str) -> list[dict[str, str]]:
    """A closed list of the jurisdiction as the items of a select."""
    return [{"value": one.id, "text": in_language(one.title, lang)} for one in listed]


@get("/{lang:str}/file", include_in_schema=False)
async def file_form(lang: FromPath[Lang], request: Request, application: NamedDependency[Application]) -> Response[str]:
    """Where somebody files without an operator's file: the first of three steps."""
    return await _file_page(request, application, lang, commands.new_form(application), "subscription")


async def _file_page(
    request: Request, application: Application, lang: str, form: Form, step: str, status: int = 200, puzzle: str = ""
) -> Response[str]:
    operators = await operators_in_force(application, lang)
    lists = {
        "operators": [{"value": name, "text": title} for name, title in operators.items()],
        "kinds": choices(application.kinds(), lang),
        "accesses": choices(application.roll.place.jurisdiction.accesses, lang),
        "districts": districts(application, lang),
    }
    fields = fields_of(application, lang, form.value("kind") if step != "subscription" else "")
    where = district_word(application, lang)
    answers = _answers(form, lists, fields, lang, where) if step == "check" else []
    given: dict[str, Any] = {**lists, "fields": fields, "form": form, "errors": form.summary(), "answers": answers}
    given["puzzle"] = puzzle
    given["count"] = len(fields_of_subscriptions(application.roll.rule))
    given["offices"] = offices_of(application, lang, form.value("district")) if step == "check" else []
    return page(f"file-{step}.html", request, application, lang, "file", status=status, **given)


def _answers(
    form: Form, lists: Mapping[str, list[dict[str, str]]], fields: list[dict[str, Any]], lang: str, district: str
) -> list[tuple[str, str, str, str]]:
    """What was typed, to be checked before it is filed: (question, answer, the step it was asked in, personal field)."""

    def chosen(name: str, items: str) -> str:
        return next((one["text"] for one in lists[items] if one["value"] == form.value(name)), "")

    connected = form.day("connected", lang)
    first = [
        (gettext(lang, "Your operator"), chosen("operator", "operators")),
        (gettext(lang, "Who subscribes"), chosen("kind", "kinds")),
        (gettext(lang, "How you connect"), chosen("access", "accesses")),
        (district, chosen("district", "districts")),
        (gettext(lang, "When the subscription began"), catalogue.day(lang, connected) if connected else ""),
    ]
    nothing = gettext(lang, "not told")
    second = [(one["title"], form.value(f"field-{one['name']}") or nothing, "about", one["name"]) for one in fields]
    return [(*one, "subscription", "") for one in first] + second


def form_sent(data: Mapping[str, str], request: Request, application: Application) -> Form:
    """A form that was sent: under its key, with the seed of what it tells."""
    return Form(
        data, form_key(request, data.get("key", "")), seed_of(data.get("seed", ""), application.roll.random_bytes)
    )


@post("/{lang:str}/file", status_code=200, include_in_schema=False)
async def file_sent(
    lang: FromPath[Lang], data: FormData, request: Request, application: NamedDependency[Application]
) -> Any:
    """On to the next step, back to an earlier one, or file. What was told goes back to its teller and is not kept."""
    form = form_sent(data, request, application)
    operators = set(await operators_in_force(application, lang))
    back, step = form.value("back"), form.value("step")
    if back in ("subscription", "about"):
        return await _file_page(request, application, lang, form, back)
    first = commands.check_subscription(application, form, operators, lang)
    if not first:
        return await _file_page(request, application, lang, form, "subscription", 422)
    if step == "subscription":
        return await _file_page(request, application, lang, form, "about")
    if not commands.check_about(application, form, lang):
        return await _file_page(request, application, lang, form, "about", 422)
    if step == "about":
        return await _file_page(request, application, lang, form, "check")
    refused = await _may_file(request, application, form)
    if refused is not None:
        form.fault("operator", say_refused(refused, lang))
        answer = await _file_page(
            request, application, lang, form, "check", refused.refusal.status, puzzle=puzzle_of(refused.refusal)
        )
        answer.headers.update(retry_after(refused))
        return answer
    filed = await commands.file_alone(application, form, operators, lang)
    if filed is None:
        return await _file_page(request, application, lang, form, "subscription", 503 if application.held else 422)
    secret = await application.ask(filing_code.session_of_record, filed.number, request.cookies.get(SESSION, ""))
    given: dict[str, Any] = {"code": filed.code, "disclosures": filed.disclosures, "in_page": form.in_page}
    given["told"] = filed.version if filed.version > 1 else 0
    shown = page("filed.html", request, application, lang, "file", **given)
    return shown if isinstance(secret, Refused) else with_session(shown, secret)


async def _may_file(request: Request, application: Application, form: Form) -> Refused | None:
    burst, operator = request.app.state.filings_alone, form.value("operator")
    return await application.ask(filing_code.may_file_alone, burst, operator, source(request), form.value("proof"))


def puzzle_of(refusal: Refusal) -> str:
    """The puzzle that opens another way at once; empty where there is none."""
    return refusal.puzzle if isinstance(refusal, TooManyTries | TooManyFilings) else ""


filing_handlers: tuple[ControllerRouterHandler, ...] = (file_form, file_sent)
"""The pages of filing alone."""
