"""How large a rule may be: whoever proposes one has it read, checked and compared on the machine that serves everybody.

The longest rule that ships has 5 kB and 13 duties; the longest of a country's law that was written in the format 14 kB.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from openroll.rules.faults import Fault, RuleFaults
from openroll.rules.sentence import sentence
from openroll.rules.text import Path, line_of, said


def _(text: str) -> str:
    """Mark a text for the catalogue."""
    return text


MOST_BYTES = 200_000
"""A rule's text in UTF-8."""
MOST_LISTED = 200
"""Duties, measures, fields, kinds, or whatever else stands in one list of a rule."""


def hold_text(text: str, name: str) -> None:
    """Raise RuleFaults for a text that is too long to be read as a rule."""
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > MOST_BYTES:
        found = sentence(_("The text has {size} bytes."), size=size)
        raise RuleFaults([Fault(name, 1, "", found, sentence(_("a rule of at most {most} bytes"), most=MOST_BYTES))])


def hold_lists(data: Any, name: str, lines: Mapping[Path, int]) -> None:
    """Raise RuleFaults for each list that is too long, before anything in it is looked at."""
    faults = [
        Fault(
            name,
            line_of(lines, path),
            said(path),
            sentence(_("The list has {count} entries."), count=count),
            sentence(_("at most {most} of them"), most=MOST_LISTED),
        )
        for path, count in _long(data, ())
    ]
    if faults:
        raise RuleFaults(faults)


def _long(data: Any, path: Path) -> Iterator[tuple[Path, int]]:
    if isinstance(data, list | dict) and len(data) > MOST_LISTED:
        yield path, len(data)
    elif isinstance(data, list):
        for place, one in enumerate(data):
            yield from _long(one, (*path, place))
    elif isinstance(data, dict):
        for key, one in data.items():
            yield from _long(one, (*path, str(key)))
