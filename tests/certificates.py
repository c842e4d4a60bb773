"""The certificates of authorities, read once for all the HTTP clients of a process of the tests.

httpx reads some 140 of them for each client, also for one that will speak plain HTTP: 28 ms of a processor for every `httpx.get`
and every `Visitor`. What may differ from client to client is asked for as before.
"""

import os
import ssl
from functools import cache
from typing import Any

from httpx import create_ssl_context
from httpx._transports import default


@cache
def _context(verify: Any, cert: Any, trust_env: bool, *_: str | None) -> ssl.SSLContext:
    return create_ssl_context(verify, cert, trust_env)


def _shared_context(verify: Any = True, cert: Any = None, trust_env: bool = True) -> ssl.SSLContext:
    return _context(verify, cert, trust_env, os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"))


def read_once() -> None:
    """Have every client of this process that asks for the same certificates share one context."""
    default.create_ssl_context = _shared_context  # type: ignore[attr-defined] # imported there, and called by that name
