"""The roll itself and its operators: official acts, decided by the registrar under a rule."""

import re
from collections.abc import Mapping

import msgspec

from openroll.register.command import Actor
from openroll.register.decision import Accepted, Decision, Refused
from openroll.register.event import Event
from openroll.register.organisation.commands import AdmitOperator
from openroll.register.organisation.events import OperatorAdmitted
from openroll.register.organisation.refusals import NameShape, NotAllowed, OperatorAdmittedAlready
from openroll.register.roll.commands import OpenRoll
from openroll.register.roll.events import RollOpened
from openroll.register.roll.refusals import LanguagesWrong, RollOpenAlready, RuleUnsafe
from openroll.rules.language import TAG

ROLL_STREAM = 0
"""The roll's own record: number 0. Operators and subscriptions take numbers from 1."""

MOST_LANGUAGES = 10

NAME = re.compile(r"[a-z][a-z0-9-]{1,31}")


class Roll(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of the roll: its opening, and the operators admitted since."""

    opened: RollOpened | None = None
    operators: frozenset[str] = frozenset()


class RuleStanding(msgspec.Struct, frozen=True):
    """How a rule stands with the safeguards: what it passed, what keeps it from a live roll, what would pass."""

    rule: str
    passed: tuple[str, ...]
    obstacles: tuple[str, ...] = ()
    would_pass: tuple[str, ...] = ()


def decide(command: OpenRoll | AdmitOperator, state: Roll, actor: Actor, standing: RuleStanding) -> Decision:
    """Decide on an official act. Only the registrar acts, and only under a rule that keeps every needed safeguard."""
    if actor.role != "registrar":
        return Refused(NotAllowed(role=actor.role, act=type(command).__name__.lower()), standing.rule)
    if isinstance(command, OpenRoll):
        return _open(command, state, standing)
    return _admit(command, state, standing)


def evolve(state: Roll, event: Event) -> Roll:
    """Fold an official act into the roll's state."""
    if isinstance(event, RollOpened):
        return msgspec.structs.replace(state, opened=event)
    if isinstance(event, OperatorAdmitted):
        return msgspec.structs.replace(state, operators=state.operators | {event.operator})
    return state


def _open(command: OpenRoll, state: Roll, standing: RuleStanding) -> Decision:
    if standing.obstacles:
        unsafe = RuleUnsafe(rule=standing.rule, obstacles=standing.obstacles, would_pass=standing.would_pass)
        return Refused(unsafe, standing.rule)
    if state.opened is not None:
        return Refused(RollOpenAlready(roll=state.opened.roll), standing.rule)
    if not NAME.fullmatch(command.roll):
        return Refused(NameShape(value=command.roll), standing.rule)
    if (wrong := wrong_languages(command.languages) or wrong_title(command.title)) is not None:
        return Refused(wrong, standing.rule)
    opened = RollOpened(
        roll=command.roll,
        title=command.title,
        languages=command.languages,
        registrar=command.registrar,
        rule=standing.rule,
        districts=command.districts,
        demonstration=command.demonstration,
        safeguards=standing.passed,
    )
    return Accepted((opened,))


def wrong_languages(languages: tuple[str, ...]) -> LanguagesWrong | None:
    """Why a roll cannot speak these languages: there are none or too many, one stands twice, or one is no tag."""
    if 0 < len(languages) == len(set(languages)) <= MOST_LANGUAGES and all(map(TAG.fullmatch, languages)):
        return None
    return LanguagesWrong(languages=languages)


def wrong_title(title: Mapping[str, str]) -> LanguagesWrong | None:
    """Why this is no title by language: it says nothing, says nothing in one of its languages, or one is no tag."""
    if title and all(text.strip() and TAG.fullmatch(lang) for lang, text in title.items()):
        return None
    return LanguagesWrong(languages=tuple(title))


def _admit(command: AdmitOperator, state: Roll, standing: RuleStanding) -> Decision:
    if not NAME.fullmatch(command.operator):
        return Refused(NameShape(value=command.operator), standing.rule)
    if command.operator in state.operators:
        return Refused(OperatorAdmittedAlready(operator=command.operator), standing.rule)
    admitted = OperatorAdmitted(
        operator=command.operator,
        title=command.title,
        kind=command.kind,
        by=command.by,
        rule=standing.rule,
    )
    return Accepted((admitted,))
