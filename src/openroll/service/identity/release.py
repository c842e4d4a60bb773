"""Letting a record go from a lost passkey: asked by one clerk, confirmed by another, refused by its holder with one press.

Each is one transaction: the seats are looked at, the record decides (`register.release`), and what its holder is to hear waits
for the post as soon as the asking is stored.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec
from psycopg import Connection

from openroll.register.command import Actor, Command
from openroll.register.decision import Refused
from openroll.register.event import Event
from openroll.register.events import event_of
from openroll.register.organisation.roles import Seat
from openroll.register.organisation.seats import of_one_chain
from openroll.register.subscription.commands import AskRelease, ChangeContact, RefuseRelease, Release, SecondRelease
from openroll.register.subscription.decide import Subscription, evolve
from openroll.register.subscription.events import ContactChanged, ReleaseAsked, SubscriptionPorted, SubscriptionReleased
from openroll.register.subscription.refusals import ReleaseNotAsked
from openroll.rules.language import in_language
from openroll.service.filing.projections import MAILS, answered
from openroll.service.filing.submit import Outcome, Submission, Taken, take
from openroll.service.identity.by_holder import by_holder
from openroll.service.identity.contact import contact_of, old_until, replace, told_of
from openroll.service.identity.seats import acting, is_gone, member, seat_of
from openroll.service.identity.sessions import too_old
from openroll.service.mail.message import checked_address
from openroll.service.mail.outbox import send_later
from openroll.service.queries import Record
from openroll.service.roll import Roll
from openroll.service.rollback_guard import new_numbers
from openroll.service.sealing import CannotOpen
from openroll.store import contacts, events, operators
from openroll.store.connect import assume
from openroll.store.numbers import RECORD


def ask(roll: Roll, by: Seat, number: int, why: str, key: str, link: str = "") -> Outcome:
    """Ask to let a record go; its holder is told, where they gave an address. `link` is where a passkey opens the record."""
    now = roll.clock()
    with roll.database.own() as connection:
        outcome = _taken(connection, roll, now, by, number, AskRelease(why=why, clerk=str(by)), key)
        if isinstance(outcome, Taken) and not outcome.repeated:
            tell_holder(connection, roll, number, ReleaseAsked, link, now)
    return outcome


def asking_of(record: Record) -> int:
    """What names the asking that stands on a record, for whoever acts on what they were shown: its version; 0 for none."""
    if record.state.release is None:
        return 0
    return max((one.version for one in record.history if one.name == ReleaseAsked.name), default=0)


def second(roll: Roll, by: Seat, number: int, key: str, asking: int | None = None) -> Outcome:
    """Confirm what another clerk of the operator asked: the `asking` that was looked at, where a page showed one."""
    now = roll.clock()
    with roll.database.own() as connection:
        state, stands = _state(connection, by.organisation, number)
        if state is None or state.release is None or asking not in (None, stands):
            return Refused(ReleaseNotAsked(), roll.rule_name)
        assume(connection, "application")
        if is_gone(connection, state.release.clerk):
            return Refused(ReleaseNotAsked(), roll.rule_name)
        first = seat_of(state.release.clerk)
        akin = first is None or of_one_chain(member(connection, first), member(connection, by))
        command = SecondRelease(clerk=str(by), first=state.release.clerk, akin=akin)
        return _taken(connection, roll, now, by, number, command, key)


def give_up(roll: Roll, by: Seat, number: int, key: str, asking: int | None = None) -> Outcome:
    """Give an asking up, the one that was looked at: the passkey goes on holding the record."""
    now = roll.clock()
    with roll.database.own() as connection:
        if not _stands(connection, by, number, asking):
            return Refused(ReleaseNotAsked(), roll.rule_name)
        return _taken(connection, roll, now, by, number, RefuseRelease(clerk=str(by)), key)


def release(roll: Roll, by: Seat, number: int, key: str, link: str = "", asking: int | None = None) -> Outcome:
    """Let the record go: its passkeys and sessions end in the same transaction, and a fresh code opens it."""
    now = roll.clock()
    with roll.database.own() as connection:
        if not _stands(connection, by, number, asking):
            return Refused(ReleaseNotAsked(), roll.rule_name)
        asked = getattr(_state(connection, by.organisation, number)[0], "release", None)
        assume(connection, "application")
        if asked is not None and any(is_gone(connection, one) for one in (asked.clerk, asked.second)):
            return Refused(ReleaseNotAsked(), roll.rule_name)  # what a clerk asked or confirmed ends with their seat
        told = told_of(connection, roll, number, now)
        code = new_numbers(roll, RECORD).start
        outcome = _taken(connection, roll, now, by, number, Release(clerk=str(by), code=code), key)
        if isinstance(outcome, Taken) and not outcome.repeated:
            assume(connection, "application")
            _mail(connection, roll, told, SubscriptionReleased, link, now)
    return outcome


def _taken(
    connection: Connection, roll: Roll, now: datetime, by: Seat, number: int, command: Command, key: str
) -> Outcome:
    refused = acting(connection, by)
    if refused is not None:
        return refused
    # A fresh number differs each time the same form is sent, so it is no part of what was asked.
    asked = msgspec.structs.replace(command, code=0) if isinstance(command, Release) else command
    request = hashlib.sha256(f"{type(command).__name__} {number} ".encode() + msgspec.json.encode(asked)).digest()
    actor = Actor("operator", by.organisation)
    submission = Submission(command=command, key=f"form-{key}", request=request, actor=actor, number=number)
    return take(connection, [submission], roll, now)[0]


def _stands(connection: Connection, by: Seat, number: int, asking: int | None) -> bool:
    """Whether an asking is the one that stands; any is for who was shown none."""
    if asking is None:
        return True
    stands = _state(connection, by.organisation, number)[1]
    assume(connection, "application")
    return asking == stands


def _state(connection: Connection, operator: str, number: int) -> tuple[Subscription | None, int]:
    """A record as its operator sees it, and the version of its newest asking."""
    assume(connection, "operator", organisation=operator)
    state: Subscription | None = None
    asked = 0
    heirs = operators.ask_heirs(connection)()
    for row in events.of_streams(connection, [number]):
        state = evolve(state, event_of(row.name, row.body), row.day)
        asked = row.version if row.name == ReleaseAsked.name else asked
    return answered(state, heirs), asked


def may_second(roll: Roll, by: Seat, record: Record) -> bool:
    """Whether a clerk may confirm what is asked of a record, as `second` decides it."""
    asked = record.state.release
    first = None if asked is None else seat_of(asked.clerk)
    if first is None or (asked is not None and asked.second):
        return False
    with roll.database.own() as connection:
        return not of_one_chain(member(connection, first), member(connection, by))


def keep_contact(
    roll: Roll, number: int, lang: str, address: str, begun: datetime | None, link: str = ""
) -> Refused | bool:
    """Keep where a record's holder wants to be told, in place of what was there (nothing, where it is empty).

    Only by who has signed in a moment ago (`begun`). A fact of the record, without the address; those who were told until now
    are told so, and go on being told for some days (`contact.old_until`). False: it is no address. Raises RollIsHeld.
    """
    roll.check_held()
    if (refused := too_old(roll, begun)) is not None:
        return refused
    text = address.strip()
    try:
        checked = checked_address(text) if text else ""
    except ValueError:
        return False
    now = roll.clock()
    with roll.database.own() as connection:
        if not checked and contacts.get(connection, number) is None:
            return True
        refused = by_holder(connection, roll, number, ChangeContact(given=bool(checked)), now)
        if refused is not None:
            return refused
        before = replace(connection, roll, number, lang, checked, now)
        told = [one for one in before.told(roll.day(now)) if one[1] != checked]
        _mail(connection, roll, told, ContactChanged, link, now)
    return True


def has_contact(roll: Roll, number: int) -> bool:
    """Whether an address stands that a record's holder gave; one that does not open any more is none."""
    with roll.database.own() as connection:
        try:
            contact = contact_of(connection, roll, number)
        except CannotOpen:
            return False
    return contact is not None and contact.address != ""


def tell_holder(connection: Connection, roll: Roll, number: int, of: type[Event], link: str, now: datetime) -> None:
    """Tell a record's holder what happened to what opens it, where they gave an address."""
    assume(connection, "application")
    _mail(connection, roll, told_of(connection, roll, number, now), of, link, now)


def _mail(
    connection: Connection, roll: Roll, told: Sequence[tuple[str, str]], of: type[Event], link: str, now: datetime
) -> None:
    params: dict[str, str | int] = {"link": link or f"https://{roll.origin}"}
    if of is ReleaseAsked:
        params["until"] = roll.last_day_to_refuse(now).isoformat()
    if of is ContactChanged:
        params["until"] = old_until(roll, now).isoformat()
    for lang, address in told:
        send_later(roll, MAILS[of], lang, params, address, now, connection=connection)


def tell_of_port(connection: Connection, roll: Roll, number: int, gaining: Mapping[str, str], link: str) -> None:
    """Tell a record's holder, who gave an address, that another operator has it now: `gaining` is that one's title by language.

    In the transaction of the act, under the application's role.
    """
    now = roll.clock()
    for lang, address in told_of(connection, roll, number, now):
        params = {"operator": in_language(gaining, lang), "link": link or f"https://{roll.origin}"}
        send_later(roll, MAILS[SubscriptionPorted], lang, params, address, now, connection=connection)
