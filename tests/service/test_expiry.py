"""What is kept for a time: keys of idempotency, hashed, for a week; sessions until they end; and the work that takes them out."""

import hashlib
import logging
from datetime import timedelta

import psycopg
import pytest

from openroll.fault_trace import fault_trace
from openroll.register.decision import Refused
from openroll.service.expiry import sweep
from openroll.service.filing.idempotency_key import KEPT, hidden
from openroll.service.filing.rebuild import rebuild
from openroll.service.filing.submit import Outcome, Submission, Taken, take
from openroll.service.governance.open_roll import token_hash
from openroll.service.identity import sessions
from openroll.service.identity.api_tokens import issue_token
from openroll.service.recurring import recurring
from openroll.service.roll import ClockBehind, Roll
from openroll.service.work import Later, run_due
from openroll.store.connect import Database
from openroll.store.schema import migrate
from openroll.store.sessions import put_ceremony
from tests.handles import handle
from tests.service.filings import filing
from tests.service.test_holding import later, submit

PHONE = "13912345678"


def _by_token(roll: Roll, token: str, key: str, account: str, request: bytes = b"r") -> Outcome:
    """A filing as an operator's program sends it."""
    name = handle(account)
    submission = Submission(
        command=filing("", name),
        key=key,
        request=request,
        secret=token.encode(),
        token=token_hash(token),
        handle=name,
    )
    with roll.database.open() as connection:
        connection.autocommit = True
        return take(connection, [submission], roll, roll.clock())[0]


def _token(roll: Roll) -> str:
    token = issue_token(roll, "east", "program")
    assert isinstance(token, str)
    return token


def test_a_key_that_is_a_telephone_number_is_found_in_nothing_that_is_kept(roll: Roll) -> None:
    """A program may use what it likes as a key: what is stored of it takes the program's own token to compute."""
    token = _token(roll)
    first = _by_token(roll, token, PHONE, "k-1")
    assert isinstance(first, Taken)
    again = _by_token(roll, token, PHONE, "k-1")
    assert again == Taken(first.number, first.version, repeated=True)
    other = _by_token(roll, token, PHONE, "k-1", request=b"another")
    assert isinstance(other, Refused)
    assert other.refusal.params == {"key": PHONE}, "its sender is told which key"
    with roll.database.own() as connection:
        rows = connection.execute("select key, request, row(i.*)::text from idempotency i").fetchall()
        hashes = [bytes(row[0]) for row in connection.execute("select hash from token")]
    ((key, request, text),) = rows
    assert PHONE not in text
    assert PHONE.encode().hex() not in text
    known = [b"", roll.keys.code_key, roll.keys.address_key, *hashes, *(one.hex().encode() for one in hashes)]
    tried = {hidden(one, PHONE, b"r") for one in known}
    assert not {bytes(key), bytes(request)} & {half for pair in tried for half in pair}
    assert bytes(key) == hidden(token.encode(), PHONE, b"r").key
    second = _by_token(roll, _token(roll), PHONE, "k-2")
    assert isinstance(second, Taken)
    assert not second.repeated, "under another token the same word is another key"


def test_a_key_opens_no_request() -> None:
    """From what is stored of a key the hash of its request cannot be tried, though a request is easily guessed."""
    stored = hidden(b"secret", "key", b"request")
    assert len(stored.key) == len(stored.request) == 32
    assert hashlib.sha256(b"request").digest() not in stored
    assert hidden(b"secret", "key", b"other").key == stored.key
    assert hidden(b"secret", "key", b"other").request != stored.request
    assert hidden(b"other", "key", b"request").key != stored.key


def test_keys_and_sessions_go_when_their_time_is_over(roll: Roll) -> None:
    """A sweep takes what is over by the roll's clock and leaves the rest; a filing is then known by its key no more."""
    taken = submit(roll, filing(handle=""), None, key="form-1")
    assert isinstance(taken, Taken)
    over, alive = sessions.begin(roll, record=taken.number), ""
    put_old_ceremony(roll)
    assert sweep(roll) == {
        "idempotency keys": 0,
        "sessions": 0,
        "ceremonies": 0,
        "throttle": 0,
        "asked addresses": 0,
        "grants": 0,
    }
    later(roll, minutes=59)
    assert sessions.someone(roll, over).record == taken.number
    later(roll, days=KEPT.days)
    alive = sessions.begin(roll, record=taken.number)
    assert sweep(roll) == {
        "idempotency keys": 1,
        "sessions": 1,
        "ceremonies": 1,
        "throttle": 0,
        "asked addresses": 0,
        "grants": 0,
    }
    assert sessions.someone(roll, alive).record == taken.number
    anew = submit(roll, filing(handle=""), None, key="form-1")
    assert isinstance(anew, Taken)
    assert anew.number != taken.number


def put_old_ceremony(roll: Roll) -> None:
    """A ceremony that nobody will finish."""
    with roll.database.own() as connection:
        put_ceremony(connection, bytes(32), "make", "{}", roll.clock())


def test_a_session_that_ended_is_no_row(roll: Roll) -> None:
    """Signing out, a new sign-in in the same browser and closing everywhere each leave no row behind."""
    taken = submit(roll, filing(handle=""), None)
    assert isinstance(taken, Taken)
    first = sessions.begin(roll, record=taken.number)
    second = sessions.begin(roll, record=taken.number, before=first)
    assert _sessions(roll) == 1
    sessions.begin(roll, record=taken.number)
    sessions.end(roll, second)
    assert _sessions(roll) == 1
    sessions.end_everywhere(roll, sessions.Principal(record=taken.number))
    assert _sessions(roll) == 0


def test_a_session_that_a_clock_began_which_ran_ahead_is_over(roll: Roll) -> None:
    """Under the right clock it would be good, and fresh, for as long as the other was ahead: it opens nothing and is swept."""
    taken = submit(roll, filing(handle=""), None)
    assert isinstance(taken, Taken)
    later(roll, days=400)
    ahead = sessions.begin(roll, record=taken.number)
    begun = sessions.someone(roll, ahead).begun
    later(roll, days=-400)
    assert sessions.someone(roll, ahead) == sessions.NOBODY
    assert isinstance(sessions.too_old(roll, begun), Refused)
    assert sweep(roll)["sessions"] == 1
    assert _sessions(roll) == 0


def _sessions(roll: Roll) -> int:
    with roll.database.own() as connection:
        row = connection.execute("select count(*) from session").fetchone()
    return int(row[0]) if row else -1


def test_nothing_is_judged_over_by_a_clock_that_is_wrong(roll: Roll) -> None:
    """A clock that stands behind what was written sweeps nothing, and the work waits without having been tried."""
    later(roll, days=-3)
    roll.latest = roll.clock() + timedelta(days=2)
    with pytest.raises(ClockBehind):
        sweep(roll)
    (ran,) = run_due(roll, {"sweep": recurring(roll)["sweep"]}, roll.clock())
    assert ran.result == Later("ClockBehind", counted=False)


def test_an_upgrade_takes_the_form_keys_and_says_what_old_copies_hold(database_url: str, roll: Roll) -> None:
    """Keys that stood in clear are gone after the migration, and rebuild tells of the facts told before it."""
    name = f"{roll.name}-old"
    database = Database(database_url, name)
    try:
        migrate(database_url, name, "0006")
        with database.open() as connection:
            connection.execute(
                "insert into event (stream, version, name, role, organisation, at, day, salt, commitment, body) values"
                " (7, 1, 'subscription.filed/1', 'subscriber', 'east', now(), now(), %(z)s, %(z)s, '{}'),"
                " (8, 1, 'subscription.filed/1', 'operator', 'east', now(), now(), %(z)s, %(z)s, '{}')",
                {"z": bytes(32)},
            )
            connection.execute("insert into idempotency values ('', 'form-0123456789abcdef', %s, 7, 1)", (bytes(32),))
            connection.execute(
                "insert into session (hash, record, begun, seen, ended) values ('\\x01', 7, now(), now(), now())"
            )
        migrate(database_url, name)
        with database.open() as connection:
            kept = connection.execute("select (select count(*) from idempotency), (select count(*) from session)")
            assert kept.fetchone() == (0, 0)
            told = connection.execute("select count(*) from derived_salts").fetchone()
        assert told == (1,)
    finally:
        with psycopg.connect(database_url) as connection:
            connection.execute(f'drop schema if exists "{database.schema}" cascade')
    assert rebuild(roll, replace=False).derived_until is None, "a roll that began after it has none"
    assert isinstance(submit(roll, filing(handle=""), None), Taken)
    with roll.database.own() as connection:
        connection.execute("insert into derived_salts select max(at) from event")
    result = rebuild(roll, replace=False)
    assert (result.derived, result.derived_until) == (1, roll.latest)


def test_a_fault_is_logged_without_what_was_typed(roll: Roll, caplog: pytest.LogCaptureFixture) -> None:
    """The log of a fault names kinds and lines of code, and nothing of a message, which may repeat a value."""
    try:
        try:
            int(PHONE + "x")
        except ValueError as error:
            raise RuntimeError(PHONE) from error
    except RuntimeError as error:
        said = fault_trace(error)
    assert PHONE not in said
    assert "builtins.RuntimeError" in said
    assert "builtins.ValueError" in said
    assert "int(PHONE" in said, "the line of code"
    with pytest.raises(psycopg.Error) as wrong, roll.database.own() as connection:
        connection.execute("select %s::date", (PHONE + "王",))
    assert PHONE in str(wrong.value)
    said = fault_trace(wrong.value)
    assert PHONE not in said
    assert "22008" in said or "22007" in said
    logging.getLogger("openroll").error("%s", said)
    assert PHONE not in caplog.text
