"""A roll that an earlier Openroll made opens after its upgrade, and nothing of it was lost (`script/upgrade-from`).

Each archive in `rolls/` was made by the program of the commit it is named after: thirty made-up filings, tokens, invitations,
and the keys of that roll, which guard nothing. `script/upgrade-from REV --rows 30 --fixture FILE` makes another.
"""

import csv
import io
import json
import os
import tarfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from openroll.service.filing.rebuild import rebuild
from openroll.service.governance.open_roll import NoSuchRoll, find_roll, upgrade_roll
from openroll.service.identity.api_tokens import live_tokens
from openroll.service.log import receipts
from openroll.service.log.fsck import fsck
from openroll.service.log.sequencer import Sequencer
from openroll.service.queries import Record, by_code
from openroll.service.queries import codes as filing_codes
from openroll.service.roll import Roll
from openroll.store.connect import Database
from openroll.store.roles import OLD
from openroll.store.schema import drop
from openroll.tlog.__main__ import main as check_receipt
from tests.service.upgrade_from import ROLL

ROLLS = sorted((Path(__file__).parent / "rolls").glob("*.tar.gz"))


@pytest.fixture(params=ROLLS, ids=[path.name.partition(".")[0] for path in ROLLS])
def old(request: pytest.FixtureRequest, database_url: str, tmp_path: Path) -> Iterator[Path]:
    """The folder of an earlier roll, whose tables stand in the database as its own program left them."""
    with tarfile.open(request.param) as archive:
        archive.extractall(tmp_path)  # noqa: S202 - our own; the first releases of Python 3.11 know no filter
    # Without psql's own words, and what PostgreSQL 15 does not know.
    lines = (tmp_path / "dump.sql").read_text("utf-8").splitlines(keepends=True)
    statements = "".join(line for line in lines if not line.startswith(("\\", "SET transaction_timeout")))
    with psycopg.connect(database_url, autocommit=True) as connection:
        for role in OLD:
            if connection.execute("select from pg_roles where rolname = %s", (role,)).fetchone() is None:
                connection.execute(sql.SQL("create role {} nologin").format(sql.Identifier(role)))
    with psycopg.connect(database_url) as connection:
        connection.execute(statements.encode())
    yield tmp_path
    drop(database_url, ROLL)


def find(database_url: str, home: Path) -> Roll:
    """The roll, found as every command finds it."""
    later = datetime(2027, 1, 1, tzinfo=UTC)  # than the roll was made
    return find_roll(Database(database_url, ROLL), home / "home", clock=lambda: later, random_bytes=os.urandom)


def test_a_roll_of_an_earlier_commit_upgrades_and_checks_clean(old: Path, database_url: str) -> None:
    """Before the upgrade it is not opened; after it codes, tokens and log are the same, and every table is what events make."""
    before: dict[str, Any] = json.loads((old / "before.json").read_text("utf-8"))
    with pytest.raises(NoSuchRoll, match="openroll upgrade"):
        find(database_url, old)
    for _ in range(2):
        upgrade_roll(Database(database_url, ROLL), old / "home")
    roll = find(database_url, old)
    assert rebuild(roll, replace=False).differences == ()
    Sequencer(roll).run_until_empty()
    checked = fsck(roll)
    assert checked.fault is None
    told = list(csv.reader(io.StringIO(before["codes"])))[1:]
    assert [list(one) for one in filing_codes(roll, "bayu")] == told
    assert [str(one.number) for one in live_tokens(roll, "bayu")] == before["tokens"]
    assert isinstance(by_code(roll, told[0][1]), Record)


def test_receipts_of_before_the_upgrade_verify_after_it_and_new_ones_with_the_same_keys(
    old: Path, database_url: str
) -> None:
    """A receipt is checked with the keys that were published with it; the same record's receipt of today passes them too."""
    upgrade_roll(Database(database_url, ROLL), old / "home")
    roll = find(database_url, old)
    code = json.loads((old / "before.json").read_text("utf-8"))["codes"].splitlines()[1].partition(",")[2]
    record = by_code(roll, code)
    assert isinstance(record, Record)
    today = receipts.receipt(roll, record.number, 1)
    assert isinstance(today, bytes)
    (old / "today.tlog-proof").write_bytes(today)
    found = sorted(old.glob("*.tlog-proof"))
    assert len(found) > 5
    for path in found:
        assert check_receipt(["verify", str(path), "--key", str(old / "log.pub")]) == 0, path.name
