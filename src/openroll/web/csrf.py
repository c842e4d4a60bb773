"""Before a form is read: whether it comes from one of our own pages, and whether its sender may send a file at all.

Litestar's check of the form's token reads the whole form first. Until then anyone could have us write a file of any size to
disk, so a file is read only from who the access table lets send one.
"""

from urllib.parse import urlsplit

from litestar.datastructures import FormMultiDict
from litestar.enums import RequestEncodingType, ScopeType
from litestar.exceptions import (
    HTTPException,
    NotFoundException,
    PermissionDeniedException,
    ValidationException,
)
from litestar.types import ASGIApp, Receive, ReceiveMessage, Scope, Send

from openroll.register.decision import Refused
from openroll.register.file_refusals import DiskFull
from openroll.service.application import Application
from openroll.service.filing.intake import Sending
from openroll.web.auth import TOKEN, Request, let_in, seat

_SAFE = ("GET", "HEAD", "OPTIONS")
_FORMS = (RequestEncodingType.URL_ENCODED, RequestEncodingType.MULTI_PART)
_NUL = "\0"
_LONGEST = 255
"""Bytes of one part of an address, as of a file's name: with more the file system fails instead of not finding it."""
_FIELD = "_csrf_token"
_FILES = "/{lang}/operator/files"
MOST_FORM = 1_000_000
"""Bytes of a form without a file."""


class Forged(PermissionDeniedException):
    """A form that none of our pages sent to this visitor."""


class NoRoom(HTTPException):
    """A file that is not read: its operator sends as many as it may, or the disk has no room."""

    def __init__(self, refused: Refused) -> None:
        super().__init__(detail=refused.refusal.code, status_code=refused.refusal.status)
        self.refused = refused


def gate(app: ASGIApp) -> ASGIApp:
    """Refuse what another site sent, whole files from who may not send them, and what no database takes."""

    async def checked(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.HTTP:
            if _NUL in scope["path"] or any(_bytes(part) > _LONGEST for part in scope["path"].split("/")):
                raise NotFoundException
            request: Request = Request(scope, receive=receive)
            if request.method not in _SAFE and not request.url.path.startswith("/api/"):
                if scope.get("path_template") == _FILES:
                    return await _with_file(app, request, send)
                await _check_form(request)
        await app(scope, receive, send)
        return None

    return checked


async def _with_file(app: ASGIApp, request: Request, send: Send) -> None:
    """Read a form with a file: only from who may send one, in a place of its operator's, and as far as there is room."""
    if request.content_type[0] != RequestEncodingType.MULTI_PART:
        # This address takes a body of any size, but to disk: any other kind would lie in memory, from anybody.
        request = Request(request.scope, receive=_small(request.receive))
        await _check_form(request)
        return await app(request.scope, request.receive, send)
    if _from_elsewhere(request):
        raise Forged("sent by another site")
    await let_in(request)
    application: Application = request.app.state.application
    with application.intake.by_page(seat(request).organisation, request.content_length or 0) as sending:
        if isinstance(sending, Refused):
            raise NoRoom(sending)
        request = Request(request.scope, receive=_counted(request.receive, sending))
        try:
            await _check_form(request)
        except OSError as error:
            raise NoRoom(Refused(DiskFull())) from error
        await app(request.scope, request.receive, send)
    return None


def _small(receive: Receive) -> Receive:
    """What takes no more than a form may have."""
    left = [MOST_FORM]

    async def small() -> ReceiveMessage:
        message = await receive()
        if message["type"] == "http.request":
            left[0] -= len(message["body"])
            if left[0] < 0:
                raise HTTPException("a form is smaller", status_code=413)
        return message

    return small


def _counted(receive: Receive, sending: Sending) -> Receive:
    """What takes room for each part before anybody writes it."""

    async def counted() -> ReceiveMessage:
        message = await receive()
        refused = sending.part(len(message["body"])) if message["type"] == "http.request" else None
        if refused is not None:
            raise NoRoom(refused)
        return message

    return counted


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


async def _check_form(request: Request) -> None:
    if _from_elsewhere(request):
        raise Forged("sent by another site")
    kind = request.content_type[0]
    if kind == RequestEncodingType.MULTI_PART:
        await let_in(request)
    form = await request.form() if kind in _FORMS else FormMultiDict()
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
    return urlsplit(origin).netloc != request.headers.get("host", "")
