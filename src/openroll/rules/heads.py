"""What a kind is, by the head of its title: "a prepaid card that a shop sells" is a card, whatever else stands beside it.

Where a word stands says what it does. The head is the last word of its phrase in some languages (a card shop) and the first in
others (tienda de tarjetas); what follows a preposition, a relative or a verb belongs to the head and is not it. Each part that
"or" or a comma joins has a head of its own. No language is parsed: a title whose head cannot be told so is people.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import takewhile

from openroll.rules.language import Text, ranges
from openroll.rules.telltales import Group, begins_with, folded, vocabulary

_LAST = frozenset({"en", "de"})
"""Languages whose phrases end with their head; in all others they begin with it, or (Chinese) have no blanks."""
_UNPARTED = "zh"
_PIECES = re.compile(r"[^\w\s'’-]+|\s-\s|[\r\n]+")
_WORD = re.compile(r"[^\W\d_]+|\d+")


def is_headed(group: Group, name: str, text: Text) -> bool:
    """Whether the head of each part of a text, in each language that has words of a group, is one of them.

    Of its name too, if it names what people use: cards, lines, machines.
    """
    known = [(lang, value) for tag, value in text.items() if (lang := _known(group, tag))]
    return _name_is(group, name) and all(_text_is(group, lang, value) for lang, value in known)


def _known(group: Group, tag: str) -> str | None:
    return next((part for part in ranges(tag) if vocabulary(group, part)), None)


def _name_is(group: Group, name: str) -> bool:
    words = _WORD.findall(folded(name))
    core = _core(words, None)
    return vocabulary("things", None).isdisjoint(words) or (bool(core) and _is(group, None, core[-1]))


def _text_is(group: Group, lang: str, text: str) -> bool:
    if lang == _UNPARTED:
        return _ends_well(group, text)
    heads = [part for piece in _PIECES.split(folded(text)) for part in _headed(_WORD.findall(piece), lang)]
    return bool(heads) and all(_head_is(group, lang, part) for part in heads)


def _headed(words: Sequence[str], lang: str) -> Iterator[Sequence[str]]:
    """The parts of a phrase that have a head: not "public" of "public or private schools", nor what a preposition governs."""
    behind = False
    parts = [part for part in _joined(words, lang) if part]
    for part in parts:
        bare, core = _bare(part, lang), _core(part, lang)
        # "other" at the end of "an agency or other" is whoever it may be.
        if (bare or part is parts[-1]) and not (behind and not _names_a_thing(part, core, lang)):
            yield part
        behind = behind or len(core) < len(bare)


def _joined(words: Sequence[str], lang: str) -> Iterator[Sequence[str]]:
    """The parts of a phrase that words such as "or" join, each without it."""
    part: list[str] = []
    for word in words:
        if word in vocabulary("joins", lang):
            yield part
            part = []
        else:
            part.append(word)
    yield part


def _names_a_thing(part: Sequence[str], core: Sequence[str], lang: str) -> bool:
    """Whether a part behind a preposition may all the same be a kind of its own: it has an article, or is of a thing."""
    head = core[-1:] if lang in _LAST else core[:1]
    return part[0] in vocabulary("links", lang) or not vocabulary("things", lang).isdisjoint(head)


def _bare(words: Sequence[str], lang: str | None) -> Sequence[str]:
    """Words without the articles and adjectives that they begin with."""
    before = vocabulary("before", lang)
    return words[sum(1 for _word in takewhile(before.__contains__, words)) :]


def _core(words: Sequence[str], lang: str | None) -> Sequence[str]:
    """The words of a phrase as far as its head's own: to the first preposition, relative, verb or second article."""
    links = vocabulary("links", lang)
    return list(takewhile(lambda word: word not in links, _bare(words, lang)))


def _head_is(group: Group, lang: str, words: Sequence[str]) -> bool:
    bare, core = _bare(words, lang), _core(words, lang)
    sells = vocabulary("sells", lang)
    if not core:  # "who sells cards": it is what it does
        return len(bare) > 1 and bare[0] in vocabulary("whoever", lang) and bare[1] in sells
    if sells.intersection(bare[len(core) : len(core) + 1]):  # "lines operators sell": whose verb it is cannot be told
        return False
    if lang not in _LAST:
        return _is(group, lang, " ".join(core))
    tail = bare[len(core) :]
    # "a company to company line" has its head at its very end.
    compound = bool(vocabulary("things", lang).intersection(tail[-1:])) and any(_is(group, lang, one) for one in tail)
    return _is(group, lang, core[-1]) and not (compound and sells.isdisjoint(tail))


def _is(group: Group, lang: str | None, text: str) -> bool:
    """Whether a text begins with a word of a group that is no thing: a machine and a sale are nobody."""
    return begins_with(group, lang, text) and text.partition(" ")[0] not in vocabulary("things", lang)


def _ends_well(group: Group, text: str) -> bool:
    """The same of Chinese, where each part ends with its head."""
    joins = "|".join(map(re.escape, sorted(vocabulary("joins", _UNPARTED))))
    parts = [part for part in re.split(rf"{joins}|[^\w]+", folded(text)) if part]
    said = vocabulary(group, _UNPARTED)
    ends = said | {f"{word}{end}" for word in said for end in vocabulary("whoever", _UNPARTED)}
    return bool(parts) and all(part.endswith(tuple(ends - vocabulary("things", _UNPARTED))) for part in parts)
