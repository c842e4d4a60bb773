"""What is asked of the roll itself, in the imperative."""

from datetime import date

from openroll.register.command import Command
from openroll.rules.language import PRESET_LANGUAGES, Text


class Propose(Command, frozen=True):
    """Propose a rule, a jurisdiction or both, to be in force from a day (official; the first pair of eyes).

    `rule` is the whole of it as canonical JSON, under its reference and SHA-256. `jurisdiction` names the bundle that the rule
    is to be read with, by its id and SHA-256, and `bundle` is the whole of that as canonical JSON. `on_rule` (SHA-256) and
    `on_jurisdiction` (as `jurisdiction`) name what its proposer made it on; empty where that is not known, and then it takes back
    nothing of what is in force on its first day.
    """

    starts: date
    ref: str
    digest: str
    rule: str
    jurisdiction: str
    bundle: str
    on_rule: str = ""
    on_jurisdiction: str = ""


class Publish(Command, frozen=True):
    """Publish the rule somebody else proposed (official; the second pair of eyes)."""

    proposal: int


class ReadRule(Command, frozen=True):
    """Sign that one has read the words of a rule which no check can judge (official).

    `digest` is the rule's SHA-256, `words` that of what was shown as its words-only parts (`rules.words_digest`).
    """

    digest: str
    words: str


class Drop(Command, frozen=True):
    """Drop a proposed rule (official)."""

    proposal: int


class OpenRoll(Command, frozen=True):
    """Open a roll under a rule, in a jurisdiction (official). `jurisdiction` names its bundle by id and SHA-256.

    `languages` are those it speaks, its main one first; `registrar` is who keeps it.
    """

    roll: str
    title: Text
    registrar: Text
    jurisdiction: str
    demonstration: bool = False
    languages: tuple[str, ...] = PRESET_LANGUAGES


class PublishFigures(Command, frozen=True):
    """Publish the figures of today (official): `figures` is their table as canonical JSON, `digest` its SHA-256 (hexadecimal)."""

    figures: str
    digest: str


class SettleWork(Command, frozen=True):
    """Say how a piece of work that waited for the registrar's people ended (official). `outcome` names nobody."""

    number: int
    outcome: str


class DepositEscrow(Command, frozen=True):
    """Say that a deposit was handed to its holder (official). `digest` and `size` are of what was handed over."""

    on: date
    holder: str
    digest: str
    size: int


class RestoreLog(Command, frozen=True):
    """Say that the register was brought back from a copy, and goes on (official). The fields are the event's."""

    kind: str
    to: str
    restored: str
    size: int
    seen: int
    lost: int


class BeginLog(Command, frozen=True):
    """Go on from a log that ended with another (official). `number` is how many have ended; the rest is the event's."""

    before: str
    checkpoint: str
    size: int
    keys: tuple[str, ...]
    carried: int
    why: str
    number: int
