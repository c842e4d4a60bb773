"""Checks of what a rule asks of people at home and what may become of them: legality, bearer, choice, no-cut-off, realistic."""

from collections.abc import Iterator
from datetime import date

from openroll.rules.checks.breach import SUBSCRIBER, Breach, Seen, judged, someone, story
from openroll.rules.checks.fines import excess
from openroll.rules.checks.grounds import revived, unlisted, unsupported
from openroll.rules.checks.reach import Reach
from openroll.rules.checks.stories import Story
from openroll.rules.checks.takings import cut_by_duty, told_stories
from openroll.rules.closed import ACTS, DECIDERS, MEASURES, period, word
from openroll.rules.duty import Duty
from openroll.rules.kinds import NATURAL
from openroll.rules.measures import CONFINING, GENTLE, Measure
from openroll.rules.readable import says_nature
from openroll.rules.sentence import Sentence, sentence
from openroll.rules.values import given

_TEMPORARY = frozenset({"suspension", "blocking-outgoing", "blocking-incoming", "throttling"})
SAY = (frozenset({"subscriber", "registrar", "regulator", "court"}), frozenset({"subscriber"}))
"""One of whom agrees before people become another operator's: as operators leave or merge; and as a subscription is ported."""
PORTING = frozenset({"subscriber", "old-operator", "new-operator"})
"""The closed list of who may have to agree before a subscription goes to another operator."""


def _(text: str) -> str:
    """Mark a text for the catalogue."""
    return text


def legality(reach: Reach) -> Seen:
    """Who, when, to whom and what follows are all in numbers, and nobody bears a duty whom the rule does not cover."""
    rule = reach.rule
    if not rule.duties or not rule.measures:
        none = sentence(_("no duties or no measures are stated"))
        what = Sentence(_("nobody can know what they must do, or what follows if they do not"))
        return Seen("failed", "", none, (Breach(story(SUBSCRIBER, None, what)),))
    causes: tuple[tuple[str, list[tuple[str, Breach]]], ...] = (
        (_("without a number: {names}"), [*_vague(reach)]),
        (_("of kinds that the rule does not cover: {names}"), [*_uncovered(reach)]),
        (_("kinds that do not say what they are: {names}"), [*_misnamed(reach), *unlisted(reach)]),
        (_("without a ground: {names}"), [*revived(reach), *unsupported(reach)]),
    )
    breaches = [breach for _cause, found in causes for _name, breach in found]
    if not breaches:
        told = _("{duties} duties, {measures} measures, all in numbers")
        counted = sentence(told, duties=len(rule.duties), measures=len(rule.measures))
        return Seen("passed", rule.duties[0].article, counted)
    told_causes = tuple(
        sentence(cause, names=tuple(dict.fromkeys(name for name, __ in found))) for cause, found in causes if found
    )
    return judged(breaches, "", told_causes[0] if len(told_causes) == 1 else sentence("{causes}", causes=told_causes))


def _vague(reach: Reach) -> Iterator[tuple[str, Breach]]:
    for duty in reach.duties:
        if any(deadline.promptly for deadline in duty.deadlines):
            what = sentence(_("must {act}, and no number of days says by when"), act=word(ACTS, duty.act))
            yield duty.id, Breach(story(who_bears(reach, duty), None, what), duty.article)
    for one in reach.measures:
        if one.kind in _TEMPORARY and one.cap is None:
            what = sentence(
                _("{measure} may follow, and nothing says how long it lasts"), measure=word(MEASURES, one.kind)
            )
            yield one.id, Breach(story(someone(one.against[0]), None, what), one.article)
        if (why := excess(one, reach.rule)) is not None:
            what = sentence(_("a fine may follow, and {why}"), why=why)
            yield one.id, Breach(story(someone(one.against[0]), None, what), one.article)


def _uncovered(reach: Reach) -> Iterator[tuple[str, Breach]]:
    for duty in reach.duties:
        outside = [kind for kind in reach.known_kinds if kind in reach.records(duty) - set(reach.rule.covers)]
        outside += [kind for kind in duty.bearers if kind not in reach.rule.covers and kind not in outside]
        if outside and not duty.natures:
            what = sentence(_("must {act}, and the rule does not say that it speaks of them"), act=word(ACTS, duty.act))
            yield duty.id, Breach(story(someone(outside[0]), None, what), duty.article, grave=True)


def _misnamed(reach: Reach) -> Iterator[tuple[str, Breach]]:
    """Kinds that the rule says are no people, and whose own names do not say what else they are."""
    for kind in given(reach.rule.kinds, ()):
        if (
            kind.nature not in NATURAL
            and kind.nature != "machine"
            and not says_nature(kind.nature, kind.id, kind.title)
        ):
            what = Sentence(_("is people by its name, which does not say: an organisation, an operator or a site"))
            yield kind.id, Breach(story(someone(kind.id), None, what), "", grave=True)


def who_bears(reach: Reach, duty: Duty) -> Sentence:
    """Who has a duty, in words: people at home first."""
    people = reach.bears(duty)
    return someone(people[0] if people else duty.bearers[0])


def bearer(reach: Reach) -> Seen:
    """No duty lies on people at home, by whatever name, nature or record it gets to them."""
    if not reach.rule.duties:
        return Seen("not-stated", "", sentence(_("no duty is stated")))
    at_home = [(duty, reach.bears(duty)) for duty in reach.duties if reach.bears(duty)]
    breaches = [
        Breach(story(someone(kinds[0]), _first(reach, duty), _must(duty)), duty.article, grave=_by_a_trick(reach, duty))
        for duty, kinds in at_home
    ]
    seen = sentence(_("on people at home: {names}"), names=tuple(duty.id for duty, __ in at_home))
    return judged(breaches, reach.rule.duties[0].article, seen)


def _by_a_trick(reach: Reach, duty: Duty) -> bool:
    """Whether people bear a duty only through a nature, or a kind that is called something else."""
    return not set(reach.bears(duty)) & set(duty.bearers) & reach.rule.natural


def _must(duty: Duty) -> Sentence:
    deadline = duty.deadlines[0]
    if deadline.fixed:
        return sentence(_("must {act} themselves, by {day}"), act=word(ACTS, duty.act), day=deadline.fixed)
    if deadline.period:
        within = period(deadline.period) or deadline.period
        return sentence(_("must {act} themselves, within {time}"), act=word(ACTS, duty.act), time=within)
    return sentence(_("must {act} themselves"), act=word(ACTS, duty.act))


def _first(reach: Reach, duty: Duty) -> date | None:
    days_of = [day for day in (reach.rule.in_force, duty.since) if day is not None]
    return max(days_of, default=None)


def choice(reach: Reach) -> Seen:
    """There is a way by which each person has service with nothing asked of them: computed, whatever the rule says of itself."""
    statement = reach.statement("choice")
    breaches = list(_no_way(reach))
    asked: tuple[str | Sentence, ...] = tuple(name for name, __ in breaches)
    broken = [one for __, one in breaches]
    if statement is not None and not statement.present:
        what = Sentence(_("the rule itself says that nobody is served without being identified"))
        broken.append(Breach(story(SUBSCRIBER, _first_day(reach), what), statement.article))
        return judged(broken, statement.article, sentence(_("absent")))
    if statement is not None and (lapse := reach.lapse(statement) or reach.hollow(statement)) is not None:
        what = sentence(_("cannot be served without being identified: {why}"), why=lapse)
        broken.append(Breach(story(SUBSCRIBER, reach.gap(statement), what), statement.article, grave=True))
        asked = asked or (lapse,)
    if asked:
        return judged(broken, "", sentence(_("no way without: {names}"), names=asked))
    if statement is None and not reach.rule.fields:
        return Seen("not-stated", "", sentence(_("nothing is said")))
    return Seen(
        "passed", statement.article if statement else "", Sentence(_("people may be online with nothing asked of them"))
    )


def _held_back(reach: Reach) -> Iterator[tuple[str, Breach]]:
    """Offices without whose leave nobody goes to another operator."""
    for one in given(reach.rule.succession, ()):
        offices = (
            [office for office in given(one.agreed_by, ()) if office not in PORTING] if one.when == "ported" else []
        )
        if offices:
            what = sentence(
                _("may go to another operator only if this office agrees: {office}"), office=word(DECIDERS, offices[0])
            )
            yield "succession", Breach(story(SUBSCRIBER, one.since, what), one.article, grave=True)
        agreed = given(one.agreed_by, ())
        if agreed and not SAY[one.when == "ported"].intersection(agreed):
            what = sentence(
                _("is handed to another operator unasked: these alone agree ({offices})"), offices=tuple(agreed)
            )
            yield "succession", Breach(story(SUBSCRIBER, one.since, what), one.article, grave=True)


def _no_way(reach: Reach) -> Iterator[tuple[str, Breach]]:
    yield from _held_back(reach)
    for one in reach.measures:
        if one.kind in GENTLE and (people := reach.people(one.against)):
            what = sentence(
                _("is told to do what they may leave undone: {measure} ({id})"),
                measure=word(MEASURES, one.kind),
                id=one.id,
            )
            yield one.id, Breach(story(someone(people[0]), _first_day(reach), what), one.article)
    for duty in reach.duties:
        if people := reach.bears(duty):
            what = sentence(_("may not be online without having to {act}"), act=word(ACTS, duty.act))
            yield duty.id, Breach(story(someone(people[0]), _first(reach, duty), what), duty.article)
        elif duty.condition and (people := reach.people(reach.records(duty))):
            what = sentence(_("has no service until the operator did this about them: {act}"), act=word(ACTS, duty.act))
            yield duty.id, Breach(story(someone(people[0]), _first(reach, duty), what), duty.article)
        elif duty.act == "verify" and (people := reach.people(reach.records(duty))):
            what = Sentence(_("their operator must prove who they are"))
            yield duty.id, Breach(story(someone(people[0]), _first(reach, duty), what), duty.article)
        elif _counts_people(duty) and (people := reach.people(reach.records(duty))):
            what = Sentence(_("their operator can count what they hold in the country only by knowing who they are"))
            yield duty.id, Breach(story(someone(people[0]), _first(reach, duty), what), duty.article)
        elif duty.act == "verify" and (sites := reach.sites.intersection(reach.records(duty))):
            what = sentence(_("whoever keeps it must {act}"), act=word(ACTS, duty.act))
            yield duty.id, Breach(story(someone(min(sites)), _first(reach, duty), what), duty.article)
    yield from _required(reach)


def _counts_people(duty: Duty) -> bool:
    """Whether lines are counted over all operators: nobody can tell that two are one person's without knowing who that is."""
    most = given(duty.most, None)
    return most is not None and given(most.per, "operator") == "country"


def _required(reach: Reach) -> Iterator[tuple[str, Breach]]:
    """Fields that people must tell, or that whoever files them must tell of them."""
    filed = {
        kind: one
        for duty in reach.duties
        if duty.of_others
        for one in reach.people(reach.records(duty))
        for kind in duty.bearers
    }
    for field in reach.fields:
        by = [kind for kind in field.required_of if kind in filed] if reach.names_somebody(field) else []
        if by:
            what = sentence(_("their operator must tell this of them: {field}"), field=field.name)
            yield field.name, Breach(story(someone(filed[by[0]]), _first_day(reach), what), field.article)
        elif reach.names_somebody(field) and (sites := reach.sites.intersection(field.required_of)):
            what = sentence(_("whoever keeps it must tell this: {field}"), field=field.name)
            yield field.name, Breach(story(someone(min(sites)), _first_day(reach), what), field.article)
        if people := reach.asked_of_people(field):
            what = sentence(_("must tell this to be filed: {field}"), field=field.name)
            yield field.name, Breach(story(someone(people[0]), _first_day(reach), what), field.article)


def _first_day(reach: Reach) -> date | None:
    return reach.rule.in_force


def no_cut_off(reach: Reach) -> Seen:
    """No person loses service, or anything worse than a warning's worth, for not filing: by no kind of measure, on no day."""
    found = [*_measures_on_people(reach), *_housed(reach), *_confined(reach), *cut_by_duty(reach)]
    if not found:
        return Seen("passed", "", sentence(_("no person can be cut off")))
    return judged([one for __, one in found], "", sentence("{seen}", seen=tuple(name for name, __ in found)))


def _measures_on_people(reach: Reach) -> Iterator[tuple[Sentence | str, Breach]]:
    first = _first_by_measure(reach)
    for one in reach.measures:
        people, through = reach.hits(one)
        sham = reach.sham_of_gentle(one)
        if not people or reach.is_gentle(one):
            continue
        lived = first.get(one.id)
        name = sentence(_("{name} up to {cap}"), name=one.id, cap=_capped(one.cap)) if one.cap else one.id
        yield name, Breach(_cut(one, people[0], through, sham, lived), one.article, grave=True)


def _housed(reach: Reach) -> Iterator[tuple[Sentence | str, Breach]]:
    """Service taken from a place where people live or lie, and so from them."""
    for one in reach.measures:
        if kinds := reach.housing(one):
            what = sentence(
                _("goes offline with the place ({kind}), on which this falls: {measure} ({id})"),
                kind=someone(kinds[0]),
                measure=word(MEASURES, one.kind),
                id=one.id,
            )
            yield one.id, Breach(story(someone("person"), None, what), one.article, grave=True)


def _confined(reach: Reach) -> Iterator[tuple[Sentence | str, Breach]]:
    """Liberty taken for what an organisation did: it is always a person's."""
    for one in reach.measures:
        if one.kind in CONFINING and not reach.hits(one)[0]:
            what = sentence(
                _("goes to prison for what it did: {measure} ({id})"), measure=word(MEASURES, one.kind), id=one.id
            )
            who = sentence(_("somebody who works there ({kind})"), kind=someone(one.against[0]))
            yield one.id, Breach(story(who, None, what), one.article, grave=True)


def _first_by_measure(reach: Reach) -> dict[str, Story]:
    """The first story in which each measure may follow for a person."""
    first: dict[str, Story] = {}
    for told in told_stories(reach):
        if told.subject.kind in reach.natural:
            for name, __ in told.state.measures:
                first.setdefault(name, told)
    return first


def _cut(measure: Measure, kind: str, through: bool, sham: Sentence | None, lived: Story | None) -> Sentence:
    named = word(MEASURES, measure.kind)
    if through:
        what = sentence(
            _("goes offline with its operator, on whom this falls: {measure} ({id})"), measure=named, id=measure.id
        )
        return story(someone(kind), None, what)
    if sham is not None:
        what = sentence(_("this falls on them: {measure} ({id}), and {why}"), measure=named, id=measure.id, why=sham)
        return story(someone(kind), lived.day if lived else None, what)
    if lived is None:
        return story(
            someone(kind), None, sentence(_("this may fall on them: {measure} ({id})"), measure=named, id=measure.id)
        )
    what = sentence(
        _("connected on {begun} and did not {act}, so that this may follow: {measure} ({id})"),
        begun=lived.subject.connected,
        act=word(ACTS, lived.duty.act),
        measure=named,
        id=measure.id,
    )
    return story(someone(lived.subject.kind), lived.day, what)


def _capped(cap: str) -> Sentence:
    return period(cap) or sentence("{cap}", cap=cap)
