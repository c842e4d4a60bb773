"""Whether a dump is in the log that is taken: each dump leaves a word in the server's log, and the round that finds it says so.

    HOME/spool/<slot>.dump-<word>       a dump that no round has found yet: its cluster and its name
    FOLDER/<history>/holds-20261124T020000.250000Z-n000036-cq       what that dump holds is in this history

Numbers, clocks and positions do not show it: a database that went back to an older copy and was written to since comes by the
same position once more. The word is left after the dump's moment, so all that the dump holds stands in the log before it.
"""

import os
from pathlib import Path

from openroll.durable import PRIVATE, make_private, write_durably
from openroll.service.recovery.backups import held_name


def promise(spool: Path, dump: Path) -> str:
    """Note that a dump is being made, before its word is left in the log; the word."""
    word = os.urandom(16).hex()
    make_private(spool.parent)
    write_durably(_note(spool, word), f"{dump.parent.name}/{dump.name}".encode(), PRIVATE)
    return word


def give_up(spool: Path, word: str) -> None:
    """Look for a dump no more."""
    _note(spool, word).unlink(missing_ok=True)


def finished(spool: Path, folder: Path, cluster: str) -> dict[str, Path]:
    """The dumps of a cluster that were made into a folder and not found in its log yet, by their words."""
    return {word: dump for word, dump in _waiting(spool, folder, cluster).items() if dump.exists()}


def find(spool: Path, folder: Path, history: Path, cluster: str, pieces: list[Path]) -> None:
    """Note beside a history each dump whose word stands in pieces of its log, which are sealed by now."""
    waiting = _waiting(spool, folder, cluster)
    for piece in pieces if waiting else ():
        data = piece.read_bytes()
        for word, dump in waiting.items():
            if word.encode() in data:
                write_durably(history / held_name(dump), b"", PRIVATE)
                give_up(spool, word)


def _waiting(spool: Path, folder: Path, cluster: str) -> dict[str, Path]:
    prefix = f"{spool.name}.dump-"
    there = {
        path.name.removeprefix(prefix): path.read_text(encoding="utf-8") for path in spool.parent.glob(f"{prefix}*")
    }
    return {word: folder / said for word, said in there.items() if said.partition("/")[0] == cluster}


def _note(spool: Path, word: str) -> Path:
    return spool.with_name(f"{spool.name}.dump-{word}")
