"""Mistakes in a rule file: all of them at once, each with its line, what was expected and an example."""

from collections.abc import Sequence

import msgspec


class Fault(msgspec.Struct, frozen=True):
    """One mistake. `line` counts from 1; `path` leads to the value, as in `duties/0/deadlines/0/period`."""

    file: str
    line: int
    path: str
    found: str
    expected: str
    example: str = ""

    def __str__(self) -> str:
        example = f" For example: {self.example}" if self.example else ""
        return f"{self.file}:{self.line}: {self.path or 'the file'}: {self.found} Expected: {self.expected}.{example}"


class RuleFaults(ValueError):
    """A file that is not a rule. `faults` holds every mistake found, in the order of the lines."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(sorted(faults, key=lambda fault: (fault.line, fault.path)))
        super().__init__("\n".join(map(str, self.faults)))
