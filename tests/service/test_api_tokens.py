"""Tokens of programs: how they end by themselves, are replaced, and are ended by the operator and the registrar."""

import json
from datetime import timedelta

import msgspec
import pytest

from openroll.register.organisation.roles import KEEPER, Seat
from openroll.service.filing.submit import Failed, Submission, Taken, take
from openroll.service.governance.open_roll import organisation_of, token_hash
from openroll.service.governance.settled_work import settle_work
from openroll.service.identity.api_tokens import (
    end_token,
    issue_own_token,
    issue_token,
    live_tokens,
    replace_token,
    revoke_token,
    tokens_of_seat,
)
from openroll.service.identity.sessions import Principal
from openroll.service.queries import official_acts
from openroll.service.roll import Roll
from tests.handles import handle
from tests.seats import seated
from tests.service.filings import filing
from tests.service.test_people import Clock, refused

LEAD, REGISTRAR = Seat("east", 1), Seat("registrar", 2)


@pytest.fixture
def roll(roll: Roll) -> Roll:
    """A roll with the seats that act here."""
    for organisation, role in (("east", "operator-lead"), ("west", "operator-lead"), ("registrar", "registrar-lead")):
        seated(roll, organisation, role)
    assert seated(roll, "registrar", "registrar-lead") == REGISTRAR
    return roll


@pytest.fixture
def clock(roll: Roll) -> Clock:
    """The roll's clock, standing."""
    roll.clock = Clock(roll.clock())
    return roll.clock


def issued(outcome: object) -> str:
    """A token that was not refused."""
    assert isinstance(outcome, str), outcome
    return outcome


def lets_in(roll: Roll, token: str) -> bool:
    """Whether a program with this token is let in, by both ways a token is looked up: alone and with a filing."""
    alone = organisation_of(roll, token_hash(token)) == "east"
    with roll.database.open() as connection:
        connection.autocommit = True
        own = handle(f"t-{roll.random_bytes(6).hex()}")
        one = Submission(command=filing(handle=own), key=own, request=b"r" * 32, token=token_hash(token), handle=own)
        outcome = take(connection, [one], roll, roll.clock())[0]
    assert not isinstance(outcome, Failed)
    assert isinstance(outcome, Taken) == alone
    return alone


def newest(roll: Roll) -> dict[str, object]:
    """The newest official act."""
    act = official_acts(roll)[0]
    said: dict[str, object] = json.loads(act.body)
    return said | {"name": act.name}


def test_a_token_ends_on_its_day_by_itself(roll: Roll, clock: Clock) -> None:
    """It lets in to the last second and not after; the day stands in the log from the beginning; then it is in no list."""
    token = issued(issue_token(roll, "east", "billing", LEAD, days=30))
    assert newest(roll)["expires"] == (clock.now + timedelta(days=30)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert [one.ends for one in live_tokens(roll, "east")] == [clock.now + timedelta(days=30)]
    clock.on(days=30, seconds=-1)
    assert lets_in(roll, token)
    clock.on(seconds=1)
    assert not lets_in(roll, token)
    assert live_tokens(roll, "east") == []
    assert refused(end_token(roll, "east", 1, LEAD)) == "token-unknown"
    assert not revoke_token(roll, token)


def test_a_token_without_a_day_lasts_and_its_event_is_as_it_always_was(roll: Roll, clock: Clock) -> None:
    """No `expires` in the body: the bytes that receipts of earlier tokens commit to are the same."""
    token = issued(issue_token(roll, "east", "billing", LEAD))
    assert set(newest(roll)) == {"name", "organisation", "token", "by", "rule"}
    clock.on(days=9_000)
    assert lets_in(roll, token)


def test_a_successor_takes_over_and_the_old_token_ends_by_itself(roll: Roll, clock: Clock) -> None:
    """Both let in through the overlap; then the new one alone, as long as the old one was issued for. The log names numbers."""
    old = issued(issue_token(roll, "east", "billing of Wang", LEAD, days=100))
    clock.on(days=50)
    new = issued(replace_token(roll, "east", 1, LEAD, overlap=7))
    said = newest(roll)
    assert (said["name"], said["token"], said["successor"], said["by"]) == ("token.replaced/1", 1, 2, "east/1")
    assert said["until"] == (clock.now + timedelta(days=7)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert not any(word in json.dumps(said) for word in (new, old, "Wang", token_hash(new).hex()))
    assert [(one.number, one.replaced) for one in live_tokens(roll, "east")] == [(1, True), (2, False)]
    assert lets_in(roll, old)
    assert lets_in(roll, new)
    assert refused(replace_token(roll, "east", 1, LEAD)) == "token-replaced-already"
    clock.on(days=7)
    assert not lets_in(roll, old)
    assert lets_in(roll, new)
    clock.on(days=93)
    assert not lets_in(roll, new)


def test_an_overlap_never_lengthens_a_tokens_life(roll: Roll, clock: Clock) -> None:
    """A token that ends tomorrow ends tomorrow; without an overlap it ends at once."""
    soon = issued(issue_token(roll, "east", "billing", LEAD, days=1))
    issued(replace_token(roll, "east", 1, LEAD, overlap=90))
    clock.on(days=1)
    assert not lets_in(roll, soon)
    now = issued(issue_token(roll, "east", "billing", LEAD))
    new = issued(replace_token(roll, "east", 3, LEAD, overlap=0))
    assert not lets_in(roll, now)
    assert lets_in(roll, new)


def test_the_registrar_ends_a_token_for_a_reason_that_stands_in_the_log(roll: Roll, clock: Clock) -> None:
    """Without a reason it is refused; with one the program is out at once, and seat and reason are public. The operator's
    own needs none."""
    first, second = (issued(issue_token(roll, "east", "billing", LEAD)) for _ in range(2))
    for why in ("", "  ", "x" * 501):
        assert refused(end_token(roll, "east", 1, REGISTRAR, why)) == "reason-missing"
    assert lets_in(roll, first)
    assert end_token(roll, "east", 1, REGISTRAR, " It was found in a public repository ") is None
    assert not lets_in(roll, first)
    said = newest(roll)
    assert (said["why"], said["by"], said["token"]) == ("It was found in a public repository", "registrar/2", 1)
    assert end_token(roll, "east", 2, LEAD) is None
    assert "why" not in newest(roll)
    assert not lets_in(roll, second)


def test_nobody_touches_another_operators_tokens(roll: Roll, clock: Clock) -> None:
    """Under another organisation's name the token is not there, for ending and for replacing."""
    token = issued(issue_token(roll, "east", "billing", LEAD))
    assert refused(replace_token(roll, "west", 1, Seat("west", 1))) == "token-unknown"
    assert refused(end_token(roll, "west", 1, Seat("west", 1))) == "token-unknown"
    assert refused(end_token(roll, "east", 1, Seat("west", 1))) == "reason-missing"
    assert live_tokens(roll, "west") == []
    assert lets_in(roll, token)


@pytest.mark.parametrize("days", [0, -1, 1097, 10**9])
def test_days_out_of_range_are_refused(days: int, roll: Roll) -> None:
    """Three years at most for a token, and nothing is made."""
    assert refused(issue_token(roll, "east", "billing", LEAD, days=days)) == "days-out-of-range"
    issued(issue_token(roll, "east", "billing", LEAD))
    assert days == 0 or refused(replace_token(roll, "east", 1, LEAD, overlap=days)) == "days-out-of-range"
    assert [one.number for one in live_tokens(roll, "east")] == [1]


def test_a_reason_that_names_somebody_does_not_come_into_the_log(roll: Roll) -> None:
    """Neither as why a token is ended nor as how a piece of work ended."""
    issued(issue_token(roll, "east", "billing"))
    assert refused(end_token(roll, "east", 1, REGISTRAR, "wang@example.cn left")) == "text-names-somebody"
    assert refused(settle_work(roll, 1, "rang 138 1234 5678", KEEPER)) == "text-names-somebody"


def test_a_seat_makes_and_ends_its_own_token(roll: Roll, clock: Clock) -> None:
    """Signed in by a passkey a moment ago, and in no other way; nobody else of its organisation but a lead ends it."""
    clerk, other = seated(roll, "east", "clerk"), seated(roll, "east", "clerk")
    who = Principal(seat=clerk, begun=clock.now, by_passkey=True)
    issued(issue_own_token(roll, who, "my office computer", days=30))
    assert (newest(roll)["by"], newest(roll)["seat"]) == (str(clerk), clerk.number)
    (own,) = tokens_of_seat(roll, clerk)
    assert tokens_of_seat(roll, other) == []
    assert refused(end_token(roll, "east", own.number, other)) == "not-allowed"
    assert end_token(roll, "east", own.number, clerk) is None
    assert tokens_of_seat(roll, clerk) == []
    tries = (
        ({"by_passkey": False}, "passkey-needed"),
        ({"seat": None}, "passkey-needed"),
        ({"begun": clock.now - timedelta(minutes=11)}, "session-old"),
        ({"begun": None}, "session-old"),
    )
    for changed, code in tries:
        assert refused(issue_own_token(roll, msgspec.structs.replace(who, **changed), "x")) == code
