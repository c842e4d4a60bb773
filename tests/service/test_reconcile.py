"""An operator's list beside the roll: every kind of difference, counted exactly, and nothing changed by looking."""

import csv
import io
from pathlib import Path

import msgspec
import pytest

from openroll.register.command import Actor
from openroll.register.subscription.commands import Correct
from openroll.service.filing import reconcile as module
from openroll.service.filing.bulk import FileRefused, FileTaken, take_file
from openroll.service.filing.reconcile import Reconciled, Row, reconcile
from openroll.service.filing.submit import Submission, Taken, take
from openroll.service.roll import Roll
from tests.handles import handle
from tests.service.filings import digest, digests, filing, submission_of
from tests.service.test_bulk import counts, new, sent


def listed(folder: Path, *rows: dict[str, str]) -> Path:
    """A list of rows as a file."""
    path = folder / "list.csv"
    path.write_bytes(sent(*rows).read())
    return path


def compared(roll: Roll, folder: Path, *rows: dict[str, str], operator: str = "east") -> Reconciled:
    """What comparing a list gives."""
    result = reconcile(roll, operator, listed(folder, *rows))
    assert isinstance(result, Reconciled), result
    return result


def taken(roll: Roll, submission: Submission) -> None:
    """Have a subscriber's submission taken."""
    with roll.database.open() as connection:
        connection.autocommit = True
        assert isinstance(take(connection, [submission], roll, roll.clock())[0], Taken)


def test_what_was_filed_agrees(roll: Roll, tmp_path: Path) -> None:
    """The list that was filed is the same as the roll in every row; another operator's records are no part of it."""
    rows = [new(f"h-{n}") for n in range(50)]
    take_file(roll, "east", sent(*rows))
    take_file(roll, "west", sent(new("w-1"), new("h-1")))
    result = compared(roll, tmp_path, *rows)
    assert (result.listed, result.same, result.agrees, result.rows) == (50, 50, True, ())
    assert compared(roll, tmp_path, new("w-1"), operator="west").only_roll == 1


def test_every_kind_of_difference_is_found(roll: Roll, tmp_path: Path) -> None:
    """Lacking here or there, changed in public or in its digests, ended: each is counted and told by its handle."""
    take_file(roll, "east", sent(*[new(account) for account in "abcdef"]))
    take_file(
        roll,
        "east",
        sent(
            {"act": "change", "handle": handle("b"), "on": "2006-12-01", "district": "500105", "access": "lan"},
            {"act": "end", "handle": handle("c"), "on": "2006-12-02"},
            {"act": "change", "handle": handle("d"), "on": "2006-12-01", "digests": " ".join(digests("moved"))},
            {"act": "end", "handle": handle("f"), "on": "2006-12-02"},
        ),
    )
    before = counts(roll)
    result = compared(roll, tmp_path, new("x"), *[new(account) for account in "abcd"])
    assert (result.listed, result.same, result.only_list, result.only_roll) == (5, 1, 1, 1)
    assert (result.differs, result.ended, result.without_handle) == (2, 1, 0)
    assert result.rows == (
        Row(handle("x"), "only-list"),
        Row(handle("e"), "only-roll"),
        Row(handle("b"), "differs", "access", "adsl", "lan"),
        Row(handle("b"), "differs", "district", "500103", "500105"),
        Row(handle("d"), "differs", "digests", " ".join(digests("d")), " ".join(digests("moved"))),
        Row(handle("c"), "ended", "ended", "", "2006-12-02"),
    )
    assert counts(roll) == before


def test_what_a_subscriber_corrected_is_a_difference(roll: Roll, tmp_path: Path) -> None:
    """A digest that the subscriber had corrected is not the list's any more, and both are told."""
    take_file(roll, "east", sent(new("a")))
    old, fresh = digests("a")[0], digest("fresh")
    with roll.database.open() as connection:
        row = connection.execute("select number from subscription").fetchone()
    assert row
    correction = submission_of(Correct(added=(fresh,), dropped=(old,)), Actor("subscriber"))
    taken(roll, msgspec.structs.replace(correction, number=row[0]))
    assert compared(roll, tmp_path, new("a")).rows == (Row(handle("a"), "differs", "digests", old, fresh),)


def test_the_csv_runs_no_formula() -> None:
    """A digest may begin with a hyphen, which a spreadsheet would take for a formula."""
    nothing = dict.fromkeys(("listed", "same", "only_list", "only_roll", "differs", "ended", "without_handle"), 0)
    rows = (Row("a", "differs", "digests", "-x", "y"),)
    told = list(csv.reader(io.StringIO(Reconciled(**nothing, rows=rows).csv())))
    assert told == [["handle", "found", "column", "list", "roll"], ["a", "differs", "digests", "'-x", "y"]]


def test_only_the_first_are_told_and_all_are_counted(
    roll: Roll, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counts go over every row and every batch; of each kind the first in the list's order are told."""
    monkeypatch.setattr(module, "MOST", 3)
    monkeypatch.setattr(module, "BATCH", 4)
    rows = [new(f"h-{n:02d}") for n in range(40)]
    take_file(roll, "east", sent(*rows[:30]))
    for n in range(20):
        rows[n] |= {"access": "lan"} if n % 2 else {"digests": " ".join(digests(f"other-{n}"))}
    steps: list[tuple[str, int, int]] = []
    path = listed(tmp_path, *reversed(rows))
    result = reconcile(roll, "east", path, progress=lambda *step: steps.append(step))
    assert isinstance(result, Reconciled)
    assert (result.same, result.differs, result.only_list) == (10, 20, 10)
    told = [(row.handle, row.found) for row in result.rows]
    assert told == [(handle(f"h-{n}"), "only-list") for n in (39, 38, 37)] + [
        (handle(f"h-{n}"), "differs") for n in (19, 18, 17)
    ]
    assert ("comparing", 20, 40) in steps


def test_a_file_of_changes_is_no_list(roll: Roll, tmp_path: Path) -> None:
    """A row that is not new, or any other fault, refuses the list with its row."""
    result = reconcile(
        roll, "east", listed(tmp_path, new("a"), {"act": "end", "handle": handle("b"), "on": "2006-12-02"})
    )
    assert isinstance(result, FileRefused)
    assert [(fault.row, fault.column, fault.code) for fault in result.faults] == [(3, "act", "act-not-new")]
    result = reconcile(roll, "east", listed(tmp_path, new("a") | {"kind": "king"}))
    assert isinstance(result, FileRefused)
    assert [fault.code for fault in result.faults] == ["kind-unknown"]
    assert "kind-unknown" in result.faults_csv


def test_an_unknown_operator_is_refused(roll: Roll, tmp_path: Path) -> None:
    """Who is not admitted has nothing to compare with."""
    result = reconcile(roll, "north", listed(tmp_path, new("a")))
    assert isinstance(result, FileRefused)
    assert result.refused.refusal.code == "operator-unknown"


def test_a_record_without_a_handle_is_in_no_list(roll: Roll, tmp_path: Path) -> None:
    """What a subscriber filed without a handle is counted apart."""
    assert isinstance(take_file(roll, "east", sent(new("a"))), FileTaken)
    taken(roll, submission_of(filing(handle=""), Actor("subscriber")))
    result = compared(roll, tmp_path, new("a"))
    assert (result.same, result.only_roll, result.without_handle, result.agrees) == (1, 0, 1, True)
