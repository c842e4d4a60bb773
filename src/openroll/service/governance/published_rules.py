"""The rules of a roll as anybody may fetch and prove them: a receipt of the entry that names each, and the bytes it names."""

import hashlib

import msgspec
from psycopg import Connection

from openroll.places import canonical as canonical_place
from openroll.register.events import event_of
from openroll.register.roll.decide import ROLL_STREAM
from openroll.register.roll.events import RollOpened, RollOpened1, RollOpened2, RulePublished, RulePublished1
from openroll.service.log.receipts import published, receipt_of
from openroll.service.roll import Roll
from openroll.service.rules_in_force import first_place
from openroll.store import events, log
from openroll.store import roll as rolls
from openroll.store.events import EventRow

NAMES = tuple(kind.name for kind in (RollOpened, RollOpened2, RollOpened1, RulePublished, RulePublished1))
"""The kinds of entries that put a rule in force."""


class Published(msgspec.Struct, frozen=True):
    """One entry of the log that put a rule in force, by its receipt; and what that rule and its jurisdiction are asked for by.

    `rule` and `jurisdiction` are the SHA-256 of their bytes, in hexadecimal: `/api/v1/rules/{digest}` has them. Everything but
    the receipt is a hint: the receipt proves which they are.
    """

    receipt: str
    rule: str
    jurisdiction: str


class PublishedRules(msgspec.Struct, frozen=True):
    """Every rule the roll was, is and will be under, in the order in which they were published, as far as the log shows them."""

    origin: str
    rules: tuple[Published, ...]


def published_rules(roll: Roll) -> PublishedRules:
    """The published rules of a roll, each with a receipt under the newest head. What has no place yet is left out."""
    newest = published(roll)
    with roll.database.transaction("registrar") as connection:
        kept = _digests(connection)
        facts = [row for row in events.of_streams(connection, [ROLL_STREAM]) if row.name in NAMES]
        asked = [log.asked_position(connection, ROLL_STREAM, row.version) for row in facts]
        places = list(map(log.position_in, asked))
    found = []
    for row, place in zip(facts, places, strict=True):
        if newest is not None and place is not None and place < newest[1].size:
            rule, jurisdiction = kept[_named(row)]
            receipt = receipt_of(roll, row, place, newest)
            found.append(Published(receipt.decode(), rule, jurisdiction))
    return PublishedRules(roll.origin, tuple(found))


def _named(row: EventRow) -> tuple[str, str]:
    """The rule and the jurisdiction that an entry puts in force, by their names; of before one had a digest, the rule alone."""
    fact = event_of(row.name, row.body)
    if isinstance(fact, RulePublished):
        return fact.published, fact.jurisdiction if "@" in fact.jurisdiction else ""
    assert isinstance(fact, RollOpened)  # noqa: S101 - of NAMES no other is left; the type checker cannot see it
    return fact.rule, fact.jurisdiction if "@" in fact.jurisdiction else ""


def bytes_of(roll: Roll, digest: str) -> bytes | None:
    """The rule or the jurisdiction that has this SHA-256 (hexadecimal), as it was published; None where there is none."""
    with roll.database.transaction("registrar") as connection:
        rows = rolls.rule_versions_with(connection, digest)
        first = _first(connection) if any(not row.bundle for row in rows) else b""
    kept = (data for row in rows for data in (row.rule.encode(), row.bundle.encode() or first))
    return next((data for data in kept if _digest(data) == digest), None)


def _digests(connection: Connection) -> dict[tuple[str, str], tuple[str, str]]:
    """The digests of rule and jurisdiction of each version, by their names as `_named` gives them: no text is read for it."""
    rows = rolls.rule_versions_named(connection)
    old = "" if all("@" in jurisdiction for _, _, jurisdiction in rows) else _digest(_first(connection))
    return {
        (f"{ref}@{digest[:16]}", jurisdiction): (digest, jurisdiction.partition("@")[2] or old)
        for ref, digest, jurisdiction in rows
    }


def _first(connection: Connection) -> bytes:
    """The jurisdiction of a roll that was opened before one had a digest, as canonical JSON."""
    first = first_place(connection)
    return b"" if first is None else canonical_place(first)


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
