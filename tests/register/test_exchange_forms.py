"""A request as TS 103 120 and e-Evidence have it: one record, its state twice, and what a form cannot say is not made up."""

from datetime import timedelta
from typing import Any
from xml.etree import ElementTree

import msgspec
import pytest
from tests.register.asked import NOW, in_step

from openroll.register.exchange.e_evidence import EIO, EPOC, FORM_1, FORM_3, OPENROLL, form_1, form_3
from openroll.register.exchange.states import Entry, meant, wish_of
from openroll.register.exchange.ts_103_120 import AUTH, COMMON, CORE, TASK, XSI, Exported, NoForm, hi1_message
from openroll.register.request.content import Answer, Ask
from openroll.register.request.record import ByAddress, ByCode, ByDomain, BySubscription, RecordSaid

SPACES = {
    "": CORE,
    "common": COMMON,
    "auth": AUTH,
    "task": TASK,
    "epoc": EPOC,
    "eio": EIO,
    "form1": FORM_1,
    "form3": FORM_3,
    "our": OPENROLL,
}
ADDRESS = ByAddress(address="192.0.2.1", at="2006-11-01T10:00:00", zone="+08:00", port=50123)


def exported(
    step: str, record: RecordSaid | None = None, answer: Answer | None = None, now: Any = NOW, **changed: Any
) -> Exported:
    """A request in a step, to be exported by somebody who opened it."""
    ask = Ask(
        record=record or BySubscription(number="A-1001"),
        grounds="Fraud <reported> & more",
        basis="order 7",
        case="K-7",
        salt="0" * 32,
        officer="inspector",
    )
    request = in_step(step, **changed)
    return Exported("roll.example/t", request, request.status(now), ask, NOW, answer, "CN")


def read(data: bytes) -> Any:
    """An exported document."""
    return ElementTree.fromstring(data)  # noqa: S314 - we made it


def texts(root: Any, path: str) -> list[str]:
    """The texts at a path, by the prefixes above."""
    return [one.text for one in root.iterfind(path, SPACES)]


def entries(root: Any, path: str) -> list[Entry]:
    """The dictionary entries at a path."""
    parts = ("common:Owner", "common:Name", "common:Value")
    return [Entry(*(one.findtext(part, None, SPACES) for part in parts)) for one in root.iterfind(path, SPACES)]


@pytest.mark.parametrize(
    ("step", "changed"),
    [
        ("under-review", {}),
        ("with-operator", {"approved": ("name",), "approved_at": NOW}),
        ("to-tell", {"outcome": "refused"}),
        ("to-tell", {"outcome": "given", "given": ("name",), "postponed": NOW + timedelta(days=3)}),
        ("closed", {"outcome": "withdrawn"}),
        ("kept", {"desired": "preserve", "held": True}),
        ("urgent", {"urgency": "emergency"}),
    ],
)
def test_a_state_survives_the_message(step: str, changed: dict[str, Any]) -> None:
    """From the XML alone come back state, outcome and wish; there is one authorisation, and one task that names it."""
    made = exported(step, **changed)
    root = read(hi1_message(made))
    objects = root.findall(".//HI1Object", SPACES)
    assert [one.get(f"{{{XSI}}}type").split(":")[0] for one in objects] == ["auth", "task"]
    assert texts(objects[1], "AssociatedObjects/AssociatedObject") == texts(objects[0], "ObjectIdentifier")
    paths = (".//auth:AuthorisationStatus", ".//task:Status", ".//auth:AuthorisationFlag")
    found = [one for path in paths for one in entries(root, path)]
    assert meant(found) == (made.state, made.request.outcome)
    (wish,) = entries(root, ".//task:DesiredStatus")
    assert wish_of(wish) == made.request.desired


@pytest.mark.parametrize(
    ("record", "values"),
    [
        (BySubscription(number="A-1001"), ["A-1001"]),
        (ByCode(code="1234567890123456"), ["1234567890123456"]),
        (ByDomain(domain="shop.example"), ["shop.example"]),
        (ADDRESS, ["192.0.2.1", "50123"]),
    ],
)
def test_a_message_is_about_one_record(record: RecordSaid, values: list[str]) -> None:
    """What identifies the one record, and for an address the second in UTC; hostile text stays text."""
    root = read(hi1_message(exported("under-review", record)))
    assert texts(root, ".//task:Value") == values
    assert texts(root, ".//task:ObservedTime") == (["2006-11-01T02:00:00.000000Z"] if record is ADDRESS else [])
    assert "Fraud <reported> & more" in texts(root, ".//auth:AuthorisationManualInformation")[0]
    assert texts(root, ".//auth:AuthorisationReference") == ["K-7"]


def test_members_stand_in_the_schema_s_order() -> None:
    """The order in which the schema has the members of an authorisation and of a task, as far as it is confirmed."""
    root = read(hi1_message(exported("with-operator", approved=("name",), approved_at=NOW)))
    authorisation, task = (
        [one.tag.rpartition("}")[2] for one in made] for made in root.findall(".//HI1Object", SPACES)
    )
    base = ["ObjectIdentifier", "CountryCode", "OwnerIdentifier", "ExternalIdentifier"]
    assert authorisation == [
        *base,
        "AuthorisationReference",
        "AuthorisationStatus",
        "AuthorisationDesiredStatus",
        "AuthorisationTimespan",
        "AuthorisationCSPID",
        "AuthorisationApprovalDetails",
        "AuthorisationFlags",
        "AuthorisationManualInformation",
    ]
    assert task == [
        *base,
        "AssociatedObjects",
        "Reference",
        "Status",
        "DesiredStatus",
        "RequestDetails",
        "DeliveryDetails",
    ]


def test_form_1_has_the_one_record_and_the_fields() -> None:
    """Who asks whom, in which case, about what and for which data; a preservation is another form."""
    root = read(form_1(exported("with-operator", ADDRESS, approved=("name",), approved_at=NOW, postponed=NOW)))
    assert texts(root, ".//epoc:Identifier/epoc:Value") == ["192.0.2.1"]
    assert texts(root, ".//epoc:UserIdentification/epoc:Option") == ["name", "address"]
    assert texts(root, ".//eio:FileReference") == ["K-7"]
    assert texts(root, "form1:SectionJ/epoc:Details/eio:NameOfAuthority") == ["court"]
    assert len(root.findall(".//epoc:Evidence", SPACES)) == 1
    assert texts(root, ".//our:Until") == ["2006-11-28T00:00:00.000000Z"]
    with pytest.raises(NoForm):
        form_1(exported("kept", desired="preserve"))


def test_form_3_says_why_and_of_what() -> None:
    """The whole by one reason, or fields by theirs; nothing where all was given or nothing answered."""
    root = read(form_3(exported("to-tell", outcome="conflict-of-law")))
    assert texts(root, ".//our:Reason") == ["ConflictOfLaw"]
    assert root.find("form3:SectionE", SPACES) is not None
    assert texts(root, "form3:SectionG/form3:PreservationOfData/form3:IdentifierId") == [
        exported("to-tell").identifier("task")
    ]
    partly = Answer(outcome="partly", disclosures=("d",), withheld={"address": "disproportionate"})
    root = read(form_3(exported("to-tell", answer=partly, outcome="partly", approved=("name", "address"))))
    (reason,) = root.findall(".//our:Reason", SPACES)
    assert (reason.text, reason.get("owner"), reason.get("field")) == ("Disproportionate", "Openroll", "address")
    for step, outcome in (("with-operator", ""), ("to-tell", "given"), ("to-tell", "refused")):
        with pytest.raises(NoForm):
            form_3(exported(step, outcome=outcome))


def test_one_request_has_the_same_identifiers_each_time() -> None:
    """Two exports of one request name the same objects; another request names others."""
    first, again = (exported("under-review") for _ in range(2))
    other = first._replace(request=msgspec.structs.replace(first.request, number=2))
    one, two, three = (texts(read(hi1_message(made)), ".//ObjectIdentifier") for made in (first, again, other))
    assert one == two
    assert not set(one) & set(three)


@pytest.mark.parametrize(
    "withheld", [{"name": "zzz"}, {"na\x00me": "not-held"}, {"name\ud800": "not-held"}, {"phone": "immunity"}]
)
def test_reasons_that_are_none_are_passed_on_in_no_form(withheld: dict[str, str]) -> None:
    """An operator's program may seal a reason of no list, or one for a field that nobody approved: no form says it, nor fails."""
    answer = Answer(outcome="partly", disclosures=("x",), withheld=withheld)
    with pytest.raises(NoForm, match="contradicts itself"):
        form_3(exported("to-tell", answer=answer, outcome="partly", approved=("name",)))


@pytest.mark.parametrize("form", [hi1_message, form_1, form_3])
def test_what_no_document_can_hold_makes_none(form: Any) -> None:
    """Whatever it comes from: another program would read nothing of such a file."""
    for odd in ("\x00", "\x1b", "\ud800", "\uffff"):
        with pytest.raises(NoForm, match="no XML"):
            form(exported("to-tell", outcome="not-held", operator=f"east{odd}"))
