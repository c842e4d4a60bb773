"""Pages on which people of the organisations read the words of a rule, which no check can judge, and sign that they did."""

from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from openroll.register.decision import Refused
from openroll.register.roll.refusals import ProposalUnknown
from openroll.rules import full_title, words_languages, words_parts
from openroll.rules.language import in_language
from openroll.service.application import Application
from openroll.service.governance.rule_readings import WordsOfRule, rules_to_read, sign
from openroll.web.auth import FormData, Lang, Request, page, seat, to
from openroll.web.forms import Form
from openroll.web.readings_said import said_readings
from openroll.words import say_refused
from openroll.words.catalogue import gettext, name_in

HERE = "readings"


@get("/{lang:str}/readings", include_in_schema=False)
async def readings(lang: FromPath[Lang], request: Request, application: NamedDependency[Application]) -> Response[str]:
    """The rules that wait, and those the roll is and was under: by whom their words were read."""
    me = seat(request)
    rules = [
        {
            "title": in_language(full_title(one.rule), lang),
            "name": one.name,
            "digest": one.digest,
            "waits": one.waits,
            "read": said_readings(lang, one),
            "mine": one.read_by(me),
            "missing": one.missing,
        }
        for one in await application.ask(rules_to_read)
        if one.words
    ]
    return page("readings.html", request, application, lang, HERE, rules=rules)


@get("/{lang:str}/readings/{digest:str}", include_in_schema=False)
async def reading(
    lang: FromPath[Lang], digest: FromPath[str], request: Request, application: NamedDependency[Application]
) -> Response[str]:
    """The words of one rule, every text in every language it has, with what signs that they were read."""
    found = await _found(application, digest)
    if found is None:
        raise NotFoundException
    return await _reading_page(request, application, lang, found, Form())


async def _found(application: Application, digest: str) -> WordsOfRule | None:
    return next((one for one in await application.ask(rules_to_read) if one.words and one.digest == digest), None)


async def _reading_page(
    request: Request, application: Application, lang: str, one: WordsOfRule, form: Form, status: int = 200
) -> Response[str]:
    tags = words_languages(one.rule)
    given: dict[str, Any] = {
        "title": in_language(full_title(one.rule), lang),
        "rule": one,
        "parts": words_parts(one.rule),
        "first": application.roll.languages,
        "tongues": gettext(lang, ", ").join(name_in(lang, tag) for tag in tags),
        "read": said_readings(lang, one),
        "mine": one.read_by(seat(request)),
        "form": form,
        "errors": form.summary(),
    }
    return page("reading.html", request, application, lang, f"{HERE}/{one.digest}", status=status, **given)


@post("/{lang:str}/readings/{digest:str}", status_code=200, include_in_schema=False)
async def signed(
    lang: FromPath[Lang],
    digest: FromPath[str],
    data: FormData,
    request: Request,
    application: NamedDependency[Application],
) -> Response[Any]:
    """Sign that one read the words that the page showed (an official act)."""
    form = Form(data)
    found = await _found(application, digest)
    if found is not None and form.value("sure") != "yes":
        form.fault("sure", gettext(lang, "Say that you have read all of these words"))
        return await _reading_page(request, application, lang, found, form, 422)
    refused = await application.ask(sign, digest, form.value("words"), seat(request))
    if refused is None:
        application.wake()
        return to(f"/{lang}/{HERE}", "rule-read")
    return await _refused(request, application, lang, found, form, refused)


async def _refused(
    request: Request, application: Application, lang: str, found: WordsOfRule | None, form: Form, refused: Refused
) -> Response[Any]:
    if found is None or isinstance(refused.refusal, ProposalUnknown):
        raise NotFoundException
    form.fault("sure", say_refused(refused, lang))
    return await _reading_page(request, application, lang, found, form, refused.refusal.status)


reading_handlers: tuple[ControllerRouterHandler, ...] = (readings, reading, signed)
"""The pages of readings."""
