"""What stood under earlier rule versions: no version makes late what was in time by the one of its day.

A roll's duties are asked of today's rule. Where an earlier version, in force on an event's day or after it, gave the same duty
more time, that last day holds: nobody could know a shorter one. The same duty is that of the same name and act where it stood on
the subject; else each that asked the same of it, by act and event, or by act under a name that is gone. So a duty that is split,
one that swaps its name with another and a quicker one beside it are no new ones. A version is asked on its last day, and on the
last day before one of its duties stopped.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from openroll.rules import DONE_FIELDS, Duty, DutyState, Rule, Subject, duties, withheld
from openroll.rules.recurring import step_of
from openroll.rules.subject import OUTLIVING
from openroll.rules.values import given
from openroll.service.roll import RuleVersion

if TYPE_CHECKING:
    import polars as pl


class Earlier(msgspec.Struct, frozen=True):
    """A version that was in force, with a day of it on which it is asked: its last, or the last before something stopped."""

    version: RuleVersion
    last: date


def earlier_versions(versions: Sequence[RuleVersion], day: date) -> tuple[Earlier, ...]:
    """The versions that were in force before the one of a day, but for those by which the days are the same.

    Of two with the same first day the later published counts.
    """
    begun = list({one.starts: one for one in versions if one.starts <= day}.values())
    return tuple(
        Earlier(before, asked)
        for before, after in pairwise(begun)
        if _days_of(before) != _days_of(begun[-1])
        for asked in _asked_on(before, after.starts - timedelta(days=1))
    )


def _asked_on(version: RuleVersion, last: date) -> list[date]:
    """The days on which a version is asked: its last one, and those of it after which the rule or a duty stopped."""
    rule = version.rule
    begins = [one.since for one in given(rule.standing, ()) if one.since is not None and one.since > version.starts]
    ends = [rule.ended, *(given(duty.until, None) for duty in rule.duties)]
    stops = {*(day - timedelta(days=1) for day in begins), *(day for day in ends if day is not None)}
    return sorted({last, *(day for day in stops if version.starts <= day < last)})


def _days_of(version: RuleVersion) -> tuple[object, ...]:
    """All of a version that last days hang on."""
    rule, place = version.rule, version.place
    return (
        rule.duties,
        rule.in_force,
        rule.ended,
        rule.kinds,
        rule.standing,
        place.days_off,
        place.jurisdiction.working,
    )


def as_known(
    now: Sequence[DutyState], rule: Rule, subject: Subject, earlier: Sequence[Earlier], day: date
) -> Iterator[DutyState]:
    """How the duties of a rule stand on a subject on a day, none of them later than by what stood before."""
    asked = [
        (
            one.version.rule,
            {stand.duty: stand for stand in duties(bare, one.version.rule, one.last, one.version.place.working_days)},
        )
        for one in earlier
        for bare in (subject, msgspec.structs.replace(subject, ended=None))
    ]
    for state, duty in zip(now, rule.duties, strict=True):
        lasts = [last for there, stands in asked for last in _lasts_of(stands, _same(duty, rule, there))]
        yield _held(state, duty, subject, max(lasts), day) if lasts and state.state != "none" else state


def _lasts_of(stands: Mapping[str, DutyState], same: "Same") -> list[date]:
    """The last days of those duties that stand on the subject: of the one of the same name, else of the others."""
    for names in same:
        if lasts := [stands[name].due or date.max for name in names if stands[name].state != "none"]:
            return lasts
    return []


class Same(NamedTuple):
    """The duties of another version that may be the same as a duty of this rule: by its name, or by what they ask."""

    named: tuple[str, ...] = ()
    others: tuple[str, ...] = ()


def _same(duty: Duty, rule: Rule, there: Rule) -> Same:
    """The duties of another version that are the same as a duty of this rule where they stand on the same subject."""
    if not _has_one_day(duty):
        return Same()
    acts = {one.id: one for one in there.duties if one.act == duty.act and _has_one_day(one)}
    names = {one.id for one in rule.duties}
    others = tuple(
        name
        for name, one in acts.items()
        if one.of_others == duty.of_others
        and name != duty.id
        and (name not in names or one.counts_from == duty.counts_from)
    )
    return Same((duty.id,) if duty.id in acts else (), others)


def _has_one_day(duty: Duty) -> bool:
    """Whether a duty has one last day: none that comes again, and no number to be kept."""
    return step_of(duty) is None and duty.act in DONE_FIELDS


def _held(state: DutyState, duty: Duty, subject: Subject, least: date, day: date) -> DutyState:
    """How a duty stands whose last day is `least` at the earliest; `date.max` is none."""
    due = max(state.due or date.max, least)
    done: date | None = getattr(subject, DONE_FIELDS[duty.act])
    stands = state.state
    if stands == "met-late" and done is not None and done <= due:
        stands = "met"
    elif stands == "overdue" and _falls_away(duty) and subject.ended is not None and subject.ended <= min(due, day):
        return DutyState(duty.id, "none", None, duty.article, bearer=state.bearer)
    elif stands == "overdue" and day <= due:
        stands = "due"
    late = stands in ("overdue", "met-late")
    return msgspec.structs.replace(
        state,
        state=stands,
        due=None if due == date.max else due,
        measures=state.measures if late else (),
        no_service=withheld(duty, stands),
    )


def _falls_away(duty: Duty) -> bool:
    """Whether a duty that is open falls away as its subscription ends."""
    return duty.counts_from not in OUTLIVING and duty.act != "report-end"


def frame_as_known(
    frame: "pl.DataFrame", stands: "pl.DataFrame", rule: Rule, earlier: Sequence[Earlier], day: date
) -> "pl.DataFrame":
    """The same by column, for a frame of subjects and how the duties of a rule stand on them (`duties_frame`)."""
    import polars as pl  # noqa: PLC0415 - loaded with the first board

    asked = [(one.version.rule, _asked(frame, one, ended)) for one in earlier for ended in (True, False)]
    columns: list[pl.Series] = []
    for duty in rule.duties:
        state, due = stands[f"{duty.id}.state"].cast(pl.String), stands[f"{duty.id}.due"]
        found = [_lasts(there, same) for of, there in asked if any(same := _same(duty, rule, of))]
        lasts = [one for one in found if one.null_count() < len(one)]
        if lasts:
            done = _days(frame, DONE_FIELDS[duty.act])
            ended = _days(frame, "ended" if _falls_away(duty) else "")
            due, state = _held_frame(state, due, lasts, done, ended, day)
        columns += [due.alias(f"{duty.id}.due"), state.alias(f"{duty.id}.state")]
    return pl.DataFrame(columns)


def _days(frame: "pl.DataFrame", name: str) -> "pl.Series":
    """A column of days; one of none where the frame has no such column."""
    import polars as pl  # noqa: PLC0415 - as above

    there = frame.select(name).to_series() if name in frame.columns else pl.Series([None], dtype=pl.Date)
    return there if len(there) == len(frame) else there.new_from_index(0, len(frame))


def _asked(frame: "pl.DataFrame", one: Earlier, ended: bool) -> "pl.DataFrame":
    """How the duties of an earlier version stood on its last day; on a kind that it does not know none does."""
    import polars as pl  # noqa: PLC0415 - as above

    from openroll.rules import duties_frame  # noqa: PLC0415 - as above

    rule = one.version.rule
    known = pl.col("kind").is_in(list(rule.known_kinds))
    subjects = frame.with_columns(kind=pl.when(known).then("kind").otherwise(pl.lit(rule.known_kinds[0])))
    if not ended:
        subjects = subjects.with_columns(ended=pl.lit(None, pl.Date))
    stands = duties_frame(subjects, rule, one.last, one.version.place.working_days)
    there = frame.select(known).to_series()
    states = [
        pl.when(there)
        .then(pl.col(f"{duty.id}.state").cast(pl.String))
        .otherwise(pl.lit("none"))
        .alias(f"{duty.id}.state")
        for duty in rule.duties
    ]
    return stands.with_columns(states)


def _lasts(stands: "pl.DataFrame", same: Same) -> "pl.Series":
    """By row the last day of the duty of the same name where it stands, else of the others; `date.max` where it has none."""
    import polars as pl  # noqa: PLC0415 - as above

    last = [
        pl.max_horizontal(
            pl.when(pl.col(f"{duty}.state") != "none").then(pl.col(f"{duty}.due").fill_null(date.max)) for duty in names
        )
        for names in same
        if names
    ]
    return stands.select(pl.coalesce(last).alias("last")).to_series()


def _held_frame(
    state: "pl.Series",
    due: "pl.Series",
    lasts: "Sequence[pl.Series]",
    done: "pl.Series",
    ended: "pl.Series",
    day: date,
) -> "tuple[pl.Series, pl.Series]":
    import polars as pl  # noqa: PLC0415 - as above

    columns = {"state": state, "due": due, "done": done, "ended": ended}
    least = pl.max_horizontal([pl.lit(one) for one in lasts])
    held = (pl.col("state") != "none") & least.is_not_null()
    last = pl.max_horizontal(pl.col("due").fill_null(date.max), least)
    stands = (
        pl.when((pl.col("state") == "met-late") & (pl.col("done") <= last))
        .then(pl.lit("met"))
        .when((pl.col("state") == "overdue") & (pl.col("ended") <= last) & (pl.col("ended") <= day))
        .then(pl.lit("none"))
        .when((pl.col("state") == "overdue") & (last >= day))
        .then(pl.lit("due"))
        .otherwise("state")
    )
    found = pl.DataFrame(columns).select(
        due=pl.when(held & (stands != "none")).then(pl.when(last < date.max).then(last)).when(~held).then("due"),
        state=pl.when(held).then(stands).otherwise("state"),
    )
    return found["due"], found["state"]
