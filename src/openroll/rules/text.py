"""YAML as text: plain values with the line of each, and none of YAML's surprises.

The text is composed into nodes and never constructed into objects. Dates stay text (`2006-02-30` is a wrong date of one line, not
a broken file), numbers are decimal, `no` is a word. Anchors are allowed as far as they stay small; merge keys, tags, keys that
are not words and characters that no screen shows are faults.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.tokens import ScalarToken

from openroll.rules.faults import Fault, RuleFaults
from openroll.rules.sentence import Sentence, sentence
from openroll.rules.slips import HALF_WIDTH, quoted, shortened, slip_of


def _(text: str) -> str:
    """Mark a text for the catalogue."""
    return text


MADE_ON = "# Made on "
"""How the first line of a text begins that names what it was made on: a rule or a jurisdiction, as a roll names them."""


def made_on(text: str) -> str:
    """What a text was made on, as its first line says; empty where it does not."""
    first = text.partition("\n")[0].strip()
    return first.removeprefix(MADE_ON).strip() if first.startswith(MADE_ON) else ""


MOST_CHARACTERS = 1_000_000
MOST_RULE = 200_000
"""Characters of a rule file or an overlay, on every way in: what is longer is refused, never cut. The longest law has 10,000."""
MOST_VALUES = 100_000
MOST_DEPTH = 20
MOST_FAULTS = 200
"""Mistakes that are told of one file at once."""

_MOST_SLIPS = 20
_MOST_READ_AGAIN = 400_000
"""Slips that are mended to read on, and the characters that are read for it altogether: a long file is not read on for ever."""

Path = tuple[str | int, ...]

_TAG = "tag:yaml.org,2002:"
_WORDS = frozenset(_TAG + name for name in ("str", "timestamp", "int", "float", "bool", "null", "value"))
_WHOLE = re.compile(r"-?(0|[1-9][0-9]{0,17})")
_WIDE_LIST = re.compile(r"[a-z0-9_-]+(?:[，、；][a-z0-9_-]+)+")
_DIGITS = re.compile(r"[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?")
_EXPLICIT = re.compile(r"(?:&\S+\s+)?(!\S*)")


class TooMuch(ValueError):
    """The text unfolds into more than any file of ours can be."""


class Plain(NamedTuple):
    """A YAML text as plain values, the line of every value, from 1, and what was wrong on the way.

    With faults, the values are what was probably meant: good for finding what else is wrong, and for nothing else.
    """

    value: Any
    lines: dict[Path, int]
    faults: list[Fault]


def read_yaml(text: str, name: str, most: int = MOST_CHARACTERS) -> tuple[Any, dict[Path, int]]:
    """A YAML text as plain values, dates as text, and the line of every value, from 1. Raises RuleFaults."""
    plain = read_on(text, name, most)
    if plain.faults:
        raise RuleFaults(plain.faults)
    return plain.value, plain.lines


def read_on(text: str, name: str, most: int = MOST_CHARACTERS) -> Plain:
    """The same, reading on behind each slip that can be mended. Raises RuleFaults where nothing can be read at all."""
    if len(text) > most:
        found = sentence(_("The file has {count} characters."), count=f"{len(text):,}")
        raise RuleFaults([Fault(name, 1, "", found, sentence(_("at most {most}"), most=f"{most:,}"))])
    slips: list[Fault] = []
    node, text = _composed(text, name, slips)
    reading = _Reading(name, text)
    try:
        value = None if node is None else reading.value(node, ())
    except (RecursionError, TooMuch) as error:
        raise RuleFaults([*slips, _unfolds(name)]) from error
    return Plain(value, reading.lines, [*slips, *reading.faults])


def _composed(text: str, name: str, slips: list[Fault]) -> tuple[Node | None, str]:
    """The nodes of a text, with the slips that were mended on the way, and the text as mended. Raises RuleFaults."""
    read = 0
    while True:
        read += len(text)
        try:
            return YAML(typ="safe", pure=True).compose(text), text
        except MarkedYAMLError as error:
            lines = _LINE.split(text)
            slip = slip_of(lines, error, _long_quotes(text))
            if slip is None:
                # Behind a mended line this may be of our own making: what was mended is told alone.
                mark = error.problem_mark or error.context_mark
                broken = _broken(name, mark.line + 1 if mark else 1, str(error.problem or error.context))
                raise RuleFaults(slips or [broken]) from error
            fault = Fault(name, slip.line + 1, "", slip.found, slip.expected, slip.example)
            slips.append(fault)
            known = sum(one.line == fault.line for one in slips)
            if slip.mended is None or len(slips) >= _MOST_SLIPS or read + len(text) > _MOST_READ_AGAIN or known > 3:
                raise RuleFaults(slips) from error
            lines[slip.line] = slip.mended
            text = "\n".join(lines)
        except YAMLError as error:
            line = text.count("\n", 0, getattr(error, "position", 0)) + 1
            raise RuleFaults([*slips, _broken(name, line, getattr(error, "reason", None) or str(error))]) from error
        except (RecursionError, TooMuch) as error:
            raise RuleFaults([*slips, _unfolds(name)]) from error


_LINE = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
"""Where lines end, as the library counts them."""


def _long_quotes(text: str) -> Iterator[tuple[int, int, int]]:
    """The texts in quotes that run over lines: where each opens (line, column), and the line where it ends."""
    try:
        for token in YAML(typ="safe", pure=True).scan(text):
            start, end = token.start_mark, token.end_mark
            if isinstance(token, ScalarToken) and token.style in ("'", '"') and start.line != end.line:
                yield start.line, start.column, end.line
    except YAMLError:
        return


def _unfolds(name: str) -> Fault:
    return _broken(name, 1, Sentence(_("it is nested too deeply, or its anchors unfold without end")))


def _broken(name: str, line: int, why: Sentence | str) -> Fault:
    """YAML that its library cannot read: `why` is the library's own word, which has no other language."""
    found = sentence(_("This is not YAML that can be read here: {why}."), why=why)
    return Fault(name, line, "", found, "YAML 1.2", "key: value")


class _Reading:
    """One reading of one file: where each value stands, and what was wrong on the way."""

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.text = text
        self.rows = _LINE.split(text)
        self.lines: dict[Path, int] = {(): 1}
        self.faults: list[Fault] = []

    def fault(self, node: Node, path: Path, found: Sentence, expected: Sentence, example: str = "") -> None:
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(Fault(self.name, node.start_mark.line + 1, said(path), found, expected, example))

    def value(self, node: Node, path: Path) -> Any:
        if len(path) > MOST_DEPTH or len(self.lines) > MOST_VALUES:
            raise TooMuch
        tag = _EXPLICIT.match(self.text, node.start_mark.index)
        if tag or not isinstance(node, MappingNode | SequenceNode | ScalarNode):
            found = sentence(_("The tag {name!r} has no place here."), name=tag[1] if tag else str(node.tag))
            self.fault(node, path, found, Sentence(_("a plain value")), _plain(node))
        match node:
            case MappingNode():
                return dict(self._items(node, path))
            case SequenceNode():
                return [self._placed(inner, inner, (*path, at)) for at, inner in enumerate(self._things(node, path))]
            case ScalarNode():
                return self._scalar(node, path)
        return None

    def _placed(self, at: Node, node: Node, path: Path) -> Any:
        self.lines[path] = at.start_mark.line + 1
        return self.value(node, path)

    def _things(self, node: SequenceNode, path: Path) -> Iterator[Node]:
        """The things of a list; names that full-width commas hold together are told, and taken one by one."""
        for inner in node.value:
            word = str(inner.value) if isinstance(inner, ScalarNode) else ""
            if not _WIDE_LIST.fullmatch(word):
                yield inner
                continue
            names = re.split("[，、；]", word)
            marks = tuple(sorted(set(word) & set("，、；")))
            found = sentence(_("Full-width punctuation ({marks}) stands where YAML has its own."), marks=marks)
            want = HALF_WIDTH
            self.fault(inner, path, found, want, f"[{', '.join(names)}]")
            yield from (ScalarNode(_TAG + "str", name, inner.start_mark, inner.end_mark) for name in names)

    def _items(self, node: MappingNode, path: Path) -> Iterator[tuple[str, Any]]:
        seen: dict[str, int] = {}
        for key, inner in self._pairs(node, path):
            if not isinstance(key, ScalarNode) or key.tag == _TAG + "merge" or key.tag not in _WORDS:
                found = Sentence(_("A merge key, or a key that is no word, has no place here."))
                self.fault(key, path, found, Sentence(_("a word as key")), "key: value")
                continue
            word = self._spaced(key, path)
            if word in seen:
                found = sentence(_("{name!r} stands on line {line} already."), name=word, line=seen[word])
                example = shortened(self.rows[seen[word] - 1].strip())
                self.fault(key, (*path, word), found, Sentence(_("each key once")), example)
                continue
            seen[word] = key.start_mark.line + 1
            yield word, self._placed(key, inner, (*path, word))

    def _spaced(self, key: ScalarNode, path: Path) -> str:
        """A key without spaces of another width around it, which look like nothing."""
        word = str(key.value)
        odd = tuple(sorted({f"U+{ord(one):04X}" for one in word if one != " " and unicodedata.category(one) == "Zs"}))
        if odd:
            found = sentence(_("There are spaces here that YAML takes for letters: {characters}."), characters=odd)
            self.fault(key, (*path, word.strip()), found, Sentence(_("plain spaces")), f"{word.strip()}:")
        return word.strip()

    def _pairs(self, node: MappingNode, path: Path) -> Iterator[tuple[Node, Node]]:
        """Keys and values, where words behind a comma belong to the text before it, and a full-width colon is a colon."""
        pairs = list(node.value)
        taken: list[tuple[Node, Node]] = []
        for key, inner in pairs if node.flow_style else ():
            word = key.value if isinstance(key, ScalarNode) and not key.style else ""
            wide = re.fullmatch(r"([A-Za-z_][\w-]*)：(.+)", word, re.DOTALL)
            before = taken[-1][1] if taken else None
            if wide and _is_empty(inner):
                taken.append(self._wide_colon(key, wide, path))
            elif word and _is_sentence(before) and (" " in word or (_is_empty(inner) and not self._has_colon(key))):
                taken[-1] = (taken[-1][0], self._continued(taken[-1], key, inner, path))
            else:
                taken.append((key, inner))
        yield from taken if node.flow_style else pairs

    def _has_colon(self, key: Node) -> bool:
        """Whether a colon stands behind a key, so that it is one, be its value empty or not."""
        return self.text[key.end_mark.index : key.end_mark.index + 9].lstrip(" ").startswith(":")

    def _wide_colon(self, key: ScalarNode, parts: "re.Match[str]", path: Path) -> tuple[Node, Node]:
        found = sentence(_("Full-width punctuation ({marks}) stands where YAML has its own."), marks="：")
        example = f"{parts[1]}: {shortened(parts[2])}"
        self.fault(key, path, found, HALF_WIDTH, example)
        marks = key.start_mark, key.end_mark
        return ScalarNode(_TAG + "str", parts[1], *marks), ScalarNode(_TAG + "str", parts[2], *marks)

    def _continued(self, before: tuple[Node, Node], key: ScalarNode, inner: Node, path: Path) -> Node:
        """The text before a comma with what stands behind it."""
        name, value = before
        rest = str(key.value) if _is_empty(inner) else f"{key.value}: {getattr(inner, 'value', '')}"
        whole = f"{value.value}{rest}" if _DIGITS.fullmatch(f"{value.value},{rest}") else f"{value.value}, {rest}"
        found = sentence(_("A comma ends a text within brackets: {rest!r} is read as a key."), rest=shortened(rest))
        example = f"{name.value}: {quoted(shortened(whole))}"
        self.faults = [one for one in self.faults if one.example != f"{name.value}: {quoted(shortened(value.value))}"]
        self.fault(key, (*path, str(name.value)), found, Sentence(_("the whole text in quotes")), example)
        return ScalarNode(_TAG + "str", whole, value.start_mark, key.end_mark)

    def _scalar(self, node: ScalarNode, path: Path) -> Any:
        word = str(node.value)
        if node.tag == _TAG + "null":
            return None
        if node.tag == _TAG + "bool":
            return word.lower() == "true"
        tagged = node.tag not in _WORDS and not node.style
        if (node.tag == _TAG + "int" or tagged) and _WHOLE.fullmatch(word):
            return int(word)
        if marks := unseen(word):
            found = sentence(_("It holds characters that no screen shows: {characters}."), characters=marks)
            self.fault(node, path, found, Sentence(_("plain text")))
        return word.strip()


def unseen(text: str) -> tuple[str, ...]:
    """The characters of a text that no screen shows, as `U+202E`, each once and in order; all of one of which nothing shows."""
    nothing = not text.isascii() and all(one.isspace() or _blank(one) for one in text)
    return tuple(sorted({f"U+{ord(one):04X}" for one in text if _unseen(one) or (nothing and _blank(one))}))


def _plain(node: Node) -> str:
    """A value as it could stand without its tag."""
    return shortened(str(node.value)) if isinstance(node, ScalarNode) else ""


def _is_empty(node: Node) -> bool:
    """Whether nothing at all was written as a value."""
    return isinstance(node, ScalarNode) and not node.value and not node.style


def _is_sentence(node: Node | None) -> bool:
    """Whether a value is a text without quotes, which a comma would end."""
    return isinstance(node, ScalarNode) and bool(node.value) and not node.style


def _unseen(one: str) -> bool:
    """Control characters, lone surrogates and marks that turn the direction of reading: text must be what it looks like."""
    if one in "\n\t":
        return False
    return unicodedata.category(one) in ("Cc", "Cs") or "\u202a" <= one <= "\u202e" or "\u2066" <= one <= "\u2069"


_FILLERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")


def _blank(one: str) -> bool:
    """Characters that by themselves show nothing: of zero width, fillers, and selectors of how another is drawn."""
    return one in _FILLERS or unicodedata.category(one) in ("Cf", "Cn") or "\ufe00" <= one <= "\ufe0f"


def line_of(lines: Mapping[Path, int], path: Path) -> int:
    """The line of a value, or of the nearest thing around it that has one."""
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 1)


def said(path: Path) -> str:
    """A path as text: `duties/0/title`."""
    return "/".join(map(str, path))
