"""Who a program is: its token, and the address it comes from. That it came is a sign of life of its operator."""

from typing import Any, cast

from litestar.connection import ASGIConnection
from litestar.enums import ScopeType
from litestar.handlers import BaseRouteHandler
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from openroll.api.filing import OUTCOME
from openroll.api.problems import RefusedError
from openroll.register.decision import Refused
from openroll.register.organisation.refusals import TokenUnknown
from openroll.register.refusals import TooManyAtOnce
from openroll.service.access import who_may
from openroll.service.application import Application
from openroll.service.filing.submit import Failed, Outcome
from openroll.service.governance.open_roll import organisation_of, token_hash
from openroll.service.identity.sessions import act_by_token
from openroll.traffic import Proxies, networks, request_address

Connection = ASGIConnection[Any, Any, Any, Any]
BY_SEAT = "by_seat"
"""What a route says of itself (`opt`) whose programs act for a seat."""
OPERATOR = "openroll.operator"
"""Where a request's scope holds the operator of its token, once that was looked up."""
HEARD = "openroll.heard"
"""Where a request's scope says that its token was, or is being, kept as a sign of life."""
_PROGRAMS = "/api"
_OURS = 500
"""From here on a status says that it is nothing that the sender did."""


def token_of(request: Connection) -> str:
    """A request's token. Raises RefusedError where there is none."""
    token = _bearer(request.headers.get("authorization", ""))
    if not token:
        raise RefusedError(Refused(TokenUnknown()))
    return token


def _bearer(header: str) -> str:
    """The token that a header names (RFC 6750 section 2.1); empty where there is none."""
    scheme, _, token = header.partition(" ")
    return token if scheme.lower() == "bearer" else ""


async def token_first(request: Connection, handler: BaseRouteHandler) -> None:
    """The guard of every route of the API: where a token is needed, none without a good one has its request judged any further.

    A token that comes along is a sign of life of its operator, whichever route it comes to and whatever is answered
    (`store.signs_of_life.hear_by_tokens`). With a filing that went the short way it was looked up; where that broke off before
    anything was decided the sign went with it, and is kept here.
    """
    application: Application = request.app.state.application
    request.scope[HEARD] = True  # type: ignore[literal-required] # of our own
    allowed = who_may(str(request.scope.get("method")), str(request.scope.get("path_template", "")))
    outcome = cast("Outcome | None", request.scope.get(OUTCOME))
    if handler.opt.get(BY_SEAT):
        return  # `api.programs` looks its token up: it need not be an operator's
    if "token" in allowed and outcome is None:
        await operator_of(request, application)
    elif "token" not in allowed or _was_undecided(outcome):
        await _hear(request.scope, application, request.app.state.proxies)


async def _hear(scope: Any, application: Application, proxies: Proxies) -> None:
    """Keep the token that comes along as a sign of life, if one does."""
    header = next((value for name, value in scope["headers"] if name == b"authorization"), b"")
    if token := _bearer(header.decode("latin-1")):
        await application.hear(token_hash(token), networks(request_address(scope, proxies)))


class Hearing:
    """ASGI layer: what is refused before the guard sees it (no such route or method, an address too long) is a sign as well.

    The sign is kept before the answer is sent. Whatever came to the guard costs nothing here.
    """

    def __init__(self, app: ASGIApp, state: Any, proxies: Proxies) -> None:
        """`state` is the web application's: it has the application as soon as requests come."""
        self._app, self._state, self._proxies = app, state, proxies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != ScopeType.HTTP or not scope["path"].startswith(_PROGRAMS):
            return await self._app(scope, receive, send)

        async def heard(message: Message) -> None:
            if message["type"] == "http.response.start" and not scope.get(HEARD):
                await _hear(scope, self._state.application, self._proxies)
            await send(message)

        return await self._app(scope, receive, heard)


def _was_undecided(outcome: Outcome | None) -> bool:
    """Whether it ended through no fault of the filing: then what was kept with it was taken back."""
    return isinstance(outcome, Failed) or (isinstance(outcome, Refused) and outcome.refusal.status >= _OURS)


async def operator_of(request: Connection, application: Application) -> str:
    """The operator of a request's token, looked up beside the event loop, once; wrong tokens count against their source.

    What the request asks for from now on is done on the token's behalf: not at all once it has ended.
    """
    known = request.scope.get(OPERATOR)
    if isinstance(known, str):
        return known
    hashed, names = token_hash(token_of(request)), networks(request_address(request.scope, request.app.state.proxies))
    tried = await application.try_token(hashed, names)
    if tried.wait:
        raise RefusedError(Refused(TooManyAtOnce(wait=tried.wait)))
    with tried.looked_up():
        organisation = await application.ask(organisation_of, hashed)
    if organisation is None:
        raise RefusedError(Refused(TokenUnknown()))
    tried.was_good()
    act_by_token(application.roll, hashed, reads=request.scope.get("method") != "POST")
    request.scope[OPERATOR] = organisation  # type: ignore[literal-required] # of our own
    return organisation
