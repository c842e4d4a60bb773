"""What a person was told, compared with what stands in public of that request: an operator's program wrote it, and may have lied.

Pure. The page does the same: `frontend/src/notice-compared.js`.
"""

from collections.abc import Callable, Iterable, Mapping, Set
from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec

from openroll.disclosure.notice import bucket_of, heap_number, heaps_for, month_bucket, word_of
from openroll.disclosure.notice_heap import HeapNotice
from openroll.register.request import events
from openroll.register.request.content import Notice, complaint_digest, notice_context
from openroll.register.request.telling import BETWEEN, in_all

NAMES = (
    "authority",
    "authority_title",
    "filed",
    "asked",
    "operator",
    "purpose",
    "basis",
    "urgency",
    "reviewer",
    "approved",
    "given",
    "outcome",
    "annulled",
    "postponed",
    "postponed_why",
    "supervisor",
    "supervised_at",
    "word",
)
"""What is compared: everything that a notice says but its number."""


class PublicTelling(msgspec.Struct, frozen=True):
    """How a person was last told, as the log has it: the SHA-256 of the notice, the bucket that it stands in, and when;
    `by_word`: they find it by the digest of its complaint word, and need no heap."""

    notice: str
    bucket: int
    at: datetime
    by_word: bool = False


class PublicRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A request as the roll lists it for everybody, as far as a notice speaks of it."""

    number: int
    authority: str
    operator: str
    filed_to: str
    reviewer: str
    use: int
    fields: tuple[str, ...]
    urgency: str
    filed: datetime
    approved: tuple[str, ...] | None
    outcome: str
    given: tuple[str, ...]
    annulled: bool
    postponed: datetime | None
    postponed_why: str
    reason: str
    complained: bool
    complaints: tuple[str, ...]
    complain_until: datetime | msgspec.UnsetType | None = msgspec.UNSET
    told: PublicTelling | None = None


class PublicUse(msgspec.Struct, frozen=True, kw_only=True):
    """A registered use as the roll lists it for everybody, as far as a notice speaks of it."""

    number: int
    basis: str
    supervisor: str
    supervised_at: str
    titles: dict[str, str]
    said: dict[str, str]


class Compared(NamedTuple):
    """A notice as the public log has it, and what the operator's said otherwise, by the names of a notice."""

    notice: Notice
    otherwise: dict[str, Any]


def compare(notice: Notice, public: PublicRequest, use: PublicUse) -> Compared:
    """A notice beside the public part of its request and of the use that it was asked under, as they stand now.

    The operator is the one that was asked, or who succeeded it. `word` is empty where the log has no telling with it: nobody
    can complain by it. The order of languages and of fields says nothing: programs write them each in its own.
    """
    stands = msgspec.structs.replace(
        notice,
        authority=public.authority,
        authority_title=_in_any_order(notice.authority_title, use.titles),
        reviewer=public.reviewer,
        operator=notice.operator if notice.operator in (public.filed_to, public.operator) else public.filed_to,
        filed=public.filed,
        purpose=_in_any_order(notice.purpose, use.said),
        basis=use.basis,
        asked=_same(notice.asked, public.fields),
        approved=_same(notice.approved, public.approved or ()),
        given=_same(notice.given, public.given),
        outcome=public.outcome,
        urgency=public.urgency,
        supervisor=use.supervisor,
        supervised_at=use.supervised_at,
        word=notice.word if complaint_digest(notice.word) in public.complaints else "",
        postponed=public.postponed,
        postponed_why=public.postponed_why,
        annulled=public.annulled,
    )
    said = {name: getattr(notice, name) for name in NAMES}
    return Compared(stands, {name: value for name, value in said.items() if value != getattr(stands, name)})


def _same(told: tuple[str, ...], stands: tuple[str, ...]) -> tuple[str, ...]:
    """What stands, in the order in which it was told where that is all that differs."""
    return told if sorted(told) == sorted(stands) else stands


def _in_any_order(told: str, texts: Mapping[str, str]) -> str:
    """A text in all its languages, in the order in which it was told where that is all that differs."""
    stands = in_all(texts)
    return told if sorted(told.split(BETWEEN)) == sorted(stands.split(BETWEEN)) else stands


def not_given_out(
    requests: Iterable[PublicRequest], heaps: Mapping[int, Set[str]], of: int, first: str
) -> tuple[int, ...]:
    """The requests whose person was told since a month (as `2026-11`) in a notice that is not in its heap, by their numbers.

    `heaps` are the digests of what is in the heaps that were fetched, `of` so many. Whose notice it is nobody can know.
    """
    found = []
    for one in requests:
        if one.told is None or f"{one.told.at.astimezone(UTC):%Y-%m}" < first:
            continue
        there = heaps.get(heap_number(one.told.bucket, of))
        found += [one.number] if there is not None and one.told.notice not in there else []
    return tuple(sorted(found))


def own_by_word(requests: Iterable[PublicRequest], secret: bytes, origins: Iterable[str], first: str) -> dict[int, str]:
    """The requests told since a month (as `2026-11`) to this secret that are known by their complaint word, each with the word.

    `origins` are the names of the log, as for `tellings_of`. Nothing is fetched for it but what stands in public, and nobody who
    has not the secret could have written it there.
    """
    names, found = tuple(origins), dict[int, str]()
    for one in _told_since(requests, first):
        if one.told is None or not one.told.by_word:
            continue
        for name in names:
            word = word_of(secret, notice_context(name, one.number))
            if complaint_digest(word) in one.complaints:
                found[one.number] = word
    return found


def as_in_public(public: PublicRequest, use: PublicUse | None, word: str) -> Notice:
    """What a person is told of a request, as it stands in public, beside the word that is theirs. What is not there is empty."""
    return Notice(
        request=public.number,
        authority=public.authority,
        authority_title=in_all(use.titles) if use else "",
        reviewer=public.reviewer,
        operator=public.filed_to,
        filed=public.filed,
        purpose=in_all(use.said) if use else "",
        basis=use.basis if use else "",
        asked=public.fields,
        approved=public.approved or (),
        given=public.given,
        outcome=public.outcome,
        urgency=public.urgency,
        supervisor=use.supervisor if use else "",
        supervised_at=use.supervised_at if use else "",
        word=word,
        postponed=public.postponed,
        postponed_why=public.postponed_why,
        annulled=public.annulled,
    )


def _told_since(requests: Iterable[PublicRequest], first: str) -> Iterable[PublicRequest]:
    """The requests whose person was last told since the beginning of a month (UTC)."""
    since = datetime.fromisoformat(f"{first}-01T00:00:00+00:00")
    return (one for one in requests if one.told is not None and one.told.at >= since)


def may_be_own(requests: Iterable[PublicRequest], secret: bytes, of: int, first: str) -> frozenset[int]:
    """The requests told since a month (as `2026-11`) whose notice may be to this secret, and that are not known by their words,
    by their numbers: about one in 1,024 of all, and each that is.

    By the bucket of its telling: the request's own, or, as it was before, that of its month or one beside it, since the clock
    that it was sealed by need not be the roll's. Where there is one heap (`of` so many) it is each, wherever an operator put it.
    """
    found, is_own = set[int](), own_buckets(secret)
    for one in _told_since(requests, first):
        if one.told is None or (one.told.by_word and of > 1):
            continue
        if of == 1 or is_own(one.number, one.told.bucket, f"{one.told.at.astimezone(UTC):%Y-%m}"):
            found.add(one.number)
    return frozenset(found)


def own_buckets(secret: bytes) -> Callable[[int, int, str], bool]:
    """What says whether a telling may be to this secret, by its request, its bucket and its month (as `may_be_own` does)."""
    of_month = dict[str, frozenset[int]]()

    def is_own(request: int, bucket: int, month: str) -> bool:
        if month not in of_month:
            of_month[month] = frozenset(month_bucket(secret, near) for near in _about(month))
        return bucket in of_month[month] or bucket == bucket_of(secret, request)

    return is_own


def heaps_to_fetch(
    requests: Mapping[int, PublicRequest], looked_for: Iterable[int], secret: bytes, of: int, periods: Iterable[str]
) -> frozenset[int]:
    """The heaps that a person fetches, `of` so many: those of the requests that are looked for (`may_be_own`), and one a month.

    Those of the months are fetched whether anything was told or not: without them, whoever fetches a heap of a roll with few
    notices was told, and a roll that lists one telling alone would see by them who it was to. Where all that was told in these
    months is known by its words, which is the same for everybody, none is fetched; nor is one heap, which says nothing, left out.
    """
    months = sorted(periods)
    told_so = {one.told is not None and one.told.by_word for one in _told_since(requests.values(), months[0])}
    if of > 1 and told_so == {True}:
        return frozenset()
    told = (requests[number].told for number in looked_for)
    own = {heap_number(one.bucket, of) for one in told if one is not None and of > 1}
    return frozenset(own | {heap_number(month_bucket(secret, period), of) for period in months})


def _about(month: str) -> Iterable[str]:
    """A month and those beside it."""
    at = int(month[:4]) * 12 + int(month[5:]) - 1
    return (f"{one // 12:04}-{one % 12 + 1:02}" for one in (at - 1, at, at + 1))


class Placed(NamedTuple):
    """Notices of a heap where the public log has them.

    `known` are those of the requests that are looked for, as (context, envelope); `unknown` those of which it has no telling;
    `otherwise` the requests of which the heap gives the notice another month or context, by which nobody would find it.
    """

    known: tuple[tuple[str, bytes], ...]
    unknown: tuple[HeapNotice, ...]
    otherwise: frozenset[int]


Tellings = Mapping[str, Mapping[tuple[str, str], int]]
"""By the digest of each notice its context and the month of its telling, with the number of the request."""


def tellings_of(requests: Iterable[PublicRequest], *origins: str) -> Tellings:
    """The last telling of each request, `origins` being the names of the log: today's, and those that it had before it was begun
    anew. One envelope may have been told under several requests."""
    tellings: dict[str, dict[tuple[str, str], int]] = {}
    for one in requests:
        if one.told is not None:
            month = f"{one.told.at.astimezone(UTC):%Y-%m}"
            contexts = {(notice_context(origin, one.number), month): one.number for origin in origins}
            tellings.setdefault(one.told.notice, {}).update(contexts)
    return tellings


def place(notices: Iterable[HeapNotice], tellings: Tellings, looked_for: Set[int]) -> Placed:
    """Take context and month of a heap's notices from their tellings, by the digest of each, never from the heap's word.

    `looked_for` are the requests whose notice may be somebody's (`may_be_own`). A notice that was told under several is tried
    under each that is.
    """
    known: dict[tuple[str, bytes], None] = {}
    unknown, otherwise = [], set()
    for notice in notices:
        if (told := tellings.get(notice.digest)) is None:
            unknown.append(notice)
            continue
        known |= {(context, notice.envelope): None for (context, _), number in told.items() if number in looked_for}
        if not any(notice.context == context and notice.month in ("", month) for context, month in told):
            otherwise |= set(told.values())
    return Placed(tuple(known), tuple(unknown), frozenset(otherwise))


def most_heaps(requests: Iterable[PublicRequest], older: int) -> int:
    """In how many heaps notices are given out at the most, by what is listed, and how many requests may have been told before:
    more of them would tell who fetches which."""
    return heaps_for(older + sum(one.told is not None for one in requests))


def told_of(facts: Iterable[events.RequestEvent]) -> dict[str, Any]:
    """What a notice is compared with and no state of a request keeps: the operator that was asked, the digests of the complaint
    words, the last telling, why telling was put off, and the reason that it was refused, annulled or objected to for."""
    found: dict[str, Any] = {"filed_to": "", "postponed_why": "", "reason": "", "told": None}
    complaints: list[str] = []
    for fact in facts:
        match fact:
            case events.RequestFiled():
                found["filed_to"] = fact.operator
            case events.PersonTold():
                complaints.append(fact.complaint)
                found["told"] = PublicTelling(fact.notice, fact.bucket, fact.at, fact.by_word)
            case events.TellingPostponed():
                found["postponed_why"] = fact.why
            case events.RequestRefused() | events.RequestAnnulled():
                found["reason"] = fact.reason
            case events.RequestObjected():
                found["reason"] = fact.ground
    return found | {"complaints": tuple(complaints)}
