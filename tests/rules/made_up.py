"""Rules with every clause that laws have, subjects and calendars, made up from a seed: dense, so that most duties stand."""

from datetime import date, timedelta
from random import Random
from typing import Any

from openroll.rules import (
    CALENDAR_EVENTS,
    DATES,
    DONE_FIELDS,
    EVENT_FIELDS,
    KINDS,
    Deadline,
    DeclaredKind,
    Duty,
    Measure,
    Most,
    Rule,
    Source,
    Standing,
    Subject,
    Succession,
    Threshold,
    WorkingDays,
)

WORDS = {"en": "words"}
MORE = (DeclaredKind("foreigner", WORDS, "person"), DeclaredKind("machine", WORDS, "machine"))
ALL_KINDS = (*KINDS, "foreigner", "machine")
FIRST = date(2004, 1, 1)
ZONES = ("Asia/Shanghai", "Pacific/Apia", "America/St_Johns")
PERIODS = ("P0D", "P7D", "P30D", "P1M", "P3M", "P1M15D", "P1Y", "P2Y1M")


def a_day(rng: Random) -> date:
    """A day near the end of February 2004, mostly; now and then one some years away."""
    return FIRST + timedelta(days=rng.randrange(120) if rng.random() < 0.8 else rng.randrange(-1500, 1000))


def a_deadline(rng: Random, since: date | None, recurring: bool) -> Deadline:
    """A deadline of any form; what comes again takes no fixed date and is not counted back."""
    counted: list[dict[str, Any]] = [
        {"period": rng.choice(PERIODS)},
        {"period": rng.choice(PERIODS)},
        {"working_days": rng.randint(1, 40)},
        {"hours": rng.randint(1, 200), **({"rounded": rng.choice(["up", "down"])} if rng.random() < 0.6 else {})},
    ]
    moves: dict[str, Any] = {}
    if rng.random() < 0.3:
        moves = {"moves": rng.choice(["next-working-day", "previous-working-day"])}
    if not recurring and rng.random() < 0.25:
        return Deadline(since=since, before=True, **rng.choice(counted), **moves)
    others: list[dict[str, Any]] = [
        {"at_once": True},
        {"promptly": True},
        *([] if recurring else [{"fixed": a_day(rng)}]),
    ]
    chosen = rng.choice([*counted, *others])
    return Deadline(since=since, **chosen, **({} if "promptly" in chosen else moves))


def a_duty(rng: Random, name: str, dated: bool) -> Duty:
    """A duty on most kinds, with any clause now and then."""

    def rarely(value: Any, share: float = 0.15) -> dict[str, Any]:
        return value if rng.random() < share else {}

    events = [*EVENT_FIELDS, *CALENDAR_EVENTS, *["connection", "activation"] * 4, *["in-force"] * (2 if dated else 0)]
    event: Any = rng.choice(events)
    clauses: dict[str, Any] = {
        **rarely({"about": tuple(rng.sample(ALL_KINDS, 6))}, 0.4),
        **rarely({"natures": (rng.choice(["person", "machine", "operator"]),)}),
        **rarely({"exempt": (rng.choice(ALL_KINDS),)}),
        **rarely({"services": ("prepaid",)}),
        **rarely({"condition": rng.choice(["before-activation", "after-activation", "before-reactivation"])}, 0.3),
        **rarely({"threshold": Threshold(of="visitors", above=rng.randrange(8))}),
        **rarely({"since": a_day(rng)}),
        **rarely({"until": FIRST + timedelta(days=rng.randrange(60, 400))}),
    }
    if event not in CALENDAR_EVENTS:
        clauses |= rarely({"recurs": rng.choice(["P7D", "P1M", "P3M", "P1Y", "P40D"])}, 0.25)
    recurring = event in CALENDAR_EVENTS or "recurs" in clauses
    if recurring and clauses.get("condition") != "after-activation":
        clauses.pop("condition", None)
    act: Any = rng.choice([*DONE_FIELDS])
    if not recurring and rng.random() < 0.1:
        act, clauses["most"] = "hold-at-most", Most(of="lines", number=rng.randrange(10))
    begins = rng.sample([None, a_day(rng), a_day(rng) + timedelta(days=1500)], rng.randint(1, 3))
    return Duty(
        id=name,
        bearers=tuple(rng.sample(ALL_KINDS, rng.randint(5, len(ALL_KINDS)))),
        act=act,
        title=WORDS,
        to=WORDS,
        counts_from=event,
        deadlines=tuple(a_deadline(rng, since, recurring) for since in begins),
        applies=rng.choice(["new", "existing", "all", "all"]) if dated else "all",
        measures=("warning",),
        **clauses,
    )


def a_rule(rng: Random) -> Rule:
    """A rule of twelve duties, with kinds and zones of its own, a standing and a succession."""
    in_force = None if rng.random() < 0.3 else a_day(rng)
    whens: list[Any] = rng.sample(["leaves", "merges", "taken-over", "ported"], rng.randrange(3))
    states: list[Any] = ["in-force", "in-force", "suspended", "struck-down"]
    about: list[Any] = [("duty-0",), ("duty-1", "duty-2")]
    goes: list[Any] = ["go-along", "anew", "end"]
    since = [None, a_day(rng)]
    return Rule(
        id="made-up",
        version=1,
        title=WORDS,
        summary=WORDS,
        status="proposal",
        zone=rng.choice(ZONES),
        zones=ZONES,
        in_force=in_force,
        ended=None if in_force is None or rng.random() < 0.7 else in_force + timedelta(days=200),
        covers=KINDS,
        kinds=MORE,
        duties=tuple(a_duty(rng, f"duty-{n}", in_force is not None) for n in range(12)),
        measures=(
            Measure(
                id="warning", step=1, kind="warning", title=WORDS, against=ALL_KINDS, decider="court", since=a_day(rng)
            ),
        ),
        standing=tuple(Standing(state=rng.choice(states), since=a_day(rng), duties=one) for one in about),
        succession=tuple(Succession(when=when, duties=rng.choice(goes), since=rng.choice(since)) for when in whens),
        sources=(Source("ours", "Made up", "ours"),),
    )


def a_subject(rng: Random) -> Subject:
    """A subject of any kind, with most of its days known."""
    days: dict[str, Any] = {name: a_day(rng) for name in DATES if rng.random() < 0.6}
    if rng.random() < 0.6:
        days.pop("ended", None)
    numbers = {name: rng.randrange(12) for name in ("lines", "visitors") if rng.random() < 0.8}
    service, zone = rng.choice([None, "prepaid", "contract"]), rng.choice([None, *ZONES])
    return Subject(rng.choice(ALL_KINDS), **days, numbers=numbers, service=service, zone=zone)


def a_calendar(rng: Random) -> WorkingDays:
    """A calendar with holidays, make-up working days, and weekends that moved."""
    weekends: list[Any] = [((date.min, (5, 6)),), ((date.min, (3, 4)), (date(2004, 2, 20), (4, 5))), ((date.min, ()),)]
    holidays = frozenset(FIRST + timedelta(days=rng.randrange(200)) for _ in range(rng.randrange(40)))
    working = frozenset(FIRST + timedelta(days=rng.randrange(200)) for _ in range(rng.randrange(10)))
    return WorkingDays(rng.choice(weekends), holidays, working)
