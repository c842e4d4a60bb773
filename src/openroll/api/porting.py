"""Subscriptions that go to another operator or come from one, for an operator's programs."""

from typing import Any, Literal

import litestar
import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from openroll.api.openapi import BY_TOKEN, problems
from openroll.api.problems import RefusedError
from openroll.api.tokens import operator_of, token_of
from openroll.api.values import Text
from openroll.register.decision import Refused
from openroll.service.application import Application
from openroll.service.filing import porting
from openroll.service.filing.porting import Party
from openroll.service.filing.submit import Taken
from openroll.service.governance.open_roll import token_hash
from openroll.service.queries import own_by_handle
from openroll.service.roll import Roll
from openroll.traffic import request_address

Request = litestar.Request[Any, Any, Any]


class Step(msgspec.Struct, forbid_unknown_fields=True):
    """A step of a port: `offer` one of your own (`handle`) to an operator (`to`), `ask` for another's by its filing `code`
    to have it under your `handle`, `agree` to a `reference` of the list (with your `handle` where it was offered to you), or
    `withdraw` it, whoever began it."""

    step: Literal["offer", "ask", "agree", "withdraw"]
    handle: Text = ""
    to: Text = ""
    code: Text = ""
    reference: Text = ""
    why: Text = ""


class Stepped(msgspec.Struct):
    """A step that was taken; `version` names the newest fact of the record."""

    step: str
    version: int


@get(
    "/porting",
    summary="Subscriptions that go to another operator or come to you",
    security=BY_TOKEN,
    responses=problems(token=True),
)
async def on_their_way(request: Request, application: NamedDependency[Application]) -> list[dict[str, Any]]:
    """What may still be agreed, at most a thousand, the soonest over first; `mine` where the other operator has to agree."""
    found = await application.ask(porting.waiting, await operator_of(request, application))
    listed: list[dict[str, Any]] = msgspec.to_builtins(found)
    return listed


@post(
    "/porting",
    status_code=200,
    summary="Have a subscription go to another operator: offer, ask, agree, withdraw",
    security=BY_TOKEN,
    responses=problems(token=True, sent=True),
)
async def port(data: JSONBody[Step], request: Request, application: NamedDependency[Application]) -> Stepped:
    """Take one step. Nothing changes until both operators have agreed; sent again, what is done already is refused."""
    operator = await operator_of(request, application)
    source = request_address(request.scope, request.app.state.proxies)
    party = Party(operator, token=token_hash(token_of(request)), source=source)
    outcome = await application.ask(_done, party, data)
    if isinstance(outcome, Refused):
        raise RefusedError(outcome)
    application.wake()
    return Stepped(data.step, outcome.version)


def _done(roll: Roll, by: Party, step: Step) -> Taken | Refused:
    if step.step == "ask":
        return porting.ask(roll, by, step.code, step.handle)
    if step.step == "agree":
        return porting.agree(roll, by, step.reference, step.handle)
    if step.step == "withdraw":
        return porting.withdraw(roll, by, step.reference, step.why)
    record = own_by_handle(roll, by.operator, step.handle)
    return record if isinstance(record, Refused) else porting.offer(roll, by, record.number, step.to)
