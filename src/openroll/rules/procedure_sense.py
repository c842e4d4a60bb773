"""What a schema cannot say of a procedure: every path ends, nobody decides on their own request, silence harms nobody.

Each check is one of `CHECKS`, and docs/procedures.md says what it protects.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import NamedTuple

from openroll.rules.faults import Fault
from openroll.rules.procedure_bounds import MOST_PAIR, beyond_bounds
from openroll.rules.procedure_model import Move, Procedure, Step, lasts
from openroll.rules.procedure_paths import (
    APPROVES,
    CONFIRMS,
    PRODUCES,
    SECONDS,
    TELLS,
    YES,
    Paths,
    Trail,
    answered_in_emergency,
    given_past_objection,
    given_unapproved,
    reviews_afterwards,
    untold,
)
from openroll.rules.sentence import Sentence, sentence
from openroll.rules.text import Path, line_of, said


def _(text: str) -> str:
    """Mark a text for the catalogue."""
    return text


BEGINNINGS = ("ordinary", "emergency", "preserve")
"""How a matter begins."""
DECIDES = frozenset({*APPROVES, "refuse", SECONDS})
"""Acts that decide on what somebody asked: never by who asked, nor by who answers."""
POSTPONES = "postpone"
ACTS: Mapping[str, frozenset[str]] = {
    "open": frozenset({"authority", "reviewer", "operator", "objector"}),
    "call-back": frozenset({"reviewer", "operator"}),
    **{act: frozenset({"reviewer"}) for act in ("return", "ask-back", "extend", POSTPONES, *sorted(DECIDES))},
    **{act: frozenset({"authority"}) for act in ("complete", "answer-back", CONFIRMS, "withdraw", PRODUCES)},
    **{act: frozenset({"operator"}) for act in ("answer", "preserve", "decline", TELLS, "nobody")},
    **{act: frozenset({"objector"}) for act in ("object", "let-pass")},
    "complain": frozenset({"person"}),
}
"""Every act that a procedure may name, and who may do it."""

Found = Iterator[tuple[Path, Sentence, Sentence, str]]


class Check(NamedTuple):
    """One check: its name, and what finds the mistakes. A `whole` one needs every name to be right, for it walks."""

    id: str
    look: Callable[[Procedure], Found]
    whole: bool = True


def sense_faults(value: Procedure, name: str, lines: Mapping[Path, int]) -> list[Fault]:
    """Every mistake of sense in a procedure whose form is right; where names are wrong, no path is judged."""
    names = list(_names(value))
    found = [*names, *(one for check in CHECKS[1:] if not (names and check.whole) for one in check.look(value))]
    return [Fault(name, line_of(lines, path), said(path), what, want, example) for path, what, want, example in found]


def failing(value: Procedure) -> tuple[str, ...]:
    """The names of the checks that find a mistake."""
    wrong = bool(list(_names(value)))
    return tuple(
        check.id for check in CHECKS if not (wrong and check.whole) and any(True for _one in check.look(value))
    )


def _moves(value: Procedure) -> Iterator[tuple[Path, Step, Move]]:
    for at, step in enumerate(value.steps):
        for number, move in enumerate(step.moves):
            yield ("steps", at, "moves", number), step, move


def near(name: str, known: Iterable[str]) -> str:
    """The known name that was probably meant; empty where none is near."""
    return "".join(get_close_matches(name, list(known), 1))


def _names(value: Procedure) -> Found:
    known = tuple(step.id for step in value.steps)
    named: list[tuple[Path, str | None]] = [(("begins", how), first) for how, first in value.begins.items()]
    for at, step in enumerate(value.steps):
        if known.index(step.id) != at:
            twice = sentence(_("{name!r} stands twice."), name=step.id)
            yield ("steps", at, "id"), twice, Sentence(_("each name once")), ""
        named.append((("steps", at, "missed"), step.missed))
    named += [((*path, "to"), move.to) for path, _step, move in _moves(value)]
    for path, name in named:
        if name is not None and name not in known:
            found = sentence(_("There is no step {name!r}."), name=name)
            yield path, found, sentence(_("one of {names}"), names=known), near(name, known)


def _begins(value: Procedure) -> Found:
    want = sentence(_("one of {names}"), names=BEGINNINGS)
    for how in value.begins:
        if how not in BEGINNINGS:
            yield ("begins", how), sentence(_("No matter begins as {name!r}."), name=how), want, near(how, BEGINNINGS)
    if "ordinary" not in value.begins:
        yield ("begins",), sentence(_("{name} is missing."), name="'ordinary'"), want, "ordinary: under-review"


def _acts(value: Procedure) -> Found:
    for path, _step, move in _moves(value):
        if move.act not in ACTS:
            want = sentence(_("one of {names}"), names=tuple(ACTS))
            found = sentence(_("There is no act {name!r}."), name=move.act)
            yield (*path, "act"), found, want, near(move.act, ACTS)
        elif move.by not in ACTS[move.act] and move.act not in DECIDES | {POSTPONES}:
            yield (*path, "by"), *_not_theirs(move)


def _not_theirs(move: Move) -> tuple[Sentence, Sentence, str]:
    found = sentence(_("The act {act!r} is not for the {party} to do."), act=move.act, party=move.by)
    who = tuple(sorted(ACTS[move.act]))
    return found, sentence(_("one of {names}"), names=who), who[0]


def _decides(value: Procedure) -> Found:
    for path, _step, move in _moves(value):
        if move.act in DECIDES and move.by not in ACTS[move.act]:
            yield (*path, "by"), *_not_theirs(move)


def _twice(value: Procedure) -> Found:
    for at, step in enumerate(value.steps):
        seen = [(move.act, move.by) for move in step.moves]
        for number, one in enumerate(seen):
            if seen.index(one) != number:
                found = sentence(_("{party} has two ways to {act} in this step."), party=one[1], act=one[0])
                yield ("steps", at, "moves", number), found, Sentence(_("each act once for each party")), ""


def _owned(value: Procedure) -> Found:
    want = Sentence(_("an owner, a time, and a step that follows when it is missed"))
    for at, step in enumerate(value.steps):
        if step.end:
            if step.moves or step.owner or step.time or step.missed or step.silence or step.urgent:
                what = sentence(_("The end {name!r} goes on."), name=step.id)
                yield ("steps", at), what, Sentence(_("nothing beside its title")), ""
        elif step.owner is None or step.time is None or step.missed is None:
            what = sentence(_("The step {name!r} is nobody's, or has no end in time."), name=step.id)
            yield ("steps", at), what, want, "owner: reviewer, time: P10D, missed: to-tell"
        elif step.owner not in ("person", "clock") and not _leaves(step):
            what = sentence(
                _("In the step {name!r} its owner ({party}) can only wait."), name=step.id, party=step.owner
            )
            yield ("steps", at, "moves"), what, Sentence(_("an act of its owner that leads to another step")), ""


def _leaves(step: Step) -> bool:
    return any(move.by == step.owner and move.to != step.id for move in step.moves)


def _ends(value: Procedure) -> Found:
    """Silence ends: following what is missed, no step comes twice. As no clock restarts, every path that can be taken ends."""
    paths = Paths(value)
    for at, step in enumerate(value.steps):
        silent = paths.silent(step.id)
        if step.missed is not None and len(set(silent)) < len(silent):
            what = sentence(_("Silence goes round: {names}."), names=silent)
            yield ("steps", at, "missed"), what, Sentence(_("a step from which silence leads to an end")), ""


def _reached(value: Procedure) -> Found:
    reached = Paths(value).walk(value.begins.values())
    for at, step in enumerate(value.steps):
        if step.id not in reached:
            what = sentence(_("Nothing leads to the step {name!r}."), name=step.id)
            yield ("steps", at), what, Sentence(_("a way to it from a beginning, or no such step")), ""


def _place(value: Procedure, name: str) -> Path:
    return ("steps", next(at for at, step in enumerate(value.steps) if step.id == name))


def _given(value: Procedure, trails: Iterable[Trail], text: str, want: str) -> Found:
    for trail in trails:
        yield _place(value, trail[-1]), sentence(text, steps=" → ".join(trail)), Sentence(want), ""


def _reviewed(value: Procedure) -> Found:
    paths = Paths(value)
    want = _("an approval by the reviewer on every way to an answer, or an emergency that is confirmed")
    pasts = [APPROVES | {CONFIRMS}, *([frozenset({SECONDS, CONFIRMS})] if paths.acting(SECONDS) else [])]
    for past in pasts:
        trails = given_unapproved(paths, paths.begins, past)
        yield from _given(value, trails, _("Something can be given out that nobody approved: {steps}."), want)


def _heard(value: Procedure) -> Found:
    want = _("the step in which a third body may object on every way to an answer")
    text = _("Something can be given out before the third body could object: {steps}.")
    yield from _given(value, given_past_objection(Paths(value)), text, want)


def _silence(value: Procedure) -> Found:
    paths = Paths(value)
    for at, step in enumerate(value.steps):
        if step.owner in ("reviewer", "authority") and step.missed is not None:
            for trail in given_unapproved(paths, [step.missed]):
                what = sentence(
                    _("When the {party} says nothing, something can be given out: {steps}."),
                    party=step.owner,
                    steps=" → ".join((step.id, *trail)),
                )
                yield ("steps", at, "missed"), what, Sentence(_("a step in which nothing can be given out")), "to-tell"


def _harms(value: Procedure) -> Found:
    paths = Paths(value)
    for at, step in enumerate(value.steps):
        if step.owner == "person" and step.missed is not None:
            after = paths.walk([step.missed])
            if any(paths.steps[name].takes(act) for name in after for act in (*YES, "answer", PRODUCES)):
                what = sentence(_("When the person says nothing, the matter begins again: {name}."), name=step.missed)
                yield ("steps", at, "missed"), what, Sentence(_("a step from which nothing can be given out")), "closed"


def _emergency(value: Procedure) -> Found:
    paths = Paths(value)
    for at, step in enumerate(value.steps):
        if step.takes(CONFIRMS) and not step.takes("call-back"):
            what = sentence(_("The emergency of {name!r} is confirmed, and nobody called back."), name=step.id)
            example = "{act: call-back, by: operator, to: " + step.id + "}"
            yield ("steps", at, "moves"), what, Sentence(_("a call back by the operator or the reviewer")), example
    for way in answered_in_emergency(paths):
        if not reviews_afterwards(paths.steps.get(way.to)):
            what = sentence(
                _("What is given out in an emergency ({name}) is not reviewed afterwards."), name=way.step.id
            )
            want = Sentence(_("a step of the reviewer's that approves or refuses, with the silence `annulled`"))
            yield (*_place(value, way.step.id), "moves"), what, want, ""


def _told(value: Procedure) -> Found:
    paths = Paths(value)
    want = Sentence(_("a step in which the operator tells the person, on every way to an end"))
    for way in untold(paths):
        by = way.act or "missed"
        what = sentence(_("It ends without the person being told: {name} ({act})."), name=way.step.id, act=by)
        yield (*_place(value, way.step.id), "moves" if way.move else "missed"), what, want, "to-tell"
    tellings = paths.tellings()
    for name in tellings:
        for way in paths.ways(name):
            if way.act not in (TELLS, "nobody", "") and way.to not in tellings:
                what = sentence(_("The act {act!r} ends the telling of the person."), act=way.act)
                yield (*_place(value, name), "moves"), what, Sentence(_("the acts `tell` and `nobody` alone")), ""
            after = paths.steps[way.to]
            if way.act == TELLS and not (after.owner == "person" and after.takes("complain")):
                what = sentence(_("The person is told, and cannot complain: {name}."), name=way.to)
                yield (*_place(value, name), "moves"), what, Sentence(_("a step of the person's, to complain in")), ""
    into = {way.to for name in paths.steps if name not in tellings for way in paths.ways(name)}
    for name in (one for one in tellings if one in into):
        if paths.steps[name].missed not in tellings:
            what = sentence(_("A telling that is missed is not late: it is over ({name})."), name=name)
            yield (
                (*_place(value, name), "missed"),
                what,
                Sentence(_("a step in which it is late, and due")),
                "tell-late",
            )


def _postpones(value: Procedure) -> Found:
    for path, step, move in _moves(value):
        if move.act == POSTPONES and move.by not in ACTS[POSTPONES]:
            yield (*path, "by"), *_not_theirs(move)
        elif move.act in (POSTPONES, "extend") and move.to != step.id:
            what = sentence(_("The act {act!r} leads out of its step."), act=move.act)
            yield (*path, "to"), what, sentence(_("the step {name!r} itself"), name=step.id), step.id


def _times(value: Procedure) -> Found:
    for path, time, least, most in beyond_bounds(value):
        want = sentence(_("a time from {least} to {most}"), least=least, most=most)
        yield (
            path,
            sentence(_("{time} is out of bounds."), time=time),
            want,
            least if lasts(time) < lasts(least) else most,
        )
    if value.pair > MOST_PAIR:
        what = sentence(_("{time} is out of bounds."), time=value.pair)
        yield ("pair",), what, sentence(_("a number of at most {value}"), value=MOST_PAIR), "20"
    for at, step in enumerate(value.steps):
        if step.takes(PRODUCES) and step.time != value.preserve:
            what = sentence(_("{time} is not what `preserve` says."), time=step.time)
            yield ("steps", at, "time"), what, sentence("{value}", value=value.preserve), value.preserve


CHECKS = (
    Check("names", _names, whole=False),
    Check("begins", _begins, whole=False),
    Check("acts", _acts, whole=False),
    Check("decides", _decides, whole=False),
    Check("twice", _twice, whole=False),
    Check("owned", _owned, whole=False),
    Check("postpones", _postpones, whole=False),
    Check("ends", _ends),
    Check("reached", _reached),
    Check("reviewed", _reviewed),
    Check("heard", _heard),
    Check("silence", _silence),
    Check("harms", _harms),
    Check("emergency", _emergency),
    Check("told", _told),
    Check("times", _times),
)
"""Every check of a procedure; docs/procedures.md says what each protects."""
