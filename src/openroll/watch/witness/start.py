"""Starting a witness: its keys and its past first, from what it kept and from what others hold; only then does it sign."""

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

import msgspec

from openroll.durable import PUBLIC, write_new
from openroll.fault_trace import fault_trace
from openroll.tlog import Signer
from openroll.watch.source import FolderSource, HttpSource
from openroll.watch.witness.evidence import EvidenceStore, log_line
from openroll.watch.witness.heads import Heads, Stopped
from openroll.watch.witness.own_past import CheckpointSource, Recollection, monitoring_path, recollect
from openroll.watch.witness.settings import (
    KINDS,
    WatchedLog,
    WitnessSettings,
    looking_key,
    new_settings,
    read_keys,
    read_settings,
    watched_logs,
)
from openroll.watch.witness.witness import Witness

if TYPE_CHECKING:
    from openroll.watch.witness.sites import Looking

_log = logging.getLogger("openroll.witness")
_AT_ONCE = 16
_PATIENCE = 10.0
"""Seconds that a place has for each answer; a witness that has just started signs nothing meanwhile."""
_AGAIN = 60.0
"""Seconds until the places of a log in quarantine are asked again."""
_ROUNDS = 60
"""So many of these later all places are asked again, for all logs: a twin with our key shows itself within an hour."""


def make_witness(path: Path, name: str, random: Callable[[int], bytes], ratchet: str = "ratchet") -> tuple[str, ...]:
    """Make a witness: two keys (0600) and a settings file beside them; its verifier keys. Never overwrites anything."""
    folder = path.parent
    signers = [Signer.from_seed(name, random(32), kind) for kind in KINDS]
    files = [f"{kind}.key" for kind in KINDS]
    there = next((one for one in [path, *(folder / file for file in files)] if one.exists()), None)
    if there is not None:
        raise FileExistsError(f"{there} is there already; nothing was made")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    made: list[Path] = []
    try:
        for file, signer in zip(files, signers, strict=True):
            write_new(folder / file, f"{signer.private_key}\n".encode())
            made.append(folder / file)
        write_new(path, new_settings(name, files, ratchet).encode(), PUBLIC)
    except OSError:
        for one in made:  # a witness without its settings is none, and would keep the next try from making one
            one.unlink(missing_ok=True)
        raise
    return tuple(signer.verifier_key for signer in signers)


LOOKING_KEY = "looking.key"


def make_looking_key(path: Path, random: Callable[[int], bytes]) -> Signer:
    """The key under which a witness says what it saw of web sites: the one that is there, or a new one (0600) beside its file."""
    settings = read_settings(path)
    if settings.looking_key or (path.parent / LOOKING_KEY).exists():
        return looking_key(
            msgspec.structs.replace(settings, looking_key=settings.looking_key or LOOKING_KEY), path.parent
        )
    signer = Signer.from_seed(settings.name, random(32), "ed25519")
    write_new(path.parent / LOOKING_KEY, f"{signer.private_key}\n".encode())
    return signer


class StartedWitness:
    """A witness, held back for every log until the places that may know more of its past were asked about that log."""

    def __init__(self, settings: WitnessSettings, folder: Path) -> None:
        """Raises ValueError for settings that cannot be used, and where another witness runs over the same folders."""
        self.keys = read_keys(settings, folder)
        self._settings = settings
        self.looking_key = looking_key(settings, folder) if any(log.looks for log in settings.logs) else None
        """The key for what it sees of web sites; None where it looks for no roll."""
        self.looks_for = tuple(log.origin for log in settings.logs if log.looks)
        self._logs = watched_logs(settings)
        self.evidence_store = EvidenceStore(folder / settings.evidence)
        self._places = {origin: places_of(log, settings) for origin, log in self._logs.items()}
        self.heads = Heads(folder / settings.state, folder / settings.ratchet, self.keys.own)
        self.witness = Witness(
            self.keys, self._logs, self.heads, self.evidence_store, per_source=settings.per_source_minute
        )
        self._waiting = set(self._logs)
        for origin in self._logs:
            self.witness.halt(origin, "it has just started and asks others what it signed before", wait=5)

    def looking(self) -> "Looking | None":
        """What answers rolls that ask it to look at web sites; None where it looks for none."""
        if self.looking_key is None:
            return None
        from openroll.watch.witness.sites import Looking  # noqa: PLC0415 - whoever looks at no site needs nothing of it

        return Looking(self.looking_key, {origin: self._logs[origin].verifiers for origin in self.looks_for})

    def ask(self, origins: Sequence[str]) -> None:
        """Ask the places of these logs; those that may be cosigned for are free afterwards."""
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            list(pool.map(self._remember, origins))

    def keep_asking(self, ended: Event) -> None:
        """Ask for all logs, then again and again for those in quarantine and each hour for all, until `ended` is set."""
        rounds = 0
        while not ended.is_set():
            self.ask(list(self._logs) if rounds % _ROUNDS == 0 else sorted(self._waiting))
            rounds += 1
            ended.wait(_AGAIN)

    def ask_all(self) -> None:
        """Ask for all logs once."""
        self.ask(list(self._logs))

    def close(self) -> None:
        """Let another process have the folders."""
        self.heads.close()

    def _remember(self, origin: str) -> None:
        """Take up what others hold of our past with one log. Halts it where that contradicts what is kept."""
        try:
            halted = self.evidence_store.halted(origin)
            if halted:
                raise Stopped(f"{halted} (openroll witness resume, once you know why)")
            self._show_kept(origin)
            log = self._logs[origin]
            self._weigh(origin, recollect(self.heads, origin, self._places[origin], self.keys.own, log.verifiers))
        except Stopped as error:
            self._waiting.discard(origin)
            self.witness.halt(origin, str(error))
        except OSError as error:
            self._waiting.add(origin)
            self.witness.halt(origin, f"what was signed before cannot be read or kept: {error}", wait=60)
        except Exception as error:
            # Whatever else a place manages to do to us: the other logs are asked for all the same, and this one again.
            _log.error("asking for the past with %s failed: %s", origin, fault_trace(error))
            self._waiting.add(origin)
            self.witness.halt(origin, "asking others for what was signed before failed: see the log", wait=60)

    def _weigh(self, origin: str, recollections: Sequence[Recollection]) -> None:
        for one in recollections:
            if one.found == "newer":
                log_line("taken up", log=origin, where=one.where, size=one.size)
                self._show_kept(origin)
            if one.found in ("silent", "unreadable"):
                log_line(one.found, log=origin, where=one.where, why=one.why)
        against = next((one for one in recollections if one.found == "contradiction"), None)
        if against is not None:
            files = {"theirs": against.note, "held": against.head, "proof": against.proof}
            self.evidence_store.keep(
                origin, "contradiction", against.note, {one: data for one, data in files.items() if data}
            )
            why = f"{against.where} shows {against.why}"
            self.evidence_store.halt(origin, why)
            raise Stopped(why)
        if (
            self._settings.quarantine
            and origin in self._waiting
            and not any(one.recollections for one in recollections)
        ):
            self.witness.halt(origin, "it is in quarantine: no place outside said what was signed before", wait=60)
        elif origin in self._waiting:
            self._waiting.discard(origin)
            self.witness.resume(origin)

    def _show_kept(self, origin: str) -> None:
        with self.heads.of(origin) as log:
            if log.last.note:
                self.witness.metrics.moved(origin, log.last.head.size, log.last.at)


def places_of(log: WatchedLog, settings: WitnessSettings) -> list[CheckpointSource]:
    """The places to ask about a log: itself and its mirrors, then fellow witnesses by their monitoring prefixes."""
    own = [CheckpointSource(_source(log.address), own=True, tiles=True)] if log.address else []
    mirrors = [CheckpointSource(_source(one), tiles=True) for one in log.mirrors]
    fellows = [CheckpointSource(_source(one), monitoring_path(log.origin)) for one in settings.ask]
    return [*own, *mirrors, *fellows]


def _source(place: str) -> HttpSource | FolderSource:
    return (
        HttpSource(place, timeout=_PATIENCE) if place.startswith(("http://", "https://")) else FolderSource(Path(place))
    )
