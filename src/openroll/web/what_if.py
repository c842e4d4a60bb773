"""What a rule would do to a city: anyone picks rules and a city, holds what is assumed, and sees what the city model finds.

The question stands in the address, so that an answer can be shared; its charts have addresses of their own. A question that is
not answered yet is waited for a moment; then the page says how far it is, and its link waits until it is done.
"""

import functools
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Literal

import msgspec
from litestar import Response, get
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Redirect
from litestar.types import ControllerRouterHandler
from markupsafe import Markup

from openroll.rules import Rule, digest, full_title
from openroll.rules.language import ENGLISH, in_language
from openroll.service.application import Application
from openroll.service.simulation import (
    Answered,
    Busy,
    ChartMissing,
    Failed,
    NoSense,
    Question,
    Working,
    runs_of,
)
from openroll.web.auth import Lang, Request, page, place, source
from openroll.web.pages import fragment
from openroll.web.whatif_choices import AT, Choices, choices
from openroll.web.whatif_form import LIABILITIES, Asked, field_of, movable
from openroll.words import catalogue
from openroll.words.assumptions import assumption_title
from openroll.words.catalogue import gettext

PATIENCE, LONGER = 2.0, 25.0
"""Seconds that a page waits before it says how far the answer is, and that its link and a chart wait."""
BUSY = 20
"""Seconds after which to try again when too many questions wait."""


def _(text: str) -> str:
    """Marks a text for the catalogue."""
    return text


Drawn = Literal["filed", "wait", "off", "readable", "costs", "tornado"]
LIABLE = {
    "symmetric": _("is punished as the one who takes it"),
    "asymmetric": _("goes free; only the taker is punished"),
}
STATUSES = {"historic": _("historic"), "proposal": _("a proposal"), "in-force": _("in force")}


@get("/{lang:str}/what-if", include_in_schema=False)
async def what_if(
    lang: FromPath[Lang], request: Request, application: NamedDependency[Application]
) -> Response[Any] | Redirect:
    """The question, and its answer or how far that is."""
    asked = await _asked(request, lang)
    if asked.question is None:
        return await _shown(request, application, lang, asked, status=422)
    longer = "wait" in request.query_params
    if not asked.by_default and not longer and request.url.query != asked.question.query:
        return Redirect(
            f"/{lang}/what-if?{asked.question.query}", status_code=303, headers={"cache-control": "no-store"}
        )
    try:
        stands = await application.simulation.answer(asked.question, LONGER if longer else PATIENCE, source(request))
    except NoSense:
        asked.no_sense()
        return await _shown(request, application, lang, asked, status=422)
    if isinstance(stands, Answered) and longer:
        # The address of an answer is that of its question alone.
        end = "" if asked.question == application.simulation.first else f"?{asked.question.query}"
        return Redirect(f"/{lang}/what-if{end}", status_code=303, headers={"cache-control": "no-store"})
    answer = await _shown(request, application, lang, asked, stands=stands, status=_status_of(stands))
    if isinstance(stands, Busy | Failed):
        answer.headers["retry-after"] = str(_retry_after(stands))
    return answer


@get("/{lang:str}/what-if/progress", include_in_schema=False)
async def what_if_progress(
    lang: FromPath[Lang], request: Request, application: NamedDependency[Application]
) -> Response[Any]:
    """How far an answer is, for the page that waits for it."""
    asked = await _asked(request, lang)
    stands = application.simulation.standing(asked.question) if asked.question else None
    if isinstance(stands, Working):
        said = {"state": "working", "said": _far(stands, lang), "percent": round(stands.done * 100)}
    else:
        said = {"state": "done", "said": "", "percent": 100}
    return Response(said, headers={"cache-control": "no-store"})


@get("/{lang:str}/what-if/{chart:str}/chart", include_in_schema=False)
async def what_if_chart(
    lang: FromPath[Lang], chart: FromPath[Drawn], request: Request, application: NamedDependency[Application]
) -> Response[bytes]:
    """One chart of an answer, light or dark."""
    asked = await _asked(request, lang)
    if asked.question is None:
        raise NotFoundException
    try:
        stands = await application.simulation.answer(asked.question, LONGER, source(request))
    except NoSense as error:
        raise NotFoundException from error
    if not isinstance(stands, Answered):
        return _not_now(_status_of(stands, 503), stands)
    try:
        drawn = await stands.chart((lang, chart, request.query_params.get("theme") == "dark"), LONGER)
    except ChartMissing:
        return _not_now(503)
    if drawn is None:
        raise NotFoundException
    return Response(drawn, media_type="image/svg+xml", headers={"cache-control": "public, max-age=3600"})


@get("/what-if/city", include_in_schema=False)
async def what_if_city(request: Request, application: NamedDependency[Application]) -> Response[bytes]:
    """The city of the roll's own, as a city file (docs/city-file.md); 404 where its place has one that ships."""
    known = await _known(request, application)
    if known.city is None:
        raise NotFoundException
    return Response(msgspec.json.encode(known.city), media_type="application/json")


async def _known(request: Request, application: Application) -> Choices:
    """What the page offers today."""
    roll = application.roll
    there = functools.partial(choices, roll.versions, roll.day(roll.clock()), request.app.state.what_if_city)
    return await application.draw(there)


async def _asked(request: Request, lang: str) -> Asked:
    application: Application = request.app.state.application
    known = await _known(request, application)
    if application.simulation.first != known.first:
        application.simulation.first = known.first
    return await application.draw(functools.partial(Asked, request.query_params, lang, known))


def _digest_of(asked: Asked) -> str:
    return asked.question.digest if asked.question is not None else ""


Stands = Answered | Working | Busy | Failed


def _status_of(stands: Stands, otherwise: int = 200) -> int:
    """The status of an answer: 429 for who holds a place already, 503 when all are taken or the model cannot answer."""
    if isinstance(stands, Busy):
        return 429 if stands.own else 503
    return 503 if isinstance(stands, Failed) else otherwise


def _retry_after(stands: Stands | None) -> int:
    """Seconds after which to ask again."""
    return stands.wait if isinstance(stands, Failed) else BUSY


def _not_now(status: int, stands: Stands | None = None) -> Response[bytes]:
    """No chart yet, and when to come again."""
    headers = {"retry-after": str(_retry_after(stands)), "cache-control": "no-store"}
    return Response(b"", status_code=status, headers=headers)


async def _shown(
    request: Request,
    application: Application,
    lang: str,
    asked: Asked,
    *,
    status: int = 200,
    stands: Stands | None = None,
) -> Response[Any]:
    """The page, with what there is to show."""
    given: dict[str, Any] = {
        "form": asked,
        "errors": asked.summary(),
        "ask": None,
        "found": None,
        "address": place(request).origin,
    }
    given |= {
        "working": None,
        "busy": isinstance(stands, Busy),
        "busy_own": isinstance(stands, Busy) and stands.own,
        "failed": isinstance(stands, Failed),
        "wait_minutes": (_retry_after(stands) + 59) // 60,
        "minute": BUSY,
    }
    query = "" if asked.by_default or asked.question is None else f"?{asked.question.query}"
    if isinstance(stands, Working):
        given["working"] = {"said": _far(stands, lang), "percent": round(stands.done * 100)}
        given["again"] = f"/{lang}/what-if{query}{'&' if query else '?'}wait=1"
        given["progress"] = f"/{lang}/what-if/progress{query}"
    if isinstance(stands, Answered):
        given["found"] = _found(stands, lang, query)
    make = functools.partial(_body, asked, lang, query, given)
    # Only an answer is all that its question says; what is wrong with a form, or how far an answer is, is drawn anew each time.
    kept = isinstance(stands, Answered) and not asked.errors
    body = await (
        application.made.get(("what-if", lang, query, _digest_of(asked)), make) if kept else application.made.draw(make)
    )
    shown = {name: given[name] for name in ("errors", "working")}
    return page("what-if.html", request, application, lang, "what-if", status=status, query=query, body=body, **shown)


def _body(asked: Asked, lang: str, query: str, given: Mapping[str, Any]) -> Markup:
    """What the page says under its head."""
    question: dict[str, Any] = (
        {}
        if asked.question is None
        else {"question": told_question(asked.question, lang, asked.choices, given["address"])}
    )
    return fragment("what-if-body.html", lang, query=query, **{**given, **question, "ask": _form(asked, lang)})


def _far(stands: Working, lang: str) -> str:
    if stands.ahead:
        return gettext(lang, "Questions before this one: {count}").format(count=catalogue.number(lang, stands.ahead))
    return gettext(lang, "Being worked out: {percent}").format(percent=catalogue.percent(lang, stands.done))


def _form(asked: Asked, lang: str) -> dict[str, Any]:
    towns = asked.choices.cities
    town = towns.get(asked.value("city")) or next(iter(towns.values()))
    liability = asked.value("liability") or town.liability
    return {
        "rules": [
            {
                "name": name,
                "title": _either(full_title(rule), lang),
                "status": _status(rule, lang, asked.choices, name),
                "chosen": name in asked.chosen,
            }
            for name, rule in asked.choices.rules.items()
        ],
        "cities": [
            {
                "name": name,
                "title": _either(one.title, lang),
                "summary": _either(one.summary, lang),
                "chosen": one is town,
            }
            for name, one in towns.items()
        ],
        "fields": [field_of(path, town, lang, asked) for path in movable()],
        "town": _either(town.title, lang),
        "liabilities": [(value, gettext(lang, said)) for value, said in LIABLE.items()],
        "liability": liability if liability in LIABILITIES else town.liability,
    }


def _either(words: Any, lang: str) -> str:
    return str(in_language(words, lang))


def _status(rule: Rule, lang: str, known: Choices, name: str) -> str:
    """How a rule stands: one of the roll's own by its version and the day it is in force from."""
    if name in known.own:
        version, starts = catalogue.number(lang, rule.version), known.own[name].starts
        if starts == date.min:
            return gettext(lang, "this roll's version {version}, from its opening on").format(version=version)
        own = gettext(lang, "this roll's version {version}, from {day}")
        return own.format(version=version, day=catalogue.day(lang, starts))
    return gettext(lang, STATUSES.get(rule.status, rule.status))


def told_question(question: Question, lang: str, known: Choices, address: str) -> dict[str, Any]:
    """The question in words, and as a command."""
    from openroll.whatif import titles  # noqa: PLC0415 - the model is loaded when it is first needed

    city = known.cities[question.city]
    asked = [known.rules[name] for name in question.rules]
    runs = runs_of(city, len(asked))
    files = {name: _file_of(known.own[name].rule) for name in question.rules if AT in name}
    there = f"{question.city}.json" if _is_own(question, known) else question.city
    named = [files.get(name, name) for name in question.rules]
    command = ["openroll whatif run", *named, f"--city {there}", f"--runs {max(runs * 10, 200)}"]
    command += [f"--liability {question.liability}"] if question.liability else []
    command += [f"--set {path}={value:.12g}" for path, value in question.moved]
    command += [f"--lang {lang}"] if lang != ENGLISH else []
    held = [(assumption_title(lang, titles()[path]), f"{value:.12g}") for path, value in question.moved]
    if question.liability:
        held.append((gettext(lang, "Who pays a bribe"), gettext(lang, LIABLE[question.liability])))
    return {
        "rules": [
            {
                "letter": "ABC"[place],
                "title": _either(full_title(rule), lang),
                "status": _status(rule, lang, known, question.rules[place]),
                "name": rule.ref,
            }
            for place, rule in enumerate(asked)
        ],
        "city": _either(city.title, lang),
        "summary": _either(city.summary, lang),
        "begin": catalogue.day(lang, city.begin),
        "end": catalogue.day(lang, city.begin + timedelta(days=city.days - 1)),
        "held": held,
        "runs": runs,
        "command": "\n".join([*_fetched(question, known, files, address), " ".join([*command, "-o report.html"])]),
    }


def _file_of(rule: Rule) -> str:
    """The file that the page's command keeps a rule of the roll in; its ending says that it is as the roll keeps it."""
    return f"{rule.ref}-{digest(rule)[:8]}.json"


def _is_own(question: Question, known: Choices) -> bool:
    return known.city is not None and known.city.id == question.city


def _fetched(question: Question, known: Choices, files: Mapping[str, str], address: str) -> list[str]:
    """The commands that bring what the question names and what does not ship."""
    lines = [f"curl -o {file} {address}/api/v1/rules/{digest(known.own[name].rule)}" for name, file in files.items()]
    if _is_own(question, known):
        lines.append(f"curl -o {question.city}.json {address}/what-if/city")
    return lines


def _found(answered: Answered, lang: str, query: str) -> dict[str, Any]:
    """The answer as the page shows it."""
    page_in = answered.pages[lang]
    return {
        "sentences": page_in.sentences,
        "parts": page_in.sections,
        "charts": page_in.plots,
        "light": query,
        "dark": f"{query}{'&' if query else '?'}theme=dark",
    }


what_if_handlers: tuple[ControllerRouterHandler, ...] = (
    what_if,
    what_if_progress,
    what_if_chart,
    what_if_city,
)
