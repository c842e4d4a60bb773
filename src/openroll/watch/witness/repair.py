"""What a person does to a witness that is not running: look at what it kept, and move it forward."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx2

from openroll.tlog import Malformed, Missing, Verifier, only_signatures
from openroll.watch.source import FolderSource, HttpSource
from openroll.watch.witness.evidence import EvidenceStore
from openroll.watch.witness.heads import Heads, Stopped, cosigned
from openroll.watch.witness.settings import WatchedLog, WitnessSettings, read_keys, watched_logs


def status_lines(settings: WitnessSettings, folder: Path) -> Iterator[str]:
    """A line for each log. Raises ValueError while the witness is serving."""
    evidence_store = EvidenceStore(folder / settings.evidence)
    with _opened(settings, folder) as (heads, _):
        for origin in watched_logs(settings):
            halted = evidence_store.halted(origin)
            try:
                with heads.of(origin) as log:
                    last = log.last
            except Stopped as error:
                yield f"{origin}: {error}"
                continue
            at = datetime.fromtimestamp(last.at, UTC).isoformat() if last.at else "never"
            yield f"{origin}: size {last.head.size}, cosigned {at}" + (f"; HALTED: {halted}" if halted else "")


def move_forward(settings: WitnessSettings, folder: Path, origin: str, place: str, *, dry_run: bool = False) -> str:
    """Move one log on to the checkpoint at `place`, which bears our own cosignature; a sentence about what was done.

    Raises ValueError for a log that is not watched, Stopped as ValueError, TlogError or Unreachable for the checkpoint.
    """
    log = watched_logs(settings).get(origin)
    if log is None:
        raise ValueError(f"this witness does not watch {origin}")
    note = _read(place)
    with _opened(settings, folder) as (heads, own):
        try:
            return _moved(heads, own, log, note, dry_run)
        except Stopped as error:
            raise ValueError(f"{error}. Nothing was changed") from error


def _moved(heads: Heads, own: tuple[Verifier, ...], watched_log: WatchedLog, note: bytes, dry_run: bool) -> str:
    origin = watched_log.origin
    theirs = cosigned(note, own, origin)._replace(note=only_signatures(note, [*watched_log.verifiers, *own]))
    with heads.of(origin) as log:
        before = log.last.head
        if theirs.head.size == before.size and theirs.head.root == before.root:
            return f"{origin} stands at size {before.size} already; nothing was changed."
        if dry_run and theirs.head.size > before.size:
            return f"{origin} would move from size {before.size} to {theirs.head.size}."
        log.move(theirs)
    return f"{origin} moved from size {before.size} to {theirs.head.size}."


def _read(place: str) -> bytes:
    if place.startswith(("http://", "https://")):
        url = httpx2.URL(place)
        prefix, _, name = str(url).rpartition("/")
        source: HttpSource | FolderSource = HttpSource(prefix)
    else:
        source, name = FolderSource(Path(place).parent), Path(place).name
    note = source.get(name)
    if note is None:
        raise Missing("there is no checkpoint")
    if not note:
        raise Malformed("it is empty")
    return note


@contextmanager
def _opened(settings: WitnessSettings, folder: Path) -> Iterator[tuple[Heads, tuple[Verifier, ...]]]:
    own = read_keys(settings, folder).own
    heads = Heads(folder / settings.state, folder / settings.ratchet, own)
    try:
        yield heads, own
    finally:
        heads.close()
