"""Rules on their way into force: proposed by one, published or dropped with another's eyes."""

from datetime import date, timedelta

from openroll.register.decision import Accepted, Decision, Refused
from openroll.register.organisation.roles import Seat
from openroll.register.organisation.seats import Member, may_act, second_eyes
from openroll.register.refusal import Refusal
from openroll.register.roll.commands import Propose, Publish
from openroll.register.roll.decide import RuleStanding
from openroll.register.roll.events import RuleDropped, RuleProposed, RulePublished
from openroll.register.roll.refusals import RuleUnsafe, StartsTooSoon


def propose(command: Propose, standing: RuleStanding, today: date, by: Seat, rule: str) -> Decision:
    """Propose a rule: it keeps its safeguards, and starts tomorrow at the earliest."""
    if (unsafe := _unsafe(standing)) is not None:
        return Refused(unsafe, standing.rule, standing.articles)
    if (refusal := too_soon(command.starts, today)) is not None:
        return Refused(refusal, rule)
    proposed = RuleProposed(
        proposed=standing.rule, starts=command.starts, safeguards=standing.passed, by=str(by), rule=rule
    )
    return Accepted((proposed,))


def _unsafe(standing: RuleStanding) -> Refusal | None:
    if not standing.obstacles:
        return None
    return RuleUnsafe(rule=standing.rule, obstacles=standing.obstacles, would_pass=standing.would_pass)


def too_soon(starts: date, today: date) -> Refusal | None:
    """Why a rule may not start on this day, if so."""
    earliest = today + timedelta(days=1)
    return None if starts >= earliest else StartsTooSoon(earliest=earliest)


def publish(command: Publish, proposer: Member, by: Member, today: date, rule: str) -> Decision:
    """Publish or drop a proposal. Publishing needs four eyes; dropping needs two that are in force."""
    refusal = may_act(by) if command.drop else second_eyes(proposer, by) or too_soon(command.starts, today)
    if refusal is not None:
        return Refused(refusal, rule)
    who = str(proposer.seat)
    if command.drop:
        return Accepted((RuleDropped(dropped=command.proposed, proposed_by=who, by=str(by.seat), rule=rule),))
    published = RulePublished(
        published=command.proposed, starts=command.starts, proposed_by=who, by=str(by.seat), rule=rule
    )
    return Accepted((published,))
