"""The codes of requests in words: reasons, grounds, outcomes, what was wished; and the purpose of a use."""

from collections.abc import Iterable, Mapping

from openroll.register.request.state import Use
from openroll.words import catalogue, desk


def _(text: str) -> str:
    """Marks a text for the catalogue."""
    return text


_LOST = _("number {number} in the list of purposes of the rule {rule}, whose text was lost with this roll's database")


def purpose_said(use: Use, languages: Iterable[str]) -> Mapping[str, str]:
    """The purpose of a registered use by language, in the words under which it was registered.

    Where its rule went with the database this says so and which place in whose list it was: in the list of another rule that
    place may be another purpose's. So a person is told in time, and nothing that is not so.
    """
    if use.said:
        return use.said
    return {
        lang: catalogue.gettext(lang, _LOST).format(number=catalogue.number(lang, use.purpose + 1), rule=use.rule)
        for lang in languages
    }


REASONS = {
    "incomplete": _("something was missing"),
    "not-specific": _("more than one record, or a pattern"),
    "no-basis": _("no legal basis"),
    "beyond-purpose": _("beyond the registered purpose"),
    "no-grounds": _("the grounds do not bear it"),
    "disproportionate": _("disproportionate"),
    "immunity": _("immunity or privilege"),
    "conflict-of-law": _("conflict of law"),
    "no-emergency": _("no emergency"),
    "privilege": _("professional privilege"),
    "press-freedom": _("freedom of the press"),
    "security": _("public security"),
    "other": _("another reason"),
}
"""Why a request is refused, annulled or objected to."""
OUTCOMES = {
    "given": _("given"),
    "partly": _("given in part"),
    "not-held": _("not held"),
    "impossible": _("impossible to carry out"),
    "immunity": _("immunity or privilege"),
    "conflict-of-law": _("conflict of law"),
    "unclear": _("unclear which record is meant"),
    "disproportionate": _("disproportionate"),
    "refused": _("refused"),
    "annulled": _("annulled: what was given may not be used"),
    "objected": _("objected to"),
    "withdrawn": _("withdrawn"),
    "produced": _("asked for by a further request"),
    "no-decision": _("no decision"),
    "abandoned": _("abandoned"),
    "unconfirmed": _("not confirmed"),
    "unanswered": _("not answered"),
    "lapsed": _("lapsed"),
}
"""What came of a request."""
URGENCIES = {"ordinary": _("ordinary"), "emergency": _("emergency")}
DESIRED = {
    "now": _("to have it now"),
    "preserve": _("that it is preserved"),
    "produce": _("to have what was preserved"),
}
"""What the officer wished."""
CODES = desk.MISSING | REASONS | OUTCOMES | URGENCIES | DESIRED
"""Every code of a closed list that an act takes, as people know it; no code is of two lists with two meanings."""
COUNTED = {
    "filed": _("Requests filed"),
    "open": _("Still open"),
    "closed": _("Closed"),
    "urgent": _("Emergencies"),
    "returned": _("Returned as incomplete"),
    "approved": _("Approved whole"),
    "narrowed": _("Narrowed"),
    "refused": _("Refused"),
    "objected": _("Objected to"),
    "withdrawn": _("Withdrawn"),
    "annulled": _("Annulled"),
    "answered": _("Answered"),
    "postponed": _("Telling put off"),
    "told": _("Person told"),
    "told_late": _("Told late"),
    "late_now": _("Late, or never told"),
    "complained": _("Complaints"),
}
"""What requests are counted by (`register.request.account`)."""
