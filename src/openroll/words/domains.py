"""Domains as people read them."""

from openroll.hosts import unicode_host


def domain_shown(domain: str) -> str:
    """A domain as people write it, and beside it as it is asked for: it may look like another's."""
    name = unicode_host(domain)
    return domain if name == domain else f"{name} ({domain})"
