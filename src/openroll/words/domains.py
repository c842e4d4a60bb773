"""Domains as people read them."""

import idna

from openroll.third_party import NotValid, third_party


def domain_shown(domain: str) -> str:
    """A domain as people write it, in its own script, and beside it as it is asked for: it may look like another's."""
    try:
        with third_party("idna", idna.IDNAError, UnicodeError):
            written = idna.decode(domain)
    except NotValid:
        return domain
    return domain if written == domain else f"{written} ({domain})"
