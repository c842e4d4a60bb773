"""The serving process: pages, API and log over one desk, on granian."""

import logging
import multiprocessing
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import psycopg
from granian import Granian
from granian.constants import Interfaces
from litestar import Litestar, Request, Response
from litestar.datastructures import State
from litestar.di import Provide
from litestar.exceptions import HTTPException, NotFoundException
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin

from openroll.api import RefusedError, api_handlers, http_problem, problem
from openroll.compose import rolls
from openroll.compose.postgres import database_url
from openroll.compose.settings import Doors, Settings, settings_from
from openroll.compose.worker import end_with_parent
from openroll.service.desk import Desk, Post
from openroll.service.passkeys import Place
from openroll.service.roll import ClockBehind, Roll
from openroll.web import (
    NotSignedIn,
    NotYours,
    first_question,
    guard,
    page_problem,
    page_refusal,
    web_config,
    web_handlers,
)
from openroll.words.mails import write


def application(roll: Roll, doors: Doors = Doors(), post: Post = Post()) -> Litestar:  # noqa: B008 - a frozen value
    """The whole application over an open roll."""

    @asynccontextmanager
    async def desk_open(app: Litestar) -> AsyncIterator[None]:
        desk = Desk(roll, post)
        app.state.desk = desk
        app.state.place = Place(doors.address, urlsplit(doors.address).hostname or "localhost")
        app.state.behind_proxy = doors.behind_proxy
        app.state.null_sign_in = doors.null_sign_in
        app.state.lend_a_bridge = doors.lend_a_bridge
        desk.measuring.first = first_question(doors.what_if_city)
        if doors.what_if_at_start:
            desk.measuring.ask(desk.measuring.first)
        try:
            yield
        finally:
            desk.close()

    def provide_desk(state: State) -> Desk:
        desk: Desk = state.desk
        return desk

    return Litestar(
        route_handlers=[*api_handlers, *web_handlers],
        dependencies={"desk": Provide(provide_desk, sync_to_thread=False)},
        lifespan=[desk_open],
        guards=[guard],
        openapi_config=OpenAPIConfig(title="Openroll", version="1", path="/api", render_plugins=[JsonRenderPlugin()]),
        request_max_body_size=MOST_BODY,
        exception_handlers={
            HTTPException: any_problem,
            ClockBehind: clock_wrong,
            RecursionError: too_deep,
            Exception: our_fault,
        },
        **web_config(roll),
    )


LOOPBACK = ("127.0.0.1", "::1", "localhost")
FOR_PROGRAMS = ("/api", "/log", "/static", "/metrics")
MOST_BODY = 1_000_000
"""Bytes of a form or of one filing. An operator's file goes to disk as it comes and has no limit."""


def too_deep(request: Request[Any, Any, Any], _: Exception) -> Response[Any]:
    """JSON nested without end: the sender's fault, not ours."""
    return any_problem(request, HTTPException(status_code=400, detail="it is nested too deeply"))


def clock_wrong(request: Request[Any, Any, Any], error: ClockBehind) -> Response[Any]:
    """Nothing is written by a clock that stepped back: whoever came is told so, and who keeps the roll reads why in its log."""
    logging.getLogger("openroll").error("%s %s refused: %s", request.method, request.url.path, error)
    if "/passkey/" in request.url.path or request.url.path.startswith(FOR_PROGRAMS):
        return problem(request, RefusedError(error.refused))
    return page_refusal(request, error.refused)


UNKNOWN = "the roll met a fault of its own; whether anything was filed is unknown: send it again under the same key"


def our_fault(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """Something that should not happen: logged whole for who keeps the roll, and said plainly to who met it."""
    if isinstance(error, psycopg.errors.NumericValueOutOfRange):
        # A number in the address that no record, file or seat can have: there is no such thing.
        return any_problem(request, NotFoundException())
    logging.getLogger("openroll").error("%s %s failed", request.method, request.url.path, exc_info=error)
    return any_problem(request, HTTPException(status_code=500, detail=UNKNOWN))


def any_problem(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    """An error in the form of the face it came from: a problem for programs, a page for people."""
    if isinstance(error, NotSignedIn | NotYours) and "/passkey/" in request.url.path:
        said = {"code": "sign-in-needed", "detail": ""}
        return Response(said, status_code=error.status_code, headers={"cache-control": "no-store"})
    for_programs = request.url.path.startswith(FOR_PROGRAMS)
    return http_problem(request, error) if for_programs else page_problem(request, error)


def from_environment() -> Litestar:
    """The application of the settings in the environment: what granian's worker calls."""
    end_with_parent()
    settings = settings_from()
    return application(rolls.roll(settings), settings.doors, Post(settings.transport(), write))


def serve(settings: Settings, host: str, port: int) -> None:
    """Serve until stopped."""
    if settings.doors.null_sign_in and host not in LOOPBACK:
        raise ValueError(
            f"the development sign-in lets anyone in as anybody: it serves on loopback only, not on {host}"
        )
    rolls.roll(settings)  # says at once, in this process, when there is no roll to serve
    os.environ["DATABASE_URL"] = database_url(settings)
    os.environ["OPENROLL_HOME"] = str(settings.home)
    os.environ["OPENROLL_ROLL"] = settings.roll
    os.environ["OPENROLL_SHIFT_DAYS"] = str(settings.shift.days)
    os.environ["OPENROLL_ADDRESS"] = settings.doors.address or f"http://localhost:{port}"
    os.environ["OPENROLL_NULL_SIGN_IN"] = "1" if settings.doors.null_sign_in else "0"
    if settings.doors.null_sign_in:
        print(  # noqa: T201 - a warning nobody should miss
            "openroll: WARNING: the development sign-in is on. Anyone who reaches this port can act as anybody.",
            file=sys.stderr,
        )
    # A worker is started anew, not forked: a fork takes polars' locks along and none of its threads, and hangs on first use.
    multiprocessing.set_start_method("spawn", force=True)
    os.environ["OPENROLL_SMTP"] = settings.smtp
    os.environ["OPENROLL_MAIL_FROM"] = settings.mail_from
    os.environ["OPENROLL_POLICY"] = str(settings.policy or "")
    os.environ["OPENROLL_WITNESS_DEADLINE"] = str(settings.witness_deadline)
    Granian(
        "openroll.compose.server:from_environment",
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        factory=True,
        workers=1,
        log_access=False,
    ).serve()
