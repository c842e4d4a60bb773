"""What happens to a request that has ended, and to a use whose rule the roll lost, is counted and told as it is."""

import msgspec
import pytest

from openroll.register.decision import Refused
from openroll.register.request import commands
from openroll.service.acts import Acted
from openroll.service.log.sequencer import Sequencer
from openroll.service.requests import ask, rights
from openroll.service.requests.accounts import Accounts
from openroll.service.roll import Roll
from openroll.watch.requests.recount import recounted
from openroll.watch.source import FolderSource
from tests.register.asked import FIELDS, OFFICE
from tests.service.going_back import remember
from tests.service.requests.bodies import Bodies, bodies
from tests.service.requests.test_later_rule import under
from tests.service.test_later_acts import resumed


@pytest.fixture
def made(roll: Roll) -> Bodies:
    """A roll with everybody whom a request needs."""
    return bodies(roll)


def test_whoever_reads_an_ended_request_again_is_counted_as_the_log_does(made: Bodies) -> None:
    """A serving process counts ended requests once; that one was opened since stands in the log, and in its figures."""
    roll = made.roll
    serving = Accounts(roll)  # as Application has it, for as long as the server runs
    number, other = made.file(), made.file()
    made.does(commands.Approve(request=number, fields=FIELDS), "reviewer")
    made.read(number, "clerk")
    made.does(commands.Answer(request=number, outcome="not-held"), "clerk")
    made.does(commands.TellNobody(request=number), "clerk")
    for reads in ("", "officer", "reviewer"):
        if reads:
            made.read(number, reads)
        Sequencer(roll).run_until_empty()
        ours = serving.figures()
        assert recounted(FolderSource(roll.public), roll.keys.succession, ours.size).then == ours.rows, reads
        assert Accounts(roll).figures() == ours, reads
    made.does(commands.WithdrawRequest(request=other), "officer")
    Sequencer(roll).run_until_empty()
    assert serving.figures() == Accounts(roll).figures()


def test_a_use_whose_rule_is_gone_has_no_purpose(made: Bodies) -> None:
    """Its purpose is a place in the list of a rule that went with the database: in another rule's list it may be another's."""
    roll, rule = made.roll, made.roll.rule
    Sequencer(roll).run_until_empty()
    first = roll.versions
    go_back = remember(roll)
    fraud = {"zh": "打击诈骗", "en": "catching fraud"}
    under(roll, msgspec.structs.replace(rule, purposes=(fraud, *rule.purposes)))
    use = commands.RegisterUse(0, "another basis", FIELDS[:1], "the supervisor", "s@supervisor.example", OFFICE)
    acted = rights.register_use(roll, use, made.seats["police lead"])
    assert isinstance(acted, Acted)
    before = rights.one_use(roll, acted.fresh)
    assert before is not None
    assert before.said == fraud
    Sequencer(roll).run_until_empty()
    go_back()
    roll.adopt(first)  # that a rule was published is not replayed: it is proposed and published again
    assert resumed(roll).lost == 0
    after = rights.one_use(roll, acted.fresh)
    assert after is not None
    assert after.said == {}
    assert after.purpose_gone
    asked = ask.file_request(roll, made.asking(use=acted.fresh, fields=FIELDS[:1]), made.seats["officer"])
    assert isinstance(asked, Refused)
