"""Files made to cost much: each is refused with the bound it breaks, before what is beyond it is unpacked."""

import io
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openroll.sheet import apart, read
from openroll.sheet.apart import look_apart, mend_apart, read_apart
from openroll.sheet.first_look import first_look
from openroll.sheet.limits import LIMITS, Limits
from openroll.sheet.parquet import check_bounds
from openroll.sheet.source import BOUNDS, Unreadable
from openroll.sheet.thrift import BadThrift, Compact
from openroll.words import say_fault
from tests.handles import handle
from tests.sheet.test_reading import GOOD, TERMS, digests, row, text

LONG = " ".join([digests("x")] * 2_000)


def parquet(frame: pl.DataFrame, **given: object) -> bytes:
    """A frame as Parquet."""
    out = io.BytesIO()
    frame.write_parquet(out, **({"compression": "zstd"} | given))  # type: ignore[arg-type] # polars' own options
    return out.getvalue()


def equal(count: int) -> bytes:
    """So many equal rows, which Parquet packs into nearly nothing."""
    return parquet(pl.select([pl.repeat(value, count).alias(name) for name, value in row("x").items()]))


def small(**given: int) -> Limits:
    """Bounds with some of them low."""
    return msgspec.structs.replace(LIMITS, **given)


HEAVY: dict[str, tuple[Callable[[], bytes], Limits, str]] = {
    "one cell that unpacks to ten thousand times the file": (
        lambda: parquet(pl.DataFrame([row("h", kind="h" * 20_000_000)])),
        small(),
        "unpacked",
    ),
    "one page larger than any list needs": (
        lambda: parquet(pl.DataFrame([row("h", kind=os.urandom(600_000).hex())])),
        small(page_bytes=1 << 20),
        "page",
    ),
    "equal rows without end": (lambda: equal(200_000), small(), "rows"),
    "more rows than may be": (
        lambda: parquet(pl.DataFrame([row(f"h-{n}") for n in range(60)])),
        small(rows=50),
        "rows",
    ),
    "a million values in a cell": (
        lambda: parquet(pl.DataFrame([row("h")]).with_columns(digests=pl.Series([["x"] * 100_000]))),
        small(cells=10_000),
        "cells",
    ),
    "too many columns": (lambda: parquet(pl.DataFrame({f"c{n}": [""] for n in range(300)})), small(), "columns"),
    "lists in lists": (
        lambda: parquet(pl.DataFrame([row("h")]).with_columns(digests=pl.Series([[["x"]]]))),
        small(),
        "nesting",
    ),
    "a structure in a cell": (
        lambda: parquet(pl.DataFrame([row("h")]).with_columns(digests=pl.Series([{"a": "x", "b": "y"}]))),
        small(),
        "nesting",
    ),
    "row groups without end": (
        lambda: parquet(pl.DataFrame([row(f"h-{n}") for n in range(60)]), row_group_size=1),
        small(row_groups=50),
        "groups",
    ),
    "more pages than may be": (lambda: parquet(pl.DataFrame(GOOD)), small(pages=5), "pages"),
    "a footer of megabytes": (lambda: parquet(pl.DataFrame(GOOD)), small(footer_bytes=100), "footer"),
    "CSV with a million columns": (lambda: b",".join([b"c"] * 1_000_000) + b"\n", small(), "columns"),
    "CSV with many quoted columns": (lambda: b",".join([b'"c"'] * 100) + b"\n", small(), "columns"),
    "CSV with more rows than may be": (
        lambda: text([row(f"h-{n}") for n in range(60)]).encode(),
        small(rows=50),
        "rows",
    ),
    "CSV longer than may be": (
        lambda: text([row(f"h-{n}") for n in range(60)]).encode(),
        small(file_bytes=999),
        "bytes",
    ),
    "NDJSON with more rows than may be": (
        lambda: b"\n".join(msgspec.json.encode(row(f"h-{n}")) for n in range(60)),
        small(rows=50),
        "rows",
    ),
}


@pytest.mark.parametrize("sentence", HEAVY)
def test_a_heavy_file_is_refused_by_its_bound(sentence: str, tmp_path: Path) -> None:
    """It is told which bound and how much that is, in both languages, and takes neither memory nor time."""
    make, limits, what = HEAVY[sentence]
    data = make()
    before, begun = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.perf_counter()
    sheet = read(io.BytesIO(data), TERMS, spool=tmp_path, limits=limits)
    assert time.perf_counter() - begun < 5
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 60_000
    (fault,) = sheet.faults
    assert (fault.code, fault.params["what"]) == ("file-over-bound", what)
    for lang in ("zh", "en"):
        assert fault.params["most"] in say_fault(fault, lang)[0]
    assert list(tmp_path.iterdir()) == []


def test_every_bound_has_its_name() -> None:
    """What the table of heavy files breaks is all that a file can have too much of."""
    assert {what for _, _, what in HEAVY.values()} == set(BOUNDS)


def test_pages_that_are_said_many_times_count_each_time(tmp_path: Path) -> None:
    """Row groups that all point at the same pages unpack them once each: so they are counted."""
    data = parquet(pl.DataFrame([row("x", kind="x" * 40_000)] * 3), row_group_size=1)
    check_bounds(io.BytesIO(data), small(unpacked_always_bytes=700_000, unpacked_times=0))
    with pytest.raises(Unreadable, match="file-over-bound"):
        check_bounds(io.BytesIO(data), small(unpacked_always_bytes=100_000, unpacked_times=0))


@given(
    st.binary(max_size=300)
    | st.builds(lambda n, tail: bytes([0x19, 0xFF]) + bytes([0xFF] * n) + tail, st.integers(0, 9), st.binary())
)
def test_no_bytes_make_the_footers_reader_do_more_than_read_them(data: bytes) -> None:
    """Any bytes are a structure or BadThrift: counts that promise more values than there are bytes are lies."""
    reader = Compact(data)
    try:
        reader.structure()
    except BadThrift:
        return
    assert reader.place <= len(data)


@given(place=st.integers(0, 899), byte=st.integers(0, 255))
def test_a_changed_footer_is_over_a_bound_or_cut_off_or_read(place: int, byte: int) -> None:
    """Whatever one byte of a footer says, the account of the file ends: with a bound, as cut off, or good."""
    data = bytearray(parquet(pl.DataFrame(GOOD)))
    data[len(data) - 4 - place] = byte
    codes = {fault.code for fault in first_look(io.BytesIO(data))}
    try:
        check_bounds(io.BytesIO(data))
    except Unreadable as error:
        codes.add(error.code)
    assert codes <= {"file-cut-off", "file-over-bound", "column-unknown", "column-missing", "column-doubled"}


def test_what_no_number_gives_away_kills_the_child_and_nothing_else(tmp_path: Path) -> None:
    """What no number in the file gives away dies with the child: the file is refused, in words, and the next is read."""
    path = tmp_path / "sent.parquet"
    path.write_bytes(parquet(pl.DataFrame([row(f"h-{n}") for n in range(2_000)])))
    heavy = read_apart(path, TERMS, spool=tmp_path, limits=small(child_memory_bytes=200 << 20))
    assert [fault.code for fault in heavy.faults] == ["file-too-heavy"]
    for lang in ("zh", "en"):
        assert all(say_fault(heavy.faults[0], lang))
    with path.open("rb") as stream:
        assert (read_apart(stream, TERMS, spool=tmp_path).rows, stream.closed) == (2_000, False)


def test_a_child_reads_as_the_process_itself_does(tmp_path: Path) -> None:
    """Rows, faults and digest of a long file are the same by either way, and its progress is told."""
    rows = [row(f"h-{n}") for n in range(9_000)]
    data = text([*rows, row("h-1"), row("bad", kind="king")]).encode()
    assert len(data) > LIMITS.here_bytes
    told: list[int] = []
    here = read(io.BytesIO(data), TERMS, spool=tmp_path)
    there = read_apart(io.BytesIO(data), TERMS, spool=tmp_path, progress=told.append)
    for name in ("digest", "format", "encoding", "rows", "fault_count", "faults"):
        assert getattr(here, name) == getattr(there, name), name
    good = text(rows).encode()
    (tmp_path / "good.csv").write_bytes(good)
    sheet = read_apart(tmp_path / "good.csv", TERMS, spool=tmp_path)
    assert pl.concat(sheet.batches(777))["handle"].to_list() == [one["handle"] for one in rows]
    assert [path.name for path in tmp_path.iterdir()] == ["good.csv"]


class _Child:
    """Stands for a child that does something to itself instead of its task."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *ways: str) -> None:
        self.begun = 0
        real = subprocess.Popen

        def popen(command: list[str], **given: object) -> object:
            way = ways[min(self.begun, len(ways) - 1)]
            self.begun += 1
            return real([sys.executable, "-c", way] if way else command, **given)  # type: ignore[call-overload] # passed on

        monkeypatch.setattr(subprocess, "Popen", popen)


KILLED = f"import os; os.kill(os.getpid(), {int(signal.SIGKILL)})"
ABORTED = "import os; os.abort()"
ASLEEP = "import time; time.sleep(60)"
TALKS = "print('no JSON', flush=True); import time; time.sleep(60)"


@pytest.mark.parametrize(("ways", "tries"), [((KILLED,), 2), ((ABORTED,), 1), ((ASLEEP,), 1)])
def test_a_child_that_dies_or_sleeps_is_the_files_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ways: tuple[str, ...], tries: int
) -> None:
    """Killed from outside it is tried once more; dead of itself or asleep it is not; each time the file is too heavy."""
    child = _Child(monkeypatch, *ways)
    limits = small(child_wall_seconds=0.3 if ASLEEP in ways else 30)  # type: ignore[arg-type] # seconds may be a float
    sheet = read_apart(io.BytesIO(parquet(pl.DataFrame(GOOD))), TERMS, spool=tmp_path, limits=limits)
    assert ([fault.code for fault in sheet.faults], child.begun) == (["file-too-heavy"], tries)


def test_a_child_killed_once_from_outside_is_forgiven(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody else's kill, as by a machine short of memory, is no word about the file: the second try reads it."""
    child = _Child(monkeypatch, KILLED, "")
    sheet = read_apart(io.BytesIO(parquet(pl.DataFrame(GOOD))), TERMS, spool=tmp_path)
    assert (sheet.rows, sheet.faults, child.begun) == (5, (), 2)


def test_whoever_stops_listening_ends_the_child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error in the ear that progress is told to comes through, and no child goes on behind it."""
    _Child(monkeypatch, ASLEEP)
    monkeypatch.setattr(apart, "TICK", 0.01)
    begun = time.perf_counter()

    def stop(_: int) -> None:
        raise KeyError

    with pytest.raises(KeyError):
        read_apart(io.BytesIO(parquet(pl.DataFrame(GOOD))), TERMS, spool=tmp_path, progress=stop)
    assert time.perf_counter() - begun < 10


def test_a_child_has_none_of_the_rolls_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys and passwords of the environment are not handed to a process that may be taken over by a file."""
    monkeypatch.setenv("OPENROLL_CODES_KEY", "secret")
    monkeypatch.setenv("DATABASE_URL", "postgresql://secret@nowhere")
    given: list[dict[str, str]] = []

    def popen(*_: object, env: dict[str, str], **__: object) -> object:
        given.append(env)
        raise OSError("seen")

    monkeypatch.setattr(subprocess, "Popen", popen)
    read_apart(io.BytesIO(parquet(pl.DataFrame(GOOD))), TERMS, spool=tmp_path)
    assert given
    assert "secret" not in str(given)


def test_parquet_is_mended_in_a_child_and_only_within_bounds(tmp_path: Path) -> None:
    """A cell of a good Parquet file is replaced; a heavy one is not unpacked to be mended."""
    frame = pl.DataFrame([row("h-1"), row("h-2", kind="king")])
    (tmp_path / "sent").write_bytes(parquet(frame))
    with (
        (tmp_path / "sent").open("rb") as file,
        mend_apart(file, {(3, "kind"): "person"}, (), spool=tmp_path) as mended,
    ):
        assert pl.read_parquet(mended.read())["kind"].to_list() == ["household", "person"]
    (tmp_path / "heavy").write_bytes(equal(200_000))
    with (tmp_path / "heavy").open("rb") as file, pytest.raises(ValueError, match="at most"):
        mend_apart(file, {(3, "kind"): "person"}, (), spool=tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["heavy", "sent"]


NAMES = [
    "subs[1].parquet",
    "all*.parquet",
    "a?b.parquet",
    "-o.parquet",
    "new\nline.parquet",
    "s3:",
    "hf:",
    "file:",
    "{a,b}.parquet",
    "**",
    "~",
    "$HOME.parquet",
    "%41.parquet",
    "清单.parquet",
]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_a_name(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a file or its folder is called, its own rows are read and mended, and those of no other file."""
    monkeypatch.chdir(tmp_path)
    for other in ("subs1.parquet", "all-other.parquet", "aXb.parquet", "a", "b", "o.parquet", "A.parquet"):
        Path(other).write_bytes(parquet(pl.DataFrame([row("other")])))
    (tmp_path / "x[2026]").mkdir()
    for path in (Path(name), tmp_path / name, tmp_path / "x[2026]" / name):
        path.write_bytes(parquet(pl.DataFrame([row("own", kind="king")])))
        sheet = read(path, TERMS, spool=tmp_path)
        assert [(fault.row, fault.value) for fault in sheet.faults] == [(2, "king")]
        with path.open("rb") as file:
            assert first_look(file) == ()
    from openroll.sheet.mend import mend

    mend(tmp_path / name, tmp_path / "right[1]", {(2, "kind"): "person"})
    right = read(tmp_path / "right[1]", TERMS, spool=tmp_path)
    assert pl.concat(right.batches(9))["handle"].to_list() == [handle("own")]


def test_a_killed_process_leaves_no_spool(tmp_path: Path) -> None:
    """Good rows wait in a file without a name: a process killed in the midst of them leaves nothing in the folder."""
    code = (
        "import os, signal, sys; from pathlib import Path; from openroll.sheet import Sheet; import polars as pl\n"
        "from openroll.disk_room import Room\n"
        "folder = Path(sys.argv[1]); sheet = Sheet(folder); sheet.keep(pl.DataFrame({'handle': ['a-1'] * 9999}))\n"
        "kept = Room(folder).nameless(); kept.write(b'a-1' * 99999); kept.flush()\n"
        "assert not list(folder.iterdir()); os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False)
    assert done.returncode == -signal.SIGKILL
    assert list(tmp_path.iterdir()) == []


PACKED = (
    b"\x28\xb5\x2f\xfd",
    b"BZh9",
    b"\xfd7zXZ\0",
    b"7z\xbc\xaf\x27\x1c",
    b"\x04\x22\x4d\x18",
    b"Rar!\x1a",
    b"PARE",
    b"ARROW1",
)


@pytest.mark.parametrize("begin", PACKED)
def test_an_archive_is_named_and_never_unpacked(begin: bytes, tmp_path: Path) -> None:
    """Archives of every common kind are told what they are and what to do."""
    (fault,) = read(io.BytesIO(begin + bytes(100)), TERMS, spool=tmp_path).faults
    assert fault.code == "not-a-list"


def test_a_number_of_five_thousand_digits_is_a_fault(tmp_path: Path) -> None:
    """JSON may hold a number that Python does not turn into text: a fault of its row, not a traceback."""
    line = msgspec.json.encode(row("h")).replace(b'"500103"', b"9" * 5_000)
    (fault,) = read(io.BytesIO(line), TERMS, spool=tmp_path).faults
    assert fault.code in ("not-text", "row-broken")


def test_a_long_file_is_looked_at_in_a_child(monkeypatch: pytest.MonkeyPatch) -> None:
    """NDJSON over a megabyte is looked at whole, and its rows counted, by a child; what is short or CSV needs none."""
    line = b'{"handle":"a"}\n'
    named = io.BytesIO(line * 80_000 + b'{"name":"x"}\n')
    assert [fault.code for fault in look_apart(named)] == ["column-unknown"]
    assert named.tell() == 0
    few = msgspec.structs.replace(LIMITS, rows=1_000)
    assert [fault.code for fault in look_apart(io.BytesIO(line * 80_000), limits=few)] == ["file-over-bound"]
    monkeypatch.setattr(apart, "_child", lambda *_: pytest.fail("a child was started"))
    assert look_apart(io.BytesIO(line)) == ()
    assert look_apart(io.BytesIO(b"name\n" * 300_000))[0].code == "column-unknown"
