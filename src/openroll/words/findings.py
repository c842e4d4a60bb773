"""What the checks of a rule found, in any language."""

from collections.abc import Iterable
from typing import Any

from openroll.rules import Finding, Rule, unjudged
from openroll.rules.language import ENGLISH
from openroll.words.catalogue import gettext, said, sentences
from openroll.words.citations import cited


def _(text: str) -> str:
    """Marks a text for the catalogue."""
    return text


def told(lang: str, finding: Finding) -> str:
    """How a check came out: whether the safeguard is kept, what was seen and where, and what is asked where it is not."""
    outcome = gettext(lang, _("Kept.") if finding.outcome == "passed" else _("Not kept."))
    text = _("Seen: {seen} ({article}).") if finding.article else _("Seen: {seen}.")
    seen = gettext(lang, text).format(seen=said(lang, finding.seen), article=cited(lang, finding.article))
    asked = gettext(lang, _("Asked: {threshold}.")).format(threshold=said(lang, finding.threshold))
    if finding.outcome == "passed":
        return sentences(lang, [outcome, seen])
    return sentences(lang, [outcome, seen, asked, *([story] if (story := witness(lang, finding)) else [])])


def witness(lang: str, finding: Finding) -> str:
    """The shortest story that breaks a check, as a sentence; empty where there is none."""
    if finding.witness is None:
        return ""
    return gettext(lang, _("For example: {story}.")).format(story=said(lang, finding.witness))


def words_only(lang: str, rule: Rule) -> str:
    """The parts of a rule that are words, which no check can judge: a sentence that names them."""
    if not (parts := unjudged(rule)):
        return ""
    text = gettext(lang, _("No check can judge words. Read these yourself: {parts}."))
    return text.format(parts=gettext(lang, ", ").join(said(lang, part) for part in parts))


def as_data(finding: Finding, languages: Iterable[str]) -> dict[str, Any]:
    """A finding as plain values for programs. Title and reason are by language; `told` has what else is said, by language."""
    titles, reasons, told_by = {}, {}, {}
    for lang in languages:
        titles[lang], reasons[lang] = said(lang, finding.title), said(lang, finding.reason)
        told_by[lang] = {"threshold": said(lang, finding.threshold), "seen": said(lang, finding.seen)}
    return {
        "id": finding.id,
        "outcome": finding.outcome,
        "title": titles,
        "threshold": said(ENGLISH, finding.threshold),
        "basis": finding.basis,
        "source": finding.source,
        "article": finding.article,
        "seen": said(ENGLISH, finding.seen),
        "reason": reasons,
        "told": told_by,
        "witness": {lang: said(lang, finding.witness) for lang in titles} if finding.witness else None,
    }
