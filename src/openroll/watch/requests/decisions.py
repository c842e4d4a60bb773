"""Whether the decisions of a request that a roll gives are signed by their bodies, each by a key that was its own then.

A key counts from the entry that published it until the one that ended it: what was signed in between stays signed, and nothing
that comes later is. That a key has ended is the roll's word, but to whoever read the whole log (`KeysInLog`).
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import date
from typing import NamedTuple

from openroll.disclosure.envelope import KeyUnfit, published_of
from openroll.register.event import Event
from openroll.register.request.events import KeyEnded, KeyPublished, RequestAnswered, RequestEvent
from openroll.register.request.signed_decisions import Judged, TimedKey, judged
from openroll.register.request.state import fold
from openroll.register.request.whose import is_its_own_key
from openroll.register.request.words import GIVING
from openroll.tlog import KeyHistory, Policy, parse_proof
from openroll.watch.facts import UNRECKONED
from openroll.watch.requests.proved import Fact, Key, Matter, Unproved, event_proved, own_keys

_NEVER = 0
"""Until when a key was in force whose end the roll does not prove: nothing rests on it."""


def timed_keys(keys: Iterable[Key], organisation: str, log: KeyHistory, policy: Policy | None = None) -> list[TimedKey]:
    """The keys of an organisation with the entries between which each was in force, by their receipts.

    Raises Unproved as `own_keys`.
    """
    served = list(keys)
    found = own_keys(served, organisation, log, policy)
    return [
        TimedKey(own.published.verifying, _position(one.receipt), _ended(one, log, policy) if one.ended else None)
        for one, own in zip(served, found, strict=True)
    ]


def _position(receipt: str) -> int:
    return parse_proof(receipt.encode()).index


def _ended(key: Key, log: KeyHistory, policy: Policy | None) -> int:
    """Where the entry stands that ended a key."""
    if not key.ended_receipt:
        return _NEVER
    fact = event_proved(Fact(KeyEnded.name, date.min, "", key.ended_receipt), log, policy)
    if not isinstance(fact, KeyEnded) or (fact.organisation, fact.key) != (key.organisation, key.key):
        raise Unproved(f"what it gives as the end of the key {key.key} is not what its receipt proves")
    return _position(key.ended_receipt) if is_its_own_key(fact) else _NEVER


def decisions_judged(matter: Matter, keys_of: Callable[[str], list[TimedKey]]) -> tuple[Judged, ...]:
    """Each decision that an answer to a request rests on, with whether its body signed it."""
    filed = matter.filed
    bodies = {"authority": filed.authority, "reviewer": filed.reviewer, "objector": filed.objector}
    placed = [(_position(receipt), fact) for receipt, fact in zip(matter.receipts, matter.facts, strict=True)]
    return judged(matter.request.decisions, bodies, placed, keys_of)


class KeysInLog:
    """The keys of organisations as a log's believed entries have them, each with those that published and ended it."""

    def __init__(self) -> None:
        self._keys: dict[str, dict[str, TimedKey]] = {}

    def take(self, position: int, fact: Event | None) -> None:
        """Keep what the next entry says of a key, if it does."""
        if isinstance(fact, KeyPublished):
            with suppress(KeyUnfit):  # what is no key signs nothing
                key = TimedKey(published_of(fact.public).verifying, position, None)
                self._keys.setdefault(fact.organisation, {})[fact.key] = key
        if isinstance(fact, KeyEnded) and (own := self._keys.get(fact.organisation, {})).get(fact.key):
            own[fact.key] = own[fact.key]._replace(ended=position)

    def of(self, organisation: str) -> list[TimedKey]:
        """The keys of an organisation."""
        return list(self._keys.get(organisation, {}).values())


class Signatures(NamedTuple):
    """The decisions by which something was given: how many there are, how many of them nobody signed and in which requests, and
    in words what was signed otherwise than the log has it."""

    decisions: int
    unsigned: int
    requests: tuple[int, ...]
    otherwise: tuple[str, ...]


def signatures_in(
    lives: Iterable[Sequence[tuple[int, RequestEvent]]], keys_of: Callable[[str], list[TimedKey]]
) -> Signatures:
    """Which decisions were signed by their bodies when something was given by them, of requests by their facts with the places of
    their entries."""
    every: list[tuple[int, Judged]] = []
    for life in lives:
        answered = next((place for place, (_, fact) in enumerate(life) if _gives(fact)), None)
        if answered is not None:
            before = life[:answered]
            every += [(before[0][1].request, one) for one in _judged_before(before, keys_of)]
    unsigned = [number for number, one in every if one.fault == "unsigned"]
    otherwise = [
        f"request {number}: {one.organisation} signed otherwise than the log has it, or by no key of its own ({one.fault})"
        for number, one in every
        if one.fault not in ("", "unsigned")
    ]
    return Signatures(len(every), len(unsigned), tuple(dict.fromkeys(unsigned)), tuple(otherwise))


def _gives(fact: RequestEvent) -> bool:
    return isinstance(fact, RequestAnswered) and fact.outcome in GIVING


def _judged_before(
    life: Sequence[tuple[int, RequestEvent]], keys_of: Callable[[str], list[TimedKey]]
) -> tuple[Judged, ...]:
    """The decisions that these facts leave; none where nobody can follow them: that is said elsewhere."""
    try:
        request = fold([fact for _, fact in life])
    except UNRECKONED:
        return ()
    if request is None:
        return ()
    bodies = {"authority": request.authority, "reviewer": request.reviewer, "objector": request.objector}
    return judged(request.decisions, bodies, life, keys_of)


__all__ = ["KeysInLog", "Signatures", "decisions_judged", "signatures_in", "timed_keys"]
