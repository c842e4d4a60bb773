"""A live server whose seal somebody replaced by hand: every face says that nothing is done, and goes on once it is put back."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from openroll.service.access import ROUTES
from openroll.words import say
from tests.api.test_api import row
from tests.web.house import House, house, name_of
from tests.web.test_access import _as, _call

WHO = ("nobody", "subscriber", "east/operator-lead", "registrar/registrar-lead", "bureau/officer-lead", "program")


@pytest.fixture(scope="module")
def own(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house of these tests' own: its database is sealed anew beneath it."""
    with house(database_url, tmp_path_factory.mktemp("seal"), name_of("s")) as found:
        yield found


@contextmanager
def sealed_by_another(house: House) -> Iterator[None]:
    """Another key stands in the database, as after a command that was given another's keys by hand."""
    with house.roll.database.open() as connection:
        right = connection.execute("select ipad, opad from wall").fetchone()
        connection.execute("update wall set ipad = 'another', opad = 'one'")
    try:
        yield
    finally:
        with house.roll.database.open() as connection:
            connection.execute("update wall set ipad = %b, opad = %b", right)


@pytest.mark.parametrize("who", WHO)
def test_no_route_is_out_of_order_and_none_pretends(own: House, who: str) -> None:
    """Every route answers 503 with its reason, or what needs no database; nobody is told to sign in who has, and nothing is
    done; afterwards the same session and the same token are good."""
    visitor, headers, roles = _as(own, who)
    visitor.get("/en/find")
    lines = [line for line, allowed in ROUTES.items() if allowed & roles and "sign-" not in line]
    before = own.acts()
    with sealed_by_another(own):
        answers = {line: _call(visitor, line, headers) for line in lines}
    assert own.acts() == before
    assert {
        line: one.status_code for line, one in answers.items() if one.status_code >= 500 and one.status_code != 503
    } == {}
    # What _call files lacks digests, and is refused for that before anybody is asked; the next test sends a whole one.
    # A token without a seat acts in no request, whatever the roll stands at.
    asks = {line for line in lines if "anyone" not in ROUTES[line]} - {
        "POST /api/v1/filings",
        "GET /api/v1/requests/own",
        "GET /api/v1/seat",
        "GET /api/v1/sites/{site}/facts",
    }
    assert {line: answers[line].status_code for line in asks if answers[line].status_code != 503} == {}
    said = [
        one.text.replace("&#39;", "'") for line, one in answers.items() if one.status_code == 503 and line[:4] != "HEAD"
    ]
    assert said
    assert [text for text in said if say("roll-held", {}, "en") not in text] == []
    again = {line: _call(visitor, line, headers) for line in asks if line.startswith("GET ")}
    assert {line: one.status_code for line, one in again.items() if one.status_code not in (200, 303, 404)} == {}


def test_who_guesses_and_who_files_is_told(own: House) -> None:
    """Opening by code and filing alone take a place in the throttle first; a program files by its token."""
    visitor, code = own.filed()
    east = {"authorization": f"Bearer {own.token()}", "idempotency-key": "seal"}
    with sealed_by_another(own):
        opened = own.visitor().post("/en/find", {"code": code})
        assert opened.status_code == 503
        assert say("roll-held", {}, "en") in opened.text.replace("&#39;", "'")
        told = own.client.post("/api/v1/record", json={"code": code})
        assert (told.status_code, told.json()["code"]) == (503, "roll-held")
        told = own.client.post("/api/v1/filings", json=row("seal-1"), headers=east)
        assert (told.status_code, told.json()["code"]) == (503, "roll-held")
        assert visitor.post("/en/mine/change", {"district": "500105"}).status_code == 503
    assert own.client.post("/api/v1/filings", json=row("seal-1"), headers=east).status_code == 201
    assert own.visitor().post("/en/find", {"code": code}).status_code == 303
