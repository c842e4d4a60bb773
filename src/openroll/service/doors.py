"""Opening a filing by its code: slowed down for who guesses, closed to a bare code where a passkey holds the filing."""

from openroll.register.code import NotACode, code_of, number_of
from openroll.register.commands import Hold
from openroll.register.decision import Refused
from openroll.register.refusals import (
    CodeWrong,
    HeldByPasskey,
    SignInFailed,
    SubscriptionUnknown,
    TooManyFilings,
    TooManyTries,
)
from openroll.service import passkeys, sessions, throttle
from openroll.service.passkeys import MOST_EACH, Options, Place
from openroll.service.reading import Record, by_code, by_number
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


def session_of_record(roll: Roll, number: int, before: str) -> str:
    """A session that opens one record; what its cookie holds."""
    return sessions.begin(roll, record=number, before=before)


def opened(roll: Roll, number: int) -> Record | Refused:
    """The record of a subscriber's session."""
    return by_number(roll, number)


def passkey_for_record(roll: Roll, place: Place, number: int) -> Options:
    """The first step of having a passkey hold a record."""
    code = code_of(number, roll.keys.code_key)
    name = f"{roll.opened.title_en} · {code[-4:]}"
    return passkeys.register_options(roll, place, f"record {number}", roll.salts(32), name)


def keep_passkey(roll: Roll, place: Place, number: int, answer: dict[str, object], cookie: str) -> Hold | Refused:
    """The second step: the passkey is stored for the record; the command that makes it hold comes next.

    Every session of the record but this browser's ends: whoever else opened it knew the bare code, which is what a passkey
    is to shut out.
    """
    with roll.database.own() as connection:
        made = passkeys.registered(connection, roll, place, f"record {number}", answer)
        if isinstance(made, Refused):
            return made
        if len(kept_sessions.passkeys_of(connection, record=number)) >= MOST_EACH:
            return Refused(SignInFailed())
        passkey, _ = made
        if len(kept_sessions.passkeys_of(connection, record=number)) >= passkeys.MOST_EACH:
            return Refused(SignInFailed())
        kept_sessions.put_passkey(connection, passkey._replace(record=number))
        kept_sessions.end_sessions(connection, record=number, but=sessions.hashed(cookie))
    return Hold()


def held_from_now(roll: Roll, number: int) -> str:
    """A passkey holds the record: every session that the code opened ends, but this one, which begins anew; its cookie."""
    with roll.database.own() as connection:
        kept_sessions.end_sessions(connection, record=number)
        return sessions.begin_in(connection, roll, record=number)


def let_go(roll: Roll, number: int) -> None:
    """After a release: the record's passkeys and sessions end. (An erasure takes them in its own transaction.)"""
    with roll.database.own() as connection:
        kept_sessions.end_passkeys(connection, roll.clock(), record=number)
        kept_sessions.end_sessions(connection, record=number)


def sign_in(roll: Roll, place: Place, answer: dict[str, object], before: str) -> tuple[str, bool] | Refused:
    """Sign in with a passkey: what the session's cookie holds, and whether it opens a record (else it is a person's)."""
    with roll.database.own() as connection:
        passkey = passkeys.signed_in(connection, roll, place, answer)
        if isinstance(passkey, Refused):
            return passkey
        secret = sessions.begin_in(connection, roll, person=passkey.person, record=passkey.record, before=before)
    return secret, passkey.record is not None


def operators_record(roll: Roll, operator: str, code: str) -> Record | Refused:
    """An operator's own record by the filing code its subscriber says on the telephone."""
    record = by_code(roll, code)
    if isinstance(record, Record) and record.state.operator != operator:
        return Refused(SubscriptionUnknown(sought=""))
    return record
