"""Why an act on the roll itself, its rule or its figures is refused."""

from datetime import date
from typing import Any

from openroll.register.refusal import Refusal
from openroll.rules.sentence import Sentence


class RollOpenAlready(Refusal, frozen=True):
    """The roll was opened already."""

    code = "roll-open-already"
    status = 409
    roll: str


class LanguagesWrong(Refusal, frozen=True):
    """The languages of a roll or of a title are none, too many, doubled, without a text, or no BCP 47 tags."""

    code = "languages-wrong"
    languages: tuple[str, ...]


class RuleUnsafe(Refusal, frozen=True):
    """The rule fails safeguards without which no live roll may open; it can be looked at in what-if only."""

    code = "rule-unsafe"
    cites = "where the safeguards were looked for"
    rule: str
    obstacles: tuple[str, ...]
    would_pass: tuple[str, ...]


class PlaceUnsafe(Refusal, frozen=True):
    """A list of the jurisdiction says readably, in each record, what no roll may say of anybody; `faults` say where and what."""

    code = "place-unsafe"
    faults: tuple[Sentence, ...]

    @property
    def params(self) -> dict[str, Any]:
        """The faults in English, as programs read them."""
        return {"faults": [str(one) for one in self.faults]}


class ZoneElsewhere(Refusal, frozen=True):
    """The rule counts its days in a time zone that the jurisdiction does not have."""

    code = "zone-elsewhere"
    zone: str
    zones: tuple[str, ...]


class ProposalUnknown(Refusal, frozen=True):
    """No such proposal waits: it was decided already."""

    code = "proposal-unknown"
    status = 404


class RuleUnread(Refusal, frozen=True):
    """Fewer than two people of different organisations signed that they read the words of this rule that no check can judge.

    `missing` says how many are still missing, `organisations` for whom it was read so far by who counts.
    """

    code = "rule-unread"
    status = 409
    missing: int
    organisations: tuple[str, ...]


class StaleProposal(Refusal, frozen=True):
    """A proposal was not made on what is in force: published, it would undo what was published meanwhile, or be undone by it.

    `on` is the day on which `rule`, read with `jurisdiction`, is in force: the proposal's first day, or a later one on which what
    it changes would be as before.
    """

    code = "stale-proposal"
    status = 409
    on: date
    rule: str
    jurisdiction: str


class TakesBack(Refusal, frozen=True):
    """A proposal says nothing of what it was made on, and changes values back to what they were before others changed them.

    So does a text that was copied before. `parts` are the first of these values, by their paths. On the proposal's first day
    `rule`, read with `jurisdiction`, is in force: whoever means it says that it was made on these.
    """

    code = "takes-back"
    status = 409
    rule: str
    jurisdiction: str
    parts: tuple[str, ...]


class RuleReadAlready(Refusal, frozen=True):
    """This seat signed already that it read these words."""

    code = "rule-read-already"
    status = 409


class RuleWordsChanged(Refusal, frozen=True):
    """What was shown is not what this rule's words-only parts are now: Openroll was changed in between."""

    code = "rule-words-changed"
    status = 409


class StartsTooSoon(Refusal, frozen=True):
    """A rule starts tomorrow at the earliest: nobody is bound by what they could not read before."""

    code = "starts-too-soon"
    earliest: date


class RuleFaulty(Refusal, frozen=True):
    """The rule's text cannot be read as a rule; `faults` say where and what."""

    code = "rule-faulty"
    faults: tuple[Sentence, ...]

    @property
    def params(self) -> dict[str, Any]:
        """The faults in English, as programs read them."""
        return {"faults": [str(one) for one in self.faults]}


class JurisdictionFaulty(Refusal, frozen=True):
    """The texts of a jurisdiction cannot be read, or are no later state of the one there is; `faults` say where and what."""

    code = "jurisdiction-faulty"
    faults: tuple[Sentence, ...]

    @property
    def params(self) -> dict[str, Any]:
        """The faults in English, as programs read them."""
        return {"faults": [str(one) for one in self.faults]}


class FiguresPublishedAlready(Refusal, frozen=True):
    """The figures of this day were published already."""

    code = "figures-published-already"
    status = 409
    on: date


class ClockWrong(Refusal, frozen=True):
    """The roll's clock stands before what was written already: nothing is written until it is set right."""

    code = "clock-wrong"
    status = 503


class RollHeld(Refusal, frozen=True):
    """The roll is held: its database was brought back, or is behind what was signed or given. It takes nothing."""

    code = "roll-held"
    status = 503
