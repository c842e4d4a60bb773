"""Hostile requests to pages and API: each is answered below 500, in the form of its face, and changes nothing."""

import json
import re
import urllib.error
import urllib.request

import pytest

from openroll.compose.server import MOST_BODY
from openroll.service.identity.api_tokens import issue_token
from openroll.service.roll import Roll
from tests.web.visitor import Visitor

DEEP = b"[" * 100_000
HOSTILE: dict[str, tuple[str, str, dict[str, str], bytes | None]] = {
    "a language that is none": ("GET", "/xx/", {}, None),
    "an act that is none": ("POST", "/en/record/delete", {}, b"code=1"),
    "a form without its token": (
        "POST",
        "/en/file",
        {"content-type": "application/x-www-form-urlencoded"},
        b"kind=household",
    ),
    "a form in no encoding": (
        "POST",
        "/zh/find",
        {"content-type": "application/x-www-form-urlencoded"},
        b"code=%ff%fe\xff",
    ),
    "a form that is JSON": ("POST", "/en/find", {"content-type": "application/json"}, b"{}"),
    "a form of two megabytes": (
        "POST",
        "/en/find",
        {"content-type": "application/x-www-form-urlencoded"},
        b"code=" + b"1" * 2_000_000,
    ),
    "a filing of two megabytes": (
        "POST",
        "/api/v1/filings",
        {"content-type": "application/json"},
        b'{"handle":"' + b"x" * 2_000_000 + b'"}',
    ),
    "a filing nested without end": ("POST", "/api/v1/filings", {"content-type": "application/json"}, DEEP),
    "a code of a million digits": (
        "POST",
        "/api/v1/record",
        {"content-type": "application/json"},
        json.dumps({"code": "1" * 900_000}).encode(),
    ),
    "a code with NUL": ("POST", "/api/v1/record", {"content-type": "application/json"}, b'{"code":"\\u0000"}'),
    "a handle with NUL": ("GET", "/api/v1/filings/a%00b", {}, None),
    "a query with NUL": ("GET", "/api/v1/uses?authority=a%00b", {}, None),
    "a handle with a quotation mark": ("GET", "/api/v1/filings/a'%3B--", {}, None),
    "a receipt of version zero": (
        "POST",
        "/api/v1/receipt",
        {"content-type": "application/json"},
        b'{"code":"1","version":0}',
    ),
    "a tile far away": ("GET", "/log/tile/0/x999/x999/x999/x999/x999/999", {}, None),
    "a tile above the folder": ("GET", "/log/tile/%2e%2e/%2e%2e/keys/log-ed25519.key", {}, None),
    "a static file above the folder": ("GET", "/static/%2e%2e/app.py", {}, None),
    "a method that is none": ("DELETE", "/en/", {}, None),
    "a file that is nothing": ("POST", "/api/v1/files", {"content-type": "text/csv"}, bytes(range(256)) * 100),
}


@pytest.mark.parametrize("sentence", HOSTILE)
def test_hostile_request(served: tuple[str, Roll], sentence: str) -> None:
    """A hostile request is refused in the form of its face, and shows nothing of the inside."""
    address, roll = served
    method, path, headers, body = HOSTILE[sentence]
    if path.startswith("/api"):
        headers = headers | {"authorization": f"Bearer {issue_token(roll, 'east', 'hostile')}", "idempotency-key": "h"}
    request = urllib.request.Request(address + path, data=body, headers=headers, method=method)  # noqa: S310 - our own server, on loopback
    with pytest.raises(urllib.error.URLError) as refused:
        urllib.request.urlopen(request)  # noqa: S310 - as above
    answer = refused.value
    if not isinstance(answer, urllib.error.HTTPError):
        # A server may hang up on what is too large while it is still being sent: that is a refusal as well.
        assert len(body or b"") > MOST_BODY, answer
        assert isinstance(answer.reason, BrokenPipeError | ConnectionResetError), answer
        return
    text = answer.read().decode("utf-8", "replace")
    assert 400 <= answer.code < 500, text
    assert "Traceback" not in text
    assert not re.search(r"/(home|root|work|tmp|usr)/", text), text
    if path.startswith("/api"):
        assert answer.headers["content-type"].startswith("application/problem+json")
    if path.startswith(("/en", "/zh", "/xx")):
        assert answer.headers["content-type"].startswith("text/html")


MARKUP = "</textarea><script>alert(1)</script>'\"><img src=x onerror=alert(1)>"


def test_markup_in_every_field_stays_text(served: tuple[str, Roll]) -> None:
    """What looks like markup in any field of the filing form comes back as text."""
    visitor = Visitor(served[0])
    names = re.findall(r'<(?:input|select)[^>]* name="([^"]+)"', visitor.get("/en/file").text)
    fields = dict.fromkeys(names, MARKUP) | {"_csrf_token": visitor.token, "step": "subscription"}
    refused = visitor.ask("POST", "/en/file", data=fields)
    assert refused.status_code == 422
    assert "<script>alert" not in refused.text
    assert "onerror=alert(1)&gt;" in visitor.post("/en/find", {"code": MARKUP}).text
