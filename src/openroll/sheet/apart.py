"""Read an operator's file in a child process with limits: if it dies of the file, the file is refused and nothing else dies.

The child (`openroll.sheet.child`) gets open files and no names, none of the roll's settings or keys, and bounds on memory,
processor time, time and disk (sheet/limits.py). Text that is too short to cost anything is read within this process.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Collection, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO, cast

import msgspec

from openroll import child_process
from openroll.disk_room import NoRoom, Room
from openroll.register.subscription.terms import Terms
from openroll.sheet.faults import Fault
from openroll.sheet.first_look import first_look, look_grows
from openroll.sheet.limits import LIMITS, Limits
from openroll.sheet.mend import Mended, mend_file
from openroll.sheet.reading import Sheet, read
from openroll.sheet.spool import Spool, nameless

TICK = 0.5
"""Seconds after which progress is told again although nothing moved: whoever listens may want to stop."""
_KILLED_BY_OTHERS = (-signal.SIGKILL, -signal.SIGTERM)
_TRIES = 2


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """What a child is to do with the open file `source`: look at its columns, judge it by `terms` into `spool`, or mend it so."""

    source: int
    spool: int
    folder: int = -1
    """The open folder on whose disk it lies, of which `reserve` bytes stay free; -1 where nothing bounds it."""
    reserve: int = 0
    limits: Limits
    terms: Terms | None = None
    look: bool = False
    encoding: str = ""
    fixes: tuple[tuple[int, str, str], ...] = ()
    drop: tuple[int, ...] = ()


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """A line of what a child says: bytes read so far, or in the last line what it came to."""

    done: int = 0
    ended: bool = False
    digest: str = ""
    format: str = ""
    encoding: str = ""
    rows: int = 0
    fault_count: int = 0
    faults: tuple[Fault, ...] = ()
    lots: tuple[tuple[int, int], ...] = ()
    mended: Mended | None = None
    not_mendable: str = ""
    no_room: bool = False
    broken: str = ""


class ChildBroken(Exception):
    """The child met a fault of ours: the kind of error and where, without what stood in the file."""


class TooHeavy(Exception):
    """The child died of the file, or was not done in its time."""


def read_apart(
    source: Path | BinaryIO,
    terms: Terms,
    *,
    spool: Path | Room | None = None,
    progress: Callable[[int], None] = lambda _: None,
    encoding: str = "",
    limits: Limits = LIMITS,
) -> Sheet:
    """Read and judge a whole file as `read` does; what unfolds, or is long, in a child. Raises ChildBroken, a fault of ours.

    `spool` is the room, or the folder, on whose disk good rows wait. Raises NoRoom where it has none for them.
    """
    room = _room(spool)
    try:
        with _open(source, room, limits) as file:
            if not _unfolds(file, limits):
                return read(file, terms, spool=Spool(room), progress=progress, encoding=encoding, limits=limits)
            rows = Spool(room)
            task = Task(source=file.fileno(), spool=rows.file.fileno(), limits=limits, terms=terms, encoding=encoding)
            return _sheet(_patient(task, room, file, progress), rows)
    except TooHeavy:
        return _refused(*_HEAVY)
    except NoRoom:
        raise
    except OSError as error:
        return _refused("file-unreadable", "a readable file", f"The file cannot be read: {error.strerror or error}.")


_SMALLER = "Send the list as CSV UTF-8, as `openroll pack` writes it, and in several files if it is long."
_HEAVY = ("file-too-heavy", "a file that can be read in bounded time and memory", _SMALLER)


def look_apart(source: BinaryIO, *, spool: Path | Room | None = None, limits: Limits = LIMITS) -> tuple[Fault, ...]:
    """The faults of a file's columns, as `first_look` finds them; in a child where it would take long.

    `source` comes back at its begin. Raises ChildBroken and NoRoom.
    """
    if not look_grows(source, limits):
        return first_look(source, limits)
    room = _room(spool)
    try:
        with _open(source, room, limits) as file, nameless(room) as nothing:
            os.lseek(file.fileno(), 0, os.SEEK_SET)
            task = Task(source=file.fileno(), spool=nothing.fileno(), limits=limits, look=True)
            return _patient(task, room, file, lambda _: None).faults
    except TooHeavy:
        return _refused(*_HEAVY).faults
    finally:
        source.seek(0)


def mend_apart(
    source: BinaryIO,
    fixes: Mapping[tuple[int, str], str],
    drop: Collection[int],
    *,
    spool: Path | Room | None = None,
    limits: Limits = LIMITS,
) -> BinaryIO:
    """A corrected copy of a file (sheet/mend.py) as an open file without a name.

    Raises ValueError, a sentence, where it cannot be mended so, NoRoom, and ChildBroken.
    """
    room = _room(spool)
    output = nameless(room)
    given = tuple((row, column, value) for (row, column), value in fixes.items())
    task = Task(source=source.fileno(), spool=output.fileno(), limits=limits, fixes=given, drop=tuple(drop))
    try:
        if not _unfolds(source, limits):
            mend_in_room(source, output, fixes, drop, room)
        elif (answer := _patient(task, room, source, lambda _: None)).not_mendable:
            raise ValueError(answer.not_mendable)
    except TooHeavy as error:
        output.close()
        raise ValueError(f"The file is too heavy to be mended here. {_SMALLER}") from error
    except BaseException:
        output.close()
        raise
    output.seek(0)
    return output


def mend_in_room(
    source: BinaryIO,
    output: BinaryIO,
    fixes: Mapping[tuple[int, str], str],
    drop: Collection[int],
    room: Room | None,
) -> Mended:
    """As `mend_file`, with room taken for all that is written. Raises NoRoom."""
    if room is None:
        return mend_file(source, output, fixes, drop)
    with room.writing(output) as writer:
        return mend_file(source, writer, fixes, drop)


def _room(spool: Path | Room | None) -> Room | None:
    return Room(spool) if isinstance(spool, Path) else spool


def _refused(code: str, expected: str, remedy: str) -> Sheet:
    sheet = Sheet(Spool())
    sheet.add_fault(Fault(0, "", "", code, expected, remedy))
    return sheet


def _open(source: Path | BinaryIO, room: Room | None, limits: Limits) -> BinaryIO:
    """The source as a file of the system that can be handed on; one byte more than the bound of what is none yet."""
    if isinstance(source, Path):
        return source.open("rb")
    try:
        return cast(BinaryIO, os.fdopen(os.dup(source.fileno()), "rb"))
    except (OSError, AttributeError):
        copy = nameless(room)
        left = limits.file_bytes + 1
        while left > 0 and (data := source.read(min(left, 1 << 20))):
            if room is not None:
                room.take(copy, len(data))
            copy.write(data)
            left -= len(data)
        copy.seek(0)
        return copy


def _unfolds(file: BinaryIO, limits: Limits) -> bool:
    """Whether a file may cost more than its length says: all but short text."""
    if not file.seekable():
        return True
    # Of the open file itself, not of this process's buffer: the child begins where the file stands.
    size = os.lseek(file.fileno(), 0, os.SEEK_END)
    file.seek(0)
    os.lseek(file.fileno(), 0, os.SEEK_SET)
    return size > limits.here_bytes or os.pread(file.fileno(), 4, 0) == b"PAR1"


def _patient(task: Task, room: Room | None, file: BinaryIO, progress: Callable[[int], None]) -> Answer:
    """Have a child do the task in a room; once more where somebody else killed it. Raises TooHeavy, NoRoom and ChildBroken."""
    with ExitStack() as held:
        if room is not None:
            folder = os.open(room.folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            held.callback(os.close, folder)
            task = msgspec.structs.replace(task, folder=folder, reserve=room.reserve)
        return _tried(task, file, progress)


def _tried(task: Task, file: BinaryIO, progress: Callable[[int], None]) -> Answer:
    for left in reversed(range(_TRIES)):
        answer, status = _child(task, progress)
        if answer is not None and answer.no_room:
            raise NoRoom
        if answer is not None and answer.broken:
            raise ChildBroken(answer.broken)
        if answer is not None:
            return answer
        if status not in _KILLED_BY_OTHERS or not file.seekable() or not left:
            break
        os.lseek(task.source, 0, os.SEEK_SET)
        os.ftruncate(task.spool, 0)
    raise TooHeavy


def _child(task: Task, progress: Callable[[int], None]) -> tuple[Answer | None, int]:
    """One child's last line, if it came to one, and its exit status."""
    settings = child_process.environment(POLARS_MAX_THREADS="2", OPENBLAS_NUM_THREADS="1")
    process = subprocess.Popen(
        [sys.executable, "-m", "openroll.sheet.child"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # what a library says as it dies may repeat what stands in the file
        pass_fds=(task.source, task.spool, *([] if task.folder < 0 else [task.folder])),
        env=settings,
    )
    with process:
        assert process.stdin is not None  # noqa: S101 - both were asked for
        assert process.stdout is not None  # noqa: S101
        last: Answer | None = None
        try:
            # It stays open: a child whose parent is gone reads its end, and ends.
            process.stdin.write(msgspec.json.encode(task) + b"\n")
            process.stdin.flush()
            for line in child_process.lines(process.stdout.fileno(), task.limits.child_wall_seconds, TICK):
                if line:
                    last = msgspec.json.decode(line, type=Answer)
                progress(last.done if last and not last.ended else 0 if last is None else last.done)
        except BrokenPipeError:
            pass
        except TimeoutError as error:
            raise TooHeavy from error
        finally:
            ended = last is not None and last.ended
            if not ended and process.poll() is None:
                # A child that closed its output is dying by itself: its own status says of what.
                _end(process)
    return (last if ended else None), process.returncode


def _end(process: "subprocess.Popen[bytes]") -> None:
    try:
        process.wait(1)
    except subprocess.TimeoutExpired:
        process.kill()


def _sheet(answer: Answer, rows: Spool) -> Sheet:
    rows.lots = list(answer.lots)
    sheet = Sheet(rows)
    sheet.digest, sheet.format, sheet.encoding = answer.digest, answer.format, answer.encoding
    sheet.rows = answer.rows
    for fault in answer.faults:
        sheet.add_fault(fault)
    sheet.fault_count = answer.fault_count
    return sheet
