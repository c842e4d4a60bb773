"""Whether an answer proves itself: each disclosure against the digests that the register has held, offline, with the log's keys.

What it proves: that these values are unaltered since the filing, all of one record of the operator that was asked, each of them
standing on that record in its newest state as far as the receipts go; that everything approved is there, or is said not to be;
that no other field under seal is. That a later fact is of this record the register says in it (`record_tag`): a digest is opaque,
and an operator could list one in a change of another record of its own. Facts of before it did so prove that the operator filed
a value, and not on which record: such a value is `unproved`. The receipts show the public part of the record besides (handle,
kind, access, district, days).
Where a request names a number, each value shows by its opening that it was filed under it (`number_salt`); what does not is
`unopened`. What no check can prove stands in docs/requests.md: whose a code, a domain or an address was, and that no fact of the
record was held back.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from openroll.disclosure import Disclosure, DisclosureError
from openroll.register.request.content import Answer, answer_fault
from openroll.register.request.words import GIVING
from openroll.register.subscription.events import (
    OfRecord,
    SubscriptionChanged,
    SubscriptionCorrected,
    SubscriptionEnded,
    SubscriptionErased,
    SubscriptionFiled,
    SubscriptionPorted,
)
from openroll.register.subscription.number_salt import alike, opens
from openroll.register.subscription.record_tag import names_filing
from openroll.tlog import KeyHistory, Policy, Proved, TlogError, verify_under

FAULTS = (
    "receipt",
    "no-receipt",
    "other-operator",
    "other-record",
    "other-number",
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
operator; a value or receipt of another record; one that is opened to a number that was not asked about, or by what does not open
it; a record that was erased; a disclosure that is none; a value that is on no
record (altered, or made up); one that was corrected or changed since; a field nobody approved; one given twice; one approved
and neither given nor explained; what the public answer does not say, or says and is not there."""


class Fault(NamedTuple):
    """One thing that is wrong: of a field, or of the answer (empty), with its code and for some what it was."""

    field: str
    why: str
    detail: str = ""


class LogPosition(NamedTuple):
    """Where an entry stands in the log: its index there, and its day as the entry says it (`2006-11-01`)."""

    position: int
    day: str

    def is_after(self, other: "LogPosition") -> bool:
        """Whether it came later: by its day, and on one day by its index. A log that begins anew places its facts anew, and keeps
        their days."""
        return (self.day, self.position) > (other.day, other.position)


class Expected(NamedTuple):
    """What an answer is held against: whom was asked, what was approved, and what stands in public as the answer.

    `heirs` are operators with who succeeded each, as the log proves: what was filed by the one is the other's to answer.
    `asked` is the place of the entry by which it was asked; None where that is not known. `number` is the operator's own number
    of the subscription where the request names that, and empty where it names a code, a domain or an address: then none may be
    opened. None: what was asked is not known, and of numbers nothing is judged.
    """

    operator: str
    approved: tuple[str, ...]
    outcome: str
    given: tuple[str, ...]
    heirs: tuple[tuple[str, str], ...] = ()
    asked: LogPosition | None = None
    number: str | None = None


class Checked(NamedTuple):
    """What came of checking: the values by field that are proved, everything that is wrong, and the receipts that hold.

    With any fault the answer is not good. Values are only those of fields without one. `unproved` are the fields whose value this
    operator filed, and nothing proves on which record; `late` those of which no receipt shows that they stood on it when it was
    asked about; `unopened` those of which nothing shows that they were filed under the number that it was asked by. `unnamed` are
    the indices of receipts that could be of another record.
    """

    values: Mapping[str, str]
    faults: tuple[Fault, ...]
    receipts: tuple[Proved, ...] = ()
    unproved: tuple[str, ...] = ()
    late: tuple[str, ...] = ()
    unnamed: frozenset[int] = frozenset()
    unopened: tuple[str, ...] = ()

    @property
    def good(self) -> bool:
        """Whether nothing is wrong. What is `unproved`, `late` or `unopened` is not wrong by that, and not proved to be right."""
        return not self.faults

    @property
    def proved(self) -> bool:
        """Whether everything holds, and each value is proved to have stood on this one record before it was asked about, and to
        be of the number that it was asked by, where it was asked by one."""
        return not (self.faults or self.unproved or self.late or self.unopened)


class Record(NamedTuple):
    """A record as its receipts leave it: whose it is, the digests that stand on it, and those that stood on it once.

    `since` is for each digest that stands on it the place of the fact from which on it has stood without a break: what left the
    record and came back stands from then on. `filing` is the salt of its filing. `unnamed` are digests that stand on it only by
    facts that could be another record's, and `moved` says whether such a fact moved it to its operator.
    """

    operator: str
    handle: str
    digests: frozenset[str]
    before: frozenset[str]
    since: Mapping[str, LogPosition]
    erased: bool
    filing: bytes = b""
    unnamed: frozenset[str] = frozenset()
    moved: bool = False

    def unsure(self, digest: str, asked: LogPosition | None) -> tuple[bool, bool]:
        """Of a digest that stands on it: whether nothing proves that it is this record's, and whether it may have come after it
        was asked about."""
        late = asked is not None and self.since[digest].is_after(asked)
        return self.moved or digest in self.unnamed, late


class _Followed(NamedTuple):
    """What receipts come to: one record; digests of others; what does not belong; the indices of those that name no record."""

    record: Record | None
    others: frozenset[str]
    faults: tuple[Fault, ...]
    unnamed: frozenset[int]


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
    found = record_of(proved)
    faults += found.faults
    if found.record is None:
        return Checked({}, (*faults, Fault("", "no-receipt")), proved)
    faults += _record_faults(found.record, expected)
    values, wrong = _values(answer, expected, found.record, found.others)
    faults += [*wrong, *_number_faults(answer, expected)]
    faulty = {one.field for one in faults}
    sound = {} if "" in faulty else {name: value for name, value in values.items() if name not in faulty}
    unopened = tuple(name for name in sound if expected.number and name not in answer.openings)
    unsure = _unsure(answer, found.record, expected.asked, sound)
    return Checked(sound, tuple(faults), proved, *unsure, found.unnamed, unopened)


def _number_faults(answer: Answer, expected: Expected) -> Iterator[Fault]:
    """What is wrong with the number that is opened: another than was asked about, or none was; or it opens nothing."""
    if answer.number and expected.number is not None and not alike(answer.number, expected.number):
        yield Fault("", "other-number")
    salts = {_name(one): Disclosure.parse(one).salt for one in answer.disclosures if _name(one)}
    for name, opening in sorted(answer.openings.items()):
        if name not in salts:
            yield Fault(name, "contradicts")
        elif not opens(opening, salts[name], answer.number):
            yield Fault(name, "other-number")


def _unsure(
    answer: Answer, record: Record, asked: LogPosition | None, sound: Mapping[str, str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Of the fields that hold, those that nothing proves to be this record's, and those that may have come after the request."""
    held = [(name, Disclosure.parse(one).digest()) for one in answer.disclosures if (name := _name(one)) in sound]
    unsure = {name: record.unsure(digest, asked) for name, digest in held}
    unproved = tuple(name for name, (is_unproved, _) in unsure.items() if is_unproved)
    return unproved, tuple(name for name, (_, is_late) in unsure.items() if is_late)


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
    good: dict[tuple[int, bytes], Proved] = {}
    faults = []
    for receipt in receipts:
        try:
            proved = verify_under(receipt.encode(), keys, policy)
            good[proved.index, proved.salt] = proved
        except (TlogError, UnicodeEncodeError) as error:
            faults.append(Fault("", "receipt", str(error)))
    return tuple(good[at] for at in sorted(good)), faults


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


def record_of(proved: Sequence[Proved]) -> _Followed:
    """The ONE record that receipts speak of, in the log's order, and what does not belong to it.

    A filing says whose the record is. Whatever comes after it names its record; where it does not, being of before that was done,
    a change must share a digest with what stood before, and a correction what it took away, or it could be of anybody's record.
    """
    record: Record | None = None
    others: frozenset[str] = frozenset()
    faults: list[Fault] = []
    unnamed: set[int] = set()
    # Those of one round of the log stand in an order that says nothing, and a filing comes before all else of its record.
    for one in sorted(proved, key=lambda one: one.entry.kind != SubscriptionFiled.name):
        fact = fact_of(one.entry.kind, one.body)
        if fact is None:
            faults.append(Fault("", "receipt", f"{one.entry.kind} says nothing of what stands on a record"))
            continue
        after = followed(record, fact, one.salt, LogPosition(one.index, one.entry.day))
        if after is None:
            others |= _digests(fact)
            faults.append(Fault("", "other-record", one.entry.kind))
            continue
        record = after
        if isinstance(fact, OfRecord) and not fact.record:
            unnamed.add(one.index)
    others -= record.digests | record.before if record else frozenset()
    return _Followed(record, others, tuple(faults), frozenset(unnamed))


def followed(record: Record | None, fact: Any, salt: bytes, place: LogPosition) -> Record | None:
    """A record after one more of its facts, which has this salt; None for a fact that is not its own, or does not show it."""
    after = _after(record, fact, salt)
    return None if after is None else after._replace(since=_since(record, after, place))


def _since(before: Record | None, after: Record, place: LogPosition) -> dict[str, LogPosition]:
    """From where on each digest stands without a break: by a fact that names the record, as soon as there is one."""
    stood = (
        {}
        if before is None
        else {one: at for one, at in before.since.items() if one not in before.unnamed - after.unnamed}
    )
    return {digest: stood.get(digest, place) for digest in after.digests}


def _after(record: Record | None, fact: Any, salt: bytes) -> Record | None:
    if isinstance(fact, SubscriptionFiled):
        if record is not None:
            return None
        return Record(fact.operator, fact.handle, frozenset(fact.digests), frozenset(), {}, erased=False, filing=salt)
    if record is None:
        return None
    named = isinstance(fact, OfRecord) and bool(fact.record)
    if named and not names_filing(fact.record, record.filing, salt):
        return None
    if isinstance(fact, SubscriptionChanged | SubscriptionCorrected):
        return _with_digests(record, fact, named=named)
    if isinstance(fact, SubscriptionPorted):
        if fact.losing != record.operator:
            return None
        return record._replace(operator=fact.gaining, handle=fact.handle, moved=record.moved or not named)
    return record._replace(erased=True) if isinstance(fact, SubscriptionErased) else record


def _with_digests(record: Record, fact: SubscriptionChanged | SubscriptionCorrected, *, named: bool) -> Record | None:
    """A record whose digests changed; None where nothing shows that it is this one."""
    if isinstance(fact, SubscriptionChanged):
        new = frozenset(fact.digests)
        own, unnamed = named or bool(new & record.digests), frozenset[str]() if named else record.unnamed
    else:
        dropped, added = frozenset(fact.dropped), frozenset(fact.added)
        new, unnamed = (record.digests - dropped) | added, record.unnamed - added if named else record.unnamed
        own = dropped <= record.digests and (named or bool(dropped or not added))
    if not own:
        return None
    if not named:
        unnamed |= new - record.digests
    return record._replace(digests=new, before=(record.before | record.digests) - new, unnamed=unnamed & new)


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
