"""Rules on their way into force as a log's entries leave them: each proposal, and who took it up, is decided on again.

What no entry shows is left out: the rule's text and so its safeguards, whether its words have to be read, and what it undoes.
"""

from collections.abc import Iterable
from datetime import date

import msgspec

from openroll.register.decision import Refused
from openroll.register.event import Event
from openroll.register.official import Under
from openroll.register.organisation.refusals import OneLine
from openroll.register.roll.commands import Drop, Propose, Publish
from openroll.register.roll.decide import RuleStanding
from openroll.register.roll.events import RuleDropped, RuleProposed, RuleProposed1, RulePublished, RulePublished1
from openroll.register.roll.rule_versions import Proposal, Proposing, drop, propose, publish
from openroll.watch.audit.seatings import Seatings, refused, under

NAMES = frozenset(kind.name for kind in (RuleProposed, RuleProposed1, RulePublished, RulePublished1, RuleDropped))
"""The kinds of entries that are followed here."""


class Proposed(msgspec.Struct):
    """What one seat proposed of one rule: first days and jurisdictions, how often, and how many of them wait.

    `left` says of each way of them how many may wait still. It has none of a way that is older than it is in states of before it
    was kept, or that a database which went back may have again: of those any number may.
    """

    ways: set[str] = msgspec.field(default_factory=set)
    times: int = 0
    waiting: int = 0
    left: dict[str, int] = msgspec.field(default_factory=dict)

    def add(self, way: str) -> None:
        """One more waits."""
        if way in self.left or way not in self.ways:
            self.left[way] = self.left.get(way, 0) + 1
        self.ways.add(way)
        self.times, self.waiting = self.times + 1, self.waiting + 1

    def which(self, ways: Iterable[str]) -> str | None:
        """The first of these ways in which one may wait, if any."""
        return next((one for one in ways if one in self.ways and self.left.get(one, 1)), None) if self.waiting else None

    def take(self, way: str | None) -> None:
        """Let one wait no more. An act of before it said which leaves that open while several ways may wait."""
        self.waiting -= 1
        if way in self.left:
            self.left[way] -= 1
        may = [one for one in self.ways if self.left.get(one, 1)]
        if len(may) == 1 and may[0] in self.left:
            self.left[may[0]] = self.waiting


class RuleActs(Seatings):
    """`proposals` by seat and rule; None while the roll's opening was not read: then what waits is not known."""

    proposals: dict[str, Proposed] | None = None

    def take_rule(self, fact: Event, day: date) -> str:
        """Keep what an entry of this day changes of proposals; why no decider makes it, and then nothing is changed by it."""
        match fact:
            case RuleProposed() | RuleProposed1():
                return self._proposes(fact if isinstance(fact, RuleProposed) else fact.as_now(), day)
            case RulePublished() | RulePublished1():
                # In rolls of version 0.1.0 two seats were two people, whoever let them in.
                now = fact if isinstance(fact, RulePublished) else fact.as_now()
                return self._publishes(now, day, () if now is fact or self.confirms else OneLine)
            case RuleDropped():
                return self._drops(fact, day)
        return ""

    def forget_takings_up(self) -> None:
        """A database that went back may have a proposal wait again that was published or dropped."""
        for one in (self.proposals or {}).values():
            one.waiting, one.left = one.times, {}

    def _proposes(self, fact: RuleProposed, day: date) -> str:
        by = self.alone(fact.by)
        if by is None:
            return f"{fact.by!r} is no seat"
        command = Propose(starts=fact.starts, ref="", digest="", rule="", jurisdiction=fact.jurisdiction, bundle="")
        # What was in force is in no entry's text: that something is changed of it is not looked at.
        state = Proposing(_standing(fact.proposed), "", " ", fact.jurisdiction, ("",))
        said = refused(propose(command, state, by, _on(fact.rule, day)))
        if not said and self.proposals is not None:
            one = self.proposals.setdefault(f"{fact.by} {fact.proposed}", Proposed())
            one.add(_way(fact.starts, fact.jurisdiction))
        return said

    def _publishes(self, fact: RulePublished, day: date, passed: type[OneLine] | tuple[()]) -> str:
        proposer, by = self.in_line(fact.proposed_by), self.in_line(fact.by)
        if proposer is None or by is None:
            return f"{fact.proposed_by if proposer is None else fact.by!r} is no seat"
        one = None if self.proposals is None else self.proposals.get(f"{fact.proposed_by} {fact.published}")
        ways = (_way(fact.starts, fact.jurisdiction), _way(fact.starts, ""))  # proposals once named no jurisdiction
        way = None if one is None else one.which(ways)
        if self.proposals is not None and way is None:
            return f"no proposal of it by {fact.proposed_by} waits"
        standing = _standing(fact.published)
        proposal = Proposal(fact.published, fact.jurisdiction, fact.starts, proposer, standing, readers=None)
        decision = publish(Publish(proposal=0), proposal, by, _on(fact.rule, day))
        said = "" if isinstance(decision, Refused) and isinstance(decision.refusal, passed) else refused(decision)
        if not said and one is not None:
            one.take(way)
        return said

    def _drops(self, fact: RuleDropped, day: date) -> str:
        proposer, by = self.alone(fact.proposed_by), self.alone(fact.by)
        if proposer is None or by is None:
            return f"{fact.proposed_by if proposer is None else fact.by!r} is no seat"
        one = None if self.proposals is None else self.proposals.get(f"{fact.proposed_by} {fact.dropped}")
        named = isinstance(fact.starts, date) and isinstance(fact.jurisdiction, str)
        ways = (_way(fact.starts, fact.jurisdiction), _way(fact.starts, "")) if named else ()
        way = None if one is None else one.which(ways or sorted(one.ways))
        if self.proposals is not None and way is None:
            return f"no proposal of it by {fact.proposed_by} waits"
        proposal = Proposal(fact.dropped, "", day, proposer, _standing(fact.dropped), readers=None)
        said = refused(drop(Drop(proposal=0), proposal, by, _on(fact.rule, day)))
        if not said and one is not None:
            one.take(way if ways else None)
        return said


def _on(rule: str, day: date) -> Under:
    return msgspec.structs.replace(under(rule), today=day)


def _standing(rule: str) -> RuleStanding:
    """How a rule stands whose text is not known: nothing is in its way."""
    return RuleStanding(rule, (), "")


def _way(starts: object, jurisdiction: object) -> str:
    return f"{starts} {jurisdiction}"
