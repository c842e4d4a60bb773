"""Filings that people made alone, for an operator's programs: which wait, and its word on them."""

from typing import Any, Literal

import litestar
import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery, JSONBody

from openroll.api.openapi import BY_TOKEN, problems
from openroll.api.problems import RefusedError, language
from openroll.api.tokens import operator_of, token_of
from openroll.api.values import Text
from openroll.register.decision import Refused
from openroll.register.refusals import RequestShape, TooManyReferences
from openroll.service.application import Application
from openroll.service.filing import unconfirmed
from openroll.service.filing.submit import Taken, refused_of
from openroll.service.filing.unconfirmed import MOST, Word
from openroll.service.governance.open_roll import token_hash
from openroll.traffic import request_address
from openroll.words import say_refused

Request = litestar.Request[Any, Any, Any]


class Said(msgspec.Struct, forbid_unknown_fields=True):
    """An operator's word on a filing: take it, under a handle or none, or disown it for a reason."""

    reference: Text
    word: Literal["take", "disown"]
    handle: Text = ""
    why: Text = ""


class Answered(msgspec.Struct):
    """What became of a word: `done`, or why not in `code` and `detail`."""

    reference: str
    done: bool
    code: str = ""
    detail: str = ""


@get(
    "/unconfirmed",
    summary="Filings that people made alone and that wait for your word",
    security=BY_TOKEN,
    responses=problems(token=True),
)
async def waiting(
    request: Request, application: NamedDependency[Application], after: FromQuery[str] = ""
) -> list[dict[str, Any]]:
    """At most a thousand, each with the last day on which it waits; `after` is the last reference of the page before."""
    found = await application.ask(unconfirmed.waiting, await operator_of(request, application), after)
    if isinstance(found, Refused):
        raise RefusedError(found)
    listed: list[dict[str, Any]] = msgspec.to_builtins(found)
    return listed


@post(
    "/unconfirmed",
    status_code=200,
    summary="Take or disown filings that people made alone",
    security=BY_TOKEN,
    responses=problems(token=True, sent=True),
)
async def words(
    data: JSONBody[list[Said]], request: Request, application: NamedDependency[Application]
) -> list[Answered]:
    """At most a thousand words, each taken by itself; an answer each, in their order. Sending them again changes nothing."""
    operator, answers = await operator_of(request, application), []
    if len(data) > MOST:
        raise RefusedError(Refused(RequestShape(detail=f"at most {MOST} words at once, not {len(data)}")))
    given = [Word(one.reference, one.word, one.handle, one.why) for one in data]
    source = request_address(request.scope, request.app.state.proxies)
    outcomes = await application.say(operator, given, source, token_hash(token_of(request)))
    waits = [one for one in outcomes if isinstance(one, Refused) and isinstance(one.refusal, TooManyReferences)]
    if waits and len(waits) == len(outcomes):
        raise RefusedError(waits[0])
    for one, outcome in zip(data, outcomes, strict=True):
        if isinstance(outcome, Taken):
            answers.append(Answered(one.reference, done=True))
        else:
            refused = refused_of(outcome)
            refusal, said = refused.refusal, say_refused(refused, language(request))
            answers.append(Answered(one.reference, done=False, code=refusal.code, detail=said))
    return answers
