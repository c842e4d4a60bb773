"""Who may ask for what, and by which keys one writes to whom: decided on the record of an organisation."""

from datetime import timedelta

from openroll.disclosure.envelope import KeyUnfit, public_line, published_of
from openroll.register.decision import Accepted, Decision, Refused
from openroll.register.free_text import names_somebody, reason_refusal
from openroll.register.official import Under, not_acting
from openroll.register.organisation.refusals import NotAllowed
from openroll.register.organisation.roles import REGISTRAR
from openroll.register.organisation.seats import Member
from openroll.register.refusal import Refusal
from openroll.register.refusals import TextNamesSomebody
from openroll.register.request.commands import EndKey, EndUse, PublishKey, RegisterUse
from openroll.register.request.events import KeyEnded, KeyPublished, UseEnded, UseRegistered
from openroll.register.request.refusals import (
    BeyondUse,
    EnvelopeKeyUnfit,
    KeyUnknown,
    OfficeUnfit,
    PurposeUnknown,
    RequestIncomplete,
    TooManyRegistered,
    UseUnknown,
)
from openroll.register.request.state import Keys, Registering, Use
from openroll.register.request.telephone import is_telephone

KEYED = frozenset({"authority", "reviewer", "operator"})
"""Kinds of organisation that envelopes are sealed to."""
LATELY = timedelta(days=30)
"""For how long what was published or registered counts, ended or not."""
MOST_KEYS = (16, 24)
"""Keys that one organisation has in force, and publishes within `LATELY`: everybody fetches them."""
MOST_USES = (100, 100)
"""Uses that one authority has in force, and registers within `LATELY`: a rule has some purposes, each on some bases."""


def _too_many(has: tuple[int, int], most: tuple[int, int]) -> TooManyRegistered | None:
    """Why an organisation that has so many in force, and so many lately, registers no more now."""
    full = any(now >= bound for now, bound in zip(has, most, strict=True))
    return TooManyRegistered(most=most[0], lately=most[1], days=LATELY.days) if full else None


def publish_key(command: PublishKey, state: Keys, by: Member, under: Under) -> Decision:
    """Publish a key of one's organisation, as its lead."""
    if (refused := not_acting(by, under)) is not None:
        return refused
    if not by.lead or state.kind not in KEYED:
        return Refused(NotAllowed(role=by.role, act="publishkey"), under.rule)
    try:
        key = published_of(command.public)
    except KeyUnfit as error:
        return Refused(EnvelopeKeyUnfit(why=str(error)), under.rule)
    if key.id in state.known:
        return Refused(EnvelopeKeyUnfit(), under.rule)
    if (refusal := _too_many(state.published, MOST_KEYS)) is not None:
        return Refused(refusal, under.rule)
    of = {"public": public_line(key).strip(), "by": str(by.seat), "rule": under.rule}
    return Accepted((KeyPublished(organisation=by.seat.organisation, key=key.id, **of),))


def end_key(command: EndKey, state: Keys, by: Member, under: Under) -> Decision:
    """End a key of one's organisation, as its lead."""
    if (refused := not_acting(by, under)) is not None:
        return refused
    if not by.lead:
        return Refused(NotAllowed(role=by.role, act="endkey"), under.rule)
    if command.key not in state.known:
        return Refused(KeyUnknown(key=command.key), under.rule)
    if (refusal := reason_refusal(command.why, optional=True)) is not None:
        return Refused(refusal, under.rule)
    why, organisation = command.why.strip(), by.seat.organisation
    return Accepted((KeyEnded(organisation=organisation, key=command.key, why=why, by=str(by.seat), rule=under.rule),))


def register_use(command: RegisterUse, state: Registering, by: Member, under: Under) -> Decision:
    """Register what one's authority may ask for, as its lead: within the rule's purposes and fields."""
    if (refused := not_acting(by, under)) is not None:
        return refused
    if not by.lead or state.kind != "authority":
        return Refused(NotAllowed(role=by.role, act="registeruse"), under.rule)
    if (refusal := _use_refusal(command, state) or _too_many(state.registered, MOST_USES)) is not None:
        return Refused(refusal, under.rule)
    registered = UseRegistered(
        organisation=by.seat.organisation,
        use=state.fresh,
        purpose=command.purpose,
        basis=command.basis.strip(),
        fields=tuple(dict.fromkeys(command.fields)),
        supervisor=command.supervisor.strip(),
        supervised_at=command.supervised_at.strip(),
        office=command.office.strip(),
        by=str(by.seat),
        rule=under.rule,
    )
    return Accepted((registered,))


_SAID = ("basis", "supervisor", "supervised_at", "office")


def _use_refusal(command: RegisterUse, state: Registering) -> Refusal | None:
    missing = [name for name in _SAID if not getattr(command, name).strip()]
    missing += [] if command.fields else ["fields"]
    if missing:
        return RequestIncomplete(missing=tuple(missing))
    if not is_telephone(command.office.strip()):
        return OfficeUnfit()  # emergencies are called back there
    if names_somebody(command.basis) or names_somebody(command.supervisor):
        return TextNamesSomebody()
    if not 0 <= command.purpose < state.purposes:
        return PurposeUnknown(purpose=command.purpose)
    beyond = tuple(name for name in command.fields if name not in state.fields)
    return BeyondUse(fields=beyond) if beyond else None


def end_use(command: EndUse, state: Use | None, by: Member, under: Under) -> Decision:
    """End a use: as a lead of the authority, or as the registrar's, who says why."""
    if (refused := not_acting(by, under)) is not None:
        return refused
    own = state is not None and by.seat.organisation == state.organisation
    if not by.lead or not (own or by.seat.organisation == REGISTRAR):
        return Refused(NotAllowed(role=by.role, act="enduse"), under.rule)
    if state is None or state.ended:
        return Refused(UseUnknown(use=command.use), under.rule)
    if (refusal := reason_refusal(command.why, optional=own)) is not None:
        return Refused(refusal, under.rule)
    of, why = state.organisation, command.why.strip()
    return Accepted((UseEnded(organisation=of, use=state.number, why=why, by=str(by.seat), rule=under.rule),))
