"""The API's routes."""

from datetime import date
from typing import Annotated, Any, cast

import litestar
import msgspec
from litestar import MediaType, Response, Router, get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import ResponseSpec
from litestar.params import FromPath, FromQuery, JSONBody, PathParameter
from litestar.types import ControllerRouterHandler

from openroll.api.filing import OUTCOME, Acknowledged, Row, acknowledged, filed, is_new
from openroll.api.grants import grant_handlers
from openroll.api.intake import received
from openroll.api.log import log_handlers
from openroll.api.openapi import BY_TOKEN, FileOperation, FilingOperation, problems
from openroll.api.porting import on_their_way, port
from openroll.api.problems import RefusedError, exception_handlers
from openroll.api.request_acts import act_handlers
from openroll.api.requests import request_handlers
from openroll.api.site_data import site_data_handlers
from openroll.api.sites import site_handlers
from openroll.api.tokens import operator_of, token_first, token_of
from openroll.api.unconfirmed import waiting, words
from openroll.api.values import PlaceInPath, Short, Text
from openroll.places import country_of
from openroll.register.decision import Refused
from openroll.rules import plain
from openroll.service.application import Application
from openroll.service.filing.submit import Outcome, Taken, refused_of
from openroll.service.governance.open_roll import token_hash
from openroll.service.governance.published_rules import PublishedRules, bytes_of, published_rules
from openroll.service.identity import filing_code
from openroll.service.log.receipts import file_name
from openroll.service.queries import Record, code_to_tell
from openroll.traffic import networks, request_address

Request = litestar.Request[Any, Any, Any]
_AGAIN = ResponseSpec(Acknowledged, generate_examples=False, description="The same filing came again: the same answer.")


class Public(msgspec.Struct):
    """A record as its operator, or whoever holds its code, sees it."""

    code: str
    operator: str
    handle: str
    kind: str
    access: str
    district: str
    connected: date
    filed: date
    changed: date | None
    ended: date | None
    digests: list[str]
    told: list[str]
    version: int
    history: list[dict[str, Any]]
    duties: list[dict[str, Any]]
    operators: list[dict[str, Any]]


class Coded(msgspec.Struct, forbid_unknown_fields=True):
    """A filing code, in the body so that it stands in no address and no server's list of addresses.

    `proof` is the puzzle of a `too-many-tries` with the number that solves it: another way while somebody guesses nearby.
    """

    code: Text
    version: Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)] = 1
    proof: Short = ""


@post(
    "/filings",
    status_code=201,
    summary="File one: new, change, end or rehandle",
    security=BY_TOKEN,
    operation_class=FilingOperation,
    responses=problems(token=True, sent=True) | {200: _AGAIN},
)
async def file_one(
    data: JSONBody[Row], request: Request, application: NamedDependency[Application]
) -> Response[Acknowledged]:
    """File one subscription. Durable before it is acknowledged; the same Idempotency-Key gives the same answer (200).

    For seven days, and under the same token: the key is kept hashed with it.
    """
    outcome = cast("Outcome | None", request.scope.get(OUTCOME))  # of the short way (fast_filing.py)
    if outcome is None:
        key, token = request.headers.get("idempotency-key", ""), token_of(request)
        names = networks(request_address(request.scope, request.app.state.proxies))
        outcome = await filed(data, key, token, names, application)
    if not isinstance(outcome, Taken):
        raise RefusedError(refused_of(outcome))
    if is_new(outcome):
        return Response(acknowledged(outcome, application), status_code=201)
    code = await application.ask(code_to_tell, outcome.number)
    answer = Acknowledged(code, outcome.version, outcome.repeated)
    return Response(answer, status_code=200 if outcome.repeated else 201)


@post(
    "/files",
    status_code=200,
    summary="File many: CSV, NDJSON or Parquet",
    request_max_body_size=None,
    security=BY_TOKEN,
    operation_class=FileOperation,
    responses=problems(token=True, sent=True, more=(507,)),
)
async def file_many(
    request: Request,
    application: NamedDependency[Application],
    dry_run: FromQuery[bool] = False,
    encoding: FromQuery[str] = "",
) -> dict[str, Any]:
    """File a packed file, in UTF-8 or in the `encoding` that is named.

    With any fault it is refused whole and every fault is said; a file already taken changes nothing."""
    from openroll.service.filing.bulk import FileRefused  # noqa: PLC0415 - what reads files comes with the first file

    operator, token = await operator_of(request, application), token_hash(token_of(request))
    with application.file_place(operator) as place:  # before a byte is read: who has it sends one file, however slowly
        if isinstance(place, Refused):
            raise RefusedError(place)
        async with received(request, application, operator, token) as file:
            result = await application.take_file(place, operator, file, token=token, dry_run=dry_run, encoding=encoding)
    if isinstance(result, Refused):
        raise RefusedError(result)
    if isinstance(result, FileRefused):
        raise RefusedError(result.refused, result.faults, result.fault_count)
    return {"rows": result.rows, "stored": result.stored, "digest": result.digest, "dry_run": result.dry_run}


@get(
    "/filings/{handle:str}",
    summary="A filing's state, for its operator",
    security=BY_TOKEN,
    responses=problems(token=True),
)
async def filing(handle: FromPath[str], request: Request, application: NamedDependency[Application]) -> Public:
    """The operator's own record by its handle, with its duties today."""
    return _public(_found(await application.by_handle(await operator_of(request, application), handle)))


@get(
    "/filings/{handle:str}/duties",
    summary="The duties of a filing",
    security=BY_TOKEN,
    responses=problems(token=True),
)
async def filing_duties(
    handle: FromPath[str], request: Request, application: NamedDependency[Application]
) -> list[dict[str, Any]]:
    """What the rule asks of this record today: each duty, its state and due date."""
    return _public(_found(await application.by_handle(await operator_of(request, application), handle))).duties


@get(
    "/filings/{handle:str}/receipts/{version:int}",
    summary="A receipt, for its operator",
    media_type=MediaType.TEXT,
    security=BY_TOKEN,
    responses=problems(token=True),
)
async def filing_receipt(
    handle: FromPath[str], version: PlaceInPath, request: Request, application: NamedDependency[Application]
) -> Response[bytes]:
    """The receipt of one fact of the operator's own record."""
    record = _found(await application.by_handle(await operator_of(request, application), handle))
    return await _receipt(application, record, version)


@post(
    "/record",
    status_code=200,
    summary="A filing's state, for whoever holds its code",
    responses=problems(sent=True, more=(403,)),
)
async def record(data: JSONBody[Coded], request: Request, application: NamedDependency[Application]) -> Public:
    """The record that a filing code opens."""
    return _public(await _opened(data, request, application))


@post(
    "/receipt",
    status_code=200,
    summary="A receipt, for whoever holds the code",
    media_type=MediaType.TEXT,
    responses=problems(sent=True, more=(403,)),
)
async def receipt(
    data: JSONBody[Coded], request: Request, application: NamedDependency[Application]
) -> Response[bytes]:
    """The receipt of one fact of the record that a filing code opens."""
    return await _receipt(application, await _opened(data, request, application), data.version)


async def _opened(code: Coded, request: Request, application: Application) -> Record:
    source = request_address(request.scope, request.app.state.proxies)
    return _found(await application.ask(filing_code.open_by_code, code.code, source, code.proof))


@get("/rule", summary="The roll's rule", responses=problems())
async def rule(application: NamedDependency[Application]) -> dict[str, Any]:
    """The rule the roll is under, whole; and the kinds of subscriber and ways to connect that a filing names, with titles.
    `country` is that of its jurisdiction (ISO 3166-1), empty where its files name none."""
    version = application.roll.version
    return {
        "name": version.name,
        "rule": plain(version.rule),
        "jurisdiction": version.place_name,
        "country": country_of(version.place),
        "kinds": msgspec.to_builtins(application.kinds()),
        "accesses": msgspec.to_builtins(version.place.jurisdiction.accesses),
    }


@get("/rules", summary="Every published rule, with its proof", responses=problems())
async def rules(application: NamedDependency[Application]) -> PublishedRules:
    """Each rule that the roll was, is and will be under: the receipt of the entry that published it, and the digests of the rule
    and of the jurisdiction it is read with. `openroll pack --roll` goes through them."""
    return await application.ask(published_rules)


@get(
    "/rules/{digest:str}",
    summary="A published rule, or a jurisdiction, by its digest",
    media_type=MediaType.JSON,
    responses=problems(only=(400, 404, 429, 503)),
)
async def rule_bytes(
    digest: Annotated[str, PathParameter(pattern="^[0-9a-f]{64}$")],
    application: NamedDependency[Application],
) -> Response[Any]:
    """The canonical JSON of a rule or of a jurisdiction that was published: the bytes whose SHA-256 this is."""
    data = await application.ask(bytes_of, digest)
    if data is None:
        raise NotFoundException("nothing was published under this digest")
    headers = {"cache-control": "public, max-age=31536000, immutable"}
    return Response(data, media_type=MediaType.JSON, headers=headers)


@get("/figures", summary="The public figures", responses=problems())
async def figures(application: NamedDependency[Application]) -> dict[str, Any]:
    """What the roll counts: events by name (recountable from the log), living subscriptions by district, kind and operator."""
    counted: dict[str, Any] = msgspec.to_builtins(await application.figures())
    return counted


@get("/log", summary="The log's head and keys", responses=problems())
async def log(application: NamedDependency[Application]) -> dict[str, Any]:
    """The newest published head of the log, its public keys, what keeps it if it stands still, whether the roll is held.

    `now` is the moment by the roll's clock, and `zone` the time zone that it counts its days in; `before` are the names of the
    roll's logs that ended, to which what was sealed while they went on is bound."""
    head = application.log_head()
    return {
        "now": application.roll.clock(),
        "zone": application.roll.zone.key,
        "origin": application.roll.origin,
        "before": [name for _, name in application.roll.before],
        "keys": list(application.roll.keys.verifier_keys),
        "head": None if head is None else msgspec.to_builtins(head),
        "trouble": application.trouble,
        "held": application.held,
    }


def _found(record: Record | Refused) -> Record:
    if isinstance(record, Refused):
        raise RefusedError(record)
    return record


def _public(record: Record) -> Public:
    state = record.state
    return Public(
        code=record.code,
        operator=state.operator,
        handle=state.handle,
        kind=state.kind,
        access=state.access,
        district=state.district,
        connected=state.connected,
        filed=state.filed,
        changed=state.changed,
        ended=state.ended,
        digests=sorted(state.digests),
        told=sorted(state.told),
        version=state.version,
        history=msgspec.to_builtins(record.history),
        duties=msgspec.to_builtins(record.duties),
        operators=msgspec.to_builtins(record.operators),
    )


async def _receipt(application: Application, record: Record, version: int) -> Response[bytes]:
    proof = await application.receipt(record.number, version)
    if isinstance(proof, Refused):
        raise RefusedError(proof)
    name = file_name(application.roll, proof, version)
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
    return Response(proof, media_type="text/plain", headers=headers)


async def _not_kept(answer: Response[Any]) -> Response[Any]:
    """Nothing between the roll and a program keeps an answer: most hold a filing code.

    `async` although nothing is waited for: Litestar would run it in a thread of its own each time.
    """
    answer.headers.setdefault("cache-control", "no-store")
    return answer


api_routes: tuple[HTTPRouteHandler, ...] = (
    file_one,
    file_many,
    filing,
    filing_duties,
    filing_receipt,
    waiting,
    words,
    on_their_way,
    port,
    record,
    receipt,
    rule,
    rules,
    rule_bytes,
    figures,
    log,
    *request_handlers,
    *grant_handlers,
    *site_handlers,
    *site_data_handlers,
    *act_handlers,
)
"""What stands below `/api/v1`."""
api_handlers: tuple[ControllerRouterHandler, ...] = (
    Router(
        "/api/v1",
        route_handlers=api_routes,
        guards=[token_first],
        exception_handlers=exception_handlers,
        after_request=_not_kept,
    ),
    *log_handlers,
)
