"""What happens to a request that has ended, and to a use whose rule the roll lost, is counted and told as it is."""

import json
import subprocess
from base64 import b64decode, b64encode
from pathlib import Path

import msgspec
import pytest

from openroll.disclosure.envelope import public_line
from openroll.register.decision import Refused
from openroll.register.request import commands
from openroll.service.acts import Acted
from openroll.service.log.sequencer import Sequencer
from openroll.service.requests import ask, rights
from openroll.service.requests.accounts import Accounts
from openroll.service.requests.proofs import request_facts
from openroll.service.roll import Roll
from openroll.watch.requests.recount import recounted
from openroll.watch.source import FolderSource
from openroll.words.requests import purpose_said
from tests.register.asked import FIELDS, OFFICE, held
from tests.service.going_back import remember
from tests.service.requests.bodies import Bodies, bodies
from tests.service.requests.test_later_rule import under
from tests.service.test_later_acts import resumed
from tests.tlog.test_corpus import node

SRC = Path(__file__).parents[3] / "frontend/src"


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
    told = purpose_said(after, ("en", "zh"))["en"]
    assert told.startswith("number 1 in the list of purposes")
    assert after.rule in told, "whoever is told is told which rule, and nobody's place in another one"
    asked = ask.file_request(roll, made.asking(use=acted.fresh, fields=FIELDS[:1]), made.seats["officer"])
    assert isinstance(asked, Refused)


def by_page(roll: Roll, receipts: list[str]) -> list[bool]:
    """Which receipts the script of the pages takes for proved."""
    script = (
        "let text = ''; for await (const part of process.stdin) text += part; const asked = JSON.parse(text);"
        f"const p = await import({json.dumps((SRC / 'desk-proof.js').as_uri())});"
        "console.log(JSON.stringify(asked.receipts.map((one) => p.provedBy(one, [[0, asked.keys]]) !== undefined)));"
    )
    given = {"receipts": receipts, "keys": [str(one) for one in roll.keys.verifiers]}
    done = subprocess.run(
        [node(), "--input-type=module", "-e", script],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: list[bool] = json.loads(done.stdout)
    return found


def test_what_came_back_from_the_log_is_proved_on_the_pages_too(made: Bodies) -> None:
    """Facts whose salts went with the database are proved by their entries, as by command; an altered one is not."""
    roll, number = made.roll, made.file()
    Sequencer(roll).run_until_empty()
    go_back = remember(roll)
    made.does(commands.Approve(request=number, fields=FIELDS), "reviewer")
    assert isinstance(
        rights.publish_key(roll, public_line(held("police anew").published), made.seats["police lead"]), Acted
    )
    Sequencer(roll).run_until_empty()
    go_back()
    assert resumed(roll).lost == 0
    Sequencer(roll).run_until_empty()
    receipts = [one.receipt for one in request_facts(roll, number)]
    assert all(receipts)
    assert by_page(roll, receipts) == [True] * len(receipts)
    keys = [one.receipt for one in rights.published_keys(roll, "police")]
    assert by_page(roll, keys) == [True] * len(keys)
    (line,) = [one for one in receipts[-1].splitlines() if one.startswith("extra ")]
    said = json.loads(b64decode(line.removeprefix("extra ")))
    said["body"] = said["body"].replace('"name"', '"mane"')
    altered = b64encode(json.dumps(said, separators=(",", ":")).encode()).decode()
    assert by_page(roll, [receipts[-1].replace(line, f"extra {altered}")]) == [False]
