"""What happened to organisations' sites, in the order of the public log: whoever has read up to a position goes on from there."""

from datetime import date
from typing import Final

import msgspec

from openroll.register.organisation.events import OperatorSucceeded
from openroll.register.site import events
from openroll.service.log.receipts import published
from openroll.service.roll import Roll
from openroll.store import site_facts
from openroll.store.site_facts import SiteFact

FACTS = tuple(kind.name for kind in events.SiteEvent.__subclasses__() if kind.official)
"""The kinds of facts of an organisation's site."""
NAMES = (*FACTS, OperatorSucceeded.name)
"""With an operator's succession, by which its sites are its heir's."""
MOST: Final = 5_000
"""Facts in one answer."""
WINDOW, WINDOWS = 16_384, 64
"""Positions that are looked at together, and how many times for one answer: most of a log is other facts."""


class Change(msgspec.Struct, frozen=True):
    """A fact as its entry of the log has it: the entry's position, kind and civil day, and the fact itself."""

    position: int
    name: str
    day: date
    fact: msgspec.Raw


class Changes(msgspec.Struct, frozen=True):
    """Facts of sites, and the position from which they go on: `size`, where the log has no more."""

    facts: tuple[Change, ...]
    next: int
    size: int


def changes(roll: Roll, since: int) -> Changes | None:
    """The facts from a position on, as far as the log is published; None where it is not so long.

    They are the entries of the log themselves, each at its position: what is in no published entry is not told.
    """
    head = published(roll)
    size = head[1].size if head else 0
    if since > size:
        return None
    found: list[SiteFact] = []
    at = since
    for _ in range(WINDOWS):
        if at >= size or len(found) >= MOST:
            break
        last = min(at + WINDOW, size)
        with roll.database.own() as connection:
            found += site_facts.facts_between(connection, NAMES, at, last)
        at = last
    if len(found) > MOST:
        found = found[:MOST]
        at = found[-1].position + 1
    told = (Change(fact.position, fact.name, fact.day, msgspec.Raw(fact.body.encode())) for fact in found)
    return Changes(tuple(told), at, size)
