"""The page behind the link in a mail: looked at it changes nothing, and one press counts without a cookie."""

import re

import pytest
from psycopg import sql

from openroll.register.command import Actor
from openroll.register.subscription.commands import Hold
from openroll.service.filing.submit import Taken
from openroll.service.identity import address_links, release
from openroll.service.identity.address_links import Named, Standing
from openroll.service.mail import mailboxes
from tests.handles import handle
from tests.service.filings import filing
from tests.service.test_holding import submit
from tests.web.house import House

ONE_CLICK = "List-Unsubscribe=One-Click"


@pytest.fixture(scope="module")
def given(inside: House) -> tuple[Named, str]:
    """An address that a record's holder gave, and where its link leads."""
    roll = inside.roll
    taken = submit(roll, filing(handle=handle("mails-1")), None, Actor("operator", "east"))
    assert isinstance(taken, Taken)
    assert isinstance(submit(roll, Hold(), taken.number), Taken)
    assert release.keep_contact(roll, taken.number, "en", "page@example.org", roll.clock()) is True
    named = Named(taken.number, mailboxes.digest_of(roll, "page@example.org"))
    link = address_links.link_for(roll, taken.number, "page@example.org", "en", "https://roll.example/")
    return named, link.removeprefix("https://roll.example")


def _of(inside: House, number: int) -> tuple[object, ...]:
    """What stands of one record, whatever others and the machine do behind the pages of a shared roll meanwhile."""
    with inside.roll.database.own() as connection:
        return tuple(
            connection.execute(
                sql.SQL("select t::text from {} t where {} = %s order by 1").format(
                    sql.Identifier(table), sql.Identifier(key)
                ),
                [number],
            ).fetchall()
            for table, key in (("event", "stream"), ("subscription", "number"), ("contact", "record"))
        )


def test_who_looks_says_nothing_and_who_presses_does(inside: House, given: tuple[Named, str]) -> None:
    """A program that opens links confirms nothing; the buttons work without script, cookie or sign-in."""
    named, path = given
    before = _of(inside, named.number)
    assert all(before)
    assert address_links.standing_of(inside.roll, named.number) == Standing.WAITS
    shown = inside.visitor().get(path)
    assert (shown.status_code, _of(inside, named.number)) == (200, before)
    assert address_links.standing_of(inside.roll, named.number) == Standing.WAITS
    assert "page@example.org" not in shown.text
    assert 'name="said" value="allow"' in shown.text
    for button, standing in (
        ("confirm", Standing.CONFIRMED),
        ("stop", Standing.STOPPED),
        ("allow", Standing.CONFIRMED),
    ):
        page = inside.visitor().get(path).text
        form = re.search(
            rf'<form method="post" action="([^"]+)">\s*<input type="hidden" name="said" value="{button}">', page
        )
        assert form, page
        pressed = inside.visitor().ask("POST", form[1], data={"said": button})
        assert (pressed.status_code, pressed.headers["location"]) == (303, path)
        assert address_links.standing(inside.roll, named) == standing


@pytest.mark.parametrize("kind", ["urlencoded", "parts"])
def test_a_mail_program_ends_mails_with_one_request(inside: House, given: tuple[Named, str], kind: str) -> None:
    """RFC 8058: a POST from anywhere, with no cookie, of a form or of one in parts; the word in the address lets in, no other."""
    named, path = given
    address_links.allow(inside.roll, named)
    sent = (
        {"data": {"List-Unsubscribe": "One-Click"}}
        if kind == "urlencoded"
        else {"files": {"List-Unsubscribe": (None, b"One-Click")}}
    )
    headers = {"sec-fetch-site": "cross-site", "origin": "https://mail.example"}
    assert inside.visitor().ask("POST", path, headers=headers, **sent).status_code == 303
    assert address_links.standing(inside.roll, named) == Standing.STOPPED
    address_links.allow(inside.roll, named)
    for wrong in (path[:-3], "/en/mails/nothing", path + "x"):
        assert inside.visitor().ask("POST", wrong, headers=headers, **sent).status_code == 404
        assert inside.visitor().get(wrong).status_code == 404
    assert address_links.standing(inside.roll, named) != Standing.STOPPED
