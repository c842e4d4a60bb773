"""Template filters that wrap text in HTML: the language of a passage, code, the heads of a table's cells.

A screen reader speaks a passage in the language it is marked with, and a browser picks its glyphs by it (WCAG 3.1.2): names,
reasons and rules come in whatever language somebody wrote them.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from markupsafe import Markup, escape

from openroll.rules.language import ENGLISH
from openroll.words.catalogue import gettext, html_lang

_HAN = r"\u3400-\u9fff\uf900-\ufaff"
_CHINESE = re.compile(rf"[\u3007{_HAN}](?:[\u3000-\u303f{_HAN}\uff00-\uffef\s\d]*[\u3000-\u9fff\uff00-\uffef])?")
_ENGLISH = re.compile(r"[A-Za-z][\w.,;:'’&/-]*(?:[ (]+[\w.,;:'’&/()-]+)+", re.ASCII)
_WRITTEN_IN_HAN = frozenset({"zh", "ja", "yue"})
_CODE = re.compile(r"`([^`]+)`")
_CELL = re.compile(r"<(tr|td|th)(?=[ >])(?![^>]*colspan)")
_ROLES = {"td": "cell", "th": "rowheader"}


def spoken(page: str, text: Any, lang: str = "") -> Any:
    """Text with its passages in another language marked as such; `lang` when it stands in a place of another language.

    Where a language is not written in Han characters, any are Chinese; where it is, two Latin words or more in a row are
    English. What is markup already stays as it is.
    """
    if not isinstance(text, str) or isinstance(text, Markup):
        return text
    own = (lang or page).partition("-")[0]
    other, pattern = (ENGLISH, _ENGLISH) if own in _WRITTEN_IN_HAN else (html_lang("zh"), _CHINESE)
    return Markup("").join(_marked(text, pattern, other))


def _marked(text: str, pattern: re.Pattern[str], other: str) -> Iterator[Markup]:
    last = 0
    for found in pattern.finditer(text):
        yield escape(text[last : found.start()])
        yield Markup('<span lang="{}">{}</span>').format(other, found[0])
        last = found.end()
    yield escape(text[last:])


def coded(text: str) -> Markup:
    """Text whose words between backticks are code; a command is of no language, and is read as English."""

    def code(found: re.Match[str]) -> str:
        return f'<code lang="en">{found[1]}</code>' if found[1].isascii() else f"<code>{found[1]}</code>"

    return Markup(_CODE.sub(code, str(escape(text))))  # noqa: S704 - escaped before


def with_options(select: Markup, options: Sequence[Mapping[str, str]], chosen: str) -> Markup:
    """A select with its options (`value`, `text`), the one chosen marked.

    As the macro of GOV.UK writes them; but that calls another for each, and there are eighty districts.
    """
    written = [
        f'        <option value="{escape(one["value"])}"{" selected" if chosen and one["value"] == chosen else ""}>'
        f"{escape(one['text'])}</option>\n"
        for one in options
    ]
    before, end, after = str(select).rpartition("  </select>")
    return Markup(before + "".join(written) + end + after)  # noqa: S704 - escaped above


def labelled(rows: Markup, heads: Sequence[str | Mapping[str, str]]) -> Markup:
    """A table's rows whose cells carry their column's head: on a phone a row is shown as a list, each head beside its cell.

    Roles are written out, because browsers drop those of a table that is not displayed as one.
    """
    names = [str(head["n"]) if isinstance(head, Mapping) else str(head) for head in heads]
    column = 0

    def cell(found: re.Match[str]) -> str:
        nonlocal column
        if found[1] == "tr":
            column = 0
            return '<tr role="row"'
        name = names[column] if column < len(names) else ""
        column += 1
        return f'<{found[1]} role="{_ROLES[found[1]]}" data-head="{escape(name)}"'

    return Markup(_CELL.sub(cell, str(rows)))  # noqa: S704 - markup before, and attributes that are escaped


def sentence(lang: str, text: str) -> str:
    """What somebody wrote, closed with a stop, so that another sentence may follow it."""
    text = text.rstrip()
    return text if text.endswith((*".!?。！？…", "”", "」")) else text + gettext(lang, ".")
