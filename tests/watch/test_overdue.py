"""A request that no entry moves on, though its time was over and the log goes on, is named by who follows the log."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from openroll.register.event import Event
from openroll.register.request import events
from openroll.register.request.state import fold
from openroll.tlog import Signer
from openroll.watch.audit.collect import LogSources
from openroll.watch.audit.entries import CivilDays
from openroll.watch.audit.monitor import Monitor
from openroll.watch.audit.overdue import overdue
from openroll.watch.audit.recheck import recheck
from openroll.watch.audit.report import MonitorLimits, VisitReport
from openroll.watch.audit.trust import Trust
from openroll.watch.source import FolderSource
from tests.watch.cheats.forge import act_of, person_act, show
from tests.watch.test_forged_requests import filed, known

SIGNER = Signer.from_seed("log.example/1", bytes(32), "ed25519")
FILED = filed()


def day(number: int) -> str:
    """The day so many days after the request was filed."""
    return (FILED.at + timedelta(number)).date().isoformat()


def lived(*, answered: bool) -> list[bytes]:
    """The entries of a request that was filed, and of one that was answered as well: then its person is to be told."""
    facts: list[Event] = [*known(), FILED]
    if answered:
        of: dict[str, Any] = {"request": 1, "at": FILED.at, "rule": FILED.rule}
        facts += [
            events.RequestApproved(**of, by="court/2", fields=FILED.fields, why=""),
            events.RequestOpened(**of, by="east/2", organisation="east"),
            events.RequestAnswered(**of, by="east/2", outcome="given", fields=FILED.fields, envelope="ab" * 32),
        ]
    return [act_of(fact, day(0)).entry.encode() for fact in facts]


class Followed:
    """A log that grows, and who follows it."""

    def __init__(self, folder: Path, entries: list[bytes]) -> None:
        self.folder, self.entries = folder, entries

    def visit(self, *days: int, whole: bool = False) -> tuple[Monitor, VisitReport]:
        """The log has an entry more of each of these days, and is visited on the last of them."""
        self.entries += [person_act(day(one)) for one in days]
        show(self.folder / "log", self.entries, [SIGNER])
        places, now = LogSources(FolderSource(self.folder / "log")), FILED.at + timedelta(max(days, default=0))
        state, limits = self.folder / "state", MonitorLimits(whole=whole)
        trust = Trust((SIGNER.verifier,))
        monitor = Monitor(state, state / "evidence", places, trust, limits, lambda: now, lambda _: None)
        return monitor, monitor.once()


@pytest.mark.parametrize(("answered", "time"), [(True, 3), (False, 10)])
def test_who_is_never_told_and_what_is_never_decided_is_named_once(answered: bool, time: int, tmp_path: Path) -> None:
    """A person who is to be told within three days, a reviewer who has ten: a week of entries later the fault is named, to who
    reads on and to who reads all; a visit after it says no more."""
    log = Followed(tmp_path, lived(answered=answered))
    assert log.visit(0, time)[1].status == 0
    assert log.visit(time + 1, time + 8)[1].status == 0
    monitor, report = log.visit(time + 9)
    assert (report.status, [fault.kind for fault in report.faults]) == (1, ["overdue"])
    assert ("its person was not told" in report.faults[0].what) == answered
    verdict = recheck(monitor.folders[report.faults[0].name], monitor.trust)
    assert (verdict.answer, "request 1" in verdict.why) == ("on the word", True)
    assert log.visit(time + 10)[1].status == 0
    again, whole = log.visit(time + 11, whole=True)
    assert ([fault.name for fault in whole.faults], again.fresh) == ([report.faults[0].name], set())
    assert log.visit(time + 12)[1].status == 0


def test_a_log_that_stood_still_is_given_its_week_from_then_on(tmp_path: Path) -> None:
    """A year in which nothing was written shows nobody's delay; the week begins when the log goes on."""
    log = Followed(tmp_path, lived(answered=True))
    assert log.visit(0, 365, 372)[1].status == 0
    assert log.visit(373)[1].status == 1


def test_what_the_log_says_was_over_is_not_overdue() -> None:
    """A delay that stands in public is no fault of the log: the next step's time runs, and it is over in its turn."""
    request = fold([FILED])
    assert request is not None
    assert request.standing.due is not None
    moved = fold(
        [
            FILED,
            events.TimePassed(request=1, at=request.standing.due, by="", rule="", step="under-review", to="to-tell"),
        ]
    )
    assert moved is not None
    for entries, late in (((0, 11, 19), [request]), ((0, 14, 22), [request, moved]), ((0, 10, 17), [])):
        assert overdue([request, moved], [day(one) for one in entries], CivilDays()) == late


def test_what_was_too_many_for_one_visit_the_next_one_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever lets many requests stand hides none of them behind the first."""
    monkeypatch.setattr("openroll.watch.audit.overdue.MOST_OF_A_KIND", 1)
    second = act_of(msgspec.structs.replace(FILED, request=2), day(0)).entry.encode()
    log = Followed(tmp_path, [*lived(answered=False), second])
    assert log.visit(0, 11)[1].status == 0
    named = [log.visit(19 + more)[1].faults for more in range(3)]
    assert [len(faults) for faults in named] == [1, 1, 0]
    assert named[0][0].name != named[1][0].name
