"""Operators that are succeeded as a log's entries leave it: each offer, and each word for it, is decided on again.

What no entry shows is left out: signs of life of an operator that was announced to be gone, and handles that meet. Whether a seat
of it was taken away of late counts either way.
"""

from datetime import date

import msgspec

from openroll.register.decision import Accepted, Decision
from openroll.register.event import Event
from openroll.register.official import Under
from openroll.register.organisation import events as lives
from openroll.register.organisation.commands import OfferSuccession, Succeed, WithdrawSuccession
from openroll.register.organisation.lives import (
    Life,
    Offered,
    heir_of,
    offer_succession,
    succeed,
    withdraw_succession,
)
from openroll.register.organisation.roles import REGISTRAR
from openroll.register.organisation.seats import Member, may_act, not_two, notice_until
from openroll.watch.audit.rule_acts import RuleActs
from openroll.watch.audit.seatings import organisation_in, refused, under

NAMES = frozenset(
    kind.name
    for kind in (
        lives.SuccessionOffered,
        lives.SuccessionAccepted,
        lives.SuccessionWithdrawn,
        lives.OperatorSucceeded,
    )
)
"""The kinds of entries that are followed here."""


class Offer(msgspec.Struct):
    """A succession that was offered or announced, as `lives.Offered`; `forgotten` says that the roll may have lost it since."""

    heir: str
    by: str
    until: date
    accepted: str = ""
    notice: date | None = None
    forgotten: bool = False


class Successions(RuleActs):
    """Who succeeded which operator, and what is offered, by the operator that would end.

    `offers` is None while the roll's opening was not read: then it is not known what was offered.
    """

    heirs: dict[str, str] = msgspec.field(default_factory=dict)
    offers: dict[str, Offer] | None = None

    def heir(self, operator: str) -> str:
        """Who answers for what is or was an operator's."""
        return heir_of(operator, self.heirs)

    def take_succession(self, fact: Event, day: date) -> str:
        """Keep what an entry of this day changes; why no decider makes it, and then nothing is changed by it."""
        match fact:
            case lives.SuccessionOffered():
                return self._offered(fact, day)
            case lives.SuccessionAccepted():
                return self._accepted(fact, day)
            case lives.SuccessionWithdrawn():
                return self._withdrawn(fact, day)
            case lives.OperatorSucceeded():
                return self._succeeded(fact, day)
        return ""

    def forget_offers(self) -> None:
        """A database that went back may not have what was offered, nor who agreed."""
        for offer in (self.offers or {}).values():
            offer.forgotten = True

    def _offered(self, fact: lives.SuccessionOffered, day: date) -> str:
        if self.offers is None:
            return ""
        by = self.alone(fact.by)
        if by is None:
            return f"{fact.by!r} is no seat"
        before = self.offers.get(fact.operator)
        # What was announced is void by a sign of life, and is announced anew then.
        gone = before is None or before.forgotten or organisation_in(before.by) == REGISTRAR
        state = self._life(fact.operator, fact.heir, None if gone else before)
        command = OfferSuccession(operator=fact.operator, heir=fact.heir)
        said = refused(offer_succession(command, state, by, _on(fact.rule, day)))
        if not said and fact.until < (notice_until(day, day) if by.seat.organisation == REGISTRAR else day):
            said = "a notice runs two weeks at the least"
        if not said:
            self.offers[fact.operator] = Offer(fact.heir, fact.by, fact.until)
        return said

    def _accepted(self, fact: lives.SuccessionAccepted, day: date) -> str:
        if self.offers is None:
            return ""
        offer = self.offers.get(fact.operator)
        if offer is not None and offer.forgotten:
            return ""
        said = self._agrees(fact, offer, day)
        if not said and fact.until is not None and fact.until < notice_until(day, day):
            said = "a notice runs two weeks at the least"
        if not said and offer is not None:
            offer.accepted, offer.notice = fact.by, fact.until
        return said

    def _withdrawn(self, fact: lives.SuccessionWithdrawn, day: date) -> str:
        if self.offers is None:
            return ""
        by, offer = self.alone(fact.by), self.offers.get(fact.operator)
        if by is None:
            return f"{fact.by!r} is no seat"
        if offer is not None and offer.forgotten:
            del self.offers[fact.operator]
            return ""
        state = self._life(fact.operator, "", offer)
        command = WithdrawSuccession(operator=fact.operator, why=fact.why or "-")
        said = refused(withdraw_succession(command, state, by, _on(fact.rule, day)))
        if not said:
            del self.offers[fact.operator]
        return said

    def _succeeded(self, fact: lives.OperatorSucceeded, day: date) -> str:
        said = self.may_not_succeed(fact)
        if not said and self.offers is not None:
            offer = self.offers.get(fact.operator)
            if offer is None or not offer.forgotten:
                said = self._agrees(fact, offer, day)
            if not said:
                self.offers.pop(fact.operator, None)
        if not said:
            self.heirs[fact.operator] = fact.heir
            self.ends(fact.operator)
        return said

    def _agrees(self, fact: lives.SuccessionAccepted | lives.OperatorSucceeded, offer: Offer | None, day: date) -> str:
        """Why no word for what is offered makes this fact, if so."""
        by = self.member(fact.by)
        if by is None:
            return f"{fact.by!r} is no seat"
        command, state = Succeed(operator=fact.operator, heir=fact.heir), self._life(fact.operator, fact.heir, offer)
        state = msgspec.structs.replace(state, leads=self._leads(fact.operator))
        said = ""
        for thrown_out in (False, True):
            life = msgspec.structs.replace(state, thrown_out=thrown_out)
            decision = succeed(command, life, by, _on(fact.rule, day))
            if _makes(decision, fact):
                return ""
            said = said or refused(decision) or "its decider makes something else of it"
        return said

    def _life(self, operator: str, heir: str, offer: Offer | None) -> Life:
        heir = heir or (offer.heir if offer else "")
        known = (self.kinds.get(operator) == "operator", self.kinds.get(heir) == "operator")
        return Life(*known, date.min, self._made(offer))

    def _made(self, offer: Offer | None) -> Offered | None:
        by = None if offer is None else self.member(offer.by)
        if offer is None or by is None or not by.sits:
            return None  # what somebody offered ends with their seat
        agreed = self.member(offer.accepted) if offer.accepted else None
        agreed = agreed if agreed is not None and agreed.sits else None
        return Offered(offer.heir, by, offer.until, agreed, None, offer.notice if agreed else None)

    def _leads(self, operator: str) -> tuple[Member, ...]:
        """The leads in force of an operator, each with where its line ends in the place of its chain."""
        found = []
        for name, seat in self.seats.items():
            if organisation_in(name) != operator or not seat.role.endswith("-lead") or seat.left:
                continue
            one = self.in_line(name) if seat.in_force else None
            if one is not None:
                found.append(one)
        return tuple(found)

    def may_not_succeed(self, fact: lives.OperatorSucceeded) -> str:
        """Why this organisation does not go over to that one at these two seats' words, whatever was offered."""
        for name in (fact.operator, fact.heir):
            if self.kinds.get(name) != "operator":
                return f"{name!r} is no operator"
        if fact.operator == fact.heir:
            return f"{fact.operator} does not succeed itself"
        if said := self.may_not_lead(fact.offered_by, fact.operator, fact.heir):
            return said
        by = self.alone(fact.by)  # what the registrar announced any seat of it carries out
        registrars = by is not None and by.seat.organisation == REGISTRAR and may_act(by) is None
        if not registrars and (said := self.may_not_lead(fact.by, fact.operator, fact.heir)):
            return said
        first, second = self.in_line(fact.offered_by), self.in_line(fact.by)
        if first is None or second is None or REGISTRAR not in (first.seat.organisation, second.seat.organisation):
            return ""
        if first.seat.organisation != second.seat.organisation:
            return "the registrar carries out what it announced, and nothing else"
        return "" if (refusal := not_two(first, second)) is None else f"its decider refuses it: {refusal.code}"


def _on(rule: str, day: date) -> Under:
    return msgspec.structs.replace(under(rule), today=day)


def _makes(decision: Decision, fact: lives.SuccessionAccepted | lives.OperatorSucceeded) -> bool:
    """Whether a decision makes this fact. The last day of a notice is by the rule's text, and looked at beside."""
    if not isinstance(decision, Accepted) or len(decision.events) != 1:
        return False
    (made,) = decision.events
    agrees = lives.SuccessionAccepted
    if isinstance(made, agrees) and isinstance(fact, agrees) and made.until is not None and fact.until is not None:
        made = msgspec.structs.replace(made, until=fact.until)
    return made == fact
