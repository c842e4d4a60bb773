"""Guessing filing codes: slowed down for who guesses, and for nobody else, never for long."""

import hashlib
import itertools
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from openroll.compose.settings import WebSettings
from openroll.register.decision import Refused
from openroll.register.refusals import TooManyTries
from openroll.register.subscription.filing_code import code_of
from openroll.service.identity import filing_code, throttle
from openroll.service.queries import Record
from tests.conftest import Ticking
from tests.web.house import ADDRESS, House, house, name_of

_numbers = itertools.count(90_000_000_000_000)


def wrong(inside: House) -> str:
    """A code whose check digits fit and that opens nothing: what a guess looks like that is worth counting."""
    return code_of(next(_numbers), inside.roll.keys.code_key)


@pytest.fixture
def calm(inside: House) -> Iterator[House]:
    """The house with every bucket drained, and with a clock that stands still."""
    inside.pass_time(timedelta(days=1))
    clock = inside.roll.clock
    assert isinstance(clock, Ticking)
    clock.step = timedelta()
    yield inside
    clock.step = timedelta(seconds=1)


def test_a_source_that_guesses_waits_and_not_for_long(calm: House) -> None:
    """Ten wrong codes, then 429 on pages and for programs alike, also for the right code; minutes later it is open again."""
    _, code = calm.filed()
    visitor = calm.visitor()
    answers = [visitor.post("/en/find", {"code": wrong(calm)}).status_code for _ in range(14)]
    assert 429 in answers
    assert answers.index(429) <= throttle.SOURCE.holds
    assert set(answers[answers.index(429) :]) == {429}
    assert visitor.ask("POST", "/api/v1/record", json={"code": code}).status_code == 429
    assert visitor.ask("POST", "/api/v1/receipt", json={"code": code}).status_code == 429
    assert visitor.post("/en/find", {"code": code}).status_code == 429
    assert isinstance(filing_code.open_by_code(calm.roll, code, "198.51.100.7"), Record), "another source waits too"
    calm.pass_time(timedelta(minutes=2))
    assert visitor.post("/en/find", {"code": code}).status_code == 303


def test_programs_guess_no_faster(calm: House) -> None:
    """The API counts into the same bucket as the pages."""
    visitor = calm.visitor()
    answers = [visitor.ask("POST", "/api/v1/record", json={"code": wrong(calm)}).status_code for _ in range(12)]
    assert answers[-1] == 429
    assert visitor.post("/en/find", {"code": wrong(calm)}).status_code == 429


def test_waiting_does_not_grow(calm: House) -> None:
    """Asking on while one waits does not make the wait longer: nobody is locked out."""
    answers = [filing_code.open_by_code(calm.roll, wrong(calm), "203.0.113.9") for _ in range(200)]
    waits = {one.refusal.wait for one in answers if isinstance(one, Refused) and isinstance(one.refusal, TooManyTries)}
    assert waits == {1}
    calm.pass_time(timedelta(minutes=1))
    _, code = calm.filed()
    assert isinstance(filing_code.open_by_code(calm.roll, code, "203.0.113.9"), Record)


def test_slips_of_the_finger_do_not_count(calm: House) -> None:
    """Codes whose check digits do not fit are no guesses, however many."""
    visitor = calm.visitor()
    answers = {visitor.post("/en/find", {"code": f"1234 5678 9012 34{n:02}"}).status_code for n in range(30)}
    assert 303 not in answers
    assert 429 not in answers or len(answers) == 2
    assert visitor.post("/en/find", {"code": calm.filed()[1]}).status_code in (303, 429)


def test_one_code_from_many_sources_waits(calm: House) -> None:
    """A code that opens nothing is asked about a few times, from wherever; its holder's other code is not meant."""
    code = wrong(calm)
    answers = [filing_code.open_by_code(calm.roll, code, f"198.51.100.{n}") for n in range(8)]
    assert [one.refusal.code for one in answers if not isinstance(one, Record)][-1] == "too-many-tries"


def test_a_forged_forwarded_address_is_no_way_round(calm: House) -> None:
    """Another X-Forwarded-For with each guess does not make another source."""
    visitor = calm.visitor()
    answers = [
        visitor.ask(
            "POST", "/api/v1/record", json={"code": wrong(calm)}, headers={"x-forwarded-for": f"198.51.100.{n}"}
        )
        for n in range(14)
    ]
    assert answers[-1].status_code == 429


@pytest.fixture(scope="module")
def proxied(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house behind one proxy."""
    home: Path = tmp_path_factory.mktemp("proxied")
    with house(database_url, home, name_of("p"), WebSettings(address=ADDRESS, behind_proxy=True)) as found:
        yield found


def test_behind_a_proxy_its_word_counts_and_not_the_visitors(proxied: House) -> None:
    """What the visitor put in front of the proxy's word makes no other source; another visitor is not made to wait."""
    visitor = proxied.visitor()
    for n in range(30):  # each request moves the tests' clock on, and what was filled drains
        said = {"x-forwarded-for": f"10.0.0.{n}, 198.51.100.50"}
        answer = visitor.ask("POST", "/api/v1/record", json={"code": wrong(proxied)}, headers=said)
    assert answer.status_code == 429
    other = {"x-forwarded-for": "198.51.100.50, 198.51.100.51"}
    assert visitor.ask("POST", "/api/v1/record", json={"code": wrong(proxied)}, headers=other).status_code == 404


def test_the_development_door_is_shut_unless_told(proxied: House) -> None:
    """It is off by default: nobody sits down by it, and no page offers it."""
    visitor = proxied.visitor()
    before = proxied.acts()
    answer = visitor.post("/en/sign-in/null", {"seat": "registrar/registrar-lead"})
    assert answer.status_code == 401
    assert "__Host-session" not in visitor.jar
    assert proxied.acts() == before
    assert "sign-in/null" not in visitor.get("/en/sign-in").text


def test_the_table_of_guesses_tells_nobody(calm: House) -> None:
    """It holds neither address nor code, nor a hash that anyone without the key could make of them."""
    code = wrong(calm)
    filing_code.open_by_code(calm.roll, code, "198.51.100.99")
    with calm.roll.database.own() as connection:
        kept = str(connection.execute("select t::text, encode(bucket, 'escape') from throttle t").fetchall())
    digits = code.replace(" ", "")
    for known in ("198.51.100.99", digits, code):
        assert known not in kept
        assert hashlib.sha256(known.encode()).hexdigest() not in kept


def test_a_wrong_and_a_foreign_code_look_alike(calm: House) -> None:
    """To who may not see it, a code of somebody's and a code of nobody's get one answer (an operator, a stranger)."""
    _, code = calm.filed()
    west = calm.sitting("west/clerk")
    one = west.post("/en/operator/records", {"sought": code})
    two = west.post("/en/operator/records", {"sought": wrong(calm)})
    assert one.status_code == two.status_code == 404
