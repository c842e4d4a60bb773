"""The certificates of authorities, read once for all the HTTP clients of a process of the tests.

A client reads some 140 of them when it is made, also one that will speak plain HTTP: 28 ms of a processor for every `get` and
every `Visitor`. What may differ from client to client is asked for as before.

Openroll asks by httpx2; what the tests ask in this process goes through Litestar's own client, which is one of httpx.
"""

import os
import ssl
from collections.abc import Callable
from functools import cache, partial
from typing import Any

import httpx
import httpx._transports.default
import httpx2
import httpx2._transports.default


@cache
def _context(make: Callable[..., ssl.SSLContext], verify: Any, cert: Any, trust_env: bool, *_: str | None) -> Any:
    return make(verify, cert, trust_env)


def _shared_context(
    make: Callable[..., ssl.SSLContext], verify: Any = True, cert: Any = None, trust_env: bool = True
) -> Any:
    return _context(make, verify, cert, trust_env, os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"))


def read_once() -> None:
    """Have every client of this process that asks for the same certificates share one context."""
    for library, inner in ((httpx, httpx._transports.default), (httpx2, httpx2._transports.default)):
        # Imported there, and called by that name.
        inner.create_ssl_context = partial(_shared_context, library.create_ssl_context)  # type: ignore[attr-defined]
