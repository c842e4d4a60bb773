"""Before anything else: who sends a body slowly holds a place for it, and a HEAD is answered as its GET.

A body that has not come whole in a moment is slow: from then on it holds one of few places, by its source's networks and in all,
and has a deadline. So half-sent forms take up a bounded memory, and nobody's slowness stops anybody else's request.
"""

import asyncio
import re
from typing import Any

from litestar import Litestar
from litestar.enums import ScopeType
from litestar.exceptions import HTTPException
from litestar.types import ASGIApp, HTTPScope, Message, Receive, ReceiveMessage, Scope, Send

from openroll.traffic import Places, Proxies, client_address, networks

MOMENT = 0.25
"""Seconds in which the body of an ordinary request is there, however busy we are."""
FORM_DEADLINE = 10.0
"""Seconds that a form or one filing has in all."""
FILE_IDLE = 30.0
"""Seconds that an operator's file may pause; its length has no bound, so it has no deadline as a whole."""
FILE_PATH = re.compile(r"/api/v1/files|/[A-Za-z0-9-]{2,11}/operator/files")
"""Where an operator's file comes in: by the API, or on a page in a language of the roll."""
SLOW_EACH, SLOW_ALL = (8, 16, 24), 64
"""Slow forms at once, and as many slow files: of one address (or /64), of the wider networks around it, and in all."""
HALF_SENT_EACH, HALF_SENT_ALL = (8_000_000, 16_000_000, 24_000_000), 64_000_000
"""Bytes of forms that are not whole yet, in memory at once: of one address, of the wider networks around it, and in all."""
_BODIES = ("POST", "PUT", "PATCH")


class TooSlow(HTTPException):
    """The body did not come in time."""

    status_code = 408


class NoPlace(HTTPException):
    """As many slow bodies are under way as may be: this source's, or everyone's."""

    status_code = 429


class Admission:
    """The outermost layer of the application. For one event loop."""

    def __init__(
        self, app: ASGIApp, proxies: Proxies, *, moment: float = MOMENT, deadline: float = FORM_DEADLINE
    ) -> None:
        self._app = app
        self._proxies = proxies
        self.moment, self._deadline = moment, deadline
        self.half_sent = Places(HALF_SENT_EACH, HALF_SENT_ALL)
        self._forms, self._files = Places(SLOW_EACH, SLOW_ALL), Places(SLOW_EACH, SLOW_ALL)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != ScopeType.HTTP:
            return await self._app(scope, receive, send)
        if scope["method"] == "HEAD":
            return await self._app({**scope, "method": "GET"}, receive, _without_body(send))
        if scope["method"] not in _BODIES:
            return await self._app(scope, receive, send)
        body = _Body(self, receive, self._source(scope), scope["path"])
        try:
            await self._app(scope, body.receive, send)
        finally:
            body.end()
        return None

    def _source(self, scope: HTTPScope) -> tuple[str, ...]:
        client, wanted = scope.get("client"), self._proxies.header.encode()
        lines = [value.decode("latin-1") for name, value in scope["headers"] if name == wanted]
        return networks(client_address(client[0] if client else "unknown", lines, self._proxies))

    def way_in(self, path: str) -> tuple[Places, float, bool]:
        """Where slow bodies sent to a path have their places, the seconds they have, and whether each part has so many.

        Files are slow by nature and come from who may send them: forms from anywhere do not take their places.
        """
        is_file = FILE_PATH.fullmatch(path.rstrip("/")) is not None
        return (self._files, FILE_IDLE, True) if is_file else (self._forms, self._deadline, False)


class _Body:
    """One request's body on its way in."""

    def __init__(self, admission: Admission, receive: Receive, source: tuple[str, ...], path: str) -> None:
        self._admission, self._receive, self._source = admission, receive, source
        self._places, self._time, self._each = admission.way_in(path)
        self._until: float | None = None
        self._late: asyncio.TimerHandle | None = None
        self._waiting: asyncio.Timeout | None = None
        self._refused: HTTPException | None = None
        self._bytes = 0
        self._held = self._whole = False

    def end(self) -> None:
        """Nothing more is read of it: its place is free, and its bytes are half-sent no more."""
        if self._late is not None:
            self._late.cancel()
        if self._held:
            self._places.leave(self._source)
            self._held = False
        self._admission.half_sent.leave(self._source, self._bytes)
        self._bytes = 0

    async def receive(self) -> ReceiveMessage:
        """The next part. Raises TooSlow, and NoPlace when it is slow and no place is free, or too much is half-sent."""
        if self._whole:
            return await self._receive()
        message = await self._part()
        if message["type"] != "http.request" or not message.get("more_body", False):
            self._whole = True
            self.end()
        elif not self._each:  # a file goes to the disk
            self._count(len(message["body"]))
        return message

    async def _part(self) -> ReceiveMessage:
        loop = asyncio.get_running_loop()
        if self._until is None:
            # One moment for the whole body: with a moment for each part who drips would never be slow.
            self._late = loop.call_later(self._admission.moment, self._slow)
        if self._until is None or self._each:
            self._until = loop.time() + self._time
        if self._refused is not None:
            raise self._refused
        try:
            async with asyncio.timeout_at(self._until) as self._waiting:
                return await self._receive()
        except TimeoutError:
            self.end()
            raise (self._refused or _too_slow()) from None
        finally:
            self._waiting = None

    def _count(self, size: int) -> None:
        half_sent = self._admission.half_sent
        if not half_sent.take(self._source, size):
            self.end()
            raise _no_place(everyone=half_sent.would_crowd(size))
        self._bytes += size

    def _slow(self) -> None:
        """It is not whole after a moment: it holds a place from now on, or is refused."""
        if self._places.take(self._source):
            self._held = True
            return
        self._refused = _no_place(everyone=self._places.crowded)
        if self._waiting is not None:
            self._waiting.reschedule(0.0)


def _too_slow() -> TooSlow:
    return TooSlow(detail="the body of the request came too slowly", headers={"connection": "close"})


def _no_place(*, everyone: bool) -> NoPlace:
    whose = "in all" if everyone else "from your network"
    status = 503 if everyone else 429
    headers = {"connection": "close", "retry-after": str(round(FORM_DEADLINE))}
    return NoPlace(detail=f"too many slow requests at once {whose}", status_code=status, headers=headers)


def _without_body(send: Send) -> Send:
    """What sends an answer's head alone (RFC 9110 section 9.3.2)."""

    async def head(message: Message) -> None:
        if message["type"] == "http.response.body":
            if message.get("more_body", False):
                return
            message = {**message, "body": b""}
        await send(message)

    return head


def admitted(app: Litestar, proxies: Proxies) -> Litestar:
    """The application with this layer around it."""
    inner: Any = app.asgi_handler
    app.asgi_handler = Admission(inner, proxies)
    return app
