"""The web server process: pages, API and log as one Litestar application, served by granian."""

import logging
import os
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any
from urllib.parse import urlsplit

import psycopg
from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from litestar import Litestar, Request, Response
from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.di import Provide
from litestar.enums import ScopeType
from litestar.exceptions import HTTPException, NotFoundException
from litestar.handlers import BaseRouteHandler

from openroll import rdap
from openroll.api import FastFiling, Hearing, RefusedError, api_handlers, http_problem, problem
from openroll.api.fast_filing import PATH
from openroll.api.openapi import openapi_config
from openroll.child_process import SAFE_PATH
from openroll.compose import rolls
from openroll.compose.address import local_address
from openroll.compose.admission import admit
from openroll.compose.guarded_process import Restarts, leave_no_core
from openroll.compose.logs import LOGGING
from openroll.compose.postgres import Keeping, database_url
from openroll.compose.serving import check_port, check_port_number, join_port
from openroll.compose.settings import Settings, WebSettings, settings_from
from openroll.compose.worker import end_with_parent, spawn_without_the_command
from openroll.disk_room import is_full
from openroll.fault_trace import fault_trace
from openroll.register.decision import Refused
from openroll.register.file_refusals import DiskFull
from openroll.register.organisation.refusals import TokenUnknown
from openroll.register.refusals import DatabaseAway, DatabaseBusy, OutcomeUnknown
from openroll.service.application import Application, MailDelivery
from openroll.service.identity.passkeys import RelyingParty
from openroll.service.identity.sessions import SessionOver, TokenOver, begin_request, stands
from openroll.service.log.signing_hold import current_hold
from openroll.service.log.signing_hold import said as held_because
from openroll.service.recovery import durability
from openroll.service.roll import NotNow, Roll
from openroll.service.rollback_guard import ClaimsNotAccepted
from openroll.service.sites.look_ups import LOOKS_UP, LookUps, TooManyLookUps
from openroll.service.sites.looking import Looks
from openroll.store.connect import NotBelieved, NothingWritten, is_away
from openroll.store.waiting import WAITED_OUT
from openroll.traffic import networks, request_address
from openroll.traffic.uncached import keep_no_requests
from openroll.web import (
    NotSignedIn,
    NotYours,
    guard,
    page_problem,
    page_refusal,
    web_config,
    web_handlers,
    what_if_choices,
)
from openroll.web.form_bounds import OutOfBounds
from openroll.web.headers import headers
from openroll.words.catalogue import use_own
from openroll.words.mails import write


def application(
    roll: Roll,
    web: WebSettings = WebSettings(),  # noqa: B008 - a frozen value
    mail: MailDelivery = MailDelivery(),  # noqa: B008 - as above
    looks: Looks | None = None,
) -> Litestar:
    """Build the whole web application over an open roll, which looks at sites where it is told how (`looks`)."""

    @asynccontextmanager
    async def desk_open(app: Litestar) -> AsyncIterator[None]:
        application = Application(roll, mail, simulator=_simulator(roll, idle=web.what_if_idle), looks=looks)
        app.state.application = application
        app.state.place = RelyingParty(web.address, urlsplit(web.address).hostname or "localhost")
        app.state.proxies = web.proxies
        app.state.filings_alone = web.filings_alone
        app.state.site_look_ups = LookUps(web.site_look_ups)
        app.state.null_sign_in = own_hosts(web.address) if web.null_sign_in else frozenset()
        app.state.security_contact = web.security_contact
        app.state.lend_a_bridge = web.lend_a_bridge
        app.state.what_if_city = web.what_if_city
        if web.what_if_at_start:
            first = what_if_choices(roll.versions, roll.day(roll.clock()), web.what_if_city).first
            application.simulation.first = first
            application.simulation.ask(first)
        try:
            yield
        finally:
            application.close()

    def provide_application(state: State) -> Application:
        application: Application = state.application
        return application

    app = WebServer(
        route_handlers=[*api_handlers, *rdap.rdap_handlers, *web_handlers],
        dependencies={"application": Provide(provide_application, sync_to_thread=False)},
        lifespan=[desk_open],
        logging_config=None,  # Litestar's own would take the place of compose/logs.py
        guards=[few_look_ups, guard],
        openapi_config=openapi_config(),
        request_max_body_size=MOST_BODY,
        exception_handlers=_said_of_faults(),
        **web_config(roll, web.address, https_beneath=web.https_beneath),
    )
    keep_no_requests(app)
    BaseRouteHandler.authorize_connection = _authorized  # type: ignore[method-assign, assignment] # which says why
    inner: Any = app.asgi_handler
    app.asgi_handler = Hearing(inner, app.state, web.proxies)
    watch = admit(app, web.proxies)
    of_answers = headers(PATH, "", https=web.address.startswith("https://"), beneath=web.https_beneath)
    app.fast = FastFiling(app.through_all, watch, of_answers)
    return app


def _said_of_faults() -> dict[int | type[Exception], Any]:
    """What answers each kind of fault, in the form of the face where it happens."""
    return {
        HTTPException: any_problem,
        OutOfBounds: out_of_bounds,
        NotNow: not_now,
        NotBelieved: not_believed,
        SessionOver: session_over,
        **dict.fromkeys(WAITED_OUT, waited_out),
        TokenOver: token_over,
        TooManyLookUps: too_many_look_ups,
        RecursionError: too_deep,
        Exception: our_fault,
    }


async def _authorized(handler: BaseRouteHandler, connection: ASGIConnection[Any, Any, Any, Any]) -> None:
    """As Litestar's, which hands a guard a copy of its handler made for this request: a tenth of a small answer.

    Ours only read it.
    """
    for each in handler.resolve_guards():
        await each(connection, handler)  # type: ignore[misc] # it is awaited there, too


class WebServer(Litestar):
    """Litestar with a short way for API filings, the one request that comes by the thousand."""

    fast: FastFiling | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one request, of which nothing stands before it came here."""
        begin_request()
        if scope["type"] == ScopeType.HTTP and self.fast is not None and FastFiling.takes(scope):
            await self.fast(scope, receive, send, self.state.application)
        else:
            await super().__call__(scope, receive, send)

    async def through_all(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve a request through every layer."""
        await super().__call__(scope, receive, send)


SIMULATOR = (sys.executable, "-m", "openroll.compose.simulator")
"""The command of the process that answers questions to the city model; with `--as-others` at ordinary priority."""


def _simulator(roll: Roll, *, idle: bool) -> tuple[str, ...]:
    return (*SIMULATOR, f"--words={roll.home / 'words'}", *(() if idle else ("--as-others",)))


LOOPBACK = ("127.0.0.1", "::1", "localhost")
FOR_PROGRAMS = ("/api", "/log", "/static", "/metrics")
HEADERS_WITHIN = 10_000
"""Milliseconds in which the head of a request is there, or its connection is closed."""
MOST_BODY = 1_000_000
"""Bytes of a form or of one filing. An operator's file goes to disk as it comes and has no limit."""


def too_deep(request: Request[Any, Any, Any], _: Exception) -> Response[Any]:
    """Exception handler: JSON nested without end is the sender's fault."""
    return any_problem(request, HTTPException(status_code=400, detail="it is nested too deeply"))


def not_now(request: Request[Any, Any, Any], error: NotNow) -> Response[Any]:
    """Exception handler: nothing can be written (a clock that stepped back, a held roll); the server's log says why."""
    route = request.scope.get("path_template", "")  # never the address: it holds whatever somebody put there
    logging.getLogger("openroll").error("%s %s refused: %s", request.method, route, error)
    return _refused(request, error.refused)


def _refused(request: Request[Any, Any, Any], refused: Refused) -> Response[Any]:
    """A refusal that no handler made, in the form of its face. It says that nothing was done.

    Unless something that the request did before stands: a filing, say, whose code could not be looked up for its answer.
    """
    if stands():
        refused = Refused(OutcomeUnknown())
    if request.url.path.startswith(rdap.PREFIX):
        return rdap.refused_fault(request, refused)
    for_programs = "/passkey/" in request.url.path or request.url.path.startswith(FOR_PROGRAMS)
    return problem(request, RefusedError(refused)) if for_programs else page_refusal(request, refused)


def not_believed(request: Request[Any, Any, Any], _: Exception) -> Response[Any]:
    """Exception handler: the database was sealed with another key while this process ran; nothing is served until mended."""
    return not_now(request, ClaimsNotAccepted())


def waited_out(request: Request[Any, Any, Any], _: Exception) -> Response[Any]:
    """A wait in the database ran out (store/waiting.py): nothing was done, and it may be tried again."""
    return _refused(request, Refused(DatabaseBusy()))


def session_over(request: Request[Any, Any, Any], _: Exception) -> Response[Any]:
    """Exception handler: the session ended during the request: nothing was done, sign in first."""
    return any_problem(request, NotSignedIn())


def token_over(request: Request[Any, Any, Any], _: Exception) -> Response[Any]:
    """The token ended while a program's request came in: nothing was done of what was being done."""
    return _refused(request, Refused(TokenUnknown()))


async def few_look_ups(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Guard of routes that look sites up, whatever their face. Raises TooManyLookUps."""
    if handler.opt.get(LOOKS_UP):
        state = connection.app.state
        state.site_look_ups.take(networks(request_address(connection.scope, state.proxies)))


def too_many_look_ups(request: Request[Any, Any, Any], error: TooManyLookUps) -> Response[Any]:
    """Exception handler: who looks up more than is answered is told when to come again (429; RFC 7480 section 5.5)."""
    return _refused(request, error.refused)


def out_of_bounds(request: Request[Any, Any, Any], error: OutOfBounds) -> Response[Any]:
    """A request larger than anything that is asked for here, in the form of its face; its connection is closed."""
    answer = _refused(request, error.refused)
    answer.headers["connection"] = "close"  # what still comes of it is read by nobody
    return answer


def _outage_is_said(request: Request[Any, Any, Any]) -> bool:
    """Whether the log has it already that the database is away: a line for each request would bury everything else."""
    app: Litestar | None = request.scope.get("litestar_app")
    application: Application | None = None if app is None else app.state.get("application")
    return application is not None and application.roll.database.outage.lasts


FAULT = "the roll met a fault of its own"
UNKNOWN = f"{FAULT}; whether this was done is unknown: look whether it is there before you send it again"
UNKNOWN_OF_A_FILING = f"{FAULT}; whether anything was filed is unknown: send it again under the same key"
READ = f"{FAULT}; nothing was to be done: ask once more, and tell the registrar where it stays so"
READING = ("GET", "HEAD")
KEYED = "/api/v1/filings"
"""The address that takes a key under which what is sent again is filed once."""


def fault_said(request: Request[Any, Any, Any]) -> str:
    """What a fault of ours left in doubt, of what was asked: who only read hears of no filing."""
    if request.method in READING:
        return READ
    return UNKNOWN_OF_A_FILING if request.url.path == KEYED else UNKNOWN


def our_fault(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """Exception handler: a fault of ours (500): said plainly, and logged without what was typed."""
    if isinstance(error, psycopg.errors.NumericValueOutOfRange):
        # A number in the address that no record, file or seat can have: there is no such thing.
        return any_problem(request, NotFoundException())
    asked = f"{request.method} {request.scope.get('path_template', '')}"  # the address itself may hold a handle
    log = logging.getLogger("openroll")
    if isinstance(error, psycopg.errors.UniqueViolation):
        # Two did the same at one moment, where nobody thought of it. Nothing was done of this one; asked again it sees the other.
        log.error("%s: somebody was quicker (%s)", asked, error.diag.constraint_name)
        return waited_out(request, error)
    if isinstance(error, psycopg.DataError):  # characters or days that no database takes: nothing was carried out
        log.error("%s: %s", asked, type(error).__name__)
        return any_problem(request, HTTPException(status_code=400, detail="no database can hold what was sent"))
    if is_full(error):
        # What was being written is rolled back, or lies in no file of ours.
        log.error("%s: no room on a disk", asked)
        return _refused(request, Refused(DiskFull()))
    reading = request.method in READING
    if isinstance(error, NothingWritten) or (reading and isinstance(error, psycopg.OperationalError)):
        # It went away before anything was committed, or there was nothing to commit: nothing is in doubt.
        if not _outage_is_said(request):
            log.error("%s: no database", asked)
        return _refused(request, Refused(DatabaseAway()))
    if is_away(error):  # within a commit, or behind one
        log.error("%s: the database went away", asked)
        return _refused(request, Refused(OutcomeUnknown()))
    log.error("%s failed: %s", asked, fault_trace(error))
    return any_problem(request, HTTPException(status_code=500, detail=fault_said(request)))


def any_problem(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    """Exception handler: an error in the form of its face: a problem (RFC 9457) for programs, a page for people."""
    if stands() and request.method == "POST" and error.status_code < 500:  # which would say that nothing was changed
        return _refused(request, Refused(OutcomeUnknown()))
    if isinstance(error, NotSignedIn | NotYours) and "/passkey/" in request.url.path:
        said = {"code": "sign-in-needed", "detail": ""}
        return Response(said, status_code=error.status_code, headers={"cache-control": "no-store"})
    if request.url.path.startswith(rdap.PREFIX):
        return rdap.http_fault(request, error)
    for_programs = request.url.path.startswith(FOR_PROGRAMS)
    return http_problem(request, error) if for_programs else page_problem(request, error)


def from_environment() -> Litestar:
    """Application factory that granian's workers call: built from the environment's settings."""
    end_with_parent()
    leave_no_core()
    settings = settings_from()
    use_own(settings.words)
    mail = MailDelivery(settings.transport(), write)
    return application(rolls.roll(settings), settings.web, mail, settings.looks())


def check_durability(settings: Settings, roll: Roll) -> None:
    """Warn on stderr about the database's durability settings. Raises ValueError where they are not enough.

    A demonstration, and whoever says so, is served all the same.
    """
    found = durability.read_durability(roll)
    lacking = durability.faults(found, settings.replicated)
    warned = durability.warnings(found, settings.replicated)
    if lacking and not (settings.may_lose or roll.opened.demonstration):
        raise ValueError(
            f"what is acknowledged here could be lost: {'; '.join(lacking)}. (OPENROLL_MAY_LOSE_FILINGS=1 serves it anyway.)"
        )
    lines = [durability.said(found), *(f"WARNING: {one}" for one in (*lacking, *warned))]
    why = current_hold(roll.home)
    if why is not None:
        lines.append(f"WARNING: the roll is held: {held_because(why)}")
    for line in lines:
        print(f"openroll: {line}.", file=sys.stderr)  # noqa: T201 - who starts a server should know what it promises


def check_development_door(web: WebSettings, host: str) -> None:
    """Raises ValueError where more than this machine could come to the development sign-in: by its port, or through a proxy."""
    lets = "the development sign-in lets anyone in as anybody: it serves on loopback only"
    if host not in LOOPBACK:
        raise ValueError(f"{lets}, not on {host}")
    if web.address and (urlsplit(web.address).hostname or "") not in LOOPBACK:
        raise ValueError(f"{lets}, and OPENROLL_ADDRESS is {web.address}: leave it out, or switch the sign-in off")
    if web.proxies.hops:
        raise ValueError(
            f"{lets}, and OPENROLL_BEHIND_PROXY says that others come by a proxy: switch one of the two off"
        )


def own_hosts(address: str) -> frozenset[str]:
    """The hosts that a browser on this machine may call this server by; of an address elsewhere, that alone."""
    parts = urlsplit(address)
    if parts.hostname not in LOOPBACK:
        return frozenset((parts.netloc,))
    port = "" if parts.port is None else f":{parts.port}"
    return frozenset(f"{name}{port}" for name in ("localhost", "127.0.0.1", "[::1]"))


MOST_WORKERS = 64


def serve(settings: Settings, host: str, port: int, workers: int = 1) -> None:
    """Serve until stopped, with so many worker processes on one port. On SIGTERM each finishes its requests."""
    if not 1 <= workers <= MOST_WORKERS:
        raise ValueError(f"--workers is a number from 1 to {MOST_WORKERS}, not {workers}")
    check_port_number(port)
    settings.looks()  # a wrong place is said now
    if settings.web.null_sign_in:
        check_development_door(settings.web, host)
    if not settings.roll_home.exists():
        check_port(
            host, port
        )  # the first thing to be said; where there is a home, nothing of it is touched before its keys fit
    leave_no_core()
    check_durability(settings, rolls.roll(settings))  # says at once, in this process, when there is no roll to serve
    if join_port(settings.roll_home, host, port):
        print(  # noqa: T201 - without it the command looks as if it had begun nothing
            f"openroll: another server of the roll {settings.roll} answers on port {port} already. This one joins it: both answer"
            " until one of them ends, and then the other carries on alone. (`--port` takes a port of its own.)",
            file=sys.stderr,
        )
    os.environ[SAFE_PATH] = "1"  # workers and what they start take no module from the folder one stands in
    os.environ["DATABASE_URL"] = database_url(settings)
    os.environ["OPENROLL_HOME"] = str(settings.home)
    os.environ["OPENROLL_ROLL"] = settings.roll
    os.environ["OPENROLL_SHIFT_DAYS"] = str(settings.shift.days)
    os.environ["OPENROLL_ADDRESS"] = settings.web.address or local_address(port)
    os.environ["OPENROLL_RELEASE_DAYS"] = str(settings.release_days)
    os.environ["OPENROLL_SECURITY_CONTACT"] = settings.web.security_contact
    os.environ["OPENROLL_NULL_SIGN_IN"] = "1" if settings.web.null_sign_in else "0"
    if settings.web.null_sign_in:
        print(  # noqa: T201 - a warning nobody should miss
            "openroll: WARNING: the development sign-in is on. Anyone who reaches this port can act as anybody.",
            file=sys.stderr,
        )
    spawn_without_the_command()
    os.environ["OPENROLL_SMTP"] = settings.smtp
    os.environ["OPENROLL_MAIL_FROM"] = settings.mail_from
    os.environ["OPENROLL_POLICY"] = str(settings.policy or "")
    os.environ["OPENROLL_WITNESS_DEADLINE"] = str(settings.witness_deadline)
    granian = Granian(
        "openroll.compose.server:from_environment",
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        # HTTP/2 would go past the bounds on heads; what stands in front of the server speaks it to browsers.
        http=HTTPModes.http1,
        factory=True,
        workers=workers,
        respawn_failed_workers=workers > 1,  # with one, whoever keeps the server sees that it ended
        log_access=False,
        log_dictconfig=LOGGING,
        http1_settings=HTTP1Settings(header_read_timeout=HEADERS_WITHIN),
    )
    granian.respawned_wrks = Restarts()
    # Granian's own loader takes modules from the folder one stands in before ours.
    with _private_server_kept(settings):
        granian.serve(target_loader=from_environment, wrap_loader=False)


@contextmanager
def _private_server_kept(settings: Settings) -> Iterator[None]:
    """Start the private PostgreSQL again whenever it ends; a server of one's own is its keeper's."""
    keeping = Keeping(settings.home / "postgres", lambda said: print(f"openroll: {said}.", file=sys.stderr, flush=True))  # noqa: T201 - as above
    if not settings.database_url:
        keeping.start()
    try:
        yield
    finally:
        keeping.close()
