"""Pages use what a jurisdiction says: its word for a district, its offices, the forms of its numbers."""

import re
from collections.abc import Iterator
from datetime import date
from types import SimpleNamespace
from typing import Any, cast

import msgspec
import pytest

from openroll.places import Office, load
from openroll.places.model import Address
from openroll.rules import full_title
from openroll.rules.language import in_language
from openroll.service.application import Application
from openroll.service.roll import RuleVersion
from openroll.web.charts import bars
from openroll.web.local import district_word, offices_by_district, offices_of
from openroll.web.place_changes import place_changes
from openroll.web.public import coming_rules
from openroll.words.catalogue import gettext
from tests.service.filings import digest
from tests.web.house import House
from tests.web.visitor import Visitor

ADDRESS = Address(("{organisation}", "Box {box}-{postcode}", "{street} {number}", "{town}"))
OFFICES = (
    Office("500103", {"en": "Yuzhong office", "zh": "渝中办事处"}, 2, "", {"box": "12", "town": "Chongqing"}),
    Office("500105", {"en": "Jiangbei office"}, 1, "1 North Road"),
)


def told_more(version: RuleVersion) -> RuleVersion:
    """The same rule version in a jurisdiction that names its districts, offices and a form of telephone numbers."""
    place = version.place
    numbers = [
        msgspec.structs.replace(one, fields=("phone",)) if one.phonenumbers else one
        for one in place.jurisdiction.numbers
    ]
    says: dict[str, Any] = {"levels": ({"en": "County", "zh": "县份"},), "numbers": tuple(numbers), "address": ADDRESS}
    jurisdiction = msgspec.structs.replace(place.jurisdiction, **says)
    return msgspec.structs.replace(
        version, place=msgspec.structs.replace(place, jurisdiction=jurisdiction, offices=OFFICES)
    )


@pytest.fixture
def told(inside: House) -> Iterator[House]:
    """The roll of these tests, for one test in a jurisdiction that says more."""
    before = inside.roll.versions
    inside.roll.adopt(tuple(map(told_more, before)))
    yield inside
    inside.roll.adopt(before)


def filed(visitor: Visitor, step: str, **more: str) -> str:
    """The page that comes of a step of filing."""
    first = {"operator": "east", "kind": "household", "access": "adsl", "district": "500103"}
    day = {"connected-year": "2006", "connected-month": "11", "connected-day": "27"}
    return visitor.post("/en/file", first | day | {"step": step} | more).text


def test_a_district_is_called_as_the_place_calls_it(told: House) -> None:
    """In the select, in what is checked, on the filing's page, in figures, and in what is said of a missing one."""
    visitor = told.visitor()
    assert ">\n    County\n  </label>" in visitor.get("/en/file").text
    assert "Choose one: County" in filed(visitor, "subscription", district="")
    assert ">County</dt>" in filed(visitor, "about")
    visitor.file_alone()
    assert ">County</dt>" in visitor.get("/en/mine").text
    assert "县份" in visitor.get("/zh/mine").text
    assert "Subscriptions by place (County)" in visitor.get("/en/figures").text


def test_where_to_go_stands_where_one_reads(told: House) -> None:
    """One's office on the filing's page and before filing; all on the page Help, linked from home; the zone of times."""
    visitor = told.visitor()
    assert "Box 12<br>Chongqing" in filed(visitor, "about")
    visitor.file_alone()
    mine = visitor.get("/en/mine").text
    assert "<strong>Yuzhong office</strong><br>Box 12<br>Chongqing" in mine
    assert "Jiangbei" not in mine.replace("Jiangbei District", "")
    assert "渝中办事处" in visitor.get("/zh/mine").text
    helped = visitor.get("/en/help").text
    assert "Yuzhong office<br>Box 12<br>Chongqing" in helped
    assert "Jiangbei office<br>1 North Road" in helped
    home = visitor.get("/en/").text
    assert "/en/help#offices" in home
    assert re.search(r"Times that name no zone are of this one: <span[^>]*>Asia/Shanghai<", home)


def test_a_number_of_another_form_is_asked_for_again(told: House) -> None:
    """Who files or tells a telephone number of two digits is shown an example; the script of the page has it beside the box."""
    visitor = told.visitor()
    said = "Check this number. It is written as in this example: 023 6381 2345"
    about = filed(visitor, "subscription")
    assert "data-shape=" in about
    assert f'id="field-phone-shape" role="alert" hidden>{said}' in about
    assert said in filed(visitor, "about", **{"field-phone": "12"}).split("hidden>", 1)[0]
    visitor.file_alone()
    answer = visitor.post("/en/mine/tell", {"field-phone": "12"})
    assert answer.status_code == 422
    answer = visitor.post("/en/mine/tell", {"field-phone": "023 6381 2345"})
    assert answer.status_code == 200, answer.text.partition("govuk-error-summary__body")[2][:600]


def test_a_field_offered_to_some_is_counted_for_all(inside: House) -> None:
    """Who is not offered a field files as many digests as anybody: the page tells its script how many the roll asks for."""
    before = inside.roll.versions
    rule = before[0].rule
    first, *others = rule.fields
    offered = msgspec.structs.replace(first, of=("organisation",), required_of=("organisation",))
    of_some = msgspec.structs.replace(rule, fields=(offered, *others))
    inside.roll.adopt(tuple(msgspec.structs.replace(one, rule=of_some) for one in before))
    try:
        about = filed(inside.visitor(), "subscription", kind="household")
        assert f'name="field-{first.name}"' not in about
        count = re.search(r'data-count="(\d+)"', about)
        assert count
        assert int(count[1]) == sum(field.personal for field in rule.fields)
        digests = " ".join(sorted(digest(f"decoy-{n}") for n in range(int(count[1]))))
        sent = {"in-page": "yes", "digests": digests, "told": "", "filled": ""}
        visitor = inside.visitor()
        assert len(visitor.file_alone(**sent)) == len("0000 0000 0000 0000")
    finally:
        inside.roll.adopt(before)


def test_a_place_that_says_nothing_of_it_has_the_standing_word(inside: House) -> None:
    """Without levels, offices and fields pages are what they were."""
    visitor = inside.visitor()
    visitor.file_alone()
    assert "Where to go in person" not in visitor.get("/en/mine").text + visitor.get("/en/help").text
    assert ">District</dt>" in visitor.get("/en/mine").text


def test_an_office_of_a_wider_place_is_that_of_its_parts() -> None:
    """Where a district has no office of its own, that of what it is part of is shown, and its words are the reader's."""
    bern = load("ch-be")
    of_seeland = Office("2", {"de": "Amt Seeland", "fr": "Office du Seeland"}, 1, "Hauptgasse 6")
    place = msgspec.structs.replace(bern, offices=(of_seeland,))
    application = cast("Any", SimpleNamespace(roll=SimpleNamespace(place=place)))
    (office,) = offices_of(application, "fr", "242")
    assert (office.name, office.lines) == ("Office du Seeland", ("Hauptgasse 6",))
    assert offices_of(application, "fr", "241") == []
    assert [name for name, _ in offices_by_district(application, "de")] == ["Verwaltungsregion Seeland"]
    assert district_word(application, "fr") == "Arrondissement administratif"
    bare = cast("Any", SimpleNamespace(roll=SimpleNamespace(place=load("cn-cq-2006"))))
    assert district_word(bare, "zh") == gettext("zh", "District")


def test_a_change_of_districts_alone_is_told_as_one(told: House) -> None:
    """Of a version to come that leaves the rule as it is one reads that the place changes; others are told by their rule."""
    now = told.roll.versions[0]  # another test may have published more
    later = msgspec.structs.replace(now, starts=date(2030, 1, 1), place_name="next")
    another = msgspec.structs.replace(later, starts=date(2031, 1, 1), name="another@0")
    roll = SimpleNamespace(versions=[now, another, later], day=told.roll.day, clock=told.roll.clock)
    application = cast(Application, SimpleNamespace(roll=roll))
    assert coming_rules(application, "en") == [
        ("1 January 2030", in_language(now.place.jurisdiction.title, "en"), True),
        ("1 January 2031", in_language(full_title(now.rule), "en"), False),
    ]


def test_a_district_is_named_where_another_one_names_it(told: House) -> None:
    """What changes of a place calls the district that one is part of, and what comes after it, by name and code."""
    old = told.roll.place
    first, second, *rest = old.districts
    moved = msgspec.structs.replace(first, parent=second.code, into=(second.code, "none"))
    (line,) = place_changes(old, msgspec.structs.replace(old, districts=(moved, second, *rest)), "en")
    name = f"{in_language(second.title, 'en')} ({second.code})"
    assert f"part of {name}; after it {name}, none" in line["new"]


def test_a_long_day_stands_whole_below_its_bar() -> None:
    """A day as Spanish writes it is not cut off at the axis of a chart."""
    day = "30 de noviembre de 2026"
    assert f">{day}<" in bars(((day, 1, "1"), ("1 de diciembre de 2026", 2, "2")), dark=False, across=True).decode()
