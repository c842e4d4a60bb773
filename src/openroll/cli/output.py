"""The output of commands: refusals as sentences, faults as tables, progress bars. Errors go to standard error."""

import shlex
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn

from rich.console import Console, ConsoleOptions, RenderableType
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.segment import Segment

from openroll.cli.table import Rows
from openroll.disk_room import is_full, say_full
from openroll.durable import output_file
from openroll.register.decision import Refused
from openroll.rules.language import ENGLISH
from openroll.sheet import Fault
from openroll.sheet.encodings import samples
from openroll.sheet.faults import visible
from openroll.sheet.source import HEAD
from openroll.tlog import printable
from openroll.words import say_refused


class Output(Console):
    """A terminal that obeys nobody's text: what stands in brackets is no markup, what a terminal obeys is shown, and a sentence
    is one line, whatever is in it; what has several is a `Text`.

    It is the one way out for what commands say, so that whoever writes a command need not think of it. A sentence with markup
    of ours is printed with `markup=True`, and everything else in it through `escape`.
    """

    def __init__(self, *, stderr: bool = False) -> None:
        super().__init__(stderr=stderr, highlight=False, markup=False, emoji=False)

    def print(self, *objects: Any, soft_wrap: bool | None = None, **given: Any) -> None:
        """Print. A sentence keeps its line where no terminal shows it: a pipe's reader, or a log, wraps it by itself."""
        if soft_wrap is None and not self.is_terminal:
            soft_wrap = all(isinstance(one, str) for one in objects)  # a page of texts is set in its width anywhere
        said = [one_line(one) if isinstance(one, str) else one for one in objects]
        super().print(*said, soft_wrap=soft_wrap, **given)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterator[Segment]:
        """What is printed, in pieces; those that steer the terminal are rich's own."""
        for piece in super().render(renderable, options):
            yield piece if piece.control else Segment(printable(piece.text, keep="\n"), piece.style)


out = Output()
err = Output(stderr=True)
MOST_SHOWN = 20


def refuse(refused: Refused) -> NoReturn:
    """Say why not, and end with status 1."""
    err.print(
        f"[bold red]Refused[/] ({refused.refusal.code}): {escape(say_refused(refused, ENGLISH))}",
        soft_wrap=True,
        markup=True,
    )
    raise SystemExit(1)


def fail(sentence: str, status: int = 2) -> NoReturn:
    """Say what went wrong, and end."""
    err.print(f"[bold red]openroll:[/] {escape(sentence)}", soft_wrap=True, markup=True)
    raise SystemExit(status)


def command(*words: object) -> str:
    """A command of Openroll that can be pasted as it stands, in backticks: a path or a word with blanks is quoted."""
    return f"`openroll {shlex.join(map(str, words))}`"


def line(*texts: str) -> None:
    """Print lines, unwrapped, for a pipe. Each text is one line, whatever is in it: nobody else's begins a line of its own."""
    for text in texts:
        print(one_line(text), flush=True)  # noqa: T201 - rich would wrap it


def one_line(text: str) -> str:
    """A text on one line whatever is in it: no line that somebody else wrote looks like one of ours."""
    return printable(text)


SECONDS = "%Y-%m-%d %H:%M:%S"


def clock_time(moment: datetime, form: str = "%Y-%m-%d %H:%M") -> str:
    """A moment with its zone as anybody knows it: UTC, or how far from it. The letters of a zone (CST) are several zones'."""
    offset = moment.isoformat()[-6:]
    return f"{moment:{form}} {offset if moment.utcoffset() else 'UTC'}"


def quoted(text: str) -> list[str]:
    """Lines that somebody else wrote, each behind a mark, so that none of them looks like one of ours."""
    return [f"  | {one}" for one in text.split("\n")]


def write(path: Path, text: str) -> None:
    """Write a CSV for a spreadsheet, or say in a sentence why that cannot be, and end with status 2."""
    try:
        with output_file(path) as file:
            file.write(text.encode("utf-8-sig"))
    except OSError as error:
        if is_full(error):
            fail(f"{say_full(error)}.")
        fail(f"{path} cannot be written: {error.strerror or error}. Name another file.")


def write_faults(path: Path, text: str) -> None:
    """Write faults as `write` does, and say so."""
    write(path, text)
    err.print(f"Wrote the faults to {path}.", soft_wrap=True)


def show_faults(faults: Sequence[Fault], count: int, file: str = "") -> None:
    """Faults as a table, the first of them when there are many; `file` is what they are in."""
    named = f"{visible(file)}: " if file else ""
    title = f"{named}{count} fault{'' if count == 1 else 's'}"
    table = Rows("row", "column", "value", "expected", "what to do", title=title)
    for fault in faults[:MOST_SHOWN]:
        table.add_row(
            str(fault.row) if fault.row else "whole file", fault.column, fault.value, fault.expected, fault.remedy
        )
    err.print(table)
    if count > MOST_SHOWN:
        err.print(f"… and {count - MOST_SHOWN} more; --faults FILE writes the first 1,000 as CSV.")


def show_encodings(path: Path, faults: Sequence[Fault]) -> None:
    """Where a list's encoding is not clear: some of its cells as each encoding would read them, for whose list it is to say."""
    if not any(fault.code == "encoding-unsure" for fault in faults):
        return
    with path.open("rb") as file:
        found = samples(file.read(HEAD))
    if not found:
        return
    table = Rows("encoding", "so it would read", title="Which of these is right?")
    for name, cells in found:
        table.add_row(name, "  ".join(map(visible, cells)))
    err.print(table)
    err.print("The likeliest stands first. Save the list as CSV UTF-8, or say --encoding NAME.")


SILENT = 10.0
"""Seconds after which a command that still works says so where no bar is seen, as in a script's output."""
SAID_EVERY = 60.0
"""Seconds between two such lines."""


class Bar:
    """A bar that changes its name as the work goes on. Where no terminal shows it, a line now and then says how far it is."""

    def __init__(self, progress: Progress | None, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._progress = progress
        self._tasks: dict[str, TaskID] = {}
        self._monotonic = monotonic
        self._next = monotonic() + SILENT

    def __call__(self, what: str, done: int, of: int) -> None:
        """Show that `done` of `of` is done (of 0: not known)."""
        if self._progress is None:
            if self._monotonic() >= self._next and done != of:
                err.print(f"{what}: {done:,}{f' of {of:,}' if of else ''}", soft_wrap=True)
                self._next = self._monotonic() + SAID_EVERY
            return
        if what not in self._tasks:
            self._tasks[what] = self._progress.add_task(what)
        self._progress.update(self._tasks[what], completed=done, total=of or None)


@contextmanager
def working(what: str) -> Iterator[None]:
    """Say in a line what is being done, where it takes longer than so many seconds and nobody can say how far it is."""
    later = threading.Timer(SILENT, err.print, [f"{what}: this takes a while."])
    later.daemon = True
    later.start()
    try:
        yield
    finally:
        later.cancel()


@contextmanager
def bar() -> Iterator[Bar]:
    """A progress bar on standard error for as long as the work takes; where no terminal shows it, a line now and then."""
    if not err.is_terminal:
        yield Bar(None)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    progress = Progress(*columns, console=err, transient=True)
    with progress:
        yield Bar(progress)
