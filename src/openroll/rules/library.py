"""The rules that ship with Openroll, and reading others. The files are part of the package, as code is."""

import hashlib
from collections.abc import Sequence
from functools import cache, lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

import msgspec

from openroll.rules.faults import Fault, RuleFaults
from openroll.rules.language import Text, in_language
from openroll.rules.model import Rule
from openroll.rules.overlay import Overlay, laid, parse_overlay
from openroll.rules.reading import rule_of
from openroll.rules.sentence import Sentence, sentence
from openroll.rules.text import MOST_RULE, read_on

_SHIPPED = files("openroll.rules") / "shipped"
_PLACES = files("openroll") / "places" / "shipped"
"""Jurisdictions bring rules of their own: data of another room, and none of its code."""
_OVERLAYS = files("openroll.rules") / "overlays"


def _(text: str) -> str:
    """Mark a text for the catalogue."""
    return text


class NoSuchRule(LookupError):
    """No rule or overlay of this name ships with Openroll. `known` lists what does."""

    def __init__(self, name: str, known: Sequence[str]) -> None:
        self.name = name
        self.known = tuple(known)
        super().__init__(str(self.told))

    @property
    def told(self) -> Sentence:
        """The same for any language."""
        return sentence(_("there is no {name!r}; there is {known}"), name=self.name, known=self.known)


def shipped() -> tuple[str, ...]:
    """The names of the rules that ship by themselves, in order."""
    return tuple(sorted(file.name[:-5] for file in _SHIPPED.iterdir() if file.name.endswith(".yaml")))


def known_rules() -> tuple[str, ...]:
    """The names of all rules that can be loaded: those that ship by themselves, and those that shipped jurisdictions bring."""
    return tuple(sorted(_files()))


@cache
def _files() -> dict[str, Traversable]:
    """The files of the rules that ship, by name."""
    folders = [_SHIPPED, *(place / "rules" for place in _PLACES.iterdir() if (place / "rules").is_dir())]
    return {file.name[:-5]: file for folder in folders for file in folder.iterdir() if file.name.endswith(".yaml")}


@cache
def overlays() -> tuple[str, ...]:
    """The names of the overlays that ship, in order."""
    return tuple(sorted(file.name[:-5] for file in _OVERLAYS.iterdir() if file.name.endswith(".yaml")))


@lru_cache(64)  # a reference is typed by people, and any number of overlays may stand in one
def load(ref: str) -> Rule:
    """A shipped rule by name, with any shipped overlays: `rule+overlay`. Raises NoSuchRule or RuleFaults."""
    name, *over = ref.split("+")
    return load_under(name, [load_overlay(one) for one in over])


def load_under(name: str, over: Sequence[Overlay]) -> Rule:
    """A rule that ships, by itself or with a jurisdiction, with overlays laid over it. Raises NoSuchRule or RuleFaults."""
    if name not in known_rules():
        raise NoSuchRule(name, known_rules())
    return _with_overlays(*_read(name), over)


@cache
def _read(name: str) -> tuple[Any, Rule]:
    """A shipped rule as plain values and as a rule, read once: overlays are laid over it again and again."""
    plain = read_on(_files()[name].read_text(encoding="utf-8"), f"{name}.yaml", MOST_RULE)
    return plain.value, rule_of(plain.value, f"{name}.yaml", plain.lines, plain.faults)


@cache
def load_overlay(name: str) -> Overlay:
    """A shipped overlay by name. Raises NoSuchRule."""
    if name not in overlays():
        raise NoSuchRule(name, overlays())
    return parse_overlay((_OVERLAYS / f"{name}.yaml").read_text(encoding="utf-8"), f"{name}.yaml")


def full_title(rule: Rule) -> Text:
    """A rule's title with the titles of what was laid over it, so that nobody takes it for the rule beneath.

    As in its `ref`, they stand behind +. An overlay that does not ship is called by its name.
    """
    return {
        lang: " + ".join((title, *(_title_of_overlay(one, lang) for one in rule.overlays)))
        for lang, title in rule.title.items()
    }


def _title_of_overlay(name: str, lang: str) -> str:
    return in_language(load_overlay(name).title, lang) if name in overlays() else name


def parse_rule(text: str, name: str, over: Sequence[Overlay] = ()) -> Rule:
    """The rule a YAML text describes, with overlays laid over it. Raises RuleFaults with every mistake at once.

    A text of more than MOST_RULE characters is refused, never cut.
    A mistake of the rule itself is named by its own file and line, one that an overlay brings in by the overlay's.
    """
    plain = read_on(text, name, MOST_RULE)
    return _with_overlays(plain.value, rule_of(plain.value, name, plain.lines, plain.faults), over)


def _with_overlays(data: Any, rule: Rule, over: Sequence[Overlay]) -> Rule:
    _names_of_others(over)
    for overlay in over:
        data = laid(data, overlay)
        under = rule.overlays
        rule = msgspec.structs.replace(rule_of(data, overlay.file, overlay.lines), overlays=(*under, overlay.overlay))
    return rule


def _names_of_others(over: Sequence[Overlay]) -> None:
    """Raise RuleFaults for an overlay laid twice, or one that takes the name of a rule or overlay that ships."""
    names = [one.overlay for one in over]
    for place, overlay in enumerate(over):
        if names.index(overlay.overlay) != place:
            found = sentence(_("{name!r} stands twice."), name=overlay.overlay)
            raise RuleFaults([Fault(overlay.file, 1, "overlay", found, Sentence(_("each name once")))])
        if overlay.overlay in known_rules() or (
            overlay.overlay in overlays() and overlay != load_overlay(overlay.overlay)
        ):
            found = sentence(_("{name!r} is the name of one that ships."), name=overlay.overlay)
            raise RuleFaults([Fault(overlay.file, 1, "overlay", found, Sentence(_("a name of your own")))])


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
