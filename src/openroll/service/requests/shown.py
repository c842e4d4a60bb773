"""Requests as they are shown: to their bodies, and to anybody, as everything but the person and the envelopes is public."""

from collections.abc import Hashable, Iterable, Mapping
from datetime import date, datetime

import msgspec
from psycopg import Connection

from openroll.register.decision import Refused
from openroll.register.events import event_of
from openroll.register.official import Under
from openroll.register.organisation.roles import Seat
from openroll.register.request.commands import OpenRequest
from openroll.register.request.decide import caught_up
from openroll.register.request.events import PersonTold, RequestEvent, RequestFiled
from openroll.register.request.refusals import RequestUnknown
from openroll.register.request.state import PROCEDURE_UNKNOWN, ProcedureGone, Request, fold, unfollowed
from openroll.register.request.turns import is_late, part_of
from openroll.service.acts import act
from openroll.service.identity.seats import acting
from openroll.service.requests.current import current
from openroll.service.requests.states import request_of, with_heirs
from openroll.service.roll import Roll
from openroll.store import events, notices, operators, requests
from openroll.store.connect import assume
from openroll.store.requests import RequestRow

MOST = 200
"""Requests in one list; `before` goes on."""
NOTICE = "notice"
"""What is lost of a telling, among the parts of envelopes."""


class Shown(msgspec.Struct, frozen=True):
    """A request as it stands now, with its facts and the civil days that they stand under.

    `due` is when the time of its step is over, `late` whether the person is told late or was never. `status` is where it
    stands in the words of docs/requests.md. A step whose time is over is left here before the clock has written so. A request
    by a procedure that this version does not have is `PROCEDURE_UNKNOWN`, as it was filed: it keeps nobody from the others.
    `lost` are the parts of which the log kept the digest alone (`notice` for what a person was told): the database that held them
    went back, or somebody took them out. A person whose notice is lost is told late, also where the request has ended.
    """

    request: Request
    history: tuple[tuple[RequestEvent, date], ...]
    due: datetime | None
    late: bool
    status: str
    lost: tuple[str, ...] = ()

    @property
    def number(self) -> int:
        """The request's public number."""
        return self.request.number

    @property
    def followed(self) -> bool:
        """Whether its procedure is known here, so that what it takes from whom can be said."""
        return self.status != PROCEDURE_UNKNOWN


class SealedPart(msgspec.Struct, frozen=True):
    """An envelope: which part of the request it is, which organisation sent it (empty: the person), and its bytes."""

    part: str
    organisation: str
    data: bytes


class Taking(msgspec.Struct, frozen=True):
    """Envelopes that a seat took, and whether the log had from `before` that it takes them in this step."""

    parts: tuple[SealedPart, ...]
    before: bool


def mine(
    roll: Roll, organisation: str, open_only: bool = True, *, before: int | None = None, most: int = MOST
) -> list[Shown]:
    """The requests that an organisation is a body of, the newest first; those that go on, unless all are asked for."""
    with roll.database.own() as connection:
        rows = requests.of_organisation(connection, organisation, open_only=open_only, before=before, most=most)
        return shown_of(connection, roll, rows)


def one(roll: Roll, number: int, organisation: str) -> Shown | Refused:
    """A request of which an organisation is a body."""
    with roll.database.own() as connection:
        row = requests.request(connection, number)
        shown = [] if row is None else shown_of(connection, roll, [row])
    if not shown or not shown[0].request.party(organisation):
        return Refused(RequestUnknown(request=number))
    return shown[0]


def public(roll: Roll, *, number: int | None = None, before: int | None = None, most: int = MOST) -> list[Shown]:
    """What anybody may see: requests of all, the newest first, or the one of a `number`."""
    with roll.database.own() as connection:
        if number is not None:
            row = requests.request(connection, number)
            return shown_of(connection, roll, [] if row is None else [row])
        return shown_of(connection, roll, requests.every(connection, before=before, most=most))


def public_version(roll: Roll, before: int | None) -> Hashable | None:
    """What a page of `public` is made of: the same as long as the page is. None while it is to be made each time anew, as the
    time of a request's step is over and no worker wrote down what followed.

    A notice that is altered in its place shows once the worker has marked its request.
    """
    with roll.database.own() as connection:
        digest = requests.page_digest(connection, roll.clock(), before, MOST)
        heirs = operators.ask_heirs(connection)()
    return None if digest is None else (digest, frozenset(heirs.items()))


def envelopes(roll: Roll, number: int, by: Seat) -> Taking | Refused:
    """Take the envelopes of a request that are sealed to one's organisation and that it is its turn to have.

    That they were taken stands in the log, once a seat and step, or once more where others came: in the same transaction, so
    that nobody has them unseen. The database gives them out under the organisation's own role.
    """
    with current(roll) as connection:
        found = requests.stream_of(connection, number)
        if found is not None:
            events.version_of(connection, found[0])  # held: no envelope comes between the entry and what is given out
        request = None if found is None else request_of(connection, found[0])
        if request is None or not request.party(by.organisation):
            return Refused(RequestUnknown(request=number))
        if (refused := acting(connection, by)) is not None:
            return refused
        before = _is_taken(request, by, roll.clock())
        acted = None if before else act(connection, roll, OpenRequest(request=number), by)
        if isinstance(acted, Refused):
            return acted
        assume(connection, "operator", organisation=by.organisation)
        rows = requests.envelopes(connection, number, request.party(by.organisation))
    return Taking(tuple(SealedPart(row.part, row.organisation, row.data) for row in rows), before)


def _is_taken(request: Request, by: Seat, now: datetime) -> bool:
    """Whether a seat took what there is in the step that a request is in."""
    return _now(request, now).has_taken(str(by))


def _now(request: Request, now: datetime) -> Request:
    """A request as it stands now: a step whose time is over is left."""
    return caught_up(request, "", Under("", now.date(), now))[1]


def shown_of(connection: Connection, roll: Roll, rows: Iterable[RequestRow]) -> list[Shown]:
    """Requests as they stand now, from their facts, in the order of their rows."""
    streams = {row.stream: row for row in rows}
    numbers = [row.number for row in streams.values()]
    kept, told = requests.kept_of(connection, numbers), notices.digests(connection, numbers)
    heirs = operators.ask_heirs(connection)()
    histories: dict[int, list[tuple[RequestEvent, date]]] = {stream: [] for stream in streams}
    lost: dict[int, dict[str, None]] = {stream: {} for stream in streams}
    for row in events.of_streams(connection, list(streams)):
        fact = event_of(row.name, row.body)
        if isinstance(fact, RequestEvent):
            histories[row.stream].append((fact, row.day))
            _lose(lost[row.stream], fact, kept.get((fact.request, row.version)), told.get(fact.request))
    now = roll.clock()
    return [_one(history, tuple(lost[stream]), heirs, now) for stream, history in histories.items() if history]


def _lose(lost: dict[str, None], fact: RequestEvent, kept: str | None, told: str | None) -> None:
    """Note which sealed part of a fact is gone: what its digest is of is not there, whoever took it away."""
    if isinstance(fact, PersonTold):
        lost.pop(NOTICE, None)  # told anew
    part, there = ((NOTICE, fact.notice), told) if isinstance(fact, PersonTold) else (part_of(fact), kept)
    if part is not None and part[1] != there:
        lost[part[0]] = None


def _one(
    history: list[tuple[RequestEvent, date]], lost: tuple[str, ...], heirs: Mapping[str, str], now: datetime
) -> Shown:
    try:
        request = fold([fact for fact, _ in history])
    except ProcedureGone:
        return _unfollowed(history, lost, heirs)
    assert request is not None  # noqa: S101 - there is a fact
    request = _now(with_heirs(request, heirs), now)
    late = is_late(request) or NOTICE in lost
    return Shown(request, tuple(history), request.standing.due, late, request.status(now), lost)


def _unfollowed(history: list[tuple[RequestEvent, date]], lost: tuple[str, ...], heirs: Mapping[str, str]) -> Shown:
    filed = history[0][0]
    assert isinstance(filed, RequestFiled)  # noqa: S101 - nothing else names a procedure
    return Shown(with_heirs(unfollowed(filed), heirs), tuple(history), None, False, PROCEDURE_UNKNOWN, lost)
