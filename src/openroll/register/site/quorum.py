"""How many of the places that checked a site must agree, so that no single network can lie about it (Boulder's table)."""

from collections.abc import Sequence

FEW = 2
MANY = 6


def may_fail(places: int) -> int:
    """How many remote places may disagree with the roll's own: none of one, one of two to five, two of six and more.

    As `maxAllowedFailures` of Let's Encrypt's Boulder, and the table of the CA/Browser Forum's Baseline Requirements 3.2.2.9.
    """
    if places < FEW:
        return 0
    return 1 if places < MANY else 2


def agreed(own: bool, remote: Sequence[bool]) -> bool:
    """Whether control is proved: the roll's own check must have found it, and all remote ones but those that may fail."""
    return own and remote.count(False) <= may_fail(len(remote))
