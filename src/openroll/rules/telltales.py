"""Words that give a clause away: a measure titled "is disconnected" cuts off, whatever kind it calls itself.

The words are data (`telltales.yaml`), by language. They add to what the structure says and never excuse: a clause is judged by
its kind, class and numbers first, and by its words where they say more. Two groups are closed lists instead, which say what is
allowed: `firm` and `site` (what a kind that is no person says of itself), `plain`, `dwelling`, `gear` and `body` (all words
that a kind of people, households, machines, and one that is no person, may have), `carrier`, `asked` and `purpose` (those of
who files people, of a field, of a purpose). The rest are parts of phrases, read by `heads` and `doings`.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Literal, NamedTuple

from openroll.rules.language import ENGLISH, Text, ranges
from openroll.rules.text import read_yaml

Group = Literal[
    "person",
    "people",
    "firm",
    "site",
    "plain",
    "access",
    "connecting",
    "activity",
    "identity",
    "sensitive",
    "door",
    "marked",
    "placed",
    "cutting",
    "anything",
    "hollow",
    "body",
    "carrier",
    "asked",
    "purpose",
    "papers",
    "housing",
    "things",
    "joins",
    "before",
    "links",
    "sells",
    "whoever",
    "date",
    "dated",
    "where",
    "carried",
    "installed",
    "linking",
    "pages",
    "letters",
    "beside",
    "reached",
    "keeping",
    "telling",
    "served",
    "of",
    "against",
    "asking",
    "acted",
    "dwelling",
    "gear",
    "paper",
    "ours",
    "staff",
    "numbered",
    "called",
]
_FILE = "telltales.yaml"
_WORD = re.compile(r"[^\W\d_]+|\d+")


def tells(group: Group, names: Iterable[str] = (), texts: Iterable[Text] = ()) -> bool:
    """Whether a name, or a text in any of its languages, has one of the words of a group."""
    said = [name.replace("_", " ").replace("-", " ") for name in names]
    said += [value for text in texts for value in text.values()]
    return any(_pattern(group, None).search(way) for one in said for way in _ways(folded(one)))


_BETWEEN_SIGNS = re.compile(r"(?<=[\u3400-\u9fff])[\s·・*_-]+(?=[\u3400-\u9fff])")


def _ways(text: str) -> Iterable[str]:
    """A folded text as it stands, and with one blank for whatever parts its words: "cut-off", "断 网"."""
    return text, re.sub(r"[\W_]+", " ", _BETWEEN_SIGNS.sub("", text))


def is_called(group: Group, text: Text) -> bool:
    """Whether a text in any of its languages has a whole word of a group that no place is called by: "Muslims", "健康".

    A word that begins one of them is another ("Christiansand"), and so is one before a place of that name ("Race Course"); of
    Chinese, one that does not end the text.
    """
    return any(_whole(group).search(way) for said in text.values() for way in _ways(folded(said)))


@cache
def _whole(group: Group) -> re.Pattern[str]:
    words = {word.removeprefix("~") for listed_words in _words(group).values() for word in listed_words}
    signs = {word for word in words if _SIGN.search(word)}
    placed, whole = (_either(one) for one in (vocabulary("placed", None), words - signs))
    return re.compile(rf"\b(?:{whole})(?:e?s)?\b(?!\W+(?:{placed})\b)|(?:{_either(signs)})$")


_SIGN = re.compile(r"[\u3400-\u9fff]")


def _either(words: Iterable[str]) -> str:
    """Words as an alternative of a pattern; one that never matches where there are none."""
    return "|".join(map(re.escape, sorted(words, key=len, reverse=True))) or "(?!)"


def says(group: Group, name: str, text: Text) -> bool:
    """Whether a thing says of itself what a group of words means, in each language whose words are known.

    Where none is known the name has to say it. A text in one language cannot hide behind another's words.
    """
    return unsaid(group, name, text) is None


def unsaid(group: Group, name: str, text: Text) -> "Stray | None":
    """Where a thing does not say what a group of words means: its text in the first language that does not, or its name."""
    known = [(tag, lang, value) for tag, value in text.items() if (lang := _known(group, tag))]
    if not known:
        return None if tells(group, (name,)) else Stray(name, "", name)
    silent = ((tag, value) for tag, lang, value in known if not _pattern(group, lang).search(folded(value)))
    return next((Stray(value, tag, value) for tag, value in silent), None)


def only(group: Group, name: str, text: Text, *, strict: bool = True) -> bool:
    """Whether a name and a text, in each of its languages, are made of the words of a group alone.

    A language whose words are not known says nothing that can be read: it is refused where `strict`, else passed over.
    """
    known = {tag: _known(group, tag) for tag in text}
    unread = strict and None in known.values()
    return not unread and all(
        _made_of(group, said, lang)
        for said, lang in [(name.replace("-", " "), None), *((text[tag], lang) for tag, lang in known.items() if lang)]
    )


def unread(group: Group, text: Text) -> bool:
    """Whether a text is in no language whose words of a group are known, so that nothing here can read it."""
    return not any(_known(group, tag) for tag in text)


def illegible(group: Group, text: Text) -> tuple[str, ...]:
    """The languages of a text whose words are known, and which it is said in other letters of: no word of it is recognised.

    Chinese is listed in the signs of GB 2312, the simplified ones; Russian and Arabic are in their own letters, all others in
    Latin ones without marks. A Cyrillic `с` in "cut" is one that is not.
    """
    known = [(tag, lang) for tag in text if (lang := _known(group, tag))]
    return tuple(
        tag for tag, lang in known if not all(_is_read(lang, word) for word in _WORD.findall(folded(text[tag])))
    )


_LETTERS: Mapping[str, str] = {"ru": "CYRILLIC", "ar": "ARABIC"}
_MORE = "œæøłđ"


def _is_read(lang: str, word: str) -> bool:
    """Whether a word is in letters of a language; where these are no Latin ones, no word has both."""
    mixed = lang in _LETTERS and not word.isascii() and any(one.isascii() for one in word)
    return not mixed and all(_is_of(lang, one) for one in word if one.isalpha())


def _is_of(lang: str, letter: str) -> bool:
    """Whether a letter is one in which words of a language are listed; simplified Chinese may be quoted in any."""
    if letter.isascii() or letter in _MORE:
        return True
    if lang in _LETTERS and unicodedata.name(letter, "").startswith(_LETTERS[lang]):
        return True
    try:
        return unicodedata.name(letter, "").startswith("CJK") and bool(letter.encode("gb2312"))
    except UnicodeEncodeError:
        return False


def listed(group: Group, name: str, text: Text) -> bool:
    """Whether a name and a text are made of the words of a closed list, in each language whose words are known, one at least."""
    return not unread(group, text) and only(group, name.replace("_", "-"), text, strict=False)


class Stray(NamedTuple):
    """The first word of a name or a text that stands in no list: the word, and the language it was said in; empty of a name."""

    word: str
    lang: str
    text: str


def stray(group: Group, name: str, text: Text) -> Stray | None:
    """Why a name and a text are not made of a closed list's words: the first that is in none. None where a list is wanting."""
    said: list[tuple[str, str | None, str]] = [(name.replace("_", " ").replace("-", " "), None, "")]
    said += [(text[tag], lang, tag) for tag in text if (lang := _known(group, tag))]
    for value, lang, tag in said:
        listed_words = vocabulary(group, lang)
        if made_of(folded(value), listed_words):
            continue
        left = set(_WORD.findall(_without_phrases(folded(value), listed_words)))
        for word in re.findall(_WORD, unicodedata.normalize("NFC", value)):
            if left.isdisjoint(_WORD.findall(folded(word))):
                continue
            if not all(_is_made(one, listed_words) or _is_short(one) for one in _WORD.findall(folded(word))):
                return Stray(word, tag, value)
    return None


CLOSED: tuple[Group, ...] = (
    "asked",
    "purpose",
    "plain",
    "dwelling",
    "gear",
    "body",
    "carrier",
    "access",
    "connecting",
    "firm",
    "site",
)
"""The lists that say what is allowed, as their names in the file."""


def allowed(group: Group) -> Mapping[str, tuple[str, ...]]:
    """The words of a closed list by language, as the file writes them."""
    return {lang: tuple(words) for lang, words in _all_words()[group].items()}


def folded(text: str) -> str:
    """A text as it is compared: without case, accents, width of letters and marks that no screen shows."""
    plain = unicodedata.normalize("NFKD", text)
    return "".join(one for one in plain if unicodedata.category(one) not in ("Cf", "Mn")).casefold()


def _known(group: Group, tag: str) -> str | None:
    return next((part for part in ranges(tag) if part in _words(group)), None)


def _made_of(group: Group, text: str, lang: str | None) -> bool:
    return made_of(folded(text), vocabulary(group, lang))


def made_of(text: str, listed_words: frozenset[str]) -> bool:
    """Whether a folded text is made of some words alone, and of short numbers; several words of a list stand only together."""
    rest = _without_phrases(text, listed_words)
    return all(_is_made(word, listed_words) or _is_short(word) for word in _WORD.findall(rest))


def _without_phrases(text: str, listed_words: frozenset[str]) -> str:
    for phrase in sorted((one for one in listed_words if " " in one), key=len, reverse=True):
        text = re.sub(rf"\b{re.escape(phrase)}\b", " ", text)
    return text


MOST_DIGITS = 2
"""Digits of a number in the words of a kind: "under 18"."""


def _is_short(word: str) -> bool:
    return word.isdigit() and len(word) <= MOST_DIGITS


def _is_made(word: str, vocabulary: frozenset[str]) -> bool:
    """Whether a word is one of a list, or (in a script without blanks) several of them in a row."""
    if word in vocabulary:
        return True
    if word.isascii():
        return False
    reached = {0}
    for end in range(1, len(word) + 1):
        if any(word[begin:end] in vocabulary for begin in reached):
            reached.add(end)
    return len(word) in reached


@cache
def _words(group: Group) -> Mapping[str, tuple[str, ...]]:
    """The words of a group by language."""
    return {lang: tuple(dict.fromkeys(folded(word) for word in words)) for lang, words in _all_words()[group].items()}


@cache
def _all_words() -> Mapping[str, Mapping[str, list[str]]]:
    words, _ = read_yaml((files("openroll.rules") / _FILE).read_text(encoding="utf-8"), _FILE)
    read: Mapping[str, Mapping[str, list[str]]] = words
    return read


@cache
def vocabulary(group: Group, lang: str | None) -> frozenset[str]:
    """The words of a group in one language, folded, none where it has no list; in all languages where none is named."""
    by_language = _words(group)
    chosen = by_language.values() if lang is None else (by_language.get(lang, ()),)
    return frozenset(word for words in chosen for word in words)


def begins_with(group: Group, lang: str | None, text: str) -> bool:
    """Whether a folded text begins with a word of a group, in one language (and English) or in any."""
    return _pattern(group, lang).match(text) is not None


@cache
def _pattern(group: Group, lang: str | None) -> re.Pattern[str]:
    """The words of a group in one language (and English), or in all of them, as a pattern."""
    by_language = _words(group)
    chosen = by_language if lang is None else {lang, ENGLISH} & set(by_language)
    letters = [word for one in chosen for word in by_language[one]]
    return re.compile(
        "|".join((r"\b" if word[0].isalnum() and word[0].isascii() else "") + _plain(word) for word in letters)
    )


def _plain(word: str) -> str:
    return re.escape(word.removeprefix("~"))
