"""Tellings as a log's entries have them: by which notice, in which bucket, the person of each request was last told, and by
whom, with the keys that whoever told had published by then."""

from collections.abc import Iterable
from datetime import UTC, datetime

import msgspec

from openroll.disclosure.notice import BUCKETS
from openroll.register.event import Event
from openroll.register.request.events import KeyPublished, PersonTold
from openroll.register.request.whose import is_its_own_key
from openroll.watch.audit.body_keys import BodyKeys


class Telling(msgspec.Struct, frozen=True, array_like=True):
    """The place in the log of a telling, the SHA-256 of its notice in hexadecimal, the bucket that the notice stands in, the
    month (UTC, as `2026-11`), and the operator that told; both empty in what was kept before they were. `word` is the SHA-256 of
    the word by which the person finds it; empty where they find it by its notice alone."""

    index: int
    notice: str
    bucket: int
    month: str = ""
    by: str = ""
    word: str = ""


class Claimed(msgspec.Struct, frozen=True, array_like=True):
    """The place in the log of a telling that was listed as told anew, and when that was first seen."""

    index: int
    at: datetime


class TellerKey(msgspec.Struct, frozen=True, array_like=True):
    """The place in the log of a key that an organisation published, the organisation, and the key's id."""

    index: int
    organisation: str
    key: str


def key_of(index: int, fact: Event | None, bodies: BodyKeys | None) -> list[TellerKey]:
    """The key that the fact of an entry publishes, where it is its own body's; none in any other fact.

    `bodies` have taken the fact, and have the keys that are their bodies', where all entries before were read.
    """
    if not isinstance(fact, KeyPublished) or not is_its_own_key(fact):
        return []
    if bodies is not None and bodies.keys is not None and bodies.keys.get(fact.key) != fact.organisation:
        return []
    return [TellerKey(index, fact.organisation, fact.key)]


def signed_by(told: Telling, keys: Iterable[TellerKey]) -> frozenset[str]:
    """The ids of the keys that the notice of a telling may be signed with: those that whoever told had published by then."""
    return frozenset(one.key for one in keys if one.organisation == told.by and one.index < told.index)


def take_telling(index: int, fact: Event | None, told: dict[int, Telling], retold: list[tuple[int, Telling]]) -> None:
    """Keep the telling that a fact is as its request's last one; the one before it is `retold`, where its notice is another."""
    for request, telling in telling_of(index, fact).items():
        before = told.get(request)
        if before is not None and before.notice != telling.notice:
            retold.append((request, before))
        told[request] = telling


def telling_of(index: int, fact: Event | None) -> dict[int, Telling]:
    """The telling that the fact of an entry is, by the number of its request; none in any other fact."""
    if not isinstance(fact, PersonTold) or not 0 <= fact.bucket < BUCKETS:
        return {}
    by = fact.by.rpartition("/")[0]
    month, word = f"{fact.at.astimezone(UTC):%Y-%m}", fact.complaint if fact.by_word else ""
    return {fact.request: Telling(index, fact.notice, fact.bucket, month, by, word)}
