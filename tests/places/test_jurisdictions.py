"""A jurisdiction is a folder of files: read whole, with every mistake at once, it is one bundle with a digest."""

import json
import re
import subprocess
from contextlib import suppress
from datetime import date
from pathlib import Path

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.tlog.test_corpus import node

from openroll.places import (
    MAIN,
    Bundle,
    JurisdictionFaults,
    NoSuchJurisdiction,
    NumberFormat,
    bundle_of,
    canonical,
    country_of,
    digest,
    fits,
    is_zone,
    jurisdiction_schema,
    load,
    own_files,
    read_bundle,
    shipped,
)
from openroll.places.numbers import _mobile, shape_of
from openroll.places.pattern import PatternWrong, matches
from openroll.places.tables import DAYS, DISTRICTS
from openroll.rules import load as rule_of

DAY = date(2024, 6, 1)
PHONES = (
    "9841234567",
    "+977 984-1234567",
    "\uff0b9779841234567",
    "01-4412345",
    "01\u20134412345",
    "(01) 4412345",
    "984123!",
)
CARDS = ("12-3", "12 3", "123", "12!")
ZONES_OF_A_MACHINE = (
    "localtime",
    "Factory",
    "posixrules",
    "right/Asia/Shanghai",
    "posix/Asia/Shanghai",
    "EST5EDT",
    "Etc/UTC",
    "",
)


def changed(name: str, file: str, old: str, new: str) -> dict[str, bytes]:
    """The files of a shipped jurisdiction with one thing changed."""
    files = dict(own_files(name))
    text = files[file].decode()
    assert old in text
    return files | {file: text.replace(old, new, 1).encode()}


def faults(files: dict[str, bytes]) -> list[str]:
    """What is said of a folder."""
    with pytest.raises(JurisdictionFaults) as caught:
        read_bundle(files)
    return [str(fault) for fault in caught.value.faults]


@pytest.mark.parametrize("name", shipped())
def test_what_ships_is_whole(name: str) -> None:
    """Each shipped folder reads without a fault, speaks all its languages, and has places to file in."""
    bundle = load(name)
    place = bundle.jurisdiction
    assert bundle.leaves(DAY)
    for title in (
        *(district.title for district in bundle.districts),
        *(one.title for group in (place.kinds, place.accesses, place.numbers) for one in group),
        place.title,
        *place.notes,
    ):
        assert set(title) >= set(place.languages), title


@pytest.mark.parametrize("name", shipped())
def test_each_form_of_a_number_is_held_to_a_field_that_is_there(name: str) -> None:
    """Each names personal fields of the rules of the place, or [] for none; telephones are held to their form."""
    place = load(name).jurisdiction
    fields = {field.name for reference in place.rules for field in rule_of(reference).fields if field.personal}
    held = {form.id: form.held_fields for form in place.numbers}
    assert all(set(one) <= fields for one in held.values()), held
    assert held["telephone"] == ("phone",)


@pytest.mark.parametrize("name", shipped())
def test_a_bundle_comes_back_from_its_canonical_form(name: str) -> None:
    """What a roll keeps is the whole bundle: the same digest after a trip through JSON."""
    bundle = load(name)
    again = bundle_of(canonical(bundle))
    assert (again, digest(again)) == (bundle, digest(bundle))


def test_a_parent_is_not_filed_in() -> None:
    """A filing names a district without parts; the ways up are there for tables and pages."""
    bern = load("ch-be")
    assert len(bern.leaves(DAY)) == 10
    assert [one.code for one in bern.path("242")] == ["2", "242"]
    assert bern.path("999") == ()


def test_a_district_that_was_split_ends_and_others_begin() -> None:
    """Which districts there are hangs on the day."""
    rows = "code,since,until,into,en\n1,,2011-10-21,2 3,Old\n2,2011-10-22,,,New\n3,2011-10-22,,,Newer\n"
    bundle = read_bundle({**changed("ke", MAIN, "[en, sw]", "[en]"), DISTRICTS: rows.encode()})
    assert [one.code for one in bundle.leaves(date(2011, 10, 21))] == ["1"]
    assert [one.code for one in bundle.leaves(date(2011, 10, 22))] == ["2", "3"]


def test_a_day_of_the_table_has_the_last_word() -> None:
    """The library's days stand in the bundle one by one; `days.csv` adds a day off, and a day worked in place of one."""
    table = "day,worked,title\n2024-06-25,no,A proclaimed day\n2024-12-25,yes,\n"
    bundle = read_bundle({**own_files("ke"), DAYS: table.encode()})
    assert date(2024, 6, 25) in bundle.holidays
    assert date(2024, 12, 25) in bundle.make_up_days
    assert date(2024, 12, 25) not in bundle.holidays
    assert digest(bundle) != digest(load("ke"))


def test_days_worked_in_place_of_others_come_from_the_library() -> None:
    """China's week was moved: 28 January 2006 was a Saturday and worked, 3 February a Friday and off."""
    china = load("cn-cq-2006")
    assert date(2006, 1, 28) in china.make_up_days
    assert date(2006, 2, 3) in china.holidays


def test_every_mistake_of_every_file_comes_at_once() -> None:
    """Each with its file, line or row, column, what was expected and an example."""
    files = changed("ke", MAIN, "zone: Africa/Nairobi\ncurrency: KES", "zone: localtime\ncurrency: KEX")
    files[DISTRICTS] = b"code,parent,en\n1,9,One\n1,,Two\n,,Three\n4,4,\n"
    files[DAYS] = b"day,worked\n2024-02-30,no\n2024-06-25,maybe\n"
    said = faults(files)
    for wanted in (
        "jurisdiction.yaml:6: zone: What the zone 'localtime' means hangs on the machine.",
        "jurisdiction.yaml:7: currency: There is no currency 'KEX'.",
        "districts.csv:4: code: '' is no code of a district.",
        "districts.csv:5: en: It has no name in the main language.",
        "days.csv:2: day: '2024-02-30' is no date.",
        "days.csv:3: worked: 'maybe' is neither yes nor no.",
    ):
        assert any(one.startswith(wanted) for one in said), (wanted, said)


@pytest.mark.parametrize(
    ("rows", "wanted"),
    [
        ("code,en\n1,A\n1,B\n", "'1' stands 2 times"),
        ("code,parent,en\n1,2,A\n2,1,B\n", "It is part of itself"),
        ("code,parent,en\n1,7,A\n", "There is no district '7'"),
        ("code,since,until,en\n1,2020-01-02,2020-01-01,A\n", "It ends before it begins"),
        ("code,into,en\n1,2,A\n2,,B\n", "Others take its place"),
        ("code,en,colour\n1,A,red\n", "There is no column 'colour'"),
        ("code,en,en\n1,A,B\n", "stands 2 times"),
        ("en\nA\n", "The column 'code' is missing"),
        ("code,en\n1,A,extra\n", "It has 3 cells"),
        ("code,en\n", "There is no district in it"),
        ("", "The column 'code' is missing"),
        ('code,en\n1,"A\n', "It is no CSV that can be read"),
    ],
)
def test_a_wrong_table_is_explained(rows: str, wanted: str) -> None:
    """A list of districts that cannot be used says where and why; none ends in a traceback."""
    said = faults({**own_files("ke"), DISTRICTS: rows.encode()})
    assert any(wanted in one for one in said), said


@pytest.mark.parametrize("zone", ZONES_OF_A_MACHINE)
def test_a_zone_means_the_same_on_every_machine(zone: str) -> None:
    """Names that hang on the machine, and those without a place, are no zones here."""
    assert not is_zone(zone)


@pytest.mark.parametrize(
    ("old", "new", "wanted"),
    [
        ("phonenumbers: KE", "phonenumbers: ZZ", "phonenumbers knows no region 'ZZ'"),
        ("pattern: '[0-9]{7,8}'", "pattern: '(a+)+'", "The pattern cannot be used"),
        ("pattern: '[0-9]{7,8}'", "stdnum: ke.nothing", "python-stdnum has no 'ke.nothing'"),
        ("example: '12345678'", "example: '1'", "does not fit its own form"),
        ("holidays: KE", "holidays: XX", "The library knows no 'XX'"),
        ("holidays: KE", "holidays: KE, region: '999'", "KE has no '999'"),
        ("years: [2022, 2030]", "years: [2030, 2022]", "are no years"),
        ("rest: [sat, sun]", "rest: [mon, tue, wed, thu, fri, sat, sun]", "No day is worked"),
        ("languages: [en, sw]", "languages: [sw, en, sw]", "'sw' stands twice"),
        ("languages: [en, sw]", "languages: [qqq]", "CLDR knows no language 'qqq'"),
        ("{box}-{postcode}", "{box}-{zip}", "There is no part 'zip'"),
        ("id: ke\n", "id: ke\ncolour: red\n", "There is no key 'colour' here"),
    ],
)
def test_a_wrong_value_says_what_was_meant(old: str, new: str, wanted: str) -> None:
    """Each with the line, what was expected, and an example where there is one."""
    said = faults(changed("ke", MAIN, old, new))
    assert any(wanted in one for one in said), said


def test_an_unknown_name_lists_what_ships() -> None:
    """Whoever mistypes a name sees the names."""
    with pytest.raises(NoSuchJurisdiction, match=r"there is no jurisdiction 'kenya' here; there is .*ke"):
        load("kenya")


def test_the_schema_has_an_example_a_key() -> None:
    """The published schema is what the types say, and shows each text of a set form by an example."""
    schema = jurisdiction_schema()["$defs"]["Jurisdiction"]
    assert "examples" in schema["properties"]["currency"]
    assert schema["additionalProperties"] is False


@pytest.mark.parametrize(
    ("text", "pattern", "answer"),
    [
        ("12345678", "[0-9]{7,8}", True),
        ("123456", "[0-9]{7,8}", False),
        ("A123456", "A[0-9]{6}|[0-9]{9}[A-Z]?", True),
        ("123456789X", "A[0-9]{6}|[0-9]{9}[A-Z]?", True),
        ("1-2", "[0-9-]{3}", True),
        ("", "[a]?", True),
    ],
)
def test_a_pattern_matches_the_whole_number(text: str, pattern: str, answer: bool) -> None:
    """As a regular expression of the same form would."""
    assert matches(text, pattern) is answer


@given(st.text("ab01{}[]|?,-*+().\\ ", max_size=30), st.text("ab01", max_size=60))
def test_no_pattern_raises_or_takes_long(pattern: str, text: str) -> None:
    """What is no pattern is refused; what is one answers."""
    with suppress(PatternWrong):
        assert matches(text, pattern) in (True, False)


@given(st.text(max_size=40))
def test_a_number_fits_or_does_not(number: str) -> None:
    """No validator of others raises through, whatever is typed."""
    for name in shipped():
        for form in load(name).jurisdiction.numbers:
            assert fits(number, form) in (True, False)


def test_a_form_fits_what_it_shows() -> None:
    """A made-up telephone number of Nairobi is one, and half of one is none."""
    kenya: Bundle = load("ke")
    telephone: NumberFormat = kenya.jurisdiction.numbers[0]
    assert fits("+254 712 345678", telephone)
    assert not fits("0712 34", telephone)


@settings(max_examples=30)
@given(st.binary(max_size=200))
def test_any_bytes_are_a_table_or_faults(data: bytes) -> None:
    """A folder of rubbish is refused in words."""
    with suppress(JurisdictionFaults):
        assert read_bundle({**own_files("ke"), DISTRICTS: data, DAYS: data}).districts


@settings(max_examples=60)
@given(st.sampled_from(("KE", "PH", "CH", "TZ", "US")), st.sampled_from(("", "0", "+", "00")), st.integers(1, 10**11))
def test_a_browser_refuses_no_number_that_packs(region: str, before: str, number: int) -> None:
    """The expression that a page's script is given takes whatever the library takes, and not a number of two digits."""
    form = NumberFormat(id="telephone", title={"en": "Telephone"}, example="1", phonenumbers=region)
    shape = shape_of(form)
    assert shape is not None
    told = f"{before}{number}"
    if fits(told, form):
        assert re.fullmatch(shape.shape, re.sub(shape.apart, "", told)), told
    assert not re.fullmatch(shape.shape, "12")


def test_a_browser_reads_a_pattern_as_packing_does() -> None:
    """Points and slashes are themselves, and blanks and hyphens do not count."""
    form = NumberFormat(id="t", title={"en": "T"}, example="1", pattern="[0-9]{2}/[A-Z.]{1,2}|X?[0-9]")
    shape = shape_of(form)
    assert shape is not None
    for told in ("12/A.", "1 2/B", "X-1", "X1", "12/ab", "12xA", "XX1", "1"):
        assert (re.fullmatch(shape.shape, re.sub(shape.apart, "", told)) is not None) is fits(told, form), told


def test_a_number_in_any_scripts_digits_is_one_by_page_and_command() -> None:
    """Whoever's list has the country's own digits packs it where they like; a number that is none is none in them either."""
    phone = NumberFormat(id="t", title={"en": "T"}, example="9841234567", phonenumbers="NP")
    card = NumberFormat(id="c", title={"en": "C"}, example="123", pattern="[0-9]{3}")
    zeros = (0x30, 0x660, 0x6F0, 0x966, 0x9E6, 0xA66, 0xE50, 0x1040, 0x17E0, 0xFF10, 0x1E950)
    written = [(form, told) for form, numbers in ((phone, PHONES), (card, CARDS)) for told in numbers]
    asked = [
        (form, told.translate({0x30 + digit: zero + digit for digit in range(10)}))
        for form, told in written
        for zero in zeros
    ]
    assert [fits(told, form) for form, told in asked] == [not told.endswith("!") for _, told in asked]
    shapes = [(told, shape_of(form)) for form, told in asked]
    given = json.dumps([[told, shape._asdict()] for told, shape in shapes if shape is not None])
    told_all = "JSON.stringify(JSON.parse(process.argv[2]).map((one) => fits(...one)))"
    run = f"import(process.argv[1]).then(({{fits}}) => console.log({told_all}))"
    script = str(Path(__file__).parents[2] / "frontend/src/shape.js")
    done = subprocess.run([node(), "-e", run, script, given], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == [fits(told, form) for form, told in asked]


@settings(max_examples=40)
@given(st.sampled_from(sorted(phonenumbers.SUPPORTED_REGIONS)), st.text("0123456789", min_size=1, max_size=4))
def test_a_mobile_number_at_home_is_one_to_the_library_too(region: str, end: str) -> None:
    """The short way for mobile numbers as people dial them takes none that the library refuses, wherever it is gone."""
    mobile, example = _mobile(region), phonenumbers.example_number_for_type(region, phonenumbers.PhoneNumberType.MOBILE)
    if mobile is None or example is None:
        return
    plan = phonenumbers.PhoneMetadata.metadata_for_region(region, None)
    told = f"{plan.national_prefix or '' if plan else ''}{str(example.national_number)[: -len(end)]}{end}"
    if mobile.fullmatch(told):
        assert phonenumbers.is_valid_number(phonenumbers.parse(told, region)), told


def test_a_place_is_in_the_country_that_its_own_files_name() -> None:
    """By its days off, else by its zones; in none where these name several or none."""
    assert {name: country_of(load(name)) for name in shipped()} == {
        "ch-be": "CH",
        "cn-cq-2006": "CN",
        "ke": "KE",
        "ph": "PH",
    }

    def in_zones(zone: str, *more: str) -> str:
        bundle = load("ke")
        working = replace(bundle.jurisdiction.working, holidays=None)
        place = replace(bundle.jurisdiction, zone=zone, zones=more, working=working)
        return country_of(replace(bundle, jurisdiction=place))

    assert in_zones("America/New_York", "America/Chicago") == "US"
    assert in_zones("America/New_York", "America/Toronto") == ""
    assert in_zones("UTC") == ""
