"""What differs between two rules, as people read it: the things of a rule by their titles, closed lists by their words."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import takewhile
from typing import Any

import msgspec

from openroll.places import Bundle, every_kind
from openroll.rules import Rule, given, plain
from openroll.rules.closed import period
from openroll.rules.diff import Difference, differences
from openroll.rules.language import in_language, is_text
from openroll.rules.procedure import procedure
from openroll.rules.procedure_model import TIME_PARTS
from openroll.web.rule_words import CLOSED, NAMES, OF_KEY, PARTS, SAFEGUARDS
from openroll.words.catalogue import exact, gettext, money, name_in, said
from openroll.words.citations import cited
from openroll.words.labels import KINDS, words
from openroll.words.procedures import lasting

MOST_SAID = 400
"""Characters of a changed value that are shown."""
SAID_BEFORE = 40
"""Characters of what two long values have in common that stand before where they part."""
OF_KINDS = frozenset({"about", "against", "bearers", "covers", "exempt", "of", "required_of"})
"""Keys whose values are kinds, which a jurisdiction may call otherwise than everybody does."""
KEPT_BOOKS = {"source", "sources", "id", "overlays", "version"}
"""Where values were read and what files are called: no part of what a rule asks."""
UNTOLD = {"title", "to", "note", "claim"}
"""Keys of a clause that its own paragraph says already."""


def changes(old: Rule, new: Rule, lang: str) -> list[dict[str, str]]:
    """What differs between two rules, a line each: where, by which article, what it was and what it is."""
    return in_words(differences(plain(old), plain(new)), old, new, lang)


def in_words(found: Iterable[Difference], old: Rule, new: Rule, lang: str) -> list[dict[str, str]]:
    """Some differences between two rules, a line each, but for those of its books."""
    titles = _titles(plain(old), lang) | _titles(plain(new), lang)
    return list(lines((one for one in found if not KEPT_BOOKS & set(one.path)), titles, lang))


class Words(str):
    """Words that are said as they stand: what somebody wrote, which a closed list may have for a key of its own."""

    __slots__ = ()


def lines(found: Iterable[Difference], titles: Mapping[str, str], lang: str) -> Iterator[dict[str, str]]:
    """Differences in words, each with where, by which article, what it was and what it is; a text for each of its languages."""
    for difference in found:
        for one in _by_language(difference, lang):
            key = next((part for part in reversed(one.path) if not isinstance(part, Words)), "")
            old, new = (_said(_worded(value, lang), titles, lang, key) for value in (one.old, one.new))
            if old == new:
                old, new = (msgspec.json.encode(value).decode() for value in (one.old, one.new))
            old, new = cut(old, new)
            path = " › ".join(_place(part, place, one.path, titles, lang) for place, part in enumerate(one.path))
            yield {"path": path, "article": cited(lang, one.article), "old": old, "new": new}


def in_every(text: Mapping[str, str], lang: str) -> str:
    """A text in the reader's language, and behind it in each other that it has, with the name of that language."""
    first = in_language(text, lang)
    tag = next((one for one in (lang, *sorted(text)) if text.get(one) == first), "")
    more = (f"{name_in(lang, one)}{gettext(lang, ': ')}{words}" for one, words in text.items() if one != tag and words)
    return gettext(lang, "; ").join((first, *more))


def cut(old: str, new: str) -> tuple[str, str]:
    """Two values as long as they are shown: from their beginning, or where that is the same from where they part."""
    same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(old, new, strict=False)))
    begins = same - SAID_BEFORE if same > MOST_SAID - SAID_BEFORE else 0
    first, last = (_part(one, begins) for one in (old, new))
    return first, last


def _part(said: str, begins: int) -> str:
    shown = said[begins : begins + MOST_SAID]
    return f"{'… ' if begins and shown else ''}{shown}{' …' if len(said) > begins + MOST_SAID else ''}"


def _by_language(one: Difference, lang: str) -> Iterator[Difference]:
    """A difference between texts by language as one for each language that differs, others as they are."""
    old, new = one.old, one.new
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new) and all(map(is_text, [*old, *new])):
        for place, (before, after) in enumerate(zip(old, new, strict=True), 1):
            if before != after:
                yield from _by_language(one._replace(path=(*one.path, Words(place)), old=before, new=after), lang)
        return
    if not (is_text(old) and is_text(new)):
        yield one
        return
    tags = [tag for tag in dict.fromkeys((*old, *new)) if old.get(tag) != new.get(tag)]
    was, now = in_language(old, lang), in_language(new, lang)
    if len(tags) == 1 and was != now:
        yield one._replace(old=Words(was), new=Words(now))
        return
    for tag in tags:
        before, after = (Words(text[tag]) if tag in text else None for text in (old, new))
        yield one._replace(path=(*one.path, Words(name_in(lang, tag))), old=before, new=after)


def _worded(value: Any, lang: str) -> Any:
    """A value with each text in it in every language."""
    if is_text(value):
        return Words(in_every(value, lang))
    if isinstance(value, Mapping):
        return {key: _worded(one, lang) for key, one in value.items()}
    return [_worded(one, lang) for one in value] if isinstance(value, list | tuple) else value


def _titles(rule: Mapping[str, Any], lang: str) -> dict[str, str]:
    """The duties, fields, measures, kinds and units of a rule by their names."""
    things = [thing for part in ("duties", "fields", "measures", "kinds", "units") for thing in rule.get(part, ())]
    titles = {str(thing.get("id") or thing.get("name")): in_language(thing["title"], lang) for thing in things}
    return _procedure_titles(rule, lang) | titles


def _procedure_titles(rule: Mapping[str, Any], lang: str) -> dict[str, str]:
    """The procedure that a rule names, and its steps, by their names."""
    if "requests" not in rule:
        return {}
    named = procedure(rule["requests"]["procedure"])
    steps = {step.id: in_language(step.title, lang) for step in named.steps}
    return {named.id: in_language(named.title, lang)} | steps


def _place(part: str, place: int, path: tuple[str, ...], titles: Mapping[str, str], lang: str) -> str:
    if isinstance(part, Words):
        return part
    if place == 1 and path[0] == "safeguards":
        return words(lang, SAFEGUARDS, part)
    if part in titles and (place == 1 or (place == 2 and path[0] == "requests")):
        return titles[part]
    return words(lang, PARTS, part)


def _said(value: Any, titles: Mapping[str, str], lang: str, key: str = "") -> str:
    if isinstance(value, Words):
        return str(value)
    if isinstance(value, bool):
        return gettext(lang, "yes") if value else gettext(lang, "no")
    if isinstance(value, list | tuple):
        return gettext(lang, "; ").join(_said(one, titles, lang, key) for one in value)
    if isinstance(value, Mapping):
        return _thing(value, titles, lang)
    if isinstance(value, str):
        # A measure may be called what another key takes as a word: `fine`, `report`.
        named = titles.get(value) if key in NAMES | OF_KINDS or value not in CLOSED else None
        closed = OF_KEY.get((key, value)) or CLOSED.get(value) or ""
        lasts = period(value)
        if lasts is None and TIME_PARTS.fullmatch(value):
            return lasting(lang, value)
        return named or (said(lang, lasts) if lasts is not None else gettext(lang, closed) if closed else value)
    if isinstance(value, int | float) and key not in ("year", "years", "version"):
        return exact(lang, value)
    return "" if value is None else str(value)


def _thing(value: Mapping[str, Any], titles: Mapping[str, str], lang: str) -> str:
    if is_text(value):
        return in_language(value, lang)
    if set(value) == {"amount", "currency"}:
        return money(lang, value["amount"], value["currency"])
    parts = [
        f"{words(lang, PARTS, name)}{gettext(lang, ': ')}{_said(one, titles, lang, name)}"
        for name, one in value.items()
        if one not in (None, False, "", [], ()) and name not in KEPT_BOOKS | {"title", "article", "name"}
    ]
    named = value.get("title")
    title = [in_language(named, lang) if isinstance(named, Mapping) else named] if named else []
    return gettext(lang, "; ").join([*title, *parts])


def terms(clause: Any, rule: Rule, lang: str, place: Bundle | None = None) -> str:
    """What a clause of a rule says beside its title and article, in a line: who, about whom, by when, how much.

    `place` is the jurisdiction that it is read in, whose names of kinds come first.
    """
    told = {key: one for key, one in msgspec.json.decode(msgspec.json.encode(clause)).items() if key not in UNTOLD}
    if told.get("applies") == "all":
        del told["applies"]
    there = () if place is None else place.jurisdiction.kinds
    return _thing(told, _titles(plain(rule), lang) | {one.id: in_language(one.title, lang) for one in there}, lang)


def said_kinds(kinds: Sequence[str], rule: Rule, lang: str, place: Bundle | None = None) -> str:
    """Kinds in words: by the names of the jurisdiction, if any, else by those that the rule declares, else by everybody's."""
    declared = given(rule.kinds, ()) if place is None else every_kind(rule, place)
    own = {one.id: in_language(one.title, lang) for one in declared}
    return gettext(lang, ", ").join(own.get(kind) or words(lang, KINDS, kind) for kind in kinds)
