"""Who a program is: its token, and the address it comes from."""

from contextlib import suppress
from typing import Any, cast

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

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
from openroll.traffic import networks, request_address

Connection = ASGIConnection[Any, Any, Any, Any]
OPERATOR = "openroll.operator"
"""Where a request's scope holds the operator of its token, once that was looked up."""
_OURS = 500
"""From here on a status says that it is nothing that the sender did."""


def token_of(request: Connection) -> str:
    """A request's token. Raises RefusedError where there is none."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise RefusedError(Refused(TokenUnknown()))
    return token


async def token_first(request: Connection, _: BaseRouteHandler) -> None:
    """The guard of every route of the API: where a token is needed, none without a good one has its request judged any further.

    A token that comes along is a sign of life of its operator, whichever route it comes to and whatever is answered
    (`store.signs_of_life.hear_by_tokens`). With a filing that went the short way it was looked up; where that broke off before
    anything was decided the sign went with it, and is kept here.
    """
    application: Application = request.app.state.application
    allowed = who_may(str(request.scope.get("method")), str(request.scope.get("path_template", "")))
    outcome = cast("Outcome | None", request.scope.get(OUTCOME))
    if "token" in allowed and outcome is None:
        await operator_of(request, application)
    elif "token" not in allowed or _was_undecided(outcome):
        with suppress(RefusedError):  # nobody asked for one
            await application.hear(token_hash(token_of(request)))


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
    organisation = await application.ask(organisation_of, hashed)
    if organisation is None:
        raise RefusedError(Refused(TokenUnknown()))
    tried.was_good()
    act_by_token(application.roll, hashed, reads=request.scope.get("method") != "POST")
    request.scope[OPERATOR] = organisation  # type: ignore[literal-required] # of our own
    return organisation
