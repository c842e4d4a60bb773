"""Nobody fills the roll's disk: a file has its place and its room before it is read, and some of the disk stays free."""

import errno
import io
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from openroll.api import intake as api_intake
from openroll.register.decision import Refused
from openroll.service.filing import intake, upload_files
from openroll.service.filing.intake import Intake, IntakeLimits, Sending
from openroll.service.identity.api_tokens import issue_token
from openroll.service.roll import Roll
from tests.web.attacks.test_others_things import FAULTY
from tests.web.attacks.test_uploads import FORM, _form, _part
from tests.web.house import House


def test_a_second_file_of_an_operator_is_refused_before_it_is_read(served: tuple[str, Roll]) -> None:
    """While one file of a megabyte drips in, more on its tokens are refused at once; another operator's is read."""
    address, roll = served[0], served[1]
    at = urlsplit(address)
    streams = []

    def begin(operator: str, length: int) -> socket.socket:
        token = issue_token(roll, operator, "drip")
        one = socket.create_connection((at.hostname, at.port), timeout=20)
        streams.append(one)
        one.sendall(
            f"POST /api/v1/files?dry_run=true HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n"
            f"Content-Length: {length}\r\n\r\nhandle".encode()
        )
        return one

    try:
        first = begin("east", 1_000_000)
        first.setblocking(False)
        for _ in range(7):
            said = begin("east", 1_000_000).recv(65_536)
            assert said.startswith(b"HTTP/1.1 429")
        with pytest.raises(BlockingIOError):
            first.recv(1)
        other = begin("west", 6).recv(65_536)
        assert b"files-in-hand" not in other
        assert not other.startswith(b"HTTP/1.1 5")
    finally:
        for one in streams:
            one.close()


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The bytes that are free on every disk."""
    free = [1_000]
    monkeypatch.setattr(intake, "free_bytes", lambda _: free[0])
    return free


def _code(refused: Refused | Sending | None) -> str:
    return refused.refusal.code if isinstance(refused, Refused) else ""


def test_what_is_on_its_way_is_bounded_by_operator_and_in_all(disk: list[int]) -> None:
    """A part beyond its operator's share is told to wait, one beyond everyone's too, and what has ended gives its room back."""
    taking = Intake(Path("/"), IntakeLimits(reserve_bytes=100, each_bytes=300, all_bytes=500))
    with taking.by_program("east") as east, taking.by_page("west") as west:
        assert isinstance(east, Sending)
        assert isinstance(west, Sending)
        assert [_code(east.part(300)), _code(east.part(1))] == ["", "files-in-hand"]
        assert [_code(west.part(200)), _code(west.part(1))] == ["", "too-busy"]
    with taking.by_page("east") as again:
        assert isinstance(again, Sending)
        assert _code(again.part(300)) == ""


def test_some_of_the_disk_stays_free(disk: list[int]) -> None:
    """A part that would break the reserve is refused unwritten, and a file that announces as much unread."""
    taking = Intake(Path("/"), IntakeLimits(reserve_bytes=100))
    with taking.by_program("east", 901) as refused:
        assert _code(refused) == "disk-full"
    with taking.by_program("east", 900) as sending:
        assert isinstance(sending, Sending)
        assert _code(sending.part(900)) == ""
        disk[0] = 100
        assert _code(sending.part(1)) == "disk-full"


def test_an_operator_sends_few_files_at_once_by_its_pages(disk: list[int]) -> None:
    """Of an operator's clerks four send at once; a fifth is told to wait, and another operator's is read."""
    taking = Intake(Path("/"), IntakeLimits(reserve_bytes=100))
    with ExitStack() as held:
        stand = [_code(held.enter_context(taking.by_page("east"))) for _ in range(5)]
        assert stand == ["", "", "", "", "files-in-hand"]
        assert _code(held.enter_context(taking.by_page("west"))) == ""


@pytest.fixture
def full(monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk on which less is free than the reserve."""
    monkeypatch.setattr(intake, "free_bytes", lambda _: 1_000)


def by_program(house: House) -> Any:
    """A file that a program sends."""
    head = {"authorization": f"Bearer {house.token()}"}
    return house.visitor().ask("POST", "/api/v1/files?dry_run=true", content=b"handle\n", headers=head)


def by_page(house: House, content: bytes = b"x" * 3_000_000) -> Any:
    """A file that a page sends."""
    clerk = house.sitting("east/clerk")
    body = _form(_part("_csrf_token", clerk.token.encode()), _part("file", content, "a.csv"))
    return clerk.ask("POST", "/en/operator/files", content=body, headers=FORM)


def test_a_full_disk_is_said_in_words(inside: House, full: None) -> None:
    """By program and by page a file is refused with 507 and a sentence, and pages are served."""
    answer = by_program(inside)
    assert (answer.status_code, answer.json()["code"]) == (507, "disk-full")
    answer = by_page(inside)
    assert answer.status_code == 507
    assert "has no room for this file" in answer.text
    assert inside.visitor().get("/en/log").status_code == 200


class _Full(io.BytesIO):
    """A file on a disk that takes nothing."""

    def write(self, _: Any) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_disk_that_fills_while_a_file_comes_in_is_no_fault_of_ours(
    inside: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the disk does not take is a refusal in words, not a 500, and the operator's place is free again."""
    with monkeypatch.context() as patch:
        patch.setattr(api_intake, "nameless", lambda _: _Full())
        for _ in range(2):
            answer = by_program(inside)
            assert (answer.status_code, answer.json()["code"]) == (507, "disk-full")
    with monkeypatch.context() as patch:
        patch.setattr("tempfile.TemporaryFile", lambda *_, **__: _Full())
        assert by_page(inside).status_code == 507
    with monkeypatch.context() as patch:

        def write(*_: object) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        patch.setattr(upload_files, "write", write)
        before = inside.acts()["upload"]
        answer = by_page(inside, FAULTY)
        assert answer.status_code == 507
        assert "has no room for this file" in answer.text
        assert inside.acts()["upload"] == before
    assert by_program(inside).status_code != 507


def test_a_form_without_a_file_is_small_at_the_address_of_files_too(inside: House) -> None:
    """Nobody has a large form of another kind read into memory where files are sent."""
    form = {"content-type": "application/x-www-form-urlencoded"}

    def body() -> Iterator[bytes]:
        for _ in range(50):
            yield b"x" * 100_000

    answer = inside.visitor().ask("POST", "/en/operator/files", content=body(), headers=form)
    assert answer.status_code == 413
