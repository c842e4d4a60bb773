"""Who a program is: its token, and the address it comes from."""

from typing import Any

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from openroll.api.filing import OUTCOME
from openroll.api.problems import RefusedError
from openroll.register.decision import Refused
from openroll.register.organisation.refusals import TokenUnknown
from openroll.register.refusals import TooManyAtOnce
from openroll.service.application import Application
from openroll.service.governance.open_roll import organisation_of, token_hash
from openroll.service.identity.sessions import act_by_token
from openroll.traffic import networks, request_address

Connection = ASGIConnection[Any, Any, Any, Any]
OPERATOR = "openroll.operator"
"""Where a request's scope holds the operator of its token, once that was looked up."""


def token_of(request: Connection) -> str:
    """A request's token. Raises RefusedError where there is none."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise RefusedError(Refused(TokenUnknown()))
    return token


async def token_first(request: Connection, _: BaseRouteHandler) -> None:
    """Refuse a request without a good token before its body is read and judged: a guard of routes that take a body.

    A filing that went the short way has had its token looked up with it.
    """
    if OUTCOME not in request.scope:
        await operator_of(request, request.app.state.application)


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
    organisation = await application.ask(organisation_of, hashed)
    if organisation is None:
        raise RefusedError(Refused(TokenUnknown()))
    tried.was_good()
    act_by_token(application.roll, hashed, reads=request.scope.get("method") != "POST")
    request.scope[OPERATOR] = organisation  # type: ignore[literal-required] # of our own
    return organisation
