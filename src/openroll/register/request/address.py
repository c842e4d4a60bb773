"""An address on the internet, the moment when somebody had it, and the port: what is missing or wrong with each."""

import ipaddress
import re
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from openroll.register.request.one_record import PATTERN, SEVERAL, Lack, text_fault, typed
from openroll.rules.zones import is_zone

MOST_PORT = 65535
_DIGITS = re.compile(r"[0-9]+", re.ASCII)


def ip_fault(address: str) -> str:
    """What is wrong with an address as ONE host's; empty for nothing."""
    if why := text_fault(address):
        return why
    if "/" in address or re.search(r"[0-9a-fA-F:.]-[0-9a-fA-F:]", address):
        return "range"
    if SEVERAL.search(address):
        return "several"
    if PATTERN.search(address) or re.search(r"\bx+\b", address, re.IGNORECASE):
        return "pattern"
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return "form"
    if str(found) != address or (isinstance(found, ipaddress.IPv6Address) and (found.ipv4_mapped or found.scope_id)):
        return "form"
    if found.is_multicast or found.is_unspecified or found.is_loopback or found.is_link_local or _is_broadcast(found):
        return "impossible"
    # The address with nothing but zeros behind its prefix is the routers', of no subscriber (RFC 4291 section 2.6.1).
    return "range" if found.version == 6 and not int(found) & (1 << 64) - 1 else ""


def _is_broadcast(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    return address.version == 4 and int(address) == 0xFFFFFFFF


def canonical_ip(value: str) -> str:
    """An address in its one form; as it stands, where it is none."""
    try:
        return str(ipaddress.ip_address(value))
    except ValueError:
        return value


_AT = re.compile(r"(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?P<second>:\d{2})?)", re.ASCII)
_WITH_ZONE = re.compile(r"(?P<at>.*\d)\s*(?P<zone>[Zz]|[+-]\d{2}:\d{2})", re.ASCII)
_OFFSET = re.compile(r"([+-])(\d{2}):(\d{2})", re.ASCII)
_SHORT = timedelta(hours=14)
"""No clock anywhere is further from UTC."""


def moment_of(at: str, zone: str) -> datetime | Lack:
    """The moment that a clock in a zone showed, in UTC; or what is missing or wrong."""
    if not at:
        return Lack("moment", "missing")
    found = _AT.fullmatch(at)
    if found is None:
        several = re.search(r"\d\s*(?:/|--|\bto\b|,|;|~)\s*\d", at) is not None
        return Lack("moment", "range" if several else "form")
    if not found["second"]:
        return Lack("moment", "second")
    if at[10] != "T":
        return Lack("moment", "form")
    try:
        local = datetime.fromisoformat(at)
    except ValueError:
        return Lack("moment", "impossible")
    return _in_zone(local, zone)


def _in_zone(local: datetime, zone: str) -> datetime | Lack:
    if not zone or zone == "-00:00":  # RFC 3339 section 4.3: an offset that is not known
        return Lack("zone", "missing")
    if (offset := _OFFSET.fullmatch(zone)) is not None:
        apart = timedelta(hours=int(offset[2]), minutes=int(offset[3])) * (-1 if offset[1] == "-" else 1)
        good = abs(apart) <= _SHORT and int(offset[3]) < 60
        return _utc(local.replace(tzinfo=timezone(apart))) if good else Lack("zone", "impossible")
    if not is_zone(zone):
        return Lack("zone", "form")
    first, second = (local.replace(tzinfo=ZoneInfo(zone), fold=fold) for fold in (0, 1))
    if first.utcoffset() == second.utcoffset():
        return _utc(first)
    there = first.astimezone(UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None) == local
    return Lack("moment", "ambiguous" if there else "impossible")


def _utc(moment: datetime) -> datetime | Lack:
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        return Lack("moment", "impossible")


def moment_lack(moment: datetime | Lack, now: datetime | None) -> tuple[Lack, ...]:
    """What is missing or wrong with a moment, if anything."""
    if isinstance(moment, Lack):
        return (moment,)
    return (Lack("moment", "future"),) if now is not None and moment > now else ()


def split_zone(given_at: str, given_zone: str) -> tuple[str, str]:
    """The moment and its zone, where the zone was written behind it."""
    at, zone = typed(given_at), typed(given_zone)
    found = _WITH_ZONE.fullmatch(at)
    if found is not None and not zone and _AT.fullmatch(found["at"]):
        at, zone = found["at"], found["zone"]
    at = at.replace(" ", "T") if _AT.fullmatch(at) else at
    return at, "+00:00" if zone in ("Z", "z", "UTC") else zone


def port_of(text: str) -> int | Lack:
    """A port that was typed, or what is missing or wrong."""
    port = typed(text)
    if not port:
        return Lack("port", "missing")
    if not (port.isascii() and port.isdigit()):
        numbers = len(_DIGITS.findall(port))
        return Lack("port", "several" if numbers > 1 else "form")
    return int(port) if len(port) < 6 and 0 < int(port) <= MOST_PORT else Lack("port", "impossible")
