"""Operators' files: taken whole or refused whole, once however often they are sent."""

import csv
import hashlib
import io
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg import Connection

from openroll.register.command import Actor
from openroll.register.decision import Accepted, Refused
from openroll.register.organisation.refusals import TokenUnknown
from openroll.register.subscription.columns import filed_bodies
from openroll.register.subscription.commands import File
from openroll.register.subscription.decide import Setting, decide
from openroll.service.filing import bulk
from openroll.service.filing.bulk import FileRefused, FileTaken, take_file
from openroll.service.filing.rebuild import rebuild
from openroll.service.filing.reconcile import reconcile
from openroll.service.log.fsck import fsck
from openroll.service.log.sequencer import Sequencer
from openroll.service.queries import Record, by_code, codes
from openroll.service.roll import Roll, RollIsHeld
from openroll.sheet import COLUMNS
from tests.chongqing import ACCESSES, EARLIEST, KINDS, terms
from tests.handles import handle
from tests.service.filings import digests as four

TERMS = terms(date(2006, 12, 20), 4)


def digests(seed: str) -> str:
    """Four sorted digests as a file carries them."""
    return " ".join(four(seed))


def new(account: str) -> dict[str, str]:
    """A good new row."""
    row = {
        "handle": handle(account),
        "kind": "household",
        "access": "adsl",
        "district": "500103",
        "connected": "2006-10-02",
    }
    return row | {"digests": digests(account)}


def sent(*rows: dict[str, str]) -> io.BytesIO:
    """A file of rows."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return io.BytesIO(out.getvalue().encode())


def counts(roll: Roll) -> tuple[int, int]:
    """How many events of subscriptions and how many records the roll holds."""
    with roll.database.open() as connection:
        row = connection.execute(
            "select (select count(*) from event where name like 'subscription.%'), (select count(*) from subscription)"
        ).fetchone()
    assert row
    return row[0], row[1]


def test_a_file_is_taken_once_however_often_it_is_sent(roll: Roll) -> None:
    """A good file is stored whole; sent again it changes nothing and says so; the log and the projections agree."""
    rows = [new(f"h-{n}") for n in range(300)]
    first, again = take_file(roll, "east", sent(*rows)), take_file(roll, "east", sent(*rows))
    assert isinstance(first, FileTaken)
    assert isinstance(again, FileTaken)
    assert (first.rows, first.stored, again.stored) == (300, 300, 0)
    assert counts(roll) == (300, 300)
    Sequencer(roll).run_until_empty()
    assert fsck(roll).fault is None
    assert rebuild(roll, replace=False).differences == ()


def test_a_file_with_one_fault_leaves_nothing(roll: Roll) -> None:
    """One bad row refuses the whole file, and not a row of it is written."""
    result = take_file(roll, "east", sent(*[new(f"h-{n}") for n in range(50)], new("x") | {"kind": "king"}))
    assert isinstance(result, FileRefused)
    assert (result.fault_count, result.faults[0].row) == (1, 52)
    assert counts(roll) == (0, 0)


def test_a_dry_run_writes_nothing(roll: Roll) -> None:
    """A dry run says what would be stored, and stores nothing."""
    result = take_file(roll, "east", sent(new("h-1")), dry_run=True)
    assert result == FileTaken(1, 1, hashlib.sha256(sent(new("h-1")).read()).hexdigest(), dry_run=True)
    assert counts(roll) == (0, 0)


class Stopped(Exception):
    """Stands for a crash at a step."""


@pytest.mark.parametrize("at", ["file batch: before", "file batch: in the transaction", "file batch: after"])
def test_a_broken_off_file_is_finished_by_sending_it_again(
    roll: Roll, at: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Broken off at any step of its second batch, a file is finished and not doubled when it is sent again."""
    monkeypatch.setattr(bulk, "BATCH", 20)
    rows = [new(f"h-{n}") for n in range(50)]
    steps: list[str] = []

    def step(name: str) -> None:
        steps.append(name)
        if steps.count(at) == 2:
            raise Stopped

    with pytest.raises(Stopped):
        take_file(roll, "east", sent(*rows), step=step)
    assert counts(roll)[0] in (20, 40)
    result = take_file(roll, "east", sent(*rows))
    assert isinstance(result, FileTaken)
    assert result.stored in (10, 30)
    assert counts(roll) == (50, 50)
    assert rebuild(roll, replace=False).differences == ()


def cut(roll: Roll, application: str) -> None:
    """Cut every connection of this kind to the database, as a network or a failover does."""
    with roll.database.open() as connection:
        connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where application_name = %s and pid <> pg_backend_pid()"
            " and datname = current_database()",
            (application,),
        )


@pytest.mark.parametrize(
    ("at", "stored"), [("file batch: before", 20), ("file batch: in the transaction", 20), ("file batch: after", 20)]
)
def test_a_cut_connection_says_what_is_known(roll: Roll, at: str, stored: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut off in the midst of filing, the answer says how much is filed for sure and that the rest is unknown, never nothing.

    Sending the same file again finishes it.
    """
    monkeypatch.setattr(bulk, "BATCH", 20)
    rows = [new(f"h-{n}") for n in range(50)]
    steps: list[str] = []

    def step(name: str) -> None:
        steps.append(name)
        if steps.count(at) == 2 and name == at:
            cut(roll, "openroll-file")

    result = take_file(roll, "east", sent(*rows), step=step)
    assert isinstance(result, FileRefused)
    known = result.refused.refusal.params
    assert (result.refused.refusal.code, known["rows"]) == ("file-unfinished", 50)
    assert stored <= known["stored"] <= counts(roll)[0]
    again = take_file(roll, "east", sent(*rows))
    assert isinstance(again, FileTaken)
    assert counts(roll) == (50, 50)


STOPPED: dict[str, tuple[Exception | None, str, int]] = {
    "the roll is held": (RollIsHeld("held"), "file-unfinished", 0),
    "its sender may file no more": (None, "token-unknown", 20),
}


@pytest.mark.parametrize("sentence", STOPPED)
def test_a_file_that_may_not_go_on_does_not_say_that_nothing_was_filed(
    roll: Roll, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its first batch stands, whatever stops the second: as a file that broke off, or with how much of it is filed."""
    monkeypatch.setattr(bulk, "BATCH", 20)
    error, code, stored = STOPPED[sentence]
    steps: list[str] = []

    def step(name: str) -> None:
        steps.append(name)
        if error is not None and steps.count("file batch: before") == 2:
            raise error

    def may(_: Connection) -> Refused | None:
        return Refused(TokenUnknown()) if steps.count("file batch: before") == 2 else None

    result = take_file(roll, "east", sent(*[new(f"h-{n}") for n in range(50)]), step=step, may=may)
    assert isinstance(result, FileRefused)
    assert (result.refused.refusal.code, result.stored, counts(roll)[0]) == (code, stored, 20)


CHANGE = {"act": "change", "handle": handle("old"), "on": "2006-12-01", "district": "500105"}
OVERTAKEN: dict[str, tuple[dict[str, str], str, dict[str, str], str]] = {
    "its record ended before its batch": (
        CHANGE,
        "file batch: before",
        {"act": "end", "handle": handle("old"), "on": "2006-12-02"},
        "subscription-ended",
    ),
    "its record got another handle before its batch": (
        CHANGE,
        "file batch: before",
        {"act": "rehandle", "handle": handle("old"), "new_handle": handle("renamed")},
        "handle-changed",
    ),
    "its record changed within its batch": (
        CHANGE,
        "decided",
        {"act": "end", "handle": handle("old"), "on": "2006-12-02"},
        "subscription-ended",
    ),
    "its new handle was taken before its batch": (new("fresh"), "file batch: before", new("fresh"), "handle-filed"),
    "its next handle was taken before its batch": (
        {"act": "rehandle", "handle": handle("old"), "new_handle": handle("next")},
        "file batch: before",
        new("next"),
        "handle-filed",
    ),
}


@pytest.mark.parametrize("sentence", OVERTAKEN)
def test_a_row_overtaken_between_check_and_write_is_said_in_words(
    roll: Roll, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another filing comes in between: so many rows are filed, and the file sent again says which row does not fit any more."""
    row, at, other, code = OVERTAKEN[sentence]
    monkeypatch.setattr(bulk, "BATCH", 20)
    take_file(roll, "east", sent(new("old")))
    rows = [*[new(f"h-{n}") for n in range(20)], row]
    steps: list[str] = []

    def step(name: str) -> None:
        steps.append(name)
        if name == at and steps.count(at) == (1 if at == "decided" else 2):
            assert isinstance(take_file(roll, "east", sent(other)), FileTaken)

    def decided(command: Any, *given: Any) -> Any:
        decision = decide(command, *given)
        if "file batch: after" in steps and "decided" not in steps:
            step("decided")
        return decision

    monkeypatch.setattr(bulk, "decide", decided)
    result = take_file(roll, "east", sent(*rows), step=step)
    assert isinstance(result, FileRefused)
    assert (result.refused.refusal.code, result.refused.refusal.params) == (
        "file-overtaken",
        {"stored": 20, "rows": 21},
    )
    again = take_file(roll, "east", sent(*rows))
    assert isinstance(again, FileRefused)
    assert [(fault.row, fault.code) for fault in again.faults] == [(22, code)]
    assert (again.refused.refusal.code, again.refused.refusal.params) == (
        "file-rest-faulty",
        {"faults": 1, "stored": 20, "rows": 21},
    )
    assert rebuild(roll, replace=False).differences == ()


def test_a_file_that_somebody_else_has_just_taken_is_not_taken_twice(roll: Roll) -> None:
    """Sent twice at once, the second finds out when the first is done: it is told so, and nothing is filed twice."""
    taken: list[object] = []

    def progress(doing: str, *_: int) -> None:
        if doing == "comparing" and not taken:
            taken.append(take_file(roll, "east", sent(new("a"), new("b"))))

    result = take_file(roll, "east", sent(new("a"), new("b")), progress=progress)
    assert isinstance(result, FileRefused)
    assert (result.refused.refusal.code, counts(roll)) == ("file-in-progress", (2, 2))
    assert isinstance(taken[0], FileTaken)


def test_a_connection_cut_before_the_first_row_says_that_nothing_was_taken(roll: Roll) -> None:
    """While a file is only read and compared nothing is written, and the answer says so; so it does without a database."""
    told: list[str] = []

    def progress(doing: str, *_: int) -> None:
        if doing == "comparing" and not told:
            told.append(doing)
            cut(roll, "openroll-file")

    take_file(roll, "east", sent(new("before")))
    result = take_file(roll, "east", sent(new("a"), new("b")), progress=progress)
    assert isinstance(result, FileRefused)
    assert result.refused.refusal.code == "database-away"
    assert counts(roll) == (1, 1)
    roll.database.url = "postgresql://nobody@127.0.0.1:1/none"
    for away in (take_file(roll, "east", sent(new("a"))), reconcile(roll, "east", Path(__file__))):
        assert isinstance(away, FileRefused)
        assert away.refused.refusal.code == "database-away"


def test_changes_and_ends_by_file(roll: Roll) -> None:
    """A file may change and end what was filed before; what the record does not allow is a fault of its row."""
    take_file(roll, "east", sent(new("a"), new("b"), new("c")))
    change = {"act": "change", "handle": handle("a"), "on": "2006-12-01", "district": "500105"}
    end = {"act": "end", "handle": handle("b"), "on": "2006-12-02"}
    assert take_file(roll, "east", sent(change, end, new("d"))) == FileTaken(
        3, 3, hashlib.sha256(sent(change, end, new("d")).read()).hexdigest()
    )
    assert counts(roll) == (6, 4)
    refused = take_file(roll, "east", sent(end | {"on": "2006-12-03"}, change | {"handle": "none"}, new("c")))
    assert isinstance(refused, FileRefused)
    said = [(fault.row, fault.code) for fault in refused.faults]
    assert said == [(2, "subscription-ended"), (3, "subscription-unknown"), (4, "handle-filed")]
    assert rebuild(roll, replace=False).differences == ()


def test_a_whole_list_sent_anew_is_told_in_one_sentence(roll: Roll) -> None:
    """Next month's list, packed anew, is in the roll already: one fault says so and how to compare, not one a row."""
    take_file(roll, "east", sent(*(new(f"m-{n}") for n in range(30))))
    anew = [new(f"m-{n}") | {"digests": digests(f"anew-{n}")} for n in range(30)]
    refused = take_file(roll, "east", sent(*anew[:28], new("fresh-1"), new("fresh-2")))
    assert isinstance(refused, FileRefused)
    (fault,) = refused.faults
    assert (fault.row, fault.code, fault.params) == (0, "list-filed", {"found": "28", "expected": "30"})
    assert "openroll reconcile" in fault.remedy
    some = take_file(roll, "east", sent(*anew[:25], *(new(f"fresh-{n}") for n in range(5))))
    assert isinstance(some, FileRefused)
    assert [fault.row for fault in some.faults] == list(range(2, 27))
    assert some.fault_count == 25


def test_an_operators_codes_open_its_own_filings_only(roll: Roll) -> None:
    """Every handle has a code that opens its filing; another operator's are not among them."""
    take_file(roll, "east", sent(new("a"), new("b")))
    take_file(roll, "west", sent(new("w")))
    found = dict(codes(roll, "east"))
    assert list(found) == [handle("a"), handle("b")]
    for own, code in found.items():
        record = by_code(roll, code)
        assert isinstance(record, Record)
        assert (record.state.operator, record.state.handle) == ("east", own)


def test_an_unknown_operator_is_refused(roll: Roll, tmp_path: Path) -> None:
    """Only operators that the roll has admitted file."""
    result = take_file(roll, "north", tmp_path / "none.csv")
    assert isinstance(result, FileRefused)
    assert result.refused.refusal.code == "operator-unknown"


ROWS = st.fixed_dictionaries(
    {
        "handle": st.text("abc123", min_size=1).map(handle),
        "kind": st.sampled_from(sorted(KINDS)),
        "access": st.sampled_from(sorted(ACCESSES)),
        "district": st.sampled_from(["500103", "500105"]),
        "connected": st.dates(EARLIEST, date(2006, 12, 20)),
        "digests": st.integers().map(lambda seed: digests(str(seed))),
    }
)


@given(st.lists(ROWS, min_size=1, max_size=8))
def test_a_column_of_filings_is_decided_as_each_alone(rows: list[dict[str, object]]) -> None:
    """The bodies made by column are, byte for byte, those of the events that `decide` makes row by row."""
    bodies = filed_bodies(pl.DataFrame(rows), "east", "rule@1").to_list()
    for row, body in zip(rows, bodies, strict=True):
        command = File(operator="east", **(row | {"digests": tuple(str(row["digests"]).split())}))  # type: ignore[arg-type] # drawn to fit
        decision = decide(command, None, Actor("operator", "east"), Setting("rule@1", TERMS))
        assert isinstance(decision, Accepted)
        assert [event.body() for event in decision.events] == [body]
