"""A file that may have faults, read as far as it goes: what is of its form is there, and what is not is None.

So that a wrong key hides nothing else: whatever can be looked at is looked at, and every fault comes at once.
"""

from collections.abc import Mapping
from functools import cache
from types import NoneType, SimpleNamespace, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

import msgspec
from msgspec import UNSET, UnsetType


def sketch(plain: Any, kind: Any) -> Any:
    """Plain values as far as they are of a type: a struct as a namespace with None for what is absent or wrong, a tuple as
    pairs of (its place, the item) of those items that are right, a mapping with those entries that are right.
    """
    bare = _bare(kind)
    if isinstance(bare, type) and issubclass(bare, msgspec.Struct):
        return _struct(plain if isinstance(plain, dict) else {}, bare)
    origin = get_origin(bare)
    if origin is tuple and get_args(bare)[-1] is Ellipsis:
        items = plain if isinstance(plain, list | tuple) else []
        found = [(place, sketch(item, get_args(bare)[0])) for place, item in enumerate(items)]
        return [(place, item) for place, item in found if item is not None]
    if origin is Mapping:
        key, value = get_args(bare)
        entries = plain.items() if isinstance(plain, dict) else ()
        return {name: text for name, text in entries if _right(name, key) and _right(text, value)}
    return msgspec.convert(plain, kind, strict=False) if _right(plain, kind) else None


def _struct(plain: Mapping[str, Any], kind: type[msgspec.Struct]) -> SimpleNamespace:
    return SimpleNamespace(
        **{
            name: sketch(plain[name], hint) if name in plain else _default(kind, name, hint)
            for name, hint in _hints(kind).items()
        }
    )


def _default(kind: type[msgspec.Struct], name: str, hint: Any) -> Any:
    """What an absent key means: as its type says, and nothing where that says nothing."""
    default = next(field.default for field in msgspec.structs.fields(kind) if field.name == name)
    if default in (msgspec.NODEFAULT, UNSET, None):
        return sketch(None, hint) if get_origin(_bare(hint)) in (tuple, Mapping) and _open(hint) else None
    return sketch(msgspec.to_builtins(default), hint)


@cache
def _hints(kind: type[msgspec.Struct]) -> dict[str, Any]:
    return get_type_hints(kind, include_extras=True)


def _bare(kind: Any) -> Any:
    """A type without what is said of it, and without `None` and `UNSET` beside it."""
    while True:
        if get_origin(kind) is Annotated:
            kind = get_args(kind)[0]
        elif get_origin(kind) in (Union, UnionType):
            left = [one for one in get_args(kind) if one not in (NoneType, UnsetType)]
            if len(left) != 1:
                return kind
            kind = left[0]
        else:
            return kind


def _open(hint: Any) -> bool:
    """Whether a tuple has any number of items."""
    return get_args(_bare(hint))[-1] is Ellipsis or get_origin(_bare(hint)) is Mapping


def _right(plain: Any, kind: Any) -> bool:
    if plain is None:
        return False
    try:
        msgspec.convert(plain, kind, strict=False)
    except msgspec.ValidationError:
        return False
    return True
