"""The parts of a rule that are words only: what no check can judge, so that people read it before a roll opens."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping

import msgspec

from openroll.rules.language import Text
from openroll.rules.model import Rule, Standing
from openroll.rules.sentence import Sentence, sentence
from openroll.rules.telltales import unread
from openroll.rules.values import Clause, given


def _(text: str) -> str:
    """Mark a text for the catalogue."""
    return text


NO_LANGUAGE = "und"
"""The tag of words that a rule says in no language of its own (RFC 5646 section 4.1: undetermined), as of a figure."""

Named = Iterator[tuple[str, Text]]
"""Texts, each with where it stands in the rule."""


class WordsPart(msgspec.Struct, frozen=True):
    """One part of a rule that is words only: what it is, and each of its texts with where it stands (`duties.file.title`)."""

    about: Sentence
    texts: tuple[tuple[str, Text], ...]


def _title_and_summary(rule: Rule) -> Named:
    yield "title", rule.title
    yield "summary", rule.summary


def _owed_to(rule: Rule) -> Named:
    for duty in rule.duties:
        yield f"duties.{duty.id}.to", duty.to
        if duty.via is not None:
            yield f"duties.{duty.id}.via", duty.via


def _fields(rule: Rule) -> Named:
    for field in rule.fields:
        yield f"fields.{field.name}.title", field.title
        yield from _listed(f"fields.{field.name}.aims", field.aims)


def _evidence(rule: Rule) -> Named:
    for at, one in enumerate(given(rule.evidence, ()), 1):
        yield f"evidence.{at}.claim", one.claim
        if (figure := given(one.figure, "")) != "":
            yield f"evidence.{at}.figure", {NO_LANGUAGE: figure}
        if (aim := given(one.aim, None)) is not None:
            yield f"evidence.{at}.aim", aim


def _cited(rule: Rule) -> Named:
    """What clauses say of where they stand in the law and who decided so: whatever is written there, pages say it."""
    for path, clause in _clauses(rule, ""):
        if clause.article:
            yield f"{path}.article", {NO_LANGUAGE: clause.article}
        if isinstance(clause, Standing) and (by := given(clause.by, "")):
            yield f"{path}.by", {NO_LANGUAGE: by}


def _sources(rule: Rule) -> Named:
    for one in rule.sources:
        yield f"sources.{one.id}.title", {NO_LANGUAGE: one.title}
        if one.where:
            yield f"sources.{one.id}.where", {NO_LANGUAGE: one.where}


def _clauses(value: object, path: str) -> Iterator[tuple[str, Clause]]:
    """Every clause of a rule, wherever it stands, each with its path: `duties.file.by`, lists by their names or numbers."""
    if isinstance(value, Clause):
        yield path, value
    if isinstance(value, msgspec.Struct):
        within: Iterable[tuple[object, object]] = ((name, getattr(value, name)) for name in value.__struct_fields__)
    elif isinstance(value, Mapping):
        within = sorted(value.items())  # a rule that is kept has its keys in this order
    elif isinstance(value, tuple):
        within = ((_called(one, at), one) for at, one in enumerate(value, 1))
    else:
        return
    for name, one in within:
        yield from _clauses(one, f"{path}.{name}" if path else str(name))


def _called(value: object, at: int) -> object:
    return getattr(value, "id", None) or getattr(value, "name", None) or at


def _listed(path: str, texts: tuple[Text, ...]) -> Named:
    for at, text in enumerate(texts, 1):
        yield f"{path}.{at}", text


_Count = Callable[[Rule], int]
_Texts = Callable[[Rule], Named]

_PARTS: tuple[tuple[str, _Count, _Texts], ...] = (
    (_("title and summary"), lambda _rule: 1, _title_and_summary),
    (_("to whom duties are owed, and through whom ({count})"), lambda rule: len(rule.duties), _owed_to),
    (
        _("titles of duties ({count})"),
        lambda rule: len(rule.duties),
        lambda rule: ((f"duties.{one.id}.title", one.title) for one in rule.duties),
    ),
    (
        _("titles of measures ({count})"),
        lambda rule: len(rule.measures),
        lambda rule: ((f"measures.{one.id}.title", one.title) for one in rule.measures),
    ),
    (_("titles and aims of fields ({count})"), lambda rule: len(rule.fields), _fields),
    (_("purposes ({count})"), lambda rule: len(rule.purposes), lambda rule: _listed("purposes", rule.purposes)),
    (
        _("notes of safeguards ({count})"),
        lambda rule: sum(one.note is not None for one in rule.safeguards.values()),
        lambda rule: ((f"safeguards.{of}.note", one.note) for of, one in sorted(rule.safeguards.items()) if one.note),
    ),
    (_("notes ({count})"), lambda rule: len(rule.notes), lambda rule: _listed("notes", rule.notes)),
    (
        _("titles of kinds ({count})"),
        lambda rule: len(given(rule.kinds, ())),
        lambda rule: ((f"kinds.{one.id}.title", one.title) for one in given(rule.kinds, ())),
    ),
    (
        _("titles of the units that fines are counted in ({count})"),
        lambda rule: len(given(rule.units, ())),
        lambda rule: ((f"units.{one.id}.title", one.title) for one in given(rule.units, ())),
    ),
    (
        _("reasons it gives, and whom they speak of ({count})"),
        lambda rule: len(given(rule.evidence, ())),
        _evidence,
    ),
    (
        _("articles, and who decided how it stands ({count})"),
        lambda rule: sum(1 for _one in _cited(rule)),
        _cited,
    ),
    (_("sources ({count})"), lambda rule: len(rule.sources), _sources),
)


def unjudged(rule: Rule) -> tuple[Sentence, ...]:
    """The parts of a rule that are words, each with how many there are of it."""
    parts = tuple(part.about for part in words_parts(rule))
    tongues = tuple(tag for tag in _languages(rule) if unread("cutting", {tag: tag}))
    return (
        (*parts, sentence(_("all that is said in these languages: {languages}"), languages=tongues))
        if tongues
        else parts
    )


def words_parts(rule: Rule) -> tuple[WordsPart, ...]:
    """The parts of a rule that are words, with every text of theirs: what somebody reads who signs that they read it."""
    counted = ((text, count(rule), texts) for text, count, texts in _PARTS)
    return tuple(
        WordsPart(sentence(text, count=number), tuple(texts(rule))) for text, number, texts in counted if number
    )


def words_digest(rule: Rule) -> str:
    """SHA-256 (hexadecimal) over the words-only parts: the canonical JSON of a list of `[where, {language: text}]`.

    Empty for a rule that has none. It changes with every letter of them, and with what Openroll takes for words only.
    """
    texts: list[tuple[str, Mapping[str, str]]] = [text for part in words_parts(rule) for text in part.texts]
    return hashlib.sha256(msgspec.json.encode(texts, order="sorted")).hexdigest() if texts else ""


def words_languages(rule: Rule) -> tuple[str, ...]:
    """Every language in which a rule says any of its words, by its tags."""
    return tuple(sorted({tag for part in words_parts(rule) for _, text in part.texts for tag in text} - {NO_LANGUAGE}))


def _languages(rule: Rule) -> tuple[str, ...]:
    """The languages in which a rule says what a check reads by its words."""
    texts = [one.title for one in rule.measures] + [one.title for one in rule.fields]
    texts += [
        *(one.title for one in given(rule.kinds, ())),
        *rule.purposes,
        *(one.note for one in rule.safeguards.values() if one.note),
    ]
    return tuple(dict.fromkeys(tag for text in texts for tag in text))
