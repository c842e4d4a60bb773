"""`openroll notice list`: what is no notice, and a heap that does not come, hide no other; and the order says nothing."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from types import SimpleNamespace
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

import pytest
from tests.told import NO_NOTICES, SECRET, SIGNER, content_of, sealed_to

from openroll.cli.requests import person
from openroll.cli.wiring import Wiring
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
            return b'{"heaps": %d}' % self.heaps
        if not at.path.endswith("/0"):
            raise Unreachable(path, "503")
        if parse_qs(at.query)["after"] == ["0"]:
            odd = [sealed_to(one, 3) for one in NO_NOTICES]
            return heap_json([sealed_to(content_of(1), 1), *odd], [SIGNER.published], goes_on=1)
        return heap_json([sealed_to(content_of(2), 2)], [SIGNER.published])


APIS: list[Api] = []


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
    assert all("since=2004-12" in path for path in APIS[0].asked[1:])


def test_heaps_are_fetched_in_an_order_that_is_drawn(wiring: Wiring, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the months' nor the numbers', so that nothing is told by it of whose they are."""
    monkeypatch.setattr(Api, "heaps", 1024)
    with pytest.raises(SystemExit):
        person.list_own(wiring, SECRET, "http://roll.example", "2005-01", None)
    months = [f"{year}-{month:02}" for year in (2005, 2006) for month in range(1, 13)]
    wanted = [heap_number(bucket_of(SECRET, month), 1024) for month in months]
    got = [int(urlsplit(path).path.rpartition("/")[2]) for path in APIS[0].asked[1:]]
    assert got == [*dict.fromkeys(wanted)][::-1]
