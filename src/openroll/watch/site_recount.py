"""The figures of sites, counted anew from every entry of a log: nobody's table is needed for it."""

from collections.abc import Callable
from datetime import date
from typing import NamedTuple

from openroll.register.site.decay import Counted, counted
from openroll.register.site.events import SiteEvent
from openroll.register.site.record import Site, evolve
from openroll.tlog import KeyHistory, Policy, TlogError
from openroll.watch.facts import read_entry
from openroll.watch.requests.whole_log import entries_under, signed_head
from openroll.watch.source import Source

_TOLD_EVERY = 256


class Recounted(NamedTuple):
    """What the first entries give on a day, as many as somebody else counted, and the entries that tell of no site they could."""

    then: Counted
    broken: tuple[str, ...]


def recounted_sites(
    log: Source,
    keys: KeyHistory,
    then: int,
    day: date,
    policy: Policy | None = None,
    progress: Callable[[int, int], None] = lambda *_: None,
) -> Recounted:
    """Read a log whole, prove that its entries are those of its signed head, and count the sites of its first `then` entries.

    Raises a TlogError, also where it has fewer.
    """
    head = signed_head(log, keys, policy).checkpoint
    if then > head.size:
        raise TlogError(f"its figures count {then:,} entries, and it shows {head.size:,}")
    sites: dict[int, Site] = {}
    broken: list[str] = []
    for index, entry in entries_under(log, head):
        if not index % _TOLD_EVERY:
            progress(index, head.size)
        fact = read_entry(entry.kind, entry.act).fact if index < then and entry.kind.startswith("site.") else None
        if not isinstance(fact, SiteEvent):
            continue
        try:
            site = evolve(sites.get(fact.site), fact, date.fromisoformat(entry.day))
        except ValueError:
            broken.append(f"the entry at {index:,} ({entry.kind}) is of a site that no entry before it filed")
            continue
        if site is not None:
            sites[fact.site] = site
    return Recounted(counted(sites, then, day), tuple(broken))
