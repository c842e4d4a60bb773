"""Official acts beyond what a copy knows: what they ended stays ended, as their entries say it whole.

A roll that was brought back may wake up before an act that its log shows: before somebody was put out, or before a stolen token
was ended. What the entry of such an act holds is enough to end the right again. So whatever ends or withdraws something is a fact
again when its entry is taken, through the same projections, and so is the admission of whom it speaks of; `LATER` says of every
official kind whether it is, or why not.

Its salt is gone with the disk that held it (`UNSALTED`): the entry itself holds what the salt would prove, and `log fsck`
compares it. So is its moment: it ends what it ends when its entry is taken, on the day that the entry names.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from msgspec import UNSET
from psycopg import Connection

from openroll.register.decision import Refused
from openroll.register.organisation import commands, events
from openroll.register.organisation.roles import KEEPER, KEEPERS_ROLE, REGISTRAR, Seat, seat_of
from openroll.register.request.events import RequestComplained, RequestEvent, RequestFiled
from openroll.register.roll.commands import Drop
from openroll.register.roll.events import RuleDropped
from openroll.register.site.events import SiteEvent, SiteFiled
from openroll.service.acts import act, bring_back, project
from openroll.service.event_rows import UNSALTED
from openroll.service.governance.rule_versions import PROPOSAL
from openroll.service.identity.seats import member, record_of
from openroll.service.recovery.given_numbers import numbers_in
from openroll.service.recovery.later_requests import REQUESTS
from openroll.service.recovery.later_sites import SITES
from openroll.service.recovery.not_replayed import NOT_REPLAYED, PERSONS, NotReplayed
from openroll.service.recovery.replayed import Replayed
from openroll.service.roll import Roll, writing_while_held
from openroll.service.way import Done
from openroll.store import events as kept
from openroll.store import operators, people, recovery_records, requests, rule_versions, sites
from openroll.store.events import EventRow
from openroll.store.roll import NewToken
from openroll.store.work import end
from openroll.tlog import Entry
from openroll.watch.facts import NoFact, fact_of


class Place(NamedTuple):
    """The record an act stands on, and whose record it is."""

    stream: int
    owner: str


def _seat(fact: Any) -> Seat:
    return seat_of(fact.seat) or Seat(fact.organisation, 0)


def _sits(connection: Connection, fact: Any) -> bool:
    return people.in_seat(connection, fact.organisation, _seat(fact).number) is not None


def _leaving(fact: events.PersonLeft) -> commands.Leave:
    return commands.Leave(organisation=fact.organisation, seat=_seat(fact).number)


def _has_token(connection: Connection, fact: Any) -> bool:
    return recovery_records.has_token(connection, fact.organisation, fact.token)


def _token_ended(connection: Connection, _: Roll, done: Done, fact: events.TokenEnded) -> None:
    recovery_records.end_token(connection, fact.token, done.now)


def _token_replaced(connection: Connection, roll: Roll, done: Done, fact: events.TokenReplaced) -> None:
    """The old token ends when its entry says; of its successor nobody has the text that would let in by it."""
    until, expires = _instant(fact.until), _instant(fact.expires)
    new = NewToken(roll.random_bytes(32), fact.organisation, "", done.now, expires, fact.token)
    recovery_records.succeed_token(connection, fact.successor, new, until)


def _instant(said: str) -> datetime | None:
    return datetime.fromisoformat(said) if said else None


def _always(*_: object) -> bool:
    return True


def _confirming(fact: events.SeatConfirmed) -> commands.ConfirmSeat:
    return commands.ConfirmSeat(organisation=fact.organisation, seat=_seat(fact).number)


def _waits(connection: Connection, fact: events.SeatConfirmed) -> bool:
    row = people.in_seat(connection, fact.organisation, _seat(fact).number)
    return row is not None and not row.in_force


def _provider(fact: events.ProviderSet) -> commands.SetProvider:
    return commands.SetProvider(organisation=fact.organisation, issuer=fact.issuer, client_id="", secret_sealed=None)


def _is_offered(connection: Connection, fact: events.SuccessionAccepted | events.SuccessionWithdrawn) -> bool:
    row = operators.life(connection, fact.operator)
    heir = fact.heir if isinstance(fact, events.SuccessionAccepted) else None
    return row is not None and row.offered_to is not None and heir in (None, row.offered_to)


def _can_succeed(connection: Connection, fact: events.OperatorSucceeded) -> bool:
    known = operators.is_in_force(connection, fact.heir, hold=True)
    operators.hold_alone(connection, fact.operator)
    return known and not operators.meeting(connection, fact.operator, fact.heir)


def _proposal(connection: Connection, fact: RuleDropped) -> int | None:
    rows = [
        one
        for one in rule_versions.proposals(connection)
        if (f"{one.ref}@{one.digest[:16]}", f"{REGISTRAR}/{one.seat}") == (fact.dropped, fact.proposed_by)
        # What was dropped before an act named them is the first of its name.
        and (fact.jurisdiction is UNSET or one.jurisdiction == fact.jurisdiction)
        and (fact.starts is UNSET or one.starts == fact.starts)
    ]
    return rows[0].id if rows else None


def _dropped(connection: Connection, _: Roll, done: Done, fact: RuleDropped) -> None:
    number = _proposal(connection, fact)
    assert number is not None  # noqa: S101 - it came back: `_proposal` was asked a moment ago
    project(connection, replace(done, command=Drop(proposal=number)), fact)
    end(connection, PROPOSAL, str(number), "dropped", done.now)


def _is_new(connection: Connection, fact: events.OperatorAdmitted | events.OrganisationAdmitted) -> bool:
    name = fact.operator if isinstance(fact, events.OperatorAdmitted) else fact.organisation
    return all(one.name != name for one in people.organisations(connection, ended=True))


_SUCCESSION_LOST = (
    "what came back does not allow it (handles meet): end its tokens, carry it out again, and let nobody ask it before"
)
_ADMITTED = Replayed(_is_new, then="it is there, and nobody sits in it: invite its first lead again")

REPLAYED: dict[str, Replayed] = {
    **dict.fromkeys((events.OperatorAdmitted.name, events.OperatorAdmitted1.name), _ADMITTED),
    **dict.fromkeys((events.OrganisationAdmitted.name, events.OrganisationAdmitted1.name), _ADMITTED),
    events.PersonLeft.name: Replayed(_sits, _leaving),
    events.TokenEnded.name: Replayed(_has_token, follow=_token_ended),
    events.TokenReplaced.name: Replayed(
        _has_token, follow=_token_replaced, then="its successor's text lets nobody in: end that token and issue another"
    ),
    events.SeatConfirmed.name: Replayed(_waits, _confirming, lost="the seat is not there: invite again"),
    events.ProviderSet.name: Replayed(
        _always, _provider, then="nobody signs in by it before its client's name and secret are set again"
    ),
    events.SuccessionAccepted.name: Replayed(_is_offered, lost="the offer did not come back: offer it again"),
    events.SuccessionWithdrawn.name: Replayed(_is_offered),
    events.OperatorSucceeded.name: Replayed(_can_succeed, lost=_SUCCESSION_LOST),
    events.OperatorLeft.name: Replayed(
        _always,
        then="look whether it answers for subscriptions whose end did not come back: the registrar ends these again",
    ),
    RuleDropped.name: Replayed(lambda connection, fact: _proposal(connection, fact) is not None, follow=_dropped),
    **REQUESTS,
    **SITES,
}
"""What ends or withdraws something, second words for what the copy knows of, who was admitted (an heir has to be there, and who
asked), and all of requests and of sites in the open. What did not come back needs no end."""

LATER: dict[str, Replayed | NotReplayed] = {**NOT_REPLAYED, **REPLAYED}
"""What becomes of an act of each official kind that a copy does not know. A test finds each of `kinds.OFFICIAL` here once."""


class LaterActs:
    """Makes acts that a copy does not know facts again, in the order of the log; remembers which invitations they used up."""

    def __init__(self, connection: Connection, roll: Roll, new_record: Callable[[], int]) -> None:
        """`new_record` gives the number of a record that is begun again."""
        self._connection = connection
        self._roll = roll
        self._new_record = new_record
        self._now = roll.clock()
        self._used: set[tuple[str, str]] = set()
        self.given: dict[str, int] = {}
        """The last number that these entries show of each count, by the count's name: none is given twice."""

    def bring(self, entry: Entry) -> int | None:
        """The number of the fact that an entry's act is again; None where it is not replayed, or what it is about did not come
        back."""
        if not entry.act or entry.kind not in LATER:
            return None
        try:
            fact: Any = fact_of(entry.kind, entry.act).as_now()
        except NoFact:
            # What no version of ours wrote: the root that is compared in the end says whether it was altered.
            return None
        if isinstance(fact, events.PersonJoined) or (isinstance(fact, events.PersonInvited) and fact.withdrawn):
            self._used.add((fact.organisation, fact.role))
        for name, number in numbers_in(fact).items():
            self.given[name] = max(self.given.get(name, 0), number)
        how = LATER[entry.kind]
        if isinstance(how, NotReplayed) or not how.came_back(self._connection, fact):
            return None
        place = self._place(fact)
        return None if place is None else self._replay(entry, fact, how, place)

    def _place(self, fact: Any) -> Place | None:
        if isinstance(fact, events.OperatorAdmitted | events.OrganisationAdmitted):
            return Place(self._new_record(), REGISTRAR)
        if isinstance(fact, RequestFiled):
            return Place(self._new_record(), fact.authority)
        if isinstance(fact, RequestEvent):
            found = requests.stream_of(self._connection, fact.request)
            return None if found is None else Place(*found)
        if isinstance(fact, SiteFiled):
            return Place(self._new_record(), fact.operator)
        if isinstance(fact, SiteEvent):
            row = sites.one(self._connection, fact.site)
            return None if row is None else Place(row.stream, row.operator)
        organisation = getattr(fact, "organisation", "") or getattr(fact, "operator", "") or REGISTRAR
        stream = record_of(self._connection, organisation)
        return None if stream is None else Place(stream, organisation)

    def _replay(self, entry: Entry, fact: Any, how: Replayed, place: Place) -> int:
        # What different records say of one row is folded in the order of moments.
        self._now += timedelta(microseconds=1)
        day, by = date.fromisoformat(entry.day), seat_of(fact.by) or KEEPER
        version = kept.version_of(self._connection, place.stream) + 1
        role, other = self._actor(fact, by, place)
        of = (place.stream, version, entry.kind, role, place.owner, self._now, day)
        bring_back(self._connection, EventRow(*of, UNSALTED, entry.commitment, entry.act or "", other))
        done = Done(how.command(fact), place.stream, version, self._now, day, by)
        if how.follow is not None:
            how.follow(self._connection, self._roll, done, fact)
        else:
            project(self._connection, done, fact)
        return recovery_records.event_id(self._connection, entry.commitment)

    def _actor(self, fact: Any, by: Seat, place: Place) -> tuple[str, str | None]:
        """As what an act was done, and for which organisation, where the record is another's."""
        if isinstance(fact, RequestComplained):
            return "subscriber", None
        role = KEEPERS_ROLE if by == KEEPER else member(self._connection, by).role or REGISTRAR
        return role, by.organisation if by.organisation != place.owner else None

    def close(self) -> None:
        """What no single entry tells: which invitations were used up or taken back."""
        for organisation, role in sorted(self._used):
            for row in people.invitations(self._connection, organisation, self._now):
                if row.role == role:
                    self._take_back(commands.WithdrawInvitation(organisation=organisation, digest=row.hash))

    def _take_back(self, command: commands.WithdrawInvitation) -> None:
        """No entry says which invitation it was, so each that is open there is taken back by an act that the log shows."""
        with writing_while_held(self._roll):
            acted = act(self._connection, self._roll, command)
        if isinstance(acted, Refused):
            raise RuntimeError(f"an open invitation could not be taken back: {acted.refusal.code}")


def to_be_done(lost: Mapping[str, int], replayed: Mapping[str, int]) -> tuple[str, ...]:
    """What the keeper is told to have done, a sentence for each kind of entry that was taken from elsewhere."""
    said = [(kind, count, _then(kind)) for kind, count in sorted(lost.items())]
    again = [(kind, count, how.then) for kind, count in sorted(replayed.items()) if (how := REPLAYED.get(kind))]
    return tuple(f"{kind} ({count}): {then}" for kind, count, then in (*said, *again) if then)


def _then(kind: str) -> str:
    how = LATER.get(kind)
    if how is None:
        return PERSONS.get(kind, "")
    return how.then if isinstance(how, NotReplayed) else how.lost
