"""What people do, said in words of which each alone a filing may have: a date beside a telephone number is a log of calls.

The words of fields, aims and purposes are closed lists (`telltales.yaml`); what may not stand together is told here, from the
lists of that file again: where a word is read in none of its languages, two people read it.
"""

import re
from collections.abc import Iterator
from functools import cache

from openroll.rules.language import Text, ranges
from openroll.rules.telltales import Group, folded, made_of, vocabulary

_UNPARTED = "zh"
_WORD = re.compile(r"[^\W\d_]+|\d+")
_SENTENCES = re.compile(r"[,;:.，；：。、]|\b(?:and|or)(?= to\b)")


def logs(name: str, title: Text) -> bool:
    """Whether a field is a log of what somebody does, however plain each of its words is."""
    said = [*_read(title), ("", folded(name.replace("_", " ")))]
    return any(_is_dated(lang, text) or _is_whereabouts(lang, text) for lang, text in said) or any(
        _is_surfing(lang, text) or _is_mail(lang, text) for lang, text in _read(title)
    )


def watches(text: Text) -> bool:
    """Whether a purpose or an aim is to know what people do or to tell of them, and not to reach them."""
    return any(
        _has_as_object(lang, one) or _keeps_contacts(lang, one) or _denounces(lang, one)
        for lang, said in _read(text)
        for one in _SENTENCES.split(said)
    )


def is_staff_paper(name: str, title: Text) -> bool:
    """Whether a field that organisations tell is a paper, or the number of one, of somebody who works there.

    A paper or its number is the organisation's where it says so; a number is somebody's who works there where that is said and
    no telephone, and where the title says both it is theirs.
    """
    said = [*_read(title), ("", folded(name.replace("_", " ")))]
    return any(_is_paper(lang, text) for lang, text in said)


def names_staff(name: str, title: Text) -> bool:
    """Whether a field is of somebody who works there, whatever it asks of them: a contact person, the manager's mobile."""
    said = [*_read(title), ("", folded(name.replace("_", " ")))]
    return any(_holds("staff", lang, text) for lang, text in said)


def is_for_staff(aim: Text) -> bool:
    """Whether an aim is to reach somebody who works there: "to contact" alone is what is done, and nobody."""
    return any(
        _holds("staff", lang, text if lang == _UNPARTED else re.sub(rf"\b(?:{_any('reached', lang)})\b", " ", text))
        for lang, text in _read(aim)
    )


def _is_paper(lang: str, text: str) -> bool:
    """A paper or number that is a member's of staff, or nobody's that is named."""
    of_staff = _holds("staff", lang, text)
    if _holds("paper", lang, text):
        return of_staff or not _holds("ours", lang, text)
    return of_staff and _holds("numbered", lang, text) and not _holds("called", lang, text)


def _read(text: Text) -> Iterator[tuple[str, str]]:
    """What a text says in each language that has a list of words for fields or purposes."""
    for tag, value in text.items():
        lang = next((part for part in ranges(tag) if vocabulary("asked", part)), None)
        if lang is not None:
            yield lang, folded(value)


def _is_dated(lang: str, text: str) -> bool:
    """A date of anything but a birth, an installation, a paper or an entry in a register."""
    return _holds("date", lang, text) and not made_of(text, _words("date", lang) | _words("dated", lang))


def _is_whereabouts(lang: str, text: str) -> bool:
    """A place of what somebody carries about, and not of what was installed there."""
    where, carried, links = (_any(group, lang) for group in ("where", "carried", "links"))
    if lang == _UNPARTED:
        return re.search(rf"(?:{carried})的?(?:{where})", text) is not None
    between = rf"(?:\W+(?:{links}|mobile))*\W+"
    of_it = rf"\b(?<!ip )(?<!mac )(?:{where})\b{between}(?:{carried})\b"
    its = rf"\b(?:{carried})\W+(?:{where})\b"
    return any(re.search(one, text) for one in (of_it, its)) and not _holds("installed", lang, text)


def _is_surfing(lang: str, text: str) -> bool:
    """A site that somebody connects to, and not one that they keep."""
    return _holds("linking", lang, text) and _holds("pages", lang, text)


def _is_mail(lang: str, text: str) -> bool:
    """Letters and calls themselves, and not the address or the number at which they are received."""
    if lang == _UNPARTED:
        rest = text
        for phrase in sorted(_words("beside", lang), key=len, reverse=True):
            rest = rest.replace(phrase, " ")
        return _holds("letters", lang, rest)
    words = set(_WORD.findall(text))
    for one in _words("beside", lang):
        word, *beside = one.split(" ")
        if word in words and words.isdisjoint(beside):
            return True
    letters = _any("letters", lang)
    return re.search(rf"\b(?:{letters})\b", text) is not None and (
        re.search(rf"\w for (?:(?:the|and|or|{letters})\s)*(?:{letters})(?:\s(?:and|or)\s(?:{letters}))*$", text)
        is None
    )


def _has_as_object(lang: str, text: str) -> bool:
    """Reaching is what somebody else does, or what is spoken of: "subscribers contact", "a record of contact"."""
    reached, served = _any("reached", lang), _any("served", lang)
    if lang == _UNPARTED:
        return re.search(rf"(?:{served})的?(?:{reached})|(?:{reached})的", text) is not None
    of, asking, acted = (_any(group, lang) for group in ("of", "asking", "acted"))
    does = rf"\b(?:{served}|{of})\W+(?:{reached})\b|\b(?:{asking})\b(?!\W+(?:{acted})\b)"
    return re.search(does, text) is not None


def _keeps_contacts(lang: str, text: str) -> bool:
    """What is kept or counted is whom somebody reaches."""
    keeping, reached = _any("keeping", lang), _any("reached", lang)
    if lang == _UNPARTED:
        return re.search(rf"(?:{keeping})(?!机构|单位).*(?:{reached})", text) is not None
    return re.search(rf"\b(?:{keeping})\b.*\b(?:{reached}|{_any('letters', lang)})\b", text) is not None


def _denounces(lang: str, text: str) -> bool:
    """Somebody else is told of them, or helped against them."""
    served, of, against, telling = (_any(group, lang) for group in ("served", "of", "against", "telling"))
    if lang == _UNPARTED:
        return re.search(rf"(?:{against})(?:{served})", text) is not None
    fill = rf"(?:\W+(?:{_any('links', lang)}))*\W+"
    return re.search(rf"\b(?:{against}){fill}(?:{served})\b", text) is not None or (
        re.search(rf"\b(?:{telling})\b.*\b(?:{of}|{against}){fill}(?:{served})\b", text) is not None
    )


def _words(group: Group, lang: str) -> frozenset[str]:
    return vocabulary(group, lang or None)


def _holds(group: Group, lang: str, text: str) -> bool:
    found = re.search(_any(group, lang) if lang == _UNPARTED else rf"\b(?:{_any(group, lang)})\b", text)
    return found is not None


@cache
def _any(group: Group, lang: str) -> str:
    """The words of a group as an alternative of a pattern; one that never matches where there are none."""
    return "|".join(map(re.escape, sorted(_words(group, lang), key=len, reverse=True))) or r"(?!)"
