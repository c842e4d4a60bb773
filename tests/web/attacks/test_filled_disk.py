"""Nobody fills the roll's disk: a file has its place and its room before it is read, and some of the disk stays free."""

import errno
import io
import os
import select
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import polars as pl
import pytest

from openroll import disk_room
from openroll.disk_room import NoRoom, Room, free_bytes
from openroll.register.decision import Refused
from openroll.service.filing import upload_files, uploads
from openroll.service.filing.bulk import FileRefused, take_file
from openroll.service.filing.intake import Intake, IntakeLimits, Sending
from openroll.service.identity.api_tokens import issue_token
from openroll.service.roll import Roll
from openroll.sheet.apart import mend_apart, read_apart
from tests.seats import seated
from tests.service.filings import rows_file
from tests.sheet.test_reading import GOOD, TERMS
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
        for _ in range(7):
            more = begin("east", 1_000_000)
            refused = select.select([first, more], [], [], 60)[0]  # of two that come together either may be the first
            assert len(refused) == 1
            assert refused[0].recv(65_536).startswith(b"HTTP/1.1 429")
            first = more if refused[0] is first else first
        first.setblocking(False)
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
    monkeypatch.setattr(disk_room, "free_bytes", lambda _: free[0])
    return free


def _code(refused: Refused | Sending | None) -> str:
    return refused.refusal.code if isinstance(refused, Refused) else ""


def test_what_is_on_its_way_is_bounded_by_operator_and_in_all(disk: list[int], tmp_path: Path) -> None:
    """A part beyond its operator's share is told to wait, one beyond everyone's too, and what has ended gives its room back."""
    taking = Intake(tmp_path, IntakeLimits(reserve_bytes=100, each_bytes=300, all_bytes=500))
    with taking.by_program("east") as east, taking.by_page("west") as west:
        assert isinstance(east, Sending)
        assert isinstance(west, Sending)
        file = east.nameless()
        assert [_code(east.write(file, b"x" * 300)), _code(east.write(file, b"x"))] == ["", "files-in-hand"]
        assert [_code(west.write(file, b"x" * 200)), _code(west.write(file, b"x"))] == ["", "too-busy"]
    with taking.by_page("east") as again:
        assert isinstance(again, Sending)
        assert _code(again.write(file, b"x" * 300)) == ""


def test_some_of_the_disk_stays_free(disk: list[int], tmp_path: Path) -> None:
    """A part that would break the reserve is refused unwritten, and a file that announces as much unread."""
    taking = Intake(tmp_path, IntakeLimits(reserve_bytes=100))
    with taking.by_program("east", 901) as refused:
        assert _code(refused) == "disk-full"
    with taking.by_program("east", 900) as sending:
        assert isinstance(sending, Sending)
        with sending.nameless() as file:
            assert _code(sending.write(file, b"x" * 900)) == ""
            disk[0] = 100
            assert _code(sending.write(file, b"x")) == "disk-full"
            file.flush()
            assert file.tell() == 900


def test_an_operator_sends_few_files_at_once_by_its_pages(disk: list[int], tmp_path: Path) -> None:
    """Of an operator's clerks four send at once; a fifth is told to wait, and another operator's is read."""
    taking = Intake(tmp_path, IntakeLimits(reserve_bytes=100))
    with ExitStack() as held:
        stand = [_code(held.enter_context(taking.by_page("east"))) for _ in range(5)]
        assert stand == ["", "", "", "", "files-in-hand"]
        assert _code(held.enter_context(taking.by_page("west"))) == ""


@pytest.fixture
def full(monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk on which less is free than the reserve."""
    monkeypatch.setattr(disk_room, "free_bytes", lambda _: 1_000)


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

    def fileno(self) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    def write(self, _: Any) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_disk_that_fills_while_a_file_comes_in_is_no_fault_of_ours(
    inside: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the disk does not take is a refusal in words, not a 500, and the operator's place is free again."""
    with monkeypatch.context() as patch:
        patch.setattr(Room, "nameless", lambda _: _Full())
        for _ in range(2):
            answer = by_program(inside)
            assert (answer.status_code, answer.json()["code"]) == (507, "disk-full")
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


def _sent(visitor: Any, body: Iterator[bytes], headers: dict[str, str]) -> tuple[Any, int]:
    """What became of a body of any length, and how many parts of it were taken."""
    taken = [0]

    def counted() -> Iterator[bytes]:
        for part in body:
            taken[0] += 1
            yield part

    return visitor.ask("POST", "/en/operator/files", content=counted(), headers=headers), taken[0]


def test_what_is_no_form_with_a_file_is_not_read_where_files_are_sent(inside: House) -> None:
    """From nobody and from a clerk alike: 415, whatever it says it is."""
    for who in (inside.visitor(), inside.sitting("east/clerk")):
        for kind in ("application/x-www-form-urlencoded", "text/plain", "application/json"):
            answer, _ = _sent(who, (b"x" * 100_000 for _ in range(50)), {"content-type": kind})
            assert answer.status_code == 415


def test_a_form_with_a_file_holds_little_beside_it(inside: House) -> None:
    """A field without a file's name lies in memory: more than 64 KiB of such fields is 413, of one or of many."""
    for part in (_part("note", b"x" * 100_000), b"".join(_part(f"n{n}", b"x" * 9_000) for n in range(10))):
        clerk = inside.sitting("east/clerk")
        body = iter([_part("_csrf_token", clerk.token.encode()), part, b"x" * 100_000])
        answer, _ = _sent(clerk, body, FORM)
        assert answer.status_code == 413
        assert "This is too large" in answer.text


def test_a_page_s_file_waits_on_the_disk_of_the_roll(inside: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """However small the folder of temporary files is: what comes by a page never lies there."""
    monkeypatch.setattr("tempfile.tempdir", "/nowhere")
    assert by_page(inside, FAULTY).status_code == 303


def test_room_is_taken_before_it_is_written(tmp_path: Path) -> None:
    """Two who find the same room cannot both have it: what one has taken is gone for the other, though nothing is written."""
    size = 128 << 20  # others write to this disk too, and not so much between two looks
    room = Room(tmp_path, free_bytes(tmp_path) - size - (size >> 1))
    with room.nameless() as first, room.nameless() as second:
        room.take(first, size)
        with pytest.raises(NoRoom):
            room.take(second, size)
        first.write(b"x" * 10)
        first.flush()
        assert os.fstat(second.fileno()).st_size == 0


def test_files_sent_at_one_moment_leave_the_reserve(
    inside: House, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Four copies at once where there is room for two: two are refused, none before its room is asked for under the lock."""
    size = 4 << 20
    row = b"k,household,adsl,500103,2006-12-01,\n"
    content = b"handle,kind,access,district,connected,digests\n" + row * (size // len(row))
    room, left = threading.Lock(), [2 * size + size // 2]

    def take(self: Room, file: Any, wanted: int) -> None:
        with room:
            if left[0] < wanted:
                raise NoRoom
            left[0] -= wanted

    monkeypatch.setattr(Room, "take", take)
    seat = seated(inside.roll, "east", "operator-lead")
    answers: list[Any] = []
    threads = [
        threading.Thread(target=lambda: answers.append(uploads.send(inside.roll, seat, io.BytesIO(content))))
        for _ in range(4)
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(_code(one) for one in answers) == ["", "", "disk-full", "disk-full"]


def test_rows_on_their_way_leave_the_reserve_too(tmp_path: Path) -> None:
    """A small Parquet file unfolds in a process of its own: where its rows would break the reserve it is refused as disk-full."""
    frame = pl.DataFrame(GOOD)
    path = tmp_path / "small.parquet"
    frame.write_parquet(path)
    with pytest.raises(NoRoom):
        read_apart(path, TERMS, spool=Room(tmp_path, 1 << 60))
    assert read_apart(path, TERMS, spool=Room(tmp_path, 0)).ok
    text = tmp_path / "good.csv"
    frame.write_csv(text)
    with pytest.raises(NoRoom):
        read_apart(text, TERMS, spool=Room(tmp_path, 1 << 60))


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_a_corrected_copy_leaves_the_reserve_too(form: str, tmp_path: Path) -> None:
    """What is put right on the page is written to the same disk, and takes its room there."""
    path = tmp_path / f"list.{form}"
    getattr(pl.DataFrame(GOOD), f"write_{form}")(path)
    with path.open("rb") as file, pytest.raises(NoRoom):
        mend_apart(file, {(2, "kind"): "household"}, (), spool=Room(tmp_path, 1 << 60))
    with path.open("rb") as file, mend_apart(file, {(2, "kind"): "household"}, (), spool=Room(tmp_path, 0)) as mended:
        assert len(mended.read()) > 100


def test_a_file_without_room_for_its_rows_is_said_in_words(roll: Roll, full: None) -> None:
    """By command and by program the answer is disk-full, and nothing was filed."""
    result = take_file(roll, "east", rows_file(3))
    assert isinstance(result, FileRefused)
    assert result.refused.refusal.code == "disk-full"
