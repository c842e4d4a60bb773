"""Write files atomically and durably (fsync, rename): a crash leaves the old bytes or the new and never half of them."""

import errno
import fcntl
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from glob import escape
from io import TextIOWrapper
from pathlib import Path
from shutil import rmtree
from typing import BinaryIO, TextIO

MANY = 32
"""Above so many files one sync of the whole file system is cheaper than one for each (docs/facts/log.md, "Figures")."""


PUBLIC, PRIVATE = 0o644, 0o600
"""Modes of files: for a web server beside us to read, or for nobody else. Neither is ever for others to write."""


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """What fails here names the file that is written: the system's own errors of writing do not, nor so which disk is full."""
    try:
        yield
    except OSError as error:
        if error.filename is None:
            error.filename = str(path)
        raise


def make_private(folder: Path) -> None:
    """Make a folder and those above it that are missing, for its owner alone, whatever the umask; one that is there stays."""
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    for one in reversed(missing):
        one.mkdir(mode=0o700, exist_ok=True)


def open_to_write(path: Path, mode: int = PUBLIC, flags: int = os.O_TRUNC) -> BinaryIO:
    """Open a file for writing, made with this mode; one that is there already loses what lets others write it."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | flags, mode)
    try:
        now = os.fstat(descriptor)
        if now.st_mode & 0o777 & ~mode and now.st_uid == os.geteuid():
            os.fchmod(descriptor, now.st_mode & 0o777 & mode)
        return os.fdopen(descriptor, "wb")
    except OSError:
        os.close(descriptor)
        raise


def write_durably(path: Path, data: bytes, mode: int | None = None) -> None:
    """Replace a file's content at once: a reader sees the old bytes or the new, a crash keeps one of the two.

    With a `mode` the file has it, whatever the process would give it.
    """
    with replacing(path, mode) as file:
        file.write(data)


@contextmanager
def replacing(path: Path, mode: int | None = None) -> Iterator[BinaryIO]:
    """A file as it is written: it takes the place of what is there once it is whole and durable, as in `write_durably`."""
    fresh = path.with_name(path.name + ".new")
    try:
        with naming(path), open_to_write(fresh, PUBLIC if mode is None else mode) as file:
            if mode is not None:
                os.fchmod(file.fileno(), mode)
            yield file
            file.flush()
            os.fsync(file.fileno())
        fresh.rename(path)
    except BaseException:  # also where whoever waits for it interrupts: what is half written may be a secret
        with suppress(OSError):
            fresh.unlink(missing_ok=True)
        raise
    sync_folders([path.parent])


_STREAMS = ("/dev/stdout", "/dev/stderr", "/dev/fd", "/proc")
"""Names of what a process has open already, which may lead to a file: nothing takes its place."""


@contextmanager
def output_file(path: Path) -> Iterator[BinaryIO]:
    """What a command writes where somebody told it to: there whole, or what was there before stays as it is, and its mode.

    A pipe or a terminal takes what comes as it comes.
    """
    if any(path.is_relative_to(one) for one in _STREAMS) or (path.exists() and not path.is_file()):
        with naming(path), path.open("wb") as file:
            yield file
        return
    mode = path.stat().st_mode & 0o755 if path.exists() else None
    try:
        with replacing(path.resolve(), mode) as file:
            yield file
    except OSError as error:
        if error.filename == f"{path.resolve()}.new":
            error.filename = str(path)  # the name that was given, not the one beside it
        raise


def fill_folder(folder: Path, files: Mapping[Path, bytes]) -> None:
    """Write files into an empty folder, or a new one, each by its place there: all of them, or none. Raises OSError."""
    made = not folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=".", suffix=".new", dir=folder))
    try:
        write_all_durably([(beside / place, data) for place, data in files.items()])
        for one in sorted(beside.iterdir()):
            one.rename(folder / one.name)
    except BaseException:
        rmtree(beside, ignore_errors=True)
        if made:
            with suppress(OSError):
                folder.rmdir()
        raise
    beside.rmdir()
    sync_folders([folder])


@contextmanager
def as_text(file: BinaryIO, encoding: str = "utf-8") -> Iterator[TextIO]:
    """A file that is being written, for text as it is given: no line end is changed. The file stays open."""
    text = TextIOWrapper(file, encoding, newline="")
    yield text
    text.detach()


def sync_folders(folders: Iterable[Path]) -> None:
    """Make renames in these folders durable."""
    for folder in folders:
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def write_all_durably(files: Sequence[tuple[Path, bytes]], *, shown: bool = False) -> None:
    """Write many immutable files, each whole or not there, waiting for the disk as seldom as it can.

    `shown` lets everybody read them, whatever the process would do.
    """
    fresh = [path.with_name(path.name + ".new") for path, _ in files]
    for folder in {path.parent for path, _ in files}:
        _make_folder(folder, shown=shown)
    for path, (_, data) in zip(fresh, files, strict=True):
        with naming(path), open_to_write(path) as file:
            file.write(data)
        if shown:
            path.chmod(PUBLIC)
    if len(files) > MANY:
        os.sync()
    else:
        for path in fresh:
            _sync_file(path)
    for path, (final, _) in zip(fresh, files, strict=True):
        path.rename(final)
    sync_folders({path.parent for path, _ in files})


def _make_folder(folder: Path, *, shown: bool) -> None:
    if not shown:
        folder.mkdir(parents=True, exist_ok=True)
    elif not folder.exists():
        _make_folder(folder.parent, shown=True)
        folder.mkdir(exist_ok=True)
        folder.chmod(0o755)


def _sync_file(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def write_new(path: Path, data: bytes, mode: int = PRIVATE) -> None:
    """Write a file that is not there yet: whole and durable, or not at all, and never over another. Raises OSError."""
    with new_file(path, mode) as file:
        file.write(data)


@contextmanager
def new_file(path: Path, mode: int = PRIVATE) -> Iterator[BinaryIO]:
    """A file that is not there yet, as it is written: it has its name once it is whole and durable, as in `write_new`.

    What one that was killed left of it half written, which may be a secret, is removed.
    """
    for left in path.parent.glob(f".{escape(path.name)}.*.new"):
        _remove_unless_written(left)
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".new", dir=path.parent)
    fresh = Path(name)
    try:
        with naming(path), os.fdopen(descriptor, "wb") as file:
            with suppress(OSError):  # a file system without locks
                fcntl.flock(file, fcntl.LOCK_SH)  # tells who sweeps that somebody writes it
            os.fchmod(file.fileno(), mode)
            yield file
            file.flush()
            os.fsync(file.fileno())
        _name_newly(fresh, path)
    finally:
        with suppress(OSError):
            fresh.unlink(missing_ok=True)
    sync_folders([path.parent])


def _remove_unless_written(path: Path) -> None:
    with suppress(OSError), path.open("rb") as file:  # another's, or gone meanwhile
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        path.unlink()


def _name_newly(fresh: Path, path: Path) -> None:
    """Give a file its name, which nothing has: by a link, since a rename would write over what is there."""
    try:
        os.link(fresh, path)
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.EOPNOTSUPP):
            raise
        # A stick's file system knows no links. The name is taken first, and nobody else can have it then.
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE))
        fresh.rename(path)
