"""Rule versions: proposed by one seat of the registrar, checked against the safeguards, published by another on a date."""

from datetime import date, timedelta

import msgspec

from openroll.register.decision import Refused
from openroll.register.organisation.roles import REGISTRAR, Seat
from openroll.register.organisation.seats import second_eyes
from openroll.register.refusal import Refusal
from openroll.register.roll.commands import Propose, Publish
from openroll.register.roll.decide import ROLL_STREAM
from openroll.register.roll.refusals import ProposalUnknown, RuleFaulty
from openroll.register.roll.rule_versions import propose, publish
from openroll.register.subscription.refusals import NothingAsked
from openroll.rules import NoSuchRule, Rule, RuleFaults, canonical, digest, load, parse_rule
from openroll.service.governance.open_roll import rule_name, rule_versions, standing
from openroll.service.identity.seats import acting, member
from openroll.service.official import append_official
from openroll.service.roll import Roll
from openroll.service.rollback_guard import new_numbers
from openroll.service.work import end_of, enqueue
from openroll.store import people
from openroll.store import roll as rolls
from openroll.store import rule_versions as rows
from openroll.store.rule_versions import ProposalRow
from openroll.store.work import end, tell

PROPOSAL = "proposal"
"""The kind of work that a proposed rule is for the registrar, and its reason."""

MOST_RULE = 200_000
"""Characters of a rule file: the longest shipped one has under ten thousand."""


def read_rule(reference: str, text: str) -> Rule | Refused:
    """The rule somebody means: a shipped one by its reference, or the text of a rule file."""
    try:
        return parse_rule(text[:MOST_RULE], "your text") if text.strip() else load(reference.strip())
    except NoSuchRule as error:
        return Refused(RuleFaulty(faults=(str(error),)))
    except RuleFaults as error:
        return Refused(RuleFaulty(faults=tuple(str(error).splitlines()[:20])))


def propose_rule(roll: Roll, rule: Rule, starts: date, by: Seat) -> int | Refused:
    """Propose a rule (an official act); the proposal's number."""
    now = roll.clock()
    stands = standing(rule)
    if stands.rule == roll.rule_on(starts).name:
        return Refused(NothingAsked(), roll.rule_name)
    decision = propose(Propose(starts=starts), stands, roll.day(now), by, roll.rule_name)
    if isinstance(decision, Refused):
        return decision
    number = new_numbers(roll, "proposal").start
    with roll.database.own() as connection:
        if (refused := acting(connection, by)) is not None:
            return refused
        append_official(connection, roll, now, ROLL_STREAM, decision.events, REGISTRAR)
        whole = canonical(rule).decode()
        rows.put_proposal(connection, number, rule.ref, digest(rule), whole, starts, by.number, now)
        due = end_of(roll, starts - timedelta(days=1))
        enqueue(connection, PROPOSAL, str(number), REGISTRAR, PROPOSAL, due, now=now)
    return number


def waiting(roll: Roll) -> list[ProposalRow]:
    """Proposals that wait for a second pair of eyes."""
    with roll.database.own() as connection:
        return rows.proposals(connection)


def settle(roll: Roll, number: int, by: Seat, *, drop: bool) -> Refused | None:
    """Publish a proposal, or drop it (an official act). What is published takes effect on its day by itself."""
    now = roll.clock()
    with roll.database.own() as connection:
        row = next((one for one in rows.proposals(connection) if one.id == number), None)
        if row is None:
            return Refused(ProposalUnknown())
        name = rule_name(rule_of(row))
        command = Publish(proposed=name, starts=row.starts, drop=drop)
        proposer, second = member(connection, Seat(REGISTRAR, row.seat)), member(connection, by)
        decision = publish(command, proposer, second, roll.day(now), roll.rule_name)
        if isinstance(decision, Refused):
            return decision
        if rows.decide_proposal(connection, number, not drop, now) is None:
            return Refused(ProposalUnknown())
        end(connection, PROPOSAL, str(number), "dropped" if drop else "published", now)
        append_official(connection, roll, now, ROLL_STREAM, decision.events, REGISTRAR)
        if not drop:
            rolls.put_rule(connection, row.ref, row.digest, row.rule, now, row.starts)
            tell(connection, "rules")
    roll.take_up(rule_versions(roll.database))
    return None


class Eyes(msgspec.Struct, frozen=True):
    """Whether a seat may publish a proposal: why not, if so, and the seats that may."""

    refusal: Refusal | None
    may: tuple[Seat, ...]


def eyes(roll: Roll, row: ProposalRow, by: Seat) -> Eyes:
    """Who may publish a proposal, as `settle` decides it."""
    with roll.database.own() as connection:
        proposer = member(connection, Seat(REGISTRAR, row.seat))
        others = [member(connection, Seat(*one)) for one in people.in_force(connection, REGISTRAR)]
        refusal = second_eyes(proposer, member(connection, by))
    return Eyes(refusal, tuple(one.seat for one in others if second_eyes(proposer, one) is None))


def rule_of(row: ProposalRow) -> Rule:
    """The rule a proposal holds."""
    return msgspec.json.decode(row.rule, type=Rule)
