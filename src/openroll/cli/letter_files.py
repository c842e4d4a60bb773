"""The folder that an operator's letters are printed into: one run at a time, and nothing half written stays in it."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from openroll.cli.arguments import NotSaid
from openroll.cli.output import err
from openroll.durable import PRIVATE, make_private, open_to_write

LOCK = ".lock"


@contextmanager
def letters_folder(folder: Path) -> Iterator[None]:
    """Make the folder and lock it for one run. Raises NotSaid where another has it.

    Files that are half written, which hold filing codes, are removed before and after: of a run that was killed, and of this one
    however it ends.
    """
    make_private(folder)
    with open_to_write(folder / LOCK, PRIVATE, os.O_APPEND) as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise NotSaid(
                f"another run prints letters into {folder}: let it end, or name another folder by --output"
            ) from None
        _remove_half_written(folder)
        try:
            yield
        finally:
            _remove_half_written(folder)


def _remove_half_written(folder: Path) -> None:
    found = sorted(folder.glob("letters-*.pdf.new"))
    for path in found:
        path.unlink(missing_ok=True)
    if found:
        many = f"{len(found):,} file{'s' if len(found) > 1 else ''}"
        err.print(f"Removed from {folder} what was left half written, with filing codes in it: {many}.")
