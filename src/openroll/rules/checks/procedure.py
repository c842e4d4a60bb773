"""Checks of how measures come about: court, cap, correction, hearing, appeal, ladder."""

from collections.abc import Iterable, Iterator

from openroll.rules.checks.adding import cuts_that_add_up, fines_that_add_up
from openroll.rules.checks.breach import ACCUSED, Breach, Seen, judged, someone, story
from openroll.rules.checks.data import stated
from openroll.rules.checks.fines import excess
from openroll.rules.checks.reach import Reach, longer_than
from openroll.rules.checks.takings import with_takings
from openroll.rules.closed import DECIDERS, MEASURES, days, period, word
from openroll.rules.duty import Duty
from openroll.rules.measures import FINAL, Measure
from openroll.rules.model import Statement
from openroll.rules.sentence import Sentence, sentence


def _(text: str) -> str:
    """Mark a text for the catalogue."""
    return text


NO_SUSPENSION = Sentence(_("there is no suspension"))
INDEPENDENT = frozenset({"court", "independent-body", "other-body"})
FINING = frozenset({"court", "independent-body", "regulator", "ministry"})
"""The closed list of who may decide on a fine (our policy)."""
MOST_NOTICE = 90
"""Days before a hearing beyond which it comes too late to be one (our policy)."""


def articles(clauses: Iterable[Measure]) -> str:
    """The articles of some measures, each once."""
    return "; ".join(dict.fromkeys(clause.article for clause in clauses if clause.article))


def court(reach: Reach) -> Seen:
    """Where service, a business or liberty is taken, a court decides."""
    cutting = reach.cutting
    breaches = []
    for one in cutting:
        if one.decider != "court":
            what = sentence(
                _("{who} decides on this, and no court does: {measure} ({id})"),
                who=word(DECIDERS, one.decider),
                measure=word(MEASURES, one.kind),
                id=one.id,
            )
            breaches.append(Breach(story(someone(one.against[0]), None, what), one.article))
    breaches += _by_whoever_registers(reach)
    seen = tuple(sentence(_("{name}: {value}"), name=one.id, value=word(DECIDERS, one.decider)) for one in cutting)
    found = judged(breaches, articles(cutting), sentence("{seen}", seen=seen) if seen else NO_SUSPENSION)
    return with_takings("court", reach, found)


def _by_whoever_registers(reach: Reach) -> Iterator[Breach]:
    """Fines on which those decide who keep the register, use it, or compete with whom it falls on."""
    for one in reach.heavy:
        if one.decider not in FINING and one not in reach.cutting:
            what = sentence(
                _("{who} decides on this, and nobody apart from the register does: {measure} ({id})"),
                who=word(DECIDERS, one.decider),
                measure=word(MEASURES, one.kind),
                id=one.id,
            )
            yield Breach(story(someone(one.against[0]), None, what), one.article)


def cap(reach: Reach) -> Seen:
    """What takes service ends after 30 days at most."""
    cutting = tuple(one for one in reach.measures if reach.ends_business(one))
    no_cap = Sentence(_("no cap"))
    breaches = []
    for one in cutting:
        if one.kind in FINAL:
            what = sentence(
                _("loses this for good, whatever its cap: {measure} ({id})"),
                measure=word(MEASURES, one.kind),
                id=one.id,
            )
            breaches.append(Breach(story(someone(one.against[0]), None, what), one.article, grave=True))
        elif one.cap is None or longer_than(one.cap, 30):
            time = _capped(one.cap) if one.cap else no_cap
            what = sentence(_("is without service, and this is the cap: {time}"), time=time)
            breaches.append(Breach(story(someone(one.against[0]), None, what), one.article, grave=one.cap is None))
    breaches += cuts_that_add_up(reach)
    seen = tuple(
        sentence(_("{name}: {value}"), name=one.id, value=_capped(one.cap) if one.cap else no_cap) for one in cutting
    )
    found = judged(breaches, articles(cutting), sentence("{seen}", seen=seen) if seen else NO_SUSPENSION)
    return with_takings("cap", reach, found)


def _capped(text: str) -> Sentence:
    return period(text) or sentence("{cap}", cap=text)


def correction(reach: Reach) -> Seen:
    """Before anything heavier than a warning there is notice, and time to correct in a number of days."""
    return with_takings("correction", reach, _correction(reach))


def _correction(reach: Reach) -> Seen:
    heavy, statement = reach.heavy, reach.statement("correction")
    at_once = [one for one in heavy if not one.after_correction]
    if statement is None and not heavy:
        return Seen("not-stated", "", Sentence(_("nothing is said")))
    time = statement.days if statement else None
    breaches = [*_at_once(at_once), *_time_to_correct(reach, statement)]
    if time is not None and (time < 14 or not breaches):
        seen = days(time)
    elif at_once:
        seen = sentence(_("without correction: {names}"), names=tuple(one.id for one in at_once))
    elif statement is not None and time is not None:
        # Days enough, and yet not kept: what is seen is why, never a number that would do.
        seen = reach.lapse(statement) or reach.hollow(statement) or Sentence(_("has no time to correct"))
    elif not _refusal(reach):
        seen = Sentence(_("no number of days"))
    else:
        seen = Sentence(_("only after a refusal to correct"))
    return judged(breaches, (statement.article if statement else "") or articles(heavy), seen)


def _at_once(at_once: Iterable[Measure]) -> Iterator[Breach]:
    for one in at_once:
        what = sentence(
            _("this follows without time to correct: {measure} ({id})"), measure=word(MEASURES, one.kind), id=one.id
        )
        yield Breach(story(someone(one.against[0]), None, what), one.article, grave=True)


def _time_to_correct(reach: Reach, statement: Statement | None) -> Iterator[Breach]:
    if statement is None:
        if not _refusal(reach):
            what = Sentence(_("is to correct on the spot: no number of days is given"))
            yield Breach(story(ACCUSED, None, what), articles(reach.heavy), grave=True)
        return
    if not statement.present:
        yield Breach(story(ACCUSED, None, Sentence(_("has no time to correct"))), statement.article, grave=True)
    elif (lapse := reach.lapse(statement)) is not None:
        what = sentence(_("has no time to correct: {why}"), why=lapse)
        yield Breach(story(ACCUSED, reach.gap(statement), what), statement.article, grave=True)
    elif (hollow := reach.hollow(statement)) is not None:
        what = sentence(_("has no time to correct: {why}"), why=hollow)
        yield Breach(story(ACCUSED, None, what), statement.article, grave=True)
    elif statement.days is not None and statement.days < 14:
        what = sentence(_("has this time to correct: {time}"), time=days(statement.days))
        yield Breach(story(ACCUSED, None, what), statement.article, grave=statement.days == 0)
    elif statement.days is None and not _refusal(reach):
        what = Sentence(_("is to correct on the spot: no number of days is given"))
        yield Breach(story(ACCUSED, None, what), statement.article, grave=True)


def _refusal(reach: Reach) -> bool:
    """Whether each heavy measure follows only a refusal of an order to correct that falls on the same kinds."""
    orders = [one for one in reach.measures if one.kind == "order-to-correct" and reach.is_gentle(one)]
    return bool(orders) and all(
        any(order.step < one.step and set(one.against) <= set(order.against) for order in orders) for one in reach.heavy
    )


def hearing(reach: Reach) -> Seen:
    """Before a measure heavier than a warning there is a hearing, with days to ask for it and notice, in time."""
    if reach.statement("hearing") is None and not reach.heavy:
        found = Seen("passed", "", Sentence(_("no measure is heavier than a warning")))
    else:
        found = stated("hearing", _hearing)(reach)
    return with_takings("hearing", reach, found)


def _hearing(_reach: Reach, said: Statement) -> Iterator[tuple[Sentence, bool]]:
    if (said.days or 0) < 5:
        yield sentence(_("they have {time} to ask for it"), time=days(said.days or 0)), False
    if (said.notice_days or 0) < 7:
        yield sentence(_("it is announced {time} before"), time=days(said.notice_days or 0)), False
    if (said.notice_days or 0) > MOST_NOTICE:
        yield sentence(_("it is held {time} later, when all is over"), time=days(said.notice_days or 0)), True
    if said.by is not None and said.by not in INDEPENDENT:
        yield sentence(_("{who} hears them"), who=word(DECIDERS, said.by)), True


def appeal(reach: Reach) -> Seen:
    """An appeal goes to another body than the one that decided, in time, and holds the measure back."""
    return with_takings("appeal", reach, stated("appeal", _appeal)(reach))


def _appeal(reach: Reach, said: Statement) -> Iterator[tuple[Sentence, bool]]:
    if said.suspends is not True:
        yield Sentence(_("the appeal does not hold the measure back")), False
    if said.by not in INDEPENDENT:
        yield sentence(_("{who} hears the appeal"), who=word(DECIDERS, said.by or "")), False
    elif said.by != "other-body" and (
        own := [one for one in reach.heavy if one.decider == said.by and one.decider != "court"]
    ):
        told = _("{who} decided ({id}), and hears the appeal against itself")
        yield sentence(told, who=word(DECIDERS, said.by or ""), id=own[0].id), True
    if said.days is not None and said.days < 5:
        yield sentence(_("they have {time} to appeal"), time=days(said.days)), True


def ladder(reach: Reach) -> Seen:
    """The first step is a warning that takes nothing and falls on whom the next do; fines have an end; one act, one fine."""
    measures = reach.rule.measures
    if not measures:
        return Seen("not-stated", "", Sentence(_("no measure is stated")))
    first = min(measures, key=lambda one: one.step)
    statement = reach.statement("ladder")
    once = statement is not None and statement.present and reach.gap(statement) is None and not reach.hollow(statement)
    capped = all(excess(one, reach.rule) is None for one in measures)
    seen = sentence(
        _("first: {first}; fines capped: {capped}; one act, one fine: {once}"),
        first=word(MEASURES, first.kind),
        capped=_yes(capped),
        once=_yes(once, _("not said")),
    )
    breaches = [*_first_steps(reach), *_shams(reach), *_fines(reach), *fines_that_add_up(reach)]
    if not once:
        why = None
        if statement is not None and statement.present:
            why = reach.lapse(statement) or reach.hollow(statement)
        what = Sentence(_("pays twice for one act: nothing forbids it"))
        told = sentence(_("pays twice for one act: {why}"), why=why) if why else what
        breaches.append(
            Breach(story(ACCUSED, None, told), statement.article if statement else "", grave=why is not None)
        )
    return judged(breaches, articles(measures), seen)


def _yes(value: bool, no: str = _("no")) -> Sentence:
    return Sentence(_("yes") if value else no)


def _first_steps(reach: Reach) -> Iterator[Breach]:
    lowest = min(one.step for one in reach.rule.measures)
    for one in reach.heavy:
        if one.step == lowest:
            what = sentence(
                _("the first that follows is this: {measure} ({id})"), measure=word(MEASURES, one.kind), id=one.id
            )
            yield Breach(story(someone(one.against[0]), None, what), one.article)
    for duty in reach.duties:
        named = [reach.by_id[name] for name in duty.measures if name in reach.by_id]
        gentle = [one for one in named if reach.is_gentle(one) and reach.always(one)]
        for one in named:
            bare = _unwarned(reach, duty, one, gentle) if not reach.is_gentle(one) else ()
            if bare:
                what = sentence(
                    _("no warning of {duty} falls on them before this: {measure} ({id})"),
                    duty=duty.id,
                    measure=word(MEASURES, one.kind),
                    id=one.id,
                )
                yield Breach(story(someone(bare[0]), None, what), one.article, grave=one.step > lowest)


def _unwarned(reach: Reach, duty: Duty, heavy: Measure, gentle: list[Measure]) -> tuple[str, ...]:
    """Kinds that a heavy measure of a duty falls on and no warning before it does."""
    whom = reach.records(duty) | set(duty.bearers)
    warned = {kind for one in gentle if one.step < heavy.step for kind in one.against}
    return tuple(kind for kind in heavy.against if kind in whom and kind not in warned)


def _shams(reach: Reach) -> Iterator[Breach]:
    for one in reach.measures:
        if (why := reach.sham_of_gentle(one)) is not None:
            what = sentence(
                _("is told that it is only this: {measure} ({id}); {why}"),
                measure=word(MEASURES, one.kind),
                id=one.id,
                why=why,
            )
            yield Breach(story(someone(one.against[0]), None, what), one.article, grave=True)


def _fines(reach: Reach) -> Iterator[Breach]:
    for one in reach.measures:
        if (why := excess(one, reach.rule)) is not None:
            what = sentence(_("pays a fine ({id}), and {why}"), id=one.id, why=why)
            yield Breach(story(someone(one.against[0]), None, what), one.article, grave=True)
    for duty in reach.duties:
        fines = [
            reach.by_id[name] for name in duty.measures if name in reach.by_id and reach.by_id[name].kind == "fine"
        ]
        steps = [(one.step, kind) for one in fines for kind in one.against]
        for step, kind in dict.fromkeys(steps):
            if steps.count((step, kind)) > 1:
                what = sentence(_("pays twice for one act, at one step of {duty}"), duty=duty.id)
                yield Breach(story(someone(kind), None, what), duty.article, grave=True)
                break
