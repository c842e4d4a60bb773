"""What is asked of the roll itself, in the imperative."""

from datetime import date

from openroll.register.command import Command
from openroll.rules.language import PRESET_LANGUAGES, Text


class Propose(Command, frozen=True):
    """Propose a rule, to be in force from a day (official; the first pair of eyes)."""

    starts: date


class Publish(Command, frozen=True):
    """Publish the rule somebody else proposed (official; the second pair of eyes), or drop it."""

    proposed: str
    starts: date
    drop: bool = False


class OpenRoll(Command, frozen=True):
    """Open a roll under a rule (official). `languages` are those it speaks, its main one first."""

    roll: str
    title: Text
    registrar: str
    districts: str
    demonstration: bool = False
    languages: tuple[str, ...] = PRESET_LANGUAGES
