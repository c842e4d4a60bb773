"""The sites of a demonstration: 3,000 made-up ones below `.example` (RFC 2606), whose names lead nowhere, and a life behind them.

Each operator has its list, which is read and taken apart as `openroll site file` does, and files it part by part in the months
before the requests; then it tells what became of some: they changed, went silent, were retired, came back or ended. No network is
asked: that control was shown is the operators' word, as the pages say.
"""

import csv
import io
import random
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import msgspec

from openroll.compose.demo_filing import handle_key
from openroll.compose.demo_month import SetClock
from openroll.compose.made_up import people
from openroll.compose.settings import random_bytes
from openroll.durable import PRIVATE, write_durably
from openroll.places import Demonstration
from openroll.register.decision import Refused
from openroll.register.organisation.roles import Seat
from openroll.register.request.one_record import a_labels, domain_fault
from openroll.register.site import commands
from openroll.register.site.number import number_text
from openroll.rules.kinds import fields_of_sites
from openroll.service.identity.people import create_seat, overview
from openroll.service.roll import Roll
from openroll.service.sites import directory, filing
from openroll.service.sites.directory import Search
from openroll.service.sites.filing import MOST, Filed
from openroll.service.sites.projections import kinds_of_site
from openroll.sheet.pack import Kept
from openroll.sheet.site_list import Listed, read_sites, split

COUNT = 3_000
BEFORE = timedelta(days=110)
"""How long before the demonstration's day the first of them is filed."""
_FILING_DAYS = 10
"""Days on which each operator files a part of its list, one after the other."""
_ONE_PERSONS = 25
"""Each so many sites is a natural person's."""
_IN = 40
"""Each story has one site in so many."""
Told = tuple[tuple[int, str], ...]
STORIES: tuple[Told, ...] = (
    ((100, "silent"), (39, "retired")),
    ((60, "silent"),),
    ((88, "silent"), (70, "live")),
    ((66, "change"),),
    ((50, "end"),),
)
"""What becomes of some, and how many days before the demonstration's day. Those that are retired were filed first."""


class _Site(NamedTuple):
    number: int
    operator: str
    listed: Listed


def begin_sites(roll: Roll, shown: Demonstration, folder: Path, clock: SetClock, until: datetime) -> int:
    """Have the operators file their sites and tell what became of them; how many there are. The clock goes on with them."""
    if not shown.services or not kinds_of_site(roll):
        return 0
    folder.mkdir(parents=True, exist_ok=True)
    roll.database.keep_connections()
    try:
        seats = {one.operator: _clerk(roll, one.operator) for one in shown.operators}
        lists = {one.operator: _listed(roll, shown, folder, place) for place, one in enumerate(shown.operators)}
        acts: list[tuple[int, str, list[_Site]]] = []
        sites: list[_Site] = []
        for day in range(_FILING_DAYS):
            clock.now = until - BEFORE + timedelta(days=day)
            part = [one for of in lists.values() for one in _filed(roll, folder, seats, of[day::_FILING_DAYS])]
            sites += part
        for nth, story in enumerate(STORIES):
            acts += [(before, what, sites[nth::_IN]) for before, what in story]
        for before, what, of in sorted(acts, key=lambda act: -act[0]):
            clock.now = max(clock.now, until - timedelta(days=before))
            for site in of:
                _act(roll, seats[site.operator], site, what)
    finally:
        roll.database.drop_connections()
    return len(sites)


class _Own(NamedTuple):
    operator: str
    listed: Listed


def _clerk(roll: Roll, operator: str) -> Seat:
    made = create_seat(roll, operator, "clerk", "demonstration, sites")
    if isinstance(made, Refused):
        raise SystemExit(f"script/demo: {operator} has no clerk: {made.refusal}")
    return Seat(operator, max(one.seat for one in overview(roll, operator, 0)[0]))


def _listed(roll: Roll, shown: Demonstration, folder: Path, place: int) -> list[_Own]:
    """An operator's list, written beside its others and read again."""
    operator, count = shown.operators[place].operator, COUNT // len(shown.operators)
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, ("sponsor", "domains", "services", "began", "account"))
    writer.writeheader()
    writer.writerows(_rows(roll, shown, place, count + (place < COUNT % len(shown.operators))))
    (folder / f"{operator}.sites.csv").write_text(out.getvalue(), encoding="utf-8")
    found, wrong = read_sites(out.getvalue(), [one.name for one in fields_of_sites(roll.rule)])
    if wrong:
        raise SystemExit(f"script/demo: {operator}'s list of sites will not do: {wrong[0]}")
    return [_Own(operator, one) for one in found]


def _rows(roll: Roll, shown: Demonstration, place: int, count: int) -> Iterator[dict[str, str]]:
    """Rows of a list: organisations and some persons that are none, each with a domain of its own that leads nowhere."""
    draw = random.Random(f"sites {place}")  # noqa: S311 - it makes up sites, not keys
    organisations = (one for one in people(shown, roll.place, 100 + place, 8 * count) if one["kind"] == "organisation")
    for number, one in enumerate(organisations):
        if number == count:
            return
        own = number % _ONE_PERSONS == _ONE_PERSONS - 1
        trade, operator = draw.choice(shown.trades), shown.operators[place].operator
        began = shown.day - BEFORE - timedelta(days=draw.randrange(1, 2_000))
        yield {
            "sponsor": one["contact"] if own else one["name"],
            "domains": _domain(f"{trade}{place}{number:04d}", f"{operator}-{number:04d}"),
            "services": draw.choice(shown.services),
            "began": str(max(began, roll.place.jurisdiction.earliest)),
            "account": f"site-{place}-{number:04d}" if own else "",
        }


def _domain(name: str, otherwise: str) -> str:
    """A domain below `.example`, in the place's own script where a trade makes one."""
    own = a_labels(f"{''.join(name.lower().split())}.example")
    return f"{otherwise}.example" if domain_fault(own) else own


def _filed(roll: Roll, folder: Path, seats: dict[str, Seat], part: Sequence[_Own]) -> Iterator[_Site]:
    fields = [one.name for one in fields_of_sites(roll.rule)]
    for at in range(0, len(part), MOST):
        some = part[at : at + MOST]
        operator = some[0].operator
        kept: list[Kept] = []
        filings = [_filing(roll, one.listed, fields, handle_key(folder, operator), kept) for one in some]
        _keep(folder / f"{operator}.sites.disclosures.ndjson", kept)
        filed = filing.file_sites(roll, filings, seats[operator])
        refused = (
            filed if isinstance(filed, Refused) else next((one for one in filed if isinstance(one, Refused)), None)
        )
        if refused is not None or isinstance(filed, Refused):
            raise SystemExit(f"script/demo: {operator}'s sites were refused: {refused and refused.refusal}")
        for own, one in zip(some, filed, strict=True):
            assert isinstance(one, Filed)  # noqa: S101 - none was refused
            yield _Site(one.number, operator, own.listed)


def _filing(roll: Roll, one: Listed, fields: Sequence[str], key: bytes, kept: list[Kept]) -> filing.Filing:
    kind = min(kinds_of_site(roll))
    if one.account:
        made = split(one, fields, key, random_bytes, {})
        kept.append(made.kept)
        return commands.FilePrivateSite(
            kind=kind, handle=made.handle, digests=made.digests, began=one.began, control="word"
        )
    return commands.FileSite(
        kind=kind, sponsor=one.sponsor, domains=one.domains, services=one.services, began=one.began, control="word"
    )


def _keep(path: Path, kept: Sequence[Kept]) -> None:
    """Add to what opens an operator's sites, before they are filed."""
    if kept:
        before = path.read_bytes() if path.exists() else b""
        write_durably(path, before + b"".join(msgspec.json.encode(one) + b"\n" for one in kept), mode=PRIVATE)


class SiteShown(NamedTuple):
    """What a demonstration names of its sites: number and domain of one that lives, and the number of one that was retired."""

    number: str
    domain: str
    retired: str


def sites_shown(roll: Roll, shown: Demonstration) -> SiteShown | None:
    """A site of a demonstration that lives and one that was retired; None where it has none, as one that was made before."""
    if not shown.services:
        return None
    live, retired = (directory.search(roll, Search(state=state)).sites for state in ("live", "retired"))
    if not live or not retired:
        return None
    return SiteShown(number_text(live[0].number), live[0].domains[0], number_text(retired[0].number))


def _act(roll: Roll, by: Seat, site: _Site, what: str) -> None:
    today = roll.day(roll.clock())
    if what == "change":
        if site.listed.account:
            return  # what it says is known to its operator and its person alone
        command: commands.OfSite = commands.ChangeSite(
            site=site.number, on=_month_later(today), services=f"{site.listed.services} +", domains=site.listed.domains
        )
    elif what == "end":
        command = commands.EndSite(site=site.number, on=today)
    else:
        command = commands.CheckSite(site=site.number, state=what)
    done = filing.step(roll, command, by)
    if isinstance(done, Refused):
        raise SystemExit(f"script/demo: `{what}` of the site {site.number} was refused: {done.refusal}")


def _month_later(day: date) -> date:
    """Changes are announced 30 days ahead."""
    return day + timedelta(days=30)
