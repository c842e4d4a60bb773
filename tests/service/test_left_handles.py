"""A subscription that went to another operator is not filed again by the one that lost it."""

from pathlib import Path

import psycopg
import pytest

from openroll.register.command import Actor
from openroll.register.subscription.commands import Confirm, End, Rehandle
from openroll.service.filing import porting
from openroll.service.filing.bulk import FileRefused, FileTaken, take_file
from openroll.service.filing.porting import Party
from openroll.service.filing.rebuild import rebuild
from openroll.service.filing.reconcile import Reconciled, Row, reconcile
from openroll.service.filing.submit import Taken
from openroll.service.governance.lives import offer_succession, succeed
from openroll.service.roll import Roll
from openroll.store import subscriptions
from tests.handles import handle
from tests.seats import seated
from tests.service.filings import filing, submission_of
from tests.service.test_bulk import new, sent
from tests.service.test_porting import code, filed, reference
from tests.service.test_unconfirmed import act, do, file_alone, record


def gone(roll: Roll) -> int:
    """A subscription of east that went to west today, under another handle; its number."""
    number = filed(roll, "a-1")
    assert code(porting.offer(roll, Party("east"), number, "west")) == ""
    assert code(porting.agree(roll, Party("west"), reference(roll), handle("w-1"))) == ""
    return number


def again(roll: Roll, operator: str, account: str = "a-1") -> str:
    """By which refusal an operator's own filing, told otherwise than at first, is refused."""
    return code(do(roll, submission_of(filing(operator, account, access="cable"), Actor("operator", operator))))


def test_the_next_whole_list_tells_which_row_left_and_when(roll: Roll, tmp_path: Path) -> None:
    """By list and alone the filing is refused with its day; other rows are good, and the gaining operator files on."""
    gone(roll)
    day = str(roll.day(roll.clock()))
    refused = take_file(roll, "east", sent(new("a-1"), new("a-2")))
    assert isinstance(refused, FileRefused)
    (fault,) = refused.faults
    assert (fault.row, fault.column, fault.code, fault.params["on"]) == (2, "handle", "handle-left", day)
    assert f"since {day}" in fault.remedy
    assert isinstance(take_file(roll, "east", sent(new("a-2"))), FileTaken)
    path = tmp_path / "list.csv"
    path.write_bytes(sent(new("a-1"), new("a-2")).getvalue())
    compared = reconcile(roll, "east", path)
    assert isinstance(compared, Reconciled)
    assert (compared.only_list, compared.left) == (1, 1)
    assert compared.rows == (Row(handle("a-1"), "only-list", "handle-left", "", day),)
    assert again(roll, "east") == "handle-left"
    assert again(roll, "west") == ""
    assert rebuild(roll, replace=False).differences == ()


def test_an_heir_files_no_row_that_its_operator_lost(roll: Roll) -> None:
    """Nor does an operator that lost a subscription and has it again, under the other handle, file it a second time."""
    gone(roll)
    offer_succession(roll, "west", "east", seated(roll, "west", "operator-lead"))
    assert code(succeed(roll, "west", by=seated(roll, "east", "operator-lead"))) == ""
    assert again(roll, "east") == "handle-left"
    assert rebuild(roll, replace=True).differences == ()
    assert again(roll, "east") == "handle-left"


def test_an_account_begins_anew_once_what_left_has_ended(roll: Roll) -> None:
    """Then nothing is counted twice."""
    number = gone(roll)
    with roll.database.own() as connection:
        assert subscriptions.left_handles(connection, "east", [handle("a-1")]).handles == {handle("a-1")}
    day = roll.day(roll.clock())
    assert isinstance(act(roll, number, End(on=day), Actor("operator", "west")), Taken)
    assert again(roll, "east") == ""


def test_nothing_is_kept_of_a_record_that_is_gone(roll: Roll) -> None:
    """The hash of the handle it left goes with its row."""
    number = gone(roll)
    with roll.database.open() as connection:
        connection.execute("delete from subscription where number = %s", (number,))
        assert connection.execute("select count(*) from left_handle").fetchone() == (0,)


def test_a_subscription_that_goes_under_its_own_handle_has_left_too(roll: Roll) -> None:
    """Both operators call it the same: it is one subscription, and the one that lost it files it no more."""
    number = filed(roll, "a-1")
    assert code(porting.offer(roll, Party("east"), number, "west")) == ""
    assert code(porting.agree(roll, Party("west"), reference(roll), handle("a-1"))) == ""
    assert again(roll, "east") == "handle-left"
    assert isinstance(take_file(roll, "east", sent(new("a-1"), new("a-2"))), FileRefused)
    assert rebuild(roll, replace=False).differences == ()


def test_no_other_record_is_called_by_a_handle_that_left(roll: Roll) -> None:
    """Not by a new handle, alone or by list, nor where its filing is taken, or where it comes from another operator."""
    gone(roll)
    east, left = Actor("operator", "east"), handle("a-1")
    second, alone = filed(roll, "a-2"), file_alone(roll)
    assert code(act(roll, second, Rehandle(handle=left), east)) == "handle-left"
    assert code(act(roll, alone, Confirm(handle=left), east)) == "handle-left"
    refused = take_file(roll, "east", sent({"act": "rehandle", "handle": handle("a-2"), "new_handle": left}))
    assert isinstance(refused, FileRefused)
    assert [(one.column, one.code) for one in refused.faults] == [("new_handle", "handle-left")]
    coming = do(roll, submission_of(filing("west", "w-2"), Actor("operator", "west")))
    assert isinstance(coming, Taken)
    assert code(porting.ask(roll, Party("east"), record(roll, coming.number).code, left)) == "handle-left"
    assert code(porting.offer(roll, Party("west"), coming.number, "east")) == ""
    assert code(porting.agree(roll, Party("east"), reference(roll, "east"), left)) == "handle-left"
    with pytest.raises(psycopg.errors.UniqueViolation), roll.database.open() as connection:
        connection.execute("update subscription set handle = %s where number = %s", (left, second))


def test_a_record_that_comes_back_is_called_as_it_was(roll: Roll) -> None:
    """At once, or by another handle first; then its own handle is filed already, and rebuilt as such."""
    number = gone(roll)
    assert code(porting.offer(roll, Party("west"), number, "east")) == ""
    assert code(porting.agree(roll, Party("east"), reference(roll, "east"), handle("e-9"))) == ""
    assert again(roll, "east") == "handle-left"
    assert code(act(roll, number, Rehandle(handle=handle("a-1")), Actor("operator", "east"))) == ""
    assert again(roll, "east") == "handle-taken"
    assert rebuild(roll, replace=False).differences == ()
