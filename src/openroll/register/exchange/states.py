"""Where a request stands, as ETSI TS 103 120 says it, and back: without loss, for every step of every procedure.

Its dictionaries name an owner, so that others may add their own. Each state is said twice: as the nearest value of ETSI's, for
programs that know no more, and exactly, in a dictionary of ours (`OURS`). A value stands here under ETSI's name only where its
use is confirmed (docs/facts/exchange.md); where none is, both are ours.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from openroll.register.request.words import DESIRED, GIVING, NOT_GIVING
from openroll.rules.procedure import procedure, procedures

ETSI, OURS = "ETSI", "Openroll"
STEP, OUTCOME, WISH = "RequestStep", "RequestOutcome", "RequestDesired"
"""Names of our dictionaries."""
DELAYED = "telling-delayed"
DISCLOSING, PRESERVING = "LDTaskStatus", "LPTaskStatus"
"""Dictionaries of what is disclosed, and of what is preserved."""
NONE = "none"
"""How no outcome yet is written."""


class Entry(NamedTuple):
    """A value of a dictionary: whose dictionary, its name, the value."""

    owner: str
    name: str
    value: str


class Said(NamedTuple):
    """A state as TS 103 120 has it: of the authorisation, of its one task, and exactly."""

    authorisation: Entry
    task: Entry
    exact: tuple[Entry, Entry]


AUTHORISATION = ("AwaitingApproval", "Approved", "EmergencyApproval", "Cancelled", "Rejected", "Expired", "Invalid")
"""Values of ETSI's `AuthorisationStatus` that are used here."""
TASK = (
    "AwaitingApproval",
    "AwaitingDisclosure",
    "AwaitingPreservation",
    "Suspended",
    "Preserved",
    "Cancelled",
    "Rejected",
    "Expired",
    "Invalid",
)
"""Values of ETSI's `LDTaskStatus` that are used here."""
DISCLOSED = "Disclosed"
"""A task whose answer went out: ours, as no value of ETSI's for it is confirmed."""

STEPS: Mapping[str, tuple[str, str]] = {
    "under-review": ("AwaitingApproval", "AwaitingApproval"),
    "second-review": ("AwaitingApproval", "AwaitingApproval"),
    "incomplete": ("AwaitingApproval", "AwaitingApproval"),
    "asked-back": ("AwaitingApproval", "AwaitingApproval"),
    "to-confirm": ("AwaitingApproval", "AwaitingApproval"),
    "objection-window": ("Approved", "Suspended"),
    "with-operator": ("Approved", "AwaitingDisclosure"),
    "operator-late": ("Approved", "AwaitingDisclosure"),
    "urgent": ("EmergencyApproval", "AwaitingDisclosure"),
    "urgent-late": ("EmergencyApproval", "AwaitingDisclosure"),
    "to-preserve": ("AwaitingApproval", "AwaitingPreservation"),
    "preserved": ("AwaitingApproval", "Preserved"),
    "kept": ("Approved", "Preserved"),
}
"""Steps in which something is still to be decided or done: what they are by themselves. An outcome does not change it."""

LATER = "later-review"
"""Answered in an emergency, and not reviewed yet."""
OVER = ("to-tell", "tell-late", DELAYED, "told", "closed", "untold")
"""Steps in which nothing is left but to tell the person: what came of the request is its state."""

OUTCOMES: Mapping[str, tuple[str, str]] = {
    **dict.fromkeys(GIVING, ("Approved", DISCLOSED)),
    **dict.fromkeys(NOT_GIVING, ("Approved", "Invalid")),
    "refused": ("Rejected", "Rejected"),
    "objected": ("Rejected", "Rejected"),
    "annulled": ("Invalid", "Invalid"),
    "withdrawn": ("Cancelled", "Cancelled"),
    "produced": ("Approved", "Preserved"),
    "no-decision": ("Expired", "Expired"),
    "abandoned": ("Expired", "Expired"),
    "unconfirmed": ("Expired", "Expired"),
    "unanswered": ("Expired", "Expired"),
    "lapsed": ("Expired", "Expired"),
    "": ("Expired", "Expired"),
}
"""What came of a request, as the state of its authorisation and task."""

WISHES: Mapping[str, tuple[str, str]] = {
    "now": ("SubmittedToCSP", "AwaitingDisclosure"),
    "preserve": ("SubmittedToCSP", "AwaitingPreservation"),
    "produce": ("SubmittedToCSP", "SubsequentProductionRequest"),
}
"""What the officer wishes (`DesiredStatus`), of the authorisation and of the task."""

REASONS: Mapping[str, Entry] = {
    "not-held": Entry(ETSI, "NonExecutionReason", "DataNotHeld"),
    "impossible": Entry(ETSI, "NonExecutionReason", "DeFactoImpossibility"),
    "immunity": Entry(ETSI, "NonExecutionReason", "ImmunitiesOrPrivileges"),
    "conflict-of-law": Entry(ETSI, "NonExecutionReason", "ConflictOfLaw"),
    "unclear": Entry(ETSI, "NonExecutionReason", "InsufficientInformation"),
    "disproportionate": Entry(OURS, "NonExecutionReason", "Disproportionate"),
}
"""Why an operator does not give, as TS 104 144 clause 6.4.4 names what Form 3 lists. It has no disproportion; that is ours."""


def states() -> tuple[str, ...]:
    """Every state that a request can be in, by any procedure that ships."""
    steps = (step.id for name in procedures() for step in procedure(name).steps)
    return tuple(dict.fromkeys([*steps, DELAYED]))


def said(state: str, outcome: str) -> Said:
    """A state and what came of the request so far, as TS 103 120 has them. Raises KeyError for a step or outcome of none."""
    if state == LATER:
        authorisation, task = "EmergencyApproval", OUTCOMES[outcome or "given"][1]
    else:
        authorisation, task = OUTCOMES[outcome] if state in OVER else STEPS[state]
    _ = OUTCOMES[outcome]
    return Said(
        Entry(ETSI, "AuthorisationStatus", authorisation),
        Entry(OURS if task == DISCLOSED else ETSI, DISCLOSING, task),
        (Entry(OURS, STEP, state), Entry(OURS, OUTCOME, outcome or NONE)),
    )


def meant(entries: Iterable[Entry]) -> tuple[str, str]:
    """The state and outcome that entries say. Raises ValueError: ours are not there, or contradict ETSI's beside them."""
    by_name = {one.name: one for one in map(_of_disclosure, entries)}
    try:
        state, outcome = by_name[STEP].value, by_name[OUTCOME].value
        found = said(state, "" if outcome == NONE else outcome)
    except KeyError as error:
        raise ValueError(f"they say no state of a request: {error}") from error
    beside = (found.authorisation, found.task)
    if any(by_name.get(one.name, one) != one for one in beside):
        raise ValueError(f"they say {state} beside a status that it is not")
    return state, "" if outcome == NONE else outcome


def of_preservation(task: Entry) -> Entry:
    """A task's status in the dictionary of tasks that preserve, whose values are the same."""
    return task._replace(name=PRESERVING) if task.name == DISCLOSING else task


def _of_disclosure(entry: Entry) -> Entry:
    return entry._replace(name=DISCLOSING) if entry.name == PRESERVING else entry


def wished(desired: str) -> tuple[Entry, Entry, Entry]:
    """What an officer wishes: the authorisation's `DesiredStatus`, the task's, and ours. Raises KeyError."""
    authorisation, task = WISHES[desired]
    return (
        Entry(ETSI, "AuthorisationDesiredStatus", authorisation),
        Entry(ETSI, "LDTaskDesiredStatus", task),
        Entry(OURS, WISH, desired),
    )


def wish_of(task: Entry) -> str:
    """What an officer wishes by a task's `DesiredStatus`. Raises ValueError."""
    found = [name for name in DESIRED if wished(name)[1] == task]
    if not found:
        raise ValueError(f"{task.value} is no wish of a request")
    return found[0]
