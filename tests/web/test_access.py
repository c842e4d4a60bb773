"""The table of who may do what, against the application and the command line: neither knows anything the other does not."""

import re
import types
from collections.abc import Iterator
from typing import Any, cast

import httpx
import pytest
from cyclopts import App
from litestar import Litestar

from openroll import cli
from openroll.bench.command import app_of
from openroll.cli import Wiring
from openroll.register.command import Actor
from openroll.register.decision import Accepted
from openroll.register.organisation.commands import AdmitOperator
from openroll.register.organisation.roles import ROLES
from openroll.rules import digest, load
from openroll.service.access import COMMANDS, FOUR_EYES, GIVES_OUT, ROUTES
from openroll.service.filing.letters import give_codes
from openroll.service.filing.submit import Taken
from openroll.service.governance.open_roll import admit_operator
from openroll.service.identity import people, sessions
from openroll.service.identity.sessions import LEADS, NOBODY, Principal
from openroll.service.queries import official_acts
from openroll.service.roll import Roll
from openroll.store.operators import withhold_codes
from openroll.web.auth import SESSION
from tests.handles import handle
from tests.service.filings import filing
from tests.service.test_holding import submit
from tests.web.house import SEATS, House
from tests.web.visitor import Visitor

FILLED = {
    "lang": "en",
    "act": "move",
    "version": "1",
    "organisation": "nobody",
    "number": "999999",
    "first": "0",
    "table": "kinds",
    "chart": "filed",
    "form": "csv",
    "day": "2006-12-20",
    "month": "2006-12",
    "name": "nobody",
    "handle": handle("none"),
    "path": "openapi.json",
    "rest": "0/000",
    "file_path": "mark.svg",
    "digest": "0" * 64,
    "key": "0" * 32,
    "bucket": "7",
    "grant": "0" * 64,
    "site": "0007-9444",
    "word": "nothing",
}
"""What stands for the parameters of a route: something that is well formed and, where it could do harm, not there."""
FILING = {
    "handle": handle("door"),
    "kind": "household",
    "access": "adsl",
    "district": "500103",
    "connected": "2006-11-27",
}
PROGRAMS = "program"
WHO = ("nobody", "subscriber", *SEATS, PROGRAMS)


def _routes(app: Litestar) -> set[str]:
    return {f"{method} {route.path_format}" for route in app.routes for method in getattr(route, "methods", ())}


def _commands(app: App, before: str = "") -> Iterator[str]:
    for name in app:
        if name.startswith("-"):
            continue
        inner = app[name]
        below = [one for one in inner if not one.startswith("-")]
        if below:
            yield from _commands(inner, f"{before}{name} ")
        if not below or inner.default_command is not None:
            yield before + name


def test_every_route_is_in_the_table_and_every_line_of_the_table_is_a_route(inside: House) -> None:
    """A route that the table forgot is closed, and a line that is no route any more is a mistake: there is neither."""
    routes = {one for one in _routes(inside.client.app) if not one.startswith("OPTIONS ")}
    assert routes == set(ROUTES)


def test_a_seat_that_waits_is_handed_nothing_that_opens_a_filing(inside: House) -> None:
    """Every page it may get: those that hand out a power are refused, and no other shows a code or is a file of letters."""
    secret = people.invite(inside.roll, "east", "clerk", "new here")
    assert isinstance(secret, str)
    session = people.join_with_subject(inside.roll, secret, "https://id.example", "new-here")
    assert isinstance(session, str)
    visitor = inside.visitor()
    visitor.jar[SESSION] = session
    assert set(GIVES_OUT) <= set(ROUTES)
    before = len(acts_of(inside.roll, "codes.given/1"))
    for line in sorted(
        one for one in ROUTES if ROUTES[one] & {"clerk"} and (one in GIVES_OUT or one.startswith("GET "))
    ):
        send = visitor.get if line.startswith("GET ") else visitor.post
        got = send(re.sub(r"\{(\w+)\}", lambda found: FILLED[found[1]], line.partition(" ")[2]))
        if line in GIVES_OUT:
            assert got.status_code == 403, line
        else:
            assert got.headers.get("content-type") != "application/pdf", line
            assert not re.search(r"\b[0-9]{4} [0-9]{4} [0-9]{4} [0-9]{4}\b", got.text), line
    assert len(acts_of(inside.roll, "codes.given/1")) == before


def test_a_seat_for_which_nobody_spoke_is_told_the_way_and_can_be_given_up(inside: House) -> None:
    """Its organisation may have no lead to ask: it is told who puts it in force, and leaves if it likes."""
    secret = people.invite(inside.roll, "east", "clerk", "first of them")
    assert isinstance(secret, str)
    session = people.join_with_subject(inside.roll, secret, "https://id.example", "of-nobody")
    assert isinstance(session, str)
    visitor = inside.visitor()
    visitor.jar[SESSION] = session
    seat = sessions.someone(inside.roll, session).seat
    assert seat is not None
    for page in ("/en/people", "/en/operator"):
        told = visitor.get(page)
        assert told.status_code == 403
        assert "openroll invite east --token-file FILE" in told.text
        assert "another lead" not in told.text
        assert f'action="/en/people/{seat.number}/end"' in told.text
    assert "whoever keeps the machine (registrar/0)" in inside.sitting("east/clerk").get("/en/people").text
    assert visitor.post(f"/en/people/{seat.number}/end").status_code == 303
    assert sessions.someone(inside.roll, session).seat is None


def test_whoever_takes_letters_stands_in_an_act(inside: House) -> None:
    """A clerk in force gets them, and the roll says which seat did; a page without letters says nothing."""
    handed = inside.visitor().take_seat("east/clerk")
    before = acts_of(inside.roll, "codes.given/1")
    assert handed.get("/en/operator/letters/999999999").status_code == 404
    assert handed.post("/en/operator/letters/999999999").status_code == 404
    assert acts_of(inside.roll, "codes.given/1") == before
    assert isinstance(submit(inside.roll, filing(handle=handle("letters-1")), None, Actor("operator", "east")), Taken)
    headers = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "referer": "https://evil.example/"}
    followed = handed.ask("GET", "/en/operator/letters/0", headers=headers)
    assert 'method="post" action="/en/operator/letters/0"' in followed.text, "a stranger's link shows a button"
    assert handed.ask("POST", "/en/operator/letters/0", headers=headers).status_code == 403
    assert acts_of(inside.roll, "codes.given/1") == before
    pdf = handed.post("/en/operator/letters/0", {"begins": "1"})
    assert pdf.headers["content-type"] == "application/pdf"
    assert re.search(r'filename="letters-1-to-[1-9][0-9]*\.pdf"', pdf.headers["content-disposition"])
    (act,) = acts_of(inside.roll, "codes.given/1")[len(before) :]
    assert '"organisation":"east"' in act
    assert "east/" in act


def test_what_is_the_same_for_everybody_asks_for_no_session(inside: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A browser that is signed in gets the looks of a page, a tile and the rest without a question to the database."""
    visitor = inside.sitting("east/clerk")
    asked: list[str] = []

    def someone(_: object, cookie: str) -> Principal:
        asked.append(cookie)
        return NOBODY

    monkeypatch.setattr(sessions, "someone", someone)
    for route in ("GET /static/mark.svg", "HEAD /static/mark.svg", "GET /robots.txt", "GET /sites/0007-9444/badge"):
        visitor.ask(*route.split(" "))
    for path in ("/", "/rdap/help", "/log/checkpoint", "/log/tile/0/000", "/api/v1/rule", "/.well-known/security.txt"):
        visitor.get(path)
    visitor.get("/en/verify/alone")
    assert asked == []
    visitor.get("/en/help")
    assert len(asked) == 1


def test_who_is_told_codes_no_more_reads_why(inside: House) -> None:
    """A page without letters says so of what is filed, and that nothing is filed only where nothing is."""
    title = dict.fromkeys(inside.roll.languages, "Quiet")
    assert isinstance(
        admit_operator(inside.roll, AdmitOperator(operator="quiet", kind="access-operator", title=title)), Accepted
    )
    clerk = inside.visitor().take_seat("quiet/clerk")
    assert "Nothing is filed yet." in clerk.get("/en/operator/letters").text
    taken = submit(inside.roll, filing("quiet", handle=handle("letters-2")), None, Actor("operator", "quiet"))
    assert isinstance(taken, Taken), taken
    with inside.roll.database.own() as connection:
        withhold_codes(connection, "quiet", inside.roll.clock())
    told = clerk.get("/en/operator/letters").text
    assert "Nothing is filed yet." not in told
    assert "No letter is made any more of what was filed before" in told


def test_no_act_is_pushed_off_the_page_of_the_log(inside: House) -> None:
    """However many acts follow one, it is on a page that the page of the log leads to, and each act on one of them alone."""
    assert isinstance(give_codes(inside.roll, "west"), Accepted)
    for _ in range(31):
        give_codes(inside.roll, "east")
    visitor, path, seen = inside.visitor(), "/en/log", []
    while path:
        shown = visitor.get(path).text
        seen += re.findall(r'<div class="govuk-details__text roll-hash" lang="en">(.*?)</div>', shown, re.DOTALL)
        older = re.search(r'href="(/en/log\?before=\d+)#acts"', shown)
        path = older[1] if older else ""
    assert len(seen) == len(official_acts(inside.roll, 10_000)) > 31
    assert any("codes.given" in one or "west" in one for one in seen[31:])
    for wrong in ("0", "x", "-1", "9" * 30):
        assert "The newest official acts" in visitor.get(f"/en/log?before={wrong}").text


def acts_of(roll: Roll, name: str) -> list[str]:
    """The bodies of the official acts of a kind, the oldest first."""
    return [one.body for one in reversed(list(official_acts(roll, 300))) if one.name == name]


def test_every_command_is_in_the_table_and_every_line_of_the_table_is_a_command() -> None:
    """The same for the command line, but for commands that are on their way; the moment they come they are held to it."""
    process = cast(Any, types.SimpleNamespace())
    app = cli.build(cast(Wiring, process))
    app.command(app_of(process))
    known = {"bench" if one.startswith("bench") else one for one in _commands(app)}
    assert known - set(COMMANDS) == set(), "commands that are not in the table"
    assert set(COMMANDS) - known == set(), "lines of the table that are no command"


def test_roles_of_the_table_are_roles_of_organisations() -> None:
    """Every role that the table names can be had, and every role that can be had is named."""
    named = {role for roles in ROUTES.values() for role in roles}
    seats = {role for roles in ROLES.values() for role in roles}
    assert named == seats | {"anyone", "subscriber", "token"}


def _as(inside: House, who: str) -> tuple[Visitor, dict[str, str], set[str]]:
    """A visitor of a kind, the headers they send besides, and the roles the table knows them by."""
    if who == "nobody":
        return inside.visitor(), {}, {"anyone"}
    if who == "subscriber":
        return inside.filed()[0], {}, {"anyone", "subscriber"}
    if who == PROGRAMS:
        return inside.visitor(), {"authorization": f"Bearer {inside.token()}"}, {"anyone", "token"}
    role = who.partition("/")[2]
    # Not the seat that the other tests share: this one signs out along its way.
    return inside.visitor().take_seat(who), {}, {"anyone", role, LEADS.get(role, role)}


def _call(visitor: Visitor, line: str, headers: dict[str, str]) -> httpx.Response:
    method, _, template = line.partition(" ")
    path = re.sub(r"\{(\w+)\}", lambda found: FILLED[found[1]], template)
    if method != "POST":
        return visitor.ask(method, path, headers=headers)
    if path.startswith("/api/"):
        # A filing is looked at before its token is: only a whole one tells whether the token was asked for.
        step = {"step": "agree", "reference": "1"}
        body = [] if path.endswith("/unconfirmed") else step if path.endswith("/porting") else FILING
        return visitor.ask(method, path, headers=headers | {"idempotency-key": "door"}, json=body)
    if "/passkey/" in path:
        return visitor.ask(method, path, headers=headers | {"x-csrftoken": visitor.token}, json={})
    if path.endswith("/operator/files"):
        return visitor.ask(
            method, path, headers=headers, data={"_csrf_token": visitor.token}, files={"file": ("", b"")}
        )
    return visitor.ask(method, path, headers=headers, data={"_csrf_token": visitor.token})


def _denied(answer: httpx.Response) -> bool:
    """Whether an answer says that this is not for whoever asked."""
    if answer.is_redirect:
        return "?next=" in answer.headers["location"]
    if answer.status_code not in (401, 403):
        return False
    says = ("Sign in first", "This is not yours to do", "sign-in-needed", "token-unknown", "This form has gone stale")
    return any(one in answer.text for one in says)


@pytest.mark.parametrize("who", WHO)
def test_every_route_as_everyone(inside: House, on_the_loop: list[str], who: str) -> None:
    """Who the table does not let in is turned away from every route and changes nothing; who it does is not turned away.

    What is got writes nothing, whoever gets it: no event, so no act, and no row but when a session was seen. And whoever calls
    whatever: the database is asked in threads, so that one slow answer stops nobody else.
    """
    visitor, headers, roles = _as(inside, who)
    submit(inside.roll, filing(handle=handle("walk-1")), None, Actor("operator", "east"))  # so that there are letters
    visitor.get("/en/find")
    closed = [line for line, allowed in ROUTES.items() if not allowed & roles]
    inside.sweep_ahead()
    before = inside.acts()
    let_in = [line for line in closed if not _denied(_call(visitor, line, headers))]
    assert let_in == []
    assert inside.acts() == before, "somebody who was turned away changed something"
    open_ = [line for line, allowed in ROUTES.items() if allowed & roles]
    # What signs out or signs in comes last: the rest needs the session.
    open_.sort(key=lambda line: "sign-" in line or line.endswith("/file"))
    open_.sort(key=lambda line: line.startswith("POST "))
    inside.sweep_ahead()
    kept = inside.rows()
    answers = {line: _call(visitor, line, headers) for line in open_ if line.startswith("GET ")}
    assert inside.rows() == kept, "what was got wrote something"
    answers |= {line: _call(visitor, line, headers) for line in open_ if line not in answers}
    doubled = [line for line, one in answers.items() if one.headers.get("content-type", "").count("charset") > 1]
    assert doubled == []
    turned_away = [line for line, one in answers.items() if _denied(one) and "sign-" not in line]
    assert turned_away == []
    broken = {line: one for line, one in answers.items() if one.status_code >= 500}
    # On a busy machine the city model may ask to come again later.
    assert [line for line, one in broken.items() if one.status_code != 503 or "retry-after" not in one.headers] == []
    if who == "east/operator-lead":
        assert inside.sitting(who).post("/en/operator/files", files={"file": ("a.csv", b"handle\n")}).status_code == 303
    if who == "nobody":  # with a token, and a way through a provider, that nobody has
        for line in [one for one in ROUTES if "/api/" in one or "/sign-in/" in one]:
            visitor.jar["__Host-way"] = "a way that nobody began"
            _call(visitor, line, {"authorization": "Bearer wrong"})
    assert on_the_loop == []


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "HEAD"])
def test_no_other_method_opens_a_closed_route(inside: House, method: str) -> None:
    """A closed page cannot be had, and nothing can be done, by calling it with another method."""
    visitor = inside.visitor()
    inside.sweep_ahead()
    before = inside.acts()
    for line, allowed in ROUTES.items():
        template = line.partition(" ")[2]
        if "anyone" in allowed or "anyone" in ROUTES.get(f"GET {template}", ()):
            continue
        path = re.sub(r"\{(\w+)\}", lambda found: FILLED[found[1]], template)
        headers = {"x-csrftoken": visitor.token}
        answer = visitor.ask(method, path, headers=headers)
        # HEAD is answered as GET is, without the body: by the way to the sign-in.
        to_sign_in = method == "HEAD" and _denied(answer) and not answer.content
        assert to_sign_in or answer.status_code in (401, 403, 404, 405), (method, path)
    assert inside.acts() == before


def test_a_method_in_a_header_or_field_is_only_a_header_or_field(inside: House) -> None:
    """Nothing here listens to a method that is said anywhere but in the request's first line."""
    lead = inside.sitting("east/operator-lead")
    before = inside.acts()
    for header in ("x-http-method-override", "x-http-method", "x-method-override"):
        assert lead.ask("GET", "/en/operator/tokens", headers={header: "POST"}).status_code == 200
    assert lead.ask("GET", "/en/operator/tokens?_method=POST&label=x").status_code == 200
    assert inside.acts() == before


@pytest.mark.parametrize("header", ["x-original-url", "x-rewrite-url", "x-forwarded-prefix", "x-forwarded-uri"])
def test_a_path_in_a_header_is_only_a_header(inside: House, header: str) -> None:
    """Which page is meant is said by the address alone."""
    answer = inside.visitor().ask("GET", "/en/", headers={header: "/en/registrar/records"})
    assert answer.status_code == 200
    assert "Find one record" not in answer.text
    closed = inside.visitor().ask("GET", "/en/registrar/records", headers={header: "/en/"})
    assert _denied(closed)


@pytest.mark.parametrize(
    "path",
    [
        "//en/registrar/records",
        "/en//registrar/records",
        "/en/./registrar/records",
        "/en/help/../registrar/records",
        "/en/help/%2e%2e/registrar/records",
        "/en/registrar/records/",
        "/en/registrar/records;x=y",
        "/en/registrar%2frecords",
        "/EN/registrar/records",
        "/en/Registrar/records",
        "/en/registrar/records%00",
        "/api/../en/registrar/records",
        "/api/v1/../../en/registrar/records",
        "/static/../en/registrar/records",
        "/en/registrar/records?lang=zh&path_template=/",
    ],
)
def test_no_way_of_writing_an_address_passes_the_door(inside: House, path: str) -> None:
    """However an address is written, a closed page stays closed."""
    request = inside.client.build_request("GET", "/en/")
    request.url = request.url.copy_with(raw_path=path.encode())
    answer = inside.client.send(request, follow_redirects=False)
    assert "Find one record" not in answer.text
    assert _denied(answer) or answer.status_code in (307, 308, 400, 404, 405), answer.status_code


def test_a_rule_needs_two_seats(inside: House) -> None:
    """The seat that proposed a rule cannot publish it; another seat of the registrar can, and only once."""
    assert FOUR_EYES["rule"][0] in ROUTES
    assert FOUR_EYES["rule"][1] in ROUTES
    first, second = inside.sitting("registrar/registrar"), inside.sitting("registrar/registrar-lead")
    day = inside.roll.day(inside.roll.clock())
    proposal = {
        "reference": "notification-2006",
        "act": "propose",
        "starts-year": str(day.year + 1),
    }
    proposal |= {"starts-month": "3", "starts-day": "1"}

    def proposed() -> set[str]:
        return set(re.findall(r"/registrar/rules/(\d+)/drop", first.get("/en/registrar/rules").text))

    before = proposed()  # of the tests that share this house
    assert first.post("/en/registrar/rules", proposal).status_code == 303
    (number,) = proposed() - before
    publish = f"/en/registrar/rules/{number}/publish"
    rules = len(inside.roll.versions)
    same = first.post(publish)
    assert same.status_code in (403, 409, 422), same.status_code
    for outsider in ("east/operator-lead", "bureau/officer-lead", "panel/reviewer-lead"):
        assert inside.sitting(outsider).post(publish).status_code == 403
    assert second.post(publish).status_code == 409  # its words were read by nobody
    for reader in (second, inside.sitting("panel/reviewer")):
        words = f"/en/readings/{digest(load('notification-2006'))}"
        shown = re.search(r'name="words" value="([0-9a-f]{64})"', reader.get(words).text)
        assert shown
        assert reader.post(words, {"sure": "yes", "words": shown[1]}).status_code == 303
    assert len(inside.roll.versions) == rules
    assert second.post(publish).status_code == 303
    assert len(inside.roll.versions) == rules + 1
    assert second.post(publish).status_code in (404, 409, 422)
    assert first.post(f"/en/registrar/rules/{number}/drop").status_code in (404, 409, 422)
    assert len(inside.roll.versions) == rules + 1
