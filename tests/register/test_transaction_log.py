"""The list that a person takes away has the form of a wallet's transaction log (EUDI TS10), and loses nothing of a notice."""

import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from tests.tlog.test_corpus import node

from openroll.register.exchange.transaction_log import transaction_log
from openroll.register.request.content import Notice

SOURCE = Path(__file__).parents[2] / "frontend/src/transaction-log.js"
GIVEN = Notice(
    request=7,
    authority="constab",
    authority_title="警察局 / Constabulary",
    reviewer="bench",
    operator="east",
    filed=datetime(2006, 12, 20, 3, 0, 5, tzinfo=UTC),
    purpose="investigating offences",
    basis="Act 100",
    asked=("name", "address"),
    approved=("name",),
    given=("name",),
    outcome="given",
    urgency="ordinary",
    supervisor="Commissioner",
    supervised_at="c@s.example",
    word="w",
)
REFUSED = msgspec.structs.replace(GIVEN, request=8, approved=(), given=(), outcome="refused", authority_title="")
ANNULLED = msgspec.structs.replace(GIVEN, request=9, annulled=True, postponed=GIVEN.filed, postponed_why="search")
ALL = (GIVEN, REFUSED, ANNULLED)


def test_each_request_is_a_transaction() -> None:
    """What TS10 has of every transaction and of an `OtherTransaction`, with a presentation's names for who asked for what."""
    one, refused, _ = transaction_log(ALL, "https://roll.example/")["TransactionLog"]
    assert {name: value for name, value in one.items() if isinstance(value, str)} == {
        "transactionIdentifier": "https://roll.example/api/v1/requests/7",
        "time": "2006-12-20T03:00:05",
        "transactionType": "OtherTransaction",
        "transactionResult": "Completed",
    }
    other = one["otherTransaction"]
    assert other["description"] == ["constab asked east for name, address (Act 100); given: name (given)"]
    assert other["listOfClaimsRequested"][0]["claims"] == ["name", "address"]
    assert other["listOfClaimsPresented"][0]["claims"] == ["name"]
    assert "reasonOfNoncompletion" not in other
    assert refused["transactionResult"] == "NotCompleted"
    assert refused["otherTransaction"]["reasonOfNoncompletion"] == "refused"
    assert refused["otherTransaction"]["listOfClaimsPresented"] == []


def test_nothing_of_a_notice_is_lost() -> None:
    """Each notice comes back whole from the list, and one that was altered is named."""
    log = json.loads(msgspec.json.encode(transaction_log(ALL, "https://roll.example", ["m 3"])))
    told = [msgspec.convert(one["otherTransaction"]["notice"], Notice) for one in log["TransactionLog"]]
    assert (tuple(told), log["altered"]) == (ALL, ["m 3"])


def test_the_page_writes_the_same() -> None:
    """The browser's script makes the same list of the same notices."""
    script = (
        f"import {{ transactionLog }} from {json.dumps(SOURCE.as_uri())};"
        "let text = ''; for await (const part of process.stdin) text += part;"
        "console.log(JSON.stringify(transactionLog(JSON.parse(text), 'https://roll.example', ['m 3'])));"
    )
    notices = "[" + ",".join(one.encoded().decode() for one in ALL) + "]"
    command = [node(), "--input-type=module", "-e", script]
    done = subprocess.run(command, input=notices, capture_output=True, text=True, check=True)
    said: Any = json.loads(done.stdout)
    assert said == json.loads(msgspec.json.encode(transaction_log(ALL, "https://roll.example", ["m 3"])))
