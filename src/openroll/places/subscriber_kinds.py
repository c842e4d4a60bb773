"""Which kinds of subscriber file under a rule in a jurisdiction, as they are called there."""

from openroll.places.bundle import Bundle
from openroll.places.model import Choice
from openroll.rules import Rule
from openroll.rules.values import given

FILING = frozenset({"person", "household", "organisation", "machine"})
"""The natures of who has a subscription: operators serve them, and sites stand on them."""


def subscriber_kinds(rule: Rule, place: Bundle) -> tuple[Choice, ...]:
    """The kinds that may file: those of the jurisdiction that the rule covers, in its order, then those the rule adds.

    A kind that the rule declares has the jurisdiction's name where that gives one, else the rule's own.
    """
    there = place.jurisdiction.kinds
    named = {one.id for one in there}
    own = (
        Choice(one.id, one.title)
        for one in given(rule.kinds, ())
        if one.id in rule.covers and one.id not in named and one.nature in FILING
    )
    return (*(one for one in there if one.id in rule.covers), *own)


def every_kind(rule: Rule, place: Bundle) -> tuple[Choice, ...]:
    """Every kind that either names, the jurisdiction's names first."""
    named = {one.id for one in place.jurisdiction.kinds}
    own = (Choice(one.id, one.title) for one in given(rule.kinds, ()) if one.id not in named)
    return (*place.jurisdiction.kinds, *own)
