"""What a round costs does not grow with what waits behind it."""

from datetime import date

from openroll.service.filing.bulk import FileTaken, take_file
from openroll.service.log.key_history import KINDS
from openroll.service.log.sequencer import Sequencer, order_of
from openroll.service.roll import Roll
from openroll.store import log
from tests.service.filings import rows_file


def test_the_next_events_are_read_as_the_index_lies(roll: Roll) -> None:
    """PostgreSQL never sorts what waits, not even where it would rather: 10,000,000 waiting events would be sorted each round."""
    with roll.database.transaction("sequencer") as connection:
        # Forbidden to sort, it does so only where the query leaves it no other way.
        connection.execute("set local enable_sort = off")
        plan = connection.execute("explain " + log.READY, ("0", 0, 65_536)).fetchall()
    nodes = "\n".join(line for (line,) in plan)
    assert "event_order" in nodes, nodes
    assert "Sort" not in nodes, nodes


def test_rounds_take_what_waits_in_order(roll: Roll) -> None:
    """A backlog of several rounds gets its places round by round in the order of its ids, each round no more than it may."""
    assert isinstance(take_file(roll, "east", rows_file(25)), FileTaken)
    sequencer = Sequencer(roll)
    assert [sequencer.round(10).placed for _ in range(4)] == [10, 10, 8, 0]  # 25, the opening and two operators
    sequencer.close()
    with roll.database.transaction("registrar") as connection:
        runs = connection.execute("select position, event, count from placed order by event").fetchall()
    assert [first for first, _, _ in runs] == sorted(first for first, _, _ in runs)
    assert sum(count for *_, count in runs) == 28


def test_people_stand_by_their_commitments_behind_official_acts() -> None:
    """All 32 bytes count, those behind a zero and zeroes at the end too; a change of keys is the last."""
    commitments = [
        b"\x02" * 32,
        bytes(32),
        b"\x01" + bytes(31),
        b"\x01" + bytes(30) + b"\x01",
        bytes(31) + b"\x01",
        b"\0" * 32,
    ]
    bodies = ["", "", "{}", "", "", "{}"]
    names = [*["subscription.filed/1"] * 2, "operator.admitted/1", *["subscription.filed/1"] * 2, KINDS[0]]
    waiting = log.Ready([7] * 6, list(range(6)), names, [date(2006, 12, 20)] * 6, commitments, bodies)
    assert order_of(waiting) == [2, 1, 4, 3, 0, 5]
