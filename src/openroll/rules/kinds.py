"""Kinds of subscriber, and of whoever else a rule speaks of: seven that stand for all rules, and those that a rule declares.

A kind has a nature, which says what it is for the safeguards: a foreigner or a minor is a person however a law calls them.
"""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec
from msgspec import UNSET, Meta

from openroll.rules.language import Text
from openroll.rules.values import IDENTIFIER_PATTERN, given, key

if TYPE_CHECKING:
    from openroll.rules.model import Field, Rule

Nature = Literal["person", "household", "organisation", "operator", "site", "machine"]
NATURES: Mapping[str, Nature] = {
    "person": "person",
    "household": "household",
    "organisation": "organisation",
    "access-operator": "operator",
    "interconnecting-operator": "operator",
    "information-operator": "operator",
    "site": "site",
}
"""The nature of each kind that stands for all rules."""
KINDS: tuple[str, ...] = tuple(NATURES)
NATURAL = frozenset({"person", "household"})
"""The natures (and kinds) that are people at home: the ones that no live rule may burden or cut off."""

Kind = Annotated[
    str,
    Meta(
        pattern=IDENTIFIER_PATTERN,
        description=f"a kind: {', '.join(KINDS)}, or one that the rule declares under `kinds`",
        examples=["organisation"],
    ),
]


class DeclaredKind(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A kind that one rule speaks of beside the seven: seller, agent, foreigner, minor, machine, roamer."""

    id: Annotated[Kind, key("the name of the kind in this rule", "foreigner")]
    title: Annotated[Text, key("how the law names it", {"en": "a visitor from abroad"})]
    nature: Annotated[Nature, key("what it is: it keeps the safeguards of its nature", "person")]


def natures(declared: Iterable[DeclaredKind]) -> dict[str, Nature]:
    """The nature of every kind of a rule, the seven first, then those it declares in their order."""
    return {**NATURES, **{one.id: one.nature for one in declared}}


def fields_of_sites(rule: "Rule") -> "tuple[Field, ...]":
    """What a filing of a site tells: the fields that are offered to a kind of site.

    Where some of a rule are for sites alone, as of one that covers sites and subscriptions, those; else all of it.
    """
    own = tuple(field for field in rule.fields if _is_of_sites(field, rule))
    return own or tuple(rule.fields)


def fields_of_subscriptions(rule: "Rule") -> "tuple[Field, ...]":
    """The personal fields of which a filing of a subscription carries digests: all but those that are for sites alone."""
    return tuple(field for field in rule.fields if field.personal and not _is_of_sites(field, rule))


def _is_of_sites(field: "Field", rule: "Rule") -> bool:
    nature = natures(given(rule.kinds, ()))
    return field.of is not UNSET and all(nature.get(kind) == "site" for kind in field.of)
