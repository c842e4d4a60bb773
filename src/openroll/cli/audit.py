"""Commands for outsiders: following a log that somebody else keeps, and checking what a monitor shows."""

import json
import shlex
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cyclopts import App

from openroll.cli.output import bar, fail, line
from openroll.cli.wiring import Wiring
from openroll.tlog import TlogError, parse_policy
from openroll.watch.__main__ import STATUS, say
from openroll.watch.audit.collect import Places, Shown
from openroll.watch.audit.entries import Days
from openroll.watch.audit.monitor import Hooks, Monitor
from openroll.watch.audit.recheck import recheck
from openroll.watch.audit.render import plain, told
from openroll.watch.audit.report import Limits, Report
from openroll.watch.audit.state import BusyState, DamagedState
from openroll.watch.audit.trust import Trust, trust_of
from openroll.watch.source import HttpSource, Source, Unreachable, log_at, source_of

LONGEST_WAIT = 31 * 86_400
"""Seconds between two visits at most: a monitor that comes more seldom is no monitor."""
MOST_HOURS = 10 * 366 * 24


def add(app: App, wiring: Wiring) -> None:
    """Add the commands of a monitor."""

    _add_audit(app, wiring)
    _add_evidence(app)


def _add_audit(app: App, wiring: Wiring) -> None:
    @app.command
    def audit(  # noqa: PLR0913 - each is an option of one command
        place: str,
        /,
        *,
        key: list[str],
        state: Path,
        witness_key: list[str] | None = None,
        policy: Path | None = None,
        mirror: list[str] | None = None,
        witness: list[str] | None = None,
        head: list[Path] | None = None,
        receipt: list[Path] | None = None,
        figures: str = "",
        evidence: Path | None = None,
        zone: str = "",
        tolerance_hours: float = 6.0,
        mirror_hours: float = 24.0,
        mirror_entries: int | None = None,
        quiet_hours: float = 168.0,
        whole: bool = False,
        roll: bool | None = None,
        follow: bool = False,
        every: float = 300.0,
        visits: int | None = None,
        on_trouble: str = "",
        webhook: str = "",
        json_: bool = False,
    ) -> None:
        """Follow a log from outside, trusting nobody. Status 0: all agrees; 1: it does not, with evidence; 2: could not look.

        Parameters
        ----------
        place
            The address of a roll or of any C2SP log, or a folder with a log's files.
        key
            A public key of the log, or a file with one a line. Each of them must have signed.
        state
            A folder of the monitor's own: the last head it saw, and what it counted.
        witness_key
            A public key of a witness, or a file with one a line.
        policy
            A policy file (C2SP tlog-policy): its witnesses, and how many must have cosigned the log's head.
        mirror
            A mirror of the log, by address or folder.
        witness
            A witness, by its monitoring prefix.
        head
            A head that somebody else was shown, as a file.
        receipt
            A receipt that the log must stand by.
        figures
            The address below which the roll's figures/ are (default: beside the log).
        evidence
            Where evidence is written (default: the folder evidence in --state).
        zone
            The time zone of the roll's rule, as Asia/Shanghai. Without it a day lasts as long as it does anywhere.
        tolerance_hours
            How long after the end of its day an entry may come into the log.
        mirror_hours
            How long a mirror may be behind; longer is a fault.
        mirror_entries
            How many entries a mirror may be behind; more is a fault.
        quiet_hours
            How long the head may stand still without a warning.
        whole
            Read every entry again, and hold every tile against them.
        roll
            Take the log for a roll's, or (--no-roll) for one whose entries are not to be read; by default its first entry tells.
        follow
            Visit again and again.
        every
            Seconds between two visits.
        visits
            End after so many visits.
        on_trouble
            A command that is run for each new fault, with the evidence folder as its last argument.
        webhook
            An address that gets new faults as JSON, by POST.
        json_
            Report as JSON, a line a visit.
        """
        limits = Limits(
            Days(_zone(zone)),
            _hours("--tolerance-hours", tolerance_hours),
            _hours("--mirror-hours", mirror_hours),
            mirror_entries,
            _hours("--quiet-hours", quiet_hours),
            whole,
            roll,
        )
        if not 0 < every <= LONGEST_WAIT or (visits is not None and visits < 1):
            fail(f"--every is a number of seconds above 0, and at most {LONGEST_WAIT:,}; --visits is 1 or more.")
        witnesses = [source_of(one) for one in witness or ()]
        known = Places(source_of(place), None, (), witnesses, _shown(head or ()), _shown(receipt or ()))
        sought = Sought(place, mirror or (), figures, known)
        hooks = Hooks(shlex.split(on_trouble), webhook)
        with bar() as show:
            monitor = Monitor(
                state,
                evidence or state / "evidence",
                known,
                _trust(key, witness_key or (), policy),
                limits,
                wiring.clock,
                time.sleep,
                hooks,
                show,
                find=sought.places,
            )
            raise SystemExit(_run(monitor, every, visits if follow else 1, in_json=json_))


def _add_evidence(app: App) -> None:
    @app.command
    def evidence(folder: Path, /, *, key: list[str], witness_key: list[str] | None = None) -> None:
        """Check a monitor's evidence, offline. Status 0: it convinces by itself; 3: it rests on somebody's word; 1: it fails.

        Parameters
        ----------
        folder
            The folder a monitor wrote.
        key
            A public key of the log, or a file with one a line.
        witness_key
            A public key of a witness, or a file with one a line.
        """
        if not folder.is_dir():
            fail(f"{folder} is no folder.")
        verdict = recheck(folder, _trust(key, witness_key or ()))
        line(say(verdict))
        raise SystemExit(STATUS[verdict.answer])


def _run(monitor: Monitor, every: float, visits: int | None, *, in_json: bool) -> int:
    def tell(report: Report) -> None:
        if in_json:
            line(json.dumps(told(report, monitor.folders, monitor.fresh)))
        else:
            line(plain(report, monitor.folders).removesuffix("\n"))

    try:
        return monitor.follow(every, tell, visits)
    except (DamagedState, BusyState) as error:
        fail(f"{error}.")
    except TlogError as error:
        fail(f"the head kept in {monitor.folder} does not verify with these keys: {error}.")
    except OSError as error:
        fail(f"{error.filename or monitor.folder} cannot be used: {error.strerror or error}.")


class Sought:
    """The places to look at: an address may be a roll's, or a whole mirror's, whose log is below it.

    What did not answer is looked for again at the next visit; what was found once is kept.
    """

    def __init__(self, place: str, mirrors: Sequence[str], figures: str, known: Places) -> None:
        """`known` has everything that need not be looked for."""
        self._place = place
        self._mirrors = mirrors
        self._figures = figures
        self._known = known
        self._found: dict[str, Source] = {}
        self._pages: Source | None = None

    def places(self) -> Places:
        """Where everything is, as far as it answers."""
        log, mirrors = self._log(self._place), [self._log(one) for one in self._mirrors]
        if self._pages is None and (address := self._pages_of(log)):
            self._pages = source_of(address)
        return replace(self._known, log=log, public=self._pages, mirrors=mirrors)

    def _log(self, place: str) -> Source:
        if place not in self._found:
            try:
                found = log_at(place)
            except Unreachable:
                found = None
            if found is None:
                return source_of(place)  # what it answers, if it does, is for the visit to say
            self._found[place] = found
        return self._found[place]

    def _pages_of(self, log: Source) -> str:
        """Where the roll's public pages are: as was said, or where the log is below them; empty where nobody knows."""
        if self._figures:
            return self._figures
        below = log.where != source_of(self._place).where or isinstance(log, HttpSource)
        return log.where.removesuffix("/log") if below and log.where.endswith("/log") else ""


def _trust(keys: Sequence[str], witnesses: Sequence[str], policy: Path | None = None) -> Trust:
    try:
        trust = trust_of(keys, witnesses)
        return trust if policy is None else trust.under(parse_policy(policy.read_bytes()))
    except (OSError, UnicodeDecodeError, TlogError) as error:
        fail(f"the key or policy cannot be read: {error}.")


def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError):
        fail(f"there is no time zone {name!r}; one is called Asia/Shanghai.")


def _hours(name: str, value: float) -> timedelta:
    if not 0 <= value <= MOST_HOURS:
        fail(f"{name} is a number of hours from 0 to {MOST_HOURS:,}.")
    return timedelta(hours=value)


def _shown(paths: Sequence[Path]) -> list[Shown]:
    try:
        return [Shown(str(path), path.read_bytes()) for path in paths]
    except OSError as error:
        fail(f"{error.filename} cannot be read: {error.strerror}.")
