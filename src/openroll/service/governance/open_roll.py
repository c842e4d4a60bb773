"""Official acts: opening a roll under a rule, admitting operators, issuing their tokens. Each act is an event in the log."""

import hashlib
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date, datetime
from pathlib import Path

import msgspec
import psycopg
from psycopg import Connection
from psycopg.conninfo import conninfo_to_dict

from openroll.durable import make_private, write_durably
from openroll.register import districts
from openroll.register.command import Actor
from openroll.register.decision import Accepted, Refused
from openroll.register.event import Event
from openroll.register.events import event_of
from openroll.register.organisation.commands import AdmitOperator
from openroll.register.organisation.events import OperatorAdmitted
from openroll.register.organisation.refusals import SeatGone
from openroll.register.roll.commands import OpenRoll
from openroll.register.roll.decide import ROLL_STREAM, RuleStanding, decide, evolve
from openroll.register.roll.decide import Roll as RollState
from openroll.register.roll.events import RollOpened
from openroll.rules import Rule, canonical, check, digest, load, obstacles, overlays, shipped
from openroll.service.filing.submit import fact_row
from openroll.service.identity.seats import acting, seat_of
from openroll.service.keys import Keys, add_address_key, finish_switch, make_keys, read_keys
from openroll.service.log.external_keys import GivenKeys, KeysWrong
from openroll.service.log.key_checks import ADDRESSES, CODES, FILE, keep_checks, read_checks, refuse_others
from openroll.service.log.key_history import adopt_keys
from openroll.service.log.signing_hold import from_a_copy
from openroll.service.roll import Clock, RandomBytes, Roll, RuleVersion
from openroll.service.rollback_guard import new_numbers
from openroll.store import events, log, schema
from openroll.store import roll as rolls
from openroll.store.connect import Database, assume
from openroll.store.numbers import RECORD
from openroll.store.roles import role_of

REGISTRAR = Actor("registrar", "registrar")


class NoSuchRoll(Exception):
    """No roll of this name was opened here."""


def rule_name(rule: Rule) -> str:
    """How events name the rule they happened under: its reference and the first 16 digits of its SHA-256."""
    return f"{rule.ref}@{digest(rule)[:16]}"


def standing(rule: Rule) -> RuleStanding:
    """How a rule stands with the safeguards, and which shipped rules would pass in its place."""
    hindered = tuple(finding.id for finding in obstacles(rule))
    passed = tuple(finding.id for finding in check(rule) if finding.outcome == "passed")
    return RuleStanding(rule_name(rule), passed, hindered, _would_pass(rule) if hindered else ())


def _would_pass(rule: Rule) -> tuple[str, ...]:
    alone = tuple(ref for ref in shipped() if not obstacles(load(ref)))
    laid = (f"{ref}+{overlay}" for ref in sorted({rule.id, *shipped()} & set(shipped())) for overlay in overlays())
    return alone + tuple(ref for ref in laid if _opens(ref))


def _opens(ref: str) -> bool:
    try:
        return not obstacles(load(ref))
    except ValueError:
        return False  # an overlay is written for one rule; laid over another it may not fit


class CannotOpenRoll(ValueError):
    """A roll cannot be opened in this place; nothing was made. The sentence says why."""


def check_opening(
    database: Database,
    home: Path,
    command: OpenRoll,
    rule: Rule,
    *,
    origin: str,
) -> RollOpened | Refused:
    """Whether the roll can be opened: the act it would be, or why not. Writes nothing, anywhere.

    Raises CannotOpenRoll and DatabaseUnfit, with what is in the way.
    """
    decision = decide(command, _state_as_owner(database), REGISTRAR, standing(rule))
    if isinstance(decision, Refused):
        return decision
    opened = decision.events[0]
    assert isinstance(opened, RollOpened)  # noqa: S101 - OpenRoll makes nothing else; the type checker cannot see it
    schema.check(database.url, database.roll)
    kept = home / "keys" / "log.pub"
    if kept.exists() and not (home / _OPENING).exists():
        lines = kept.read_text(encoding="ascii").split()
        name = lines[0].partition("+")[0] if lines else ""
        if name != origin:
            raise CannotOpenRoll(
                f"{kept} holds the keys of the log {name!r}, and this roll's is to be {origin!r}: open it under"
                f" --origin {name}, or move {home} away"
            )
    there = next(folder for folder in (home, *home.parents) if folder.exists())
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        raise CannotOpenRoll(f"{there} is no folder that this user may write in")
    return opened


def open_roll(
    database: Database,
    home: Path,
    command: OpenRoll,
    rule: Rule,
    *,
    origin: str,
    clock: Clock,
    random_bytes: RandomBytes,
    given: GivenKeys = GivenKeys(),  # noqa: B008 - a frozen value
) -> Roll | Refused:
    """Open a roll under a rule: its schema, keys and first event. A rule without its safeguards is refused first.

    All or nothing: what fails leaves neither schema nor keys. Repeating it on an open roll is refused and changes nothing.
    Raises CannotOpenRoll and DatabaseUnfit.
    """
    opened = check_opening(database, home, command, rule, origin=origin)
    if isinstance(opened, Refused):
        return opened
    with _all_or_nothing(database, home):
        kept = (home / "keys" / "log.pub").exists()
        add_address_key(home / "keys", random_bytes)
        keys = read_keys(home / "keys", given) if kept else make_keys(home / "keys", origin, random_bytes, given)
        keep_checks(home, keys)
        database.unlock(keys.code_key)
        schema.migrate(database.url, database.roll)
        database.seal()
        roll = Roll(
            database=database,
            home=home,
            opened=opened,
            origin=origin,
            versions=(RuleVersion(date.min, rule, standing(rule).rule, clock()),),
            districts=districts.load(opened.districts),
            keys=keys,
            clock=clock,
            random_bytes=random_bytes,
        )
        _record_opening(roll)
    return roll


_OPENING = "opening"
"""A file in the roll's folder while it is being opened: what a process that was killed leaves is told by it, and goes."""


@contextmanager
def _all_or_nothing(database: Database, home: Path) -> Iterator[None]:
    """Take back, when the opening fails, the schema, the keys and the folders that were made for it."""
    made = [folder for folder in (home, *home.parents) if not folder.exists()]
    marker, keys = home / _OPENING, home / "keys"
    if marker.exists() and marker.read_text(encoding="ascii") == "keys too":
        shutil.rmtree(keys, ignore_errors=True)  # of an opening that was killed; nobody has seen them
    own_keys, own_schema = not keys.exists(), not schema.is_there(database.url, database.roll)
    if own_keys:
        (home / FILE).unlink(
            missing_ok=True
        )  # of keys that are gone: no roll is open, and none was made with the new ones
    try:
        make_private(home)
        write_durably(marker, b"keys too" if own_keys else b"", 0o600)
        yield
        marker.unlink()
    except BaseException:
        if own_schema:
            with suppress(psycopg.Error):
                schema.drop(database.url, database.roll)
        if own_keys:
            shutil.rmtree(keys, ignore_errors=True)
            (home / FILE).unlink(missing_ok=True)
        marker.unlink(missing_ok=True)
        with suppress(OSError):
            for folder in made:
                folder.rmdir()
        raise


def _record_opening(roll: Roll) -> None:
    now = roll.clock()
    with roll.database.transaction("registrar") as connection:
        _append(connection, roll, now, ROLL_STREAM, 1, roll.opened)
        rolls.put_rule(connection, roll.rule.ref, digest(roll.rule), canonical(roll.rule).decode(), now)


def _state_as_owner(database: Database) -> RollState:
    """What the owner sees of a roll, before anybody else may see it; nothing where there is none."""
    try:
        with database.open() as connection:
            return _state(connection)
    except psycopg.errors.UndefinedTable:
        return RollState()


def _state_if_there(database: Database) -> RollState:
    with database.transaction("registrar") as connection:
        return _state(connection)


def _state(connection: Connection) -> RollState:
    state = RollState()
    for row in events.of_streams(connection, [ROLL_STREAM]):
        state = evolve(state, event_of(row.name, row.body))
    for name in rolls.operators(connection):
        state = msgspec.structs.replace(state, operators=state.operators | {name})
    return state


def find_roll(
    database: Database,
    home: Path,
    *,
    clock: Clock,
    random_bytes: RandomBytes,
    given: GivenKeys = GivenKeys(),  # noqa: B008 - a frozen value
    brought_back: bool = False,
) -> Roll:
    """The open roll of this database and home. Raises NoSuchRoll, and KeysWrong for another's keys, with what to do.

    `brought_back`: database and home were just made from a copy, so the runtime login is let in where it cannot come in yet.
    Else nothing is changed in the database, whatever keys are given.
    """
    finish_switch(home)
    if ADDRESSES not in read_checks(home):  # a lost key must not look like one there never was
        add_address_key(home / "keys", random_bytes)
    try:
        keys = read_keys(home / "keys", given)
    except FileNotFoundError:
        _say_what_is_missing(database)
        raise
    refuse_others(home, keys)
    database.unlock(keys.code_key)
    opened = _opened(database)
    if opened is None:
        if not (brought_back or from_a_copy(home)):
            raise KeysWrong(_NOT_ACCEPTED)
        opened = _let_in(database, home, keys)
    (home / _OPENING).unlink(missing_ok=True)  # its opening was killed at its very end
    versions = rule_versions(database)
    roll = Roll(
        database=database,
        home=home,
        opened=opened,
        origin=keys.origin,
        versions=versions,
        districts=districts.load(opened.districts),
        keys=keys,
        clock=clock,
        random_bytes=random_bytes,
        latest=_latest(database),
    )
    with database.transaction("registrar") as connection:
        adopt_keys(roll, connection)
    return roll


def _opened(database: Database) -> RollOpened | None:
    """The roll's opening, seen as the runtime login; None where that cannot come in, or its claims are not believed.

    Raises NoSuchRoll where no roll is open here.
    """
    with suppress(psycopg.OperationalError, psycopg.errors.UndefinedTable, psycopg.errors.InsufficientPrivilege):
        if schema.is_current(database.runtime_url, database.roll):
            opened = _state_if_there(database).opened
            if opened is not None:
                return opened
    _say_what_is_missing(database)
    return None


_NOT_ACCEPTED = (
    "the keys given are not this roll's: its database does not accept what the key of filing codes (OPENROLL_CODES_KEY, or"
    " keys/filing-codes.key) makes. Nothing was changed; give the right key, or, if it is the right one and the database was"
    " brought back from elsewhere, `openroll upgrade` lets it in"
)


def _let_in(database: Database, home: Path, keys: Keys) -> RollOpened:
    """Let the runtime login into a database that was brought back. Raises KeysWrong, DatabaseUnfit or NoSuchRoll."""
    try:
        _refuse_anothers_seal(database, home, keys)
        schema.make_roles(database.url, database.roll)
        database.seal()
    except psycopg.errors.InsufficientPrivilege:
        raise schema.DatabaseUnfit(
            f"the roll's own login {role_of(database.schema, 'runtime')} cannot come in, and the login in"
            " DATABASE_URL is not the owner, who could let it: see `openroll database roles`"
        ) from None
    opened = _state_if_there(database).opened
    if opened is None:
        raise NoSuchRoll(_NOT_OPEN.format(roll=database.roll))
    return opened


def _refuse_anothers_seal(database: Database, home: Path, keys: Keys) -> None:
    """Raise KeysWrong unless the database may be sealed with these keys, because they are known to be the roll's.

    Known by their check value, or, where an older Openroll kept none, by the seal that the database has. As the owner.
    """
    if CODES not in refuse_others(home, keys) and database.sealed_by_another():
        raise KeysWrong(_ANOTHERS_SEAL)


_ANOTHERS_SEAL = (
    "the keys given are not this roll's: its database was sealed with another key of filing codes (OPENROLL_CODES_KEY, or"
    " keys/filing-codes.key). Nothing was changed; give the right key"
)
_NOT_OPEN = "no roll {roll!r} is open here: `openroll init --rule RULE` opens it (OPENROLL_ROLL names another)"


def _say_what_is_missing(database: Database) -> None:
    """Raise NoSuchRoll when no roll is open here, or one that an older Openroll made. As whoever DATABASE_URL names."""
    try:
        opened = _state_as_owner(database).opened
    except psycopg.errors.InsufficientPrivilege:
        return
    if opened is None:
        raise NoSuchRoll(_NOT_OPEN.format(roll=database.roll))
    if not schema.is_current(database.url, database.roll):
        raise NoSuchRoll(
            f"the roll {database.roll!r} was made by an older Openroll: `openroll upgrade` brings it up to date"
        )


def _latest(database: Database) -> datetime | None:
    with database.transaction("registrar") as connection:
        return log.newest_time(connection)


def upgrade_roll(database: Database, home: Path, given: GivenKeys = GivenKeys()) -> None:  # noqa: B008 - a frozen value
    """Bring a roll's tables and database roles to their newest shape, and keep the check values of its keys.

    Raises NoSuchRoll when there is none, and KeysWrong for another's keys.
    """
    if not schema.is_there(database.url, database.roll):
        raise NoSuchRoll(_NOT_OPEN.format(roll=database.roll))
    keys = read_keys(home / "keys", given)
    database.unlock(keys.code_key)
    _refuse_anothers_seal(database, home, keys)
    schema.migrate(database.url, database.roll)
    database.seal()
    keep_checks(home, keys)
    _close_to_others(home)


def _close_to_others(home: Path) -> None:
    """Take back the modes that an older Openroll gave too widely; not of what is public, nor of keys handed to a group."""
    apart = {home / "public", home / "keys"}
    for path in [home, *(one for top in home.iterdir() if top not in apart for one in (top, *top.rglob("*")))]:
        if not path.is_symlink():
            path.chmod(stat.S_IMODE(path.stat().st_mode) & 0o700)


def role_script(database: Database) -> str:
    """SQL that makes the roll's database roles, for whoever keeps the server. Asks nobody."""
    owner = str(conninfo_to_dict(database.url).get("user") or "the_owner")
    return schema.role_script(database.roll, owner)


def roles_there(database: Database) -> dict[str, bool]:
    """The roll's database roles by name, and whether they are there."""
    return schema.roles_there(database.url, database.roll)


def rule_versions(database: Database) -> tuple[RuleVersion, ...]:
    """The rules a roll was, is and will be under. Raises NoSuchRoll when one was lost or altered."""
    with database.transaction("registrar") as connection:
        rows = rolls.rule_versions(connection)
    if not rows:
        raise NoSuchRoll(f"the roll {database.roll!r} has lost its rule; restore it from a backup")
    versions = []
    for row in rows:
        rule = msgspec.json.decode(row.rule, type=Rule)
        if digest(rule) != row.digest:
            raise NoSuchRoll(
                f"a rule kept for the roll {database.roll!r} is not the one that was published: it was altered"
            )
        versions.append(RuleVersion(row.starts, rule, f"{row.ref}@{row.digest[:16]}", row.since))
    return tuple(versions)


def admit_operator(roll: Roll, command: AdmitOperator, *, dry_run: bool = False) -> Accepted | Refused:
    """Admit an operator (an official act). Its own record begins here."""
    now = roll.clock()
    with roll.database.own() as connection:
        if command.by and (refused := _not_acting(connection, command.by)) is not None:
            return refused
        assume(connection, "registrar")
        decision = decide(command, _state(connection), REGISTRAR, RuleStanding(roll.rule_name, ()))
        if isinstance(decision, Refused) or dry_run:
            return decision
        number = new_numbers(roll, RECORD).start
        admitted = decision.events[0]
        assert isinstance(admitted, OperatorAdmitted)  # noqa: S101 - as above
        _append(connection, roll, now, number, 1, admitted)
        rolls.put_operator(
            connection,
            admitted.operator,
            number,
            admitted.title,
            admitted.kind,
            roll.day(now),
        )
    return decision


def _not_acting(connection: Connection, by: str) -> Refused | None:
    seat = seat_of(by)
    return Refused(SeatGone(seat=by)) if seat is None else acting(connection, seat)


def _append(connection: Connection, roll: Roll, now: datetime, stream: int, version: int, fact: Event) -> None:
    row = fact_row(roll, now, fact, stream=stream, version=version, role="registrar", owner=REGISTRAR.organisation)
    events.append(connection, [row])


def organisation_of(roll: Roll, hashed: bytes) -> str | None:
    """The operator that a token stands for, by the token's hash; None when it stands for nobody."""
    with roll.database.own() as connection:
        return rolls.organisations_of(connection, [hashed], roll.clock()).get(hashed)


def good_tokens(roll: Roll) -> frozenset[bytes]:
    """The hashes of all tokens that let in now."""
    with roll.database.own() as connection:
        return rolls.tokens_that_let_in(connection, roll.clock())


def token_hash(token: str) -> bytes:
    """What the roll keeps of a token."""
    return hashlib.sha256(token.encode()).digest()
