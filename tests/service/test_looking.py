"""The registrar looks a record up: in its history for whose it is, in the log without saying whose."""

import json

from openroll.register.code import code_of
from openroll.register.commands import Actor, End
from openroll.register.decision import Refused
from openroll.register.organisations import Seat
from openroll.service.batch import FileTaken, take_file
from openroll.service.grouping import Grouping
from openroll.service.looking import look
from openroll.service.reading import Record, by_handle, official_acts
from openroll.service.rebuild import rebuild
from openroll.service.roll import Roll
from openroll.service.sequencer import Sequencer
from openroll.service.submit import Submission, Taken
from tests.handles import handle
from tests.seats import seated
from tests.service.filings import rows_file

BY = Seat("registrar", 3)


def test_looking_a_record_up_is_never_silent(roll: Roll) -> None:
    """By code and by handle it stands in the record's history; the log has the act without the record; nothing else moves."""
    for _ in range(3):
        seated(roll, "registrar", "registrar")
    assert isinstance(take_file(roll, "east", rows_file(2)), FileTaken)
    before = by_handle(roll, "east", handle("file-1"))
    assert isinstance(before, Record)
    assert isinstance(look(roll, handle("file-1"), "east", BY), Record)
    seen = look(roll, code_of(before.number, roll.keys.code_key), "", BY)
    assert isinstance(seen, Record)
    assert [one.name for one in seen.history] == ["subscription.filed/1", "record.seen/1", "record.seen/1"]
    assert (seen.state.version, seen.state.district) == (3, before.state.district)
    newest = official_acts(roll)[0]
    assert set(json.loads(newest.body)) == {"by", "rule"}
    assert json.loads(newest.body)["by"] == "registrar/3"
    grouping = Grouping(roll)
    end = Submission(
        command=End(on=roll.day(roll.clock())),
        key="end",
        request=b"end",
        actor=Actor("operator", "east"),
        handle=handle("file-1"),
    )
    assert isinstance(grouping.submit_and_wait(end), Taken)
    grouping.close()
    Sequencer(roll).run_until_empty()
    assert rebuild(roll, replace=False).differences == ()


def test_what_is_not_there_cannot_be_looked_at(roll: Roll) -> None:
    """A name, an unknown handle, a wrong code: nothing is found and nothing is recorded."""
    count = len(official_acts(roll))
    for sought, operator in (("Wang", "east"), ("", "east"), ("0000 0000 0000 0000", ""), ("Wang", "")):
        assert isinstance(look(roll, sought, operator, BY), Refused)
    assert len(official_acts(roll)) == count
