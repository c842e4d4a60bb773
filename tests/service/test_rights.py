"""The right by which somebody acts is asked for in the act's own transaction: an end that came in between is never passed by."""

import itertools
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

from openroll.register.command import Actor
from openroll.register.subscription.commands import Disown, Erase, Hold
from openroll.register.subscription.filing_code import code_of
from openroll.service.filing import bulk, submit
from openroll.service.filing.submit import Submission, Taken
from openroll.service.governance.open_roll import token_hash
from openroll.service.identity import api_tokens, filing_code, people, sessions
from openroll.service.identity.by_holder import by_holder
from openroll.service.identity.oidc import code_flow
from openroll.service.identity.oidc.provider import Identity, Provider
from openroll.service.identity.people import end_seat
from openroll.service.identity.seats import acting
from openroll.service.identity.sessions import NOBODY, hashed
from openroll.service.roll import Roll
from openroll.store import people as seats
from openroll.store import sessions as rows
from openroll.store.rights import Right, SessionOver, SessionRight, TokenOver, TokenRight
from openroll.store.schema import drop
from tests.conftest import opened
from tests.handles import handle
from tests.on_behalf import on_behalf_of
from tests.seats import seated
from tests.service.filings import filing, submission_of
from tests.service.test_holding import refused
from tests.service.test_holding import submit as sent

EAST = Actor("operator", "east")


_accounts = itertools.count(1)


@pytest.fixture(scope="module")
def roll(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Roll]:
    """One roll for all of these: each test has a record, seats and tokens of its own."""
    name = f"rights{os.getpid()}"
    yield opened(database_url, tmp_path_factory.mktemp("rights") / name, name)
    drop(database_url, name)


@pytest.fixture
def number(roll: Roll) -> int:
    """A record that east filed."""
    taken = sent(roll, filing(handle=handle(f"k-{next(_accounts)}")), None, EAST)
    assert isinstance(taken, Taken), taken
    return taken.number


@contextmanager
def elsewhere(roll: Roll) -> Iterator[psycopg.Connection]:
    """A transaction of somebody else, who gives up at once where they would have to wait for us."""
    with roll.database.open_runtime("elsewhere", role="application") as connection:
        connection.execute("set local lock_timeout = 50")
        yield connection


def end_session(roll: Roll, secret: str) -> None:
    """End a session, in a transaction of its own."""
    with elsewhere(roll) as connection:
        rows.end_session(connection, hashed(secret))


def revoke(roll: Roll, token: bytes) -> None:
    """End a token, in a transaction of its own."""
    with elsewhere(roll) as connection:
        connection.execute("update token set revoked = now() where hash = %s", (token,))


def meanwhile(patch: pytest.MonkeyPatch, where: object, name: str, do: Callable[[], object]) -> None:
    """Have something done once, right after `where.name` has answered."""
    real, once = getattr(where, name), [do]

    def answered(*args: Any, **more: Any) -> Any:
        answer = real(*args, **more)
        while once:
            once.pop()()
        return answer

    patch.setattr(where, name, answered)


def hold(roll: Roll, number: int) -> None:
    """Have a passkey hold a record, as its holder does: every session that there is ends."""
    assert isinstance(sent(roll, Hold(), number), Taken)
    with elsewhere(roll) as connection:
        rows.end_sessions(connection, record=number)


# What begins a session.


def test_a_code_opens_nothing_that_a_passkey_came_to_hold_meanwhile(
    roll: Roll, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The record is held between the look at its code and the session's begin: there is no session."""
    meanwhile(monkeypatch, filing_code, "open_by_code", lambda: hold(roll, number))
    code = code_of(number, roll.keys.code_key)
    assert refused(filing_code.sign_in_by_code(roll, code, "192.0.2.1")) == "held-by-passkey"
    with roll.database.own() as connection:
        assert connection.execute("select from session where record = %s", (number,)).fetchone() is None


def test_an_old_code_opens_nothing_once_there_is_a_fresh_one(
    roll: Roll, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The record is let go with a fresh code between the look at the old one and the session's begin."""

    def freshened() -> None:
        with elsewhere(roll) as connection:
            connection.execute("update subscription set code = 777 where number = %s", (number,))

    meanwhile(monkeypatch, filing_code, "open_by_code", freshened)
    code = code_of(number, roll.keys.code_key)
    assert refused(filing_code.sign_in_by_code(roll, code, "192.0.2.1")) == "subscription-unknown"
    fresh = filing_code.session_of_record(roll, number, "", code=777)
    assert isinstance(fresh, str)


def test_a_hold_waits_for_the_session_that_a_code_is_beginning(roll: Roll, number: int) -> None:
    """Until it has begun: then the hold, which ends the sessions that there are, ends this one."""
    with roll.database.own() as connection:
        assert isinstance(sessions.begin_by_code(connection, roll, number, number), str)
        with pytest.raises(psycopg.errors.LockNotAvailable), elsewhere(roll) as other:
            other.execute("update subscription set held = true where number = %s", (number,))


@pytest.mark.parametrize("way", ["code", None])
def test_a_session_by_code_opens_nothing_of_a_held_record(roll: Roll, number: int, way: str | None) -> None:
    """Should one be left, and also one of before ways were kept: it is nobody's. One by passkey is the holder's."""
    assert isinstance(sent(roll, Hold(), number), Taken)
    with roll.database.own() as connection:
        rows.put_session(connection, hashed(f"left {way}"), roll.clock(), record=number, way=way)
        rows.put_session(connection, hashed(f"held {way}"), roll.clock(), record=number, way="passkey")
    assert sessions.someone(roll, f"left {way}") == NOBODY
    assert sessions.someone(roll, f"held {way}").record == number


def test_nobody_who_left_comes_in(roll: Roll, monkeypatch: pytest.MonkeyPatch) -> None:
    """The seat ends between the look at who a provider's subject is and the session's begin."""
    lead, leaves = seated(roll, "east", "operator-lead"), seated(roll, "east", "clerk")
    provider = Provider(organisation="east", issuer="https://id.example", client_id="roll", client_secret="")
    assert code_flow.use_provider(roll, provider) is None
    identity = Identity(provider.issuer, "leaves")
    with roll.database.own() as connection:
        person = seats.in_seat(connection, "east", leaves.number)
        assert person is not None
        seats.put_subject(connection, provider.issuer, code_flow.subject_digest(roll, identity), person.id)
    assert isinstance(code_flow._enter(roll, provider, identity, "", ""), str)
    meanwhile(monkeypatch, seats, "of_subject", lambda: end_seat(roll, "east", leaves.number, lead))
    assert refused(code_flow._enter(roll, provider, identity, "", "")) == "sign-in-failed"


@pytest.mark.parametrize("invites", [False, True])
def test_nobody_comes_in_by_a_provider_that_was_replaced(roll: Roll, invites: bool) -> None:
    """Replaced while it was asked who somebody is: what it said opens no session and answers no invitation."""
    old = Provider(organisation="east", issuer="https://id.example", client_id="roll", client_secret="")
    assert code_flow.use_provider(roll, old) is None
    clerk = seated(roll, "east", "clerk")
    identity, invitation = Identity(old.issuer, f"somebody {invites}"), ""
    if invites:
        said = people.invite(roll, "east", "clerk", "invited")
        assert isinstance(said, str)
        invitation = said
    else:
        with roll.database.own() as connection:
            person = seats.in_seat(connection, "east", clerk.number)
            assert person is not None
            seats.put_subject(connection, old.issuer, code_flow.subject_digest(roll, identity), person.id)
    new = Provider(organisation="east", issuer="https://new.example", client_id="roll", client_secret="")
    assert code_flow.use_provider(roll, new) is None
    assert refused(code_flow._enter(roll, old, identity, invitation, "")) == "sign-in-failed"
    assert code_flow.use_provider(roll, old) is None
    assert isinstance(code_flow._enter(roll, old, identity, invitation, ""), str)


def test_signing_in_by_passkey_and_leaving_do_not_wait_for_each_other(roll: Roll) -> None:
    """Who signs in holds their passkey, which the end of the seat waits for: so it waits for no seat itself."""
    clerk = seated(roll, "east", "clerk")
    with roll.database.own() as leaving:
        person = seats.in_seat(leaving, "east", clerk.number)
        assert person is not None
        leaving.execute("update person set left_at = now() where id = %s", (person.id,))
        with elsewhere(roll) as connection:
            assert isinstance(sessions.begin_of_person(connection, roll, person.id, passkey=b"its own"), str)
        with pytest.raises(psycopg.errors.LockNotAvailable), elsewhere(roll) as connection:
            sessions.begin_of_person(connection, roll, person.id)


# What is done by a session or a token.


def session_right(roll: Roll, number: int) -> tuple[Right, Callable[[], None]]:
    """A record's session, and what ends it."""
    secret = sessions.begin(roll, record=number)
    return SessionRight(hashed(secret)), lambda: end_session(roll, secret)


def token_right(roll: Roll, _: int) -> tuple[Right, Callable[[], None]]:
    """A program's token, and what ends it."""
    token = api_tokens.issue_token(roll, "east", "test")
    assert isinstance(token, str)
    digest = token_hash(token)
    return TokenRight(digest, roll.clock), lambda: revoke(roll, digest)


RIGHTS = {"session": (session_right, SessionOver), "token": (token_right, TokenOver)}


@pytest.mark.parametrize("kind", RIGHTS)
def test_an_act_whose_right_ends_while_it_is_done_is_undone(roll: Roll, number: int, kind: str) -> None:
    """The end is acknowledged before the act commits: the act raises, and nothing of it is there."""
    make, over = RIGHTS[kind]
    right, end = make(roll, number)

    def act() -> None:
        with on_behalf_of(right), roll.database.own() as connection:
            connection.execute("insert into ceremony values ('mark', 'test', '{}', now())")
            end()

    with pytest.raises(over):
        act()
    with roll.database.own() as connection:
        assert connection.execute("select from ceremony where hash = 'mark'").fetchone() is None
    with pytest.raises(over), on_behalf_of(right), roll.database.own():
        raise AssertionError("it was gone before anything was done")


@pytest.mark.parametrize("kind", RIGHTS)
def test_an_end_that_comes_while_an_act_commits_waits_for_it(roll: Roll, number: int, kind: str) -> None:
    """What was asked last keeps the right from ending: the end is acknowledged after the act, never before."""
    make, _ = RIGHTS[kind]
    right, end = make(roll, number)
    with roll.database.own() as connection:
        assert right.ask(connection, hold=True).fetchone() is not None
        with pytest.raises(psycopg.errors.LockNotAvailable):
            end()
    end()


def test_an_act_that_ends_its_own_session_is_done(roll: Roll) -> None:
    """Whoever signs out everywhere does it by the session that ends with it; once somebody else has ended that, they do not."""
    clerk = seated(roll, "east", "clerk")
    with roll.database.own() as connection:
        person = seats.in_seat(connection, "east", clerk.number)
    assert person is not None
    first, second = (sessions.begin(roll, person=person.id) for _ in range(2))
    who = sessions.someone(roll, first)
    with on_behalf_of(SessionRight(hashed(first))):
        sessions.end_everywhere(roll, who, first)
    assert sessions.someone(roll, second) == NOBODY
    with pytest.raises(SessionOver), on_behalf_of(SessionRight(hashed(first))):
        sessions.end_everywhere(roll, who, first)


def by_session(roll: Roll, secret: str, command: Any, number: int) -> Submission:
    """A subscriber's act on a record, by a session."""
    key = roll.random_bytes(8).hex()
    return Submission(
        command=command, key=key, request=key.encode() * 2, actor=Actor("subscriber"), number=number,
        session=hashed(secret),
    )  # fmt: skip


def test_a_filing_whose_session_ends_in_its_group_is_not_taken(
    roll: Roll, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It ends after the group was begun: the others of the group are taken all the same."""
    secret = sessions.begin(roll, record=number)
    meanwhile(monkeypatch, submit, "_by_actor", lambda: end_session(roll, secret))
    group = [submission_of(filing(handle=f"other-{number}"), EAST), by_session(roll, secret, Hold(), number)]
    with roll.database.open_runtime("filings") as connection:
        connection.autocommit = True
        taken, gone = submit.take(connection, group, roll, roll.clock())
    assert isinstance(taken, Taken)
    assert refused(gone) == "sign-in-needed"
    with roll.database.own() as connection:
        assert not sessions.is_held(connection, number)


def test_who_erases_their_record_ends_the_session_they_do_it_by(roll: Roll) -> None:
    """An act that ends its own session is taken: it was there until then."""
    alone = sent(roll, filing(handle=""), None, Actor("subscriber"))
    assert isinstance(alone, Taken)
    assert isinstance(sent(roll, Disown(why="not ours"), alone.number, EAST), Taken)
    secret = sessions.begin(roll, record=alone.number)
    with roll.database.open_runtime("filings") as connection:
        connection.autocommit = True
        erased = submit.take(connection, [by_session(roll, secret, Erase(), alone.number)], roll, roll.clock())
    assert isinstance(erased[0], Taken)
    assert sessions.someone(roll, secret) == NOBODY


def test_the_end_of_a_token_waits_for_the_filings_it_is_filing(roll: Roll, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the look at the token until the commit it does not end; once it has, nothing is filed by it."""
    token = api_tokens.issue_token(roll, "east", "test")
    assert isinstance(token, str)
    digest, ended = token_hash(token), list[type[BaseException]]()

    def end() -> None:
        try:
            revoke(roll, digest)
        except psycopg.errors.LockNotAvailable as error:
            ended.append(type(error))

    meanwhile(monkeypatch, submit, "_by_actor", end)

    def filed(account: str) -> object:
        made = submission_of(filing(handle=account), EAST)
        made = Submission(command=made.command, key=made.key, request=made.request, token=digest, handle=made.handle)
        with roll.database.open_runtime("filings") as connection:
            connection.autocommit = True
            return submit.take(connection, [made], roll, roll.clock())[0]

    assert isinstance(filed("first"), Taken)
    assert ended == [psycopg.errors.LockNotAvailable]
    revoke(roll, digest)
    assert refused(filed("second")) == "token-unknown"


def test_the_end_of_a_token_waits_for_the_rows_of_its_file(roll: Roll) -> None:
    """Each batch of a file asks for the token and keeps it from ending until the batch is written."""
    token = api_tokens.issue_token(roll, "east", "test")
    assert isinstance(token, str)
    digest = token_hash(token)
    with roll.database.own() as connection:
        assert bulk.token_may_file(roll, "east", digest, connection) is None
        with pytest.raises(psycopg.errors.LockNotAvailable):
            revoke(roll, digest)
    revoke(roll, digest)
    with roll.database.own() as connection:
        assert refused(bulk.token_may_file(roll, "east", digest, connection)) == "token-unknown"


def test_who_leaves_takes_along_the_passkey_that_is_being_made(roll: Roll, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ceremonies end before passkeys: the second step is waited for, and the passkey that came of it ends."""
    lead, leaves = seated(roll, "east", "operator-lead"), seated(roll, "east", "clerk")
    order: list[str] = []
    real = psycopg.Connection.execute

    def execute(self: psycopg.Connection, query: Any, *args: Any, **more: Any) -> Any:
        order.extend(name for name in ("from ceremony", "from passkey", "from session") if name in str(query))
        return real(self, query, *args, **more)

    with monkeypatch.context() as patch:
        patch.setattr(psycopg.Connection, "execute", execute)
        end_seat(roll, "east", leaves.number, lead)
    assert list(dict.fromkeys(order)) == ["from ceremony", "from passkey", "from session"]


def test_who_signs_in_does_not_wait_for_who_puts_them_out(roll: Roll) -> None:
    """Who puts them out waits for their passkey: a session that waited in turn would have the two wait for each other."""
    lead = seated(roll, "east", "operator-lead")
    with roll.database.own() as connection:
        assert lead.number in seats.seats_with(connection, "east", ["operator-lead"])
        (person,) = seats.hold_seats_alone(connection, "east", lead.number)
        with elsewhere(roll) as other:
            rows.put_session(other, roll.random_bytes(32), roll.clock(), person=person)
        with pytest.raises(psycopg.errors.LockNotAvailable), elsewhere(roll) as other:
            seats.seat(other, "east", lead.number, hold=True)


def test_a_seat_does_not_end_while_it_acts(roll: Roll) -> None:
    """An official act holds the seat it is done by: its end waits, and comes after."""
    clerk = seated(roll, "east", "clerk")
    with roll.database.own() as connection:
        assert acting(connection, clerk) is None
        with pytest.raises(psycopg.errors.LockNotAvailable), elsewhere(roll) as other:
            other.execute(
                "update person set left_at = now() where organisation = 'east' and seat = %s", (clerk.number,)
            )


def test_who_is_overtaken_within_a_transaction_is_refused_and_it_goes_on(
    roll: Roll, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second passkey is a moment late to hold a record: decided anew, it is refused, and no statement fails after that."""
    meanwhile(monkeypatch, submit, "states_of", lambda: sent(roll, Hold(), number))
    with roll.database.own() as connection:
        late = by_holder(connection, roll, number, Hold(), roll.clock())
        assert connection.execute("select 1").fetchone() == (1,)
    assert refused(late) == "nothing-asked"
