"""Writing files so that a crash, or the power going, leaves the old bytes or the new and never a half of them."""

import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

MANY = 32
"""Above so many files one sync of the whole file system is cheaper than one for each (facts/log.md, "Figures")."""


def private_folder(path: Path) -> None:
    """Make a folder, and what is missing above it, for its owner alone (0700). One that is there is left as it is."""
    for folder in reversed([path, *path.parents]):
        if not folder.exists():
            folder.mkdir(mode=0o700, exist_ok=True)


def write_durably(path: Path, data: bytes, mode: int | None = None) -> None:
    """Replace a file's content at once: a reader sees the old bytes or the new, a crash keeps one of the two.

    With a `mode` the file has it, whatever the process would give it.
    """
    fresh = path.with_name(path.name + ".new")
    try:
        with fresh.open("wb") as file:
            if mode is not None:
                os.fchmod(file.fileno(), mode)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        fresh.rename(path)
    except OSError:
        with suppress(OSError):
            fresh.unlink(missing_ok=True)
        raise
    sync_folders([path.parent])


def sync_folders(folders: Iterable[Path]) -> None:
    """Make renames in these folders durable."""
    for folder in folders:
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def write_all_durably(files: Sequence[tuple[Path, bytes]]) -> None:
    """Write many immutable files, each whole or not there, waiting for the disk as seldom as it can."""
    fresh = [path.with_name(path.name + ".new") for path, _ in files]
    for folder in {path.parent for path, _ in files}:
        folder.mkdir(parents=True, exist_ok=True)
    for path, (_, data) in zip(fresh, files, strict=True):
        path.write_bytes(data)
    if len(files) > MANY:
        os.sync()
    else:
        for path in fresh:
            _sync_file(path)
    for path, (final, _) in zip(fresh, files, strict=True):
        path.rename(final)
    sync_folders({path.parent for path, _ in files})


def _sync_file(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
