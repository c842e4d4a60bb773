"""Published figures: an official act that fixes the counts of a day under a digest in the log. Anyone may recount them."""

import hashlib
from collections import Counter
from datetime import date

import msgspec

from openroll.register.decision import Refused
from openroll.register.events import FiguresPublished
from openroll.register.organisations import REGISTRAR, Seat
from openroll.register.refusals import FiguresPublishedAlready
from openroll.register.roll import ROLL_STREAM
from openroll.service.official import append_official
from openroll.service.roll import Roll
from openroll.service.seats import acting
from openroll.store import rulings, subscriptions

_encode = msgspec.json.Encoder(order="sorted").encode


class Row(msgspec.Struct, frozen=True):
    """One row of the figures' table: what is counted (`days`, `districts`, `kinds`, `operators`), of what, and how many."""

    table: str
    key: str
    event: str
    count: int


def rows(roll: Roll) -> list[Row]:
    """The public figures as one long table: the form in which they are downloaded and published."""
    with roll.database.transaction("registrar") as connection:
        days = rulings.by_day(connection)
        places = subscriptions.by_district(connection)
        operators = subscriptions.by_operator(connection)
    districts: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    for district, kind, count in places:
        districts[district] += count
        kinds[kind] += count
    return [
        *(Row("days", day.isoformat(), name, count) for day, name, count in days),
        *(Row("districts", key, "living", count) for key, count in sorted(districts.items())),
        *(Row("kinds", key, "living", count) for key, count in sorted(kinds.items())),
        *(Row("operators", name, "living", count) for name, _, _, count in operators),
    ]


def publish(roll: Roll, by: Seat) -> str | Refused:
    """Publish the figures of today (an official act); their SHA-256 in hexadecimal."""
    now = roll.clock()
    day = roll.day(now)
    text = _encode(rows(roll)).decode()
    digest = hashlib.sha256(text.encode()).hexdigest()
    with roll.database.own() as connection:
        if (refused := acting(connection, by)) is not None:
            return refused
        if not rulings.put_figures(connection, day, text, digest, now):
            return Refused(FiguresPublishedAlready(on=day))
        fact = FiguresPublished(on=day, digest=digest, by=str(by), rule=roll.rule_name)
        append_official(connection, roll, now, ROLL_STREAM, (fact,), REGISTRAR)
    return digest


def published(roll: Roll) -> list[tuple[date, str, str]]:
    """What was published, the newest first: (day, canonical JSON, SHA-256 in hexadecimal)."""
    with roll.database.transaction("registrar") as connection:
        return rulings.published(connection)
