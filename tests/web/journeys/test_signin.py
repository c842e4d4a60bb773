"""Ways in and out: invitations answered with a passkey or through an organisation's provider, seats given and taken away."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import expect

from openroll.register.decision import Accepted
from openroll.register.organisation.commands import AdmitOperator
from openroll.service.governance.open_roll import admit_operator
from openroll.service.identity.oidc.code_flow import use_provider
from openroll.service.identity.oidc.provider import Provider
from openroll.service.identity.people import invite
from openroll.service.roll import Roll
from openroll.words import say
from tests.conftest import whole_days_to
from tests.provider import SECRET
from tests.web.journeys.conftest import Another
from tests.web.journeys.walker import Walker, with_authenticator

pytestmark = pytest.mark.browser
ROOT = Path(__file__).parents[3]


def new_operator(roll: Roll, name: str) -> str:
    """Admit an operator of this test's own."""
    command = AdmitOperator(operator=name, title={"zh": f"{name}网", "en": f"{name} net"}, kind="access-operator")
    assert isinstance(admit_operator(roll, command), Accepted)
    return name


def shown_link(walker: Walker) -> str:
    """The invitation on the page."""
    return walker.main.locator(".govuk-inset-text .roll-hash").inner_text()


def test_a_lead_joins_with_a_passkey_and_lets_a_clerk_in_and_out(
    another_with_scripts: Another, served: tuple[str, Roll], lang: str
) -> None:
    """A lead joins by invitation with a passkey, signs in with it, and invites a clerk, whose seat ends when it is taken away."""
    registrar, lead, clerk = another_with_scripts(), another_with_scripts(), another_with_scripts()
    name = new_operator(served[1], f"seats-{lang}")
    with_authenticator(lead)
    with_authenticator(clerk)
    title = f"{name}网" if lang == "zh" else f"{name} net"
    registrar.sit("registrar/registrar-lead").go("registrar/organisations")
    registrar.press("Invite a lead", title)
    invitation = shown_link(registrar)
    assert invitation.startswith(f"{registrar.address}/{lang}/join#")

    lead.page.goto(invitation)
    lead.reads(title)
    lead.press("Make a passkey and join")
    lead.at("operator")
    lead.leave()
    lead.page.goto(invitation)
    lead.mistakes(say("invitation-unknown", {}, lang))
    lead.go("operator").at("sign-in")
    lead.press("Sign in with a passkey")
    lead.at("operator")
    lead.heading(title)
    lead.menu("People")
    expect(lead.main.get_by_role("row").filter(has_text=lead.words("clerk, lead"))).to_contain_text(lead.words("you"))
    lead.press("Invite")
    lead.mistakes(lead.words("Choose a role"))
    lead.fill("What the seat is called", "Counter, mornings")
    lead.choose("Role", "clerk")
    lead.press("Invite")

    clerk.go("join").fill("Invitation", shown_link(lead).partition("#")[2])
    clerk.press("Continue")
    clerk.reads("Counter, mornings")
    clerk.press("Make a passkey and join")
    clerk.at("operator")
    expect(clerk.page.get_by_role("link", name=clerk.words("Tokens"), exact=True)).to_have_count(0)
    clerk.go("operator/tokens")
    clerk.heading("This is not yours to do")

    lead.go("people").press("Take the seat away", "2")
    lead.done("The seat is free; its passkeys and sessions have ended.")
    lead.press("Take the seat away", "1")
    expect(lead.page.locator(".govuk-error-summary")).to_contain_text(say("last-lead", {}, lang))
    clerk.go("operator")
    clerk.at("sign-in")
    clerk.press("Sign in with a passkey")
    expect(clerk.main.get_by_role("status")).to_have_text(say("sign-in-failed", {}, lang))


def test_an_invitation_is_taken_back(walker: Walker, served: tuple[str, Roll], lang: str, scripts: bool) -> None:
    """An invitation that is taken back invites nobody."""
    name = new_operator(served[1], f"back-{lang}-{int(scripts)}")
    walker.sit(f"{name}/operator-lead").go("people")
    walker.fill("What the seat is called", "Counter")
    walker.choose("Role", "clerk")
    walker.press("Invite")
    invitation = shown_link(walker)
    walker.press("Take back", "Counter")
    walker.done("The invitation is taken back.")
    walker.page.goto(invitation)
    if not scripts:  # what stands behind a hash only a script can read: whoever has none pastes the link
        walker.fill("Invitation", invitation)
        walker.press("Continue")
    walker.mistakes(say("invitation-unknown", {}, lang))


@contextmanager
def provider_process(shift: int) -> Iterator[str]:
    """A real provider process whose clock is moved by so many days: its issuer."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "tests.provider", "--port", str(port), "--client-id", "openroll"]
    process = subprocess.Popen([*command, "--shift-days", str(shift)], cwd=ROOT, env=dict(os.environ))
    try:
        for _ in range(600):
            assert process.poll() is None
            try:
                httpx.get(f"http://127.0.0.1:{port}/admin")
                break
            except httpx.TransportError:
                time.sleep(0.05)  # waits for a real process
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture
def issuer(served: tuple[str, Roll]) -> Iterator[str]:
    """The issuer of a provider whose clock is the server's; a new one each time, for a subject takes one seat in a roll."""
    with provider_process(whole_days_to(served[1].clock())) as issuer:
        yield issuer


def test_joining_and_signing_in_through_the_organisation(
    walker: Walker, served: tuple[str, Roll], issuer: str, lang: str, scripts: bool
) -> None:
    """Somebody joins by invitation through the organisation's own provider, and signs in there again; nobody else can."""
    _, roll = served
    name = new_operator(roll, f"own-{lang}-{int(scripts)}")
    title = f"{name}网" if lang == "zh" else f"{name} net"
    use_provider(roll, Provider(organisation=name, issuer=issuer, client_id="openroll", client_secret=SECRET))
    invitation = invite(roll, name, "operator-lead", "First lead")
    walker.go(f"join?invitation={invitation}")
    walker.follow("Join through your organisation's provider")
    sign_in_there(walker, "desk-1")
    walker.at("operator")
    walker.heading(title)
    walker.leave()
    walker.go("operator/tokens").at("sign-in")
    walker.main.get_by_role("link", name=title, exact=True).click()
    sign_in_there(walker, "desk-1")
    walker.at("operator/tokens")
    walker.leave()
    walker.go("sign-in").main.get_by_role("link", name=title, exact=True).click()
    sign_in_there(walker, "desk-2")
    expect(walker.page.locator(".govuk-error-summary")).to_contain_text(say("sign-in-failed", {}, lang))
    walker.go("sign-in").main.get_by_role("link", name=title, exact=True).click()
    walker.page.get_by_role("button", name="Refuse").click()
    expect(walker.page.locator(".govuk-error-summary")).to_be_visible()


def sign_in_there(walker: Walker, subject: str) -> None:
    """Choose a subject on the provider's page."""
    walker.page.get_by_label(subject).check()
    walker.page.get_by_role("button", name="Sign in", exact=True).click()
