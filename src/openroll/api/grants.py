"""What became of something that a person gave to somebody: taken back, or shown before. Nobody signs in."""

from typing import Annotated, Any

import msgspec
from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, JSONBody

from openroll.api.openapi import problems
from openroll.api.problems import RefusedError
from openroll.api.values import Short
from openroll.register.decision import Refused
from openroll.register.grant import GRANT
from openroll.service import grants
from openroll.service.application import Application
from openroll.service.grants import Standing
from openroll.traffic import request_address

Grant = Annotated[str, msgspec.Meta(max_length=64, pattern="^[0-9a-f]{64}$")]
"""The number of a grant, as what was given has it."""


class TakenBack(msgspec.Struct, forbid_unknown_fields=True):
    """A grant that its giver takes back, by the word they kept. `proof` is a solved puzzle, where one was asked for
    (`params.puzzle` of the problem)."""

    word: Short
    proof: Short = ""


class Shown(msgspec.Struct, forbid_unknown_fields=True):
    """Something that is good once is shown now. `proof` as where it is taken back."""

    proof: Short = ""


@get("/grants/{grant:str}", summary="What became of a grant", responses=problems())
async def grant_standing(grant: FromPath[Grant], application: NamedDependency[Application]) -> Standing:
    """Whether something that was given was taken back, or shown before. Of a number nobody spoke of, neither is known."""
    return await application.ask(grants.standing, _number(grant))


@post("/grants/taken-back", status_code=200, summary="Take a grant back", responses=problems(sent=True))
async def grant_taken_back(
    data: JSONBody[TakenBack], request: Request[Any, Any, Any], application: NamedDependency[Application]
) -> Standing:
    """By the word that its giver kept: 26 characters, or the first 24, of which nobody can know whether they are right.

    From now on it is said to whoever asks; what they have seen, they have seen."""
    return _or_refused(await application.ask(grants.take_back, data.word, _source(request), data.proof))


@post("/grants/{grant:str}/shown", status_code=200, summary="Say that a grant was shown", responses=problems(sent=True))
async def grant_shown(
    grant: FromPath[Grant],
    data: JSONBody[Shown],
    request: Request[Any, Any, Any],
    application: NamedDependency[Application],
) -> Standing:
    """For what is good once: how it stood before. `shown` is null for the first who says so. To ask alone shows nothing."""
    return _or_refused(await application.ask(grants.show, _number(grant), _source(request), data.proof))


def _number(grant: str) -> str:
    if not GRANT.fullmatch(grant):
        raise NotFoundException("a grant has 64 hexadecimal digits, in small letters")
    return grant


def _source(request: Request[Any, Any, Any]) -> str:
    return request_address(request.scope, request.app.state.proxies)


def _or_refused(outcome: Standing | Refused) -> Standing:
    if isinstance(outcome, Refused):
        raise RefusedError(outcome)
    return outcome


grant_handlers = [grant_standing, grant_taken_back, grant_shown]
