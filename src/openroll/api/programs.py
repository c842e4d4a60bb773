"""Programs that act for a seat: in requests, an authority's, a reviewer's or an operator's."""

from typing import Any

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from openroll.api.problems import RefusedError
from openroll.api.tokens import token_of
from openroll.register.decision import Refused
from openroll.register.organisation.refusals import TokenUnknown
from openroll.register.organisation.roles import Seat
from openroll.register.refusals import TooManyAtOnce
from openroll.service.application import Application
from openroll.service.governance.open_roll import token_hash
from openroll.service.identity.sessions import act_by_token
from openroll.service.identity.token_seats import Program, program_of
from openroll.traffic import networks, request_address

Connection = ASGIConnection[Any, Any, Any, Any]
PROGRAM = "openroll.program"
"""Where a request's scope holds the program that sent it, once its token was looked up."""


async def program_first(request: Connection, _: BaseRouteHandler) -> None:
    """Refuse a request without a good token of a seat before its body is read and judged: a guard of what a seat does."""
    await seat_at(request, request.app.state.application)


async def program_at(request: Connection, application: Application) -> Program:
    """The program that a request's token lets in, looked up once; wrong tokens count against their source.

    What the request asks for from now on is done on the token's behalf: not at all once it has ended.
    """
    known = request.scope.get(PROGRAM)
    if isinstance(known, Program):
        return known
    hashed, names = token_hash(token_of(request)), networks(request_address(request.scope, request.app.state.proxies))
    tried = await application.try_token(hashed, names)
    if tried.wait:
        raise RefusedError(Refused(TooManyAtOnce(wait=tried.wait)))
    with tried.looked_up():
        program = await application.ask(program_of, hashed)
    if program is None:
        raise RefusedError(Refused(TokenUnknown()))
    tried.was_good()
    if isinstance(program, Refused):
        raise RefusedError(program)
    act_by_token(application.roll, hashed, reads=request.scope.get("method") != "POST")
    request.scope[PROGRAM] = program  # type: ignore[literal-required] # of our own
    return program


async def seat_at(request: Connection, application: Application) -> Seat:
    """The seat whose act a request is. Raises RefusedError for a token that was issued for no seat."""
    seat = (await program_at(request, application)).acts()
    if isinstance(seat, Refused):
        raise RefusedError(seat)
    return seat
