"""Look whether control of a domain is proved: by its standing TXT record, a parent's, or the file on the site."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from openroll.register.request.one_record import domain_fault
from openroll.register.site.control import LABEL, MOST_FILE, WELL_KNOWN, Wanted, Why, in_file
from openroll.watch.probe.look import look
from openroll.watch.probe.manners import Manners
from openroll.watch.probe.names import Fault, NotFound, texts_of
from openroll.watch.probe.place import Place

MOST_PARENTS = 4
"""Names that are asked for a record: the domain, and three above it."""


@dataclass(frozen=True, slots=True)
class Control:
    """Whether control is proved, and by what: a record's name, or the file; else why not, of the record and of the file.

    `above` is the domain whose record that is about, where it is one above; empty where it is the domain's own.
    """

    proved: bool
    by: str = ""
    record: Why | Fault | Literal["late"] | None = None
    file: Why | str | None = None
    above: str = ""


async def check_control(
    place: Place, domain: str, wanted: Wanted, at: datetime, *, manners: Manners | None = None
) -> Control:
    """Look for a proof at a time: the record of the domain, then the file, each within the place's whole time, but for what it
    waits for its turn among others (`manners`). Never raises."""
    record: Why | Fault | Literal["late"] | None = "none"
    above = ""
    manners = manners or Manners()
    try:
        async with manners.asking_names(), asyncio.timeout(place.whole):
            for parent in _with_parents(domain):
                missed = await _record(place, parent, wanted, at, below=parent != domain)
                if missed is None:
                    return Control(True, f"{LABEL}.{parent}")
                if record == "none" and missed != "none":
                    record, above = missed, parent if parent != domain else ""
    except TimeoutError:
        record, above = "late", ""
    seen = await look(place, domain, WELL_KNOWN, most=MOST_FILE, manners=manners)
    if not seen.answers:
        return Control(False, "", record, seen.outcome, above)
    value = in_file(seen.body)
    file = wanted.why_not([value] if value else [], at)
    return Control(True, WELL_KNOWN) if file is None else Control(False, "", record, file, above)


async def _record(place: Place, domain: str, wanted: Wanted, at: datetime, *, below: bool) -> Why | Fault | None:
    try:
        return wanted.why_not(await texts_of(place, f"{LABEL}.{domain}"), at, below=below)
    except NotFound as error:
        return "none" if error.fault == "no-name" else error.fault


def _with_parents(domain: str) -> list[str]:
    """A domain and those above it that are somebody's own, the nearest first; nothing of `co.uk`."""
    labels = domain.split(".")
    above = [".".join(labels[at:]) for at in range(len(labels))]
    return [one for one in above if not domain_fault(one)][:MOST_PARENTS]
