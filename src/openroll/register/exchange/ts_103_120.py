"""A request as an HI1 message of ETSI TS 103 120: one authorisation, and one task for its one record, as they stand.

It is the response to a GET, the one message in which an object has its status beside the status that is wished. Who can open the
request's envelopes makes it, on a machine of their own: it names the record. What of the schema is confirmed, and what is not,
stands in docs/facts/exchange.md.
"""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import NAMESPACE_URL, uuid5
from xml.etree.ElementTree import Element, SubElement, indent, register_namespace, tostring

from openroll.register.exchange.states import ETSI, OURS, Entry, of_preservation, said, wished
from openroll.register.request.content import Answer, Ask
from openroll.register.request.record import ByAddress, ByCode, ByDomain, BySubscription, RecordSaid
from openroll.register.request.state import Request

CORE = "http://uri.etsi.org/03120/common/2019/10/Core"
COMMON = "http://uri.etsi.org/03120/common/2016/02/Common"
AUTH = "http://uri.etsi.org/03120/common/2020/09/Authorisation"
TASK = "http://uri.etsi.org/03120/common/2020/09/Task"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
VERSION = "V1.22.1"
NOBODYS = "XX"
"""ISO 3166-1 leaves `XX` to users: the owner of a national profile, as no country's is followed."""


_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What is no character of a document (XML 1.0, production 2)."""


class NoForm(ValueError):
    """Nothing of a request belongs into a form, or what should stand there cannot. The message is a sentence's end."""


class Exported(NamedTuple):
    """A request to be exported: what the log proves of it, and what its envelopes say to whoever exports it.

    `state` is its state as people read it; `made` the moment of the export, `country` two letters of ISO 3166-1.
    """

    origin: str
    request: Request
    state: str
    ask: Ask
    made: datetime
    answer: Answer | None
    country: str

    @property
    def address(self) -> str:
        """What its identifiers are made from: the same of every export of one request."""
        return f"https://{self.origin}/requests/{self.request.number}"

    def identifier(self, what: str) -> str:
        """A UUID (RFC 9562 version 5) of something of this request."""
        return str(uuid5(NAMESPACE_URL, f"{self.address}#{what}"))


def hi1_message(exported: Exported) -> bytes:
    """The message, as XML. Raises NoForm."""
    for prefix, name in (("", CORE), ("common", COMMON), ("auth", AUTH), ("task", TASK), ("xsi", XSI)):
        register_namespace(prefix, name)
    root = Element(f"{{{CORE}}}HI1Message")
    _header(root, exported)
    responses = _into(_into(_into(root, "Payload"), "ResponsePayload"), "ActionResponses")
    for at, fill in enumerate((_authorisation, _task)):
        response = _into(responses, "ActionResponse")
        _text(response, CORE, "ActionIdentifier", str(at))
        fill(_into(response, "GETResponse"), exported)
    return written(root)


def written(root: Element) -> bytes:
    """An element as a document. Raises NoForm for a text that no document can hold: other programs would read nothing of it."""
    for one in root.iter():
        for text in (one.text or "", *one.attrib.values()):
            if _NO_XML.search(text):
                raise NoForm("a text in it has a character that no XML can hold")
    indent(root)
    document: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return document + b"\n"


def instant(moment: datetime) -> str:
    """A moment as TS 103 280 writes a qualified one: to the microsecond, in UTC."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"


def _header(root: Element, exported: Exported) -> None:
    header = _into(root, "Header")
    # A response goes from who was asked to who asked.
    for name, who in (
        ("SenderIdentifier", exported.request.operator),
        ("ReceiverIdentifier", exported.request.authority),
    ):
        _endpoint(_into(header, name), who, exported)
    _text(header, CORE, "TransactionIdentifier", exported.identifier("transaction"))
    _text(header, CORE, "Timestamp", instant(exported.made))
    version = _into(header, "Version")
    _text(version, CORE, "ETSIVersion", VERSION)
    _text(version, CORE, "NationalProfileOwner", NOBODYS)
    _text(version, CORE, "NationalProfileVersion", "v1.0")


def _endpoint(parent: Element, organisation: str, exported: Exported) -> None:
    _text(parent, CORE, "CountryCode", exported.country)
    _text(parent, CORE, "UniqueIdentifier", organisation)


def _object(parent: Element, exported: Exported, kind: str, what: str, associated: Iterable[str] = ()) -> Element:
    made = SubElement(parent, f"{{{CORE}}}HI1Object", {f"{{{XSI}}}type": kind})
    _text(made, CORE, "ObjectIdentifier", exported.identifier(what))
    _text(made, CORE, "CountryCode", exported.country)
    _text(made, CORE, "OwnerIdentifier", exported.request.authority)
    _text(made, CORE, "ExternalIdentifier", f"{exported.origin} {exported.request.number}")
    others = list(associated)
    if others:
        listed = _into(made, "AssociatedObjects")
        for other in others:
            _text(listed, CORE, "AssociatedObject", exported.identifier(other))
    return made


def _authorisation(parent: Element, exported: Exported) -> None:
    request = exported.request
    made = _object(parent, exported, "auth:AuthorisationObject", "authorisation")
    state, wish = said(exported.state, request.outcome), wished(request.desired)
    _text(made, AUTH, "AuthorisationReference", exported.ask.case)
    _entry(made, AUTH, "AuthorisationStatus", state.authorisation)
    _entry(made, AUTH, "AuthorisationDesiredStatus", wish[0])
    span = SubElement(made, f"{{{AUTH}}}AuthorisationTimespan")
    _text(span, AUTH, "StartTime", instant(request.filed))
    if request.standing.due is not None:
        _text(span, AUTH, "EndTime", instant(request.standing.due))
    provider = SubElement(SubElement(made, f"{{{AUTH}}}AuthorisationCSPID"), f"{{{AUTH}}}CSPID")
    _endpoint(provider, request.operator, exported)
    if request.approved_at is not None:
        _approval(made, request)
    flags = SubElement(made, f"{{{AUTH}}}AuthorisationFlags")
    urgent = [Entry(ETSI, "AuthorisationFlag", "IsEmergency")] if request.urgency == "emergency" else []
    for entry in (*urgent, *state.exact, wish[2]):
        _entry(flags, AUTH, "AuthorisationFlag", entry)
    _text(made, AUTH, "AuthorisationManualInformation", f"{exported.ask.basis}\n\n{exported.ask.grounds}")


def _approval(made: Element, request: Request) -> None:
    details = SubElement(made, f"{{{AUTH}}}AuthorisationApprovalDetails")
    _text(details, COMMON, "ApprovalType", "ValidatingAuthority")
    approver = SubElement(details, f"{{{COMMON}}}ApproverDetails")
    _text(approver, COMMON, "ApproverName", request.reviewer)
    _text(approver, COMMON, "ApproverRole", "reviewer")
    assert request.approved_at is not None  # noqa: S101 - asked before
    _text(details, COMMON, "ApprovalTimestamp", instant(request.approved_at))


def _task(parent: Element, exported: Exported) -> None:
    request = exported.request
    preserves, status = request.desired == "preserve", said(exported.state, request.outcome).task
    made = _object(parent, exported, f"task:{'LP' if preserves else 'LD'}TaskObject", "task", ["authorisation"])
    _text(made, TASK, "Reference", f"{exported.origin}-{request.number}")
    _entry(made, TASK, "Status", of_preservation(status) if preserves else status)
    _entry(made, TASK, "DesiredStatus", wished(request.desired)[1])
    details = SubElement(made, f"{{{TASK}}}RequestDetails")
    record = exported.ask.record
    identifying = "UserIdentifyingData" if isinstance(record, ByAddress) else "SubscriberData"
    _entry(details, TASK, "Type", Entry(ETSI, "RequestType", identifying))
    if isinstance(record, ByAddress):
        _text(details, TASK, "ObservedTime", instant(record.moment))
    values = SubElement(details, f"{{{TASK}}}RequestValues")
    for owner, name, value in record_values(record):
        one = SubElement(values, f"{{{TASK}}}RequestValue")
        form = SubElement(one, f"{{{TASK}}}FormatType")
        _text(form, TASK, "FormatOwner", owner)
        _text(form, TASK, "FormatName", name)
        _text(one, TASK, "Value", value)
    asked = SubElement(details, f"{{{TASK}}}Subtype")
    for field in request.fields:
        _entry(asked, TASK, "RequestSubtype", Entry(OURS, "Field", field))
    place = SubElement(SubElement(made, f"{{{TASK}}}DeliveryDetails"), f"{{{TASK}}}LDDeliveryDestination")
    address = SubElement(SubElement(place, f"{{{TASK}}}DeliveryAddress"), f"{{{TASK}}}EndpointID")
    _endpoint(address, request.authority, exported)


def record_values(record: RecordSaid) -> tuple[Entry, ...]:
    """What identifies the one record: whose format, its name, and the value."""
    match record:
        case BySubscription():
            return (Entry(OURS, "SubscriptionNumber", record.number),)
        case ByCode():
            return (Entry(OURS, "FilingCode", record.code),)
        case ByDomain():
            return (Entry(OURS, "DomainName", record.domain),)
        case ByAddress():
            form = "IPv6Address" if ":" in record.address else "IPv4Address"
            return (Entry(ETSI, form, record.address), Entry(OURS, "Port", str(record.port)))


def _entry(parent: Element, space: str, name: str, entry: Entry) -> None:
    made = SubElement(parent, f"{{{space}}}{name}")
    for part, value in zip(("Owner", "Name", "Value"), entry, strict=True):
        _text(made, COMMON, part, value)


def _into(parent: Element, name: str) -> Element:
    return SubElement(parent, f"{{{CORE}}}{name}")


def _text(parent: Element, space: str, name: str, value: str) -> None:
    SubElement(parent, f"{{{space}}}{name}").text = value
