"""Files that hold a key or something sealed: written whole or not at all, for their owner alone, never over another."""

import stat
import sys
from pathlib import Path

from openroll.cli.output import err, fail
from openroll.durable import write_new


def write_private(path: Path, data: bytes, what: str) -> None:
    """Write a new file for its owner alone, or say in a sentence why that cannot be; `what` is never written over."""
    try:
        write_new(path, data)
    except OSError as error:
        fail(f"{path} cannot be written: {error.strerror or error}. {what} is never written over.")


def read_private(path: Path, remedy: str) -> str:
    """The text of a key file, or a sentence with the remedy, and the end. A file that others may read is told."""
    try:
        data = path.read_bytes()
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            err.print(f"{path} can be read by others: chmod 600.", soft_wrap=True)
    except OSError as error:
        fail(f"{path} cannot be read: {error.strerror or error}. {remedy}")
    return data.decode("ascii", errors="replace")


def read_bytes(path: Path, most: int) -> bytes:
    """The content of a file, or of standard input for `-`; one that has more than `most` bytes is read no further."""
    try:
        if str(path) == "-":
            return sys.stdin.buffer.read(most + 1)
        with path.open("rb") as file:
            return file.read(most + 1)
    except OSError as error:
        fail(f"{path} cannot be read: {error.strerror or error}.")
