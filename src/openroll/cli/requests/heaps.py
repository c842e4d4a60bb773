"""A person's heaps of notices: fetched as everybody fetches them, and tried as the public log has what is in them.

Where a notice stands beside its envelope (its month and its context) is the roll's word alone. The log has the digest of each
notice that was told, with request and moment; so what is tried is taken from there.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from typing import Annotated, NamedTuple

import msgspec

from openroll.cli.output import fail
from openroll.cli.requests.at_roll import Believed, json_at, trusted
from openroll.cli.requests.public_part import LookedInto, Months, Public, month_beside, public_part
from openroll.disclosure.envelope import VerifyingKey
from openroll.disclosure.notice import BUCKETS, OwnNotice, heap_number, heaps_for, own_notices
from openroll.disclosure.notice_heap import Heap, HeapMalformed, HeapNotice, heap_of
from openroll.register.request.compared import (
    heaps_to_fetch,
    may_be_own,
    most_heaps,
    not_given_out,
    own_by_word,
    place,
    tellings_of,
)
from openroll.watch.roll_api import Declined, RollApi
from openroll.watch.source import Unreachable


class HeapsOfRoll(msgspec.Struct):
    """How many heaps a roll gives its notices out in, its time zone, and of how many requests the person was last told in each
    month; None for a roll of before, which lists no months."""

    heaps: Annotated[int, msgspec.Meta(ge=1, le=BUCKETS)]
    zone: str = "UTC"
    months: Months | None = None


class Told(NamedTuple):
    """What stands in public of who was told in some months, by the log of these names, by which keys it was `believed`, and a
    reader's clock."""

    public: Public
    into: LookedInto
    origins: tuple[str, ...]
    believed: Believed | None
    clock: Callable[[], datetime]


class Looked(NamedTuple):
    """What came of looking: a person's own notices, why heaps could not be read, and what stands in public by then.

    `by_word` are the requests that are the person's by their complaint words, each with its word. `gone` are the requests whose
    notice is not given out, `otherwise` those whose notice stands there under another month or context than the log has, whoever
    was told.
    """

    own: tuple[OwnNotice, ...]
    by_word: dict[int, str]
    lost: list[Unreachable | Declined]
    public: Public
    gone: tuple[int, ...]
    otherwise: tuple[int, ...]


class _Log(msgspec.Struct):
    origin: str
    before: tuple[str, ...] = ()


def heaps_of_roll(api: RollApi) -> HeapsOfRoll:
    """How many heaps the roll has, and its time zone. Raises Declined, Unreachable."""
    return json_at(api, "notices", HeapsOfRoll)


def origins_of(api: RollApi, believed: Believed | None, public: Public) -> tuple[str, ...]:
    """The names of the log, to one of which each notice is bound: today's, and those of before it was begun anew.

    By the keys that are believed and the log itself, else as the roll says them. Raises Declined, Unreachable.
    """
    if believed is not None:
        return (trusted(believed.log_key)[0].name, *public.before)
    said = json_at(api, "log", _Log)
    return (said.origin, *said.before)


def hold_heaps(of: int, public: Public) -> None:
    """End with a sentence, before any heap is fetched, where there are more of them than notices were told for: each would be
    some few people's, and who fetches it is known by it. One heap says nothing, whatever could be read.

    Who was told the log says, where it was read; how many were before what is listed, is the roll's word else.
    """
    if of == 1:
        return
    if public.fault:
        fail(
            f"The roll says that it has {of} heaps of notices, and how many there should be could not be read. Nothing was"
            f" fetched, as heaps that are too small would tell whose they are. Try again in a minute: {public.fault}.",
            2,
        )
    most = most_heaps(public.requests.values(), public.older) if public.told is None else heaps_for(public.told)
    if BUCKETS % of or of > most:
        fail(
            f"The roll says that it has {of} heaps of notices; by what was told there are {most} at the most. Nothing was"
            " fetched, as heaps that are too small would tell whose they are. Tell the supervisor of the roll.",
            1,
        )


def heaps_of(secret: bytes, periods: list[str], of: int, public: Public, random: Callable[[int], bytes]) -> list[int]:
    """The heaps that a person's notices of these months can stand in, and those that hide which they are, in a drawn order."""
    looked_for = may_be_own(public.requests.values(), secret, of, periods[0])
    heaps = heaps_to_fetch(public.requests, looked_for, secret, of, periods)
    return sorted(sorted(heaps), key=lambda _: random(16))


class _Untold(NamedTuple):
    """Notices of a heap that no telling is known of, and the keys that they may be signed with."""

    notices: tuple[HeapNotice, ...]
    signers: list[VerifyingKey]


def look(api: RollApi, of: int, heaps: list[int], secret: bytes, told: Told) -> Looked:
    """Fetch the heaps and open what is a person's, where the public log has it.

    Somebody may be told between the lists and a heap: where any notice, whoever's, stands in no list, the lists are fetched
    once more. What is in none then is taken by the heap's word. Raises Unproved, TlogError, Unreachable.
    """
    own: list[OwnNotice] = []
    there: dict[int, frozenset[str]] = {}
    lost: list[Unreachable | Declined] = []
    otherwise: set[int] = set()
    untold: list[_Untold] = []
    first = told.into.first
    public, tellings = told.public, tellings_of(told.public.requests.values(), *told.origins)
    looked_for = may_be_own(public.requests.values(), secret, of, first)
    for number in heaps:
        try:
            parts = list(_parts(api, of, number, first))
        except (Unreachable, Declined) as error:
            lost.append(error)
            continue
        there[number] = frozenset().union(*(heap.digests for heap in parts))
        for heap in parts:
            signers = [one.verifying for one in heap.senders]
            placed = place(heap.every, tellings, looked_for)
            own += _own(placed.known, secret, public, signers)
            otherwise |= placed.otherwise
            untold += [_Untold(placed.unknown, signers)] if placed.unknown else []
    if untold and not public.fault:
        public = public_part(api, told.into, told.clock, told.believed)
        tellings = tellings_of(public.requests.values(), *told.origins)
        looked_for = may_be_own(public.requests.values(), secret, of, first)
    for rest in untold:
        placed = place(rest.notices, tellings, looked_for)
        by_heap = [(one.context, one.envelope) for one in placed.unknown]
        own += _own([*placed.known, *by_heap], secret, public, rest.signers)
        otherwise |= placed.otherwise
    gone = _gone(api, of, there, public, first)
    by_word = own_by_word(public.requests.values(), secret, told.origins, first)
    return Looked(tuple(dict.fromkeys(own)), by_word, lost, public, gone, tuple(sorted(otherwise)))


def _own(
    notices: Iterable[tuple[str, bytes]], secret: bytes, public: Public, senders: list[VerifyingKey]
) -> Iterator[OwnNotice]:
    """Open what is a person's: by the keys that the log has of the operator of each, and, where it was not read, by those that
    the heap gives."""
    for one in notices:
        signers = senders if public.signers is None else public.signers.get(one[0], ())
        yield from own_notices([one], secret, signers)


def _gone(api: RollApi, of: int, there: dict[int, frozenset[str]], public: Public, first: str) -> tuple[int, ...]:
    """The requests whose notice is not given out in the heaps that were fetched, whoever was told.

    Such a heap is fetched once more: somebody may have been told between the heap and the list.
    """
    gone = not_given_out(public.requests.values(), there, of, first)
    told = [one.told for one in public.requests.values() if one.number in gone and one.told is not None]
    for number in {heap_number(one.bucket, of) for one in told}:
        with suppress(Unreachable, Declined):  # what is not given out now is not given out
            there[number] |= frozenset().union(*(heap.digests for heap in _parts(api, of, number, first)))
    return not_given_out(public.requests.values(), there, of, first) if gone else ()


def _parts(api: RollApi, of: int, number: int, first: str) -> Iterator[Heap]:
    """One heap in its parts, read to its end, from a month before the first one on, as the clock that a notice was sealed by need
    not be the roll's. Raises Declined, Unreachable."""
    path = f"api/v1/notices/{number}?of={of}&since={month_beside(first, -1)}"
    after: int | None = 0
    while after is not None:
        try:
            heap = heap_of(api.get(f"{path}&after={after}"))
        except HeapMalformed as error:
            raise Unreachable(f"{api.where}/{path}", str(error)) from error
        yield heap
        after = heap.next if heap.next > after else None
