"""Guessing and flooding, slowed down: by the network somebody comes from, by what is guessed at, and in all.

Buckets fill with what counts (wrong codes, filings alone) and drain with time. There are two lanes. The first is free. Where
a bucket of it is full, because somebody guesses from the same network or from many, whoever else is there takes the second:
their browser works a while on a puzzle (`service/identity/puzzle.py`), and then a bucket of the second lane counts. A passkey
takes neither and never waits. Buckets are keyed by a keyed hash, so that the table tells nobody's address and no code.

A place is taken before the try and given back when it was no guess, in one transaction each: tries at the same moment cannot all
find the same room. `docs/limits.md` computes what the lanes in all leave to chance.
"""

import hmac
import logging
import math
from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec
from psycopg import Connection

from openroll.service.identity import puzzle
from openroll.service.key_labels import PUZZLE, THROTTLE
from openroll.service.roll import Roll
from openroll.store import throttle
from openroll.traffic import Bucket, networks

YEAR = 365 * 86_400
KEPT_FOR = timedelta(days=3)
"""A bucket that nobody touched for so long has drained, and is forgotten: no source is kept longer than it serves."""


SOURCES, IN_ALL, TARGETS, ORGANISATIONS = "source", "all", "target", "organisation"
EVERY_KIND = frozenset({SOURCES, IN_ALL, TARGETS, ORGANISATIONS})
"""The kinds of buckets of a lane."""


class Lane(msgspec.Struct, frozen=True):
    """The buckets of one lane: for each network from the narrowest on (the last for every wider one), in all, for the target,
    and for the organisation whose people try.

    A full bucket of a kind that is not among `refuses` shuts nobody out: it makes puzzles harder, and is an alarm.
    """

    networks: tuple[Bucket, ...]
    in_all: Bucket
    target: Bucket | None = None
    organisation: Bucket | None = None
    refuses: frozenset[str] = EVERY_KIND


class Limits(msgspec.Struct, frozen=True):
    """What is limited: its `name`, the free lane, and the lane after a puzzle, where there is one."""

    name: str
    free: Lane
    worked: Lane | None = None


SOURCE = Bucket(10, 30.0)
CODE = Bucket(5, 60.0)
OPENING = Limits(
    "open",
    Lane((SOURCE, Bucket(20, 30.0), Bucket(40, 30.0)), Bucket(60, 900.0), CODE),
    Lane((Bucket(10, 3_600.0), Bucket(20, 1_800.0)), Bucket(240, 480.0), CODE),
)
"""Wrong filing codes; the target is the code. What is in all, here and in LOOKING, bounds every guess: see `guesses_a_year`."""
LOOKING = Limits(
    "look",
    Lane((Bucket(20, 7_200.0),), Bucket(60, 3_600.0), Bucket(10, 14_400.0)),
)
"""Codes that the registrar's people look up in vain; the target is the seat. One seat, or network, never fills what is in all.

No operator's misses count here: the registrar's right code does not wait for what somebody else's clerks type."""
_OPERATORS = Lane((Bucket(20, 7_200.0),), Bucket(120, 1_800.0), Bucket(10, 14_400.0), Bucket(20, 7_200.0))
_NOT_IN_ALL = EVERY_KIND - {IN_ALL}
LOOKING_OPERATORS = Limits("look-operators", msgspec.structs.replace(_OPERATORS, refuses=_NOT_IN_ALL))
"""Codes that operators' people look up in vain; the target is the seat. What others miss keeps no operator from its own records:
another's record is to it as if it were not there, so that many who guess find no more than one."""
ASKING_BY_CODE = Limits("port", _OPERATORS)
"""Codes of others' records by which operators ask for subscriptions in vain; the target is the seat or program. Such a code does
tell whether it opens something, so here what is in all bounds them together; one operator never fills it."""
REFERRING = Limits("refer", Lane((Bucket(30, 60.0),), Bucket(1_000, 10.0), Bucket(20, 300.0), refuses=_NOT_IN_ALL))
"""References in operators' words under which none of their filings is; the target is the operator. They open nothing, and what
they would hit its operator has in a list: so an operator's program that is out of order waits for hours and not for days, and
no other operator with it."""
FILINGS_ALONE = 10
"""Filings that one network may send alone at once (OPENROLL_FILINGS_ALONE); one more every five minutes."""


def filing_limits(burst: int = FILINGS_ALONE) -> Limits:
    """Filings that people send alone: `burst` at once from one network, all else in proportion; the target is the operator."""
    nets = (Bucket(burst, 300.0), Bucket(3 * burst, 100.0), Bucket(5 * burst, 60.0))
    in_all = Bucket(50 * burst, 6.0)
    return Limits("file", Lane(nets, in_all, Bucket(20 * burst, 15.0)), Lane(nets, in_all))


class Wait(msgspec.Struct, frozen=True):
    """Not now: the whole minutes until it may be, and the puzzle that opens the second lane (empty where that is no way)."""

    minutes: int
    puzzle: str = ""


class Goes(msgspec.Struct, frozen=True):
    """What was taken for one try: the buckets that it is given back to when it was no guess."""

    buckets: tuple[bytes, ...]


class _Wanted(msgspec.Struct, frozen=True):
    key: bytes
    bucket: Bucket
    refuses: bool


def _filled(wanted: _Wanted, level: float) -> float:
    """The level of a bucket with one more in it. One that refuses nobody runs over, and drains as any full one does."""
    return level + 1 if wanted.refuses else min(level + 1, float(wanted.bucket.holds))


def guesses_a_year() -> float:
    """The most wrong codes that can tell anybody anything in a year: every lane in all, empty at its start.

    What operators look up is none of it: another's record is to them as if it were not there, and their own they have.
    """
    lanes = (lane for limits in (OPENING, LOOKING) for lane in (limits.free, limits.worked) if lane)
    return sum(lane.in_all.holds + YEAR / lane.in_all.drains_after for lane in lanes)


def chance_a_year(records: int, space: int) -> float:
    """The most that the chance can be that guessing finds any of so many codes, in a space of so many, within a year."""
    return min(1.0, guesses_a_year() * records / space)


def take(
    roll: Roll, limits: Limits, *, source: str, target: str = "", organisation: str = "", proof: str = ""
) -> Goes | Wait:
    """Take a place for one try: in the free lane or, where `proof` holds a solved puzzle, in the second one."""
    now, near = roll.clock(), networks(source)[0]
    key, signs = THROTTLE.of(roll.keys), PUZZLE.of(roll.keys)
    with roll.database.own() as connection:
        spent = puzzle.solved(signs, limits.name, near, proof, now) if limits.worked else None
        # Solved once and sent twice is no second try: it goes by the free lane again.
        worked = spent is not None and throttle.spend(connection, spent, now + puzzle.LASTS)
        lane = limits.worked if worked and limits.worked else limits.free
        wanted = _wanted(key, limits.name, lane, source, target, organisation, worked=worked)
        levels = _levels(connection, wanted, now)
        waits = [one.bucket.wait(level) if one.refuses else 0.0 for one, level in zip(wanted, levels, strict=True)]
        if not any(waits):
            filled = [_filled(one, level) for one, level in zip(wanted, levels, strict=True)]
            throttle.fill(connection, [one.key for one in wanted], filled, now)
            throttle.forget(connection, now - KEPT_FOR, now)
    if not any(waits):
        _alarm(limits, worked=worked, before=levels[-1], bucket=lane.in_all)
        return Goes(tuple(one.key for one in wanted))
    minutes = math.ceil(max(waits) / 60)
    second = limits.worked
    if worked or second is None or (target and limits.free.target and second.target and waits[0]):
        return Wait(minutes)
    bits = _bits(roll, limits.name, second, source, now)
    return Wait(minutes, puzzle.make(signs, limits.name, near, bits, now, roll.random_bytes(16)) if bits else "")


def give_back(roll: Roll, goes: Goes) -> None:
    """It was no guess: what was taken for it is free again."""
    with roll.database.own() as connection:
        throttle.give_back(connection, goes.buckets)


class Filled(msgspec.Struct, frozen=True):
    """How full the bucket in all of one lane is: from 0 to 1."""

    limits: str
    lane: str
    share: float


def filled(roll: Roll, every: Sequence[Limits]) -> list[Filled]:
    """How full the buckets in all are, for who keeps the roll: full means that somebody guesses or floods from many networks."""
    now, key = roll.clock(), THROTTLE.of(roll.keys)
    found = []
    with roll.database.own() as connection:
        for limits in every:
            for lane, name in ((limits.free, "free"), (limits.worked, "puzzle")):
                if lane is None:
                    continue
                wanted = _wanted(key, limits.name, lane, "", worked=name == "puzzle")[-1:]
                level = _peek(connection, wanted, now)[0]
                found.append(Filled(limits.name, name, level / lane.in_all.holds))
    return found


def _wanted(
    key: bytes, what: str, lane: Lane, source: str, target: str = "", organisation: str = "", *, worked: bool
) -> list[_Wanted]:
    """The buckets that one try goes into: the target's first if there is one, the one in all last."""
    found = [(TARGETS, target, lane.target)] if lane.target and target else []
    if lane.organisation and organisation:
        found.append((ORGANISATIONS, organisation, lane.organisation))
    for nth, network in enumerate(networks(source)):
        found.append((SOURCES, network, lane.networks[min(nth, len(lane.networks) - 1)]))
    found.append((IN_ALL, "", lane.in_all))
    by = "puzzle" if worked else "free"
    return [
        _Wanted(hmac.digest(key, f"{what}\0{by}\0{kind}\0{name}".encode(), "sha256"), bucket, kind in lane.refuses)
        for kind, name, bucket in found
    ]


def _levels(connection: Connection, wanted: Sequence[_Wanted], now: datetime) -> list[float]:
    """How full the buckets are now; nobody else changes them until the transaction ends."""
    throttle.lock(connection, [one.key for one in wanted], now)
    return _peek(connection, wanted, now)


def _peek(connection: Connection, wanted: Sequence[_Wanted], now: datetime) -> list[float]:
    kept = throttle.levels(connection, [one.key for one in wanted])
    return [
        one.bucket.level(kept[one.key][0], max(0.0, (now - kept[one.key][1]).total_seconds()))
        if one.key in kept
        else 0.0
        for one in wanted
    ]


def _bits(roll: Roll, what: str, lane: Lane, source: str, now: datetime) -> int:
    """How hard a puzzle is: the harder, the fuller the second lane is for this source and in all; 0 where that refuses too."""
    wanted = _wanted(THROTTLE.of(roll.keys), what, lane, source, worked=True)
    with roll.database.own() as connection:
        levels = _peek(connection, wanted, now)
    if any(one.refuses and one.bucket.wait(level) for one, level in zip(wanted, levels, strict=True)):
        return 0
    return puzzle.bits(max(level / one.bucket.holds for one, level in zip(wanted, levels, strict=True)))


def _alarm(limits: Limits, *, worked: bool, before: float, bucket: Bucket) -> None:
    """Say so in the server's log when the bucket in all gets half full, and when it gets full."""
    for share in (0.5, 1.0):
        # It is full when no whole try goes in any more: what has drained of the last one does not count.
        mark = share * bucket.holds if share < 1 else bucket.holds - 1
        if before < mark <= before + 1:
            logging.getLogger("openroll").warning(
                "throttle: the %s lane of %r is %d %% full in all: somebody guesses or floods from many networks",
                "puzzle" if worked else "free",
                limits.name,
                round(share * 100),
            )
