"""Opening a filing by its code: slowed down for who guesses, closed to a bare code where a passkey holds the filing."""

import hashlib
from datetime import datetime

from psycopg import Connection

from openroll.register.decision import Refused
from openroll.register.organisation.refusals import LastPasskey
from openroll.register.organisation.roles import Seat
from openroll.register.refusals import TooManyFilings, TooManyLookUps, TooManyTries
from openroll.register.sign_in_refusals import SignInFailed
from openroll.register.subscription.commands import AddPasskey, EndPasskey, Hold
from openroll.register.subscription.events import PasskeyAdded, PasskeyEnded
from openroll.register.subscription.filing_code import NotACode, number_of
from openroll.register.subscription.refusals import CodeWrong, HeldByPasskey, NotHeld, SubscriptionUnknown
from openroll.rules.language import in_language
from openroll.service.identity import passkeys, sessions, throttle
from openroll.service.identity.by_holder import by_holder
from openroll.service.identity.passkeys import MOST_EACH, Options, RelyingParty
from openroll.service.identity.telling import tell_holder
from openroll.service.queries import Record, by_code, by_number, own_by_handle
from openroll.service.roll import Roll
from openroll.store import sessions as kept_sessions


def open_by_code(roll: Roll, code: str, source: str, proof: str = "") -> Record | Refused:
    """The record a code opens, for whoever holds the code. Wrong codes count against their source; right ones never.

    `proof` is a solved puzzle, which takes the second lane of the throttle.
    """
    try:
        number = number_of(code, roll.keys.code_key)
    except NotACode:
        # A code with wrong check digits is a slip of the finger; one that fits and opens nothing is a guess.
        return Refused(CodeWrong(sought=""))
    goes = throttle.take(roll, throttle.OPENING, source=source, target=str(number), proof=proof)
    if isinstance(goes, throttle.Wait):
        return Refused(TooManyTries(wait=goes.minutes, puzzle=goes.puzzle))
    record = by_code(roll, code)
    if isinstance(record, Refused):
        return record
    if record.state.held:
        return Refused(HeldByPasskey(), roll.rule_name)
    throttle.give_back(roll, goes)
    return record


def may_file_alone(roll: Roll, burst: int, operator: str, source: str, proof: str = "") -> Refused | None:
    """Whether somebody who files alone may do so now: takes a place for it. `burst` is the roll's setting."""
    goes = throttle.take(roll, throttle.filing_limits(burst), source=source, target=operator, proof=proof)
    return Refused(TooManyFilings(wait=goes.minutes, puzzle=goes.puzzle)) if isinstance(goes, throttle.Wait) else None


def sign_in_by_code(roll: Roll, code: str, source: str, proof: str = "", before: str = "") -> str | Refused:
    """A session of the record that a code opens; what its cookie holds. `before` is the cookie there was.

    As `open_by_code`, and asked once more as the session begins: a passkey may have come to hold the record meanwhile.
    """
    record = open_by_code(roll, code, source, proof)
    if isinstance(record, Refused):
        return record
    return session_of_record(roll, record.number, before, code=number_of(code, roll.keys.code_key))


def session_of_record(roll: Roll, number: int, before: str, *, code: int = 0) -> str | Refused:
    """A session that opens one record by its filing code (the number behind it, its own where none is said)."""
    with roll.database.own() as connection:
        return sessions.begin_by_code(connection, roll, number, code or number, before=before)


def opened(roll: Roll, number: int) -> Record | Refused:
    """The record of a subscriber's session."""
    return by_number(roll, number)


def passkey_for_record(
    roll: Roll, place: RelyingParty, number: int, begun: datetime | None = None
) -> Options | Refused:
    """The first step of having a passkey hold a record. Where one does, another is made soon after the session has `begun`."""
    record = by_number(roll, number)
    if isinstance(record, Refused):
        return record
    if record.state.held and (refused := sessions.too_old(roll, begun)) is not None:
        return refused
    name = f"{in_language(roll.opened.title, roll.languages[0])} · {record.code[-4:]}"
    return passkeys.register_options(roll, place, sessions.for_record(number), roll.random_bytes(32), name)


def hold_by_passkey(
    roll: Roll, place: RelyingParty, number: int, answer: dict[str, object], cookie: str, link: str = ""
) -> str | Refused:
    """The second step: the passkey is stored and holds the record from now on; what the session's new cookie holds.

    One transaction: there is never a passkey that opens a record which its code opens too. Every session of the record ends,
    also this browser's, which begins anew: whoever else opened it knew the bare code, which is what a passkey is to shut out.
    A further passkey is a fact of the record as the first is, and its holder is told; `link` is where they look.
    """
    now = roll.clock()
    with roll.database.own() as connection:
        held = sessions.is_held(connection, number)
        # The record before its ways in, as whoever lets it go or erases it: these come before this, or end this passkey too.
        if held and not sessions.is_held(connection, number, alone=True):
            return Refused(SignInFailed())
        for_whom = sessions.for_record(number)
        made = passkeys.registered_but_not_spent(connection, roll, place, for_whom, answer)
        if isinstance(made, Refused):
            return made
        kept = kept_sessions.passkeys_of(connection, record=number)
        if len(kept) >= MOST_EACH:
            return Refused(SignInFailed())
        if (refused := by_holder(connection, roll, number, _opening(made[0].id, held=held), now)) is not None:
            return refused
        if not held:
            kept_sessions.end_passkeys(connection, now, record=number)  # left by a hold that an older version broke off
        if not passkeys.finish(connection, for_whom, answer):
            raise sessions.SessionOver  # what ends a ceremony of a record ends its sessions
        kept_sessions.put_passkey(connection, made[0]._replace(record=number))
        kept_sessions.end_sessions(connection, record=number)
        if held:
            tell_holder(connection, roll, number, PasskeyAdded, link, now)
        return sessions.begin_by_passkey(connection, roll, number, before=cookie, passkey=made[0].id)


def passkeys_of_record(roll: Roll, number: int) -> list[tuple[bytes, datetime]]:
    """The passkeys that open a record, the oldest first: each with its credential and when it was added."""
    with roll.database.own() as connection:
        return [(one.id, one.added) for one in kept_sessions.passkeys_of(connection, record=number)]


def end_passkey(
    roll: Roll, number: int, credential: bytes, begun: datetime | None, cookie: str, link: str = ""
) -> Refused | None:
    """End one passkey of a record, and with it every session but this browser's, as of a device that was lost.

    This browser's ends as well where it began by that passkey. Not the last passkey, none that is older than this session's
    before that one's days are over, and only by who has signed in a moment ago (`begun`). A fact of the record; its holder is
    told.
    """
    if (refused := sessions.too_old(roll, begun)) is not None:
        return refused
    now = roll.clock()
    with roll.database.own() as connection:
        if not sessions.is_held(connection, number, alone=True):  # two at once would otherwise end both
            return Refused(NotHeld(), roll.rule_name)
        own = [one.id for one in kept_sessions.passkeys_of(connection, record=number)]
        if credential not in own:
            return Refused(LastPasskey())
        by = _begun_by(connection, number, cookie)
        signed_in = called(by) if by in own else ""
        command = EndPasskey(passkey=called(credential), last=len(own) == 1, signed_in=signed_in)
        if (refused := by_holder(connection, roll, number, command, now)) is not None:
            return refused
        kept_sessions.end_ceremonies(connection, sessions.for_record(number))
        kept_sessions.end_passkeys(connection, now, record=number, one=credential)
        kept_sessions.end_sessions(connection, record=number, but=b"" if by == credential else sessions.hashed(cookie))
        tell_holder(connection, roll, number, PasskeyEnded, link, now)
    return None


def signed_in_by(roll: Roll, number: int, cookie: str) -> str:
    """What the passkey is called in a record's facts by which a session of it began.

    Nothing where none is known, and where it does not stand any more: of such a one no age is known.
    """
    with roll.database.own() as connection:
        by = _begun_by(connection, number, cookie)
        own = [one.id for one in kept_sessions.passkeys_of(connection, record=number)]
    return called(by) if by in own else ""


def _begun_by(connection: Connection, number: int, cookie: str) -> bytes:
    """The credential by which a session of a record began; empty where there is no such session, or none is known."""
    session = kept_sessions.session(connection, sessions.hashed(cookie))
    return session.passkey or b"" if session is not None and session.record == number else b""


def called(credential: bytes) -> str:
    """What a passkey is called in the facts of its record: nobody signs in by that."""
    return hashlib.sha256(b"openroll passkey of a record" + credential).hexdigest()[:16]


def _opening(credential: bytes, *, held: bool) -> Hold | AddPasskey:
    return AddPasskey(passkey=called(credential)) if held else Hold()


def sign_in(roll: Roll, place: RelyingParty, answer: dict[str, object], before: str) -> tuple[str, bool] | Refused:
    """Sign in with a passkey: what the session's cookie holds, and whether it opens a record (else it is a person's)."""
    with roll.database.own() as connection:
        passkey = passkeys.signed_in(connection, roll, place, answer)
        if isinstance(passkey, Refused):
            return passkey
        if passkey.record is not None:
            secret = sessions.begin_by_passkey(connection, roll, passkey.record, before=before, passkey=passkey.id)
        else:
            person = passkey.person or 0
            secret = sessions.begin_of_person(connection, roll, person, before=before, passkey=passkey.id)
    return secret if isinstance(secret, Refused) else (secret, passkey.record is not None)


def looked_up(roll: Roll, code: str, by: Seat, source: str, operator: str = "") -> Record | Refused:
    """The record behind a code that an official types, with `operator` one of its own: another's is as if it were not there.

    A seat guesses no more than anybody else: codes that fit and open nothing count against it, its source and its organisation,
    or for the registrar's people against all of these.
    """
    if not is_code(roll, code):
        return Refused(CodeWrong(sought=""))
    limits = throttle.LOOKING_OPERATORS if operator else throttle.LOOKING
    goes = throttle.take(roll, limits, source=source, target=str(by), organisation=operator)
    if isinstance(goes, throttle.Wait):
        return Refused(TooManyLookUps(wait=goes.minutes))
    record = by_code(roll, code)
    if isinstance(record, Refused):
        return record
    if operator and record.state.operator != operator:
        return Refused(SubscriptionUnknown(sought=""))
    throttle.give_back(roll, goes)
    return record


def operators_record(roll: Roll, by: Seat, sought: str, source: str) -> Record | Refused:
    """An operator's own record by its handle, or by the filing code that its subscriber says on the telephone."""
    record = own_by_handle(roll, by.organisation, sought)
    if isinstance(record, Record) or not is_code(roll, sought):
        return record
    coded = looked_up(roll, sought, by, source, by.organisation)
    return coded if isinstance(coded, Record) or isinstance(coded.refusal, TooManyLookUps) else record


def is_code(roll: Roll, text: str) -> bool:
    """Whether a text could be a filing code here, by its check digits."""
    try:
        number_of(text, roll.keys.code_key)
    except NotACode:
        return False
    return True
