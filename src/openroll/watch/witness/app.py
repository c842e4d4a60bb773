"""The witness on HTTP: add-checkpoint, sign-subtree, the monitoring address, its keys, its figures.

It carries bytes and decides nothing.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from threading import Event, Thread
from typing import Any

from litestar import Litestar, Request, Response, get, post
from litestar.exceptions import HTTPException
from litestar.params import FromPath
from prometheus_client import CONTENT_TYPE_LATEST

from openroll.fault_trace import fault_trace
from openroll.tlog.witnessing import MOST_REQUEST, TEXT_TYPE, Answer
from openroll.traffic import Proxies, request_address
from openroll.traffic.uncached import keep_no_requests
from openroll.watch.witness.start import StartedWitness
from openroll.watch.witness.witness import Cosigned

PATIENCE = 10.0
"""Seconds that a sender has for its request; one that is slower holds up nobody but itself."""
_FRESH = {"cache-control": "no-store"}
_Answering = Callable[[bytes, str], Cosigned | Answer]


def application(started: StartedWitness, *, behind_proxy: bool | int = False, patience: float = PATIENCE) -> Litestar:
    """The witness's server. `behind_proxy` is how many proxies of its own stand in front and write X-Forwarded-For."""
    witness, proxies = started.witness, Proxies(int(behind_proxy))

    @asynccontextmanager
    async def asking(_: Litestar) -> AsyncIterator[None]:
        """Ask others for our past beside the serving; nothing is signed for a log before that is done for it."""
        ended = Event()
        Thread(target=started.keep_asking, args=(ended,), daemon=True, name="past").start()
        try:
            yield
        finally:
            ended.set()

    async def answered(request: Request[Any, Any, Any], answering: _Answering) -> Response[bytes]:
        body = await _body(request, patience)
        if isinstance(body, Response):
            return body
        return _answer(await asyncio.to_thread(answering, body, request_address(request.scope, proxies)))

    @post("/add-checkpoint", media_type="text/plain", status_code=200)
    async def add_checkpoint(request: Request[Any, Any, Any]) -> Response[bytes]:
        """Cosign a checkpoint that goes on from the last (tlog-witness, "add-checkpoint")."""
        return await answered(request, witness.add_checkpoint)

    @post("/sign-subtree", media_type="text/plain", status_code=200)
    async def sign_subtree(request: Request[Any, Any, Any]) -> Response[bytes]:
        """Cosign a subtree of a checkpoint that was cosigned before (tlog-witness, "sign-subtree")."""
        return await answered(request, witness.sign_subtree)

    @get("/{hashed:str}/checkpoint", media_type="text/plain", sync_to_thread=True)
    def checkpoint(hashed: FromPath[str]) -> Response[bytes]:
        """The last checkpoint cosigned of a log (tlog-witness, "Monitor Retrieval Mechanism")."""
        note = witness.checkpoint(hashed)
        if note is None:
            return _text("nothing was cosigned for that log\n", 404)
        return _text(note.decode(), 200, {"access-control-allow-origin": "*", "cache-control": "max-age=2"})

    @get("/keys", media_type="text/plain", sync_to_thread=False)
    def own_keys() -> Response[bytes]:
        """The witness's verifier keys, one a line."""
        return _text("".join(f"{key}\n" for key in started.keys.published))

    @get("/metrics", media_type="text/plain", sync_to_thread=False)
    def metrics() -> Response[bytes]:
        """The witness's figures, for Prometheus."""
        return _text(witness.metrics.text().decode(), media_type=CONTENT_TYPE_LATEST)

    app = Litestar(
        [add_checkpoint, sign_subtree, checkpoint, own_keys, metrics, *_looking(started, patience)],
        lifespan=[asking],
        request_max_body_size=MOST_REQUEST,
        openapi_config=None,
        logging_config=None,  # Litestar's own would take the place of compose/logs.py
        exception_handlers={HTTPException: _plain, Exception: _fault},
    )
    keep_no_requests(app)
    return app


async def _body(request: Request[Any, Any, Any], patience: float) -> bytes | Response[bytes]:
    try:
        async with asyncio.timeout(patience):
            return await request.body()
    except TimeoutError:
        return _text("the request came too slowly\n", 408, {"connection": "close"})


def _looking(started: StartedWitness, patience: float) -> list[Any]:
    """The route on which rolls ask for a look at a web site, where the keeper named some."""
    looking = started.looking()
    if looking is None:
        return []

    @post("/look-at-site", media_type="text/plain", status_code=200)
    async def look_at_site(request: Request[Any, Any, Any]) -> Response[bytes]:
        """Look at a site for a roll that asks, and sign what was seen (docs/sites.md)."""
        body = await _body(request, patience)
        if isinstance(body, Response):
            return body
        answer = await looking.answer(body)
        return _answer(answer) if isinstance(answer, Answer) else _text(answer.decode())

    return [look_at_site]


def _answer(answer: Cosigned | Answer) -> Response[bytes]:
    if isinstance(answer, Cosigned):
        return _text(answer.lines.decode())
    wait = {"retry-after": str(answer.wait)} if answer.wait else {}
    return _text(answer.body, answer.status, wait, answer.media_type)


def _text(
    body: str, status: int = 200, headers: dict[str, str] | None = None, media_type: str = TEXT_TYPE
) -> Response[bytes]:
    # Said as a header: a media type would get a charset behind it, which no client expects of text/x.tlog.size.
    every = _FRESH | {"content-type": media_type} | (headers or {})
    return Response(body.encode(), status_code=status, headers=every)


def _plain(_: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    """A fault of the request in a line of text, as everything here."""
    return _text(f"{error.detail}\n", error.status_code)


def _fault(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """Something that should not happen: its kind and place for who runs the witness, and said plainly to who met it."""
    route = request.scope.get("path_template", "")  # never the address: it holds whatever somebody put there
    logging.getLogger("openroll.witness").error("%s %s failed: %s", request.method, route, fault_trace(error))
    return _text("the witness met a fault of its own; nothing was signed\n", 500)
