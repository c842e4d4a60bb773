"""Tokens of programs over HTTP: one that files acts for nobody, and one of a seat files nothing and ends with its seat."""

import re

from openroll.disclosure.envelope import X25519, HeldKey, public_line
from openroll.service.access import ROUTES
from openroll.service.identity.api_tokens import issue_token, live_tokens
from openroll.service.identity.people import confirm_seat, end_seat
from openroll.service.identity.wrong_tokens import WrongTokens
from tests.handles import handle
from tests.seats import seated
from tests.web.attacks.test_others_things import ROW, digests
from tests.web.attacks.test_passkeys import joined
from tests.web.house import House


def test_the_billing_programs_token_acts_for_nobody(inside: House) -> None:
    """A token of the page Tokens publishes no key and acts in no request, though a lead had it made."""
    lead = inside.sitting("east/operator-lead")
    page = lead.ask("POST", "/en/operator/tokens", data={"_csrf_token": lead.token, "label": "billing", "days": ""})
    token = re.search(r"openroll_[A-Za-z0-9_-]{20,}", page.text)
    assert token, page.text[:2000]
    head = {"authorization": f"Bearer {token[0]}"}
    thief = HeldKey(b"t" * 32, X25519)
    before = inside.acts()
    for path, body in (
        ("/envelope-keys", {"public": public_line(thief.published)}),
        (f"/envelope-keys/{thief.id}/end", {}),
        ("/requests/1/envelopes", {}),
        ("/requests/1/steps", {"act": "nobody"}),
    ):
        answer = inside.visitor().ask("POST", f"/api/v1{path}", json=body, headers=head)
        assert (answer.status_code, answer.json()["code"]) == (403, "token-without-seat"), path
    assert inside.visitor().ask("GET", "/api/v1/requests/own", headers=head).status_code == 403
    assert inside.acts() == before


def test_a_lead_replaces_no_token_of_a_seat(inside: House) -> None:
    """The operator's page names whose seat it is and offers no Replace; asked all the same, it says what is done instead."""
    clerk, lead = seated(inside.roll, "east", "clerk"), inside.sitting("east/operator-lead")
    assert isinstance(issue_token(inside.roll, "east", "office", seat=clerk.number), str)
    number = max(one.number for one in live_tokens(inside.roll, "east"))
    page = lead.ask("GET", "/en/operator/tokens").text
    assert f"Acts for the seat {clerk}" in page
    assert f"/tokens/{number}/end" in page
    assert f"/tokens/{number}/replace" not in page
    refused = lead.ask("POST", f"/en/operator/tokens/{number}/replace", data={"_csrf_token": lead.token})
    assert refused.status_code == 409
    assert "End it." in refused.text
    assert "openroll_" not in refused.text


def test_each_route_takes_a_token_of_one_kind(inside: House) -> None:
    """Whichever route asks for a token: either one that files or one of a seat is let in, and the other is not, and told so."""
    seat = seated(inside.roll, "east", "operator-lead")
    heads = [
        {"authorization": f"Bearer {issue_token(inside.roll, 'east', 'x', seat=number)}"} for number in (0, seat.number)
    ]
    routes = [line.split() for line, who in ROUTES.items() if "token" in who]
    assert len(routes) > 15
    for method, path in routes:
        said = []
        for head in heads:
            answer = inside.visitor().ask(method, re.sub(r"{\w+}", "1", path), headers=head)
            code = answer.json()["code"] if answer.status_code in (401, 403) else ""
            said.append(code if code in ("token-unknown", "token-without-seat") else "")
        assert said in (["", "token-unknown"], ["token-without-seat", ""]), (path, said)


def test_a_seats_token_files_and_reads_nothing_of_its_operator(inside: House) -> None:
    """While its clerk sits there it is let in where bodies of requests are; once they were put out, nowhere."""
    clerk, lead = seated(inside.roll, "east", "clerk"), seated(inside.roll, "east", "operator-lead")
    token = issue_token(inside.roll, "east", "requests", seat=clerk.number)
    head = {"authorization": f"Bearer {token}", "idempotency-key": "after"}
    row = ROW | {"handle": handle("z-9"), "digests": digests(inside)}

    def tried() -> list[int]:
        ask = inside.visitor().ask
        answers = [
            ask("POST", "/api/v1/filings", json=row, headers=head),
            ask("GET", f"/api/v1/filings/{handle('z-9')}", headers=head),
            ask("POST", "/api/v1/files", content=b"act,handle\n", headers=head),
            ask("GET", "/api/v1/porting", headers=head),
            ask("GET", "/api/v1/unconfirmed", headers=head),
            ask("GET", "/api/v1/requests/own", headers=head),
        ]
        return [answer.status_code for answer in answers]

    assert tried() == [401] * 5 + [200]
    end_seat(inside.roll, "east", clerk.number, lead)
    assert set(tried()) <= {401, 429}  # other tests send wrong tokens from here too


def test_a_seat_makes_its_own_token_on_its_page(inside: House) -> None:
    """Once confirmed and signed in by a passkey: shown once, it acts as that seat until it is ended; the log says whose hand."""
    inside.client.app.state.application.wrong_tokens = WrongTokens()  # other tests send wrong ones from here too
    visitor, _ = joined(inside)
    assert visitor.get("/en/desk/tokens").status_code == 403
    lead = seated(inside.roll, "east", "operator-lead")
    with inside.roll.database.own() as connection:
        (number,) = connection.execute("select max(seat) from person where label = 'Invited'").fetchone() or (0,)
    confirm_seat(inside.roll, "east", number, lead)
    made = visitor.post("/en/desk/tokens", {"label": "office"})
    token = re.search(r"openroll_[A-Za-z0-9_-]{20,}", made.text)
    assert token, made.text[:3000]
    assert "A seat made a token for itself" in visitor.get("/en/log").text
    again = visitor.get("/en/desk/tokens").text
    assert ("office" in again, token[0] in again) == (True, False)

    def lets_in() -> int:
        head = {"authorization": f"Bearer {token[0]}"}
        return inside.visitor().ask("GET", "/api/v1/requests/own", headers=head).status_code

    assert lets_in() == 200
    ends = re.search(r"desk/tokens/(\d+)/end", again)
    assert ends
    other = inside.sitting("west/clerk")
    assert other.post(f"/en/desk/tokens/{ends[1]}/end").status_code in (403, 404)
    refused = other.post("/en/desk/tokens", {"label": "office"})
    assert (refused.status_code, "signing in by a passkey" in refused.text) == (403, True)
    assert visitor.post(f"/en/desk/tokens/{ends[1]}/end").status_code == 303
    assert lets_in() == 401
    issue_token(inside.roll, "east", "a machine", seat=lead.number)
    assert "A token of a seat was made by another hand" in visitor.get("/en/log").text
