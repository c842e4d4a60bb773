"""Forms that somebody else's page sends: every one is refused before anything happens."""

import re

import httpx
import pytest

from openroll.service.access import ROUTES
from openroll.service.roll import Roll
from tests.handles import handle
from tests.web.house import House
from tests.web.test_access import FILLED
from tests.web.visitor import Visitor

BY_ITS_WORD = "/{lang}/mails/{word}"
"""What a mail program sends by itself, which has no cookie and no token (RFC 8058): the word in the address is what lets in."""
POSTS = sorted(
    path
    for line in ROUTES
    if line.startswith("POST ") and "/api/" not in line and (path := line.partition(" ")[2]) != BY_ITS_WORD
)


def _path(template: str) -> str:
    return re.sub(r"\{(\w+)\}", lambda found: FILLED[found[1]], template)


def _sender(inside: House, template: str) -> Visitor:
    """Somebody whom the door would let in: only the token stands between the forged form and the act."""
    roles = ROUTES[f"POST {template}"]
    if "subscriber" in roles:
        return inside.filed()[0]
    if roles & {"registrar", "registrar-lead"}:
        return inside.sitting("registrar/registrar-lead")
    return inside.sitting("east/operator-lead")


@pytest.mark.parametrize("template", POSTS)
def test_a_form_without_its_own_visitors_token_does_nothing(inside: House, template: str) -> None:
    """No token, an empty or cut one, another visitor's, and a token in JSON or plain text: refused, and nothing changes."""
    path, sender = _path(template), _sender(inside, template)
    other, own = inside.visitor().token, sender.token
    form = {"content-type": "application/x-www-form-urlencoded"}
    before = inside.acts()
    forged: list[httpx.Response] = [
        sender.ask("POST", path, data={"a": "b"}),
        sender.ask("POST", path, data={"_csrf_token": ""}),
        sender.ask("POST", path, data={"_csrf_token": own[:-1]}),
        sender.ask("POST", path, data={"_csrf_token": other}),
        sender.ask("POST", path, data={"_csrf_token": "é" * 128}),
        sender.ask("POST", path, json={"_csrf_token": own}),
        sender.ask("POST", path, content='{"a":"b"}', headers={"content-type": "text/plain"}),
        sender.ask("POST", path, content=f"_csrf_token={own}", headers={"content-type": "text/plain"}),
        sender.ask("POST", path, data={"a": "b"}, headers={"x-csrftoken": other}),
        sender.ask("POST", path, data={"a": "b"}, headers={"x-csrftoken": "x"}),
        sender.ask("POST", path, content=b"", headers=form),
        sender.ask("POST", f"{path}?_csrf_token={own}", data={"a": "b"}),
        sender.ask("POST", path, files={"file": ("a.csv", b"a")}, data={"a": "b"}),
        sender.ask("POST", path, data={"a": "b"}, headers={"origin": "https://evil.example"}),
    ]
    if template.endswith("/operator/files"):  # nothing but a form that can hold a file is read there
        files = {"file": ("a.csv", b"a")}
        assert {one.status_code for one in forged} == {403, 415}
        forged = [sender.ask("POST", path, files=files, data={"_csrf_token": one}) for one in ("", own[:-1], other)]
    assert {one.status_code for one in forged} == {403}
    assert inside.acts() == before


@pytest.mark.parametrize("template", POSTS)
def test_a_form_that_says_it_comes_from_elsewhere_does_nothing(inside: House, template: str) -> None:
    """Even with the right token: a browser that says another site sent the form is believed."""
    path, sender = _path(template), _sender(inside, template)
    before = inside.acts()
    for headers in (
        {"origin": "https://evil.example"},
        {"origin": "null", "sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "cross-site"},
        {"origin": "https://roll.example.evil.example"},
    ):
        answer = sender.ask("POST", path, data={"_csrf_token": sender.token}, headers=headers)
        assert answer.status_code == 403, headers
        assert inside.acts() == before


def test_a_form_of_our_own_page_is_taken(inside: House) -> None:
    """The right token from our own origin passes, so the checks above have something to lose."""
    lead = inside.sitting("east/operator-lead")
    fields = {"_csrf_token": lead.token, "role": "clerk", "label": "Own"}
    for headers in ({"origin": "https://roll.example", "sec-fetch-site": "same-origin"}, {}):
        assert lead.ask("POST", "/en/people/invite", data=fields, headers=headers).status_code == 200


def test_a_token_of_another_roll_is_none_here(inside: House, served: tuple[str, Roll]) -> None:
    """Tokens are made with a key of the roll's: one of another roll is refused even as cookie and field at once."""
    foreign = Visitor(served[0]).token
    visitor = inside.visitor()
    visitor.jar["__Host-csrf"] = foreign
    answer = visitor.ask("POST", "/en/find", data={"_csrf_token": foreign, "code": "1"})
    assert answer.status_code == 403


def test_a_token_made_up_is_none(inside: House) -> None:
    """The same word as cookie and field is not enough: the roll made the token or it is none."""
    visitor = inside.visitor()
    for made_up in ("a" * 128, "0" * 64 + "0" * 64, "", "x"):
        visitor.jar["__Host-csrf"] = made_up
        assert visitor.ask("POST", "/en/find", data={"_csrf_token": made_up, "code": "1"}).status_code == 403


def test_programs_are_not_let_in_by_a_cookie(inside: House) -> None:
    """The API takes no form's token because it takes no cookie: a lead's session files nothing there."""
    lead = inside.sitting("east/operator-lead")
    row = {
        "handle": handle("csrf"),
        "kind": "household",
        "access": "adsl",
        "district": "500103",
        "connected": "2006-11-27",
    }
    before = inside.acts()
    assert lead.ask("POST", "/api/v1/filings", json=row, headers={"idempotency-key": "csrf"}).status_code == 401
    assert lead.ask("POST", "/api/v1/files", content=b"x").status_code == 401
    assert inside.acts() == before


def test_another_site_may_not_read_the_api(inside: House) -> None:
    """No page of another site is told that it may read an answer or send a token along."""
    for method, path in (("OPTIONS", "/api/v1/record"), ("POST", "/api/v1/record"), ("GET", "/en/")):
        answer = inside.visitor().ask(
            method,
            path,
            headers={
                "origin": "https://evil.example",
                "access-control-request-method": "POST",
                "access-control-request-headers": "authorization",
            },
        )
        assert "access-control-allow-origin" not in answer.headers
