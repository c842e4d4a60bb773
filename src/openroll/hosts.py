"""Normalise host names as DNS, certificates and browsers have them: IDNA 2008, as UTS 46 maps it, non-transitional.

Python's own `idna` codec is IDNA 2003, under which `straße` is `strasse`: another domain, of somebody else.
"""

import re
from ipaddress import ip_address

import idna

_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")


def ascii_host(name: str) -> str:
    """A host name in its ASCII form, lower case. Raises ValueError for what is none (and idna.IDNAError, which is one).

    A name in ASCII stays as it is, also where IDNA would have no such label; only `xn--` is looked into.
    """
    if name.isascii() and "xn--" not in name.lower():
        found = name.lower()
    else:
        found = idna.encode(name, uts46=True, transitional=False, std3_rules=True).decode("ascii").lower()
    if len(found) > 253 or not all(map(_LABEL.fullmatch, found.split("."))):
        raise ValueError("this is no name of a host")
    return found


def is_here(host: str) -> bool:
    """Whether a host, as it stands in an address, is this machine: localhost (RFC 6761) or a loopback IP address."""
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost" or host.lower().endswith(".localhost")
