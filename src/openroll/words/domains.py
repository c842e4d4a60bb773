"""Domains as people read them."""

from openroll.register.request.one_record import u_labels


def domain_shown(domain: str) -> str:
    """A domain as people write it, and beside it as it is asked for: it may look like another's."""
    name = u_labels(domain)
    return domain if name == domain else f"{name} ({domain})"
