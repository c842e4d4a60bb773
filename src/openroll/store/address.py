"""Parse and check the PostgreSQL address (DATABASE_URL) in every form libpq takes; its password is never shown.

A URI, a list of `keyword=value`, a service file and the environment all end in libpq's own parser. What that says of an
address it cannot read may hold the password, or a part of it that it took for something else; so it is never passed on.
"""

import ipaddress
import os
import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

_HOW = (
    "write postgresql://user:password@host:5432/name, with what is special in the password as %XX (@ is %40, / is %2F, # is "
    "%23, % is %25), or leave the password to PGPASSWORD or a passfile"
)


class AddressWrong(ValueError):
    """DATABASE_URL cannot be read; the sentence says how to write one and holds nothing of it."""


def checked(text: str) -> str:
    """The database address, when libpq reads it as it was meant. Raises AddressWrong."""
    if not text:
        return text
    scheme = re.match(r"([a-z0-9]+)(\+[a-z0-9]+)?://", text, re.IGNORECASE)
    if scheme and (scheme[2] or scheme[1].lower() not in ("postgresql", "postgres")):
        raise AddressWrong(f"DATABASE_URL begins with {scheme[0]}, which libpq does not know: {_HOW}")
    try:
        given = conninfo_to_dict(text)
    except (psycopg.Error, UnicodeError):
        raise AddressWrong(f"DATABASE_URL cannot be read: {_HOW}") from None
    misread = [name for name in ("host", "port", "dbname", "user") if "@" in str(given.get(name) or "")]
    # A user may hold an @ (Azure's do); a host, a port or a database that does came out of a password cut in two.
    if set(misread) - {"user"} or re.search(r"[^0-9,]", str(given.get("port") or "")):
        raise AddressWrong(f"DATABASE_URL is read otherwise than it was meant: {_HOW}")
    return text


def guarded(text: str) -> str:
    """A `checked` database address: over a network TLS with a verified certificate, unless it says otherwise."""
    given = conninfo_to_dict(text)
    return text if _says_how(given) or _here(given) else make_conninfo(text, sslmode="verify-full")


def _says_how(given: Mapping[str, Any]) -> bool:
    """Whether the address, a service file or the environment sets sslmode: then that holds."""
    service = given.get("service") or os.environ.get("PGSERVICE")
    return bool(given.get("sslmode") or service or os.environ.get("PGSSLMODE"))


def _here(given: Mapping[str, Any]) -> bool:
    """Whether every host of a database address is this machine: a socket, or loopback."""
    named = given.get("hostaddr") or given.get("host") or os.environ.get("PGHOSTADDR") or os.environ.get("PGHOST") or ""
    return all(_is_here(one.strip()) for one in str(named).split(","))


def _is_here(host: str) -> bool:
    if host in ("", "localhost") or host.startswith(("/", "@")):
        return True
    with suppress(ValueError):
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    return False


def as_login(url: str, user: str, password: str) -> str:
    """The address of the same server and database for another login."""
    return make_conninfo(url, user=user, password=password)


def without_password(said: str, *urls: str) -> str:
    """A text with these addresses' passwords, and the environment's, removed in any spelling."""
    hidden: set[str] = set()
    for url in urls:
        hidden |= _passwords(url)
    hidden |= {value for name in ("PGPASSWORD", "OPENROLL_RUNTIME_PASSWORD") if (value := os.environ.get(name))}
    for secret in sorted((one for one in hidden if len(one) > 1), key=len, reverse=True):
        said = said.replace(secret, "***")
    return said


def _passwords(url: str) -> set[str]:
    """What may be a password in a text that need not even be an address."""
    found: set[str] = set()
    try:
        found.add(str(conninfo_to_dict(url).get("password") or ""))
    except (psycopg.Error, UnicodeError):
        found |= {word.strip("'\"") for word in re.findall(r"password\s*=\s*('[^']*'|\S+)", url, re.IGNORECASE)}
    rest = url.partition("://")[2]
    if "@" in rest:
        found.add(rest.rpartition("@")[0].partition(":")[2])
    with suppress(ValueError):
        found.add(urlsplit(url).password or "")
    plain = {unquote(one) for one in found}
    return found | plain | {quote(one, safe="") for one in plain} | {repr(one)[1:-1] for one in plain}
