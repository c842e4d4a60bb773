"""Titles and units of each assumption in words that a legislator understands, in English for the catalogues."""

from functools import cache
from importlib.resources import files
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from openroll.rules import RuleFaults, form_faults, read_yaml
from openroll.whatif.city import Assumptions

Takes = Literal["share", "chance", "amount", "count", "length"]

_BOUNDS: dict[Takes, tuple[float, float, str]] = {
    "share": (0, 1, "a number from 0 to 1"),
    "chance": (0, 1, "a chance a day from 0 to 1"),
    "amount": (0, 1e15, "a number of at least 0"),
    "count": (0, 1e11, "a number from 0 to 100,000,000,000"),
    "length": (1e-6, 1e9, "a number above 0"),
}


class Title(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The title of an assumption, which `words.assumptions` says in any language.

    `unit` may hold `{currency}`; `main` marks the few that a page lets people move.
    """

    title: Annotated[str, Meta(min_length=1)]
    unit: Annotated[str, Meta(min_length=1)]
    takes: Takes
    """What kind of number it is: a share of a whole, a chance a day, an amount, a count, a length that cannot be 0."""
    main: bool = False

    @property
    def bounds(self) -> tuple[float, float]:
        """The least and the most that the number may be."""
        least, most, _ = _BOUNDS[self.takes]
        return least, most

    @property
    def expected(self) -> str:
        """The same in words."""
        return _BOUNDS[self.takes][2]


@cache
def titles() -> dict[str, Title]:
    """The title of every assumption, by path, as in `filing.launch`, in the order of the file's form."""
    name = "assumptions.yaml"
    data, lines = read_yaml((files("openroll.whatif") / name).read_text(encoding="utf-8"), name)
    faults = form_faults(data, msgspec.json.schema(Assumptions[Title]), name, lines)
    if faults:
        raise RuleFaults(faults)
    return dict(msgspec.convert(data, Assumptions[Title]).items())
