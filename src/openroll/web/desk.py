"""Requests in the eyes of the bodies that act in them: the list of one's own, and one request with what may be done now."""

import base64
import math
from collections.abc import Callable
from datetime import UTC
from typing import Any

import msgspec
from litestar import MediaType, Response, get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, FromQuery
from litestar.types import ControllerRouterHandler

from openroll.register.decision import Refused
from openroll.register.organisation.roles import Seat
from openroll.register.request import state
from openroll.register.request.events import RequestComplained, RequestEvent
from openroll.register.request.refusals import BeyondUse, FieldsBeyond
from openroll.register.request.turns import may_take, turn
from openroll.register.request.words import NOT_GIVING
from openroll.rules.language import in_language
from openroll.service.application import Application
from openroll.service.requests import rights, shown, steps
from openroll.service.requests.shown import Shown
from openroll.web import field_titles
from openroll.web.auth import FormData, Lang, Request, page, refused_page, seat, someone, to
from openroll.web.desk_acts import FOLDED, ActUnread, command_of, offered, place_of
from openroll.web.forms import Form
from openroll.web.requests import facts_of, history_of, is_heard_outside, line_of, titles_in, use_said
from openroll.words import catalogue, desk, say_refused
from openroll.words.catalogue import gettext
from openroll.words.labels import options, words
from openroll.words.procedures import PARTIES
from openroll.words.requests import OUTCOMES

MOST = 20
"""Requests on one page: on a phone each is a list of its own."""
NUMBERS = 2**62
PATH = "desk"


@get("/{lang:str}/desk", include_in_schema=False)
async def own_requests(
    lang: FromPath[Lang],
    request: Request,
    application: NamedDependency[Application],
    before: FromQuery[int | None] = None,
    ended: FromQuery[int] = 0,
) -> Response[str]:
    """The requests that one's organisation is a body of: those that go on, or all of them; what is due and whose turn."""
    own = seat(request).organisation
    at = before if before is not None and 0 < before < NUMBERS else None
    found = await application.ask(shown.mine, own, not ended, before=at, most=MOST)
    titles = await application.ask(titles_in, lang)
    given: dict[str, Any] = {
        "requests": [_own_line(one, own, titles, application, lang) for one in sorted(found, key=_waits_for(own))],
        "ended": bool(ended),
        "further": found[-1].number if len(found) == MOST else None,
    }
    return page("desk.html", request, application, lang, PATH, **given)


def _waits_for(own: str) -> Callable[[Shown], tuple[bool, float]]:
    """The order of a page of requests: those that wait for an organisation first, the soonest due at their head."""

    def order(one: Shown) -> tuple[bool, float]:
        mine = _is_mine(one, own)
        return not mine, one.due.timestamp() if mine and one.due else math.inf if mine else -one.number

    return order


def _is_mine(one: Shown, own: str) -> bool:
    """Whether it is an organisation's turn in a request."""
    owner = turn(one.request) if one.followed else ""
    return bool(owner) and owner == one.request.party(own)


def _own_line(one: Shown, own: str, titles: dict[str, str], application: Application, lang: str) -> dict[str, Any]:
    owner = turn(one.request) if one.followed else ""
    mine = _is_mine(one, own)
    return line_of(one, titles, application, lang) | {
        "due": catalogue.moment(lang, one.due, application.roll.zone) if one.due else "",
        "turn": gettext(lang, "yours") if mine else words(lang, PARTIES, owner) if owner else "",
        "mine": mine,
        "complained": one.request.complained,
        "heard": is_heard_outside(one),
    }


@get("/{lang:str}/desk/{number:int}", include_in_schema=False)
async def own_request(
    lang: FromPath[Lang], number: FromPath[int], request: Request, application: NamedDependency[Application]
) -> Response[Any]:
    """One request: where it stands, whose turn it is, and what one's organisation may do in it now."""
    return await _request_page(request, application, lang, number, Form())


async def _request_page(
    request: Request, application: Application, lang: str, number: int, form: Form, status: int = 200
) -> Response[Any]:
    own = seat(request).organisation
    found = await application.ask(shown.one, number, own) if 0 < number < NUMBERS else None
    if found is None:
        raise NotFoundException
    if isinstance(found, Refused):
        return refused_page(application, lang, found)
    use = await application.ask(rights.one_use, found.request.use)
    titles = await application.ask(titles_in, lang)
    party = found.request.party(own)
    may_act = found.followed and not someone(request).waiting
    acts = offered(found.request, party, application, lang, use.office if use else "") if may_act else ()
    given = _shown(found, own, titles, application, lang) | {
        "acts": acts,
        "form": form,
        "errors": form.summary(),
        "chosen": form.value("act") or next((one.act for one in acts if one.act not in FOLDED), ""),
        "use": use_said(use, application, lang),
        "opens": found.followed and _opens(found, party),
        "annulled": found.request.annulled,
        "complained": found.request.complained,
        "letter": party == "reviewer" and any(_has_letter(fact) for fact, _ in found.history),
        "may_produce": found.followed and party == "authority" and _offers(found, party, "produce"),
        "means": options(lang, desk.MEANS),
        "approved": _approved(found, application, lang),
        "not_giving": options(lang, OUTCOMES, NOT_GIVING),
        "zone": application.roll.zone.key,
        "script": script_data(application, lang),
        "matter": _matter(found, seat(request), party, titles, application),
    }
    return page("desk-request.html", request, application, lang, f"{PATH}/{number}", status=status, **given)


def _shown(one: Shown, own: str, titles: dict[str, str], application: Application, lang: str) -> dict[str, Any]:
    """What stands of a request, as the public page has it, and whose turn it is."""
    line = _own_line(one, own, titles, application, lang)
    facts = facts_of(one, titles, application, lang)
    whose = [(gettext(lang, "Whose turn"), line["turn"])] if line["turn"] else []
    return {
        "one": line,
        "facts": [*facts[:1], *whose, *facts[1:]],
        "history": history_of(one, titles, application, lang),
    }


def _has_letter(fact: RequestEvent) -> bool:
    """Whether a fact is a complaint beside which the person sealed a letter to the reviewer."""
    return isinstance(fact, RequestComplained) and bool(fact.envelope)


def purposes(application: Application, lang: str) -> dict[int, str]:
    """The rule's purposes by their places."""
    return {place: in_language(one, lang) for place, one in enumerate(application.roll.rule.purposes)}


def _opens(one: Shown, party: str) -> bool:
    """Whether this body can have the envelopes now, as far as the procedure says; the service decides."""
    return may_take(one.request, party)


def _approved(one: Shown, application: Application, lang: str) -> list[tuple[str, str]]:
    """The fields that may be given, with their titles."""
    titles = field_titles.titles_in(application, lang)
    return [(name, titles.get(name, name)) for name in one.request.approved or ()]


def _offers(one: Shown, party: str, act: str) -> bool:
    return one.request.by.move(one.request.standing.step, act, party) is not None


def _matter(one: Shown, by: Seat, party: str, titles: dict[str, str], application: Application) -> str:
    """What the page's script needs to know of the request; everything that it believes it proves by the log."""
    request = one.request
    readers = [request.authority, request.reviewer, request.operator, request.objector]
    given = {
        "number": one.number,
        "own": by.organisation,
        "seat": str(by),
        "party": party,
        "readers": [name for name in readers if name],
        "titles": {name: titles.get(name, name) for name in readers if name},
        "authority": request.authority,
        "reviewer": request.reviewer,
        "operator": request.operator,
        "procedure": procedure_said(request) if one.followed else None,
        "silences": {step.id: step.silence for step in request.by.steps if step.silence} if one.followed else {},
        "now": application.roll.clock().astimezone(UTC).isoformat(),
        "zone": application.roll.zone.key,
    }
    return msgspec.json.encode(given).decode()


def procedure_said(request: state.Request) -> dict[str, Any]:
    """The step that a request began in, and where each act leads from each step: by it the script knows the step of a taking."""
    by = request.by
    moves = {step.id: {move.act: move.to for move in step.moves} for step in by.steps}
    return {"begins": by.begins[state.begins(request.urgency, request.desired)], "moves": moves}


def script_data(application: Application, lang: str) -> dict[str, str]:
    """What every page of these gives its script: the log's keys, the words, the names of fields."""
    spans = [(epoch.first, list(map(str, epoch.keys))) for epoch in reversed(application.log_keys().terms)]
    told = {
        "log_keys": spans,
        "origin": application.roll.origin,
        "before": [name for _, name in application.roll.before],
        "lists": f"/{lang}/{PATH}/lists",
        "missing": {name: gettext(lang, text) for name, text in desk.MISSING.items()},
        "said": {name: gettext(lang, text) for name, text in desk.SAID.items()},
        "why": {name: gettext(lang, text) for name, text in desk.WHY.items()},
        "faults": {name: gettext(lang, text) for name, text in desk.FAULTS.items()},
        "means": {name: gettext(lang, text) for name, text in desk.MEANS.items()},
        "outcomes": {name: gettext(lang, text) for name, text in OUTCOMES.items()},
        "fields": field_titles.titles_in(application, lang),
        "kinds": field_titles.titles_by_kind(application, lang),
    }
    return {name: msgspec.json.encode(value).decode() for name, value in told.items()}


@post("/{lang:str}/desk/{number:int}", status_code=200, include_in_schema=False)
async def act(
    lang: FromPath[Lang],
    number: FromPath[int],
    data: FormData,
    request: Request,
    application: NamedDependency[Application],
) -> Any:
    """Do an act, or with `dry-run` only say whether it would be taken. The page's script is answered in JSON, and keeps what was
    typed and what it opened."""
    form = Form(data)
    which = form.value("act")
    try:
        command = command_of(number, which, form, application, lang)
    except ActUnread as unread:
        if wants_json(request):
            return problem(unread.sentence, 422, unread.place)
        form.fault(unread.place, unread.sentence)
        return await _request_page(request, application, lang, number, form, 422)
    dry = form.value("dry-run") == "yes"
    by = seat(request)
    acted = await application.ask(steps.step, command, by, dry_run=dry)
    if isinstance(acted, Refused):
        place, sentence = place_of(which, acted), say_of_fields(acted, application, lang)
        if wants_json(request):
            return problem(sentence, acted.refusal.status, place)
        form.fault(place, sentence)
        return await _request_page(request, application, lang, number, form, acted.refusal.status)
    after = f"/{lang}/{PATH}/{number}"
    if dry:
        return answer_json({"to": ""}) if wants_json(request) else to(after)
    application.wake()
    return answer_json({"to": f"{after}?done=request", "by": str(by)}) if wants_json(request) else to(after, "request")


@post("/{lang:str}/desk/{number:int}/envelopes", status_code=200, include_in_schema=False)
async def envelopes(
    lang: FromPath[Lang], number: FromPath[int], request: Request, application: NamedDependency[Application]
) -> Any:
    """Take the envelopes, which stands in the log; the page's script opens them. Without it they would be of no use."""
    by = seat(request)
    taken = await application.ask(shown.envelopes, number, by)
    if isinstance(taken, Refused):
        if wants_json(request):
            return problem(say_refused(taken, lang), taken.refusal.status)
        return refused_page(application, lang, taken)
    application.wake()
    parts = [
        {"part": one.part, "organisation": one.organisation, "envelope": base64.b64encode(one.data).decode()}
        for one in taken.parts
    ]
    return answer_json({"envelopes": parts, "by": str(by), "before": taken.before})


def wants_json(request: Request) -> bool:
    """Whether a page's script asks, and not its form."""
    return request.headers.get("accept", "") == "application/json"


def answer_json(told: Any, status: int = 200) -> Response[Any]:
    """What a script is answered, kept by nobody."""
    data = msgspec.json.encode(told)
    return Response(data, status_code=status, media_type=MediaType.JSON, headers={"cache-control": "no-store"})


def problem(detail: str, status: int, place: str = "") -> Response[Any]:
    """Why not, in the reader's language, and the field at which it is said."""
    return answer_json({"detail": detail, "at": place}, status)


def say_of_fields(refused: Refused, application: Application, lang: str) -> str:
    """A refusal, with fields by their titles where it names some."""
    refusal = refused.refusal
    if isinstance(refusal, BeyondUse | FieldsBeyond):
        titles = field_titles.titles_in(application, lang)
        named = msgspec.structs.replace(refusal, fields=tuple(titles.get(name, name) for name in refusal.fields))
        refused = msgspec.structs.replace(refused, refusal=named)
    return say_refused(refused, lang)


desk_handlers: tuple[ControllerRouterHandler, ...] = (own_requests, own_request, act, envelopes)
"""The list of an organisation's requests, and one of them."""
