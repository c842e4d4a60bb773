"""What is done on a record while a succession is being written waits for it: no row is left with the operator that is gone."""

import threading
import time
from collections.abc import Callable
from datetime import date

from openroll.register.command import Actor, Command
from openroll.register.decision import Accepted
from openroll.register.organisation.commands import AdmitOperator, Succeed
from openroll.register.subscription import commands as c
from openroll.register.subscription.filing_code import reference_of
from openroll.register.subscription.kinds import KINDS
from openroll.service.acts import act as act_officially
from openroll.service.filing import porting
from openroll.service.filing.porting import Party
from openroll.service.filing.rebuild import rebuild
from openroll.service.filing.submit import Failed, Taken
from openroll.service.filing.unconfirmed import lapse_due
from openroll.service.governance.lives import offer_succession
from openroll.service.governance.open_roll import admit_operator
from openroll.service.records import audited_lookup
from openroll.service.roll import Roll
from openroll.service.rollback_guard import new_numbers
from openroll.store.numbers import RECORD
from tests.handles import handle
from tests.seats import seated
from tests.service.filings import digest, filing, submission_of
from tests.service.test_lives import leads
from tests.service.test_porting import code, filed
from tests.service.test_unconfirmed import act, do, file_alone, on, record

EAST, OWN = Actor("operator", "east"), Actor("subscriber")
Act = Callable[[], object]
TOLD = (digest("told"),)
ASK, SECOND = (
    c.AskRelease(why="came to the counter", clerk="east/8"),
    c.SecondRelease(clerk="east/9", first="east/8", akin=False),
)
CHANGED = c.Change(on=date(2006, 12, 1), access="cable")


class Records:
    """Records of one roll, each in a state in which one kind of act is taken; who is to act on them, and how it is to end."""

    def __init__(self, roll: Roll) -> None:
        self.roll = roll
        self.acts: list[tuple[str, Act, str]] = []
        self._count = 0

    def add(self, command: Command | type[Command], run: Act, ends: str) -> None:
        """One act, and the code with which it is refused once the succession is there (none: it is taken)."""
        kind = command if isinstance(command, type) else type(command)
        self.acts.append((kind.__name__, run, ends))

    def one(self, command: Command, actor: Actor, *before: tuple[Command, Actor], alone: bool = False) -> None:
        """An act of one command on a record of its own, on which others were done before."""
        number = file_alone(self.roll) if alone else self.filed()
        for earlier, by in before:
            outcome = act(self.roll, number, earlier, by)
            assert isinstance(outcome, Taken), (earlier, outcome)
        ends = "" if actor == OWN else "subscription-unknown"
        self.add(command, lambda: act(self.roll, number, command, actor), ends)

    def filed(self) -> int:
        """A record of east's."""
        self._count += 1
        return filed(self.roll, f"a-{self._count}")

    def ported(self, to: str = "third", begun_by: str = "east") -> tuple[int, str]:
        """A record that `begun_by` began to port: the number and its reference."""
        number = self.filed()
        if begun_by == "east":
            assert code(porting.offer(self.roll, Party("east"), number, to)) == ""
        else:
            its_code, own = record(self.roll, number).code, handle(f"asked-{number}")
            assert code(porting.ask(self.roll, Party(begun_by), its_code, own)) == ""
        return number, reference_of(number, self.roll.keys.code_key)


def _old(records: Records) -> None:
    """What has to be filed long before its act."""
    records.one(c.Erase(), OWN, (c.End(on=date(2006, 12, 1)), EAST), alone=True)
    file_alone(records.roll)
    records.add(c.Lapse, lambda: lapse_due(records.roll), "")
    fresh = new_numbers(records.roll, RECORD).start
    records.one(c.Release(clerk="east/8", code=fresh), EAST, (c.Hold(), OWN), (ASK, EAST), (SECOND, EAST))
    on(records.roll, 900)


def _of_operators(records: Records) -> None:
    for command in (CHANGED, c.End(on=date(2006, 12, 5)), c.Correct(access="cable"), c.Rehandle(handle=handle("new"))):
        records.one(command, EAST)
    records.one(c.Confirm(handle=handle("c-1")), EAST, alone=True)
    records.one(c.Disown(why="not ours"), EAST, alone=True)
    records.one(ASK, EAST, (c.Hold(), OWN))
    records.one(SECOND, EAST, (c.Hold(), OWN), (ASK, EAST))
    new = submission_of(filing("east", "new-1"), EAST)
    records.add(c.File, lambda: do(records.roll, new), "operator-unknown")


def _of_subscribers(records: Records) -> None:
    for command in (c.Notify(added=TOLD), c.Hold(), CHANGED, c.End(on=date(2006, 12, 5))):
        records.one(command, OWN)
    records.one(c.Withdraw(dropped=TOLD), OWN, (c.Notify(added=TOLD), OWN))
    records.one(c.AddPasskey(passkey="second"), OWN, (c.Hold(), OWN))
    records.one(c.ChangeContact(given=True), OWN, (c.Hold(), OWN))
    records.one(
        c.EndPasskey(passkey="second", last=False, signed_in="first"),
        OWN,
        (c.Hold(), OWN),
        (c.AddPasskey(passkey="second"), OWN),
    )
    records.one(c.RefuseRelease(passkey="first"), OWN, (c.Hold(), OWN), (ASK, EAST))
    new = submission_of(filing("east", "", digests=filing("east", "new-2").digests), OWN)
    records.add(c.File, lambda: do(records.roll, new), "operator-unknown")


def _of_others(records: Records) -> None:
    """What goes from or to the operator that ends is agreed, asked for, withdrawn and offered by one that stays."""
    roll, third = records.roll, Party("third")
    (_, agreed), (_, declined) = records.ported(), records.ported()
    asked = records.filed()
    filing_code = record(roll, asked).code
    records.add(c.AgreePort, lambda: porting.agree(roll, third, agreed, handle("p-1")), "")
    records.add(c.WithdrawPort, lambda: porting.withdraw(roll, third, declined), "")
    records.add(c.AskPort, lambda: porting.ask(roll, third, filing_code, handle("p-2")), "")
    numbers = []
    for account in ("t-1", "t-2"):
        outcome = do(roll, submission_of(filing("third", account), Actor("operator", "third")))
        assert isinstance(outcome, Taken)
        numbers.append(outcome.number)
    offered, coming = numbers
    records.add(c.OfferPort, lambda: porting.offer(roll, third, offered, "east"), "operator-unknown")
    assert code(porting.offer(roll, third, coming, "east")) == ""
    records.add(c.Notify, lambda: act(roll, coming, c.Notify(added=TOLD), OWN), "")
    number, reference = records.ported()
    assert code(porting.agree(roll, third, reference, handle("p-3"))) == ""
    records.add(c.Notify, lambda: act(roll, number, c.Notify(added=TOLD), OWN), "")
    lead, looked_at = seated(roll, "registrar", "registrar-lead"), record(roll, records.filed()).code
    records.add(c.LookUp, lambda: audited_lookup(roll, looked_at, "", lead, "192.0.2.1"), "")


def test_no_act_on_a_record_writes_it_back_to_an_operator_that_is_gone(roll: Roll) -> None:
    """Each kind there is, begun when the succession is written and not yet committed, is decided on what it left."""
    east, west = leads(roll)
    third = AdmitOperator(operator="third", kind="access-operator", title={"zh": "三", "en": "Third"})
    assert isinstance(admit_operator(roll, third), Accepted)
    records = Records(roll)
    for some in (_old, _of_operators, _of_subscribers, _of_others):
        some(records)
    assert {name for name, _, _ in records.acts} == {one.__name__ for kind in KINDS for one in kind.deciders}
    assert code(offer_succession(roll, "east", "west", east)) == ""
    outcomes: dict[int, object] = {}
    running = [
        threading.Thread(target=lambda at=at, run=run: outcomes.update({at: run()}))
        for at, (_, run, _) in enumerate(records.acts)
    ]
    with roll.database.own() as connection:
        assert isinstance(act_officially(connection, roll, Succeed(operator="east", heir="west"), west), Accepted)
        for one in running:
            one.start()
        until = time.monotonic() + 3
        while _blocked(roll) + len(outcomes) < len(running) and time.monotonic() < until:
            time.sleep(0.02)  # until each waits for the succession, or did not have to
    for one in running:
        one.join()
    assert not [one for one in outcomes.values() if isinstance(one, Failed)]
    ended = [(name, code(outcomes[at])) for at, (name, _, _) in enumerate(records.acts)]
    with roll.database.own() as connection:
        left = connection.execute("select number from subscription where 'east' in (operator, port_to, before)")
        assert left.fetchall() == []
    assert rebuild(roll, replace=False).differences == ()
    assert ended == [(name, ends) for name, _, ends in records.acts]


def _blocked(roll: Roll) -> int:
    """How many of the roll's connections wait for another one."""
    with roll.database.open_runtime("openroll") as connection:
        row = connection.execute(
            "select count(*) from pg_stat_activity where datname = current_database() and usename = current_user"
            " and cardinality(pg_blocking_pids(pid)) > 0"
        ).fetchone()
    return int(row[0]) if row else 0
