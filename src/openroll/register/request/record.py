"""Which record a request is about: ONE, said by one of four means; and every way of saying more than one is refused.

The same check is made on the officer's machine before anything is sealed, and by the reviewer's and the operator's programs when
they have opened it. That nobody can ask for two is held twice: by what is refused here, and by the operator's program, which
looks for the one record that equals what was said (`sheet.disclosed`) and knows no pattern.
"""

import re
from datetime import datetime
from typing import NamedTuple

import msgspec

from openroll.register.request.address import (
    MOST_PORT,
    canonical_ip,
    ip_fault,
    moment_lack,
    moment_of,
    port_of,
    split_zone,
)
from openroll.register.request.one_record import Lack, a_labels, code_fault, domain_fault, number_fault, typed

_MEANS = ("subscription", "code", "domain", "address")


class BySubscription(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="by", tag="subscription"):
    """By the number that the operator itself calls the subscription by."""

    number: str


class ByCode(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="by", tag="code"):
    """By its filing code: 16 digits."""

    code: str


class ByDomain(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="by", tag="domain"):
    """By a domain name, in A-labels (RFC 5890)."""

    domain: str


class ByAddress(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="by", tag="address"):
    """By an address on the internet, and who had it: the moment `at` to the second as a clock in `zone` showed it
    (`2006-11-01T10:00:00`, with `+08:00` or `Asia/Shanghai`), and the port, since many share an address (RFC 6302)."""

    address: str
    at: str
    zone: str
    port: int

    @property
    def moment(self) -> datetime:
        """When, in UTC. Raises ValueError for what `record_lacks` refuses."""
        found = moment_of(self.at, self.zone)
        if isinstance(found, Lack):
            raise ValueError(found.why)
        return found


RecordSaid = BySubscription | ByCode | ByDomain | ByAddress


class Given(NamedTuple):
    """What somebody typed to say which record: how (`by`: subscription, code, domain, address), and the texts."""

    by: str
    value: str
    at: str = ""
    zone: str = ""
    port: str = ""


def record_of(given: Given, now: datetime | None = None) -> RecordSaid | tuple[Lack, ...]:
    """The record that somebody means, from what they typed; or everything that is missing or wrong with it.

    `now` refuses a moment that lies ahead of it.
    """
    value = typed(given.value)
    if not value or given.by not in _MEANS:
        return (Lack("record", "missing"), *(_address_lacks(given, now) if given.by == "address" else ()))
    if given.by == "address":
        return _address_of(given, value, now)
    made: RecordSaid
    if given.by == "subscription":
        made = BySubscription(value)
    elif given.by == "code":
        made = ByCode(re.sub(r"[ .·-]", "", value))
    else:
        made = ByDomain(a_labels(value))
    lacks = record_lacks(made)
    return lacks or made


def record_lacks(record: RecordSaid, now: datetime | None = None) -> tuple[Lack, ...]:
    """Everything that is missing or wrong with a record as an envelope says it. Empty for ONE record in its one form."""
    match record:
        case BySubscription():
            why = number_fault(record.number)
        case ByCode():
            why = code_fault(record.code)
        case ByDomain():
            why = domain_fault(record.domain)
        case ByAddress():
            why = ip_fault(record.address)
            moment = moment_of(record.at, record.zone)
            port = () if 0 < record.port <= MOST_PORT else (Lack("port", "missing" if not record.port else "form"),)
            return (*lack_of("record", why), *moment_lack(moment, now), *port)
    return lack_of("record", why)


def lack_of(field: str, why: str) -> tuple[Lack, ...]:
    return (Lack(field, why),) if why else ()


def _address_lacks(given: Given, now: datetime | None) -> tuple[Lack, ...]:
    moment, port = moment_of(*split_zone(given.at, given.zone)), port_of(given.port)
    zone = () if given.at or given.zone else (Lack("zone", "missing"),)
    return (*moment_lack(moment, now), *zone, *((port,) if isinstance(port, Lack) else ()))


def _address_of(given: Given, value: str, now: datetime | None) -> RecordSaid | tuple[Lack, ...]:
    address = canonical_ip(value)
    lacks = (*lack_of("record", ip_fault(address)), *_address_lacks(given, now))
    port = port_of(given.port)
    if lacks or isinstance(port, Lack):
        return lacks
    return ByAddress(address, *split_zone(given.at, given.zone), port)
