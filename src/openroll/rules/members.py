"""Rules and jurisdictions walked by the types of their forms: what a plain value is made of, by keys of the form and by names.

Names that people choose (of duties, measures, kinds, codes of districts) stand where keys of the form stand, and may be spelt as
one is: `source`, `version`, `amount`. Here each is known for what it is by the type of the value, never by how it is spelt.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any, TypeAlias

from msgspec import inspect

from openroll.rules.language import TAG_PATTERN
from openroll.rules.values import Money


class Name(str):
    """A part of a path that is no key of the form, however it is spelt: what a thing is called, or its number in a list."""

    __slots__ = ()


Members: TypeAlias = Mapping[str, tuple[Any, Any]]
"""What a value is made of: each member by its key or `Name`, with its type."""
NAMED_BY = ("id", "name", "code", "day")
"""Keys by which the things of a list are told apart."""
_GROUPED_BY = "district"
"""The key of things that are told apart by their number in a group."""


def members(value: Any, form: Any) -> Members | None:
    """What a plain value is made of, by its form; None for one that is compared whole, as a text by language and money are."""
    form = form_of(form)
    match form:
        case inspect.StructType() if isinstance(value, Mapping) and form.cls is not Money:
            return {one.encode_name: (value.get(one.encode_name), one.type) for one in form.fields}
        case inspect.VarTupleType(item_type=item) if isinstance(inner := form_of(item), inspect.StructType):
            things = value if isinstance(value, list | tuple) else () if value is None else None
            return None if things is None else {name: (one, inner) for name, one in _by_name(things, inner)}
        case inspect.DictType(value_type=inner) if isinstance(value, Mapping) and not is_text(form):
            return {Name(name): (one, inner) for name, one in value.items()}
        case _:
            return None


def form_of(form: Any) -> Any:
    """A type without its description, and without None beside it."""
    form = _inspected(form) if isinstance(form, type) else form
    while isinstance(form, inspect.Metadata):
        form = form.type
    if not isinstance(form, inspect.UnionType):
        return form
    said = [one for one in form.types if not isinstance(one, inspect.NoneType)]
    return form_of(said[0]) if len(said) == 1 else form


def is_text(form: Any) -> bool:
    """Whether values of a form are texts by language."""
    form = form_of(form)
    key = form_of(form.key_type) if isinstance(form, inspect.DictType) else None
    return isinstance(key, inspect.StrType) and key.pattern == TAG_PATTERN


def is_struct(form: Any) -> bool:
    """Whether values of a form have the keys of a form, and no names."""
    return isinstance(form_of(form), inspect.StructType)


def item_of(form: Any) -> Any:
    """The form of a list's members; None for what is no list."""
    form = form_of(form)
    return form.item_type if isinstance(form, inspect.VarTupleType) else None


def is_default(key: str, value: Any, form: Any) -> bool:
    """Whether a key of a thing has the value that it has where nobody says anything."""
    default = next(one.default for one in form_of(form).fields if one.encode_name == key)
    return value is None or (value == (list(default) if isinstance(default, tuple) else default))


@cache
def _inspected(form: type) -> Any:
    return inspect.type_info(form)


def _by_name(things: Iterable[Any], form: inspect.StructType) -> Iterator[tuple[Name, Any]]:
    """The things of a list by what tells them apart; those that nothing does by their number, from 1."""
    keys, counted = {one.encode_name for one in form.fields}, Counter[str]()
    key = next((one for one in NAMED_BY if one in keys), None)
    for one in things:
        of = str(one[_GROUPED_BY]) if key is None and _GROUPED_BY in keys else ""
        counted[of] += 1
        yield Name(one[key] if key else "/".join(filter(None, (of, str(counted[of]))))), one
