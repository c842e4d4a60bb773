"""Several processes over one roll: each decides under the rule in force, one gives places, and no number is given twice."""

import json
import threading
import time
from collections.abc import Callable
from datetime import timedelta

import msgspec

from openroll.register.decision import Refused
from openroll.register.organisation.roles import Seat
from openroll.rules import Rule, plain
from openroll.service.filing.group_commit import GroupCommit
from openroll.service.filing.submit import Outcome, Submission, Taken
from openroll.service.governance import rule_versions
from openroll.service.governance.open_roll import find_roll, token_hash
from openroll.service.identity.api_tokens import issue_token, revoke_token
from openroll.service.listening import Listening
from openroll.service.log.leader import Leader
from openroll.service.log.sequencing import Sequencing
from openroll.service.queries import log_head, official_acts
from openroll.service.roll import Roll
from openroll.service.work import MACHINE, enqueue
from openroll.store.connect import Database
from tests.conftest import NOW
from tests.handles import handle
from tests.seats import seated, words_read
from tests.service.filings import filing
from tests.service.test_holding import submit


def other(roll: Roll) -> Roll:
    """The same roll as another process has it: a database handle, rules and keys of its own."""
    database = Database(roll.database.url, roll.name)
    return find_roll(database, roll.home, clock=roll.clock, random_bytes=roll.random_bytes)


def published(roll: Roll) -> str:
    """Publish a rule a little different from the roll's own, in two days; how events will name it."""
    for seat, role in ((1, "registrar-lead"), (2, "registrar")):
        assert seated(roll, "registrar", role) == Seat("registrar", seat)
    rule = msgspec.convert(json.loads(json.dumps(plain(roll.rule)).replace("P30D", "P45D")), Rule)
    number = rule_versions.propose_rule(roll, rule, roll.day(roll.clock()) + timedelta(days=2), Seat("registrar", 1))
    assert isinstance(number, int), number
    words_read(roll, rule)
    assert rule_versions.settle(roll, number, Seat("registrar", 2), drop=False) is None
    return str(json.loads(official_acts(roll)[0].body)["published"])


def until(true: Callable[[], bool]) -> None:
    """Wait for something that a real thread does."""
    end = time.monotonic() + 30
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)  # a thread is waited for


def test_a_rule_published_by_one_process_is_in_force_in_another_at_once(roll: Roll) -> None:
    """The next filing that the other takes on the rule's first day is decided under it, and says so; no restart."""
    second = other(roll)
    assert isinstance(submit(second, filing(handle=""), None), Taken)
    name = published(roll)
    assert len(second.versions) == 1, "nobody told it yet"
    second.clock = lambda: roll.clock() + timedelta(days=3)
    taken = submit(second, filing(handle=""), None)
    assert isinstance(taken, Taken)
    with roll.database.open() as connection:
        query = "select body from event where stream = %s"
        (body,) = connection.execute(query, (taken.number,)).fetchone() or ("",)
    assert json.loads(body)["rule"] == name
    assert second.setting(second.day(second.clock())).rule == name


def test_any_transaction_of_a_process_learns_of_a_rule(roll: Roll) -> None:
    """Not filings alone: whoever begins a transaction knows on the way in, under whichever role."""
    for role in ("application", "operator", "subscriber", "registrar"):
        second = other(roll)
        if len(roll.versions) == 1:
            published(roll)
            assert len(second.versions) == 1
        with second.database.transaction(role, organisation="east"):
            assert [one.name for one in second.versions] == [one.name for one in roll.versions]
            assert len(second.versions) == 2


def test_a_process_that_does_nothing_hears_of_a_rule_and_of_work(roll: Roll) -> None:
    """What another process commits is heard at once, and not what it rolls back."""
    second = other(roll)
    heard: list[str] = []
    bells = {word: lambda word=word: heard.append(word) for word in ("work", "log", "rules")}
    listening = Listening(second, bells)
    until(lambda: len(heard) == 3)  # having connected, it rings all
    heard.clear()
    published(roll)
    until(lambda: "rules" in heard)
    heard.clear()
    with roll.database.own() as connection:
        enqueue(connection, "trial", "a", MACHINE, "trial", NOW, now=NOW)
    until(lambda: heard == ["work"])
    listening.close()


def test_one_process_leads_and_another_when_its_connection_dies(roll: Roll) -> None:
    """The lock goes with the connection, however that ends: cut by the server, it is taken by whoever asks next."""
    first, second = Leader(roll), Leader(other(roll))
    assert first.leads()
    assert first.leads()
    assert not second.leads()
    with roll.database.open() as connection:
        connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'openroll-leader'"
            " and pid in (select pid from pg_locks where locktype = 'advisory' and granted)"
        )
        connection.commit()
    until(lambda: _leads(second))
    assert not _leads(first)
    second.close()
    until(lambda: _leads(first))
    first.close()


def _leads(leader: Leader) -> bool:
    try:
        return leader.leads()
    except Exception:
        return False  # its connection was cut: it asks again


def test_a_filing_taken_by_a_process_that_does_not_lead_gets_its_place_soon(roll: Roll) -> None:
    """It tells the leader; when that one stops, it leads itself; and the log stays one."""
    second = other(roll)
    leading = Sequencing(roll)
    until(lambda: log_head(roll) is not None)
    standing_by = Sequencing(second)
    listening = Listening(roll, {"log": leading.go_on})
    before = _size(roll)
    assert isinstance(submit(second, filing(handle=""), None), Taken)
    began = time.monotonic()
    standing_by.wake()
    until(lambda: _size(roll) == before + 1)
    assert time.monotonic() - began < 2 * Sequencing.ANYWAY
    listening.close()
    leading.close()
    assert isinstance(submit(second, filing(handle=""), None), Taken)
    standing_by.wake()
    until(lambda: _size(second) == before + 2)
    standing_by.close()
    assert (leading.trouble, standing_by.trouble) == ("", "")


def _size(roll: Roll) -> int:
    head = log_head(roll)
    return 0 if head is None else head.size


def test_trouble_of_the_one_that_leads_is_said_by_all(roll: Roll) -> None:
    """A visitor of any process reads why the log stands still."""
    second = other(roll)
    leading = Sequencing(roll)
    until(lambda: (roll.home / "ratchet").exists() and not leading.trouble)
    standing_by = Sequencing(second)
    (roll.home / "ratchet").write_bytes(b"{")
    until(lambda: "damaged" in leading.trouble)
    standing_by.wake()
    until(lambda: bool(standing_by.trouble))
    standing_by.close()
    leading.close()


def test_no_two_processes_give_one_number(roll: Roll) -> None:
    """Blocks of numbers are reserved under one lock of the home and one of the database: all that are given differ."""
    given: list[int] = []

    def take(mine: Roll) -> None:
        for count in (1, 3, 200, 1, 50):
            given.extend(mine.numbers.take("record", count))
            given.extend(number + 1_000_000_000 for number in mine.numbers.take("upload", count))

    threads = [threading.Thread(target=take, args=(one,)) for one in (roll, other(roll), other(roll))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(given) == len(set(given)) == 3 * 2 * 255


def test_a_token_issued_or_ended_through_one_counts_in_the_other(roll: Roll) -> None:
    """Who may act is asked of the database with each filing: nothing of it is remembered by a process."""
    second = other(roll)
    token = issue_token(roll, "east", "billing")
    assert isinstance(token, str)
    assert isinstance(by_token(second, token, "k-1"), Taken)
    assert revoke_token(roll, token)
    refused = by_token(second, token, "k-2")
    assert isinstance(refused, Refused)
    assert refused.refusal.code == "token-unknown"


def by_token(roll: Roll, token: str, key: str) -> Outcome:
    """A filing that a program sends under its token."""
    of = {"command": filing(operator="", handle=key), "actor": None, "token": token_hash(token)}
    group = GroupCommit(roll)
    try:
        return group.submit_and_wait(Submission(**of, key=key, request=b"r", handle=handle(key)))  # type: ignore[arg-type]
    finally:
        group.close()
