"""Public figures: entries by day, which anyone may recount from the log, and living subscriptions, counted once a day.

Whoever polls figures of the moment beside the log's head sees them move with an entry, and so learns of which district, kind and
operator it was. So living subscriptions are counted once a day for everyone, and shown in steps of a least count.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from datetime import date
from typing import Any, TypeVar

import msgspec
from psycopg import Connection

from openroll.register.decision import Refused
from openroll.register.organisation.roles import Seat
from openroll.register.roll.commands import PublishFigures
from openroll.service.acts import act
from openroll.service.roll import Roll
from openroll.store import rule_versions, subscriptions

T = TypeVar("T")
_encode = msgspec.json.Encoder(order="sorted").encode


class Row(msgspec.Struct, frozen=True):
    """One row of the figures' table: what is counted, of what, and how many.

    Tables are `days`, `districts`, `kinds`, `operators`, and `unconfirmed` by operator, which is in none of the others.
    """

    table: str
    key: str
    event: str
    count: int


class Table:
    """The public figures as one table, and what is shown of it: made when first asked for, and forgotten with the table."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self.rows = rows
        self._made: dict[Hashable, Any] = {}

    def __contains__(self, key: Hashable) -> bool:
        """Whether something was made under a key already."""
        return key in self._made

    def made(self, key: Hashable, make: Callable[[Sequence[Row]], T]) -> T:
        """What was made of the rows under a key, which names all else that it is made of."""
        if key not in self._made:
            self._made[key] = make(self.rows)
        made: T = self._made[key]
        return made


class Daily(msgspec.Struct, frozen=True):
    """Living subscriptions as they stood when the first server looked on a civil day.

    Filings made alone that wait for their operator's word are counted apart, in `unconfirmed` by operator, and nowhere else.
    `least` is the least count: every number is rounded down to a multiple of it, and 0 says that there are fewer.
    """

    day: date
    least: int
    living: int = 0
    districts: dict[str, int] = {}
    kinds: dict[str, int] = {}
    operators: dict[str, int] = {}
    unconfirmed: dict[str, int] = {}


def count_day(roll: Roll) -> Daily:
    """The count of today; made and kept if nobody has made it yet. Later changes show tomorrow."""
    now = roll.clock()
    today = roll.day(now)
    with roll.database.transaction("registrar") as connection:
        found = rule_versions.daily_figures(connection)
        if found is not None and found[0] >= today:
            return msgspec.json.decode(found[1], type=Daily)
        counted = count_living(connection, today, roll.least_count, listed(roll, today))
        rule_versions.put_daily_figures(connection, today, _encode(counted).decode(), roll.least_count, now)
        kept = rule_versions.daily_figures(connection)
    return counted if kept is None else msgspec.json.decode(kept[1], type=Daily)


def daily(connection: Connection, roll: Roll) -> Daily:
    """The newest count that was kept, for readers: reading counts nothing. Empty before a roll's first."""
    found = rule_versions.daily_figures(connection)
    if found is None:
        return Daily(roll.day(roll.clock()), roll.least_count)
    return msgspec.json.decode(found[1], type=Daily)


class Listed(msgspec.Struct, frozen=True):
    """What has a row in the figures whether anything of it is living or not, so that a new row tells of no first filing."""

    districts: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()


def listed(roll: Roll, today: date) -> Listed:
    """The districts and kinds that a filing may name today, or could under any version of the roll's rule."""
    districts: set[str] = set()
    kinds: set[str] = set()
    for version in roll.versions:
        place = version.place
        parents = {one.parent for one in place.districts}
        leaves = (*place.leaves(today), *place.leaves(version.starts))
        districts |= {one.code for one in place.districts if one.code not in parents} | {one.code for one in leaves}
        kinds |= {one.id for one in place.jurisdiction.kinds} & set(version.rule.covers)
    return Listed(frozenset(districts), frozenset(kinds))


def count_living(connection: Connection, day: date, least: int, among: Listed = Listed()) -> Daily:  # noqa: B008 - a frozen value
    """What is living now, in steps of `least`. Only what is kept of it once a day is shown (`count_day`).

    What is listed `among` has a row in any case: none and few look alike. Operators have theirs from their admission.
    """
    districts = Counter(dict.fromkeys(among.districts, 0))
    kinds = Counter(dict.fromkeys(among.kinds, 0))
    for district, kind, count in subscriptions.by_district(connection):
        districts[district] += count
        kinds[kind] += count
    operators = {name: count for name, _, count in subscriptions.by_operator(connection)}
    waiting = dict.fromkeys(operators, 0) | subscriptions.count_unconfirmed(connection)
    return Daily(
        day,
        least,
        coarse(kinds.total(), least),
        {key: coarse(count, least) for key, count in districts.items()},
        {key: coarse(count, least) for key, count in kinds.items()},
        {key: coarse(count, least) for key, count in operators.items()},
        {key: coarse(count, least) for key, count in waiting.items()},
    )


def coarse(count: int, least: int) -> int:
    """A count as it is shown: rounded down to a multiple of `least`."""
    return count // least * least


def table(roll: Roll) -> Table:
    """The public figures as one table, as `rows` has them now."""
    return Table(rows(roll))


def rows(roll: Roll) -> list[Row]:
    """The public figures as one long table: the form in which they are downloaded and published."""
    with roll.database.transaction("registrar") as connection:
        days = rule_versions.by_day(connection)
        living = daily(connection, roll)
    tables = {"districts": living.districts, "kinds": living.kinds, "operators": living.operators}
    return [
        *(Row("days", day.isoformat(), name, count) for day, name, count in days),
        *(
            Row(table, key, "living", count)
            for table, counts in tables.items()
            for key, count in sorted(counts.items())
        ),
        *(Row("unconfirmed", key, "waiting", count) for key, count in sorted(living.unconfirmed.items())),
    ]


def publish(roll: Roll, by: Seat) -> str | Refused:
    """Publish the figures of today (an official act); their SHA-256 in hexadecimal."""
    count_day(roll)
    now = roll.clock()
    text = _encode(rows(roll)).decode()
    digest = hashlib.sha256(text.encode()).hexdigest()
    with roll.database.own() as connection:
        acted = act(connection, roll, PublishFigures(figures=text, digest=digest), by, now=now)
    return acted if isinstance(acted, Refused) else digest


def published(roll: Roll) -> list[tuple[date, str, str]]:
    """What was published, the newest first: (day, canonical JSON, SHA-256 in hexadecimal)."""
    with roll.database.transaction("registrar") as connection:
        return rule_versions.published(connection)
