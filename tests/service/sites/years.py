"""A played internet of many sites over years, and a roll that watches it by its own worker: for tests and `script/site-years`."""

import random
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from openroll.register.organisation.roles import Seat
from openroll.register.site.life import LATE_BACK, LATE_RETIRED, LATE_SILENT, LATEST
from openroll.register.site.looks import Outcome, Question, Seen
from openroll.register.site.news import AGAIN, LOST
from openroll.service import work
from openroll.service.roll import Roll
from openroll.service.sites import looking
from openroll.service.sites.looking import Looks
from tests.conftest import Ticking
from tests.sites import numbers, site

FACTS = Path(__file__).parents[4] / "shared" / "facts" / "sites-3000.txt"
ADDRESS = "https://roll.example"
LATE_LOST = LATEST + LOST + 2 * AGAIN
"""After which control counts as not shown, at the latest, once its proof is gone from a site that answers."""

UP: tuple[tuple[str, Outcome], ...] = (("live", "answers"), ("moved", "answers"), ("huge", "answers"))
DOWN: tuple[tuple[str, Outcome], ...] = (
    ("dead", "nobody"),
    ("gone", "no-name"),
    ("redirecting", "redirect"),
    ("slow", "silent"),
    ("hostile", "forbidden"),
    ("rebinding", "forbidden"),
    ("broken", "faulty"),
    ("no web", "not-http"),
)


def names(many: int) -> list[str]:
    """So many domain names: real ones where the list of facts is there, none of which is ever asked; else made-up ones."""
    if FACTS.is_file():
        listed = [line for line in FACTS.read_text("utf-8").splitlines() if line and not line.startswith("#")]
        return listed[:many]
    return [f"site-{at}.example.org" for at in range(many)]


class Stretch(NamedTuple):
    """What a site is from a moment on: what it plays, whether it answers, and how a proof of control stands there."""

    since: datetime
    plays: str
    outcome: Outcome
    control: str


@dataclass
class World:
    """Sites that live, end, come back and fail for hours or months."""

    lives: dict[str, list[Stretch]]
    asked: Counter[str] = field(default_factory=Counter)
    at_once: int = 0

    @classmethod
    def made(cls, listed: Sequence[str], begins: datetime, ends: datetime, seed: int) -> "World":
        """A world of these names between two moments."""
        drawn, lives = random.Random(seed), dict[str, list[Stretch]]()
        for name in listed:
            at, stretches = begins, list[Stretch]()
            while at < ends:
                plays, outcome = drawn.choice(UP if drawn.random() < 0.6 else DOWN)
                shown = drawn.choice(("record", "record", "file", ""))
                stretches.append(Stretch(at, plays, outcome, shown))
                at += timedelta(days=drawn.choice([0.1, 2, 40, 120, 400, 600]) * (0.5 + drawn.random()))
            lives[name] = stretches
        return cls(lives)

    def now(self, name: str, at: datetime) -> Stretch:
        """What a site is at a moment."""
        return next(one for one in reversed(self.lives[name]) if one.since <= at)

    def eye(self, asked: Sequence[Question], at: datetime, _: float) -> AsyncIterator[tuple[Question, Seen]]:
        """Look at sites, as the checker's own interface has it."""

        async def looking() -> AsyncIterator[tuple[Question, Seen]]:
            for question in asked:
                stretch = self.now(question.domains[0], at)
                self.asked[stretch.plays] += 1
                looked_for = question.wanted is not None and stretch.outcome == "answers"
                yield question, Seen(stretch.outcome, stretch.control if looked_for else None)

        return looking()

    def for_long(self, name: str, at: datetime) -> tuple[bool, timedelta, str, timedelta]:
        """Whether a site answers at a moment and for how long it does or does not, and the same of its proof while it answers."""
        so_far = [one for one in self.lives[name] if one.since <= at]
        last = so_far[-1]
        since = proof_since = last.since
        for one in reversed(so_far):
            if (one.outcome == "answers") != (last.outcome == "answers"):
                break
            since = one.since
        for one in reversed(so_far):
            if one.outcome != "answers" or bool(one.control) != bool(last.control):
                break
            proof_since = one.since
        return last.outcome == "answers", at - since, last.control, at - proof_since


class Checked(NamedTuple):
    """How often the register was held against the world, and the untruths that were found."""

    held: Counter[str]
    untrue: list[str]


def watched(
    roll: Roll, clock: Ticking, by: Seat, world: World, days: float, *, step: timedelta, every: timedelta
) -> Checked:
    """File the world's sites by their operator, have the roll's worker watch them, and hold the register against the world.

    The clock goes on by `step`; the register is looked at `every` so often. What is due is looked at a step late at most, so
    that comes on top of what the schedule states, once for each look that it waits for.
    """
    clock.step = timedelta()
    listed = list(world.lives)
    for at in range(0, len(listed), 100):
        numbers(roll, by, *(site(domains=(name,)) for name in listed[at : at + 100]))
    kinds = {looking.WORK: looking.kind(roll, Looks(world.eye, ADDRESS))}
    end, checked, next_check = clock.now + timedelta(days=days), Checked(Counter(), []), clock.now + every
    while clock.now < end:
        for ran in work.run_due(roll, kinds, clock.now):
            assert isinstance(ran.result, work.Done | work.Again), ran.result
        if clock.now >= next_check:
            hold(roll, world, clock.now, 3 * step, checked)
            next_check += every
        clock.now += step
    return checked


def hold(roll: Roll, world: World, at: datetime, slack: timedelta, checked: Checked) -> None:
    """Hold what the register says of each site against what the world is, where the schedule has had the time that it states."""
    with roll.database.own() as connection:
        rows = connection.execute(
            "select domains[1], state, control, control_places, state_places from site"
        ).fetchall()
    for name, state, control, places, seen_from in rows:
        answers, since, proof, proof_since = world.for_long(name, at)
        said = f"{at:%Y-%m-%d %H:%M} {name}: {state}, {control or 'not shown'}"
        if answers and since > LATE_BACK + slack:
            _held(checked, "live", state == "live", f"{said}; it answers for {since}")
        if not answers and since > LATE_RETIRED + slack:
            _held(checked, "retired", state == "retired", f"{said}; no answer for {since}")
        elif not answers and since > LATE_SILENT + slack:
            _held(checked, "silent", state in ("silent", "retired"), f"{said}; no answer for {since}")
        if state != "live":
            _held(checked, "seen by the roll", seen_from == 1, said)
        if answers and proof and proof_since > LATE_BACK + slack:
            _held(checked, "shown", bool(control) and places == 1, f"{said}; proved for {proof_since}")
        if answers and not proof and proof_since > LATE_BACK + LATE_LOST + slack:
            _held(checked, "not shown", not control, f"{said}; no proof for {proof_since}")


def _held(checked: Checked, what: str, true: bool, said: str) -> None:
    checked.held[what] += 1
    if not true:
        checked.untrue.append(f"{what}: {said}")
