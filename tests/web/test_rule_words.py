"""A rule as pages say it: each key and each word of a rule file has its words in every language, each clause is shown."""

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from openroll.places import load as load_place
from openroll.rules import KINDS, load, parse_rule, plain, rule_schema, shipped
from openroll.rules.diff import taken_back
from openroll.rules.language import in_language
from openroll.rules.values import given
from openroll.web import pages
from openroll.web.changes import UNTOLD, changes, in_words, said_kinds, terms
from openroll.web.rule_words import CLOSED, OF_SOURCES, PARTS
from openroll.words.catalogue import gettext

EVERYTHING = Path(__file__).parents[1] / "rules" / "made" / "everything.yaml"
RULE = parse_rule(EVERYTHING.read_text(encoding="utf-8"), "everything.yaml")


def test_every_key_of_a_rule_file_has_its_words() -> None:
    """No page calls a key of a rule by its name in the file."""
    keys = {key for thing in rule_schema()["$defs"].values() for key in thing.get("properties", {})}
    assert keys - set(PARTS) - set(OF_SOURCES) - {"version", "name", "article", "amount", "currency"} == set()


def test_every_word_that_a_key_takes_has_its_words() -> None:
    """Each value of each closed list of the schema is said in words, kinds among them."""
    enums = re.findall(r'"enum":\[(.*?)\]', msgspec.json.encode(rule_schema()).decode())
    allowed = {word for one in enums for word in re.findall(r'"([^"]+)"', one)}
    assert (allowed | set(KINDS)) - set(CLOSED) == set()


@pytest.mark.parametrize("text", sorted({*PARTS.values(), *CLOSED.values(), *OF_SOURCES.values()}))
def test_each_is_said_in_chinese(text: str) -> None:
    """Both languages of a roll have every word of a rule."""
    assert gettext("zh", text) != text


def test_a_clause_is_said_with_all_that_it_says() -> None:
    """Whom a duty is about, what hangs on it, how a fine is counted, what became of the rule: all stand on the page."""
    told = " / ".join(terms(one, RULE, "en") for one in (*RULE.duties, *RULE.measures, *(RULE.standing or ())))
    for words in (
        "about each record of: A person",
        "no act, no service: no activation before it is done",
        "working days: 5",
        "again after each",
        "counted back from the event: yes",
        "at most: of: lines; number: 9; for each: in the country",
        "kind: fine",
        "for each: each subscription and day; at most: GHS\xa05,000",
        "kind: prison",
        "standing: suspended",
        "measures: a fine",
        "counted from: the rule's first day",
    ):
        assert words in told, words


def test_a_change_of_the_first_day_of_a_duty_is_a_change() -> None:
    """That a duty holds from another day on is said where rules are held beside each other: it is no mere book-keeping."""
    rule = load("notification-2006")
    first: Any = msgspec.structs.replace(rule.duties[0], since=None, until="2030-01-01")
    later = msgspec.structs.replace(
        rule, duties=(msgspec.convert(msgspec.to_builtins(first), type(first)), *rule.duties[1:])
    )
    (change,) = changes(rule, later, "en")
    assert change["path"].endswith(PARTS["until"])
    assert change["new"] == "2030-01-01"
    assert "since" not in UNTOLD


def test_kinds_that_a_rule_declares_are_called_by_its_own_titles() -> None:
    """A field asked of foreigners says so in the rule's words; the seven kinds are said as everywhere."""
    assert said_kinds(["foreigner", "household"], RULE, "en") == "a visitor, A household"


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_board_says_what_operators_owe_and_what_is_not_counted(lang: str) -> None:
    """The table of what operators owe, the reminder, and the duties for which no day is kept all stand on the board."""
    tally = {"due": 12, "late": 3, "met": 5, "met_late": 7}
    board = {
        "owed": [("East", "File each", tally)],
        "coming": [("East", "File each", "7 July", 11)],
        "uncounted": ["Report a loss"],
        **tally,
    }
    told = pages._environment(lang).get_template("board.html").render(board=board, lang=lang)
    for words in (
        "What operators owe about each of their records",
        "Reminder: what operators have to do within 7 days",
    ):
        assert gettext(lang, words) in told
    for words in ("File each", "7 July", ">12<", ">11<", "Report a loss"):
        assert words in told
    bare = pages._environment(lang).get_template("board.html").render(board=tally, lang=lang)
    assert gettext(lang, "What operators owe about each of their records") not in bare


def test_whatever_a_shipped_rule_takes_back_of_another_is_said() -> None:
    """Any rule that ships, proposed again after any other: each value that goes back has its line, in both languages."""
    rules = [load(name) for name in shipped()]
    for old, now in zip(rules, [*rules[1:], rules[0]], strict=True):
        back = list(taken_back([plain(old)], plain(now), plain(old)))
        for lang in ("en", "zh"):
            assert len(in_words(back, now, old, lang)) >= 5, (old.id, now.id)


def test_a_clause_calls_kinds_as_the_place_does() -> None:
    """Whom a duty is of and about is said by the names that the jurisdiction gives its kinds, in a language without words too."""
    rule, place = load("ke-notification"), load_place("ke")
    kinds = tuple(msgspec.structs.replace(one, title={"es": f"({one.id})"}) for one in place.jurisdiction.kinds)
    jurisdiction = msgspec.structs.replace(place.jurisdiction, kinds=kinds)
    named = [terms(duty, rule, "es", msgspec.structs.replace(place, jurisdiction=jurisdiction)) for duty in rule.duties]
    for duty, said in zip(rule.duties, named, strict=True):
        of = {*duty.bearers, *(given(duty.about, ()))} & {one.id for one in kinds}
        assert all(f"({kind})" in said for kind in of), said
    assert any("(person)" in one for one in named)


@pytest.mark.parametrize("name", ["source", "sources", "id", "version", "overlays", "article", "file", "person"])
def test_what_a_thing_is_called_hides_no_change(name: str) -> None:
    """A fine that grows and a duty that comes are shown under their titles, also where those are called as a key."""
    rule = load("ke-notification")
    fine = msgspec.structs.replace(rule.measure("fine"), id=name)
    measures = tuple(fine if one.id == "fine" else one for one in rule.measures)
    duties = tuple(msgspec.structs.replace(one, measures=(name,)) for one in rule.duties)
    old = msgspec.structs.replace(rule, measures=measures, duties=duties)
    raised = msgspec.structs.replace(fine, fine_from=fine.fine_to)
    new = msgspec.structs.replace(
        old,
        version=2,
        measures=tuple(raised if one.id == name else one for one in measures),
        duties=(*duties, msgspec.structs.replace(duties[0], id=f"{name}-2", source="")),
    )
    *duty, amount = changes(old, new, "en")
    assert amount["path"] == "measures › still not corrected: a fine of 50,000 to 300,000 shillings › fine from"
    assert (amount["old"], amount["new"]) == ("KES\xa050,000.00", "KES\xa0300,000.00")
    title = in_language(duties[0].title, "en")
    assert [(one["path"], one["old"]) for one in duty[:4]] == [
        (f"duties › {title} ({name}-2) › deadlines › 1 › period", ""),
        (f"duties › {title} ({name}-2) › measures", ""),
        (f"duties › {title} ({name}-2) › who bears it", ""),
        (f"duties › {title} ({name}-2) › what is to be done", ""),
    ]
    assert [one["new"] for one in duty[:2]] == ["30 days", "still not corrected: a fine of 50,000 to 300,000 shillings"]
    assert [one["path"].rpartition(" › ")[2] for one in duty[-3:]] == ["wording", "to whom", "through whom"]


def test_books_that_stand_under_what_is_published_are_shown() -> None:
    """Another source of a clause or of a rule, its name, what is laid over it: each has a line; a version goes up with each."""
    rule = load("ke-notification")
    duty = msgspec.structs.replace(rule.duties[0], source="gazette")
    gazette = msgspec.structs.replace(rule.sources[0], id="gazette", title="Legal Notice 12", standing="seen")
    new = msgspec.structs.replace(
        rule,
        id="ke-2",
        version=2,
        overlays=("strict",),
        duties=(duty, *rule.duties[1:]),
        sources=(*rule.sources, gazette),
    )
    told = {one["path"]: one["new"] for one in changes(rule, new, "en")}
    assert told["name in the file"] == "ke-2"
    assert told["what is laid over it"] == "strict"
    assert told[f"duties › {in_language(duty.title, 'en')} › source"] == "Legal Notice 12"
    assert any(path.startswith("sources › Legal Notice 12 (gazette)") for path in told)
    assert len(told) == 5


def test_no_line_drowns_in_a_title() -> None:
    """A duty whose title is a page long stands there once; where its values stand it is said by its beginning and its name."""
    rule = load("ke-notification")
    long = {"en": "Report the end of a subscription on a form of the registrar, " * 20, "sw": "Toa taarifa"}
    duty = msgspec.structs.replace(rule.duties[0], id="tell-end", title=long)
    told = changes(rule, msgspec.structs.replace(rule, duties=(*rule.duties, duty)), "en")
    assert {one["path"].count("Report the end") for one in told} == {2}
    assert all("… (tell-end) › " in one["path"] for one in told)
    assert [long["en"] in one["new"] for one in told].count(True) == 1
