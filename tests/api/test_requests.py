"""Requests over HTTP in one process: what anybody sees on pages and by API, and what a program's act has to say."""

import threading
from base64 import b64encode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec
import pytest
from litestar import Litestar
from litestar.testing import TestClient
from tests.register.asked import COMPLAINT, FIELDS, WORD, notice, sealed
from tests.service.requests.bodies import Bodies, bodies

from openroll.compose.server import application
from openroll.register.request import commands
from openroll.register.request.compared import PublicRequest
from openroll.register.request.month_list import month_of
from openroll.service.identity.api_tokens import issue_token
from openroll.service.log.sequencer import Sequencer
from openroll.service.requests import proofs, shown, told_months
from openroll.service.roll import Roll

Client = TestClient[Litestar]


@pytest.fixture
def made(roll: Roll) -> Bodies:
    """A roll with everybody whom a request needs."""
    return bodies(roll)


@pytest.fixture
def client(made: Bodies) -> Iterator[Client]:
    """A client of the whole application."""
    with TestClient(application(made.roll)) as client:
        yield client


def token(made: Bodies, who: str) -> dict[str, str]:
    """The headers of a program that acts for somebody's seat."""
    seat = made.seats[who]
    issued = issue_token(made.roll, seat.organisation, who, seat=seat.number)
    return {"authorization": f"Bearer {issued}"}


def answered_and_told(made: Bodies) -> int:
    """A request that was narrowed, answered and told of."""
    number = made.file()
    made.does(commands.Approve(request=number, fields=FIELDS[:1], why="enough for this"), "reviewer")
    answer = sealed(b"it is Li", ("police",), "east")
    made.does(commands.Answer(request=number, outcome="given", fields=FIELDS[:1], envelope=answer), "clerk")
    made.does(commands.Tell(request=number, notice=notice(), bucket=7, complaint=COMPLAINT), "clerk")
    return number


def test_anybody_sees_everything_but_what_is_sealed(made: Bodies, client: Client) -> None:
    """The pages and the API have each step in words and codes, in two languages; a number that no request has is no page."""
    number = answered_and_told(made)
    (listed,) = client.get("/api/v1/requests").json()
    assert (listed["number"], listed["status"], listed["given"]) == (number, "told", list(FIELDS[:1]))
    assert client.get("/api/v1/requests/late").json() == []
    assert [one["office"] for one in client.get("/api/v1/uses").json()] == ["+86 23 1234 5678"]
    size = Sequencer(made.roll).run_until_empty().size
    (row,) = client.get("/api/v1/requests/figures", params={"by": "year"}).json()
    assert (row["counts"]["filed"], row["counts"]["open"], row["counts"]["narrowed"]) == (1, 1, 1)
    assert client.get("/api/v1/requests/figures/log").json()["size"] == size
    heap = client.get("/api/v1/notices/7").json()
    assert heap["notices"][0]["context"].endswith(f"request={number}")
    assert client.get("/api/v1/notices/1024").status_code == 404
    listing, page = client.get("/en/requests").text, client.get(f"/zh/requests/{number}").text
    assert "Police" in listing
    assert f"/en/requests/{number}" in listing
    assert "enough for this" in page
    assert "审查机构批准了其中一部分" in page
    for missing in ("/en/requests/999999", "/api/v1/requests/999999", "/en/requests/9223372036854775808"):
        assert client.get(missing).status_code == 404


def test_the_proofs_of_a_request_are_made_once_beside_other_look_ups(
    made: Bodies, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many read one request: its receipts are made once until it or the log goes on, and in no thread of look-ups."""
    threads: list[str] = []
    make = proofs.request_facts

    def seen(roll: Roll, number: int) -> list[proofs.FactSeen]:
        threads.append(threading.current_thread().name)
        return make(roll, number)

    monkeypatch.setattr(proofs, "request_facts", seen)
    number = made.file()
    Sequencer(made.roll).run_until_empty()
    first = client.get(f"/api/v1/requests/{number}").json()
    with ThreadPoolExecutor(4) as readers:
        read = list(readers.map(lambda _: client.get(f"/api/v1/requests/{number}").json(), range(8)))
    assert read == [first] * 8
    assert len(threads) == 1
    assert not threads[0].startswith("pages")
    made.does(commands.Approve(request=number, fields=FIELDS), "reviewer")
    assert [one["name"] for one in client.get(f"/api/v1/requests/{number}").json()["facts"]] == [
        "request.filed/1",
        "request.approved/1",
    ]


def test_what_was_told_in_a_month_is_listed_for_everybody_alike(
    made: Bodies, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the list of all requests has it, to be asked for whole: made once until it changes, which its etag says. What nobody was
    told yet, or in another month, is not in it."""
    lists: list[str] = []
    packed = told_months.packed

    def seen(roll: Roll, month: Any, *before: Any) -> Any:
        lists.append(str(month))
        return packed(roll, month, *before)

    monkeypatch.setattr(told_months, "packed", seen)
    number, _ = answered_and_told(made), made.file()
    month = f"{made.filed_at(number):%Y-%m}"
    assert client.get("/api/v1/notices").json()["months"] == {month: 1}
    path = f"/api/v1/told/{month}"
    plain, packed_one = (client.get(path, headers={"accept-encoding": how}) for how in ("identity", "gzip"))
    assert (plain.content, "content-encoding" in plain.headers) == (packed_one.content, False)
    assert packed_one.headers["content-encoding"] == "gzip"
    _, public = msgspec.json.decode(client.get("/api/v1/requests").content, type=list[PublicRequest])
    assert month_of(plain.content, month) == [public]
    again = client.get(path, headers={"if-none-match": plain.headers["etag"]})
    assert (again.status_code, again.content, lists) == (304, b"", [month])
    complained = client.post("/api/v1/complaints", json={"request": number, "word": WORD})
    assert complained.status_code == 201
    later = client.get(path, headers={"if-none-match": plain.headers["etag"]})
    assert (later.status_code, [one.complained for one in month_of(later.content, month)]) == (200, [True])
    assert month_of(client.get("/api/v1/told/2006-11").content, "2006-11") == []
    for wrong in ("2006-13", "2006", "2006-1", "all", "9999-12", "٢٠٠٦-11"):
        assert client.get(f"/api/v1/told/{wrong}").status_code == 404


def test_a_page_of_the_list_of_all_is_made_once_until_it_changes(
    made: Bodies, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many look for theirs: it is made again where a request in it goes on, its notice is gone, or its operator was
    succeeded."""
    pages: list[int | None] = []
    public = shown.public

    def seen(roll: Roll, *, number: int | None = None, before: int | None = None) -> list[shown.Shown]:
        pages.append(before)
        return public(roll, number=number, before=before)

    def listed() -> tuple[int, Any]:
        """How often a page was made for two readers, and the newest request in what both read."""
        pages.clear()
        one, other = (client.get("/api/v1/requests").json() for _ in range(2))
        assert one == other
        return len(pages), one[0]

    monkeypatch.setattr(shown, "public", seen)
    assert client.get("/api/v1/requests").json() == []
    number = answered_and_told(made)
    times, first = listed()
    assert (times, first["status"], first["told"]["by_word"]) == (1, "told", False)
    assert listed() == (0, first)
    assert client.get("/api/v1/requests", params={"before": number}).json() == []
    with made.roll.database.open() as connection:
        connection.execute("alter table notice disable trigger append_only")
        connection.execute("delete from notice")
        connection.execute("alter table notice enable always trigger append_only")
    times, lost = listed()
    assert (times, lost["lost"]) == (1, ["notice"])
    with made.roll.database.open() as connection:
        connection.execute("update operator set heir = 'west' where name = 'east'")
    assert listed()[1]["operator"] == "west"


def test_one_use_and_how_many_heaps_there_are(made: Bodies, client: Client) -> None:
    """A use is found by its number; a heap is one of those that there are, and a list goes on below a number."""
    assert client.get(f"/api/v1/uses/{made.use}").json()["organisation"] == "police"
    assert client.get(f"/api/v1/uses/{made.use + 1}").status_code == 404
    assert client.get("/api/v1/uses", params={"before": made.use}).json() == []
    assert client.get("/api/v1/requests/late", params={"before": 1}).json() == []
    assert client.get("/api/v1/notices").json() == {"heaps": 1, "zone": made.roll.zone.key, "months": {}}
    assert client.get("/api/v1/notices/0?of=1&since=2004-12&after=0").json()["notices"] == []
    assert client.get("/api/v1/notices/1?of=1").status_code == 404
    assert client.get("/api/v1/notices/1?of=3").status_code == 404
    for wrong in ("of=0", "of=1025", "since=2004", "since=0000-01", "after=-1", "after=99999999999999999999"):
        assert client.get(f"/api/v1/notices/0?{wrong}").status_code == 400, wrong


def test_a_page_of_a_roll_that_was_never_asked(client: Client) -> None:
    """Without requests the page says so, and the figures are none."""
    assert "No authority has asked this roll about anyone." in client.get("/en/requests").text
    assert client.get("/api/v1/requests/figures").json() == []


def test_what_an_act_has_to_say(made: Bodies, client: Client) -> None:
    """An act that takes no such member, lacks one, or has a moment without its offset is `request-shape`."""
    number = made.file()
    by = token(made, "reviewer")

    def act(headers: dict[str, str] = by, /, **said: Any) -> tuple[int, str, str]:
        answer = client.post(f"/api/v1/requests/{number}/steps", json=said, headers=headers).json()
        return answer.get("status", 200), answer.get("code", ""), answer.get("detail", "")

    assert act(act="approve", reason="other")[2].count("`approve`") == 2
    assert act(act="withdraw", envelope="not base64!")[1] == "request-shape"
    assert act(act="postpone", until="2006-12-31T12:00:00", why="x")[1] == "request-shape"
    assert act(act="produce")[1] == "request-shape"
    assert act(act="second")[1] == "not-in-this-step"
    assert act(act="approve", fields=["phone"])[1] == "fields-beyond"
    assert act(token(made, "west clerk"), act="preserve")[:2] == (404, "request-unknown")
    files_only = {"authorization": f"Bearer {issue_token(made.roll, 'east', 'files')}"}
    assert act(files_only, act="preserve")[1] == "token-without-seat"
    assert act({}, act="preserve")[:2] == (401, "token-unknown")
    assert act(act="approve", fields=list(FIELDS), dry_run=True)[0] == 200
    assert made.step_of(number) == "under-review"
    assert act(act="approve", fields=list(FIELDS))[0] == 200


def test_envelopes_are_sent_for_and_given_in_turn(made: Bodies, client: Client) -> None:
    """Taking them is an act: it is no GET, it stands in the log, and it is refused before one's turn."""
    number = made.file()
    address = f"/api/v1/requests/{number}/envelopes"
    assert client.get(address, headers=token(made, "reviewer")).status_code == 405
    assert client.post(address, headers=token(made, "clerk")).json()["code"] == "not-in-this-step"
    for before in (False, True):
        taken = client.post(address, headers=token(made, "reviewer")).json()
        assert [(part["part"], part["organisation"]) for part in taken["envelopes"]] == [("ask", "police")]
        assert (taken["by"], taken["before"]) == (str(made.seats["reviewer"]), before)
    facts = client.get(f"/api/v1/requests/{number}").json()["facts"]
    assert [one["name"] for one in facts] == ["request.filed/1", "request.opened/1"]
    mine = client.get("/api/v1/requests/own", headers=token(made, "clerk")).json()
    assert [one["number"] for one in mine] == [number]


def test_a_complaint_by_whoever_has_the_word(made: Bodies, client: Client) -> None:
    """The word of the notice is the right; another is refused, and a second complaint too."""
    number = answered_and_told(made)
    letter = b64encode(sealed(b"I object", ("court",), "person")).decode()

    def complain(word: str, **more: str) -> tuple[int, str]:
        answer = client.post("/api/v1/complaints", json={"request": number, "word": word, **more})
        return answer.status_code, answer.json().get("code", "")

    (told,) = client.get("/api/v1/requests").json()
    assert told["complain_until"] == told["due"] is not None
    assert complain("another") == (403, "complaint-word-wrong")
    assert complain(WORD, envelope=letter) == (201, "")
    assert complain(WORD) == (409, "complained-already")
    assert client.get("/api/v1/requests").json()[0]["complain_until"] is None
