"""What differs between two states of a jurisdiction is shown, whatever it is: each value of the model changed, one at a time."""

import json
from collections.abc import Iterator
from copy import deepcopy
from datetime import date
from typing import Any

import msgspec
import pytest
from msgspec import UNSET

from openroll.places import Bundle
from openroll.places.model import (
    OFFICE_PARTS,
    Address,
    Choice,
    DayOff,
    District,
    Jurisdiction,
    NumberFormat,
    Office,
    Working,
)
from openroll.rules.diff import differences
from openroll.rules.values import Source
from openroll.web.changes import lines
from openroll.web.place_changes import place_changes

FILES = {"shapes": "districts.geojson", "city": "cities/fes.yaml"}
"""What no line can show: which file has it."""
SHAPE = {"type": "Feature", "properties": {"code": "03"}, "geometry": {"type": "Point", "coordinates": [1, 2]}}
SKIPPED = {"jurisdiction/version", "jurisdiction/numbers/0/pattern"}
"""A version changes with every change; the form that names a pattern is the second one."""


def text(name: str) -> dict[str, str]:
    """Words in the language of the reader, and in another."""
    return {"en": name, "ar": f"{name} ar"}


PLACE = msgspec.convert(
    {
        "jurisdiction": {
            "id": "ma",
            "version": 1,
            "title": text("Morocco"),
            "languages": ["en", "ar"],
            "zone": "Africa/Casablanca",
            "currency": "MAD",
            "kinds": [{"id": "household", "title": text("Home")}, {"id": "firm", "title": text("Firm")}],
            "accesses": [{"id": "sim", "title": text("Card")}],
            "earliest": "1995-11-01",
            "rules": ["ma-2026"],
            "zones": ["Africa/Casablanca", "Africa/El_Aaiun"],
            "numbers": [
                {"id": "tel", "title": text("Number"), "example": "06", "phonenumbers": "MA", "fields": ["phone"]},
                {"id": "cin", "title": text("Card number"), "example": "A1", "pattern": "[A-Z][0-9]"},
                {"id": "ice", "title": text("Firm number"), "example": "12", "stdnum": "ma.ice"},
            ],
            "working": {"rest": ["sat", "sun"], "holidays": "MA", "region": "X", "years": [2024, 2030]},
            "address": {"lines": ["{street} {number}", "{town}"]},
            "city": "fes",
            "compare": ["ma-2026"],
            "sources": [{"id": "gazette", "title": "Gazette", "standing": "seen", "where": "gazette.example"}],
            "notes": [text("A note")],
            "levels": [text("Region"), text("Province")],
        },
        "districts": [
            {"code": "01", "title": text("North")},
            {
                "code": "03",
                "title": text("Fez"),
                "parent": "01",
                "since": "2000-01-01",
                "until": "2020-01-01",
                "into": ["04"],
            },
            {"code": "04", "title": text("Fez town"), "parent": "01"},
        ],
        "days_off": [{"day": "2026-01-11", "worked": False, "title": "Manifesto", "titles": text("Manifesto")}],
        "offices": [
            {"district": "03", "title": text("Office"), "counters": 2, "address": "1 North Road"},
            {"district": "03", "title": text("Office"), "parts": {part: f"its {part}" for part in OFFICE_PARTS}},
        ],
        "shapes": json.dumps({"type": "FeatureCollection", "features": [SHAPE]}),
        "city": "a city",
    },
    Bundle,
)
PLAIN: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(PLACE))


def changed(path: list[Any], value: Any) -> Bundle | None:
    """The place with one value in the place of another; None where the model has no such place."""
    whole = deepcopy(PLAIN)
    inner = whole
    for key in path[:-1]:
        inner = inner[key]
    if value is UNSET:
        del inner[path[-1]]
    else:
        inner[path[-1]] = value
    try:
        return msgspec.convert(whole, Bundle)
    except msgspec.ValidationError:
        return None


def others(value: Any) -> Iterator[Any]:
    """What may stand in the place of a value: those that the model takes are tried."""
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield value + 1
    elif value.startswith("{") and "type" in value:
        yield value.replace("2", "3")
    else:
        yield from (value + "x", value + "b.c", "EUR", "ES", "fri", "fr", "ours", "1999-12-31", "Africa/Tunis", "Y")


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Each value of a plain bundle that is no mapping and no list."""
    if isinstance(value, dict | list):
        for key, one in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(one, (*path, key))
    elif value is not None:
        yield path, value


LEAVES = {"/".join(map(str, path)): (path, value) for path, value in leaves(PLAIN)}
PARTS_OF: dict[type[msgspec.Struct], Any] = {
    Bundle: PLAIN,
    Jurisdiction: PLAIN["jurisdiction"],
    Choice: PLAIN["jurisdiction"]["kinds"][0],
    NumberFormat: {key: 1 for one in PLAIN["jurisdiction"]["numbers"] for key, value in one.items() if value},
    Working: PLAIN["jurisdiction"]["working"],
    Address: PLAIN["jurisdiction"]["address"],
    Source: PLAIN["jurisdiction"]["sources"][0],
    District: PLAIN["districts"][1],
    DayOff: PLAIN["days_off"][0],
    Office: PLAIN["offices"][1] | PLAIN["offices"][0],
}


def test_the_place_has_every_field_of_the_model() -> None:
    """So that a field that comes to the model has to be shown too."""
    for struct, there in PARTS_OF.items():
        missing = [one.name for one in msgspec.structs.fields(struct) if there.get(one.name) in (None, [], "")]
        assert not missing, (struct.__name__, missing)


@pytest.mark.parametrize("lang", ["en", "fr", "ar"])
def test_each_changed_value_is_shown_before_and_after(lang: str) -> None:
    """Both ways: a line that says one thing before and another after; words of somebody's own stand in it."""
    for name, (path, value) in LEAVES.items():
        if name in SKIPPED:
            continue
        to = next(one for one in (changed(list(path), other) for other in others(value)) if one is not None)
        for old, new in ((PLACE, to), (to, PLACE)):
            told = place_changes(old, new, lang)
            assert any(one["old"] != one["new"] for one in told), name
            assert all(one["old"] != one["new"] for one in told), (name, told)
        said = place_changes(PLACE, to, lang)
        if path[0] in FILES:
            assert FILES[path[0]] in said[0]["path"]
        elif isinstance(value, str) and changed(list(path), value + "x") is not None and path[-1] != "holidays":
            assert any(value + "x" in one["path"] + one["new"] for one in said), (name, said)


def test_what_comes_goes_or_moves_is_shown() -> None:
    """A member more, a member less, two in another order: of each list."""
    lists: list[tuple[list[Any], list[Any]]] = []

    def walk(value: Any, path: tuple[Any, ...]) -> None:
        if isinstance(value, list):
            lists.append((list(path), value))
        for key, one in (
            value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        ):
            walk(one, (*path, key))

    walk(PLAIN, ())
    for path, value in lists:
        for other in (value[:-1], value[::-1]):
            to = changed(path, other)
            if to is None or to == PLACE:
                continue
            for old, new in ((PLACE, to), (to, PLACE)):
                told = place_changes(old, new, "en")
                assert told, path
                assert all(one["old"] != one["new"] for one in told), (path, told)
    for name in ("shapes", "city"):
        bare = changed([name], "" if name == "shapes" else UNSET)
        assert bare is not None
        for old, new in ((PLACE, bare), (bare, PLACE)):
            assert FILES[name] in place_changes(old, new, "en")[0]["path"]


def test_an_office_is_shown_with_its_address_and_its_names() -> None:
    """A new one says where it is; of a moved one the street of before stands beside that of after."""
    offices = PLACE.offices
    bare = msgspec.structs.replace(PLACE, offices=offices[:1])
    (line,) = place_changes(bare, PLACE, "en")
    assert line["old"] == ""
    assert all(f"its {part}" in line["new"] for part in OFFICE_PARTS)
    assert "Arabic: Office ar" in line["new"]
    moved = msgspec.structs.replace(
        PLACE, offices=(msgspec.structs.replace(offices[0], address="2 South Road"), offices[1])
    )
    (line,) = place_changes(PLACE, moved, "en")
    assert ("1 North Road" in line["old"], "2 South Road" in line["new"]) == (True, True)


def test_years_are_no_amounts() -> None:
    """2024, and not 2,024."""
    to = changed(["jurisdiction", "working", "years"], [2024, 2031])
    assert to is not None
    assert [(one["old"], one["new"]) for one in place_changes(PLACE, to, "en")] == [("2024; 2030", "2024; 2031")]


def test_a_long_value_is_shown_whole() -> None:
    """Nothing of a change is cut off, of rules as of places: a long title hides nothing that stands behind it."""
    long = "x" * 3000
    (told,) = lines(differences({"title": {"en": f"{long} one"}}, {"title": {"en": f"{long} two"}}), {}, "en")
    assert (told["old"], told["new"]) == (f"{long} one", f"{long} two")


def test_sources_and_titles_come_after_what_changes_something_for_anybody() -> None:
    """Hundreds of new sources stand behind a district that ends and a kind that comes, and every one of them is there."""
    sources = tuple(Source(f"gazette-{one}", f"Notice {one}", "reported") for one in range(300))
    more = (*PLACE.jurisdiction.kinds, Choice("cafe", text("Cafe")))
    renamed = msgspec.structs.replace(PLACE.jurisdiction, title=text("Kingdom"), kinds=more, sources=sources)
    ends = msgspec.structs.replace(PLACE.districts[0], until=date(2026, 3, 21))
    told = place_changes(
        PLACE, msgspec.structs.replace(PLACE, jurisdiction=renamed, districts=(ends, *PLACE.districts[1:])), "en"
    )
    paths = [one["path"] for one in told]
    assert paths[:3] == ["district 01", "kinds of subscriber › Cafe (cafe) › wording", "name › English"]
    assert sum(one.startswith("sources › Notice") for one in paths) == 600


def test_a_rules_title_in_another_language_is_shown() -> None:
    """Words of a language that the reader does not read differ as well, and are said under its name."""
    before, after = ({"title": {"en": "File", "ar": word}} for word in ("one", "two"))
    told = list(lines(differences(before, after), {}, "en"))
    assert [(one["path"], one["old"], one["new"]) for one in told] == [("wording › Arabic", "one", "two")]


def test_a_kind_that_is_called_as_a_key_is_shown() -> None:
    """`version`, `id`, `sources`: what a place calls its kinds hides none of their changes."""
    for name in ("version", "id", "sources"):
        kinds = tuple(msgspec.structs.replace(one, id=name) for one in PLACE.jurisdiction.kinds[:1])
        renamed = tuple(msgspec.structs.replace(one, title={**one.title, "en": "Other"}) for one in kinds)
        old, new = (
            msgspec.structs.replace(PLACE, jurisdiction=msgspec.structs.replace(PLACE.jurisdiction, kinds=one))
            for one in (kinds, renamed)
        )
        (line,) = place_changes(old, new, "en")
        assert (line["path"], line["old"], line["new"]) == ("kinds of subscriber › Other › wording", "Home", "Other")
