"""Whether the decisions of a request that a roll gives are signed by their bodies, each by a key that was its own then.

A key counts from the entry that published it until the one that ended it: what was signed in between stays signed, and nothing
that comes later is. That a key has ended is the roll's word, unless somebody read the whole log (`ends`).
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date

from openroll.register.request.events import KeyEnded
from openroll.register.request.signed_decisions import Judged, TimedKey, judged
from openroll.register.request.whose import is_its_own_key
from openroll.tlog import KeyHistory, Policy, parse_proof
from openroll.watch.requests.proved import Fact, Key, Matter, Unproved, event_proved, own_keys

_NEVER = 0
"""Until when a key was in force whose end the roll does not prove: nothing rests on it."""


def timed_keys(
    keys: Iterable[Key],
    organisation: str,
    log: KeyHistory,
    policy: Policy | None = None,
    ends: Mapping[str, int] | None = None,
) -> list[TimedKey]:
    """The keys of an organisation with the entries between which each was in force; `ends` are those that a log was read to have.

    Raises Unproved as `own_keys`.
    """
    served = list(keys)
    found = own_keys(served, organisation, log, policy)
    return [
        TimedKey(own.published.verifying, _position(one.receipt), _ended(one, log, policy, (ends or {}).get(one.key)))
        for one, own in zip(served, found, strict=True)
    ]


def _position(receipt: str) -> int:
    return parse_proof(receipt.encode()).index


def _ended(key: Key, log: KeyHistory, policy: Policy | None, in_log: int | None) -> int | None:
    """Where the entry stands that ended a key; None where it is in force."""
    if not key.ended:
        return in_log
    if not key.ended_receipt:
        return _NEVER if in_log is None else in_log
    fact = event_proved(Fact(KeyEnded.name, date.min, "", key.ended_receipt), log, policy)
    if not isinstance(fact, KeyEnded) or (fact.organisation, fact.key) != (key.organisation, key.key):
        raise Unproved(f"what it gives as the end of the key {key.key} is not what its receipt proves")
    position = _position(key.ended_receipt) if is_its_own_key(fact) else _NEVER
    return position if in_log is None else min(position, in_log)


def decisions_judged(matter: Matter, keys_of: Callable[[str], list[TimedKey]]) -> tuple[Judged, ...]:
    """Each decision that an answer to a request rests on, with whether its body signed it."""
    filed = matter.filed
    bodies = {"authority": filed.authority, "reviewer": filed.reviewer, "objector": filed.objector}
    placed = [(_position(receipt), fact) for receipt, fact in zip(matter.receipts, matter.facts, strict=True)]
    return judged(matter.request.decisions, bodies, placed, keys_of)


__all__ = ["decisions_judged", "timed_keys"]
