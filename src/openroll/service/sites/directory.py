"""The directory of organisations' sites: searched and leafed through by anybody. A person's site is in none of it.

What never is browsed is people. An organisation's site stands in the open, each fact of it whole in the public log; whoever reads
that has this list already.
"""

from typing import Final

import msgspec

from openroll.register.request.one_record import a_labels, domain_fault
from openroll.register.site.record import STATES
from openroll.register.site.search import LONGEST, search_terms, search_words
from openroll.service.roll import Roll
from openroll.service.sites.lookup import ENDED, Seen, by_domain, seen_of
from openroll.store import site_lists
from openroll.store.site_lists import Narrowed, Place

MOST: Final = 20
"""Sites on one page."""
ALL_STATES = (*STATES, ENDED)
_EARLIEST, _LATEST = 1990, 9998


class Search(msgspec.Struct, frozen=True):
    """What is looked for: the beginnings of words, and which sites alone are wanted. What is empty is all the same.

    `after` is the `next` of the page before.
    """

    text: str = ""
    state: str = ""
    kind: str = ""
    operator: str = ""
    year: str = ""
    after: str = ""


class Page(msgspec.Struct, frozen=True):
    """Sites that were found, and the `after` of the next page: empty where this is the last."""

    sites: tuple[Seen, ...]
    next: str = ""


def search(roll: Roll, wanted: Search) -> Page:
    """A page of the directory: what is looked for by words in the order of those words, else the newest first.

    Where the words are a domain, its own sites come before all others, as `lookup.by_domain` has them: of whom it is.
    """
    terms, narrowed, after = search_terms(wanted.text), _narrowed(wanted), _place(wanted.after)
    if narrowed is None or (wanted.text.strip() and not terms):
        return Page(())
    with roll.database.own() as connection:
        if terms:
            rows, place = site_lists.found_by_words(connection, terms, narrowed, MOST, after)
        else:
            rows, place = site_lists.newest(connection, narrowed, MOST, after)
        found = seen_of(connection, roll, rows)
    own = _of_domain(roll, wanted.text) if narrowed == Narrowed() else []
    others = [one for one in found if _is_so(one, terms) and one not in own]
    return Page(tuple([*own, *others] if after is None else others), "" if place is None else _after(place))


def _of_domain(roll: Roll, text: str) -> list[Seen]:
    """The sites under what was typed, where that is a whole domain."""
    domain = a_labels(text.strip())
    return [] if domain_fault(domain) else by_domain(roll, domain)


def _is_so(one: Seen, terms: tuple[str, ...]) -> bool:
    """Whether a site is found by these words as it is today: the table has those of what was announced, too."""
    words = search_words(one.sponsor, one.domains)
    return all(any(word.startswith(term) for word in words) for term in terms)


def years(roll: Roll) -> tuple[int, ...]:
    """The years in which sites were filed, the newest first."""
    with roll.database.own() as connection:
        found = site_lists.years(connection)
    return () if found is None else tuple(range(found[1], found[0] - 1, -1))


def _narrowed(wanted: Search) -> Narrowed | None:
    """Which sites alone are wanted; None where no site can be so."""
    year = int(wanted.year) if wanted.year.isascii() and wanted.year.isdigit() and len(wanted.year) == 4 else 0
    if (wanted.year and not _EARLIEST <= year <= _LATEST) or (wanted.state and wanted.state not in ALL_STATES):
        return None
    if "\x00" in wanted.kind + wanted.operator:
        return None
    return Narrowed(wanted.state, wanted.kind, wanted.operator, year)


def _after(place: Place) -> str:
    return f"{place.number}-{place.word}" if place.word else str(place.number)


def _place(after: str) -> Place | None:
    """Where a list goes on; from its beginning for what is none of ours."""
    number, _, word = after.partition("-")
    if not (number.isascii() and number.isdigit() and len(number) < 18) or "\x00" in word:
        return None
    return Place(int(number), word[: LONGEST + 1])
