"""The page What if of a roll elsewhere: its own rule in its own money and year, two versions side by side, its own city."""

from datetime import UTC, date, datetime

import msgspec
import pytest

from openroll.places import Bundle, full_name, load, own_files, read_bundle, surroundings
from openroll.places.reading import JurisdictionFaults
from openroll.places.writing import later_state
from openroll.report.answer import Answering
from openroll.rules import Rule
from openroll.rules import load as load_rule
from openroll.service.governance.rule_standing import rule_name
from openroll.service.roll import RuleVersion
from openroll.service.simulation.messages import AnyMessage, Broken, Measure, Measured
from openroll.web.what_if import told_question
from openroll.web.whatif_choices import Choices, choices
from openroll.whatif import cities, load_city
from openroll.whatif.validate import city_faults

TODAY = date(2026, 11, 29)
PERU = msgspec.structs.replace(
    load("ke"),
    jurisdiction=msgspec.structs.replace(
        load("ke").jurisdiction, id="pe", title={"es": "Perú", "en": "Peru"}, currency="PEN", city=None, compare=()
    ),
)


def rule(version: int = 1) -> Rule:
    """A rule that does not ship."""
    return msgspec.structs.replace(load_rule("ke-notification"), id="pe-aviso", version=version)


def version(starts: date, one: Rule, place: Bundle = PERU) -> RuleVersion:
    """A version of a roll's rule."""
    return RuleVersion(starts, one, rule_name(one), datetime(2026, 1, 1, tzinfo=UTC), place, full_name(place))


FIRST, LATER = version(date(2026, 1, 1), rule()), version(date(2026, 12, 5), rule(2))


def offered(*versions: RuleVersion) -> Choices:
    """What a roll under these versions offers today."""
    return choices(versions, TODAY)


def test_the_page_opens_with_the_rolls_own_rule_money_and_year() -> None:
    """Where a place compares nothing and names no city, its rule of today is measured in its currency, from its own year on."""
    found = offered(FIRST)
    assert found.first.rules == (rule_name(FIRST.rule),)
    city = found.cities[found.first.city]
    assert (city.id, city.currency, city.begin) == ("pe-2026", "PEN", date(2026, 1, 1))
    assert city.title["es"] == "Un pueblo inventado en Perú"
    assert not city_faults(city, "pe-2026.yaml", {})
    assert dict(found.first.brought).keys() == {rule_name(FIRST.rule), "pe-2026"}
    told = told_question(found.first, "en", found, "https://roll.example")
    assert told["rules"][0]["status"] == "this roll's version 1, from 1 January 2026"
    assert "curl -o pe-2026.json https://roll.example/what-if/city" in told["command"]


def test_two_versions_of_one_rule_are_measured_side_by_side() -> None:
    """The rule in force and the one that follows it are the first question; the answer tells them apart by their versions."""
    found = offered(FIRST, LATER)
    assert found.first.rules == (rule_name(FIRST.rule), rule_name(LATER.rule))
    lines: list[AnyMessage] = []
    answering = Answering(lambda line: lines.append(msgspec.json.decode(line, type=AnyMessage)))
    assert found.city is not None
    short = found._replace(city=msgspec.structs.replace(found.city, days=3))
    answering.answer(msgspec.json.encode(Measure(short.brought(found.first), ("en",))))
    assert not [line for line in lines if isinstance(line, Broken)]
    (page,) = (line.pages["en"] for line in lines if isinstance(line, Measured))
    said = " ".join(block.text for block in page.sections["answer"].blocks)
    assert "pe-aviso@1" in said
    assert "pe-aviso@2" in said
    assert "¥" not in msgspec.json.encode(page).decode()


def test_a_rule_is_as_old_as_its_first_version() -> None:
    """Later versions that change the jurisdiction alone do not make it younger, be they to come or past."""
    opened = version(date.min, rule())
    places = [msgspec.structs.replace(PERU, days_off=PERU.days_off[:count]) for count in (1, 2, 3)]
    days = (date(2026, 10, 1), date(2026, 12, 1), date(2027, 2, 1))
    moved = [version(day, rule(), place) for day, place in zip(days, places, strict=True)]
    back = version(date(2027, 5, 1), rule())
    own = offered(opened, *moved, version(date(2027, 4, 1), rule(2)), back).own
    assert [one.starts for one in own.values()] == [date.min, date(2027, 4, 1)]


def test_another_city_of_the_same_name_is_another_question() -> None:
    """An answer that was kept is not shown for a place that changed meanwhile."""
    moved = msgspec.structs.replace(PERU, days_off=())
    ours, theirs = offered(FIRST), offered(version(FIRST.starts, FIRST.rule, moved))
    assert ours.first.query == theirs.first.query
    assert ours.first.digest != theirs.first.digest


@pytest.mark.parametrize("name", ["cn-cq-2006", "ke", "ph", "ch-be"])
def test_a_place_that_ships_opens_as_before(name: str) -> None:
    """Its own city and what it compares, or its rule, under the names that they ship under."""
    place = load(name).jurisdiction
    named = place.rules[0]
    found = offered(version(date(2026, 1, 1), load_rule(named), load(name)))
    assert (found.first.city, found.first.rules) == (place.city, place.compare or (named,))
    assert not found.first.brought


def folder(city: str, named: str = "soko-2026") -> dict[str, bytes]:
    """Kenya's folder with a city of its own."""
    files = dict(own_files("ke"))
    main = files["jurisdiction.yaml"].decode().replace("city: kisima-2026", f"city: {named}")
    return files | {"jurisdiction.yaml": main.encode(), f"cities/{named}.yaml": city.encode()}


def test_a_city_of_the_folder_is_the_pages() -> None:
    """A folder's own city is part of its bundle; one that is not said goes on, one in another currency is a fault."""
    text = msgspec.json.encode(msgspec.structs.replace(load_city("kisima-2026"), id="soko-2026")).decode()
    files = folder(text)
    bundle = read_bundle(files)
    assert bundle.city == text
    assert offered(version(FIRST.starts, FIRST.rule, bundle)).first.city == "soko-2026"
    assert later_state(bundle, {name: files[name] for name in ("jurisdiction.yaml", "districts.csv")}).city == text
    assert read_bundle(own_files("ke")) == load("ke")
    with pytest.raises(JurisdictionFaults, match="has its money in USD, and the place in KES"):
        read_bundle(files, surroundings({}, cities(), {"soko-2026": "USD"}))
