"""Whose a domain is among the sites that are filed under it. Pure."""

from collections.abc import Iterable, Sequence

from openroll.register.site.record import PROOFS, Site

_KEPT_OUT_BY = {"": (), "word": ("word", *PROOFS), "record": PROOFS, "file": PROOFS}
"""How control is shown of a site that keeps another out, by how it is shown of the other."""


def taken(sites: Iterable[Site], domains: Sequence[str], operator: str, control: str) -> dict[str, int]:
    """Those of these domains that are of one of these sites, or are announced to be, with its number. All of them stand.

    That is one of the same operator, one of which control was shown where it is shown (`control`) now too, or one for which an
    operator gave its word where another gives its own now: no word keeps a domain from whoever shows control of it.
    """
    found: dict[str, int] = {}
    for site in sites:
        for shown, has in ((site.control, site.domains), *((one.control, one.domains) for one in site.announced)):
            if site.operator == operator or shown in _KEPT_OUT_BY.get(control, ()):
                found |= {domain: site.number for domain in domains if domain in has}
    return found


def in_order(sites: Sequence[Site]) -> list[Site]:
    """Sites under one domain, which come in the order of their filing: of which control was shown first, that ended last."""
    return sorted(sites, key=lambda site: (site.ended is not None, site.control not in PROOFS))
