"""Sites for tests: filings, and a roll under the rule that covers them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import msgspec

from openroll.register.organisation.roles import Seat
from openroll.register.site.commands import FilePrivateSite, FileSite
from openroll.rules import load
from openroll.service.roll import Roll
from openroll.service.sites.filing import Filed, Filing, file_sites
from tests.handles import handle
from tests.service.filings import digest

BEGAN = date(2006, 11, 1)


@contextmanager
def covering_sites(roll: Roll, name: str = "cn-iis-2000-sites") -> Iterator[None]:
    """The roll under a rule of sites, in this process alone; then under its own again."""
    own, rule = roll.versions, load(name)
    roll.adopt(
        tuple(msgspec.structs.replace(one, rule=rule) for one in own)
    )  # as many as it has: else it reads them anew
    yield
    roll.adopt(own)


def site(name: str = "shudian", **changed: Any) -> FileSite:
    """The filing of an organisation's site."""
    of: dict[str, Any] = {"kind": "site", "sponsor": "重庆书店", "services": "books", "began": BEGAN}
    return FileSite(**of | {"domains": (f"{name}.example.org",)} | changed)


def private(name: str = "li", **changed: Any) -> FilePrivateSite:
    """The filing of a natural person's site."""
    of: dict[str, Any] = {"kind": "site", "handle": handle(name), "digests": tuple(map(digest, "abc")), "began": BEGAN}
    return FilePrivateSite(**of | changed)


def numbers(roll: Roll, by: Seat, *filings: Filing) -> list[int]:
    """The numbers under which these stand once they are filed."""
    filed = file_sites(roll, filings, by)
    assert isinstance(filed, list), filed
    assert all(isinstance(one, Filed) for one in filed), filed
    return [one.number for one in filed if isinstance(one, Filed)]


def in_the_open(roll: Roll) -> list[int]:
    """The numbers of organisations' sites in the order of their filing, which numbers are not in."""
    with roll.database.own() as connection:
        return [number for (number,) in connection.execute("select number from site where not private order by stream")]
