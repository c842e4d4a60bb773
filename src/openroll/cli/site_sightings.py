"""The command by which anybody checks who saw what of a site: the roll's own looks, and each remote place's by its key."""

from collections.abc import Iterator
from typing import Annotated

import msgspec
from cyclopts import Parameter

from openroll.cli.output import fail, line
from openroll.cli.requests.at_roll import asked, json_at
from openroll.cli.sites import app
from openroll.register.events import event_of
from openroll.register.site.events import Sighting, SiteChanged, SiteChecked, SiteFiled
from openroll.register.site.number import number_text, read_number
from openroll.register.site.sightings import is_signed
from openroll.sheet.faults import visible
from openroll.tlog import TlogError, Verifier
from openroll.watch.facts import UNRECKONED
from openroll.watch.roll_api import RollApi

__all__ = ["app"]


class _Fact(msgspec.Struct, frozen=True):
    name: str
    day: str
    body: str


class _Proved(msgspec.Struct, frozen=True):
    facts: list[_Fact]


class _Log(msgspec.Struct, frozen=True):
    origin: str
    before: list[str] = []


@app.command
def seen(
    site: str,
    /,
    *,
    roll: Annotated[str, Parameter(help="The roll's address, as https://roll.example.")],
    place: Annotated[
        tuple[str, ...], Parameter(help="The key of a place, as its keeper publishes it. Give each.")
    ] = (),
) -> None:
    """Say who saw what of a site, in each fact that the roll's own looks made, and whether each place's signature fits.

    The facts are as the roll serves them: their receipts (`openroll verify`) prove that the log has them. Status 1 where a
    signature under a key that you gave does not fit.

    Parameters
    ----------
    site
        The number, as 0007-9444.
    """
    number = read_number(site)
    if number is None:
        fail(f"{site}: this is no site's number: the last two of its digits check the others.")
    keys = _keys(place)
    with asked():
        api = RollApi(roll)
        log = json_at(api, "log", _Log)
        facts = json_at(api, f"sites/{number_text(number)}", _Proved).facts
    bad = 0
    for day, fact, domains in _looks(facts, number):
        line(f"{day}: {fact.state}; control {fact.control or 'not shown'}")
        for one in fact.sightings:
            verdict = _verdict(one, (log.origin, *log.before), domains, fact.account, keys)
            bad += verdict == _BAD
            line(f"  {visible(one.place) or 'the roll itself'}: {_saw(one)}{verdict}")
    raise SystemExit(1 if bad else 0)


_BAD = "; SIGNED BY NO KEY THAT YOU GAVE FOR IT"


def _keys(given: tuple[str, ...]) -> list[Verifier]:
    try:
        return [Verifier.parse(one) for one in given]
    except TlogError as error:
        fail(f"--place is no key of a place: {error}.")


def _looks(facts: list[_Fact], number: int) -> Iterator[tuple[str, SiteChecked, tuple[str, ...]]]:
    """The facts that the roll's own looks made, each with its day and the domains that the site had when they were asked of."""
    said: list[tuple[str, int, tuple[str, ...]]] = []
    for one in facts:
        try:
            fact = event_of(one.name, one.body)
        except (msgspec.MsgspecError, *UNRECKONED):
            fail(f"the roll answers with a fact that is none ({visible(one.name)}): it is not believed.", 1)
        if getattr(fact, "site", number) != number:
            fail(
                f"asked for {number_text(number)}, the roll answers with a fact of another site: it is not believed.", 1
            )
        if isinstance(
            fact, SiteFiled | SiteChanged
        ):  # what was announced is so from its day on, whatever was said meanwhile
            on = max(str(fact.on), one.day) if isinstance(fact, SiteChanged) else ""
            said.append((on, len(said), fact.domains))
        if isinstance(fact, SiteChecked) and fact.sightings:
            yield visible(one.day), fact, max((each for each in said if each[0] <= one.day), default=("", 0, ()))[-1]


def _saw(one: Sighting) -> str:
    if one.answers is None:
        return "said nothing in time"
    control = {None: "", "": "; no proof of control"}.get(one.control, f"; control by {one.control}")
    return f"{'it answers' if one.answers else 'it does not answer'}{control}"


def _verdict(
    one: Sighting, origins: tuple[str, ...], domains: tuple[str, ...], account: str, keys: list[Verifier]
) -> str:
    of_place = [key for key in keys if key.name == one.place]
    if not one.place or one.answers is None or not of_place:
        return ""
    good = any(is_signed(one, origin, domains, account, of_place) for origin in origins)
    return "; signed" if good else _BAD
