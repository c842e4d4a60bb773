"""The terms of Chongqing for tests that judge filings: two of its districts, and its kinds and ways to connect."""

from datetime import date

from openroll import places
from openroll.register.subscription.terms import Terms

PLACE = places.load("cn-cq-2006").jurisdiction
KINDS = frozenset(kind.id for kind in PLACE.kinds)
ACCESSES = frozenset(access.id for access in PLACE.accesses)
EARLIEST = PLACE.earliest


def terms(today: date, digests: int) -> Terms:
    """The terms of a day under a rule that covers every kind and asks so many personal fields."""
    return Terms(KINDS, frozenset(), ACCESSES, frozenset({"500103", "500105"}), EARLIEST, today, digests)
