"""A roll that was brought back is held: it signs nothing until it was compared with the newest head anybody has seen.

A backup does not know what was signed after it. Were it to go on by itself, the log could show two entries at one place,
which is the one thing a log must never do (facts/log.md, "Order"). So whatever brings a roll back writes this file first,
the sequencer refuses while it is there, and `openroll log resume` takes it away, with an entry in the log that says so.
"""

from datetime import datetime
from pathlib import Path

import msgspec

from openroll.durable import PRIVATE, make_private, sync_folders, write_durably


class Held(msgspec.Struct, frozen=True):
    """Why a roll is held: brought back `when`, from what (`backup`, `dump`, `escrow`), to which instant."""

    when: datetime
    by: str
    to: datetime | None = None


def _path(home: Path) -> Path:
    return home / "held"


def hold(home: Path, why: Held) -> None:
    """Hold the roll of this home. Durable when this returns."""
    make_private(home)
    write_durably(_path(home), msgspec.json.encode(why) + b"\n", PRIVATE)


def held(home: Path) -> Held | None:
    """Why the roll is held, or None."""
    try:
        return msgspec.json.decode(_path(home).read_bytes(), type=Held)
    except FileNotFoundError:
        return None


def let_go(home: Path) -> None:
    """Let the roll go on."""
    _path(home).unlink(missing_ok=True)
    sync_folders([home])
