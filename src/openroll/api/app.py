"""The API's routes."""

import hashlib
import re
from datetime import date
from typing import Annotated, Any, Literal

import litestar
import msgspec
from litestar import MediaType, Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from litestar.types import ControllerRouterHandler

from openroll.api.intake import received
from openroll.api.log import log_handlers
from openroll.api.problems import RefusedError, exception_handlers
from openroll.api.tokens import operator_of, source_of, token_of
from openroll.api.unconfirmed import waiting, words
from openroll.register.command import Command
from openroll.register.decision import Refused
from openroll.register.organisation.refusals import TokenUnknown
from openroll.register.refusals import DatabaseAway, OutcomeUnknown, TooManyAtOnce
from openroll.register.subscription.citations import citation_of_faults
from openroll.register.subscription.commands import Change, End, File, Rehandle
from openroll.register.subscription.filing_code import code_of
from openroll.register.subscription.refusals import FilingFaulty, KeyMissing
from openroll.rules import plain
from openroll.service.application import Application
from openroll.service.filing.bulk import FileRefused
from openroll.service.filing.submit import Failed, Submission
from openroll.service.governance.open_roll import token_hash
from openroll.service.identity import filing_code
from openroll.service.queries import Record, code_to_tell
from openroll.service.roll import Roll
from openroll.sheet import COLUMNS, check_row
from openroll.traffic import networks

Request = litestar.Request[Any, Any, Any]
_KEY = re.compile(r"[\x21-\x7e]{1,64}")


class Row(msgspec.Struct, forbid_unknown_fields=True):
    """One filing: the same columns as a row of the operator's file, judged by the same verdicts."""

    handle: str
    act: Literal["", "new", "change", "end", "rehandle"] = "new"
    kind: str = ""
    access: str = ""
    district: str = ""
    connected: str = ""
    on: str = ""
    digests: list[str] = []
    new_handle: str = ""


class Acknowledged(msgspec.Struct):
    """A filing durably stored. `code` is the filing code that opens it; `version` names the newest fact of the record.

    `code` is empty for what its holder filed alone, before the operator took it: the code is the holder's.
    """

    code: str
    version: int
    repeated: bool


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


class Coded(msgspec.Struct, forbid_unknown_fields=True):
    """A filing code, in the body so that it stands in no address and no server's list of addresses.

    `proof` is the puzzle of a `too-many-tries` with the number that solves it: another way while somebody guesses nearby.
    """

    code: str
    version: Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)] = 1
    proof: Annotated[str, msgspec.Meta(max_length=200)] = ""


def _command(row: Row, operator: str = "") -> Command:
    digests = tuple(row.digests)
    if row.act == "rehandle":
        return Rehandle(handle=row.new_handle)
    if row.act == "end":
        return End(on=date.fromisoformat(row.on))
    if row.act == "change":
        on = date.fromisoformat(row.on)
        return Change(
            on=on,
            kind=row.kind or None,
            access=row.access or None,
            district=row.district or None,
            digests=digests or None,
        )
    return File(
        operator=operator,
        handle=row.handle,
        kind=row.kind,
        access=row.access,
        district=row.district,
        connected=date.fromisoformat(row.connected),
        digests=digests,
    )


def _refuse_faults(row: Row, roll: Roll) -> None:
    """Raise RefusedError with every fault of a filing, and the articles they come from."""
    cells = {name: getattr(row, name) for name in COLUMNS if name != "digests"} | {"digests": " ".join(row.digests)}
    terms = roll.setting(roll.day(roll.clock())).terms
    faults = tuple(check_row(cells, terms, 1))
    if faults:
        cited = citation_of_faults([(fault.code, fault.column) for fault in faults], terms)
        raise RefusedError(Refused(FilingFaulty(faults=len(faults)), roll.rule_name, cited), faults)


@post("/filings", status_code=201, summary="File one: new, change, end or rehandle")
async def file_one(
    data: JSONBody[Row], request: Request, application: NamedDependency[Application]
) -> Response[Acknowledged]:
    """File one subscription. Durable before it is acknowledged; the same Idempotency-Key gives the same answer (200).

    For seven days, and under the same token: the key is kept hashed with it.
    """
    key = request.headers.get("idempotency-key", "")
    if not _KEY.fullmatch(key):
        raise RefusedError(Refused(KeyMissing()))
    token, names = token_of(request), networks(source_of(request))
    if wait := await application.token_wait(token_hash(token), names):
        raise RefusedError(Refused(TooManyAtOnce(wait=wait)))
    roll = application.roll
    _refuse_faults(data, roll)
    command = _command(data)
    request_hash = hashlib.sha256(msgspec.json.encode(data)).digest()
    submission = Submission(
        command=command,
        key=key,
        request=request_hash,
        secret=token.encode(),
        token=token_hash(token),
        handle=data.handle,
    )
    outcome = await application.submit(submission)
    if isinstance(outcome, Refused):
        if isinstance(outcome.refusal, TokenUnknown):
            application.wrong_tokens.count(names)
        raise RefusedError(outcome)
    if isinstance(outcome, Failed):
        raise RefusedError(Refused(OutcomeUnknown() if outcome.unknown else DatabaseAway()))
    fresh = outcome.version == 1 and not outcome.repeated
    code = code_of(outcome.number, roll.keys.code_key) if fresh else await application.ask(code_to_tell, outcome.number)
    answer = Acknowledged(code, outcome.version, outcome.repeated)
    return Response(answer, status_code=200 if outcome.repeated else 201)


@post("/files", status_code=200, summary="File many: CSV, NDJSON or Parquet", request_max_body_size=None)
async def file_many(
    request: Request,
    application: NamedDependency[Application],
    dry_run: FromQuery[bool] = False,
    encoding: FromQuery[str] = "",
) -> dict[str, Any]:
    """File a packed file, in UTF-8 or in the `encoding` that is named.

    With any fault it is refused whole and every fault is said; a file already taken changes nothing."""
    operator = await operator_of(request, application)
    with application.file_place(operator) as place:  # before a byte is read: who has it sends one file, however slowly
        if isinstance(place, Refused):
            raise RefusedError(place)
        async with received(request, application, operator) as file:
            result = await application.take_file(place, operator, file, dry_run=dry_run, encoding=encoding)
    if isinstance(result, Refused):
        raise RefusedError(result)
    if isinstance(result, FileRefused):
        raise RefusedError(result.refused, result.faults, result.fault_count)
    return {"rows": result.rows, "stored": result.stored, "digest": result.digest, "dry_run": result.dry_run}


@get("/filings/{handle:str}", summary="A filing's state, for its operator")
async def filing(handle: FromPath[str], request: Request, application: NamedDependency[Application]) -> Public:
    """The operator's own record by its handle, with its duties today."""
    return _public(_found(await application.by_handle(await operator_of(request, application), handle)))


@get("/filings/{handle:str}/duties", summary="The duties of a filing")
async def filing_duties(
    handle: FromPath[str], request: Request, application: NamedDependency[Application]
) -> list[dict[str, Any]]:
    """What the rule asks of this record today: each duty, its state and due date."""
    return _public(_found(await application.by_handle(await operator_of(request, application), handle))).duties


@get("/filings/{handle:str}/receipts/{version:int}", summary="A receipt, for its operator", media_type=MediaType.TEXT)
async def filing_receipt(
    handle: FromPath[str], version: FromPath[int], request: Request, application: NamedDependency[Application]
) -> Response[bytes]:
    """The receipt of one fact of the operator's own record."""
    record = _found(await application.by_handle(await operator_of(request, application), handle))
    return await _receipt(application, record, version)


@post("/record", status_code=200, summary="A filing's state, for whoever holds its code")
async def record(data: JSONBody[Coded], request: Request, application: NamedDependency[Application]) -> Public:
    """The record that a filing code opens."""
    return _public(await _opened(data, request, application))


@post("/receipt", status_code=200, summary="A receipt, for whoever holds the code", media_type=MediaType.TEXT)
async def receipt(
    data: JSONBody[Coded], request: Request, application: NamedDependency[Application]
) -> Response[bytes]:
    """The receipt of one fact of the record that a filing code opens."""
    return await _receipt(application, await _opened(data, request, application), data.version)


async def _opened(code: Coded, request: Request, application: Application) -> Record:
    return _found(await application.ask(filing_code.open_by_code, code.code, source_of(request), code.proof))


@get("/rule", summary="The roll's rule")
async def rule(application: NamedDependency[Application]) -> dict[str, Any]:
    """The rule the roll is under, whole."""
    return {"name": application.roll.rule_name, "rule": plain(application.roll.rule)}


@get("/figures", summary="The public figures")
async def figures(application: NamedDependency[Application]) -> dict[str, Any]:
    """What the roll counts: events by name (recountable from the log), living subscriptions by district, kind and operator."""
    counted: dict[str, Any] = msgspec.to_builtins(await application.figures())
    return counted


@get("/log", summary="The log's head and keys")
async def log(application: NamedDependency[Application]) -> dict[str, Any]:
    """The newest published head of the log, its public keys, what keeps it if it stands still, whether the roll is held."""
    head = application.log_head()
    return {
        "origin": application.roll.origin,
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
    )


async def _receipt(application: Application, record: Record, version: int) -> Response[bytes]:
    proof = await application.receipt(record.number, version)
    if isinstance(proof, Refused):
        raise RefusedError(proof)
    name = f"{record.code.replace(' ', '')[:4] or 'receipt'}-{version}.tlog-proof"
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
    return Response(proof, media_type="text/plain; charset=utf-8", headers=headers)


def _not_kept(answer: Response[Any]) -> Response[Any]:
    """Nothing between the roll and a program keeps an answer: most hold a filing code."""
    answer.headers.setdefault("cache-control", "no-store")
    return answer


api_handlers: tuple[ControllerRouterHandler, ...] = (
    Router(
        "/api/v1",
        route_handlers=[
            file_one,
            file_many,
            filing,
            filing_duties,
            filing_receipt,
            waiting,
            words,
            record,
            receipt,
            rule,
            figures,
            log,
        ],
        exception_handlers=exception_handlers,
        after_request=_not_kept,
    ),
    *log_handlers,
)
"""All routes of the API and of the log's files."""
