"""What happens to the roll itself: its opening, its rule, its figures, its log."""

from datetime import date
from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from openroll.register.event import Event
from openroll.rules.language import PRESET_LANGUAGES, Tag, Text


class RollOpened(Event, frozen=True):
    """An official act: the roll was opened under a rule, in a jurisdiction.

    `languages` are those its pages, mails and papers are in, its main one first; `jurisdiction` is the bundle of its districts,
    kinds, languages and days off, by id and SHA-256 (`ke@…`); `safeguards` are the checks the rule passed.
    """

    name = "roll.opened/3"
    official = True
    roll: str
    title: Text
    languages: Annotated[tuple[Tag, ...], Meta(min_length=1)]
    registrar: Text
    rule: str
    jurisdiction: str
    demonstration: bool
    safeguards: tuple[str, ...]


class RollOpened2(Event, frozen=True):
    """`RollOpened` as it was written when the registrar had one name, and the districts were a list without a digest."""

    name = "roll.opened/2"
    official = True
    roll: str
    title: Text
    languages: Annotated[tuple[Tag, ...], Meta(min_length=1)]
    registrar: str
    rule: str
    districts: str
    demonstration: bool
    safeguards: tuple[str, ...]

    def as_now(self) -> RollOpened:
        """The same fact: the registrar's name in each language, and the shipped jurisdiction of that name, without a digest."""
        return RollOpened(
            roll=self.roll,
            title=self.title,
            languages=self.languages,
            registrar=dict.fromkeys(self.languages, self.registrar),
            rule=self.rule,
            jurisdiction=self.districts,
            demonstration=self.demonstration,
            safeguards=self.safeguards,
        )


class RollOpened1(Event, frozen=True):
    """`RollOpened` as it was written when every roll spoke the same two languages."""

    name = "roll.opened/1"
    official = True
    roll: str
    title_zh: str
    title_en: str
    registrar: str
    rule: str
    districts: str
    demonstration: bool
    safeguards: tuple[str, ...]

    def as_now(self) -> RollOpened:
        """The same fact with its title as a map, and with the languages that such a roll spoke."""
        return RollOpened(
            roll=self.roll,
            title={"zh": self.title_zh, "en": self.title_en},
            languages=PRESET_LANGUAGES,
            registrar=dict.fromkeys(PRESET_LANGUAGES, self.registrar),
            rule=self.rule,
            jurisdiction=self.districts,
            demonstration=self.demonstration,
            safeguards=self.safeguards,
        )


class RuleProposed(Event, frozen=True):
    """An official act: a rule was proposed, to be in force from a day. It waits for a second pair of eyes.

    `jurisdiction` is the bundle it is to be read with, by id and SHA-256. `changes` says which of the two it changes (`rule`,
    `jurisdiction`); `on_rule` (a SHA-256) and `on_jurisdiction` are what was in force on its first day, and so what it was made
    on. The three are missing in proposals of before they were kept.
    """

    name = "rule.proposed/2"
    official = True
    proposed: str
    jurisdiction: str
    starts: date
    safeguards: tuple[str, ...]
    by: str
    rule: str
    changes: tuple[str, ...] | UnsetType = UNSET
    on_rule: str | UnsetType = UNSET
    on_jurisdiction: str | UnsetType = UNSET


class RuleProposed1(Event, frozen=True):
    """`RuleProposed` as it was written when a roll kept the districts it was opened with."""

    name = "rule.proposed/1"
    official = True
    proposed: str
    starts: date
    safeguards: tuple[str, ...]
    by: str
    rule: str

    def as_now(self) -> RuleProposed:
        """The same fact, under the jurisdiction that the roll was opened in."""
        return RuleProposed(
            proposed=self.proposed,
            jurisdiction="",
            starts=self.starts,
            safeguards=self.safeguards,
            by=self.by,
            rule=self.rule,
        )


class RulePublished(Event, frozen=True):
    """An official act with four eyes: another seat than the one that proposed it published the rule, and its jurisdiction."""

    name = "rule.published/2"
    official = True
    published: str
    jurisdiction: str
    starts: date
    proposed_by: str
    by: str
    rule: str


class RulePublished1(Event, frozen=True):
    """`RulePublished` as it was written when a roll kept the districts it was opened with."""

    name = "rule.published/1"
    official = True
    published: str
    starts: date
    proposed_by: str
    by: str
    rule: str

    def as_now(self) -> RulePublished:
        """The same fact, under the jurisdiction that the roll was opened in."""
        return RulePublished(
            published=self.published,
            jurisdiction="",
            starts=self.starts,
            proposed_by=self.proposed_by,
            by=self.by,
            rule=self.rule,
        )


class RuleDropped(Event, frozen=True):
    """An official act: a proposed rule was dropped before it was published.

    `jurisdiction` and `starts` say which proposal of it that was, where its seat proposed it in several ways; they are missing in
    what was dropped before they were kept.
    """

    name = "rule.dropped/1"
    official = True
    dropped: str
    proposed_by: str
    by: str
    rule: str
    jurisdiction: str | UnsetType = UNSET
    starts: date | UnsetType = UNSET


class RuleRead(Event, frozen=True):
    """An official act: somebody of an organisation signed that they read the words of a rule which no check can judge.

    `digest` is the SHA-256 of the rule whole, `words` that of its words-only parts, as they were shown in every language.
    """

    name = "rule.read/1"
    official = True
    read: str
    digest: str
    words: str
    role: str
    organisation: str
    by: str
    rule: str


class FiguresPublished(Event, frozen=True):
    """An official act: the figures of a day, under the SHA-256 of the published table (hexadecimal)."""

    name = "figures.published/1"
    official = True
    on: date
    digest: str
    by: str
    rule: str


class WorkSettled(Event, frozen=True):
    """An official act: somebody of the registrar said how a piece of work ended, and it waits no more.

    `work` is its kind (`mail`: a message that could not be delivered, which is given up with it), `number` the one it had in
    the queue. Whose record it was about stands nowhere in it.
    """

    name = "work.settled/1"
    official = True
    work: str
    number: int
    outcome: str
    by: str
    rule: str


class EscrowDeposited(Event, frozen=True):
    """An official act: a deposit from which another registrar could carry the roll on was handed to its holder.

    `digest` is the SHA-256 (hexadecimal) of the deposit's manifest, `size` the size of the log it stands under.
    """

    name = "escrow.deposited/1"
    official = True
    on: date
    holder: str
    digest: str
    size: int
    by: str
    rule: str


class LogRestored(Event, frozen=True):
    """An official act: the register was brought back from a copy, and goes on.

    `kind` is `backup`, `dump` or `escrow`, `behind` (its database was found behind what was signed or given) or `keeper` (held by
    whoever keeps it); `to` the instant it was brought to, empty for the copy's own; `size` the entries it
    had then; `seen` the size of the newest head it was compared with (0: nobody showed one); `lost` how many entries the log
    holds since then whose facts did not come back.
    """

    name = "log.restored/1"
    official = True
    kind: str
    to: str
    restored: str
    size: int
    seen: int
    lost: int
    by: str
    rule: str


class LogBegun(Event, frozen=True):
    """An official act, and the first entry of its log: this log goes on from another that ended.

    `checkpoint` is the last checkpoint of the log `before` that anybody has seen, whole, and `keys` are the public keys it
    verifies with. The first `carried` entries of that log are this log's entries from 1 on; the rest of it is lost.
    """

    name = "log.begun/1"
    official = True
    before: str
    checkpoint: str
    keys: tuple[str, ...]
    carried: int
    why: str
    by: str
    rule: str
