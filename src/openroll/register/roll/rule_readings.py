"""Readings of a rule's words: what no check can judge, two people of different organisations sign that they read. Pure."""

from itertools import combinations

import msgspec

from openroll.register.decision import Accepted, Decision, Refused
from openroll.register.official import Under, not_acting
from openroll.register.organisation.refusals import NotAllowed
from openroll.register.organisation.roles import KEEPER
from openroll.register.organisation.seats import Member, may_act, of_one_line
from openroll.register.roll.commands import ReadRule
from openroll.register.roll.events import RuleRead
from openroll.register.roll.refusals import ProposalUnknown, RuleReadAlready, RuleUnread, RuleWordsChanged

NEEDED = 2
"""People of different organisations who sign before a rule is published."""

READERS = frozenset({"registrar-lead", "operator-lead", "officer-lead", "reviewer", "reviewer-lead"})
"""The roles that sign: the leads of every organisation, and whoever reviews."""


class Words(msgspec.Struct, frozen=True):
    """The words of a rule before somebody signs: how events name the rule, the digest of the words, and who has signed for it."""

    rule: str
    words: str
    readers: tuple[Member, ...]


def read_rule(command: ReadRule, state: Words | None, by: Member, under: Under) -> Decision:
    """Sign that one has read the words of a rule that waits, is in force or is to come: once a seat, and exactly these words."""
    if by.seat == KEEPER or by.role not in READERS:
        return Refused(NotAllowed(role=by.role, act="readrule"), under.rule)
    if (refused := not_acting(by, under)) is not None:
        return refused
    if state is None:
        return Refused(ProposalUnknown(), under.rule)
    if command.words != state.words:
        return Refused(RuleWordsChanged(), under.rule)
    if any(one.seat == by.seat for one in state.readers):
        return Refused(RuleReadAlready(), under.rule)
    read = RuleRead(
        read=state.rule,
        digest=command.digest,
        words=command.words,
        role=by.role,
        organisation=by.seat.organisation,
        by=str(by.seat),
        rule=under.rule,
    )
    return Accepted((read,))


def counted(readers: tuple[Member, ...]) -> tuple[Member, ...]:
    """The readings that count together: of two people if there are two, else of one, if anyone still sits who read it.

    Two count who are of different organisations and, as far as the roll knows, not the same person: seats that go back to one
    invitation are one's, and a passkey or a provider's subject opens one seat at most (`service/identity`). A seat that ended,
    with its organisation or by itself, counts no more.
    """
    living = [one for one in readers if may_act(one) is None]
    for first, second in combinations(living, NEEDED):
        if first.seat.organisation != second.seat.organisation and not of_one_line(first, second):
            return first, second
    return tuple(living[:1])


def unread(readers: tuple[Member, ...] | None) -> RuleUnread | None:
    """Why a rule is not published yet, if too few have read its words; None for `readers` where there are none to be read."""
    if readers is None or len(found := counted(readers)) >= NEEDED:
        return None
    return RuleUnread(missing=NEEDED - len(found), organisations=tuple(one.seat.organisation for one in found))
