"""Checks of who may see what is kept: what a rule says of it, and what the procedure that it names does.

A procedure that ships lets nothing out unreviewed, yet a rule sets times of it; and one that did would be seen here too.
"""

from collections.abc import Iterator
from datetime import timedelta

from openroll.rules.checks.asked import unasked
from openroll.rules.checks.reach import Reach
from openroll.rules.closed import DECIDERS, days, word
from openroll.rules.model import Statement
from openroll.rules.procedure import Procedure, lasts, procedure_for
from openroll.rules.procedure_paths import (
    APPROVES,
    CONFIRMS,
    Paths,
    answered_in_emergency,
    given_unapproved,
    reviews_afterwards,
    untold,
)
from openroll.rules.sentence import Sentence, sentence


def _(text: str) -> str:
    """Mark a text for the catalogue."""
    return text


Whys = Iterator[tuple[Sentence, bool]]

LATEST_REVIEW = 7
"""Days after an answer in an emergency within which it is reviewed at the latest (our policy; 96 hours by preset)."""
PAIR_DAYS = 30
"""Days over which approvals of one officer by one reviewer are counted, in whichever of them most come (our policy)."""
MOST_PAIR = 100
"""Approvals in these days beyond which they are a list handed over in pieces (our policy)."""
LONGEST_TELLING = 90
"""Days by which telling may be put off at most (our policy)."""


def told(reach: Reach, said: Statement) -> Whys:
    """Told at once, or after a delay of 90 days at most that only who approves requests may grant; and so does the procedure."""
    yield from _told_as_said(said)
    yield from told_by(procedure_for(reach.rule), said)


def _told_as_said(said: Statement) -> Whys:
    if said.days == 0:
        return
    if said.days is None or said.days > LONGEST_TELLING:
        late = sentence(_("it may be put off {time}"), time=days(said.days)) if said.days else None
        yield late or Sentence(_("it may be put off without end")), False
    if said.by not in ("court", "independent-body"):
        yield (
            sentence(_("{who} may put it off"), who=word(DECIDERS, said.by or ""))
            if said.by
            else Sentence(_("nobody is named who alone may put it off")),
            False,
        )


def told_by(procedure: Procedure, said: Statement) -> Whys:
    """Why a procedure does not tell the person in time, or at all."""
    put_off, most = _days_of(lasts(procedure.postpone)), LONGEST_TELLING if said.days is None else said.days
    if put_off > min(most, LONGEST_TELLING):
        yield (
            sentence(_("its procedure ({name}) lets it be put off {time}"), name=procedure.id, time=days(put_off)),
            True,
        )
    for way in untold(Paths(procedure)):
        yield (
            sentence(
                _("its procedure ({name}) ends untold after the step {step}"), name=procedure.id, step=way.step.id
            ),
            True,
        )
    for step in procedure.steps:
        for move in step.moves:
            if move.act == "postpone" and move.by != "reviewer":
                by = sentence(_("its procedure ({name}) lets the {party} put it off"), name=procedure.id, party=move.by)
                yield by, True


def prior_review(reach: Reach, said: Statement) -> Whys:
    """A court or an independent body decides first; and nothing is given out by the procedure before somebody did."""
    if said.by not in ("court", "independent-body"):
        who = word(DECIDERS, said.by) if said.by else Sentence(_("nobody that is named"))
        yield sentence(_("{who} decides"), who=who), False
    yield from reviewed_by(procedure_for(reach.rule))


def reviewed_by(procedure: Procedure) -> Whys:
    """Why a procedure gives something out that nobody independent decided on."""
    paths = Paths(procedure)
    trails = [*given_unapproved(paths, paths.begins, APPROVES | {CONFIRMS})]
    trails += [trail for one in _silent(paths) for trail in given_unapproved(paths, [one])]
    for trail in trails:
        steps = " → ".join(trail)
        yield (
            sentence(_("its procedure ({name}) gives it out unapproved: {steps}"), name=procedure.id, steps=steps),
            True,
        )
    for step in procedure.steps:
        for move in step.moves:
            if move.act in APPROVES and move.by != "reviewer":
                by = sentence(_("its procedure ({name}) lets the {party} approve"), name=procedure.id, party=move.by)
                yield by, True
    for way in answered_in_emergency(paths):
        review = paths.steps.get(way.to)
        if not reviews_afterwards(review):
            what = _("its procedure ({name}) gives it out in an emergency that nobody reviews: {step}")
            yield sentence(what, name=procedure.id, step=way.step.id), True
        elif review is not None and _days_of(review.longest) > LATEST_REVIEW:
            what = _("its procedure ({name}) reviews an emergency only within {time} after the answer")
            yield sentence(what, name=procedure.id, time=days(_days_of(review.longest))), True


def _days_of(time: timedelta) -> int:
    """The days that a time takes, one begun as a whole one: hours are more than no day."""
    return -(-time // timedelta(days=1))


def _silent(paths: Paths) -> Iterator[str]:
    for step in paths.steps.values():
        if step.owner in ("reviewer", "authority") and step.missed is not None:
            yield step.missed


def no_bulk(reach: Reach, said: Statement) -> Whys:
    """One request names one record, no duty has anybody told of without any request, and no officer asks by the hundred."""
    yield from ((why, True) for __, why in unasked(reach))
    if said.records is None:
        yield Sentence(_("no number of records is given")), False
    elif said.records != 1:
        yield sentence(_("one request may name {count} records"), count=said.records), False
    yield from counted_by(procedure_for(reach.rule))


def counted_by(procedure: Procedure) -> Whys:
    """Why so many requests may be approved for one officer, in whichever 30 days most are, that they come to a list."""
    most = most_approved(procedure)
    if most > MOST_PAIR:
        what = _("its procedure ({name}) lets one reviewer approve {count} requests of one officer in {time}")
        yield sentence(what, name=procedure.id, count=most, time=days(PAIR_DAYS)), True


def most_approved(procedure: Procedure) -> int:
    """The most approvals of one officer by one reviewer that may come within any 30 days.

    All that are allowed within `pair_time` may come at once, as soon as the time begins: an average would hide it.
    """
    times = -(-timedelta(days=PAIR_DAYS) // lasts(procedure.pair_time))
    return procedure.pair * times
