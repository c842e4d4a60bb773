"""Porting: a subscription goes from one operator to another, once both have said so, and its record goes along.

The operator that answers for it offers it, or another one asks for it with the filing code that its subscriber gave it; the
other of the two agrees, in time. There is never a moment in which nobody answers for the record, or two do.
"""

from datetime import date

from openroll.register.command import Actor
from openroll.register.decision import Accepted, Decision, Refused
from openroll.register.event import Event
from openroll.register.free_text import reason_refusal
from openroll.register.organisation.refusals import NotAllowed, OperatorUnknown
from openroll.register.refusal import Refusal
from openroll.register.subscription.commands import AgreePort, AskPort, OfferPort, WithdrawPort
from openroll.register.subscription.decide import Setting, Subscription
from openroll.register.subscription.events import PortOffered, PortWithdrawn, SubscriptionPorted
from openroll.register.subscription.handle import is_handle
from openroll.register.subscription.refusals import (
    HandleChanged,
    HandleForm,
    HandleLeft,
    HandleTaken,
    HeldByPasskey,
    NothingAsked,
    PortNotOffered,
    PortOfferedAlready,
    PortOwnOffer,
    PortUnconfirmed,
    RecordEnded,
    ReleaseAskedAlready,
    SubscriptionUnknown,
)
from openroll.register.subscription.terms import Terms
from openroll.rules import waits_until

Command = OfferPort | AskPort | AgreePort | WithdrawPort


def port(command: Command, state: Subscription | None, actor: Actor, setting: Setting) -> Decision:
    """Decide on a step by which a subscription goes to another operator. `state` is None where there is no such record."""
    refusal = _refusal(command, state, actor, setting.terms)
    if refusal is not None or state is None:
        return Refused(refusal or SubscriptionUnknown(sought=""), setting.rule)
    return Accepted((_event(command, state, actor, setting),))


def offered_until(terms: Terms) -> date:
    """The last day on which what is offered today may be agreed: the rule's time for an operator's word, or the roll's."""
    return waits_until(terms.retention, terms.latest, terms.unconfirmed_days)


def _refusal(command: Command, state: Subscription | None, actor: Actor, terms: Terms) -> Refusal | None:
    if actor.role != "operator":
        return NotAllowed(role=actor.role, act="port")
    if state is None:
        return SubscriptionUnknown(sought="")
    if isinstance(command, OfferPort | AskPort):
        return _begin_refusal(command, state, actor, terms)
    offer = state.port
    if offer is None or offer.until < terms.latest:
        party = actor.organisation == state.operator or (offer is not None and actor.organisation == offer.gaining)
        return PortNotOffered() if party else SubscriptionUnknown(sought="")
    if actor.organisation not in (state.operator, offer.gaining):
        return SubscriptionUnknown(sought="")
    if isinstance(command, WithdrawPort):
        return reason_refusal(command.why, optional=True)
    return _agree_refusal(command, state, actor)


def _begin_refusal(command: OfferPort | AskPort, state: Subscription, actor: Actor, terms: Terms) -> Refusal | None:
    own = actor.organisation == state.operator
    if isinstance(command, OfferPort):
        if not own:
            return SubscriptionUnknown(sought="")
        if command.to == state.operator:
            return NothingAsked()
        if not command.known:
            return OperatorUnknown(operator=command.to)
    elif own:
        return NothingAsked()
    elif state.held:
        return HeldByPasskey()  # whoever has the code alone may not open it, and so not give it away either
    if state.port is not None and terms.latest <= state.port.until:
        return PortOfferedAlready(until=state.port.until)
    if (refusal := _record_refusal(state)) is not None:
        return refusal
    return _handle_refusal(command, command.handle) if isinstance(command, AskPort) else None


def _record_refusal(state: Subscription) -> Refusal | None:
    """Why no record in this state goes to another operator, if so."""
    if state.ended is not None:
        return RecordEnded(ended=state.ended)
    if state.waits:
        return PortUnconfirmed()
    return None if state.release is None else ReleaseAskedAlready(until=state.release.until)


def _agree_refusal(command: AgreePort, state: Subscription, actor: Actor) -> Refusal | None:
    offer = state.port
    if offer is None or (actor.organisation == offer.gaining) == offer.asked:
        return PortOwnOffer()
    if command.gone:
        return PortNotOffered()  # what somebody offers ends with their seat
    if offer.asked and state.held:
        return HeldByPasskey()  # made since: what the bare code asked for would go past the word of who holds it now
    if (refusal := _record_refusal(state)) is not None:
        return refusal
    if not command.known:
        return OperatorUnknown(operator=offer.gaining)
    return _handle_refusal(command, offer.handle if offer.asked else command.handle)


def _handle_refusal(command: AskPort | AgreePort, handle: str) -> Refusal | None:
    """Why a handle will not do under which the gaining operator is to have the record."""
    if not is_handle(handle):
        return HandleForm()
    if command.left is not None:
        return (HandleChanged if command.changed else HandleLeft)(handle=handle, on=command.left)
    return HandleTaken(handle=handle) if command.taken else None


def _event(command: Command, state: Subscription, actor: Actor, setting: Setting) -> Event:
    by, rule, clerk = actor.role, setting.rule, command.clerk
    until = offered_until(setting.terms)
    offer = state.port
    match command:
        case OfferPort():
            return PortOffered(gaining=command.to, asked=False, until=until, clerk=clerk, by=by, rule=rule)
        case AskPort():
            gaining, handle = actor.organisation, command.handle
            return PortOffered(gaining=gaining, asked=True, until=until, handle=handle, clerk=clerk, by=by, rule=rule)
        case WithdrawPort():
            why = command.why.strip()
            return PortWithdrawn(operator=actor.organisation, why=why, clerk=clerk, by=by, rule=rule)
        case AgreePort():
            gaining, handle = ("", "") if offer is None else (offer.gaining, offer.handle or command.handle)
            return SubscriptionPorted(
                losing=state.operator, gaining=gaining, handle=handle, clerk=clerk, by=by, rule=rule
            )
