"""Sessions: worth nothing before sign-in, nothing after sign-out, and no longer than they say."""

from datetime import timedelta

import pytest

from openroll.service.identity.sessions import IDLE, LONGEST
from tests.web.attacks.test_markup import Tags
from tests.web.house import House
from tests.web.visitor import Visitor

SESSION = "__Host-session"
PAGES = {
    "nobody": (
        "",
        "file",
        "find",
        "rule",
        "rule/history",
        "figures",
        "log",
        "verify",
        "help",
        "sign-in",
        "join",
        "nothing",
    ),
    "subscriber": (
        "mine",
        "mine/receipts/1",
        *(f"mine/{one}" for one in ("tell", "take-back", "move", "correct", "end", "erase", "passkey")),
    ),
    "east/operator-lead": (
        "operator",
        "operator/files",
        "operator/duties",
        "operator/records",
        "operator/letters",
        "operator/tokens",
        "people",
        "registrar",
    ),
    "registrar/registrar-lead": (
        "registrar",
        "registrar/work",
        "registrar/rules",
        "registrar/figures",
        "registrar/organisations",
        "registrar/records",
    ),
    "bureau/officer-lead": ("office", "people"),
}


@pytest.mark.parametrize("who", PAGES)
def test_every_page_holds_to_its_policy(inside: House, who: str) -> None:
    """Every page, and every error, comes with the headers, and with no script or style in it that the policy would stop."""
    visitor = inside.visitor() if who == "nobody" else inside.filed()[0] if who == "subscriber" else inside.sitting(who)
    for lang in ("en", "zh"):
        for path in PAGES[who]:
            answer = visitor.get(f"/{lang}/{path}")
            _has_headers(answer.headers)
            assert Tags(answer.text).found == [], path


def _has_headers(headers: object) -> None:
    assert isinstance(headers, dict) or hasattr(headers, "get")
    policy = headers.get("content-security-policy", "")
    for part in (
        "default-src 'none'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "script-src 'self'",
    ):
        assert part in policy
    assert "unsafe" not in policy
    assert headers.get("x-frame-options") == "DENY"
    assert headers.get("x-content-type-options") == "nosniff"
    assert headers.get("referrer-policy") == "no-referrer"


def test_every_kind_of_error_has_the_headers(inside: House) -> None:
    """Errors of the framework, of the gate, of the API and of the log are no way around the policy."""
    lead = inside.sitting("east/operator-lead")
    big = {"content-type": "application/x-www-form-urlencoded"}
    for answer in (
        inside.visitor().get("/nothing"),
        inside.visitor().get("/en/nothing/at/all"),
        inside.visitor().get("/xx/"),
        inside.visitor().get("/en/mine"),
        inside.visitor().ask("DELETE", "/en/"),
        inside.visitor().ask("POST", "/en/find", data={"code": "1"}),
        lead.get("/en/registrar"),
        lead.ask("POST", "/en/find", data={}, headers={"origin": "https://evil.example"}),
        lead.ask("POST", "/en/find", content=b"code=" + b"1" * 2_000_000, headers=big),
        inside.visitor().get("/api/v1/filings/x"),
        inside.visitor().get("/api/nothing"),
        inside.visitor().ask("POST", "/api/v1/record", json={"code": "1"}),
        inside.visitor().get("/log/tile/nothing"),
        inside.visitor().get("/static/nothing"),
        inside.visitor().get("/en/figures/nothing/chart"),
        lead.get("/en/operator/files/999999"),
    ):
        assert answer.status_code >= 300, answer.url
        _has_headers(answer.headers)


def test_cookies_are_this_hosts_alone(inside: House) -> None:
    """Both cookies: `__Host-`, Secure, HttpOnly, SameSite, the whole host, no domain; ending one says the same."""
    visitor = inside.visitor()
    answers = [
        visitor.get("/en/find"),
        visitor.post("/en/sign-in/null", {"seat": "east/clerk"}),
        visitor.post("/en/sign-out"),
    ]
    cookies = [line for one in answers for line in one.headers.get_list("set-cookie")]
    assert len(cookies) == 3
    for line in cookies:
        name, *rest = (part.strip() for part in line.split(";"))
        said = {part.lower() for part in rest}
        assert name.startswith("__Host-")
        assert {"secure", "httponly", "path=/", "samesite=lax"} <= said, line
        assert not any(part.startswith("domain") for part in said)


def test_a_session_set_before_signing_in_is_worth_nothing_after(inside: House) -> None:
    """A cookie that somebody planted does not become the session, and the one before ends at each sign-in."""
    visitor = inside.visitor()
    visitor.jar[SESSION] = "planted" + "A" * 36
    visitor.take_seat("east/clerk")
    assert visitor.jar[SESSION] != "planted" + "A" * 36
    old = visitor.jar[SESSION]
    visitor.take_seat("east/operator-lead")
    assert visitor.jar[SESSION] != old
    visitor.jar[SESSION] = old
    assert visitor.get("/en/operator").status_code == 302
    filed, code = inside.filed()
    before = filed.jar[SESSION]
    assert filed.post("/en/find", {"code": code}).status_code == 303
    after, filed.jar[SESSION] = filed.jar[SESSION], before
    assert after != before
    assert filed.get("/en/mine").status_code == 302


def test_signing_out_ends_the_session_and_not_the_cookie_alone(inside: House) -> None:
    """The old cookie, kept by somebody, opens nothing any more."""
    visitor = inside.sitting("east/clerk")
    kept = visitor.jar[SESSION]
    assert visitor.post("/en/sign-out").status_code == 303
    assert SESSION not in visitor.jar
    visitor.jar[SESSION] = kept
    assert visitor.get("/en/operator").status_code == 302


def test_signing_out_everywhere_ends_every_session_of_one_person_alone(inside: House) -> None:
    """Every session of who asks; nobody else's."""
    one, two, other = (inside.sitting(seat) for seat in ("east/clerk", "east/clerk", "east/operator-lead"))
    assert one.post("/en/sign-out", {"everywhere": "yes"}).status_code == 303
    assert two.get("/en/operator").status_code == 302
    assert other.get("/en/operator").status_code == 200
    filed, code = inside.filed()
    again, stranger = inside.visitor(), inside.filed()[0]
    again.post("/en/find", {"code": code})
    filed.post("/en/sign-out", {"everywhere": "yes"})
    assert again.get("/en/mine").status_code == 302
    assert stranger.get("/en/mine").status_code == 200


@pytest.mark.parametrize("whose", ["person", "subscriber"])
def test_a_session_ends_when_idle_and_in_any_case(inside: House, whose: str) -> None:
    """Not asked for half an hour (a subscriber: an hour), or begun half a day ago (four hours): it is over."""

    def begin() -> tuple[Visitor, str]:
        return (inside.sitting("east/clerk"), "/en/operator") if whose == "person" else (inside.filed()[0], "/en/mine")

    visitor, path = begin()
    inside.pass_time(IDLE[whose] - timedelta(minutes=2))
    assert visitor.get(path).status_code == 200
    inside.pass_time(IDLE[whose] + timedelta(minutes=1))
    assert visitor.get(path).status_code == 302
    visitor, path = begin()
    passed, step = timedelta(), IDLE[whose] - timedelta(minutes=5)
    while passed + step < LONGEST[whose]:
        inside.pass_time(step)
        passed += step
        assert visitor.get(path).status_code == 200
    inside.pass_time(LONGEST[whose] - passed + timedelta(minutes=1))
    assert visitor.get(path).status_code == 302


def test_who_leaves_is_out_at_once(inside: House) -> None:
    """A seat taken away ends every session of its person with the same act."""
    clerk, lead = inside.sitting("bureau/officer"), inside.sitting("bureau/officer-lead")
    assert clerk.get("/en/office").status_code == 200
    rows = lead.get("/en/people").text.split("<tr")
    row = next(
        one for one in rows if "null officer<" in one.replace("null officer ", "null officer<").replace(" <", "<")
    )
    number = row.partition("/en/people/")[2].partition("/")[0]
    assert lead.post(f"/en/people/{number}/end").status_code == 303
    assert clerk.get("/en/office").status_code == 302


@pytest.mark.parametrize("cookie", ["", "x", "A" * 43, "A" * 10_000, "a,b", '"quoted"', "null", "' or 1=1"])
def test_a_cookie_nobody_gave_opens_nothing(inside: House, cookie: str) -> None:
    """Made-up cookies are nobody's."""
    visitor = inside.visitor()
    visitor.jar[SESSION] = cookie
    assert visitor.get("/en/operator").status_code in (302, 431)


def test_two_cookies_of_one_name_are_not_two_people(inside: House) -> None:
    """Of two session cookies at most one counts, and a wrong one beside it does not widen what it opens."""
    clerk, keeper = inside.sitting("east/clerk"), inside.sitting("registrar/registrar")
    both = f"{SESSION}={clerk.jar[SESSION]}; {SESSION}={keeper.jar[SESSION]}"
    opened = [
        inside.visitor().ask("GET", path, headers={"cookie": both}).status_code
        for path in ("/en/operator", "/en/registrar")
    ]
    assert sorted(opened) == [200, 403]


def test_what_the_database_keeps_of_a_session_opens_nothing(inside: House) -> None:
    """A copy of the database holds no cookie: its hashes are refused as cookies."""
    inside.sitting("registrar/registrar-lead")
    with inside.roll.database.own() as connection:
        kept = [bytes(row[0]) for row in connection.execute("select hash from session limit 5")]
    for hashed in kept:
        visitor = inside.visitor()
        visitor.jar[SESSION] = hashed.hex()
        assert visitor.get("/en/registrar").status_code == 302
