"""The API over real PostgreSQL: one filing, many, state, receipt, log files; and what every refusal looks like."""

import csv
import hashlib
import io
import re
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from litestar import Litestar
from litestar.exceptions import NotFoundException
from litestar.testing import TestClient
from psycopg import Connection, DataError
from psycopg.errors import LockNotAvailable, NumericValueOutOfRange, QueryCanceled, UniqueViolation
from psycopg_pool import PoolTimeout
from tests.handles import handle

from openroll import tlog
from openroll.compose.server import application
from openroll.disk_room import NoRoom
from openroll.register.subscription.filing_code import code_of, number_of, reference_of
from openroll.service.filing.submit import Failed, Submission
from openroll.service.identity.api_tokens import issue_token
from openroll.service.identity.sessions import SessionOver, TokenOver, now_stands
from openroll.service.roll import ClockBehind, Roll, RollIsHeld
from openroll.sheet.limits import Limits
from openroll.store import idempotency, rights
from openroll.store.connect import NotBelieved, NothingWritten

Client = TestClient[Litestar]


def digests(seed: str) -> list[str]:
    """Four sorted digests."""
    made = (hashlib.sha256(f"{seed}{n}".encode()).digest() for n in range(4))
    return sorted(urlsafe_b64encode(one).decode().rstrip("=") for one in made)


def row(account: str = "h-1", **given: Any) -> dict[str, Any]:
    """A good filing."""
    good = {
        "handle": handle(account),
        "kind": "household",
        "access": "adsl",
        "district": "500103",
        "connected": "2006-11-01",
    }
    return good | {"digests": digests(account)} | given


@pytest.fixture
def client(roll: Roll) -> Iterator[Client]:
    """A client of the whole application."""
    with TestClient(application(roll)) as client:
        yield client


@pytest.fixture
def east(roll: Roll) -> dict[str, str]:
    """The headers of an operator's program."""
    return {"authorization": f"Bearer {issue_token(roll, 'east', 'test')}"}


def placed(client: Client, code: str) -> bytes:
    """The receipt of a filing once its place has come: asked again until it is there, as a program would."""
    for _ in range(200):
        answer = client.post("/api/v1/receipt", json={"code": code})
        if answer.status_code == 200:
            return answer.content
        assert answer.json()["code"] == "not-in-log-yet"
        time.sleep(0.05)  # waits for a real thread, not for a clock
    raise AssertionError("the filing never got its place")


def test_one_filing_from_its_acknowledgement_to_its_receipt(client: Client, east: dict[str, str], roll: Roll) -> None:
    """A filing is acknowledged with its code; the code opens its state and its receipt, which verifies with the log's keys."""
    answer = client.post("/api/v1/filings", json=row(), headers=east | {"idempotency-key": "k1"})
    assert answer.status_code == 201, answer.text
    again = client.post("/api/v1/filings", json=row(), headers=east | {"idempotency-key": "k1"})
    assert (again.status_code, again.json()["code"]) == (200, answer.json()["code"])
    state = client.post("/api/v1/record", json={"code": answer.json()["code"]}).json()
    assert (state["handle"], state["district"], state["version"]) == (handle("h-1"), "500103", 1)
    assert client.get(f"/api/v1/filings/{handle('h-1')}", headers=east).json() == state
    receipt = placed(client, answer.json()["code"])
    keys = [tlog.Verifier.parse(line) for line in client.get("/log/keys").text.split()]
    assert tlog.verify_receipt(receipt, keys, origin=roll.origin).entry.kind == "subscription.filed/1"
    assert client.get(f"/api/v1/filings/{handle('h-1')}/duties", headers=east).json()[0]["state"] == "none"


def test_many_filings_get_the_same_verdicts(client: Client, east: dict[str, str]) -> None:
    """A file is taken whole; a faulty one is refused whole, with the faults that the command line would show."""
    out = io.StringIO()
    writer = csv.DictWriter(out, list(row()))
    writer.writeheader()
    writer.writerows([row(f"f-{n}") | {"digests": " ".join(digests(f"f-{n}"))} for n in range(20)])
    good = out.getvalue()
    answer = client.post("/api/v1/files?dry_run=true", content=good.encode(), headers=east)
    assert (answer.status_code, answer.json()["stored"], answer.json()["dry_run"]) == (200, 20, True)
    assert client.post("/api/v1/files", content=good.encode(), headers=east).json()["stored"] == 20
    assert client.post("/api/v1/files", content=good.encode(), headers=east).json()["stored"] == 0
    bad = good.replace(f"{handle('f-7')},household", f"{handle('f-77')},king")
    answer = client.post("/api/v1/files", content=bad.encode(), headers=east)
    assert answer.status_code == 422
    said = [(fault["row"], fault["code"]) for fault in answer.json()["faults"]]
    assert said == [(9, "kind-unknown")]
    assert answer.json()["citation"].startswith("Overlay art. 2")
    assert answer.json()["citation"] in answer.json()["detail"]


UNKNOWN = {
    "cut in the commit": ("put", "outcome-unknown"),
    "cut before anything was written": ("ask_keys", "database-away"),
}


@pytest.mark.parametrize("sentence", UNKNOWN)
def test_a_cut_connection_is_told_as_it_is(
    client: Client, east: dict[str, str], roll: Roll, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether nothing was taken or it is not known is said apart, and the same key sent again files once."""
    function, code = UNKNOWN[sentence]
    real = getattr(idempotency, function)
    cuts = [1]

    def cutting(connection: Connection, *given: Any) -> Any:
        result = real(connection, *given)
        if cuts and cuts.pop():
            with roll.database.open() as other:
                other.execute("select pg_terminate_backend(%s)", (connection.info.backend_pid,))
            if function == "ask_keys":
                connection.execute("select 1")  # the next journey finds it out
        return result

    monkeypatch.setattr(idempotency, function, cutting)
    headers = east | {"idempotency-key": "once"}
    answer = client.post("/api/v1/filings", json=row(), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (503, code), answer.text
    again = client.post("/api/v1/filings", json=row(), headers=headers)
    assert again.status_code in ((200, 201) if code == "outcome-unknown" else (201,))
    assert client.post("/api/v1/filings", json=row(), headers=headers).json()["code"] == again.json()["code"]


BEHIND = (
    NothingWritten("away"),
    PoolTimeout("none is free"),
    LockNotAvailable("held"),
    QueryCanceled("too long"),
    UniqueViolation("somebody was quicker"),
    DataError("no column takes it"),
    NumericValueOutOfRange("no such number"),
    RollIsHeld("held"),
    ClockBehind("behind"),
    NotBelieved(),
    NoRoom(),
    TokenOver(),
    SessionOver(),
    NotFoundException("no such thing"),
)


def test_what_breaks_behind_a_filing_does_not_say_that_nothing_was_done(
    client: Client, east: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It stands, and its code cannot be looked up for the answer, for any reason: sent again under its key, that is given."""
    first = client.post("/api/v1/filings", json=row(), headers=east | {"idempotency-key": "new"})
    assert first.status_code == 201
    end = {"act": "end", "handle": handle("h-1"), "on": "2006-12-20"}
    sent, said = (end, east | {"idempotency-key": "end"}), {}
    for error in BEHIND:

        def broken(*_: object, error: Exception = error) -> str:
            raise error

        with monkeypatch.context() as patched:
            patched.setattr("openroll.api.app.code_to_tell", broken)
            answer = client.post("/api/v1/filings", json=sent[0], headers=sent[1])
        said[type(error).__name__] = (answer.status_code, answer.json().get("code"))
    assert said == {type(error).__name__: (503, "outcome-unknown") for error in BEHIND}
    again = client.post("/api/v1/filings", json=end, headers=sent[1])
    assert (again.status_code, again.json()["repeated"]) == (200, True)


def test_a_page_that_breaks_behind_an_act_does_not_say_that_nothing_was_done(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its title says so as little as its sentence."""

    def broken(*_: object) -> None:
        now_stands()
        raise RollIsHeld("held")

    monkeypatch.setattr("openroll.web.requests.notices.lateness", broken)
    answer = client.get("/en/requests")
    assert answer.status_code == 503
    assert "is unknown" in answer.text
    assert not re.search("nothing was|takes nothing", answer.text, re.IGNORECASE)


def test_what_stands_of_one_request_stands_of_no_other(roll: Roll) -> None:
    """Whatever was done before in the context that a server works in: what is refused before any handler sees it did nothing."""
    rights.begin_request()
    now_stands()
    try:
        with TestClient(application(roll)) as client:
            answer = client.post("/en/find", data={"code": "of another site"})
        assert answer.status_code == 403
    finally:
        rights.begin_request()


@pytest.mark.parametrize(("unknown", "code"), [(True, "outcome-unknown"), (False, "database-away")])
def test_a_word_that_broke_off_is_told_as_it_is(
    client: Client, east: dict[str, str], roll: Roll, unknown: bool, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a word on a filing that somebody made alone too: whether nothing was done, or whether nobody knows."""

    async def broken(_: Submission) -> Failed:
        return Failed("OperationalError", unknown=unknown)

    monkeypatch.setattr(client.app.state.application, "submit", broken)
    word = {"reference": reference_of(1, roll.keys.code_key), "word": "take"}
    (answer,) = client.post("/api/v1/unconfirmed", json=[word], headers=east).json()
    assert (answer["done"], answer["code"]) == (False, code)


def test_a_file_cut_off_is_no_fault_of_the_sender(
    client: Client, east: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files for programs: how many rows are filed for sure, as a problem of the service, and what to do."""

    def broken(*_: object) -> None:
        raise psycopg.OperationalError("the connection is lost")

    monkeypatch.setattr("openroll.service.filing.bulk._Taking._write_batch", broken)
    text = ",".join(row()) + "\n" + ",".join({**row(), "digests": " ".join(digests("h-1"))}.values()) + "\n"
    answer = client.post("/api/v1/files", content=text.encode(), headers=east)
    assert (answer.status_code, answer.json()["code"]) == (503, "file-unfinished")
    assert answer.json()["params"] == {"stored": 0, "rows": 1}


def test_a_file_for_programs_has_its_bounds(
    client: Client, east: dict[str, str], roll: Roll, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One longer than any may be, or beside another of the same operator, is refused with its code; none stays on the disk."""
    monkeypatch.setattr("openroll.api.intake.LIMITS", Limits(file_bytes=1_000))
    answer = client.post("/api/v1/files", content=b"x" * 2_000_000, headers=east)
    assert (answer.status_code, answer.json()["code"]) == (422, "file-too-large")
    places = client.app.state.application.executors.files.places
    west = {"authorization": f"Bearer {issue_token(roll, 'west', 'test')}"}
    with places.held(("east",)):
        answer = client.post("/api/v1/files", content=b"x" * 900, headers=east)
        assert (answer.status_code, answer.json()["code"]) == (429, "files-in-hand")
        assert answer.headers["retry-after"] == "10"
        assert client.post("/api/v1/files", content=b"x" * 900, headers=west).json()["code"] == "file-faulty"
    assert client.post("/api/v1/files", content=b"x" * 900, headers=east).json()["code"] == "file-faulty"
    assert not [path for path in roll.home.rglob("*") if path.is_file() and b"xxxx" in path.read_bytes()]


def test_a_fault_of_ours_does_not_say_that_nothing_was_done(
    roll: Roll, east: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What broke nobody knows where may have been filed: a program and a reader are told that it is unknown."""

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("openroll.service.filing.bulk.take_file", broken)
    monkeypatch.setattr("openroll.service.identity.filing_code.open_by_code", broken)
    with TestClient(application(roll), raise_server_exceptions=False, base_url="https://testserver.local") as client:
        answer = client.post("/api/v1/files", content=b"x", headers=east)
        assert (answer.status_code, "unknown" in answer.json()["title"]) == (500, True)
        for lang, said in (("en", "It is not known whether anything was changed."), ("zh", "不能确定是否已有改动")):
            token = re.search(r'name="_csrf_token" value="([^"]+)"', client.get(f"/{lang}/find").text)
            assert token
            page = client.post(f"/{lang}/find", data={"_csrf_token": token[1], "code": "1"})
            assert (page.status_code, said in page.text) == (500, True)


def test_a_bad_row_says_every_fault_at_once(client: Client, east: dict[str, str]) -> None:
    """A filing with two faults is refused as an RFC 9457 problem that names both, in the reader's language."""
    headers = east | {"idempotency-key": "k2", "accept-language": "zh-CN"}
    answer = client.post("/api/v1/filings", json=row(kind="king", connected="1.11.2006"), headers=headers)
    assert answer.status_code == 422
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert [fault["code"] for fault in answer.json()["faults"]] == ["kind-unknown", "date-shape"]
    assert "错误" in answer.json()["detail"]


def test_a_handle_is_changed_by_a_program(client: Client, east: dict[str, str]) -> None:
    """A record answers to its new handle; a raw number is no handle, old or new, and is not repeated."""
    assert client.post("/api/v1/filings", json=row(), headers=east | {"idempotency-key": "k1"}).status_code == 201
    change = {"act": "rehandle", "handle": handle("h-1"), "new_handle": handle("h-9")}
    answer = client.post("/api/v1/filings", json=change, headers=east | {"idempotency-key": "k2"})
    assert (answer.status_code, answer.json()["version"]) == (201, 2)
    again = client.post("/api/v1/filings", json=change, headers=east | {"idempotency-key": "k2"})
    assert (again.status_code, again.json()["version"]) == (200, 2)
    assert client.get(f"/api/v1/filings/{handle('h-9')}", headers=east).json()["handle"] == handle("h-9")
    assert client.get(f"/api/v1/filings/{handle('h-1')}", headers=east).status_code == 404
    raw = [row(handle="254712345678"), {"act": "rehandle", "handle": handle("h-9"), "new_handle": "254712345678"}]
    for nth, given in enumerate(raw):
        answer = client.post("/api/v1/filings", json=given, headers=east | {"idempotency-key": f"raw-{nth}"})
        assert (answer.status_code, answer.json()["faults"][0]["code"]) == (422, "handle-form")
        assert "254712345678" not in answer.text


REFUSED: dict[str, tuple[dict[str, Any], dict[str, str], str]] = {
    "no token": ({"json": row()}, {"authorization": "", "idempotency-key": "k"}, "token-unknown"),
    "a wrong token": ({"json": row()}, {"authorization": "Bearer x", "idempotency-key": "k"}, "token-unknown"),
    "no key": ({"json": row()}, {}, "key-missing"),
    "no JSON": ({"content": b"{"}, {"idempotency-key": "k"}, "request-shape"),
    "an unknown field": ({"json": row(name="王小明")}, {"idempotency-key": "k"}, "request-shape"),
    "an end of nothing": (
        {"json": {"act": "end", "handle": handle("x"), "on": "2006-12-01"}},
        {"idempotency-key": "k"},
        "subscription-unknown",
    ),
}


@pytest.mark.parametrize("sentence", REFUSED)
def test_refused(client: Client, east: dict[str, str], sentence: str) -> None:
    """Each kind of refusal is a problem with its code."""
    given, headers, code = REFUSED[sentence]
    answer = client.post("/api/v1/filings", headers=east | headers, **given)
    assert answer.json()["code"] == code, answer.text
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert answer.status_code == answer.json()["status"]


def test_one_operator_never_sees_anothers_filing(client: Client, east: dict[str, str], roll: Roll) -> None:
    """Another operator's handle is unknown, by state, duties and receipt alike."""
    client.post("/api/v1/filings", json=row(), headers=east | {"idempotency-key": "k"})
    west = {"authorization": f"Bearer {issue_token(roll, 'west', 'test')}"}
    for path in ("", "/duties", "/receipts/1"):
        assert client.get(f"/api/v1/filings/{handle('h-1')}{path}", headers=west).status_code == 404


def test_a_receipts_file_is_named_for_what_it_proves(client: Client, east: dict[str, str], roll: Roll) -> None:
    """Its name is shown to whoever gets the file: by handle or by code, no part of the filing code stands in it."""
    code = client.post("/api/v1/filings", json=row(), headers=east | {"idempotency-key": "k"}).json()["code"]
    placed(client, code)
    for answer in (
        client.get(f"/api/v1/filings/{handle('h-1')}/receipts/1", headers=east),
        client.post("/api/v1/receipt", json={"code": code}),
    ):
        assert answer.headers["content-disposition"] == 'attachment; filename="receipt-1-filed.tlog-proof"'


def test_a_mistyped_code_is_told_from_an_unknown_one(client: Client) -> None:
    """A code with a wrong digit is said to be mistyped; one that opens nothing is unknown."""
    assert client.post("/api/v1/record", json={"code": "1234 5678 1234 5678"}).json()["code"] == "code-wrong"


def test_the_log_is_served_at_its_paths(client: Client, east: dict[str, str], roll: Roll) -> None:
    """Checkpoint, tiles and bundles come with the types and cache headers tlog-tiles asks for; others are 404, never cached."""
    code = client.post("/api/v1/filings", json=row(), headers=east | {"idempotency-key": "k"}).json()["code"]
    placed(client, code)
    answer = client.get("/log/checkpoint")
    size = tlog.open_checkpoint(answer.content, roll.keys.verifiers, origin=roll.origin).size
    assert "max-age=2" in answer.headers["cache-control"]
    bundle = client.get("/log/" + tlog.bundle_path(0, size))
    assert len(tlog.decode_bundle(bundle.content)) == size
    assert "immutable" in bundle.headers["cache-control"]
    assert bundle.headers["content-type"] == "application/octet-stream"
    for path in ("tile/0/001", "tile/0/000.p/256", "tile/00/000", "tile/0/../../keys/log-ed25519.key", "tile/0/%2e%2e"):
        answer = client.get("/log/" + path)
        assert (answer.status_code, answer.headers["cache-control"]) == (404, "no-store"), path


def test_the_public_reads(client: Client) -> None:
    """The rule, the figures and the log's head are there for everyone."""
    assert client.get("/api/v1/rule").json()["rule"]["id"] == "cn-cq-2006-regulation"
    assert set(client.get("/api/v1/figures").json()) == {
        *("day", "least", "living", "by_event", "by_district", "by_kind", "operators", "unconfirmed")
    }
    assert len(client.get("/api/v1/log").json()["keys"]) == 2
    assert client.get("/api/openapi.json").json()["openapi"].startswith("3.1")


def test_an_answer_gives_the_code_that_opens_the_filing_now(client: Client, east: dict[str, str], roll: Roll) -> None:
    """After a release the fresh one, to a filing that is sent again as well; the one before is nobody's."""
    first = client.post("/api/v1/filings", json=row(), headers=east | {"idempotency-key": "k"}).json()
    number = number_of(first["code"], roll.keys.code_key)
    with roll.database.own() as connection:
        connection.execute("update subscription set code = 4711 where number = %s", (number,))
    again = client.post("/api/v1/filings", json=row(), headers=east | {"idempotency-key": "k"}).json()
    assert again["repeated"]
    assert again["code"] == code_of(4711, roll.keys.code_key) != first["code"]


WRONG = {
    "nothing of a filing": {"colour": "red"},
    "a member of another type": {"digests": "told"},
    "no object": [1],
    "a fault": {"kind": "king"},
}


@pytest.mark.parametrize("path", ["/api/v1/filings", "/api/v1/unconfirmed"])
@pytest.mark.parametrize("sentence", WRONG)
def test_a_wrong_token_is_refused_before_anything_else(
    client: Client, east: dict[str, str], path: str, sentence: str
) -> None:
    """Whatever the body holds and whatever header is missing: who has no good token is told so, and nothing of the request."""
    wrong = WRONG[sentence]
    body = row() | wrong if isinstance(wrong, dict) and "colour" not in wrong else wrong
    for headers in ({}, {"authorization": "Bearer none"}, {"authorization": "Basic eA=="}):
        answer = client.post(path, json=body, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (401, "token-unknown"), answer.text
        broken = {"content-type": "application/json"} | headers
        assert client.post(path, content=b"{", headers=broken).status_code == 401
    assert client.post(path, json=body, headers=east).status_code in (400, 422)


def test_a_filing_as_json_is_judged_in_words_of_json(client: Client, east: dict[str, str]) -> None:
    """A program reads of members, strings and arrays: of no file, row, cell, spreadsheet or space between."""
    headers = east | {"idempotency-key": "json-words"}
    bad = {
        "kind": "k" * 5_000,
        "access": "telepathy",
        "district": "5001\u200b03",
        "connected": "2.10.2006",
        "on": "2006-11-02",
        "digests": ["one"],
        "handle": "13812345678",
    }
    said = client.post("/api/v1/filings", json=row() | bad, headers=headers).json()
    assert {fault["column"] for fault in said["faults"]} == set(bad)
    for fault in said["faults"]:
        words = f"{fault['expected']} {fault['remedy']}"
        assert not re.search(r"\b(cells?|rows?|columns?|spreadsheet|list|file|spaces)\b", words), words
    (digests_fault,) = [fault for fault in said["faults"] if fault["column"] == "digests"]
    assert digests_fault["expected"].startswith("an array of 4 different strings")
    (access_fault,) = [fault for fault in said["faults"] if fault["column"] == "access"]
    assert "adsl" in access_fault["remedy"]


SHAPES = {
    "`digests`": row() | {"digests": "told"},
    "`digests[1]`": row() | {"digests": ["a", 2]},
    "`act`": row() | {"act": "king"},
    "`colour`": row() | {"colour": "red"},
}


@pytest.mark.parametrize("named", SHAPES)
def test_a_wrong_shape_names_its_member(client: Client, east: dict[str, str], named: str) -> None:
    """What is wrong is said with where it stands in what was sent."""
    answer = client.post("/api/v1/filings", json=SHAPES[named], headers=east | {"idempotency-key": "shape"})
    assert answer.status_code == 400
    assert named in answer.json()["detail"]
    several = client.post("/api/v1/unconfirmed", json=[{"reference": "1", "word": "burn"}], headers=east)
    assert "`[0].word`" in several.json()["detail"]
