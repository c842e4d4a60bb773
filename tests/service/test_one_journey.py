"""An ordinary filing is taken in one journey; where anything stands in its way, the careful way says what."""

import json
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256

import msgspec
import psycopg
import pytest

from openroll.register.decision import Refused
from openroll.register.organisation.refusals import TokenUnknown
from openroll.register.subscription.filing_code import code_of
from openroll.register.subscription.refusals import HandleChanged, HandleTaken, KeyReused
from openroll.service.filing import bulk, one_journey
from openroll.service.filing.bulk import FileTaken, take_file
from openroll.service.filing.one_journey import CAREFUL, OneJourney
from openroll.service.filing.rebuild import rebuild
from openroll.service.filing.submit import CommitUnknown, Outcome, Submission, Taken, take
from openroll.service.governance.lives import lives
from openroll.service.governance.open_roll import token_hash
from openroll.service.identity.api_tokens import issue_token, revoke_token
from openroll.service.roll import Roll, RollIsHeld
from openroll.store import idempotency
from openroll.tlog import CompactRange
from tests.handles import handle
from tests.service.filings import filing
from tests.service.test_bulk import sent
from tests.service.test_processes import other, published
from tests.service.test_two_at_once import together
from tests.service.test_unasked import announced


class Writer:
    """One that takes filings by program, and counts how many groups went the careful way."""

    def __init__(self, roll: Roll, connection: psycopg.Connection, patch: pytest.MonkeyPatch) -> None:
        self.roll, self.connection = roll, connection
        self.token = str(issue_token(roll, "east", "test"))
        self.careful = self.first = 0
        self._way = OneJourney(roll)

        def counting(*given: object) -> list[Outcome]:
            self.careful += 1
            return take(*given)  # type: ignore[arg-type] # as they came

        patch.setattr(one_journey, "take", counting)

    def of(self, account: str, *, key: str = "", token: str = "", kind: str = "household") -> Submission:
        """A new filing under a token."""
        command = filing("", account, kind=kind)
        request = sha256(msgspec.json.encode(command)).digest()
        secret = token or self.token
        return Submission(
            command=command,
            key=key or account,
            request=request,
            secret=secret.encode(),
            token=token_hash(secret),
            handle=handle(account),
        )

    def take(self, *submissions: Submission) -> list[Outcome]:
        """Take a group."""
        return self._way.take(self.connection, submissions, self.roll.clock())

    def rows(self) -> list[int]:
        """How many facts of records, records and keys there are: the same number of each where nothing is half-taken."""
        with self.roll.database.open() as connection:
            tables = ("event where name like 'subscription.%'", "subscription", "idempotency")
            rows = [connection.execute(f"select count(*) from {one}").fetchone() for one in tables]
            return [row[0] for row in rows if row]


@pytest.fixture
def writer(roll: Roll, monkeypatch: pytest.MonkeyPatch) -> Iterator[Writer]:
    """One that has taken its first filing, and so knows whose its token is."""
    with roll.database.open_runtime("test", role="application") as connection:
        connection.autocommit = True
        writer = Writer(roll, connection, monkeypatch)
        first = writer.take(writer.of("first"))[0]
        assert isinstance(first, Taken)
        assert writer.careful == 1
        writer.first = first.number
        yield writer


def refusal(outcome: Outcome) -> object:
    """What an outcome refuses."""
    return outcome.refusal if isinstance(outcome, Refused) else outcome


def test_ordinary_filings_are_taken_whole_whichever_operator_sends_them(writer: Writer) -> None:
    """Groups of one operator and of two at once: each filing a fact, a row and a key; each has its own code at once."""
    west = str(issue_token(writer.roll, "west", "test"))
    assert isinstance(writer.take(writer.of("w-0", token=west))[0], Taken)
    assert writer.careful == 2
    several = writer.take(writer.of("a-1"), writer.of("w-1", token=west), writer.of("a-2"))
    many = writer.take(*(writer.of(f"b-{number}") for number in range(5)))
    key = writer.roll.keys.code_key
    assert all(isinstance(one, Taken) and one.code == code_of(one.number, key) for one in (*several, *many))
    assert writer.careful == 2
    assert writer.rows() == [10, 10, 10]
    assert rebuild(writer.roll, replace=False).differences == ()
    with writer.roll.database.open() as connection:
        owners = connection.execute("select operator, count(*) from subscription group by 1 order by 1")
        assert owners.fetchall() == [("east", 8), ("west", 2)]


def test_a_handle_that_is_being_changed_is_not_filed_meanwhile(writer: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A filing that asks nothing waits for the change, as the handle is its record's until then, and finds it changed."""
    row = {"act": "rehandle", "handle": handle("first"), "new_handle": handle("renamed")}
    again = writer.of("first", key="again", kind="organisation")
    filed, outcomes = together(
        monkeypatch,
        bulk,
        "show",
        lambda: take_file(writer.roll, "east", sent(row)),
        lambda: writer.take(again),
    )
    assert isinstance(filed, FileTaken)
    assert refusal(outcomes[0]) == HandleChanged(handle=handle("first"), on=writer.roll.day(writer.roll.clock()))
    assert writer.rows() == [2, 1, 1]


def test_what_stands_in_the_way_is_said_as_ever(writer: Writer) -> None:
    """The same again, another filing under the key, a handle that is filed: answered as ever, and nothing is written."""
    first = writer.of("first")
    for one, wanted in (
        (first, Taken(writer.first, 1, repeated=True)),
        (writer.of("first", kind="company"), KeyReused(key="first")),
        (writer.of("first", key="other"), HandleTaken(handle=handle("first"))),
    ):
        writer._way = OneJourney(writer.roll)
        writer._way._tokens[first.token] = "east"
        before = writer.careful
        assert refusal(writer.take(one)[0]) == wanted
        assert writer.careful == before + 1
    assert writer.rows() == [1, 1, 1]


def test_one_that_cannot_be_taken_keeps_no_other_from_it(writer: Writer) -> None:
    """A group with a filing sent twice, also within the group: the others are taken, each once."""
    again = writer.of("a-2")
    outcomes = writer.take(writer.of("a-1"), again, again, writer.of("first"), writer.of("a-3"))
    assert [isinstance(one, Taken) and one.repeated for one in outcomes] == [False, False, True, True, False]
    assert writer.rows() == [4, 4, 4]


def test_a_token_that_ended_lets_nothing_in_from_the_next_filing_on(writer: Writer) -> None:
    """It is looked up in the transaction that writes: what is remembered of it is no leave."""
    assert isinstance(writer.take(writer.of("a-1"))[0], Taken)
    assert writer.careful == 1
    assert revoke_token(writer.roll, writer.token)
    assert refusal(writer.take(writer.of("a-2"))[0]) == TokenUnknown()
    assert writer.rows() == [2, 2, 2]


def test_a_token_files_for_nobody_but_its_own_organisation(writer: Writer) -> None:
    """Were another organisation remembered for it, the database would not have it: the filing is its owner's."""
    one = writer.of("a-1")
    writer._way._tokens[one.token] = "west"
    assert isinstance(writer.take(one)[0], Taken)
    assert writer.careful == 2
    with writer.roll.database.open() as connection:
        assert connection.execute("select distinct operator from subscription").fetchall() == [("east",)]


def test_who_sends_what_fails_slows_others_little(writer: Writer) -> None:
    """After a group that was not as assumed so many go the careful way, and then one journey is enough again."""
    writer.take(writer.of("first"))
    for number in range(CAREFUL - 1):
        writer.take(writer.of(f"a-{number}"))
    assert writer.careful == CAREFUL + 1
    writer.take(writer.of("b-1"))
    writer.take(writer.of("b-2"))
    assert writer.careful == CAREFUL + 1


def test_a_database_behind_its_marks_takes_nothing(writer: Writer) -> None:
    """A head was signed that the database does not know: the roll holds itself, in the one journey too."""
    old = writer.roll.ratchet.read()
    writer.roll.ratchet.move(old, CompactRange(1, (sha256(b"a head of another time").digest(),)))
    with pytest.raises(RollIsHeld):
        writer.take(writer.of("a-1"))
    assert writer.rows() == [1, 1, 1]


def test_a_rule_published_elsewhere_is_in_force_for_the_next_filing(writer: Writer) -> None:
    """A process that knows fewer rule versions than the database reads them before it decides."""
    elsewhere = other(writer.roll)
    name = published(elsewhere)
    assert len(writer.roll.versions) == 1
    clock = writer.roll.clock
    writer.roll.clock = lambda: clock() + timedelta(days=3)
    taken = writer.take(writer.of("a-1"))[0]
    assert isinstance(taken, Taken)
    with writer.roll.database.open() as connection:
        (body,) = connection.execute("select body from event where stream = %s", (taken.number,)).fetchone() or ("",)
    assert json.loads(body)["rule"] == name


def test_a_break_when_all_was_sent_is_said_to_be_unknown(writer: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server went away under a filing that was being sent: nobody knows, and that is what its sender is told."""
    real = idempotency.put

    def cut(*given: object) -> None:
        real(*given)  # type: ignore[arg-type] # as they came
        with writer.roll.database.open() as another:
            another.execute("select pg_terminate_backend(%s, 10000)", (writer.connection.info.backend_pid,))

    monkeypatch.setattr(idempotency, "put", cut)
    with pytest.raises(CommitUnknown):
        writer.take(writer.of("a-1"))
    assert writer.rows() == [1, 1, 1]


def test_who_has_to_give_a_sign_of_life_gives_it_by_the_careful_way(writer: Writer) -> None:
    """Where a succession is announced the first filing after it goes that way, and is heard; it needs no second one."""
    announced(writer.roll)
    before = writer.careful
    assert isinstance(writer.take(writer.of("a-1"))[0], Taken)
    assert writer.careful == before + 1
    (heard,) = [one.heard for one in lives(writer.roll) if one.name == "east"]
    assert heard is not None
    writer._way = OneJourney(writer.roll)
    writer._way._tokens[token_hash(writer.token)] = "east"
    assert isinstance(writer.take(writer.of("a-2"))[0], Taken)
    assert writer.careful == before + 1
