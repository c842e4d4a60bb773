"""The commands by which an operator files the sites that it hosts, and by which anybody looks one up."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from secrets import token_bytes
from typing import Annotated, Any, NamedTuple
from urllib.parse import quote

import msgspec
from cyclopts import Parameter
from cyclopts.validators import Number

from openroll.cli.handles import read_key
from openroll.cli.output import MOST_SHOWN, command, err, fail, line, out
from openroll.cli.requests.at_roll import AtRoll, Log, Roll, asked, json_at, sent, size_of
from openroll.cli.requests.read_back import Act, HeldBy, log_held_by
from openroll.cli.requests.unanswered import Failed
from openroll.cli.site_read_back import sites_after, sites_back
from openroll.cli.site_recount import recount
from openroll.cli.site_telling import Numbered, app, keep_numbers, known_numbers, numbers_beside
from openroll.cli.sites import NameServers, domain_given, servers_given
from openroll.cli.table import Rows
from openroll.disclosure import DisclosureError
from openroll.register.organisation.roles import Seat, seat_of
from openroll.register.site.control import LABEL, WELL_KNOWN, Persisted, Wanted, wanted_at
from openroll.register.site.number import is_like_a_number, number_text, read_number
from openroll.register.site.record import PROOFS
from openroll.register.subscription.handle import AccountUnfit
from openroll.rules.kinds import fields_of_sites
from openroll.rules.model import Rule
from openroll.sheet.faults import visible
from openroll.sheet.site_disclosures import DisclosuresUnread, KeptLines, adding_lines
from openroll.sheet.site_list import Listed, WrongCell, read_sites, split
from openroll.watch.probe import Place, controls
from openroll.watch.requests.proved import Unproved
from openroll.watch.roll_api import Declined, RollApi
from openroll.watch.site_facts import Sent, command_of
from openroll.watch.source import Unreachable
from openroll.words.domains import domain_shown

__all__ = ["app", "recount"]
AT_ONCE = 100
"""Sites that are sent at once."""
STATES = {
    "live": "live, as far as its operator said",
    "silent": "silent, as its operator found",
    "retired": "its number is retired: silent for long, as its operator found",
    "ended": "it ended",
}
"""The states of a site, as a sentence."""
CONTROLS = {
    "": "not shown",
    "record": "shown by a record, as its operator checked",
    "file": "shown by a file, as its operator checked",
    "word": "its operator's word",
}
"""How it was shown that a site's organisation controls its domains."""
SEEN_STATES = {
    "live": "live, by the roll's own looks",
    "silent": "silent, by the roll's own looks",
    "retired": "its number is retired: silent for long, by the roll's own looks",
}
SEEN_CONTROLS = {
    "": "not shown: the roll looked, and found no proof any more",
    "record": "shown by a record, which the roll found itself",
    "file": "shown by a file, which the roll found itself",
}
"""The same where the roll looked itself."""


class _Served(msgspec.Struct, frozen=True):
    """The rule as the roll serves it, whole."""

    rule: Rule


class _Filed(msgspec.Struct, frozen=True):
    number: str
    repeated: bool
    state: str = ""


class _Taken(msgspec.Struct, frozen=True):
    sites: list[_Filed]
    by: str


class _Announced(msgspec.Struct, frozen=True):
    on: date
    sponsor: str
    domains: tuple[str, ...]
    services: str


class _Site(msgspec.Struct, frozen=True):
    """A site as the roll serves it."""

    number: str
    private: bool
    state: str
    year: int
    operator: str
    sponsor: str
    domains: tuple[str, ...]
    services: str
    control: str
    filed: date | None
    since: date | None
    began: date | None = None
    announced: tuple[_Announced, ...] = ()
    shown: date | None = None
    control_places: int | None = None
    state_places: int | None = None
    looked: date | None = None


class _Proved(msgspec.Struct, frozen=True):
    site: _Site


@app.command
def file(
    sites: Path,
    /,
    *,
    at: AtRoll,
    key: Annotated[
        Path | None, Parameter(help="Your handle key, where a site of the list is a natural person's.")
    ] = None,
    word: Annotated[
        bool, Parameter(help="Give your word for domains of which no proof is found.", negative="")
    ] = False,
    name_server: NameServers = (),
    seconds: Annotated[float, Parameter(help="How long to look for proofs.", validator=Number(gt=0))] = 600,
    dry_run: Annotated[bool, Parameter(help="Say what would be filed, and write nothing.", negative="")] = False,
    held_by: HeldBy | None = None,
) -> None:
    """As an operator: file the sites that you host, and look for proofs of control of their domains.

    Up to 100 are filed all or none, more in parts of 100, once the roll would take all of them. What the log has of each is held
    against what was sent. The same list sent again files nothing twice. What a natural person's site tells stays in
    SITES.disclosures.ndjson, and which number each site has in SITES.numbers.json: guard them.

    Parameters
    ----------
    sites
        A CSV with sponsor, domains, services, began; kind where it is not `site`; account where it is a natural person's.
    """
    with asked():
        fields = [one.name for one in fields_of_sites(json_at(at.api(), "rule", _Served).rule)]
        listed = _listed(sites, fields)
        bodies = _bodies(sites, listed, fields, key, dry_run=dry_run)
        seat = _seat(_sent(at, bodies))
        wanted, found = _wanted(at.roll, seat.organisation, word=word), {}
        if wanted is not None:
            found = asyncio.run(_controls(Place(servers=servers_given(name_server)), listed, wanted, seconds))
        for body, site in zip(bodies, listed, strict=True):
            body["control"] = _control(site, found) or ("word" if word else "")
        if dry_run or len(bodies) > AT_ONCE:  # a part that is refused is known before the first is filed
            filed = _sites(_sent(at, bodies))
        if not dry_run:
            log = log_held_by(at.api(), held_by)
            size = size_of(at.api(), log, at.token.parent)
            filed = _sites(_sent(at, bodies, Before(log, size, seat)))
            _keep(numbers_beside(sites), listed, filed)
            sites_back(at.api(), list(_each(bodies, filed, seat, size)), _act(at, sites, log))
    _say_filed(listed, bodies, filed, dry_run=dry_run)
    if wanted is not None:
        _say_unproved(listed, bodies, wanted)
    if filed and not dry_run:
        line(f"To look one up: {command('site', 'show', filed[0].number, '--roll', at.roll)}")


def _keep(path: Path, listed: Sequence[Listed], filed: Sequence[_Filed]) -> None:
    """Keep which number each site has, for `openroll site tell`, and in which state the roll has it: a file may be lost."""
    known = known_numbers(path)
    for site, one in zip(listed, filed, strict=True):
        before = known[one.number].told if one.number in known else "live"
        known[one.number] = Numbered(site.domains[0], one.state or before)
    try:
        keep_numbers(path, known)
    except OSError as error:
        err.print(f"{path} cannot be written: {error.strerror or error}. All is filed: send the list again to have it.")


def _listed(path: Path, fields: Sequence[str]) -> list[Listed]:
    try:
        found, wrong = read_sites(path.read_text("utf-8"), fields)
    except UnicodeDecodeError:
        fail(f"{path} is not UTF-8. Save it as CSV, UTF-8.")
    except OSError as error:
        fail(f"{path} cannot be read: {error.strerror or error}.")
    if wrong:
        _say_wrong(path, wrong)
        raise SystemExit(2)
    if not found:
        fail(f"{path} has no site behind its header.")
    return found


def _say_wrong(path: Path, wrong: Sequence[WrongCell]) -> None:
    table = Rows("line", "column", "value", "what to do", title=f"{visible(str(path))}: nothing was filed")
    for one in wrong[:MOST_SHOWN]:
        table.add_row(str(one.line), one.column, visible(one.value), one.what)
    err.print(table)
    if len(wrong) > MOST_SHOWN:
        err.print(f"… and {len(wrong) - MOST_SHOWN:,} more.")


def _bodies(
    path: Path, listed: Sequence[Listed], fields: Sequence[str], key: Path | None, *, dry_run: bool
) -> list[dict[str, Any]]:
    """What is sent of each site. What opens the digests of natural persons' is written before anything is sent."""
    if not any(site.account for site in listed):
        return [_open(site) for site in listed]
    if key is None:
        fail(
            "A site of the list has an account: give your handle key by --key (`openroll handle new-key FILE` makes one)."
        )
    secret, beside = read_key(key), path.with_suffix(".disclosures.ndjson")
    try:
        with adding_lines(beside, dry_run=dry_run) as kept:
            return [_private(path, site, fields, secret, kept) if site.account else _open(site) for site in listed]
    except (DisclosuresUnread, DisclosureError) as error:
        fail(f"{beside} cannot be read: {error}. It opens what was filed before: bring it back from your copy.")
    except OSError as error:
        fail(f"{beside} cannot be written: {error.strerror or error}. Nothing was filed.")


def _private(path: Path, site: Listed, fields: Sequence[str], key: bytes, kept: KeptLines) -> dict[str, Any]:
    try:
        made = split(site, fields, key, token_bytes, kept.by_handle)
    except AccountUnfit as error:
        fail(f"{path}, line {site.line}: {error}.")
    kept.keep(made.kept)
    return {"handle": made.handle, "digests": made.digests, "kind": site.kind, "began": site.began}


def _open(site: Listed) -> dict[str, Any]:
    said = {"sponsor": site.sponsor, "domains": site.domains, "services": site.services}
    return said | {"kind": site.kind, "began": site.began}


class Before(NamedTuple):
    """What there is before a list is filed: the log, how many entries it has, and the seat that files."""

    log: Log
    size: int
    seat: Seat


def _sent(at: AtRoll, bodies: Sequence[dict[str, Any]], before: Before | None = None) -> list[_Taken]:
    """What the roll says to each part of a list; without `before` nothing is to be written."""
    parts = [bodies[at_ : at_ + AT_ONCE] for at_ in range(0, len(bodies), AT_ONCE)]
    taken = []
    for number, part in enumerate(parts):
        earlier = f" The {number * AT_ONCE:,} before it are filed." if number and before is not None else ""
        where = "" if len(bodies) == 1 else f" (rows {number * AT_ONCE + 1:,} to {number * AT_ONCE + len(part):,})"
        try:
            said = sent(at.api(), "sites", {"sites": part, "dry_run": before is None}, _Taken)
        except (Declined, Unreachable) as failed:
            domains = [body["domains"][0] for body in part if "domains" in body]
            error: Failed = failed
            if before is not None:
                error = sites_after(failed, at.api(), domains, before.seat.organisation, before.size, before.log)
            if isinstance(error, Declined):
                fail(f"refused{where} ({error.code or error.status}): {error.sentence}{earlier}", 1)
            fail(f"{error}{where}.{earlier}", 2)
        if len(said.sites) != len(part) or (before is not None and said.by != str(before.seat)):
            raise Unproved(f"it does not answer what was sent to it{where}: of so many sites, from this seat{earlier}")
        taken.append(said)
    return taken


def _seat(taken: Sequence[_Taken]) -> Seat:
    """The seat from which the roll takes a list. Raises Unproved."""
    seat = seat_of(taken[0].by)
    if seat is None:
        raise Unproved("it does not say from which seat it takes what is sent")
    return seat


def _sites(taken: Sequence[_Taken]) -> list[_Filed]:
    return [one for part in taken for one in part.sites]


def _each(bodies: Sequence[dict[str, Any]], filed: Sequence[_Filed], seat: Seat, size: int) -> Iterator[Sent]:
    """What was sent of each site, with the number that the roll gave it. Raises Unproved."""
    for body, one in zip(bodies, filed, strict=True):
        number = read_number(one.number)
        if number is None:
            raise Unproved(f"it gives {visible(one.number)} as a site's number, which is none")
        yield Sent(number, command_of(body), seat, size, one.repeated)


def _act(at: AtRoll, path: Path, log: Log) -> Act:
    again = command("site", "file", path, "--roll", at.roll, "--token", at.token)
    return Act("the list was filed", log, at.token.parent, "site", f"{again}, which files nothing twice")


def _wanted(roll: str, operator: str, *, word: bool) -> Wanted | None:
    """What a domain's owner publishes, so that this operator may file it at this roll.

    None for a roll without a name, as one on this machine, where the operator gives its `word`: no domain can name it.
    """
    wanted = wanted_at(roll, operator)
    if wanted is None and not word:
        fail(
            f"{roll} has no name by which domains could name it: give its address as https://roll.example, or your --word.",
            2,
        )
    return wanted


async def _controls(place: Place, listed: Sequence[Listed], wanted: Wanted, seconds: float) -> dict[str, str]:
    """The domains of which control is shown, each by a record or a file."""
    domains = [domain for site in listed for domain in site.domains]
    found = controls(place, domains, wanted, datetime.now(UTC), seconds)
    return {domain: "file" if seen.by == WELL_KNOWN else "record" async for domain, seen in found if seen.proved}


def _control(site: Listed, found: Mapping[str, str]) -> str:
    """How control of all domains of a site is shown: by files where one of them is; empty where one shows none."""
    ways = {found.get(domain, "") for domain in site.domains}
    return "" if "" in ways else "file" if "file" in ways else "record"


def _say_filed(
    listed: Sequence[Listed], bodies: Sequence[dict[str, Any]], filed: Sequence[_Filed], *, dry_run: bool
) -> None:
    table = Rows("number", "domain", "control")
    for site, body, one in zip(listed, bodies, filed, strict=True):
        table.add_row(one.number or "-", domain_shown(site.domains[0]), CONTROLS[body["control"]])
    out.print(table)
    known = sum(one.repeated for one in filed)
    done = "would be filed" if dry_run else "filed"
    line(f"{len(filed) - known:,} {done}; {known:,} stood in the same words already.")


def _say_unproved(listed: Sequence[Listed], bodies: Sequence[dict[str, Any]], wanted: Wanted) -> None:
    bare = next((site for site, body in zip(listed, bodies, strict=True) if not body["control"]), None)
    if bare is None:
        return
    value = Persisted(wanted.issuer, wanted.account).value()
    line(
        "Where control is not shown, have the domain's owner publish one of the two, and file the list again:",
        f'  {LABEL}.{bare.domains[0]}. IN TXT "{value}"',
        f"  http://{bare.domains[0]}{WELL_KNOWN}, with this one line: {value}",
    )


@app.command
def show(site: str, /, *, roll: Roll) -> None:
    """Look a site up, by its number or by a domain. Of a natural person's there are state and year alone, by its number.

    Status 1 where there is none.

    Parameters
    ----------
    site
        The number, as 0007-9444, or a domain in any script.
    """
    number = read_number(site)
    if number is None and is_like_a_number(site):
        fail(
            f"{site}: this is no site's number. A number has two digits that check the others: look for a mistyped one."
        )
    with asked():
        for one in _found(RollApi(roll), site, number):
            line(*_said(one))


def _found(api: RollApi, text: str, number: int | None) -> Iterator[_Site]:
    if number is not None:
        found = json_at(api, f"sites/{number_text(number)}", _Proved).site
        if read_number(found.number) != number:
            fail(
                f"asked for the site {number_text(number)}, the roll answers of {visible(found.number)}: it is not believed.",
                1,
            )
        yield found
        return
    domain = domain_given(text)
    sites = json_at(api, f"sites?domain={quote(domain, safe='')}", list[_Site])
    if any(domain not in one.domains for one in sites):
        fail(f"asked for {domain}, the roll answers of another domain: it is not believed.", 1)
    if not sites:
        fail(
            f"Under {domain_shown(domain)} no organisation's site is filed. A natural person's is found by its number alone.",
            1,
        )
    stand = [one for one in sites if one.state != "ended"]
    if len(stand) > 1 and stand[0].control not in PROOFS:
        line("Several sites are filed under this domain, and none has shown to have it. The first filed stands first.")
    yield from sites


def _said(site: _Site) -> Iterator[str]:
    if site.private:
        yield f"{site.number}: a natural person's site, filed in {site.year}; {STATES.get(site.state, visible(site.state))}"
        return
    to_open = site.state == "live" and site.began is not None and site.began > datetime.now(UTC).date()
    since = f" since {site.since}" if site.since else ""
    state = f"{_state_said(site)}{since}"
    if site.began:
        state = f"it opens on {site.began}, as its operator said" if to_open else f"{state}; opened on {site.began}"
    yield f"{site.number}: {', '.join(map(domain_shown, map(visible, site.domains)))}"
    yield f"  of: {visible(site.sponsor)}; hosted by {visible(site.operator)}; services: {visible(site.services)}"
    yield f"  state: {state}; filed {site.filed}"
    yield f"  control of the domains: {_control_said(site)}"
    if site.looked:
        yield f"  the roll looked at it last on {site.looked}"
    for one in site.announced:
        domains = ", ".join(map(domain_shown, map(visible, one.domains)))
        yield f"  from {one.on} on: {domains}; of: {visible(one.sponsor)}; services: {visible(one.services)}"


def _state_said(site: _Site) -> str:
    """A site's state, and by whose looks it is so."""
    by_roll = site.state in SEEN_STATES and (site.state_places or (site.state == "live" and site.looked is not None))
    return (SEEN_STATES if by_roll else STATES).get(site.state, visible(site.state)) + _from(site.state_places)


def _control_said(site: _Site) -> str:
    """How control is shown, since when, and who looked."""
    how = (SEEN_CONTROLS if site.control_places else CONTROLS).get(site.control, visible(site.control))
    return how + (f" on {site.shown}" if site.shown else "") + _from(site.control_places)


def _from(places: int | None) -> str:
    if not places:
        return ""
    return ", from one place" if places == 1 else f", from {places:,} places"
