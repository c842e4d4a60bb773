"""City files: what ships is whole and says where it comes from; what is broken says so, and never in a traceback."""

import re
from datetime import date, timedelta
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from openroll import places
from openroll.rules import Fault, RuleFaults, load
from openroll.rules import given as rules_given
from openroll.whatif.cities import NoSuchCity, cities, city_schema, load_city, parse_city
from openroll.whatif.city import Assumptions, City, Quantity
from openroll.whatif.titles import titles
from openroll.words.assumptions import assumption_unit

GOOD = (files("openroll.whatif") / "cities" / "village.yaml").read_text(encoding="utf-8")


def faults_of(text: str) -> tuple[Fault, ...]:
    """The faults of a text that is no city."""
    with pytest.raises(RuleFaults) as caught:
        parse_city(text, "mine.yaml")
    return caught.value.faults


def what_is_said_of(text: str) -> tuple[Fault, ...]:
    """The faults of a text, none where it is a city. Anything but RuleFaults goes through, and fails the test."""
    try:
        parse_city(text, "mine.yaml")
    except RuleFaults as broken:
        return broken.faults
    return ()


def edited(old: str, new: str) -> str:
    """The village with the first of one text replaced."""
    assert old in GOOD
    return GOOD.replace(old, new, 1)


def line(needle: str) -> int:
    """The line of the village on which a text first stands."""
    return GOOD[: GOOD.index(needle)].count("\n") + 1


def cited(city: City) -> set[str]:
    """Every source that something in a city cites."""
    districts = {district.source for district in city.districts}
    numbers = {quantity.source for _, quantity in city.assumptions.items()}
    rates = {one.source for one in rules_given(city.exchange, ())}
    return (districts | numbers | rates | {city.calendar.source}) - {""}


@pytest.mark.parametrize("name", cities())
def test_every_shipped_city_is_whole(name: str) -> None:
    """Each is named as its file; each number has a title, and every source listed is cited and the other way round."""
    city = load_city(name)
    assert city.id == name
    assert [path for path, _ in city.assumptions.items()] == list(titles())
    assert cited(city) == {source.id for source in city.sources}


@pytest.mark.parametrize("name", cities())
def test_every_assumed_number_has_a_range_and_a_reason_in_its_languages(name: str) -> None:
    """What no source gives has low < high, and says why in each language of the city's title."""
    city = load_city(name)
    for path, quantity in city.assumptions.items():
        low, high = quantity.range
        assert low <= quantity.value <= high, path
        if not quantity.source:
            assert low < high, path
            assert quantity.assumed, path
            assert set(quantity.assumed) == set(city.title), path
            assert bool(re.search(r"[\u4e00-\u9fff]", quantity.assumed.get("zh", ""))) == ("zh" in city.title), path
            assert not re.search(r"[\u4e00-\u9fff]", quantity.assumed["en"]), path


@pytest.mark.parametrize("name", [one for one in places.shipped() if one != "cn-cq-2006"])
def test_a_jurisdiction_has_a_town_of_its_own(name: str) -> None:
    """Its what-if city is measured in its own money, on its own days off, in its own languages."""
    place = places.load(name)
    city = load_city(place.jurisdiction.city or "")
    assert city.currency == place.jurisdiction.currency
    assert set(city.title) == set(place.jurisdiction.languages)
    days = [city.begin + timedelta(days=index) for index in range(city.days)]
    off = {one.day for one in place.days_off if not one.worked and one.day in days and one.day.isoweekday() <= 5}
    assert set(city.calendar.holidays) == off


def test_chongqing_has_the_districts_of_2006() -> None:
    """All 40, by code, with the names that the register knows them by."""
    known = places.load("cn-cq-2006").by_code
    here = {district.code: district.title for district in load_city("chongqing-2006").districts}
    assert here == {code: district.title for code, district in known.items()}
    assert len(here) == 40


def test_chongqing_begins_with_the_notice_and_outlasts_its_deadline() -> None:
    """The first day is that of the notice; 30 October 2006 falls within the run; so do the facts of users and sites."""
    city, people = load_city("chongqing-2006"), load_city("chongqing-2006").assumptions.people
    assert city.begin == load("cn-cq-2006-notice").in_force == date(2006, 7, 7)
    assert (date(2006, 10, 30) - city.begin).days < city.days
    assert people.households.value == 1_000_000
    assert people.sites.value == 3_000


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2006, 7, 7), True),
        (date(2006, 7, 8), False),
        (date(2006, 9, 30), True),
        (date(2006, 10, 2), False),
        (date(2006, 10, 8), True),
        (date(2006, 12, 31), True),
        (date(2007, 1, 3), False),
        (date(2007, 2, 17), True),
        (date(2007, 2, 23), False),
        (date(2007, 4, 29), True),
        (date(2007, 5, 7), False),
        (date(2007, 5, 8), True),
    ],
)
def test_chongqing_works_on_the_days_that_the_state_council_said(day: date, works: bool) -> None:
    """Holidays, and the weekend days worked for them, after the notices of December 2005 and December 2006."""
    assert load_city("chongqing-2006").calendar.works(day) is works


def test_the_philippines_have_their_sims_and_their_census() -> None:
    """The base agrees with 51.75 % on 24 April 2023; the regions sum to the census of 2020; portals open on the first day."""
    city = load_city("philippines-2022")
    assert round(100 * 87_442_982 / city.assumptions.people.households.value, 2) == 51.75
    assert sum(district.weight for district in city.districts) == 109_033_245
    assert (city.begin, len(city.districts)) == (date(2022, 12, 27), 17)


def test_no_number_of_the_philippines_knows_the_future() -> None:
    """What is kept to test the model, after 3 April 2023, stands in no reason and no source of a number."""
    city = load_city("philippines-2022")
    reasons = [quantity.assumed["en"] for _, quantity in city.assumptions.items() if quantity.assumed]
    told = " ".join([*reasons, *(f"{source.title} {source.where}" for source in city.sources)])
    months = r"(?:1?\d|2\d|30) (?:May|June|July|August) 2023|(?:[4-9]|1\d|2\d|30) April 2023"
    assert not re.findall(months, told)


def test_about_eight_assumptions_are_the_main_ones() -> None:
    """A page lets people move from six to ten, at least one of them on each question that the issue asks."""
    main = [path for path, title in titles().items() if title.main]
    assert 6 <= len(main) <= 10
    assert {path.split(".")[0] for path in main} == {"filing", "channels", "officials", "fear"}


def test_a_unit_of_money_is_in_the_citys_currency() -> None:
    """A unit holds a place for the currency exactly where money is meant."""
    assert assumption_unit("en", titles()["costs.hour"], "PHP") == "PHP an hour"
    with_money = {path for path, title in titles().items() if "{currency}" in title.unit}
    assert with_money == {path for path, title in titles().items() if "¤" in assumption_unit("zh", title, "¤")}
    hours = {"costs.trip", "costs.form", "costs.case_hours"}
    assert with_money == {path for path in titles() if path.startswith("costs.")} - hours


def test_an_unknown_city_is_answered_with_the_known_ones() -> None:
    """`NoSuchCity` names what there is, and a path is no name."""
    for name in ("atlantis", "../assumptions", "village.yaml", ""):
        with pytest.raises(NoSuchCity, match="village") as caught:
            load_city(name)
        assert caught.value.known == cities()


def test_the_form_of_a_city_file_is_a_json_schema() -> None:
    """`city_schema()` is itself a valid JSON Schema 2020-12."""
    Draft202012Validator.check_schema(city_schema())


def test_numbers_with_a_point_are_numbers_and_codes_stay_text() -> None:
    """Decimals are turned into numbers under the keys of numbers only."""
    city = parse_city(edited("code: mill", "code: '0.5'"), "mine.yaml")
    assert city.districts[0].code == "0.5"
    assert city.assumptions.people.skilled == Quantity(0.8, 0.6, 0.95, "", city.assumptions.people.skilled.assumed)


@pytest.mark.parametrize(
    ("text", "at", "path", "expected"),
    [
        (edited("value: 0.02,", "value: two,"), line("    word:"), "assumptions/filing/word/value", "a number"),
        (edited("value: 0.02,", "value: .nan,"), line("    word:"), "assumptions/filing/word/value", "a number"),
        (edited("value: 2000", "value: 1e400"), line("value: 2000"), "assumptions/people/households/value", "a number"),
        (edited("value: 2000", "value: true"), line("value: 2000"), "assumptions/people/households/value", "a number"),
        (edited("value: 2000", "value: -1"), line("value: 2000"), "assumptions/people/households", "from 0"),
        (edited("low: 0.01,", "low: 0.03,"), line("    word:"), "assumptions/filing/word", "low <= value <= high"),
        (edited("low: 0.01,", ""), line("    word:"), "assumptions/filing/word", "both low and high"),
        (edited("low: 0.01, high: 0.04,", ""), line("    word:"), "assumptions/filing/word", "low and high, apart"),
        (edited("high: 0.7", "high: 1.7"), line("    online:"), "assumptions/channels/online", "from 0 to 1"),
        (
            edited("value: 7, low: 4", "value: 7, low: 0"),
            line("    launch_days:"),
            "assumptions/filing/launch_days",
            "above 0",
        ),
        (
            edited("{value: 40, source: made}", "{value: 40}"),
            line("    organ"),
            "assumptions/people/organisations",
            "a source",
        ),
        (
            edited("{value: 40, source: made}", "{value: 40, source: gossip}"),
            line("    organ"),
            "assumptions/people/organisations/source",
            "one of made",
        ),
        (edited("    lull:", "    lul:"), line("    lull:"), "assumptions/filing/lul", "lull"),
        (
            edited("high: 0.6, assumed: *guess}\n    length_half", "high: 0.7, assumed: *guess}\n    length_half"),
            line("    length_half:"),
            "assumptions/officials/length_half",
            "at most 1",
        ),
        (edited("weight: 5", "weight: 0"), line("weight: 5"), "districts/0/weight", "a number above 0"),
        (edited("counters: 2", "counters: 1.5"), line("counters: 2"), "districts/0/counters", "a whole number"),
        (edited("code: ford", "code: mill"), line("code: ford"), "districts/1", "each once"),
        (edited("counters: 2, source: made", "counters: 2"), line("counters: 2"), "districts/0", "a source"),
        (re.sub(r"counters: \d", "counters: 0", GOOD), line("districts:"), "districts", "at least one district"),
        (
            re.sub(r"(households|organisations|operators|sites): \{value: \d+", r"\1: {value: 0", GOOD),
            line("  people:"),
            "assumptions/people",
            "at least one",
        ),
        (edited("days: 120", "days: 0"), line("days: 120"), "days", "at least 1"),
        (edited("begin: 2006-07-07", "begin: 2006-02-30"), line("begin:"), "begin", "a date"),
        (edited("begin: 2006-07-07", "begin: 2199-12-01"), line("begin:"), "begin", "days from 1900"),
        (
            edited("source: made}\nreminders", "worked: [2006-10-02], source: made}\nreminders"),
            line("calendar:"),
            "calendar/worked/0",
            "worked or off",
        ),
        (edited(", source: made}\nreminders", "}\nreminders"), line("calendar:"), "calendar", "a source"),
        (edited("reminders: [7]", "reminders: [soon]"), line("reminders:"), "reminders/0", "a whole number"),
        (edited("currency: CNY", "currency: yuan"), line("currency:"), "currency", "three capital letters"),
        (edited("id: village", "id: My Village"), line("id:"), "id", "lower case letters"),
    ],
)
def test_a_mistake_is_told_with_its_line_its_path_and_what_was_expected(
    text: str, at: int, path: str, expected: str
) -> None:
    """Of a wrong city file one hears where, what is wrong and what to write."""
    faults = faults_of(text)
    mine = [fault for fault in faults if fault.path == path]
    assert mine, [str(fault) for fault in faults]
    assert mine[0].line == at
    assert expected in f"{mine[0].expected} {mine[0].example}"
    assert mine[0].file == "mine.yaml"


def test_all_mistakes_are_told_at_once() -> None:
    """Three mistakes of sense on three lines are three faults, in the order of the lines."""
    broken = edited("value: 40, source: made", "value: 40, source: gossip").replace("code: ford", "code: mill")
    broken = broken.replace("value: 0.5, low: 0.3, high: 0.7", "value: 0.9, low: 0.3, high: 0.7", 1)
    assert [fault.path for fault in faults_of(broken)] == [
        "districts/1",
        "assumptions/people/organisations/source",
        "assumptions/channels/online",
    ]


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_a_broken_file_is_a_list_of_faults_and_never_a_traceback(data: st.DataObject) -> None:
    """Whatever a slip of the hand does to a line of a city file, the answer is a city or faults with lines of the file."""
    lines = GOOD.splitlines()
    index = data.draw(st.integers(0, len(lines) - 1))
    slip = st.sampled_from(
        ["", ": ", "- x", "value: {", "~", "[]", "{}", "&a *a", "!!python/none", "1e999", "\t", "0.5", "年"]
    )
    start = data.draw(st.integers(0, len(lines[index])))
    end = data.draw(st.integers(start, len(lines[index])))
    lines[index] = lines[index][:start] + data.draw(slip | st.text(max_size=8)) + lines[index][end:]
    text = "\n".join(lines)
    assert all(1 <= fault.line <= text.count("\n") + 2 and fault.expected for fault in what_is_said_of(text))


@settings(max_examples=25, deadline=None)
@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=5), st.lists, max_leaves=5))
def test_anything_else_is_no_city(value: object) -> None:
    """A file that says something else altogether is told what a city file has."""
    assert faults_of(str(value))


def test_assumptions_keep_their_paths_when_they_are_filled() -> None:
    """`filled` changes every number in its place and loses none."""
    given_here = load_city("village").assumptions
    filled: Assumptions[str] = given_here.filled(lambda path, quantity: f"{path} {quantity.value:g}")
    assert dict(filled.items()) == {path: f"{path} {quantity.value:g}" for path, quantity in given_here.items()}


def test_the_page_on_city_files_tells_every_number_and_every_city() -> None:
    """docs/city-file.md has a row for each assumption, with its title, and none that there is not."""
    page = (Path(__file__).parents[2] / "docs" / "city-file.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([a-z]+\.[a-z_]+)`( ●)? \| (.*?) \|", page, re.MULTILINE)
    assert rows == [(path, " ●" if title.main else "", title.title) for path, title in titles().items()]
    assert set(cities()) <= set(re.findall(r"^\| `([a-z0-9-]+)` \|", page, re.MULTILINE))
