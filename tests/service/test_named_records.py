"""Facts after a filing name their record, whichever way they come, so that an operator passes none off as another record's."""

from datetime import date

from openroll.disclosure import Disclosure, digests_of
from openroll.register.command import Actor
from openroll.register.events import event_of
from openroll.register.request.checked import Expected, checked
from openroll.register.request.content import Answer
from openroll.register.subscription.commands import Change, Correct, End, Notify, Withdraw
from openroll.register.subscription.record_tag import record_tag
from openroll.service.event_rows import NAMES_RECORD
from openroll.service.filing import porting
from openroll.service.filing.bulk import FileTaken, take_file
from openroll.service.filing.porting import Party
from openroll.service.filing.rebuild import rebuild
from openroll.service.filing.submit import Taken
from openroll.service.log.fsck import fsck
from openroll.service.log.receipts import receipt
from openroll.service.log.sequencer import Sequencer
from openroll.service.roll import Roll
from openroll.store import events
from tests.handles import handle
from tests.service.filings import digest
from tests.service.test_bulk import sent
from tests.service.test_porting import filed
from tests.service.test_unconfirmed import act

EAST, OWN = Actor("operator", "east"), Actor("subscriber")
MOVED = {"act": "change", "handle": handle("a-1"), "on": "2006-12-01", "district": "500105"}


def values(seed: int, name: str) -> tuple[tuple[str, ...], str]:
    """The four digests of somebody's record, and the disclosure of their name."""
    told = {"name": name, "phone": str(seed), "id-number": str(seed), "address": str(seed)}
    found, opens = digests_of(told, {field: bytes([seed + at]) * 16 for at, field in enumerate(told)}, [])
    return tuple(found), opens["name"].encoded


def test_every_fact_that_an_operator_answers_by_names_its_record(roll: Roll) -> None:
    """By file, by program, by page and by a port: the tag is of this record's filing; what is told by choice has none."""
    number = filed(roll, "a-1", digests=values(1, "Wang")[0])
    assert isinstance(take_file(roll, "east", sent(MOVED)), FileTaken)
    wrong, right = values(1, "Wang")[0][0], digest("right")
    for command, actor in (
        (Correct(added=(right,), dropped=(wrong,)), EAST),
        (Notify(added=(digest("told"),)), OWN),
        (Withdraw(dropped=(digest("told"),)), OWN),
        (Change(on=date(2006, 12, 2), access="lan"), OWN),
    ):
        assert isinstance(act(roll, number, command, actor), Taken), command
    assert isinstance(porting.offer(roll, Party("east"), number, "west"), Taken)
    (reference,) = porting.waiting(roll, "west")
    assert isinstance(porting.agree(roll, Party("west"), reference.reference, handle("w-1")), Taken)
    assert isinstance(act(roll, number, End(on=date(2006, 12, 3)), OWN), Taken)
    with roll.database.own() as connection:
        filing, *rows = events.of_streams(connection, [number])
    named = {row.name for row in rows if row.name in NAMES_RECORD}
    assert named == NAMES_RECORD
    for row in rows:
        of = record_tag(filing.salt, row.salt) if row.name in NAMES_RECORD else ""
        fact = event_of(row.name, row.body)
        assert (getattr(fact, "record", ""), fact.body()) == (of, row.body), row.name
    Sequencer(roll).run_until_empty()
    assert fsck(roll).fault is None
    assert rebuild(roll, replace=False).differences == ()


def test_an_operator_cannot_answer_with_a_value_of_another_record_of_its_own(roll: Roll) -> None:
    """It files a change of Li's record that lists a digest of Wang's, and answers about Wang with Li's name: it does not hold."""
    (wang, wangs_name), (li, lis_name) = values(1, "Wang"), values(9, "Li")
    asked, other = filed(roll, "a-1", digests=wang), filed(roll, "b-2", digests=li)
    name = Disclosure.parse(lis_name).digest()
    listed = tuple(sorted({name, wang[0], *[one for one in li if one != name][:2]}))
    assert isinstance(act(roll, other, Change(on=date(2006, 12, 1), digests=listed), EAST), Taken)
    Sequencer(roll).run_until_empty()
    proofs = [receipt(roll, number, version) for number, version in ((asked, 1), (other, 2))]
    answer = Answer(
        outcome="given",
        disclosures=(lis_name,),
        receipts=tuple(one.decode() for one in proofs if isinstance(one, bytes)),
    )
    expected = Expected("east", ("name",), "given", ("name",))
    found = checked(answer, expected, roll.keys.succession)
    assert ("", "other-record") in {one[:2] for one in found.faults}
    assert not found.values
    own = Answer(outcome="given", disclosures=(wangs_name,), receipts=answer.receipts[:1])
    assert checked(own, expected, roll.keys.succession).proved
