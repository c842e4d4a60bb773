"""Overlays: a file laid over a rule (an amendment, added safeguards), giving another rule.

Mappings are merged key by key; lists of things that have an `id` or a `name` are merged thing by thing; anything else is
replaced; null takes away (after RFC 7396, which knows no lists of named things).
"""

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from openroll.rules.faults import Fault, RuleFaults
from openroll.rules.language import Text
from openroll.rules.reading import form_faults
from openroll.rules.sentence import sentence
from openroll.rules.text import Path, read_yaml
from openroll.rules.values import Identifier


def _(text: str) -> str:
    """Mark a text for the catalogue."""
    return text


class OverlayFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An overlay as its file says it: its name, what it is for, what it lays over a rule, and the rules it was written for."""

    overlay: Identifier
    title: Text
    lay: dict[str, Any]
    over: Annotated[tuple[Identifier, ...], Meta(min_length=1)]


class Overlay(OverlayFile, frozen=True, kw_only=True):
    """An overlay that was read: with the file and the lines it stood on, for the faults of what it gives."""

    file: str
    lines: dict[Path, int]


def parse_overlay(text: str, name: str) -> Overlay:
    """Read an overlay file. Raises RuleFaults with every mistake; what is wrong under `lay` shows when it is laid."""
    data, lines = read_yaml(text, name)
    faults = form_faults(data, msgspec.json.schema(OverlayFile), name, lines)
    if faults:
        raise RuleFaults(faults)
    tops: dict[Path, int] = {path[1:]: line for path, line in lines.items() if path[:1] == ("lay",) and len(path) == 2}
    return Overlay(**msgspec.structs.asdict(msgspec.convert(data, OverlayFile)), file=name, lines=tops)


def laid(rule: dict[str, Any], overlay: Overlay) -> dict[str, Any]:
    """The plain values of a rule with an overlay laid over them. Raises RuleFaults over a rule it was not written for."""
    if rule["id"] not in overlay.over:
        found = sentence(_("The overlay {name!r} was not written for {rule!r}."), name=overlay.overlay, rule=rule["id"])
        wanted = sentence(_("one of {names}"), names=tuple(overlay.over))
        raise RuleFaults([Fault(overlay.file, 1, "over", found, wanted, overlay.over[0])])
    merged: dict[str, Any] = _merge(rule, overlay.lay)
    return merged


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
