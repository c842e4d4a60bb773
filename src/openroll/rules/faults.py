"""Mistakes in a rule file: all of them at once, each with its line, what was expected and an example."""

from collections.abc import Sequence

import msgspec

from openroll.rules.sentence import Sentence, sentence


def _(text: str) -> str:
    """Mark a text for the catalogue."""
    return text


class Fault(msgspec.Struct, frozen=True):
    """One mistake. `line` counts from 1; `path` leads to the value, as in `duties/0/deadlines/0/period`.

    What was found and what was expected are sentences of any language; plain text is English, or the same in every language.
    """

    file: str
    line: int
    path: str
    found: Sentence | str
    expected: Sentence | str
    example: str = ""

    @property
    def told(self) -> Sentence:
        """The mistake as one sentence, for any language."""
        text = _("{file}:{line}: {path}: {found} Expected: {expected}.")
        if self.example:
            text = _("{file}:{line}: {path}: {found} Expected: {expected}. For example: {example}")
        path = self.path or Sentence(_("the file"))
        given = {"file": self.file, "line": self.line, "found": self.found, "expected": self.expected}
        return sentence(text, path=path, example=self.example, **given)

    def __str__(self) -> str:
        """The same in English."""
        return str(self.told)


class RuleFaults(ValueError):
    """A file that is not a rule. `faults` holds every mistake found, in the order of the lines."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(sorted(faults, key=lambda fault: (fault.line, fault.path)))
        super().__init__("\n".join(map(str, self.faults)))
