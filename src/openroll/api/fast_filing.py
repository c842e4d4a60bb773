"""The short path of an ordinary API filing: parsed, validated, filed and answered without the layers that pages need.

Those layers (forms, sessions, compression, routes, headers one by one) cost several times what the filing itself does. Only a
filing that is good in every way is answered here. Everything else, from a strange header to a refusal, goes on through the
application as it came, with what became of it in its scope: what is said to whom is decided there, in one place.
"""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

import msgspec
from litestar.exceptions import HTTPException
from litestar.types import ASGIApp, HTTPScope, Message, Receive, ReceiveMessage, Send

from openroll.api.filing import OUTCOME, Row, acknowledged, filed, is_new
from openroll.api.problems import RefusedError
from openroll.service.application import Application
from openroll.service.filing.submit import Taken

PATH = "/api/v1/filings"
_LENGTH = re.compile(rb"[0-9]{1,5}")
"""A filing has some 400 bytes."""
_FILING = msgspec.json.Decoder(Row)
_ANSWER = msgspec.json.Encoder()


class Body(Protocol):
    """A request's body on its way in, watched for slowness."""

    async def receive(self) -> ReceiveMessage:
        """The next part. Raises HTTPException for who is too slow."""
        ...

    def unread(self, message: ReceiveMessage) -> None:
        """Have `receive` give this part again."""
        ...

    def end(self) -> None:
        """Nothing more is read of it."""
        ...


class Watch(Protocol):
    """Who watches bodies on their way in."""

    def body_of(self, scope: HTTPScope, receive: Receive) -> Body:
        """The body of a request; the web application goes on with the same one."""
        ...

    def source(self, scope: HTTPScope) -> tuple[str, ...]:
        """The networks that a request comes from."""
        ...


class FastFiling:
    """Answers good filings; `layers`, the whole web application, get everything else."""

    def __init__(self, layers: ASGIApp, watch: Watch, headers: Mapping[str, str]) -> None:
        """`headers` are those that every answer of the API bears."""
        self._layers = layers
        self._watch = watch
        self._headers = [
            (b"content-type", b"application/json"),
            *((name.encode(), value.encode()) for name, value in headers.items()),
            (b"cache-control", b"no-store"),
        ]

    @staticmethod
    def takes(scope: HTTPScope) -> bool:
        """Whether a request may be an ordinary filing."""
        return scope["path"] == PATH and scope["method"] == "POST"

    async def __call__(self, scope: HTTPScope, receive: Receive, send: Send, application: Application) -> None:
        """Serve one request."""
        body = self._watch.body_of(scope, receive)
        try:
            answer = await self._answer(scope, body, application)
            if answer is None:
                await self._layers(scope, receive, send)
                return
        finally:
            body.end()
        length = (b"content-length", str(len(answer)).encode())
        start: Any = {"type": "http.response.start", "status": 201, "headers": [*self._headers, length]}
        rest: Message = {"type": "http.response.body", "body": answer, "more_body": False}
        await send(start)
        await send(rest)

    async def _answer(self, scope: HTTPScope, body: Body, application: Application) -> bytes | None:
        """The acknowledgement of a new filing; None for everything else."""
        head = _head(scope)
        if head is None:
            return None
        try:
            message = await body.receive()
        except HTTPException:
            return None  # too slow: it is raised again where there is an answer to it
        body.unread(message)
        # Whole by its length: the server says only with another part, an empty one, that there are no more.
        if message["type"] != "http.request" or len(message["body"]) != head.length:
            return None
        try:
            row = _FILING.decode(message["body"])
            outcome = await filed(row, head.key, head.token, self._watch.source(scope), application)
        except (RefusedError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None
        scope[OUTCOME] = outcome  # type: ignore[literal-required] # of our own
        if isinstance(outcome, Taken) and is_new(outcome):
            return _ANSWER.encode(acknowledged(outcome, application))
        return None


class _Head(NamedTuple):
    key: str
    token: str
    length: int


def _head(scope: HTTPScope) -> _Head | None:
    """What the head of a request says that bears just what a program's filing bears; else None."""
    lines = list(scope["headers"])
    headers = dict(lines)
    if len(headers) != len(lines) or b"cookie" in headers or scope["query_string"] or scope["root_path"]:
        return None
    length = headers.get(b"content-length", b"")
    if headers.get(b"content-type") != b"application/json" or not _LENGTH.fullmatch(length):
        return None
    scheme, _, token = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
    if scheme.lower() != "bearer" or not token:
        return None
    return _Head(headers.get(b"idempotency-key", b"").decode("latin-1"), token, int(length))
