"""The command by which an operator tells the roll what its checks found, and the file of the numbers that its sites have."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec
from cyclopts import Parameter

from openroll.cli.output import command, fail, line
from openroll.cli.requests.at_roll import AtRoll, Log, asked, sent, size_of
from openroll.cli.requests.read_back import Act, HeldBy, log_held_by
from openroll.cli.site_read_back import check_after, sites_back
from openroll.cli.site_sightings import app
from openroll.durable import write_durably
from openroll.register.organisation.roles import Seat, seat_of
from openroll.register.site.commands import CheckSite
from openroll.register.site.life import Life
from openroll.register.site.number import read_number
from openroll.sheet.faults import visible
from openroll.watch.probe.watched import NotWatched, Watched
from openroll.watch.roll_api import Declined
from openroll.watch.site_facts import Sent
from openroll.watch.source import Unreachable
from openroll.words.domains import domain_shown

__all__ = ["app"]
_VERSION = 1
_NOBODY = Seat("", 0)
_SAME, _LATER = "nothing-asked", ("retired-too-soon", "too-many-acts")
"""What the roll answers where it knows that already, and where it takes it on a later day."""


class Numbered(msgspec.Struct):
    """A site of one's own: the domain that it is called by, and the state that the roll was told last."""

    domain: str
    told: str = "live"


class _File(msgspec.Struct):
    version: int
    sites: dict[str, Numbered]


class _Done(msgspec.Struct, frozen=True):
    by: str


def numbers_beside(path: Path) -> Path:
    """Where the numbers of a list of sites are kept."""
    return path.with_suffix(".numbers.json")


def known_numbers(path: Path) -> dict[str, Numbered]:
    """The sites of a file of numbers; none where there is none yet. Ends with a sentence for what is no such file."""
    try:
        found = msgspec.json.decode(path.read_bytes(), type=_File)
    except FileNotFoundError:
        return {}
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        fail(f"{path} cannot be read: {error}. Move it away, and file the list again: each site has its number still.")
    if found.version != _VERSION:
        fail(f"{path} is of another version of Openroll.")
    return found.sites


def keep_numbers(path: Path, sites: Mapping[str, Numbered]) -> None:
    """Write a file of numbers, for its owner alone: of a natural person's site it says which it is. Raises OSError."""
    file = _File(_VERSION, dict(sites))
    write_durably(path, msgspec.json.format(msgspec.json.encode(file), indent=1) + b"\n", mode=0o600)


@app.command
def tell(
    numbers: Path,
    /,
    *,
    at: AtRoll,
    state: Annotated[Path, Parameter(help="What `openroll site watch` knows of the sites.")],
    held_by: HeldBy | None = None,
) -> None:
    """As an operator: tell the roll which of your sites went silent, were retired or came back, as your own checks found.

    To be run behind each `openroll site watch`. What the log has is held against what was sent. What the roll was told already,
    and what was never looked at, is not told.

    Parameters
    ----------
    numbers
        The file of numbers that `openroll site file` wrote beside your list.
    """
    sites = known_numbers(numbers)
    if not sites:
        fail(
            f"{numbers} names no site. Name the file that was written beside your list when it was filed: LIST.numbers.json."
        )
    watched = Watched(state)
    told: list[Sent] = []
    try:
        with asked(), watched.opened([one.domain for one in sites.values()], datetime.now(UTC)):
            news = {
                number: found for number, one in sites.items() if (found := _news(one.told, watched.sites[one.domain]))
            }
            if news:
                log = log_held_by(at.api(), held_by)
                size = size_of(at.api(), log, at.token.parent)
                failed: Unreachable | None = None
                with _kept(numbers, sites):
                    for number, found in news.items():
                        try:
                            told += filter(None, [_check_told(at, number, sites[number], found, size)])
                        except Unreachable as error:
                            failed = error
                            break
                sites_back(at.api(), told, _act(at, numbers, state, log))  # also before what was not answered is said
                if failed is not None:
                    raise failed
    except NotWatched as error:
        fail(f"{error}.")
    except OSError as error:
        fail(f"{numbers} cannot be written: {error.strerror or error}.")
    new = sum(not one.stood for one in told)
    line(f"Told of {new:,} of {len(sites):,} sites.")


@contextmanager
def _kept(path: Path, sites: Mapping[str, Numbered]) -> Iterator[None]:
    """Whatever ends this, what the roll was told by then is kept."""
    try:
        yield
    finally:
        keep_numbers(path, sites)


def _news(told: str, life: Life) -> str:
    """What the roll is to be told of a site; empty for nothing. One that fails for less than a week is live."""
    if life.answered is None and not life.run:
        return ""  # nobody has looked yet
    found = "live" if life.state == "failing" else life.state
    if found == "retired" and told == "live":
        found = "silent"  # one step after the other
    return "" if found == told else found


def _check_told(at: AtRoll, number: str, one: Numbered, found: str, size: int) -> Sent | None:
    """Tell the roll of one site; what was sent, where it took it or says that it knew it, else None."""
    site = read_number(number)
    if site is None:
        line(f"{visible(number)} ({domain_shown(one.domain)}): this is no site's number")
        return None
    check = CheckSite(site=site, state=found)
    try:
        done = sent(at.api(), f"sites/{number}/steps", {"act": "check", "state": found}, _Done)
    except (Declined, Unreachable) as failed:
        error = check_after(failed, at.api(), site, size)
        if isinstance(error, Unreachable):
            raise error from failed
        if error.code == _SAME:
            one.told = found
            return Sent(site, check, _NOBODY, size, stood=True)
        if error.code not in _LATER or error is not failed:
            line(f"{number} ({domain_shown(one.domain)}): refused ({error.code}): {error.sentence}")
        return None
    line(f"{number} ({domain_shown(one.domain)}): {one.told} -> {found}")
    one.told = found
    return Sent(site, check, seat_of(done.by) or _NOBODY, size)


def _act(at: AtRoll, numbers: Path, state: Path, log: Log) -> Act:
    again = command("site", "tell", numbers, "--state", state, "--roll", at.roll, "--token", at.token)
    return Act("what the checks found was told", log, at.token.parent, "site", f"{again}, which tells nothing twice")
