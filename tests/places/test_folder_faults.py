"""A folder written for a country that does not ship: every mistake of every file at once, each with file, line and a way out."""

from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import UNSET
from tests.places.test_jurisdictions import changed

from openroll.places import (
    JurisdictionFaults,
    Office,
    address_lines,
    folder_of,
    load,
    own_files,
    read_bundle,
    surroundings,
)
from openroll.places.looks import near
from openroll.places.reading import MAIN, MOST_BYTES, MOST_MAIN
from openroll.places.tables import DAYS, DISTRICTS, OFFICES
from openroll.rules import known_rules

CITIES = ("village", "chongqing-2006", "kisima-2026")
PLACE = """
id: tz
version: 1
title: {sw: Tanzania, en: Tanzania}
languages: [sw-TZ, en]
zone: Africa/Dar_es_Salaam
currency: TZS
earliest: 1995-01-01
kinds: [{id: person, title: {sw: Mtu}}, {id: visitor, title: {sw: Mgeni}}]
accesses: [{id: sim, title: {sw: Laini}}]
levels: [{sw: Mkoa, en: Region}]
numbers:
  - {id: telephone, title: {sw: Namba ya simu}, phonenumbers: TZ, example: 0754 123 456, fields: [phone]}
working: {rest: [sat, sun], holidays: TZ, years: [2025, 2027]}
address: {lines: ['{organisation}', 'S.L.P. {box}', '{town}', '{country}']}
city: village
rules: [tz-taarifa]
"""
DISTRICTS_OF = "code,sw,en\n01,Arusha,Arusha\n02,Dodoma,Dodoma\n"
OFFICES_OF = (
    "district,counters,box,town,sw,en\n01,2,123,Arusha,Ofisi ya Arusha,Arusha office\n02,1,,,Ofisi ya Dodoma,\n"
)
DAYS_OF = "day,worked,sw,en\n2026-04-26,no,Muungano,Union Day\n"
VISITOR = "kinds: [{id: visitor, title: {en: a visitor}, nature: person}]\n"


def rule(old: str = "", new: str = "") -> str:
    """The rule of the Tanzanian folder: Kenya's, called and counted as there; with one thing changed."""
    text = (folder_of("ke") / "rules" / "ke-notification.yaml").read_text(encoding="utf-8")
    text = text.replace("id: ke-notification", "id: tz-taarifa").replace("Africa/Nairobi", "Africa/Dar_es_Salaam")
    text = text.replace("covers:", VISITOR + "covers:", 1)
    assert old in text
    return text.replace(old, new, 1)


def folder(main: str = PLACE, **files: str) -> dict[str, bytes]:
    """The files of a Tanzanian folder."""
    named = {MAIN: main, DISTRICTS: DISTRICTS_OF, OFFICES: OFFICES_OF, DAYS: DAYS_OF}
    named |= {f"{name}.csv": text for name, text in files.items()}
    return {name: text.encode() for name, text in named.items()}


def faults(files: dict[str, bytes], **rules: str) -> list[str]:
    """What is said of a folder that is held against all around it."""
    own = {name.replace("_", "-"): text for name, text in (rules or {"tz_taarifa": rule()}).items()}
    with pytest.raises(JurisdictionFaults) as caught:
        read_bundle(files, surroundings(own, CITIES))
    return [str(fault) for fault in caught.value.faults]


def test_a_good_folder_is_read_and_says_what_it_says() -> None:
    """`sw-TZ` is spoken in words of `sw`; offices, address lines, levels, forms and days by language are there to be used."""
    place = read_bundle(folder(), surroundings({"tz-taarifa": rule()}, CITIES))
    assert place.level("sw-TZ") == "Mkoa"
    assert place.level("en") == "Region"
    (office,) = place.offices_of("01")
    assert address_lines(place, office, "sw-TZ") == ("Ofisi ya Arusha", "S.L.P. 123", "Arusha")
    assert address_lines(place, place.offices_of("02")[0], "en") == (), "a name is no address"
    assert [form.held_fields for form in place.jurisdiction.numbers] == [("phone",)]
    union = next(day for day in place.days_off if day.day == date(2026, 4, 26))
    assert (union.title, union.titles) == ("Muungano", {"sw": "Muungano", "en": "Union Day"})
    independence = next(day for day in place.days_off if day.day == date(2026, 12, 9))
    assert isinstance(independence.titles, dict)
    assert len(set(independence.titles.values())) == 2, "the library's days have both languages too"


def test_no_fault_hides_another() -> None:
    """A wrong key, a wrong heading, a wrong cell, a wrong tree, a wrong name and a broken rule are told together."""
    main = PLACE.replace("version: 1", "version: none\ncolour: red").replace("currency: TZS", "currency: TZX")
    main = main.replace("'{town}'", "'{town'").replace("city: village", "city: vilage\ncompare: [nope]")
    main = main.replace("{id: sim, title: {sw: Laini}}", "sim").replace("0754 123 456", "'12'")
    files = folder(
        main.replace("id: visitor", "id: visitors"),
        districts="code,parent,colour,sw\n01,,,Arusha\n01,99,,Dodoma\n05,06,,E\n06,05,,F\n07,05,,G\n/,,,X\n",
        offices="district,counters,sw\n9,none,Ofisi\n",
        days="day,worked,sw\n2026-02-30,maybe,Siku\n2026-04-26,no,A\n2026-04-26,no,B\n",
    )
    said = faults(files, tz_taarifa=rule("covers: [", "covers: [nobody, "), other="id: [\n")
    for wanted in (
        'jurisdiction.yaml:3: version: "none" does not fit.',
        "jurisdiction.yaml:4: colour: There is no key 'colour' here.",
        "jurisdiction.yaml:8: currency: There is no currency 'TZX'.",
        'accesses/0: "sim" is a text where keys with values are asked. Expected: keys with values. For example: {id: sim',
        "numbers/0/example: '12' does not fit its own form.",
        "address/lines/2: A brace is open or closed alone in '{town'.",
        (
            "city: There is no city 'vilage'. Expected: one of village, chongqing-2006, kisima-2026; or a file "
            "cities/vilage.yaml of your own. For example: village"
        ),
        "compare/0: There is no rule 'nope' to compare.",
        "districts.csv:1: colour: There is no column 'colour' here.",
        "districts.csv:3: code: '01' stands 2 times, the first on line 2.",
        "districts.csv:3: parent: There is no district '99'.",
        "districts.csv:4: parent: It is part of itself.",
        "districts.csv:7: code: '/' is no code of a district.",
        "offices.csv:2: district: There is no district '9'.",
        "offices.csv:2: counters: 'none' is no number of counters.",
        "days.csv:2: day: '2026-02-30' is no date.",
        "days.csv:2: worked: 'maybe' is neither yes nor no.",
        "days.csv:4: day: 2026-04-26 stands 2 times, the first on line 3.",
        "rules/tz-taarifa.yaml:",
        "rules/other.yaml:2: the file: This is not YAML",
    ):
        assert any(wanted in one for one in said), (wanted, said)
    assert not any("districts.csv:6" in one for one in said), "what hangs beneath a circle is not part of itself"


@pytest.mark.parametrize(
    ("old", "new", "wanted"),
    [
        ("rules: [tz-taarifa]", "rules: [tz-tarifa]", "For example: tz-taarifa"),
        ("rules: [tz-taarifa]", "rules: [tz-taarifa+with-safegards]", "For example: with-safeguards"),
        ("id: tz\n", "id: ke\n", "jurisdiction.yaml:2: id: 'ke' is the id of a jurisdiction that ships."),
        ("title: {sw: Tanzania", "title: {sw: Kenya", "'Kenya' is the title of a jurisdiction that ships."),
        ("id: visitor", "id: people", "No rule of the place knows the kind 'people'."),
        ("fields: [phone]", "fields: [fone]", "has a personal field 'fone'. Expected: one of address"),
        (
            "rules: [tz-taarifa]",
            "rules: [tz-taarifa]\ncompare: [tz-tarifa]",
            "There is no rule 'tz-tarifa' to compare. Expected: one of its own",
        ),
        ("Africa/Dar_es_Salaam", "Africa/Lusaka", "counts its days in Africa/Dar_es_Salaam"),
        ("holidays: TZ,", "holidays: TZ, region: DSM,", "TZ has no 'DSM'. Expected: no region"),
        ("levels: [", "levels: [{sw: Kanda}, ", "It names 2 levels; the districts of districts.csv have 1."),
        ("levels: [{sw: Mkoa, en: Region}]", "levels: [{en: Region}]", "no words in the main language, sw-TZ"),
        ("{box}", "{bx}", "There is no part 'bx'."),
        ("'{country}'", "'}{country}'", "A brace is open or closed alone"),
    ],
)
def test_what_is_named_is_looked_up(old: str, new: str, wanted: str) -> None:
    """What a folder names stands there, and is its own; else the fault says the line, what there is, and the nearest name."""
    assert old in PLACE
    said = faults(folder(PLACE.replace(old, new)))
    assert any(wanted in one for one in said), said


@pytest.mark.parametrize(
    ("files", "wanted"),
    [
        ({"districts": "code,de\n01,A\n02,B\n"}, "There is no column of names in the main language, sw-TZ."),
        ({"districts": 'code,sw\n01,A\n02,"B\n03,C\n'}, "districts.csv:3: the file: It is no CSV that can be read"),
        ({"districts": "sw\nA\n"}, "districts.csv:1: code: The column 'code' is missing. Expected: the column code."),
        ({"districts": "code,sw,nam\n01,A,B\n02,A,B\n"}, "There is no column 'nam' here."),
        ({"offices": "district,street,sw\n01,Uhuru,Ofisi\n"}, "The part 'street' would never be shown"),
        ({"offices": "district,address,box,sw\n01,Uhuru 1,3,Ofisi\n"}, "told whole and by its parts"),
        ({"days": "day,worked,title,sw\n2026-04-26,no,A,B\n"}, "named under title and under sw"),
    ],
)
def test_a_table_says_its_fault_once_and_where(files: dict[str, str], wanted: str) -> None:
    """A missing column is one fault, not one a row; an open quotation mark is where it opens."""
    said = faults(folder(**files))
    assert sum(wanted in one for one in said) == 1, said


def test_a_rule_is_called_as_its_file_is() -> None:
    """A rule that carries the id of one that ships, or another than its file, is told with its line."""
    shipped = faults(folder(), tz_taarifa=rule("id: tz-taarifa", "id: ke-notification"))
    assert shipped[0].startswith("rules/tz-taarifa.yaml:2: id: 'ke-notification' is the id of a rule that ships.")
    other = faults(folder(), tz_taarifa=rule("id: tz-taarifa", "id: tz-nyingine"))
    assert other[0].startswith("rules/tz-taarifa.yaml:2: id: The rule is called 'tz-nyingine'")


def test_a_later_version_of_what_ships_keeps_its_name() -> None:
    """A roll of a shipped jurisdiction changes by a folder with its id and a higher version; the same version is a copy."""
    around = surroundings({}, CITIES)
    later = read_bundle(changed("ke", MAIN, "version: 1", "version: 2"), around)
    assert later.jurisdiction.version == load("ke").jurisdiction.version + 1
    with pytest.raises(JurisdictionFaults, match="is the id of a jurisdiction that ships"):
        read_bundle(own_files("ke"), around)


def test_the_nearest_name_is_a_known_one() -> None:
    """A suggestion is a name that is there, or none."""
    assert near("ke-notifcation", known_rules()) == "ke-notification"
    assert near("zzz", known_rules()) == ""


@pytest.mark.parametrize(
    ("parts", "lines"),
    [
        ({"box": "12", "postcode": "00100", "town": "Nairobi"}, ("Kaunti", "P.O. Box 12-00100", "Nairobi")),
        ({"box": "12", "town": "Nairobi"}, ("Kaunti", "P.O. Box 12", "Nairobi")),
        ({"postcode": "00100"}, ("Kaunti", "00100")),
        ({}, ()),
    ],
)
def test_an_address_leaves_out_what_is_not_told(parts: dict[str, str], lines: tuple[str, ...]) -> None:
    """Kenya's lines of an address, with a box, without one, without a town; of an office without parts there is none."""
    office = Office("047", {"en": "Kaunti"}, parts=parts or UNSET)
    assert address_lines(load("ke"), office, "en") == lines


@settings(max_examples=25, deadline=None)
@given(
    st.integers(0, len(PLACE)),
    st.integers(0, 60),
    st.sampled_from(("", "[]", "{}", "- 1", "null", "'x'", "5", "{a: {b: c}}")),
)
def test_whatever_is_cut_or_put_in_is_told_in_words(start: int, length: int, piece: str) -> None:
    """A file with a piece gone or another in its place reads or is refused, and is never a traceback."""
    files = folder(PLACE[:start] + piece + PLACE[start + length :])
    with suppress(JurisdictionFaults):
        assert read_bundle(files, surroundings({"tz-taarifa": rule()}, CITIES)).districts


@pytest.mark.parametrize("missing", [MAIN, DISTRICTS])
def test_a_missing_file_hides_no_other(missing: str) -> None:
    """Whatever file is not there is told, and what is wrong in the others too."""
    files = folder(days="day,worked,sw\n2026-02-30,no,A\n")
    del files[missing]
    said = faults(files)
    assert any(one.startswith(f"{missing}:1: the file: The file is missing.") for one in said)
    assert any("days.csv:2: day: '2026-02-30' is no date." in one for one in said)


@pytest.mark.parametrize(("name", "most"), [(MAIN, MOST_MAIN), (DISTRICTS, MOST_BYTES)])
def test_a_file_that_is_too_large_is_refused_and_never_cut(name: str, most: int) -> None:
    """It is not read at all, and what is said of it is its size and how large it may be."""
    files = folder()
    files[name] += b"\n" * (most + 1 - len(files[name]))
    (fault,) = faults(files)
    assert name in fault
    assert f"{most + 1:,}" in fault
    files[name] = files[name][:-1]
    assert not any(f"{most:,}" in one for one in faults_of(files))


def faults_of(files: dict[str, bytes]) -> list[str]:
    """What is said of a folder, if anything."""
    try:
        read_bundle(files)
    except JurisdictionFaults as error:
        return [str(fault) for fault in error.faults]
    return []
