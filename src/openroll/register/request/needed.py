"""Which receipts of a record an answer needs: as few as prove what is given, so that it is never too long, and tells no more.

A record has a receipt of each of its facts, and they say what the answer is not about: every move and its day. What `checked`
asks for is the filing, the newest fact that has digests, those between without which the one does not lead to the other, and
those that show whether a value stood there when it was asked about: it judges of the fewest as it would of all.
"""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from openroll.register.request.checked import LogPosition, Record, fact_of, followed
from openroll.register.subscription.events import (
    SubscriptionChanged,
    SubscriptionCorrected,
    SubscriptionErased,
    SubscriptionFiled,
    SubscriptionPorted,
)
from openroll.tlog import TlogError, parse_proof, unverified_body, unverified_entry, unverified_salt

_ALWAYS = (SubscriptionFiled, SubscriptionPorted, SubscriptionErased)
"""Whose a record is, and that it is none any more: left out of no answer."""
_WITH_DIGESTS = (SubscriptionFiled, SubscriptionChanged, SubscriptionCorrected)


class _Read(NamedTuple):
    """A receipt with what it says, unverified: whoever gets the answer verifies each."""

    place: LogPosition
    fact: Any
    salt: bytes
    receipt: str


def fewest(
    receipts: Iterable[str], opened: frozenset[str], asked: LogPosition | None = None, *, newest: bool = True
) -> tuple[str, ...]:
    """The receipts, in the log's order, that are needed to prove values whose digests are `opened`; all, where none would do.

    `asked` is the place of the entry by which it was asked, as `checked` has it. Without `newest` the newest fact is left out too
    where nothing of what is given stands on it.
    """
    given = tuple(receipts)
    read = _in_order(given)
    whole = _record(read)
    if whole is None or not opened <= whole.digests:
        return given  # checking says what is wrong
    last = next((one for one in reversed(read) if isinstance(one.fact, _WITH_DIGESTS)), None) if newest else None
    kept = [one for one in read if isinstance(one.fact, _ALWAYS) or one is last]
    wanted = _Wanted(whole, opened, asked)
    if not wanted.proved_by(kept):
        kept = _fewer(read, last, wanted)
    return tuple(one.receipt for one in kept)


def standing_digests(receipts: Iterable[str]) -> frozenset[str]:
    """The digests that stand on the record that receipts of it lead to, none verified; none where no filing is among them."""
    record: Record | None = None
    for one in _in_order(tuple(receipts)):
        record = followed(record, one.fact, one.salt, one.place) or record
    return frozenset() if record is None else record.digests


def _in_order(receipts: tuple[str, ...]) -> list[_Read]:
    """What the receipts say in the log's order, the filing first."""
    return sorted(
        _read(receipts), key=lambda one: (not isinstance(one.fact, SubscriptionFiled), one.place.position, one.salt)
    )


def _read(receipts: tuple[str, ...]) -> Iterable[_Read]:
    """What the receipts say, of each entry once: it may have been fetched twice."""
    return {(one.place.position, one.salt): one for one in _each_read(receipts)}.values()


def _each_read(receipts: tuple[str, ...]) -> Iterable[_Read]:
    for receipt in receipts:
        try:
            proof = parse_proof(receipt.encode())
            fact, salt = fact_of(unverified_entry(proof).kind, unverified_body(proof)), unverified_salt(proof)
        except (TlogError, UnicodeEncodeError):
            continue
        if fact is not None:
            yield _Read(LogPosition(proof.index, unverified_entry(proof).day), fact, salt, receipt)


class _Wanted(NamedTuple):
    """What is to be proved: the record as all its receipts leave it, of it what is opened, and when it was asked about."""

    whole: Record
    opened: frozenset[str]
    asked: LogPosition | None

    def proved_by(self, read: Sequence[_Read]) -> bool:
        """Whether these leave the record as all do, and as much of what is opened unproved or late, no more and no less."""
        record, whole = _record(read), self.whole
        if record is None or not self.opened <= record.digests:
            return False
        same = (record.operator, record.handle, record.erased) == (whole.operator, whole.handle, whole.erased)
        return same and all(record.unsure(one, self.asked) == whole.unsure(one, self.asked) for one in self.opened)


def _fewer(read: Sequence[_Read], last: _Read | None, wanted: _Wanted) -> list[_Read]:
    """Leave out one after the other what is not needed, the newest first."""
    kept = list(read)
    for one in reversed(read):
        if one is last or isinstance(one.fact, _ALWAYS):
            continue
        without = [other for other in kept if other is not one]
        if wanted.proved_by(without):
            kept = without
    return kept


def _record(read: Sequence[_Read]) -> Record | None:
    """The record that facts lead to; None where one of them is provably no fact of it."""
    record: Record | None = None
    for one in read:
        record = followed(record, one.fact, one.salt, one.place)
        if record is None:
            return None
    return record
