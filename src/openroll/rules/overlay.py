"""Overlays: a file laid over a rule (an amendment, added safeguards), giving another rule.

Mappings are merged key by key; lists of things that have an `id` or a `name` are merged thing by thing; anything else is
replaced; null takes away (after RFC 7396, which knows no lists of named things).
"""

from typing import Any

import msgspec

from openroll.rules.faults import Fault, RuleFaults
from openroll.rules.model import Identifier, Words
from openroll.rules.reading import read_yaml


class Overlay(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An overlay: its name, what it is for, and what it lays over a rule. `over` names the rules it was written for."""

    overlay: Identifier
    title: Words
    lay: dict[str, Any]
    over: tuple[Identifier, ...] = ()


def parse_overlay(text: str, name: str) -> Overlay:
    """Read an overlay file. Raises RuleFaults."""
    data, lines = read_yaml(text, name)
    try:
        return msgspec.convert(data, Overlay, strict=False)
    except msgspec.ValidationError as error:
        raise RuleFaults([Fault(name, lines[()], "", f"{error}.", "the keys overlay, title, lay and over")]) from error


def laid(rule: dict[str, Any], overlay: Overlay) -> dict[str, Any]:
    """The plain values of a rule with an overlay laid over them."""
    merged: dict[str, Any] = _merge(rule, overlay.lay)
    return merged | {"overlays": [*rule.get("overlays", []), overlay.overlay]}


def _merge(old: Any, new: Any) -> Any:
    if isinstance(old, dict) and isinstance(new, dict):
        merged = {key: _merge(old.get(key), value) for key, value in new.items() if value is not None}
        return {key: value for key, value in old.items() if key not in new} | merged
    if _named(new) and (_named(old) or old in (None, [])):
        return _merge_named(old or [], new)
    return new


def _named(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, dict) and _key(one) for one in value)


def _key(thing: dict[str, Any]) -> str:
    return str(thing.get("id") or thing.get("name") or "")


def _merge_named(old: list[dict[str, Any]], new: list[dict[str, Any]]) -> list[Any]:
    """Things of the old list in their order, each with what is new of it; then what is new altogether."""
    over = {_key(thing): thing for thing in new}
    kept = [_merge(thing, over.get(_key(thing), {})) for thing in old if over.get(_key(thing)) != _removal(thing)]
    return kept + [thing for thing in new if _key(thing) not in {_key(one) for one in old} and "remove" not in thing]


def _removal(thing: dict[str, Any]) -> dict[str, Any]:
    """How an overlay takes a thing away: its id (or name) and `remove: true`."""
    name = "id" if "id" in thing else "name"
    return {name: thing[name], "remove": True}
