"""What is asked of the city model, read from an address: rules, a city, what is held fixed. Faults are told by field."""

import re
import unicodedata
from functools import cache
from typing import Any, Literal

from litestar.datastructures import MultiDict

from openroll.service.simulation import MOST_RULES, Question
from openroll.web.forms import Form
from openroll.web.whatif_choices import Choices
from openroll.words import catalogue
from openroll.words.assumptions import assumption_title, assumption_unit
from openroll.words.catalogue import gettext

LIABILITIES = ("symmetric", "asymmetric")
MOST = 1_000_000
"""The most that a number may be here, whatever kind it is."""
_NUMBER = re.compile(r"([0-9]{1,9}(?:\.[0-9]{0,12})?|\.[0-9]{1,12})( ?%)?", re.ASCII)


@cache
def movable() -> tuple[str, ...]:
    """The paths of the assumptions that can be held fixed here: the main ones."""
    from openroll.whatif import titles  # noqa: PLC0415 - as above

    return tuple(path for path, title in titles().items() if title.main)


def box_of(path: str) -> str:
    """The id of an assumption's box: a path without its point, which would mean something else in a selector."""
    return path.replace(".", "-")


class Asked(Form):
    """The form as an address fills it, and the question it asks: None when something is wrong with it."""

    def __init__(self, query: MultiDict[str], lang: str, choices: Choices) -> None:
        known = {"city", "liability", *movable()}
        super().__init__({name: query[name] for name in known if name in query})
        self.lang, self.choices, first = lang, choices, choices.first
        self.chosen: tuple[str, ...] = tuple(dict.fromkeys(query.getall("rule", [])))
        self.by_default = not self.chosen and not self.values
        self.values.setdefault("city", first.city)
        if not self.chosen and "liability" not in self.values:
            self.chosen = first.rules
        self.question = self._question()

    def _question(self) -> Question | None:
        rules, cities = self.choices.rules, self.choices.cities
        if not self.chosen:
            self._say("rule", gettext(self.lang, "Choose at least one rule"))
        elif len(self.chosen) > MOST_RULES:
            self._say(
                "rule",
                gettext(self.lang, "Choose {count} rules at most").format(
                    count=catalogue.number(self.lang, MOST_RULES)
                ),
            )
        elif not set(self.chosen) <= set(rules):
            self._say("rule", gettext(self.lang, "Choose from the rules that are listed"))
        name = self.value("city")
        if name not in cities:
            self._say("city", gettext(self.lang, "Choose a city from the list"))
        liability = self._liability()
        moved = tuple((path, value) for path in movable() if (value := self._held(path)) is not None)
        if self.errors:
            return None
        own = cities[name].liability
        order = tuple(rule for rule in rules if rule in self.chosen)
        return self.choices.brought(Question(name, order, "" if liability == own else liability, moved))

    def _liability(self) -> Literal["", "symmetric", "asymmetric"]:
        said = self.value("liability")
        if said == "symmetric":
            return "symmetric"
        if said == "asymmetric":
            return "asymmetric"
        if said:
            self._say("liability", gettext(self.lang, "Choose one of the two"))
        return ""

    def _held(self, path: str) -> float | None:
        """The value that an assumption is held at; None where it is left to its range, or was not typed as a number."""
        from openroll.whatif import titles  # noqa: PLC0415 - as above

        typed = unicodedata.normalize("NFKC", self.value(path)).strip()
        if not typed:
            return None
        title = titles()[path]
        least, most = title.bounds[0], min(title.bounds[1], MOST)
        found = _NUMBER.fullmatch(typed)
        shares = title.takes in ("share", "chance")
        value = float(found[1]) / (100 if found[2] else 1) if found and (shares or not found[2]) else None
        if value is not None and least <= value <= most:
            return value
        called = assumption_title(self.lang, title)
        wrong = gettext(self.lang, "{title}: type a number from {least} to {most}")
        self._say(
            box_of(path),
            wrong.format(
                title=called, least=catalogue.number(self.lang, int(least)), most=catalogue.number(self.lang, int(most))
            ),
        )
        return None

    def _say(self, place: str, sentence: str) -> None:
        self.fault(place, sentence)

    def no_sense(self) -> None:
        """Say that the values held fixed do not go together, beside the first of them."""
        place = next((path for path in movable() if self.value(path)), "city")
        self._say(
            box_of(place),
            gettext(
                self.lang,
                "These values make no sense together. Choose others.",
            ),
        )


def field_of(path: str, city: Any, lang: str, asked: Asked) -> dict[str, Any]:
    """One assumption as a field: its title, what its city believes of it, what was typed."""
    from openroll.whatif import titles  # noqa: PLC0415 - as above

    title, quantity = titles()[path], dict(city.assumptions.items())[path]
    low, high = quantity.range
    return {
        "name": path,
        "id": box_of(path),
        "title": assumption_title(lang, title),
        "unit": assumption_unit(lang, title, city.currency),
        "low": f"{low:.12g}",
        "high": f"{high:.12g}",
        "value": asked.values.get(path, ""),
        "error": asked.errors.get(box_of(path), ""),
    }
