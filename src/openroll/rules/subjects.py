"""Reading subjects from a file: one, or a list of them, as YAML or JSON (which is YAML)."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import msgspec

from openroll.rules.calendar import EARLIEST, LATEST
from openroll.rules.faults import Fault, RuleFaults
from openroll.rules.form import form_faults
from openroll.rules.kinds import KINDS
from openroll.rules.subject import Subject
from openroll.rules.text import Path, line_of, read_yaml, said


def parse_subjects(text: str, name: str, kinds: Sequence[str] = KINDS) -> tuple[Subject, ...]:
    """The subjects of a file, of these kinds. Raises RuleFaults: unknown keys and kinds, dates that are none, all at once."""
    data, lines = read_yaml(text, name)
    many = isinstance(data, list)
    form: Any = list[Subject] if many else Subject
    faults = form_faults(data, _schema(form, kinds), name, lines)
    if not faults:
        read = msgspec.convert(data, form, strict=False)
        subjects: tuple[Subject, ...] = tuple(read) if many else (read,)
        faults = [
            fault for place, one in enumerate(subjects) for fault in _far(one, (place,) if many else (), name, lines)
        ]
        if not faults:
            return subjects
    raise RuleFaults(faults)


def _schema(form: Any, kinds: Sequence[str]) -> dict[str, Any]:
    schema = msgspec.json.schema(form)
    schema["$defs"]["Subject"]["properties"]["kind"] = {"enum": list(kinds)}
    return schema


def _far(subject: Subject, path: Path, name: str, lines: Mapping[Path, int]) -> Iterator[Fault]:
    for field, value in msgspec.structs.asdict(subject).items():
        if isinstance(value, date) and not EARLIEST <= value <= LATEST:
            here = (*path, field)
            yield Fault(
                name, line_of(lines, here), said(here), f"{value} is far away.", f"a day from {EARLIEST} to {LATEST}"
            )
