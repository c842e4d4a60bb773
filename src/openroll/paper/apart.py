"""Letters printed by a process of its own, whose memory goes with it.

Typst keeps what it laid out for its next ten sheets: 500 letters leave 300 MB each time, in a process that should stay small. A
printer (paper/child.py) has words and fonts ready and prints each file in a child that ends with it.
"""

import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime
from queue import SimpleQueue
from types import TracebackType
from typing import BinaryIO, Self, cast

import msgspec

from openroll import child_process
from openroll.paper.letters import Letter, LetterFrame
from openroll.paper.typeface import FontsMissing
from openroll.paper.wording import NotPrintable
from openroll.words import own

PRINTED, NOT_PRINTABLE, NO_FONTS = 0, 3, 4
"""How a printer's answer begins: a PDF follows, or the sentence that says why there is none."""
_LENGTH = 8


class Task(msgspec.Struct, frozen=True):
    """One file that a printer prints; `made` is the PDF's time of making."""

    letters: list[Letter]
    frame: LetterFrame
    made: datetime


def send(pipe: BinaryIO, data: bytes) -> None:
    """Write a message to a pipe, its length before it."""
    pipe.write(len(data).to_bytes(_LENGTH))
    pipe.write(data)
    pipe.flush()


def receive(pipe: BinaryIO) -> bytes:
    """The next message of a pipe. Raises EOFError where it ends before the message does."""
    length = pipe.read(_LENGTH)
    data = pipe.read(int.from_bytes(length)) if len(length) == _LENGTH else b""
    if len(length) < _LENGTH or len(data) < int.from_bytes(length):
        raise EOFError
    return data


class Printer:
    """A process that prints one file of letters after another, as `letters_pdf` would, until it is closed."""

    def __init__(self) -> None:
        """Start it. Raises OSError."""
        # Processes print side by side where there is much to print, so none of them takes several cores.
        self._process = subprocess.Popen(  # noqa: S603 - this interpreter and a module of ours
            [sys.executable, "-m", "openroll.paper.child", str(own.folder() or "")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=child_process.environment(RAYON_NUM_THREADS="1"),
        )
        self._tasks, self._answers = (cast("BinaryIO", pipe) for pipe in (self._process.stdin, self._process.stdout))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self._process.kill()
        with suppress(BrokenPipeError):  # it is dead, and has been spoken of
            self._process.__exit__(kind, error, trace)

    def print(self, letters: Sequence[Letter], frame: LetterFrame, *, made: datetime) -> bytes:
        """Letters as one PDF. Raises NotPrintable, FontsMissing, and ChildProcessError where the process dies."""
        try:
            send(self._tasks, msgspec.json.encode(Task(list(letters), frame, made)))
            answer = receive(self._answers)
        except (BrokenPipeError, EOFError) as error:
            status = self._process.wait()
            raise ChildProcessError(f"the process that prints letters ended with status {status}") from error
        said = memoryview(answer)[1:]
        if answer[0] == PRINTED:
            return bytes(said)
        raise (NotPrintable if answer[0] == NOT_PRINTABLE else FontsMissing)(str(said, "utf-8"))


def letters_apart(letters: Sequence[Letter], frame: LetterFrame, *, made: datetime) -> bytes:
    """As `letters_pdf`, by a process of its own. Raises NotPrintable, FontsMissing, and OSError where it cannot start or dies."""
    with Printer() as printer:
        return printer.print(letters, frame, made=made)


@contextmanager
def printers(count: int) -> Iterator[Callable[[Sequence[Letter], LetterFrame, datetime], bytes]]:
    """So many processes that print letters side by side, for as many threads: each call takes the one that is free."""
    free: SimpleQueue[Printer] = SimpleQueue()

    def print_letters(letters: Sequence[Letter], frame: LetterFrame, made: datetime) -> bytes:
        printer = free.get()
        try:
            return printer.print(letters, frame, made=made)
        finally:
            free.put(printer)

    with ExitStack() as stack:
        for _ in range(count):
            free.put(stack.enter_context(Printer()))
        yield print_letters
