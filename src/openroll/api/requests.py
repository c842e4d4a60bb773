"""Requests as anybody sees them: everything but which record, on what grounds, and what was answered."""

import gzip
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

import msgspec
from litestar import MediaType, Request, Response, get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from openroll.api.openapi import problems
from openroll.api.problems import RefusedError
from openroll.api.values import Before, Number, NumberInPath, PlaceInPath, Short
from openroll.disclosure.notice import BUCKETS
from openroll.disclosure.notice_heap import heap_json
from openroll.register.decision import Refused
from openroll.register.request.account import Counted, Row, summed
from openroll.register.request.commands import Complain
from openroll.register.request.compared import PublicTelling, told_of
from openroll.register.request.content import notice_context
from openroll.register.request.events import UseEnded
from openroll.register.request.state import Use as RegisteredUse
from openroll.service.application import Application
from openroll.service.identity.people import organisations
from openroll.service.requests import notices, proofs, rights, shown, steps
from openroll.service.requests.proofs import FactSeen
from openroll.service.requests.rights import SeenKey
from openroll.service.requests.shown import Shown
from openroll.service.requests.told_months import month_named
from openroll.service.roll import Roll
from openroll.traffic import request_address
from openroll.words.requests import purpose_said

Of = Annotated[int, QueryParameter(ge=1, le=BUCKETS)]
Month = Annotated[str, QueryParameter(pattern=r"^([1-9][0-9]{3}-(0[1-9]|1[0-2]))?$")]
After = Annotated[int, QueryParameter(ge=0, le=2**62)]


class Listed(msgspec.Struct):
    """A request as it stands now. `due` is when the time of its step is over, by itself where nobody here has anything left to do
    (as once the person has `complained`); `late` says that its person is told too late.
    `lost` are the sealed parts (`notice` among them) that are not there any more: the log has their digests.
    `filed_to` is the operator that was asked, where `operator` may have succeeded it since; `complaints` are the SHA-256 of words
    that its person may complain by, one for each telling; `told` is the last telling, by its notice's SHA-256 and bucket, so that
    everybody sees whether it is given out; `complain_until` is by when its person can complain, where they can;
    `reason` is why it was refused, annulled or objected to. So a person compares what
    they were told with what stands in public, from this list that is the same for everybody."""

    number: int
    status: str
    due: datetime | None
    late: bool
    authority: str
    operator: str
    reviewer: str
    objector: str
    use: int
    fields: tuple[str, ...]
    urgency: str
    desired: str
    earlier: int | None
    filed: datetime
    procedure: str
    approved: tuple[str, ...] | None
    outcome: str
    given: tuple[str, ...]
    annulled: bool
    postponed: datetime | None
    complained: bool
    lost: tuple[str, ...]
    filed_to: str
    complaints: tuple[str, ...]
    complain_until: datetime | None
    postponed_why: str
    reason: str
    told: PublicTelling | None


class Proved(msgspec.Struct):
    """A request with its facts in their order, each with the receipt that proves it (empty while it has no place in the log).

    `successions` prove for which operators of before its operator answers: their records are its own to give.
    """

    request: Listed
    facts: list[FactSeen]
    successions: list[FactSeen]


class Use(msgspec.Struct):
    """A registered use: what an authority may ask for. `purpose` is the place, from 0, in the list of purposes of `rule`, under
    which it was registered, `said` the purpose in its words (where that rule went with the roll's database, words that say so);
    `titles` are those of the authority, by language. `purpose_gone` and `fields_gone` are what the rule of today allows no more:
    nothing of it is asked for or given."""

    number: int
    organisation: str
    purpose: int
    basis: str
    fields: tuple[str, ...]
    supervisor: str
    supervised_at: str
    office: str
    ended: bool
    rule: str
    said: dict[str, str]
    purpose_gone: bool
    fields_gone: tuple[str, ...]
    titles: dict[str, str]
    receipt: str = ""
    """Of the entry by which it was registered, where one use was asked for; empty while that has no place in the log."""
    ended_receipt: str = ""
    """Likewise of the entry by which it ended."""


class Heaps(msgspec.Struct):
    """How many heaps there are now: a bucket of a notice code stands in heap `bucket * heaps / 1024`, rounded down. `zone` is
    the time zone that the roll counts its days in (IANA). `months` says of how many requests the person was last told in each
    month (UTC) in which there is any: `/told/{month}` lists them."""

    heaps: int
    zone: str
    months: dict[str, int]


class Complaint(msgspec.Struct, forbid_unknown_fields=True):
    """A complaint, with the word that stood in the notice, and a letter sealed to the reviewer or none (base64)."""

    request: Number
    word: Short
    envelope: Annotated[bytes, msgspec.Meta(max_length=65_536)] = b""


class Complained(msgspec.Struct):
    """A complaint that was made."""

    request: int


def listed(one: Shown) -> Listed:
    """A request as it is listed."""
    request = one.request
    return Listed(
        number=one.number,
        status=one.status,
        due=one.due,
        late=one.late,
        lost=one.lost,
        **told_of(fact for fact, _ in one.history),
        **{name: getattr(request, name) for name in _ALIKE},
    )


_APART = ("number", "status", "due", "late", "lost", "filed_to", "complaints", "postponed_why", "reason", "told")
_ALIKE = tuple(name for name in Listed.__struct_fields__ if name not in _APART)


@get("/requests", summary="All requests, the newest first", responses=problems())
async def requests_of_all(application: NamedDependency[Application], before: Before = None) -> Response[list[Listed]]:
    """At most 200; `before` goes on below a number. Everything here stands in the log as well."""
    page: Any = await application.requests_of_all(before, _page)
    return Response(page, media_type=MediaType.JSON)


def _page(rows: list[Shown]) -> bytes:
    return msgspec.json.encode(list(map(listed, rows)))


@get("/requests/late", summary="Requests of which the person is told too late", responses=problems())
async def requests_late(application: NamedDependency[Application], before: Before = None) -> list[Listed]:
    """The newest first, at most 200: those whose time to tell is over, and those of which the person was never told. `before`
    goes on below a number."""
    return list(map(listed, await application.ask(notices.late, before=before)))


@get("/requests/figures", summary="What became of requests, counted", responses=problems())
async def request_figures(
    application: NamedDependency[Application], by: FromQuery[Literal["parties", "month", "year"]] = "parties"
) -> list[Row]:
    """By the month of filing with authority, reviewer, operator and use, or by month or year alone. Open and closed make the
    filed; anyone counts the same from the log (`openroll request recount`)."""
    rows = (await application.requests()).rows
    return list(rows if by == "parties" else summed(rows, yearly=by == "year"))


@get(
    "/requests/figures/log", summary="The figures of requests, and how much of the log they count", responses=problems()
)
async def request_figures_of_log(application: NamedDependency[Application]) -> Counted:
    """By parties, counted from the first `size` entries of the log alone: whoever counts these gets the same rows."""
    return await application.requests()


@get("/requests/{number:int}", summary="One request, with its facts and their proofs", responses=problems())
async def one_request(
    number: NumberInPath, request: Request[Any, Any, Any], application: NamedDependency[Application]
) -> Proved:
    """Whoever reads it checks each receipt with the log's keys, and needs to believe nothing else here."""
    found = await application.ask(shown.public, number=number)
    if not found:
        raise NotFoundException("no request has this number")
    facts = await application.facts_of_request(number, request_address(request.scope, request.app.state.proxies))
    if isinstance(facts, Refused):
        raise RefusedError(facts)
    heirs = await application.ask(proofs.successions, found[0].request.operator)
    return Proved(listed(found[0]), facts, heirs)


@get("/uses", summary="What authorities registered that they may ask for", responses=problems())
async def uses(
    application: NamedDependency[Application],
    authority: FromQuery[str] = "",
    ended: FromQuery[bool] = False,
    before: Before = None,
) -> list[Use]:
    """Those in force, of one authority or of all; with `ended` those that ended too. At most 200, the newest first; `before`
    goes on below a number."""
    return await application.ask(_uses, authority, ended, before)


def _uses(roll: Roll, authority: str, ended: bool, before: int | None = None) -> list[Use]:
    return _titled(roll, rights.uses(roll, authority or None, ended=ended, before=before))


def _titled(roll: Roll, found: list[RegisteredUse]) -> list[Use]:
    titles = {one.name: dict(one.title) for one in organisations(roll)}
    said = [msgspec.structs.replace(one, said=purpose_said(one, roll.languages)) for one in found]
    return [Use(**msgspec.structs.asdict(one), titles=titles.get(one.organisation, {})) for one in said]


@get("/uses/{number:int}", summary="One registered use, ended or not", responses=problems())
async def use(number: NumberInPath, application: NamedDependency[Application]) -> Use:
    """What was asked under it, a request says by this number. What a person is told of it, its receipt proves."""
    found = await application.ask(_use, number)
    if found is None:
        raise NotFoundException("no use has this number")
    return found


def _use(roll: Roll, number: int) -> Use | None:
    found = rights.one_use(roll, number)
    if found is None:
        return None
    ended = rights.receipt_of_use(roll, found, UseEnded) if found.ended else ""
    receipt = rights.receipt_of_use(roll, found)
    return msgspec.structs.replace(_titled(roll, [found])[0], receipt=receipt, ended_receipt=ended)


@get("/envelope-keys/{organisation:str}", summary="The keys of an organisation's envelopes", responses=problems())
async def envelope_keys(organisation: FromPath[str], application: NamedDependency[Application]) -> list[SeenKey]:
    """All that it ever published, the newest first, each with the receipt that proves whose it is: seal to none without it."""
    return await application.ask(rights.published_keys, organisation)


@get("/notices", summary="In how many heaps notices are given out", responses=problems())
async def heaps(application: NamedDependency[Application]) -> Heaps:
    """A power of two up to 1,024: few notices stand in one heap, which everybody fetches whole."""
    given = await application.given_out()
    return Heaps(given.heaps, application.roll.zone.key, given.months)


@get(
    "/notices/{number:int}",
    summary="A heap of notices to people",
    media_type=MediaType.JSON,
    responses=problems(),
)
async def heap(
    number: PlaceInPath,
    application: NamedDependency[Application],
    of: Of = BUCKETS,
    since: Month = "",
    after: After = 0,
) -> Response[Any]:
    """Every notice of this heap `of` so many, whoever's it is: only who has the notice code finds and reads their own
    (docs/envelopes.md). At most 256, published `since` the beginning of a month; `next` is the `after` by which it goes on."""
    if number >= of or BUCKETS % of:
        raise NotFoundException("there is no such heap")
    begun = datetime.strptime(f"{since}-01+0000", "%Y-%m-%d%z") if since else None
    return Response(await application.ask(heap_of_roll, number, of, begun, after), media_type=MediaType.JSON)


@get("/told/{month:str}", summary="What was told in a month", media_type=MediaType.JSON, responses=problems())
async def told(
    month: FromPath[str], request: Request[Any, Any, Any], application: NamedDependency[Application]
) -> Response[bytes]:
    """Every request whose person was last told in a month (UTC, as `2026-11`), as it stands in public, in columns
    (docs/envelopes.md): the same for everybody, so that whoever looks for their own fetches months whole. Once a month is over,
    and so is what may be done in its requests, its list stays as it is; its `etag` says whether it did."""
    if (named := month_named(month)) is None:
        raise NotFoundException("there is no such month")
    packed = await application.told_in(named)
    etag = f'W/"{packed.digest}"'
    headers = {"etag": etag, "cache-control": "public, no-cache", "vary": "accept-encoding"}
    if etag in request.headers.get("if-none-match", ""):
        return Response(b"", status_code=304, headers=headers, media_type=MediaType.JSON)
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(packed.data, headers=headers | {"content-encoding": "gzip"}, media_type=MediaType.JSON)
    return Response(gzip.decompress(packed.data), headers=headers, media_type=MediaType.JSON)


def heap_of_roll(roll: Roll, number: int, of: int = BUCKETS, since: datetime | None = None, after: int = 0) -> bytes:
    """A heap as it is answered: the notices with the months in which they were published, and the keys of who told."""
    found, senders = notices.heap_with_senders(roll, number, of, since=since, after=after)
    told = (
        (notice_context(roll.origin_at(one.at), one.request), one.data, f"{one.at.astimezone(UTC):%Y-%m}")
        for one in found
    )
    return heap_json(told, senders, found[-1].request if len(found) == notices.MOST_NOTICES else 0)


@post(
    "/complaints",
    status_code=201,
    summary="Complain about a request, as the person who was told",
    responses=problems(sent=True, more=(403,)),
)
async def complain(data: JSONBody[Complaint], application: NamedDependency[Application]) -> Complained:
    """Nobody signs in for it: the word of the notice is the right. The letter goes to the reviewer, sealed to its keys."""
    command = Complain(request=data.request, word=data.word, envelope=data.envelope)
    acted = await application.ask(steps.complain, command)
    if isinstance(acted, Refused):
        raise RefusedError(acted)
    application.wake()
    return Complained(data.request)


request_handlers = [
    requests_of_all,
    requests_late,
    request_figures,
    request_figures_of_log,
    one_request,
    uses,
    use,
    envelope_keys,
    heaps,
    heap,
    told,
    complain,
]
"""The routes for anybody."""
