"""Pages and programs by which subscriptions change their operator, and operators are succeeded: from beginning to end."""

import re
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from openroll.register.organisation.commands import AdmitOperator
from openroll.service import queries
from openroll.service.governance.open_roll import admit_operator
from openroll.service.identity.sessions import NOBODY
from openroll.service.log import receipts
from openroll.service.log.sequencer import Sequencer
from openroll.service.queries import Record
from openroll.web.forms import Form
from openroll.web.pages import render
from tests.handles import handle
from tests.service.filings import filing
from tests.web.house import House, house


@pytest.fixture(scope="module")
def inside(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house of its own: operators come to an end here."""
    with house(database_url, tmp_path_factory.mktemp("lives"), "lives") as found:
        yield found


def _two_operators(inside: House, *names: str) -> None:
    for name in names:
        admit_operator(
            inside.roll, AdmitOperator(operator=name, kind="access-operator", title={"zh": name, "en": name.title()})
        )


def _filed(inside: House, operator: str, account: str) -> None:
    row = {"handle": handle(account), "kind": "household", "access": "adsl", "district": "500103"}
    row |= {"connected": "2006-11-01", "digests": list(filing(operator, account).digests)}  # type: ignore[dict-item]
    headers = {"authorization": f"Bearer {inside.token(operator)}", "idempotency-key": account}
    assert inside.visitor().ask("POST", "/api/v1/filings", json=row, headers=headers).status_code == 201


def test_a_subscription_goes_over_by_program_and_by_page(inside: House) -> None:
    """One operator's program offers, the other's clerk agrees on the page; then back by page, with the code."""
    _two_operators(inside, "norte", "sur")
    _filed(inside, "norte", "n-1")
    headers = {"authorization": f"Bearer {inside.token('norte')}"}

    def step(**given: str) -> tuple[int, dict[str, str]]:
        answer = inside.visitor().ask("POST", "/api/v1/porting", json=given, headers=headers)
        return answer.status_code, answer.json()

    assert step(step="offer", handle=handle("none"), to="sur")[0] == 404
    assert step(step="offer", handle=handle("n-1"), to="sur") == (200, {"step": "offer", "version": 2})
    again = step(step="offer", handle=handle("n-1"), to="sur")
    assert (again[0], again[1]["code"]) == (409, "port-offered-already")
    listed = inside.visitor().ask("GET", "/api/v1/porting", headers=headers).json()
    assert [(one["losing"], one["gaining"], one["mine"]) for one in listed] == [("norte", "sur", True)]
    clerk = inside.sitting("sur/clerk")
    reference = listed[0]["reference"]
    assert reference in clerk.get("/en/operator/porting").text
    wrong = clerk.post("/en/operator/porting", {"step": "agree", "reference": reference, "handle": "mine"})
    assert wrong.status_code == 422
    assert "This is no handle" in wrong.text
    agreed = clerk.post("/en/operator/porting", {"step": "agree", "reference": reference, "handle": handle("s-1")})
    assert agreed.headers["location"].endswith("?done=port-agree")
    shown = clerk.post("/en/operator/records", {"sought": handle("s-1")})
    assert "Went to another operator" in shown.text
    Sequencer(inside.roll).run_until_empty()
    receipt = {"sought": handle("s-1"), "version": "1"}
    assert f'value="{receipt["sought"]}"' in shown.text, "each fact's receipt is asked for from here"
    given = clerk.post("/en/operator/records/receipts", receipt)
    assert given.headers["content-disposition"].endswith('filename="receipt-1-filed.tlog-proof"')
    assert receipts.proved(inside.roll, given.content).entry.kind == "subscription.filed/1"
    assert [
        clerk.post("/en/operator/records/receipts", receipt | {"version": one}).status_code for one in ("9", "x")
    ] == [404] * 2
    keeper, looked = inside.sitting("registrar/registrar"), {"sought": handle("s-1"), "operator": "sur"}
    assert "/en/registrar/records/receipts" in keeper.post("/en/registrar/records", looked).text
    proof = keeper.post("/en/registrar/records/receipts", looked | {"version": "1"}).content
    assert receipts.proved(inside.roll, proof).entry.kind == "subscription.filed/1"
    assert (
        keeper.post("/en/registrar/records/receipts", looked | {"operator": "norte", "version": "1"}).status_code == 404
    )
    assert re.search(r"sur since [^;]+; norte from ", shown.text.lower())
    record = queries.by_handle(inside.roll, "sur", handle("s-1"))
    assert isinstance(record, Record)
    assert [one.name for one in record.history].count("record.seen/1") == 2, "a receipt is a look that is on record"
    back = inside.sitting("norte/clerk")
    assert [
        back.post("/en/operator/records/receipts", receipt | {"sought": handle(one)}).status_code
        for one in ("s-1", "n-1")
    ] == [404, 404]
    asked = back.post("/en/operator/porting", {"step": "ask", "code": record.code, "own": handle("n-2")})
    assert asked.status_code == 303
    kept = clerk.post("/en/operator/porting", {"step": "withdraw", "reference": reference, "why": "not agreed"})
    assert kept.status_code == 303
    public = inside.visitor().ask("POST", "/api/v1/record", json={"code": record.code}).json()
    assert [one["operator"] for one in public["operators"]] == ["norte", "sur"]


def test_an_operator_merges_into_another_and_is_signed_out(inside: House) -> None:
    """Its lead asks to be succeeded, the other's agrees; sessions and tokens of the one end, and its records go on."""
    _two_operators(inside, "este", "oeste")
    _filed(inside, "este", "e-1")
    token = inside.token("este")
    lead, other = inside.sitting("este/operator-lead"), inside.sitting("oeste/operator-lead")
    assert "still answer for: 1" in lead.get("/en/operator/succession").text
    asked = other.post("/en/operator/succession", {"step": "ask", "other": "este"})
    assert asked.status_code == 303
    own = other.post("/en/operator/succession", {"step": "agree", "operator": "este", "heir": "oeste"})
    assert own.status_code == 403
    agreed = lead.post("/en/operator/succession", {"step": "agree", "operator": "este", "heir": "oeste"})
    assert agreed.headers["location"] == "/en?done=succession-agree"
    assert lead.get("/en/operator").status_code in (302, 303)
    headers = {"authorization": f"Bearer {token}"}
    assert inside.visitor().ask("GET", f"/api/v1/filings/{handle('e-1')}", headers=headers).status_code == 401
    shown = other.post("/en/operator/records", {"sought": handle("e-1")}).text
    assert "oeste since" in shown.lower()
    board = inside.sitting("registrar/registrar").get("/en/registrar/succession").text
    assert "succeeded by oeste on" in board.lower()
    assert "Este" not in inside.visitor().get("/en/file").text
    left = other.post("/en/operator/succession", {"step": "leave"})
    assert left.status_code == 409
    assert "still answers for: 1" in left.text


def test_each_side_of_a_succession_is_told_what_it_means_for_it(inside: House) -> None:
    """Who agrees to succeed another answers for all of it from then on, and is told so; not that the other does."""
    _two_operators(inside, "alto", "bajo")
    inside.sitting("alto/operator-lead").post("/en/operator/succession", {"step": "offer", "heir": "bajo"})
    heir = inside.sitting("bajo/operator-lead")
    agreed = heir.post("/en/operator/succession", {"step": "agree", "operator": "alto", "heir": "bajo"})
    assert agreed.headers["location"] == "/en/operator/succession?done=succession-heir"
    assert "you answer for everything of that operator now" in heir.get(agreed.headers["location"]).text


def test_who_is_alone_in_the_roll_is_shown_no_form_of_succession(inside: House) -> None:
    """Where there is no other operator, the pages say so in place of lists with nothing to choose."""
    application = inside.client.app.state.application
    given: dict[str, Any] = {"form": Form(), "offers": [], "living": 1, "operators": []}
    own = render("succession-own.html", application, "en", "", others=[], **given)
    assert "There is no other operator in the roll" in own
    assert "<select" not in own
    lead = msgspec.structs.replace(NOBODY, roles=frozenset({"registrar-lead"}))
    registrars = render(
        "succession.html", application, "en", "", who=lead, there=[{"value": "a", "text": "A"}], **given
    )
    assert "It takes two operators in the roll" in registrars
    assert 'name="heir"' not in registrars
