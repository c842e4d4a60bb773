"""Letting a record go from a lost passkey: asked by one clerk, confirmed by another, refused by its holder with one press.

Each is one transaction: the seats are looked at, the record decides (`register.release`), and what its holder is to hear waits
for the post as soon as the asking is stored.
"""

import hashlib
from datetime import date, datetime

import msgspec
from psycopg import Connection

from openroll.register.command import Actor, Command
from openroll.register.decision import Refused
from openroll.register.events import event_of
from openroll.register.organisation.roles import Seat, seat_of
from openroll.register.organisation.seats import of_one_chain
from openroll.register.roll.decide import ROLL_STREAM
from openroll.register.roll.events import LogRestored
from openroll.register.subscription.commands import AskRelease, ChangeContact, RefuseRelease, Release, SecondRelease
from openroll.register.subscription.decide import Subscription, evolve
from openroll.register.subscription.events import ContactChanged, ReleaseAsked, ReleaseRefused, SubscriptionReleased
from openroll.register.subscription.pace import too_many_addresses
from openroll.register.subscription.refusals import ReleaseNotAsked
from openroll.service.filing.pace import minutes_left
from openroll.service.filing.projections import answered
from openroll.service.filing.submit import Outcome, Submission, Taken, take
from openroll.service.identity import address_links
from openroll.service.identity.by_holder import by_holder
from openroll.service.identity.contact import replace
from openroll.service.identity.seats import acting, is_gone, member
from openroll.service.identity.sessions import too_old
from openroll.service.identity.telling import Told, filed_alone, site_of, tell, tell_holder, told_of
from openroll.service.mail.message import checked_address
from openroll.service.queries import Record
from openroll.service.roll import Roll
from openroll.service.rollback_guard import new_numbers
from openroll.store import contacts, events, operators, recovery_records
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
        if _no_may_be_lost(connection, by.organisation, number) or is_gone(connection, state.release.clerk):
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
        lost = _no_may_be_lost(connection, by.organisation, number)
        if asked is not None and (lost or any(is_gone(connection, one) for one in (asked.clerk, asked.second))):
            return Refused(ReleaseNotAsked(), roll.rule_name)  # what a clerk asked or confirmed ends with their seat
        told = told_of(connection, roll, number, now)  # as it lets go, its address is forgotten
        code = new_numbers(roll, RECORD).start
        outcome = _taken(connection, roll, now, by, number, Release(clerk=str(by), code=code), key)
        if isinstance(outcome, Taken) and not outcome.repeated:
            assume(connection, "application")
            tell(connection, roll, number, told, SubscriptionReleased, link, now)
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


def _no_may_be_lost(connection: Connection, operator: str, number: int) -> bool:
    """Whether a record's newest asking is from before the database went back and forgot a holder's no: whose, no entry says.

    Then nothing is released by it: it is given up, and asked anew. The application's role acts from then on.
    """
    assume(connection, "operator", organisation=operator)
    asked = [row.at for row in events.of_streams(connection, [number]) if row.name == ReleaseAsked.name]
    assume(connection, "registrar")
    until = recovery_records.lost_before(connection, ReleaseRefused.name, ROLL_STREAM, LogRestored.name)
    assume(connection, "application")
    return until is not None and bool(asked) and max(asked) < until


class Standing(msgspec.Struct, frozen=True):
    """How an asking stands to a clerk: whether they may confirm it, and whether it is `void`: then it is given up and no more."""

    may_second: bool
    void: bool


def standing_of(roll: Roll, by: Seat, record: Record) -> Standing:
    """How what is asked of a record stands to a clerk, as `second` and `release` decide it."""
    asked = record.state.release
    if asked is None:
        return Standing(may_second=False, void=False)
    with roll.database.own() as connection:
        lost = _no_may_be_lost(connection, by.organisation, record.number)
        void = lost or any(is_gone(connection, one) for one in (asked.clerk, asked.second))
        first = seat_of(asked.clerk)
        may = not (void or asked.second or first is None)
        akin = first is None or of_one_chain(member(connection, first), member(connection, by))
    return Standing(may_second=may and not akin, void=void)


def keep_contact(
    roll: Roll, number: int, lang: str, address: str, begun: datetime | None, link: str = ""
) -> Refused | bool:
    """Keep where a record's holder wants to be told, in place of what was there (nothing, where it is empty).

    Only by who has signed in a moment ago (`begun`), and so often a day. A fact of the record, without the address. That is
    asked, by a mail, and told of nothing until it has said yes (`address_links`); one that had is told that another comes in
    its place, once, and goes on being told of the rest for some days (`contact.old_until`). A filing that its operator has not
    taken asks once in all; how often others do, and one address is asked, `address_links` says.
    False: it is no address. Raises RollIsHeld.
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
        given = _given(connection, number)
        minutes = minutes_left(roll, now)
        if checked and (refused := too_many_addresses(given.count(roll.day(now)), minutes)) is not None:
            return refused
        refused = by_holder(connection, roll, number, ChangeContact(given=bool(checked)), now)
        if refused is not None:
            return refused
        before, after = replace(connection, roll, number, lang, checked, now)
        if before.confirmed and before.address not in ("", checked):
            tell(connection, roll, number, Told([(before.lang, before.address)]), ContactChanged, link, now)
        alone = filed_alone(connection, number)
        if after.address and not after.confirmed and not (given and alone):
            address_links.ask(connection, roll, number, lang, checked, site_of(roll, link), now, alone=alone)
    return True


def _given(connection: Connection, number: int) -> list[date]:
    """The days on which a record's holder gave an address."""
    assume(connection, "subscriber", record=number)
    facts = [row for row in events.of_streams(connection, [number]) if row.name == ContactChanged.name]
    assume(connection, "application")
    return [row.day for row in facts if getattr(event_of(row.name, row.body), "given", False)]
