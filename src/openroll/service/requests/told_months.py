"""What was told in a month, as everybody may have it: the list in which a person finds their own on their own machine."""

import functools
import gzip
import hashlib
from collections.abc import Hashable, Iterable, Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from psycopg import Connection

from openroll.register.events import event_of
from openroll.register.request.compared import PublicRequest, told_of
from openroll.register.request.events import RequestEvent, RequestFiled
from openroll.register.request.month_list import month_json, month_of
from openroll.register.request.state import ProcedureGone, Request, fold, unfollowed
from openroll.service.made_once import MadeOnce
from openroll.service.requests.states import with_heirs
from openroll.service.roll import Roll
from openroll.store import events, operators, requests
from openroll.store.requests import ToldRow

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
    """The list of a month as gzip has it, and the SHA-256 of the list in hexadecimal. `made_of` says of each request in it up to
    which of its facts, and by which `heirs` of operators."""

    data: bytes
    digest: str
    made_of: Mapping[int, int]
    heirs: Mapping[str, str]


def packed(roll: Roll, month: Month, before: PackedMonth | None = None) -> PackedMonth:
    """The list of a month (`month_list`): each request as its facts leave it, whatever the time is by now, so that it changes
    when they do. Of the list `before` it is kept what is made of the same facts: of thousands, few change at a time."""
    with roll.database.own() as connection:
        rows = requests.told_in(connection, *month)
        heirs = operators.ask_heirs(connection)()
        kept = {} if before is None or before.heirs != heirs else _kept(month, before, rows)
        fresh = _made(connection, [row.stream for row in rows if row.number not in kept], heirs)
    every = (kept.get(row.number) or fresh.get(row.number) for row in rows)
    # Whoever was told once more meanwhile is in the list of a later month.
    listed = [one for one in every if one and one.told and month.begin <= one.told.at < month.end]
    data, made_of = month_json(str(month), listed), {row.number: row.version for row in rows}
    return PackedMonth(gzip.compress(data, 1, mtime=0), hashlib.sha256(data).hexdigest(), made_of, heirs)


def _kept(month: Month, before: PackedMonth, rows: Iterable[ToldRow]) -> dict[int, PublicRequest]:
    """What a list has of requests that are as they were."""
    same = {row.number for row in rows if before.made_of.get(row.number) == row.version}
    return {one.number: one for one in month_of(gzip.decompress(before.data), str(month)) if one.number in same}


def _made(connection: Connection, streams: list[int], heirs: Mapping[str, str]) -> dict[int, PublicRequest]:
    """The requests of some records, by their numbers, from their facts."""
    histories: dict[int, list[RequestEvent]] = {stream: [] for stream in streams}
    for row in events.of_streams(connection, streams):
        fact = event_of(row.name, row.body)
        if isinstance(fact, RequestEvent):
            histories[row.stream].append(fact)
    return {facts[0].request: _public(facts, heirs) for facts in histories.values() if facts}


class MonthLists:
    """The lists of months, made once for everybody until anything in them changes, and anew from the one before."""

    def __init__(self, roll: Roll, most: int) -> None:
        self._roll, self._most = roll, most
        self._made = MadeOnce(most)
        self._last: dict[str, PackedMonth] = {}

    async def get(self, month: Month, version: Hashable | None) -> PackedMonth:
        """The list of a month, of this `version`."""
        if version is None:
            return await self._made.draw(functools.partial(packed, self._roll, month))
        return await self._made.get((str(month), version), functools.partial(self._anew, month))

    def _anew(self, month: Month) -> PackedMonth:
        """In the one thread that makes lists."""
        made = packed(self._roll, month, self._last.pop(str(month), None))
        self._last[str(month)] = made
        if len(self._last) > self._most:
            del self._last[next(iter(self._last))]
        return made

    def close(self) -> None:
        """As `MadeOnce.close`."""
        self._made.close()


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
