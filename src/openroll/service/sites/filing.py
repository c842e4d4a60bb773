"""File sites, one or many at once, and say what becomes of them: official acts of the operators that host them."""

from collections.abc import Sequence
from contextlib import suppress

import msgspec
from psycopg import Connection

from openroll.register.decision import Refused
from openroll.register.official import Under
from openroll.register.organisation.roles import Seat
from openroll.register.site import commands
from openroll.register.site.decide import change_faults, filing_faults
from openroll.register.site.record import LIVE, Site, as_of
from openroll.register.site.refusals import TooManySites
from openroll.service.acts import Acted, act
from openroll.service.identity.seats import acting
from openroll.service.requests.current import current
from openroll.service.roll import Roll
from openroll.service.sites import pace
from openroll.service.sites.projections import WAYS, site_of
from openroll.service.way import Asked
from openroll.store import sites

MOST = 100
"""Sites that are filed at once."""
Filing = commands.FileSite | commands.FilePrivateSite


class Filed(msgspec.Struct, frozen=True):
    """A site that stands: its number (0 where nothing was written), whether it was filed before in the same words, its state."""

    number: int
    repeated: bool = False
    state: str = LIVE


class _NothingWritten(Exception):
    """One of several filings was refused, or none is to be written: what was written of the others goes."""


def file_sites(
    roll: Roll, filings: Sequence[Filing], by: Seat, *, dry_run: bool = False
) -> list[Filed | Refused] | Refused:
    """File sites, all of them or none: a verdict for each, in their order. Where one is refused, nothing was written.

    What is filed already in the same words is told with the number that it has: whoever got no answer sends it again. Control
    that was shown since is told of it then.
    """
    if len(filings) > MOST:
        return Refused(TooManySites(most=MOST), roll.rule_name)
    verdicts: list[Filed | Refused] = []
    with current(roll) as connection:
        if (refused := acting(connection, by)) is not None:
            return refused
        with (
            suppress(_NothingWritten),
            connection.transaction(),
        ):  # what it rolls back is not all: whose right it is, is asked
            verdicts += [_filed(connection, roll, filing, by) for filing in filings]
            if dry_run or any(isinstance(one, Refused) for one in verdicts):
                raise _NothingWritten
            return verdicts
    # A number that was drawn for what is not written after all is nobody's.
    drawn = {one.number for one in verdicts if isinstance(one, Filed) and not one.repeated}
    return [Filed(0) if isinstance(one, Filed) and one.number in drawn else one for one in verdicts]


def _filed(connection: Connection, roll: Roll, filing: Filing, by: Seat) -> Filed | Refused:
    row = _filed_before(connection, roll, filing, by.organisation)
    if row is None:
        acted = act(connection, roll, filing, by)
        return acted if isinstance(acted, Refused) else Filed(acted.fresh)
    if _RANKS[row.control] < _RANKS.get(filing.control, 0):  # it was shown since
        acted = act(connection, roll, commands.CheckSite(site=row.number, control=filing.control), by)
        if isinstance(acted, Refused):
            return acted
    return Filed(row.number, repeated=True, state=row.state)


_RANKS = {"": 0, "word": 1, "record": 2, "file": 2}
"""Which way of showing control says more."""


def _filed_before(connection: Connection, roll: Roll, filing: Filing, operator: str) -> Site | None:
    """The site of which the very same was filed, or is so today, and that stands, if there is one."""
    if isinstance(filing, commands.FilePrivateSite):
        row = sites.under_handle(connection, operator, filing.handle)
        rows = [] if row is None else [row]
        said: dict[str, object] = {"digests": tuple(sorted(filing.digests)), "handle": filing.handle}
    else:
        rows = sites.standing(connection, filing.domains[:1])
        said = {"sponsor": filing.sponsor.strip(), "domains": filing.domains, "services": filing.services.strip()}
    said |= {"operator": operator, "kind": filing.kind, "began": filing.began, "ended": None}
    today = roll.day(roll.clock())
    return next((site for row in rows if _says(site := as_of(site_of(row), today), said)), None)


def _says(site: Site, said: dict[str, object]) -> bool:
    return all(getattr(site, name) == value for name, value in said.items())


def faults(
    roll: Roll, command: commands.FileSite | commands.ChangeSite | commands.FilePrivateSite, by: Seat
) -> list[tuple[str, Refused]]:
    """All that is wrong with a filing or a change, each with its field, for whoever puts it right at once. Writes nothing.

    None for what is refused for another reason than what it says.
    """
    with current(roll) as connection:
        asked = Asked(command, by, roll.clock())
        state = WAYS[type(command)].load(connection, roll, asked)
    day = roll.day(asked.now)
    under = Under(roll.rule_on(day).name, day, asked.now)
    if not isinstance(command, commands.ChangeSite):
        found = filing_faults(command, state, under)
    elif state.site is None or state.site.operator != by.organisation:
        return []
    else:
        found = change_faults(command, state.site, state.terms, under)
    return [(field, Refused(refusal, under.rule)) for field, refusal in found]


def step(roll: Roll, command: commands.OfSite, by: Seat, *, dry_run: bool = False) -> Acted | Refused:
    """Change, check or end a site of one's operator."""
    with current(roll) as connection:
        return pace.too_often(connection, roll, command, by) or act(connection, roll, command, by, dry_run=dry_run)
