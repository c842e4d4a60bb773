"""What stands in public of requests and uses, fetched as everybody fetches it, to compare with it what a person was told."""

from collections.abc import Mapping
from contextlib import closing
from typing import NamedTuple, TypeVar

import msgspec

from openroll.cli.output import err
from openroll.cli.requests.at_roll import PAGE, Believed, asked, json_at, log_of
from openroll.disclosure.envelope import VerifyingKey
from openroll.register.request.compared import Compared, PublicRequest, PublicUse, compare
from openroll.register.request.content import Notice
from openroll.watch.requests.proved import Unproved
from openroll.watch.requests.public_log import PublicLog
from openroll.watch.requests.whole_log import entries_under, signed_head
from openroll.watch.roll_api import Declined, RollApi
from openroll.watch.source import HttpSource, Unreachable

ABSENT = "The roll has no such request: nothing of this stands in public. Do not believe it, and ask your operator."
"""Of a notice whose request is none."""
OLDER = "its request is older than the months that were looked into (--since goes back further)"
_YEARS_BEFORE = 1
"""How long before the first month a request may have been filed that is told in it: telling can be put off."""


class Public(NamedTuple):
    """The requests and uses that were fetched; `whole` where there are no older requests; `fault` why there is nothing, which
    says that it could not be looked, and never that there is none.

    `signers` are the keys that the log has of those who may have signed a notice, by its context; None where no entry was read.
    """

    requests: dict[int, PublicRequest]
    uses: dict[int, PublicUse]
    whole: bool
    fault: str = ""
    signers: Mapping[str, tuple[VerifyingKey, ...]] | None = None


class Beside(NamedTuple):
    """A notice beside the public log: compared, or `absent` there, or with the reason why it was not compared."""

    notice: Notice
    compared: Compared | None = None
    public: PublicRequest | None = None
    absent: bool = False
    fault: str = ""


def public_part(api: RollApi, first: str, believed: Believed | None = None) -> Public:
    """The list of all requests back to a year before a month (as `2026-11`), and of all uses, ended ones too.

    Never one request by its number, and whether anything was told or not: that would say whose notice it is. Where it is
    `believed` by the log's keys alone, both lists are held against every entry of the log; the end, where they say otherwise.
    """
    public = _listed(api, first)
    if believed is None or public.fault:
        return public
    with asked(), closing(HttpSource(f"{api.where}/log")) as source:
        log = log_of(api, believed)
        for last in (False, True):
            head, held = signed_head(source, log.keys, log.policy), PublicLog()
            for _, entry in entries_under(source, head):
                held.take(entry)
            wrong = held.contradicted(public.requests.values(), public.uses.values(), whole=public.whole)
            if not wrong:
                break
            if last:
                raise Unproved(f"what it lists for everybody is not what its log says: {', '.join(wrong[:_MOST_SAID])}")
            public = _listed(api, first)  # somebody may have acted between the list and the log
    err.print(f"What stands in public is what all {head.size:,} entries of the log say.", soft_wrap=True)
    return public._replace(signers=held.signers(log.origin))


_MOST_SAID = 10
"""Contradictions that are named."""


def _listed(api: RollApi, first: str) -> Public:
    """Both lists, as the roll gives them."""
    before = f"{int(first[:4]) - _YEARS_BEFORE:04}{first[4:]}"
    try:
        found = page = json_at(api, "requests", list[PublicRequest])
        while len(page) >= PAGE and f"{page[-1].filed:%Y-%m}" >= before:
            page = _below(json_at(api, f"requests?before={page[-1].number}", list[PublicRequest]), page[-1].number)
            found = found + page
        uses = listed = json_at(api, "uses?ended=true", list[PublicUse])
        while len(listed) >= PAGE:
            path = f"uses?ended=true&before={listed[-1].number}"
            listed = _below(json_at(api, path, list[PublicUse]), listed[-1].number)
            uses = uses + listed
    except (Unreachable, Declined) as error:
        return Public({}, {}, whole=False, fault=str(error))
    return Public({one.number: one for one in found}, {one.number: one for one in uses}, whole=len(page) < PAGE)


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
