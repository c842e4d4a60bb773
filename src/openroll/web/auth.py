"""Authentication and authorisation of pages: whose session it is, what their role may call."""

import hashlib
import re
from collections.abc import Collection
from typing import Annotated, Any
from urllib.parse import quote, urlencode

import litestar
from litestar import MediaType, Response
from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie
from litestar.enums import RequestEncodingType
from litestar.exceptions import HTTPException, NotAuthorizedException, NotFoundException, PermissionDeniedException
from litestar.handlers import BaseRouteHandler
from litestar.params import Body
from litestar.response import Redirect
from litestar.template.base import csrf_token
from litestar.utils.scope.state import ScopeState

from openroll.register.decision import Refused
from openroll.register.organisation.roles import Seat
from openroll.register.refusals import OutcomeUnknown
from openroll.rules.language import ENGLISH, negotiated
from openroll.service import access
from openroll.service.application import Application
from openroll.service.identity import sessions
from openroll.service.identity.passkeys import RelyingParty
from openroll.service.identity.sessions import NOBODY, Principal
from openroll.traffic import request_address
from openroll.web.pages import render
from openroll.words import say_refused
from openroll.words.catalogue import gettext, spoken

Request = litestar.Request[Any, Any, Any]
Lang = str
"""A language of the roll, as the second part of a page's address: `let_in` lets no other through."""
FormData = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]
SESSION = "__Host-session"
TOKEN = "__Host-csrf"  # noqa: S105 - the name of a cookie
HOMES = {"registrar": "registrar", "operator": "operator", "authority": "office", "reviewer": "office"}
_WITHIN = re.compile(r"/[a-z]{2,3}(?:-[A-Za-z0-9]{2,4}){0,2}/[a-z0-9/-]{0,100}(?:\?[a-z0-9=&-]{0,60})?")


class NotSignedIn(NotAuthorizedException):
    """Nobody is signed in, and the page is not for anyone."""


class NotYours(PermissionDeniedException):
    """Somebody is signed in whose role may not do this."""


class NotConfirmed(NotYours):
    """Somebody is signed in whose new seat nobody has confirmed yet."""


async def guard(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    """The door of every route."""
    await let_in(connection)


async def let_in(connection: ASGIConnection[Any, Any, Any, Any]) -> None:
    """Let in whom the access table lets in. A route that is not in the table is closed to everyone.

    Raises NotFoundException for a page in a language that the roll does not speak, NotSignedIn or NotYours for everyone else,
    and NotConfirmed for who may only read as yet.
    """
    application: Application = connection.app.state.application
    lang = connection.path_params.get("lang")
    if lang is not None and lang not in application.roll.languages:
        raise NotFoundException
    method, path = str(connection.scope.get("method", "GET")), str(connection.scope.get("path_template", ""))
    cookie = "" if access.asks_for_nobody(method, path) else connection.cookies.get(SESSION, "")
    sessions.act_for("")  # until it is known whose session it is, it is nobody's act
    who = await application.ask(sessions.someone, cookie) if cookie else NOBODY
    connection.state.someone = who
    allowed = access.who_may(method, path)
    if "token" in allowed and connection.headers.get("authorization", "").lower().startswith("bearer "):
        return  # the token itself is looked up with the filing
    if sessions.has_role(who, allowed):
        may = access.from_outside if who.outside else access.while_waiting
        if who.waiting and not may(method, path):
            raise NotConfirmed
        if "anyone" not in allowed:
            sessions.act_for(cookie, reads=not access.is_act(method))
        elif access.is_public_page(method, path):
            sessions.read_for_anybody()
        return
    if allowed == {"token"}:
        return  # says token-unknown in its own words
    if who.roles == NOBODY.roles or not allowed:
        raise NotSignedIn
    raise NotYours


def language_of(request: Request) -> str:
    """The language of a page that was asked for: its address says it; else what the reader's browser asks for, else English."""
    languages = request.app.state.application.roll.languages
    asked = request.url.path.removeprefix("/").partition("/")[0]
    return asked if asked in languages else negotiated(request.headers.get("accept-language", ""), languages, ENGLISH)


def someone(request: Request) -> Principal:
    """Who is asking."""
    found: Principal = getattr(request.state, "someone", NOBODY)
    return found


def seat(request: Request) -> Seat:
    """The seat of who is asking. Raises NotSignedIn for anyone without one: the table should not have let them in."""
    found = someone(request).seat
    if found is None:
        raise NotSignedIn
    return found


def record_number(request: Request) -> int:
    """The number of the record that this session opens. Raises NotSignedIn."""
    found = someone(request).record
    if found is None:
        raise NotSignedIn
    return found


def source(request: Request) -> str:
    """The address a request comes from, by the one reader of forwarded addresses there is (openroll/traffic/address.py)."""
    return request_address(request.scope, request.app.state.proxies)


def place(request: Request) -> RelyingParty:
    """Where the pages are, for passkeys."""
    found: RelyingParty = request.app.state.place
    return found


def link_of(request: Request, lang: str, invitation: str) -> str:
    """The link that answers an invitation, at the address the settings give: a forged Host does not get into it.

    The invitation stands behind a hash, which browsers send to nobody: no proxy's log and no list of addresses has it.
    """
    return f"{base(request)}{lang}/join#{invitation}"


def form_key(request: Request, typed: str) -> str:
    """The key of a form that was sent: the one in it, and who sent it.

    A new filing sent again under its key is answered with its filing code, so a key must be its sender's alone, also when the
    sender is a program that sends the same word each time, or none. The browser's own random token makes it so.
    """
    return hashlib.sha256(f"{request.cookies.get(TOKEN, '')}\0{typed}".encode()).hexdigest()


def base(request: Request) -> str:
    """The address that links begin with when they are handed on, with its last slash: the roll's own.

    Whoever sends a request chooses its Host; what is printed or sent to somebody else must not follow it.
    """
    return f"{place(request).origin or str(request.base_url).rstrip('/')}/"


def page(
    name: str, request: Request, application: Application, lang: str, here: str, *, status: int = 200, **given: Any
) -> Response[str]:
    """A page as a response, never cached: it may hold a code."""
    # A page shown after a redirect says what was done in one of the pages' own words; nothing typed comes back this way.
    asked = request.method == "GET" and request.scope["query_string"]
    given.setdefault("done", request.query_params.get("done", "") if asked else "")
    own = "query" not in given and request.method == "GET"
    given.setdefault("query", _query(request, lang) if own else "")
    languages = application.roll.languages
    given["queries"] = {other: _query(request, other) if own else given["query"] for other in languages}
    token = csrf_token({"request": request})
    null = bool(getattr(request.app.state, "null_sign_in", False))
    html = render(name, application, lang, here, token, who=someone(request), null_sign_in=null, **given)
    return Response(html, status_code=status, media_type=MediaType.HTML, headers={"cache-control": "no-store"})


def _query(request: Request, lang: str) -> str:
    """What a page was asked for, for the link to the same page in a language.

    Not what was done on the way to it; and where to go on to only if that is a page of ours, in that language then too.
    """
    if not request.scope["query_string"]:
        return ""
    asked = [(name, value) for name, value in request.query_params.multi_items() if name not in ("done", "next")]
    after = within(request.query_params.get("next", ""), "", request.app.state.application.roll.languages)
    if after:
        asked.append(("next", f"/{lang}/{after.split('/', 2)[2]}"))
    return f"?{urlencode(asked, safe='/')}" if asked else ""


def refused_page(application: Application, lang: str, refused: Refused, *, reading: str | None = None) -> Response[str]:
    """A refusal that no form has a place for, as a page; with the seconds after which to try again, where that helps.

    `reading` is what is said instead to who only reads: that nothing was written, and is to be sent again, means nothing to them.
    """
    refusal, detail = refused.refusal, say_refused(refused, lang)
    if reading is not None:
        title, detail = gettext(lang, "This page cannot be shown just now"), reading
    elif isinstance(refusal, OutcomeUnknown):
        title = gettext(lang, "The roll met a fault of its own")
    else:
        title = gettext(lang, "Nothing was written")
    html = render("problem.html", application, lang, "", title=title, detail=detail)
    headers = {"cache-control": "no-store", "content-language": spoken(lang)} | retry_after(refused)
    return Response(html, status_code=refusal.status, media_type=MediaType.HTML, headers=headers)


def retry_after(refused: Refused) -> dict[str, str]:
    """The header that says when to try again, where that is any use."""
    seconds = refused.refusal.retry_after
    return {"retry-after": str(seconds)} if seconds else {}


def to(path: str, done: str = "") -> Redirect:
    """A redirect after something was done: loading the page again does nothing twice."""
    address = f"{path}?done={done}" if done else path
    return Redirect(address, status_code=303, headers={"cache-control": "no-store"})


def with_session(answer: Response[Any] | Redirect, secret: str) -> Any:
    """An answer that sets the session's cookie: for this host alone, over a secure connection alone, out of scripts' reach."""
    answer.set_cookie(Cookie(key=SESSION, value=secret, path="/", secure=True, httponly=True, samesite="lax"))
    return answer


def without_session(answer: Redirect) -> Redirect:
    """An answer that takes the cookie away, and has the browser forget what it kept of our pages (Clear-Site-Data).

    Not "cookies": the form's token is of no person, and would be taken from the page that is shown next.
    """
    answer.headers["clear-site-data"] = '"cache", "storage"'
    answer.set_cookie(Cookie(key=SESSION, value="", path="/", secure=True, httponly=True, samesite="lax", max_age=0))
    return answer


def within(address: str, otherwise: str, languages: Collection[str]) -> str:
    """An address of our own pages in one of these languages, or `otherwise`: nobody is sent elsewhere after signing in."""
    ours = _WITHIN.fullmatch(address) and "//" not in address and address.split("/")[1] in languages
    return address if ours else otherwise


def sign_in_first(request: Request, application: Application, lang: str) -> Response[Any]:
    """To the sign-in, and back afterwards. A form's fields come back hidden, to be sent again after signing in.

    Whoever comes with a session's cookie was signed in, and is told that it is over: the page is not where the click led.
    """
    path = request.url.path
    home = "find" if path.startswith(f"/{lang}/mine") else "sign-in"
    if request.method == "GET":
        over = "&done=session-over" if SESSION in request.cookies else ""
        return Redirect(f"/{lang}/{home}?next={quote(path)}{over}", headers={"cache-control": "no-store"})
    # The check against forged forms has read the form before the guard could refuse it; nothing forged comes here.
    form: Any = ScopeState.from_scope(request.scope).form  # no form was read of what was sent as JSON, or as a file
    sent = form if isinstance(form, dict) else {}
    typed = {name: value for name, value in sent.items() if isinstance(value, str) and name != "_csrf_token"}
    again = within(path, f"/{lang}/", application.roll.languages)
    return page("again.html", request, application, lang, home, status=401, path=again, typed=typed)


def status_of(error: Exception) -> int:
    """The HTTP status of an error."""
    return error.status_code if isinstance(error, HTTPException) else 500
