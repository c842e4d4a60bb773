"""Overlays: a file laid over a rule (an amendment, added safeguards), giving another rule.

Mappings are merged key by key; lists of things that have an `id` or a `name` are merged thing by thing; anything else is
replaced; null takes away (after RFC 7396, which knows no lists of named things).
"""

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from openroll.rules.faults import Fault, RuleFaults
from openroll.rules.form import value_of
from openroll.rules.language import Text
from openroll.rules.model import Rule
from openroll.rules.sentence import Sentence, sentence
from openroll.rules.text import MOST_RULE, Path, line_of, read_on, said
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
    plain = read_on(text, name, MOST_RULE)
    form = value_of(plain, name, OverlayFile, msgspec.json.schema(OverlayFile), lambda *_: [])
    tops: dict[Path, int] = {
        path[1:]: line for path, line in plain.lines.items() if path[:1] == ("lay",) and len(path) == 2
    }
    return Overlay(**msgspec.structs.asdict(form), file=name, lines=tops)


def laid(rule: dict[str, Any], overlay: Overlay) -> dict[str, Any]:
    """The plain values of a rule with an overlay laid over them.

    Raises RuleFaults over a rule it was not written for, and where it would change what the rule is called, take away what is not
    there, or name a thing twice: what is misspelt changes nothing, and nobody would see it.
    """
    if rule["id"] not in overlay.over:
        found = sentence(_("The overlay {name!r} was not written for {rule!r}."), name=overlay.overlay, rule=rule["id"])
        wanted = sentence(_("one of {names}"), names=tuple(overlay.over))
        raise RuleFaults([Fault(overlay.file, 1, "over", found, wanted, overlay.over[0])])
    faults = [
        Fault(overlay.file, line_of(overlay.lines, path), said(("lay", *path)), found, wanted, example)
        for path, found, wanted, example in (*_renamed(rule, overlay.lay), *_misnamed(rule, overlay.lay, ()))
    ]
    if faults:
        raise RuleFaults(faults)
    merged: dict[str, Any] = _merge(rule, overlay.lay)
    return merged


_Found = tuple[Path, Sentence | str, Sentence | str, str]
_OWN = ("id", "overlays")
"""Keys that say which rule it is: laid over, it would call itself another."""


def _renamed(rule: dict[str, Any], lay: dict[str, Any]) -> Iterator[_Found]:
    for key in _OWN:
        if key in lay and lay[key] != rule.get(key):
            found = sentence(_("An overlay cannot change {key}: the rule would call itself another."), key=key)
            yield (key,), found, Sentence(_("the rule's own, left as it is")), ""
    own = {source["id"]: source for source in rule.get("sources") or [] if isinstance(source, dict) and "id" in source}
    laid_sources = lay.get("sources")
    for place, source in enumerate(laid_sources if isinstance(laid_sources, list) else []):
        before = own.get(source.get("id")) if isinstance(source, dict) else None
        if before is not None and any(before.get(key) != value for key, value in source.items() if key != "remove"):
            found = sentence(_("The source {name!r} is the rule's own."), name=source["id"])
            yield ("sources", place, "id"), found, Sentence(_("a name of your own for a source of your own")), "ours"


def _misnamed(old: Any, new: Any, path: Path) -> Iterator[_Found]:
    """What takes away what is not there, or names a thing twice."""
    if isinstance(new, dict):
        before = old if isinstance(old, dict) else {}
        for key, value in new.items():
            if value is None and key not in before and (path or key not in Rule.__struct_fields__):
                yield (*path, key), *_not_there(key, before)
            else:
                yield from _misnamed(before.get(key), value, (*path, key))
    elif _named(new):
        before = {_key(thing): thing for thing in old} if _named(old) else {}
        names = [_key(thing) for thing in new]
        for place, thing in enumerate(new):
            name = names[place]
            if names.index(name) != place:
                found = sentence(_("{name!r} stands twice."), name=name)
                yield (*path, place), found, Sentence(_("each name once")), ""
            elif thing.get("remove") and name not in before:
                yield (*path, place), *_not_there(name, before)
            else:
                yield from _misnamed(before.get(name), thing, (*path, place))


def _not_there(name: str, known: dict[str, Any]) -> tuple[Sentence, Sentence, str]:
    near = "".join(get_close_matches(name, known, 1))
    wanted = sentence(_("one of {names}"), names=tuple(known)) if known else Sentence(_("nothing taken away"))
    return sentence(_("There is no {name!r} to take away."), name=name), wanted, near


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
