"""Rule versions: proposed by one seat of the registrar, checked against the safeguards, published by another on a date."""

from datetime import date, timedelta

import msgspec

from openroll.places import Bundle, full_name
from openroll.places import canonical as canonical_place
from openroll.register.decision import Refused
from openroll.register.organisation.roles import REGISTRAR, Seat
from openroll.register.organisation.seats import second_eyes
from openroll.register.refusal import Refusal
from openroll.register.roll.commands import Drop, Propose, Publish
from openroll.register.roll.refusals import JurisdictionFaulty, RuleFaulty, RuleUnread, StaleProposal
from openroll.register.roll.rule_readings import unread
from openroll.register.roll.rule_versions import stale
from openroll.rules import NoSuchRule, Rule, RuleFaults, canonical, digest, load, parse_rule
from openroll.service.acts import act
from openroll.service.governance.made_on import ProposalOn, proposal_on
from openroll.service.governance.open_roll import rule_versions
from openroll.service.governance.rule_readings import WordsOfRule, words_of
from openroll.service.identity.seats import member, new_readers
from openroll.service.roll import Roll
from openroll.service.work import end_of, enqueue
from openroll.store import people
from openroll.store import rule_versions as rows
from openroll.store.rule_versions import ProposalRow as ProposalRow  # noqa: PLC0414 - pages name it, and import no store
from openroll.store.work import end, tell

PROPOSAL = "proposal"
"""The kind of work that a proposed rule is for the registrar, and its reason."""

MOST_FAULTS = 20
"""Mistakes of a rule's text that are told at once."""


def read_rule(reference: str, text: str) -> Rule | Refused:
    """The rule somebody means: a shipped one by its reference, or the text of a rule file."""
    try:
        return parse_rule(text, "your text") if text.strip() else load(reference.strip())
    except NoSuchRule as error:
        return Refused(RuleFaulty(faults=(error.told,)))
    except RuleFaults as error:
        return Refused(RuleFaulty(faults=tuple(fault.told for fault in error.faults[:MOST_FAULTS])))


def read_place(old: Bundle, main: str, districts: str) -> Bundle | Refused:
    """The jurisdiction that somebody means: today's, with these texts in the place of its own."""
    # What reads folders carries calendars and numbering plans: 30 MB, which few servers are asked for.
    from openroll.places.reading import JurisdictionFaults  # noqa: PLC0415 - see above
    from openroll.places.writing import changed_by  # noqa: PLC0415 - see above

    try:
        return changed_by(old, main, districts)
    except JurisdictionFaults as error:
        return Refused(JurisdictionFaulty(faults=tuple(fault.told for fault in error.faults[:MOST_FAULTS])))


def place_to_change(roll: Roll, starts: date, made_on: str) -> Bundle | Refused:
    """The jurisdiction that a proposal for a day changes; refused where its text was made on another (its full name)."""
    then = roll.rule_on(starts)
    if made_on and made_on != full_name(then.place):
        return Refused(StaleProposal(on=starts, rule=then.name, jurisdiction=full_name(then.place)))
    return then.place


def propose_place(roll: Roll, place: Bundle, starts: date, by: Seat, made_on: str = "") -> int | Refused:
    """Propose a changed jurisdiction, read with the rule of that day (an official act); the proposal's number.

    `made_on` is the full name of the one it was made from, as its proposer knows it; who says none takes nothing back that was
    changed before (`takes-back`).
    """
    then = roll.rule_on(starts)
    return _propose(roll, then.rule, place, starts, by, (digest(then.rule), made_on))


def propose_rule(
    roll: Roll, rule: Rule, starts: date, by: Seat, place: Bundle | None = None, made_on: str = ""
) -> int | Refused:
    """Propose a rule, with a jurisdiction or the one of that day (an official act); the proposal's number.

    `made_on` is the SHA-256 of the rule that it was made from, as its proposer knows it; who says none takes nothing back that
    was changed before (`takes-back`).
    """
    then = roll.rule_on(starts)
    on = (
        made_on,
        "" if place and not made_on else full_name(then.place),
    )  # who knows the one knows what it is read with
    return _propose(roll, rule, place or then.place, starts, by, on)


def propose_text(roll: Roll, rule: Rule, starts: date, by: Seat, made_on: str) -> int | Refused:
    """As `propose_rule`, of a text that names the rule it was made on as events do; what none names is made on nothing known."""
    then = roll.rule_on(starts)
    return propose_rule(roll, rule, starts, by, made_on=digest(then.rule) if made_on == then.name else made_on)


def _propose(roll: Roll, rule: Rule, place: Bundle, starts: date, by: Seat, on: tuple[str, str]) -> int | Refused:
    command = Propose(
        starts=starts,
        ref=rule.ref,
        digest=digest(rule),
        rule=canonical(rule).decode(),
        jurisdiction=full_name(place),
        bundle=canonical_place(place).decode(),
        on_rule=on[0],
        on_jurisdiction=on[1],
    )
    with roll.database.own() as connection:
        acted = act(connection, roll, command, by)
        if isinstance(acted, Refused):
            return acted
        due = end_of(roll, starts - timedelta(days=1))
        enqueue(connection, PROPOSAL, str(acted.fresh), REGISTRAR, PROPOSAL, due, now=roll.clock())
    return acted.fresh


def waiting(roll: Roll) -> list[ProposalRow]:
    """Proposals that wait for a second pair of eyes."""
    with roll.database.own() as connection:
        return rows.proposals(connection)


def settle(roll: Roll, number: int, by: Seat, *, drop: bool) -> Refused | None:
    """Publish a proposal, or drop it (an official act). What is published takes effect on its day by itself."""
    with roll.database.own() as connection:
        acted = act(connection, roll, Drop(proposal=number) if drop else Publish(proposal=number), by)
        if isinstance(acted, Refused):
            return acted
        end(connection, PROPOSAL, str(number), "dropped" if drop else "published", roll.clock())
        if not drop:
            tell(connection, "rules")
    roll.adopt(rule_versions(roll.database))
    return None


class Eyes(msgspec.Struct, frozen=True):
    """Whether a seat may publish a proposal: why not, if so, and the seats that may. Nobody may while it is `stale`.

    `words` says who read its words and `unread` what is missing of that; both None where nobody has to read them.
    """

    refusal: Refusal | None
    may: tuple[Seat, ...]
    words: WordsOfRule | None
    unread: RuleUnread | None
    on: ProposalOn
    stale: StaleProposal | None


def eyes(roll: Roll, row: ProposalRow, by: Seat) -> Eyes:
    """Who may publish a proposal, as `settle` decides it."""
    with roll.database.own() as connection:
        proposer = member(connection, Seat(REGISTRAR, row.seat))
        others = [member(connection, Seat(*one)) for one in people.in_force(connection, REGISTRAR)]
        refusal = second_eyes(proposer, member(connection, by))
        on = proposal_on(roll, row)
        # What cannot be published is read by nobody.
        missing = None if on.overtaking else unread(new_readers(connection, roll, on.rule, row.starts))
    (words,) = words_of(roll, [on.rule])
    may = tuple(one.seat for one in others if second_eyes(proposer, one) is None)
    return Eyes(refusal, may, words if words.words else None, missing, on, stale(on.overtaking))
