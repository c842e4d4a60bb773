"""Of two who do the same at one moment, one does it and the other is told why not: never a fault of ours, never both."""

import threading
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from openroll.disclosure.envelope import public_line
from openroll.register.decision import Refused
from openroll.register.organisation.roles import Seat
from openroll.register.subscription.commands import End, Hold
from openroll.register.subscription.decide import LAPSED
from openroll.service.acts import Acted
from openroll.service.filing import unconfirmed
from openroll.service.filing.submit import Taken
from openroll.service.identity import filing_code, people
from openroll.service.identity.passkeys import RelyingParty
from openroll.service.queries import Record
from openroll.service.records import audited_lookup
from openroll.service.requests import rights
from openroll.service.roll import Roll
from openroll.store import events
from openroll.store import people as seats
from openroll.store import requests as request_rows
from openroll.store import sessions as ways_in
from tests.handles import handle
from tests.register.asked import held
from tests.seats import seated
from tests.service.filings import filing
from tests.service.test_holding import submit
from tests.service.test_unconfirmed import EAST, file_alone, on, record
from tests.web.attacks.authenticator import Authenticator

PLACE = RelyingParty("https://roll.example", "roll.example")
PATIENCE = 0.3
"""Seconds after which the second of two is taken to wait for the first."""


def together(
    patch: pytest.MonkeyPatch, where: object, name: str, first: Callable[[], Any], second: Callable[[], Any]
) -> tuple[Any, Any]:
    """What two come to, of whom the second begins right after the first has asked `where.name`, before it writes."""
    real, answers, begun = getattr(where, name), list[Any](), list[threading.Thread]()

    def answered(*args: Any, **more: Any) -> Any:
        answer = real(*args, **more)
        if not begun:
            begun.append(threading.Thread(target=lambda: answers.append(second())))
            begun[0].start()
            begun[0].join(PATIENCE)
        return answer

    patch.setattr(where, name, answered)
    came = first()
    begun[0].join()
    assert answers, "the second broke down"
    return came, answers[0]


def test_one_subject_of_a_provider_answers_two_invitations(roll: Roll, monkeypatch: pytest.MonkeyPatch) -> None:
    """One seat is theirs; the other invitation stays good, for who it is meant for."""
    secrets = [
        people.invite(roll, name, f"{kind}-lead", "x") for name, kind in (("west", "operator"), ("east", "operator"))
    ]

    def join(secret: object) -> object:
        return people.join_with_subject(roll, str(secret), "https://id.example", "the same")

    one, other = together(monkeypatch, seats, "knows_subject", lambda: join(secrets[0]), lambda: join(secrets[1]))
    assert isinstance(one, str)
    assert isinstance(other, Refused)
    assert other.refusal.code == "passkey-has-a-seat"
    assert isinstance(people.join_with_subject(roll, str(secrets[1]), "https://id.example", "another"), str)


@pytest.mark.parametrize("same", ["credential", "key"])
def test_one_passkey_answers_two_invitations(roll: Roll, monkeypatch: pytest.MonkeyPatch, same: str) -> None:
    """Whether it calls itself the same or has the same key under another name: it is one person's."""
    secrets = [str(people.invite(roll, name, "operator-lead", "x")) for name in ("west", "east")]
    first, second = Authenticator(PLACE.origin, PLACE.host), Authenticator(PLACE.origin, PLACE.host)
    if same == "credential":
        second.id = first.id
    else:
        second.key = first.key

    def join(secret: str, authenticator: Authenticator) -> object:
        begun = passkeys_begun[secret]
        return people.join_with_passkey(roll, PLACE, secret, authenticator.made(begun))

    passkeys_begun = {one: msgspec.to_builtins(people.passkey_for_invitation(roll, PLACE, one)) for one in secrets}
    one, other = together(
        monkeypatch, ways_in, "knows_passkey", lambda: join(secrets[0], first), lambda: join(secrets[1], second)
    )
    assert isinstance(one, str)
    assert isinstance(other, Refused)
    assert other.refusal.code == "sign-in-failed"


def test_one_passkey_is_made_to_hold_two_records(roll: Roll, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second is told that it failed, and its record is held by nobody."""
    numbers = [file_alone(roll), file_alone(roll)]
    authenticator = Authenticator(PLACE.origin, PLACE.host)
    begun = {
        one: msgspec.to_builtins(filing_code.passkey_for_record(roll, PLACE, one, roll.clock())) for one in numbers
    }

    def make(number: int) -> object:
        return filing_code.hold_by_passkey(roll, PLACE, number, authenticator.made(begun[number]), "")

    one, other = together(monkeypatch, ways_in, "knows_passkey", lambda: make(numbers[0]), lambda: make(numbers[1]))
    assert isinstance(one, str)
    assert isinstance(other, Refused)
    assert [len(filing_code.passkeys_of_record(roll, number)) for number in numbers] == [1, 0]


def test_two_organisations_publish_one_envelope_key(roll: Roll, monkeypatch: pytest.MonkeyPatch) -> None:
    """One of them has it: no two bodies of a request open what is sealed to one."""
    leads = [seated(roll, name, "operator-lead") for name in ("east", "west")]
    public = public_line(held("anybody").published).strip()

    def publish(by: Seat) -> object:
        return rights.publish_key(roll, public, by)

    came = together(monkeypatch, request_rows, "known_keys", lambda: publish(leads[0]), lambda: publish(leads[1]))
    assert isinstance(came[0], Acted)
    assert isinstance(came[1], Refused)


def test_a_record_is_looked_up_while_its_operator_ends_it(roll: Roll, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both are done: the look stands behind the end, and shows it."""
    seated(roll, "registrar", "registrar")
    taken = submit(roll, filing(), None, EAST)
    assert isinstance(taken, Taken)
    seen, ended = together(
        monkeypatch,
        events,
        "version_of",
        lambda: audited_lookup(roll, handle("a-1"), "east", Seat("registrar", 1), "192.0.2.7"),
        lambda: submit(roll, End(on=roll.day(roll.clock())), taken.number, EAST),
    )
    assert isinstance(ended, Taken)
    assert isinstance(seen, Record), seen
    assert [one.name for one in seen.history][1:] == ["subscription.ended/1", "record.seen/1"]


def test_a_filing_falls_away_while_its_holder_acts(roll: Roll, monkeypatch: pytest.MonkeyPatch) -> None:
    """What came first counts; the clock leaves that one for the next time, and goes on with the others."""
    numbers = [file_alone(roll), file_alone(roll)]
    assert unconfirmed.lapse_due(roll) == 0  # from today on things fall away
    on(roll, 400)
    lapsed, held_now = together(
        monkeypatch,
        unconfirmed,
        "states_of",
        lambda: unconfirmed.lapse_due(roll),
        lambda: submit(roll, Hold(), numbers[0]),
    )
    assert isinstance(held_now, Taken)
    assert lapsed == 1
    assert unconfirmed.lapse_due(roll) == 1
    assert {record(roll, number).state.standing for number in numbers} == {LAPSED}


def test_a_credential_that_no_index_holds_is_no_credential(roll: Roll) -> None:
    """A name of more bytes than WebAuthn has (section 7.1: 1,023) is refused, and the invitation stays good."""
    secret = str(people.invite(roll, "west", "operator-lead", "x"))
    authenticator = Authenticator(PLACE.origin, PLACE.host)
    for length in (1024, 9_000):
        authenticator.id = roll.random_bytes(length)
        begun = msgspec.to_builtins(people.passkey_for_invitation(roll, PLACE, secret))
        refused = people.join_with_passkey(roll, PLACE, secret, authenticator.made(begun))
        assert isinstance(refused, Refused), length
    authenticator.id = roll.random_bytes(1023)
    begun = msgspec.to_builtins(people.passkey_for_invitation(roll, PLACE, secret))
    assert isinstance(people.join_with_passkey(roll, PLACE, secret, authenticator.made(begun)), str)
