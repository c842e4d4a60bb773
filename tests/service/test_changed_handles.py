"""A handle that was changed is no other subscription's, whichever way it comes: a list of an old key doubles no roll."""

from importlib.resources import files
from pathlib import Path

import psycopg
import pytest

from openroll.register.command import Actor
from openroll.register.subscription.commands import Change, Confirm, End, Rehandle
from openroll.service.filing import bulk, porting
from openroll.service.filing.bulk import FileRefused, FileTaken, take_file
from openroll.service.filing.porting import Party
from openroll.service.filing.rebuild import rebuild
from openroll.service.filing.reconcile import Reconciled, Row, reconcile
from openroll.service.filing.submit import Taken
from openroll.service.governance.lives import offer_succession, succeed
from openroll.service.queries import own_by_handle
from openroll.service.records import audited_lookup
from openroll.service.roll import Roll
from openroll.store import subscriptions
from tests.handles import handle
from tests.seats import seated
from tests.service.filings import digests, filing, submission_of
from tests.service.test_bulk import new, sent
from tests.service.test_filing import submission, taken
from tests.service.test_left_handles import again
from tests.service.test_porting import code, filed, reference
from tests.service.test_rehandle import filed_before
from tests.service.test_unconfirmed import act, do, file_alone, record

EAST, WEST = Actor("operator", "east"), Actor("operator", "west")


def fresh(account: str) -> str:
    """The handle of an account under the new key."""
    return handle(f"new key: {account}")


def rekeyed(*accounts: str) -> list[dict[str, str]]:
    """The rows of a file that changes the handles of accounts to those of the new key."""
    return [{"act": "rehandle", "handle": handle(one), "new_handle": fresh(one)} for one in accounts]


def faults(roll: Roll, *rows: dict[str, str], operator: str = "east") -> list[tuple[int, str, str]]:
    """Where a file has which faults."""
    refused = take_file(roll, operator, sent(*rows))
    assert isinstance(refused, FileRefused), refused
    assert refused.fault_count == len(refused.faults)
    return [(one.row, one.column, one.code) for one in refused.faults]


def changed(roll: Roll, account: str = "a-1") -> int:
    """A subscription of east that has another handle since today; its number."""
    number = filed(roll, account)
    assert code(act(roll, number, Rehandle(handle=fresh(account)), EAST)) == ""
    return number


def by_handle(roll: Roll, own: str, command: Change | End | Rehandle, actor: Actor = EAST) -> str:
    """By which refusal an act under a handle is refused."""
    return code(do(roll, submission(command, actor, handle=own)))


def test_a_list_of_the_old_key_files_nothing(roll: Roll, tmp_path: Path) -> None:
    """Packed anew or not it is told in one sentence, with the day, whether what it names lives or has ended; compared too."""
    accounts = [f"m-{n}" for n in range(30)]
    take_file(roll, "east", sent(*map(new, accounts)))
    assert by_handle(roll, handle("m-0"), End(on=roll.day(roll.clock()))) == ""
    assert isinstance(take_file(roll, "east", sent(*rekeyed(*accounts))), FileTaken)
    day = str(roll.day(roll.clock()))
    anew = [new(one) | {"digests": " ".join(digests(f"anew-{one}"))} for one in accounts]
    refused = take_file(roll, "east", sent(*anew, new("m-30")))
    assert isinstance(refused, FileRefused)
    (fault,) = refused.faults
    assert (fault.row, fault.code) == (0, "list-of-old-key")
    assert fault.params == {"found": "30", "expected": "31", "on": day}
    assert "openroll pack --key" in fault.remedy
    assert faults(roll, *anew[:2], new("m-30")) == [(2, "handle", "handle-changed"), (3, "handle", "handle-changed")]
    ends = [{"act": "end", "handle": handle(one), "on": day} for one in accounts]
    assert faults(roll, *ends) == [(0, "", "list-of-old-key")]
    path = tmp_path / "list.csv"
    path.write_bytes(sent(*anew).getvalue())
    compared = reconcile(roll, "east", path)
    assert isinstance(compared, Reconciled)
    assert (compared.only_list, compared.only_roll, compared.changed, compared.left) == (30, 29, 30, 0)
    assert compared.rows[0] == Row(handle("m-0"), "only-list", "handle-changed", "", day)
    assert isinstance(take_file(roll, "west", sent(new("m-1"))), FileTaken), "another operator's handle is its own"
    assert rebuild(roll, replace=False).differences == ()


def test_one_by_one_too(roll: Roll) -> None:
    """A program's filings are refused, alone and in one breath with the change; also by the database, which nobody asked."""
    changed(roll)
    assert again(roll, "east") == "handle-changed"
    assert again(roll, "west") == ""
    filed(roll, "a-2")
    breath = [
        submission(Rehandle(handle=fresh("a-2")), handle=handle("a-2")),
        submission_of(filing("east", "a-2", access="cable"), EAST),
        submission(End(on=roll.day(roll.clock())), handle=handle("a-2")),
        submission(Rehandle(handle=handle("a-2")), handle=fresh("a-1")),
    ]
    outcomes = taken(roll, *breath)
    assert [code(one) for one in outcomes] == ["", "handle-changed", "handle-changed", "handle-changed"]
    with pytest.raises(psycopg.errors.UniqueViolation), roll.database.open() as connection:
        connection.execute(
            "insert into subscription select (jsonb_populate_record(s, jsonb_build_object('number', s.number + 1000,"
            " 'handle', %s::text))).* from subscription s where handle = %s",
            (handle("a-1"), fresh("a-1")),
        )


def test_an_act_under_the_old_handle_is_done_to_nobody(roll: Roll) -> None:
    """Its sender is told since when the record has another; an operator that never had the record learns nothing."""
    number = changed(roll)
    day = roll.day(roll.clock())
    for command in (Change(on=day, access="cable"), End(on=day), Rehandle(handle=handle("a-9"))):
        assert by_handle(roll, handle("a-1"), command) == "handle-changed"
        assert by_handle(roll, handle("a-1"), command, WEST) == "subscription-unknown"
    assert record(roll, number).state.version == 2
    assert code(own_by_handle(roll, "east", handle("a-1"))) == "handle-changed"
    assert code(own_by_handle(roll, "west", handle("a-1"))) == "subscription-unknown"
    seen = audited_lookup(roll, handle("a-1"), "east", seated(roll, "registrar", "registrar"), "192.0.2.7")
    assert code(seen) == "subscription-unknown", "a look that is on no record tells of none"
    assert by_handle(roll, fresh("a-1"), End(on=day)) == ""
    assert again(roll, "east") == "handle-changed", "also when it has ended"


def test_no_other_record_is_called_by_it(roll: Roll) -> None:
    """Not by a change of its own, alone or by list, nor where a filing made alone is taken, or a record comes from elsewhere."""
    changed(roll)
    second, alone, old = filed(roll, "a-2"), file_alone(roll), handle("a-1")
    assert code(act(roll, second, Rehandle(handle=old), EAST)) == "handle-changed"
    assert code(act(roll, alone, Confirm(handle=old), EAST)) == "handle-changed"
    onto = {"act": "rehandle", "handle": handle("a-2"), "new_handle": old}
    assert faults(roll, onto) == [(2, "new_handle", "handle-changed")]
    coming = do(roll, submission_of(filing("west", "w-2"), WEST))
    assert isinstance(coming, Taken)
    assert code(porting.ask(roll, Party("east"), record(roll, coming.number).code, old)) == "handle-changed"
    assert code(porting.offer(roll, Party("west"), coming.number, "east")) == ""
    assert code(porting.agree(roll, Party("east"), reference(roll, "east"), old)) == "handle-changed"
    with pytest.raises(psycopg.errors.UniqueViolation), roll.database.open() as connection:
        connection.execute("update subscription set handle = %s where number = %s", (old, second))


def test_the_record_itself_is_called_so_again(roll: Roll) -> None:
    """There and back, as when the wrong key was taken: then the other handle is the one that was changed."""
    changed(roll)
    back = {"act": "rehandle", "handle": fresh("a-1"), "new_handle": handle("a-1")}
    assert isinstance(take_file(roll, "east", sent(back)), FileTaken)
    assert again(roll, "east") == "handle-taken"
    assert by_handle(roll, fresh("a-1"), Rehandle(handle=handle("a-9"))) == "handle-changed"
    assert by_handle(roll, handle("a-1"), Rehandle(handle=fresh("a-1"))) == ""
    assert again(roll, "east") == "handle-changed"
    assert rebuild(roll, replace=False).differences == ()


def test_it_is_nobodys_when_the_record_went_to_another_operator(roll: Roll) -> None:
    """Nor its heir's, and every handle counts that it had, also two in one breath."""
    number = filed(roll, "a-1")
    assert code(act(roll, number, Rehandle(handle=fresh("a-0")), EAST)) == ""
    assert code(act(roll, number, Rehandle(handle=fresh("a-1")), EAST)) == ""
    assert code(porting.offer(roll, Party("east"), number, "west")) == ""
    assert code(porting.agree(roll, Party("west"), reference(roll), handle("w-1"))) == ""
    assert again(roll, "east") == "handle-changed"
    assert faults(roll, *({**new("x"), "handle": one} for one in (fresh("a-0"), fresh("a-1")))) == [
        (2, "handle", "handle-changed"),
        (3, "handle", "handle-left"),
    ]
    offer_succession(roll, "east", "west", seated(roll, "east", "operator-lead"))
    assert code(succeed(roll, "east", by=seated(roll, "west", "operator-lead"))) == ""
    assert again(roll, "west") == "handle-changed"
    assert rebuild(roll, replace=True).differences == ()
    assert again(roll, "west") == "handle-changed"


def test_nothing_is_kept_of_it_but_a_hash_that_goes_with_the_record(roll: Roll) -> None:
    """Also of what a record was called before handles had a form, which anybody could read."""
    filed_before(roll, "254712345678")
    assert by_handle(roll, "254712345678", Rehandle(handle=fresh("a-1"))) == ""
    assert by_handle(roll, "254712345678", Rehandle(handle=fresh("a-2"))) == "handle-changed"
    with roll.database.open() as connection:
        (row,) = connection.execute("select l.number, l::text from left_handle l").fetchall()
        assert "254712345678" not in row[1]
        connection.execute("delete from subscription where number = %s", (row[0],))
        assert connection.execute("select count(*) from left_handle").fetchone() == (0,)


def test_a_file_of_changes_that_broke_off_goes_on_and_made_again_it_says_what_is_done(
    roll: Roll, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sent again it is finished; one that was made anew, of more accounts, tells the rows whose record has its handle already."""
    monkeypatch.setattr(bulk, "BATCH", 2)
    take_file(roll, "east", sent(*map(new, "abcd")))
    steps: list[str] = []

    def step(name: str) -> None:
        steps.append(name)
        if steps.count("file batch: in the transaction") == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        take_file(roll, "east", sent(*rekeyed(*"abc")), step=step)
    assert faults(roll, *rekeyed(*"abcd")) == [(2, "handle", "nothing-asked"), (3, "handle", "nothing-asked")]
    taken = take_file(roll, "east", sent(*rekeyed(*"abc")))
    assert isinstance(taken, FileTaken)
    assert taken.stored == 1
    assert isinstance(take_file(roll, "east", sent(*rekeyed("d"))), FileTaken)
    assert rebuild(roll, replace=False).differences == ()


def test_keys_the_wrong_way_round_are_told(roll: Roll) -> None:
    """Before anything was changed no record has the handle that was to be changed, and one has that which it was to get."""
    filed(roll, "a")
    row = {"act": "rehandle", "handle": fresh("a"), "new_handle": handle("a")}
    assert faults(roll, row) == [(2, "new_handle", "handle-filed"), (2, "handle", "subscription-unknown")]


def test_what_was_changed_before_is_found_by_the_upgrade(roll: Roll) -> None:
    """From the facts; a roll that was doubled meanwhile goes on as it is, and the second record can be ended."""
    changed(roll)
    with roll.database.open() as connection:
        connection.execute("delete from left_handle")
    assert again(roll, "east") == "", "as it was before 0038"
    with roll.database.open() as connection:
        connection.execute("alter table left_handle drop column changed")
        script = files("openroll.store") / "migrations" / "versions" / "0038_rekeyed.sql"
        connection.execute(script.read_text("utf-8").encode())
        left = subscriptions.left_handles(connection, "east", [handle("a-1")])
        assert left.changed(handle("a-1")) == roll.day(roll.clock())
        connection.commit()
    assert rebuild(roll, replace=False).differences == ()
    assert by_handle(roll, handle("a-1"), End(on=roll.day(roll.clock()))) == ""
