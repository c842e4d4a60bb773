"""Print a procedure on a terminal: its steps in the order of its ways, each with whose turn it is and what silence brings."""

from rich.console import Console
from rich.text import Text

from openroll.cli.rule_pages import heading, lines, things
from openroll.rules.language import in_all
from openroll.rules.procedure import Procedure
from openroll.rules.procedure_order import in_order
from openroll.words.catalogue import gettext
from openroll.words.labels import words
from openroll.words.procedures import MEANWHILE, SECTIONS, step_words, whole_words


def show_procedures(console: Console, listed: list[Procedure]) -> None:
    """The procedures that ship, each with its name in events."""
    console.print(things([(one.id, lines(*in_all(one.title), one.name)) for one in listed]))


def show_procedure(console: Console, shown: Procedure, lang: str) -> None:
    """A procedure, whole."""
    console.print(Text("\n".join(in_all(shown.title)), style="bold"))
    console.print(Text(shown.name, style="dim"), soft_wrap=True)
    for section in in_order(shown):
        heading(console, words(lang, SECTIONS, section.how))
        rows = []
        for leg in section.legs:
            told = step_words(lang, shown, leg)
            meanwhile = gettext(lang, MEANWHILE).format(acts=told.meanwhile) if told.meanwhile else ""
            on = (told.on,) if told.on else ()
            rows.append((leg.step.id, lines(told.title, told.turn, *on, *told.elsewhere, meanwhile, told.silence)))
        console.print(things(rows))
    console.print()
    console.print(lines(*whole_words(lang, shown)))
