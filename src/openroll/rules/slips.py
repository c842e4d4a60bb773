"""What broken YAML was meant to be: the library's error and the text give the slip, in words, and the line as it was meant.

The mended line is never taken for the file: it is read on from, so that every other mistake of the file comes at once. It stays
one line, so that the lines that are told are those of the file.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from ruamel.yaml.error import MarkedYAMLError

from openroll.rules.sentence import Sentence, sentence


def _(text: str) -> str:
    """Mark a text for the catalogue."""
    return text


class Slip(NamedTuple):
    """A slip of the hand: its line (from 0), what was found, what was expected, the line as it was meant.

    The last is None where nothing behind the line belongs to the file.
    """

    line: int
    found: Sentence
    expected: Sentence
    mended: str | None

    @property
    def example(self) -> str:
        """The line as it was meant, short enough to stand in a sentence; nothing where the line should not be there at all."""
        return "" if self.mended is None or self.mended.startswith("# ") else shortened(self.mended.strip())


class Where(NamedTuple):
    """Where the library stopped: the lines of the text, the line and column, where what it was in began, and its own word."""

    lines: Sequence[str]
    line: int
    column: int
    began: int
    began_column: int
    problem: str
    context: str

    @property
    def text(self) -> str:
        """The line on which it stopped."""
        return self.lines[self.line] if self.line < len(self.lines) else ""


MOST_SHOWN = 120
MOST_LOOKED_AT = 4_000
"""Characters of a line that is looked at for slips: looking may take their square."""
HALF_WIDTH = sentence(_("half-width {marks} outside of texts"), marks=", : { } [ ]")
"""What is expected in place of full-width punctuation."""

_KEY = r"(\s*(?:- +)*[\"']?[A-Za-z_][\w-]*[\"']?)"
_BLOCK_KEY = re.compile(rf"^{_KEY}:(?: +|$)")
_WIDE_KEY = re.compile(rf"^{_KEY}\s*：\s*")
_NO_SPACE = re.compile(rf"^{_KEY}:(\S.*)$")
_WIDE_BETWEEN = re.compile(r"\s*[，、；](?=\s*[A-Za-z_][\w-]*\s*[:：])")
_WIDE_COLON = re.compile(r"([{,，]\s*[A-Za-z_][\w-]*)\s*：\s*")
_WIDE_MARKS = str.maketrans("｛｝［］", "{}[]")
_CONFLICT = re.compile(r"^(<{7}|={7}|>{7})")
_CLOSING = {"{": "}", "[": "]"}
_NEXT = re.compile(r"\s*(?:[}\]]|,\s*[A-Za-z_][\w-]*\s*:(?:\s|$))")


def shortened(text: str) -> str:
    """A text that is short enough to stand in a sentence; a cut shows."""
    return text if len(text) <= MOST_SHOWN else text[:MOST_SHOWN] + "…"


def quoted(text: str) -> str:
    """A text as it stands in quotes in a YAML file."""
    if "'" in text:
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return f"'{text}'"


def slip_of(lines: Sequence[str], error: MarkedYAMLError, long_quotes: Iterable[tuple[int, int, int]]) -> Slip | None:
    """The slip behind an error of the library; None where nobody can tell.

    `long_quotes` are the texts in quotes that run over lines: line and column where each opens, and the line where it ends.
    """
    mark, context = error.problem_mark or error.context_mark, error.context_mark
    if mark is None:
        return None
    where = Where(
        lines,
        mark.line,
        mark.column,
        context.line if context else mark.line,
        context.column if context else mark.column,
        str(error.problem),
        str(error.context or ""),
    )
    if any(len(lines[line]) > MOST_LOOKED_AT for line in {where.line, where.began} if line < len(lines)):
        return None
    for line, column, end in long_quotes:
        if end == where.line and any(_BLOCK_KEY.match(one) for one in lines[line + 1 : end + 1]):
            return _unclosed_quote(lines, line, column)
    if "quoted scalar" in where.context and "end of stream" in where.problem:
        return _unclosed_quote(lines, where.began, where.began_column)
    return next((slip for look in _LOOKS if (slip := look(where)) is not None), None)


def flow_depth(text: str) -> list[str]:
    """The brackets that are open at the end of a piece of a line, outside of quotes."""
    opened: list[str] = []
    quote = ""
    for place, one in enumerate(text):
        if quote:
            quote = "" if one == quote else quote
        elif one in "'\"" and (not place or text[place - 1] in " [{,:"):
            quote = one
        elif one in _CLOSING:
            opened.append(one)
        elif one in _CLOSING.values() and opened:
            opened.pop()
    return opened


def _slip(where: Where, line: int, found: Sentence, expected: Sentence, mended: str) -> Slip | None:
    return Slip(line, found, expected, mended) if mended != where.lines[line] else None


def _unclosed_quote(lines: Sequence[str], line: int, column: int) -> Slip:
    text = lines[line]
    quote, rest = text[column], text[column + 1 :].rstrip()
    tail = re.search(r"[}\]\s,]*$", rest) if flow_depth(text[:column]) else None
    following = _NEXT.search(rest) if tail else None
    at = following.start() if following else tail.start() if tail else len(rest)
    mended = text[: column + 1] + rest[:at] + quote + rest[at:]
    found = sentence(_("A quote ({quote}) opens here and is not closed on its line."), quote=quote)
    return Slip(line, found, sentence(_("the closing quote ({quote}) behind the text"), quote=quote), mended)


def _wide_punctuation(where: Where) -> Slip | None:
    """Full-width marks where YAML's own belong, on the line where reading stopped or where it began."""
    for line in dict.fromkeys((where.line, where.began)):
        if line >= len(where.lines):
            continue
        text = where.lines[line]
        mended = _WIDE_KEY.sub(r"\1: ", text.translate(_WIDE_MARKS))
        mended = _WIDE_COLON.sub(r"\1: ", _WIDE_BETWEEN.sub(", ", mended))
        marks = tuple(sorted({old for old in "，、；：｛｝［］" if text.count(old) > mended.count(old)}))
        if marks:
            found = sentence(_("Full-width punctuation ({marks}) stands where YAML has its own."), marks=marks)
            return _slip(where, line, found, HALF_WIDTH, mended)
    return None


def _odd_space(where: Where) -> Slip | None:
    """Spaces of another width (no-break, ideographic): they look like nothing and are letters to YAML."""
    for line in dict.fromkeys((where.line, where.began)):
        text = where.lines[line] if line < len(where.lines) else ""
        odd = tuple(sorted({f"U+{ord(one):04X}" for one in text if one != " " and unicodedata.category(one) == "Zs"}))
        if odd:
            mended = "".join(" " if unicodedata.category(one) == "Zs" else one for one in text)
            found = sentence(_("There are spaces here that YAML takes for letters: {characters}."), characters=odd)
            return _slip(where, line, found, Sentence(_("plain spaces")), mended)
    return None


def _tab(where: Where) -> Slip | None:
    if "'\\t'" not in where.problem:
        return None
    before = next((one for one in reversed(where.lines[: where.line]) if one.strip()), "")
    width = len(before) - len(before.lstrip()) + (2 if before.rstrip().endswith(":") else 0)
    found = Sentence(_("The line begins with a tab."))
    return _slip(where, where.line, found, Sentence(_("spaces, never tabs")), " " * width + where.text.strip())


def _conflict(where: Where) -> Slip | None:
    """The marks that a merge leaves: git's, and those of its like."""
    for line in (where.began, where.line):
        text = where.lines[line] if line < len(where.lines) else ""
        if _CONFLICT.match(text):
            found = Sentence(_("Two versions of the file were left unmerged here."))
            return Slip(line, found, Sentence(_("one of the two, without the marks")), "# " + text)
    return None


def _colon(where: Where) -> Slip | None:
    """A line that never came to its colon: one without a space behind it, or a stray line."""
    if where.problem != "could not find expected ':'":
        return None
    text = where.lines[where.began]
    close = _NO_SPACE.match(text)
    if close:
        found = Sentence(_("There is no space behind the colon."))
        return _slip(where, where.began, found, Sentence(_("key: value, with a space")), f"{close[1]}: {close[2]}")
    found = sentence(_("This line has no colon: {words!r}."), words=shortened(text.strip()))
    expected = Sentence(_("a key, a colon, a space and a value; or the end of the text above, in quotes"))
    return Slip(where.began, found, expected, "# " + text)


def _indented(where: Where) -> Slip | None:
    """A line that stands further in, or further out, than its neighbours."""
    block_end = where.problem.startswith("expected <block end>, but found '<block") or "found '-'" in where.problem
    if not block_end and where.problem != "mapping values are not allowed here":
        return None
    key = _BLOCK_KEY.match(where.text)
    before = next((one for one in reversed(where.lines[: where.line]) if one.strip()), "")
    width, wide = (len(one) - len(one.lstrip()) for one in (before, where.text))
    if not block_end and (key is None or where.column != key.end(1) or wide <= width):
        return None
    found = Sentence(_("The line stands further in or out than the ones that it belongs to."))
    mended = " " * width + where.text.strip()
    return _slip(where, where.line, found, Sentence(_("as many spaces before it as before its neighbours")), mended)


def _colon_in_text(where: Where) -> Slip | None:
    """A colon and a space within a text, which YAML takes for a key's."""
    in_flow = where.problem.startswith("expected ',' or") and "got ':'" in where.problem
    if where.problem != "mapping values are not allowed here" and not (in_flow and where.line == where.began):
        return None
    before = where.text[: where.column]
    start = max(
        before.rfind(mark) + len(mark) for mark in (": ", "{", "[", ", ", "- ") if mark in before or mark == ": "
    )
    return _in_quotes(where, start, _("A colon within a text ends it: {words!r}."))


def _after_quote(where: Where) -> Slip | None:
    """Words behind a text in quotes, or behind a list: an apostrophe that closed the quote, or a text only begun with one."""
    if "'<scalar>'" not in where.problem or not 0 < where.column <= len(where.text):
        return None
    before = where.text[: where.column].rstrip()
    if not before or before[-1] not in "'\"]}":
        return None
    inner = before[:-1]
    marks = (": ", "- ") if before[-1] in "]}" else (": ", "{", "[", ", ", "- ")
    start = max(inner.rfind(mark) + len(mark) for mark in marks)
    end = where.text.rindex("'") if "'" in where.text else 0
    if before[-1] == "'" and where.text[start : start + 1] == "'" and end > where.column:
        whole = where.text[start + 1 : end]
        mended = where.text[:start] + quoted(whole.replace("''", "'")) + where.text[end + 1 :]
        found = Sentence(_("An apostrophe within single quotes closes them."))
        return _slip(where, where.line, found, Sentence(_("double quotes around a text with an apostrophe")), mended)
    return _in_quotes(where, start, _("More text stands behind a closed quote or bracket: {words!r}."))


def _bracket(where: Where) -> Slip | None:
    """A bracket that is not closed on its line, where the next line goes on with a key."""
    if not where.context.startswith("while parsing a flow") or where.line <= where.began:
        return None
    text = where.lines[where.began].rstrip()
    closing = "".join(_CLOSING[one] for one in reversed(flow_depth(text)))
    if not closing:
        return None
    found = sentence(_("A bracket opens here and is not closed: {closing} is missing."), closing=closing)
    return Slip(where.began, found, Sentence(_("as many closing brackets as opening ones")), text + closing)


_SIGNS = (
    "that cannot start any token",
    "found undefined alias",
    "expected alphabetic or numeric character",
    "expected the node content",
    "expected a comment or a line break",
    "expected chomping or indentation",
)


def _sign(where: Where) -> Slip | None:
    """A text that begins with a sign which means something to YAML: @ ` % * & | > ! -."""
    if not any(one in where.problem for one in _SIGNS):
        return None
    start = where.began_column if "scanning a" in where.context and where.began == where.line else where.column
    text = where.text[start:]
    if not text.strip():
        return None
    return _in_quotes(where, start, _("A text cannot begin with {sign}, which means something else in YAML."))


def _in_quotes(where: Where, start: int, found: str) -> Slip | None:
    """The text that begins at a column, as it would stand in quotes: to the end of the line, or of its place within brackets."""
    text = where.text.rstrip()
    start += len(text[start:]) - len(text[start:].lstrip())
    end = len(text)
    if flow_depth(text[:start]):
        following = _NEXT.search(text, max(start + 1, where.column + 1))
        end = following.start() if following else end
    said = text[start:end].replace("\\", "").replace('"', "") if text[start : start + 1] == '"' else text[start:end]
    said = said.strip()
    mended = text[:start] + quoted(said) + text[end:]
    told = sentence(found, words=shortened(said), sign=text[start : start + 1])
    return _slip(where, where.line, told, Sentence(_("the whole text in quotes")), mended)


def _second_document(where: Where) -> Slip | None:
    if not where.text.startswith("---"):
        return None
    found = Sentence(_("A second document begins here (---)."))
    return Slip(where.line, found, Sentence(_("one document a file")), None)


_LOOKS: tuple[Callable[[Where], Slip | None], ...] = (
    _conflict,
    _wide_punctuation,
    _odd_space,
    _tab,
    _second_document,
    _colon,
    _indented,
    _colon_in_text,
    _after_quote,
    _bracket,
    _sign,
)
"""In this order: what can be seen on the line itself comes before what is concluded from where the library stopped."""
