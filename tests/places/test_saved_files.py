"""A jurisdiction as the files of a folder: written and read again it is the same, and a day or an office more is a row more."""

from datetime import date

import msgspec
import pytest
from tests.places.test_folder_faults import folder

from openroll.places import Bundle, load, read_bundle, shipped
from openroll.places.model import DayOff
from openroll.places.writing import changed_by, districts_text, later_state, main_text, saved_files

PROCLAIMED = "2026-06-26,no,Siku iliyotangazwa,A proclaimed day\n"
DAYS = f"day,worked,sw,en\n{PROCLAIMED}2026-12-19,yes,,\n2026-12-20,no,Peke yake,\n2026-12-26,yes,,\n"
"""A day named in two languages, one in place of another, one named in one language; a day of the library's that is worked."""


@pytest.fixture(scope="module")
def place() -> Bundle:
    """A place with days off and offices of its own, and a city."""
    made = read_bundle(folder(days=DAYS))
    jurisdiction = msgspec.structs.replace(made.jurisdiction, city="kijiji")
    return msgspec.structs.replace(made, city="a city", jurisdiction=jurisdiction)


def later(old: Bundle, **changed: tuple[str, str]) -> Bundle:
    """The next state, made of the saved files with a piece of each in the place of another."""
    files = saved_files(old)
    files["jurisdiction.yaml"] = files["jurisdiction.yaml"].replace("version: 1", "version: 2")
    for name, (before, after) in changed.items():
        key = next(one for one in files if one.startswith(name))
        assert before in files[key], files[key]
        files[key] = files[key].replace(before, after, 1)
    return later_state(old, {name: text.encode() for name, text in files.items()})


@pytest.mark.parametrize("name", shipped())
def test_a_shipped_place_reads_back_from_its_saved_files(name: str) -> None:
    """Byte for byte the same bundle."""
    bundle = load(name)
    assert later_state(bundle, {name: text.encode() for name, text in saved_files(bundle).items()}) == bundle


def test_a_place_of_ones_own_reads_back_from_its_saved_files(place: Bundle) -> None:
    """Its offices with their parts, its days by languages, its city; `days.csv` has none that the library says by itself."""
    files = saved_files(place)
    assert later_state(place, {name: text.encode() for name, text in files.items()}) == place
    assert len(files["days.csv"].splitlines()) == len(DAYS.splitlines())
    assert "123,Arusha" in files["offices.csv"].replace(",,,123,,", ",123,")


def test_one_more_is_one_row_more(place: Bundle) -> None:
    """A day and an office are added to what was saved, and all others stay."""
    made = later(place, days=(PROCLAIMED, f"{PROCLAIMED}2026-07-01,no,Nyingine,Another\n"), offices=("02,1", "02,7"))
    more = [one for one in made.days_off if one not in place.days_off]
    assert [one.day for one in more] == [date(2026, 7, 1)]
    assert len(made.days_off) == len(place.days_off) + 1
    assert [one.counters for one in made.offices] == [2, 7]


def test_a_row_less_is_what_the_library_says(place: Bundle) -> None:
    """A proclaimed day goes with its row; a day of the library's that the row had worked is off again."""
    made = later(place, days=(PROCLAIMED, ""))
    assert {one.day for one in place.days_off} - {one.day for one in made.days_off} == {date(2026, 6, 26)}
    again = later(place, days=("2026-12-26,yes", "2026-12-27,yes"))
    assert [one.worked for one in again.days_off if one.day == date(2026, 12, 26)] == [False]


def test_days_of_its_own_outlast_further_years(place: Bundle) -> None:
    """With and without a file of them, on the page too, which has none; the further years come."""
    main = main_text(place).replace("version: 1", "version: 2").replace("2025, 2027", "2025, 2028")
    without = changed_by(place, main, districts_text(place))
    beside = later(place, jurisdiction=("2025, 2027", "2025, 2028"))
    assert without == beside
    own: list[DayOff] = [one for one in place.days_off if one.day in (date(2026, 6, 26), date(2026, 12, 19))]
    assert len(own) == 2
    assert all(one in without.days_off for one in own)
    assert date(2028, 12, 25) in {one.day for one in without.days_off}
