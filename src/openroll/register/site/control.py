"""What proves that whoever files a site controls its domain: a standing TXT record, or a file on it, that names the filing.

The record is that of ACME's `dns-persist-01` (draft-ietf-acme-dns-persist-02): `_validation-persist.<domain>` with an issue-value
of RFC 8659 section 4, here with the roll's name where a certificate authority's stands, and an account that the roll gave to one
filing. It is public, and says nothing of who filed.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal
from urllib.parse import quote

LABEL = "_validation-persist"
WELL_KNOWN = "/.well-known/openroll-site"
"""Where the file lies, by HTTP: one line, the value of the record."""
MOST_FILE = 128
"""Bytes of the file that are read: as many as Boulder reads of a challenge's."""
MOST_RECORDS = 64
"""TXT records of a name that are looked at: a zone of ten thousand is not worked through."""
MOST_VALUE = 1_024
"""Characters of a record: an issuer of 253 and an account of as many fit twice."""

# RFC 8659 section 4.2: issuer-domain-name and parameters; tags of letters and digits, values of printable ASCII but ";".
_ISSUER = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+", re.IGNORECASE)
_PARAMETER = re.compile(r"([a-z0-9](?:[a-z0-9-]*[a-z0-9])?)[ \t]*=[ \t]*([!-:<-~]*)", re.IGNORECASE)

_HOST = re.compile(r"https?://([^/:?#@]+)(?::[0-9]{1,5})?(?=/|$)", re.IGNORECASE)

Why = Literal["none", "malformed", "issuer", "account", "ended", "subdomain"]
"""Why nothing proves control: no record at all; none that can be read; none for this roll; one of another filing; one whose time
is over; one of a parent domain that does not say `policy=wildcard`."""
_NEAREST: tuple[Why, ...] = ("ended", "account", "subdomain", "issuer", "malformed", "none")


@dataclass(frozen=True, slots=True)
class Persisted:
    """A record as it stands: for whom (the roll's name, lower case), for which account, whether for all domains below, until when
    (Unix seconds; None without an end)."""

    issuer: str
    account: str
    wildcard: bool = False
    until: int | None = None

    def value(self) -> str:
        """The value to publish."""
        parts = [self.issuer, f"accounturi={self.account}"]
        if self.wildcard:
            parts.append("policy=wildcard")
        if self.until is not None:
            parts.append(f"persistUntil={self.until}")
        return "; ".join(parts)


def persisted(value: str) -> Persisted | None:
    """Read a record; None for one that is malformed, or lacks an account.

    Tags are compared without case, unknown ones are passed over (section 4 of the draft); a known one that stands twice could
    mean two things, and means none.
    """
    if len(value) > MOST_VALUE:
        return None
    issuer, *rest = value.split(";")
    if not _ISSUER.fullmatch(issuer.strip(" \t")):
        return None
    parameters: dict[str, str] = {}
    for part in filter(None, (one.strip(" \t") for one in rest)):
        found = _PARAMETER.fullmatch(part)
        if found is None:
            return None
        tag = found[1].lower()
        if tag in parameters and tag in ("accounturi", "policy", "persistuntil"):
            return None
        parameters[tag] = found[2]
    until = parameters.get("persistuntil")
    if not parameters.get("accounturi") or (until is not None and not re.fullmatch(r"[0-9]{1,12}", until)):
        return None
    wildcard = parameters.get("policy", "").lower() == "wildcard"
    return Persisted(
        issuer.strip(" \t").lower(), parameters["accounturi"], wildcard, None if until is None else int(until)
    )


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a record must say: the roll's name in A-labels and lower case, and the account that the roll gave to one filing."""

    issuer: str
    account: str

    def why_not(self, values: Iterable[str], at: datetime, *, below: bool = False) -> Why | None:
        """Why none of a name's records proves control at a time; None where one does. The nearest miss speaks.

        `below` says that they stand at a parent of the domain: then only one for all domains below counts.
        """
        missed: set[Why] = {"none"}
        for value in values:
            why = self._why_not(persisted(value), at, below=below)
            if why is None:
                return None
            missed.add(why)
        return next(why for why in _NEAREST if why in missed)

    def _why_not(self, record: Persisted | None, at: datetime, *, below: bool) -> Why | None:
        if record is None:
            return "malformed"
        if record.issuer != self.issuer:
            return "issuer"
        if record.account != self.account:
            return "account"
        if below and not record.wildcard:
            return "subdomain"
        if record.until is not None and at.astimezone(UTC).timestamp() > record.until:
            return "ended"
        return None


def wanted_at(roll: str, operator: str) -> Wanted | None:
    """What a domain's owner publishes so that this operator may file it at the roll of this address.

    None where the address has no name (`http://localhost`) by which a domain could name it.
    """
    return wanted_of(f"{roll.rstrip('/')}/operators/{quote(operator, safe='')}")


def wanted_of(account: str) -> Wanted | None:
    """What names an account: its roll is called by the host of its address. None for what is no account of a roll with a name."""
    host = _HOST.match(account)
    read = persisted(f"{host[1]}; accounturi={account}") if host else None
    return None if read is None else Wanted(read.issuer, read.account)


def in_file(body: bytes) -> str:
    """The value that a file holds: its first line, without blanks around it; empty for one that is too long or not ASCII."""
    if len(body) > MOST_FILE or not body.isascii():
        return ""
    return body.decode("ascii").strip(" \t\r\n")
