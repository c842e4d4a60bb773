"""What convicts: requests and checkpoints kept as they came, and halts that outlive a restart.

A witness that meets a head which the log signed and which does not go on from the last keeps both. One that meets its own
signature under another history halts for that log until a person has looked, also across restarts.
"""

import hashlib
import logging
from collections.abc import Mapping
from pathlib import Path

import msgspec

from openroll.durable import sync_folders, write_durably
from openroll.watch.witness.heads import origin_hash

MOST_A_LOG = 100
"""Cases of one kind kept for one log: one that misbehaves a hundred times has been caught, and leaves room for the others'."""
_log = logging.getLogger("openroll.witness")


def log_line(event: str, **facts: object) -> None:
    """Write one line of JSON to the log: what happened, and the facts."""
    _log.warning(msgspec.json.encode({"event": event} | facts).decode())


class EvidenceStore:
    """The folder of evidence. Writing to it never fails a request: what cannot be kept is said in the log."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, origin: str, what: str, case: bytes, files: Mapping[str, bytes]) -> bool:
        """Keep the files of a case once, named by `case`; whether this is a new one."""
        drawer = f"{origin_hash(origin)[:16]}-{what}"
        name = f"{drawer}-{hashlib.sha256(case).hexdigest()[:16]}"
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            suffix = next(iter(files))
            cases = len(list(self._folder.glob(f"{drawer}-*.{suffix}")))
            if (self._folder / f"{name}.{suffix}").exists() or cases >= MOST_A_LOG:
                return False
            for ending, data in files.items():
                write_durably(self._folder / f"{name}.{ending}", data)
        except OSError as error:
            log_line("evidence lost", log=origin, what=what, why=str(error))
            return False
        log_line("evidence", log=origin, what=what, files=[str(self._folder / f"{name}.{ending}") for ending in files])
        return True

    def halt(self, origin: str, why: str) -> None:
        """Remember that a log is not cosigned for until a person has looked."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_durably(self._halt(origin), f"{origin}\n{why}\n".encode())

    def halted(self, origin: str) -> str:
        """Why a log was halted, empty where it was not."""
        try:
            return self._halt(origin).read_text(encoding="utf-8").partition("\n")[2].strip()
        except FileNotFoundError:
            return ""

    def resume(self, origin: str) -> bool:
        """Forget a halt, since somebody has looked; whether there was one."""
        if not self._halt(origin).exists():
            return False
        self._halt(origin).unlink()
        sync_folders([self._folder])
        return True

    def _halt(self, origin: str) -> Path:
        return self._folder / f"{origin_hash(origin)}.halt"
