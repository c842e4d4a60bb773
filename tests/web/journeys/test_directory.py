"""The directory of sites as somebody uses it: the list follows what is typed, and without script the form is sent."""

import pytest
from playwright.sync_api import expect

from openroll.register.site.number import number_text
from openroll.service.roll import Roll
from tests.seats import seated
from tests.sites import covering_sites, numbers, site
from tests.web.journeys.walker import Walker

pytestmark = pytest.mark.browser


def test_the_list_follows_what_is_typed(walker: Walker, served: tuple[str, Roll], scripts: bool) -> None:
    """The last of several letters counts; a whole number is no page that somebody typing is taken to."""
    roll = served[1]
    seat = seated(roll, "east", "clerk")
    with covering_sites(roll):
        one, other = numbers(
            roll,
            seat,
            *(site(f"{name}-{scripts:d}".lower(), sponsor=f"{name} Zhenlei") for name in ("Quarry", "Quince")),
        )
    walker.go("sites")
    field, found = walker.page.locator("#site"), walker.page.locator("#found")
    for typed, shown, hidden in (("zhenlei quin", other, one), ("zhenlei quar", one, other)):
        field.fill(typed)
        if not scripts:
            field.press("Enter")
        expect(found).to_contain_text(number_text(shown))
        expect(found).not_to_contain_text(number_text(hidden))
        if scripts:
            expect(walker.page).to_have_url(f"{served[0]}/{walker.lang}/sites?site={typed.replace(' ', '+')}")
    field.fill(number_text(other))
    field.press("Enter")
    walker.at(f"sites/{number_text(other)}")
