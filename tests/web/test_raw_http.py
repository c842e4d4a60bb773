"""Requests as no browser sends them: each gets one plain answer or none, and none leads out of the pages."""

import socket
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest

from openroll.service.roll import Roll

HOST = b"Host: localhost\r\n"
CLOSE = HOST + b"Connection: close\r\n"


def get(path: bytes, headers: bytes = CLOSE, method: bytes = b"GET") -> bytes:
    """A request."""
    return method + b" " + path + b" HTTP/1.1\r\n" + headers + b"\r\n"


def post(path: bytes, headers: bytes, body: bytes) -> bytes:
    """A request with a body."""
    return b"POST " + path + b" HTTP/1.1\r\n" + HOST + headers + b"\r\n" + body


FIND, RECORD = b"/en/find", b"/api/v1/record"
JSON = b"Content-Type: application/json\r\n"
SMUGGLED = get(b"/metrics")
RANGES = b",".join(b"%d-%d" % (n, n + 1) for n in range(2_000))
FORM = b"Content-Length: 4\r\nContent-Type: "
KEYED = b"Idempotency-Key: \xff\r\nConnection: close\r\nContent-Length: 2\r\n"
REQUESTS = {
    "two lengths": post(FIND, b"Content-Length: 4\r\nContent-Length: 40\r\n", b"a=bb" + SMUGGLED),
    "a signed length": post(FIND, b"Content-Length: +4\r\n", b"a=bb" + SMUGGLED),
    "an unknown coding": post(FIND, b"Transfer-Encoding: xchunked\r\n", b"0\r\n\r\n" + SMUGGLED),
    "chunked that does not come last": post(FIND, b"Transfer-Encoding: chunked, identity\r\n", b"0\r\n\r\n" + SMUGGLED),
    "a blank before the colon": get(FIND, HOST + b"X : y\r\n"),
    "a folded header": get(FIND, HOST + b"X: y\r\n z\r\n"),
    "bare line feeds": b"GET /en/find HTTP/1.1\nHost: localhost\nConnection: close\n\n",
    "no host": get(FIND, b""),
    "two hosts": get(FIND, b"Host: a\r\nHost: b\r\n"),
    "another site's address": get(b"http://evil.example/en/mine"),
    "CONNECT": get(b"evil.example:443", method=b"CONNECT"),
    "TRACE": get(FIND, method=b"TRACE"),
    "PURGE": get(FIND, method=b"PURGE"),
    "HTTP/1.0": b"GET /en/find HTTP/1.0\r\n\r\n",
    "a header of 100 kB": get(FIND, HOST + b"X: " + b"a" * 100_000 + b"\r\n"),
    "a header of 2 MB": get(FIND, HOST + b"X: " + b"a" * 2_000_000 + b"\r\n"),
    "600 headers": get(FIND, HOST + b"".join(b"X-%d: a\r\n" % n for n in range(600))),
    "a path of 70 kB": get(b"/en/" + b"a/" * 35_000),
    "HTTP/2 at once": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00",
    "2,000 ranges": get(b"/static/mark.svg", CLOSE + b"Range: bytes=" + RANGES + b"\r\n"),
    "another method by header": get(b"/en/sign-out", CLOSE + b"X-HTTP-Method-Override: POST\r\n"),
    "a bad percent": get(b"/en/%zz%ff%fe"),
    "a query that is not UTF-8": get(b"/en/what-if?rule=%ff%fe&city=%00"),
    "a cookie that is not UTF-8": get(FIND, CLOSE + b"Cookie: __Host-session=\xff\xfe; __Host-csrf=\xc3\x28\r\n"),
    "a token that is not UTF-8": get(b"/api/v1/filings/x", CLOSE + b"Authorization: Bearer \xff\xfe\r\n"),
    "a key that is not UTF-8": post(b"/api/v1/filings", KEYED, b"{}"),
    "a language that is not UTF-8": get(b"/", CLOSE + b"Accept-Language: \xff\xfe\r\n"),
    "a boundary that is not ASCII": post(FIND, FORM + b"multipart/form-data; boundary=\xff\r\n", b"a=bb"),
    "UTF-7": post(RECORD, b"Content-Type: application/json; charset=utf-7\r\nContent-Length: 2\r\n", b"{}"),
    "rot13": post(
        FIND, b"Content-Type: application/x-www-form-urlencoded; charset=rot13\r\nContent-Length: 4\r\n", b"a=bb"
    ),
    "a gzip that is none": post(RECORD, JSON + b"Content-Encoding: gzip\r\nContent-Length: 2\r\n", b"{}"),
    "JSON 900,000 deep": post(RECORD, JSON + b"Content-Length: 900000\r\n", b"[" * 900_000),
    "a number of 900,000 digits": post(
        RECORD, JSON + b"Content-Length: 900011\r\n", b'{"version":' + b"9" * 899_999 + b"}"
    ),
    "half a surrogate": post(RECORD, JSON + b"Content-Length: 18\r\n", b'{"code":"\\ud800x"}'),
    "MessagePack": post(RECORD, b"Content-Type: application/x-msgpack\r\nContent-Length: 4\r\n", b"\x81\xa4co"),
}
LEADING_OUT = [
    b"/static/..%2f..%2fapp.py",
    b"/static/../../app.py",
    b"/static//etc/passwd",
    b"/static/..\\..\\app.py",
    b"/static/build/",
    b"/log/tile/0/../../../../keys/filing-codes.key",
    b"/log/tile/0/%2e%2e/%2e%2e/%2e%2e/keys/filing-codes.key",
]


def answered(address: str, data: bytes) -> bytes:
    """All that comes back within a second and a half; a connection that is closed or reset has said what it said."""
    where = urlsplit(address)
    got = b""
    with socket.create_connection((where.hostname or "", where.port or 80), timeout=1.5) as connection:
        try:
            connection.sendall(data)
            while part := connection.recv(65_536):
                got += part
        except OSError:
            pass
    return got


def statuses(answer: bytes) -> list[int]:
    """The statuses of the answers on one connection, but for interim ones."""
    heads = [line.split(b" ")[1] for line in answer.split(b"\r\n") if line.startswith(b"HTTP/1.")]
    return [int(one) for one in heads if not one.startswith(b"1")]


@pytest.fixture(scope="module")
def answers(served: tuple[str, Roll]) -> dict[str, bytes]:
    """What comes back for each, all asked at once."""
    with ThreadPoolExecutor(16) as pool:
        found = pool.map(lambda data: answered(served[0], data), REQUESTS.values())
        return dict(zip(REQUESTS, found, strict=True))


@pytest.mark.parametrize("name", REQUESTS)
def test_one_plain_answer_or_none(answers: dict[str, bytes], name: str) -> None:
    """No fault of the server's own, and never a second answer: what stands behind a request is no request."""
    found = statuses(answers[name])
    assert len(found) <= 1
    assert all(status < 500 or status in (501, 505) for status in found)
    assert b"openroll_" not in answers[name]  # what /metrics says, had it been smuggled in


def test_no_path_leads_out(served: tuple[str, Roll]) -> None:
    """No way of writing a path gives a file that is not published."""
    for path in LEADING_OUT:
        answer = answered(served[0], get(path))
        assert all(status in (301, 302, 303, 307, 308, 400, 404, 405) for status in statuses(answer)), path
        assert b"root:" not in answer
        assert b"import" not in answer


def test_the_server_goes_on(served: tuple[str, Roll], answers: dict[str, bytes]) -> None:
    """After all of them a page is served as before."""
    assert answers
    assert statuses(answered(served[0], get(FIND))) == [200]


def test_no_other_protocol_is_spoken(answers: dict[str, bytes]) -> None:
    """HTTP/2, whose heads have no bound here, is answered in HTTP/1 or not at all: no frame of settings comes back."""
    answer = answers["HTTP/2 at once"]
    assert answer == b"" or answer.startswith(b"HTTP/1.1 4")
