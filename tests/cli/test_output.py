"""How commands speak of what stands in a file."""

import threading
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from openroll.cli import output
from openroll.cli.arguments import spoken
from openroll.cli.output import SECONDS, Bar, clock_time, err, fail, line, out, quoted, show_faults, write
from openroll.cli.table import Rows, whole
from openroll.compose.main import said_of
from openroll.durable import naming
from openroll.sheet import Fault


def test_what_stands_in_a_file_is_no_markup(capsys: pytest.CaptureFixture[str]) -> None:
    """A cell or a path with square brackets is shown as it is; it neither colours the table nor breaks it."""
    show_faults([Fault(2, "kind", "[/x]", "kind-unknown", "[red]", "y")], 1)
    with pytest.raises(SystemExit):
        fail("no such file: [/tmp/y]")
    shown = capsys.readouterr().err
    assert all(part in shown for part in ("[/x]", "[red]", "[/tmp/y]"))


def test_nobody_elses_text_begins_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever a command prints, and by whichever way, is as many lines as the command says: a sentence, an error, a cell."""
    theirs = "x\n  name: Wang Wu\r\n\x85Checked\u2028y\x1b[2K"
    line(theirs, *quoted("because\nof\rthis"))
    out.print(theirs)
    err.print(theirs, theirs)
    with pytest.raises(SystemExit):
        fail(theirs)
    table = Rows("a", "b", lined=False)
    table.add_row(theirs, whole(theirs))
    out.print(table, width=400)
    said = capsys.readouterr()
    assert len(said.out.splitlines()) == 1 + 2 + 1 + 2
    assert len(said.err.splitlines()) == 2
    assert not any(mark in said.out + said.err for mark in "\r\x1b\u2028\x85")


def _written(command: str, path: Path) -> None:
    if command == "write":
        write(path, "x")
    with spoken("x"), naming(path):
        path.write_text("x")


@pytest.mark.parametrize("command", ["write", "spoken", "main"])
def test_a_full_disk_is_a_sentence_that_names_the_file(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Which file, how much room there is, and what to do: the system names no file where a write fails, and says a number."""
    path = tmp_path / "out.csv"
    path.symlink_to("/dev/full")
    if command == "main":
        with pytest.raises(OSError, match="No space") as full, naming(path):
            path.write_text("x")
        said = said_of(full.value)
    else:
        with pytest.raises(SystemExit) as ended:
            _written(command, path)
        said = capsys.readouterr().err
        assert ended.value.code == 2
    assert f"{path} does not fit on its disk, which has " in said
    assert ("same command again" in said, "Errno" in said, "can be read" in said) == (True, False, False)


def test_a_moment_says_how_far_its_zone_is_from_utc() -> None:
    """CST is a zone of China, of Cuba and of Chicago: what is said is UTC, or how far from it."""
    at = datetime(2026, 11, 30, 12, 5, 7, tzinfo=ZoneInfo("Asia/Shanghai"))
    assert (clock_time(at), clock_time(at.astimezone(UTC), SECONDS)) == (
        "2026-11-30 12:05 +08:00",
        "2026-11-30 04:05:07 UTC",
    )
    used = [one.name for one in Path("src").rglob("*.py") if "%Z" in one.read_text(encoding="utf-8")]
    assert used == []


def test_a_long_wait_is_said_where_no_bar_is_seen(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In a script's output a line now and then says how far it is, or what is being done; a short wait says nothing."""
    now = [0.0]
    show = Bar(None, lambda: now[0])
    for seconds in (1, 11, 12, 72, 140):
        now[0] = seconds
        show("receipts", seconds, 140)
    assert capsys.readouterr().err.splitlines() == ["receipts: 11 of 140", "receipts: 72 of 140"]
    said = threading.Event()
    monkeypatch.setattr(output, "SILENT", 0.01)
    monkeypatch.setattr(output.err, "print", lambda text: said.set() if text.startswith("Asking") else None)
    with output.working("Asking"):
        assert said.wait(30)
