"""The directory of organisations' sites: found by what is typed, narrowed, leafed through whole, and by bounded work."""

from collections.abc import Iterator

import pytest

from openroll.register.organisation.roles import Seat
from openroll.register.site import commands
from openroll.service.acts import Acted
from openroll.service.roll import Roll
from openroll.service.sites import directory
from openroll.service.sites.directory import Search
from openroll.service.sites.filing import step
from openroll.store import site_lists
from tests.seats import seated
from tests.sites import covering_sites, in_the_open, numbers, private, site

NAMES = ("City Library", "City Hall", "Hall of Cities", "重庆书店", "Teahouse")


@pytest.fixture
def east(roll: Roll) -> Iterator[Seat]:
    """Who filed a few sites of organisations, and one of a person under the same handle as a word of them."""
    seat = seated(roll, "east", "clerk")
    with covering_sites(roll):
        numbers(roll, seat, *(site(f"s{nth}", sponsor=name) for nth, name in enumerate(NAMES)), private("city"))
        yield seat


def leafed(roll: Roll, **wanted: str) -> list[int]:
    """The numbers of all sites that are found, page by page."""
    found, after = list[int](), ""
    for _ in range(50):
        page = directory.search(roll, Search(**wanted, after=after))
        found += [one.number for one in page.sites]
        assert not any(one.private for one in page.sites)
        after = page.next
        if not after:
            return found
    raise AssertionError("the list has no end")


@pytest.mark.parametrize(("most", "looked"), [(25, 10_000), (1, 10_000), (2, 3), (1, 1)])
def test_what_is_typed_finds_each_site_once_however_pages_fall(
    roll: Roll, east: Seat, monkeypatch: pytest.MonkeyPatch, most: int, looked: int
) -> None:
    """By the beginnings of words, all of them; by any letter of a name without blanks; whole or narrowed; a person's never."""
    monkeypatch.setattr(directory, "MOST", most)
    monkeypatch.setattr(site_lists, "MOST_LOOKED_AT", looked)
    monkeypatch.setattr(site_lists, "MOST_WORDS", looked)
    given = in_the_open(roll)
    assert isinstance(step(roll, commands.CheckSite(site=given[1], state="silent"), east), Acted)
    assert isinstance(step(roll, commands.EndSite(site=given[2], on=roll.day(roll.clock())), east), Acted)

    def listed(**wanted: str) -> list[int]:
        found = [given.index(number) + 1 for number in leafed(roll, **wanted)]
        assert "text" in wanted or found == sorted(found, reverse=True)  # the newest first
        return sorted(found)

    assert listed() == [1, 2, 3, 4, 5]
    for text, found in {
        "cit": [1, 2, 3],
        "CITY hall": [2],
        "hall cit": [2, 3],
        "书": [4],
        "s3.example": [4],
        "example.org": [1, 2, 3, 4, 5],
        "ity": [],
        "...": [],
        "x\x00y": [],
    }.items():
        assert listed(text=text) == found, text
    assert listed(state="live") == [1, 4, 5]
    assert listed(state="silent") == listed(text="cit", state="silent") == [2]
    assert listed(state="ended") == listed(text="cit", state="ended") == [3]
    year = str(roll.day(roll.clock()).year)
    assert listed(year=year, operator="east", kind="site") == [1, 2, 3, 4, 5]
    assert leafed(roll) == given[::-1]  # the newest first
    for none in ({"year": "1999"}, {"year": "x"}, {"operator": "west"}, {"state": "?"}, {"kind": "\x00"}):
        assert leafed(roll, **none) == []
    assert directory.years(roll) == (int(year),)


def test_a_domain_s_own_sites_come_first_and_the_one_that_was_shown_before_all(
    roll: Roll, east: Seat, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever number it has, and however pages fall; each is listed once."""
    monkeypatch.setattr(directory, "MOST", 1)
    west, at = seated(roll, "west", "clerk"), [f"s{nth}.example.org" for nth in range(len(NAMES))]
    shown = [numbers(roll, west, site(f"s{nth}", sponsor="A Shop", control="file"))[0] for nth in range(len(NAMES))]
    for number, domain in zip(shown, at, strict=True):
        found = leafed(roll, text=domain)
        assert (found[0], len(found), len(set(found))) == (number, 2, 2)


def test_a_place_that_is_none_begins_the_list_anew(roll: Roll, east: Seat) -> None:
    """Whatever stands in an address."""
    for after in ("x", "-1", "9" * 40, "1-\x00"):
        assert len(directory.search(roll, Search(after=after)).sites) == len(NAMES), after
