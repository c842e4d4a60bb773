"""A monitor with its state folder: visits a log once or again and again, writes evidence, calls hooks."""

import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import httpx2

from openroll.durable import write_durably
from openroll.tlog import KEY_HISTORY, TlogError
from openroll.watch.audit.collect import LogSources
from openroll.watch.audit.entry_scan import Progress
from openroll.watch.audit.finding import Finding, write_evidence
from openroll.watch.audit.render import as_json
from openroll.watch.audit.report import MonitorLimits, VisitReport
from openroll.watch.audit.state import (
    DamagedState,
    State,
    Untold,
    Unwritten,
    lock_state_folder,
    read_state,
    write_state,
)
from openroll.watch.audit.trust import Trust
from openroll.watch.audit.visit import visit
from openroll.watch.http_client import post
from openroll.watch.source import Unreachable

MOST_BACKOFF = 3_600.0
"""Seconds at most between two tries while a log does not answer."""

_HOOK_TAKES = 300

HOOKS = (COMMAND, WEBHOOK) = ("--on-trouble", "--webhook")


@dataclass(frozen=True, slots=True)
class Hooks:
    """What the monitor calls for a new fault: a command (its last argument is the evidence folder), or an address (webhook)."""

    command: Sequence[str] = ()
    webhook: str = ""

    def named(self) -> tuple[str, ...]:
        """The hooks that there are, by their options."""
        return tuple(hook for hook, there in zip(HOOKS, (self.command, self.webhook), strict=True) if there)


@dataclass
class Monitor:
    """Monitors one log from one state folder. Clock and sleep come from outside.

    `folders` has the evidence of each fault of the last visit, `fresh` names those that are new or not told yet, `taken` what
    each hook took and `unwritten` the evidence that waits, should the state not be writable. `find` looks for the places anew
    before each visit: who begins before the log answers cannot know yet where it is.
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
    taken: set[tuple[str, str]] = field(default_factory=set)
    unwritten: dict[str, Unwritten] = field(default_factory=dict)
    find: Callable[[], LogSources] | None = None

    def once(self, tell: Callable[[VisitReport], None] = lambda _: None) -> VisitReport:
        """Visit once: write evidence, keep the state, call the hooks, `tell` the report.

        A fault stays `untold` in the state until the hooks took it and the report was told, whatever ends the visit before.
        Raises DamagedState, BusyState, OSError, or a TlogError when the head kept does not verify with the keys given.
        """
        with lock_state_folder(self.folder):
            state = read_state(self.folder)
            if state.origin not in ("", self.trust.origin):
                raise DamagedState(f"{self.folder} follows the log {state.origin}, not {self.trust.origin}")
            now = self.clock()
            if self.find is not None:
                self.places = self.find()
            state.unwritten |= self.unwritten
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
            state = self._to_keep(state)
            with _kept(report):
                write_state(self.folder, state)
            self._call(report, state)
            tell(report)
            if state.untold:
                state.untold = {name: one for name, one in state.untold.items() if one.hooks}
                with suppress(OSError):  # then they are told once more, which harms nobody
                    write_state(self.folder, state)
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
            if trust.history and not (kept.exists() and kept.read_bytes() == trust.history):
                with suppress(OSError):  # else it is asked for once more; the state says what cannot be kept
                    write_durably(kept, trust.history)
            return trust, []
        except TlogError as error:
            return self.trust, [f"the log's key history does not lead on from the keys you gave: {error}"]
        except Unreachable:
            return self.trust, []  # the visit says by itself that nothing answers

    def _show(self, report: VisitReport, state: State, now: datetime, history: bytes) -> None:
        """Write the evidence, and note who is to be told of what; faults that are still untold are faults of this visit too."""
        self.folders = {}
        found = (Unwritten(fault, now, history) for fault in report.faults)
        for evidence in (*state.unwritten.values(), *found):
            self._write(report, state, evidence)
        for fault in report.faults:
            if fault.name not in state.known:
                state.known.append(fault.name)
                state.untold[fault.name] = Untold(fault.kind, fault.where, fault.what, list(self.hooks.named()))
        names = {fault.name for fault in report.faults}
        for name, one in state.untold.items():
            one.hooks = [hook for hook in one.hooks if (name, hook) not in self.taken]
            if name not in names:
                report.faults.append(Finding(one.kind, one.where, one.what, of_earlier=name))
                self.folders[name] = self.evidence / name
        self.fresh = set(state.untold)
        earlier = len(set(state.known) - names - self.fresh)
        if earlier:
            report.warnings.append(f"{earlier:,} faults of earlier visits lie in {self.evidence}")

    def _write(self, report: VisitReport, state: State, one: Unwritten) -> None:
        """Write evidence, or keep it until it can be: then whoever was told of a folder that was not there is told anew."""
        fault, keys = one.fault, [str(key) for key in (*self.trust.log, *self.trust.witnesses)]
        with _kept(report):
            place = write_evidence(self.evidence, fault, log=report.log, seen=one.seen, keys=keys, history=one.history)
            self.folders[fault.name] = place
            if state.unwritten.pop(fault.name, None) is not None:
                state.untold[fault.name] = Untold(fault.kind, fault.where, fault.what, list(self.hooks.named()))
                self.taken -= {(fault.name, hook) for hook in HOOKS}
            return
        state.unwritten.setdefault(fault.name, one)

    def _to_keep(self, state: State) -> State:
        """The state to write. Where more evidence waits than it may hold, that is the one of before with what is known and waits:
        the next visit begins where this one did, and finds the rest again."""
        dropped = state.drop_unwritten()
        self.unwritten = state.unwritten
        if not dropped:
            return state
        before = read_state(self.folder)
        before.known = [name for name in state.known if name not in dropped]
        before.untold, before.unwritten = state.untold, state.unwritten
        return before

    def follow(self, every: float, tell: Callable[[VisitReport], None], visits: int | None = None) -> int:
        """Visit every so many seconds, `visits` times or without end; gives the worst status.

        While something does not answer the waiting doubles, up to an hour, and falls back when it answers.
        """
        worst, wait = 0, every
        while True:
            report = self.once(tell)
            worst = 1 if 1 in (worst, report.status) else max(worst, report.status)
            wait = min(max(2 * wait, every), max(MOST_BACKOFF, every)) if report.trouble else every
            if visits is not None:
                visits -= 1
                if visits <= 0:
                    return worst
            self.sleep(wait)

    def _call(self, report: VisitReport, state: State) -> None:
        """Call the hooks for what they were not told yet. One that fails is a warning, and called again at the next visit."""
        for hook in HOOKS:
            owed = sorted(name for name, one in state.untold.items() if hook in one.hooks)
            if owed and hook not in self.hooks.named():
                report.warnings.append(f"{hook} did not take {len(owed):,} faults yet: a visit that has it tries again")
                continue
            for names, call in self._calls(hook, owed, report):
                if _works(report, hook, call):
                    self.taken |= {(name, hook) for name in names}
                    for name in names:
                        state.untold[name].hooks.remove(hook)

    def _calls(self, hook: str, owed: list[str], report: VisitReport) -> list[tuple[list[str], Callable[[], None]]]:
        """What calls a hook, each with the faults that it tells: a command of each, an address of all at once."""
        if hook == COMMAND:
            return [([name], partial(self._run, name)) for name in owed]
        return [(owed, lambda: self._post(as_json(report, self.folders, set(owed))))] if owed else []

    def _run(self, name: str) -> None:
        # The folder's name is ours: a kind and eight digits. Nothing the log says comes near the command line.
        folder = self.folders.get(name, self.evidence / name)
        done = subprocess.run([*self.hooks.command, str(folder)], timeout=_HOOK_TAKES, check=False)  # noqa: S603 - the reader's own
        if done.returncode:
            raise OSError(f"it ended with status {done.returncode}")

    def _post(self, what: dict[str, Any]) -> None:
        post(self.hooks.webhook, what, seconds=20)


def _works(report: VisitReport, hook: str, call: Callable[[], None]) -> bool:
    """Call a hook; whether it took what it was told."""
    try:
        call()
    except (OSError, subprocess.SubprocessError, httpx2.HTTPError, httpx2.InvalidURL) as error:
        report.warnings.append(f"{hook} failed: {error}")
        return False
    return True


@contextmanager
def _kept(report: VisitReport) -> Iterator[None]:
    """What cannot be written hides nothing that was found: it is said beside it, once, and the visit goes on."""
    try:
        yield
    except OSError as error:
        said = f"what was found cannot be kept ({error.strerror or error}): the next visit tries again"
        if said not in report.trouble:
            report.trouble.append(said)
