"""YAML as text: plain values with the line of each, and none of YAML's surprises.

The text is composed into nodes and never constructed into objects. Dates stay text (`2006-02-30` is a wrong date of one line, not
a broken file), numbers are decimal, `no` is a word. Anchors are allowed as far as they stay small; merge keys, tags, keys that
are not words and characters that no screen shows are faults.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from openroll.rules.faults import Fault, RuleFaults
from openroll.rules.sentence import Sentence, sentence


def _(text: str) -> str:
    """Mark a text for the catalogue."""
    return text


MOST_CHARACTERS = 1_000_000
MOST_VALUES = 100_000
MOST_DEPTH = 20

Path = tuple[str | int, ...]

_TAG = "tag:yaml.org,2002:"
_WORDS = frozenset(_TAG + name for name in ("str", "timestamp", "int", "float", "bool", "null", "value"))
_WHOLE = re.compile(r"-?(0|[1-9][0-9]{0,17})")


class TooMuch(ValueError):
    """The text unfolds into more than any file of ours can be."""


def read_yaml(text: str, name: str) -> tuple[Any, dict[Path, int]]:
    """A YAML text as plain values, dates as text, and the line of every value, from 1. Raises RuleFaults."""
    value, lines, faults = sift_yaml(text, name)
    if faults:
        raise RuleFaults(faults)
    return value, lines


def sift_yaml(text: str, name: str) -> tuple[Any, dict[Path, int], list[Fault]]:
    """The same with the faults of single values, for who goes on to look at the others. Raises RuleFaults for no YAML at all."""
    if len(text) > MOST_CHARACTERS:
        found = sentence(_("The file has {count} characters."), count=len(text))
        raise RuleFaults([Fault(name, 1, "", found, sentence(_("at most {most}"), most=MOST_CHARACTERS))])
    reading = _Reading(name)
    try:
        node = YAML(typ="safe", pure=True).compose(text)
        value = None if node is None else reading.value(node, ())
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise RuleFaults([_broken(name, mark.line + 1 if mark else 1, str(error.problem or error.context))]) from error
    except YAMLError as error:
        line = text.count("\n", 0, getattr(error, "position", 0)) + 1
        raise RuleFaults([_broken(name, line, getattr(error, "reason", None) or str(error))]) from error
    except (RecursionError, TooMuch) as error:
        raise RuleFaults(
            [_broken(name, 1, Sentence(_("it is nested too deeply, or its anchors unfold without end")))]
        ) from error
    return value, reading.lines, reading.faults


def _broken(name: str, line: int, why: Sentence | str) -> Fault:
    """YAML that its library cannot read: `why` is the library's own word, which has no other language."""
    found = sentence(_("This is not YAML that can be read here: {why}."), why=why)
    return Fault(name, line, "", found, "YAML 1.2", "key: value")


class _Reading:
    """One reading of one file: where each value stands, and what was wrong on the way."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.lines: dict[Path, int] = {(): 1}
        self.faults: list[Fault] = []

    def fault(self, node: Node, path: Path, found: Sentence, expected: Sentence, example: str = "") -> None:
        self.faults.append(Fault(self.name, node.start_mark.line + 1, said(path), found, expected, example))

    def value(self, node: Node, path: Path) -> Any:
        if len(path) > MOST_DEPTH or len(self.lines) > MOST_VALUES:
            raise TooMuch
        match node:
            case MappingNode(tag=tag) if tag == _TAG + "map":
                return dict(self._items(node, path))
            case SequenceNode(tag=tag) if tag == _TAG + "seq":
                return [self._placed(inner, inner, (*path, index)) for index, inner in enumerate(node.value)]
            case ScalarNode(tag=tag) if tag in _WORDS:
                return self._scalar(node, path)
        found = sentence(_("The tag {name!r} has no place here."), name=str(node.tag).removeprefix(_TAG))
        self.fault(node, path, found, Sentence(_("a plain value")))
        return None

    def _placed(self, at: Node, node: Node, path: Path) -> Any:
        self.lines[path] = at.start_mark.line + 1
        return self.value(node, path)

    def _items(self, node: MappingNode, path: Path) -> Iterator[tuple[str, Any]]:
        seen: dict[str, int] = {}
        for key, inner in node.value:
            if not isinstance(key, ScalarNode) or key.tag == _TAG + "merge" or key.tag not in _WORDS:
                found = Sentence(_("A merge key, or a key that is no word, has no place here."))
                self.fault(key, path, found, Sentence(_("a word as key")))
                continue
            word = str(key.value)
            if word in seen:
                found = sentence(_("{name!r} stands on line {line} already."), name=word, line=seen[word])
                self.fault(key, (*path, word), found, Sentence(_("each key once")))
                continue
            seen[word] = key.start_mark.line + 1
            yield word, self._placed(key, inner, (*path, word))

    def _scalar(self, node: ScalarNode, path: Path) -> Any:
        word = str(node.value)
        if node.tag == _TAG + "null":
            return None
        if node.tag == _TAG + "bool":
            return word.lower() == "true"
        if node.tag == _TAG + "int" and _WHOLE.fullmatch(word):
            return int(word)
        unseen = tuple(sorted({f"U+{ord(one):04X}" for one in word if _unseen(one)}))
        if unseen:
            found = sentence(_("It holds characters that no screen shows: {characters}."), characters=unseen)
            self.fault(node, path, found, Sentence(_("plain text")))
        return word.strip()


def _unseen(one: str) -> bool:
    """Control characters, lone surrogates and marks that turn the direction of reading: text must be what it looks like."""
    if one in "\n\t":
        return False
    return unicodedata.category(one) in ("Cc", "Cs") or "\u202a" <= one <= "\u202e" or "\u2066" <= one <= "\u2069"


def line_of(lines: Mapping[Path, int], path: Path) -> int:
    """The line of a value, or of the nearest thing around it that has one."""
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 1)


def said(path: Path) -> str:
    """A path as text: `duties/0/title`."""
    return "/".join(map(str, path))
