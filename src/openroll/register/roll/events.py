"""What happens to the roll itself: its opening, its rule, its figures, its log."""

from datetime import date
from typing import Annotated

from msgspec import Meta

from openroll.register.event import Event
from openroll.rules.language import PRESET_LANGUAGES, Tag, Text


class RollOpened(Event, frozen=True):
    """An official act: the roll was opened under a rule.

    `languages` are those its pages, mails and papers are in, its main one first; `safeguards` the checks it passed when it was
    opened.
    """

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
            registrar=self.registrar,
            rule=self.rule,
            districts=self.districts,
            demonstration=self.demonstration,
            safeguards=self.safeguards,
        )


class RuleProposed(Event, frozen=True):
    """An official act: a rule was proposed, to be in force from a day. It waits for a second pair of eyes."""

    name = "rule.proposed/1"
    official = True
    proposed: str
    starts: date
    safeguards: tuple[str, ...]
    by: str
    rule: str


class RulePublished(Event, frozen=True):
    """An official act with four eyes: another seat than the one that proposed it published the rule."""

    name = "rule.published/1"
    official = True
    published: str
    starts: date
    proposed_by: str
    by: str
    rule: str


class RuleDropped(Event, frozen=True):
    """An official act: a proposed rule was dropped before it was published."""

    name = "rule.dropped/1"
    official = True
    dropped: str
    proposed_by: str
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
