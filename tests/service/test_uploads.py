"""Files sent by a page: taken behind it, finished after a crash, ended in a message that stays until somebody looked."""

import csv
import errno
import functools
import io
import json
import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import polars as pl
import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg import Connection, sql

from openroll.disk_room import Room
from openroll.register.decision import Refused
from openroll.register.file_refusals import FileFaulty, UploadLost
from openroll.register.organisation.refusals import SeatGone
from openroll.register.organisation.roles import Seat
from openroll.service.filing import bulk, correction, upload_files, uploads
from openroll.service.filing.correction import mend_upload
from openroll.service.filing.upload_files import UPLOAD_LIMITS, UploadLimits, file_of, folder, sweep, write
from openroll.service.filing.upload_queue import UploadTaking
from openroll.service.filing.uploads import WORKS
from openroll.service.recovery.roll_files import RollFiles
from openroll.service.roll import Roll
from openroll.service.worker import Worker
from openroll.sheet import COLUMNS, apart, read
from openroll.sheet.faults import MOST_KEPT
from openroll.store.uploads import UploadRow
from openroll.web.operator import _said
from openroll.words import say, say_fault
from tests.conftest import NOW, Ticking
from tests.handles import handle
from tests.seats import seated
from tests.service.filings import rows_file
from tests.sheet.test_reading import TERMS

WEST = Seat("west", 1)
EAST = Seat("east", 1)


@pytest.fixture
def roll(roll: Roll) -> Roll:
    """A fresh roll in which a clerk of each operator sits."""
    assert (seated(roll, "east", "clerk"), seated(roll, "west", "clerk")) == (EAST, WEST)
    return roll


def sent(roll: Roll, text: bytes, purpose: str = "file", by: Seat = EAST) -> UploadRow:
    """A file that a page sent."""
    row = uploads.send(roll, by, io.BytesIO(text), purpose)
    assert isinstance(row, UploadRow), row
    return row


def ended(
    roll: Roll, count: int = 1, works: dict[str, uploads.Work] | None = None, limits: UploadLimits = UPLOAD_LIMITS
) -> list[UploadRow]:
    """What became of so many uploads."""
    done: list[UploadRow] = []
    whole = threading.Event()

    def end(row: UploadRow) -> None:
        done.append(row)
        if len(done) == count:
            whole.set()

    with opened(roll, works or WORKS, end, limits):
        assert whole.wait(30)
    return done


@contextmanager
def opened(
    roll: Roll,
    works: dict[str, uploads.Work],
    done: Callable[[UploadRow], None] = lambda _: None,
    limits: UploadLimits = UPLOAD_LIMITS,
) -> Iterator[Worker]:
    """A worker that takes uploads, closed in the end."""
    taking = UploadTaking(roll, works, done=done, stopping=lambda: worker.stopping, limits=limits)
    worker = Worker(roll, {uploads.UPLOAD: taking.kind})
    worker.start()
    try:
        yield worker
    finally:
        worker.close()


def until(true: Callable[[], bool]) -> None:
    """Wait for something that a real thread does."""
    end = time.monotonic() + 30
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)  # a thread is waited for


def clock(roll: Roll) -> Ticking:
    """The roll's clock, which a test may put forward."""
    assert isinstance(roll.clock, Ticking)
    return roll.clock


def dumped(connection: Connection) -> bytes:
    """Every row of every table of the roll, as text."""
    names = connection.execute("select tablename from pg_tables where schemaname = current_schema()").fetchall()
    rows = [
        connection.execute(sql.SQL("select t::text from {} t").format(sql.Identifier(name))).fetchall()
        for (name,) in names
    ]
    return "\n".join(str(row) for table in rows for row in table).encode()


def everything(roll: Roll) -> bytes:
    """All that the roll keeps: its tables and its files."""
    with roll.database.open() as connection:
        tables = dumped(connection)
    return tables + b"".join(path.read_bytes() for path in roll.home.rglob("*") if path.is_file())


class _Names:
    """What a backup's box was given, by name."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def copy(self, name: str, *_: object) -> None:
        """Note the name."""
        self.names.append(name)


def rows_json(count: int) -> bytes:
    """Good rows as NDJSON."""
    rows = csv.DictReader(io.StringIO(rows_file(count).getvalue().decode()))
    return b"".join(msgspec.json.encode(row) + b"\n" for row in rows)


def parquet(row: dict[str, str]) -> bytes:
    """One row as Parquet."""
    out = io.BytesIO()
    pl.DataFrame([row]).write_parquet(out)
    return out.getvalue()


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
    assert list(folder(roll).iterdir()) == []
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
    mended = mend_upload(roll, refused, fixes, {3})
    assert not isinstance(mended, Refused)
    with mended:
        again = sent(roll, mended.read())
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
    """When taking a file breaks off twice, that upload has failed and says so; what comes after it is taken.

    The keeper's log says what broke and where, and nothing of what stood in the file.
    """

    def broken(_: Roll, row: UploadRow, path: Path, progress: Callable[[str, int, int], None]) -> UploadRow:
        if row.id == bad.id:
            raise (
                OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "of 王小明")
                if row.tries == 1
                else ValueError("王小明")
            )
        return uploads.take(roll, row, path, progress)

    bad, good = sent(roll, rows_file(2).getvalue()), sent(roll, rows_file(3).getvalue())
    ended(roll, 2, {"file": broken})
    assert (found(roll, bad.id).state, found(roll, good.id).state) == ("failed", "done")
    assert uploads.verdicts(found(roll, bad.id)).code == "upload-given-up"
    assert not file_of(roll, bad.id).exists()
    assert "No space left on device" in caplog.text
    assert "王小明" not in caplog.text


HEADER = b"act,handle,kind,access,district,connected,on,digests\n"
SECRET = "王小明".encode()
NO_PLACE = {
    "a raw list": b"handle,kind,access,district,connected,name\na-1,household,adsl,500103,2006-11-01," + SECRET + b"\n",
    "a list without its header": b"a-1,household,adsl,500103,2006-11-01," + SECRET + b",13812345678\n" * 3,
    "NDJSON, in its last line": rows_json(40) + b'{"handle":"a","' + SECRET + b'":"x"}\n',
    "Parquet": parquet({"handle": "a-1", "王小明": "x"}),
    "a workbook": b"PK\x03\x04" + SECRET * 9,
    "JSON on one line": json.dumps([{"name": "王小明"}] * 3).encode(),
    "JSON in an array, indented": json.dumps([{"name": "王小明"}] * 3, ensure_ascii=False, indent=2).encode(),
    "JSON objects one after another, indented": json.dumps({"name": "王小明"}, ensure_ascii=False, indent=2).encode()
    * 3,
    "JSON in its last line": rows_json(40) + b"{'name': '" + SECRET + b"'}\n",
    "a value that holds more": rows_json(2) + b'{"handle":{"name":"' + SECRET + b'"}}\n',
    "RTF": b"{\\rtf1\\ansi\n\\par " + SECRET + b"\n}\n",
}


@pytest.mark.parametrize("sentence", NO_PLACE)
def test_a_list_with_a_column_that_has_no_place_is_not_kept_for_a_moment(roll: Roll, sentence: str) -> None:
    """It is refused before the sender is answered: no file, no name of a column, no cell is left, and the page says why."""
    row = sent(roll, NO_PLACE[sentence])
    assert (row.state, row.why) == ("refused", "not-kept")
    assert list(folder(roll).iterdir()) == []
    kept = everything(roll)
    assert SECRET not in kept
    assert b"13812345678" not in kept
    unknown = [fault.column for fault in uploads.verdicts(row).faults if fault.code == "column-unknown"]
    assert all(column.startswith("#") for column in unknown)
    assert unknown or not sentence.startswith(("a raw list", "a list without", "NDJSON", "Parquet"))
    refused = mend_upload(roll, row, {}, set())
    assert isinstance(refused, Refused)
    assert refused.refusal.code == "upload-not-kept"


@given(
    st.lists(st.sampled_from([*COLUMNS, "name"]), min_size=1, max_size=9),
    st.lists(
        st.lists(st.sampled_from(["王小明", "＝王小明", "2006-11-01", "new", "end", "", "h-王小明"]), max_size=9),
        max_size=4,
    ),
)
def test_no_cell_of_any_file_is_put_into_a_table(header: list[str], rows: list[list[str]]) -> None:
    """Whatever stands where, what is stored of the verdicts holds neither a cell nor a name of a column that is none."""
    text = "\n".join(",".join(cells) for cells in [header, *rows]).encode()
    sheet = read(io.BytesIO(text), TERMS, spool=Path(tempfile.gettempdir()))
    row = UploadRow(*range(len(UploadRow._fields)))  # none of it is looked at
    ended = uploads.refused(row, FileFaulty(faults=1), sheet.faults, sheet.fault_count, NOW)
    assert "王小明" not in ended.result
    assert '"name"' not in ended.result
    for fault in uploads.verdicts(ended).faults:
        assert all(part for lang in ("zh", "en") for part in say_fault(fault, lang)), fault


def test_a_cell_is_shown_while_its_file_is_kept_and_is_in_no_table(roll: Roll) -> None:
    """The sender reads the faulty cell on the page; the database never had it; after its time page and disk have it no more."""
    text = HEADER + b"new," + handle("h-1").encode() + b"," + SECRET + b",adsl,500103,2006-11-01,,x\n"
    row = sent(roll, text)
    ended(roll)
    refused = found(roll, row.id)
    assert refused.state == "refused"
    assert "王小明" in [fault.value for fault in uploads.quoted_faults(roll, refused)]
    with roll.database.open() as connection:
        assert SECRET not in dumped(connection)
    clock(roll).now += UPLOAD_LIMITS.kept_for
    assert sweep(roll) == 2
    assert list(folder(roll).iterdir()) == []
    late = found(roll, row.id)
    assert [fault.value for fault in uploads.quoted_faults(roll, late)] == ["", ""]
    answer = mend_upload(roll, late, {}, set())
    assert isinstance(answer, Refused)
    assert answer.refusal.code == "upload-time-over"
    assert answer.refusal.params["on"] == str(roll.day(roll.clock()))


RAW_NUMBERS = {
    "alone": (b"new,13812345678,household,adsl,500103,2006-11-01,,x\n", "handle-form"),
    "behind another act": (b"nuevo,13812345678,household,adsl,500103,2006-11-01,,x\n", "handle-form"),
    "with a cell more": (b"new,h-1,household,adsl,500103,2006-11-01,,x,13812345678\n", "row-ragged"),
    "with a cell less": (b"13812345678,household,adsl,500103,2006-11-01,,x\n", "row-ragged"),
    "behind all faults that are shown": (
        b"".join(
            b"new,%s,household,adsl,nowhere,2006-11-01,,x\n" % handle(f"h-{at}").encode() for at in range(MOST_KEPT + 9)
        )
        + b"new,13812345678,household,adsl,500103,2006-11-01,,x\n",
        "district-unknown",
    ),
}


@pytest.mark.parametrize("sentence", RAW_NUMBERS)
def test_a_list_with_raw_numbers_for_handles_is_not_kept_to_be_put_right(roll: Roll, sentence: str) -> None:
    """Nobody makes a handle of a number on a page, and the number may be somebody's: the file goes with its verdict."""
    rows, code = RAW_NUMBERS[sentence]
    row = sent(roll, HEADER + rows)
    ended(roll)
    refused = found(roll, row.id)
    assert (refused.state, refused.why) == ("refused", "not-kept")
    assert code in [fault.code for fault in uploads.quoted_faults(roll, refused)]
    assert list(folder(roll).iterdir()) == []
    assert b"13812345678" not in everything(roll)


def test_a_sweep_holds_disk_and_table_together(roll: Roll) -> None:
    """Files nobody knows go, also those of a process that was killed; an upload whose file is gone says so; what waits stays."""
    waits, refused = sent(roll, rows_file(2).getvalue()), sent(roll, rows_file(2).getvalue() + b"x,,,,,\n")
    with roll.database.own() as connection:
        connection.execute("update upload set state = 'refused', ended = %s where id = %s", (roll.clock(), refused.id))
    for name in ("999", "999.quoted", "sent-0102", "mended-7-ab"):
        (folder(roll) / name).write_bytes(SECRET)
    file_of(roll, refused.id).unlink()
    assert sweep(roll) == 4
    assert [path.name for path in folder(roll).iterdir()] == [str(waits.id)]
    answer = mend_upload(roll, found(roll, refused.id), {}, set())
    assert isinstance(answer, Refused)
    assert answer.refusal.code == "upload-lost"
    file_of(roll, waits.id).unlink()
    ended(roll)
    assert (found(roll, waits.id).state, uploads.verdicts(found(roll, waits.id)).code) == ("failed", "upload-lost")


def test_a_file_that_is_being_written_is_not_swept(roll: Roll) -> None:
    """Between its first byte and its entry in the table a file has no upload yet; the sweep leaves it to whoever writes it."""
    with write(file_of(roll, 77), io.BytesIO(SECRET), len(SECRET), Room(roll.home)):
        assert sweep(roll) == 0
        assert file_of(roll, 77).read_bytes() == SECRET
    assert sweep(roll) == 1


def test_what_does_not_put_a_file_right_is_not_said_to_be_gone(roll: Roll) -> None:
    """Half a broken row does not mend it: that is said, and the file is still there to be put right."""
    row = sent(roll, rows_file(2).getvalue() + f"{handle('h-9')},short\n".encode())
    ended(roll)
    answer = mend_upload(roll, found(roll, row.id), {(4, "kind"): "household"}, set())
    assert isinstance(answer, Refused)
    assert answer.refusal.code == "upload-not-mendable"
    mended = mend_upload(roll, found(roll, row.id), {}, {4})
    assert not isinstance(mended, Refused)
    assert mended.read() == rows_file(2).getvalue()
    mended.close()


def test_each_operator_has_its_turn(roll: Roll) -> None:
    """Of two operators the one served longest ago comes first, and one with many files waits behind itself alone."""
    rows = [
        sent(roll, rows_file(n).getvalue(), by=by) for n, by in ((1, EAST), (2, EAST), (3, EAST), (4, WEST), (5, WEST))
    ]
    order: list[int] = []

    def seen(_: Roll, row: UploadRow, path: Path, progress: Callable[[str, int, int], None]) -> UploadRow:
        order.append(row.id)
        return uploads.failed(row, UploadLost(), roll.clock())

    ended(roll, 5, {"file": seen}, UploadLimits(lanes=1))
    assert order == [rows[place].id for place in (0, 3, 1, 4, 2)]


def test_a_long_file_does_not_hold_up_another_operator(roll: Roll) -> None:
    """While a file of one operator is in hand another's is taken, and a second file of the first is not."""
    long, second, other = sent(roll, rows_file(1).getvalue()), sent(roll, rows_file(2).getvalue()), 0
    held, seen = threading.Event(), threading.Event()

    def work(_: Roll, row: UploadRow, path: Path, progress: Callable[[str, int, int], None]) -> UploadRow:
        if row.id == long.id:
            assert held.wait(30)
        elif row.id == other:
            seen.set()
        return uploads.take(roll, row, path, progress)

    with opened(roll, {"file": work, "compare": work}) as queue:
        other = sent(roll, rows_file(3).getvalue(), by=WEST).id
        queue.wake()
        assert seen.wait(30)
        assert found(roll, second.id).state == "waiting"
        held.set()
        until(lambda: found(roll, second.id).ended is not None)


def test_a_file_in_hand_of_a_process_that_was_killed_twice_is_given_up(roll: Roll) -> None:
    """Whatever kills the server whenever it takes a file kills it twice, not for ever; then the upload has failed and says so."""
    row = sent(roll, rows_file(2).getvalue())
    with roll.database.own() as connection:
        for _ in range(2):
            connection.execute("update upload set state = 'working', tries = tries + 1 where id = %s", (row.id,))
    ended(roll)
    assert (found(roll, row.id).state, uploads.verdicts(found(roll, row.id)).code) == ("failed", "upload-given-up")


def test_the_queue_outlives_its_database(roll: Roll, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the database away the queue waits; when it is back, what was in hand goes on, and that was no try of the file."""
    row = sent(roll, rows_file(9).getvalue())
    real = roll.database.url
    cut = threading.Event()

    def work(_: Roll, row: UploadRow, path: Path, progress: Callable[[str, int, int], None]) -> UploadRow:
        if not cut.is_set():
            cut.set()
            roll.database.url = "postgresql://nobody@127.0.0.1:1/none"  # nothing listens there
            raise psycopg.OperationalError("the connection is lost")
        return uploads.take(roll, row, path, progress)

    monkeypatch.setattr(Worker, "LOOK_EVERY", 0.05)
    with opened(roll, {"file": work}) as queue:
        until(lambda: queue.trouble == "OperationalError")
        roll.database.url = real
        until(lambda: found(roll, row.id).state == "done")
        assert (found(roll, row.id).tries, found(roll, row.id).stored) == (1, 9)
        until(lambda: queue.trouble == "")


def test_a_queue_that_is_closed_puts_back_what_it_has_in_hand(roll: Roll) -> None:
    """Stopping a server is no try of a file: it waits again as it did, and is taken by the next server."""
    row = sent(roll, rows_file(4).getvalue())
    begun = threading.Event()

    def work(_: Roll, row: UploadRow, path: Path, progress: Callable[[str, int, int], None]) -> UploadRow:
        begun.set()
        while True:
            progress("checking", 0, 1)

    with opened(roll, {"file": work}):
        assert begun.wait(30)
    assert (found(roll, row.id).state, found(roll, row.id).tries) == ("waiting", 0)
    ended(roll)
    assert found(roll, row.id).stored == 4


def test_an_operator_has_its_share_of_queue_and_disk(roll: Roll) -> None:
    """So many files may wait and so many bytes be kept; one more is refused with what there is, and another operator is not."""
    few = UploadLimits(waiting=2, kept_megabytes=1)
    text = rows_file(2).getvalue()
    assert [type(uploads.send(roll, EAST, io.BytesIO(text), limits=few)) for _ in range(2)] == [UploadRow] * 2
    third = uploads.send(roll, EAST, io.BytesIO(text), limits=few)
    assert isinstance(third, Refused)
    assert (third.refusal.code, third.refusal.params) == ("uploads-waiting", {"most": 2})
    assert isinstance(uploads.send(roll, WEST, io.BytesIO(text), limits=few), UploadRow)
    large = uploads.send(roll, WEST, io.BytesIO(text + b"\n" * (1 << 20)), limits=few)
    assert isinstance(large, Refused)
    assert (large.refusal.code, large.refusal.params) == ("uploads-full", {"most": 1})


def test_a_share_is_asked_for_before_any_work(roll: Roll, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where an operator has no share left nothing of a file is read: neither to look at it, nor to put it right."""
    row = sent(roll, rows_file(2).getvalue().replace(b"adsl", b"pigeon", 1))
    ended(roll)

    def read(*_: object, **__: object) -> None:
        raise AssertionError("a file was read in vain")

    for name in ("look_apart", "mend_apart"):
        monkeypatch.setattr(apart, name, read)
    none = UploadLimits(waiting=0)
    monkeypatch.setattr(correction, "no_share", functools.partial(uploads.no_share, limits=none))
    asked = (
        uploads.send(roll, EAST, io.BytesIO(b"{}"), limits=none),
        correction.mend_and_send(roll, EAST, found(roll, row.id), {(2, "access"): "adsl"}, ()),
        uploads.send(roll, Seat("east", 99), io.BytesIO(b"{}")),
    )
    assert [one.refusal.code for one in asked if isinstance(one, Refused)] == [
        "uploads-waiting",
        "uploads-waiting",
        "seat-gone",
    ]


def test_what_a_comparison_found_goes_after_its_time(roll: Roll) -> None:
    """Handles and values of a comparison are in no table, are shown while they are kept, and its counts stay."""
    row = sent(roll, rows_file(2).getvalue().replace(handle("file-1").encode(), handle("mine-1").encode()), "compare")
    ended(roll)
    with roll.database.open() as connection:
        assert handle("mine-1").encode() not in dumped(connection)
    said = uploads.compared(roll, found(roll, row.id))
    assert said is not None
    assert (said.only_list, handle("mine-1") in said.csv) == (2, True)
    clock(roll).now += UPLOAD_LIMITS.kept_for
    sweep(roll)
    said = uploads.compared(roll, found(roll, row.id))
    assert said is not None
    assert (said.only_list, said.csv, list(folder(roll).iterdir())) == (2, "", [])


def test_a_file_whose_first_rows_are_filed_is_not_said_to_have_left_nothing(
    roll: Roll, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Filed in part and overtaken, then refused: the entry and its page say how many rows are filed."""
    monkeypatch.setattr(bulk, "BATCH", 20)
    file, steps = rows_file(21), []

    def step(name: str) -> None:
        steps.append(name)
        if steps.count("file batch: before") == 2 and name == "file batch: before":
            assert isinstance(bulk.take_file(roll, "east", _last_row_of(file)), bulk.FileTaken)

    overtaken = bulk.take_file(roll, "east", file, step=step)
    assert isinstance(overtaken, bulk.FileRefused)
    file.seek(0)
    sent(roll, file.read())
    (refused,) = ended(roll)
    assert (refused.state, refused.stored, refused.rows, refused.fault_count) == ("refused", 20, 21, 1)
    assert _said(refused, "en") == "20 of 21 rows were filed before; the rest was refused. Faults: 1."
    verdicts = uploads.verdicts(refused)
    for lang, filed in (("en", "The first 20 of 21 rows are filed already"), ("zh", "文件21行中的前20行")):
        assert say(verdicts.code, verdicts.params, lang).startswith(filed)
    gone = uploads._refused(roll, refused, bulk.FileRefused(Refused(SeatGone(seat="east/1")), stored=20, rows=21))
    assert _said(gone, "en") == "20 of 21 rows were filed before; the rest was refused. Faults: 0."


def _last_row_of(file: io.BytesIO) -> io.BytesIO:
    lines = file.getvalue().splitlines(keepends=True)
    return io.BytesIO(lines[0] + lines[-1])


def test_no_copy_of_the_roll_holds_a_file_that_was_sent(roll: Roll, tmp_path: Path) -> None:
    """What a backup takes of the roll's home is without the files that operators sent, those that wait and those kept."""
    sent(roll, HEADER + SECRET)
    upload_files.quote(roll, 1, SECRET)
    home = tmp_path / "home"
    (home / "rolls").mkdir(parents=True)
    roll.home.rename(home / "rolls" / "a")
    box = _Names()
    assert RollFiles(home).put(box) == ["a"]  # type: ignore[arg-type] # what is asked of a box
    assert box.names
    assert not [name for name in box.names if "uploads" in name]
