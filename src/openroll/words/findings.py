"""What the checks of a rule found, in any language."""

from collections.abc import Iterable
from typing import Any

from openroll.rules import Finding
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
    return sentences(lang, [outcome, seen] if finding.outcome == "passed" else [outcome, seen, asked])


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
    }
