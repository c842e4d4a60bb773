"""The engine of procedures: whatever is done in whatever order, times add up, nothing starts anew, and everything ends."""

from datetime import UTC, datetime, timedelta

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from openroll.register.procedure import Standing, begun, missed, moved, put_off
from openroll.register.request.made import ACTS as COMMANDS
from openroll.rules.procedure import Move, Procedure, lasts, procedure, procedures
from openroll.rules.procedure_sense import ACTS, failing

START = datetime(2026, 11, 29, tzinfo=UTC)
SHIPPED = [procedure(name) for name in procedures()]


def test_every_act_of_a_procedure_is_a_command() -> None:
    """The acts that a procedure may name are those that commands of requests are, and one of before that facts tell of; a
    signature is a word on one of them."""
    assert set(ACTS) == {*COMMANDS.values(), "approve", "narrow", "complain", "decline"} - {"sign"}


@st.composite
def a_change(draw: st.DrawFn) -> Procedure:
    """A procedure that ships with one thing of one step changed, whether it makes sense or not."""
    value = draw(st.sampled_from(SHIPPED))
    at = draw(st.integers(0, len(value.steps) - 1))
    step, names = value.steps[at], [one.id for one in value.steps]
    how = draw(st.sampled_from(["missed", "to", "by", "drop", "owner", "end", "time"]))
    other = draw(st.sampled_from(names))
    if how in ("to", "by", "drop") and step.moves:
        number = draw(st.integers(0, len(step.moves) - 1))
        move = step.moves[number]
        new = {
            "to": [msgspec.structs.replace(move, to=other)],
            "by": [msgspec.structs.replace(move, by=draw(st.sampled_from(["authority", "operator", "reviewer"])))],
            "drop": [],
        }[how]
        step = msgspec.structs.replace(step, moves=(*step.moves[:number], *new, *step.moves[number + 1 :]))
    else:
        values = {"missed": other, "owner": "clock", "end": True, "time": "P20D"}
        key = how if how in values else "missed"
        step = msgspec.structs.replace(step, **{key: values[key]})
    return msgspec.structs.replace(value, steps=(*value.steps[:at], step, *value.steps[at + 1 :]))


class Life:
    """A matter that goes its way: every act done in it, where it stood then, and every time it was given."""

    def __init__(self, value: Procedure, how: str, *, urgent: bool) -> None:
        self.value, self.urgent = value, urgent
        self.now = START
        self.at = begun(value, how, START, urgent=urgent)
        self.done: list[str] = []
        self.stood = [self.at.step]
        self.extended: set[str] = set()

    def wait(self, hours: int) -> None:
        """Let time pass, as deciders do: each step that is over is left as of the moment it was."""
        self.now += timedelta(hours=hours)
        rounds = 0
        while (then := missed(self.value, self.at, self.now)) is not None:
            self.enter(then, f"silence in {self.at.step}")
            rounds += 1
            assert rounds <= 2 * len(self.value.steps)

    def enter(self, then: Standing, act: str) -> None:
        """Stand somewhere after an act."""
        self.done.append(act)
        self.at = then
        self.stood.append(then.step)

    def act(self, move: Move, later: int) -> None:
        """Make a move, with what puts times off within what the procedure allows."""
        if move.act == "extend" and self.at.due is not None and self.at.step not in self.extended:
            self.extended.add(self.at.step)
            share = lasts(self.value.extend) * later / 100
            self.at = put_off(self.at, self.at.due + share)
        if move.act == "postpone" and self.at.step == self.value.telling:
            until = START + lasts(self.value.postpone) * later / 100
            self.at = put_off(self.at, until + lasts(self.value.step(self.at.step).time or "P0D"))
        self.enter(moved(self.value, self.at, move, self.now), move.act)


@st.composite
def a_life(draw: st.DrawFn, of: st.SearchStrategy[Procedure] | None = None) -> Life:
    """A matter of a procedure, lived through up to forty acts and silences of any length."""
    value = draw(st.sampled_from(SHIPPED) if of is None else of)
    how = draw(st.sampled_from(sorted(value.begins)))
    life = Life(value, how, urgent=how == "emergency" or draw(st.booleans()))
    for _ in range(draw(st.integers(0, 40))):
        moves = value.step(life.at.step).moves
        if moves and draw(st.integers(0, 5)) > 0:
            number = draw(st.integers(0, len(moves) - 1))
            life.act(moves[number], draw(st.integers(0, 100)))
        else:
            life.wait(draw(st.sampled_from([0, 1, 24, 24 * 9, 24 * 40])))
    return life


@given(a_life())
@settings(max_examples=150)
def test_no_due_time_is_later_than_the_procedure_allows(life: Life) -> None:
    """Whatever is done in whatever order, the time that is due is within what the data adds up to."""
    assert life.at.due is None or life.at.due <= START + life.value.longest


@given(a_life())
@settings(max_examples=100)
def test_everything_ends(life: Life) -> None:
    """Left alone for as long as the procedure allows in all, a matter is at an end, wherever it stood."""
    life.now = max(life.now, START + life.value.longest)
    life.wait(0)
    assert life.value.step(life.at.step).end


@given(st.sampled_from(SHIPPED), st.lists(st.integers(0, 24 * 5), min_size=2, max_size=30), st.booleans())
@settings(max_examples=80)
def test_coming_back_restarts_no_clock(value: Procedure, hours: list[int], urgent: bool) -> None:
    """Sent back and completed again and again, all the time spent in a step is no more than the step has."""
    spent: dict[str, timedelta] = {}
    at, now = begun(value, "ordinary", START, urgent=urgent), START
    for wait in hours:
        assert at.due is not None
        spent[at.step] = spent.get(at.step, timedelta()) + min(timedelta(hours=wait), at.due - now)
        now += timedelta(hours=wait)
        if missed(value, at, now) is not None:
            break
        act = {"under-review": ("return", "reviewer"), "incomplete": ("complete", "authority")}[at.step]
        move = value.move(at.step, *act)
        assert move is not None
        at = moved(value, at, move, now)
    assert all(time <= value.step(step).longest for step, time in spent.items())


@given(a_life(), st.integers(-400, 400))
@settings(max_examples=60)
def test_putting_off_never_shortens(life: Life, days: int) -> None:
    """Whatever day is named, what is due is due no earlier than it was, and an end stays without a time."""
    later = put_off(life.at, START + timedelta(days=days))
    assert (later.due is None) == (life.at.due is None)
    assert later.due is None or life.at.due is None or later.due >= life.at.due
    assert (later.step, later.since, later.left) == (life.at.step, life.at.since, life.at.left)


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_what_the_checks_pass_keeps_its_promises(data: st.DataObject) -> None:
    """A changed procedure in which no check finds a mistake gives nothing out unapproved, ends, and has the person told first."""
    value = data.draw(a_change())
    if failing(value):
        return
    life = data.draw(a_life(st.just(value)))
    yes = {"approve", "narrow", "second", "confirm"}
    if "answer" in life.done:
        assert yes & set(life.done[: life.done.index("answer")])
    life.now = max(life.now, START + value.longest)
    life.wait(0)
    assert value.step(life.at.step).end
    tellings = {step.id for step in value.steps if step.takes("tell")}
    assert tellings & set(life.stood)
    if "confirm" in life.done and "answer" in life.done and not {"approve", "narrow"} & set(life.done):
        assert {"refuse"} & set(life.done) or any(
            value.step(one.removeprefix("silence in ")).silence == "annulled"
            for one in life.done
            if one.startswith("sil")
        )
