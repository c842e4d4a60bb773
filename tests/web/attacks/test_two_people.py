"""One person who would be two, through the pages: a lead with two seats, and a clerk who takes a held filing over."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest

from openroll.compose.settings import WebSettings
from openroll.register.command import Actor
from openroll.register.subscription.filing_code import code_of
from openroll.rules import load
from openroll.service.access import ROUTES
from openroll.service.filing.submit import Taken
from openroll.service.identity import people
from tests.handles import handle
from tests.seats import words_read
from tests.service.filings import filing
from tests.service.test_holding import submit
from tests.web.attacks.authenticator import Authenticator
from tests.web.attacks.test_passkeys import P, first, passkey, refused
from tests.web.house import ADDRESS, House, house, name_of
from tests.web.visitor import Visitor


@pytest.fixture(scope="module")
def quiet(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A roll in which nobody sits yet."""
    web = WebSettings(address=ADDRESS, null_sign_in=True, what_if_city="village")
    with house(database_url, tmp_path_factory.mktemp("quiet"), name_of("q"), web) as found:
        yield found


def join(quiet: House, secret: str, key: Authenticator | None = None) -> Visitor:
    """Answer an invitation in a browser of its own."""
    visitor, key = quiet.visitor(), key or passkey()
    answer = visitor.json(f"{P}/join", key.made(first(visitor, "join", invitation=secret)) | {"invitation": secret})
    assert answer.status_code == 200, answer.text
    return visitor


def by_keeper(quiet: House) -> str:
    """An invitation from the command line."""
    secret = people.invite(quiet.roll, "registrar", "registrar-lead", "lead")
    assert isinstance(secret, str)
    return secret


def by_lead(lead: Visitor) -> str:
    """An invitation from the page."""
    page = lead.post("/en/people/invite", {"role": "registrar-lead", "label": "A colleague"})
    secret = re.search(r"/join#([\w-]+)", page.text)
    assert secret, page.text
    return secret[1]


def propose(lead: Visitor, quiet: House) -> str:
    """Propose a rule; the address that publishes it."""
    year = str(quiet.roll.day(quiet.roll.clock()).year + 1)
    form = {
        "reference": "notification-2006",
        "act": "propose",
        "starts-year": year,
        "starts-month": "3",
        "starts-day": "1",
    }
    assert lead.post("/en/registrar/rules", form).status_code == 303
    return f"/en/registrar/rules/{re.findall(r'rules/([0-9]+)/drop', lead.get('/en/registrar/rules').text)[-1]}/publish"


def test_a_lead_with_two_seats_is_one_person_on_the_pages_too(quiet: House) -> None:
    """Her second seat reads and posts nothing; pages say who may instead; a lead of another line publishes."""
    me = join(quiet, by_keeper(quiet))
    again_me = join(quiet, by_lead(me))
    publish = propose(me, quiet)
    for path, form in (
        (publish, {}),
        ("/en/registrar/figures", {}),
        ("/en/people/invite", {"role": "registrar", "label": "x"}),
        ("/en/people/confirm", {"seat": "registrar/2"}),
        ("/en/registrar/organisations", {"name": "x", "title-zh": "x", "title-en": "x", "kind": "reviewer"}),
    ):
        answer = again_me.post(path, form)
        assert answer.status_code == 403
        assert "until another lead confirms it" in answer.text
    assert "Your seat is new." in again_me.get("/en/registrar").text
    assert me.post("/en/people/confirm", {"seat": "registrar/2"}).status_code == 403
    assert me.post(publish).status_code == 403
    assert "Nobody may yet" in me.get("/en/registrar/rules").text
    other = join(quiet, by_keeper(quiet))
    assert other.post("/en/people/confirm", {"seat": "registrar/3"}).status_code == 403
    assert me.post("/en/people/confirm", {"seat": "registrar/3"}).status_code == 303
    assert "Who may publish it: registrar/3" in me.get("/en/registrar/rules").text
    assert other.post("/en/people/confirm", {"seat": "registrar/2"}).status_code == 303
    assert again_me.post(publish).status_code == 403  # in force now, and still of the proposer's line
    assert other.post(publish).status_code == 409  # its words were read by nobody
    words_read(quiet.roll, load("notification-2006"))
    assert other.post(publish).status_code == 303
    assert "a founding seat): registrar/1" in quiet.visitor().get("/en/log").text


def test_one_passkey_or_browser_is_one_seat(quiet: House) -> None:
    """A key that signs in to a seat makes no second one; nor does a browser that is signed in to one."""
    lead, key = join(quiet, by_keeper(quiet), one := passkey()), one
    secret = by_keeper(quiet)
    twin = passkey()
    twin.key = key.key
    visitor = quiet.visitor()
    given = first(visitor, "join", invitation=secret)
    assert any(given["options"]["excludeCredentials"])
    refused(visitor.json(f"{P}/join", twin.made(given) | {"invitation": secret}))
    answer = lead.json(f"{P}/join", passkey().made(first(lead, "join", invitation=secret)) | {"invitation": secret})
    assert (answer.status_code, answer.json()["code"]) == (409, "passkey-has-a-seat")
    assert "You are invited" in visitor.get(f"/en/join?invitation={secret}").text


def asking(who: Visitor, code: str) -> str:
    """What the page of a record names the asking by that it shows; nothing where it shows none."""
    found = re.search(r'name="asking" value="([0-9]+)"', who.post("/en/operator/records", {"sought": code}).text)
    return found[1] if found else ""


def test_a_clerk_takes_over_no_held_filing(quiet: House) -> None:
    """Alone a clerk asks and nothing more; the holder sees it on opening, and one press ends it; the code stays shut."""
    visitor, code = quiet.filed()
    key = passkey()
    assert visitor.json(f"{P}/hold", key.made(first(visitor, "hold"))).status_code == 200
    clerk = quiet.sitting("east/clerk")

    def step(who: Visitor, name: str, **more: str) -> tuple[int, str]:
        more |= {"asking": asking(who, code)}
        answer = who.post("/en/operator/records/release", {"sought": code, "step": name, "key": name, **more})
        return answer.status_code, answer.text

    assert step(clerk, "ask", why="came to the counter")[0] == 200
    status, text = step(clerk, "second")
    assert status == 422
    assert "Another clerk has to confirm" in text
    assert step(clerk, "release")[0] == 422
    assert quiet.visitor().post("/en/find", {"code": code}).status_code == 403
    page = visitor.get("/en/mine").text
    assert "came to the counter" in page
    pressed = re.search(r'action="(/en/mine/keep)".*?name="key" value="([^"]+)"', page, re.DOTALL)
    assert pressed
    assert visitor.post(pressed[1], {"key": pressed[2]}).status_code == 303
    page = visitor.get("/en/mine").text
    assert "asks to let this filing go" not in page
    assert re.search(r"your operator, East, seat east/\d+", page)
    assert step(quiet.sitting("east/operator-lead"), "second")[0] == 422


def test_after_a_release_nobody_takes_the_clerk_for_the_holder(quiet: House) -> None:
    """Then the lost passkey and the old code open nothing, and what is done with the fresh code is not called "you"."""
    visitor, code = quiet.filed()
    key = passkey()
    assert visitor.json(f"{P}/hold", key.made(first(visitor, "hold"))).status_code == 200
    clerk, lead = quiet.sitting("east/clerk"), quiet.sitting("east/operator-lead")
    form = {"sought": code, "why": "came to the counter", "key": "a"}
    assert clerk.post("/en/operator/records/release", form).status_code == 200
    stale = lead.post("/en/operator/records/release", form | {"step": "second", "key": "b"})
    assert stale.status_code == 422  # a form that does not say which asking it is about
    form["asking"] = asking(lead, code)
    assert lead.post("/en/operator/records/release", form | {"step": "second", "key": "d"}).status_code == 200
    quiet.pass_time(timedelta(days=8))
    clerk = quiet.sitting("east/clerk")
    freed = clerk.post("/en/operator/records/release", form | {"step": "release", "key": "c"})
    assert freed.status_code == 200, freed.text
    refused(visitor.json(f"{P}/sign-in", key.used(first(visitor, "sign-in"))))
    assert quiet.visitor().post("/en/find", {"code": code}).status_code == 404
    assert visitor.get("/en/mine").status_code == 302
    with quiet.roll.database.own() as connection:
        row = connection.execute("select number, code from subscription where code is not null").fetchone()
    assert row is not None
    fresh = code_of(row[1], quiet.roll.keys.code_key)
    taker = quiet.visitor()
    assert taker.post("/en/find", {"code": fresh}).status_code == 303
    end = taker.get("/en/mine/end").text
    form_key = re.search(r'name="key" value="([^"]+)"', end)
    assert form_key
    day = quiet.roll.day(quiet.roll.clock())
    ended = {"ended-year": str(day.year), "ended-month": str(day.month), "ended-day": str(day.day), "sure": "yes"}
    assert taker.post("/en/mine/end", {"key": form_key[1], **ended}).status_code == 303
    page = taker.get("/en/mine").text
    assert "whoever held the filing code" in page
    assert re.findall(r"(?s)Ended.*?whoever held the filing code", page)


def test_who_came_from_outside_reads_nothing_before_the_organisation_spoke(quiet: House) -> None:
    """A lead of the registrar sits down, alone, in a seat of an operator that waits: it reads no page of the operator's."""
    quiet.sitting("east/operator-lead")
    page = quiet.sitting("registrar/registrar-lead").post("/en/registrar/organisations/east/invite")
    secret = re.search(r"/join#([\w-]+)", page.text)
    assert secret
    friend = join(quiet, secret[1])
    own = [
        line.split(" ")[1]
        for line, roles in ROUTES.items()
        if line.startswith("GET ") and roles & {"operator-lead", "clerk"}
    ]
    paths = {
        path.replace("{lang}", "en") for path in own if "anyone" not in ROUTES[f"GET {path}"] and "{" not in path[7:]
    }
    assert len(paths) > 8
    assert {path: friend.get(path).status_code for path in paths} == dict.fromkeys(paths, 403)
    assert friend.post("/en/operator/records", {"sought": handle("a-1")}).status_code == 403
    assert friend.get("/en").status_code == 200


def test_who_waits_finds_a_record_without_its_code(quiet: House) -> None:
    """A new clerk whom their own lead invited looks a record up as clerks do, but for its filing code."""
    lead = quiet.sitting("east/operator-lead")
    page = lead.post("/en/people/invite", {"role": "clerk", "label": "A colleague"})
    secret = re.search(r"/join#([\w-]+)", page.text)
    assert secret
    taken = submit(quiet.roll, filing(handle=handle("waits-1")), None, Actor("operator", "east"))
    assert isinstance(taken, Taken)
    shown = join(quiet, secret[1]).post("/en/operator/records", {"sought": handle("waits-1")})
    code = code_of(taken.number, quiet.roll.keys.code_key)
    assert (shown.status_code, handle("waits-1") in shown.text, code in shown.text) == (200, True, False)
