"""`openroll notice list`: what is no notice, and a heap that does not come, hide no other; the order says nothing; and neither
what the roll says beside a notice nor that it says nothing makes a list that looks whole."""

import json
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

import pytest
from tests.told import LIES, NO_NOTICES, SECRET, SIGNER, USE, content_of, in_public, sealed_to, told_in, told_months

from openroll.cli.requests import person
from openroll.cli.wiring import Wiring
from openroll.disclosure.envelope import digest
from openroll.disclosure.notice import bucket_of, heap_number, month_bucket, word_of
from openroll.disclosure.notice_heap import heap_json
from openroll.register.request.content import complaint_digest, notice_context
from openroll.watch.source import Unreachable

FIRST = "2005-01"


MANY = 300_000
"""Requests of which somebody was told years before: so many notices stand in 1,024 heaps."""
MONTHS = [f"{year}-{month:02}" for year in (2005, 2006) for month in range(1, 13)]
MONTH = next(month for month in MONTHS if heap_number(month_bucket(SECRET, month), 2) == 0)
"""One in which the person's notices stood in the first of two heaps, when they stood there by their month."""
ONE = next(number for number in count(MANY + 1) if heap_number(bucket_of(SECRET, number), 2) == 0)
"""A request whose notice to the person stands in the first of two heaps."""
BUCKETS = {ONE: bucket_of(SECRET, ONE), ONE + 1: month_bucket(SECRET, MONTH)}
"""Of two requests where the person was told: by the request, and by the month, as before."""
NEW = {number: sealed_to(content_of(number), number) for number in BUCKETS}
COVER = {month_bucket(SECRET, month) for month in MONTHS}
OTHERS = next(bucket for bucket in range(512, 1024) if bucket not in COVER)
"""A bucket of others, in the second of two heaps."""


def telling(envelope: bytes, month: str = "2006-11", bucket: int = 7) -> dict[str, object]:
    """How the roll says that somebody was told in this notice."""
    return {"notice": digest(envelope), "bucket": bucket, "at": f"{month}-02T00:00:00Z"}


class Api:
    """A roll with `heaps` heaps, of which the first has notices in two parts and the last does not come."""

    heaps = 2
    before = MANY

    def __init__(self, where: str) -> None:
        self.where = where
        self.asked: list[str] = []
        APIS.append(self)

    def get(self, path: str) -> bytes:
        """What is at a path."""
        self.asked.append(path)
        at = urlsplit(path)
        if at.path.endswith("/notices"):
            told = {"2003-01": self.before} | told_months(self.listed())
            return json.dumps({"heaps": self.heaps, "zone": "Asia/Shanghai", "months": told}).encode()
        if at.path.endswith("/log"):
            return b'{"origin": "roll.example"}'
        if at.path.endswith("/uses"):
            return json.dumps([USE]).encode()
        if "/told/" in at.path:
            return self.told(at.path.rpartition("/")[2])
        if not at.path.endswith("/0"):
            raise Unreachable(path, "503")
        if parse_qs(at.query)["after"] == ["0"]:
            odd = [sealed_to(one, 3) for one in NO_NOTICES]
            return heap_json([NEW[ONE], *odd], [SIGNER.published], goes_on=1)
        return heap_json([NEW[ONE + 1]], [SIGNER.published])

    def listed(self) -> list[dict[str, object]]:
        """What is listed of the requests."""
        new = [in_public(number, told=telling(NEW[number][1], MONTH, BUCKETS[number])) for number in (ONE + 1, ONE)]
        others = in_public(ONE + 2, told=telling(b"to others", MONTH, OTHERS))
        return [others, *new]

    def told(self, month: str) -> bytes:
        """What was told in a month."""
        return told_in(self.listed(), month)


class Wordy(Api):
    """A roll with 1,024 heaps in which everybody was told by their word; of request `ONE` it is the person's."""

    heaps = 1024

    def listed(self) -> list[dict[str, object]]:
        """What is listed of the requests."""
        by_word = telling(b"anything", MONTH, 7) | {"by_word": True}
        word = {ONE: word_of(SECRET, notice_context("roll.example", ONE)), ONE + 1: "another"}
        return [
            in_public(number, told=by_word, complaints=[complaint_digest(one)], outcome="refused")
            for number, one in word.items()
        ]


class Liar(Api):
    """A roll in which the operator of request 1 lied in everything, and told of a request 3 that there never was."""

    heaps = 1
    before = 0

    def get(self, path: str) -> bytes:
        """What is at a path."""
        if "/notices/" not in path:
            return super().get(path)
        self.asked.append(path)
        return heap_json([LIED, sealed_to(content_of(3), 3)], [SIGNER.published])

    def listed(self) -> list[dict[str, object]]:
        """What is listed of the requests."""
        return [in_public(2), in_public(1, told=telling(LIED[1]))]


LIED = sealed_to(content_of(1, **LIES), 1)


class Taker(Api):
    """A roll that took the notice of request 2 out of its one heap, and gives that of request 1 out at the second time only."""

    heaps = 1
    before = 0
    given = 0

    def get(self, path: str) -> bytes:
        """What is at a path."""
        if "/notices/" not in path:
            return super().get(path)
        self.asked.append(path)
        self.given += 1
        return heap_json([EARLIER] if self.given > 1 else [], [SIGNER.published])

    def listed(self) -> list[dict[str, object]]:
        """What is listed of the requests."""
        return [in_public(number, told=telling(notice)) for number, notice in {1: EARLIER[1], 2: b"gone"}.items()]


EARLIER = sealed_to(content_of(1), 1)


class Silent(Liar):
    """The same, where the lists of requests and uses do not come, and `heap` is all that is in the heaps."""

    heap: bytes | None = None

    def get(self, path: str) -> bytes:
        """What is at a path."""
        return self.heap if self.heap is not None and "/notices/" in path else super().get(path)

    def told(self, month: str) -> bytes:
        """Nothing."""
        raise Unreachable(month, "503")


class Beside(Api):
    """A roll that gives a notice out as it is, but says another month or another request beside it: `beside` is what."""

    heaps = 1
    beside: tuple[object, ...] = ()

    def get(self, path: str) -> bytes:
        """What is at a path."""
        if "/notices/" not in path:
            return super().get(path)
        context, month = self.beside
        return heap_json([(context, EARLIER[1], month)], [SIGNER.published])  # type: ignore[list-item] # a month that is none

    def listed(self) -> list[dict[str, object]]:
        """What is listed of the requests."""
        return [in_public(1, told=telling(EARLIER[1]))]


APIS: list[Api] = []


def heaps_asked() -> list[str]:
    """The paths of the heaps that were asked for."""
    return [path for path in APIS[0].asked if "/notices/" in path]


@pytest.fixture
def wiring(monkeypatch: pytest.MonkeyPatch) -> Iterator[Wiring]:
    """A clock, and numbers that are drawn falling."""
    monkeypatch.setattr(person, "RollApi", Api)
    drawn = count(10_000, -1)
    made: Any = SimpleNamespace(
        clock=lambda: datetime(2006, 12, 20, tzinfo=UTC), random=lambda size: next(drawn).to_bytes(size)
    )
    yield cast(Wiring, made)
    APIS.clear()


def test_what_is_no_notice_hides_no_other(wiring: Wiring, capsys: pytest.CaptureFixture[str]) -> None:
    """Both good ones are printed, also the one that was told by its month as before; each of the others is said to be altered,
    and the heap that did not come is said at the end."""
    with pytest.raises(SystemExit) as ended:
        person.list_own(wiring, SECRET, "http://roll.example", "", None)
    said = capsys.readouterr()
    assert ended.value.code == 2
    assert said.out.count("asked for name") == 2
    assert said.out.count("was altered and cannot be read") == len(NO_NOTICES)
    assert "1 of the heaps could not be read" in said.err
    assert all("since=2004-12" in path for path in heaps_asked())
    assert not any(words in said.out + said.err for words in ("OTHERWISE", "COMPARED", "otherwise"))


def test_heaps_are_fetched_in_an_order_that_is_drawn(wiring: Wiring, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the months' nor the numbers', so that nothing is told by it of whose they are. They are those of the requests that
    may be the person's, and one a month that hides them: no other's."""
    monkeypatch.setattr(Api, "heaps", 1024)
    with pytest.raises(SystemExit):
        person.list_own(wiring, SECRET, "http://roll.example", "2005-01", None)
    got = [int(urlsplit(path).path.rpartition("/")[2]) for path in heaps_asked()]
    assert got == sorted({*COVER, *BUCKETS.values()}, reverse=True)


def test_what_is_told_by_its_word_is_found_in_the_public_lists_alone(
    wiring: Wiring, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """No heap is fetched, and of what was told the months that are looked into, each whole, whosever code it is: so nobody sees
    whose it is. It is shown as it stands in public, with the word to complain by, and taken away like any other. To another code
    nothing was told."""
    monkeypatch.setattr(person, "RollApi", Wordy)
    person.list_own(wiring, SECRET, "http://roll.example", "", None)
    said = capsys.readouterr().out
    assert f"Request {ONE}, 2006-11-01: Police asked for name." in said
    assert "outcome: refused" in said
    assert f"--word {word_of(SECRET, notice_context('roll.example', ONE))}" in said
    assert said.count("asked for name") == 1
    person.list_own(wiring, SECRET, "http://roll.example", "", tmp_path / "told.json")
    taken = json.loads((tmp_path / "told.json").read_text())
    (one,) = taken["TransactionLog"]
    assert (one["otherTransaction"]["notice"]["request"], set(taken)) == (ONE, {"TransactionLog"})
    capsys.readouterr()
    person.list_own(wiring, bytes(16), "http://roll.example", "", None)
    assert "Nothing was told to this code" in capsys.readouterr().out
    first, second, others = (one.asked for one in APIS)
    assert first == second == others
    assert f"api/v1/told/{MONTH}" in first
    assert not any("/notices/" in path or "/requests" in path for path in first)


class Earlier(Wordy):
    """The same, in a roll of before, which lists no months: `MANY` requests, of which the newest alone are recent."""

    def get(self, path: str) -> bytes:
        """What is at a path."""
        self.asked.append(path)
        at = urlsplit(path)
        if at.path.endswith("/notices"):
            return b'{"heaps": %d}' % self.heaps
        if at.path.endswith("/requests"):
            old = [in_public(MANY - row, filed="2003-01-01T00:00:00Z") for row in range(200)]
            return json.dumps([*self.listed()[::-1], *old]).encode()
        return super().get(path)


def test_in_a_roll_of_before_the_list_of_all_requests_is_fetched(
    wiring: Wiring, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Back to a year before the first month: what was told by its word is found there, and each older may have been told."""
    monkeypatch.setattr(person, "RollApi", Earlier)
    person.list_own(wiring, SECRET, "http://roll.example", "", None)
    assert f"Request {ONE}, 2006-11-01" in capsys.readouterr().out
    assert {urlsplit(path).path for path in APIS[0].asked} == {
        f"api/v1/{one}" for one in ("notices", "requests", "uses", "log")
    }


def test_what_the_public_log_contradicts_is_said(
    wiring: Wiring, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A notice that lies in each thing it says shows what the log has beside each lie; a request that is none is said so; and
    no path names whose request it is. The day is the roll's."""
    monkeypatch.setattr(person, "RollApi", Liar)
    with pytest.raises(SystemExit) as ended:
        person.list_own(wiring, SECRET, "http://roll.example", "", None)
    said = capsys.readouterr()
    assert ended.value.code == 1
    assert said.out.count("THE PUBLIC LOG SAYS OTHERWISE") == len(LIES)
    assert "Request 1, 2006-11-01: Police asked for name." in said.out
    assert "purpose: p. Your notice says: overdue books" in said.out
    assert "notice complain" not in said.out
    assert "request 1, 3" in said.err
    lists = {f"api/v1/told/{month}" for month in ("2006-11", "2006-12", "2007-01")}
    lists |= {"api/v1/uses?ended=true", "api/v1/log"}
    assert {path for path in APIS[0].asked if "/notices" not in path} == lists


class Timely(Liar):
    """A roll that says by when the person of request 1 can complain; at the second time, that it is over."""

    until: str | None = "2006-12-01T16:30:00Z"

    def get(self, path: str) -> bytes:
        """What is at a path."""
        return heap_json([EARLIER], [SIGNER.published]) if "/notices/" in path else super().get(path)

    def listed(self) -> list[dict[str, object]]:
        """What is listed of the requests."""
        return [in_public(1, told=telling(EARLIER[1]), complain_until=self.until)]


def test_by_when_one_can_complain_is_said(
    wiring: Wiring, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The moment in the roll's zone, or that the time is over; nothing where the roll does not say it."""
    monkeypatch.setattr(person, "RollApi", Timely)
    for until, said in (
        (Timely.until, "until: 2006-12-02 00:30 (Asia/Shanghai)"),
        (None, "until: the time to complain is over"),
    ):
        monkeypatch.setattr(Timely, "until", until)
        person.list_own(wiring, SECRET, "http://roll.example", "", None)
        assert f"you can complain {said}" in capsys.readouterr().out
    monkeypatch.setattr(Timely, "listed", Api.listed)
    with pytest.raises(SystemExit):  # what could not be compared is no good end
        person.list_own(wiring, SECRET, "http://roll.example", "", None)
    assert "you can complain" not in capsys.readouterr().out


def test_a_notice_that_is_not_given_out_is_said(
    wiring: Wiring, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Whoever was told: by the digests in the log, once its heap was fetched again; and in what is taken away."""
    monkeypatch.setattr(person, "RollApi", Taker)
    for output in (None, tmp_path / "told.json"):
        with pytest.raises(SystemExit) as ended:
            person.list_own(wiring, SECRET, "http://roll.example", "", output)
        assert ended.value.code == 1
        assert " ".join(capsys.readouterr().err.split()).endswith("It is of request 2.")
    assert json.loads((tmp_path / "told.json").read_text())["notGivenOut"] == [2]
    assert len(set(heaps_asked())) == 1


def test_what_cannot_be_compared_is_said(
    wiring: Wiring, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Where the public part does not come, each notice is its operator's word alone, on the screen and in what is taken away; and
    it is no whole list."""
    monkeypatch.setattr(person, "RollApi", Silent)
    for output in (None, tmp_path / "told.json"):
        with pytest.raises(SystemExit) as ended:
            person.list_own(wiring, SECRET, "http://roll.example", "", output)
        assert ended.value.code == 2
    assert capsys.readouterr().out.count("NOT COMPARED") == 2
    taken = json.loads((tmp_path / "told.json").read_text())
    assert [one["request"] for one in taken["notCompared"]] == [1, 3]
    assert "could not be read" in taken["notWhole"][0]
    monkeypatch.setattr(person, "RollApi", Liar)
    with pytest.raises(SystemExit):
        person.list_own(wiring, SECRET, "http://roll.example", "", tmp_path / "compared.json")
    taken = json.loads((tmp_path / "compared.json").read_text())
    assert set(taken["toldOtherwise"][0]["told"]) == set(LIES)
    assert taken["TransactionLog"][0]["otherTransaction"]["notice"]["purpose"] == "p"
    assert [one["request"] for one in taken["noSuchRequest"]] == [3]


def test_nothing_is_told_only_where_all_was_looked_at(
    wiring: Wiring, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Empty heaps and no lists are no answer that nothing was told: it is said, the status is 2, and no list is written."""
    monkeypatch.setattr(person, "RollApi", Silent)
    monkeypatch.setattr(Silent, "heap", heap_json([], []))
    for output in (None, tmp_path / "told.json"):
        with pytest.raises(SystemExit) as ended:
            person.list_own(wiring, SECRET, "http://roll.example", "", output)
        said = capsys.readouterr()
        assert (ended.value.code, said.out) == (2, "")
        assert "nobody can say whether a notice to you is missing" in said.err
    assert not (tmp_path / "told.json").exists()


@pytest.mark.parametrize(
    ("beside", "status"),
    [
        ((EARLIER[0], "2006-11"), None),
        ((EARLIER[0], ""), None),
        ((EARLIER[0], 7), None),
        ((EARLIER[0], "2999-11"), 1),
        ((EARLIER[0].replace("request=1", "request=91"), "2006-11"), 1),
        (("", "2006-11"), 1),
    ],
)
def test_what_stands_beside_a_notice_hides_it_from_nobody(
    wiring: Wiring,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    beside: tuple[object, ...],
    status: int | None,
) -> None:
    """It is tried as the public log has it, whatever month or request the heap says; a heap that says another is named."""
    monkeypatch.setattr(person, "RollApi", Beside)
    monkeypatch.setattr(Beside, "beside", beside)
    with nullcontext() if status is None else pytest.raises(SystemExit, match=str(status)):
        person.list_own(wiring, SECRET, "http://roll.example", "", None)
    said = capsys.readouterr()
    assert said.out.count("Police asked for name") == 1
    assert ("than its log has" in said.err) == bool(status)


@pytest.mark.parametrize(("api", "heaps", "status"), [(Taker, 2, 1), (Silent, 2, 2), (Api, 3, 1)])
def test_heaps_that_would_tell_who_fetches_them_are_not_fetched(
    wiring: Wiring,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    api: type[Api],
    heaps: int,
    status: int,
) -> None:
    """More of them than the notices that were told fill, so many that nobody can tell, or a number that is none."""
    monkeypatch.setattr(person, "RollApi", api)
    monkeypatch.setattr(api, "heaps", heaps)
    with pytest.raises(SystemExit) as ended:
        person.list_own(wiring, SECRET, "http://roll.example", "", None)
    assert (ended.value.code, heaps_asked()) == (status, [])
    assert "Nothing was fetched" in capsys.readouterr().err
