"""A monitor with its state folder: visits a log once or again and again, writes evidence, calls hooks."""

import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx

from openroll.durable import write_durably
from openroll.tlog import KEY_HISTORY, TlogError
from openroll.watch.audit.collect import LogSources
from openroll.watch.audit.entry_scan import Progress
from openroll.watch.audit.finding import write_evidence
from openroll.watch.audit.render import as_json
from openroll.watch.audit.report import MonitorLimits, VisitReport
from openroll.watch.audit.state import DamagedState, State, lock_state_folder, read_state, write_state
from openroll.watch.audit.trust import Trust
from openroll.watch.audit.visit import visit
from openroll.watch.http_client import post
from openroll.watch.source import Unreachable

MOST_BACKOFF = 3_600.0
"""Seconds at most between two tries while a log does not answer."""

_HOOK_TAKES = 300


@dataclass(frozen=True, slots=True)
class Hooks:
    """What the monitor calls for a new fault: a command (its last argument is the evidence folder), or an address (webhook)."""

    command: Sequence[str] = ()
    webhook: str = ""


@dataclass
class Monitor:
    """Monitors one log from one state folder. Clock and sleep come from outside.

    `find` looks for the places anew before each visit: who begins before the log answers cannot know yet where it is.
    """

    folder: Path
    evidence: Path
    places: LogSources
    trust: Trust
    limits: MonitorLimits
    clock: Callable[[], datetime]
    sleep: Callable[[float], None]
    hooks: Hooks = Hooks()
    progress: Progress = lambda *_: None
    folders: dict[str, Path] = field(default_factory=dict)
    fresh: set[str] = field(default_factory=set)
    find: Callable[[], LogSources] | None = None

    def once(self) -> VisitReport:
        """Visit once: write evidence, keep the state, call the hooks.

        Raises DamagedState, BusyState, OSError, or a TlogError when the head kept does not verify with the keys given.
        """
        with lock_state_folder(self.folder):
            state = read_state(self.folder)
            if state.origin not in ("", self.trust.origin):
                raise DamagedState(f"{self.folder} follows the log {state.origin}, not {self.trust.origin}")
            now = self.clock()
            if self.find is not None:
                self.places = self.find()
            trust, doubts = self._following()
            report = visit(
                self.places,
                trust,
                state,
                self.limits,
                now,
                pause=lambda: self.sleep(2.0),
                progress=self.progress,
            )
            report.warnings += doubts
            self._show(report, state, now, trust.history)
            write_state(self.folder, state)
        self._call(report)
        return report

    def _following(self) -> tuple[Trust, list[str]]:
        """The trust of today: where the log changed its keys, carried on as far as that is proved from those given.

        Where it is not, what later keys signed is refused like what anybody signed, and the report says why.
        """
        kept = self.folder / "key-history"
        try:
            history = self.places.log.get(KEY_HISTORY) or (kept.read_bytes() if kept.exists() else None)
            if history is None:
                return self.trust, []
            trust = self.trust.following(history)
            if trust.history:
                write_durably(kept, trust.history)  # what was proved once is not asked for again
            return trust, []
        except TlogError as error:
            return self.trust, [f"the log's key history does not lead on from the keys you gave: {error}"]
        except Unreachable:
            return self.trust, []  # the visit says by itself that nothing answers

    def _show(self, report: VisitReport, state: State, now: datetime, history: bytes) -> None:
        self.folders, self.fresh = {}, set()
        keys = [str(one) for one in (*self.trust.log, *self.trust.witnesses)]
        for fault in report.faults:
            place = write_evidence(self.evidence, fault, log=report.log, seen=now, keys=keys, history=history)
            self.folders[fault.name] = place
            if fault.name not in state.known:
                self.fresh.add(fault.name)
                state.known.append(fault.name)
        earlier = len(set(state.known) - self.folders.keys())
        if earlier:
            report.warnings.append(f"{earlier:,} faults of earlier visits lie in {self.evidence}")

    def follow(self, every: float, tell: Callable[[VisitReport], None], visits: int | None = None) -> int:
        """Visit every so many seconds, `visits` times or without end; gives the worst status.

        While something does not answer the waiting doubles, up to an hour, and falls back when it answers.
        """
        worst, wait = 0, every
        while True:
            report = self.once()
            tell(report)
            worst = 1 if 1 in (worst, report.status) else max(worst, report.status)
            wait = min(max(2 * wait, every), max(MOST_BACKOFF, every)) if report.trouble else every
            if visits is not None:
                visits -= 1
                if visits <= 0:
                    return worst
            self.sleep(wait)

    def _call(self, report: VisitReport) -> None:
        """Call the hooks for new faults. One that fails is a warning: it must not end the watch."""
        for name in sorted(self.fresh):
            if self.hooks.command:
                _warn(report, "--on-trouble", lambda name=name: self._run(name))  # type: ignore[misc]
        if self.hooks.webhook and self.fresh:
            _warn(report, "--webhook", lambda: self._post(as_json(report, self.folders, self.fresh)))

    def _run(self, name: str) -> None:
        # The folder's name is ours: a kind and eight digits. Nothing the log says comes near the command line.
        done = subprocess.run([*self.hooks.command, str(self.folders[name])], timeout=_HOOK_TAKES, check=False)  # noqa: S603
        if done.returncode:
            raise OSError(f"it ended with status {done.returncode}")

    def _post(self, what: dict[str, Any]) -> None:
        post(self.hooks.webhook, what, seconds=20)


def _warn(report: VisitReport, hook: str, call: Callable[[], None]) -> None:
    try:
        call()
    except (OSError, subprocess.SubprocessError, httpx.HTTPError, httpx.InvalidURL) as error:
        report.warnings.append(f"{hook} failed: {error}")
