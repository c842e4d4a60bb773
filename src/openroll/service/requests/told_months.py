"""What was told in a month, as everybody may have it: the list in which a person finds their own on their own machine."""

import gzip
import hashlib
from collections.abc import Hashable, Iterable, Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from openroll.register.events import event_of
from openroll.register.request.compared import PublicRequest, told_of
from openroll.register.request.events import RequestEvent, RequestFiled
from openroll.register.request.month_list import month_json
from openroll.register.request.state import ProcedureGone, Request, fold, unfollowed
from openroll.service.requests.states import with_heirs
from openroll.service.roll import Roll
from openroll.store import events, operators, requests

_ALIKE = tuple(
    name
    for name in PublicRequest.__struct_fields__
    if name not in ("filed_to", "complaints", "postponed_why", "reason", "told")
)
"""What a request's state has under the same name."""


class Month(NamedTuple):
    """A calendar month (UTC): from `begin` until before `end`."""

    begin: datetime
    end: datetime

    def __str__(self) -> str:
        """As `2026-11`."""
        return f"{self.begin:%Y-%m}"


def month_named(name: str) -> Month | None:
    """The month of a name such as `2026-11`; None for what is none, or the last that there is."""
    try:
        begin = datetime.strptime(name, "%Y-%m").replace(tzinfo=UTC)
        end = begin.replace(year=begin.year + begin.month // 12, month=begin.month % 12 + 1)
    except ValueError:
        return None
    return Month(begin, end) if name == f"{begin.year:04}-{begin.month:02}" else None


def version(roll: Roll, month: Month) -> Hashable | None:
    """What the list of a month is made of: the same as long as the list is; None where nobody was told in it."""
    with roll.database.own() as connection:
        digest = requests.told_digest(connection, *month)
        heirs = operators.ask_heirs(connection)()
    return None if digest is None else (digest, frozenset(heirs.items()))


class PackedMonth(NamedTuple):
    """The list of a month as gzip has it, and the SHA-256 of the list in hexadecimal."""

    data: bytes
    digest: str


def packed(roll: Roll, month: Month) -> PackedMonth:
    """The list of a month (`month_list`): each request as its facts leave it, whatever the time is by now, so that it changes
    when they do."""
    data = month_json(str(month), _told_in(roll, month))
    return PackedMonth(gzip.compress(data, 1, mtime=0), hashlib.sha256(data).hexdigest())


def _told_in(roll: Roll, month: Month) -> list[PublicRequest]:
    with roll.database.own() as connection:
        streams = requests.told_in(connection, *month)
        heirs = operators.ask_heirs(connection)()
        histories: dict[int, list[RequestEvent]] = {stream: [] for stream in streams}
        for row in events.of_streams(connection, streams):
            fact = event_of(row.name, row.body)
            if isinstance(fact, RequestEvent):
                histories[row.stream].append(fact)
    return [_public(facts, heirs) for facts in histories.values() if facts]


def _public(facts: list[RequestEvent], heirs: Mapping[str, str]) -> PublicRequest:
    request = with_heirs(_state(facts), heirs)
    return PublicRequest(**told_of(facts), **{name: getattr(request, name) for name in _ALIKE})


def _state(facts: Iterable[RequestEvent]) -> Request:
    """What facts lead to; where its procedure is not here, as it was filed."""
    filed, *_ = every = list(facts)
    assert isinstance(filed, RequestFiled)  # noqa: S101 - nothing of a request comes before
    try:
        request = fold(every)
    except ProcedureGone:
        return unfollowed(filed)
    assert request is not None  # noqa: S101 - there is a fact
    return request
