"""The command by which an operator tells the roll what its checks found, and the file of the numbers that its sites have."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec
from cyclopts import Parameter

from openroll.cli.output import fail, line
from openroll.cli.requests.at_roll import AtRoll, asked, sent
from openroll.cli.site_sightings import app
from openroll.durable import write_durably
from openroll.register.site.life import Life
from openroll.watch.probe.watched import NotWatched, Watched
from openroll.watch.roll_api import Declined
from openroll.words.domains import domain_shown

__all__ = ["app"]
_VERSION = 1
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
    facts: list[str]


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
) -> None:
    """As an operator: tell the roll which of your sites went silent, were retired or came back, as your own checks found.

    To be run behind each `openroll site watch`. What the roll was told already, and what was never looked at, is not told.

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
    told = 0
    try:
        with asked(), watched.opened([one.domain for one in sites.values()], datetime.now(UTC)), _kept(numbers, sites):
            for number, one in sites.items():
                found = _news(one.told, watched.sites[one.domain])
                if found and _told(at, number, one, found):
                    told += 1
    except NotWatched as error:
        fail(f"{error}.")
    except OSError as error:
        fail(f"{numbers} cannot be written: {error.strerror or error}.")
    line(f"Told of {told:,} of {len(sites):,} sites.")


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


def _told(at: AtRoll, number: str, one: Numbered, found: str) -> bool:
    """Tell the roll of one site; whether it took it."""
    try:
        sent(at.api(), f"sites/{number}/steps", {"act": "check", "state": found}, _Done)
    except Declined as error:
        if error.code == _SAME:
            one.told = found
        elif error.code not in _LATER:
            line(f"{number} ({domain_shown(one.domain)}): refused ({error.code}): {error.sentence}")
        return False
    line(f"{number} ({domain_shown(one.domain)}): {one.told} -> {found}")
    one.told = found
    return True
