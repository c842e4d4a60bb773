"""What was told in a month: each request knows when its person was last told, also in a roll of before."""

from pathlib import Path

from openroll.register.request.events import PersonTold
from openroll.service.filing.rebuild import rebuild
from openroll.service.requests import shown
from openroll.service.roll import Roll
from openroll.store import migrations
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
