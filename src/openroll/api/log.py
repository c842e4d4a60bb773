"""The log's public files at their C2SP paths (tlog-tiles), straight from disk, with the headers the specification asks for."""

from pathlib import Path
from typing import Any

import msgspec
from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.openapi import ResponseSpec
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from openroll.api.metrics import CONTENT_TYPE, Troubles, exposition
from openroll.api.openapi import problems
from openroll.service import grants, work
from openroll.service.application import Application
from openroll.service.identity import throttle
from openroll.service.log.handovers import history
from openroll.service.log.publishing import publishing
from openroll.service.log.witness_status import measure, policy_text
from openroll.service.recovery import durability, following
from openroll.service.requests import notices
from openroll.tlog import KEY_HISTORY, TlogError, parse_tile_path

_IMMUTABLE = {"cache-control": "public, max-age=31536000, immutable", "access-control-allow-origin": "*"}
_FRESH = {"cache-control": "public, max-age=2", "access-control-allow-origin": "*"}
_MISSING = {"cache-control": "no-store", "access-control-allow-origin": "*"}
"""A cached 404 would hide a tile that comes a moment later."""


@get("/log/checkpoint", media_type="text/plain", include_in_schema=True, sync_to_thread=False)
def checkpoint(application: NamedDependency[Application]) -> Response[bytes]:
    """The signed checkpoint; may be cached for two seconds."""
    return _file(application, "checkpoint", "text/plain", _FRESH)


_NO_FILE = ResponseSpec(str, generate_examples=False, description="There is no such file.", media_type="text/plain")


@get(
    "/log/tile/{rest:path}",
    media_type="application/octet-stream",
    sync_to_thread=False,
    responses=problems(only=(400,)) | {404: _NO_FILE},
)
def tile(rest: FromPath[Path], application: NamedDependency[Application]) -> Response[bytes]:
    """A tile or an entry bundle, immutable; only canonical paths are known."""
    path = f"tile/{rest.as_posix().lstrip('/')}"
    try:
        parse_tile_path(path)
    except TlogError:
        return Response(b"there is no such tile\n", status_code=404, media_type="text/plain", headers=_MISSING)
    return _file(application, path, "application/octet-stream", _IMMUTABLE)


@get("/log/keys", media_type="text/plain", sync_to_thread=False)
def keys(application: NamedDependency[Application]) -> Response[str]:
    """The log's public keys, one a line: what receipts are checked with."""
    application.log_keys()
    return Response(
        "".join(f"{key}\n" for key in application.roll.keys.verifier_keys), media_type="text/plain", headers=_FRESH
    )


@get(["/log/keys/history", f"/log/{KEY_HISTORY}"], media_type="application/json")
async def keys_history(application: NamedDependency[Application]) -> Response[bytes]:
    """Which keys signed from which size on, and for each change a receipt that proves it under the keys before.

    Under two names: the second one is for programs, and is what a copy of files can have beside `/log/keys`.
    """
    told = await application.ask(history)
    return Response(msgspec.json.encode(told), media_type="application/json", headers=_FRESH)


@get("/log/policy", media_type="text/plain", sync_to_thread=False)
def policy(request: Request[Any, Any, Any], application: NamedDependency[Application]) -> Response[bytes]:
    """The policy receipts are verified under (C2SP tlog-policy): the log's keys, its witnesses and their quorum."""
    text = policy_text(application.roll, request.app.state.place.origin)
    return Response(text, media_type="text/plain", headers=_FRESH)


@get("/metrics", media_type="text/plain", include_in_schema=False)
async def metrics(request: Request[Any, Any, Any], application: NamedDependency[Application]) -> Response[bytes]:
    """The log in numbers, and how full the throttles are, for Prometheus."""
    meter = await application.ask(measure)
    filled = await application.ask(
        throttle.filled,
        (
            throttle.OPENING,
            throttle.LOOKING,
            throttle.REFERRING,
            throttle.LOOKING_OPERATORS,
            throttle.ASKING_BY_CODE,
            throttle.filing_limits(request.app.state.filings_alone),
            grants.TAKING_BACK,
            grants.SHOWING,
        ),
    )
    late = await application.ask(notices.lateness)
    copied = await application.ask(following.oldest_copy)
    text = exposition(
        meter,
        application.roll.policy,
        application.witness_failures,
        filled,
        await application.ask(work.backlog),
        troubles=Troubles(bool(application.trouble), bool(application.uploads_trouble), application.held, late, copied),
        durability=await application.ask(durability.measure),
        stands=await application.ask(publishing),
    )
    return Response(text, media_type=CONTENT_TYPE, headers={"cache-control": "no-store"})


def _file(application: Application, path: str, media_type: str, headers: dict[str, str]) -> Response[bytes]:
    try:
        data = (application.roll.public / path).read_bytes()
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        return Response(b"not there (yet)\n", status_code=404, media_type="text/plain", headers=_MISSING)
    return Response(data, media_type=media_type, headers=headers)


log_handlers: tuple[ControllerRouterHandler, ...] = (checkpoint, tile, keys, keys_history, policy, metrics)
