"""Requests that no browser sends, byte by byte at a real server: refused or answered, never misread, never a fault of ours."""

import re
import socket
from urllib.parse import urlsplit

import pytest

from openroll.service.roll import Roll

HOST = b"Host: localhost\r\n"
POST = b"POST /en/find HTTP/1.1\r\n" + HOST
GET = b"GET /en/find HTTP/1.1\r\n" + HOST
SMUGGLED = b"GET /metrics HTTP/1.1\r\n" + HOST + b"\r\n"

REFUSED = {
    "length and chunks": POST + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
    "two lengths": POST + b"Content-Length: 4\r\nContent-Length: 40\r\n\r\na=bb" + SMUGGLED,
    "a signed length": POST + b"Content-Length: +4\r\n\r\na=bb",
    "another coding": POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "a coding after chunks": POST + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    "a space before the colon": GET + b"X : y\r\n\r\n",
    "a folded header": GET + b"X: y\r\n z\r\n\r\n",
    "a header of 2 MB": GET + b"X: " + b"a" * 2_000_000 + b"\r\n\r\n",
    "six hundred headers": GET + b"".join(b"X-%d: a\r\n" % n for n in range(600)) + b"\r\n",
    "CONNECT": b"CONNECT evil.example:443 HTTP/1.1\r\n" + HOST + b"\r\n",
    "TRACE": b"TRACE /en/find HTTP/1.1\r\n" + HOST + b"\r\n",
    "PURGE": b"PURGE /en/find HTTP/1.1\r\n" + HOST + b"\r\n",
    "out of the static folder": b"GET /static/..%2f..%2fapp.py HTTP/1.1\r\n" + HOST + b"\r\n",
    "out of it by dots": b"GET /static/../../app.py HTTP/1.1\r\n" + HOST + b"\r\n",
    "an absolute path in it": b"GET /static//etc/passwd HTTP/1.1\r\n" + HOST + b"\r\n",
    "the folder itself": b"GET /static/build/ HTTP/1.1\r\n" + HOST + b"\r\n",
    "out of the tiles": b"GET /log/tile/0/../../../../keys/filing-codes.key HTTP/1.1\r\n" + HOST + b"\r\n",
    "out of them, encoded": b"GET /log/tile/0/%2e%2e/%2e%2e/keys/filing-codes.key HTTP/1.1\r\n" + HOST + b"\r\n",
    "broken percents": b"GET /en/%zz%ff%fe HTTP/1.1\r\n" + HOST + b"\r\n",
    "a token of other bytes": b"GET /api/v1/filings/x HTTP/1.1\r\n" + HOST + b"Authorization: Bearer \xff\xfe\r\n\r\n",
    "a boundary of other bytes": POST + b"Content-Type: multipart/form-data; boundary=\xff\r\nContent-Length: 4\r\n\r\na=bb",
    "a packed body": b"POST /api/v1/record HTTP/1.1\r\n" + HOST
    + b"Content-Type: application/json\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}",
    "JSON without end": b"POST /api/v1/record HTTP/1.1\r\n" + HOST
    + b"Content-Type: application/json\r\nContent-Length: 900000\r\n\r\n" + b"[" * 900_000,
    "HTTP/2 by surprise": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00",
}  # fmt: skip
ODD = {
    "no host": b"GET /en/find HTTP/1.1\r\n\r\n",
    "another host": b"GET http://evil.example/en/mine HTTP/1.1\r\n" + HOST + b"\r\n",
    "HTTP/1.0": b"GET /en/find HTTP/1.0\r\n\r\n",
    "bytes in a query": b"GET /en/what-if?rule=%ff%fe&city=%00 HTTP/1.1\r\n" + HOST + b"\r\n",
    "bytes in cookies": GET + b"Cookie: __Host-session=\xff\xfe; __Host-csrf=\xc3\x28\r\n\r\n",
    "bytes in a language": b"GET / HTTP/1.1\r\n" + HOST + b"Accept-Language: \xff\xfe\r\n\r\n",
    "absurd ranges": b"GET /static/mark.svg HTTP/1.1\r\n" + HOST + b"Range: bytes="
    + b",".join(b"%d-%d" % (n, n + 1) for n in range(2_000)) + b"\r\n\r\n",
    "another method in a header": b"GET /en/sign-out HTTP/1.1\r\n" + HOST + b"X-HTTP-Method-Override: POST\r\n\r\n",
}  # fmt: skip


def answered(address: str, data: bytes) -> tuple[list[int], bytes]:
    """The statuses of what comes back for some bytes, and all of it; empty where the connection is closed without a word."""
    parts = urlsplit(address)
    with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=5) as stream:
        got = b""
        try:
            stream.sendall(data)
            while part := stream.recv(65_536):
                got += part
                stream.settimeout(0.3)  # what else comes of these bytes comes at once
        except OSError:
            pass
    return [int(found) for found in re.findall(rb"^HTTP/1\.[01] (\d{3})", got, re.MULTILINE)], got


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_no_honest_request_is_refused(served: tuple[str, Roll], what: str) -> None:
    """One answer of 4xx or none: nothing behind it is taken for a request of its own, and nothing of ours is shown."""
    statuses, got = answered(served[0], REFUSED[what])
    assert len(statuses) <= 1
    assert all(400 <= one < 500 for one in statuses), got[:300]
    assert b"openroll_log_size" not in got
    assert b"Traceback" not in got


@pytest.mark.parametrize("what", ODD)
def test_what_is_only_odd_is_answered(served: tuple[str, Roll], what: str) -> None:
    """Odd bytes where a visitor may write what they like are a page, a redirect or a refusal: never a fault."""
    statuses, got = answered(served[0], ODD[what])
    assert statuses
    assert statuses[0] < 500, got[:300]
    assert b"Traceback" not in got
