"""`openroll status`: who publishes the log, and whether it goes on."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from tests.service.filings import filing
from tests.service.test_holding import submit
from tests.service.test_owners_hands import BEHIND, owner

from openroll.cli import build
from openroll.service.filing.submit import Taken
from openroll.service.log.leader import Leader
from openroll.service.log.sequencer import Sequencer
from openroll.service.recovery.following import forget_copy, note_copy
from openroll.service.roll import Roll

Status = Callable[[], int]


@pytest.fixture
def status(roll: Roll) -> Status:
    """The command on a roll; the status it ends with."""

    class Wired:
        def roll(self) -> Roll:
            return roll

    app = build(Wired())  # type: ignore[arg-type]

    def run() -> int:
        try:
            app(["status"], exit_on_error=False, result_action="return_value")
        except SystemExit as end:
            return int(end.code or 0)
        return 0

    return run


def test_status_says_who_leads_and_how_old_the_checkpoint_is(
    roll: Roll, status: Status, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without a server nobody leads, which is no fault while nothing waits; with one it is named."""
    Sequencer(roll).run_until_empty()
    assert status() == 0
    said = capsys.readouterr().out
    assert "The log: 3 entries, published" in said
    assert "No process gives filings their places" in said
    assert "No event waits." in said
    assert "No backup is known of here: `openroll backup make --to FOLDER` makes one." in said
    leader = Leader(roll)
    assert leader.leads()
    assert status() == 0
    assert "(openroll-leader), for 0 seconds now." in capsys.readouterr().out
    leader.close()


def test_status_says_that_nobody_publishes_and_whom_places_wait_for(
    roll: Roll, status: Status, capsys: pytest.CaptureFixture[str]
) -> None:
    """It ends with 1 where events wait in silence, and names the open transaction."""
    Sequencer(roll).run_until_empty()
    clock = roll.clock
    with roll.database.open_runtime("openroll-file") as ours:
        ours.execute("select pg_current_xact_id()")
        assert isinstance(submit(roll, filing(handle="k-1"), None), Taken)
        roll.clock = lambda: clock() + timedelta(minutes=5)
        assert status() == 1
        said = capsys.readouterr().out
        assert f"(openroll-file, process {ours.info.backend_pid})" in said
    assert "Stands still: nobody has published the log" in said


def test_status_counts_facts_that_were_written_past_the_log(
    roll: Roll, status: Status, capsys: pytest.CaptureFixture[str]
) -> None:
    """A fact whose number lies below the head's waits for nothing, and is said all the same."""
    Sequencer(roll).run_until_empty()
    with owner(roll) as connection:
        connection.execute(BEHIND, ("3", 1, "token.issued/1", 0))
    assert status() == 1
    assert "No event waits." in (told := capsys.readouterr().out)
    assert "Written past the log, without a place in it: 1 facts" in told


def test_status_says_that_nobody_follows_any_more(
    roll: Roll, status: Status, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Backups that have stopped are said, with what to do, and end with 1 once the last is older than promised, or has a hole."""
    Sequencer(roll).run_until_empty()
    home, now = roll.home.parents[1], roll.clock()
    try:
        note_copy(home, tmp_path, now, every=60)
        assert status() == 0
        note_copy(home, tmp_path, now - timedelta(hours=1))
        assert status() == 1
        (note,) = (home / "spool").glob("*.copy")
        note.write_bytes(b'{"folder":"')
        assert status() == 1
        assert f"{note} is damaged" in capsys.readouterr().out
        note_copy(home, tmp_path, now - timedelta(hours=1), every=60)
        assert status() == 1
        note_copy(home, tmp_path, now)
        (tmp_path / "7").mkdir()
        for name in ("base-20261130T120000.000000Z-{}1.tar.gz", "wal-{}1.gz", "wal-{}3.gz"):
            (tmp_path / "7" / name.format("0" * 7 + "1" + "0" * 15)).touch()
        assert status() == 1
    finally:
        forget_copy(home, tmp_path)
    said = capsys.readouterr().out
    assert (
        "breaks off before segment 000000010000000000000002, and what was taken later does not come back. Make a backup"
        in said
    )
    assert f"Backed up into {tmp_path} 3,6" in said
    assert "No backup is known" not in said
    assert "Nobody follows there any more" in said
    assert "called late" not in said
    assert f"`openroll backup follow --to {tmp_path}`" in said
