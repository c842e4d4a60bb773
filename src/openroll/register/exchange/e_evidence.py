"""A request as forms of Regulation (EU) 2023/1543 have it: Form 1 (EPOC, Annex I) and Form 3 (non-execution, Annex III).

One record a form. Elements stand in the Commission's namespaces where their names are confirmed, all others and the root in ours
(`OPENROLL`): it is what a form is filled in with, not a document of the decentralised system, which its own programs make.
What is confirmed stands in docs/facts/exchange.md.
"""

from collections.abc import Mapping
from xml.etree.ElementTree import Element, SubElement, register_namespace

from openroll.register.exchange.states import REASONS
from openroll.register.exchange.ts_103_120 import Exported, NoForm, instant, record_values, written
from openroll.register.request.content import answer_fault
from openroll.register.request.record import ByAddress
from openroll.register.request.words import NOT_GIVING

EPOC = "http://data.europa.eu/edm/1/ns/epoc"
EIO = "http://data.europa.eu/edm/1/ns/eio"
FORM_1 = "http://data.europa.eu/edm/1/ns/forms/EPOC-FORM_1#"
FORM_3 = "http://data.europa.eu/edm/1/ns/forms/EPOC-FORM-3#"
OPENROLL = "urn:openroll:e-evidence:1"
_PREFIXES = {"epoc": EPOC, "eio": EIO, "form1": FORM_1, "form3": FORM_3, "openroll": OPENROLL}


def form_1(exported: Exported) -> bytes:
    """What an EPOC is filled in with: who issues and validates, whom it is addressed to, about which one record, which data.

    Raises NoForm for what asks to preserve: that is Form 2.
    """
    request = exported.request
    if request.desired == "preserve":
        raise NoForm("it asks to preserve, which is Form 2 (EPOC-PR); Form 1 is for a production")
    root = _root(exported, "1")
    addressed = _in(_in(root, FORM_1, "SectionB"), EPOC, "Addressee")
    _technical(
        _in(addressed, EPOC, "ServiceProviderConcerned"), EPOC, "TechnicalIdentifier", request.operator, exported
    )
    _technical(addressed, EIO, "AuthorityTechnicalIdentifier", request.authority, exported)
    emergency = request.urgency == "emergency"
    _say(root.find(f"{{{FORM_1}}}SectionB"), EPOC, "EmergencyCase", "true" if emergency else "false")
    deadline = _in(root, FORM_1, "DataProductionInRelationToDeadline")
    _say(deadline, OPENROLL, "Within", "PT8H" if emergency else "P10D")
    if request.standing.due is not None:
        _say(deadline, OPENROLL, "StepEnds", instant(request.standing.due))
    _evidence(_in(root, FORM_1, "SectionEToF"), exported)
    issuing = _in(_in(root, EPOC, "IssuingAndContactAuthority"), EPOC, "IssuingAuthority")
    _say(issuing, EIO, "NameOfAuthority", request.authority)
    _say(issuing, EIO, "PostHeld", exported.ask.officer)
    _say(issuing, EIO, "FileReference", exported.ask.case)
    _say(_in(root, OPENROLL, "LegalBasis"), OPENROLL, "Basis", exported.ask.basis)
    _say(root, OPENROLL, "Grounds", exported.ask.grounds)
    if request.postponed is not None:
        _say(
            _in(_in(root, FORM_1, "SectionH"), FORM_1, "DelayConditions"), OPENROLL, "Until", instant(request.postponed)
        )
    if request.approved_at is not None:
        section = _in(root, FORM_1, "SectionJ")
        _say(_in(section, EPOC, "Details"), EIO, "NameOfAuthority", request.reviewer)
        _say(_in(section, EPOC, "Signature"), EPOC, "Date", f"{request.approved_at:%Y-%m-%d}")
    return written(root)


def _evidence(section: Element, exported: Exported) -> None:
    """Sections E and F: the one record, and the categories of data."""
    record = exported.ask.record
    evidence = _in(section, EPOC, "Evidence")
    identifier = _in(evidence, EPOC, "Identifier")
    _say(identifier, EPOC, "Id", exported.identifier("task"))
    first, *others = record_values(record)
    _say(identifier, EPOC, "Type", first.name)
    _say(identifier, EPOC, "Value", first.value)
    for other in others:
        _say(identifier, OPENROLL, other.name, other.value)
    if isinstance(record, ByAddress):
        span = _in(identifier, EPOC, "DateTimeRange")
        for end in ("Start", "End"):
            _say(span, EPOC, end, instant(record.moment))
    of_user = isinstance(record, ByAddress)
    category = _in(_in(evidence, EPOC, "DataCategories"), EPOC, "UserIdentification" if of_user else "Subscriber")
    for field in exported.request.fields:
        _say(category, EPOC, "Option", field)


def form_3(exported: Exported) -> bytes:
    """What the information of a non-execution is filled in with, of the whole request or of the fields that were withheld.

    Raises NoForm where the operator gave all of it, or has not answered, or answered with reasons that are none.
    """
    request = exported.request
    reasons = _reasons(exported)
    if not reasons:
        raise NoForm("the operator has not said that anything is not executed: Form 3 has nothing to say")
    root = _root(exported, "3")
    certificate = _in(root, OPENROLL, "SectionA")
    _say(certificate, OPENROLL, "Certificate", "EPOC-PR" if request.desired == "preserve" else "EPOC")
    authorities = _in(root, OPENROLL, "SectionB")
    _say(authorities, OPENROLL, "IssuingAuthority", request.authority)
    _say(authorities, OPENROLL, "IssuingFileNumber", exported.ask.case)
    _say(authorities, OPENROLL, "ValidatingAuthority", request.reviewer)
    if request.objector:
        _say(authorities, OPENROLL, "EnforcingAuthority", request.objector)
    _say(authorities, OPENROLL, "DateOfIssue", f"{request.filed:%Y-%m-%d}")
    _say(_in(root, OPENROLL, "SectionC"), OPENROLL, "Addressee", request.operator)
    whole = _in(_in(root, FORM_3, "SectionD"), FORM_3, "NonExecutionReason")
    _say(whole, FORM_3, "IdentifierId", exported.identifier("task"))
    listed = _in(whole, FORM_3, "Reasons")
    for field, code in sorted(reasons.items()):
        _reason(listed, field, code)
    if "conflict-of-law" in reasons.values():
        # Section E asks for the law and why it conflicts: words that no code has, and the addressee's to write.
        _in(root, FORM_3, "SectionE")
    if "unclear" in reasons.values():
        _in(root, FORM_3, "SectionF")
    kept = _in(_in(root, FORM_3, "SectionG"), FORM_3, "PreservationOfData")
    _say(kept, FORM_3, "IdentifierId", exported.identifier("task"))
    _say(kept, OPENROLL, "Preserved", "true" if request.held else "false")
    signs = _in(root, FORM_3, "SectionH")
    _technical(signs, EIO, "AuthorityTechnicalIdentifier", request.operator, exported)
    return written(root)


def _reason(parent: Element, field: str, code: str) -> None:
    entry = REASONS[code]
    reason = _in(parent, OPENROLL, "Reason")
    reason.set("owner", entry.owner)
    if field:
        reason.set("field", field)
    reason.text = entry.value


def _reasons(exported: Exported) -> Mapping[str, str]:
    """Why something is not executed, by field; by no field where it is all of it."""
    outcome, answer = exported.request.outcome, exported.answer
    if outcome in NOT_GIVING:
        return {"": outcome}
    if answer is None:
        return {}
    if fault := answer_fault(answer, exported.request.approved or ()):
        raise NoForm(
            f"the operator's answer contradicts itself ({fault}), so what it says of why is nobody's to pass on"
        )
    return dict(answer.withheld)


def _root(exported: Exported, number: str) -> Element:
    for prefix, name in _PREFIXES.items():
        register_namespace(prefix, name)
    root = Element(f"{{{OPENROLL}}}Form", {"number": number, "regulation": "2023/1543"})
    _say(root, OPENROLL, "Request", exported.address)
    _say(root, OPENROLL, "Made", instant(exported.made))
    return root


def _technical(parent: Element, space: str, name: str, organisation: str, exported: Exported) -> None:
    made = _in(parent, space, name)
    _say(made, EIO, "Country", exported.country)
    _say(made, EIO, "NationalId", organisation)


def _in(parent: Element, space: str, name: str) -> Element:
    return SubElement(parent, f"{{{space}}}{name}")


def _say(parent: Element | None, space: str, name: str, value: str) -> None:
    assert parent is not None  # noqa: S101 - a section that was made before
    SubElement(parent, f"{{{space}}}{name}").text = value
