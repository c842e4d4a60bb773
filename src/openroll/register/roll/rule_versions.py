"""Rules and jurisdictions on their way into force: proposed by one, published or dropped with another's eyes."""

from datetime import date, timedelta

import msgspec

from openroll.register.decision import Accepted, Decision, Refused
from openroll.register.official import Under, not_acting
from openroll.register.organisation.refusals import NotAllowed
from openroll.register.organisation.roles import REGISTRAR
from openroll.register.organisation.seats import Member, second_eyes
from openroll.register.refusal import Refusal
from openroll.register.roll.commands import Drop, Propose, Publish
from openroll.register.roll.decide import RuleStanding
from openroll.register.roll.events import RuleDropped, RuleProposed, RulePublished
from openroll.register.roll.refusals import (
    PlaceUnsafe,
    ProposalUnknown,
    RuleUnsafe,
    StaleProposal,
    StartsTooSoon,
    TakesBack,
    ZoneElsewhere,
)
from openroll.register.roll.rule_readings import unread
from openroll.register.subscription.refusals import NothingAsked

MOST_PARTS = 10
"""Values that a refusal names."""


class Proposing(msgspec.Struct, frozen=True):
    """Before a rule is proposed: how it stands with the safeguards, and what would be in force on its first day.

    `then` names that rule (its SHA-256 is `digest`), `there` its jurisdiction, and `jurisdiction` the one that the proposal is to
    be read with, whose time zones are `zones`. `fresh` is the number the proposal takes, 0 before it has one. `back` are the
    values that go back to what was in force before, where its proposer did not say on what it was made.
    """

    standing: RuleStanding
    then: str
    there: str
    jurisdiction: str
    zones: tuple[str, ...]
    fresh: int = 0
    digest: str = ""
    back: tuple[str, ...] = ()


class Overtaking(msgspec.Struct, frozen=True):
    """What a proposal would undo, or be undone by: the day, and the rule and jurisdiction that are in force on it."""

    on: date
    rule: str
    jurisdiction: str


class Proposal(msgspec.Struct, frozen=True):
    """A rule that waits for a decision: how events name it, its first day, who proposed it, and how it stands today.

    The checks may have grown since it was proposed: what is published passes those of the day. `readers` signed that they read
    its words which no check can judge; None where nobody has to: it has none, or is in force on that day already. `overtaking` is
    what was published meanwhile and would be undone, or starts later and would undo it, if anything.
    """

    proposed: str
    jurisdiction: str
    starts: date
    proposer: Member
    standing: RuleStanding
    readers: tuple[Member, ...] | None
    overtaking: Overtaking | None = None


def propose(command: Propose, state: Proposing, by: Member, under: Under) -> Decision:
    """Propose a rule: it keeps its safeguards, and starts tomorrow at the earliest."""
    standing, changes = state.standing, _changes(state)
    if not changes:
        return Refused(NothingAsked(), under.rule)
    known = (command.on_rule or state.digest, command.on_jurisdiction or state.there)
    if known != (state.digest, state.there):
        return Refused(StaleProposal(on=command.starts, rule=state.then, jurisdiction=state.there), under.rule)
    if (unsafe := _unsafe(standing)) is not None:
        return Refused(unsafe, standing.rule, standing.articles)
    if standing.zone not in state.zones:
        return Refused(ZoneElsewhere(zone=standing.zone, zones=state.zones), standing.rule)
    if (refusal := too_soon(command.starts, under.today)) is not None:
        return Refused(refusal, under.rule)
    if (refused := _may_not(by, under, "propose")) is not None:
        return refused
    if state.back:
        return Refused(TakesBack(rule=state.then, jurisdiction=state.there, parts=state.back[:MOST_PARTS]), under.rule)
    proposed = RuleProposed(
        proposed=standing.rule,
        jurisdiction=state.jurisdiction,
        starts=command.starts,
        safeguards=standing.passed,
        by=str(by.seat),
        rule=under.rule,
        changes=changes,
        on_rule=state.digest,
        on_jurisdiction=state.there,
    )
    return Accepted((proposed,))


def _changes(state: Proposing) -> tuple[str, ...]:
    """What a proposal changes: the rule, the jurisdiction, both or nothing."""
    others = (("rule", state.standing.rule != state.then), ("jurisdiction", state.jurisdiction != state.there))
    return tuple(part for part, other in others if other)


def _unsafe(standing: RuleStanding) -> Refusal | None:
    if not standing.obstacles:
        return PlaceUnsafe(faults=standing.place_faults) if standing.place_faults else None
    return RuleUnsafe(rule=standing.rule, obstacles=standing.obstacles, would_pass=standing.would_pass)


def too_soon(starts: date, today: date) -> Refusal | None:
    """Why a rule may not start on this day, if so."""
    earliest = today + timedelta(days=1)
    return None if starts >= earliest else StartsTooSoon(earliest=earliest)


def publish(_: Publish, state: Proposal | None, by: Member, under: Under) -> Decision:
    """Publish a proposal that undoes nothing, with four eyes, its words read by two people of different organisations."""
    if state is None:
        return Refused(ProposalUnknown(), under.rule)
    if (refused := _may_not(by, under, "publish")) is not None:
        return refused
    if (overtaken := stale(state.overtaking)) is not None:
        return Refused(overtaken, under.rule)
    if (unsafe := _unsafe(state.standing)) is not None:
        return Refused(unsafe, state.standing.rule, state.standing.articles)
    refusal = second_eyes(state.proposer, by) or too_soon(state.starts, under.today) or unread(state.readers)
    if refusal is not None:
        return Refused(refusal, under.rule)
    published = RulePublished(
        published=state.proposed,
        jurisdiction=state.jurisdiction,
        starts=state.starts,
        proposed_by=str(state.proposer.seat),
        by=str(by.seat),
        rule=under.rule,
    )
    return Accepted((published,))


def stale(overtaking: Overtaking | None) -> StaleProposal | None:
    """Why a proposal is not published, if something was published that it would undo, or that would undo it."""
    if overtaking is None:
        return None
    return StaleProposal(on=overtaking.on, rule=overtaking.rule, jurisdiction=overtaking.jurisdiction)


def drop(_: Drop, state: Proposal | None, by: Member, under: Under) -> Decision:
    """Drop a proposal: one pair of eyes is enough, its proposer's own too."""
    if state is None:
        return Refused(ProposalUnknown(), under.rule)
    if (refused := _may_not(by, under, "drop")) is not None:
        return refused
    dropped = RuleDropped(
        dropped=state.proposed,
        proposed_by=str(state.proposer.seat),
        by=str(by.seat),
        rule=under.rule,
        jurisdiction=state.jurisdiction,
        starts=state.starts,
    )
    return Accepted((dropped,))


def _may_not(by: Member, under: Under, act: str) -> Refused | None:
    if by.seat.organisation != REGISTRAR:
        return Refused(NotAllowed(role=by.role, act=act), under.rule)
    return not_acting(by, under)
