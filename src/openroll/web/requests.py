"""Requests as anybody sees them with their figures, and the page on which somebody opens what they were told."""

from datetime import UTC
from typing import Any

import msgspec
from litestar import Response, get
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, FromQuery

from openroll.register.request import events
from openroll.register.request.account import Row, summed
from openroll.register.request.state import Use
from openroll.register.request.turns import PARTS, turn
from openroll.rules.language import in_language
from openroll.service.application import Application
from openroll.service.identity.people import organisations
from openroll.service.requests import notices, rights, shown
from openroll.service.requests.shown import Shown
from openroll.service.roll import Roll
from openroll.web import field_titles
from openroll.web.auth import Lang, Request, page
from openroll.web.bridge import reading_page
from openroll.words import catalogue
from openroll.words.catalogue import gettext
from openroll.words.labels import EVENTS, words
from openroll.words.requests import COUNTED, DESIRED, OUTCOMES, REASONS, URGENCIES, purpose_said

MOST = 20
"""Requests on one page: on a phone each is a list of its own."""
MONTHS = 12
"""Months in the table of figures."""
PUBLIC = 3
"""Rows of a use on the public page of a request: the telephone of its office is for who calls it back."""


@get("/{lang:str}/requests", include_in_schema=False)
async def requests_page(
    lang: FromPath[Lang],
    request: Request,
    application: NamedDependency[Application],
    before: FromQuery[int | None] = None,
) -> Response[str]:
    """The newest requests, or those below a number, and the figures by month."""
    found = await application.ask(shown.public, before=before, most=MOST)
    titles = await application.ask(titles_in, lang)
    late = (await application.ask(notices.lateness)).tellings
    rows = summed((await application.requests()).rows)[-MONTHS:]
    given = {
        "requests": [line_of(one, titles, application, lang) for one in found],
        "months": [{"n": row.month} for row in rows],
        "counts": _counts(rows, lang),
        "late": late,
        "further": found[-1].number if len(found) == MOST else None,
    }
    return reading_page("requests.html", request, application, lang, "requests", **given)


@get("/{lang:str}/requests/{number:int}", include_in_schema=False)
async def request_page(
    lang: FromPath[Lang], number: FromPath[int], request: Request, application: NamedDependency[Application]
) -> Response[str]:
    """One request: what was asked and decided, and every step as it stands in the log."""
    found = await application.ask(shown.public, number=number) if 0 < number < 2**62 else []
    if not found:
        raise NotFoundException
    titles = await application.ask(titles_in, lang)
    one = found[0]
    use = await application.ask(rights.one_use, one.request.use)
    given: dict[str, Any] = {
        "one": line_of(one, titles, application, lang),
        "facts": facts_of(one, titles, application, lang) + use_said(use, application, lang)[:PUBLIC],
        "history": history_of(one, titles, application, lang),
    }
    return page("request.html", request, application, lang, f"requests/{number}", **given)


@get("/{lang:str}/notices", include_in_schema=False)
async def notices_page(
    lang: FromPath[Lang], request: Request, application: NamedDependency[Application]
) -> Response[str]:
    """What was told to a notice code: found and opened in the browser, which alone has the code."""
    roll = application.roll
    given: dict[str, Any] = {
        "month": f"{roll.clock().astimezone(UTC):%Y-%m}",
        "fields": list(field_titles.titles_in(application, lang).items()),
        "zone": roll.zone.key,
        "origins": msgspec.json.encode([roll.origin, *(name for _, name in roll.before)]).decode(),
        "bodies": list((await application.ask(titles_in, lang)).items()),
        **{
            name: [(code, words(lang, table, code)) for code in table]
            for name, table in (("outcomes", OUTCOMES), ("reasons", REASONS), ("urgencies", URGENCIES))
        },
    }
    # Nobody else's script comes near a notice code: no bridge is lent here.
    return page("notices.html", request, application, lang, "notices", **given)


def titles_in(roll: Roll, lang: str) -> dict[str, str]:
    """The organisations' titles in a language, by their names."""
    return {one.name: in_language(one.title, lang) for one in organisations(roll)}


def _counts(rows: tuple[Row, ...], lang: str) -> list[tuple[str, list[int]]]:
    """Each thing that is counted, in words, with its number in each month."""
    return [(words(lang, COUNTED, name), [row.counts.get(name, 0) for row in rows]) for name in COUNTED]


def fields_said(names: tuple[str, ...], application: Application, lang: str) -> str:
    titles = field_titles.titles_in(application, lang)
    return catalogue.listed(lang, [titles.get(name, name) for name in names])


def status_said(one: Shown, lang: str) -> str:
    """Where a request stands, as its procedure calls the step."""
    if not one.followed:
        return gettext(lang, "it goes by a procedure that is not known here")
    if one.status == "telling-delayed":
        return gettext(lang, "the telling is put off")
    request = one.request
    return in_language(request.by.step(request.standing.step).title, lang)


def line_of(one: Shown, titles: dict[str, str], application: Application, lang: str) -> dict[str, Any]:
    request = one.request
    return {
        "number": one.number,
        "filed": catalogue.day(lang, one.history[0][1]),
        "authority": titles.get(request.authority, request.authority),
        "operator": titles.get(request.operator, request.operator),
        "reviewer": titles.get(request.reviewer, request.reviewer),
        "fields": fields_said(request.fields, application, lang),
        "status": status_said(one, lang),
        "late": one.late,
        "urgent": request.urgency == "emergency",
    }


def is_heard_outside(one: Shown) -> bool:
    """Whether a complaint was made and nobody here has anything left to do: the supervisor of the use has it."""
    return one.followed and one.request.complained and one.due is not None and not turn(one.request)


def facts_of(one: Shown, titles: dict[str, str], application: Application, lang: str) -> list[tuple[str, str]]:
    """What stands of a request now, in rows."""
    request, zone = one.request, application.roll.zone
    until = gettext(lang, "Closes by itself on") if is_heard_outside(one) else gettext(lang, "Until")
    rows = [
        (gettext(lang, "Stands in"), status_said(one, lang)),
        (until, catalogue.moment(lang, one.due, zone) if one.due else ""),
        (gettext(lang, "Authority"), titles.get(request.authority, request.authority)),
        (gettext(lang, "Operator"), titles.get(request.operator, request.operator)),
        (gettext(lang, "Reviewer"), titles.get(request.reviewer, request.reviewer)),
        (gettext(lang, "Registered use"), catalogue.number(lang, request.use)),
        (gettext(lang, "Asked for"), fields_said(request.fields, application, lang)),
        (gettext(lang, "Wished"), words(lang, DESIRED, request.desired)),
        (gettext(lang, "Urgency"), words(lang, URGENCIES, request.urgency)),
        (gettext(lang, "Approved"), fields_said(request.approved or (), application, lang)),
        (gettext(lang, "Given"), fields_said(request.given, application, lang)),
        (gettext(lang, "Outcome"), words(lang, OUTCOMES, request.outcome) if request.outcome else ""),
        (
            gettext(lang, "Telling put off until"),
            catalogue.moment(lang, request.postponed, zone) if request.postponed else "",
        ),
        (gettext(lang, "Sealed contents that were lost"), _lost(one.lost, lang)),
    ]
    return [(name, value) for name, value in rows if value]


def use_said(use: Use | None, application: Application, lang: str) -> list[tuple[str, str]]:
    """A registered use in rows: for what, on what basis, who hears complaints, and where its office is called back."""
    if use is None:
        return []
    return [
        (gettext(lang, "Purpose"), purpose_of(use, application, lang)),
        (gettext(lang, "Basis"), use.basis),
        (gettext(lang, "Who hears complaints"), gettext(lang, ", ").join((use.supervisor, use.supervised_at))),
        (gettext(lang, "Called back at"), use.office),
    ]


def purpose_of(use: Use, application: Application, lang: str) -> str:
    """The purpose of a registered use, in the words under which it was registered."""
    return in_language(purpose_said(use, application.roll.languages), lang)


def history_of(one: Shown, titles: dict[str, str], application: Application, lang: str) -> list[dict[str, str]]:
    """Each fact of a request, by the roll's clock: when, what, and which body's seat did it; of what nobody did, nobody."""
    zone = application.roll.zone
    return [
        {
            "when": catalogue.moment(lang, fact.at, zone),
            "what": words(lang, EVENTS, fact.name),
            "detail": detail_of(fact, application, lang),
            "body": titles.get(body := fact.by.split("/")[0], body),
            "seat": fact.by,
        }
        for fact, _ in one.history
    ]


def _lost(parts: tuple[str, ...], lang: str) -> str:
    """The sealed parts that the roll lost, as their facts are called."""
    kinds = {part: kind.name for kind, part in PARTS.items()} | {shown.NOTICE: events.PersonTold.name}
    return catalogue.listed(lang, [words(lang, EVENTS, kinds[part]) for part in parts])


def detail_of(fact: events.RequestEvent, application: Application, lang: str) -> str:
    """What a fact says beside its kind: fields, a reason, an outcome, and words of an official."""
    told = []
    match fact:
        case events.RequestApproved() | events.RequestNarrowed():
            told.append(fields_said(fact.fields, application, lang))
        case events.RequestRefused() | events.RequestAnnulled():
            told.append(words(lang, REASONS, fact.reason))
        case events.RequestObjected():
            told.append(words(lang, REASONS, fact.ground))
        case events.RequestAnswered():
            told += [words(lang, OUTCOMES, fact.outcome), fields_said(fact.fields, application, lang)]
        case events.TellingPostponed() | events.TimeExtended():
            told.append(catalogue.moment(lang, fact.until, application.roll.zone))
    told.append(getattr(fact, "why", ""))
    return " · ".join(filter(None, told))


public_request_handlers = [requests_page, request_page, notices_page]
"""The public pages on requests."""
