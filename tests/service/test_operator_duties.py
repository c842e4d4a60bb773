"""A duty of operators about each of their subscribers is counted, shown and reminded of, by operator over all its records."""

from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import msgspec
import pytest

from openroll.register.decision import Refused
from openroll.rules import Deadline, Duty, Rule
from openroll.service.filing.bulk import FileTaken, take_file
from openroll.service.governance.duties_board import board
from openroll.service.queries import by_handle
from openroll.service.roll import Roll
from tests.handles import handle
from tests.service.filings import rows_file

EACH = Duty(
    id="file-each",
    bearers=("access-operator",),
    about=("household",),
    act="file",
    title={"zh": "运营者逐户备案", "en": "The operator files each subscription"},
    to={"zh": "登记机构", "en": "the registrar"},
    counts_from="connection",
    deadlines=(Deadline(period="P30D"),),
    measures=("warning",),
    article="Art. 9",
)
KNOWS_NOT = msgspec.structs.replace(EACH, id="report-loss", act="report-loss", counts_from="loss")


@pytest.fixture
def bound(roll: Roll) -> Roll:
    """A roll whose rule lays on operators a duty about each household, and one for which the roll keeps no day."""
    old = roll.versions[0]
    rule: Rule = msgspec.structs.replace(old.rule, duties=(*old.rule.duties, EACH, KNOWS_NOT))
    roll.adopt((msgspec.structs.replace(old, rule=rule),))
    return roll


def filed(roll: Roll, operator: str, tmp_path: Path, connected: date, count: int) -> None:
    """File so many households of an operator, connected on one day."""
    lines = rows_file(count).getvalue().decode().splitlines()
    lines[1:] = [line.replace("2006-10-02", str(connected)) for line in lines[1:]]
    file = tmp_path / f"{operator}.csv"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    taken = take_file(roll, operator, file)
    assert isinstance(taken, FileTaken), taken


def test_a_duty_of_operators_is_counted_for_each_over_all_its_records(bound: Roll, tmp_path: Path) -> None:
    """Thirty records filed in time and thirty filed late are the operator's own duty, met and met late; another's are not."""
    day = bound.day(bound.clock())
    filed(bound, "east", tmp_path, day - timedelta(days=3), 30)
    filed(bound, "west", tmp_path, day - timedelta(days=90), 20)
    counted = board(bound)
    living = Counter(one.operator for one in counted.owed)
    assert living == {"east": 1, "west": 1}
    owed = {one.operator: one for one in counted.owed}
    by_hand = {"east": [0, 0], "west": [0, 0]}
    for operator, count in (("east", 30), ("west", 20)):
        for n in range(count):
            record = by_handle(bound, operator, handle(f"file-{n}"))
            assert not isinstance(record, Refused)
            state = next(one for one in record.duties if one.duty == "file-each")
            if record.state.kind == "household":
                assert state.bearer == "operator"
                by_hand[operator][state.state == "met-late"] += 1
            else:
                assert state.state == "none"
    assert {name: [one.met, one.met_late] for name, one in owed.items()} == by_hand
    assert by_hand["east"][0] > 0
    assert by_hand["west"][1] > 0
    assert [one.operator for one in board(bound, "east").owed] == ["east"]


def test_a_duty_that_a_roll_keeps_no_day_for_is_named_and_not_counted(bound: Roll, tmp_path: Path) -> None:
    """A report of losses would seem overdue on every record; it stands on none, and the board says so."""
    filed(bound, "east", tmp_path, bound.day(bound.clock()), 5)
    counted = board(bound)
    assert counted.uncounted == ("report-loss",)
    assert "report-loss" not in counted.by_duty
    record = by_handle(bound, "east", handle("file-0"))
    assert not isinstance(record, Refused)
    assert "report-loss" not in {one.duty for one in record.duties}


def test_an_operator_is_reminded_of_what_falls_due_within_a_week(bound: Roll, tmp_path: Path) -> None:
    """Changes to be reported within 30 days remind their operator from the seventh day before the last."""
    telling = msgspec.structs.replace(EACH, id="end-each", act="report-end", counts_from="connection")
    old = bound.versions[0]
    bound.adopt((msgspec.structs.replace(old, rule=msgspec.structs.replace(old.rule, duties=(telling,))),))
    day = bound.day(bound.clock())
    filed(bound, "east", tmp_path, day - timedelta(days=23), 10)
    filed(bound, "west", tmp_path, day - timedelta(days=22), 10)
    counted = board(bound)
    assert [(one.operator, one.duty, one.last) for one in counted.coming] == [
        ("east", "end-each", day + timedelta(days=7))
    ]
    assert counted.coming[0].count == counted.owed[0].due > 0
