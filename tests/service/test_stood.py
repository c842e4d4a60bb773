"""No version of a roll's rule makes late what was in time by the version of its day, one record at a time and by column."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from random import Random

import msgspec
import pytest

from openroll.places import load as load_place
from openroll.rules import DONE_FIELDS, Deadline, Rule, Standing, Subject, duties, duties_frame, load
from openroll.rules.recurring import step_of
from openroll.service.governance.stood import as_known, earlier_versions, frame_as_known
from openroll.service.roll import RuleVersion
from tests.rules import made_up
from tests.rules.frames import frame_of

PLACE = load_place("ke")
FIRST = date(2026, 3, 1)
SHORT = date(2026, 3, 17)
"""The first day of the version whose time is shorter."""


def versions_of(*rules: tuple[date, Rule]) -> tuple[RuleVersion, ...]:
    """Rules as a roll has them, each from its day on."""
    return tuple(RuleVersion(day, rule, rule.ref, datetime(2026, 1, 1, tzinfo=UTC), PLACE, "ke") for day, rule in rules)


def asked(
    subjects: Sequence[Subject], versions: tuple[RuleVersion, ...], day: date
) -> list[list[tuple[str, date | None]]]:
    """How each duty stands on subjects, and its last day: one by one, which is as by column."""
    rule = next(one.rule for one in reversed(versions) if one.starts <= day)
    earlier, calendar = earlier_versions(versions, day), PLACE.working_days
    frame = frame_of(subjects, rule).drop("zone")
    by_column = frame_as_known(frame, duties_frame(frame, rule, day, calendar), rule, earlier, day)
    told: list[list[tuple[str, date | None]]] = []
    for subject, row in zip(subjects, by_column.iter_rows(named=True), strict=True):
        found = as_known(duties(subject, rule, day, calendar), rule, subject, earlier, day)
        told.append([(one.state, one.due) for one in found])
        assert [(row[f"{one.id}.state"], row[f"{one.id}.due"]) for one in rule.duties] == told[-1], subject
    return told


def shorter(name: str) -> tuple[RuleVersion, ...]:
    """Thirty days to file, and from a later version on one; there the duty has this name."""
    rule = load("ke-notification")
    (file,) = (one for one in rule.duties if one.id == "file")
    thirty = msgspec.structs.replace(rule, duties=(file,))
    one_day = msgspec.structs.replace(file, id=name, deadlines=(Deadline(period="P1D"),))
    return versions_of((FIRST, thirty), (SHORT, msgspec.structs.replace(rule, version=2, duties=(one_day,))))


@pytest.mark.parametrize("name", ["file", "file-at-once"])
def test_who_filed_in_the_time_of_before_is_in_time(name: str) -> None:
    """On the tenth of thirty days, or not yet: neither is late by the one day that came since, whatever its duty is called."""
    connected = SHORT - timedelta(days=11)
    last = connected + timedelta(days=30)
    idle = Subject("organisation", connected=connected, activated=connected)
    filed, late = (
        msgspec.structs.replace(idle, filed=one) for one in (SHORT - timedelta(days=1), last + timedelta(days=1))
    )
    gone = msgspec.structs.replace(idle, ended=SHORT)
    versions = shorter(name)
    assert asked((filed, idle, gone), versions, SHORT) == [[("met", last)], [("due", last)], [("none", None)]]
    assert asked((late, idle), versions, last + timedelta(days=1)) == [[("met-late", last)], [("overdue", last)]]
    new = Subject("organisation", connected=SHORT, activated=SHORT)
    assert asked((new,), versions, SHORT + timedelta(days=2)) == [[("overdue", SHORT + timedelta(days=1))]]


def test_a_last_day_never_moves_nearer_whatever_rules_follow_each_other() -> None:
    """Other deadlines from a later day on: by column as one by one, and never earlier than by the version before."""
    held = 0
    for seed in range(6):
        rng = Random(seed)
        rule = msgspec.structs.replace(made_up.a_rule(rng), zone="Africa/Nairobi", zones=(), in_force=None, ended=None)
        rules = [rule]
        for _ in range(2):
            again = [
                msgspec.structs.replace(one, deadlines=(made_up.a_deadline(rng, None, step_of(one) is not None),))
                for one in rule.duties
            ]
            rules.append(msgspec.structs.replace(rule, duties=tuple(again)))
        days = [made_up.FIRST + timedelta(days=30 * place) for place in range(3)]
        versions, day = versions_of(*zip(days, rules, strict=True)), days[-1] + timedelta(days=rng.randrange(60))
        subjects = [msgspec.structs.replace(made_up.a_subject(rng), zone=None) for _ in range(12)]
        before = asked(subjects, versions[:2], days[2] - timedelta(days=1))
        for was, now in zip(before, asked(subjects, versions, day), strict=True):
            for duty, (stood, last), (state, due) in zip(rule.duties, was, now, strict=True):
                # A condition waits from one day and counts from another; what is counted back may not have come.
                if (
                    step_of(duty) is None
                    and not duty.condition
                    and "none" not in (stood, state)
                    and duty.act in DONE_FIELDS
                ):
                    held += 1
                    assert (due or date.max) >= (last or date.max), (seed, duty.id)
                    assert (stood, state) != ("met", "met-late"), (seed, duty.id)
    assert held > 40


def test_who_was_in_time_is_so_whatever_a_version_makes_of_the_duty() -> None:
    """It is split, exempts them, swaps names, gets a quicker one beside it, or stopped two days before: none is late by that."""
    rule = load("ke-notification")
    change = msgspec.structs.replace
    (file,) = (change(one, deadlines=(Deadline(period="P90D"),)) for one in rule.duties if one.id == "file")
    org, rest = ("organisation",), tuple(kind for kind in file.bearers if kind != "organisation")
    quick = change(file, id="quick", deadlines=(Deadline(period="P5D"),))
    own = change(quick, bearers=org)
    a, b = change(file, id="a", bearers=org), change(quick, id="b", bearers=rest)
    stopped = SHORT - timedelta(days=2)
    pairs = [
        (rule, (file,), (change(file, bearers=rest), own)),
        (rule, (file,), (change(file, exempt=org), own)),
        (rule, (file,), (file, own)),
        (rule, (a, b), (change(a, bearers=rest), change(b, bearers=org))),
        (rule, (change(file, until=stopped),), (change(quick, id="file"),)),
        (change(rule, ended=stopped), (file,), (quick,)),
        (
            change(rule, standing=(Standing(state="in-force"), Standing(state="suspended", since=stopped))),
            (file,),
            (quick,),
        ),
    ]
    connected = SHORT - timedelta(days=40)
    idle = Subject("organisation", connected=connected, activated=connected)
    filed = change(idle, filed=SHORT - timedelta(days=4))
    for base, before, after in pairs:
        versions = versions_of(
            (SHORT - timedelta(days=240), change(base, duties=before)), (SHORT, change(rule, version=2, duties=after))
        )
        told = asked((filed, idle), versions, SHORT)
        assert [{state for state, _ in one} - {"none"} for one in told] == [{"met"}, {"due"}], after


def test_no_version_at_random_makes_late_who_was_in_time() -> None:
    """Random pairs that split, rename, swap or set a quicker duty beside: who was in time by the first is so by the second."""
    rule, kinds, held = load("ke-notification"), ("organisation", "household", "person"), 0
    file = msgspec.structs.replace(next(one for one in rule.duties if one.id == "file"), exempt=msgspec.UNSET)
    for seed in range(40):
        rng = Random(seed)

        def some(rng: Random = rng) -> Rule:
            names = rng.sample(["a", "b", "c"], rng.randint(1, 3))
            asks = [
                msgspec.structs.replace(
                    file,
                    id=name,
                    bearers=tuple(rng.sample(kinds, rng.randint(1, 3))),
                    deadlines=(Deadline(period=rng.choice(["P1D", "P5D", "P30D", "P90D"])),),
                )
                for name in names
            ]
            return msgspec.structs.replace(rule, duties=tuple(asks))

        versions = versions_of((SHORT - timedelta(days=240), some()), (SHORT, some()))
        connected = [SHORT - timedelta(days=rng.randrange(1, 100)) for _ in range(8)]
        subjects = [
            Subject(rng.choice(kinds), connected=day, activated=day, filed=day + (SHORT - day) * rng.random())
            for day in connected
        ]
        before = asked(subjects, versions, SHORT - timedelta(days=1))
        for was, now in zip(before, asked(subjects, versions, SHORT), strict=True):
            stood = {state for state, _ in was} - {"none"}
            if stood == {"met"}:
                held += 1
                assert "met-late" not in {state for state, _ in now}, seed
    assert held > 30


def test_versions_with_the_same_days_ask_nothing_more() -> None:
    """A version that changes words, or a map, is not asked again: the board of a roll costs what it did."""
    rule = load("ke-notification")
    words = msgspec.structs.replace(rule, version=2, title={"en": "Other"})
    assert earlier_versions(versions_of((FIRST, rule), (SHORT, words)), SHORT) == ()
    assert len(earlier_versions(shorter("file"), SHORT)) == 1
    assert earlier_versions(shorter("file"), FIRST) == ()
