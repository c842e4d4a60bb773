"""Official acts: opening a roll under a rule, admitting operators, issuing their tokens. Each act is an event in the log."""

import hashlib
from datetime import date, datetime
from pathlib import Path

import msgspec
import psycopg
from psycopg import Connection

from openroll.register import districts
from openroll.register.commands import Actor, AdmitOperator, OpenRoll
from openroll.register.decision import Accepted, Refused
from openroll.register.events import Event, OperatorAdmitted, RollOpened, event_of
from openroll.register.refusals import SeatGone
from openroll.register.roll import ROLL_STREAM, RuleStanding, decide, evolve
from openroll.register.roll import Roll as RollState
from openroll.rules import Rule, canonical, check, digest, load, obstacles, overlays, shipped
from openroll.service.given_keys import GivenKeys
from openroll.service.keys import add_address_key, finish_switch, make_keys, read_keys
from openroll.service.roll import Clock, Roll, RuleVersion, Salts
from openroll.service.seats import acting, seat_of
from openroll.service.submit import fact_row
from openroll.service.succession import take_up
from openroll.store import events, log
from openroll.store import roll as rolls
from openroll.store.connect import Database, assume
from openroll.store.schema import is_current, migrate

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


def open_roll(  # noqa: PLR0913 - what varies is handed in by name, all of it here
    database: Database,
    home: Path,
    command: OpenRoll,
    rule: Rule,
    *,
    origin: str,
    clock: Clock,
    salts: Salts,
    given: GivenKeys = GivenKeys(),  # noqa: B008 - a frozen value
    dry_run: bool = False,
) -> Roll | Refused:
    """Open a roll under a rule: its schema, keys and first event. A rule without its safeguards is refused first.

    A dry run decides and does nothing. Repeating it on an open roll is refused and changes nothing.
    """
    stands = standing(rule)
    decision = decide(command, _state_if_there(database), REGISTRAR, stands)
    if isinstance(decision, Refused):
        return decision
    opened = decision.events[0]
    assert isinstance(opened, RollOpened)  # noqa: S101 - OpenRoll makes nothing else; the type checker cannot see it
    migrate(database.url, database.roll)
    add_address_key(home / "keys", salts)
    made = (home / "keys" / "log.pub").exists()
    keys = read_keys(home / "keys", given) if made else make_keys(home / "keys", origin, salts, given)
    roll = Roll(
        database=database,
        home=home,
        opened=opened,
        origin=origin,
        versions=(RuleVersion(date.min, rule, stands.rule, clock()),),
        districts=districts.load(opened.districts),
        keys=keys,
        clock=clock,
        salts=salts,
    )
    if not dry_run:
        _record_opening(roll)
    return roll


def _record_opening(roll: Roll) -> None:
    now = roll.clock()
    with roll.database.transaction("registrar") as connection:
        _append(connection, roll, now, ROLL_STREAM, 1, roll.opened)
        rolls.put_rule(connection, roll.rule.ref, digest(roll.rule), canonical(roll.rule).decode(), now)


def _state_if_there(database: Database) -> RollState:
    try:
        with database.transaction("registrar") as connection:
            return _state(connection)
    except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidParameterValue, psycopg.errors.UndefinedObject):
        return RollState()


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
    salts: Salts,
    given: GivenKeys = GivenKeys(),  # noqa: B008 - a frozen value
) -> Roll:
    """The open roll of this database and home. Raises NoSuchRoll, with what to do."""
    opened = _state_if_there(database).opened
    if opened is None:
        raise NoSuchRoll(
            f"no roll {database.roll!r} is open here: `openroll init --rule RULE` opens it (OPENROLL_ROLL names another)"
        )
    if not is_current(database.url, database.roll):
        raise NoSuchRoll(
            f"the roll {database.roll!r} was made by an older Openroll: `openroll upgrade` brings it up to date"
        )
    versions = rule_versions(database)
    finish_switch(home)
    add_address_key(home / "keys", salts)
    keys = read_keys(home / "keys", given)
    roll = Roll(
        database=database,
        home=home,
        opened=opened,
        origin=keys.origin,
        versions=versions,
        districts=districts.load(opened.districts),
        keys=keys,
        clock=clock,
        salts=salts,
        latest=_latest(database),
    )
    with database.transaction("registrar") as connection:
        take_up(roll, connection)
    return roll


def _latest(database: Database) -> datetime | None:
    with database.transaction("registrar") as connection:
        return log.newest_time(connection)


def upgrade_roll(database: Database) -> None:
    """Bring a roll's tables to their newest shape."""
    migrate(database.url, database.roll)


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
        number = events.next_numbers(connection, 1)[0]
        admitted = decision.events[0]
        assert isinstance(admitted, OperatorAdmitted)  # noqa: S101 - as above
        _append(connection, roll, now, number, 1, admitted)
        rolls.put_operator(
            connection,
            admitted.operator,
            number,
            admitted.title_zh,
            admitted.title_en,
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
    with roll.database.open() as connection:
        return rolls.organisations_of(connection, [hashed], roll.clock()).get(hashed)


def token_hash(token: str) -> bytes:
    """What the roll keeps of a token."""
    return hashlib.sha256(token.encode()).digest()
