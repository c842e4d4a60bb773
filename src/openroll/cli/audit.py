"""Commands for outsiders: following a log that somebody else keeps, and checking what a monitor shows."""

import json
import shlex
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cyclopts import App, Parameter

from openroll.cli.output import bar, fail, line
from openroll.cli.wiring import Wiring
from openroll.tlog import TlogError, parse_policy
from openroll.watch.__main__ import STATUS, say
from openroll.watch.audit.collect import LogSources, NamedBytes
from openroll.watch.audit.entries import CivilDays
from openroll.watch.audit.monitor import Hooks, Monitor
from openroll.watch.audit.recheck import recheck
from openroll.watch.audit.render import as_json, as_text
from openroll.watch.audit.report import MonitorLimits, VisitReport
from openroll.watch.audit.state import BusyState, DamagedState
from openroll.watch.audit.trust import Trust, trust_of
from openroll.watch.source import HttpSource, Source, Unreachable, open_log, source_of

LONGEST_WAIT = 31 * 86_400
"""Seconds between two visits at most: a monitor that comes more seldom is no monitor."""
MOST_HOURS = 10 * 366 * 24


def add(app: App, wiring: Wiring) -> None:
    """Add the commands of a monitor."""

    _add_audit(app, wiring)
    _add_evidence(app)


def _option(text: str, **named: Any) -> Parameter:
    return Parameter(help=text, **named)


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Believed:
    """Whose signatures are believed."""

    key: Annotated[
        list[str], _option("A public key of the log, or a file with one a line. Each of them must have signed.")
    ]
    witness_key: Annotated[list[str] | None, _option("A public key of a witness, or a file with one a line.")] = None
    policy: Annotated[
        Path | None,
        _option("A policy file (C2SP tlog-policy): its witnesses, and how many must have cosigned the log's head."),
    ] = None


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Beside:
    """What the log is held against, besides itself."""

    mirror: Annotated[list[str] | None, _option("A mirror of the log, by address or folder.")] = None
    witness: Annotated[list[str] | None, _option("A witness, by its monitoring prefix.")] = None
    head: Annotated[list[Path] | None, _option("A head that somebody else was shown, as a file.")] = None
    receipt: Annotated[list[Path] | None, _option("A receipt that the log must stand by.")] = None
    figures: Annotated[str, _option("The address below which the roll's figures/ are (default: beside the log).")] = ""

    def sought(self, place: str) -> "Sought":
        """All the places to look at."""
        witnesses = [source_of(one) for one in self.witness or ()]
        known = LogSources(source_of(place), None, (), witnesses, _shown(self.head or ()), _shown(self.receipt or ()))
        return Sought(place, self.mirror or (), self.figures, known)


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Bounds:
    """What is still in order, and how much is read."""

    zone: Annotated[
        str,
        _option("The time zone of the roll's rule, as Area/City. Without it a day lasts as long as it does anywhere."),
    ] = ""
    tolerance_hours: Annotated[float, _option("How long after the end of its day an entry may come into the log.")] = (
        6.0
    )
    mirror_hours: Annotated[float, _option("How long a mirror may be behind; longer is a fault.")] = 24.0
    mirror_entries: Annotated[int | None, _option("How many entries a mirror may be behind; more is a fault.")] = None
    quiet_hours: Annotated[float, _option("How long the head may stand still without a warning.")] = 168.0
    whole: Annotated[bool, _option("Read every entry again, and hold every tile against them.")] = False
    roll: Annotated[
        bool | None,
        _option(
            "Take the log for a roll's, or (--no-roll) for one whose entries are not to be read; by default its first"
            " entry tells.",
            negative="--no-roll",
        ),
    ] = None

    def limits(self) -> MonitorLimits:
        """The same as a monitor takes them; ends the command where one is out of range."""
        return MonitorLimits(
            CivilDays(_zone(self.zone)),
            _hours("--tolerance-hours", self.tolerance_hours),
            _hours("--mirror-hours", self.mirror_hours),
            self.mirror_entries,
            _hours("--quiet-hours", self.quiet_hours),
            self.whole,
            self.roll,
        )


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Visits:
    """How often the log is visited, and who is told."""

    follow: Annotated[bool, _option("Visit again and again.")] = False
    every: Annotated[float, _option("Seconds between two visits.")] = 300.0
    visits: Annotated[int | None, _option("End after so many visits.")] = None
    on_trouble: Annotated[
        str, _option("A command that is run for each new fault, with the evidence folder as its last argument.")
    ] = ""
    webhook: Annotated[str, _option("An address that gets new faults as JSON, by POST.")] = ""
    in_json: Annotated[bool, _option("Report as JSON, a line a visit.", name="--json")] = False

    def check(self) -> None:
        """End the command where a number is out of range."""
        if not 0 < self.every <= LONGEST_WAIT or (self.visits is not None and self.visits < 1):
            fail(f"--every is a number of seconds above 0, and at most {LONGEST_WAIT:,}; --visits is 1 or more.")


NOTHING_BESIDE, USUAL_BOUNDS, ONE_VISIT = Beside(), Bounds(), Visits()


def _add_audit(app: App, wiring: Wiring) -> None:
    @app.command
    def audit(
        place: str,
        /,
        *,
        believed: Believed,
        state: Path,
        evidence: Path | None = None,
        beside: Beside = NOTHING_BESIDE,
        bounds: Bounds = USUAL_BOUNDS,
        visits: Visits = ONE_VISIT,
    ) -> None:
        """Follow a log from outside, trusting nobody. Status 0: all agrees; 1: it does not, with evidence; 2: could not look.

        Parameters
        ----------
        place
            The address of a roll or of any C2SP log, or a folder with a log's files.
        state
            A folder of the monitor's own: the last head it saw, and what it counted.
        evidence
            Where evidence is written (default: the folder evidence in --state).
        """
        limits = bounds.limits()
        visits.check()
        sought = beside.sought(place)
        with bar() as show:
            monitor = Monitor(
                state,
                evidence or state / "evidence",
                sought.known,
                _trust(believed.key, believed.witness_key or (), believed.policy),
                limits,
                wiring.clock,
                time.sleep,
                Hooks(shlex.split(visits.on_trouble), visits.webhook),
                show,
                find=sought.places,
            )
            count = visits.visits if visits.follow else 1
            raise SystemExit(_run(monitor, visits.every, count, in_json=visits.in_json))


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
    def tell(report: VisitReport) -> None:
        if in_json:
            line(json.dumps(as_json(report, monitor.folders, monitor.fresh)))
        else:
            line(*as_text(report, monitor.folders).removesuffix("\n").split("\n"))

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

    def __init__(self, place: str, mirrors: Sequence[str], figures: str, known: LogSources) -> None:
        """`known` has everything that need not be looked for."""
        self._place = place
        self._mirrors = mirrors
        self._figures = figures
        self.known = known
        self._found: dict[str, Source] = {}
        self._pages: Source | None = None

    def places(self) -> LogSources:
        """Where everything is, as far as it answers."""
        log, mirrors = self._log(self._place), [self._log(one) for one in self._mirrors]
        if self._pages is None and (address := self._pages_of(log)):
            self._pages = source_of(address)
        return replace(self.known, log=log, public=self._pages, mirrors=mirrors)

    def _log(self, place: str) -> Source:
        if place not in self._found:
            try:
                found = open_log(place)
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
        fail(f"there is no time zone {name!r}; one is called Area/City, as in the tz database.")


def _hours(name: str, value: float) -> timedelta:
    if not 0 <= value <= MOST_HOURS:
        fail(f"{name} is a number of hours from 0 to {MOST_HOURS:,}.")
    return timedelta(hours=value)


def _shown(paths: Sequence[Path]) -> list[NamedBytes]:
    try:
        return [NamedBytes(str(path), path.read_bytes()) for path in paths]
    except OSError as error:
        fail(f"{error.filename} cannot be read: {error.strerror}.")
