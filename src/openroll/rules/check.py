"""The safeguards: how a rule stands with each of the 24 checks, and what keeps it from a live roll.

A check judges what a rule does, computed from its structure over all its kinds, days and events (`checks`), never what it says
of itself; a check that fails shows a witness, the shortest story that breaks it. Thresholds are said with where they come from:
a `source` (a law, a court) or our own `policy`, which may be stricter than some courts; the output says which. What is said
stands in English, marked for the catalogue, and is a `Sentence` where something goes into it: faces say it in any language.
"""

from collections.abc import Callable
from typing import Literal, NamedTuple

import msgspec

from openroll.rules.checks import data, people, procedure, requests
from openroll.rules.checks.breach import Outcome, Seen
from openroll.rules.checks.data import present, stated, within
from openroll.rules.checks.reach import Reach
from openroll.rules.checks.realistic import realistic
from openroll.rules.model import Rule
from openroll.rules.sentence import Sentence, sentence


def _(text: str) -> str:
    """Mark a text for the catalogue."""
    return text


class Finding(msgspec.Struct, frozen=True):
    """The result of one check. `article` is the one it looked at, `seen` what it found there, `reason` why it came out so.

    `witness` is the shortest story that breaks the check, where it fails. `grave` tells that it keeps a live roll shut whichever
    check it is: a clause that says one thing and does another, or an abuse without measure.
    """

    id: str
    outcome: Outcome
    title: Sentence
    threshold: Sentence
    basis: Literal["source", "policy"]
    source: str
    article: str
    seen: Sentence
    reason: Sentence
    witness: Sentence | None = None
    grave: bool = False

    @property
    def shuts(self) -> bool:
        """Whether it keeps a live roll from opening."""
        return self.outcome != "passed" and (self.id in NEEDED_TO_OPEN or self.grave)


class Safeguard(NamedTuple):
    """One check: what it asks, its threshold and where that comes from, and how it looks at a rule."""

    id: str
    title: str
    threshold: str
    basis: Literal["source", "policy"]
    source: str
    look: Callable[[Reach], Seen]


def check(rule: Rule) -> tuple[Finding, ...]:
    """Every check of a rule, in the order of the table of safeguards."""
    reach = Reach(rule)
    return tuple(_finding(safeguard, safeguard.look(reach)) for safeguard in SAFEGUARDS)


NEEDED_TO_OPEN = frozenset(
    ["choice", "no-cut-off", "court", "hearing", "appeal", "prior-review", "no-bulk", "told", "apart"]
)
"""The checks that a live roll needs passed. Of the others, one that fails gravely keeps it shut too."""


def obstacles(rule: Rule) -> tuple[Finding, ...]:
    """The findings that keep a live roll from opening under this rule."""
    return tuple(one for one in check(rule) if one.shuts)


_REASONS: dict[Outcome, str] = {
    "passed": _("kept: {title}"),
    "failed": _("not kept: {title}"),
    "not-stated": _("the rule does not say: {title}"),
}


def _finding(safeguard: Safeguard, seen: Seen) -> Finding:
    title = Sentence(safeguard.title)
    return Finding(
        id=safeguard.id,
        outcome=seen.outcome,
        title=title,
        threshold=Sentence(safeguard.threshold),
        basis=safeguard.basis,
        source=safeguard.source,
        article=seen.article,
        seen=seen.seen,
        reason=sentence(_REASONS[seen.outcome], title=title),
        witness=seen.breaches[0].witness if seen.breaches else None,
        grave=seen.grave,
    )


# fmt: off
# One safeguard a line, so that the table reads as the table of facts it is.
SAFEGUARDS: tuple[Safeguard, ...] = (
    Safeguard("legality", _("who, when, to whom, what follows: all stated, in numbers"), _('no "promptly" without days'), "policy", "Necessary & Proportionate: Legality", people.legality),
    Safeguard("aim", _("each personal field names the aim it serves"), _("one or more"), "source", "GDPR 5(1)(b), PIPL 6", data.aim),
    Safeguard("minimal", _("personal fields within a declared minimum"), _("subset"), "source", "GDPR 5(1)(c)", data.minimal),
    Safeguard("bearer", _("the duty lies on operators and organisations, not households"), _("no household bearer"), "policy", "MPS Order 33 art. 12(2); Chongqing 2006", people.bearer),
    Safeguard("choice", _("a person may use the network without being identified in the register"), _("one path or more"), "policy", "A/HRC/29/32; Korea 2010Hun-Ma47; counter: Breyer, Korea 2017Hun-Ma1209", people.choice),
    Safeguard("no-cut-off", _("a person is not cut off for not filing"), _("0 days"), "policy", "La Rue A/HRC/17/27; HADOPI 2009-580 DC", people.no_cut_off),
    Safeguard("court", _("where any suspension exists, a court decides, never the body that registers"), _("a court decides"), "source", "HADOPI 2009-580 DC", procedure.court),
    Safeguard("cap", _("suspension cap"), _("30 days or fewer"), "policy", "Order 33: about 180", procedure.cap),
    Safeguard("innocence", _("no reversed burden of proof"), _("stated"), "source", "HADOPI (1789 Declaration art. 9)", stated("innocence", present)),
    Safeguard("correction", _("notice and time to correct before any measure"), _("14 days or more"), "policy", "RA 11934: 5; Order 33 art. 21", procedure.correction),
    Safeguard("hearing", _("hearing before a measure heavier than a warning"), _("ask within 5 days, 7 days' notice"), "source", "Administrative Penalty Law 2021 arts. 62-64", procedure.hearing),
    Safeguard("appeal", _("appeal to another body suspends the measure"), _("suspensive"), "policy", "Penalty Law art. 73 says the contrary", procedure.appeal),
    Safeguard("ladder", _("the first step is a warning; fines capped; one act, one fine"), _("stated"), "source", "Order 33 arts. 20-21, Penalty Law 29, 33", procedure.ladder),
    Safeguard("prior-review", _("identity opened only on a court's or independent body's prior decision"), _("approver outside the asker's body"), "source", "Tele2 C-203/15 ¶120", stated("prior-review", requests.prior_review)),
    Safeguard("no-bulk", _("a request names one record; no lists, no partial match"), _("one record"), "source", "Tele2 ¶119; number: policy", stated("no-bulk", requests.no_bulk)),
    Safeguard("told", _("the person is told of each access; delay only by the approver, ending with its reason"), _("90 days or fewer"), "source", "Tele2 ¶121, PIPL 35; number: policy", stated("told", requests.told)),
    Safeguard("retention", _("a number of days; not past the end of the calendar year after the contract's end"), _("end of next calendar year"), "source", "TKG §172; RA 11934's 10 years fails", data.retention),
    Safeguard("purpose", _("a closed list of purposes"), _("one or more, closed"), "source", "GDPR 5(1)(b)", data.purpose),
    Safeguard("apart", _("identity apart from activity data"), _("no activity field"), "source", "CJEU C-470/21", data.apart),
    Safeguard("rights", _("see, copy, correct, withdraw; a reasoned answer"), _("30 days or fewer"), "source", "PIPL 45, 47, 50; number: policy", stated("rights", within(30))),
    Safeguard("report", _("yearly public figures of requests, refusals, delays, measures"), _("12 months or fewer"), "policy", "Order 292 art. 10", stated("report", within(366))),
    Safeguard("review", _("the rule ends or is reviewed"), _("3 years or fewer"), "policy", "policy", stated("review", within(1096))),
    Safeguard("realistic", _("existing users get a realistic time"), _("more than 118 days (118 days reached 52 %)"), "policy", "the Philippine drive of 2023", realistic),
    Safeguard("misuse", _("the holder answers for misuse and tells of breaches"), _("present"), "source", "PIPL 57", stated("misuse", present)),
)
# fmt: on
