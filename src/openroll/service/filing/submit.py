"""The way of a filing, steps 2 to 6 (docs/life-of-a-filing.md): load, decide, append, project, commit.

Filings that arrive together are taken in one transaction, because a durable commit costs more than the filing itself.
Grouping changes nothing else: each is decided alone, and when the database refuses the group every filing is taken
again by itself.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

import msgspec
import psycopg
from psycopg import Connection
from psycopg.errors import LockNotAvailable

from openroll.disk_room import is_full
from openroll.register.command import Actor, Command
from openroll.register.decision import Refused
from openroll.register.event import Event
from openroll.register.file_refusals import DiskFull
from openroll.register.organisation.refusals import OperatorUnknown, TokenUnknown
from openroll.register.refusals import DatabaseAway, DatabaseBusy, OutcomeUnknown
from openroll.register.sign_in_refusals import SignInNeeded
from openroll.register.subscription.commands import Confirm, Erase, File, Rehandle
from openroll.register.subscription.decide import Subscription, decide, evolve
from openroll.register.subscription.refusals import (
    HandleChanged,
    HandleLeft,
    HandleTaken,
    KeyReused,
    NotInLogYet,
    SubscriptionUnknown,
)
from openroll.service.acts import append
from openroll.service.event_rows import event_row
from openroll.service.filing.idempotency_key import HiddenKey, hidden
from openroll.service.filing.left_to_do import note
from openroll.service.filing.pace import Pace
from openroll.service.filing.projections import end_ways_in, show, states_of
from openroll.service.roll import NotNow, Roll
from openroll.service.rollback_guard import asked_if_behind, new_numbers
from openroll.store import idempotency, operators, sessions, signs_of_life, subscriptions
from openroll.store import roll as rolls
from openroll.store.connect import assume, ended_by, ended_here, together
from openroll.store.events import EventRow
from openroll.store.idempotency import KeyRow
from openroll.store.log import has_waiting_act
from openroll.store.numbers import RECORD
from openroll.store.waiting import IN_EACH_OTHERS_WAY, WAITED_OUT

_TRIES = 3


class Submission(msgspec.Struct, frozen=True, kw_only=True):
    """One command on its way in.

    Who asks is an `actor`, or the hash of a `token` that stands for an operator. An operator names the record by
    `handle`, a subscriber by the `number` behind the filing code. `key` makes sending again harmless: the same key with
    the same `request` (SHA-256) gives the first answer; with another it is refused. A `key` that its sender may have chosen
    comes with a `secret` that the roll does not keep (`idempotency_key`).
    """

    command: Command
    key: str
    request: bytes
    secret: bytes = b""
    actor: Actor | None = None
    token: bytes = b""
    session: bytes = b""
    """The session it came by, if any: once that has ended nothing is taken."""
    handle: str = ""
    number: int | None = None


class Taken(msgspec.Struct, frozen=True):
    """Durably stored: the record, the version of its newest fact, and whether this was a repetition.

    `code` is the record's filing code where there was time to make it; else it is empty.
    """

    number: int
    version: int
    repeated: bool = False
    code: str = ""


class Failed(msgspec.Struct, frozen=True):
    """Through no fault of the filing it was not stored, or where `unknown` nobody knows: the connection broke off in the commit.

    Either way the sender sends it again under the same key. Where it was `blocked` another transaction holds what it needs.
    """

    reason: str
    unknown: bool = False
    blocked: bool = False


class CommitUnknown(Exception):
    """The connection to the database broke off when everything had been sent: the transaction was committed, or was not."""


Outcome = Taken | Refused | Failed


def refused_of(outcome: Refused | Failed) -> Refused:
    """Why a filing was not taken, or is not known to be, as every face says it."""
    if isinstance(outcome, Refused):
        return outcome
    return Refused(OutcomeUnknown() if outcome.unknown else DatabaseAway())


def take(
    connection: Connection,
    submissions: Sequence[Submission],
    roll: Roll,
    now: datetime,
    tokens: dict[bytes, str] | None = None,
) -> list[Outcome]:
    """Take filings that arrived together, each durable when this returns; one outcome each, in their order.

    Whose the tokens were that let in is put into `tokens`. Raises what broke them off where that is one and the same of all:
    `broken_off` says what became of them.
    """
    try:
        return _take_together(connection, submissions, roll, now, tokens)
    except IN_EACH_OTHERS_WAY:
        if len(submissions) == 1:
            return _take_together(connection, submissions, roll, now)
        return _in_parts(connection, [[one] for one in submissions], roll, now)
    except (psycopg.OperationalError, *WAITED_OUT):
        raise
    except (psycopg.Error, _SessionEnded) as error:
        if len(submissions) == 1:
            return [_take_again(connection, submissions[0], roll, now, error)]
        # By halves, in their order: those who share nothing with what broke it stay together, and wait for few commits.
        half = len(submissions) // 2
        return _in_parts(connection, [submissions[:half], submissions[half:]], roll, now)


def _in_parts(
    connection: Connection, parts: Sequence[Sequence[Submission]], roll: Roll, now: datetime
) -> list[Outcome]:
    """Take parts of a group one after the other: what is in the way of one, or breaks off with it, is not told of the others."""
    outcomes: list[Outcome] = []
    for part in parts:
        try:
            outcomes += take(connection, part, roll, now)
        except Exception as error:
            outcomes += broken_off(part, error)
    return outcomes


def broken_off(submissions: Sequence[Submission], error: Exception) -> list[Outcome]:
    """The outcomes of filings that were to be taken in one transaction, by what ended that for all of them."""
    return [_broken_off(error)] * len(submissions)


def _broken_off(error: Exception) -> Outcome:
    if isinstance(error, NotNow):
        return error.refused
    if isinstance(error, LockNotAvailable):
        return Failed(type(error).__name__, blocked=True)
    if isinstance(error, WAITED_OUT):
        return Refused(DatabaseBusy())
    if isinstance(error, CommitUnknown):
        return Failed(type(error).__name__, unknown=True)
    # What broke off elsewhere than in the commit was rolled back: nothing was taken.
    return Refused(DiskFull()) if is_full(error) else Failed(type(error).__name__)


def _take_again(connection: Connection, one: Submission, roll: Roll, now: datetime, error: Exception) -> Outcome:
    """Somebody was quicker on the same record: load it as it now stands and decide anew."""
    for _ in range(_TRIES):
        if isinstance(error, _SessionEnded):
            return Refused(SignInNeeded())
        if isinstance(error, psycopg.Error) and error.sqlstate == operators.ENDED:
            return Refused(OperatorUnknown(operator=getattr(one.command, "operator", "")))
        if not isinstance(error, psycopg.errors.UniqueViolation):
            break
        try:
            return _take_together(connection, [one], roll, now)[0]
        except (psycopg.OperationalError, *WAITED_OUT):
            raise
        except (psycopg.Error, _SessionEnded) as again:
            error = again
    return Failed(type(error).__name__)


@contextmanager
def one_commit(connection: Connection, meanwhile: Callable[[], None] | None = None) -> Iterator[None]:
    """A transaction as `together` makes it. Raises CommitUnknown where the connection broke off after all had been sent."""
    committing = False
    try:
        with together(connection, meanwhile):
            yield
            committing = True
    except (psycopg.OperationalError, psycopg.InterfaceError) as error:
        # Before that the transaction was not asked to commit, and a server that lost its client rolls it back. One that is
        # still there and says why not has rolled it back as well.
        if committing and connection.closed:
            raise CommitUnknown from error
        raise


def _take_together(
    connection: Connection,
    submissions: Sequence[Submission],
    roll: Roll,
    now: datetime,
    tokens: dict[bytes, str] | None = None,
) -> list[Outcome]:
    outcomes: dict[int, Outcome] = {}
    with one_commit(connection):
        assume(connection, "application")  # needs no answer, so it costs no journey
        refuse_if_behind = asked_if_behind(roll, connection)
        over = _of_ended_sessions(connection, submissions)
        actors = _by_actor(connection, roll, submissions, now, tokens)  # the answer to both comes in one journey
        refuse_if_behind()
        outcomes |= dict.fromkeys(over, Refused(SignInNeeded()))
        for actor, every in actors.items():
            places = [place for place in every if place not in over]
            if actor is None:
                outcomes |= dict.fromkeys(places, Refused(TokenUnknown()))
                continue
            group = Group(connection, roll, actor, now)
            taken = group.take([submissions[place] for place in places])
            outcomes |= zip(places, taken, strict=True)
        _ask_last(connection, [one.session for place, one in enumerate(submissions) if place not in over])
    # Step 6: the transaction has committed, so what was taken is acknowledged from here on.
    return [outcomes[place] for place in range(len(submissions))]


def _of_ended_sessions(connection: Connection, submissions: Sequence[Submission]) -> set[int]:
    """The places of those whose session has ended since they were sent. Asked only where a session sent any."""
    named = [one.session for one in submissions if one.session]
    there = sessions.still_there(connection, named) if named else frozenset()
    return {place for place, one in enumerate(submissions) if one.session and one.session not in there}


class _SessionEnded(Exception):
    """A session ended while what it sent was being written: all is rolled back, and each filing is taken again by itself."""


def _ask_last(connection: Connection, sent_by: Sequence[bytes]) -> None:
    """Raise _SessionEnded where a session is gone; else keep them all until the commit, which comes next (store/rights.py)."""
    named = {one for one in sent_by if one} - ended_by(connection)
    if named:
        assume(connection, "application")
        if sessions.still_there(connection, sorted(named), hold=True) != named:
            raise _SessionEnded


class Who(msgspec.Struct, frozen=True):
    """Whose rows a part of the group may touch: an organisation's, or one subscriber's own record."""

    actor: Actor
    record: int | None


def _by_actor(
    connection: Connection,
    roll: Roll,
    submissions: Sequence[Submission],
    now: datetime,
    tokens: dict[bytes, str] | None,
) -> dict[Who | None, list[int]]:
    asked = [one.token for one in submissions if one.actor is None]
    # Held until the commit: a token's end that is acknowledged comes before all it files, or behind.
    organisations = rolls.organisations_of(connection, asked, now, hold=True) if asked else {}
    if asked:
        # Whatever becomes of what they file: the operator is there.
        signs_of_life.hear_by_tokens(connection, asked, roll.day(now), now)
    if tokens is not None:
        tokens.update(organisations)
    groups: dict[Who | None, list[int]] = {}
    for place, one in enumerate(submissions):
        groups.setdefault(_who(one, organisations.get(one.token), place), []).append(place)
    return groups


def _who(one: Submission, organisation: str | None, place: int) -> Who | None:
    actor = one.actor
    if actor is None:
        return None if organisation is None else Who(Actor("operator", organisation), None)
    if actor.role == "operator":
        return Who(actor, None)
    # A subscriber's new filing has no number yet: a negative one keeps two of them apart until they get theirs.
    return Who(actor, -1 - place if one.number is None else one.number)


class Group:
    """The filings of one actor within a transaction, in the order they came."""

    def __init__(self, connection: Connection, roll: Roll, who: Who, now: datetime) -> None:
        self.connection = connection
        self.roll = roll
        self.actor = who.actor
        self.record = who.record
        self.now = now
        self.day = roll.day(now)
        self.setting = roll.setting(self.day)
        self.states: dict[int, Subscription | None] = {}
        self.numbers: dict[str, int] = {}
        self.left = subscriptions.Left()
        self.keys: dict[bytes, KeyRow] = {}
        self.fresh: list[int] = []
        self.pace: Pace | None = None
        self.facts: list[EventRow] = []
        self.new_keys: list[KeyRow] = []

    def take(self, submissions: Sequence[Submission]) -> list[Outcome]:
        hidden_keys = [hidden(one.secret, one.key, one.request) for one in submissions]
        self._load(submissions, [one.key for one in hidden_keys])
        outcomes = [self._one(*pair) for pair in zip(submissions, hidden_keys, strict=True)]
        if self.facts:
            self._write([one.session for one in submissions if isinstance(one.command, Erase)])
        return outcomes

    def take_new(self, submissions: Sequence[Submission]) -> list[Outcome] | None:
        """Take new filings of an operator as if nothing stood against them; None, having written nothing, where a decision is no.

        The tables' unique keys refuse a handle or a key that is not new. Who acts has been assumed already.
        """
        self.fresh = list(new_numbers(self.roll, RECORD, len(submissions)))
        outcomes = [self._one(one, hidden(one.secret, one.key, one.request)) for one in submissions]
        if not all(isinstance(one, Taken) and not one.repeated for one in outcomes):
            return None
        self._write([])
        return outcomes

    def _load(self, submissions: Sequence[Submission], keys: Sequence[bytes]) -> None:
        """Step 2: what the decisions need: taken keys, the records asked about, numbers for new ones."""
        filings = sum(isinstance(one.command, File) for one in submissions)
        if filings:
            self.fresh = list(new_numbers(self.roll, RECORD, filings))
        if self.actor.role == "subscriber" and self.record is not None and self.record < 0:
            # A new record has no number yet, so a form sent twice is known by its key alone, which only its sender has.
            assume(self.connection, "application")
            self.keys = dict(idempotency.ask_keys(self.connection, "", keys)())
            self.record = next((known.number for known in self.keys.values()), self.fresh[0])
        self._assume()
        taken_keys = idempotency.ask_keys(self.connection, self.actor.organisation, keys)
        if self.actor.role == "operator":
            handles = [one.handle or getattr(one.command, "handle", "") for one in submissions]
            handles += [one.command.handle for one in submissions if isinstance(one.command, Rehandle)]
            known = subscriptions.ask_handles(self.connection, self.actor.organisation, handles)
            self.numbers, self.left = known()  # the answer to both comes in one journey
        self.keys |= taken_keys()
        asked = [number for one in submissions if (number := self._number(one)) is not None]
        if asked:
            self.pace = Pace(self.connection, self.roll, self.now, asked, self.actor)
            wanted = {self._number(one) for one in submissions if not self._too_many(one)}
            self._load_states(sorted(number for number in set(asked) if number in wanted))

    def _assume(self) -> None:
        assume(self.connection, self.actor.role, organisation=self.actor.organisation, record=self.record)

    def _load_states(self, numbers: list[int]) -> None:
        """Load records by their facts: those on which something may be done today."""
        self.states |= states_of(self.connection, numbers)

    def _too_many(self, one: Submission) -> Refused | None:
        number = self._number(one)
        return None if number is None or self.pace is None else self.pace.too_many(one.command, number)

    def _number(self, one: Submission) -> int | None:
        if self.actor.role == "subscriber" or not one.handle:
            return one.number
        return self.numbers.get(one.handle)

    def _one(self, one: Submission, key: HiddenKey) -> Outcome:
        known = self.keys.get(key.key)
        if known is not None:
            if known.request == key.request:
                return Taken(known.number, known.version, repeated=True)
            return Refused(KeyReused(key=one.key), self.setting.rule)
        number = self._number(one)
        if refused := self._too_many(one):
            return refused
        state = None if number is None else self.states.get(number)
        # Step 3: decide. Pure: no clock, no randomness, no store.
        decision = decide(self._own(one.command), state, self.actor, self.setting)
        if isinstance(decision, Refused):
            return self._named(decision, one)
        if refused := self._left(one, number) or self._waits(one, number):
            return refused
        if isinstance(one.command, Rehandle) and one.command.handle in self.numbers:
            return Refused(HandleTaken(handle=one.command.handle), self.setting.rule)
        wanted = one.command.handle if isinstance(one.command, Confirm) else ""
        if wanted and self.numbers.setdefault(wanted, number or 0) != number:
            return Refused(HandleTaken(handle=wanted), self.setting.rule)
        if number is None:
            number = self.fresh.pop(0)
        taken = self._accept(one, number, state, decision.events)
        row = KeyRow(self.actor.organisation, key.key, key.request, number, taken.version, self.now)
        self.keys[row.key] = row
        self.new_keys.append(row)
        return taken

    def _left(self, one: Submission, number: int | None) -> Refused | None:
        """Why no subscription is called from now on by a handle that another one left; it may be itself."""
        if not isinstance(one.command, File | Rehandle | Confirm):
            return None
        handle = (one.handle if isinstance(one.command, File) else "") or one.command.handle
        by = self.left.by(handle, number)
        if by is None:
            return None
        return Refused((HandleChanged if by.changed else HandleLeft)(handle=handle, on=by.day), self.setting.rule)

    def _named(self, refused: Refused, one: Submission) -> Refused:
        """A refusal that names what was sought, as the sender named it; where a record was called so, since when it is not.

        Nothing is done to that record: what names it so was made by a key of before, and so may be of before.
        """
        if not isinstance(refused.refusal, SubscriptionUnknown):
            return refused
        day = self.left.changed(one.handle)
        named = SubscriptionUnknown(sought=one.handle) if day is None else HandleChanged(handle=one.handle, on=day)
        return Refused(named, refused.rule)

    def _waits(self, one: Submission, number: int | None) -> Refused | None:
        """Why a record is not erased yet: the log has its official acts in full, and one of them still waits for its place."""
        if not isinstance(one.command, Erase) or number is None:
            return None
        assume(self.connection, "application")
        waits = has_waiting_act(self.connection, number)
        self._assume()
        return Refused(NotInLogYet()) if waits else None

    def _own(self, command: Command) -> Command:
        """A filing that came under a token names no operator: it is the token's own."""
        if isinstance(command, File) and self.actor.role == "operator" and not command.operator:
            return msgspec.structs.replace(command, operator=self.actor.organisation)
        return command

    def _accept(self, one: Submission, number: int, state: Subscription | None, facts: Sequence[Event]) -> Taken:
        version = 0 if state is None else state.version
        for fact in facts:
            version += 1
            state = evolve(state, fact, self.day)
            self.facts.append(self._row(number, version, state, fact))
        if self.pace is not None:
            self.pace.added(number, version, len(facts))
        self.states[number] = state
        if isinstance(one.command, Rehandle):
            self.numbers.pop(one.handle, None)
            self.left.leave(one.handle, number, self.day)  # so that nothing in the same breath takes it
            self.numbers[one.command.handle] = number
        elif one.handle:
            self.numbers[one.handle] = number
        return Taken(number, version)

    def _row(self, number: int, version: int, state: Subscription | None, fact: Event) -> EventRow:
        owner = "" if state is None else state.operator
        return event_row(self.roll, self.now, fact, stream=number, version=version, actor=self.actor, owner=owner)

    def _write(self, erasing: Sequence[bytes]) -> None:
        touched = {fact.stream: self.states[fact.stream] for fact in self.facts}
        # Step 4: append the facts.
        append(self.connection, self.roll, self.facts)
        if any(erasing):
            # The sessions that erase go with their records, so they are asked for here.
            _ask_last(self.connection, erasing)
            ended_here(self.connection, erasing)
            self._assume()
        # Step 5: the projection follows in the same transaction, and the keys that make sending again harmless.
        erased = show(self.connection, touched)
        if kept := [key for key in self.new_keys if key.number not in erased]:
            idempotency.put(self.connection, kept)
        end_ways_in(self.connection, self.facts, self.now)
        note(self.connection, self.roll, self.now, self.facts, self.states)
