"""Which article of the rule a refusal comes from: each value of a rule carries its own citation (rules/model.py)."""

from collections.abc import Iterable

import msgspec

from openroll.register.refusal import Refusal
from openroll.register.subscription.refusals import (
    DigestsMiscounted,
    KeptUntil,
    KindNotCovered,
    NotUnconfirmed,
    WaitsStill,
    WordUnknown,
)
from openroll.register.subscription.terms import Terms


def citation(refusal: Refusal, terms: Terms, *, lapsed: bool = False) -> str:
    """The article that says so; empty where the rule does not: the roll's own settings, a shape, the record as it stands.

    `lapsed` says that the record fell away because nobody took it within the days that the rule gives.
    """
    match refusal:
        case KindNotCovered() | WordUnknown(field="kind"):
            return terms.articles.covers
        case DigestsMiscounted(expected=terms.digests):
            return terms.articles.fields
        case KeptUntil():
            return refusal.article
        case WaitsStill():
            return _waiting(terms)
        case NotUnconfirmed() if lapsed:
            return _waiting(terms)
        case _:
            return ""


def _waiting(terms: Terms) -> str:
    """The article that says how long a filing made alone waits; empty where the roll's own setting does."""
    kept = terms.retention
    return "" if kept is None or kept.unconfirmed is msgspec.UNSET else kept.article


def citation_of_faults(faults: Iterable[tuple[str, str]], terms: Terms) -> str:
    """The articles that the faults of a row or a file come from, each once; a fault is its code and its column."""
    found = dict.fromkeys(_of_fault(code, column, terms) for code, column in faults)
    return "; ".join(article for article in found if article)


def _of_fault(code: str, column: str, terms: Terms) -> str:
    if code in (KindNotCovered.code, "kind-unknown") or (code == WordUnknown.code and column == "kind"):
        return terms.articles.covers
    return terms.articles.fields if code in (DigestsMiscounted.code, "digests-shape") else ""
