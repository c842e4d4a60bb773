"""The roll, its rule versions and its figures: what their acts are decided on, and the tables that follow their events."""

from contextlib import suppress
from uuid import UUID

from psycopg import Connection

from openroll.places import bundle_of, full_name, zones_of
from openroll.register.organisation.roles import REGISTRAR, Seat
from openroll.register.roll import commands, events
from openroll.register.roll.decide import Roll as RollState
from openroll.register.roll.rule_readings import Words
from openroll.register.roll.rule_versions import Proposal, Proposing
from openroll.rules import digest, words_digest
from openroll.service.governance.made_on import TakenBack, proposal_on, taken_back
from openroll.service.governance.opening import opened_before
from openroll.service.governance.rule_standing import rule_from, rule_name, standing
from openroll.service.identity.seats import member, new_readers, readers_of
from openroll.service.roll import Roll
from openroll.service.rules_in_force import see
from openroll.service.way import Asked, Done, Mails, Projections, Way, Ways, of_the_roll
from openroll.store import mail as mails
from openroll.store import roll as rolls
from openroll.store import rule_versions, work
from openroll.store.roll import RuleRow
from openroll.store.rule_versions import ProposalRow, ReadingRow

_NO_STATE = "what was decided is read from the event"


def _opening(connection: Connection, roll: Roll, _: Asked) -> RollState:
    zones = zones_of(roll.place)
    return RollState(opened=opened_before(connection), standing=standing(roll.rule, roll.place), zones=zones)


def _proposing(connection: Connection, roll: Roll, asked: Asked) -> Proposing:
    _see_rules(connection, roll)
    command, then = asked.command, roll.rule_on(asked.command.starts)
    place = bundle_of(command.bundle)
    rule = rule_from(command.rule)
    of = (standing(rule, place), then.name, full_name(then.place), command.jurisdiction, zones_of(place))
    back = taken_back(roll, command.starts, rule, place)
    # Who names what it was made on has seen what is in force.
    unsaid = (() if command.on_rule else back.rule, () if command.on_jurisdiction else back.place)
    return Proposing(*of, digest=digest(then.rule), back=TakenBack(*unsaid).parts)


def _see_rules(connection: Connection, roll: Roll) -> None:
    """Know what was published until now, the roll's record being held: whoever held it before may have published something."""
    see(roll, connection, rolls.known_rules(connection))


def _proposal(connection: Connection, roll: Roll, asked: Asked) -> Proposal | None:
    rows = rule_versions.proposals(connection)
    row = next((one for one in rows if one.id == asked.command.proposal), None)
    if row is None:
        return None
    _see_rules(connection, roll)
    on, by = proposal_on(roll, row), member(connection, Seat(REGISTRAR, row.seat))
    readers = new_readers(connection, roll, on.rule, row.starts)
    judged = standing(on.rule, on.place)
    return Proposal(rule_name(on.rule), row.jurisdiction, row.starts, by, judged, readers, on.overtaking)


def _words(connection: Connection, _: Roll, asked: Asked) -> Words | None:
    key = asked.command.digest
    waiting = [one.rule for one in rule_versions.proposals(connection) if one.digest == key]
    known = [one.rule for one in rolls.rule_versions_with(connection, key) if one.digest == key]
    if not (found := waiting or known):
        return None
    rule = rule_from(found[0])
    return Words(rule_name(rule), words_digest(rule), readers_of(connection, rule))


def _published(connection: Connection, roll: Roll, asked: Asked) -> bool:
    return rule_versions.has_figures(connection, roll.day(asked.now))


def _waiting_work(connection: Connection, _: Roll, asked: Asked) -> str | None:
    return work.kind_for_person(connection, asked.command.number)


def _proposal_number(_: object) -> str:
    return "proposal"


WAYS: Ways = {
    commands.OpenRoll: Way(of_the_roll, _opening),
    commands.Propose: Way(of_the_roll, _proposing, _proposal_number),
    commands.Publish: Way(of_the_roll, _proposal),
    commands.Drop: Way(of_the_roll, _proposal),
    commands.ReadRule: Way(of_the_roll, _words),
    commands.PublishFigures: Way(of_the_roll, _published),
    commands.SettleWork: Way(of_the_roll, _waiting_work),
}


def _rule_proposed(connection: Connection, done: Done, fact: events.RuleProposed) -> None:
    rule, by = done.command, done.by.number
    of = (rule.ref, rule.digest, rule.rule, fact.starts, by, done.now)
    made_on = (fact.on_rule or "", fact.on_jurisdiction or "")
    rule_versions.put_proposal(connection, ProposalRow(done.fresh, *of, fact.jurisdiction, rule.bundle, *made_on))


def _rule_published(connection: Connection, done: Done, _: events.RulePublished) -> None:
    row = rule_versions.decide_proposal(connection, done.command.proposal, True, done.now)
    assert row is not None  # noqa: S101 - it waited when it was decided on, and the roll's record is held
    kept = RuleRow(row.ref, row.digest, row.rule, row.starts, done.now, row.jurisdiction, row.bundle)
    rolls.put_rule(connection, kept)


def _rule_dropped(connection: Connection, done: Done, _: events.RuleDropped) -> None:
    rule_versions.decide_proposal(connection, done.command.proposal, False, done.now)


def _rule_read(connection: Connection, done: Done, fact: events.RuleRead) -> None:
    seat, name = done.by, fact.read
    rule_versions.put_reading(
        connection, ReadingRow(fact.digest, fact.words, name, seat.organisation, seat.number, fact.role, done.now)
    )


def _figures_published(connection: Connection, done: Done, fact: events.FiguresPublished) -> None:
    rule_versions.put_figures(connection, fact.on, done.command.figures, fact.digest, done.now)


def _work_settled(connection: Connection, done: Done, fact: events.WorkSettled) -> None:
    row = work.end_for_person(connection, fact.number, fact.outcome, done.now)
    if row is not None and row.kind == "mail":
        with suppress(ValueError):  # of no mail at all
            mails.give_up(connection, UUID(row.key), done.now)


PROJECTIONS: Projections = {
    events.RollOpened: "the opening is read from the roll's first event; open_roll puts its rule beside it",
    events.RuleProposed: _rule_proposed,
    events.RulePublished: _rule_published,
    events.RuleDropped: _rule_dropped,
    events.RuleRead: _rule_read,
    events.FiguresPublished: _figures_published,
    events.WorkSettled: _work_settled,
}

MAILS: Mails = {}
