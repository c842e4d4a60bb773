"""Whom a rule is asked about: a subscription (or site) with the days on which things happened to it."""

from collections.abc import Mapping
from datetime import date

import msgspec


class Subject(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whom a rule is asked about. Dates are civil dates in the rule's zone; None where nothing happened yet.

    `connected` is when the subscription (or site) began; `filed` when it was filed; `changed` and `ended` when it last
    changed and ended, `change_reported` and `end_reported` when that was told. Each event and act of a duty has its date
    (EVENT_FIELDS, DONE_FIELDS). `numbers` are counts by name (`lines`, `visitors-a-day`); `service` is what is subscribed to
    (`prepaid`); `zone` is one of the rule's zones, where it has several.
    """

    kind: str
    connected: date | None = None
    filed: date | None = None
    changed: date | None = None
    change_reported: date | None = None
    ended: date | None = None
    end_reported: date | None = None
    activated: date | None = None
    lost: date | None = None
    loss_reported: date | None = None
    noticed: date | None = None
    sold: date | None = None
    posted: date | None = None
    came_of_age: date | None = None
    announced: date | None = None
    requested: date | None = None
    ordered: date | None = None
    transferred: date | None = None
    ported: date | None = None
    taken_over: date | None = None
    suspended: date | None = None
    deactivated: date | None = None
    reactivated: date | None = None
    reported: date | None = None
    verified: date | None = None
    amended: date | None = None
    renewed: date | None = None
    told: date | None = None
    handed_over: date | None = None
    answered: date | None = None
    numbers: Mapping[str, int] = {}
    service: str | None = None
    zone: str | None = None


DATES: tuple[str, ...] = tuple(
    name for name in Subject.__struct_fields__ if name not in ("kind", "numbers", "service", "zone")
)
"""The dates of a subject, in order: the date columns of a frame of them."""

EVENT_FIELDS = {
    "connection": "connected",
    "change": "changed",
    "end": "ended",
    "activation": "activated",
    "loss": "lost",
    "notice": "noticed",
    "sale": "sold",
    "post": "posted",
    "coming-of-age": "came_of_age",
    "announcement": "announced",
    "request": "requested",
    "order": "ordered",
    "transfer": "transferred",
    "port": "ported",
    "suspension": "suspended",
    "deactivation": "deactivated",
    "reactivation": "reactivated",
}
"""Where a subject has the day of each event. The rule's own day and the calendar's ends are counted for who is connected."""

DONE_FIELDS = {
    "file": "filed",
    "report-change": "change_reported",
    "report-end": "end_reported",
    "report-loss": "loss_reported",
    "report": "reported",
    "verify": "verified",
    "amend": "amended",
    "renew": "renewed",
    "tell": "told",
    "hand-over": "handed_over",
    "answer": "answered",
    "deactivate": "deactivated",
}
"""Where a subject has the day on which each act was done. `hold-at-most` is no act of a day: it looks at `numbers`."""

EARLY = frozenset({"file", "verify"})
"""Acts that may be done before the event they are counted from. A report of what has not happened is no report."""

OUTLIVING = frozenset({"end", "deactivation", "suspension", "loss", "notice", "request", "order"})
"""Events whose duties do not fall away as the subscription ends."""

PENDING = {"before-activation": "connected", "before-reactivation": "deactivated"}
"""Conditions that stand before the event they are for has come, and from which day on."""

SUCCESSIONS = {"leaves": "taken_over", "merges": "taken_over", "taken-over": "taken_over", "ported": "ported"}
"""Where a subject has the day on which it passed to another operator."""
