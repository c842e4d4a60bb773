"""Procedures in words: who acts, what may be done, how long it takes, what silence brings; in any language."""

from typing import NamedTuple

from openroll.rules.language import in_language
from openroll.rules.procedure import Procedure, Step
from openroll.rules.procedure_model import TIME_PARTS
from openroll.rules.procedure_order import BESIDE, Leg
from openroll.words.catalogue import gettext
from openroll.words.labels import words


def _(text: str) -> str:
    """Marks a text for the catalogue."""
    return text


PARTIES = {
    "authority": _("the authority that asks"),
    "reviewer": _("the reviewer"),
    "operator": _("the operator"),
    "objector": _("a third body"),
    "person": _("the person"),
    "clock": _("nobody: time passes"),
}
"""Who acts."""
ACTS = {
    "open": _("opened"),
    "return": _("sent back as incomplete"),
    "complete": _("completed"),
    "ask-back": _("asked back"),
    "answer-back": _("the question answered"),
    "call-back": _("called back at its registered office"),
    "confirm": _("confirmed by a second person"),
    "approve": _("approved"),
    "narrow": _("approved in part"),
    "second": _("approved by a second person"),
    "refuse": _("refused"),
    "object": _("objected to"),
    "let-pass": _("no objection"),
    "postpone": _("telling the person put off"),
    "extend": _("more time taken, once"),
    "withdraw": _("withdrawn"),
    "produce": _("asked for by a further request"),
    "preserve": _("preserved"),
    "answer": _("answered"),
    "decline": _("not carried out, with the reason (in requests of before)"),
    "tell": _("the person told"),
    "nobody": _("nobody there to be told"),
    "complain": _("a complaint made"),
}
"""What has been done, by the act's name."""
SILENCES = {
    "no-decision": _("no decision"),
    "abandoned": _("abandoned"),
    "unconfirmed": _("not confirmed"),
    "unanswered": _("not answered"),
    "lapsed": _("lapsed"),
    "annulled": _("annulled: what was given may not be used"),
}
"""What has come of a matter when nothing was done."""
SECTIONS = {
    "ordinary": _("In the ordinary case"),
    "emergency": _("In an emergency"),
    "preserve": _("To preserve something first"),
    BESIDE: _("Beside these ways"),
}
"""How a matter begins."""
MEANWHILE = _("meanwhile: {acts}")
"""What may be done in a step without leaving it."""
_UNITS = (
    (_("1 day"), _("{n} days")),
    (_("1 hour"), _("{n} hours")),
    (_("1 minute"), _("{n} minutes")),
)


class StepWords(NamedTuple):
    """A step in words: its title, whose turn it is until when, what leads on and elsewhere, what is done in it, silence."""

    title: str
    turn: str
    on: str
    elsewhere: tuple[str, ...]
    meanwhile: str
    silence: str


def lasting(lang: str, time: str) -> str:
    """A time of a procedure in words: 10 days, 96 hours."""
    found = TIME_PARTS.fullmatch(time)
    numbers = [int(part or 0) for part in found.groups()] if found else []
    parts = [
        gettext(lang, one if number == 1 else many).format(n=number)
        for (one, many), number in zip(_UNITS, numbers, strict=False)
        if number
    ]
    return gettext(lang, ", ").join(parts) or gettext(lang, _UNITS[0][1]).format(n=0)


def step_words(lang: str, procedure: Procedure, leg: Leg) -> StepWords:
    """A step of a procedure in words."""
    step, on = leg
    titles = {one.id: in_language(one.title, lang) for one in procedure.steps}
    by_target: dict[str, list[str]] = {}
    for move in step.moves:
        said = words(lang, ACTS, move.act)
        if move.act not in (on.act if on else None, "") and said not in by_target.setdefault(move.to, []):
            by_target[move.to].append(said)
    meanwhile = by_target.pop(step.id, [])
    return StepWords(
        titles[step.id],
        _turn(lang, step),
        _leads(lang, [words(lang, ACTS, on.act)], titles[on.to]) if on and on.move else "",
        tuple(_leads(lang, acts, titles[to]) for to, acts in by_target.items() if acts),
        _joined(lang, meanwhile),
        _silence(lang, step, titles),
    )


def _joined(lang: str, said: list[str]) -> str:
    return gettext(lang, ", ").join(said)


def _leads(lang: str, acts: list[str], to: str) -> str:
    return gettext(lang, _("{acts}: on to “{step}”")).format(acts=_joined(lang, acts), step=to)


def _turn(lang: str, step: Step) -> str:
    if step.owner is None or step.time is None:
        return gettext(lang, _("the end"))
    turn = gettext(lang, _("{party}, within {time}")).format(
        party=words(lang, PARTIES, step.owner), time=lasting(lang, step.time)
    )
    if step.urgent is None:
        return turn
    return gettext(lang, _("{turn} (in an emergency {time})")).format(turn=turn, time=lasting(lang, step.urgent))


def _silence(lang: str, step: Step, titles: dict[str, str]) -> str:
    if step.missed is None:
        return ""
    to = titles[step.missed]
    if step.silence is None:
        return gettext(lang, _("if nothing is done: on to “{step}”")).format(step=to)
    said = gettext(lang, _("if nothing is done: {outcome}; on to “{step}”"))
    return said.format(outcome=words(lang, SILENCES, step.silence), step=to)


def whole_words(lang: str, procedure: Procedure) -> tuple[str, ...]:
    """What holds for a whole procedure, a sentence each."""
    told = (
        (_("Telling the person may be put off by {time} in all, by the reviewer alone."), procedure.postpone),
        (_("What is preserved is kept for {time}."), procedure.preserve),
        (_("A time may be extended once, by {time}."), procedure.extend),
    )
    extends = any(step.takes("extend") for step in procedure.steps)
    keeps = any(step.takes("preserve") for step in procedure.steps)
    shown = (True, keeps, extends)
    said = [
        gettext(lang, text).format(time=lasting(lang, time))
        for (text, time), show in zip(told, shown, strict=True)
        if show
    ]
    pair = _("One reviewer may approve {count} requests of one officer within {time}.")
    said.append(gettext(lang, pair).format(count=procedure.pair, time=lasting(lang, procedure.pair_time)))
    back = gettext(lang, _("Coming back into a step gives what was left of its time."))
    days = procedure.longest.days + 1
    most = gettext(lang, _("Whatever anybody does or leaves undone, all is over after {time} at most.")).format(
        time=lasting(lang, f"P{days}D")
    )
    return (*said, back, most)
