"""The address a request comes from, and the networks that address counts for.

One reader for every server here. Without a proxy the connection's own address counts and no header is looked at. Behind
proxies only what they themselves wrote counts: each appends the address it was connected from, so with `hops` proxies of our own
the address of the visitor is the one `hops` places from the end, however many header lines the list is spread over (RFC 9110
section 5.3: lines of one name are one list). What a visitor wrote stands further to the left and is never read. An entry that
names no address (`unknown`, an obfuscated name, anything odd) counts for the connection: all of them together are one source.
"""

import ipaddress
import re
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

MOST_HOPS = 9
_PORT = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[0-9.]+)(?::[0-9]{0,5})?")
_ELEMENT = re.compile(r'(?:[^,"]|"[^"]*"?)+')
"""An element of Forwarded: commas between quotation marks belong to it."""
_FOR = re.compile(r'(?:^|;)\s*for\s*=\s*(?:"(?P<quoted>[^"]*)"|(?P<token>[^;,"\s]+))\s*(?=;|$)', re.IGNORECASE)

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Proxies(msgspec.Struct, frozen=True):
    """How many proxies of our own stand in front (0: none), and in which header they write: X-Forwarded-For, or Forwarded."""

    hops: int = 0
    standard: bool = False

    @property
    def header(self) -> str:
        """The header that is read, in lower case."""
        return "forwarded" if self.standard else "x-forwarded-for"


DIRECT = Proxies()
"""No proxy: no header is believed."""


def proxies_of(text: str, setting: str) -> Proxies:
    """The proxies that a setting states: a number from 0 to 9, or `forwarded` (one, writing RFC 7239), or `forwarded:N`.

    Raises ValueError with the setting's name for anything else: a setting that is silently off lets visitors forge.
    """
    word, _, number = text.strip().partition(":")
    standard = word == "forwarded"
    hops = (number or "1") if standard else word
    if not re.fullmatch(r"[0-9]", hops) or (number and not standard):
        raise ValueError(
            f"{setting} is the number of proxies in front that write X-Forwarded-For, from 0 to {MOST_HOPS}, "
            f"or `forwarded` for one that writes Forwarded (RFC 7239); not {text!r}"
        )
    return Proxies(int(hops), standard)


def client_address(peer: str, lines: Iterable[str], proxies: Proxies = DIRECT) -> str:
    """The address a request comes from, in its canonical form, or the text of `peer` when that is no address.

    `lines` are the values of `proxies.header`, in the order they came in.
    """
    entries = _entries(lines, standard=proxies.standard) if proxies.hops else []
    sender = _address(entries[-proxies.hops]) if 0 < proxies.hops <= len(entries) else None
    return str(sender or _address(peer) or peer[:100])


def request_address(scope: Mapping[str, Any], proxies: Proxies) -> str:
    """The address that a request comes from, by its ASGI scope (ASGI 3, HTTP: `client` and `headers`)."""
    client, lines = scope.get("client"), list[str]()
    if proxies.hops:
        wanted = proxies.header.encode()
        lines = [value.decode("latin-1") for name, value in scope["headers"] if name == wanted]
    return client_address(client[0] if client else "unknown", lines, proxies)


def networks(address: str) -> tuple[str, ...]:
    """The networks an address counts for, the narrowest first: /32 and /24 of IPv4; /64, /56 and /48 of IPv6.

    A /64 is one subscriber's line, a /56 or /48 what providers hand to a household or an office. What is no address counts
    for itself alone.
    """
    parsed = _address(address)
    if parsed is None:
        return (address[:100],)
    lengths = (32, 24) if isinstance(parsed, ipaddress.IPv4Address) else (64, 56, 48)
    # By the numbers themselves: ipaddress.ip_network takes three times as long, for every filing.
    number, of_bits = int(parsed), type(parsed)
    hosts = [parsed.max_prefixlen - length for length in lengths]
    return tuple(f"{of_bits(number >> host << host)}/{length}" for host, length in zip(hosts, lengths, strict=True))


def _entries(lines: Iterable[str], *, standard: bool) -> list[str]:
    if standard:
        return [_node(element.strip()) for line in lines for element in _ELEMENT.findall(line)]
    return [entry.strip() for line in lines for entry in line.split(",")]


def _node(element: str) -> str:
    """The `for` of one element of Forwarded (RFC 7239 section 4); empty where there is none, or more than one."""
    found = list(_FOR.finditer(element))
    if len(found) != 1:
        return ""
    return found[0]["quoted"] if found[0]["quoted"] is not None else found[0]["token"]


def _address(text: str) -> _Address | None:
    """The address in an entry, without port and brackets. An IPv4 address in an IPv6 one is that IPv4 address."""
    found = _PORT.fullmatch(text)
    host = found["host"].strip("[]") if found else text
    try:
        parsed = ipaddress.IPv6Address(host) if ":" in host else ipaddress.IPv4Address(host)
    except ValueError:
        return None
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.scope_id is not None:
            return None  # a zone is any text: it would make a new source of each
        return parsed.ipv4_mapped or parsed
    return parsed
