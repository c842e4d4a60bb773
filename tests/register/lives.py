"""Lives of a record, drawn at random: values that leave it and come back, facts that name it or do not, others' facts between."""

from datetime import date
from random import Random

from tests.register.test_request_checked import DAY, changed, corrected, filed, receipts

from openroll.disclosure import Disclosure
from openroll.register.event import Event
from openroll.register.request.checked import Expected, LogPosition
from openroll.register.request.content import Answer
from openroll.register.subscription.events import SubscriptionEnded, SubscriptionErased, SubscriptionPorted

NAMES = ("name", "address")
VALUES = {name: [Disclosure.of_property("A" * 4, name, f"{name} {at}") for at in range(3)] for name in NAMES}
RULE = {"by": "operator", "rule": "r"}


def life(rng: Random) -> tuple[Answer, Expected]:
    """An answer with all the receipts of one record, in the log's order, and what it is held against.

    Mostly what an honest operator files; now and then a fact that does not fit, or one of another record.
    """
    stands = {name: rng.choice(VALUES[name]) for name in NAMES}
    facts: list[Event] = [filed(_digests(stands))]
    own, operator = [0], "east"
    for _ in range(rng.randint(0, 6)):
        fact, operator = _next(rng, stands, operator)
        if rng.random() < 0.3:
            facts.append(filed(["d" * 43], handle="h-2"))  # somebody else's
        own.append(len(facts))
        facts.append(fact)
    tags = {at: _named(rng, tagged) for tagged in [rng.choice((0.0, 1.0, 0.5, 0.9))] for at in own[1:]}
    made = receipts(*facts, of=tags)
    opened = {
        name: stands[name] if name in stands and rng.random() < 0.9 else rng.choice(VALUES[name])
        for name in rng.choice((NAMES, NAMES[:1]))
    }
    asked = rng.choice((None, *(LogPosition(at, day) for at in range(len(facts)) for day in (DAY, "2006-11-02"))))
    names = tuple(opened)
    answer = Answer("given", tuple(one.encoded for one in opened.values()), tuple(made[at] for at in own), {})
    return answer, Expected(operator, names, "given", names, asked=asked)


def _named(rng: Random, tagged: float) -> int | None:
    return 0 if rng.random() < tagged else None


def _digests(stands: dict[str, Disclosure]) -> list[str]:
    return sorted(one.digest() for one in stands.values())


def _next(rng: Random, stands: dict[str, Disclosure], operator: str) -> tuple[Event, str]:
    name = rng.choice(NAMES)
    old, new = stands.get(name), rng.choice(VALUES[name])
    what = rng.choice(("correct", "correct", "correct", "change", "change", "leave", "port", "end", "erase", "foreign"))
    if what == "port":
        gaining = rng.choice(("east", "west"))
        return SubscriptionPorted(losing=operator, gaining=gaining, handle="h-9", **RULE), gaining
    if what == "end" or (what == "erase" and rng.random() < 0.7):
        return corrected([], []) if rng.random() < 0.3 else _ended(), operator
    if what == "erase":
        return SubscriptionErased(**RULE), operator
    if what == "foreign":
        return corrected([new.digest()], []), operator
    if what == "leave":
        stands.pop(name, None)
    else:
        stands[name] = new
    if what == "correct":
        return corrected([new.digest()], [] if old is None else [old.digest()]), operator
    return changed(_digests(stands)), operator


def _ended() -> SubscriptionEnded:
    return SubscriptionEnded(on=date(2006, 11, 3), **RULE)
