"""Official acts: opening a roll under a rule, admitting operators, issuing their tokens. Each act is an event in the log."""

import hashlib
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NamedTuple

import psycopg
from psycopg.conninfo import conninfo_to_dict

from openroll.durable import make_private, write_durably
from openroll.places import Bundle, full_name, zones_of
from openroll.places import canonical as canonical_place
from openroll.register.decision import Accepted, Refused
from openroll.register.kinds import decided
from openroll.register.official import Under
from openroll.register.organisation.commands import AdmitOperator
from openroll.register.organisation.refusals import SeatGone
from openroll.register.organisation.roles import KEEPER, seat_of
from openroll.register.organisation.seats import KEEPERS
from openroll.register.roll.commands import OpenRoll
from openroll.register.roll.decide import Roll as RollState
from openroll.register.roll.events import RollOpened
from openroll.register.texts import MOST_TEXT, is_one_line
from openroll.rules import Rule, canonical, digest
from openroll.service.acts import act
from openroll.service.governance.address_key import is_address_key_used, refuse_anothers_address_key
from openroll.service.governance.database_seal import refuse_anothers_log, refuse_anothers_seal
from openroll.service.governance.opening import opened_before
from openroll.service.governance.rule_standing import rule_name, standing
from openroll.service.keys import (
    Keys,
    add_address_key,
    finish_switch,
    make_keys,
    read_keys,
    warn_of_lost_key,
)
from openroll.service.log.external_keys import GivenKeys, KeysWrong
from openroll.service.log.key_checks import FILE, keep_checks, read_checks, refuse_others
from openroll.service.log.key_history import adopt_keys
from openroll.service.log.signing_hold import from_a_copy
from openroll.service.roll import Clock, RandomBytes, Roll, RuleVersion
from openroll.service.rules_in_force import RuleLost, follow, versions_of
from openroll.store import log, recovery_records, schema, signs_of_life
from openroll.store import roll as rolls
from openroll.store.connect import Database
from openroll.store.roles import role_of
from openroll.store.roll import RuleRow


class NoSuchRoll(Exception):
    """No roll of this name was opened here."""


class CannotOpenRoll(ValueError):
    """A roll cannot be opened in this place; nothing was made. The sentence says why."""


class Basis(NamedTuple):
    """What a roll is opened on: its jurisdiction, and the first rule there."""

    place: Bundle
    rule: Rule


def check_opening(
    database: Database,
    home: Path,
    command: OpenRoll,
    basis: Basis,
    *,
    origin: str,
) -> RollOpened | Refused:
    """Whether the roll can be opened: the act it would be, or why not. Writes nothing, anywhere.

    Raises CannotOpenRoll and DatabaseUnfit, with what is in the way.
    """
    state = RollState(
        opened=_opened_as_owner(database), standing=standing(basis.rule, basis.place), zones=zones_of(basis.place)
    )
    now = datetime.now(UTC)  # of no account: an opening is decided by the rule alone
    decision = decided(command, state, KEEPERS, Under(state.standing.rule, now.date(), now))
    if isinstance(decision, Refused):
        return decision
    opened = decision.events[0]
    assert isinstance(opened, RollOpened)  # noqa: S101 - OpenRoll makes nothing else; the type checker cannot see it
    schema.check(database.url, database.roll)
    _refuse_home(home, origin)
    return opened


def _refuse_home(home: Path, origin: str) -> None:
    """Refuse a home that holds another log's keys, or that nothing can be written in. Raises CannotOpenRoll."""
    if not (0 < len(origin) <= MOST_TEXT and is_one_line(origin)):
        raise CannotOpenRoll(f"a log's name is one line of at most {MOST_TEXT} characters: give another --origin")
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


def open_roll(
    database: Database,
    home: Path,
    command: OpenRoll,
    basis: Basis,
    *,
    origin: str,
    clock: Clock,
    random_bytes: RandomBytes,
    given: GivenKeys = GivenKeys(),  # noqa: B008 - a frozen value
) -> Roll | Refused:
    """Open a roll in a jurisdiction, under a rule: its schema, keys, first event. A rule without its safeguards is refused first.

    All or nothing: what fails leaves neither schema nor keys. Repeating it on an open roll is refused and changes nothing.
    Raises CannotOpenRoll and DatabaseUnfit.
    """
    opened = check_opening(database, home, command, basis, origin=origin)
    if isinstance(opened, Refused):
        return opened
    with _all_or_nothing(database, home):
        keys = _first_keys(home, origin, random_bytes, given)
        database.unlock(keys.code_key)
        schema.migrate(database.url, database.roll)
        database.seal()
        roll = Roll(
            database=database,
            home=home,
            opened=opened,
            origin=origin,
            versions=(_first_version(basis, clock()),),
            keys=keys,
            clock=clock,
            random_bytes=random_bytes,
        )
        _record_opening(roll, command)
    follow(roll)
    return roll


def _first_version(basis: Basis, now: datetime) -> RuleVersion:
    """The rule that holds from the first day there is."""
    name = rule_name(basis.rule)
    return RuleVersion(date.min, basis.rule, name, now, basis.place, full_name(basis.place))


def _first_keys(home: Path, origin: str, random_bytes: RandomBytes, given: GivenKeys) -> Keys:
    """The keys that a roll begins with: those that are in its home already, else new ones."""
    folder = home / "keys"
    kept = (folder / "log.pub").exists()
    add_address_key(folder, random_bytes)
    keys = read_keys(folder, given) if kept else make_keys(folder, origin, random_bytes, given)
    keep_checks(home, keys)
    return keys


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


def _record_opening(roll: Roll, command: OpenRoll) -> None:
    now = roll.clock()
    with roll.database.own() as connection:
        acted = act(connection, roll, command, now=now)
        if isinstance(acted, Refused):  # somebody opened it in the same moment
            raise CannotOpenRoll(f"the roll {command.roll!r} was refused: {acted.refusal.code}")
        rule, place = canonical(roll.rule).decode(), canonical_place(roll.place).decode()
        row = RuleRow(roll.rule.ref, digest(roll.rule), rule, date.min, now, command.jurisdiction, place)
        rolls.put_rule(connection, row)


def _opened_as_owner(database: Database) -> RollOpened | None:
    """The opening as the owner sees it, before anybody else may see it; nothing where there is none."""
    try:
        with database.open() as connection:
            return opened_before(connection)
    except psycopg.errors.UndefinedTable:
        return None


def _opened_if_there(database: Database) -> RollOpened | None:
    with database.transaction("registrar") as connection:
        return opened_before(connection)


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
    keys = _keys_of(database, home, given)
    database.unlock(keys.code_key)
    opened = _opened(database)
    if opened is None:
        if not (brought_back or from_a_copy(home)):
            raise _not_let_in(database)
        opened = _let_in(database, home, keys)
    (home / _OPENING).unlink(missing_ok=True)  # its opening was killed at its very end
    roll = Roll(
        database=database,
        home=home,
        opened=opened,
        origin=keys.origin,
        versions=rule_versions(database),
        keys=keys,
        clock=clock,
        random_bytes=random_bytes,
        latest=_latest(database),
        before=_before(database),
    )
    _follow_log(roll)
    return roll


def _before(database: Database) -> tuple[tuple[datetime, str], ...]:
    with database.transaction("registrar") as connection:
        return recovery_records.names_before(connection)


def _follow_log(roll: Roll) -> None:
    """Learn of rules and keys as they change, the log being this roll's own. Raises KeysWrong where it is another's."""
    follow(roll)
    with roll.database.transaction("registrar") as connection:
        refuse_anothers_log(connection, roll.home, roll.keys)
        adopt_keys(roll, connection)
    warn_of_lost_key(roll.keys)


def _keys_of(database: Database, home: Path, given: GivenKeys) -> Keys:
    """The keys of a home, which are this roll's. Raises NoSuchRoll, and KeysWrong for another's."""
    try:
        keys = read_keys(home / "keys", given)
    except FileNotFoundError:
        _say_what_is_missing(database)
        raise
    refuse_others(home, keys)
    return keys


def _opened(database: Database) -> RollOpened | None:
    """The roll's opening, seen as the runtime login; None where that cannot come in, or its claims are not believed.

    Raises NoSuchRoll where no roll is open here.
    """
    with suppress(psycopg.OperationalError, psycopg.errors.UndefinedTable, psycopg.errors.InsufficientPrivilege):
        if schema.is_current(database.runtime_url, database.roll):
            opened = _opened_if_there(database)
            if opened is not None:
                return opened
    _say_what_is_missing(database)
    return None


def _not_let_in(database: Database) -> KeysWrong:
    """Why the runtime login is not believed, asked of the database as whoever DATABASE_URL names."""
    try:
        if database.is_sealed() and not database.sealed_by_another():
            return KeysWrong(_OWN_SEAL.format(login=role_of(database.schema, "runtime")))
    except (psycopg.errors.InsufficientPrivilege, psycopg.OperationalError):
        pass  # not the owner: nothing more is known
    return KeysWrong(_NOT_ACCEPTED)


_NOT_ACCEPTED = (
    "the keys given are not this roll's: its database does not accept what the key of filing codes (OPENROLL_CODES_KEY, or"
    " keys/filing-codes.key) makes. Nothing was changed; give the right key (docs/database.md, Another seal)"
)
_OWN_SEAL = (
    "the database was sealed with this roll's keys, and the roll's own login {login} cannot come in with the password that is"
    " made from them. `openroll upgrade` gives it that password again; or set OPENROLL_RUNTIME_PASSWORD to the one it has"
)


def _let_in(database: Database, home: Path, keys: Keys) -> RollOpened:
    """Let the runtime login into a database that was brought back. Raises KeysWrong, DatabaseUnfit or NoSuchRoll."""
    try:
        refuse_anothers_seal(database, home, keys)
        schema.make_roles(database.url, database.roll)
        database.seal()
    except psycopg.errors.InsufficientPrivilege:
        raise schema.DatabaseUnfit(
            f"the roll's own login {role_of(database.schema, 'runtime')} cannot come in, and the login in"
            " DATABASE_URL is not the owner, who could let it: see `openroll database roles`"
        ) from None
    opened = _opened_if_there(database)
    if opened is None:
        raise NoSuchRoll(_NOT_OPEN.format(roll=database.roll))
    return opened


_NOT_OPEN = "no roll {roll!r} is open here: `openroll init --rule RULE` opens it (OPENROLL_ROLL names another)"


def _say_what_is_missing(database: Database) -> None:
    """Raise NoSuchRoll when no roll is open here, or one that an older Openroll made. As whoever DATABASE_URL names."""
    try:
        opened = _opened_as_owner(database)
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
    no_checks = not read_checks(home)
    if no_checks and not given.address_key and not is_address_key_used(database):
        add_address_key(home / "keys", os.urandom)
    keys = read_keys(home / "keys", given)
    database.unlock(keys.code_key)
    refuse_anothers_seal(database, home, keys)
    if no_checks:
        refuse_anothers_address_key(database, keys)
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
        try:
            return versions_of(connection, database.roll)
        except RuleLost as error:
            raise NoSuchRoll(str(error)) from error


def admit_operator(roll: Roll, command: AdmitOperator, *, dry_run: bool = False) -> Accepted | Refused:
    """Admit an operator (an official act). Its own record begins here. Who says no seat is whoever keeps the machine."""
    by = seat_of(command.by) if command.by else KEEPER
    if by is None:
        return Refused(SeatGone(seat=command.by))
    with roll.database.own() as connection:
        return act(connection, roll, command, by, dry_run=dry_run)


def organisation_of(roll: Roll, hashed: bytes) -> str | None:
    """The operator that a token stands for, by the token's hash; None when it stands for nobody. Asking is a sign of its life."""
    now = roll.clock()
    with roll.database.own() as connection:
        signs_of_life.hear_by_tokens(connection, [hashed], roll.day(now), now)
        return rolls.organisations_of(connection, [hashed], now).get(hashed)


def good_tokens(roll: Roll) -> frozenset[bytes]:
    """The hashes of all tokens that let in now."""
    with roll.database.own() as connection:
        return rolls.tokens_that_let_in(connection, roll.clock())


def token_hash(token: str) -> bytes:
    """What the roll keeps of a token."""
    return hashlib.sha256(token.encode()).digest()
