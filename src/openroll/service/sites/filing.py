"""File sites, one or many at once, and say what becomes of them: official acts of the operators that host them."""

from collections.abc import Sequence

import msgspec
from psycopg import Connection

from openroll.register.decision import Refused
from openroll.register.organisation.roles import Seat
from openroll.register.site import commands
from openroll.register.site.refusals import TooManySites
from openroll.service.acts import Acted, act
from openroll.service.identity.seats import acting
from openroll.service.requests.current import current
from openroll.service.roll import Roll
from openroll.service.sites import pace
from openroll.store import sites
from openroll.store.sites import SiteRow

MOST = 500
"""Sites that are filed at once."""
Filing = commands.FileSite | commands.FilePrivateSite


class Filed(msgspec.Struct, frozen=True):
    """A site that stands: its number (0 where nothing was written), and whether it was filed before with the same words."""

    number: int
    repeated: bool = False


class _NothingWritten(Exception):
    """One of several filings was refused, or none is to be written: what was written of the others goes."""


def file_sites(
    roll: Roll, filings: Sequence[Filing], by: Seat, *, dry_run: bool = False
) -> list[Filed | Refused] | Refused:
    """File sites, all of them or none: a verdict for each, in their order. Where one is refused, nothing was written.

    What is filed already in the same words is told with the number that it has: whoever got no answer sends it again.
    """
    if len(filings) > MOST:
        return Refused(TooManySites(most=MOST), roll.rule_name)
    verdicts: list[Filed | Refused] = []
    try:
        with current(roll) as connection:
            if (refused := acting(connection, by)) is not None:
                return refused
            verdicts += [_filed(connection, roll, filing, by) for filing in filings]
            if dry_run or any(isinstance(one, Refused) for one in verdicts):
                raise _NothingWritten
    except _NothingWritten:
        # A number that was drawn for what is not written after all is nobody's.
        drawn = {one.number for one in verdicts if isinstance(one, Filed) and not one.repeated}
        return [Filed(0) if isinstance(one, Filed) and one.number in drawn else one for one in verdicts]
    return verdicts


def _filed(connection: Connection, roll: Roll, filing: Filing, by: Seat) -> Filed | Refused:
    if (number := _filed_before(connection, filing, by.organisation)) is not None:
        return Filed(number, repeated=True)
    acted = act(connection, roll, filing, by)
    return acted if isinstance(acted, Refused) else Filed(acted.fresh)


def _filed_before(connection: Connection, filing: Filing, operator: str) -> int | None:
    """The number under which the very same was filed and stands, if so."""
    if isinstance(filing, commands.FilePrivateSite):
        row = sites.under_handle(connection, operator, filing.handle)
        rows = [] if row is None else [row]
        said: dict[str, object] = {"digests": sorted(filing.digests), "handle": filing.handle}
    else:
        rows = sites.of_domain(connection, filing.domains[0]) if filing.domains else []
        said = {"sponsor": filing.sponsor.strip(), "domains": list(filing.domains), "services": filing.services.strip()}
    said |= {"operator": operator, "kind": filing.kind, "began": filing.began, "ended": None}
    return next((row.number for row in rows if _says(row, said)), None)


def _says(row: SiteRow, said: dict[str, object]) -> bool:
    return all(getattr(row, name) == value for name, value in said.items())


def step(roll: Roll, command: commands.OfSite, by: Seat, *, dry_run: bool = False) -> Acted | Refused:
    """Change, check or end a site of one's operator."""
    with current(roll) as connection:
        return pace.too_often(connection, roll, command, by) or act(connection, roll, command, by, dry_run=dry_run)
