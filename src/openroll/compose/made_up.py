"""Made-up subscribers of a demonstration, in the words of its place: names, addresses and telephone numbers of nobody."""

import random
from collections.abc import Iterator
from datetime import timedelta

from openroll.places import Bundle, Demonstration
from openroll.rules.language import in_language

TIMES_MORE = 4
"""How many times as many people a crowded district has."""


def people(shown: Demonstration, place: Bundle, seed: int, count: int) -> Iterator[dict[str, str]]:
    """So many rows of an operator's list, the same for the same seed: one in four of an organisation."""
    draw = random.Random(seed)  # noqa: S311 - it makes up people, not keys
    districts = place.leaves(shown.day)
    weights = [TIMES_MORE if one.code in shown.crowded else 1 for one in districts]
    lang = place.jurisdiction.languages[0]
    for number in range(count):
        district = draw.choices(districts, weights)[0]
        words = {name: draw.choice(getattr(shown, name)) for name in ("families", "givens", "trades", "streets")}
        of = {
            "family": words["families"],
            "given": words["givens"],
            "trade": words["trades"],
            "street": words["streets"],
            "place": in_language(district.title, lang),
            "number": draw.randrange(1, 400),
        }
        organisation = draw.random() < 0.25
        told = organisation or draw.random() < 0.1
        person = shown.person.format(**of)
        yield {
            "account": f"{'org' if organisation else 'acc'}-{seed}-{number:06d}",
            "kind": "organisation" if organisation else "household",
            "access": draw.choice(shown.accesses["organisation" if organisation else "household"]),
            "district": district.code,
            "connected": str(shown.day - timedelta(days=draw.randrange(1, 700))),
            "name": shown.organisation.format(**of) if organisation else (person if told else ""),
            "contact": person if told else "",
            "address": shown.address.format(**of) if told else "",
            "phone": _digits(draw, draw.choice(shown.phones)) if told and draw.random() < 0.5 else "",
        }


def _digits(draw: random.Random, form: str) -> str:
    """A number of this form, each # a digit."""
    return "".join(str(draw.randrange(10)) if one == "#" else one for one in form)
