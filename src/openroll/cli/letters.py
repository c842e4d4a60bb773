"""The operator's letters: filing codes on paper, all of them by one command."""

import os
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import msgspec
from cyclopts import App, Parameter

from openroll.cli.arguments import spoken
from openroll.cli.letter_files import cuts_in, letters_folder, name_of
from openroll.cli.output import bar, fail, out, refuse
from openroll.cli.wiring import Wiring
from openroll.durable import PRIVATE, write_durably
from openroll.paper import MOST_LETTERS, FontsMissing, Letter, LetterFrame, NotPrintable, printers
from openroll.places.address import office_lines
from openroll.register.decision import Refused
from openroll.rules.language import in_language
from openroll.service.filing.letters import Batch, all_batches, give_codes, mark_of, name_for_letters
from openroll.service.roll import Roll

Prints = Callable[[Sequence[Letter], LetterFrame, datetime], bytes]
"""Prints letters as one PDF, with its time of making."""
WAITING = 2
"""Batches a process has before it, so that none waits for work and no more than that lies in memory."""


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
        or gone, stay and are told. One run at a time has a folder.

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
            try:
                made, there, others = _print_all(roll, operator, frame, output, printing, show)
            except (NotPrintable, FontsMissing) as error:
                fail(str(error))
        again = f" {there:,} were there from the last time." if there else ""
        out.print(f"Printed {made:,} letters to {output}.{again} Post each, then guard or destroy the files.")
        if others:
            out.print(
                f"Other files of letters there, which are not what the roll says now: {', '.join(others)}. Post none of"
                " them: a code in it may be dead, or the record another operator's. Destroy them."
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


def _print_all(
    roll: Roll,
    operator: str,
    frame: LetterFrame,
    folder: Path,
    printing: Printing,
    show: Callable[[str, int, int], None],
) -> tuple[int, int, list[str]]:
    """Letters printed, letters that were there, and the names of other files of letters there."""
    made = there = 0
    current: set[str] = set()
    processes = printing.processes or os.cpu_count() or 1
    running: deque[Future[int]] = deque()
    with printers(processes) as prints, ThreadPoolExecutor(processes) as pool:  # each thread waits for one of them
        for batch in all_batches(roll, operator, printing.batch, cuts_in(folder), MOST_LETTERS):
            letters = _letters(roll, batch, frame)
            path = folder / _name(roll, batch, letters, frame)
            current.add(path.name)
            if path.exists():
                there += len(letters)
                continue
            running.append(pool.submit(print_batch, prints, path, letters, frame, roll.clock()))
            while len(running) > WAITING * processes:
                made += running.popleft().result()
                show("letters", made + there, 0)
        while running:
            made += running.popleft().result()
            show("letters", made + there, 0)
    others = sorted({path.name for path in folder.glob("letters-*.pdf")} - current)
    return made, there, others


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
    """Print one file of letters, whole or not at all, for its owner alone; how many it holds."""
    write_durably(path, prints(letters, frame, at), PRIVATE)
    return len(letters)
