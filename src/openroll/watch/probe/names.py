"""Ask name servers about a domain whose owner may be hostile: bounded in time, in records, and in what is believed.

Names are asked of name servers and never of the machine's own look-up, which would read `2130706433` or `0x7f.1` as an address
and know names of the network that it stands in.
"""

import asyncio
from dataclasses import dataclass
from itertools import islice
from typing import Any, Literal

import dns.asyncresolver
import dns.exception
import dns.name
import dns.rdatatype
import dns.resolver

from openroll.register.site.addresses import Address, sorted_out
from openroll.register.site.control import MOST_RECORDS
from openroll.third_party import NotValid, third_party
from openroll.watch.probe.place import Place

MOST_ADDRESSES = 8
"""Addresses of a name that are tried, of each family."""

Fault = Literal["no-name", "names-silent", "names-fail"]
"""Why there is nothing: the name is not there, or has none of these records; its name servers say nothing; they fail."""


class NotFound(Exception):
    """A name has no such records, or nobody says which. The fault is its first argument."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault)
        self.fault = fault


@dataclass(frozen=True, slots=True)
class Addresses:
    """Of a host: what may be dialled, IPv6 first, and why each of the others may not."""

    allowed: tuple[Address, ...]
    refused: dict[str, str]


async def addresses_of(place: Place, host: str) -> Addresses:
    """The addresses of a host (in A-labels). Raises NotFound where there is none at all."""
    sixth, fourth = await asyncio.gather(_texts(place, host, "AAAA"), _texts(place, host, "A"), return_exceptions=True)
    found: list[str] = []
    faults: list[NotFound] = []
    for answer in (sixth, fourth):
        if isinstance(answer, NotFound):
            faults.append(answer)
        elif isinstance(answer, BaseException):
            raise answer
        else:
            found += answer[:MOST_ADDRESSES]
    if not found:
        raise max(faults, key=lambda one: one.fault != "no-name")  # one family that failed is not "there is none"
    allowed, refused = sorted_out(place.why_not, found)
    return Addresses(tuple(allowed), refused)


async def texts_of(place: Place, name: str) -> list[str]:
    """The TXT records of a name, each with its strings put together. Raises NotFound."""
    return (await _texts(place, name, "TXT"))[:MOST_RECORDS]


async def _texts(place: Place, name: str, kind: str) -> list[str]:
    try:
        with third_party("dnspython", dns.exception.DNSException, OSError, EOFError, UnicodeError):
            found = await _asked(_resolver(place), name, kind)
    except NotValid:
        raise NotFound("names-fail") from None
    if isinstance(found, str):
        raise NotFound(found)
    return found


async def _asked(resolver: dns.asyncresolver.Resolver, name: str, kind: str) -> list[str] | Fault:
    try:
        answer = await resolver.resolve(dns.name.from_text(name).relativize(dns.name.empty), kind, search=False)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return "no-name"
    except dns.resolver.LifetimeTimeout:
        return "names-silent"
    return [_text(record) for record in islice(answer, MOST_RECORDS)]


def _text(record: Any) -> str:
    if record.rdtype == dns.rdatatype.TXT:
        return b"".join(record.strings).decode("ascii", "replace")
    return str(record.address)


def _resolver(place: Place) -> dns.asyncresolver.Resolver:
    resolver = dns.asyncresolver.Resolver(configure=not place.servers)
    if place.servers:
        resolver.nameservers = list(place.servers)
        resolver.port = place.port
    resolver.lifetime = place.names
    resolver.search, resolver.ndots = [], 0
    return resolver
