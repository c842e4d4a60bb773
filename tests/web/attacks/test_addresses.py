"""Where people are sent, and what stands in links that are handed on: nothing a stranger chose."""

import re
from urllib.parse import quote

import httpx
import pytest

from openroll.service.roll import Roll
from openroll.web.auth import SESSION
from tests.handles import handle
from tests.web.house import ADDRESS, House
from tests.web.visitor import Visitor

ELSEWHERE = (
    "//evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "https:evil.example",
    "https://evil.example/en/",
    "/en/%2f%2fevil.example",
    "/en//evil.example",
    "/en/../../evil",
    "/en/%0d%0aset-cookie:x=1",
    "/en/\r\nset-cookie: x=1",
    "/en/\n",
    "/en/@evil.example",
    " https://evil.example",
    "javascript:alert(1)",
    "/en/javascript:alert(1)",
    "/xx/",
    "/en",
    "/en/mine#@evil.example",
    "/en/?next=https://evil.example",
    "/en/" + "a" * 5_000,
    "/en/\u2028",
    "/en/\u0660",
)


@pytest.mark.parametrize("address", ELSEWHERE)
def test_nobody_is_sent_elsewhere_after_signing_in(inside: House, address: str) -> None:
    """An address that is not plainly one of our pages is not where signing in leads."""
    visitor = inside.visitor()
    answer = visitor.post("/en/sign-in/null", {"seat": "east/clerk", "next": address})
    assert answer.headers["location"] == "/en/operator"
    shown = visitor.get(f"/en/sign-in?next={quote(address)}").text
    assert "evil.example" not in re.sub(r'hreflang="[^"]*"', "", shown)
    assert 'data-next=""' in shown
    assert 'href="/zh/sign-in"' in shown


def test_where_a_page_was_asked_for_is_where_signing_in_leads(inside: House) -> None:
    """What is one of our pages is kept through the sign-in, so the check above has something to lose."""
    visitor = inside.visitor()
    first = visitor.get("/en/operator/files")
    assert first.headers["location"] == "/en/sign-in?next=/en/operator/files"
    answer = visitor.post("/en/sign-in/null", {"seat": "east/clerk", "next": "/en/operator/files"})
    assert answer.headers["location"] == "/en/operator/files"


@pytest.mark.parametrize(
    "path", ["/en/people/%0d%0ax-evil:1/end", "/en/mine/%22%3E%3Cscript%3E", "/en/mine/%5c%5cevil"]
)
def test_the_page_that_was_asked_for_comes_back_as_an_address_and_no_more(inside: House, path: str) -> None:
    """However an address is written, asking for it adds no header and no markup to the answer."""
    for method in ("GET", "POST"):
        visitor = inside.visitor()
        answer = visitor.ask(method, path, headers={"x-csrftoken": visitor.token})
        assert answer.status_code < 500
        assert "x-evil" not in answer.headers
        assert "<script>" not in answer.text.replace('<script src="/static/build/', "")


@pytest.mark.parametrize("done", ["%0d%0ax-evil:1", "<script>alert(1)</script>", "passkey%00", "' onload='x"])
def test_what_was_done_is_said_in_our_own_words_alone(inside: House, done: str) -> None:
    """The word after `done=` chooses one of the pages' sentences; any other word says nothing."""
    answer = inside.visitor().get(f"/en/?done={done}")
    assert answer.status_code == 200
    assert "x-evil" not in answer.headers
    assert "alert(1)" not in answer.text
    assert "govuk-notification-banner" not in answer.text


@pytest.mark.parametrize("header", ["host", "x-forwarded-host", "forwarded"])
def test_a_forged_host_gets_into_no_link_that_is_handed_on(inside: House, header: str) -> None:
    """Links of invitations, codes and letters are made from the roll's own address, whatever a request calls it."""
    forged = {header: "host=evil.example" if header == "forwarded" else "evil.example"}
    forged |= {"sec-fetch-site": "same-origin"}
    lead, keeper = inside.sitting("east/operator-lead"), inside.sitting("registrar/registrar-lead")
    own = {"_csrf_token": lead.token, "role": "clerk", "label": "Counter"}
    invited = lead.ask("POST", "/en/people/invite", data=own, headers=forged)
    assert f"{ADDRESS}/en/join#" in invited.text
    assert "evil.example" not in invited.text
    path = "/en/registrar/organisations/bureau/invite"
    first = keeper.ask("POST", path, data={"_csrf_token": keeper.token}, headers=forged)
    assert f"{ADDRESS}/en/join#" in first.text
    assert "evil.example" not in first.text


def test_a_forged_host_gets_into_no_code_that_is_printed(inside: House) -> None:
    """The QR code of a receipt is the same, whatever host the request names; so is the printed one."""
    subscriber, _ = inside.filed()
    path = "/en/mine/receipts/1"
    for _ in range(100):
        if "<svg" in subscriber.get(path).text.partition("<main")[2]:
            break
    forged = subscriber.ask("GET", path, headers={"host": "evil.example"}).text
    drawn = re.findall(r"<path[^>]*>", forged.partition("<main")[2])
    assert drawn
    assert drawn == re.findall(r"<path[^>]*>", subscriber.get(path).text.partition("<main")[2])
    assert _links(subscriber.get(f"{path}/pdf")) == _links(
        subscriber.ask("GET", f"{path}/pdf", headers={"host": "evil.example"})
    )


def _links(paper: httpx.Response) -> tuple[int, bool]:
    assert paper.status_code == 200, paper.text
    return len(paper.content), b"evil.example" in paper.content


def test_a_forged_host_gets_into_no_redirect(served: tuple[str, Roll]) -> None:
    """Redirects are paths, so that a cache or a browser is sent to no other host."""
    visitor = Visitor(served[0])
    for path in ("/", "/en/mine", "/en/operator", "/en/people"):
        answer = visitor.ask("GET", path, headers={"host": "evil.example"})
        assert answer.headers["location"].startswith("/"), path
        assert "evil" not in answer.headers["location"]


def test_pages_are_never_kept_by_a_cache(inside: House) -> None:
    """Every page, and every answer with a code in it, says `no-store`: it may hold a code, and it differs by who asks."""
    subscriber, code = inside.filed()
    lead = inside.sitting("east/operator-lead")
    bearer = {"authorization": f"Bearer {inside.token()}"}
    row = {
        "handle": handle("cached"),
        "kind": "household",
        "access": "adsl",
        "district": "500103",
        "connected": "2006-11-27",
    }
    answers = {
        "home": subscriber.get("/en/"),
        "mine": subscriber.get("/en/mine"),
        "to sign in": inside.visitor().get("/en/mine"),
        "sign out": inside.visitor().take_seat("east/clerk").post("/en/sign-out"),
        "found": inside.visitor().post("/en/find", {"code": code}),
        "people": lead.get("/en/people"),
        "no such page": lead.get("/en/nothing"),
        "no such page outside": lead.get("/nothing"),
        "not theirs": lead.get("/en/registrar"),
        "form gone stale": inside.visitor().ask("POST", "/en/find", data={"code": code}),
        "passkey options": lead.json("/en/passkey/sign-in/options", {}),
        "passkey not theirs": inside.visitor().json("/en/passkey/add/options", {}),
        "filing by a program": lead.ask(
            "POST", "/api/v1/filings", json=row, headers=bearer | {"idempotency-key": "cached"}
        ),
        "record by a program": lead.ask("GET", f"/api/v1/filings/{handle('cached')}", headers=bearer),
        "duties by a program": lead.ask("GET", "/api/v1/filings/cached/duties", headers=bearer),
        "record by its code": lead.ask("POST", "/api/v1/record", json={"code": code}),
        "record by a wrong code": lead.ask("POST", "/api/v1/record", json={"code": "1"}),
    }
    kept = [name for name, one in answers.items() if "no-store" not in one.headers.get("cache-control", "")]
    assert kept == []


def test_a_chart_that_may_be_kept_is_the_same_for_everyone(inside: House) -> None:
    """What a cache may keep sets no cookie and depends on nobody."""
    for path in ("/figures/csv", "/en/figures/kinds/chart", "/static/mark.svg", "/log/keys"):
        for visitor in (inside.visitor(), inside.sitting("east/clerk")):
            answer = visitor.get(path)
            if "public" in answer.headers.get("cache-control", ""):
                assert "set-cookie" not in answer.headers, path


def test_the_first_of_two_fields_of_one_name_is_not_another_visitors(inside: House) -> None:
    """A field sent twice is refused or read one way: it never makes a page fail or a check pass for what is not done."""
    lead = inside.sitting("east/operator-lead")
    token = lead.token
    for body in (
        f"_csrf_token={token}&_csrf_token=x&role=clerk&label=a",
        f"_csrf_token={token}&role=clerk&role=registrar-lead&label=a",
        f"_csrf_token={token}&role=registrar-lead&role=clerk&label=a",
        f"_csrf_token={token}&role=clerk&label=a&label=",
        f"_csrf_token={token}&role[]=clerk&label[$ne]=a",
    ):
        answer = lead.ask(
            "POST",
            "/en/people/invite",
            content=body,
            headers={"content-type": "application/x-www-form-urlencoded"},
        )
        assert answer.status_code in (200, 400, 403, 422), (body, answer.status_code)
        assert "registrar-lead" not in answer.text


@pytest.mark.parametrize("page", ["sign-in", "find"])
def test_the_other_language_leads_on_to_the_same_page(page: str, inside: House) -> None:
    """Who changes the language before signing in is led to where they were going, in the language they chose."""
    visitor = inside.visitor()
    shown = visitor.get(f"/en/{page}?next=/en/operator/files").text
    assert f'href="/zh/{page}?next=/zh/operator/files"' in shown
    shown = visitor.get(f"/zh/{page}?next={quote('/zh/rule?day=2006-12-01')}").text
    assert f'href="/en/{page}?next=/en/rule%3Fday%3D2006-12-01"' in shown


def test_whoever_was_signed_in_is_told_that_the_session_is_over(inside: House) -> None:
    """The next click leads to the sign-in page, and that says why. Whoever was never signed in is told nothing of a session."""
    visitor = inside.visitor()
    visitor.post("/en/sign-in/null", {"seat": "east/clerk"})
    said = "Your session has ended."
    assert said not in visitor.get("/en/operator/files").text
    visitor.jar[SESSION] = "of-long-ago"
    first = visitor.get("/en/operator/files")
    assert first.headers["location"] == "/en/sign-in?next=/en/operator/files&done=session-over"
    assert said in visitor.get(first.headers["location"]).text
    assert said not in inside.visitor().get("/en/sign-in?next=/en/operator/files").text
