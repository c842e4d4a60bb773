"""Sites of organisations as data: the directory as a file, and what changes in it by position in the public log."""

import asyncio
import hashlib
import tempfile
from collections.abc import AsyncGenerator, Callable
from contextlib import ExitStack, aclosing
from functools import partial
from typing import Annotated, Any, Literal

import litestar
import msgspec
from litestar import Response, get
from litestar.di import NamedDependency
from litestar.openapi import ResponseSpec
from litestar.params import QueryParameter
from litestar.response import Stream

from openroll.api.openapi import problems
from openroll.api.problems import RefusedError
from openroll.register.decision import Refused
from openroll.register.refusals import RequestShape
from openroll.register.site.decay import Counted
from openroll.service.application import Application
from openroll.service.roll import Roll
from openroll.service.sites import changes, files
from openroll.service.sites.files import Lot
from openroll.service.sites.look_ups import LOOKS_UP
from openroll.traffic import networks, request_address

Request = litestar.Request[Any, Any, Any]
LONGEST = 900.0
"""Seconds that one file takes at most, however slowly it is fetched."""
_PIECE = 262_144
_CHANGES = "/api/v1/sites/changes"
NDJSON = "application/x-ndjson"
FORMS = {"csv": "text/csv", "ndjson": NDJSON, "parquet": "application/vnd.apache.parquet"}
LIMITED = {LOOKS_UP: True}
Position = Annotated[int, QueryParameter(ge=0, le=2**62)]
_FOR_ALL = {"access-control-allow-origin": "*", "access-control-expose-headers": "link, etag"}


async def _file(form: Literal["csv", "ndjson", "parquet"], request: Request, application: Application) -> Response[Any]:
    """The directory in a form, unless the asker has it."""
    version = await application.ask(files.version)
    tag = f'W/"{form}-{hashlib.sha256(version.tag.encode()).hexdigest()[:24]}"'
    headers = _FOR_ALL | {"etag": tag, "cache-control": "public, no-cache"}
    headers["link"] = f'<{_CHANGES}?since={version.position}>; rel="related"; title="what changed since"'
    if tag in [one.strip() for one in request.headers.get("if-none-match", "").split(",")]:
        return Response(b"", status_code=304, headers=headers)
    headers["content-disposition"] = f'attachment; filename="sites.{form}"'
    parts = _parts(form, request, application)
    first = await anext(parts)  # who is refused is told so before anything is sent
    return Stream(_with(first, parts), media_type=FORMS[form], headers=headers)


async def _with(first: bytes, rest: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
    async with aclosing(rest):
        yield first
        async for part in rest:
            yield part


async def _parts(form: str, request: Request, application: Application) -> AsyncGenerator[bytes]:
    """The bytes of a file, as long as its reader holds a place: given back at the end, or when it took too long."""
    executor, roll = application.executors.sites, application.roll
    owner = networks(request_address(request.scope, request.app.state.proxies))[0]
    loop = asyncio.get_running_loop()
    with ExitStack() as stack:
        place = stack.enter_context(executor.place(owner))
        if isinstance(place, Refused):
            raise RefusedError(place)
        late = loop.call_later(LONGEST, stack.close)
        stack.callback(late.cancel)
        until = loop.time() + LONGEST
        parts = _parquet(roll, executor.work) if form == "parquet" else _lines(form, roll, executor.work)
        async with aclosing(parts):
            async for part in parts:
                yield part
                if loop.time() > until:
                    raise TimeoutError("the file was fetched too slowly")


Work = Callable[[Callable[[], Any]], Any]


async def _lines(form: str, roll: Roll, work: Work) -> AsyncGenerator[bytes]:
    make = files.csv_lot if form == "csv" else files.ndjson_lot
    yield files.csv_head() if form == "csv" else b""
    lot = Lot(b"", 0)
    while lot.last is not None:
        lot = await work(partial(make, roll, lot.last))
        yield lot.data


async def _parquet(roll: Roll, work: Work) -> AsyncGenerator[bytes]:
    with tempfile.TemporaryFile() as file:
        yield b""
        await work(partial(files.write_parquet, roll, file))
        await work(partial(file.seek, 0))
        while piece := await work(partial(file.read, _PIECE)):
            yield piece


def _described(form: str) -> Any:
    said = ResponseSpec(bytes, generate_examples=False, description="The directory.", media_type=FORMS[form])
    return problems() | {200: said}


@get(
    "/sites.csv",
    summary="The directory of sites as CSV",
    responses=_described("csv"),
    media_type="text/csv",
    opt=LIMITED,
)
async def sites_csv(request: Request, application: NamedDependency[Application]) -> Response[Any]:
    """Every site of an organisation, with the position in the log of its newest fact. `Link`: from where `changes` goes on."""
    return await _file("csv", request, application)


@get(
    "/sites.ndjson",
    summary="The directory of sites as NDJSON",
    responses=_described("ndjson"),
    media_type=NDJSON,
    opt=LIMITED,
)
async def sites_ndjson(request: Request, application: NamedDependency[Application]) -> Response[Any]:
    """The same, an object a line."""
    return await _file("ndjson", request, application)


@get("/sites.parquet", summary="The directory of sites as Parquet", responses=_described("parquet"), opt=LIMITED)
async def sites_parquet(request: Request, application: NamedDependency[Application]) -> Response[Any]:
    """The same, as a table with types."""
    return await _file("parquet", request, application)


class Read(msgspec.Struct):
    """The last line: the position from which the next answer goes on, and the log's length. Where they are alike, all is read."""

    next: int
    size: int


@get(
    "/sites/changes",
    summary="What changed in sites, by position in the log",
    media_type=NDJSON,
    opt=LIMITED,
    responses=problems()
    | {200: ResponseSpec(bytes, generate_examples=False, description="Lines of JSON.", media_type=NDJSON)},
)
async def site_changes(application: NamedDependency[Application], since: Position = 0) -> Response[bytes]:
    """A line a fact, from the position `since` on, and a last one that says from where to go on. Only what is in the log."""
    found = await application.ask(changes.changes, since)
    if found is None:
        detail = "the log has not so many entries: `since` is a `next` of this log, or 0"
        raise RefusedError(Refused(RequestShape(detail=detail)))
    lines = [msgspec.json.encode(line) for line in (*found.facts, Read(found.next, found.size))]
    headers = _FOR_ALL | {"cache-control": "public, no-cache", "link": f'<{_CHANGES}?since={found.next}>; rel="next"'}
    return Response(b"\n".join(lines) + b"\n", media_type=NDJSON, headers=headers)


@get("/sites/figures", summary="How many sites there are and went", responses=problems(), opt=LIMITED)
async def site_figures(application: NamedDependency[Application]) -> Counted:
    """By year of filing and state, and by age: what the first `size` entries of the log count to on a day, for anybody to count
    again."""
    return await application.site_figures()


site_data_handlers = [sites_csv, sites_ndjson, sites_parquet, site_changes, site_figures]
"""The routes of sites as data."""
