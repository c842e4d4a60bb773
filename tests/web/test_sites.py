"""Pages of sites: looked up by number or domain, each with its badge; of a person's site nothing to read, on any of them."""

from collections.abc import Iterator

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from openroll.compose.server import application
from openroll.register.site import commands
from openroll.register.site.number import number_text, read_number
from openroll.service.roll import Roll
from openroll.service.sites.filing import step
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
            assert client.get("/en/sites", params={"site": none}).status_code == 404
        assert client.get("/en/sites").status_code == 200
        assert 'href="/en/sites"' in client.get("/en/").text
        assert client.get(f"/en/sites/{number_text(99)}").status_code == 404


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
