"""A third language, made up for these tests, opens a roll and shows everywhere."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import msgspec
import pytest

from openroll.cli import build
from openroll.compose.main import Process
from openroll.compose.settings import settings_from
from openroll.paper import letters_pdf
from openroll.register.events import EVENTS
from openroll.report.html import report_html
from openroll.rules import load, plain, shipped
from openroll.rules.check import SAFEGUARDS, check
from openroll.rules.procedure import procedure, procedures
from openroll.service.mail.message import TEMPLATES, Kind
from openroll.service.mail.outbox import deliver_due, send_later
from openroll.store import events
from openroll.store.work import MACHINE, enqueue
from openroll.whatif import titles
from openroll.words import catalogue
from openroll.words.labels import MACHINE_WHY, MACHINE_WORK
from openroll.words.mails import write
from tests.paper.reading import text_of
from tests.pseudo import CLOSE, OPEN, QAA, marked, seen, spoken, unmarked
from tests.report.outcomes import few
from tests.web.house import ADDRESS, House, house, name_of
from tests.web.walk import Walk

LANGUAGES = (QAA, "zh", "en")
SAFE = "cn-cq-2006-regulation+with-safeguards"
GIVEN: dict[Kind, str | int] = {"text": "a text", "day": "2007-01-05", "number": 1, "link": "https://roll.example/x"}
BESIDE = re.compile(r'<p class="govuk-body roll-break" lang="(?:zh-Hans|en)" dir="ltr">.*?</p>', re.DOTALL)
"""What stands beside the page's own language, where a page has a text in every language of the roll."""
TAKES_LONG = ("what-if", "what-if-held")
"""States that wait for the model; what it says is told by `report_html` here."""

LEADS_TO = {"letters-batch": "operator/letters", "jurisdiction": "registrar/rules"}
"""Where the other languages' links lead from states that are no page to come back to; from any other, to itself."""


@pytest.fixture(scope="module")
def third(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A roll that speaks the made-up language first."""
    folder = tmp_path_factory.mktemp("third")
    with spoken(folder), house(database_url, folder, name_of("third"), languages=LANGUAGES) as made:
        yield made


@pytest.fixture(scope="module")
def walked(third: House) -> Walk:
    """All its pages."""
    return Walk(ADDRESS, third.roll, third.client)


def test_every_page_is_in_the_language(walked: Walk) -> None:
    """Every page in every state has the language's tag, its own sentences, links to itself in the others, and no English one."""
    # Rules, procedures and jurisdictions are data, by language: what they do not say in this one they say in English.
    rules, place = [load(name) for name in (*shipped(), SAFE)], walked.roll.place.jurisdiction
    data = msgspec.json.encode([rules, place, [procedure(name) for name in procedures()]]).decode()
    faults: dict[str, list[str]] = {}
    for state in walked.states:
        if state.name in TAKES_LONG:
            continue
        page = walked.read(state, QAA).text
        assert f'<html lang="{QAA}" dir="ltr"' in page, state.name
        assert OPEN in page, state.name
        same = (
            LEADS_TO.get(state.name, state.path.partition("?")[0]) if state.sent is None and state.status == 200 else ""
        )
        for other, tag in (("zh", "zh-Hans"), ("en", "en")):
            link = rf'href="/{other}/{re.escape(same)}[^"]*" lang="{tag}" hreflang="{tag}"'
            assert re.search(link, page), state.name
        if left := [piece for piece in unmarked(seen(BESIDE.sub("", page))) if piece not in data]:
            faults[state.name] = left
    assert faults == {}


def test_safeguards_and_findings_are_in_it(third: House) -> None:
    """The rule's page names each safeguard in the language beside the others, and says what was seen in it."""
    page = seen(third.visitor().get(f"/{QAA}/rule").text)
    for one in SAFEGUARDS:
        assert marked(one.title) in page, one.id
    for finding in check(third.roll.rule):
        assert catalogue.said(QAA, finding.seen) in page, finding.id
        assert finding.outcome != "passed" or marked("Kept.") in page


def test_a_rule_that_is_checked_is_judged_in_it(third: House) -> None:
    """What keeps a proposed rule from a live roll, and the mistakes of a rule's text, are said in the language."""
    lead = third.sitting("registrar/registrar-lead")
    asked = {"reference": "cn-cq-2006-notice", "text": "", "act": "check"}
    page = lead.post(f"/{QAA}/registrar/rules", asked).text
    for finding in check(load("cn-cq-2006-notice")):
        assert (finding.outcome == "passed") == (catalogue.said(QAA, finding.title) not in seen(page)), finding.id
    assert marked("Not kept.") in page
    told = lead.post(f"/{QAA}/registrar/rules", {"reference": "", "text": "id: x\nid: y\nid: z\n", "act": "check"})
    assert told.status_code == 422
    assert marked("each key once") in told.text
    own = str([plain(load(ref)) for ref in (*shipped(), SAFE)])  # what a rule that waits says: no rule has words in it
    assert [one for one in unmarked(seen(told.text)) if one not in own] == []


def test_the_machines_work_says_why_in_it(third: House) -> None:
    """Each kind of work that the machine has to do says in the language what it is and why."""
    now = third.roll.clock()
    with third.roll.database.own() as connection:
        for kind in MACHINE_WHY:
            enqueue(connection, kind, "third", MACHINE, kind, now + timedelta(days=9), now=now)
    page = seen(third.sitting("registrar/registrar-lead").get(f"/{QAA}/registrar/work").text)
    for kind, why in MACHINE_WHY.items():
        assert marked(MACHINE_WORK[kind]) in page
        assert marked(why) in page
    with third.roll.database.own() as connection:
        connection.execute("delete from work where key = 'third'")


def test_the_languages_of_a_roll_are_its_own(third: House) -> None:
    """Its first page leads to its main language or the reader's; a page in a language it does not speak is no page."""
    visitor = third.visitor()
    assert visitor.get("/").headers["location"] == f"/{QAA}/"
    assert (
        visitor.ask("GET", "/", headers={"accept-language": "fr, zh-CN;q=0.9, en;q=0.1"}).headers["location"] == "/zh/"
    )
    assert visitor.get("/fr/help").status_code == 404
    assert "Disallow: /qaa/mine" in visitor.get("/robots.txt").text
    assert "Preferred-Languages: qaa, zh, en" in visitor.get("/.well-known/security.txt").text


def test_the_first_entry_says_them(third: House) -> None:
    """The event of the opening, and so the log's first entry, has the languages and the title in each."""
    with third.roll.database.own() as connection:
        (first,) = [row for row in events.of_streams(connection, [0]) if row.version == 1]
    assert first.name == "roll.opened/3"
    body = json.loads(first.body)
    assert body["languages"] == list(LANGUAGES)
    assert body["title"] == {QAA: "Trial qaa", "zh": "试验", "en": "Trial"}
    assert body["registrar"] == {QAA: "Registrar qaa", "zh": "试验登记机构", "en": "Trial registrar"}


def test_the_registrar_has_a_name_in_it(third: House) -> None:
    """The foot of each page says who keeps the roll in the page's language."""
    for lang, name in ((QAA, "Registrar qaa"), ("zh", "试验登记机构"), ("en", "Trial registrar")):
        assert name in seen(third.visitor().get(f"/{lang}/help").text)


def test_the_api_answers_in_it(third: House) -> None:
    """A problem is said in the language a program asks for, and in English when it asks for none the roll speaks."""
    for asked, told in ((QAA, OPEN), ("fr", "")):
        answer = third.client.post("/api/v1/filings", json={}, headers={"accept-language": asked})
        assert answer.headers["content-language"] == (QAA if told else "en")
        assert answer.json()["detail"].startswith(told)
        assert told or OPEN not in answer.text


def test_papers_are_in_it(walked: Walk, third: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A receipt on paper has the roll's languages beside each other, and a letter is in the one its page is in."""
    # No other process speaks the made-up language; what a child says is in tests/paper/test_letters.py.
    monkeypatch.setattr("openroll.web.operator.letters_apart", letters_pdf)
    visitor = third.visitor()
    visitor.jar.update({"__Host-session": walked.sessions["new"]})
    receipt = "".join(text_of(visitor.get(f"/{QAA}/mine/receipts/1/pdf").content))
    for title in (
        "Trialqaa",
        "试验",
        "Trial",
        "Registrarqaa",
        "试验登记机构",
        "Trialregistrar",
        f"{OPEN}Receipt{CLOSE}",
        "回执",
    ):
        assert title in receipt
    visitor.jar["__Host-session"] = walked.sessions["east/clerk"]
    letter = visitor.post(f"/{QAA}/operator/letters/1")
    assert letter.status_code == 200
    (first, *_) = text_of(letter.content)
    assert f"{OPEN}Handle{CLOSE}" in first


@pytest.mark.parametrize("template", TEMPLATES)
def test_mails_are_in_it(third: House, template: str) -> None:
    """Every mail has its subject and its text in the language."""
    del third  # the language is spoken as long as its roll is open
    letter = write(template, QAA, {name: GIVEN[kind] for name, kind in TEMPLATES[template].items()})
    assert letter.subject.startswith(OPEN)
    assert letter.body.startswith(OPEN)
    assert unmarked(letter.subject + letter.body) == []


def test_a_mail_goes_out_in_it(third: House) -> None:
    """A mail waits in the roll's tables in the language, and is sent in it."""
    now, sent = third.roll.clock(), list[str]()

    class Taken:
        def send(self, message: EmailMessage, _: str) -> None:
            sent.append(str(message["subject"]))

    send_later(third.roll, "trial", QAA, {}, "somebody@mail.example", now)
    assert deliver_due(third.roll, Taken(), write, third.roll.clock()).sent == len(sent)
    assert sent.count(marked("A trial mail")) == 1  # what the walk set off goes with it


def test_the_report_is_in_it(third: House) -> None:
    """What the model found is told in the language, with the names of assumptions; what a city or a rule lacks, in English."""
    del third
    page = report_html(few(), QAA)
    assert f'<html lang="{QAA}"' in page
    data = msgspec.json.encode([few().rules, few().city]).decode()
    assert [left for left in unmarked(seen(page)) if left not in data] == []
    assert all(marked(one.title) in seen(page) for one in titles().values())


def test_a_command_speaks_it(third: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`openroll receipt explain --lang qaa` explains in the language."""

    receipt, key = tmp_path / "receipt", tmp_path / "log.pub"
    receipt.write_bytes(b"no receipt\n")
    key.write_text("\n".join(third.roll.keys.verifier_keys), encoding="utf-8")
    with pytest.raises(SystemExit):
        build(Process(settings_from()))(["receipt", "explain", str(receipt), "--key", str(key), "--lang", QAA])
    assert marked("This receipt is not good.") in capsys.readouterr().out


def test_every_kind_of_entry_has_a_name_in_it(third: House) -> None:
    """What happened is named in the language, whatever it was."""
    from openroll.words.labels import EVENTS as NAMES
    from openroll.words.labels import words

    del third
    assert set(NAMES) == set(EVENTS)
    assert all(words(QAA, NAMES, kind).startswith(OPEN) for kind in EVENTS)
