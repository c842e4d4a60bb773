"""What a person new to the roll came upon: a seat that waits, a link to the other language, whose name is asked, a sentence."""

import io
import re
from html import unescape
from urllib.parse import quote

from rich.console import Console

from openroll.cli.rule_pages import show_differences, show_findings, show_list, show_rule
from openroll.rules import check, full_title, load
from openroll.rules.language import in_language
from openroll.service.identity.people import invite, organisations, usual_label
from openroll.web.markup import sentence
from openroll.words.catalogue import gettext
from tests.handles import handle
from tests.seats import invited, seated
from tests.service.filings import digests as filing_digests
from tests.web.attacks.test_others_things import ended, sent
from tests.web.house import House


def other_language(page: str) -> str:
    """Where the link to the other language leads."""
    found = re.search(r'roll-language" href="([^"]+)"', page)
    assert found
    return unescape(found[1])


def test_a_seat_that_waits_for_a_lead_stands_in_the_leads_work(inside: House) -> None:
    """Who may confirm a new seat is told so under Work, and not that nothing waits; who may not sees nothing of it."""
    lead = inside.sitting("registrar/registrar-lead")
    invited(inside.roll, "east", "clerk", seated(inside.roll, "east", "operator-lead"))
    page = lead.get("/en/registrar/work").text
    assert "New seats that wait" in page
    assert "Nothing waits." not in page
    other = inside.sitting("registrar/registrar").get("/en/registrar/work").text
    assert "New seats that wait" not in other


def test_the_link_to_the_other_language_keeps_what_was_asked(inside: House) -> None:
    """An invitation's secret, a place in a list: not lost; what was done on the way is not said twice."""
    visitor = inside.visitor()
    secret = invite(inside.roll, "east", "clerk", "counter")
    assert isinstance(secret, str)
    page = visitor.get(f"/en/join?invitation={quote(secret)}").text
    assert other_language(page) == f"/zh/join?invitation={quote(secret)}"
    assert secret in visitor.get(other_language(page)).text
    assert other_language(visitor.get("/en/join").text) == "/zh/join"
    assert other_language(visitor.get("/en/?done=signed-out").text) == "/zh/"
    hostile = visitor.get('/en/join?invitation="><b>').text
    assert '"><b>' not in hostile


def test_a_household_is_asked_for_its_own_name(inside: House) -> None:
    """Only an organisation is asked for the name of one; in both languages, when filing and when telling."""
    for lang in ("en", "zh"):
        own = gettext(lang, "Your name")
        title = inside.roll.rule.fields[0].title
        of_one = title[lang]
        visitor, _ = inside.filed()
        page = visitor.get(f"/{lang}/mine/tell").text
        assert own in page
        assert of_one not in page


def test_the_keepers_seats_are_told_apart(inside: House) -> None:
    """Whose seat it is, and that it is the keeper's: not whether it is the first, which is not known before it is taken."""
    assert usual_label(inside.roll, "west", "operator-lead") == "lead of west (keeper's)"
    assert usual_label(inside.roll, "panel", "reviewer") == "reviewer of panel (keeper's)"


def test_what_somebody_wrote_is_closed_before_another_sentence() -> None:
    """With the stop of the language, and not with two."""
    assert sentence("en", "Came to the counter") == "Came to the counter."
    assert sentence("zh", "持合同来过柜台") == "持合同来过柜台。"
    assert sentence("en", "Is it so?") == "Is it so?"
    assert sentence("zh", "来过。 ") == "来过。"


def test_one_filing_is_not_called_a_file(inside: House) -> None:
    """A program that sends one filing reads of the filing, and of no row."""
    body = {
        "act": "new",
        "handle": "k",
        "kind": "king",
        "access": "adsl",
        "district": "500103",
        "connected": "2006-11-27",
    }
    headers = {"authorization": f"Bearer {inside.token()}", "idempotency-key": "one-filing-1"}
    answer = inside.client.post("/api/v1/filings", json=body, headers=headers).json()
    assert answer["code"] == "filing-faulty", answer
    assert "Faults in the filing" in answer["detail"]
    assert "file" not in answer["detail"].split()


def test_a_rule_with_overlays_is_called_by_both(inside: House) -> None:
    """Wherever a rule is headed by its title, what was laid over it stands there too: it is not the law beneath."""
    rule = load("cn-cq-2006-regulation+with-safeguards")
    over = {"zh": "加上全部保障", "en": "with every safeguard"}
    assert full_title(rule) == {lang: f"{rule.title[lang]} + {over[lang]}" for lang in over}
    lead = inside.sitting("registrar/registrar-lead")
    for lang in over:
        both = full_title(rule)[lang]
        for visitor, path in (
            (inside.visitor(), "rule"),
            (inside.visitor(), "rule/history"),
            (lead, "registrar/rules"),
        ):
            assert both in seen(visitor.get(f"/{lang}/{path}").text), (lang, path)
    console = Console(file=io.StringIO(), width=200)
    with console.capture() as said:
        show_rule(console, rule)
        show_findings(console, rule, check(rule))
        show_differences(console, rule, rule, [])
        show_list(console, [(rule, 24, 0)])
    assert said.get().count(full_title(rule)["en"]) == 5, "the rule, its findings, both sides, the list"


def test_a_household_does_not_read_that_it_is_asked(inside: House) -> None:
    """What the rule asks of organisations is by choice for a household, and no article holds it to that."""
    visitor, _ = inside.filed()
    for lang in ("en", "zh"):
        page = seen(visitor.get(f"/{lang}/mine/tell").text)
        assert gettext(lang, "Asked of: {kinds}").partition("{")[0] not in page
        assert gettext(lang, "By choice") in page


def test_the_history_calls_an_organisation_by_its_title(inside: House) -> None:
    """As the page said it when something was told; not by the short name that commands know."""
    visitor, _ = inside.filed()
    form = visitor.get("/en/mine/tell").text
    data = {name: found[1] for name in ("key", "seed") if (found := re.search(rf'name="{name}" value="([^"]+)"', form))}
    assert "Told" in visitor.post("/en/mine/tell", data | {"to": "registrar", "field-phone": "02363812345"}).text
    row = seen(visitor.get("/en/mine").text).partition("Told by choice")[2]
    title = next(one.title for one in organisations(inside.roll) if one.name == "registrar")
    assert row.lstrip().startswith(in_language(title, "en"))


def test_a_day_that_is_refused_is_written_as_the_others_are(inside: House) -> None:
    """And the sentence names no field of the program's."""
    visitor, _ = inside.filed()
    early = {"ended-year": "1990", "ended-month": "11", "ended-day": "28", "key": "early"}
    page = seen(visitor.post("/en/mine/end", early).text)
    assert "The date 28 November 1990 is not between" in page
    assert "(on)" not in page


def test_a_cell_that_is_put_right_has_its_words_beside_it(inside: House) -> None:
    """The verdict names the words of a column, the nearest of many; each is offered with its meaning where the cell is typed."""
    clerk = inside.sitting("east/clerk")
    header = "handle,kind,access,district,connected,digests"
    line = f"{handle('words-1')},king,telepathy,500999,2006-11-02,{' '.join(filing_digests('words'))}"
    path = sent(clerk, f"{header}\n{line}\n".encode())
    page = ended(clerk, path)
    for column, word in (("kind", "household"), ("access", "adsl"), ("district", "500103")):
        assert f'list="words-{column}"' in page
        assert re.search(rf'<datalist id="words-{column}">.*?<option value="{word}">', page), column
        near = "The nearest are" if column == "district" else "Write one of these:"
        assert re.search(rf"{near} [^<]*\b{word[:3]}", page), column
    said = seen(page)
    assert said.count("nothing was written") == 1, "it is said once that the file was refused whole"


def test_figures_that_are_published_are_not_offered_again(inside: House) -> None:
    """Once a day, and the page says so instead of the button."""
    lead = inside.sitting("registrar/registrar-lead")
    lead.post("/en/registrar/figures")
    page = lead.get("/en/registrar/figures").text
    assert "Publish the figures of today" not in page
    assert "The next can be tomorrow." in seen(page)


def seen(page: str) -> str:
    """A page's text without its tags."""
    return unescape(re.sub(r"<[^>]+>", "", page))
