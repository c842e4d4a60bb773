"""How commands speak: refusals as sentences, faults as tables, long work with a bar. Errors go to standard error."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Table

from openroll.register.decision import Refused
from openroll.sheet import Fault
from openroll.sheet.encodings import samples
from openroll.sheet.faults import visible
from openroll.sheet.source import HEAD
from openroll.words import say

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)
MOST_SHOWN = 20


def refuse(refused: Refused) -> NoReturn:
    """Say why not, and end with status 1."""
    refusal = refused.refusal
    err.print(
        f"[bold red]Refused[/] ({refusal.code}): {escape(say(refusal.code, refusal.params, 'en'))}", soft_wrap=True
    )
    raise SystemExit(1)


def fail(sentence: str, status: int = 2) -> NoReturn:
    """Say what went wrong, and end."""
    err.print(f"[bold red]openroll:[/] {escape(sentence)}", soft_wrap=True)
    raise SystemExit(status)


def write(path: Path, text: str) -> None:
    """Write a CSV for a spreadsheet, or say in a sentence why that cannot be, and end with status 2."""
    try:
        path.write_text(text, encoding="utf-8-sig")
    except OSError as error:
        fail(f"{path} cannot be written: {error.strerror or error}. Name another file.")


def show_faults(faults: Sequence[Fault], count: int) -> None:
    """Faults as a table, the first of them when there are many."""
    table = Table(
        "row",
        "column",
        "value",
        "expected",
        "what to do",
        title=f"{count} fault{'' if count == 1 else 's'}",
        title_justify="left",
    )
    for fault in faults[:MOST_SHOWN]:
        cells = (fault.column, fault.value, fault.expected, fault.remedy)
        table.add_row(str(fault.row), *map(escape, cells))  # what stands in a file is no markup of ours
    err.print(table)
    if count > MOST_SHOWN:
        err.print(f"… and {count - MOST_SHOWN} more; --faults FILE writes the first 1,000 as CSV.")


def show_encodings(path: Path, faults: Sequence[Fault]) -> None:
    """Where a list's encoding is not clear: some of its cells as each encoding would read them, for whose list it is to say."""
    if not any(fault.code == "encoding-unsure" for fault in faults):
        return
    with path.open("rb") as file:
        found = samples(file.read(HEAD))
    table = Table("encoding", "so it would read", title="Which of these is right?", title_justify="left")
    for name, cells in found:
        table.add_row(name, escape("  ".join(map(visible, cells))))
    err.print(table)
    err.print("The likeliest stands first. Save the list as CSV UTF-8, or say --encoding NAME.")


class Bar:
    """A bar that changes its name as the work goes on."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, what: str, done: int, of: int) -> None:
        """Show that `done` of `of` is done (of 0: not known)."""
        if what not in self._tasks:
            self._tasks[what] = self._progress.add_task(what)
        self._progress.update(self._tasks[what], completed=done, total=of or None)


@contextmanager
def bar() -> Iterator[Bar]:
    """A progress bar on standard error for as long as the work takes; quiet where nobody looks."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True) as progress:
        yield Bar(progress)
