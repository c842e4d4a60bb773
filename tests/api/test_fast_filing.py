"""The short way of an ordinary filing answers as the long one does, and lets everything else go the long way."""

from collections.abc import Callable, Iterator
from typing import Any, cast

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from tests.api.test_api import row

from openroll.api.fast_filing import FastFiling
from openroll.compose.server import WebServer, application
from openroll.compose.settings import WebSettings
from openroll.service.identity.api_tokens import issue_token, revoke_token
from openroll.service.roll import Roll

Client = TestClient[Litestar]


class House:
    """An application whose requests for filings are counted: those answered the short way, and those that went on."""

    def __init__(self, roll: Roll, client: Client) -> None:
        self.client = client
        self.token = str(issue_token(roll, "east", "test"))
        self.long = 0

    def file(self, account: str, *, key: str = "", body: Any = None, **given: str) -> Any:
        """File; `given` are headers, with _ for -."""
        headers = {"authorization": f"Bearer {self.token}", "idempotency-key": key or account}
        headers |= {name.replace("_", "-"): value for name, value in given.items()}
        sent = {"content": body} if isinstance(body, bytes) else {"json": row(account) if body is None else body}
        return self.client.post("/api/v1/filings", headers=headers, **sent)


@pytest.fixture
def house(roll: Roll) -> Iterator[House]:
    """One over a fresh roll, whose address is https."""
    app = application(roll, WebSettings(address="https://roll.example"))
    assert isinstance(app, WebServer)
    assert app.fast is not None
    with TestClient(cast(Litestar, app)) as client:
        house = House(roll, client)
        layers = app.fast._layers

        async def counting(*given: Any) -> None:
            house.long += 1
            await layers(*given)

        app.fast._layers = counting
        yield house


def test_both_ways_give_the_same_answer(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Status, headers and shape of an ordinary filing's answer are the same whichever way it went."""
    short = house.file("a-1")
    assert (short.status_code, house.long) == (201, 0)
    monkeypatch.setattr(FastFiling, "takes", staticmethod(lambda _: False))
    long = house.file("a-2")
    assert (long.status_code, dict(long.headers)) == (short.status_code, dict(short.headers))
    assert "strict-transport-security" in short.headers
    assert short.json().keys() == long.json().keys()
    again = house.file("a-1")
    assert (again.status_code, again.json()) == (200, short.json() | {"repeated": True})


NO: dict[str, tuple[int, Callable[["House"], Any]]] = {
    "another spelling of its kind": (422, lambda house: house.file("b", body=row("b", kind="king"))),
    "a body that is no JSON": (400, lambda house: house.file("b", body=b"{", content_type="application/json")),
    "nested without end": (400, lambda house: house.file("b", body=b"[" * 9_000, content_type="application/json")),
    "a column that is none": (400, lambda house: house.file("b", body=row("b", colour="red"))),
    "no key": (400, lambda house: house.file("b", key=" ")),
    "another's token": (401, lambda house: house.file("b", authorization="Bearer none")),
    "no token": (401, lambda house: house.file("b", authorization="Basic none")),
}


@pytest.mark.parametrize("sentence", NO)
def test_a_refusal_is_said_as_ever(house: House, sentence: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is no good filing is refused with the words and headers of the long way, once."""
    status, ask = NO[sentence]
    short = ask(house)
    assert (short.status_code, house.long) == (status, 1)
    monkeypatch.setattr(FastFiling, "takes", staticmethod(lambda _: False))
    long = ask(house)
    assert (long.status_code, long.content, dict(long.headers)) == (status, short.content, dict(short.headers))


@pytest.mark.parametrize(
    "header", [{"cookie": "__Host-session=x"}, {"content_type": "application/json; charset=utf-8"}, {"x_extra": "y"}]
)
def test_a_strange_head_goes_the_long_way_or_changes_nothing(house: House, header: dict[str, str]) -> None:
    """Whatever else a request brings, a good filing is taken, and once."""
    answers = [house.file("c-1", **header) for _ in range(2)]
    assert [one.status_code for one in answers] == [201, 200]


def test_a_wrong_token_counts_once(house: House) -> None:
    """However it goes: of the thirty that one address may send at once, each takes one."""
    said = [house.file("d-1", authorization="Bearer none").status_code for _ in range(31)]
    assert said == [401] * 30 + [429]
    assert house.file("d-1").status_code == 201


def test_a_token_that_was_ended_lets_nothing_in(house: House, roll: Roll) -> None:
    """From the next filing on: it is looked up with each group, and nothing remembers it."""
    assert house.file("e-1").status_code == 201
    assert revoke_token(roll, house.token)
    assert house.file("e-2").status_code == 401
