"""CSRF protection: a form must come from one of our own pages, and a file from somebody who may send one.

Litestar's check of the form's token reads the whole form first. Until then anyone could have us write a file of any size to
disk, so a file is read only from who the access table lets send one.
"""

from contextlib import AsyncExitStack
from typing import Any
from urllib.parse import unquote

from litestar.config.csrf import CSRFConfig
from litestar.datastructures import Cookie, MutableScopeHeaders
from litestar.enums import RequestEncodingType, ScopeType
from litestar.exceptions import (
    HTTPException,
    NotFoundException,
    PermissionDeniedException,
    ValidationException,
)
from litestar.middleware.csrf import CSRFMiddleware
from litestar.types import ASGIApp, HTTPSendMessage, Receive, Scope, Send
from litestar.utils.scope.state import ScopeState

from openroll.register.decision import Refused
from openroll.service.application import Application
from openroll.service.filing.intake import NotLetInAnyMore, while_let_in
from openroll.web.auth import TOKEN, NotSignedIn, Request, let_in, seat
from openroll.web.file_form import NoRoom, file_form
from openroll.web.form_bounds import check_head, read_form

_SAFE = ("GET", "HEAD", "OPTIONS")
_NUL = "\0"
_LONGEST = 255
"""Bytes of one part of an address, as of a file's name: with more the file system fails instead of not finding it."""
_FIELD = "_csrf_token"
_TOKEN_HERE = "token"  # noqa: S105 - where a token is written
_FILES = "/{lang}/operator/files"
_MAILS = "/{lang}/mails/{word}"
"""What a mail program sends by itself (RFC 8058): a word of the address lets in, no cookie, so no other site can borrow one."""


class Forged(PermissionDeniedException):
    """A form that none of our pages sent to this visitor."""


class FormTokens(CSRFMiddleware):
    """Litestar's check of a form's token, that writes the token's cookie once and each token into it.

    The first page of every visitor sets it, and made as one of Python's cookies it took a twentieth of a page.
    """

    def __init__(self, app: ASGIApp, config: CSRFConfig) -> None:
        super().__init__(app, config)
        cookie = Cookie(
            key=config.cookie_name,
            value=_TOKEN_HERE,
            path=config.cookie_path,
            secure=config.cookie_secure,
            httponly=config.cookie_httponly,
            samesite=config.cookie_samesite,
            domain=config.cookie_domain,
        )
        self._before, _, self._behind = cookie.to_header(header="").partition(_TOKEN_HERE)

    def _set_cookie_if_needed(self, message: HTTPSendMessage, token: str) -> None:
        headers = MutableScopeHeaders.from_message(message)
        headers.add("set-cookie", f"{self._before}{token}{self._behind}")


def csrf_middleware(app: ASGIApp) -> ASGIApp:
    """Refuse what another site sent, whole files from who may not send them, and what no database takes."""

    async def checked(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.HTTP:
            if _NUL in scope["path"] or any(_bytes(part) > _LONGEST for part in scope["path"].split("/")):
                raise NotFoundException
            check_head(scope["query_string"], [value for name, value in scope["headers"] if name == b"cookie"])
            request: Request = Request(scope, receive=receive)
            # Pages say themselves what is wrong with an address; what a program asks by one goes to the database as it is.
            if _NUL in unquote(scope["query_string"].decode("latin-1")) and request.url.path.startswith("/api/"):
                raise ValidationException("an address holds no NUL")
            if request.method not in _SAFE and not request.url.path.startswith("/api/"):
                if scope.get("path_template") == _FILES:
                    return await _with_file(app, request, send)
                if scope.get("path_template") == _MAILS:
                    await _one_click(request)
                else:
                    await _read(request)
                    await _check_form(request)
        await app(scope, receive, send)
        return None

    return checked


async def _with_file(app: ASGIApp, request: Request, send: Send) -> None:
    """Read a form with a file: only from who may send one, in a place of its operator's, and as far as there is room.

    Nothing is read of what is no such form: this address takes a body of any size. Who is let in is asked again and again
    while the file comes in.
    """
    if _from_elsewhere(request):
        raise Forged("sent by another site")
    if request.content_type[0] != RequestEncodingType.MULTI_PART:
        raise HTTPException("a file is sent in a form (multipart/form-data)", status_code=415)
    await let_in(request)
    application: Application = request.app.state.application
    with application.intake.by_page(seat(request).organisation, request.content_length or 0) as sending:
        if isinstance(sending, Refused):
            raise NoRoom(sending)
        async with AsyncExitStack() as held:
            try:
                async with while_let_in(lambda: _still_let_in(request)):
                    await held.enter_async_context(file_form(request, sending))
            except NotLetInAnyMore:
                raise NotSignedIn from None
            await _check_form(request)
            await app(request.scope, request.receive, send)


async def _still_let_in(request: Request) -> bool:
    try:
        await let_in(request)
    except HTTPException:
        return False
    return True


async def _one_click(request: Request) -> None:
    """Read what was pressed on the page of a mail's link. A form in parts is no page's of ours: it is read no further."""
    form: Any = await read_form(request) if request.content_type[0] == RequestEncodingType.URL_ENCODED else {}
    ScopeState.from_scope(request.scope).form = form
    if any(_NUL in one for pair in (await request.form()).multi_items() for one in pair if isinstance(one, str)):
        raise ValidationException("a form holds no NUL")


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


async def _read(request: Request) -> None:
    """Read a form as far as its page takes one, for whoever asks for it: Litestar would read any, and remember it.

    Nothing is read of what no page of ours can have sent: every page sets the token's cookie, and that of files alone sends
    a form in parts.
    """
    if _from_elsewhere(request):
        raise Forged("sent by another site")
    kind = request.content_type[0]
    if kind == RequestEncodingType.MULTI_PART or TOKEN not in request.cookies:
        raise Forged("sent by none of our pages")
    form: Any = await read_form(request) if kind == RequestEncodingType.URL_ENCODED else {}
    ScopeState.from_scope(request.scope).form = form


async def _check_form(request: Request) -> None:
    form = await request.form()
    # Litestar compares tokens in a way that fails on anything but ASCII text.
    tokens = (request.headers.get("x-csrftoken", ""), request.cookies.get(TOKEN, ""), form.get(_FIELD, ""))
    if not all(isinstance(one, str) and one.isascii() for one in tokens):
        raise Forged("a form's token is a word of ASCII")
    if any(_NUL in one for pair in form.multi_items() for one in pair if isinstance(one, str)):
        raise ValidationException("a form holds no NUL")


def _from_elsewhere(request: Request) -> bool:
    """What a browser says about the page that sent the form. Programs, and browsers of before 2020, say nothing.

    With `referrer-policy: no-referrer` browsers say `Origin: null` of our own forms, so that word alone tells nothing.
    """
    site = request.headers.get("sec-fetch-site", "")
    if site:
        return site not in ("same-origin", "none")
    origin = request.headers.get("origin", "null")
    if origin in ("null", request.app.state.place.origin):
        return False
    # Not `urlsplit`, which remembers what it was asked. An origin is a scheme and a host (RFC 6454 section 6.2).
    return origin.partition("://")[2] != request.headers.get("host", "")
