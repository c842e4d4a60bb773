"""Which addresses a check of a site may dial: those of the public internet, by IANA's two registries of special addresses.

Whoever files a site says what its name resolves to, and so where the roll's own machines send a request. An address that leads
into somebody's network (10.1.2.3, a printer, a cloud's metadata service) is never dialled, however it is written or wrapped.
"""

import csv
import io
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

GLOBAL_UNICAST = IPv6Network("2000::/3")
"""All that IANA gives out of IPv6 for hosts (RFC 4291 section 2.4): what lies outside is nobody's."""
TRANSLATED = IPv6Network("64:ff9b::/96")
"""IPv4 behind a translator (RFC 6052): as good as the address within."""
MULTICAST = (IPv4Network("224.0.0.0/4"), IPv6Network("ff00::/8"))
"""Many hosts at once (RFC 5771, RFC 4291 section 2.7): in registries of their own."""
_NOTE = re.compile(r"\s*\[[0-9]+\]")


class NotARegistry(ValueError):
    """A file is not one of IANA's special-purpose address registries, or lacks what is needed of it."""


@dataclass(frozen=True, slots=True)
class Block:
    """A block of special addresses: its name there, and whether it is reachable from everywhere."""

    network: Network
    name: str
    reachable: bool


def blocks_of(text: str) -> tuple[Block, ...]:
    """The blocks of a registry as IANA publishes it in CSV (RFC 6890 section 2.2). Raises NotARegistry.

    Where the registry says neither true nor false of "Globally Reachable" (a block that ended, 6to4, Teredo), it is not.
    """
    found: list[Block] = []
    for row in csv.DictReader(io.StringIO(text)):
        try:
            blocks, name, reachable = row["Address Block"], row["Name"], row["Globally Reachable"]
            networks = [ip_network(_NOTE.sub("", block).strip()) for block in blocks.split(",")]
        except (KeyError, ValueError, AttributeError) as error:
            raise NotARegistry(f"no registry of special addresses: {error}") from error
        found += [Block(one, name.strip('"'), _NOTE.sub("", reachable or "").strip() == "True") for one in networks]
    if not found:
        raise NotARegistry("no registry of special addresses: it has no block")
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Special:
    """All special blocks, of both registries, the smallest first: the first that holds an address speaks for it."""

    blocks: tuple[Block, ...]

    @classmethod
    def of(cls, *texts: str) -> "Special":
        """By the registries' texts. Raises NotARegistry."""
        blocks = [block for text in texts for block in blocks_of(text)]
        return cls(tuple(sorted(blocks, key=lambda block: -block.network.prefixlen)))

    def why_not(self, address: Address) -> str:
        """Why an address may not be dialled: the name of the block that it lies in; empty for one of the public internet."""
        if isinstance(address, IPv6Address):
            if address.scope_id:
                return "Zone of a link"
            if address in TRANSLATED:
                return self.why_not(IPv4Address(int(address) & 0xFFFF_FFFF))
        if any(address in block for block in MULTICAST):
            return "Multicast"
        for block in self.blocks:
            if address in block.network:
                return "" if block.reachable else block.name
        if isinstance(address, IPv6Address) and address not in GLOBAL_UNICAST:
            return "Not given out"
        return ""


def sorted_out(why_not: Callable[[Address], str], addresses: Iterable[str]) -> tuple[list[Address], dict[str, str]]:
    """Addresses that may be dialled, in their order, and why each of the others may not. What is no address may not either."""
    allowed: list[Address] = []
    refused: dict[str, str] = {}
    for text in addresses:
        try:
            address = ip_address(text)
        except ValueError:
            refused[text] = "Not an address"
            continue
        if why := why_not(address):
            refused[text] = why
        else:
            allowed.append(address)
    return allowed, refused
