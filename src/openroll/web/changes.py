"""What differs between two rules, as people read it: the things of a rule by their titles, closed lists by their words."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from openroll.places import Bundle, every_kind
from openroll.rules import Rule, given, plain
from openroll.rules.closed import period
from openroll.rules.diff import BOOKS, Difference, as_read, differences, each_value
from openroll.rules.language import in_language
from openroll.rules.members import Name, is_text, item_of, members
from openroll.rules.procedure import procedure
from openroll.rules.procedure_model import TIME_PARTS
from openroll.web.rule_words import CLOSED, NAMES, OF_KEY, OF_SOURCES, PARTS, SAFEGUARDS
from openroll.words.catalogue import exact, gettext, money, name_in, said
from openroll.words.citations import cited
from openroll.words.labels import KINDS, words
from openroll.words.procedures import lasting

ORDER = (
    "duties",
    "measures",
    "safeguards",
    "covers",
    "kinds",
    "fields",
    "minimum",
    "requests",
    "retention",
    "units",
    "succession",
    "in_force",
    "ended",
    "status",
    "standing",
    "purposes",
    "zone",
    "zones",
    "languages",
    "title",
    "summary",
    "evidence",
    "notes",
    "id",
    "overlays",
    "sources",
)
"""The parts of a rule as its changes are told, the gravest first: what is asked and what follows before words and books."""
LONGEST_TITLE = 80
"""Characters of a title by which a line says where a value stands."""
FIRST = ("deadlines", "measures", "bearers", "about", "kind", "fine_from", "fine_to", "fine", "against", "decider")
"""The keys of a clause that are told first where it comes or goes."""
UNTOLD = {"title", "to", "note", "claim"}
"""Keys of a clause that its own paragraph says already."""


Titles = Mapping[tuple[str, str], str]
"""What things are called, each by the part that has it and its name: a duty may have the name of a measure."""


def changes(old: Rule, new: Rule, lang: str) -> list[dict[str, str]]:
    """What differs between two rules, a line each: where, by which article, what it was and what it is."""
    return in_words(differences(plain(old), plain(new)), old, new, lang)


def in_words(found: Iterable[Difference], old: Rule, new: Rule, lang: str) -> list[dict[str, str]]:
    """Some differences between two rules, a line each, but for the version, which goes up with each change."""
    titles = {**_titles(plain(old), lang), **_titles(plain(new), lang)}
    told = (one for one in found if one.path not in BOOKS)
    return list(lines(sorted(told, key=_gravity), titles, lang))


def _gravity(one: Difference) -> int:
    """Where a difference stands among those of a rule: another source of a clause beside the sources."""
    head = "sources" if _key(one) == "source" else one.path[0]
    return ORDER.index(head) if head in ORDER else 0


def _of_clause(one: Difference) -> int:
    """Where a value stands among those of a clause that comes or goes: words after all else, its source last."""
    key = next((part for part in one.path[2:] if not isinstance(part, Name)), "")
    if key == "source":
        return len(FIRST) + 2
    return FIRST.index(key) if key in FIRST else len(FIRST) + (is_text(one.form) or is_text(item_of(one.form)))


def _key(one: Difference) -> str:
    """The key of the form that a difference is under."""
    return next((part for part in reversed(one.path) if not isinstance(part, Words | Name)), "")


class Words(str):
    """Words that are said as they stand: what somebody wrote, which a closed list may have for a key of its own."""

    __slots__ = ()


def lines(
    found: Iterable[Difference], titles: Titles, lang: str, heads: dict[str, str] = PARTS
) -> Iterator[dict[str, str]]:
    """Differences in words, each with where, by which article, what it was and what it is; a text for each of its languages.

    `heads` are the words for the parts of the form.
    """
    for difference in as_read(found):
        whole = len(difference.path) == 2 and None in (difference.old, difference.new)
        values = sorted(each_value(difference), key=_of_clause) if whole else each_value(difference)
        for one in (each for value in values for each in _by_language(value, lang)):
            old, new = (_said(_worded(value, one.form, lang), titles, lang, _key(one)) for value in (one.old, one.new))
            if old == new:
                old, new = (msgspec.json.encode(value).decode() for value in (one.old, one.new))
            path = " › ".join(_place(place, one.path, titles, lang, heads, whole) for place in range(len(one.path)))
            yield {"path": path, "article": cited(lang, one.article), "old": old, "new": new}


def in_every(text: Mapping[str, str], lang: str) -> str:
    """A text in the reader's language, and behind it in each other that it has, with the name of that language."""
    first = in_language(text, lang)
    tag = next((one for one in (lang, *sorted(text)) if text.get(one) == first), "")
    more = (f"{name_in(lang, one)}{gettext(lang, ': ')}{words}" for one, words in text.items() if one != tag and words)
    return gettext(lang, "; ").join((first, *more))


def _by_language(one: Difference, lang: str) -> Iterator[Difference]:
    """A difference between texts by language as one for each language that differs, others as they are."""
    old, new, item = one.old, one.new, item_of(one.form)
    if is_text(item) and isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for place, (before, after) in enumerate(zip(old, new, strict=True), 1):
            if before != after:
                path = (*one.path, Words(place))
                yield from _by_language(one._replace(path=path, old=before, new=after, form=item), lang)
        return
    if not is_text(one.form) or None in (old, new):
        yield one
        return
    tags = [tag for tag in dict.fromkeys((*old, *new)) if old.get(tag) != new.get(tag)]
    was, now = in_language(old, lang), in_language(new, lang)
    if len(tags) == 1 and was != now:
        yield one._replace(old=Words(was), new=Words(now), form=None)
        return
    for tag in tags:
        before, after = (Words(text[tag]) if tag in text else None for text in (old, new))
        yield one._replace(path=(*one.path, Words(name_in(lang, tag))), old=before, new=after, form=None)


def _worded(value: Any, form: Any, lang: str, said: Callable[[Mapping[str, str], str], str] = in_every) -> Any:
    """A value with each text in it as words: in every language, or as `said` says them."""
    if isinstance(value, Words) or value is None or form is None:
        return value
    if is_text(form):
        return Words(said(value, lang))
    if isinstance(value, list):
        inner = item_of(form)
        return [_worded(one, inner, lang, said) for one in value]
    parts = members(value, form)
    if parts is None:
        return value
    there = ((key, inner) for key, (_, inner) in parts.items() if key in value)
    return {key: _worded(value[key], inner, lang, said) for key, inner in there}


def _titles(rule: Mapping[str, Any], lang: str) -> dict[tuple[str, str], str]:
    """The things of a rule by the part that has them and their names; a source has its title in no language."""
    return {
        (part, str(thing.get("id") or thing.get("name"))): _title(thing["title"], lang)
        for part in ("duties", "fields", "measures", "kinds", "units", "sources")
        for thing in rule.get(part, ())
    } | _procedure_titles(rule, lang)


def _title(title: Mapping[str, str] | str, lang: str) -> str:
    return title if isinstance(title, str) else in_language(title, lang)


def _procedure_titles(rule: Mapping[str, Any], lang: str) -> dict[tuple[str, str], str]:
    """The procedure that a rule names, and its steps, by their names."""
    if "requests" not in rule:
        return {}
    named = procedure(rule["requests"]["procedure"])
    steps = {(part, step.id): in_language(step.title, lang) for part in ("times", "urgent") for step in named.steps}
    return {("procedures", named.id): in_language(named.title, lang)} | steps


def _place(place: int, path: tuple[str, ...], titles: Titles, lang: str, heads: dict[str, str], whole: bool) -> str:
    """A part of a path in words. A thing that comes or goes, or is called as another is, has its name behind its title.

    A long title is said in part: it has its own line where it changes, so that no line drowns in it.
    """
    part = path[place]
    if isinstance(part, Words):
        return part
    if place == 0:
        return words(lang, heads, part)
    of = path[place - 1]
    if not isinstance(part, Name):
        return words(lang, OF_SOURCES if path[0] == "sources" and part in OF_SOURCES else PARTS, part)
    if place == 1 and of == "safeguards":
        return words(lang, SAFEGUARDS, part)
    title = titles.get((of, part))
    if title is None or title == part:
        return part
    alike = sum(other == title for (there, _), other in titles.items() if there == of)
    if len(title) > LONGEST_TITLE:
        return f"{title[:LONGEST_TITLE]}… ({part})"
    return f"{title} ({part})" if (whole and place == 1) or alike > 1 else title


def _said(value: Any, titles: Titles, lang: str, key: str = "") -> str:
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
        named = titles.get((NAMES[key], value)) if key in NAMES else None
        closed = OF_KEY.get((key, value)) or CLOSED.get(value) or ""
        lasts = period(value)
        if lasts is None and TIME_PARTS.fullmatch(value):
            return lasting(lang, value)
        return named or (said(lang, lasts) if lasts is not None else gettext(lang, closed) if closed else value)
    if isinstance(value, int | float) and key not in ("year", "years", "version"):
        return exact(lang, value)
    return "" if value is None else str(value)


def _thing(value: Mapping[str, Any], titles: Titles, lang: str) -> str:
    if set(value) == {"amount", "currency"}:
        return money(lang, value["amount"], value["currency"])
    parts = [
        f"{words(lang, PARTS, name)}{gettext(lang, ': ')}{_said(one, titles, lang, name)}"
        for name, one in value.items()
        if _says(one) and name not in {"title", "article", "name", "id", "source"}
    ]
    title = [str(value["title"])] if value.get("title") else []
    return gettext(lang, "; ").join([*title, *parts])


def _says(value: Any) -> bool:
    """Whether a value says anything: nought does."""
    return value is not None and value is not False and value not in ("", [], ())


def terms(clause: Any, rule: Rule, lang: str, place: Bundle | None = None) -> str:
    """What a clause of a rule says beside its title and article, in a line: who, about whom, by when, how much.

    `place` is the jurisdiction that it is read in, whose names of kinds come first.
    """
    told = {key: one for key, one in msgspec.json.decode(msgspec.json.encode(clause)).items() if key not in UNTOLD}
    if told.get("applies") == "all":
        del told["applies"]
    there = () if place is None else place.jurisdiction.kinds
    titles = _titles(plain(rule), lang) | {("kinds", one.id): in_language(one.title, lang) for one in there}
    return _thing(_worded(told, type(clause), lang, in_language), titles, lang)


def said_kinds(kinds: Sequence[str], rule: Rule, lang: str, place: Bundle | None = None) -> str:
    """Kinds in words: by the names of the jurisdiction, if any, else by those that the rule declares, else by everybody's."""
    declared = given(rule.kinds, ()) if place is None else every_kind(rule, place)
    own = {one.id: in_language(one.title, lang) for one in declared}
    return gettext(lang, ", ").join(own.get(kind) or words(lang, KINDS, kind) for kind in kinds)
