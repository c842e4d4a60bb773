"""The outermost ASGI layer: bounds slow request bodies, drops bodies of methods without one, answers HEAD as GET.

A form that has not come whole in a moment is slow: from then on it holds one of few places, by its source's networks and in all,
and has a deadline. So half-sent forms take up a bounded memory, and nobody's slowness stops anybody else's request. A file has
no place here: nothing of it is read before its sender is known, who has places of its own (service/filing/intake.py,
service/executors.py); it must come at a least rate. What a request of another method carries is never read.
"""

import asyncio
import re
from typing import Any

from litestar import Litestar
from litestar.enums import ScopeType
from litestar.exceptions import HTTPException
from litestar.types import ASGIApp, HTTPScope, Message, Receive, ReceiveMessage, Scope, Send

from openroll.traffic import Places, Proxies, networks, request_address

MOMENT = 0.25
"""Seconds in which the body of an ordinary request is there, however busy we are."""
_OURS = 0.02
"""Seconds by which the event loop may be late without that being a reason why a body is."""
FORM_DEADLINE = 10.0
"""Seconds that a form or one filing has in all."""
FILE_IDLE = 30.0
"""Seconds that an operator's file may pause."""
FILE_RATE = 32_768
"""Bytes a second at which a file comes on the whole, beyond the first FILE_IDLE seconds that are waited for it."""
FILE_LONGEST = 21_600.0
"""Seconds that are waited for a file in all, however it comes."""
_FILE_OF_PROGRAM = "/api/v1/files"
_FILE_OF_PAGE = re.compile(r"/[A-Za-z0-9-]{2,11}/operator/files")
SLOW_EACH, SLOW_ALL = (8, 16, 24), 64
"""Slow forms at once: of one address (or /64), of the wider networks around it, and in all."""
HALF_SENT_EACH, HALF_SENT_ALL = (8_000_000, 16_000_000, 24_000_000), 64_000_000
"""Bytes of forms that are not whole yet, in memory at once: of one address, of the wider networks around it, and in all."""
_BODY, _SOURCE = "openroll.body", "openroll.source"
"""What of a request's scope is ours: its watched body, and the networks that it comes from once they were asked for."""


class TooSlow(HTTPException):
    """The request body did not come in time."""

    status_code = 408


class NoPlace(HTTPException):
    """Too many slow request bodies are under way: from this source, or in all."""

    status_code = 429


class Admission:
    """The outermost ASGI layer of the application. For one event loop."""

    def __init__(
        self, app: ASGIApp, proxies: Proxies, *, moment: float = MOMENT, deadline: float = FORM_DEADLINE
    ) -> None:
        self._app = app
        self._proxies = proxies
        self.moment = moment
        self.half_sent = Places(HALF_SENT_EACH, HALF_SENT_ALL)
        self.forms, self.deadline = Places(SLOW_EACH, SLOW_ALL), deadline

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != ScopeType.HTTP:
            return await self._app(scope, receive, send)
        if scope["method"] == "HEAD":
            return await self._app({**scope, "method": "GET"}, _nothing_of(receive), _without_body(send))
        if scope["method"] != "POST":
            return await self._app(scope, _nothing_of(receive), send)
        body = self.body_of(scope, receive)
        try:
            await self._app(scope, body.receive, send)
        finally:
            body.end()
        return None

    def body_of(self, scope: HTTPScope, receive: Receive) -> "_File | _Form":
        """The watched body of a POST; the same one for whoever asks again."""
        body: _File | _Form | None = scope.get(_BODY)  # type: ignore[assignment] # of our own
        if body is None:
            body = _File(receive) if is_file(scope) else _Form(self, receive, scope)
            scope[_BODY] = body  # type: ignore[literal-required] # as above
        return body

    def source(self, scope: HTTPScope) -> tuple[str, ...]:
        """The networks that a request comes from; found out once a request, for whoever asks."""
        found: tuple[str, ...] | None = scope.get(_SOURCE)  # type: ignore[assignment] # of our own
        if found is None:
            found = networks(request_address(scope, self._proxies))
            scope[_SOURCE] = found  # type: ignore[literal-required] # as above
        return found


def is_file(scope: HTTPScope) -> bool:
    """Whether a POST is a file upload: by program, or in a form at the address of the pages' files."""
    path = scope["path"].rstrip("/")
    if path == _FILE_OF_PROGRAM:
        return True
    kind = next((value for name, value in scope["headers"] if name == b"content-type"), b"")
    return (
        _FILE_OF_PAGE.fullmatch(path) is not None and kind.partition(b";")[0].strip().lower() == b"multipart/form-data"
    )


def _nothing_of(receive: Receive) -> Receive:
    """The body of a method that has none: empty at once, whatever was sent. Then what says that the sender has gone."""
    asked = False

    async def nothing() -> ReceiveMessage:
        nonlocal asked
        if not asked:
            asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        while True:
            message = await receive()
            if message["type"] != "http.request":  # else a part of what nobody wants
                return message

    return nothing


class _File:
    """The body of a file upload: each part has its time, and it comes at a minimum rate."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._again: ReceiveMessage | None = None
        self._waited, self._bytes = 0.0, 0

    def end(self) -> None:
        """Nothing of it is held here."""

    def unread(self, message: ReceiveMessage) -> None:
        """Have `receive` give this part again."""
        self._again = message

    async def receive(self) -> ReceiveMessage:
        """The next part. Raises TooSlow. Only time that is spent waiting for the sender counts."""
        if self._again is not None:
            message, self._again = self._again, None
            return message
        loop = asyncio.get_running_loop()
        begun = loop.time()
        left = min(FILE_IDLE, FILE_IDLE + self._bytes / FILE_RATE - self._waited, FILE_LONGEST - self._waited)
        try:
            async with asyncio.timeout_at(begun + left):
                message = await self._receive()
        except TimeoutError:
            raise _too_slow() from None
        self._waited += loop.time() - begun
        self._bytes += len(message["body"]) if message["type"] == "http.request" else 0
        return message


class _Form:
    """The body of one form, or of one filing."""

    def __init__(self, admission: Admission, receive: Receive, scope: HTTPScope) -> None:
        self._admission, self._receive, self._scope = admission, receive, scope
        self._places, self._time = admission.forms, admission.deadline
        self._again: ReceiveMessage | None = None
        self._until: float | None = None
        self._late: asyncio.TimerHandle | None = None
        self._waiting: asyncio.Timeout | None = None
        self._refused: HTTPException | None = None
        self._bytes = 0
        self._excused = self._held = self._whole = False

    @property
    def _source(self) -> tuple[str, ...]:
        return self._admission.source(self._scope)

    def end(self) -> None:
        """Nothing more is read of it: its place is free, and its bytes are half-sent no more."""
        if self._late is not None:
            self._late.cancel()
        if self._held:
            self._places.leave(self._source)
            self._held = False
        if self._bytes:
            self._admission.half_sent.leave(self._source, self._bytes)
            self._bytes = 0

    def unread(self, message: ReceiveMessage) -> None:
        """Have `receive` give this part again."""
        self._again = message

    async def receive(self) -> ReceiveMessage:
        """The next part. Raises TooSlow, and NoPlace when it is slow and no place is free, or too much is half-sent."""
        if self._again is not None:
            message, self._again = self._again, None
            return message
        if self._whole:
            return await self._receive()
        message = await self._part()
        if message["type"] != "http.request" or not message.get("more_body", False):
            self._whole = True
            self.end()
        else:
            self._count(len(message["body"]))
        return message

    async def _part(self) -> ReceiveMessage:
        loop = asyncio.get_running_loop()
        if self._until is None:
            # One moment and one deadline for the whole body: with one for each part who drips would never be slow.
            self._late = loop.call_later(self._admission.moment, self._slow)
            self._until = loop.time() + self._time
        if self._refused is not None:
            raise self._refused
        # Who is quick needs one timer, not two: `_slow` sets the deadline of those who are not.
        until = None if self._late_pending(loop) else self._until
        try:
            async with asyncio.timeout_at(until) as self._waiting:
                return await self._receive()
        except TimeoutError:
            self.end()
            raise (self._refused or _too_slow()) from None
        finally:
            self._waiting = None

    def _late_pending(self, loop: asyncio.AbstractEventLoop) -> bool:
        """Whether `_slow` is still to come, and before the deadline."""
        if self._late is None or self._until is None:
            return False
        return loop.time() < self._late.when() <= self._until

    def _count(self, size: int) -> None:
        half_sent = self._admission.half_sent
        if not half_sent.take(self._source, size):
            self.end()
            raise _no_place(everyone=half_sent.would_crowd(size))
        self._bytes += size

    def _slow(self) -> None:
        """The body is not whole after a moment: it takes a slot for slow bodies, or is refused."""
        loop = asyncio.get_running_loop()
        assert self._late is not None  # noqa: S101 - it is what calls this
        assert self._until is not None  # noqa: S101 - set with it
        late, again = loop.time() - self._late.when() > _OURS, loop.time() + self._admission.moment
        if late and not self._excused and again < self._until:
            # We are late ourselves: what has come may still wait to be read. It is no fault of the sender's.
            self._excused = True  # once: a flood does not buy itself time
            self._late = loop.call_later(self._admission.moment, self._slow)
            return
        if self._places.take(self._source):
            self._held = True
            if self._waiting is not None:
                self._waiting.reschedule(self._until)
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


def admit(app: Litestar, proxies: Proxies) -> Admission:
    """Wrap an application in this layer."""
    inner: Any = app.asgi_handler
    layer = Admission(inner, proxies)
    app.asgi_handler = layer
    return layer
