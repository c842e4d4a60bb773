"""What one place sees of a site at once: whether it answers, and how control of its domains is shown. Yes or no, no more."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import datetime

from openroll.register.site.control import LABEL
from openroll.register.site.looks import Eye, Question, Seen
from openroll.watch.probe.control import Control, check_control
from openroll.watch.probe.look import look
from openroll.watch.probe.manners import Manners
from openroll.watch.probe.place import Place
from openroll.watch.probe.rounds import each

RECORD, FILE = "record", "file"
_UNTOLD = ("names-silent", "names-fail", "late", "silent", "nobody", "faulty")
"""What says nothing of whether a proof is there: nobody could be asked just now."""


def eye(place: Place, manners: Manners | None = None) -> Eye:
    """Looking from a place; with `manners` each machine is asked one thing at a time in all that is asked, else in each round."""

    def looking(asked: Sequence[Question], at: datetime, seconds: float) -> AsyncIterator[tuple[Question, Seen]]:
        own = manners or Manners()
        return each(lambda question: see(place, question, at, own), asked, seconds)

    return looking


async def see(place: Place, question: Question, at: datetime, manners: Manners) -> Seen:
    """Look at one site. Never raises. Of a site that does not answer no proof is looked for: it says nothing of it."""
    seen = await look(place, question.domains[0], manners=manners)
    if not seen.answers or question.wanted is None:
        return Seen(seen.outcome)
    shown = ""
    try:
        async with asyncio.timeout(place.whole / 2):  # a file that stalls says nothing of whether the site answers
            for domain in question.domains:
                found = await check_control(place, domain, question.wanted, at, manners=manners)
                how = _shown(found)
                if not how:
                    return Seen(seen.outcome, how)
                shown = FILE if FILE in (how, shown) else how
    except TimeoutError:
        return Seen(seen.outcome)
    return Seen(seen.outcome, shown)


def _shown(found: Control) -> str | None:
    """How control is shown by what was found of one domain; empty where a proof is not there, None where nobody could tell."""
    if found.proved:
        return RECORD if found.by.startswith(LABEL) else FILE
    untold = found.record in _UNTOLD or found.file in _UNTOLD
    return None if untold else ""
