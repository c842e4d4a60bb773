"""Which rules a roll is under, as the database has them: every process decides under the rule in force, whoever published it.

A rule version is only ever added, so their number tells whether a process knows them all. Each transaction asks for that number
on its way in (store/connect.py; of a group of filings, rollback_guard.py), and reads the versions anew where there are more.
"""

import hashlib

import msgspec
from psycopg import Connection

from openroll.places import Bundle, bundle_of, full_name, speaking
from openroll.rules import Rule, digest
from openroll.service.governance.opening import opened_before
from openroll.service.roll import NotNow, Roll, RuleVersion
from openroll.store import roll as rolls
from openroll.store.roll import RuleRow


class RuleLost(NotNow):
    """A rule of the roll is gone from the database, or is not the one that was published. Nothing is decided without it."""


def versions_of(connection: Connection, name: str) -> tuple[RuleVersion, ...]:
    """The rules that the roll of this name was, is and will be under. Raises RuleLost when one was lost or altered."""
    rows = rolls.rule_versions(connection)
    if not rows:
        raise RuleLost(f"the roll {name!r} has lost its rule; restore it from a backup")
    first = None if all(row.jurisdiction for row in rows) else first_place(connection)
    return tuple(_version(row, name, first) for row in rows)


def _version(row: RuleRow, name: str, first: Bundle | None) -> RuleVersion:
    rule = msgspec.json.decode(row.rule, type=Rule)
    if digest(rule) != row.digest:
        raise RuleLost(f"a rule kept for the roll {name!r} is not the one that was published: it was altered")
    of = (row.starts, rule, f"{row.ref}@{row.digest[:16]}", row.since)
    if not row.jurisdiction:
        if first is None:
            raise RuleLost(f"the roll {name!r} has lost its jurisdiction; restore it from a backup")
        return RuleVersion(*of, first, first.jurisdiction.id)
    if hashlib.sha256(row.bundle.encode()).hexdigest() != row.jurisdiction.rpartition("@")[2]:
        raise RuleLost(f"a jurisdiction kept for the roll {name!r} is not the one that was published: it was altered")
    return RuleVersion(*of, bundle_of(row.bundle), row.jurisdiction)


def first_place(connection: Connection) -> Bundle | None:
    """The jurisdiction of a roll of before they had a digest: the shipped one that its opening names, in its own languages."""
    opened = opened_before(connection)
    name, pinned, _ = ("", "", "") if opened is None else opened.jurisdiction.partition("@")
    # Of rolls of before alone, and what reads folders carries calendars and numbering plans: 30 MB.
    from openroll.places import load, shipped  # noqa: PLC0415 - see above

    if opened is None or name not in shipped():
        return None
    place = speaking(load(name), opened.languages)
    return place if not pinned or full_name(place) == opened.jurisdiction else None


def follow(roll: Roll) -> None:
    """Have every transaction of this roll's database see that the process knows its rules. Raises RuleLost in one that cannot."""

    def see(known: int) -> None:
        if known > len(roll.versions):
            # Not one of the kept connections: everybody who waits for a second one may hold a first.
            with roll.database.open_beside("openroll-rules", role="application") as connection:
                roll.adopt(versions_of(connection, roll.name))

    roll.database.see_rules = see


def see(roll: Roll, connection: Connection, known: int) -> None:
    """The same on a connection that is in its transaction already, under the application's role."""
    if known > len(roll.versions):
        roll.adopt(versions_of(connection, roll.name))
