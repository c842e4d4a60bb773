"""A log that keeps something back: dropped entries, receipts for what is never logged, mirrors that stand still."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from openroll.register.decision import Refused
from openroll.register.subscription.events import SubscriptionEnded
from openroll.service.filing.bulk import FileTaken, take_file
from openroll.service.log.receipts import receipt
from openroll.service.log.sequencer import Sequencer
from openroll.service.queries import by_handle
from openroll.service.roll import Roll
from openroll.store.postgres_tools import tool
from tests.handles import handle
from tests.service.filings import rows_file
from tests.watch.cheats.conftest import HOLDS, ON_A_WORD, Auditor, Live, Outside
from tests.watch.cheats.forge import act_of, entries_of, person_act, receipt_of, show

Copy = Callable[[str], tuple[str, Path]]


def _files(roll: Roll, operator: str, count: int, account: str = "file-") -> None:
    """An operator files, and it gets its place."""
    assert isinstance(take_file(roll, operator, rows_file(count, account)), FileTaken)
    sequencer = Sequencer(roll)
    sequencer.run_until_empty()
    sequencer.close()


def _restore(roll: Roll, backup: Path) -> None:
    """Put an old backup in place of the roll's tables, and take away all that would have told."""
    with psycopg.connect(roll.database.url) as connection:
        schema = sql.Identifier(roll.database.schema)
        connection.execute(sql.SQL("drop schema {} cascade").format(schema))
    command = [tool("psql"), "-q", "-v", "ON_ERROR_STOP=1", "-f", str(backup), roll.database.url]
    subprocess.run(command, check=True, capture_output=True)
    (roll.home / "ratchet").unlink()
    shutil.rmtree(roll.public)


def test_the_last_hundred_entries_are_dropped(
    new_roll: Callable[[], Roll], outside: Outside, web: tuple[str, Path], tmp_path: Path
) -> None:
    """A backup is restored, the ratchet deleted, and the roll signs again: first the log is smaller, then it is another."""
    roll = new_roll()
    address, site = f"{web[0]}/{roll.name}", web[1] / roll.name
    site.mkdir()
    (site / "log").symlink_to(roll.public)
    _files(roll, "east", 40)
    backup = tmp_path / "backup.sql"
    dump = [tool("pg_dump"), "--schema", roll.database.schema, "-f", str(backup), roll.database.url]
    subprocess.run(dump, check=True, capture_output=True)
    _files(roll, "west", 100)
    auditor = Auditor(outside, roll.home / "keys" / "log.pub", tmp_path / "auditor", roll.clock())
    assert auditor.looks(address).told["size"] == 143
    shutil.copytree(roll.public, tmp_path / "mirror")

    _restore(roll, backup)
    _files(roll, "west", 20)
    found = auditor.looks(address)
    status, said = auditor.shows(found, "smaller-head", tmp_path / "court-1")
    assert (status, "a head of 143 entries and one of 63" in said) == (ON_A_WORD, True), said
    # Whoever has a mirror of what there was can show at once that the two are not one log.
    found = auditor.looks(address, "--mirror", str(tmp_path / "mirror"))
    assert auditor.shows(found, "two-heads", tmp_path / "court-2")[0] == HOLDS
    # And when the new log has grown past the old one, so can anyone who ever saw a head.
    _files(roll, "east", 100, "more-")
    found = auditor.looks(address)
    assert auditor.shows(found, "two-heads", tmp_path / "court-3")[0] == HOLDS


def test_a_dropped_tail_is_shown_from_the_edge_alone(live: Live, auditor: Auditor, copy: Copy, tmp_path: Path) -> None:
    """The edge of the tree that a monitor keeps says what the first 256 entries were, although it kept none of them."""
    address, site = copy("site")
    assert auditor.looks(address).told["size"] > 280
    entries = entries_of(site / "log")
    show(site / "log", [*entries[:200], *(person_act(live.day) for _ in range(70))], live.roll.keys.signers_at(0))
    assert auditor.shows(auditor.looks(address), "two-heads", tmp_path / "court")[0] == HOLDS


def test_a_receipt_for_what_is_never_logged(live: Live, auditor: Auditor, copy: Copy, tmp_path: Path) -> None:
    """The receipt alone is not denied while the log stands still; the next head that leaves its entry out is the proof."""
    address, site = copy("site")
    _, hidden = copy("hidden")
    entries = entries_of(site / "log")
    made = act_of(
        SubscriptionEnded(on=live.roll.day(live.roll.clock()), by="east", rule=live.roll.opened.rule), live.day
    )
    show(hidden / "log", [*entries, made.entry.encode()], live.roll.keys.signers_at(0))
    paper = tmp_path / "mine.tlog-proof"
    paper.write_bytes(receipt_of(hidden / "log", made, len(entries)))
    found = auditor.looks(address, "--receipt", str(paper))
    status, said = auditor.shows(found, "receipt-denied", tmp_path / "court-1")
    assert (status, f"a receipt for entry {len(entries):,}" in said) == (ON_A_WORD, True), said

    show(site / "log", [*entries, person_act(live.day), person_act(live.day)], live.roll.keys.signers_at(0))
    found = auditor.looks(address, "--receipt", str(paper))
    status, said = auditor.shows(found, "receipt-denied", tmp_path / "court-2")
    assert (status, "a receipt for entry" in said) == (HOLDS, True), said


def test_a_receipt_that_the_log_stands_by(live: Live, auditor: Auditor, tmp_path: Path) -> None:
    """A real receipt is confirmed; one that was altered proves nothing and accuses nobody."""
    record = by_handle(live.roll, "east", handle("file-7"))
    assert not isinstance(record, Refused)
    data = receipt(live.roll, record.number, 1)
    assert isinstance(data, bytes)
    paper = tmp_path / "receipt"
    paper.write_bytes(data)
    found = auditor.looks(live.address, "--receipt", str(paper))
    assert (found.status, any("is what the receipt says" in one for one in found.told["checked"])) == (0, True)
    paper.write_bytes(data.replace(b"index ", b"index 1"))
    found = auditor.looks(live.address, "--receipt", str(paper))
    assert (found.status, found.kinds) == (2, [])
    assert "proves nothing" in found.told["could_not_look"][0]


def test_a_mirror_that_stands_still(live: Live, auditor: Auditor, copy: Copy, tmp_path: Path) -> None:
    """A mirror a little behind is told; one that stays behind for longer than is allowed is a fault."""
    address, _ = copy("site")
    mirror, site = copy("mirror")
    show(site / "log", entries_of(site / "log")[:200], live.roll.keys.signers_at(0))
    found = auditor.looks(address, "--mirror", f"{mirror}/log")
    assert (found.status, "entries behind" in found.told["warnings"][0]) == (0, True)
    auditor.later = 3
    found = auditor.looks(address, "--mirror", f"{mirror}/log")
    status, said = auditor.shows(found, "stale-mirror", tmp_path / "court")
    assert (status, "of the same log" in said) == (ON_A_WORD, True), said
    assert auditor.looks(address, "--mirror", f"{mirror}/log", "--mirror-hours", "1000").status == 0
    assert (
        auditor.looks(address, "--mirror", f"{mirror}/log", "--mirror-hours", "1000", "--mirror-entries", "9").status
        == 1
    )


def test_a_new_monitor_knows_a_stale_mirror_by_the_days_in_the_log(live: Live, auditor: Auditor, copy: Copy) -> None:
    """Without a visit before: the first entry that the mirror lacks is of a day that is long over."""
    address, _ = copy("site")
    mirror, site = copy("mirror")
    show(site / "log", entries_of(site / "log")[:200], live.roll.keys.signers_at(0))
    auditor.later = 4  # long over in every zone, whatever the hour
    assert auditor.looks(address, "--mirror", f"{mirror}/log").kinds == ["stale-mirror"]


@pytest.mark.parametrize("hook", ["--on-trouble"])
def test_a_hook_gets_the_folder_and_nothing_else(
    hook: str, live: Live, auditor: Auditor, copy: Copy, tmp_path: Path
) -> None:
    """The command is run once for a new fault, with the evidence folder as its argument and without a shell."""
    address, site = copy("site")
    auditor.looks(address)
    show(site / "log", [*entries_of(site / "log")[:-1], person_act(live.day)], live.roll.keys.signers_at(0))
    script = tmp_path / "hook.sh"
    script.write_text(f'#!/bin/sh\necho "$# $1 $2" >> {tmp_path}/called\n', encoding="utf-8")
    script.chmod(0o700)
    found = auditor.looks(address, hook, f"{script} one;two")
    auditor.looks(address, hook, f"{script} one;two")
    called = (tmp_path / "called").read_text(encoding="utf-8").splitlines()
    assert called == [f"2 one;two {found.evidence('two-heads')}"]
