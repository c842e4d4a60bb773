"""How often sites are looked up: one network waits for nobody but itself, and is told so in the words of each face."""

from collections.abc import Iterator

import pytest
from litestar import Litestar
from litestar.exceptions import LitestarException
from litestar.testing import TestClient

from openroll.api import site_data
from openroll.compose.server import application
from openroll.compose.settings import WebSettings
from openroll.register.site.number import number_text
from openroll.service.identity import sessions
from openroll.service.identity.sessions import read_for_anybody
from openroll.service.roll import Roll
from openroll.service.sites.look_ups import LookUps, TooManyLookUps, look_up_limits
from openroll.traffic import networks
from tests.seats import seated
from tests.sites import covering_sites, numbers, site

Client = TestClient[Litestar]
ADDRESSES = (
    "/rdap/domain/shudian.example.org",
    "/rdap/help",
    "/sites/{number}/badge",
    "/en/sites?site=shu",
    "/en/sites/{number}",
    "/api/v1/sites?domain=shudian.example.org",
    "/api/v1/sites/{number}",
    "/api/v1/sites.csv",
    "/api/v1/sites/changes",
)


FACES = list[str]()
"""The same of the site that is there."""


@pytest.fixture
def client(roll: Roll) -> Iterator[Client]:
    """A roll with a site, where an address looks up as many as there are faces at once."""
    with covering_sites(roll):
        (number,) = numbers(roll, seated(roll, "east", "clerk"), site())
        FACES[:] = [one.format(number=number_text(number)) for one in ADDRESSES]
        with TestClient(application(roll, WebSettings(behind_proxy=True))) as client:
            client.app.state.site_look_ups = LookUps(len(FACES), monotonic=lambda: 0.0)
            yield client


def test_one_network_looks_so_many_up_and_no_other_waits_for_it(client: Client) -> None:
    """By all faces together; then each says when to come again (RFC 7480 section 5.5), and the rest of the roll goes on."""
    for path in FACES:
        assert client.get(path, headers={"x-forwarded-for": "192.0.2.1"}).status_code == 200, path
    for path in FACES:
        late = client.get(path, headers={"x-forwarded-for": "192.0.2.1"})
        assert (late.status_code, 1 <= int(late.headers["retry-after"]) <= 5) == (429, True), path
        kind = "application/rdap+json" if path.startswith("/rdap") else "application/problem+json"
        assert late.headers["content-type"].startswith(
            kind if "/en" not in path and "badge" not in path else "text/html"
        )
    assert client.get(FACES[0], headers={"x-forwarded-for": "198.51.100.1"}).status_code == 200
    assert client.get("/en/", headers={"x-forwarded-for": "192.0.2.1"}).status_code == 200


def test_a_look_up_is_read_without_a_journey_to_begin_it(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """By whatever face: it acts by nobody's right and writes nothing (Database._reading)."""
    reads: list[str] = []

    def noted() -> None:
        reads.append("")
        read_for_anybody()

    monkeypatch.setattr(sessions, "read_for_anybody", noted)
    looked_up = [path for path in FACES if "csv" not in path and "changes" not in path]
    for path in looked_up:
        assert client.get(path, headers={"x-forwarded-for": "203.0.113.1"}).status_code == 200, path
    assert len(reads) == len(looked_up)


def test_a_network_around_many_addresses_has_a_limit_of_its_own_that_drains() -> None:
    """Five times as many in all; after a quarter of a second one more is answered."""
    clock = [0.0]
    look_ups, limits = LookUps(monotonic=lambda: clock[0]), look_up_limits()

    def taken(address: str) -> bool:
        try:
            look_ups.take(networks(address))
        except TooManyLookUps:
            return False
        return True

    assert [taken("192.0.2.9") for _ in range(limits[0].holds + 1)] == [True] * limits[0].holds + [False]
    assert all(taken(f"192.0.2.{one}") for one in range(10, 14) for _ in range(limits[0].holds))
    assert not taken("192.0.2.200")
    clock[0] += limits[0].drains_after
    assert taken("192.0.2.9")


def test_few_files_at_once_and_none_for_ever(roll: Roll, monkeypatch: pytest.MonkeyPatch) -> None:
    """A network has two under way; each gives its place back at its end, and also when its reader is too slow."""
    with TestClient(application(roll)) as client:
        places = client.app.state.application.executors.sites.places
        for _ in range(3):
            assert client.get("/api/v1/sites.ndjson").status_code == 200
        assert places.take(networks("testclient")[:1], 2)
        refused = client.get("/api/v1/sites.csv")
        assert (refused.status_code, refused.json()["code"]) == (429, "too-many-at-once")
        assert int(refused.headers["retry-after"]) == client.app.state.application.executors.sites.retry_after
        places.leave(networks("testclient")[:1], 2)
        monkeypatch.setattr(site_data, "LONGEST", -1.0)
        with pytest.raises(LitestarException):
            client.get("/api/v1/sites.csv")
        assert places.take(networks("testclient")[:1], 2)
