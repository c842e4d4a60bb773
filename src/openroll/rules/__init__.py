"""A rule as data: who must do what by when, what may follow, and which safeguards it keeps. Pure: no clock, no network.

The same rule answers for one subject (`duties`) and for a frame of a million (`duties_frame`).
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from openroll.rules.calendar import most_days
from openroll.rules.check import NEEDED_TO_OPEN, SAFEGUARDS, Finding, check, obstacles
from openroll.rules.duties import STATES, DutyState, Subject, deadline_on, duties
from openroll.rules.faults import Fault, RuleFaults
from openroll.rules.language import Text
from openroll.rules.library import (
    NoSuchRule,
    canonical,
    digest,
    full_title,
    known_rules,
    load,
    load_overlay,
    overlays,
    parse_rule,
    plain,
    shipped,
)
from openroll.rules.model import (
    KINDS,
    Deadline,
    Duty,
    Field,
    Identifier,
    Kind,
    Measure,
    Money,
    Retention,
    Rule,
    Source,
    Statement,
)
from openroll.rules.overlay import Overlay, parse_overlay
from openroll.rules.reading import form_faults, rule_schema
from openroll.rules.retention import UNCONFIRMED_DAYS, kept_until, waits_until
from openroll.rules.subjects import EARLIEST, LATEST, parse_subjects
from openroll.rules.text import Path, line_of, read_yaml, said

if TYPE_CHECKING:
    from openroll.rules.vectorized import KIND, STATE, duties_frame

__all__ = [
    "EARLIEST",
    "KIND",
    "KINDS",
    "LATEST",
    "NEEDED_TO_OPEN",
    "SAFEGUARDS",
    "STATE",
    "STATES",
    "UNCONFIRMED_DAYS",
    "Deadline",
    "Duty",
    "DutyState",
    "Fault",
    "Field",
    "Finding",
    "Identifier",
    "Kind",
    "Measure",
    "Money",
    "NoSuchRule",
    "Overlay",
    "Path",
    "Retention",
    "Rule",
    "RuleFaults",
    "Source",
    "Statement",
    "Subject",
    "Text",
    "canonical",
    "check",
    "deadline_on",
    "digest",
    "duties",
    "duties_frame",
    "form_faults",
    "full_title",
    "kept_until",
    "known_rules",
    "line_of",
    "load",
    "load_overlay",
    "most_days",
    "obstacles",
    "overlays",
    "parse_overlay",
    "parse_rule",
    "parse_subjects",
    "plain",
    "read_yaml",
    "rule_schema",
    "said",
    "shipped",
    "waits_until",
]


def __getattr__(name: str) -> Any:
    """Load what works on columns when it is first asked for (PEP 562): a server that files does without Polars and NumPy."""
    if name not in {"KIND", "STATE", "duties_frame"}:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module("openroll.rules.vectorized"), name)
    globals()[name] = value
    return value
