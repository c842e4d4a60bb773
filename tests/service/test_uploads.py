"""Files sent by a page: taken behind it, finished after a crash, ended in a message that stays until somebody looked."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from openroll.register.decision import Refused
from openroll.register.organisations import Seat
from openroll.service import uploads
from openroll.service.mending import mend_upload
from openroll.service.roll import Roll
from openroll.service.uploads import WORKS, Uploading
from openroll.store.uploads import UploadRow
from tests.service.filings import rows_file

EAST = Seat("east", 1)


def sent(roll: Roll, text: bytes, purpose: str = "file", name: str = "list.csv") -> UploadRow:
    """A file that a page sent."""
    path = uploads.folder(roll) / "sent"
    path.write_bytes(text)
    return uploads.begin(roll, EAST, path, name, purpose)


def ended(roll: Roll, count: int = 1, works: dict[str, uploads.Work] | None = None) -> list[UploadRow]:
    """What became of so many uploads."""
    done: list[UploadRow] = []
    whole = threading.Event()

    def end(row: UploadRow) -> None:
        done.append(row)
        if len(done) == count:
            whole.set()

    worker = Uploading(roll, works or WORKS, done=end)
    assert whole.wait(30)
    worker.close()
    return done


def found(roll: Roll, number: int, operator: str = "east") -> UploadRow:
    """An upload as its operator finds it."""
    row = uploads.find(roll, operator, number)
    assert not isinstance(row, Refused)
    return row


def test_a_file_is_taken_and_its_message_stays_until_looked_at(roll: Roll) -> None:
    """Done, it counts its rows, leaves no file behind, and is unseen until somebody opens it; another operator finds nothing."""
    row = sent(roll, rows_file(30).getvalue())
    ended(roll)
    (line,) = uploads.history(roll, "east")
    assert (line.state, line.rows, line.stored, line.seen) == ("done", 30, 30, None)
    assert not uploads.file_of(roll, row.id).exists()
    assert isinstance(uploads.find(roll, "west", row.id), Refused)
    assert not isinstance(uploads.find(roll, "east", row.id, looked=False), Refused)
    assert uploads.history(roll, "east")[0].seen is None
    found(roll, row.id)
    assert uploads.history(roll, "east")[0].seen is not None
    again = sent(roll, rows_file(30).getvalue())
    ended(roll)
    assert (found(roll, again.id).rows, found(roll, again.id).stored) == (30, 0)


def test_a_refused_file_is_mended_in_place_and_sent_again(roll: Roll) -> None:
    """Its verdicts name row and column; the right value in that cell and one row left out make it good."""
    text = rows_file(5).getvalue().replace(b"adsl", b"pigeon", 1).replace(b"2006-10-02", b"soon", 2)
    row = sent(roll, text)
    ended(roll)
    refused = found(roll, row.id)
    assert (refused.state, refused.fault_count) == ("refused", 3)
    verdicts = uploads.verdicts(refused)
    assert {(fault.row, fault.column) for fault in verdicts.faults} == {
        (2, "access"),
        (2, "connected"),
        (3, "connected"),
    }
    fixes = {(2, "access"): "adsl", (2, "connected"): "2006-10-02", (3, "connected"): ""}
    path = mend_upload(roll, refused, fixes, {3})
    assert isinstance(path, Path)
    again = uploads.begin(roll, EAST, path, refused.name)
    ended(roll)
    assert (found(roll, again.id).state, found(roll, again.id).stored) == ("done", 4)
    assert isinstance(mend_upload(roll, found(roll, again.id), {}, set()), Refused)


def test_a_list_is_compared_and_changes_nothing(roll: Roll) -> None:
    """The comparison counts both sides."""
    sent(roll, rows_file(10).getvalue())
    ended(roll)
    row = sent(roll, rows_file(12).getvalue(), "compare")
    (done,) = ended(roll)
    assert done.state == "done"
    assert '"only_list":2' in found(roll, row.id).result
    assert '"same":10' in found(roll, row.id).result


def test_what_was_in_hand_when_a_process_died_is_taken_up_again(roll: Roll) -> None:
    """A row left `working` by a process that is gone is worked by the next; its records are filed once."""
    row = sent(roll, rows_file(8).getvalue())
    with roll.database.own() as connection:
        connection.execute("update upload set state = 'working' where id = %s", (row.id,))
    ended(roll)
    assert (found(roll, row.id).state, found(roll, row.id).stored) == ("done", 8)


def test_a_fault_of_ours_is_said_to_be_ours_and_the_next_file_is_taken(
    roll: Roll, caplog: pytest.LogCaptureFixture
) -> None:
    """When taking a file breaks, that upload has failed, with a traceback for the keeper; what comes after it is taken."""

    def broken(_: Roll, row: UploadRow, path: Path, progress: Callable[[str, int, int], None]) -> UploadRow:
        if row.name == "bad":
            raise OSError("the disk is full")
        return uploads.take(roll, row, path, progress)

    bad, good = sent(roll, b"x", name="bad"), sent(roll, rows_file(3).getvalue())
    ended(roll, 2, {"file": broken})
    assert (found(roll, bad.id).state, found(roll, good.id).state) == ("failed", "done")
    assert "the disk is full" in caplog.text
