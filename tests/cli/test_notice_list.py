"""`openroll notice list`: what is no notice, and a heap that does not come, hide no other; and the order says nothing."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

import pytest
from tests.told import LIES, NO_NOTICES, SECRET, SIGNER, USE, content_of, in_public, sealed_to

from openroll.cli.requests import person
from openroll.cli.wiring import Wiring
from openroll.disclosure.envelope import digest
from openroll.disclosure.notice import bucket_of, heap_number
from openroll.disclosure.notice_heap import heap_json
from openroll.watch.source import Unreachable

FIRST = "2005-01"


class Api:
    """A roll with `heaps` heaps, of which the first has notices in two parts and the last does not come."""

    heaps = 2

    def __init__(self, where: str) -> None:
        self.where = where
        self.asked: list[str] = []
        APIS.append(self)

    def get(self, path: str) -> bytes:
        """What is at a path."""
        self.asked.append(path)
        at = urlsplit(path)
        if at.path.endswith("/notices"):
            return b'{"heaps": %d, "zone": "Asia/Shanghai"}' % self.heaps
        if at.path.endswith(("/requests", "/uses")):
            return self.listed(at.path.rpartition("/")[2])
        if not at.path.endswith("/0"):
            raise Unreachable(path, "503")
        if parse_qs(at.query)["after"] == ["0"]:
            odd = [sealed_to(one, 3) for one in NO_NOTICES]
            return heap_json([sealed_to(content_of(1), 1), *odd], [SIGNER.published], goes_on=1)
        return heap_json([sealed_to(content_of(2), 2)], [SIGNER.published])

    def listed(self, what: str) -> bytes:
        """The list of all requests, or of all uses."""
        return json.dumps([in_public(2), in_public(1)] if what == "requests" else [USE]).encode()


class Liar(Api):
    """A roll in which the operator of request 1 lied in everything, and told of a request 3 that there never was."""

    heaps = 1

    def get(self, path: str) -> bytes:
        """What is at a path."""
        if "/notices/" not in path:
            return super().get(path)
        self.asked.append(path)
        told = [sealed_to(content_of(1, **LIES), 1), sealed_to(content_of(3), 3)]
        return heap_json(told, [SIGNER.published])


class Taker(Api):
    """A roll that took the notice of request 2 out of its one heap, and gives that of request 1 out at the second time only."""

    heaps = 1
    given = 0

    def get(self, path: str) -> bytes:
        """What is at a path."""
        if "/notices/" not in path:
            return super().get(path)
        self.asked.append(path)
        self.given += 1
        return heap_json([EARLIER] if self.given > 1 else [], [SIGNER.published])

    def listed(self, what: str) -> bytes:
        """The list of all requests, or of all uses."""
        told = {1: digest(EARLIER[1]), 2: "0" * 64}
        rows = [
            in_public(number, told={"notice": notice, "bucket": 7, "at": "2006-11-02T00:00:00Z"})
            for number, notice in told.items()
        ]
        return json.dumps(rows if what == "requests" else [USE]).encode()


EARLIER = sealed_to(content_of(1), 1)


class Silent(Liar):
    """The same, where the lists of requests and uses do not come."""

    def listed(self, what: str) -> bytes:
        """Nothing."""
        raise Unreachable(what, "503")


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
    """Both good ones are printed, each of the others is said to be altered, and the heap that did not come is said at the end."""
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
    """Neither the months' nor the numbers', so that nothing is told by it of whose they are."""
    monkeypatch.setattr(Api, "heaps", 1024)
    with pytest.raises(SystemExit):
        person.list_own(wiring, SECRET, "http://roll.example", "2005-01", None)
    months = [f"{year}-{month:02}" for year in (2005, 2006) for month in range(1, 13)]
    wanted = [heap_number(bucket_of(SECRET, month), 1024) for month in months]
    got = [int(urlsplit(path).path.rpartition("/")[2]) for path in heaps_asked()]
    assert got == [*dict.fromkeys(wanted)][::-1]


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
    assert "Request 3: The roll has no such request" in said.out
    assert "request 1, 3" in said.err
    assert [path for path in APIS[0].asked if "/notices" not in path] == ["api/v1/requests", "api/v1/uses?ended=true"]


class Timely(Liar):
    """A roll that says by when the person of request 1 can complain; at the second time, that it is over."""

    until: str | None = "2006-12-01T16:30:00Z"

    def get(self, path: str) -> bytes:
        """What is at a path."""
        return heap_json([EARLIER], [SIGNER.published]) if "/notices/" in path else super().get(path)

    def listed(self, what: str) -> bytes:
        """The list of all requests, or of all uses."""
        return json.dumps([in_public(1, complain_until=self.until)] if what == "requests" else [USE]).encode()


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
    """Where the public part does not come, each notice is its operator's word alone, on the screen and in what is taken away."""
    monkeypatch.setattr(person, "RollApi", Silent)
    person.list_own(wiring, SECRET, "http://roll.example", "", None)
    assert capsys.readouterr().out.count("NOT COMPARED") == 2
    person.list_own(wiring, SECRET, "http://roll.example", "", tmp_path / "told.json")
    taken = json.loads((tmp_path / "told.json").read_text())
    assert [one["request"] for one in taken["notCompared"]] == [1, 3]
    monkeypatch.setattr(person, "RollApi", Liar)
    with pytest.raises(SystemExit):
        person.list_own(wiring, SECRET, "http://roll.example", "", tmp_path / "compared.json")
    taken = json.loads((tmp_path / "compared.json").read_text())
    assert set(taken["toldOtherwise"][0]["told"]) == set(LIES)
    assert taken["TransactionLog"][0]["otherTransaction"]["notice"]["purpose"] == "p"
    assert [one["request"] for one in taken["noSuchRequest"]] == [3]
