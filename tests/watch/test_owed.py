"""What a monitor found and was too much for one visit: the next ones name it, and no flood of one kind hides another."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from openroll.tlog import Entry
from openroll.watch.audit.monitor import Monitor
from openroll.watch.audit.recheck import recheck
from openroll.watch.audit.report import VisitReport
from openroll.watch.source import FolderSource
from tests.watch.cheats.forge import flip, person_act, show
from tests.watch.test_monitor import SIGNER, monitor

GOOD = [person_act("2006-11-01")]


@pytest.fixture(autouse=True)
def _few(monkeypatch: pytest.MonkeyPatch) -> None:
    """A visit names one of a kind, and two are owed."""
    for module in ("owed", "entry_scan"):
        monkeypatch.setattr(f"openroll.watch.audit.{module}.MOST_OF_A_KIND", 1)
    monkeypatch.setattr("openroll.watch.audit.owed.MOST_OWED", 2)


def readable(kind: str = "subscription.filed/1") -> bytes:
    """A person's act with its text."""
    return Entry(kind, "2006-12-20", os.urandom(32), "{}").encode()


def watching(folder: Path) -> Monitor:
    """A monitor that has seen a good log."""
    show(folder / "log", GOOD, [SIGNER])
    one = monitor(folder, FolderSource(folder / "log"), [])
    assert one.once().status == 0
    return one


def visits(one: Monitor, *, whole: bool = False) -> Iterator[VisitReport]:
    """One visit after another."""
    while True:
        one.limits = replace(one.limits, whole=whole)
        report = one.once()
        assert all(recheck(folder, one.trust).answer != "fails" for folder in one.folders.values())
        yield report


def indices(report: VisitReport) -> list[object]:
    """The entries that are named."""
    return [fault.details["index"] for fault in report.faults]


def test_what_was_too_many_is_named_by_the_next_visits_and_what_was_not_kept_by_whole_ones(tmp_path: Path) -> None:
    """Of five one is named at once, two are kept and named in their turn, and that there are others is said by each visit."""
    one = watching(tmp_path)
    show(tmp_path / "log", [*GOOD, *(readable() for _ in range(5))], [SIGNER])
    reports = [report for report, _ in zip(visits(one), range(5), strict=False)]
    assert [indices(report) for report in reports] == [[1], [2], [3], [], []]
    assert all(
        any("2 more faults of the kind readable-act than" in said for said in report.warnings) for report in reports
    )
    assert "2 more faults of the kind readable-act: the next visits name them" in reports[0].warnings
    whole = [indices(report) for report, _ in zip(visits(one, whole=True), range(3), strict=False)]
    assert whole == [[4, 1], [5, 1], [1]]
    last = next(visits(one))
    assert (last.status, [said for said in last.warnings if "more faults" in said]) == (0, [])


def test_a_flood_of_one_kind_hides_no_other(tmp_path: Path) -> None:
    """What stands in entries of another kind, or is found later, is named at once, whatever is owed before it."""
    one = watching(tmp_path)
    flood = [*GOOD, *(readable() for _ in range(9)), readable("subscription.ended/1")]
    show(tmp_path / "log", flood, [SIGNER])
    assert indices(one.once()) == [1, 10]
    show(tmp_path / "log", [*flood, readable()], [SIGNER])
    assert indices(one.once()) == [11, 2]


def test_what_only_the_time_of_a_visit_shows_is_named_later_with_the_head_of_that_visit(tmp_path: Path) -> None:
    """Evidence of an entry that was kept out of the log for long holds at whichever visit it is written, a whole one too."""
    one = watching(tmp_path)
    show(tmp_path / "log", [*GOOD, *(person_act("2006-11-01") for _ in range(3))], [SIGNER])
    assert [indices(next(visits(one, whole=whole))) for whole in (False, True, False)] == [[1], [2], [3]]


def test_each_damaged_tile_is_named_in_its_turn(tmp_path: Path) -> None:
    """Beyond so many, the next visits look at them once more; one that was mended is none."""
    show(tmp_path / "log", [person_act("2006-12-20") for _ in range(4 * 256)], [SIGNER])
    one = monitor(tmp_path, FolderSource(tmp_path / "log"), [])
    tiles = [tmp_path / "log/tile/0" / f"{number:03}" for number in range(3)]
    for path in tiles:
        flip(path, 7)
    named = [next(visits(one)).faults for _ in range(2)]
    flip(tiles[2], 7)
    named.append(next(visits(one)).faults)
    assert [[fault.details["tile-path"] for fault in faults] for faults in named] == [
        ["tile/0/000"],
        ["tile/0/001"],
        [],
    ]
