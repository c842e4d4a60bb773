"""Asking one by one and asking by column are one rule: equal on random rules and subjects."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import msgspec
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.rules.frames import frame_of

from openroll.rules import (
    KINDS,
    STATE,
    STATES,
    Deadline,
    Duty,
    Field,
    Measure,
    Money,
    Rule,
    Source,
    Subject,
    canonical,
    digest,
    duties,
    duties_frame,
    load,
    parse_rule,
)

DAYS = st.dates(date(1996, 1, 1), date(2012, 12, 31))
NEAR = st.dates(date(2004, 1, 1), date(2004, 4, 30))
"""Days close together, round the end of a leap year's February, so that events and deadlines meet."""

A_DAY = st.one_of(NEAR, DAYS)
KIND_SETS = st.lists(st.sampled_from(KINDS), min_size=1, max_size=7, unique=True).map(tuple)
ZONES = st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "Pacific/Apia", "America/St_Johns", "Atlantic/Reykjavik"])
WORDS = st.fixed_dictionaries(
    {"zh": st.sampled_from(["备案", "报告"])}, optional={"en": st.sampled_from(["File", "Report: within 30 days"])}
)


PARTS = st.tuples(st.integers(0, 2), st.integers(0, 14), st.integers(0, 70))
PERIODS = PARTS.map(
    lambda parts: "P" + ("".join(f"{n}{unit}" for n, unit in zip(parts, "YMD", strict=True) if n) or "0D")
)
"""ISO 8601 periods, small ones mostly."""
TERMS = st.one_of(
    st.fixed_dictionaries({"period": PERIODS}),
    st.fixed_dictionaries({"fixed": A_DAY}),
    st.just({"promptly": True}),
)
MAYBE = st.one_of(st.none(), A_DAY)
SINCE = st.lists(MAYBE, min_size=1, max_size=3, unique=True)
TERMS_OF_EACH = st.lists(TERMS, min_size=3, max_size=3)
DEADLINES = st.builds(
    lambda since, terms: tuple(Deadline(since=day, **term) for day, term in zip(since, terms, strict=False)),
    SINCE,
    TERMS_OF_EACH,
)
"""One to three deadlines in any order, each from a day of its own."""


MEASURES = (
    Measure(
        id="warning",
        step=1,
        kind="warning",
        title={"zh": "警告", "en": "warning"},
        against=KINDS,
        decider="registrar",
        article="Art. 1",
    ),
    Measure(
        id="fine",
        step=2,
        kind="fine",
        title={"zh": "罚款", "en": "fine"},
        against=("organisation", "site"),
        decider="court",
        fine_to=Money(Decimal("3000.50"), "CNY"),
        article="Art. 2",
    ),
)


DUTIES = st.lists(
    st.builds(
        Duty,
        id=st.just(""),
        bearers=KIND_SETS,
        act=st.sampled_from(["file", "report-change", "report-end"]),
        title=WORDS,
        to=WORDS,
        counts_from=st.sampled_from(["connection", "change", "end"]),
        deadlines=DEADLINES,
        applies=st.sampled_from(["new", "existing", "all"]),
        measures=st.sampled_from([(), ("fine", "warning")]),
        article=st.just("Art. 3"),
    ),
    min_size=1,
    max_size=4,
)
"""Duties on any kinds, for any event, new or existing."""
VERSIONS = st.integers(1, 9)


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    """A rule with up to four duties, for new or existing subscriptions where it has a day in force.

    What it is drawn from is made once, above: Hypothesis looks through a new strategy each time, longer than it draws from it.
    """
    in_force, ends = draw(MAYBE), draw(st.booleans())
    drawn = [
        msgspec.structs.replace(duty, id=f"duty-{n}", applies="all" if in_force is None else duty.applies)
        for n, duty in enumerate(draw(DUTIES))
    ]
    return Rule(
        id="random-rule",
        version=draw(VERSIONS),
        title=draw(WORDS),
        summary=draw(WORDS),
        status="proposal",
        zone=draw(ZONES),
        in_force=in_force,
        ended=in_force + timedelta(days=200) if in_force is not None and ends else None,
        covers=draw(KIND_SETS),
        duties=tuple(drawn),
        fields=(Field(name="name", title={"zh": "名称", "en": "name"}, personal=True),),
        measures=MEASURES,
        sources=(Source(id="ours", title="Random", standing="ours"),),
    )


SUBJECTS = st.builds(
    Subject,
    kind=st.sampled_from(KINDS),
    connected=MAYBE,
    filed=MAYBE,
    changed=MAYBE,
    change_reported=MAYBE,
    ended=MAYBE,
    end_reported=MAYBE,
)
MOMENTS = st.one_of(
    A_DAY,
    st.datetimes(datetime(2004, 1, 1), datetime(2004, 4, 30), timezones=st.just(UTC)),  # noqa: DTZ001 - a bound
)


@settings(max_examples=300, deadline=None)
@given(rule=rules(), subjects=st.lists(SUBJECTS, max_size=40), on=MOMENTS)
def test_every_cell_is_what_asking_one_by_one_says(rule: Rule, subjects: list[Subject], on: date | datetime) -> None:
    """For any rule, subjects and moment, each due date and state of the frame equals the one of `duties`."""
    answered = duties_frame(frame_of(subjects), rule, on)
    assert answered.height == len(subjects)
    for row, subject in zip(answered.iter_rows(named=True), subjects, strict=True):
        for state in duties(subject, rule, on):
            assert (row[f"{state.duty}.state"], row[f"{state.duty}.due"]) == (state.state, state.due)


@settings(max_examples=100, deadline=None)
@given(rule=rules(), subjects=st.lists(SUBJECTS, min_size=1, max_size=10), on=MOMENTS)
def test_columns_of_words_and_missing_columns_answer_the_same(
    rule: Rule, subjects: list[Subject], on: date | datetime
) -> None:
    """Kinds as String and columns left out where nobody has a date give the same answers as the full frame."""
    full = frame_of(subjects)
    bare = full.select([name for name in full.columns if full[name].null_count() < full.height])
    assert duties_frame(bare.with_columns(pl.col("kind").cast(pl.String)), rule, on).equals(
        duties_frame(full, rule, on)
    )


@settings(max_examples=200, deadline=None)
@given(rule=rules(), subject=SUBJECTS, on=MOMENTS)
def test_states_keep_their_meaning(rule: Rule, subject: Subject, on: date | datetime) -> None:
    """`overdue` is after the due date, `due` is not, measures follow only what is late, and `none` has no due date."""
    today = on
    for state in duties(subject, rule, on):
        assert state.state in STATES
        if state.state == "none":
            assert state.due is None
        if state.measures:
            assert state.state in ("overdue", "met-late")
        if state.due is not None and not isinstance(today, datetime):
            assert (state.state == "overdue") <= (today > state.due)
            assert (state.state == "not-yet-due") <= (today <= state.due)


@settings(max_examples=100, deadline=None)
@given(rule=rules())
def test_a_rule_reads_back_from_its_own_text(rule: Rule) -> None:
    """A rule written as JSON, which is YAML, parses to the same rule with the same digest."""
    values = msgspec.json.decode(canonical(rule))
    del values["overlays"]
    read = parse_rule(msgspec.json.encode(values).decode(), "random.yaml")
    assert read == rule
    assert digest(read) == digest(rule)


def test_the_frame_has_two_small_columns_a_duty() -> None:
    """Each duty gives `<duty>.due` (Date) and `<duty>.state` (Enum of STATES), in the order of the rule."""
    answered = duties_frame(
        frame_of([Subject("person", date(2006, 8, 1))]), load("cn-cq-2006-notice"), date(2006, 8, 2)
    )
    assert answered.schema == {
        f"{duty}.{column}": dtype
        for duty in ("file-new", "file-existing", "report-change")
        for column, dtype in (("due", pl.Date()), ("state", STATE))
    }


def test_chunks_join_without_a_seam() -> None:
    """More subjects than are worked on together answer as they would alone."""
    days = [date(2006, 7, 1) + timedelta(days=n % 90) for n in range(150_000)]
    kinds = [KINDS[n % len(KINDS)] for n in range(150_000)]
    frame = pl.DataFrame({"kind": kinds, "connected": days})
    rule, on = load("cn-cq-2006-notice"), date(2006, 9, 10)
    answered = duties_frame(frame, rule, on)
    for place in (0, 65_535, 65_536, 131_071, 131_072, 149_999):
        alone = duties(Subject(kinds[place], days[place]), rule, on)
        row = answered.row(place, named=True)
        assert [(row[f"{one.duty}.state"], row[f"{one.duty}.due"]) for one in alone] == [
            (one.state, one.due) for one in alone
        ]


@pytest.mark.parametrize(
    ("frame", "error"),
    [
        (pl.DataFrame({"connected": [date(2006, 8, 1)]}), pl.exceptions.ColumnNotFoundError),
        (pl.DataFrame({"kind": ["robot"]}), pl.exceptions.InvalidOperationError),
        (pl.DataFrame({"kind": ["person", None]}), pl.exceptions.SchemaError),
        (pl.DataFrame({"kind": ["person"], "connected": ["2006-08-01"]}), pl.exceptions.SchemaError),
        (pl.DataFrame({"kind": ["person"], "connected": [datetime(2006, 8, 1)]}), pl.exceptions.SchemaError),  # noqa: DTZ001 - the fault
    ],
    ids=["no kind", "unknown kind", "kind missing in a row", "dates as text", "instants for dates"],
)
def test_a_frame_that_is_no_frame_of_subjects_is_refused(frame: pl.DataFrame, error: type[Exception]) -> None:
    """Wrong columns are refused by name, never answered wrongly."""
    with pytest.raises(error):
        duties_frame(frame, load("cn-cq-2006-notice"), date(2006, 8, 1))


def test_an_instant_without_a_zone_is_refused() -> None:
    """`on` is a date or an instant of a known zone; anything else is not guessed."""
    with pytest.raises(ValueError, match="time zone"):
        duties(Subject("person"), load("cn-cq-2006-notice"), datetime(2006, 8, 1))  # noqa: DTZ001 - the fault


def test_a_duty_is_not_over_before_it_began() -> None:
    """Asked of events of before its first day, its time counts from that day where it would be over; who did it already has."""
    (file, *_) = load("ke-notification").duties
    first = date(2026, 3, 17)
    late_duty = msgspec.structs.replace(file, since=first, deadlines=(Deadline(period="P3D"),))
    rule = msgspec.structs.replace(load("ke-notification"), duties=(late_duty,))
    idle, near = (Subject("organisation", connected=first - timedelta(days=days)) for days in (20, 2))
    filed = msgspec.structs.replace(idle, filed=first - timedelta(days=9))
    frame = duties_frame(frame_of([idle, filed, near], rule), rule, first)
    wanted = [
        ("due", first + timedelta(days=3)),
        ("met", first + timedelta(days=3)),
        ("due", first + timedelta(days=1)),
    ]
    told = [(one.state, one.due) for subject in (idle, filed, near) for one in duties(subject, rule, first)]
    assert told == list(zip(frame["file.state"], frame["file.due"], strict=True)) == wanted
