"""The rules that ship with Openroll, and reading others. The files are part of the package, as code is."""

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files
from typing import Any

import msgspec

from openroll.rules.model import Rule
from openroll.rules.overlay import Overlay, laid, parse_overlay
from openroll.rules.reading import rule_of
from openroll.rules.text import read_yaml

_SHIPPED = files("openroll.rules") / "shipped"
_OVERLAYS = files("openroll.rules") / "overlays"


class NoSuchRule(LookupError):
    """No rule or overlay of this name ships with Openroll. `known` lists what does."""

    def __init__(self, name: str, known: Sequence[str]) -> None:
        self.name = name
        self.known = tuple(known)
        super().__init__(f"there is no {name!r}; there is {', '.join(known)}")


def shipped() -> tuple[str, ...]:
    """The names of the rules that ship, in order."""
    return tuple(sorted(file.name[:-5] for file in _SHIPPED.iterdir() if file.name.endswith(".yaml")))


def overlays() -> tuple[str, ...]:
    """The names of the overlays that ship, in order."""
    return tuple(sorted(file.name[:-5] for file in _OVERLAYS.iterdir() if file.name.endswith(".yaml")))


@lru_cache(64)  # a reference is typed by people, and any number of overlays may stand in one
def load(ref: str) -> Rule:
    """A shipped rule by name, with any shipped overlays: `rule+overlay`. Raises NoSuchRule or RuleFaults."""
    name, *over = ref.split("+")
    if name not in shipped():
        raise NoSuchRule(name, shipped())
    text = (_SHIPPED / f"{name}.yaml").read_text(encoding="utf-8")
    return parse_rule(text, f"{name}.yaml", [load_overlay(one) for one in over])


def load_overlay(name: str) -> Overlay:
    """A shipped overlay by name. Raises NoSuchRule."""
    if name not in overlays():
        raise NoSuchRule(name, overlays())
    return parse_overlay((_OVERLAYS / f"{name}.yaml").read_text(encoding="utf-8"), f"{name}.yaml")


def parse_rule(text: str, name: str, over: Sequence[Overlay] = ()) -> Rule:
    """The rule a YAML text describes, with overlays laid over it. Raises RuleFaults with every mistake at once.

    A mistake of the rule itself is named by its own file and line, one that an overlay brings in by the overlay's.
    """
    data, lines = read_yaml(text, name)
    rule = rule_of(data, name, lines)
    for overlay in over:
        data = laid(data, overlay)
        under = rule.overlays
        rule = msgspec.structs.replace(rule_of(data, overlay.file, overlay.lines), overlays=(*under, overlay.overlay))
    return rule


def canonical(rule: Rule) -> bytes:
    """The rule, whole, as canonical JSON: what its digest is over and what a roll keeps of it."""
    return msgspec.json.encode(rule, order="sorted")


def digest(rule: Rule) -> str:
    """SHA-256 of the canonical JSON, in hexadecimal."""
    return hashlib.sha256(canonical(rule)).hexdigest()


def plain(rule: Rule) -> dict[str, Any]:
    """The rule as plain values, for faces that print JSON."""
    values: dict[str, Any] = msgspec.json.decode(canonical(rule))
    return values
