"""What was told in a month: each request knows when its person was last told, also in a roll of before."""

from pathlib import Path
from typing import Any

import pytest

from openroll.register.request import commands
from openroll.register.request.events import PersonTold
from openroll.service.acts import Acted
from openroll.service.filing.rebuild import rebuild
from openroll.service.requests import shown, steps, told_months
from openroll.service.requests.told_months import PackedMonth
from openroll.service.roll import Roll
from openroll.store import migrations, operators
from tests.register.asked import WORD
from tests.service.requests.bodies import bodies
from tests.service.requests.test_lost_notices import given, telling

STATEMENTS = Path(migrations.__file__).parent / "versions" / "0037_told.sql"


def test_a_roll_of_before_knows_when_each_was_told(roll: Roll) -> None:
    """An upgraded roll has of each request the moment that its last telling says, as a rebuild makes it, else none."""
    made = bodies(roll)
    told, waiting = given(made), made.file()
    made.does(telling(told), "clerk")
    with roll.database.open() as connection:
        rows = "select number, told from request order by number"
        before = connection.execute(rows).fetchall()
        connection.execute("drop index request_told; alter table request drop column told")
        connection.execute(STATEMENTS.read_text("utf-8"))
        connection.commit()
        assert connection.execute(rows).fetchall() == before
    (last,) = (fact.at for fact, _ in shown.public(roll, number=told)[0].history if isinstance(fact, PersonTold))
    assert before == [(told, last), (waiting, None)]
    assert rebuild(roll, replace=False).differences == ()


def test_a_list_is_made_anew_of_what_changed_alone(roll: Roll, monkeypatch: pytest.MonkeyPatch) -> None:
    """And is what it would be, made whole: after a complaint, another telling, and a succession, which changes every row."""
    made, folded = bodies(roll), list[int]()
    public = told_months._public

    def seen(facts: Any, heirs: Any) -> Any:
        folded.append(facts[0].request)
        return public(facts, heirs)

    monkeypatch.setattr(told_months, "_public", seen)
    month = told_months.month_named(f"{roll.clock():%Y-%m}")
    assert month is not None

    def list_anew(before: PackedMonth | None) -> tuple[PackedMonth, list[int]]:
        folded.clear()
        anew, changed = told_months.packed(roll, month, before), [*folded]
        assert anew == told_months.packed(roll, month)
        return anew, changed

    first, second = given(made), given(made)
    made.does(telling(first), "clerk")
    before, changed = list_anew(None)
    assert changed == [first]
    made.does(telling(second), "clerk")
    before, changed = list_anew(before)
    assert (changed, list_anew(before)[1]) == ([second], [])
    assert isinstance(steps.complain(roll, commands.Complain(request=first, word=WORD)), Acted)
    before, changed = list_anew(before)
    assert changed == [first]
    heirs = {"east": "west"}
    monkeypatch.setattr(operators, "ask_heirs", lambda _: lambda: heirs)
    assert list_anew(before)[1] == [first, second]
