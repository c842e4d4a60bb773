"""Whether what is acknowledged stays: what the database must promise, checked and said at the start (docs/replication.md).

A filing is acknowledged when its transaction has committed. That is worth what the server makes of it: written to its disk, and,
where another server may take over, received by that one before. Neither is left to be found out on the day of the failover.
"""

import re

import msgspec

from openroll.service.roll import Roll
from openroll.store.durability import Promise, promise

WAITS_FOR_STANDBYS = ("on", "remote_apply")
"""Values of synchronous_commit under which a commit is on a standby's disk before it is answered (`remote_write` is not)."""
_COUNTED = re.compile(r"\s*(?:(?:first|any)\s+)?(\d+)\s*\(", re.IGNORECASE)


def read_durability(roll: Roll) -> Promise:
    """What the roll's database promises now, in a session as filings have it."""
    with roll.database.open("openroll-durability") as connection:
        return promise(connection)


class Durability(msgspec.Struct, frozen=True):
    """The same in numbers: whether a commit is on disk when it is answered, the standbys it waits for, and those connected."""

    durable: bool
    awaited: int
    connected: int | None


def measure(roll: Roll) -> Durability:
    """What the roll's database promises now, in numbers."""
    found = read_durability(roll)
    return Durability(not faults(found), awaited(found), found.synchronous)


def awaited(found: Promise) -> int:
    """How many standbys a commit waits for (PostgreSQL, "synchronous_standby_names"): 0 when it waits for none."""
    if not found.awaited.strip() or found.synchronous_commit not in WAITS_FOR_STANDBYS:
        return 0
    counted = _COUNTED.match(found.awaited)
    return int(counted[1]) if counted else 1


def said(found: Promise) -> str:
    """What is promised, in a sentence for who starts the server."""
    standbys = awaited(found)
    waits = f"waits for {standbys} standby" + "s" * (standbys != 1) if standbys else "waits for no standby"
    return (
        f"a filing is acknowledged when it is on the database's disk (fsync {_on(found.fsync)}, synchronous_commit"
        f" {found.synchronous_commit}); it {waits}"
    )


def _on(setting: bool) -> str:
    return "on" if setting else "off"


def faults(found: Promise, replicated: int = 0) -> list[str]:
    """Why acknowledged filings could be lost, each with its remedy; none when they could not.

    `replicated` is how many standbys have to hold a filing before it is acknowledged: what whoever keeps the roll says of it.
    """
    sentences = []
    if found.standby:
        sentences.append("the database is a standby of another: DATABASE_URL has to name the primary")
    if not found.fsync:
        sentences.append(
            "fsync is off: a crash of the machine loses what was acknowledged, or everything. Set fsync = on"
        )
    if not found.full_page_writes:
        sentences.append("full_page_writes is off: a crash may leave pages half written. Set full_page_writes = on")
    if found.synchronous_commit == "off":
        sentences.append(
            "synchronous_commit is off for this role or database: a crash loses the last commits that were acknowledged."
            " Set synchronous_commit = on"
        )
    if awaited(found) < replicated:
        sentences.append(
            f"OPENROLL_REPLICATED is {replicated}, and a commit waits for {awaited(found)} standbys (synchronous_commit"
            f" {found.synchronous_commit}, synchronous_standby_names {found.awaited!r}): a failover loses what was acknowledged"
            f" in the last seconds. Set synchronous_standby_names = 'ANY {replicated} (...)' and synchronous_commit = on"
        )
    return sentences


def warnings(found: Promise, replicated: int = 0) -> list[str]:
    """What is no fault and should be known."""
    sentences = []
    if found.standbys and not awaited(found):
        sentences.append(
            f"{found.standbys} programs take the write-ahead log along, and a commit waits for none of them: if one is a standby"
            " that may take over, what was acknowledged last is lost then (docs/replication.md)"
        )
    if found.synchronous is not None and found.synchronous < max(replicated, awaited(found)):
        sentences.append(
            f"{found.synchronous} of the standbys that a commit waits for are connected: filings wait until there are enough"
        )
    return sentences
