"""`openroll status`: who publishes the log, and whether it goes on."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from tests.service.filings import filing
from tests.service.test_holding import submit
from tests.service.test_owners_hands import BEHIND, owner

from openroll.cli import build
from openroll.service.filing.submit import Taken
from openroll.service.log.leader import Leader
from openroll.service.log.sequencer import Sequencer
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
