"""File sites, one or many at once, and say what becomes of them: official acts of the operators that host them."""

from collections.abc import Sequence

import msgspec
from psycopg import Connection

from openroll.register.decision import Refused
from openroll.register.official import Under
from openroll.register.organisation.roles import Seat
from openroll.register.site import commands
from openroll.register.site.decide import change_faults, filing_faults
from openroll.register.site.refusals import TooManySites
from openroll.service.acts import Acted, act
from openroll.service.identity.seats import acting
from openroll.service.requests.current import current
from openroll.service.roll import Roll
from openroll.service.sites import pace
from openroll.service.sites.projections import WAYS
from openroll.service.sites.together import Judged, Together
from openroll.service.way import Asked
from openroll.store import sites
from openroll.store.sites import SiteRow

MOST = 100
"""Sites that are filed at once."""
Filing = commands.FileSite | commands.FilePrivateSite


class Filed(msgspec.Struct, frozen=True):
    """A site that stands: its number (0 where nothing was written), and whether it was filed before with the same words."""

    number: int
    repeated: bool = False


def file_sites(
    roll: Roll, filings: Sequence[Filing], by: Seat, *, dry_run: bool = False
) -> list[Filed | Refused] | Refused:
    """File sites, all of them or none: a verdict for each, in their order. Where one is refused, nothing was written.

    What is filed already in the same words is told with the number that it has: whoever got no answer sends it again. Control
    that was shown since is told of it then.
    """
    if len(filings) > MOST:
        return Refused(TooManySites(most=MOST), roll.rule_name)
    with current(roll) as connection:
        if (refused := acting(connection, by)) is not None:
            return refused
        together = Together(connection, roll, by, filings)
        verdicts = [_verdict(connection, roll, together, one, place, by) for place, one in enumerate(filings)]
        if dry_run or any(isinstance(one, Refused) for one in verdicts):
            return [_before_writing(one) for one in verdicts]
        return _written(connection, roll, together, verdicts, filings, by)


_Verdict = Judged | SiteRow | Refused
"""What becomes of one of several filings: it is taken, it stands, or it is refused."""


def _verdict(connection: Connection, roll: Roll, together: Together, filing: Filing, place: int, by: Seat) -> _Verdict:
    row = _filed_before(connection, filing, by.organisation) if together.may_stand(filing) else None
    if row is None:
        return together.judge(filing, place)
    shown = _shown_since(row, filing)
    acted = None if shown is None else act(connection, roll, shown, by, dry_run=True)
    return acted if isinstance(acted, Refused) else row


def _shown_since(row: SiteRow, filing: Filing) -> commands.CheckSite | None:
    """What is told of control of a site that stands, where a filing of the same words shows it better."""
    if _RANKS[row.control] >= _RANKS.get(filing.control, 0):
        return None
    return commands.CheckSite(site=row.number, control=filing.control)


def _before_writing(one: _Verdict) -> Filed | Refused:
    """What is said of one of several that are not written: what stands has its number, what would be filed has none."""
    if isinstance(one, Judged):
        return Filed(0)
    return Filed(one.number, repeated=True) if isinstance(one, SiteRow) else one


def _written(
    connection: Connection,
    roll: Roll,
    together: Together,
    verdicts: Sequence[_Verdict],
    filings: Sequence[Filing],
    by: Seat,
) -> list[Filed | Refused]:
    numbers = iter(together.write([one for one in verdicts if isinstance(one, Judged)]))
    found: list[Filed | Refused] = []
    for one, filing in zip(verdicts, filings, strict=True):
        if isinstance(one, Judged):
            found.append(Filed(next(numbers), repeated=one.same_as is not None))
        elif isinstance(one, SiteRow):
            if (shown := _shown_since(one, filing)) is not None:
                act(connection, roll, shown, by)
            found.append(Filed(one.number, repeated=True))
    return found


_RANKS = {"": 0, "word": 1, "record": 2, "file": 2}
"""Which way of showing control says more."""


def _filed_before(connection: Connection, filing: Filing, operator: str) -> SiteRow | None:
    """The site of which the very same was filed, and that stands, if there is one."""
    if isinstance(filing, commands.FilePrivateSite):
        row = sites.under_handle(connection, operator, filing.handle)
        rows = [] if row is None else [row]
        said: dict[str, object] = {"digests": sorted(filing.digests), "handle": filing.handle}
    else:
        rows = sites.of_domain(connection, filing.domains[0]) if filing.domains else []
        said = {"sponsor": filing.sponsor.strip(), "domains": list(filing.domains), "services": filing.services.strip()}
    said |= {"operator": operator, "kind": filing.kind, "began": filing.began, "ended": None}
    return next((row for row in rows if _says(row, said)), None)


def _says(row: SiteRow, said: dict[str, object]) -> bool:
    return all(getattr(row, name) == value for name, value in said.items())


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
