"""The folder that an operator's letters are printed into: one run at a time, and nothing half written stays in it."""

import csv
import fcntl
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from openroll.cli.arguments import NotSaid
from openroll.cli.output import err
from openroll.durable import PRIVATE, as_text, make_private, open_to_write, replacing

LOCK = ".lock"
LIST = "letters.csv"
_NAME = re.compile(r"letters-([0-9]{12})-([0-9]{12})-[0-9a-f]{16}\.pdf", re.ASCII)


def name_of(first: int, last: int, mark: str) -> str:
    """The name of a file with the letters of all records from one to another; `mark` is of what is printed in it."""
    return f"letters-{first:012d}-{last:012d}-{mark}.pdf"


def cuts_in(folder: Path) -> set[tuple[int, int]]:
    """The (first, last) records of each file of letters that is there, by its name."""
    found = (_NAME.fullmatch(path.name) for path in folder.iterdir())
    return {(int(one[1]), int(one[2])) for one in found if one}


def write_list(folder: Path, printed: Iterable[tuple[str, Iterable[tuple[int, str]]]]) -> None:
    """Write whose letter is on which page of which file, for who puts them into envelopes: by record and handle, without codes.

    The handle is its operator's own word, which only that operator's list leads to an account by. `printed` is each file's name
    with the (record, handle) of its letters, in their order.
    """
    with replacing(folder / LIST, PRIVATE) as file, as_text(file) as text:
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(("file", "page", "record", "handle"))
        for name, letters in printed:
            writer.writerows((name, page, *letter) for page, letter in enumerate(letters, 1))


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
