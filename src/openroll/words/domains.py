"""Domains as people read them."""

import idna

from openroll.third_party import NotValid, third_party


def written(domain: str) -> str:
    """A domain in A-labels as people write it, in its own script; as it stands where a label is none of IDNA 2008."""
    try:
        with third_party("idna", idna.IDNAError, UnicodeError):
            return idna.decode(domain)
    except NotValid:
        return domain


def domain_shown(domain: str) -> str:
    """A domain as people write it, and beside it as it is asked for: it may look like another's."""
    name = written(domain)
    return domain if name == domain else f"{name} ({domain})"
