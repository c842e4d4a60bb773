"""Grants by program: anybody asks by the number, the word alone takes back, and the first who shows it is told so."""

import pytest
from tests.api.test_api import Client
from tests.service.test_grants import NUMBER, WORD

from openroll.compose.server import application
from openroll.register.grant import word_of
from openroll.service import grants
from openroll.service.roll import Roll
from openroll.store.connect import NothingWritten


def test_grants_by_program(roll: Roll) -> None:
    """Nothing is known of it, it is shown once, taken back by its word; what is no number or no word is refused in its form."""
    with Client(application(roll)) as client:
        path = f"/api/v1/grants/{NUMBER}"
        unknown = {"grant": NUMBER, "taken_back": None, "shown": None}
        assert client.get(path).json() == unknown
        assert client.post(f"{path}/shown", json={}).json() == unknown
        shown = client.post(f"{path}/shown", json={}).json()["shown"]
        assert shown is not None
        taken = client.post("/api/v1/grants/taken-back", json={"word": WORD})
        assert (taken.status_code, taken.json()["shown"]) == (200, shown)
        assert client.get(path).json() == taken.json()
        assert client.get(path).headers["cache-control"] == "no-store"
        assert client.get(f"/api/v1/grants/{word_of(bytes(15))}").status_code == 404
        wrong = client.post("/api/v1/grants/taken-back", json={"word": NUMBER})
        assert (wrong.status_code, wrong.json()["code"]) == (400, "request-shape")


def test_a_grant_that_is_marked_is_not_said_to_be_as_it_was(roll: Roll, monkeypatch: pytest.MonkeyPatch) -> None:
    """The database goes away behind the mark, before it is read for the answer: that it was taken back is not denied."""
    real, looks = grants.standing, iter(range(2))

    def standing(roll: Roll, grant: str) -> grants.Standing:
        if next(looks):
            raise NothingWritten("away")
        return real(roll, grant)

    with Client(application(roll)) as client, monkeypatch.context() as patched:
        patched.setattr(grants, "standing", standing)
        answer = client.post("/api/v1/grants/taken-back", json={"word": WORD})
    assert (answer.status_code, answer.json()["code"]) == (503, "outcome-unknown")
    assert real(roll, NUMBER).taken_back is not None
