"""The way back from an organisation's own provider: without its cookie, twice, in another browser, bent and mixed."""

import asyncio
import math
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from openroll.register.organisation.roles import KEEPER, Seat
from openroll.service.identity import people
from openroll.service.identity.oidc.answers import Metadata
from openroll.service.identity.oidc.begin_limits import EACH, KNOWN_FOR, Starts
from openroll.service.identity.oidc.code_flow import use_provider
from openroll.service.identity.oidc.provider import Provider
from openroll.store import sessions
from tests.conftest import Ticking
from tests.provider import SECRET
from tests.seats import another_day
from tests.service.test_oidc import Form
from tests.web.attacks.test_passkeys import lead_of_east
from tests.web.house import ADDRESS, House
from tests.web.visitor import Visitor

WAY, SESSION = "__Host-way", "__Host-session"
ROOT = Path(__file__).parents[3]


@contextmanager
def _running(organisation: str, shift: int) -> Iterator[Provider]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "tests.provider", "--port", str(port), "--client-id", "openroll"]
    command += ["--client-secret", SECRET, "--shift-days", str(shift)]
    process = subprocess.Popen(command, cwd=ROOT, env=os.environ | {"PYTHONWARNINGS": "ignore"})
    try:
        issuer = f"http://127.0.0.1:{port}"
        for _ in range(300):
            assert process.poll() is None
            try:
                httpx.get(f"{issuer}/admin")
                break
            except httpx.TransportError:
                time.sleep(0.05)  # waits for a real process
        yield Provider(organisation=organisation, issuer=issuer, client_id="openroll", client_secret=SECRET)
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture(scope="module")
def provider(inside: House) -> Iterator[Provider]:
    """A provider that east and west both use, as two firms of one group might; the house's clock goes with its own."""
    clock = inside.roll.clock
    assert isinstance(clock, Ticking)
    before, clock.step = clock.now, clock.step * 0
    # Forward to the hour it is, and never back: something may have been written at any moment up to the house's own.
    shift = math.ceil((clock.now - datetime.now(UTC)) / timedelta(days=1))
    clock.now = datetime.now(UTC) + timedelta(days=shift)
    with _running("east", shift) as found:
        use_provider(inside.roll, found)
        west = Provider(organisation="west", issuer=found.issuer, client_id="openroll", client_secret=SECRET)
        use_provider(inside.roll, west)
        yield found
    with inside.roll.database.own() as connection:
        connection.execute("delete from provider")
    clock.step, clock.now = Ticking().step, max(before, clock.now)


@pytest.fixture(autouse=True)
def starts(inside: House) -> Starts:
    """Nobody has begun a sign-in of late: all visitors of a house come from one address."""
    found = inside.client.app.state.application.starts = Starts()
    return found


def to_provider(visitor: Visitor, organisation: str = "east", invitation: str = "") -> str:
    """Set out; the address at the provider."""
    if invitation:
        assert visitor.post("/en/join", {"invitation": invitation}).status_code == 200
    query = "?invited=yes" if invitation else ""
    answer = visitor.get(f"/en/sign-in/with/{organisation}{query}")
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def chosen(address: str, subject: str = "desk-1") -> str:
    """Choose a subject at the provider; the path of the way back."""
    form = Form(httpx.get(address).text).fields | {"subject": subject, "answer": "yes"}
    back = httpx.post(address.partition("?")[0], data=form).headers["location"]
    parts = urlsplit(back)
    assert f"{parts.scheme}://{parts.netloc}" == ADDRESS
    return f"{parts.path}?{parts.query}"


def invitation(inside: House, organisation: str = "east", by: Seat = KEEPER) -> str:
    """A new one for a clerk."""
    another_day(inside.roll)
    secret = people.invite(inside.roll, organisation, "clerk", "By provider", by)
    assert isinstance(secret, str)
    return secret


def no_session(visitor: Visitor, path: str) -> None:
    """A way back that leads nowhere."""
    answer = visitor.get(path)
    assert 400 <= answer.status_code < 500, answer.status_code
    assert SESSION not in visitor.jar
    assert "location" not in answer.headers


def test_every_wrong_way_back_leads_nowhere(inside: House, provider: Provider, on_the_loop: list[str]) -> None:
    """Right once, from the browser that set out, with each word said once; wrong in every other way."""
    secret = invitation(inside, by=lead_of_east(inside))
    member = inside.visitor()
    assert member.get(chosen(to_provider(member, invitation=secret))).headers["location"] == "/en/operator"
    assert member.get("/en/operator").status_code == 200

    def fresh() -> tuple[Visitor, str]:
        visitor = inside.visitor()
        return visitor, chosen(to_provider(visitor))

    visitor, path = fresh()
    assert visitor.get(path).status_code == 303  # right: the subject is known now
    del visitor.jar[SESSION]
    no_session(visitor, path)  # twice
    visitor, path = fresh()
    way = visitor.jar.pop(WAY)
    no_session(visitor, path)  # without its cookie
    other = inside.visitor()
    to_provider(other)
    no_session(other, path)  # with another browser's cookie
    replayed = inside.visitor()
    replayed.jar[WAY] = way
    assert replayed.get(path).status_code == 303  # its own cookie was never used up by the wrong ones
    one, first = fresh()
    _, second = fresh()
    no_session(one, second)  # two ways mixed
    no_session(one, first)  # and the first is used up by it
    for more in ("&state=x", "&code=x", "&iss=https://evil.example", "&error=access_denied"):
        visitor, path = fresh()
        name = more[1:].partition("=")[0]
        no_session(visitor, path + more if f"{name}=" in path else path + more + more)
        visitor, path = fresh()
        no_session(visitor, path.replace("?", f"?{more[1:]}&"))
    visitor, path = fresh()
    inside.pass_time(people.INVITATION_LASTS / 168)
    no_session(visitor, path)  # an hour later
    inside.pass_time(-people.INVITATION_LASTS / 168)
    assert on_the_loop == [], "the database is asked beside the loop, all the way there and back"


def test_a_subject_is_known_only_where_it_was_bound(inside: House, provider: Provider) -> None:
    """Somebody of east is nobody at west, though both use one provider; and an invitation is answered at its own."""
    member = inside.visitor()
    assert member.get(chosen(to_provider(member, invitation=invitation(inside)), "night-desk")).status_code == 303
    stranger = inside.visitor()
    no_session(stranger, chosen(to_provider(stranger, "west"), "night-desk"))
    guest = inside.visitor()
    secret = invitation(inside, "west")
    no_session(guest, chosen(to_provider(guest, "east", secret), "desk-2"))
    assert "You are invited" in guest.get(f"/en/join?invitation={secret}").text
    # Invited a second time, also elsewhere: the subject is somebody already, which is said and is no fault of ours.
    again = inside.visitor()
    no_session(again, chosen(to_provider(again, invitation=invitation(inside)), "night-desk"))


def test_a_forged_host_does_not_lead_the_provider_elsewhere(inside: House, provider: Provider) -> None:
    """The address to come back to is the roll's own."""
    answer = inside.visitor().ask("GET", "/en/sign-in/with/east", headers={"host": "evil.example"})
    assert "evil.example" not in answer.headers["location"]
    assert provider.issuer in answer.headers["location"]


def ways(inside: House) -> int:
    """Sign-ins under way through providers: what is kept of them, beside the passkeys that others of this house begin."""
    with inside.roll.database.own() as connection:
        return sessions.count_ceremonies(connection, "provider")


def test_one_visitor_does_not_flood_a_provider_through_us(inside: House, provider: Provider) -> None:
    """So many beginnings and no more, each a row, and the provider is asked about itself once; who waits long enough goes on."""
    now = [0.0]
    inside.client.app.state.application.starts = Starts(lambda: now[0])
    before, asked = ways(inside), discoveries(provider)
    visitor = inside.visitor()
    answers = [visitor.get("/en/sign-in/with/east") for _ in range(EACH[0].holds + 3)]
    assert [one.status_code for one in answers] == [303] * EACH[0].holds + [429] * 3
    assert int(answers[-1].headers["retry-after"]) <= EACH[0].drains_after
    assert "location" not in answers[-1].headers
    assert ways(inside) - before == EACH[0].holds
    assert discoveries(provider) - asked == 1
    now[0] += EACH[0].drains_after
    assert visitor.get("/en/sign-in/with/east").status_code == 303
    now[0] += KNOWN_FOR
    assert visitor.get("/en/sign-in/with/west").status_code == 303
    assert discoveries(provider) - asked == 2


def test_no_more_ways_are_kept_than_can_be_meant(
    inside: House, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever floods from everywhere fills a bounded table."""
    before = ways(inside)
    monkeypatch.setattr("openroll.service.identity.oidc.code_flow.MOST_WAYS", before + 2)
    answers = [inside.visitor().get("/en/sign-in/with/east").status_code for _ in range(4)]
    assert answers.count(303) <= 3
    assert answers[-1] == 503
    assert provider.issuer


def discoveries(provider: Provider) -> int:
    """How often the provider was asked about itself."""
    return int(httpx.get(f"{provider.issuer}/admin").json()["asked"].get("/.well-known/openid-configuration", 0))


def test_a_slow_provider_is_asked_once_by_all_who_wait() -> None:
    """While a provider takes its time, everyone who comes waits for the one answer; one who goes away takes it from nobody."""
    asked: list[str] = []

    async def main() -> None:
        starts, come = Starts(), asyncio.Event()
        one = Provider(organisation="east", issuer="https://id.example", client_id="x", client_secret="y")

        async def ask() -> Metadata:
            asked.append(one.issuer)
            await come.wait()
            return Metadata(
                issuer=one.issuer,
                authorization_endpoint="",
                token_endpoint="",
                jwks_uri="",
                id_token_signing_alg_values_supported=(),
            )

        waiting = [asyncio.create_task(starts.metadata(one, ask)) for _ in range(50)]
        await asyncio.sleep(0)
        waiting[0].cancel()
        await asyncio.sleep(0)
        come.set()
        found = await asyncio.gather(*waiting[1:])
        assert {metadata.issuer for metadata in found} == {one.issuer}

    asyncio.run(main())
    assert len(asked) == 1


def test_an_invitation_stands_in_no_address(inside: House, provider: Provider) -> None:
    """Neither in the link that is given, nor on the way to the provider; a link around it may be pasted too."""
    secret = invitation(inside)
    lead = inside.sitting("east/operator-lead")
    page = lead.post("/en/people/invite", {"role": "clerk", "label": "somebody"}).text
    assert f"{ADDRESS}/en/join#" in page
    assert "invitation=" not in page
    guest = inside.visitor()
    invited = guest.post("/en/join", {"invitation": f" {ADDRESS}/en/join#{secret}"})
    assert "You are invited" in invited.text
    assert "/en/sign-in/with/east?invited=yes" in invited.text
    assert f"={secret}" not in invited.text
    way = guest.get("/en/sign-in/with/east?invited=yes")
    assert secret not in way.headers["location"]
    assert "__Host-invited" not in guest.jar
    back = guest.get(chosen(way.headers["location"], "desk-2"))
    assert (back.status_code, back.headers.get("location")) == (303, "/en/operator"), back.text
    assert provider.issuer
