"""Kinds that a rule declares file like any other, and are called as the jurisdiction calls them wherever they stand."""

import msgspec
from litestar.testing import TestClient

from openroll import places
from openroll.compose.server import application
from openroll.places.model import Choice
from openroll.register.subscription.terms import terms_of
from openroll.rules import DeclaredKind
from openroll.service.identity.api_tokens import issue_token
from openroll.service.roll import Roll
from tests.api.test_api import row
from tests.service.test_changed_fields import changed

VISITOR = DeclaredKind("visitor", {"en": "A foreign visitor", "zh": "境外来客"}, "person")
METER = DeclaredKind("meter", {"en": "A meter", "zh": "电表"}, "machine")
SELLER = DeclaredKind("seller", {"en": "A seller", "zh": "代销点"}, "operator")


def test_a_declared_kind_files_and_is_called_by_its_name(roll: Roll) -> None:
    """In the form, the API, the duties of the rule's page and the figures; the jurisdiction's name goes before the rule's."""
    rule = roll.rule
    covers = (*rule.covers, "visitor", "meter", "seller")
    more = msgspec.structs.replace(rule, version=rule.version + 1, kinds=(VISITOR, METER, SELLER), covers=covers)
    there = roll.place.jurisdiction
    named = msgspec.structs.replace(
        there, kinds=(*there.kinds, Choice("visitor", {"en": "A tourist", "zh": "外国游客"}))
    )
    changed(roll, more, msgspec.structs.replace(roll.place, jurisdiction=named))
    assert [one.id for one in places.subscriber_kinds(more, roll.place)][-2:] == ["visitor", "meter"]
    with TestClient(application(roll)) as client:
        headers = {"authorization": f"Bearer {issue_token(roll, 'east', 'test')}"}
        for account, kind in (("a", "visitor"), ("b", "meter"), ("c", "seller")):
            sent = client.post(
                "/api/v1/filings", json=row(account, kind=kind), headers=headers | {"idempotency-key": kind}
            )
            assert sent.status_code == (422 if kind == "seller" else 201), sent.text
        told = {one["id"]: one["title"]["en"] for one in client.get("/api/v1/rule").json()["kinds"]}
        assert (told["visitor"], told["meter"], "seller" in told) == ("A tourist", "A meter", False)
        form, chinese = client.get("/en/file").text, client.get("/zh/file").text
        assert ("A tourist" in form, "A meter" in form, "A seller" in form) == (True, True, False)
        assert ("外国游客" in chinese, "电表" in chinese) == (True, True)
        assert "A foreign visitor" not in form


def test_a_kind_that_is_no_more_keeps_its_name(roll: Roll) -> None:
    """Records and figures of a kind that the next rule does not know are still called by its name, and nobody files new ones."""
    rule = roll.rule
    more = msgspec.structs.replace(rule, version=rule.version + 1, kinds=(METER,), covers=(*rule.covers, "meter"))
    changed(roll, more)
    changed(roll, msgspec.structs.replace(rule, version=rule.version + 2))
    assert "meter" not in terms_of(roll.rule, roll.place, roll.day(roll.clock())).kinds
    assert "meter" in roll.setting(roll.day(roll.clock())).terms.earlier.kinds
    with TestClient(application(roll)) as client:
        assert client.app.state.application.kind("meter", "en") == "A meter"
