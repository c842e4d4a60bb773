"""The witness on HTTP: add-checkpoint, the monitoring address, its keys, its figures. It carries bytes and decides nothing."""

import asyncio
from collections.abc import Sequence
from typing import Any

from litestar import Litestar, Request, Response, get, post
from litestar.exceptions import HTTPException
from litestar.params import FromPath

from openroll.tlog.witnessing import MOST_REQUEST, TEXT_TYPE, Answer
from openroll.watch.witness.witness import Witness

_FRESH = {"cache-control": "no-store"}


def application(witness: Witness, keys: Sequence[str], *, behind_proxy: bool = False) -> Litestar:
    """The witness's server. `keys` are its verifier keys, shown at `/keys`; `behind_proxy` believes X-Forwarded-For's last."""

    @post("/add-checkpoint", media_type="text/plain", status_code=200)
    async def add_checkpoint(request: Request[Any, Any, Any]) -> Response[bytes]:
        """Cosign a checkpoint that goes on from the last (tlog-witness, "add-checkpoint")."""
        body = await request.body()
        answer = await asyncio.to_thread(witness.add_checkpoint, body, _source(request, behind_proxy))
        if isinstance(answer, Answer):
            # Said as a header: a media type would get a charset behind it, which no client expects of text/x.tlog.size.
            headers = _FRESH | {"content-type": answer.media_type}
            return Response(answer.body.encode(), status_code=answer.status, headers=headers)
        return Response(answer.lines, media_type=TEXT_TYPE, headers=_FRESH)

    @get("/{hashed:str}/checkpoint", media_type="text/plain", sync_to_thread=True)
    def checkpoint(hashed: FromPath[str]) -> Response[bytes]:
        """The last checkpoint cosigned of a log (tlog-witness, "Monitor Retrieval Mechanism")."""
        note = witness.checkpoint(hashed)
        if note is None:
            return Response(
                b"nothing was cosigned for that log\n", status_code=404, media_type=TEXT_TYPE, headers=_FRESH
            )
        return Response(
            note, media_type=TEXT_TYPE, headers={"access-control-allow-origin": "*", "cache-control": "max-age=2"}
        )

    @get("/keys", media_type="text/plain", sync_to_thread=False)
    def own_keys() -> str:
        """The witness's verifier keys, one a line."""
        return "".join(f"{key}\n" for key in keys)

    @get("/metrics", media_type="text/plain; version=0.0.4", sync_to_thread=False)
    def metrics() -> bytes:
        """The witness's figures, for Prometheus."""
        return witness.metrics.text()

    return Litestar(
        [add_checkpoint, checkpoint, own_keys, metrics],
        request_max_body_size=MOST_REQUEST,
        openapi_config=None,
        exception_handlers={HTTPException: _plain},
    )


def _source(request: Request[Any, Any, Any], behind_proxy: bool) -> str:
    if behind_proxy:
        return request.headers.get("x-forwarded-for", "").rpartition(",")[2].strip() or "unknown"
    return request.client.host if request.client else "unknown"


def _plain(_: Request[Any, Any, Any], error: HTTPException) -> Response[str]:
    """A fault of the request in a line of text, as everything here."""
    return Response(f"{error.detail}\n", status_code=error.status_code, media_type=TEXT_TYPE)
