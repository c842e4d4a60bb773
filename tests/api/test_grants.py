"""Grants by program: anybody asks by the number, the word alone takes back, and the first who shows it is told so."""

from tests.api.test_api import Client
from tests.service.test_grants import NUMBER, WORD

from openroll.compose.server import application
from openroll.register.grant import word_of
from openroll.service.roll import Roll


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
