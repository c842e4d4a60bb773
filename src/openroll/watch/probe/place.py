"""From where a site is looked at: which name servers are asked, which addresses may be dialled, and how long it may take."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

from openroll.register.site.addresses import Address, Special

IANA = ("iana-ipv4-special-registry-1.csv", "iana-ipv6-special-registry-1.csv")
RESERVED = "iana-ipv6-unicast-reserved-2019-11-06.csv"
"""What IANA's registry "IPv6 Global Unicast Address Assignments" of that day says is reserved (the copy in netaddr 1.3.0).

What that registry does not list is not in it: blocks are given out later, and a list of those that were would refuse a site in a
newer one."""
CLOUDS = "clouds-2026-11-30.csv"
"""Public addresses by which a cloud answers its own machines alone, and who says so, as known that day: no registry has them."""
HTTP, HTTPS = 80, 443
AGENT = "Openroll-site-check (asks whether a filed web site answers)"
"""How a check names itself."""


@cache
def special_addresses() -> Special:
    """IANA's two registries, what it reserves besides, and what clouds use, as they are shipped."""
    folder = files("openroll.watch.probe") / "iana"
    return Special.of(*((folder / name).read_text("utf-8") for name in (*IANA, RESERVED, CLOUDS)))


def _public(address: Address) -> str:
    return special_addresses().why_not(address)


@dataclass(frozen=True, slots=True)
class Place:
    """A place to look from.

    `servers` are the name servers' addresses, with their `port`; without any the machine's own are asked. `why_not` says of an
    address why it may not be dialled. `ports` says where 80 and 443 are dialled (otherwise for a world on loopback). Times are in
    seconds: `whole` for all that is done for one site, `step` for one connection or answer, `names` for one name.
    """

    servers: tuple[str, ...] = ()
    port: int = 53
    why_not: Callable[[Address], str] = _public
    ports: Mapping[int, int] = field(default_factory=dict)
    whole: float = 30.0
    step: float = 10.0
    names: float = 10.0
    agent: str = AGENT
