"""Checks of what is kept, who may see it and what the rule says of the rest: aim to misuse."""

from collections.abc import Callable, Iterable, Iterator

from openroll.rules.checks.asked import doings
from openroll.rules.checks.breach import OFFICER, SUBSCRIBER, Breach, Seen, judged, someone, story
from openroll.rules.checks.reach import Reach, longer_than
from openroll.rules.closed import DECIDERS, days, period, word
from openroll.rules.doings import watches
from openroll.rules.language import Text
from openroll.rules.model import Field, Statement
from openroll.rules.readable import revealing_kind, telling_apart
from openroll.rules.sentence import Sentence, sentence
from openroll.rules.strays import because, failing
from openroll.rules.telltales import listed, tells
from openroll.rules.values import given

Why = Iterable[tuple[Sentence, bool]]
"""Reasons for which a statement is not good enough, and whether each is grave."""


def _(text: str) -> str:
    """Mark a text for the catalogue."""
    return text


NUMBERS = {
    "notice_days": _("{value} days of notice"),
    "by": _("decided by {value}"),
    "suspends": _("an appeal suspends: {value}"),
    "records": _("{value} records in one request"),
}
"""What a statement says beside being there."""
WHAT_HAPPENS = {
    "innocence": _("has to prove that nothing was done wrong: {why}"),
    "hearing": _("is not heard before it: {why}"),
    "appeal": _("has no appeal that helps: {why}"),
    "prior-review": _("nobody independent decides first: {why}"),
    "no-bulk": _("is one of a list that is handed over at once: {why}"),
    "told": _("does not learn of it: {why}"),
    "rights": _("asks to see, correct or withdraw what is kept, and waits: {why}"),
    "report": _("cannot read how often people are asked about: {why}"),
    "review": _("lives under it without end: {why}"),
    "misuse": _("learns of no misuse and nobody answers for it: {why}"),
}
"""What becomes of someone when a safeguard is not kept."""
_ABSENT = Sentence(_("the rule says that there is none"))
_APPOINTERS = frozenset({"police", "prosecutor", "operator", "registrar"})
SHORTEST_TERM = 365
"""Days below which an office that can be renewed depends on who renews it (our policy)."""


def stated(name: str, good: Callable[[Reach, Statement], Why]) -> Callable[[Reach], Seen]:
    """A check of what the rule says of a safeguard in so many words; what holds only on some days is not said."""

    def look(reach: Reach) -> Seen:
        statement = reach.statement(name)
        if statement is None:
            return Seen("not-stated", "", Sentence(_("nothing is said")))
        gap = reach.gap(statement)
        whys = [*_reasons(reach, statement, good)]
        who = _WHO.get(name, OFFICER if name in ("prior-review", "no-bulk", "told") else SUBSCRIBER)
        breaches = [
            Breach(story(who, gap, sentence(WHAT_HAPPENS[name], why=why)), statement.article, grave)
            for why, grave in whys
        ]
        return judged(breaches, statement.article, _said(reach, statement))

    return look


_WHO = {name: Sentence(_("whoever a measure is taken against")) for name in ("innocence", "hearing", "appeal")}


def _reasons(
    reach: Reach, statement: Statement, good: Callable[[Reach, Statement], Why]
) -> Iterator[tuple[Sentence, bool]]:
    if not statement.present:
        yield _ABSENT, True
        return
    if (lapse := reach.lapse(statement)) is not None:
        yield lapse, True
    if (hollow := reach.hollow(statement)) is not None:
        yield hollow, True
    yield from good(reach, statement)
    yield from _dependent(reach, statement)


def _dependent(reach: Reach, said: Statement) -> Iterator[tuple[Sentence, bool]]:
    """Why who decides depends on those it is to hold in check: who decides on any measure appoints and dismisses nobody here."""
    if said.by == "court" and not said.appointed_by and not said.dismissed_by:
        return
    own = _APPOINTERS | {one.decider for one in reach.measures}
    if (office := given(said.appointed_by, "")) in own:
        yield sentence(_("who decides is appointed by {office}"), office=word(DECIDERS, office)), True
    if (office := given(said.dismissed_by, "")) in {*own, "ministry", "regulator"}:
        yield sentence(_("who decides can be dismissed by {office}"), office=word(DECIDERS, office)), True
    term = given(said.term, "")
    if term and not longer_than(term, SHORTEST_TERM - 1) and given(said.renewable, True):
        yield sentence(_("who decides is appointed for {time} at a time"), time=period(term) or term), True


def _said(reach: Reach, statement: Statement) -> Sentence:
    said = tuple(
        sentence(text, value=_value(value))
        for key, text in NUMBERS.items()
        if (value := getattr(statement, key)) is not None
    )
    if statement.days is not None:
        said = (days(statement.days), *said)
    if (lapse := reach.lapse(statement)) is not None:
        said = (*said, lapse)
    there = sentence(_("present") if statement.present else _("absent"))
    return sentence("{said}", said=said) if said else there


def _value(value: str | int | bool) -> Sentence | int:
    if isinstance(value, bool):
        return Sentence(_("yes") if value else _("no"))
    return word(DECIDERS, value) if isinstance(value, str) else value


def present(_reach: Reach, __: Statement) -> Why:
    """It is enough that the rule has it, always."""
    return ()


def within(most: int) -> Callable[[Reach, Statement], Why]:
    """It has a number of days, so many at most; four times as many are none."""

    def look(_reach: Reach, said: Statement) -> Why:
        if said.days is None:
            return [(Sentence(_("no number of days is given")), False)]
        return (
            [] if said.days <= most else [(sentence(_("it takes {time}"), time=days(said.days)), said.days > 4 * most)]
        )

    return look


NO_PERSONAL_FIELD = Sentence(_("no personal field is stated"))


def aim(reach: Reach) -> Seen:
    """Each field about a person, whatever it says of itself, names an aim, and one that is an aim."""
    personal = [field for field in reach.fields if reach.is_personal(field)]
    if not personal:
        return Seen("not-stated", "", NO_PERSONAL_FIELD)
    aimless = [field for field in personal if not field.aims]
    breaches = [
        Breach(_told(reach, field, Sentence(_("and nothing says what for"))), field.article, grave=not field.personal)
        for field in aimless
    ]
    breaches += [
        Breach(_told(reach, field, Sentence(_("and it may be used for anything"))), field.article, grave=True)
        for field in personal
        if tells("anything", (), field.aims)
    ]
    breaches += [
        Breach(
            _told(reach, field, _purposeless(_UNLISTED, text)),
            field.article,
            grave=True,
        )
        for field in personal
        for text in field.aims
        if not listed("purpose", "", text)
    ]
    seen = sentence(_("without an aim: {some} of {all}"), some=len(aimless), all=len(personal))
    strange = tuple(field.name for field in personal if not all(listed("purpose", "", text) for text in field.aims))
    if strange and not aimless:
        seen = sentence(_("aims in no list of purposes: {names}"), names=strange)
    return judged(breaches, personal[0].article, seen)


_UNLISTED = _("and this is in no list of purposes: {said}")


def _told(reach: Reach, field: Field, what: Sentence) -> Sentence:
    people = reach.asked_of_people(field)
    who = someone(people[0] if people else field.required_of[0]) if field.required_of else SUBSCRIBER
    return story(who, None, sentence(_("tells this: {field}, {what}"), field=field.name, what=what))


def minimal(reach: Reach) -> Seen:
    """Fields about a person stay within the declared minimum, and no minimum has what data protection law sets apart."""
    personal = [field for field in reach.fields if reach.is_personal(field)]
    if not personal:
        return Seen("not-stated", "", NO_PERSONAL_FIELD)
    beyond = [field for field in personal if field.name not in reach.rule.minimum]
    more = Sentence(_("which is more than the rule itself calls enough"))
    breaches = [Breach(_told(reach, field, more), field.article, grave=not field.personal) for field in beyond]
    apart = Sentence(_("which no register of subscriptions needs"))
    sensitive = [field for field in personal if reach.is_sensitive(field)]
    breaches += [Breach(_told(reach, field, apart), field.article, grave=True) for field in sensitive]
    strange = [
        field
        for field in reach.fields
        if not reach.is_sensitive(field) and not listed("asked", field.name, field.title)
    ]
    no_list = Sentence(_("whose name and title are in no list of what a filing asks for"))
    breaches += [
        Breach(_told(reach, field, because(no_list, "asked", field.name, field.title)), field.article, grave=True)
        for field in strange
    ]
    papers = Sentence(_("which is somebody's own, and not the organisation's"))
    breaches += [
        Breach(_told(reach, field, papers), field.article, grave=True)
        for field in reach.fields
        if reach.is_of_staff(field)
    ]
    seen = Sentence(_("no minimum is declared"))
    if reach.rule.minimum:
        names = tuple(dict.fromkeys(field.name for field in (*beyond, *sensitive)))
        seen = sentence(_("beyond the minimum: {names}"), names=names)
        if strange and not names:
            seen = sentence(
                _("in no list of what a filing asks for: {names}"), names=tuple(field.name for field in strange)
            )
    return judged(breaches, personal[0].article, seen)


def retention(reach: Reach) -> Seen:
    """A number of days from the subscription's end, one clause, always."""
    kept = reach.rule.retention
    if kept is None:
        what = Sentence(_("left years ago, and is still in the register: no limit is stated"))
        return Seen("failed", "", Sentence(_("no limit is stated")), (Breach(story(SUBSCRIBER, None, what)),))
    breaches = [
        Breach(
            story(SUBSCRIBER, None, sentence(_("left long ago, and is still in the register: {why}"), why=why)),
            kept.article,
            grave,
        )
        for why, grave in _kept(reach)
    ]
    if (waits := given(kept.unconfirmed, "")) and not longer_than(waits, LEAST_WAIT - 1):
        gone = sentence(
            _("filed alone, and it falls away after {time} if the operator is silent"), time=period(waits) or waits
        )
        breaches.append(Breach(story(SUBSCRIBER, None, gone), kept.article, grave=True))
    if kept.end_of_next_calendar_year:
        seen = Sentence(_("to the end of the calendar year after the contract's end"))
    else:
        seen = (period(kept.period) or sentence("{cap}", cap=kept.period)) if kept.period else Sentence(_("no number"))
    return judged(breaches, kept.article, seen)


LONGEST_KEPT = 3 * 366
"""Days after the end beyond which keeping a record is an abuse without measure, and no missed threshold (our policy)."""
LEAST_WAIT = 14
"""Days that a filing made alone waits for its operator's word at least (our policy: as long as there is to correct)."""


def _kept(reach: Reach) -> Iterator[tuple[Sentence, bool]]:
    kept = reach.rule.retention
    if kept is None:
        return
    if (lapse := reach.lapse(kept)) is not None:
        yield lapse, True
    if kept.period and kept.end_of_next_calendar_year:
        yield Sentence(_("two clauses say how long, and the longer one holds")), True
    if given(kept.counts_from, "end") not in ("end", "deactivation"):
        yield Sentence(_("it counts from an event that may never come")), True
    if not kept.period and not kept.end_of_next_calendar_year:
        yield Sentence(_("no number says how long")), False
    if kept.period and longer_than(kept.period, 366):
        time = period(kept.period) or kept.period
        yield sentence(_("it is kept for {time}"), time=time), longer_than(kept.period, LONGEST_KEPT)
    if (waits := given(kept.unconfirmed, "")) and longer_than(waits, 366):
        yield sentence(_("what nobody confirmed is kept for {time}"), time=period(waits) or waits), True


def purpose(reach: Reach) -> Seen:
    """A closed list of purposes, none of which is all of them, or to watch people."""
    purposes = reach.rule.purposes
    open_ended = [text for text in purposes if tells("anything", (), (text,))]
    seen = sentence(_("{count} purposes"), count=len(purposes)) if purposes else Sentence(_("no closed list"))
    what = Sentence(_("what was told for one purpose is used for another: the list is open"))
    bare = Sentence(_("what was told is used for anything: no purpose is stated"))
    breaches = [Breach(story(SUBSCRIBER, None, what), "", grave=True) for __ in open_ended]
    watching = Sentence(_("what was told is used to find out what they do"))
    breaches += [
        Breach(story(SUBSCRIBER, None, watching), "", grave=True)
        for text in purposes
        if tells("activity", (), (text,)) or watches(text)
    ]
    breaches += [
        Breach(
            story(SUBSCRIBER, None, _purposeless(_USED, text)),
            "",
            grave=True,
        )
        for text in purposes
        if not listed("purpose", "", text)
    ]
    return judged(breaches if purposes else [Breach(story(SUBSCRIBER, None, bare))], "", seen)


_USED = _("what was told is used for what is in no list of purposes: {said}")


def _purposeless(what: str, text: Text) -> Sentence:
    """What is told of a text that is in no list of purposes, as it stands in the language that is not."""
    return because(sentence(what, said=failing("purpose", text)), "purpose", "", text)


def apart(reach: Reach) -> Seen:
    """Nothing about what someone does is kept, and nothing that names a person stands readable beside their acts."""
    beside = [*_doings(reach), *_kinds(reach)]
    if not reach.rule.fields:
        seen = Sentence(_("no field is stated"))
        return judged(beside, "", seen) if beside else Seen("not-stated", "", seen)
    activity = [field for field in reach.fields if reach.is_activity(field)]
    clear = [field for field in reach.fields if reach.stands_readable(field)]
    breaches = [
        Breach(_told(reach, field, Sentence(_("which is about what they do"))), field.article, grave=True)
        for field in activity
    ]
    breaches += [
        Breach(_told(reach, field, Sentence(_("which stands readable in the register"))), field.article, grave=True)
        for field in clear
        if field not in activity
    ]
    seen = sentence(_("activity fields: {names}"), names=tuple(field.name for field in activity))
    if clear:
        seen = sentence(_("{activity}; readable: {names}"), activity=seen, names=tuple(field.name for field in clear))
    return judged([*breaches, *beside], reach.rule.fields[0].article, seen)


def _doings(reach: Reach) -> Iterator[Breach]:
    for duty, whom, why in doings(reach):
        yield Breach(story(someone(whom), duty.since, why), duty.article, grave=True)


def _kinds(reach: Reach) -> Iterator[Breach]:
    """The kind of a record stands readable in it: what its name and title say, everybody reads."""
    kinds = given(reach.rule.kinds, ())
    found = [(kind.id, why) for kind in kinds for why in revealing_kind(kind.nature, kind.id, kind.title)]
    for name, why in (*found, *telling_apart(kinds)):
        what = sentence(_("each record says readably what they are ({kind}): {why}"), kind=name, why=why)
        yield Breach(story(someone(name), None, what), "", grave=True)
