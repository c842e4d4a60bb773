"""From where a site is looked at: which name servers are asked, which addresses may be dialled, and how long it may take."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

from openroll.register.site.addresses import Address, Special

IANA = ("iana-ipv4-special-registry-1.csv", "iana-ipv6-special-registry-1.csv")
HTTP, HTTPS = 80, 443
AGENT = "Openroll-site-check (asks whether a filed web site answers)"
"""How a check names itself."""


@cache
def special_addresses() -> Special:
    """IANA's two registries, as they are shipped."""
    folder = files("openroll.watch.probe") / "iana"
    return Special.of(*((folder / name).read_text("utf-8") for name in IANA))


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
