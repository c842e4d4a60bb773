"""Situations a lawyer can read, told in `situations/*.yaml`: each holds one by one and by column."""

from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from ruamel.yaml import YAML
from tests.rules.frames import frame_of

from openroll.rules import DutyState, Rule, Subject, WorkingDays, duties, duties_frame, load, parse_rule, shipped

HERE = Path(__file__).parent


class Situation(NamedTuple):
    """One situation: the rule, whom it is asked about, when, and how each duty named should stand."""

    rule: str
    subject: Subject
    on: date | datetime
    expect: dict[str, Any]
    calendar: WorkingDays


def read(file: Path) -> list[Any]:
    """The situations of one file, each named by its sentence."""
    told = YAML(typ="safe").load(file)
    days = told.get("calendar", {})
    calendar = WorkingDays(holidays=frozenset(days.get("holidays", ())), working=frozenset(days.get("working", ())))
    return [
        pytest.param(
            Situation(told["rule"], Subject(**one["subject"]), day(one["on"]), one["expect"], calendar),
            id=f"{file.stem}: {one['name']}",
        )
        for one in told["situations"]
    ]


def day(told: date | str) -> date | datetime:
    """A day, or an instant written in quotes."""
    return datetime.fromisoformat(told) if isinstance(told, str) else told


def rule_of(name: str) -> Rule:
    """A shipped rule, or one made for tests."""
    return parse_rule((HERE / name).read_text(encoding="utf-8"), name) if name.endswith(".yaml") else load(name)


SITUATIONS = [situation for file in sorted((HERE / "situations").glob("*.yaml")) for situation in read(file)]


@pytest.mark.parametrize("situation", SITUATIONS)
def test_the_situation_stands_as_told(situation: Situation) -> None:
    """Every duty that the situation names has the state, due date and measures that it tells."""
    states = {
        state.duty: state
        for state in duties(situation.subject, rule_of(situation.rule), situation.on, situation.calendar)
    }
    for name, expected in situation.expect.items():
        wanted = {"state": "none", "due": None, "measures": []} if expected == "none" else expected
        assert told(states[name], wanted) == wanted, name


def told(state: DutyState, wanted: dict[str, Any]) -> dict[str, Any]:
    """A duty's state in the words of the situation files, as far as they ask."""
    values: dict[str, Any] = {
        "state": state.state,
        "due": state.due,
        "measures": [measure for measure, _ in state.measures],
    }
    values |= {"bearer": state.bearer, "no_service": state.no_service}
    return {key: values[key] for key in wanted}


@pytest.mark.parametrize("situation", SITUATIONS)
def test_the_situation_stands_the_same_by_column(situation: Situation) -> None:
    """A frame of the one subject gives the same states and due dates as asking one by one."""
    rule = rule_of(situation.rule)
    frame = duties_frame(frame_of([situation.subject], rule), rule, situation.on, situation.calendar)
    by_column = frame.row(0, named=True)
    for state in duties(situation.subject, rule, situation.on, situation.calendar):
        assert (by_column[f"{state.duty}.state"], by_column[f"{state.duty}.due"]) == (state.state, state.due)


def test_every_shipped_rule_is_told_in_situations() -> None:
    """There are more than forty situations, and no shipped rule is without one."""
    rules = {param.values[0].rule for param in SITUATIONS}
    assert len(SITUATIONS) > 40
    assert set(shipped()) <= rules
