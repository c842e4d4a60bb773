"""The safeguards: how a rule stands with each of the 24 checks, and what keeps it from a live roll.

Thresholds are said with where they come from: a `source` (a law, a court) or our own `policy`, which may be stricter than some
courts; the output says which.
"""

from collections.abc import Callable
from typing import Literal, NamedTuple

import msgspec

from openroll.rules.calendar import most_days
from openroll.rules.language import Text
from openroll.rules.measures import CUTTING, GENTLE, Measure, has_top
from openroll.rules.model import Rule, Statement, subject_kinds

Outcome = Literal["passed", "failed", "not-stated"]


class Finding(msgspec.Struct, frozen=True):
    """The result of one check. `article` is the one it looked at, `seen` what it found there, `reason` why it came out so."""

    id: str
    outcome: Outcome
    title: Text
    threshold: str
    basis: Literal["source", "policy"]
    source: str
    article: str
    seen: str
    reason: Text


class Seen(NamedTuple):
    """What a check saw: the outcome, the article, and the value in words."""

    outcome: Outcome
    article: str
    seen: str


class Safeguard(NamedTuple):
    """One check: what it asks, by language, its threshold and where that comes from, and how it looks at a rule."""

    id: str
    title: Text
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


_SAID = {
    "passed": {"zh": "做到了：", "en": "kept: "},
    "failed": {"zh": "没有做到：", "en": "not kept: "},
    "not-stated": {"zh": "规则没有说明：", "en": "the rule does not say: "},
}


def _finding(safeguard: Safeguard, seen: Seen) -> Finding:
    return Finding(
        id=safeguard.id,
        outcome=seen.outcome,
        title=safeguard.title,
        threshold=safeguard.threshold,
        basis=safeguard.basis,
        source=safeguard.source,
        article=seen.article,
        seen=seen.seen,
        reason={lang: f"{said}{safeguard.title[lang]}" for lang, said in _SAID[seen.outcome].items()},
    )


def _judged(good: bool, article: str, seen: str) -> Seen:
    return Seen("passed" if good else "failed", article, seen)


def _stated(name: str, good: Callable[[Statement], bool]) -> Callable[[Rule], Seen]:
    """A check of what the rule says of a safeguard in so many words."""

    def look(rule: Rule) -> Seen:
        statement = rule.safeguards.get(name)
        if statement is None:
            return Seen("not-stated", "", "nothing is said")
        said = msgspec.to_builtins(statement)
        numbers = [
            f"{key} {said[key]}"
            for key in ("days", "notice_days", "by", "suspends", "records")
            if said[key] is not None
        ]
        seen = ", ".join(numbers) or ("present" if statement.present else "absent")
        return _judged(statement.present and good(statement), statement.article, seen)

    return look


def _present(_: Statement) -> bool:
    return True


def _within(days: int) -> Callable[[Statement], bool]:
    return lambda statement: statement.days is not None and statement.days <= days


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
        return Seen("failed", "", "no duties or no measures are stated")
    if vague or open_ended:
        names = ", ".join(name for name, _ in vague + open_ended)
        return Seen("failed", (vague + open_ended)[0][1], f"without a number: {names}")
    return Seen(
        "passed", rule.duties[0].article, f"{len(rule.duties)} duties, {len(rule.measures)} measures, all in numbers"
    )


def _aim(rule: Rule) -> Seen:
    personal = [field for field in rule.fields if field.personal]
    if not personal:
        return Seen("not-stated", "", "no personal field is stated")
    aimless = [field for field in personal if not field.aims]
    return _judged(not aimless, (aimless or personal)[0].article, f"without an aim: {len(aimless)} of {len(personal)}")


def _minimal(rule: Rule) -> Seen:
    personal = [field for field in rule.fields if field.personal]
    if not personal:
        return Seen("not-stated", "", "no personal field is stated")
    beyond = [field.name for field in personal if field.name not in rule.minimum]
    seen = f"beyond the minimum: {', '.join(beyond) or 'none'}" if rule.minimum else "no minimum is declared"
    return _judged(bool(rule.minimum) and not beyond, personal[0].article, seen)


def _bearer(rule: Rule) -> Seen:
    borne = [(duty, set(duty.bearers) if duty.of_others else subject_kinds(duty, rule)) for duty in rule.duties]
    at_home = [duty for duty, bearers in borne if rule.natural & bearers]
    if not rule.duties:
        return Seen("not-stated", "", "no duty is stated")
    seen = f"on people at home: {', '.join(duty.id for duty in at_home) or 'none'}"
    return _judged(not at_home, (at_home or list(rule.duties))[0].article, seen)


def _no_cut_off(rule: Rule) -> Seen:
    against = tuple(one for one in _cutting(rule) if rule.natural & set(one.against))
    hung = [duty for duty in rule.duties if duty.condition and rule.natural & subject_kinds(duty, rule)]
    seen = [f"{one.id}{f' up to {one.cap}' if one.cap else ''}" for one in against]
    seen += [f"{duty.id}: no service without it" for duty in hung]
    article = _articles(against) or next((duty.article for duty in hung), "")
    return _judged(not seen, article, ", ".join(seen) or "no person can be cut off")


def _court(rule: Rule) -> Seen:
    cutting = _cutting(rule)
    others = tuple(one for one in cutting if one.decider != "court")
    seen = ", ".join(f"{one.id}: {one.decider}" for one in cutting)
    return _judged(not others, _articles(cutting), seen or "there is no suspension")


def _cap(rule: Rule) -> Seen:
    cutting = _cutting(rule)
    over = [one for one in cutting if one.cap is None or most_days(one.cap) > 30]
    seen = ", ".join(f"{one.id}: {one.cap or 'no cap'}" for one in cutting)
    return _judged(not over, _articles(cutting), seen or "there is no suspension")


def _correction(rule: Rule) -> Seen:
    heavy = _heavy(rule)
    statement = rule.safeguards.get("correction")
    at_once = [one for one in heavy if not one.after_correction]
    if statement is None and not heavy:
        return Seen("not-stated", "", "nothing is said")
    days = statement.days if statement else None
    good = not at_once and (statement is None or statement.present) and (days is None or days >= 14)
    seen = (
        f"{days} days"
        if days is not None
        else (
            "without correction: " + ", ".join(one.id for one in at_once)
            if at_once
            else "only after a refusal to correct"
        )
    )
    return _judged(good, (statement.article if statement else "") or _articles(heavy), seen)


def _hearing(rule: Rule) -> Seen:
    stated = _stated("hearing", lambda said: (said.days or 0) >= 5 and (said.notice_days or 0) >= 7)(rule)
    if stated.outcome == "not-stated" and not _heavy(rule):
        return Seen("passed", "", "no measure is heavier than a warning")
    return stated


def _ladder(rule: Rule) -> Seen:
    if not rule.measures:
        return Seen("not-stated", "", "no measure is stated")
    first = min(rule.measures, key=lambda one: one.step)
    gentle = first.kind in GENTLE and sum(one.step == first.step for one in rule.measures) == 1
    capped = all(has_top(one) for one in rule.measures if one.kind == "fine")
    statement = rule.safeguards.get("ladder")
    once = statement is not None and statement.present
    seen = f"first: {first.kind}; fines capped: {'yes' if capped else 'no'}; one act, one fine: {'yes' if once else 'not said'}"
    return _judged(gentle and capped and once, _articles(rule.measures), seen)


def _retention(rule: Rule) -> Seen:
    kept = rule.retention
    if kept is None:
        return Seen("failed", "", "no limit is stated")
    if kept.end_of_next_calendar_year:
        return Seen("passed", kept.article, "to the end of the calendar year after the contract's end")
    good = kept.period is not None and most_days(kept.period) <= 366
    return _judged(good, kept.article, kept.period or "no number")


def _purpose(rule: Rule) -> Seen:
    return _judged(bool(rule.purposes), "", f"{len(rule.purposes)} purposes" if rule.purposes else "no closed list")


def _apart(rule: Rule) -> Seen:
    if not rule.fields:
        return Seen("not-stated", "", "no field is stated")
    activity = [field.name for field in rule.fields if field.activity]
    return _judged(not activity, rule.fields[0].article, f"activity fields: {', '.join(activity) or 'none'}")


def _realistic(rule: Rule) -> Seen:
    existing = [duty for duty in rule.duties if duty.applies == "existing" and rule.in_force]
    unsaid = [duty for duty in rule.duties if duty.applies == "all" and duty.act == "file" and rule.in_force]
    if not existing and unsaid:
        return Seen("not-stated", unsaid[0].article, "those already connected get no time of their own")
    if not existing:
        return Seen("passed", "", "no duty falls on those already connected")
    begun = rule.in_force
    spans = [(d.fixed - begun).days for duty in existing for d in duty.deadlines if d.fixed and begun]
    shortest = min(spans) if spans else 0
    return _judged(shortest > 118, existing[0].article, f"{shortest} days for existing users")


# fmt: off
# One safeguard a line, so that the table reads as the table of facts it is.
SAFEGUARDS: tuple[Safeguard, ...] = (
    Safeguard("legality", {"zh": "谁、何时、向谁、后果，都写明并有数字", "en": "who, when, to whom, what follows: all stated, in numbers"}, 'no "promptly" without days', "policy", "Necessary & Proportionate: Legality", _legality),
    Safeguard("aim", {"zh": "每个个人信息项都写明用途", "en": "each personal field names the aim it serves"}, "one or more", "source", "GDPR 5(1)(b), PIPL 6", _aim),
    Safeguard("minimal", {"zh": "个人信息不超出写明的最小范围", "en": "personal fields within a declared minimum"}, "subset", "source", "GDPR 5(1)(c)", _minimal),
    Safeguard("bearer", {"zh": "义务由运营者和单位承担，不由住户承担", "en": "the duty lies on operators and organisations, not households"}, "no household bearer", "policy", "MPS Order 33 art. 12(2); Chongqing 2006", _bearer),
    Safeguard("choice", {"zh": "个人可以不在登记册中被识别而上网", "en": "a person may use the network without being identified in the register"}, "one path or more", "policy", "A/HRC/29/32; Korea 2010Hun-Ma47; counter: Breyer, Korea 2017Hun-Ma1209", _stated("choice", _present)),
    Safeguard("no-cut-off", {"zh": "不因未备案而停止个人上网", "en": "a person is not cut off for not filing"}, "0 days", "policy", "La Rue A/HRC/17/27; HADOPI 2009-580 DC", _no_cut_off),
    Safeguard("court", {"zh": "凡有停网，由法院决定，不由登记机关决定", "en": "where any suspension exists, a court decides, never the body that registers"}, "decider = court", "source", "HADOPI 2009-580 DC", _court),
    Safeguard("cap", {"zh": "停网有上限", "en": "suspension cap"}, "30 days or fewer", "policy", "Order 33: about 180", _cap),
    Safeguard("innocence", {"zh": "不倒置举证责任", "en": "no reversed burden of proof"}, "stated", "source", "HADOPI (1789 Declaration art. 9)", _stated("innocence", _present)),
    Safeguard("correction", {"zh": "采取措施前通知并给予改正时间", "en": "notice and time to correct before any measure"}, "14 days or more", "policy", "RA 11934: 5; Order 33 art. 21", _correction),
    Safeguard("hearing", {"zh": "重于警告的措施之前可要求听证", "en": "hearing before a measure heavier than a warning"}, "ask within 5 days, 7 days' notice", "source", "Administrative Penalty Law 2021 arts. 62-64", _hearing),
    Safeguard("appeal", {"zh": "向另一机关申诉，申诉期间停止执行", "en": "appeal to another body suspends the measure"}, "suspensive", "policy", "Penalty Law art. 73 says the contrary", _stated("appeal", lambda said: said.suspends is True and said.by in ("court", "independent-body", "other-body"))),
    Safeguard("ladder", {"zh": "先警告；罚款有上限；一事不二罚", "en": "the first step is a warning; fines capped; one act, one fine"}, "stated", "source", "Order 33 arts. 20-21, Penalty Law 29, 33", _ladder),
    Safeguard("prior-review", {"zh": "经法院或独立机关事先决定才可查看身份", "en": "identity opened only on a court's or independent body's prior decision"}, "approver outside the asker's body", "source", "Tele2 C-203/15 ¶120", _stated("prior-review", lambda said: said.by in ("court", "independent-body"))),
    Safeguard("no-bulk", {"zh": "一次请求只针对一条记录，不得批量或模糊查询", "en": "a request names one record; no lists, no partial match"}, "1", "source", "Tele2 ¶119; number: policy", _stated("no-bulk", lambda said: said.records == 1)),
    Safeguard("told", {"zh": "每次查看都告知本人", "en": "the person is told of each access; delay only by the approver, ending with its reason"}, "90 days or fewer", "source", "Tele2 ¶121, PIPL 35; number: policy", _stated("told", _told)),
    Safeguard("retention", {"zh": "保存期限有数字，不超过合同终止次年年底", "en": "a number of days; not past the end of the calendar year after the contract's end"}, "end of next calendar year", "source", "TKG §172; RA 11934's 10 years fails", _retention),
    Safeguard("purpose", {"zh": "用途为封闭清单", "en": "a closed list of purposes"}, "one or more, closed", "source", "GDPR 5(1)(b)", _purpose),
    Safeguard("apart", {"zh": "身份与上网活动数据分开", "en": "identity apart from activity data"}, "no activity field", "source", "CJEU C-470/21", _apart),
    Safeguard("rights", {"zh": "查看、复制、更正、撤回；给出有理由的答复", "en": "see, copy, correct, withdraw; a reasoned answer"}, "30 days or fewer", "source", "PIPL 45, 47, 50; number: policy", _stated("rights", _within(30))),
    Safeguard("report", {"zh": "每年公布请求、拒绝、推迟和措施的数字", "en": "yearly public figures of requests, refusals, delays, measures"}, "12 months or fewer", "policy", "Order 292 art. 10", _stated("report", _within(366))),
    Safeguard("review", {"zh": "规则到期终止或复审", "en": "the rule ends or is reviewed"}, "3 years or fewer", "policy", "policy", _stated("review", _within(1096))),
    Safeguard("realistic", {"zh": "已有用户得到现实可行的时间", "en": "existing users get a realistic time"}, "more than 118 days (118 days reached 52 %)", "policy", "the Philippine drive of 2023", _realistic),
    Safeguard("misuse", {"zh": "持有者对滥用负责，并告知泄露", "en": "the holder answers for misuse and tells of breaches"}, "present", "source", "PIPL 57", _stated("misuse", _present)),
)
# fmt: on
