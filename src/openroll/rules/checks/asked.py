"""What a rule may ask by a duty: closed lists of acts, of the events they are counted from, and of what comes again.

Whatever is not in them is a clause that nobody has looked at, and keeps a live roll shut: the next act or event that the format
learns stands in no list until somebody puts it there.
"""

from collections.abc import Iterator, Mapping
from typing import get_args

from openroll.rules.calendar import span_of
from openroll.rules.checks.reach import Reach
from openroll.rules.closed import ACTS, EVENTS, KINDS, word
from openroll.rules.duty import CALENDAR_EVENTS, Act, Duty, Event
from openroll.rules.kinds import NATURAL
from openroll.rules.sentence import Sentence, sentence
from openroll.rules.telltales import listed, tells
from openroll.rules.values import given


def _(text: str) -> str:
    """Mark a text for the catalogue."""
    return text


_BEGUN: frozenset[Event] = frozenset({"connection", "activation", "reactivation", "in-force", "transfer", "port"})
_CHANGED: frozenset[Event] = frozenset({"change", "transfer", "port"})
_OVER: frozenset[Event] = frozenset({"end", "deactivation", "transfer", "port"})
_CALENDAR: frozenset[Event] = frozenset(event for event in get_args(Event) if event in CALENDAR_EVENTS)
_ANY: frozenset[Event] = frozenset(get_args(Event))

ABOUT: Mapping[Act, frozenset[Event]] = {
    "file": _BEGUN,
    "report-change": _CHANGED,
    "report-end": _OVER,
    "amend": frozenset({"change"}),
    "renew": frozenset({"transfer", "port"}),
    "verify": frozenset({"connection", "activation", "in-force"}),
    "deactivate": _ANY,
    "hold-at-most": _ANY,
}
"""Of a duty about records of others, once each: acts, and what each may be counted from. The last two are judged as takings.

What leaves about somebody goes through the register, where an approver decides first (`prior-review`) and they are told: no duty
has an operator report, tell, answer, hand over, amend or renew it at a request, an order or a notice, whoever sends it.
"""

OWN: Mapping[Act, frozenset[Event]] = {
    "file": frozenset({*_BEGUN, "announcement", "notice"}),
    "report-change": frozenset({*_CHANGED, "suspension", "deactivation", "reactivation", "end"}),
    "report-end": _OVER,
    "report-loss": frozenset({"loss", "notice"}),
    "report": frozenset({*_BEGUN, *_CALENDAR, "change", "announcement", "loss"}),
    "verify": frozenset({*_BEGUN, "announcement"}),
    "amend": frozenset({"change", "in-force", "announcement"}),
    "renew": frozenset({*_BEGUN, *_CALENDAR, "announcement", "end"}),
    "tell": frozenset({"loss", "change"}),
    "deactivate": _ANY,
    "hold-at-most": _ANY,
}
"""The same of a duty of organisations, operators and sites about themselves.

What is told, answered or handed over when somebody asks is whatever they ask for, and what is amended, renewed or proved then is
so as often as they ask: nobody has such a duty.
"""
AGAIN: frozenset[Act] = frozenset({"report", "renew"})
"""Acts about oneself that may come again."""
LEAST_MONTHS = 1
"""Months that lie between two of them at least (our policy): what comes daily is a feed."""

DOING: frozenset[Event] = frozenset({"post", "sale"})
"""Events that are what somebody does with their line, and not what becomes of it."""
PAYING = frozenset({"prepaid", "postpaid"})
"""How somebody pays: a duty about people stands on both or on neither, so that the poor are not picked out."""
COUNTED = frozenset({"lines", "subscriptions"})
"""Numbers of people at home that a duty may hang on, and that a rule may limit."""
SERVICES = frozenset(
    [
        "prepaid",
        "postpaid",
        "sim",
        "esim",
        "mobile",
        "fixed",
        "fixed-wireless",
        "wireless",
        "fibre",
        "fiber",
        "dsl",
        "adsl",
        "cable",
        "lan",
        "dial-up",
        "leased-line",
        "satellite",
        "broadband",
        "internet",
        "telephone",
        "voice",
        "data",
        "access",
        "hosting",
        "domain",
        "roaming",
        "m2m",
        "iot",
        "other",
    ]
)
"""Services that a duty may stand on: how somebody is connected and pays, and not what for."""


def unasked(reach: Reach) -> Iterator[tuple[Duty, Sentence]]:
    """Duties that hand over, tell or file what nobody asked for, each with why."""
    for duty in reach.duties:
        if strange := _strangers(reach, duty):
            told = sentence(_("no list has these among those who keep a line: {kind}"), kind=word(KINDS, strange))
            yield (
                duty,
                sentence(_("their operator must {act}: {why} ({id})"), act=word(ACTS, duty.act), why=told, id=duty.id),
            )
        elif duty.of_others and (why := _beyond(duty, ABOUT, again=frozenset())) is not None:
            yield (
                duty,
                sentence(_("their operator must {act}: {why} ({id})"), act=word(ACTS, duty.act), why=why, id=duty.id),
            )
        elif not duty.of_others and not reach.bears(duty) and (why := _beyond(duty, OWN, again=AGAIN)) is not None:
            yield (
                duty,
                sentence(
                    _("who must {act} does so unasked: {why} ({id})"), act=word(ACTS, duty.act), why=why, id=duty.id
                ),
            )


def _strangers(reach: Reach, duty: Duty) -> str:
    """Who has a duty about people at home and keeps no line of theirs; empty where nobody does.

    Of the kinds that stand for all rules an access operator does; one that a rule declares is an operator and says so in words
    of a closed list alone: who keeps an account, a call or a shared line is none.
    """
    if not duty.of_others or duty.act == "deactivate" or not reach.people(reach.records(duty)):
        return ""
    titles = {one.id: one.title for one in given(reach.rule.kinds, ()) if one.nature == "operator"}
    return next(
        (
            kind
            for kind in duty.bearers
            if kind not in CARRIERS and not (kind in titles and listed("carrier", kind, titles[kind]))
        ),
        "",
    )


CARRIERS = frozenset({"access-operator", "interconnecting-operator"})
"""Those of the seven kinds that may have to file people: they keep the line."""


def _beyond(duty: Duty, lists: Mapping[Act, frozenset[Event]], again: frozenset[Act]) -> Sentence | None:
    """What of a duty stands in no list."""
    if duty.counts_from not in lists.get(duty.act, frozenset()):
        return sentence(_("no list has it counted from this: {event}"), event=word(EVENTS, duty.counts_from))
    recurs = given(duty.recurs, "")
    if duty.act in ("deactivate", "hold-at-most") or not (recurs or duty.counts_from in CALENDAR_EVENTS):
        return None
    if duty.act not in again or (recurs and span_of(recurs).months < LEAST_MONTHS):
        return Sentence(_("it comes again and again"))
    return None


def doings(reach: Reach) -> Iterator[tuple[Duty, str, Sentence]]:
    """Duties that hang on what somebody does, each with whom of and why."""
    asked_of_all = frozenset(one.act for one in reach.duties if not NATURAL.isdisjoint(reach.records(one)))
    for duty in reach.duties:
        whom = next((kind for kind in reach.known_kinds if kind in reach.records(duty)), duty.bearers[0])
        if duty.of_others and duty.act != "deactivate" and (single := _singled_out(reach, duty, asked_of_all)):
            yield duty, single, sentence(_("of all people this speaks of them alone ({id})"), id=duty.id)
        for why in _doing(duty, at_home=bool(reach.people(reach.records(duty)))):
            yield duty, whom, sentence(_("{why} ({id})"), why=why, id=duty.id)


def _singled_out(reach: Reach, duty: Duty, asked_of_all: frozenset[Act]) -> str:
    """A kind of people of whom alone an act is asked: children, visitors; empty where a duty asks the same of others too."""
    people = reach.people(reach.records(duty))
    return "" if not people or duty.act in asked_of_all else people[0]


def _doing(duty: Duty, at_home: bool) -> Iterator[Sentence]:
    if duty.counts_from in DOING and (at_home or duty.of_others):
        yield sentence(_("each thing that they do is reported: {event}"), event=word(EVENTS, duty.counts_from))
    threshold, most = given(duty.threshold, None), given(duty.most, None)
    for of in [one.of for one in (threshold, most) if one is not None]:
        if of not in COUNTED if at_home else tells("activity", (of,)):
            yield sentence(_("somebody counts this of them: {of}"), of=of)
    for service in given(duty.services, ()):
        if service not in SERVICES:
            yield sentence(_("it hangs on what they use the line for: {service}"), service=service)
        if at_home and service in PAYING and not set(given(duty.services, ())) >= PAYING:
            yield sentence(_("it hangs on how they pay: {service}"), service=service)
