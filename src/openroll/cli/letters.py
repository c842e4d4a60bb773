"""The operator's letters: filing codes on paper, all of them by one command."""

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, NamedTuple

import msgspec
from cyclopts import App, Parameter

from openroll.cli.arguments import reason, spoken
from openroll.cli.letter_files import LIST, cuts_in, letters_folder, name_of, write_list
from openroll.cli.output import MOST_SHOWN, bar, err, fail, out, refuse
from openroll.cli.wiring import Wiring
from openroll.disk_room import is_full
from openroll.durable import PRIVATE, write_durably
from openroll.paper import MOST_LETTERS, FontsMissing, Letter, LetterFrame, NotPrintable, printers
from openroll.places.address import office_lines
from openroll.register.decision import Refused
from openroll.rules.language import in_language
from openroll.service.filing.letters import (
    Batch,
    all_batches,
    count_left_out,
    count_letters,
    give_codes,
    mark_of,
    name_for_letters,
    withheld,
)
from openroll.service.roll import Roll

Prints = Callable[[Sequence[Letter], LetterFrame, datetime], bytes]
"""Prints letters as one PDF, with its time of making."""
WAITING = 2
"""Batches a process has before it, so that none waits for work and no more than that lies in memory."""

BYTES_A_LETTER = 11_000
"""What a letter takes in a file of 500, about."""


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Printing:
    """How letters are printed."""

    language: Annotated[str, Parameter(help="The letters' language, one of the roll's (default: its first).")] = ""
    batch: Annotated[int, Parameter(help=f"Letters a file, 1 to {MOST_LETTERS}.")] = MOST_LETTERS
    processes: Annotated[int, Parameter(help="Processes that print side by side (default: one a core).")] = 0


def add(app: App, wiring: Wiring) -> None:
    """Add the command `letters`."""

    @app.command
    def letters(
        *,
        operator: str,
        output: Annotated[Path, Parameter(name=["--output", "-o"])],
        printing: Printing = Printing(),
    ) -> None:
        """Print the letters that bring an operator's subscribers their filing codes: one a page, as PDF files.

        A code opens one filing to whoever holds it: folder and files are readable by their owner only. Given again, as after
        a crash, a file that is there is not printed again as long as nothing in it has changed; where it begins and ends stays
        as it was, whatever changes elsewhere in the roll. Files that are not of now, a code having been replaced or a record come
        or gone, stay and are told. One run at a time has a folder. Its letters.csv says whose letter is on which page,
        by record and handle: `openroll handle accounts` puts your account numbers beside them.

        Parameters
        ----------
        operator
            The operator's short name.
        output
            The folder for the files. Each is named by the records that it goes from and to, and by what is printed in it.
        """
        if not 1 <= printing.batch <= MOST_LETTERS:
            fail(f"--batch is 1 to {MOST_LETTERS} letters a file, not {printing.batch}.")
        roll = wiring.roll()
        frame = _frame(roll, operator, printing.language or roll.opened.languages[0], wiring.address)
        with spoken("letters"), letters_folder(output), bar() as show:
            if isinstance(given := give_codes(roll, operator), Refused):
                refuse(given)
            run = Run(roll, operator, frame, output)
            try:
                run.print_all(printing, show)
                run.write_list()
            except (NotPrintable, FontsMissing, OSError) as error:
                with suppress(OSError):  # a disk that is full has no room for it either
                    run.write_list()
                fail(run.ended(error))
        again = f" {run.there:,} were there from the last time." if run.there else ""
        out.print(
            f"Printed {run.made:,} letters to {output}.{again} {LIST} says whose is on which page. Post each, then guard or"
            " destroy the files."
        )
        tell_left_out(roll, operator)
        if others := run.others():
            named = ", ".join(others[:MOST_SHOWN])
            more = f" and {len(others) - MOST_SHOWN:,} more" if len(others) > MOST_SHOWN else ""
            out.print(
                f"Other files of letters there, which are not what the roll says now: {named}{more}. Post"
                f" none of them: a code in it may be dead, or the record another operator's. Destroy them: {LIST} names none."
            )


def tell_left_out(roll: Roll, operator: str) -> None:
    """Say how many living filings of an operator it is told no code of, and why, where there are any."""
    count = count_left_out(roll, operator)
    if not count:
        return
    since = withheld(roll, operator).since
    why = (
        f"what was filed before {since} keeps a code that nobody is told, since on that day a seat or a succession came in force"
        f" for which nobody of {operator} had spoken; letters that were printed before stay good"
        if since
        else "whoever filed alone has their code, and what came from an operator that was not asked keeps its own"
    )
    err.print(
        f"Left out, of living filings: {count:,}. Their codes are not {operator}'s to tell: {why}.", soft_wrap=True
    )


def _frame(roll: Roll, operator: str, language: str, address: str) -> LetterFrame:
    if language not in roll.opened.languages:
        fail(
            f"The roll speaks {', '.join(roll.opened.languages)}, and not {language}: name one of these by --language."
        )
    title = name_for_letters(roll, operator)
    if isinstance(title, Refused):
        refuse(title)
    return LetterFrame(
        title=roll.opened.title,
        registrar=roll.opened.registrar,
        operator=in_language(title, language),
        day=roll.day(roll.clock()),
        find={language: f"{address}/{language}/find"},
        demonstration=roll.opened.demonstration,
    )


class Printed(NamedTuple):
    """A file of letters that is printed, or on its way: its size comes when it is there."""

    name: str
    letters: list[tuple[int, str]]
    size: Future[int]


class Run:
    """One printing of an operator's letters into a folder: what it has `made`, and what was `there`."""

    def __init__(self, roll: Roll, operator: str, frame: LetterFrame, folder: Path) -> None:
        self._roll, self._operator, self._frame, self._folder = roll, operator, frame, folder
        self.made = self.there = self._bytes = 0
        self._total = count_letters(roll, operator)
        self._files: list[tuple[str, list[tuple[int, str]]]] = []

    def print_all(self, printing: Printing, show: Callable[[str, int, int], None]) -> None:
        """Print all letters that are not there. Raises NotPrintable, FontsMissing and OSError."""
        roll, processes = self._roll, printing.processes or os.cpu_count() or 1
        running: deque[Printed] = deque()
        try:
            # Each thread waits for one of the processes.
            with printers(processes) as prints, ThreadPoolExecutor(processes) as pool, _cancelling(running):
                for batch in all_batches(roll, self._operator, printing.batch, cuts_in(self._folder), MOST_LETTERS):
                    if (printed := self._begin(batch, prints, pool)) is not None:
                        running.append(printed)
                    while len(running) > WAITING * processes:
                        self._count(running.popleft())
                    show("letters", self.made + self.there, self._total)
                while running:
                    self._count(running.popleft())
                    show("letters", self.made + self.there, self._total)
        finally:  # after an error, what was done beside it
            for printed in running:
                if not printed.size.cancelled() and printed.size.exception() is None:
                    self._count(printed)

    def _begin(self, batch: Batch, prints: Prints, pool: ThreadPoolExecutor) -> Printed | None:
        """Have a batch printed; None where it is there."""
        letters = _letters(self._roll, batch, self._frame)
        path = self._folder / _name(self._roll, batch, letters, self._frame)
        listed = [(record, handle) for record, (handle, *_) in zip(batch.records, batch.codes, strict=True)]
        if path.exists():
            self.there += len(listed)
            self._bytes += path.stat().st_size
            self._files.append((path.name, listed))
            return None
        at = self._roll.clock()
        return Printed(path.name, listed, pool.submit(print_batch, prints, path, letters, self._frame, at))

    def _count(self, printed: Printed) -> None:
        self._bytes += printed.size.result()
        self.made += len(printed.letters)
        self._files.append((printed.name, printed.letters))

    def write_list(self) -> None:
        """Write which letter is on which page. Raises OSError."""
        write_list(self._folder, sorted(self._files))

    def others(self) -> list[str]:
        """The names of other files of letters there."""
        return sorted({path.name for path in self._folder.glob("letters-*.pdf")} - {name for name, _ in self._files})

    def ended(self, error: Exception) -> str:
        """What an error came to, and what there is to do."""
        done = self.made + self.there
        left = max(self._total - done, 0)
        printed = f"{done:,} of {self._total:,} letters are printed and stay"
        goes_on = "the same command goes on where this one ended"
        if is_full(error):
            room = left * (self._bytes // done if done else BYTES_A_LETTER) / 1_000_000
            return (
                f"The disk of {self._folder} is full: {printed}. The others want about {max(room, 1):,.0f} MB: make room for"
                f" them there, and {goes_on}."
            )
        why = reason(error)
        return f"{why}{'' if why.endswith('.') else '.'} {printed}: {goes_on}."


@contextmanager
def _cancelling(running: deque[Printed]) -> Iterator[None]:
    """Begin nothing more of what waits once something failed."""
    try:
        yield
    except BaseException:
        for printed in running:
            printed.size.cancel()
        raise


def _name(roll: Roll, batch: Batch, letters: Sequence[Letter], frame: LetterFrame) -> str:
    """The name of a file of letters: by its records, and by all that is printed in it but the day."""
    printed = msgspec.json.encode((letters, msgspec.structs.replace(frame, day=date.min)))
    return name_of(batch.first, batch.last, mark_of(roll, printed))


def _letters(roll: Roll, batch: Batch, frame: LetterFrame) -> list[Letter]:
    language = next(iter(frame.find))
    offices = {
        district: office_lines(roll.place, language, district)
        for district in {district for *_, district in batch.codes}
    }
    return [
        Letter(handle=handle, code=code, language=language, office=offices[district])
        for handle, code, district in batch.codes
    ]


def print_batch(prints: Prints, path: Path, letters: Sequence[Letter], frame: LetterFrame, at: datetime) -> int:
    """Print one file of letters, whole or not at all, for its owner alone; how many bytes it has."""
    data = prints(letters, frame, at)
    write_durably(path, data, PRIVATE)
    return len(data)
