"""All that laws say, asked one by one and by column, is one: every event, act, form of deadline and state is met on the way."""

from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import pairwise
from random import Random

import pytest
from tests.rules import made_up
from tests.rules.frames import frame_of

from openroll.rules import (
    CALENDAR_EVENTS,
    DONE_FIELDS,
    EVENT_FIELDS,
    STATES,
    DutyState,
    RuleFaults,
    canonical,
    duties,
    duties_frame,
    parse_rule,
)

ROUNDS = 72


@cache
def asked(seed: int) -> tuple[tuple[str, str, DutyState, tuple[object, object]], ...]:
    """A made-up rule asked about made-up subjects: (event, act, one by one, by column) for every duty of each."""
    rng = Random(seed)
    rule, calendar = made_up.a_rule(rng), made_up.a_calendar(rng)
    on: date | datetime = made_up.a_day(rng) + timedelta(days=rng.randrange(200))
    if seed % 3 == 0:
        on = datetime(on.year, on.month, on.day, rng.randrange(24), tzinfo=UTC)
    subjects = [made_up.a_subject(rng) for _ in range(40)]
    frame = duties_frame(frame_of(subjects, rule), rule, on, calendar)
    return tuple(
        (duty.counts_from, duty.act, state, (row[f"{duty.id}.state"], row[f"{duty.id}.due"]))
        for row, subject in zip(frame.iter_rows(named=True), subjects, strict=True)
        for duty, state in zip(rule.duties, duties(subject, rule, on, calendar), strict=True)
    )


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_what_is_asked_one_by_one_is_what_is_asked_by_column(seed: int) -> None:
    """Each state and due date of the frame is the one of `duties`: for working days, zones, what comes again and all the rest."""
    for event, act, state, by_column in asked(seed):
        assert by_column == (state.state, state.due), (event, act, state)


def test_every_event_and_act_is_met_in_every_state_that_it_can_have() -> None:
    """The rounds above are not empty: each event and act stands on somebody, late and not late, met and not met."""
    seen = {
        (name, state.state) for seed in range(ROUNDS) for event, act, state, _ in asked(seed) for name in (event, act)
    }
    for name in (*EVENT_FIELDS, *CALENDAR_EVENTS, "in-force", *DONE_FIELDS):
        met = (
            set() if name in CALENDAR_EVENTS else {"met"}
        )  # of what comes again the newest time is rarely met by chance
        assert {state for one, state in seen if one == name} >= {"none", "overdue"} | met, name
    assert {"met", "met-late"} <= {state for one, state in seen if one in CALENDAR_EVENTS}
    assert {state for _, state in seen} == set(STATES)


def test_measures_follow_only_what_is_late_and_none_has_no_day() -> None:
    """`none` has no due date and withholds nothing; measures and withheld service follow from the state."""
    for seed in range(ROUNDS):
        for _, _, state, _ in asked(seed):
            assert not (state.state == "none" and (state.due or state.no_service or state.counted_from))
            assert not state.measures or state.state in ("overdue", "met-late")
            assert not state.no_service or state.state in ("not-yet-due", "due", "overdue")


@pytest.mark.parametrize("seed", range(10))
def test_a_rule_of_every_clause_reads_back_from_its_own_text(seed: int) -> None:
    """Written as JSON, which is YAML, it parses to the same rule: the published form has a place for every clause."""
    rule = made_up.a_rule(Random(seed))
    text = canonical(rule).decode().replace('"overlays":[],', "")
    try:
        assert parse_rule(text, "made-up.yaml") == rule
    except RuleFaults as error:
        # Made up at random, a duty may exempt everyone it is about, or end before it begins: sense, not form.
        assert all("exempt" in one.path or "until" in one.path for one in error.faults), error  # noqa: PT017 - as said


def test_no_last_day_moves_nearer_as_days_go_by() -> None:
    """Whatever deadlines a duty has had, that of an event is never earlier on a later day: whoever was in time is."""
    several = 0
    for seed in range(40):
        rng = Random(seed)
        rule, calendar = made_up.a_rule(rng), made_up.a_calendar(rng)
        days = sorted({made_up.a_day(rng) for _ in range(12)})
        for subject in (made_up.a_subject(rng) for _ in range(4)):
            asked_on = [(day, duties(subject, rule, day, calendar)) for day in days]
            for (day, before), (_, after) in pairwise(asked_on):
                for duty, was, now in zip(rule.duties, before, after, strict=True):
                    same = "none" not in (was.state, now.state) and was.counted_from == now.counted_from
                    if duty.condition or not same or was.counted_from is None or was.counted_from > day:
                        continue
                    several += len(duty.deadlines) > 1
                    assert (was.due or date.max) <= (now.due or date.max), (seed, duty, subject, day)
                    assert (was.state, now.state) != ("met", "met-late"), (seed, duty, subject, day)
    assert several > 100
