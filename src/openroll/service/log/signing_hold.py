"""A roll that was brought back is held: it signs nothing until it was compared with the newest head anybody has seen.

A backup does not know what was signed after it. Were it to go on by itself, the log could show two entries at one place,
which is the one thing a log must never do (docs/facts/log.md, "Order"). So whatever brings a roll back writes this file first,
and a roll that finds its database behind holds itself (`standing.py`). While it is there nothing is signed and nothing is
taken: what is acknowledged now could be lost to a copy that is newer. `openroll log hold` and `openroll log resume` are the
commands.
"""

import os
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from openroll.durable import PRIVATE, make_private, sync_folders, write_durably


class BroughtBack(msgspec.Struct, frozen=True, omit_defaults=True):
    """What `log resume` brought back so far: a run that was killed before it let go leaves it to the next one.

    `given` are last numbers by the names of their counts, which entries showed; `leaping` says that the home did not live through
    it; the rest is what the keeper is told (`recovery.resume.Resumed`).
    """

    entries: int = 0
    lost: int = 0
    replayed: int = 0
    to_do: tuple[str, ...] = ()
    given: dict[str, int] = {}
    leaping: bool = False

    def and_then(self, more: "BroughtBack") -> "BroughtBack":
        """What two runs brought back together."""
        names = self.given.keys() | more.given.keys()
        return BroughtBack(
            self.entries + more.entries,
            self.lost + more.lost,
            self.replayed + more.replayed,
            tuple(dict.fromkeys((*self.to_do, *more.to_do))),
            {name: max(self.given.get(name, 0), more.given.get(name, 0)) for name in sorted(names)},
            self.leaping or more.leaping,
        )


class SigningHold(msgspec.Struct, frozen=True):
    """Why a roll is held: since `when`, by what (`backup`, `dump`, `escrow`, `behind`: by itself, `keeper`), to which instant.

    `why` is the reason in a sentence, for what is not said by the rest. `done` counts only where the log says that the roll was
    brought back from this hold.
    """

    when: datetime
    by: str
    to: datetime | None = None
    why: str = ""
    done: BroughtBack = BroughtBack()


def _path(home: Path) -> Path:
    return home / "held"


def hold(home: Path, why: SigningHold) -> None:
    """Hold the roll of this home. Durable when this returns."""
    make_private(home)
    write_durably(_path(home), msgspec.json.encode(why) + b"\n", PRIVATE)


def current_hold(home: Path) -> SigningHold | None:
    """Why the roll is held, or None. A file that cannot be read holds it too."""
    try:
        os.stat(f"{home}/held")  # noqa: PTH116 - asked for with every filing: a fifth of what opening it by its Path costs
        return msgspec.json.decode(_path(home).read_bytes(), type=SigningHold)
    except FileNotFoundError:
        return None
    except (msgspec.DecodeError, UnicodeDecodeError):
        when = datetime.fromtimestamp(_path(home).stat().st_mtime, UTC)
        return SigningHold(when, "keeper", why=f"{_path(home)} says that this roll is held, and cannot be read")


def from_a_copy(home: Path) -> bool:
    """Whether the roll was brought back from a copy and has not gone on since."""
    why = current_hold(home)
    return why is not None and why.by in ("backup", "dump", "escrow")


def said(why: SigningHold) -> str:
    """Why the roll is held and what to do, as a sentence without its full stop."""
    if why.why:
        return f"{why.why}. Nothing is filed or signed until `openroll log resume`"
    return "this roll was brought back from a copy. Compare it with the newest head anybody has seen: `openroll log resume`"


def let_go(home: Path) -> None:
    """Let the roll go on."""
    _path(home).unlink(missing_ok=True)
    sync_folders([home])
