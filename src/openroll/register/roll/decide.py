"""The roll itself: opened under a rule, its figures published, its log kept. Official acts of the registrar."""

import re

import msgspec

from openroll.register.decision import Accepted, Decision, Refused
from openroll.register.free_text import names_somebody, reason_refusal
from openroll.register.official import Under, not_acting
from openroll.register.organisation.refusals import NameShape, NotAllowed
from openroll.register.organisation.roles import KEEPER, REGISTRAR
from openroll.register.organisation.seats import Member
from openroll.register.refusals import ReasonMissing, TextNamesSomebody
from openroll.register.roll.commands import BeginLog, DepositEscrow, OpenRoll, PublishFigures, RestoreLog, SettleWork
from openroll.register.roll.events import (
    EscrowDeposited,
    FiguresPublished,
    LogBegun,
    LogRestored,
    RollOpened,
    WorkSettled,
)
from openroll.register.roll.refusals import (
    FiguresPublishedAlready,
    LanguagesWrong,
    PlaceUnsafe,
    ProposalUnknown,
    RollOpenAlready,
    RuleUnsafe,
    ZoneElsewhere,
)
from openroll.register.titles import wrong_title
from openroll.rules.language import TAG
from openroll.rules.sentence import Sentence

ROLL_STREAM = 0
"""The roll's own record: number 0. Operators and subscriptions take numbers from 1."""

MOST_LANGUAGES = 10

NAME = re.compile(r"[a-z][a-z0-9-]{1,31}")

MOST_WHY = 1000
"""Characters of why a log was begun anew."""


class RuleStanding(msgspec.Struct, frozen=True):
    """How a rule stands with the safeguards: what it passed, what keeps it from a live roll, what would pass."""

    rule: str
    passed: tuple[str, ...]
    zone: str
    obstacles: tuple[str, ...] = ()
    would_pass: tuple[str, ...] = ()
    articles: str = ""
    """The articles in which the obstacles were found."""
    place_faults: tuple[Sentence, ...] = ()
    """What of the jurisdiction may not stand readable in a record."""


class Roll(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of the roll before it is opened: its opening, if there was one, and how the rule stands."""

    opened: RollOpened | None = None
    standing: RuleStanding
    zones: tuple[str, ...]
    """The time zones of the jurisdiction."""


def open_roll(command: OpenRoll, state: Roll, by: Member, _: Under) -> Decision:
    """Open a roll: only whoever keeps the machine does, and only under a rule that keeps every needed safeguard."""
    standing = state.standing
    if by.seat != KEEPER:
        return Refused(NotAllowed(role=by.role, act="openroll"), standing.rule)
    if standing.obstacles:
        unsafe = RuleUnsafe(rule=standing.rule, obstacles=standing.obstacles, would_pass=standing.would_pass)
        return Refused(unsafe, standing.rule, standing.articles)
    if standing.place_faults:
        return Refused(PlaceUnsafe(faults=standing.place_faults), standing.rule)
    if state.opened is not None:
        return Refused(RollOpenAlready(roll=state.opened.roll), standing.rule)
    if standing.zone not in state.zones:
        return Refused(ZoneElsewhere(zone=standing.zone, zones=state.zones), standing.rule)
    if not NAME.fullmatch(command.roll):
        return Refused(NameShape(value=command.roll), standing.rule)
    if (wrong := _wrong_words(command)) is not None:
        return Refused(wrong, standing.rule)
    opened = RollOpened(
        roll=command.roll,
        title=command.title,
        languages=command.languages,
        registrar=command.registrar,
        rule=standing.rule,
        jurisdiction=command.jurisdiction,
        demonstration=command.demonstration,
        safeguards=standing.passed,
    )
    return Accepted((opened,))


def _wrong_words(command: OpenRoll) -> LanguagesWrong | None:
    return wrong_languages(command.languages) or wrong_title(command.title) or wrong_title(command.registrar)


def wrong_languages(languages: tuple[str, ...]) -> LanguagesWrong | None:
    """Why a roll cannot speak these languages: there are none or too many, one stands twice, or one is no tag."""
    if 0 < len(languages) == len(set(languages)) <= MOST_LANGUAGES and all(map(TAG.fullmatch, languages)):
        return None
    return LanguagesWrong(languages=languages)


def publish_figures(command: PublishFigures, published: bool, by: Member, under: Under) -> Decision:
    """Publish the figures of today, once. `published` says whether they were."""
    if (refused := _not_the_registrar(by, under, "publishfigures")) is not None:
        return refused
    if published:
        return Refused(FiguresPublishedAlready(on=under.today), under.rule)
    return Accepted((FiguresPublished(on=under.today, digest=command.digest, by=str(by.seat), rule=under.rule),))


def settle_work(command: SettleWork, kind: str | None, by: Member, under: Under) -> Decision:
    """Put on record how a piece of work ended. `kind` is what it is; None where none of that number waits for the registrar."""
    if (refused := _not_the_registrar(by, under, "settlework")) is not None:
        return refused
    if (refusal := reason_refusal(command.outcome)) is not None:
        return Refused(refusal, under.rule)
    if kind is None:
        return Refused(ProposalUnknown(), under.rule)
    of = {"outcome": command.outcome.strip(), "by": str(by.seat), "rule": under.rule}
    return Accepted((WorkSettled(work=kind, number=command.number, **of),))


def deposit_escrow(command: DepositEscrow, _: None, by: Member, under: Under) -> Decision:
    """Put on record that a deposit was handed over."""
    if (refused := _not_the_registrar(by, under, "depositescrow")) is not None:
        return refused
    of = {"holder": command.holder, "digest": command.digest, "by": str(by.seat), "rule": under.rule}
    return Accepted((EscrowDeposited(on=command.on, size=command.size, **of),))


def restore_log(command: RestoreLog, _: None, by: Member, under: Under) -> Decision:
    """Put on record that the register was brought back."""
    if (refused := _not_the_registrar(by, under, "restorelog")) is not None:
        return refused
    restored = LogRestored(
        kind=command.kind,
        to=command.to,
        restored=command.restored,
        size=command.size,
        seen=command.seen,
        lost=command.lost,
        by=str(by.seat),
        rule=under.rule,
    )
    return Accepted((restored,))


def begin_log(command: BeginLog, _: None, by: Member, under: Under) -> Decision:
    """Begin a log in place of one that ended, for a reason that stands for all time."""
    if (refused := _not_the_registrar(by, under, "beginlog")) is not None:
        return refused
    if not command.why.strip() or len(command.why) > MOST_WHY:
        return Refused(ReasonMissing(), under.rule)
    if names_somebody(command.why):
        return Refused(TextNamesSomebody(), under.rule)
    begun = LogBegun(
        before=command.before,
        checkpoint=command.checkpoint,
        keys=command.keys,
        carried=command.carried,
        why=command.why.strip(),
        by=str(by.seat),
        rule=under.rule,
    )
    return Accepted((begun,))


def _not_the_registrar(by: Member, under: Under, act: str) -> Refused | None:
    if by.seat.organisation != REGISTRAR:
        return Refused(NotAllowed(role=by.role, act=act), under.rule)
    return not_acting(by, under)
