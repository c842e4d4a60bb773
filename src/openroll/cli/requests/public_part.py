"""What stands in public of requests and uses, fetched as everybody fetches it, to compare with it what a person was told."""

import time
from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import datetime, timedelta
from typing import Annotated, NamedTuple, TypeVar

import msgspec

from openroll.cli.output import err, one_line
from openroll.cli.requests.at_roll import LOGGED_WITHIN, PAGE, Believed, asked, json_at, log_of
from openroll.disclosure.envelope import VerifyingKey
from openroll.register.request.compared import Compared, PublicRequest, PublicUse, compare
from openroll.register.request.content import Notice
from openroll.register.request.month_list import MonthMalformed, month_of
from openroll.watch.audit.entries import CivilDays
from openroll.watch.requests.believed import LeftOut
from openroll.watch.requests.proved import Unproved
from openroll.watch.requests.public_log import Otherwise, PublicLog
from openroll.watch.requests.whole_log import LogRead, SignedHead, signed_head
from openroll.watch.roll_api import Declined, RollApi
from openroll.watch.source import HttpSource, Unreachable

ABSENT = (
    "Nothing of this stands in public: in these months the roll lists nobody who was told of it. Do not believe it, and ask your"
    " operator."
)
"""Of a notice whose request is none, or one that nobody was told of."""
OLDER = "its request is older than the months that were looked into (--since goes back further)"
_UNFOLLOWED = "it goes by a procedure that this version of Openroll does not have: a newer one can follow it"
_YEARS_BEFORE = 1
"""How long before the first month a request may have been filed that is told in it: telling can be put off."""


Months = Annotated[
    dict[Annotated[str, msgspec.Meta(pattern=r"^[1-9][0-9]{3}-(0[1-9]|1[0-2])$")], Annotated[int, msgspec.Meta(ge=0)]],
    msgspec.Meta(max_length=1200),
]
"""Of how many requests the person was last told in each month."""


class LookedInto(NamedTuple):
    """The months that are looked into, from the `first` to the `last`, this one (as `2026-11`), and of which `months` the roll
    says how many it lists; None for a roll of before, which lists all requests by their numbers alone."""

    first: str
    last: str
    months: Mapping[str, int] | None

    @property
    def since(self) -> str:
        """From when on what was told is fetched: a month before the first, as heaps are."""
        return month_beside(self.first, -1)

    @property
    def listed(self) -> list[str]:
        """The months to fetch, the oldest first: those that the roll lists, and, as it counts them some minutes ago, those about
        this one by either clock. What they are has nothing to do with whose notices are looked for."""
        months = self.months or {}
        about = {month_beside(self.last, by) for by in (-1, 0, 1)} | {
            month_beside(one, 1) for one in sorted(months)[-1:]
        }
        return sorted(one for one in about | set(months) if one >= self.since)


def month_beside(month: str, by: int) -> str:
    """The month that is so many after one (as `2026-11`), or before it."""
    at = int(month[:4]) * 12 + int(month[5:]) - 1 + by
    return f"{at // 12:04}-{at % 12 + 1:02}"


class Public(NamedTuple):
    """The requests and uses that were fetched: those of which somebody was told `since` a month, or, where that is empty, all
    from some number on, `whole` where that is the first. `older` are how many may have been told before. `fault` is why there is
    nothing, which says that it could not be looked, and never that there is none. `unfollowed` are requests that nobody can
    follow here. `before` are the names of the logs that a log which was read whole goes on from.

    `signers` are the keys that the log has of those who may have signed a notice, by its context; None where no entry was read.
    `unlogged` is what is listed and not in the log yet, in words, `left_out` the entries of a log that are not believed. `told`
    are the requests that the log has of which somebody was told, with a few of those; None where no entry was read.
    """

    requests: dict[int, PublicRequest]
    uses: dict[int, PublicUse]
    whole: bool
    since: str = ""
    older: int = 0
    fault: str = ""
    unfollowed: frozenset[int] = frozenset()
    before: tuple[str, ...] = ()
    signers: Mapping[str, tuple[VerifyingKey, ...]] | None = None
    unlogged: tuple[str, ...] = ()
    told: int | None = None
    left_out: LeftOut | None = None


class Beside(NamedTuple):
    """A notice beside the public log: compared, or `absent` there, or with the reason why it was not compared."""

    notice: Notice
    compared: Compared | None = None
    public: PublicRequest | None = None
    absent: bool = False
    fault: str = ""


_LOOKS_APART = 2.0
"""Seconds between two looks: a round of the log is begun as often."""
_MOST_LOOKS = 90
"""For a clock that stands still."""
pause: Callable[[float], None] = time.sleep
"""Waits so many seconds."""


def public_part(
    api: RollApi, into: LookedInto, clock: Callable[[], datetime], believed: Believed | None = None
) -> Public:
    """What was told in some months, each whole, and all uses, ended ones too.

    Never one request by its number, and whether anything was told or not: that would say whose notice it is. Where it is
    `believed` by the log's keys alone, all of it is held against every entry of the log; the end, where it says otherwise.
    What is listed a moment ago may not be in the log yet: that is no lie before the log's promise is over.
    """
    public = _listed(api, into, whole=believed is not None)
    if believed is None or public.fault:
        return public
    with asked(), closing(HttpSource(f"{api.where}/log")) as source:
        log = log_of(api, believed)
        read, held, young = LogRead(source), PublicLog(), _Young(clock)
        for look in range(_MOST_LOOKS):
            head = signed_head(source, log.keys, log.policy)
            for position, entry in read.entries(head.checkpoint):
                held.take(position, entry)
            owed = _owed(held, public)
            wrong = held.contradicted(public.requests.values(), public.uses.values(), owed)
            if lies := young.outgrown(wrong, held, owed):
                _say_left_out(held.left_out)
                raise Unproved(f"what it lists for everybody is not what its log says: {_said(lies)}")
            if not wrong or (look and young.over):
                break
            pause(_LOOKS_APART)
            public = _listed(api, into, whole=believed is not None)
            if public.fault:
                return public
    if not wrong:
        size, root = head.checkpoint.size, head.checkpoint.root.hex()
        those = f"{size - held.left_out.count:,} of the" if held.left_out.count else "all"
        err.print(
            f"What stands in public is what {those} {size:,} entries of the log say. Its head is {root}.",
            soft_wrap=True,
        )
    _say_when(head, held.newest, clock())
    return public._replace(
        unfollowed=held.unfollowed,
        before=tuple(held.before),
        signers=held.signers(log.origin, *held.before),
        unlogged=tuple(map(str, wrong[:_MOST_SAID])),
        told=held.told + len(wrong[:_MOST_SAID]),
        left_out=held.left_out,
    )


def _owed(held: PublicLog, public: Public) -> frozenset[int]:
    """The requests that the log has and that must be listed."""
    if public.since:
        return held.told_since(public.since)
    return held.filed_since(0 if public.whole else min(public.requests, default=0))


def _say_left_out(left_out: LeftOut) -> None:
    if left_out.count:
        err.print(one_line(str(left_out)), soft_wrap=True)


class _Young:
    """What was listed otherwise than the log says, since when: an act may be listed some seconds before the log has it."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock, self._begun = clock, clock()
        self._since: dict[str, tuple[Otherwise, datetime]] = {}
        self._had = frozenset[str]()

    def outgrown(self, wrong: list[Otherwise], held: PublicLog, owed: frozenset[int]) -> list[Otherwise]:
        """Those that are lies by now: what was listed once and the log never had for as long as it may take, whatever is listed
        since, and what the log had (`owed`) and a list leaves out that was fetched after it."""
        now, before = self._clock(), self._had
        waiting = {
            of: (one, since)
            for of, (one, since) in self._since.items()
            if one.listed is not None and not held.has_been(one.listed)
        }
        self._since = {one.of: (one, now) for one in wrong if one.listed is not None} | waiting
        self._had = frozenset(f"request {number}" for number in owed)
        lies = [one for one in wrong if one.listed is None and one.of in before]
        return lies + [one for one, since in self._since.values() if now - since >= LOGGED_WITHIN]

    @property
    def over(self) -> bool:
        """Whether nobody waits any longer, for a roll in which something is always too young."""
        return self._clock() - self._begun >= 2 * LOGGED_WITHIN


_LATELY = timedelta(days=2)
"""How old the newest of a log is at the most before that is said: a quiet one may have nothing newer."""


def _say_when(head: SignedHead, newest: str, now: datetime) -> None:
    """Say of when the newest is that was read, and where that is long ago: one person may be shown a roll that stands still."""
    if head.cosigned:
        latest = max(head.cosigned)
        err.print(
            f"The newest entry is of {newest}; a witness of the policy cosigned the head on {latest:%Y-%m-%d %H:%M} UTC."
        )
        old = now - latest > _LATELY
    else:
        err.print(f"The newest entry is of {newest or 'no day'}; no witness says of when the head is.")
        old = not newest or now - CivilDays().ends(newest) > _LATELY
    if old:
        err.print(
            f"THAT IS LONG AGO by the clock of this machine, {now:%Y-%m-%d}. Either nothing happened since, or you are shown the"
            " roll of that day, and what was told to you since is not in it: ask somebody else, on another network, what the"
            " head of the log is there.",
            soft_wrap=True,
        )


def _said(wrong: list[Otherwise]) -> str:
    return ", ".join(map(str, wrong[:_MOST_SAID]))


_MOST_SAID = 10
"""Contradictions that are named."""


def _listed(api: RollApi, into: LookedInto, *, whole: bool) -> Public:
    """The lists, as the roll gives them."""
    try:
        public = (
            _by_numbers(api, into.first, whole=whole) if into.months is None else _by_months(api, into, into.months)
        )
        return public._replace(uses=_uses(api))
    except (Unreachable, Declined) as error:
        return Public({}, {}, whole=False, fault=str(error))


def _by_months(api: RollApi, into: LookedInto, months: Mapping[str, int]) -> Public:
    """What was told in each month, the oldest first: whoever is told once more meanwhile is in one of them still."""
    found = dict[int, PublicRequest]()
    for month in into.listed:
        path = f"api/v1/told/{month}"
        try:
            found |= {one.number: one for one in month_of(api.get(path), month)}
        except MonthMalformed as error:
            raise Unreachable(f"{api.where}/{path}", str(error)) from error
    older = sum(many for month, many in months.items() if month < into.since)
    return Public(found, {}, whole=True, since=into.since, older=older)


def _by_numbers(api: RollApi, first: str, *, whole: bool) -> Public:
    """The list of all requests back to a year before a month, each older of which may have been told: of a roll of before.

    The `whole` list where every entry of the log is read: whoever was told in these months of a request however old is in it, and
    a roll that only calls itself older hides nobody.
    """
    before = f"{int(first[:4]) - _YEARS_BEFORE:04}{first[4:]}"
    found = page = json_at(api, "requests", list[PublicRequest])
    while len(page) >= PAGE and (whole or f"{page[-1].filed:%Y-%m}" >= before):
        page = _below(json_at(api, f"requests?before={page[-1].number}", list[PublicRequest]), page[-1].number)
        found = found + page
    all_there, oldest = len(page) < PAGE, min((one.number for one in found), default=1)
    return Public({one.number: one for one in found}, {}, all_there, older=0 if all_there else max(oldest - 1, 0))


def _uses(api: RollApi) -> dict[int, PublicUse]:
    uses = listed = json_at(api, "uses?ended=true", list[PublicUse])
    while len(listed) >= PAGE:
        path = f"uses?ended=true&before={listed[-1].number}"
        listed = _below(json_at(api, path, list[PublicUse]), listed[-1].number)
        uses = uses + listed
    return {one.number: one for one in uses}


T = TypeVar("T", PublicRequest, PublicUse)


def _below(rows: list[T], number: int) -> list[T]:
    return [one for one in rows if one.number < number]


def beside(notice: Notice, public: Public) -> Beside:
    """A notice beside what was fetched."""
    if public.fault:
        return Beside(notice, fault=public.fault)
    request = public.requests.get(notice.request)
    if request is None:
        older = not public.whole and notice.request < min(public.requests, default=0)
        return Beside(notice, fault=OLDER) if older else Beside(notice, absent=True)
    if notice.request in public.unfollowed:
        return Beside(notice, public=request, fault=_UNFOLLOWED)
    use = public.uses.get(request.use)
    if use is None:
        return Beside(notice, public=request, fault=f"the roll does not say what use {request.use} is")
    return Beside(notice, compare(notice, request, use), request)


def as_json(found: list[Beside]) -> dict[str, object]:
    """What a list that is taken away says beside its notices: what was told otherwise, and what was not compared."""
    otherwise = [
        {"request": one.notice.request, "told": msgspec.to_builtins(one.compared.otherwise)}
        for one in found
        if one.compared and one.compared.otherwise
    ]
    absent = [msgspec.to_builtins(one.notice) for one in found if one.absent]
    unknown = [{"request": one.notice.request, "why": one.fault} for one in found if one.fault]
    rows = {"toldOtherwise": otherwise, "noSuchRequest": absent, "notCompared": unknown}
    return {name: row for name, row in rows.items() if row}
