"""The safeguards: how a rule stands with each of the 24 checks, and what keeps it from a live roll.

Thresholds are said with where they come from: a `source` (a law, a court) or our own `policy`, which may be stricter than some
courts; the output says which. What is said stands in English, marked for the catalogue, and is a `Sentence` where something
goes into it: faces say it in any language.
"""

from collections.abc import Callable, Iterable
from typing import Literal, NamedTuple

import msgspec

from openroll.rules.calendar import most_days
from openroll.rules.closed import DECIDERS, MEASURES, days, period, word
from openroll.rules.duty import Duty
from openroll.rules.measures import CUTTING, GENTLE, Measure, has_top
from openroll.rules.model import Rule, Statement, subject_kinds
from openroll.rules.sentence import Sentence, sentence

Outcome = Literal["passed", "failed", "not-stated"]


def _(text: str) -> str:
    """Mark a text for the catalogue."""
    return text


class Finding(msgspec.Struct, frozen=True):
    """The result of one check. `article` is the one it looked at, `seen` what it found there, `reason` why it came out so."""

    id: str
    outcome: Outcome
    title: Sentence
    threshold: Sentence
    basis: Literal["source", "policy"]
    source: str
    article: str
    seen: Sentence
    reason: Sentence


class Seen(NamedTuple):
    """What a check saw: the outcome, the article, and the value in words."""

    outcome: Outcome
    article: str
    seen: Sentence


class Safeguard(NamedTuple):
    """One check: what it asks, its threshold and where that comes from, and how it looks at a rule."""

    id: str
    title: str
    threshold: str
    basis: Literal["source", "policy"]
    source: str
    look: Callable[[Rule], Seen]


def check(rule: Rule) -> tuple[Finding, ...]:
    """Every check of a rule, in the order of the table of safeguards."""
    return tuple(_finding(safeguard, safeguard.look(rule)) for safeguard in SAFEGUARDS)


NEEDED_TO_OPEN = frozenset(["no-cut-off", "court", "hearing", "appeal", "prior-review", "no-bulk", "told", "apart"])


def obstacles(rule: Rule) -> tuple[Finding, ...]:
    """The checks without which no live roll may open, and which this rule does not pass."""
    return tuple(one for one in check(rule) if one.id in NEEDED_TO_OPEN and one.outcome != "passed")


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
    )


_NOTHING_SAID = sentence(_("nothing is said"))
_NO_PERSONAL_FIELD = sentence(_("no personal field is stated"))
_NO_SUSPENSION = sentence(_("there is no suspension"))
_NUMBERS = {
    "notice_days": _("{value} days of notice"),
    "by": _("decided by {value}"),
    "suspends": _("an appeal suspends: {value}"),
    "records": _("{value} records in one request"),
}
"""What a statement says beside being there."""


def _judged(good: bool, article: str, seen: Sentence) -> Seen:
    return Seen("passed" if good else "failed", article, seen)


def _stated(name: str, good: Callable[[Statement], bool]) -> Callable[[Rule], Seen]:
    """A check of what the rule says of a safeguard in so many words."""

    def look(rule: Rule) -> Seen:
        statement = rule.safeguards.get(name)
        if statement is None:
            return Seen("not-stated", "", _NOTHING_SAID)
        said = tuple(
            sentence(text, value=_value(value))
            for key, text in _NUMBERS.items()
            if (value := getattr(statement, key)) is not None
        )
        if statement.days is not None:
            said = (days(statement.days), *said)
        there = sentence(_("present") if statement.present else _("absent"))
        seen = sentence("{said}", said=said) if said else there
        return _judged(statement.present and good(statement), statement.article, seen)

    return look


def _value(value: str | int | bool) -> Sentence | int:
    if isinstance(value, bool):
        return _yes(value)
    return word(DECIDERS, value) if isinstance(value, str) else value


def _yes(value: bool, no: str = _("no")) -> Sentence:
    return Sentence(_("yes") if value else no)


def _named(things: Iterable[Measure | Duty]) -> tuple[str, ...]:
    return tuple(thing.id for thing in things)


def _capped(cap: str) -> Sentence:
    return period(cap) or sentence("{cap}", cap=cap)


def _present(__: Statement) -> bool:
    return True


def _within(most: int) -> Callable[[Statement], bool]:
    return lambda statement: statement.days is not None and statement.days <= most


def _told(said: Statement) -> bool:
    """Told at once, or after a delay that only who approves requests may grant."""
    return said.days == 0 or (_within(90)(said) and said.by in ("court", "independent-body"))


def _articles(clauses: tuple[Measure, ...]) -> str:
    return "; ".join(dict.fromkeys(clause.article for clause in clauses if clause.article))


def _heavy(rule: Rule) -> tuple[Measure, ...]:
    return tuple(one for one in rule.measures if one.kind not in GENTLE)


def _cutting(rule: Rule) -> tuple[Measure, ...]:
    return tuple(one for one in rule.measures if one.kind in CUTTING)


def _legality(rule: Rule) -> Seen:
    vague = [(duty.id, duty.article) for duty in rule.duties if any(deadline.promptly for deadline in duty.deadlines)]
    open_ended = [
        (one.id, one.article)
        for one in rule.measures
        if (one.kind == "suspension" and one.cap is None) or (one.kind == "fine" and not has_top(one))
    ]
    if not rule.duties or not rule.measures:
        return Seen("failed", "", sentence(_("no duties or no measures are stated")))
    if vague or open_ended:
        names = tuple(name for name, __ in vague + open_ended)
        return Seen("failed", (vague + open_ended)[0][1], sentence(_("without a number: {names}"), names=names))
    told = _("{duties} duties, {measures} measures, all in numbers")
    counted = sentence(told, duties=len(rule.duties), measures=len(rule.measures))
    return Seen("passed", rule.duties[0].article, counted)


def _aim(rule: Rule) -> Seen:
    personal = [field for field in rule.fields if field.personal]
    if not personal:
        return Seen("not-stated", "", _NO_PERSONAL_FIELD)
    aimless = [field for field in personal if not field.aims]
    seen = sentence(_("without an aim: {some} of {all}"), some=len(aimless), all=len(personal))
    return _judged(not aimless, (aimless or personal)[0].article, seen)


def _minimal(rule: Rule) -> Seen:
    personal = [field for field in rule.fields if field.personal]
    if not personal:
        return Seen("not-stated", "", _NO_PERSONAL_FIELD)
    beyond = [field.name for field in personal if field.name not in rule.minimum]
    seen = sentence(_("no minimum is declared"))
    if rule.minimum:
        seen = sentence(_("beyond the minimum: {names}"), names=tuple(beyond))
    return _judged(bool(rule.minimum) and not beyond, personal[0].article, seen)


def _bearer(rule: Rule) -> Seen:
    borne = [(duty, set(duty.bearers) if duty.of_others else subject_kinds(duty, rule)) for duty in rule.duties]
    at_home = [duty for duty, bearers in borne if rule.natural & bearers]
    if not rule.duties:
        return Seen("not-stated", "", sentence(_("no duty is stated")))
    seen = sentence(_("on people at home: {names}"), names=_named(at_home))
    return _judged(not at_home, (at_home or list(rule.duties))[0].article, seen)


def _no_cut_off(rule: Rule) -> Seen:
    against = tuple(one for one in _cutting(rule) if rule.natural & set(one.against))
    hung = [duty for duty in rule.duties if duty.condition and rule.natural & subject_kinds(duty, rule)]
    seen = tuple(
        sentence(_("{name} up to {cap}"), name=one.id, cap=_capped(one.cap)) if one.cap else one.id for one in against
    )
    seen += tuple(sentence(_("{name}: no service without it"), name=duty.id) for duty in hung)
    article = _articles(against) or next((duty.article for duty in hung), "")
    none = sentence(_("no person can be cut off"))
    return _judged(not seen, article, sentence("{seen}", seen=seen) if seen else none)


def _court(rule: Rule) -> Seen:
    cutting = _cutting(rule)
    others = tuple(one for one in cutting if one.decider != "court")
    seen = tuple(sentence(_("{name}: {value}"), name=one.id, value=word(DECIDERS, one.decider)) for one in cutting)
    return _judged(not others, _articles(cutting), sentence("{seen}", seen=seen) if seen else _NO_SUSPENSION)


def _cap(rule: Rule) -> Seen:
    cutting = _cutting(rule)
    over = [one for one in cutting if one.cap is None or most_days(one.cap) > 30]
    no_cap = sentence(_("no cap"))
    seen = tuple(
        sentence(_("{name}: {value}"), name=one.id, value=_capped(one.cap) if one.cap else no_cap) for one in cutting
    )
    return _judged(not over, _articles(cutting), sentence("{seen}", seen=seen) if seen else _NO_SUSPENSION)


def _correction(rule: Rule) -> Seen:
    heavy = _heavy(rule)
    statement = rule.safeguards.get("correction")
    at_once = [one for one in heavy if not one.after_correction]
    if statement is None and not heavy:
        return Seen("not-stated", "", _NOTHING_SAID)
    given = statement.days if statement else None
    good = not at_once and (statement is None or statement.present) and (given is None or given >= 14)
    if given is not None:
        seen = days(given)
    elif at_once:
        seen = sentence(_("without correction: {names}"), names=_named(at_once))
    else:
        seen = sentence(_("only after a refusal to correct"))
    return _judged(good, (statement.article if statement else "") or _articles(heavy), seen)


def _hearing(rule: Rule) -> Seen:
    stated = _stated("hearing", lambda said: (said.days or 0) >= 5 and (said.notice_days or 0) >= 7)(rule)
    if stated.outcome == "not-stated" and not _heavy(rule):
        return Seen("passed", "", sentence(_("no measure is heavier than a warning")))
    return stated


def _ladder(rule: Rule) -> Seen:
    if not rule.measures:
        return Seen("not-stated", "", sentence(_("no measure is stated")))
    first = min(rule.measures, key=lambda one: one.step)
    gentle = first.kind in GENTLE and sum(one.step == first.step for one in rule.measures) == 1
    capped = all(has_top(one) for one in rule.measures if one.kind == "fine")
    statement = rule.safeguards.get("ladder")
    once = statement is not None and statement.present
    seen = sentence(
        _("first: {first}; fines capped: {capped}; one act, one fine: {once}"),
        first=word(MEASURES, first.kind),
        capped=_yes(capped),
        once=_yes(once, _("not said")),
    )
    return _judged(gentle and capped and once, _articles(rule.measures), seen)


def _retention(rule: Rule) -> Seen:
    kept = rule.retention
    if kept is None:
        return Seen("failed", "", sentence(_("no limit is stated")))
    if kept.end_of_next_calendar_year:
        return Seen("passed", kept.article, sentence(_("to the end of the calendar year after the contract's end")))
    good = kept.period is not None and most_days(kept.period) <= 366
    return _judged(good, kept.article, _capped(kept.period) if kept.period else sentence(_("no number")))


def _purpose(rule: Rule) -> Seen:
    seen = sentence(_("{count} purposes"), count=len(rule.purposes)) if rule.purposes else sentence(_("no closed list"))
    return _judged(bool(rule.purposes), "", seen)


def _apart(rule: Rule) -> Seen:
    if not rule.fields:
        return Seen("not-stated", "", sentence(_("no field is stated")))
    activity = tuple(field.name for field in rule.fields if field.activity)
    return _judged(not activity, rule.fields[0].article, sentence(_("activity fields: {names}"), names=activity))


def _realistic(rule: Rule) -> Seen:
    existing = [duty for duty in rule.duties if duty.applies == "existing" and rule.in_force]
    unsaid = [duty for duty in rule.duties if duty.applies == "all" and duty.act == "file" and rule.in_force]
    if not existing and unsaid:
        untold = sentence(_("those already connected get no time of their own"))
        return Seen("not-stated", unsaid[0].article, untold)
    if not existing:
        return Seen("passed", "", sentence(_("no duty falls on those already connected")))
    begun = rule.in_force
    spans = [(d.fixed - begun).days for duty in existing for d in duty.deadlines if d.fixed and begun]
    shortest = min(spans) if spans else 0
    return _judged(shortest > 118, existing[0].article, sentence(_("{value} days for existing users"), value=shortest))


# fmt: off
# One safeguard a line, so that the table reads as the table of facts it is.
SAFEGUARDS: tuple[Safeguard, ...] = (
    Safeguard("legality", _("who, when, to whom, what follows: all stated, in numbers"), _('no "promptly" without days'), "policy", "Necessary & Proportionate: Legality", _legality),
    Safeguard("aim", _("each personal field names the aim it serves"), _("one or more"), "source", "GDPR 5(1)(b), PIPL 6", _aim),
    Safeguard("minimal", _("personal fields within a declared minimum"), _("subset"), "source", "GDPR 5(1)(c)", _minimal),
    Safeguard("bearer", _("the duty lies on operators and organisations, not households"), _("no household bearer"), "policy", "MPS Order 33 art. 12(2); Chongqing 2006", _bearer),
    Safeguard("choice", _("a person may use the network without being identified in the register"), _("one path or more"), "policy", "A/HRC/29/32; Korea 2010Hun-Ma47; counter: Breyer, Korea 2017Hun-Ma1209", _stated("choice", _present)),
    Safeguard("no-cut-off", _("a person is not cut off for not filing"), _("0 days"), "policy", "La Rue A/HRC/17/27; HADOPI 2009-580 DC", _no_cut_off),
    Safeguard("court", _("where any suspension exists, a court decides, never the body that registers"), _("a court decides"), "source", "HADOPI 2009-580 DC", _court),
    Safeguard("cap", _("suspension cap"), _("30 days or fewer"), "policy", "Order 33: about 180", _cap),
    Safeguard("innocence", _("no reversed burden of proof"), _("stated"), "source", "HADOPI (1789 Declaration art. 9)", _stated("innocence", _present)),
    Safeguard("correction", _("notice and time to correct before any measure"), _("14 days or more"), "policy", "RA 11934: 5; Order 33 art. 21", _correction),
    Safeguard("hearing", _("hearing before a measure heavier than a warning"), _("ask within 5 days, 7 days' notice"), "source", "Administrative Penalty Law 2021 arts. 62-64", _hearing),
    Safeguard("appeal", _("appeal to another body suspends the measure"), _("suspensive"), "policy", "Penalty Law art. 73 says the contrary", _stated("appeal", lambda said: said.suspends is True and said.by in ("court", "independent-body", "other-body"))),
    Safeguard("ladder", _("the first step is a warning; fines capped; one act, one fine"), _("stated"), "source", "Order 33 arts. 20-21, Penalty Law 29, 33", _ladder),
    Safeguard("prior-review", _("identity opened only on a court's or independent body's prior decision"), _("approver outside the asker's body"), "source", "Tele2 C-203/15 ¶120", _stated("prior-review", lambda said: said.by in ("court", "independent-body"))),
    Safeguard("no-bulk", _("a request names one record; no lists, no partial match"), _("one record"), "source", "Tele2 ¶119; number: policy", _stated("no-bulk", lambda said: said.records == 1)),
    Safeguard("told", _("the person is told of each access; delay only by the approver, ending with its reason"), _("90 days or fewer"), "source", "Tele2 ¶121, PIPL 35; number: policy", _stated("told", _told)),
    Safeguard("retention", _("a number of days; not past the end of the calendar year after the contract's end"), _("end of next calendar year"), "source", "TKG §172; RA 11934's 10 years fails", _retention),
    Safeguard("purpose", _("a closed list of purposes"), _("one or more, closed"), "source", "GDPR 5(1)(b)", _purpose),
    Safeguard("apart", _("identity apart from activity data"), _("no activity field"), "source", "CJEU C-470/21", _apart),
    Safeguard("rights", _("see, copy, correct, withdraw; a reasoned answer"), _("30 days or fewer"), "source", "PIPL 45, 47, 50; number: policy", _stated("rights", _within(30))),
    Safeguard("report", _("yearly public figures of requests, refusals, delays, measures"), _("12 months or fewer"), "policy", "Order 292 art. 10", _stated("report", _within(366))),
    Safeguard("review", _("the rule ends or is reviewed"), _("3 years or fewer"), "policy", "policy", _stated("review", _within(1096))),
    Safeguard("realistic", _("existing users get a realistic time"), _("more than 118 days (118 days reached 52 %)"), "policy", "the Philippine drive of 2023", _realistic),
    Safeguard("misuse", _("the holder answers for misuse and tells of breaches"), _("present"), "source", "PIPL 57", _stated("misuse", _present)),
)
# fmt: on
