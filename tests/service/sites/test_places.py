"""Remote places look too: a fact is made where enough of them agree, and who saw what stands in it for anybody to check."""

from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import datetime
from pathlib import Path

import httpx2
import pytest

from openroll.register.organisation.roles import Seat
from openroll.register.site.looks import Eye, Question, Seen
from openroll.register.site.sightings import is_signed
from openroll.service import work
from openroll.service.roll import Roll
from openroll.service.sites import looking
from openroll.service.sites.looking import Looks
from openroll.tlog import Signer
from openroll.watch.probe import remote
from openroll.watch.probe.remote import RemotePlace
from openroll.watch.witness.sites import Looking
from tests.seats import seated
from tests.service.sites.test_looking import DAY, facts, pass_time
from tests.service.sites.years import ADDRESS
from tests.sites import covering_sites, numbers, site


@pytest.fixture
def east(roll: Roll) -> Iterator[Seat]:
    """A clerk of an operator, in a roll under the rule of sites."""
    seat = seated(roll, "east", "clerk")
    with covering_sites(roll):
        yield seat


async def _parts(answer: bytes) -> AsyncIterator[bytes]:
    yield answer


class Places:
    """A roll and three places, each of which sees a site of its own way."""

    def __init__(self, roll: Roll) -> None:
        self.seen = [Seen("answers", "record")] * 4
        """What is seen of every site: by the roll, then by each place."""
        self.away: set[str] = set()
        self.signers = [Signer.from_seed(f"w{at}.example", bytes([at]) * 32, "ed25519") for at in range(1, 4)]
        self.places = tuple(RemotePlace(f"https://{one.name}", one.verifier) for one in self.signers)
        self._roll = roll
        self._servers = {
            one.name: Looking(one, {roll.origin: roll.keys.verifiers}, self.eye(at), lambda: roll.clock().timestamp())
            for at, one in enumerate(self.signers, 1)
        }

    def eye(self, at: int) -> Eye:
        """What one sees."""

        def eye(asked: Sequence[Question], _: datetime, __: float) -> AsyncIterator[tuple[Question, Seen]]:
            async def looks() -> AsyncIterator[tuple[Question, Seen]]:
                for question in asked:
                    yield question, self.seen[at]

            return looks()

        return eye

    async def answer(self, request: httpx2.Request) -> httpx2.Response:
        """What the place of an address says."""
        if request.url.host in self.away:
            raise httpx2.ConnectError("away")
        answer = await self._servers[request.url.host].answer(await request.aread())
        return (
            httpx2.Response(200, content=_parts(answer))
            if isinstance(answer, bytes)
            else httpx2.Response(answer.status)
        )

    def look(self) -> None:
        """Have the roll look at what is due."""
        kinds = {looking.WORK: looking.kind(self._roll, Looks(self.eye(0), ADDRESS, self.places))}
        for ran in work.run_due(self._roll, kinds, self._roll.clock()):
            assert isinstance(ran.result, work.Done), ran.result


@pytest.fixture
def places(roll: Roll, monkeypatch: pytest.MonkeyPatch) -> Places:
    """Three places that no network is needed for."""
    made = Places(roll)
    transport = httpx2.MockTransport(made.answer)
    monkeypatch.setattr(remote, "new_client", lambda _, **__: httpx2.AsyncClient(transport=transport))
    return made


def test_a_fact_has_what_every_place_saw_signed_by_each(roll: Roll, east: Seat, places: Places) -> None:
    """One of three sees nothing, and may: the fact stands, seen from three places, and each signature fits it."""
    (number,) = numbers(roll, east, site())
    places.seen[2] = Seen("answers", "")
    places.look()
    (fact,) = facts(roll, number)
    assert [(one.place, one.control) for one in fact.sightings] == [
        ("", "record"),
        ("w1.example", "record"),
        ("w2.example", ""),
        ("w3.example", "record"),
    ]
    domains, keys = ("shudian.example.org",), [one.verifier for one in places.signers]
    assert all(is_signed(one, roll.origin, domains, fact.account, keys) for one in fact.sightings[1:])
    with roll.database.own() as connection:
        row = connection.execute("select control, control_places from site where number = %s", (number,)).fetchone()
    assert row == ("record", 3)


def test_a_place_that_is_away_or_lies_has_not_seen_it(roll: Roll, east: Seat, places: Places, tmp_path: Path) -> None:
    """One that is away and one that speaks under another key are two too many; when one is back the fact is made."""
    (number,) = numbers(roll, east, site())
    places.away.add("w1.example")
    liar = Signer.from_seed("w2.example", b"z" * 32, "ed25519")
    places.places = (places.places[0], RemotePlace("https://w2.example", liar.verifier), places.places[2])
    places.look()
    assert facts(roll, number) == []
    places.away.clear()
    pass_time(roll, 2 * DAY)
    places.look()
    (fact,) = facts(roll, number)
    assert [(one.answers, bool(one.signature)) for one in fact.sightings[1:]] == [
        (True, True),
        (None, False),
        (True, True),
    ]


def test_a_process_that_is_stopped_says_nothing_of_what_the_others_were_not_asked(
    roll: Roll, east: Seat, places: Places
) -> None:
    """Half a quorum is none: whoever goes on looks again."""
    (number,) = numbers(roll, east, site())
    stopped = iter([False])  # asked once in the own look, which is over by then
    looks = Looks(places.eye(0), ADDRESS, places.places)
    kinds = {looking.WORK: looking.kind(roll, looks, lambda: next(stopped, True))}
    work.run_due(roll, kinds, roll.clock())
    assert facts(roll, number) == []
    pass_time(roll, looking.LEFT)
    places.look()
    assert len(facts(roll, number)) == 1


def test_silence_is_a_fact_where_the_others_hear_nothing_either(roll: Roll, east: Seat, places: Places) -> None:
    """A site that this roll alone does not reach is not called silent."""
    (number,) = numbers(roll, east, site())
    places.look()
    places.seen[0] = Seen("nobody")
    for _ in range(12):
        pass_time(roll, DAY)
        places.look()
    assert [fact.state for fact in facts(roll, number)] == ["live"]
    places.seen = [Seen("nobody")] * 4
    pass_time(roll, DAY)
    places.look()
    assert [fact.state for fact in facts(roll, number)] == ["live", "silent"]
