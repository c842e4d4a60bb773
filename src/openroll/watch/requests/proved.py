"""What a roll says of a request and of keys, held against the receipts it gives: nothing else of its answers is believed.

A receipt shows one entry. So nobody sees here whether a body was ever admitted, whether somebody sits in a seat, or whether a
succession was offered: whoever has the log reads it whole, and asks `believed`.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple

import msgspec

from openroll.disclosure.envelope import KeyUnfit, Published, published_of
from openroll.register.organisation.events import OperatorSucceeded
from openroll.register.request.events import KeyPublished, RequestEvent, RequestFiled, UseRegistered
from openroll.register.request.sealed_parts import in_order
from openroll.register.request.state import ProcedureGone, Request, fold
from openroll.register.request.whose import is_its_own_key, is_its_own_use, is_of_its_party, is_of_the_two, operators_of
from openroll.tlog import (
    KeyHistory,
    Policy,
    QuorumMissing,
    TlogError,
    Verifier,
    follow,
    parse_proof,
    unverified_entry,
    verify_under,
)
from openroll.tlog.key_history import handovers_of
from openroll.watch.facts import UNRECKONED, NoFact, fact_of


class Unproved(Exception):
    """Something that the roll says has no proof, or another one. The message is a sentence without its stop."""


class Unlogged(Unproved):
    """A fact has no place in the log yet: it may have been made a moment ago."""


class Fact(msgspec.Struct, frozen=True):
    """A fact as the roll serves it, with its receipt."""

    name: str
    day: date
    body: str
    receipt: str


class Key(msgspec.Struct, frozen=True):
    """A key as the roll serves it, with its receipt, and that of its end."""

    organisation: str
    key: str
    public: str
    ended: bool
    receipt: str
    ended_receipt: str = ""


class OwnKey(NamedTuple):
    """A key of an organisation that is proved, whether the roll says that it has ended, and who published it on which day."""

    published: Published
    ended: bool
    by: str
    day: str


class Matter(NamedTuple):
    """A request whose every fact is proved: as it was filed, as it stands, and its facts in their order.

    `heirs` are operators with who succeeded each, proved too: whoever answers for the one that was asked. `placed` is where the
    entry by which it was filed stands in the log: its index and its day. `receipts` are those of the facts, in their order.
    """

    filed: RequestFiled
    request: Request
    facts: tuple[RequestEvent, ...]
    heirs: tuple[tuple[str, str], ...] = ()
    placed: tuple[int, str] | None = None
    receipts: tuple[str, ...] = ()


def keys_by(given: Sequence[Verifier], history: bytes) -> KeyHistory:
    """The keys of a log, from those that somebody trusts and its key history as it is served (empty: none). Raises TlogError."""
    return follow(handovers_of(history), given) if history.strip() else KeyHistory(given)


def matter_of(
    facts: Iterable[Fact], keys: KeyHistory, policy: Policy | None = None, heirs: tuple[tuple[str, str], ...] = ()
) -> Matter:
    """A request from its facts, each with a receipt that meets the policy, where there is one. `heirs` as `heirs_of` proves them.

    Raises Unproved: one has no place in the log yet, is not what its receipt proves, or is an act of another body than the one
    whose it is: a log holds whatever whoever keeps it writes.
    """
    served = list(facts)
    every = [(event_proved(one, keys, policy), one.receipt) for one in served]
    proved = [fact for fact, _ in every if isinstance(fact, RequestEvent)]
    filed = proved[0] if proved else None
    if not isinstance(filed, RequestFiled) or any(one.request != filed.request for one in proved):
        raise Unproved("what the roll gives are not the facts of one request, from its filing on")
    if not in_order(proved):
        raise Unproved("what was sent anew in it is not given in the order in which it was sent")
    try:
        request = fold(proved)
    except ProcedureGone as error:
        raise Unproved(str(error)) from error
    except UNRECKONED as error:
        raise Unproved(f"its facts do not follow from each other: {error}") from error
    assert request is not None  # noqa: S101 - there is a fact
    operators = operators_of(request.operator, heirs)
    for one in proved:
        if not is_of_its_party(one, request, operators):
            raise Unproved(
                f"the log says {one.name} in it by {one.by or 'nobody'}, which is not of the body whose act that is"
            )
    first = next(one.receipt.encode() for one in served if one.name == RequestFiled.name)
    proof = parse_proof(first)
    receipts = tuple(receipt for fact, receipt in every if isinstance(fact, RequestEvent))
    return Matter(filed, request, tuple(proved), heirs, (proof.index, unverified_entry(proof).day), receipts)


def heirs_of(facts: Iterable[Fact], keys: KeyHistory, policy: Policy | None = None) -> tuple[tuple[str, str], ...]:
    """Operators with who succeeded each.

    Raises Unproved: one is no succession, is not what its receipt proves, or is the word of others than may say so.
    """
    proved = [event_proved(one, keys, policy) for one in facts]
    if not all(isinstance(one, OperatorSucceeded) for one in proved):
        raise Unproved("what the roll gives as successions of operators are others of its facts")
    for one in proved:
        if not is_of_the_two(one):
            words = f"{one.offered_by} and {one.by}"
            raise Unproved(
                f"the log says that {one.heir} succeeds {one.operator} at the word of {words}, who cannot say so"
            )
    return tuple((one.operator, one.heir) for one in proved)


def use_of(receipt: str, use: int, organisation: str, log: KeyHistory, policy: Policy | None = None) -> UseRegistered:
    """A registered use of an organisation, as its receipt proves it.

    Raises Unproved where it proves nothing, another use, or one that nobody of the organisation registered.
    """
    fact = event_proved(Fact(UseRegistered.name, date.min, "", receipt), log, policy)
    if not isinstance(fact, UseRegistered) or (fact.use, fact.organisation) != (use, organisation):
        raise Unproved(f"what it gives as use {use} is not what its receipt proves to be one of {organisation}")
    if not is_its_own_use(fact):
        raise Unproved(
            f"use {use} was registered in the name of {organisation} by {fact.by or 'nobody'}, which is no seat of it"
        )
    return fact


def own_keys(keys: Iterable[Key], organisation: str, log: KeyHistory, policy: Policy | None = None) -> list[OwnKey]:
    """The keys of an organisation that their receipts prove, each published by a seat of its own.

    Raises Unproved for one without a receipt, with another's, or that somebody else published in its name: then none is believed,
    as whoever wrote that into the log would have what is sealed to the organisation read by somebody else.
    """
    found = []
    for one in keys:
        fact = event_proved(Fact(KeyPublished.name, date.min, "", one.receipt), log, policy)
        if not isinstance(fact, KeyPublished) or (fact.organisation, fact.key) != (organisation, one.key):
            raise Unproved(f"the key {one.key} is not what its receipt proves to be one of {organisation}")
        if not is_its_own_key(fact):
            raise Unproved(
                f"the key {one.key} was published in the name of {organisation} by {fact.by or 'nobody'}, which is no seat of it:"
                f" seal nothing to {organisation}, and tell its lead and whoever watches the log"
            )
        try:
            key = published_of(fact.public)
        except KeyUnfit as error:
            raise Unproved(f"the key {one.key} is none: {error}") from error
        if key.id != one.key:
            raise Unproved(f"the key {one.key} stands in the log with the public half of another, {key.id}")
        found.append(OwnKey(key, one.ended, fact.by, unverified_entry(parse_proof(one.receipt.encode())).day))
    return found


def event_proved(fact: Fact, keys: KeyHistory, policy: Policy | None) -> Any:
    """The event that a receipt proves; its body must be the one that was served beside it, where there was one."""
    if not fact.receipt:
        raise Unlogged("the newest fact has no place in the log yet: try again in some seconds")
    try:
        proved = verify_under(fact.receipt.encode(), keys, policy, by_act=True)
        event = fact_of(proved.entry.kind, proved.body.decode()).as_now()
    except QuorumMissing as error:
        raise Unproved(f"a receipt of the roll does not meet the policy: {error}") from error
    except NoFact as error:
        raise Unproved(f"the text of a fact of the roll {error}") from error
    except (TlogError, UnicodeError) as error:
        raise Unproved(f"a receipt of the roll does not hold: {error}") from error
    if proved.entry.act is None:  # what an entry does not say in clear could be one thing to each who is shown it
        raise Unproved(
            f"the log holds no text of a fact that the roll gives as {fact.name}: an official act stands there in full"
        )
    if proved.entry.kind != fact.name or (fact.body and proved.body != fact.body.encode()):
        raise Unproved(f"the roll says something else of {fact.name} than its receipt proves")
    return event


def organisation_of(fact: RequestEvent) -> str:
    """The organisation whose seat made a fact; empty for the person and for time that passed."""
    organisation, slash, _ = fact.by.rpartition("/")
    return organisation if slash else ""


__all__ = [
    "Fact",
    "Key",
    "Matter",
    "OwnKey",
    "Unlogged",
    "Unproved",
    "event_proved",
    "heirs_of",
    "keys_by",
    "matter_of",
    "operators_of",
    "organisation_of",
    "own_keys",
    "use_of",
]
