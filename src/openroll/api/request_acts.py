"""What the bodies of a request do in it by their programs: publish keys, register uses, file, take what is sealed, act."""

from datetime import datetime
from typing import Annotated, Any, Literal

import litestar
import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from openroll.api.openapi import BY_TOKEN, problems
from openroll.api.problems import RefusedError
from openroll.api.programs import program_first, seat_at
from openroll.api.requests import Listed, listed
from openroll.api.tokens import BY_SEAT
from openroll.api.values import Before, Number, NumberInPath, Place, Text
from openroll.register.decision import Refused
from openroll.register.organisation.roles import Seat
from openroll.register.refusals import RequestShape
from openroll.register.request import commands
from openroll.register.request.made import ACTS
from openroll.service.acts import Acted
from openroll.service.application import Application
from openroll.service.requests import ask, rights, shown, steps

Request = litestar.Request[Any, Any, Any]
Sealed = Annotated[bytes, msgspec.Meta(max_length=65_536)]
Act = Literal[
    "return",
    "complete",
    "ask-back",
    "answer-back",
    "call-back",
    "confirm",
    "approve",
    "second",
    "refuse",
    "object",
    "let-pass",
    "sign",
    "postpone",
    "extend",
    "withdraw",
    "preserve",
    "answer",
    "tell",
    "nobody",
]
_KINDS: dict[str, type[commands.Step]] = {act: kind for kind, act in ACTS.items()} | {"approve": commands.Approve}


class NewKey(msgspec.Struct, forbid_unknown_fields=True):
    """The line of a public half, as `openroll envelope public` prints it."""

    public: Text


class Ending(msgspec.Struct, forbid_unknown_fields=True):
    """Why a key or a use ends."""

    why: Text = ""


class NewUse(msgspec.Struct, forbid_unknown_fields=True):
    """What an authority may ask for. `purpose` is the place, from 0, in the rule's list; `office` the telephone to call back."""

    purpose: Place
    basis: Text
    fields: tuple[Text, ...]
    supervisor: Text
    supervised_at: Text
    office: Text


class NewRequest(msgspec.Struct, forbid_unknown_fields=True):
    """A request. `envelope` is sealed to keys in force of authority, reviewer, operator (and objector); base64."""

    use: Number
    operator: Text
    reviewer: Text
    fields: tuple[Text, ...]
    envelope: Sealed
    case_digest: Text
    urgency: Text = "ordinary"
    desired: Text = "now"
    earlier: Number | None = None
    objector: Text = ""
    dry_run: bool = False


class NewStep(msgspec.Struct, forbid_unknown_fields=True):
    """An act in a request, with what it says: docs/requests.md has a table of which act takes what. Bytes are base64."""

    act: Act
    envelope: Sealed | msgspec.UnsetType = msgspec.UNSET
    fields: tuple[Text, ...] | msgspec.UnsetType = msgspec.UNSET
    missing: tuple[Text, ...] | msgspec.UnsetType = msgspec.UNSET
    why: Text | msgspec.UnsetType = msgspec.UNSET
    reason: Text | msgspec.UnsetType = msgspec.UNSET
    ground: Text | msgspec.UnsetType = msgspec.UNSET
    number: Text | msgspec.UnsetType = msgspec.UNSET
    until: datetime | msgspec.UnsetType = msgspec.UNSET
    outcome: Text | msgspec.UnsetType = msgspec.UNSET
    notice: Sealed | msgspec.UnsetType = msgspec.UNSET
    bucket: Place | msgspec.UnsetType = msgspec.UNSET
    complaint: Text | msgspec.UnsetType = msgspec.UNSET
    by_word: bool | msgspec.UnsetType = msgspec.UNSET
    decision: Text | msgspec.UnsetType = msgspec.UNSET
    key: Text | msgspec.UnsetType = msgspec.UNSET
    signature: Text | msgspec.UnsetType = msgspec.UNSET
    dry_run: bool = False


class Numbered(msgspec.Struct):
    """What was registered or filed, by its number, and from which seat it was taken."""

    number: int
    by: str


class OwnSeat(msgspec.Struct):
    """A seat as facts name it: organisation and number."""

    seat: str


class Done(msgspec.Struct):
    """The names of the facts that an act made, and from which seat it was taken."""

    facts: list[str]
    by: str


class Part(msgspec.Struct):
    """An envelope of a request: which part it is, which organisation sent it (empty: the person), its bytes in base64."""

    part: str
    organisation: str
    envelope: bytes


class Taking(msgspec.Struct):
    """The envelopes that one's organisation may have, and the seat that took them.

    `before`: the log had it already that this seat takes them in this step, so no entry is made of it.
    """

    envelopes: list[Part]
    by: str
    before: bool


def _acted(acted: Acted | Refused, application: Application) -> Acted:
    if isinstance(acted, Refused):
        raise RefusedError(acted)
    application.wake()
    return acted


def _done(acted: Acted | Refused, application: Application, by: Seat) -> Done:
    return Done([fact.name for fact in _acted(acted, application).events], str(by))


@post(
    "/envelope-keys",
    status_code=201,
    summary="Publish a key of your organisation's envelopes",
    guards=[program_first],
    opt={BY_SEAT: True},
    security=BY_TOKEN,
    responses=problems(token=True, sent=True, more=(403,)),
)
async def publish_key(data: JSONBody[NewKey], request: Request, application: NamedDependency[Application]) -> Done:
    """As a lead. Others seal to it and check with it what you signed; the private half stays with you."""
    by = await seat_at(request, application)
    return _done(await application.ask(rights.publish_key, data.public, by), application, by)


@post(
    "/envelope-keys/{key:str}/end",
    status_code=200,
    summary="End a key of your organisation's envelopes",
    guards=[program_first],
    opt={BY_SEAT: True},
    security=BY_TOKEN,
    responses=problems(token=True, sent=True, more=(403,)),
)
async def end_key(
    key: FromPath[str], data: JSONBody[Ending], request: Request, application: NamedDependency[Application]
) -> Done:
    """As a lead. Nothing is sealed to it any more; keep the private half for what was."""
    by = await seat_at(request, application)
    return _done(await application.ask(rights.end_key, key, data.why, by), application, by)


@post(
    "/uses",
    status_code=201,
    summary="Register what your authority may ask for",
    guards=[program_first],
    opt={BY_SEAT: True},
    security=BY_TOKEN,
    responses=problems(token=True, sent=True, more=(403,)),
)
async def register_use(data: JSONBody[NewUse], request: Request, application: NamedDependency[Application]) -> Numbered:
    """As a lead of an authority, within the rule's purposes and fields. It stands in public."""
    by = await seat_at(request, application)
    command = commands.RegisterUse(**msgspec.structs.asdict(data))
    return Numbered(_acted(await application.ask(rights.register_use, command, by), application).fresh, str(by))


@post(
    "/uses/{number:int}/end",
    status_code=200,
    summary="End a registered use",
    guards=[program_first],
    opt={BY_SEAT: True},
    security=BY_TOKEN,
    responses=problems(token=True, sent=True, more=(403,)),
)
async def end_use(
    number: NumberInPath, data: JSONBody[Ending], request: Request, application: NamedDependency[Application]
) -> Done:
    """As a lead of the authority. What was filed under it goes on."""
    by = await seat_at(request, application)
    return _done(await application.ask(rights.end_use, number, data.why, by), application, by)


@get(
    "/seat",
    summary="The seat that a token acts for",
    guards=[program_first],
    opt={BY_SEAT: True},
    security=BY_TOKEN,
    responses=problems(token=True, more=(403,)),
)
async def own_seat(request: Request, application: NamedDependency[Application]) -> OwnSeat:
    """For whoever sent something and got no answer: whose act to look for in the log."""
    return OwnSeat(str(await seat_at(request, application)))


@get(
    "/requests/own",
    summary="The requests that your organisation is a body of",
    guards=[program_first],
    opt={BY_SEAT: True},
    security=BY_TOKEN,
    responses=problems(token=True, more=(403,)),
)
async def own_requests(
    request: Request,
    application: NamedDependency[Application],
    ended: FromQuery[bool] = False,
    before: Before = None,
) -> list[Listed]:
    """At most 200, the newest first: those that go on, with `ended` all of them."""
    by = await seat_at(request, application)
    found = await application.ask(shown.mine, by.organisation, not ended, before=before)
    return list(map(listed, found))


@post(
    "/requests",
    status_code=201,
    summary="Ask: file a request",
    guards=[program_first],
    opt={BY_SEAT: True},
    security=BY_TOKEN,
    responses=problems(token=True, sent=True, more=(403,)),
)
async def file_request(
    data: JSONBody[NewRequest], request: Request, application: NamedDependency[Application]
) -> Numbered:
    """As an officer. The same envelope sent again is the same request; with `dry_run` nothing is filed (number 0)."""
    by = await seat_at(request, application)
    said = msgspec.structs.asdict(data)
    dry_run = said.pop("dry_run")
    acted = await application.ask(ask.file_request, commands.FileRequest(**said), by, dry_run=dry_run)
    number = _acted(acted, application).fresh
    return Numbered(0 if dry_run else number, str(by))


@post(
    "/requests/{number:int}/envelopes",
    status_code=200,
    summary="Take the envelopes of a request that are sealed to you",
    guards=[program_first],
    opt={BY_SEAT: True},
    security=BY_TOKEN,
    responses=problems(token=True, more=(403, 409)),
)
async def take_envelopes(number: NumberInPath, request: Request, application: NamedDependency[Application]) -> Taking:
    """When it is your turn. That they were taken stands in the log, before you have them: so it is sent, not got."""
    by = await seat_at(request, application)
    taken: shown.Taking | Refused = await application.ask(shown.envelopes, number, by)
    if isinstance(taken, Refused):
        raise RefusedError(taken)
    application.wake()
    return Taking([Part(one.part, one.organisation, one.data) for one in taken.parts], str(by), taken.before)


@post(
    "/requests/{number:int}/steps",
    status_code=200,
    summary="Act in a request",
    guards=[program_first],
    opt={BY_SEAT: True},
    security=BY_TOKEN,
    responses=problems(token=True, sent=True, more=(403,)),
)
async def act_in_request(
    number: NumberInPath, data: JSONBody[NewStep], request: Request, application: NamedDependency[Application]
) -> Done:
    """One act of the table in docs/requests.md, when it is your turn. With `dry_run` nothing is done."""
    by = await seat_at(request, application)
    return _done(await application.ask(steps.step, step_of(number, data), by, dry_run=data.dry_run), application, by)


def step_of(number: int, said: NewStep) -> commands.Step:
    """The command that an act is. Raises RefusedError for what the act does not take, or lacks."""
    kind = _KINDS[said.act]
    given = {
        name: value
        for name, value in msgspec.structs.asdict(said).items()
        if value is not msgspec.UNSET and name not in ("act", "dry_run")
    }
    taken = {field.name: field for field in msgspec.structs.fields(kind) if field.name != "request"}
    unknown = sorted(set(given) - set(taken))
    lacking = sorted(name for name, field in taken.items() if field.required and name not in given)
    if unknown or lacking:
        detail = "; ".join(
            [f"`{said.act}` takes no `{name}`" for name in unknown]
            + [f"`{said.act}` needs `{name}`" for name in lacking]
        )
        raise RefusedError(Refused(RequestShape(detail=detail)))
    if isinstance(until := given.get("until"), datetime) and until.tzinfo is None:
        raise RefusedError(Refused(RequestShape(detail="`until` lacks its offset from UTC, as 2026-11-29T10:00:00Z")))
    return kind(request=number, **given)


act_handlers = [
    publish_key,
    end_key,
    register_use,
    end_use,
    own_seat,
    own_requests,
    file_request,
    take_envelopes,
    act_in_request,
]
"""The routes for programs that act for a seat."""
