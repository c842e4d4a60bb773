"""What a packer keeps of a roll: its keys, the newest head it saw, and its rules with their proofs, in one file.

The file proves itself each time it is read, as what is fetched does: whoever changes it is found out, the keys in it apart.
"""

import re
from datetime import datetime
from pathlib import Path

import msgspec

from openroll.durable import write_durably
from openroll.tlog import CompactRange, KeyHistory, Verifier, follow, handovers_of
from openroll.watch.rules.versions import RulesRefused, sha256

MOST_KEPT = 100_000_000
"""Bytes of the file at most."""


class KeptRules(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept of one roll.

    `keys` are the log's keys as they were given or first met, `history` its key history as served (empty without one). `texts`
    are the rules and jurisdictions that are in force or to come, by SHA-256. `read` and `edge` say how far the log was read for
    rules that the roll does not list (a compact range).
    """

    version: int = 1
    address: str
    keys: tuple[str, ...]
    history: str
    receipts: tuple[str, ...]
    texts: dict[str, str]
    read: int
    edge: tuple[bytes, ...]
    fetched: datetime

    @property
    def key_history(self) -> KeyHistory:
        """The log's keys from those first trusted on. Raises a TlogError."""
        trusted = list(map(Verifier.parse, self.keys))
        return follow(handovers_of(self.history.encode()), trusted) if self.history else KeyHistory(trusted)

    @property
    def mark(self) -> CompactRange:
        """How far the log was read."""
        return CompactRange(self.read, self.edge)


def file_for(folder: Path, address: str) -> Path:
    """Where the rules of a roll are kept: a name that can be recognised, and that no other address has."""
    plain = re.sub(r"[^a-z0-9.-]+", "-", address.lower().partition("://")[2])[:80]
    return folder / "rolls-elsewhere" / f"{plain}-{sha256(address.encode())[:8]}.json"


def read_kept(path: Path) -> KeptRules | None:
    """What is kept; None where nothing is yet. Raises RulesRefused where the file is damaged, OSError."""
    try:
        with path.open("rb") as file:
            kept = msgspec.json.decode(file.read(MOST_KEPT + 1), type=KeptRules)
    except FileNotFoundError:
        return None
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise RulesRefused(f"{path} is damaged ({error}): move it away, and give the log's key again") from error
    wrong = [digest for digest, text in kept.texts.items() if sha256(text.encode()) != digest]
    if kept.version != 1 or wrong:
        raise RulesRefused(f"{path} was changed, or is another version's: move it away, and give the log's key again")
    return kept


def write_kept(path: Path, kept: KeptRules) -> None:
    """Keep it, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_durably(path, msgspec.json.encode(kept))
