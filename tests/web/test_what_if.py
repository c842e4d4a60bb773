"""The page of the city model, without a browser: addresses, faults by field, waiting, and what hostile addresses come to."""

import re
import shlex
from urllib.parse import quote

import pytest

from openroll.cli.whatif.commands import app
from openroll.report.answer import CHARTS
from openroll.service.application import Application
from openroll.service.simulation import Busy, Failed, Question
from openroll.web import what_if
from openroll.web.whatif_choices import Choices
from openroll.web.whatif_form import movable
from tests.web.house import House

NOTICE, PROPOSAL = "cn-cq-2006-notice", "notification-2006"
ASKED = f"/en/what-if?city=village&rule={NOTICE}&rule={PROPOSAL}"
HOSTILE = {
    "nothing said of anything": "rule=&city=&liability=&filing.heed=",
    "a city outside the folder": "city=../../etc/passwd",
    "a rule outside the folder": f"rule={quote('../x')}&city=village",
    "ninety rules": "&".join(f"rule=r{n}" for n in range(90)),
    "one rule ninety times and no such city": "&".join(["rule=notification-2006"] * 90) + "&city=x",
    "a number that is none": "filing.heed=nan",
    "a number without end": "filing.heed=inf",
    "a number with an underscore": "filing.heed=0_1",
    "a number of a thousand digits": "filing.heed=" + "9" * 1000,
    "a number below nought": "filing.heed=-0.1",
    "a share above one": "filing.heed=1.5",
    "more than may be": "officials.checks=1e300",
    "an exponent": "officials.checks=1e3",
    "markup": "filing.heed=" + quote('"><script>alert(1)</script>'),
    "a NUL": "filing.heed=%00",
    "bytes that are no text": "city=%ff%fe",
    "a liability that is none": "liability=everyone",
}


@pytest.mark.parametrize("sentence", HOSTILE)
def test_a_hostile_address_is_told_what_is_wrong(inside: House, sentence: str) -> None:
    """Whatever stands in the address, the answer is a page that says what is wrong, and nothing typed comes back as markup."""
    for path in ("/en/what-if", "/zh/what-if", "/en/what-if/filed/chart", "/en/what-if/progress"):
        answer = inside.visitor().ask("GET", f"{path}?{HOSTILE[sentence]}", follow_redirects=True)
        assert answer.status_code < 500, (path, answer.text)
        assert "<script>alert" not in answer.text
        assert "Traceback" not in answer.text
        if path.endswith("what-if"):
            assert answer.status_code == 422, path
            assert "govuk-error-summary" in answer.text
            for place in re.findall(r'govuk-error-summary__list">.*?</ul>', answer.text, re.DOTALL)[0].split('href="#')[
                1:
            ]:
                assert f'id="{place.split(chr(34))[0]}"' in answer.text


def test_a_question_has_one_address(inside: House) -> None:
    """However a question is put, its address is the same: rules in their order, what is as the city has it left out."""
    visitor = inside.visitor()
    ways = (
        f"rule={PROPOSAL}&rule={NOTICE}&city=village&liability=symmetric&filing.heed=&filing.lull=",
        f"city=village&rule={PROPOSAL}&rule={NOTICE}&rule={NOTICE}",
    )
    for way in ways:
        answer = visitor.get(f"/en/what-if?{way}")
        assert (answer.status_code, answer.headers["location"]) == (303, ASKED)
    for typed in (".5", "0.50", "50 %", quote("０．５")):
        answer = visitor.get(f"{ASKED}&filing.heed={typed}")
        assert answer.headers["location"] == f"{ASKED}&filing.heed=0.5"


@pytest.mark.parametrize("value", ["0", "1"])
def test_the_ends_of_every_box_can_be_asked(inside: House, value: str) -> None:
    """Every assumption held at nought, or at all there is: the model answers that too."""
    held = "&".join(f"{path}={value}" for path in movable())
    answer = inside.visitor().ask("GET", f"{ASKED}&liability=asymmetric&{held}&wait=1", follow_redirects=True)
    assert answer.status_code == 200
    assert 'id="answer"' in answer.text


def test_who_does_not_wait_is_shown_how_far_it_is(inside: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A question that takes a while is answered at once with how far it is and a link that waits; the link ends at the answer."""
    monkeypatch.setattr(what_if, "PATIENCE", 0.0)
    visitor = inside.visitor()
    waiting = visitor.get(f"{ASKED}&filing.lull=0.003")
    assert waiting.status_code == 200
    assert 'role="status"' in waiting.text
    link = re.search(r'<a class="govuk-link" href="([^"]+wait=1)"', waiting.text)
    assert link
    there = visitor.ask("GET", link[1].replace("&amp;", "&"), follow_redirects=True)
    assert there.status_code == 200
    assert str(there.url).endswith("&filing.lull=0.003")
    assert 'id="answer"' in there.text
    assert (
        visitor.get("/en/what-if/progress?" + ASKED.partition("?")[2] + "&filing.lull=0.003").json()["state"] == "done"
    )


def test_when_too_many_wait_one_is_asked_to_come_again(inside: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page and a chart say that there is too much to do, and when to try again; the form keeps what was asked."""

    async def busy(*_: object) -> Busy:
        return Busy()

    application: Application = inside.client.app.state.application
    monkeypatch.setattr(application.simulation, "answer", busy)
    answer = inside.visitor().get(f"{ASKED}&filing.heed=0.7")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, str(what_if.BUSY))
    assert "Too many questions wait just now." in answer.text
    assert 'value="0.7"' in answer.text
    assert inside.visitor().get("/en/what-if/filed/chart").status_code == 503


def test_a_model_that_cannot_answer_says_so(inside: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page says that the fault is ours and when to ask again, a chart likewise; what was asked stays in the form."""

    async def failed(*_: object) -> Failed:
        return Failed(300)

    application: Application = inside.client.app.state.application
    monkeypatch.setattr(application.simulation, "answer", failed)
    answer = inside.visitor().get(f"{ASKED}&filing.heed=0.7")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "300")
    assert "The city model could not answer this question." in answer.text
    assert "in 5 minutes" in answer.text
    assert 'value="0.7"' in answer.text
    assert "城市模型未能回答这个问题。" in inside.visitor().get(f"{ASKED}&filing.heed=0.7".replace("/en/", "/zh/")).text
    assert inside.visitor().get("/en/what-if/filed/chart").status_code == 503


def test_charts_are_pictures_that_anyone_may_keep(inside: House) -> None:
    """Each chart of an answer is an SVG at an address of its own, light and dark, that sets no cookie and may be cached."""
    visitor = inside.visitor()
    page = visitor.ask("GET", f"{ASKED}&wait=1", follow_redirects=True).text
    pictures = re.findall(r'(?:src|srcset)="(/en/what-if/[a-z]+/chart[^"]*)"', page)
    assert len(pictures) >= 2 * len(CHARTS) - 2
    for address in pictures:
        answer = visitor.get(address.replace("&amp;", "&"))
        assert answer.status_code == 200, address
        assert answer.headers["content-type"] == "image/svg+xml"
        assert answer.headers["cache-control"].startswith("public")
        assert "set-cookie" not in answer.headers
        assert answer.text.startswith("<svg")
        assert not re.search(r"<script|\bon[a-z]+\s*=\s*\"", answer.text)
    assert visitor.get("/en/what-if/nothing/chart").status_code == 404


def test_an_answer_needs_no_database(inside: House) -> None:
    """What is asked is written nowhere."""
    before = inside.acts()
    inside.visitor().ask("GET", f"{ASKED}&wait=1", follow_redirects=True)
    assert inside.acts() == before


def test_the_question_is_told_as_a_command(capsys: pytest.CaptureFixture[str]) -> None:
    """The command that the page shows is one: it asks the same rules, the same city, what is held fixed, and more runs."""
    asked = Question("village", (NOTICE, PROPOSAL), "asymmetric", (("filing.heed", 0.5),))
    words = shlex.split(what_if.told_question(asked, "zh", Choices({}, None, asked), "https://roll.example")["command"])
    assert words[:3] == ["openroll", "whatif", "run"]
    assert words[-2:] == ["-o", "report.html"]
    with pytest.raises(SystemExit) as ended:
        app([*words[2:-2], "--dry-run"])
    assert not ended.value.code, capsys.readouterr().err
