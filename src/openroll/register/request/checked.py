"""Whether an answer proves itself: each disclosure against the digests that the register has held, offline, with the log's keys.

What it proves: that these values are unaltered since the filing, all of one record of the operator that was asked, each of them
standing on that record in its newest state as far as the receipts go; that everything approved is there, or is said not to be;
that no other field under seal is. The receipts show the public part of the record besides (handle, kind, access, district, days).
What no check can prove stands in docs/requests.md: that the record is the one that was asked about (its account number is a
keyed pseudonym here, and the key is the operator's), and that no later fact of it was held back.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from openroll.disclosure import Disclosure, DisclosureError
from openroll.register.request.content import Answer, answer_fault
from openroll.register.request.words import GIVING
from openroll.register.subscription.events import (
    SubscriptionChanged,
    SubscriptionCorrected,
    SubscriptionEnded,
    SubscriptionErased,
    SubscriptionFiled,
    SubscriptionPorted,
)
from openroll.tlog import KeyHistory, Policy, Proved, TlogError, verify_under

FAULTS = (
    "receipt",
    "no-receipt",
    "other-operator",
    "other-record",
    "erased",
    "form",
    "altered",
    "superseded",
    "not-approved",
    "twice",
    "missing",
    "not-announced",
    "contradicts",
)
"""Why an answer is not good, or a field of it: a receipt that proves nothing; none that says what was filed; a record of another
operator; a value or receipt of another record; a record that was erased; a disclosure that is none; a value that is on no
record (altered, or made up); one that was corrected or changed since; a field nobody approved; one given twice; one approved
and neither given nor explained; what the public answer does not say, or says and is not there."""


class Fault(NamedTuple):
    """One thing that is wrong: of a field, or of the answer (empty), with its code and for some what it was."""

    field: str
    why: str
    detail: str = ""


class Expected(NamedTuple):
    """What an answer is held against: whom was asked, what was approved, and what stands in public as the answer.

    `heirs` are operators with who succeeded each, as the log proves: what was filed by the one is the other's to answer.
    """

    operator: str
    approved: tuple[str, ...]
    outcome: str
    given: tuple[str, ...]
    heirs: tuple[tuple[str, str], ...] = ()


class Checked(NamedTuple):
    """What came of checking: the values by field that are proved, everything that is wrong, and the receipts that hold.

    With any fault the answer is not good. Values are only those of fields without one.
    """

    values: Mapping[str, str]
    faults: tuple[Fault, ...]
    receipts: tuple[Proved, ...] = ()

    @property
    def good(self) -> bool:
        """Whether everything holds."""
        return not self.faults


class Record(NamedTuple):
    """A record as its receipts leave it: whose it is, the digests that stand on it, and those that stood on it once."""

    operator: str
    handle: str
    digests: frozenset[str]
    before: frozenset[str]
    erased: bool


def checked(answer: Answer, expected: Expected, keys: KeyHistory, policy: Policy | None = None) -> Checked:
    """Check an answer. Pure, and no register is asked. Every fault is said, each by its field and its own reason."""
    shape = answer_fault(answer, expected.approved)
    if shape:
        return Checked({}, (Fault("", "contradicts", shape),))
    faults = list(_announced(answer, expected))
    if answer.outcome not in GIVING:
        return Checked({}, tuple(faults))
    proved, broken = _proved(answer.receipts, keys, policy)
    faults += broken
    record, others, odd = record_of(proved)
    faults += odd
    if record is None:
        return Checked({}, (*faults, Fault("", "no-receipt")), proved)
    faults += _record_faults(record, expected)
    values, wrong = _values(answer, expected, record, others)
    faults += wrong
    faulty = {one.field for one in faults}
    sound = {} if "" in faulty else {name: value for name, value in values.items() if name not in faulty}
    return Checked(sound, tuple(faults), proved)


def _announced(answer: Answer, expected: Expected) -> Iterator[Fault]:
    """Where the sealed answer and the public one differ: the log would count something else than was given."""
    if answer.outcome != expected.outcome:
        yield Fault("", "not-announced", expected.outcome)
    there = set(expected.given)
    names = {_name(one) for one in answer.disclosures}
    yield from (Fault(name, "not-announced") for name in sorted(names & set(expected.approved) - there))
    yield from (Fault(name, "missing") for name in sorted(there - names))
    explained = set(answer.withheld) if answer.outcome in GIVING else set(expected.approved)
    yield from (Fault(name, "missing") for name in sorted(set(expected.approved) - names - explained - there))
    yield from (Fault(name, "contradicts") for name in sorted(names & set(answer.withheld)))


def _name(encoded: str) -> str:
    try:
        return Disclosure.parse(encoded).name or ""
    except DisclosureError:
        return ""


def _proved(receipts: Sequence[str], keys: KeyHistory, policy: Policy | None) -> tuple[tuple[Proved, ...], list[Fault]]:
    """The receipts that hold, in the log's order, and what is wrong with the others."""
    good: dict[int, Proved] = {}
    faults = []
    for receipt in receipts:
        try:
            proved = verify_under(receipt.encode(), keys, policy)
            good[proved.index] = proved
        except (TlogError, UnicodeEncodeError) as error:
            faults.append(Fault("", "receipt", str(error)))
    return tuple(good[index] for index in sorted(good)), faults


_FACTS: Mapping[str, type[Any]] = {
    kind.name: kind
    for kind in (
        SubscriptionFiled,
        SubscriptionChanged,
        SubscriptionCorrected,
        SubscriptionEnded,
        SubscriptionErased,
        SubscriptionPorted,
    )
}


def fact_of(kind: str, body: bytes) -> Any | None:
    """The fact that a receipt's body is, of those that say what stands on a record; None for any other."""
    if kind not in _FACTS:
        return None
    try:
        return msgspec.json.decode(body, type=_FACTS[kind])
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def record_of(proved: Sequence[Proved]) -> tuple[Record | None, frozenset[str], list[Fault]]:
    """The ONE record that receipts speak of, in the log's order; digests of other records; and what does not belong.

    A filing says whose the record is. A change has all digests anew, a correction those that it took away: each must share
    something with what stood before, or it could be of anybody's record.
    """
    record: Record | None = None
    others: frozenset[str] = frozenset()
    faults: list[Fault] = []
    for one in proved:
        fact = fact_of(one.entry.kind, one.body)
        if fact is None:
            continue
        after = followed(record, fact)
        if after is None:
            others |= _digests(fact)
            faults.append(Fault("", "other-record", one.entry.kind))
        else:
            record = after
    return record, others - (record.digests | record.before if record else frozenset()), faults


def followed(record: Record | None, fact: Any) -> Record | None:
    """A record after one more of its facts; None for a fact that is not provably its own."""
    if isinstance(fact, SubscriptionFiled):
        if record is not None:
            return None
        return Record(fact.operator, fact.handle, frozenset(fact.digests), frozenset(), erased=False)
    if record is None:
        return None
    if isinstance(fact, SubscriptionChanged | SubscriptionCorrected):
        return _with_digests(record, fact)
    if isinstance(fact, SubscriptionPorted):
        if fact.losing != record.operator:
            return None
        return record._replace(operator=fact.gaining, handle=fact.handle)
    return record._replace(erased=True) if isinstance(fact, SubscriptionErased) else record


def _with_digests(record: Record, fact: SubscriptionChanged | SubscriptionCorrected) -> Record | None:
    """A record whose digests changed; None where nothing of what stood before shows that it is this one."""
    if isinstance(fact, SubscriptionChanged):
        new = frozenset(fact.digests)
        own = bool(new & record.digests)
    else:
        dropped, added = frozenset(fact.dropped), frozenset(fact.added)
        new = (record.digests - dropped) | added
        own = dropped <= record.digests and bool(dropped or not added)
    return record._replace(digests=new, before=(record.before | record.digests) - new) if own else None


def _digests(fact: Any) -> frozenset[str]:
    return frozenset(getattr(fact, "digests", ())) | frozenset(getattr(fact, "added", ()))


def _record_faults(record: Record, expected: Expected) -> Iterator[Fault]:
    answering = {record.operator}
    for _ in expected.heirs:
        answering |= {heir for operator, heir in expected.heirs if operator in answering}
    if expected.operator not in answering:
        yield Fault("", "other-operator", record.operator)
    if record.erased:
        yield Fault("", "erased")


def _values(
    answer: Answer, expected: Expected, record: Record, others: frozenset[str]
) -> tuple[dict[str, str], list[Fault]]:
    """Each disclosure held against the record."""
    values: dict[str, str] = {}
    faults: list[Fault] = []
    count = Counter(map(_name, answer.disclosures))
    for encoded in answer.disclosures:
        name, why, value = _judged(encoded, expected, record, others)
        if not why and count[name] > 1:
            why = "twice"
        if why:
            faults.append(Fault(name, why))
        else:
            values[name] = value
    return values, list(dict.fromkeys(faults))


def _judged(encoded: str, expected: Expected, record: Record, others: frozenset[str]) -> tuple[str, str, str]:
    """A disclosure's field, what is wrong with it (empty: nothing), and its value."""
    try:
        disclosure = Disclosure.parse(encoded)
    except DisclosureError:
        return "", "form", ""
    name, value = disclosure.name, disclosure.value
    if name is None or not isinstance(value, str):
        return name or "", "form", ""
    digest = disclosure.digest()
    if name not in expected.approved:
        return name, "not-approved", ""
    if digest in record.digests:
        return name, "", value
    if digest in record.before:
        return name, "superseded", ""
    return name, "other-record" if digest in others else "altered", ""
