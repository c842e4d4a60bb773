"""Who sits where as a log's entries leave it: each seat that is taken, confirmed or left is decided on again.

What no entry shows is left out: whether a program's token still let in when its word was taken, whether an organisation spoke or
filed while a notice ran, and whether it had subscriptions before its first lead came.
"""

from datetime import UTC, date, datetime, timedelta

import msgspec

from openroll.register.decision import Accepted, Decision
from openroll.register.event import Event
from openroll.register.official import Under
from openroll.register.organisation import events as lives
from openroll.register.organisation.commands import CreateSeat, Invite, Join
from openroll.register.organisation.decide import invite, join
from openroll.register.organisation.roles import KEEPER, REGISTRAR, Seat, seat_of
from openroll.register.organisation.seats import (
    KEEPERS,
    Confirming,
    Member,
    Notice,
    SeatRecord,
    confirm,
    is_of_a_program,
    joined_to,
    may_act,
    member_from,
    notice_until,
)
from openroll.register.organisation.state import Inviting, Seating
from openroll.register.refusals import TextNamesSomebody
from openroll.register.roll.events import LogRestored, RollOpened, RollOpened1, RollOpened2

BEFORE = "before"
"""Whose word put a seat in force that is of before seats were confirmed."""
ANY_DAY = date.max - timedelta(days=2)
"""The day of an entry of which no day is known: every notice is over by then."""
_ANY_TIME = datetime.min.replace(tzinfo=UTC)  # no moment matters to who registers or lets in whom


class SeatTaken(msgspec.Struct):
    """A seat that somebody took: `confirmed_by` is empty while it waits for a word, `left` says that nobody sits there now.

    `announced_by` gave notice of it, which runs until the end of the day `announced_until`. `line` is where its chain of
    invitations ends, empty in the state of a monitor of before that was kept.
    """

    role: str
    invited_by: str = ""
    founding: bool = False
    confirmed_by: str = ""
    left: bool = False
    announced_by: str = ""
    announced_until: date | None = None
    line: str = ""

    @property
    def in_force(self) -> bool:
        """Whether it needs nobody's word any more."""
        return self.founding or bool(self.confirmed_by)


class Seatings(msgspec.Struct):
    """The organisations in force with their kinds, and every seat that there ever was.

    `links` are pairs of organisations of which somebody of the second let somebody of the first in. `begun` are those of which a
    seat ever was in force, as far as their roll remembers: nobody founds them (None: not reckoned yet). `demonstration` is what
    the roll's opening says, None where no entry was it: then the development door may have been open. `confirms` says that the
    roll was opened by a version that has every seat confirmed. `ended` are the operators that are in the roll no more.
    """

    kinds: dict[str, str] = {}
    seats: dict[str, SeatTaken] = {}
    links: list[tuple[str, str]] = []
    begun: set[str] | None = None
    demonstration: bool | None = None
    confirms: bool = False
    ended: set[str] = set()

    def take_seat(self, fact: Event, day: date) -> str:
        """Keep what an entry of this day changes of seats; why no decider makes it, and then nothing is changed by it."""
        match fact:
            case lives.PersonJoined():
                return self._may_not_join(fact) or self._joins(fact)
            case lives.SeatAnnounced() | lives.SeatConfirmed():
                return self._may_not_confirm(fact, day) or self._confirms(fact)
            case lives.PersonLeft():
                return self._leaves(fact)
            case RollOpened() | RollOpened1() | RollOpened2():
                self.demonstration, self.confirms = fact.demonstration, not isinstance(fact, RollOpened1)
            case LogRestored() if fact.lost:
                self.begun = set()  # who sat there may be forgotten, and then somebody founds it again
        return ""

    def member(self, name: str) -> Member | None:
        """A seat with its chain of invitations; None for what names none."""
        seat = seat_of(name)
        return None if seat is None else member_from(seat, self._record)

    def bound_to(self, *organisations: str) -> frozenset[str]:
        """The organisations that chains of invitations join to any of these."""
        return joined_to(organisations, self.links)

    def may_not_lead(self, name: str, *organisations: str) -> str:
        """Why a seat is no lead in force of one of these organisations or of the registrar, if so."""
        by = self.alone(name)
        if by is None or not by.lead or by.seat.organisation not in (*organisations, REGISTRAR):
            return f"{name!r} is no lead whose word it takes"
        return "" if (refusal := may_act(by)) is None else f"its decider refuses it: {refusal.code}"

    def ends(self, organisation: str) -> None:
        """Nobody sits in an organisation that ended."""
        self.kinds.pop(organisation, None)
        self.ended.add(organisation)
        for name, seat in self.seats.items():
            seat.left = seat.left or organisation_in(name) == organisation

    def line_of(self, seat: Seat) -> Seat:
        """Where a seat's chain of invitations ends, as `Member.line`. It never changes, so each seat that is passed keeps it."""
        passed: dict[Seat, SeatTaken] = {}
        at = seat
        while at != KEEPER and (taken := self.seats.get(str(at))) is not None:
            if known := seat_of(taken.line):
                at = known
                break
            passed[at] = taken
            above = seat_of(taken.invited_by)
            if above is None or above in passed or (taken.founding and at.organisation == REGISTRAR):
                break
            at = KEEPER if is_of_a_program(above) else above
        for taken in passed.values():
            taken.line = str(at)
        return at

    def _record(self, seat: Seat) -> SeatRecord | None:
        found = self.seats.get(str(seat))
        if found is None:
            return None
        return SeatRecord(found.role, seat_of(found.invited_by), found.founding, not found.left, found.in_force)

    def alone(self, name: str) -> Member | None:
        """A seat without its chain, which may be as long as whoever wrote the log wished; None for none that was taken."""
        seat = seat_of(name)
        if seat == KEEPER:
            return KEEPERS
        found = None if seat is None else self._record(seat)
        return None if seat is None or found is None else Member(seat, found.role, found.sits, found.in_force, (seat,))

    def in_line(self, name: str) -> Member | None:
        """A seat with where its line ends in the place of its chain; None for none that was taken."""
        one = self.alone(name)
        return None if one is None else msgspec.structs.replace(one, chain=(one.seat, self.line_of(one.seat)))

    def kind(self, organisation: str) -> str | None:
        """The kind of an organisation in force, the registrar too; None for none."""
        return REGISTRAR if organisation == REGISTRAR else self.kinds.get(organisation)

    def _reckoned(self) -> set[str]:
        """The organisations that have begun; from the seats, where the state of a monitor is of before that was kept."""
        if self.begun is None:
            self.begun = {organisation_in(name) for name, seat in self.seats.items() if seat.in_force}
        return self.begun

    def _may_not_join(self, fact: lives.PersonJoined) -> str:
        """Why nobody takes this seat so."""
        seat = seat_of(fact.seat)
        if seat is None or seat.number == 0 or seat.organisation != fact.organisation:
            return f"{fact.seat!r} is no seat of {fact.organisation}"
        if fact.seat in self.seats:
            return f"seat {fact.seat} was taken before, and a number is given once"
        if not fact.founding and not fact.invited_by:
            last = next(reversed(self.seats.values()), None)
            later = self.confirms or (last is not None and last.confirmed_by != BEFORE)
            return "nobody invited to it, and seats of before that was asked stand before all others" if later else ""
        if not fact.invited_by and self.demonstration is False:
            return "nobody invited to it, and the roll was not opened as a demonstration"
        return (self._may_not_invite(fact) if fact.invited_by else "") or self._joins_otherwise(fact, seat)

    def _may_not_invite(self, fact: lives.PersonJoined) -> str:
        """Why the seat that invited to this one lets nobody in; an invitation ends with the seat of who made it."""
        named = seat_of(fact.invited_by)
        program = named is not None and is_of_a_program(named)
        by = KEEPERS if program else self.alone(fact.invited_by)
        if by is None or (program and named is not None and named.organisation != fact.organisation):
            return f"{fact.invited_by!r}, which invited to it, is no seat that does"
        token = b"-" if program else b""
        command = Invite(organisation=fact.organisation, role=fact.role, label="-", digest=b"", token=token)
        state = Inviting(self.kind(fact.organisation), 0, own_word=program)
        said = refused(invite(command, state, by, under(fact.rule)))
        return said and f"{fact.invited_by} invited to it, and {said}"

    def _joins_otherwise(self, fact: lives.PersonJoined, seat: Seat) -> str:
        of = fact.organisation
        begun = of in self._reckoned()
        state = Seating(of, self.kind(of), fact.role, fact.invited_by, begun, seat.number, under_way=begun)
        command: Join | CreateSeat = Join(digest=b"", handle=b"")
        if not fact.invited_by:
            command = CreateSeat(organisation=of, role=fact.role, label="", handle=b"", digest=b"")
        decision = join(command, state, KEEPERS, under(fact.rule))
        if not isinstance(decision, Accepted):
            return refused(decision)
        (made,) = decision.events
        # That it files already, or lets programs in, stands in no entry, and then its first lead waits for a word.
        waits = msgspec.structs.replace(made, founding=False)
        return (
            "" if fact in (made, waits) else "its decider says something else of who takes it, or that it is founding"
        )

    def _joins(self, fact: lives.PersonJoined) -> str:
        before = "" if fact.founding or fact.invited_by else BEFORE
        self.seats[fact.seat] = seat = SeatTaken(fact.role, fact.invited_by, fact.founding, before)
        self.line_of(Seat(fact.organisation, int(fact.seat.rpartition("/")[2])))
        if seat.in_force:
            self._reckoned().add(fact.organisation)
        self._joined(fact.seat, fact.invited_by)
        return ""

    def _may_not_confirm(self, fact: lives.SeatConfirmed | lives.SeatAnnounced, day: date) -> str:
        """Why nobody's word puts this seat in force, or gives notice of it, so."""
        new, by = self.in_line(fact.seat), self.in_line(fact.by)
        if new is None or by is None:
            return f"{fact.seat if new is None else fact.by!r} is no seat"
        seat = self.seats[fact.seat]
        notice = None
        announcer = None if isinstance(fact, lives.SeatAnnounced) else self.alone(seat.announced_by)
        if (
            announcer is not None and seat.announced_until is not None
        ):  # a sign of life, which no entry shows, ends a notice
            notice = Notice(announcer, seat.announced_until)
        until = fact.until if isinstance(fact, lives.SeatAnnounced) else day
        # Whether a lead of its own speaks for it, so that a program does not, stands in no entry: either may be so.
        states = [Confirming(new, self._inviter(seat), until, notice, led) for led in (False, True)]
        decisions = [confirm(state, by, fact.rule, day) for state in states]
        made = [one for decision in decisions if isinstance(decision, Accepted) for one in decision.events]
        if not made:
            return refused(decisions[0])
        if fact not in made:
            return _otherwise(fact, made)
        if isinstance(fact, lives.SeatAnnounced) and fact.until < notice_until(day, day):
            return "a notice runs two weeks at the least"
        return ""

    def _inviter(self, seat: SeatTaken) -> Member | None:
        named = seat_of(seat.invited_by)
        if named is None or not is_of_a_program(named):
            return self.alone(seat.invited_by)
        return Member(named, "operator", True, True, (named, KEEPER))

    def _confirms(self, fact: lives.SeatConfirmed | lives.SeatAnnounced) -> str:
        seat = self.seats[fact.seat]
        if isinstance(fact, lives.SeatAnnounced):
            seat.announced_by, seat.announced_until = fact.by, fact.until
            return ""
        seat.confirmed_by = fact.by
        self._reckoned().add(fact.organisation)
        self._joined(fact.seat, fact.by)
        return ""

    def _leaves(self, fact: lives.PersonLeft) -> str:
        seat = self.seats.get(fact.seat)
        if seat is None or seat.left:
            return f"nobody sits in seat {fact.seat}"
        if fact.organisation != organisation_in(fact.seat):
            return f"{fact.seat} is no seat of {fact.organisation}"
        # The registrar once took other organisations' seats away too.
        said = "" if fact.by == fact.seat else self.may_not_lead(fact.by, organisation_in(fact.seat))
        seat.left = not said
        return said

    def _joined(self, seat: str, by: str) -> None:
        own, other = organisation_in(seat), organisation_in(by)
        if other not in ("", REGISTRAR, BEFORE, own) and (own, other) not in self.links:
            self.links.append((own, other))


def under(rule: str) -> Under:
    """Under which rule something is decided on again, whenever it was."""
    return Under(rule, date.min, _ANY_TIME)


def refused(decision: Decision) -> str:
    """Why a decider refuses; not for words as they read to a program, which may change with its version."""
    refusal = None if isinstance(decision, Accepted) else decision.refusal
    return (
        "" if refusal is None or isinstance(refusal, TextNamesSomebody) else f"its decider refuses it: {refusal.code}"
    )


def _otherwise(fact: Event, made: list[Event]) -> str:
    """What a fact says otherwise than those that a decider makes."""
    alike = next((one for one in made if type(one) is type(fact)), None)
    if alike is None:
        return f"its decider makes {made[0].name} of it"
    names = [name for name in fact.__struct_fields__ if getattr(fact, name) != getattr(alike, name)]
    return f"its decider says something else of {', '.join(names)}"


def organisation_in(seat: str) -> str:
    """The organisation of a seat."""
    return seat.rpartition("/")[0]
