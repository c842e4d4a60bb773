"""A monitor in this process, with its own clock: following, hooks that fail, heads from their edges."""

import json
import shutil
from datetime import UTC, datetime, timedelta
from errno import ENOSPC
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openroll.tlog import Checkpoint, CompactRange, Entry, Signer, sign_note, verify_consistency
from openroll.watch.__main__ import say
from openroll.watch.audit.collect import LogSources
from openroll.watch.audit.entries import CivilDays, EntryRules
from openroll.watch.audit.heads import Head, edge_prefixes
from openroll.watch.audit.monitor import Hooks, Monitor
from openroll.watch.audit.recheck import recheck
from openroll.watch.audit.render import as_text
from openroll.watch.audit.report import MonitorLimits, VisitReport
from openroll.watch.audit.state import BusyState, DamagedState, lock_state_folder
from openroll.watch.audit.trust import Trust
from openroll.watch.source import FolderSource, Unreachable
from tests.watch.cheats.forge import person_act, show

SIGNER = Signer.from_seed("log.example/1", bytes(32), "ed25519")
WITNESS = Signer.from_seed("witness.example", bytes(32), "cosignature")
NOW = datetime(2006, 12, 20, 12, tzinfo=UTC)
GOOD = [person_act("2006-12-20") for _ in range(3)]


class Flaky:
    """A log that does not answer its first so many questions."""

    where = "a flaky log"

    def __init__(self, folder: Path, silent: int) -> None:
        self._folder = FolderSource(folder)
        self._silent = silent

    def get(self, path: str) -> bytes | None:
        """A file, or silence."""
        self._silent -= path == "checkpoint"  # asked for once a visit
        if self._silent >= 0:
            raise Unreachable(self.where, "it does not answer")
        return self._folder.get(path)


def monitor(tmp_path: Path, source: Flaky | FolderSource, waits: list[float], hooks: Hooks = Hooks()) -> Monitor:  # noqa: B008 - frozen
    """A monitor whose waiting is written down and not done."""
    trust = Trust((SIGNER.verifier,), (WITNESS.verifier,))
    state = tmp_path / "state"
    return Monitor(
        state, state / "evidence", LogSources(source), trust, MonitorLimits(), lambda: NOW, waits.append, hooks
    )


def test_waiting_doubles_while_nothing_answers_and_falls_back(tmp_path: Path) -> None:
    """Four silent visits, then good ones; one that could not look is remembered in the status."""
    show(tmp_path / "log", [person_act("2006-12-20")], [SIGNER])
    waits: list[float] = []
    reports: list[VisitReport] = []
    one = monitor(tmp_path, Flaky(tmp_path / "log", 4), waits)
    assert one.follow(60, reports.append, visits=7) == 2
    assert waits == [120, 240, 480, 960, 60, 60]
    assert [report.status for report in reports] == [2, 2, 2, 2, 0, 0, 0]
    assert [report.read for report in reports[4:]] == [1, 0, 0]


def test_a_log_does_not_speak_to_the_terminal(tmp_path: Path) -> None:
    """A field of an act may be called anything; report, explanation and verdict name what cannot be printed."""
    said = "\x1b[2J\x9b31m\nGOOD. all is well"
    act = Entry("roll.opened/1", "2006-12-20", bytes(32), json.dumps({said: 1}))
    show(tmp_path / "log", [act.encode()], [SIGNER])
    one = monitor(tmp_path, FolderSource(tmp_path / "log"), [])
    report = one.once()
    (fault,) = report.faults
    explained = (one.folders[fault.name] / "explanation.txt").read_text(encoding="utf-8")
    for text in (as_text(report, one.folders), explained, say(recheck(one.folders[fault.name], one.trust))):
        assert all(char.isprintable() or char == "\n" for char in text)
        assert "\nGOOD" not in text
    assert "<U+001B>[2J<U+009B>31m<U+000A>GOOD" in explained


def rewritten(tmp_path: Path, hooks: Hooks) -> Monitor:
    """A monitor that saw a log once, which then showed another, and by the next visit shows what it saw again."""
    entries = [person_act("2006-12-20") for _ in range(5)]
    show(tmp_path / "log", entries, [SIGNER])
    one = monitor(tmp_path, FolderSource(tmp_path / "log"), [], hooks)
    assert one.once().status == 0
    show(tmp_path / "other", entries[::-1], [SIGNER])
    one.places = LogSources(FolderSource(tmp_path / "other"))
    one.find = iter((one.places, *[LogSources(FolderSource(tmp_path / "log"))] * 9)).__next__
    return one


def test_a_hook_that_fails_is_a_warning_and_called_until_it_took_the_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A command that is not there and a webhook that nobody answers do not end the watch, nor hide the fault: each visit says it
    again, with each of the two for itself, until both took it; and then no visit does."""
    one = rewritten(tmp_path, Hooks(("/no/such/command",), "http://127.0.0.1:9/"))
    report = one.once()
    (name,) = [fault.name for fault in report.faults]
    assert [fault.kind for fault in report.faults] == ["two-heads"]
    assert [warning.split(" ")[0] for warning in report.warnings] == ["--on-trouble", "--webhook"]
    one.hooks = Hooks(("touch", "-c"), "http://127.0.0.1:9/")
    again = one.once()
    assert (again.status, [fault.name for fault in again.faults]) == (1, [name])
    assert [warning.split(" ")[0] for warning in again.warnings] == ["--webhook"]
    one.hooks = Hooks(("/no/such/command",))
    (warning,) = one.once().warnings
    assert "--webhook did not take 1 faults yet" in warning
    posts: list[dict[str, Any]] = []
    monkeypatch.setattr("openroll.watch.audit.monitor.post", lambda _, what, **__: posts.append(what))
    one.hooks = Hooks(("/no/such/command",), "http://127.0.0.1:9/")
    assert one.once().status == 1
    assert [(fault["new"], fault["evidence"]) for fault in posts[0]["faults"]] == [(True, str(one.folders[name]))]
    assert one.once().status == 0
    assert len(posts) == 1


@pytest.mark.parametrize("during", ["hook", "report"])
def test_a_visit_that_ends_while_it_tells_is_no_telling(
    during: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed while a hook runs, or before its report is printed, a visit told nobody: the next says it again, and then none."""
    one = rewritten(tmp_path, Hooks(("touch", "-c") if during == "hook" else ()))

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("subprocess.run", killed)
        with pytest.raises(KeyboardInterrupt):
            one.once(killed)
    told: list[VisitReport] = []
    assert one.follow(60, told.append, visits=2) == 1
    assert [[fault.kind for fault in report.faults] for report in told] == [["two-heads"], []]


def test_a_full_disk_hides_no_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be kept is printed and sent all the same, once by each monitor that goes on running."""
    one = rewritten(tmp_path, Hooks((), "http://127.0.0.1:9/"))
    one.find, posts = None, list[dict[str, Any]]()

    def full(*_: object, **__: object) -> None:
        raise OSError(ENOSPC, "No space left on device")

    monkeypatch.setattr("openroll.watch.audit.monitor.post", lambda _, what, **__: posts.append(what))
    for name in ("finding.write_all_durably", "state.write_durably"):
        monkeypatch.setattr(f"openroll.watch.audit.{name}", full)
    told: list[VisitReport] = []
    assert one.follow(60, told.append, visits=2) == 1
    for report in told:
        assert [fault.kind for fault in report.faults] == ["two-heads"]
        (trouble,) = report.trouble
        assert "cannot be kept (No space left on device)" in trouble
    assert len(posts) == 1


@pytest.mark.parametrize("room", [16_000_000, 0])
def test_evidence_that_could_not_be_written_is_written_later(
    room: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until it is written it waits in the state, or, where that has no `room`, is found again; then it is told once more."""
    monkeypatch.setattr("openroll.watch.audit.state.MOST_UNWRITTEN", room)
    show(tmp_path / "log", GOOD, [SIGNER])
    hooks = Hooks(("sh", "-c", f'test -d "$0"; echo $? >> {tmp_path}/told'))
    disk = tmp_path / "disk"

    def visited() -> VisitReport:
        one = monitor(tmp_path, FolderSource(tmp_path / "log"), [], hooks)
        one.evidence = disk / "evidence"
        return one.once()

    assert visited().status == 0
    disk.write_text("", encoding="ascii")  # nothing can be written below it
    show(tmp_path / "log", [*GOOD, person_act("2006-11-01")], [SIGNER])
    (trouble,) = visited().trouble
    assert "cannot be kept" in trouble
    disk.unlink()
    assert [fault.kind for fault in visited().faults] == ["back-dated"]
    (place,) = (disk / "evidence").iterdir()
    assert recheck(place, Trust((SIGNER.verifier,))).answer == "holds"
    assert (tmp_path / "told").read_text(encoding="ascii") == "1\n0\n"
    assert visited().status == 0


def test_a_witness_that_goes_back_in_time(tmp_path: Path) -> None:
    """A larger head with an older cosignature of the same witness is a fault."""
    entries = [person_act("2006-12-20") for _ in range(5)]
    one = monitor(tmp_path, FolderSource(tmp_path / "log"), [])
    kinds = []
    for count, time in ((3, 1_166_600_000), (4, 1_166_600_100), (5, 1_166_600_050)):
        note = show(tmp_path / "log", entries[:count], [SIGNER])
        text = note.decode().partition("\n\n")[0] + "\n"
        line = sign_note(text, [WITNESS], timestamp=time).decode().partition("\n\n")[2]
        (tmp_path / "log/checkpoint").write_bytes(note + line.encode())
        kinds += [fault.kind for fault in one.once().faults]
    assert kinds == ["time-went-back"]


def test_a_folder_of_another_log_or_of_another_monitor_is_refused(tmp_path: Path) -> None:
    """One folder, one log, one monitor; and a damaged state is not taken for an empty one."""
    show(tmp_path / "log", [person_act("2006-12-20")], [SIGNER])
    one = monitor(tmp_path, FolderSource(tmp_path / "log"), [])
    with lock_state_folder(tmp_path / "state"), pytest.raises(BusyState):
        one.once()
    one.once()
    other = Signer.from_seed("log.example/2", bytes(32), "ed25519")
    one.trust = Trust((other.verifier,))
    with pytest.raises(DamagedState, match=r"follows the log log\.example/1"):
        one.once()
    (tmp_path / "state/state.json").write_bytes(b"{")
    with pytest.raises(DamagedState, match="is damaged"):
        one.once()


@settings(deadline=None)  # other work on the machine is no fault of the proof
@given(size=st.integers(1, 700))
def test_an_edge_proves_what_the_tree_was(size: int) -> None:
    """From the edge alone: the root at the end of each perfect subtree, with a proof that leads to the head."""
    entries = [str(number).encode() for number in range(size)]
    mark = CompactRange().extend(entries)
    head = Head("here", b"", Checkpoint("x", size, mark.root), None, mark)
    known = edge_prefixes(head)
    assert len(known) == size.bit_count() - 1
    for prefix in known:
        assert prefix.root == CompactRange().extend(entries[: prefix.size]).root
        verify_consistency(prefix.size, size, prefix.proof, prefix.root, mark.root)


@settings(deadline=None)
@given(days=st.integers(0, 40), hours=st.integers(0, 72), tolerance=st.integers(0, 48))
def test_back_dated_means_later_than_allowed(days: int, hours: int, tolerance: int) -> None:
    """By the last visit: exactly when it was later than the end of the entry's day and the tolerance."""
    seen = NOW + timedelta(hours=hours)
    day = NOW.date() - timedelta(days=days)
    rules = EntryRules(CivilDays(UTC), timedelta(hours=tolerance), seen, seen=seen)
    found = [wrong.kind for wrong in rules.take(person_act(day.isoformat()))]
    over = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1, hours=tolerance)
    assert (found == ["back-dated"]) == (seen > over)


@pytest.mark.parametrize(("years", "said"), [(0, False), (20, True)])
def test_a_visit_by_a_clock_of_another_year_says_so(years: int, said: bool) -> None:
    """A day that is years before the visit is back-dated, and the sentence names the clock of a demonstration beside."""
    seen = NOW + timedelta(days=365 * years + 9)
    rules = EntryRules(CivilDays(UTC), timedelta(hours=6), seen, seen=seen)
    (wrong,) = rules.take(person_act(NOW.date().isoformat()))
    assert (wrong.kind, "a demonstration stands in another year" in wrong.what) == ("back-dated", said)


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_days_at_the_ends_of_the_calendar(day: str, tmp_path: Path) -> None:
    """An entry may name any day there is; it is judged and breaks nothing, nor does a mirror that lacks it."""
    entries = [person_act("2006-12-20"), person_act("2006-12-20"), person_act(day), b"no entry"]
    show(tmp_path / "log", entries, [SIGNER])
    for size in (2, 3):
        show(tmp_path / f"mirror-{size}", entries[:size], [SIGNER])
    one = monitor(tmp_path, FolderSource(tmp_path / "log"), [])
    one.places = LogSources(one.places.log, mirrors=[FolderSource(tmp_path / f"mirror-{size}") for size in (2, 3)])
    kinds = {fault.kind for fault in one.once().faults}
    # A mirror that lacks what is dated ahead has all the time there is to fetch it.
    assert kinds == {"not-an-entry", *({"back-dated", "stale-mirror"} if day < "2006" else {"post-dated"})}


@given(data=st.data())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_evidence_that_anyone_may_have_written_never_breaks_the_check(tmp_path: Path, data: st.DataObject) -> None:
    """Whatever a folder holds, the answer is a verdict; and bytes that were flipped or cut never turn a failure into a proof."""
    folder = tmp_path / "whole"
    if not folder.exists():
        entries = [person_act("2006-12-20") for _ in range(300)]
        show(tmp_path / "log", entries[:250], [SIGNER])
        one = monitor(tmp_path, FolderSource(tmp_path / "log"), [])
        one.once()
        show(tmp_path / "log", entries[::-1], [SIGNER])
        (fault,) = one.once().faults
        one.folders[fault.name].rename(folder)
        assert recheck(folder, one.trust).answer == "holds"
    trust = Trust((SIGNER.verifier,), (WITNESS.verifier,))
    broken = tmp_path / "broken"
    shutil.rmtree(broken, ignore_errors=True)
    shutil.copytree(folder, broken)
    name = data.draw(st.sampled_from(["head-1", "head-2", "proof", "prefix-root", "evidence.json"]))
    content = bytearray((broken / name).read_bytes())
    if data.draw(st.booleans()):
        content[data.draw(st.integers(0, len(content) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    else:
        del content[data.draw(st.integers(0, len(content) - 1)) :]
    (broken / name).write_bytes(bytes(content))
    answer = recheck(broken, trust).answer
    if name != "evidence.json":
        same = bytes(content).strip() == (folder / name).read_bytes().strip()
        assert answer == "fails" or same or name == "prefix-root", name
