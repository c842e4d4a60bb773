"""Decisions that their bodies sign: what an answer rests on is a body's word, and not the log's alone.

What stands in the log is what whoever keeps it wrote there. So whoever decides reads its decision back and signs it as it stands
there, by a key that its organisation published; an operator's program gives nothing that is not signed so. One text is signed,
which names the decision by its SHA-256 and with it the request as it was filed and what was asked last: so it is a signature of
no other decision, of no other request, and of none on what was asked before. `frontend/src/desk-signed.js` judges alike.
"""

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from openroll.disclosure.envelope import VerifyingKey, is_signed
from openroll.register.request import events

FORM = "openroll decision 1"
"""How the text of a decision begins."""
DECIDES: Mapping[type[events.RequestEvent], str] = {
    events.RequestApproved: "reviewer",
    events.RequestNarrowed: "reviewer",
    events.RequestSeconded: "reviewer",
    events.RequestConfirmed: "authority",
    events.RequestPassed: "objector",
}
"""The facts by which something may be given, and whose word each is. That a third body says nothing is nobody's."""
BEGINS_ANEW = (events.RequestApproved, events.RequestNarrowed, events.RequestConfirmed)
"""Those that say what may be given: what was decided before counts no more."""
MOST_TEXT = 10_000
"""Characters of a decision's text: a rule has few fields, each of a short name."""


def digest_in_log(fact: events.RequestEvent) -> str:
    """The SHA-256 of a fact's text in the log, in hexadecimal."""
    return hashlib.sha256(fact.body().encode()).hexdigest()


def decision_text(fact: events.RequestEvent, filed_as: str, asked: str, approved: Iterable[str]) -> str:
    """What is signed of a decision: that it is this one, on this request as it was filed and on what was asked last.

    `filed_as` is the digest of its filing in the log, `asked` that of the envelope that asked last, `approved` what may be given.
    Who decided is in `decided` too, and stands there to be read.
    """
    return (
        f"{FORM} request={fact.request} filed={filed_as} asked={asked} decided={digest_in_log(fact)} act={fact.name}"
        f" by={fact.by} fields={','.join(approved)}"
    )


class TimedKey(NamedTuple):
    """A key of an organisation, and by which entries of the log it was in force: from `published` until `ended`, if it was."""

    verifying: VerifyingKey
    published: int
    ended: int | None


class Judged(NamedTuple):
    """A decision that an answer rests on, and whether its body signed it.

    `fault` is empty where it did, by the key `key`; `unsigned` where it signed nothing of it; `otherwise` where it signed another
    decision than the log has, `signed` being the text of that; `no-key` where the key is none of its own that was in force;
    `signature` where that does not hold. `place` is that of the signature among the facts.
    """

    party: str
    organisation: str
    text: str
    fault: str
    key: str = ""
    signed: str = ""
    place: int | None = None


FAULTS = ("unsigned", "otherwise", "no-key", "signature")


def judged(
    decisions: Iterable[tuple[str, str]],
    bodies: Mapping[str, str],
    facts: Sequence[tuple[int, events.RequestEvent]],
    keys_of: Callable[[str], Sequence[TimedKey]],
) -> tuple[Judged, ...]:
    """Each decision that an answer rests on, with whether its body signed it.

    `decisions` are each one's party and text as the log has it (`Request.decisions`), `bodies` the organisation of each party,
    `facts` those of the request with the place of each one's entry in the log, and `keys_of` gives the keys of an organisation.
    """
    signatures = [
        (place, position, fact)
        for place, (position, fact) in enumerate(facts)
        if isinstance(fact, events.RequestSigned)
    ]
    every, found = tuple(decisions), []
    others = {text for _, text in every}
    for party, text in every:
        organisation = bodies[party]
        of = [one for one in signatures if one[2].organisation == organisation]
        own = [one for one in of if one[2].decision == text or one[2].decision not in others]
        keys = keys_of(organisation) if own else ()
        found.append(_judged(Judged(party, organisation, text, "unsigned"), own, keys))
    return tuple(found)


def _judged(
    decision: Judged, signatures: Iterable[tuple[int, int, events.RequestSigned]], keys: Sequence[TimedKey]
) -> Judged:
    """A decision with the best that any signature says of it."""
    best = decision
    for place, position, fact in signatures:
        fault = _fault(fact, position, keys)
        if not fault and fact.decision != decision.text:
            fault = "otherwise"
        one = decision._replace(fault=fault, key=fact.key, signed=fact.decision, place=place)
        if not fault:
            return one
        if best.fault != "otherwise":
            best = one
    return best


def _fault(fact: events.RequestSigned, position: int, keys: Collection[TimedKey]) -> str:
    """Why what was signed at this place of the log is nobody's word, if so."""
    key = next(
        (
            one.verifying
            for one in keys
            if one.verifying.id == fact.key and one.published < position and (one.ended is None or position < one.ended)
        ),
        None,
    )
    if key is None:
        return "no-key"
    return "" if is_signed(fact.decision, fact.signature, key) else "signature"


def differences(text: str, signed: str) -> list[tuple[str, str, str]]:
    """What two texts of decisions say otherwise: each member's name, and what the first and the second have of it."""
    one, other = _members(text), _members(signed)
    return [
        (name, one.get(name, ""), other.get(name, ""))
        for name in dict.fromkeys((*one, *other))
        if one.get(name) != other.get(name)
    ]


def _members(text: str) -> dict[str, str]:
    pairs = (member.partition("=") for member in text.split(" "))
    return {name: value for name, equals, value in pairs if equals}


__all__ = [
    "BEGINS_ANEW",
    "DECIDES",
    "FAULTS",
    "FORM",
    "MOST_TEXT",
    "Judged",
    "TimedKey",
    "decision_text",
    "differences",
    "digest_in_log",
    "judged",
]
