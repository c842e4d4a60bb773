"""The process of the city model: what it answers, what it may cost, and that it goes with whoever started it."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from openroll.compose.server import SIMULATOR
from openroll.report.answer import Answering
from openroll.service.simulation import ProcessDied, Question, SimulationLimits, SimulationProcess
from openroll.service.simulation.messages import (
    AnyMessage,
    Draw,
    Drawn,
    Finished,
    Inconsistent,
    Measure,
    Measured,
    Progress,
)

NOTICE = "cn-cq-2006-notice"
ASK = Measure(Question("village", (NOTICE,), "asymmetric", (("filing.heed", 0.9),)))


def child(code: str) -> list[str]:
    """A command that does what a test wants when it is asked."""
    return [sys.executable, "-c", "import os, sys, time\n" + textwrap.dedent(code)]


def until(true: Callable[[], bool]) -> None:
    """Wait for another process."""
    for _ in range(3000):
        if true():
            return
        time.sleep(0.01)  # waits for a real process
    raise AssertionError("it never came")


def gone(pid: int) -> bool:
    """Whether a process has ended; one that nobody waited for yet has."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


@pytest.fixture(scope="module")
def simulator() -> Iterator[SimulationProcess]:
    """The real process, at ordinary priority, as the tests beside it leave nothing over."""
    made = SimulationProcess([*SIMULATOR, "--as-others"])
    yield made
    made.close()
    made.end()


def test_the_model_itself_answers(simulator: SimulationProcess) -> None:
    """A question comes back as progress, the page in both languages, and an end; its charts are drawn in each, light and dark."""
    *progress, measured, finished = simulator.ask(ASK)
    assert progress
    assert all(isinstance(one, Progress) for one in progress)
    assert isinstance(measured, Measured)
    assert isinstance(finished, Finished)
    assert set(measured.pages) == {"zh", "en"}
    assert {"answer", "table"} <= set(measured.pages["zh"].sections)
    plots = [plot.name for plot in measured.pages["zh"].plots]
    assert plots == [plot.name for plot in measured.pages["en"].plots]
    seen = set()
    for lang, dark in (("zh", False), ("en", True)):
        drawn, finished = simulator.ask(Draw(ASK.question, lang, plots[0], dark))
        assert isinstance(drawn, Drawn)
        seen.add(drawn.svg)
    assert len(seen) == 2
    assert all(one.startswith("<svg") for one in seen)


def test_a_chart_is_drawn_by_a_process_that_never_measured_it() -> None:
    """What the process does not remember it works out again, the same: a new process costs a chart nothing but time."""
    said: list[bytes] = []
    Answering(said.append).answer(msgspec.json.encode(ASK))
    again: list[bytes] = []
    for _ in range(2):
        Answering(again.append).answer(msgspec.json.encode(Draw(ASK.question, "en", "filed", dark=False)))
    drawn = [one for line in again if isinstance(one := msgspec.json.decode(line, type=AnyMessage), Drawn)]
    assert drawn[0] == drawn[1]
    assert msgspec.json.decode(said[-1], type=AnyMessage) == Finished()


def test_the_same_process_answers_the_next_and_tells_nonsense_apart(simulator: SimulationProcess) -> None:
    """The libraries are loaded once; values that make no sense together are said to be so."""
    moved = (("officials.length_half", 1.0), ("officials.length_short", 1.0))
    pids = set()
    for _ in range(2):
        assert list(simulator.ask(Measure(Question("village", (NOTICE,), moved=moved)))) == [Inconsistent()]
        pids.add(simulator.pid)
    assert len(pids) == 1


def test_it_runs_at_the_lowest_priority_and_knows_nothing_of_the_roll(tmp_path: Path) -> None:
    """The process gives way to everything else, dies first when memory is short, and has none of the roll's settings."""
    out = tmp_path / "seen"
    code = f"""
    sys.path.insert(0, {str(Path(__file__).parents[2] / "src")!r})
    from openroll.compose import simulator
    simulator.bound(); simulator.give_way()
    seen = [os.nice(0), os.sched_getscheduler(0) == os.SCHED_IDLE, open("/proc/self/oom_score_adj").read().strip()]
    open({str(out)!r}, "w").write(repr(seen + [sorted(one for one in os.environ if "OPENROLL" in one or "DATABASE" in one)]))
    """
    os.environ["OPENROLL_CODES_KEY"] = "secret"
    try:
        with pytest.raises(ProcessDied):
            list(SimulationProcess(child(code)).ask(ASK))
    finally:
        del os.environ["OPENROLL_CODES_KEY"]
    assert out.read_text() == "[19, True, '1000', []]"


@pytest.mark.parametrize(
    ("code", "limits", "why"),
    [
        ("sys.stdin.readline(); sys.exit(3)", SimulationLimits(), "status 3"),
        ("sys.stdin.readline(); os.kill(os.getpid(), 9)", SimulationLimits(), "status -9"),
        ("sys.stdin.readline(); time.sleep(600)", SimulationLimits(wall_seconds=0.2), "no answer"),
        ("held = b'x' * (80 << 20); time.sleep(600)", SimulationLimits(memory_bytes=64 << 20), "of memory"),
        ("while True: pass", SimulationLimits(processor_seconds=0.05), "processor time"),
        ("print('no message', flush=True); time.sleep(600)", SimulationLimits(), "broke off"),
        ("sys.stdin.close()", SimulationLimits(), "status 0"),
    ],
)
def test_what_goes_wrong_ends_the_process_and_is_said(code: str, limits: SimulationLimits, why: str) -> None:
    """A process that dies, hangs, takes too much or speaks nonsense is ended, the reason is told, and none is left behind."""
    tried = SimulationProcess(child(code), limits)
    with pytest.raises(ProcessDied, match=why):
        list(tried.ask(ASK))
    assert tried.pid is None


def test_a_command_that_is_not_there_is_no_crash() -> None:
    """Where the process cannot be started, and where there is no command for it, the question fails and nothing else."""
    for command in (["/nonexistent/python"], []):
        with pytest.raises(ProcessDied):
            list(SimulationProcess(command).ask(ASK))


def test_it_goes_with_a_server_that_was_killed(tmp_path: Path) -> None:
    """A server that dies by SIGKILL leaves no process behind, in the middle of a question either."""
    code = f"""
    import sys
    from openroll.service.simulation import Question, SimulationProcess
    from openroll.service.simulation.messages import Measure
    process = SimulationProcess({[*SIMULATOR, "--as-others"]!r})
    for _ in process.ask(Measure(Question("chongqing-2006", ({NOTICE!r},)))):
        open({str(tmp_path / "pid")!r}, "w").write(str(process.pid) + "\\n")
    """
    server = subprocess.Popen([sys.executable, "-c", textwrap.dedent(code)])
    try:
        until(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text().endswith("\n"))
        pid = int((tmp_path / "pid").read_text())
        assert not gone(pid)
    finally:
        server.send_signal(signal.SIGKILL)
        server.wait(10)
    until(lambda: gone(pid))
