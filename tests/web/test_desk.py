"""The pages of a request's bodies, without a browser: acts by forms, refusals at their fields, nothing sealed has a name."""

import re
from datetime import timedelta

import pytest

from openroll.register.request import commands
from openroll.service.acts import Acted
from openroll.service.requests import shown, steps
from openroll.web import desk, requests
from openroll.web.desk_acts import SEALED
from openroll.words.desk import WAITS
from tests.register.asked import COMPLAINT, OFFICE, WORD, notice, sealed
from tests.service.requests.bodies import Bodies, bodies
from tests.web.house import House
from tests.web.visitor import Visitor

_SECRET = re.compile(r"<(?:input|textarea|select)[^>]* data-secret=[^>]*>")


@pytest.fixture(scope="module")
def made(inside: House) -> Bodies:
    """An authority, a reviewer and an operator with keys and a registered use."""
    return bodies(inside.roll)


def act(visitor: Visitor, number: int, name: str, /, **said: str) -> str:
    """Send the form of an act: `done` where it was taken, else the name of the field at which it is refused."""
    fields = {"act": name} | {f"{name}-{one.replace('_', '-')}": value for one, value in said.items()}
    answer = visitor.post(f"/en/desk/{number}", fields)
    if answer.status_code == 303:
        assert answer.headers["location"] == f"/en/desk/{number}?done=request"
        return "done"
    assert answer.status_code in (403, 409, 422), answer.text
    found = re.search(r'href="#([a-z-]+)"[^>]*>', answer.text[answer.text.index("govuk-error-summary") :])
    assert found
    return found[1]


def offered(visitor: Visitor, number: int) -> set[str]:
    """The acts that a page offers."""
    page = visitor.get(f"/en/desk/{number}")
    assert page.status_code == 200, page.text
    return set(re.findall(r'id="act-([a-z-]+)"', page.text))


def step_of(house: House, number: int) -> str:
    """The step that a request is in."""
    return shown.public(house.roll, number=number)[0].request.standing.step


def test_an_ordinary_request_by_forms(inside: House, made: Bodies) -> None:
    """Each body is offered its own acts and no other's; what a form lacks is said at its field; what is taken moves it on."""
    number = made.file(urgency="ordinary")
    officer, judge, clerk = map(inside.sitting, ("police/officer", "court/reviewer", "east/clerk"))
    assert offered(officer, number) == {"withdraw"}
    assert offered(clerk, number) == set()
    assert offered(judge, number) == {"approve", "refuse", "return", "ask-back", "postpone", "extend"}
    assert act(clerk, number, "approve", is_name="yes") == "act-approve"
    assert act(judge, number, "approve") == "approve-which"
    assert act(judge, number, "refuse") == "refuse-code"
    assert act(judge, number, "return", why="x") == "return-which"
    assert act(judge, number, "postpone", until="soon", why="x") == "postpone-until"
    assert act(judge, number, "postpone", until="2036-12-31T12:00", why="x") == "postpone-until"
    odd = (inside.roll.clock() + timedelta(days=9)).strftime("%Y-%m-%dT%H:%M:%S+00:00:29")
    assert act(judge, number, "postpone", until=odd, why="x") == "postpone-until", "the log would say another moment"
    assert act(judge, number, "refuse", code="no-basis", why="call 138 1234 5678") == "refuse-why"
    assert act(judge, number, "approve", is_name="yes", why="enough for the case") == "done"
    assert offered(clerk, number) == {"answer", "not-given"}
    assert "annul" in offered(judge, number)
    unfolded = re.findall(r'<details[^>]* id="act-([a-z-]+)" open', judge.get(f"/en/desk/{number}").text)
    assert unfolded == ["sign"], "what was approved without a script is not signed yet; the rest takes back"
    assert act(clerk, number, "answer") == "act-answer"
    assert act(clerk, number, "not-given", code="impossible") == "done"
    assert act(clerk, number, "nobody") == "act-nobody"
    assert step_of(inside, number) == "to-tell"


def test_what_was_not_chosen_is_asked_for_at_its_field(inside: House, made: Bodies) -> None:
    """A field that is approved is ticked by the reviewer, none beforehand; a choice left out is asked for in plain words."""
    number, judge = made.file(urgency="ordinary"), inside.sitting("court/reviewer")
    boxes = re.findall(r"<input[^>]*approve-is-[^>]*>", judge.get(f"/en/desk/{number}").text)
    assert boxes
    assert not any("checked" in one for one in boxes)
    for act, sentence in {
        "approve": "Tick each field that you approve",
        "refuse": "Choose a main reason",
        "return": "Tick what is missing",
    }.items():
        page = judge.post(f"/zh/desk/{number}", {"act": act, f"{act}-code": "none-of-it", "return-is-x": "yes"})
        refused = judge.post(f"/en/desk/{number}", {"act": act})
        assert refused.text.count(sentence) == 2, "in the summary and at the field"
        assert page.status_code == refused.status_code == 422
        assert not any(code in page.text for code in ("none-of-it", "not-specific, no-basis"))


def test_an_emergency_by_forms(inside: House, made: Bodies) -> None:
    """Called back at the registered office alone, confirmed by a second person, answered, and annulled by its review."""
    number = made.file(urgency="emergency")
    officer, chief, judge, clerk = map(
        inside.sitting, ("police/officer", "police/officer-lead", "court/reviewer", "east/clerk")
    )
    assert act(chief, number, "confirm") == "act-confirm"
    assert OFFICE in clerk.get(f"/en/desk/{number}").text
    assert act(clerk, number, "call-back", number="+86 23 9999 9999") == "call-back-number"
    assert act(clerk, number, "call-back", number=OFFICE) == "done"
    assert act(officer, number, "confirm") == "act-confirm", "who asked is no second person"
    assert act(chief, number, "confirm") == "done"
    assert "annul" in offered(judge, number)
    assert act(judge, number, "annul", code="no-emergency") == "done"
    assert "annulled: what was given may not be used" in officer.get(f"/en/desk/{number}").text


def test_nothing_that_is_sealed_has_a_name(inside: House, made: Bodies) -> None:
    """No form can send what is sealed: record, grounds, keys and files have no name, and the acts wait for the script."""
    number = made.file(urgency="ordinary")
    officer, judge, clerk = map(inside.sitting, ("police/officer-lead", "court/reviewer", "east/clerk"))
    pages = [officer.get("/en/desk/ask").text, judge.get(f"/en/desk/{number}").text]
    assert act(judge, number, "approve", is_name="yes") == "done"
    pages.append(clerk.get(f"/en/desk/{number}").text)
    secrets = [_SECRET.findall(page) for page in pages]
    assert [len(one) for one in secrets] == [10, 2, 6]
    assert not any(re.search(r"\sname=", one) for some in secrets for one in some)
    for page in pages:
        acts = re.findall(r'<details class="govuk-details" id="act-([a-z-]+)"([^>]*)>', page)
        assert all((name in SEALED or name in WAITS) == ("hidden" in more) for name, more in acts)
    refused = officer.post("/en/desk/ask", {"use": str(made.use), "operator": "east", "reviewer": "court"})
    assert refused.status_code == 422


def test_a_phone_shows_few_requests_and_no_list_of_months(
    inside: House, made: Bodies, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The public page and a body's own go on to the earlier requests; figures are a table that goes on to the side."""
    numbers = [made.file(urgency="ordinary") for _ in range(2)]
    for module, visitor, path in (
        (desk, inside.sitting("court/reviewer"), "desk"),
        (requests, inside.visitor(), "requests"),
    ):
        assert module.MOST <= 20
        monkeypatch.setattr(module, "MOST", 1)
        first = visitor.get(f"/en/{path}").text
        shown = re.findall(rf'href="/en/{path}/([0-9]+)"', first)
        older = re.search(rf'href="(/en/{path}\?before=[0-9]+)"', first)
        assert len(shown) == 1
        assert older
        assert f'href="/en/{path}/{numbers[0]}"' in visitor.get(f"/en/{path}?before={numbers[1]}").text
    assert re.search(r'<table class="govuk-table[^"]*"[^>]*><caption[^>]*>By month', first)
    assert not re.search(r'<table class="[^"]*roll-listed[^"]*"[^>]*><caption[^>]*>By month', first)


def test_whose_it_is_not_sees_no_request(inside: House, made: Bodies) -> None:
    """Another operator finds none under its number, and a registrar has no such page."""
    number = made.file(urgency="ordinary")
    assert inside.sitting("west/clerk").get(f"/en/desk/{number}").status_code == 404
    assert inside.sitting("registrar/registrar-lead").get(f"/en/desk/{number}").status_code == 403
    assert inside.sitting("court/reviewer").get("/en/desk/ask").status_code == 403
    assert inside.sitting("east/clerk").post("/en/desk/keys", {"public": "x"}).status_code == 403


def test_what_a_use_lacks_is_said_at_each_field(inside: House, made: Bodies) -> None:
    """What was left out is asked for; a telephone with words beside it is told what form it has, and not that it is missing."""
    lead = inside.sitting("police/officer-lead")
    lacking = lead.post("/en/desk/uses", {"basis": "Act 100"}).text
    for sentence in ("Telephone of your office · It is not there.", "Tick at least one.", "Choose a purpose."):
        assert sentence in lacking
    whole = {"purpose": "0", "basis": "Act 100", "field-name": "yes", "supervisor": "S", "supervised_at": "s.example"}
    worded = lead.post("/en/desk/uses", whole | {"office": "ask for Wang, 6000 0000"})
    assert worded.status_code == 422
    assert re.search(r'href="#office">\s*Give the telephone of your office as one number', worded.text)
    assert "It is not there" not in worded.text


def test_a_complaint_is_seen_in_the_list_and_at_the_head(inside: House, made: Bodies) -> None:
    """Whoever reviewed sees which request the person complained about, and how to read what they wrote."""
    number, quiet = made.file(urgency="ordinary"), made.file(urgency="ordinary")
    for one in (number, quiet):
        made.does(commands.Refuse(request=one, reason="no-grounds"), "reviewer")
        made.does(commands.Tell(request=one, notice=notice(), bucket=7, complaint=COMPLAINT), "clerk")
    judge = inside.sitting("court/reviewer")
    letter = sealed(b"I never", ("court",), "person")
    assert isinstance(steps.complain(made.roll, commands.Complain(request=number, word=WORD, envelope=letter)), Acted)
    rows = re.findall(r"<tr.*?</tr>", judge.get("/en/desk").text, re.DOTALL)
    marked = [row for row in rows if "complained about" in row]
    assert [f'href="/en/desk/{number}"' in row for row in marked] == [True]
    page = judge.get(f"/en/desk/{number}").text
    assert "The person has complained about this request." in page
    assert "By the procedure nobody here has anything left to do" in page
    assert "Whose turn" not in page, "a complaint is made once: it is the person's turn no more"
    assert "Closes by itself on" in page
    assert sum("the supervisor hears it" in row for row in rows) == len(marked) == 1
    assert "Whose turn" in judge.get(f"/en/desk/{quiet}").text
    assert "They wrote something beside it" in page
    assert "complained" not in judge.get(f"/en/desk/{quiet}").text


def test_each_step_says_who_and_when_and_the_request_for_what(inside: House, made: Bodies) -> None:
    """Anybody reads who took the envelopes, at what time of day, and for which purpose and on what basis was asked."""
    number, judge = made.file(urgency="ordinary"), inside.sitting("court/reviewer")
    made.does(commands.OpenRequest(request=number), "reviewer")
    opened = shown.public(inside.roll, number=number)[0].history[-1][0]
    for page in (inside.visitor().get(f"/en/requests/{number}").text, judge.get(f"/en/desk/{number}").text):
        (row,) = (one for one in re.findall(r"<tr.*?</tr>", page, re.DOTALL) if "Sealed envelopes were taken" in one)
        assert opened.by in row
        assert f"{opened.at.astimezone(inside.roll.zone):%H:%M:%S}" in row
        assert re.search(r"Purpose</dt>\s*<dd[^>]*>\s*\w", page)
        assert re.search(r"Basis</dt>\s*<dd[^>]*>\s*\w", page)


def test_what_waits_for_ones_own_body_comes_first(inside: House, made: Bodies) -> None:
    """A list begins with what is one's own turn, though others are newer, and the clerk's list with what is the clerk's."""
    waits, goes_on = made.file(urgency="ordinary"), made.file(urgency="ordinary")
    made.does(commands.Approve(request=goes_on, fields=("name",)), "reviewer")
    for seat, first, second in (("court/reviewer", waits, goes_on), ("east/clerk", goes_on, waits)):
        page = inside.sitting(seat).get("/en/desk").text
        assert page.index(f'href="/en/desk/{first}"') < page.index(f'href="/en/desk/{second}"')


def test_a_key_that_is_none_is_refused_in_the_readers_language(inside: House, made: Bodies) -> None:
    """The sentence is whole in each language: nothing of a program's own words stands in it."""
    refused = inside.sitting("police/officer-lead").post("/zh/desk/keys", {"public": "no key"})
    assert refused.status_code == 422
    assert "it is no public half" not in refused.text
