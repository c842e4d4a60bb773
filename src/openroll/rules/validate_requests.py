"""What a schema cannot say of a rule's `requests`: a procedure that ships, steps that it has, times within its bounds."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import msgspec

from openroll.rules.model import Rule
from openroll.rules.procedure import Requests, procedure, procedures, settings_of, settled
from openroll.rules.procedure_model import Procedure
from openroll.rules.procedure_paths import PRODUCES
from openroll.rules.procedure_sense import near, sense_faults
from openroll.rules.sentence import Sentence, sentence
from openroll.rules.text import Path
from openroll.rules.validate_duties import Found

MOST_NAME = 255
"""Characters of a procedure's name with what a rule sets of it, as events carry it: who sets more wants another procedure."""


def _(text: str) -> str:
    """Mark a text for the catalogue."""
    return text


def requests_faults(rule: Rule) -> Iterator[Found]:
    """Every mistake of what a rule says of requests. None where it says nothing."""
    requests = rule.requests
    if not requests:
        return
    sources = tuple(source.id for source in rule.sources)
    if requests.source and requests.source not in sources:
        found = sentence(_("There is no source {name!r}."), name=requests.source)
        yield (
            ("requests", "source"),
            found,
            sentence(_("one of {names}"), names=sources),
            near(requests.source, sources),
        )
    if requests.procedure not in procedures():
        found = sentence(_("There is no procedure {name!r}."), name=requests.procedure)
        example = near(requests.procedure, procedures())
        yield ("requests", "procedure"), found, sentence(_("one of {names}"), names=procedures()), example
        return
    unfit = list(_unfit(requests, procedure(requests.procedure)))
    yield from unfit or _beyond(requests)


@lru_cache(256)  # a log has few procedures, and names one in each filing
def unnameable(name: str) -> str:
    """Why no rule can name a procedure as events do, as a sentence's end; empty where one can. Raises KeyError: it does not ship.

    The files that ship are never changed, and `beyond_bounds` only ever widens, so this holds of names of any time.
    """
    said, _at, _digest = name.rpartition("@")
    shipped, *settings = said.split("+")
    named = procedure(shipped)
    whole: dict[str, Any] = {"procedure": shipped}
    for setting in settings:
        key, _equals, value = setting.partition("=")
        group, dot, step = key.partition(".")
        if dot:
            whole.setdefault(group, {})[step] = value
        else:
            whole[key] = (
                int(value) if key == "pair" and value.isascii() and value.isdigit() and len(value) < 9 else value
            )
    try:
        requests = msgspec.convert(whole, Requests)
    except msgspec.ValidationError:
        return "it sets something else than the times and the number of approvals that a rule sets"
    fault = next(_unfit(requests, named), None) or next(_beyond(requests), None)
    if fault is not None:
        return f"{'/'.join(map(str, fault[0]))}: {str(fault[1]).rstrip('.')}"
    return "" if settled(named, settings_of(requests)).name == name else "its name is not that of what it sets"


def _unfit(requests: Requests, named: Procedure) -> Iterator[Found]:
    steps = {step.id: step for step in named.steps if not step.end}
    for group in ("times", "urgent"):
        for name in getattr(requests, group) or {}:
            if name not in steps:
                found = sentence(_("{procedure} has no step {name!r}."), procedure=named.id, name=name)
                yield (
                    ("requests", group, name),
                    found,
                    sentence(_("one of {names}"), names=tuple(steps)),
                    near(name, steps),
                )
            elif steps[name].takes(PRODUCES):
                found = sentence(_("How long the step {name!r} takes is said by `preserve`."), name=name)
                yield ("requests", group, name), found, Sentence(_("the key `preserve`")), "preserve: P30D"


def _beyond(requests: Requests) -> Iterator[Found]:
    """What the procedure's own checks find in it with the rule's times: told where the rule says them."""
    value = settled(procedure(requests.procedure), settings_of(requests))
    told: set[Path] = set()
    for fault in sense_faults(value, "", {}):
        if (path := _where(fault.path, value)) not in told:
            told.add(path)
            yield path, fault.found, fault.expected, fault.example
    if len(value.name) > MOST_NAME:
        found = sentence(_("The rule sets {count} times of this procedure."), count=len(value.settings or {}))
        yield ("requests",), found, Sentence(_("fewer, or a procedure of its own that ships")), ""


def _where(path: str, value: Procedure) -> Path:
    head, *rest = path.split("/")
    if head != "steps" or not rest:
        return ("requests", head)
    step = value.steps[int(rest[0])]
    if step.takes(PRODUCES):
        return ("requests", "preserve")
    return ("requests", "urgent" if rest[-1] == "urgent" else "times", step.id)
