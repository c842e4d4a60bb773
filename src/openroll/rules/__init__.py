"""A rule as data: who must do what by when, what may follow, and which safeguards it keeps. Pure: no clock, no network.

The same rule answers for one subject (`duties`) and for a frame of a million (`duties_frame`).
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from openroll.rules.calendar import EARLIEST, EVERY_WEEK, LATEST, WorkingDays, most_days
from openroll.rules.check import NEEDED_TO_OPEN, SAFEGUARDS, Finding, check, obstacles
from openroll.rules.checks.words_only import WordsPart, unjudged, words_digest, words_languages, words_parts
from openroll.rules.duties import STATES, DutyState, NoSuchZone, bearer_of, duties, withheld
from openroll.rules.duty import CALENDAR_EVENTS, Deadline, Duty, Most, Threshold
from openroll.rules.faults import Fault, RuleFaults
from openroll.rules.form import form_faults, value_of
from openroll.rules.kinds import KINDS, NATURAL, DeclaredKind, Kind, Nature
from openroll.rules.language import Text
from openroll.rules.library import (
    NoSuchRule,
    canonical,
    digest,
    full_title,
    known_rules,
    load,
    load_overlay,
    load_under,
    overlays,
    parse_rule,
    plain,
    shipped,
)
from openroll.rules.measures import (
    CONFINING,
    CUTTING,
    ENDING,
    GENTLE,
    Fine,
    FineRange,
    Measure,
    fine_range,
    has_top,
)
from openroll.rules.model import (
    ACTIVITY,
    SENSITIVE,
    Evidence,
    Field,
    Retention,
    Rule,
    Standing,
    Statement,
    Succession,
    in_force,
    subject_kinds,
)
from openroll.rules.overlay import Overlay, parse_overlay
from openroll.rules.reading import rule_schema
from openroll.rules.retention import UNCONFIRMED_DAYS, kept_until, waits_until
from openroll.rules.subject import DATES, DONE_FIELDS, EVENT_FIELDS, Subject
from openroll.rules.subjects import parse_subjects
from openroll.rules.text import Path, line_of, read_on, read_yaml, said
from openroll.rules.values import Identifier, Money, Source, Unit, Worth, given

if TYPE_CHECKING:
    from openroll.rules.vectorized import KIND, STATE, duties_frame

__all__ = [
    "ACTIVITY",
    "CALENDAR_EVENTS",
    "CONFINING",
    "CUTTING",
    "DATES",
    "DONE_FIELDS",
    "EARLIEST",
    "ENDING",
    "EVENT_FIELDS",
    "EVERY_WEEK",
    "GENTLE",
    "KIND",
    "KINDS",
    "LATEST",
    "NATURAL",
    "NEEDED_TO_OPEN",
    "SAFEGUARDS",
    "SENSITIVE",
    "STATE",
    "STATES",
    "UNCONFIRMED_DAYS",
    "Deadline",
    "DeclaredKind",
    "Duty",
    "DutyState",
    "Evidence",
    "Fault",
    "Field",
    "Finding",
    "Fine",
    "FineRange",
    "Identifier",
    "Kind",
    "Measure",
    "Money",
    "Most",
    "Nature",
    "NoSuchRule",
    "NoSuchZone",
    "Overlay",
    "Path",
    "Retention",
    "Rule",
    "RuleFaults",
    "Source",
    "Standing",
    "Statement",
    "Subject",
    "Succession",
    "Text",
    "Threshold",
    "Unit",
    "WordsPart",
    "WorkingDays",
    "Worth",
    "bearer_of",
    "canonical",
    "check",
    "digest",
    "duties",
    "duties_frame",
    "fine_range",
    "form_faults",
    "full_title",
    "given",
    "has_top",
    "in_force",
    "kept_until",
    "known_rules",
    "line_of",
    "load",
    "load_overlay",
    "load_under",
    "most_days",
    "obstacles",
    "overlays",
    "parse_overlay",
    "parse_rule",
    "parse_subjects",
    "plain",
    "read_on",
    "read_yaml",
    "rule_schema",
    "said",
    "shipped",
    "subject_kinds",
    "unjudged",
    "value_of",
    "waits_until",
    "withheld",
    "words_digest",
    "words_languages",
    "words_parts",
]


def __getattr__(name: str) -> Any:
    """Load what works on columns when it is first asked for (PEP 562): a server that files does without Polars and NumPy."""
    if name not in {"KIND", "STATE", "duties_frame"}:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module("openroll.rules.vectorized"), name)
    globals()[name] = value
    return value
