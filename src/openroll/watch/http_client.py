"""HTTP clients for asking logs, mirrors and witnesses: made in one place, with one deadline for a whole request.

httpx2 counts its time anew for each step: whoever drips the headers of an answer, sends interim answers (1xx) without end or
a chunk's extension byte by byte keeps a blocking client for ever. What runs on an event loop can be given up at any byte; so
even those who wait in plain threads ask through the loop here.

No proxy is used because a variable of the environment says so: who asks whom is seen in the command. `OPENROLL_PROXY` names one
for all that is asked (`http://proxy.example:3128`).
"""

import asyncio
import os
import ssl
import threading
from collections.abc import Coroutine
from functools import cache
from typing import Any, TypeVar

import httpx2

PROXY = "OPENROLL_PROXY"
"""The variable that names a proxy."""
UNUSED = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "https_proxy", "http_proxy", "all_proxy")
"""Variables that other programs take a proxy from."""
T = TypeVar("T")


class _NoProxy(httpx2.AsyncBaseTransport):
    """Refuses every request: what OPENROLL_PROXY names is no proxy, and nobody is asked past it."""

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        raise httpx2.ProxyError(f"{PROXY} names no proxy that can be used", request=request)


@cache
def _certificates() -> ssl.SSLContext:
    """Those of the machine, or what SSL_CERT_FILE or SSL_CERT_DIR names."""
    return httpx2.create_ssl_context()


def new_client(timeout: float, *, connections: int = 16) -> httpx2.AsyncClient:
    """A client that follows no redirect and takes no proxy but OPENROLL_PROXY; `timeout` is in seconds, for each step."""
    limits = httpx2.Limits(max_connections=connections, max_keepalive_connections=connections)
    try:
        proxy = httpx2.Proxy(os.environ[PROXY]) if os.environ.get(PROXY) else None
        if proxy is not None and (proxy.url.scheme not in ("http", "https") or not proxy.url.host):
            raise ValueError(PROXY)
    except (ValueError, httpx2.InvalidURL):
        return httpx2.AsyncClient(transport=_NoProxy(), trust_env=False)
    return httpx2.AsyncClient(
        timeout=timeout, limits=limits, follow_redirects=False, trust_env=False, verify=_certificates(), proxy=proxy
    )


def about_proxies() -> str:
    """What to add to a sentence that somebody cannot be reached: which proxy was used, or which was not."""
    if os.environ.get(PROXY):
        return f" (asked through the proxy that {PROXY} names)"
    unused = [name for name in UNUSED if os.environ.get(name)]
    return f" ({unused[0]} is set and not used; to ask through a proxy, set {PROXY})" if unused else ""


class _Loop:
    """An event loop in a daemon thread of its own, begun when it is first needed and again behind a fork."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process = 0
        self._loop: asyncio.AbstractEventLoop | None = None

    def running(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None or self._process != os.getpid():
                self._loop, self._process = asyncio.new_event_loop(), os.getpid()
                threading.Thread(target=self._loop.run_forever, name="asking over HTTP", daemon=True).start()
            return self._loop


_LOOP = _Loop()


def wait_for(work: Coroutine[Any, Any, T], seconds: float) -> T:
    """Run a coroutine on the client's event loop and give its result; raises TimeoutError after so many seconds."""

    async def bounded() -> T:
        async with asyncio.timeout(seconds):
            return await work

    waited = asyncio.run_coroutine_threadsafe(bounded(), _LOOP.running())
    try:
        return waited.result()
    except BaseException:
        waited.cancel()
        raise


def post(address: str, data: Any, *, seconds: float, most: int = 100_000) -> None:
    """POST JSON (a hook); reads `most` bytes of the answer. Raises httpx2.HTTPError unless 2xx comes within so many seconds."""

    async def send() -> None:
        async with new_client(seconds) as client, client.stream("POST", address, json=data) as response:
            response.raise_for_status()
            got = 0
            async for part in response.aiter_raw():
                got += len(part)
                if got > most:
                    return

    try:
        wait_for(send(), seconds)
    except TimeoutError as error:
        raise httpx2.ReadTimeout(f"no whole answer within {seconds:g} seconds") from error
