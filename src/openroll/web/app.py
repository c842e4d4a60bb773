"""How the pages are served: their handlers, static files, headers, and what an error looks like."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from importlib.resources import files
from typing import Any

import litestar
from litestar import MediaType, Response
from litestar.config.compression import CompressionConfig
from litestar.config.csrf import CSRFConfig
from litestar.datastructures import MutableScopeHeaders
from litestar.exceptions import HTTPException
from litestar.middleware import DefineMiddleware
from litestar.static_files import create_static_files_router
from litestar.types import Message, Scope

from openroll.register.decision import Refused
from openroll.register.organisation.refusals import SeatWaiting
from openroll.register.refusals import DatabaseAway, DatabaseBusy, TooManyAtOnce
from openroll.service.application import Application
from openroll.service.identity.refusal_log import RefusalLog
from openroll.service.identity.sessions import NOBODY
from openroll.service.key_labels import CSRF
from openroll.service.roll import Roll
from openroll.web.auth import (
    TOKEN,
    NotConfirmed,
    NotSignedIn,
    NotYours,
    Request,
    language_of,
    page,
    refused_page,
    sign_in_first,
    someone,
    source,
)
from openroll.web.csrf import FormTokens, csrf_middleware
from openroll.web.decay import decay_chart, decay_page
from openroll.web.desk import desk_handlers
from openroll.web.desk_ask import desk_ask_handlers
from openroll.web.desk_rights import desk_right_handlers
from openroll.web.desk_tokens import desk_token_handlers
from openroll.web.directory import sites_page
from openroll.web.file_form import NoRoom
from openroll.web.filing_alone import filing_handlers
from openroll.web.headers import headers
from openroll.web.jurisdiction import jurisdiction_handlers
from openroll.web.lives import life_handlers
from openroll.web.mails import mails_handlers
from openroll.web.operator import operator_handlers
from openroll.web.pages import render
from openroll.web.people import people_handlers
from openroll.web.porting import porting_handlers
from openroll.web.public import public_handlers
from openroll.web.readings import reading_handlers
from openroll.web.receipts import receipt_handlers
from openroll.web.registrar import registrar_handlers
from openroll.web.requests import public_request_handlers
from openroll.web.signin import sign_in_handlers
from openroll.web.site_filing import site_filing_handlers
from openroll.web.site_lists import site_list_handlers
from openroll.web.sites import site_handlers
from openroll.web.subscriber import subscriber_handlers
from openroll.web.tokens import token_handlers
from openroll.web.unconfirmed import unconfirmed_handlers
from openroll.web.what_if import what_if_handlers
from openroll.words import say_refused
from openroll.words.catalogue import gettext

web_handlers = (
    *public_handlers,
    *what_if_handlers,
    *public_request_handlers,
    sites_page,
    decay_page,
    decay_chart,
    *site_handlers,
    *desk_handlers,
    *desk_right_handlers,
    *desk_token_handlers,
    *desk_ask_handlers,
    *subscriber_handlers,
    *mails_handlers,
    *filing_handlers,
    *receipt_handlers,
    *sign_in_handlers,
    *people_handlers,
    *operator_handlers,
    *token_handlers,
    *unconfirmed_handlers,
    *porting_handlers,
    *site_filing_handlers,
    *site_list_handlers,
    *life_handlers,
    *registrar_handlers,
    *reading_handlers,
    *jurisdiction_handlers,
    create_static_files_router(
        "/static", [str(files("openroll.web") / "static")], cache_control=None, include_in_schema=False
    ),
)
"""Pages and their static files."""


def page_problem(request: Request, error: HTTPException) -> Response[str]:
    """An error as a page, in the reader's language."""
    lang = language_of(request)
    application: Application = request.app.state.application
    if isinstance(error, NotSignedIn):
        return sign_in_first(request, application, lang)
    if isinstance(error, NotConfirmed):
        who = someone(request)
        unspoken = who.organisation if who.outside else ""
        refused = Refused(SeatWaiting(seat=str(who.seat), unspoken=unspoken))
        said = {"title": gettext(lang, "This is not yours to do"), "detail": say_refused(refused, lang)}
        return page("problem.html", request, application, lang, "", status=refused.refusal.status, **said)
    if isinstance(error, NoRoom):
        return page_refusal(request, error.refused)
    yours = isinstance(error, NotYours)
    titles = {
        404: gettext(lang, "There is no such page"),
        403: gettext(lang, "This is not yours to do") if yours else gettext(lang, "This form has gone stale"),
        405: gettext(lang, "There is no such page"),
        408: gettext(lang, "This came too slowly"),
        413: gettext(lang, "This is too large"),
        429: gettext(lang, "Too much at once"),
        503: gettext(lang, "Too busy just now"),
    }
    details = {
        404: gettext(lang, "Check the address. Filing codes are typed on the page “Your filing”."),
        403: gettext(lang, "Your role does not reach here. Ask the lead of your organisation.")
        if yours
        else gettext(lang, "Go back, reload the page and send it again. Nothing was filed."),
        408: gettext(
            lang, "What you sent did not arrive in time. Nothing was written. Send it again on a better connection."
        ),
        413: gettext(lang, "A form holds at most a megabyte. Nothing was written. Long lists are sent as files."),
        429: gettext(lang, "More comes from your network than is taken at once. Nothing was written. Wait a little."),
        503: gettext(
            lang, "More people want this than can be served at once. Nothing was written. Try again in a minute."
        ),
    }
    # An address whose parts are none of ours is no page; a form that cannot be read is a bad request.
    status = 404 if error.status_code == 400 and request.method == "GET" else error.status_code
    if status >= 500 and request.method != "GET":  # it broke off somewhere: before, in or after the writing
        title = gettext(lang, "The roll met a fault of its own")
        detail = gettext(lang, "It is not known whether anything was changed. Go back and look before you try again.")
    else:
        title = titles.get(status, gettext(lang, "Something is wrong with this request"))
        detail = details.get(status, gettext(lang, "Go back and try again. Nothing was changed."))
    html = render("problem.html", application, lang, "", title=title, detail=detail)
    wait = {
        name: value for name, value in (error.headers or {}).items() if name.lower() in ("retry-after", "connection")
    }
    if status in (429, 503):
        wait.setdefault("retry-after", "30")
    headers = {"cache-control": "no-store"} | wait
    return Response(html, status_code=status, media_type=MediaType.HTML, headers=headers)


def page_refusal(request: Request, refused: Refused) -> Response[str]:
    """A refusal that no form has a place for, as a page in the reader's language."""
    lang = language_of(request)
    reading = {
        DatabaseAway: gettext(lang, "The register's database does not answer. Load the page again in a minute."),
        DatabaseBusy: gettext(
            lang, "The register has more to do than it can at this moment. Load the page again in a minute."
        ),
        TooManyAtOnce: gettext(
            lang, "More comes from your network than is answered at once. Load the page again in a moment."
        ),
    }
    said = reading.get(type(refused.refusal)) if request.method in ("GET", "HEAD") else None
    return refused_page(request.app.state.application, lang, refused, reading=said)


def _after(refusals: RefusalLog, https: bool, beneath: bool) -> Callable[[Message, Scope], Awaitable[None]]:
    """What is done as an answer leaves: it gets its headers, also where no handler made it; a refusal is written down."""

    async def leave(message: Message, scope: Scope) -> None:
        if message["type"] != "http.response.start":
            return
        own = MutableScopeHeaders.from_message(message).headers
        there = {
            name.lower(): value for name, value in own
        }  # one by one each would be looked for among all, eight times an answer
        policy = there.get(b"content-security-policy", b"").decode("latin-1")
        found = headers(str(scope["path"]), policy, https=https, beneath=beneath)
        own.extend((name.encode(), value.encode()) for name, value in found.items() if name.encode() not in there)
        template, method = str(scope.get("path_template", "")), str(scope.get("method", ""))
        came_in = "came_in" in scope.get("state", ())  # somebody has just signed in to a seat
        if came_in or refusals.concerns(method, template, message["status"]):
            request: Request = litestar.Request(scope)
            seat = getattr(request.state, "came_in" if came_in else "someone", NOBODY).seat
            write = partial(refusals.write, source=source(request), seat=str(seat or ""), came_in=came_in)
            await asyncio.to_thread(write, method, template, message["status"])

    return leave


def web_config(roll: Roll, address: str = "", *, https_beneath: bool = False) -> dict[str, Any]:
    """What the application needs for its pages: CSRF tokens, headers, compression. `address` is the roll's public one.

    `https_beneath` has browsers insist on https for the hosts beneath it too.
    """
    secret = CSRF.of(roll.keys).hex()
    tokens = CSRFConfig(
        secret=secret,
        cookie_name=TOKEN,
        cookie_secure=True,
        cookie_httponly=True,
        cookie_samesite="lax",
        # Programs bring a token of their own. What caches may keep sets no cookie: one visitor's token would be everyone's.
        exclude=[
            "^/api/",
            "^/log/",
            "^/rdap(/|$)",
            "^/static/",
            "^/figures/",
            "^/sites/",
            "^/metrics$",
            "^/[a-z]+/(figures|what-if)/[a-z]+/chart$",
            "^/[a-z]+/sites/decay/chart$",
        ],
    )
    return {
        "middleware": [csrf_middleware, DefineMiddleware(FormTokens, config=tokens)],
        "before_send": [_after(RefusalLog(roll), address.startswith("https://"), https_beneath)],
        "compression_config": CompressionConfig(backend="gzip", minimum_size=1_000, exclude=["^/api/", "^/log/tile"]),
    }
