"""Pages of sites: looked up by number or domain, each with its badge; of a person's site nothing to read, on any of them."""

import re
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from openroll.compose.server import application
from openroll.register.site import commands
from openroll.register.site.commands import SeeSite
from openroll.register.site.decay import Counted, Lives, survival
from openroll.register.site.events import Sighting
from openroll.register.site.number import number_text, read_number
from openroll.service.acts import Acted, act
from openroll.service.roll import Roll
from openroll.service.sites import directory
from openroll.service.sites.filing import step
from openroll.words.catalogue import day
from tests.seats import seated
from tests.sites import covering_sites, private, site
from tests.sites import numbers as filed

Client = TestClient[Litestar]


@pytest.fixture
def numbers(roll: Roll) -> Iterator[list[str]]:
    """The numbers of an organisation's site, of a person's, and of another organisation's under the same domain."""
    east, west = seated(roll, "east", "clerk"), seated(roll, "west", "clerk")
    with covering_sites(roll):
        found = filed(roll, east, site("shudian", domains=("xn--1jqq80b.example.org",)), private())
        found += filed(roll, west, site("two")) + filed(roll, east, site("two"))
        yield list(map(number_text, found))


def test_a_site_is_looked_up_and_has_a_page_and_a_badge(roll: Roll, numbers: list[str]) -> None:
    """In any script, and by its number; where two are under a domain both are named; what is none is said beside its field."""
    with TestClient(application(roll)) as client:
        for asked in ("书店.example.org", numbers[0], numbers[0].replace("-", " ")):
            found = client.get("/en/sites", params={"site": asked})
            assert str(found.url).endswith(f"/en/sites/{numbers[0]}"), asked
        page = client.get(f"/zh/sites/{numbers[0]}").text
        assert "xn--1jqq80b.example.org" in page
        assert "书店" in page
        assert "重庆书店" in page
        assert f"/sites/{numbers[0]}/badge?lang=zh" in page
        both = client.get("/en/sites", params={"site": "two.example.org"}).text
        assert numbers[2] in both
        assert numbers[3] in both
        for none in ("nothing.example.org", "co.uk", numbers[0][:-1] + "x", "li.example.org"):
            assert "No organisation's site is found" in client.get("/en/sites", params={"site": none}).text, none
        mistyped = client.get("/en/sites", params={"site": numbers[0][:-1] + str((int(numbers[0][-1]) + 1) % 10)})
        assert mistyped.status_code == 404
        assert "two digits that check the others" in mistyped.text
        assert client.get("/en/sites").status_code == 200
        assert 'href="/en/sites"' in client.get("/en/").text
        assert client.get(f"/en/sites/{number_text(99)}").status_code == 404


def test_the_directory_has_organisations_sites_narrowed_and_leafed_through_without_script(
    roll: Roll, numbers: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A form that is sent by GET, and a link to what follows it; a person's site is on no page of it."""
    monkeypatch.setattr(directory, "MOST", 2)
    with TestClient(application(roll)) as client:
        page = client.get("/en/sites").text
        on_it = [number for number in numbers if f'href="/en/sites/{number}"' in page]
        last = numbers[0]  # the newest stand first
        assert on_it == numbers[2:]
        further = re.search(r'href="(/en/sites\?[^"]*after=[^"]*)"', page)
        assert further is not None
        page = client.get(further[1]).text
        assert [number for number in numbers if f'href="/en/sites/{number}"' in page] == [last]
        assert "Further sites" not in page
        shown = client.get("/en/sites", params={"site": "two.ex", "operator": "west"}).text
        assert [number for number in numbers if f'href="/en/sites/{number}"' in shown] == numbers[2:3]
        assert '<option value="west" selected' in shown
        assert "No organisation's site" in client.get("/en/sites", params={"year": "1999"}).text


def test_how_long_sites_last_is_told_drawn_and_predicted(
    roll: Roll, numbers: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beside Chongqing's number; with few sites nothing is drawn or predicted, with many both, in pictures and tables."""
    made = Lives(date(2006, 12, 20))
    for month in range(60):
        for age, count in ((3, 4), (20, 6), (None, 30)):
            filed = date(2001 + month // 12, month % 12 + 1, 5)
            gone = None if age is None else date(2001 + (month + age) // 12, (month + age) % 12 + 1, 6)
            made.add(filed, "live" if age is None else "ended", gone, count)
    with TestClient(application(roll)) as client:
        few = client.get("/en/sites/decay").text
        assert "57,931" in few
        assert "too few sites yet" in few
        assert client.get("/en/sites/decay/chart").status_code == 404
        counted = made.counted(1_000)

        async def many() -> Counted:
            return counted

        monkeypatch.setattr(client.app.state.application, "site_figures", many)
        page = client.get("/en/sites/decay").text
        assert "too few" not in page
        assert "Predicted, with 95-percent" in page
        assert len(survival(counted.ages)) > 12
        young = Lives(date(2006, 12, 20))
        for gone, count in ((date(2006, 11, 12), 10), (None, 90)):
            young.add(date(2006, 9, 10), "live" if gone is None else "ended", gone, count)
        counted, whole = young.counted(100), counted
        table = client.get("/en/sites/decay").text
        assert "0.25" in table  # in a register's first year by months, so that what is drawn is in the table too
        counted = whole
        for theme in ("", "?theme=dark"):
            chart = client.get(f"/en/sites/decay/chart{theme}")
            assert (chart.status_code, chart.headers["content-type"]) == (200, "image/svg+xml")
            assert "predicted" in chart.text
            assert "set-cookie" not in chart.headers
        assert client.get("/api/v1/sites/figures").json()["years"][0]["live"] == 360


def test_a_page_says_who_looked_from_how_many_places_and_when_control_was_shown(roll: Roll, numbers: list[str]) -> None:
    """The operator's word until the roll looks itself; then the roll's own look, for state and control each."""
    sightings = (Sighting(place="", at=0, answers=False, control="record"), Sighting("w1.example", 0, False, "file"))
    with TestClient(application(roll)) as client:
        page = client.get(f"/en/sites/{numbers[0]}").text
        assert "Live, as far as its operator said" in page
        assert "Looked at from" not in page
        see = SeeSite(
            site=read_number(numbers[0]) or 0, control="record", state="silent", account="a", sightings=sightings
        )
        with roll.database.own() as connection:
            assert isinstance(act(connection, roll, see), Acted)
        page = client.get(f"/en/sites/{numbers[0]}").text
        for said in ("Silent, by this roll", "which this roll found itself", "Control shown on", "2 places"):
            assert said in page
        (by_api,) = client.get("/api/v1/sites", params={"domain": "书店.example.org"}).json()
        assert (by_api["control_places"], by_api["state_places"], by_api["shown"]) == (2, 2, by_api["filed"])


def test_a_site_that_opens_later_is_not_live_yet(roll: Roll, numbers: list[str]) -> None:
    """Its page and the list say on which day it opens, and since when it is live only from then on."""
    opens = roll.day(roll.clock()) + timedelta(days=10)
    (number,) = filed(roll, seated(roll, "east", "clerk"), site("later", began=opens))
    with TestClient(application(roll)) as client:
        page = client.get(f"/en/sites/{number_text(number)}").text
        assert "It opens on a later day" in page
        assert "So since" not in page
        assert f"Opens on {day('en', opens)}" in client.get("/en/sites", params={"site": "later.ex"}).text
        assert "It opens on a later day" not in client.get(f"/en/sites/{numbers[0]}").text


def test_a_badge_is_a_picture_that_follows_nobody_and_says_the_state(roll: Roll, numbers: list[str]) -> None:
    """It may stand on others' pages, sets no cookie, runs nothing and loads nothing; a number that ended says so."""
    with TestClient(application(roll)) as client:
        badge = client.get(f"/sites/{numbers[0]}/badge", params={"lang": "en"})
        assert (badge.status_code, badge.headers["content-type"]) == (200, "image/svg+xml")
        assert "set-cookie" not in badge.headers
        assert badge.headers["cross-origin-resource-policy"] == "cross-origin"
        assert f"Filed site {numbers[0]}" in badge.text
        assert not any(part in badge.text for part in ("script", "href", "url(", "style"))
        east = seated(roll, "east", "clerk")
        step(roll, commands.EndSite(site=read_number(numbers[0]) or 0, on=roll.day(roll.clock())), east)
        assert f"Site {numbers[0]}: ended" in client.get(f"/sites/{numbers[0]}/badge", params={"lang": "en"}).text


def test_of_a_person_s_site_the_page_has_state_and_year(numbers: list[str], roll: Roll) -> None:
    """No day, no domain, no operator, no step."""
    with TestClient(application(roll)) as client:
        page = client.get(f"/en/sites/{numbers[1]}").text
        assert "private person" in page
        assert "Filed in" in page
        assert "East" not in page.split("<main", 1)[1]
        assert "/api/v1/sites/" not in page
