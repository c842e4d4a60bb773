"""Commands on filings that people made alone: which wait for their operator's word, and its word on many at once."""

import csv
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from openroll.cli.arguments import NotSaid, spoken, text_of
from openroll.cli.output import err, out, refuse
from openroll.cli.wiring import Wiring
from openroll.durable import as_text, output_file
from openroll.register.decision import Refused
from openroll.rules.language import ENGLISH
from openroll.service.filing import unconfirmed
from openroll.service.filing.group_commit import GroupCommit
from openroll.service.filing.submit import Outcome, Taken, refused_of
from openroll.service.filing.unconfirmed import Word
from openroll.service.identity.people import unknown
from openroll.sheet.faults import safe_cell
from openroll.words import say_refused

COLUMNS = ("reference", "kind", "access", "district", "connected", "filed", "until")


def add(app: App, wiring: Wiring) -> None:
    """Add the commands on filings that wait for a word."""
    group = App(name="unconfirmed", help="Filings that people made alone and that wait for their operator's word.")
    app.command(group)

    _add_list_waiting(wiring, group)
    _add_say(wiring, group)
    _add_lapse(wiring, group)


def _add_list_waiting(wiring: Wiring, group: App) -> None:
    @group.command(name="list")
    def list_waiting(
        *, operator: str, output: Annotated[Path | None, Parameter(name=["--output", "-o"])] = None
    ) -> None:
        """Write the filings that wait for an operator's word as CSV, each with its last day."""
        roll, after = wiring.roll(), ""
        if refused := unknown(roll, operator):
            refuse(refused)
        with ExitStack() as opened:
            whole = None if output is None else opened.enter_context(output_file(output))
            stream = sys.stdout if whole is None else opened.enter_context(as_text(whole))
            writer = csv.writer(stream)
            writer.writerow(COLUMNS)
            while found := unconfirmed.waiting(roll, operator, after):
                if isinstance(found, Refused):
                    refuse(found)
                writer.writerows([safe_cell(str(getattr(one, name))) for name in COLUMNS] for one in found)
                after = found[-1].reference


def _add_say(wiring: Wiring, group: App) -> None:
    @group.command
    def say(file: Path, /, *, operator: str) -> None:
        """Take or disown filings: a CSV with the columns reference, word (take or disown), handle and why.

        Each line is taken by itself; sending the file again changes nothing.
        """
        with spoken("unconfirmed say"):
            words = _words(file)
        roll = wiring.roll()
        group = GroupCommit(roll)
        try:
            outcomes = unconfirmed.say_all(roll, operator, words, group.submit_and_wait)
        finally:
            group.close()
        _tell(words, outcomes)


def _add_lapse(wiring: Wiring, group: App) -> None:
    @group.command
    def lapse() -> None:
        """Let fall away what nobody confirmed in time. The serving process does this by itself every hour."""
        out.print(f"Fallen away: {unconfirmed.lapse_due(wiring.roll())}.")


def _words(file: Path) -> list[Word]:
    try:
        return unconfirmed.words_of(text_of(file, "reference,word,handle,why"))
    except ValueError as error:
        raise NotSaid(f"{file}: {error}") from error


def _tell(words: list[Word], outcomes: list[Outcome]) -> None:
    taken = sum(isinstance(one, Taken) for one in outcomes)
    out.print(f"Taken or disowned: {taken} of {len(words)}.")
    for word, outcome in zip(words, outcomes, strict=True):
        if isinstance(outcome, Taken):
            continue
        err.print(f"{word.reference}: {say_refused(refused_of(outcome), ENGLISH)}", markup=False, soft_wrap=True)
    if taken < len(words):
        raise SystemExit(1)
