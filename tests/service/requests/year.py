"""A year of requests, simulated: every fact by the real deciders, by officials who are honest, or one of whom is not.

Cases go to reviewers by lot. What an officer asks for is good or not by the officer and by chance; an honest reviewer sees that.
`python -m tests.service.requests.year --help`: the full size, in a database (script/request-year).
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

import msgspec

from openroll.register.decision import Accepted, Refused
from openroll.register.event import Event
from openroll.register.kinds import decided
from openroll.register.official import Under
from openroll.register.organisation.events import OperatorAdmitted, OrganisationAdmitted, PersonJoined
from openroll.register.organisation.roles import Seat
from openroll.register.organisation.seats import KEEPERS, Member
from openroll.register.request import commands, events
from openroll.register.request.decide import caught_up
from openroll.register.request.events import UseRegistered
from openroll.register.request.state import Matter, Request, evolve
from openroll.register.request.words import NOT_GIVING
from openroll.register.roll.events import RollOpened
from openroll.rules.procedure import lasts
from tests.register import asked

AUTHORITIES, BODIES = ("police", "tax"), ("court", "board")
OPERATORS = ("east", "west")
HOURS = timedelta(hours=1)


def _seats(organisation: str, role: str, count: int) -> list[Member]:
    return [asked.seated(organisation, number, role) for number in range(2, 2 + count)]


@dataclass
class Officials:
    """Everybody who asks and decides. `crooked` approves whatever it sees, and at once; with `friend` of that officer alone, of
    whom it sees two cases in five."""

    officers: int = 15
    reviewers: int = 10
    crooked: str = ""
    friend: str = ""

    def of(self, organisation: str) -> list[Member]:
        """Whoever sits in an organisation."""
        if organisation in AUTHORITIES:
            return _seats(organisation, "officer", self.officers)
        return _seats(organisation, "reviewer", self.reviewers)


def admitted(officials: Officials) -> list[Event]:
    """The facts by which everybody of a year is there: bodies, their seats, and what authorities may ask for."""
    of, title = {"by": "registrar/1", "rule": "law@1"}, {"zh": "x", "en": "x"}
    said: dict[str, Any] = {"roll": "r", "title": title, "languages": ("en",), "registrar": title, "jurisdiction": "x"}
    facts: list[Event] = [RollOpened(**said, rule=of["rule"], demonstration=True, safeguards=())]
    lead = {"organisation": "registrar", "seat": of["by"], "role": "registrar-lead"}
    facts.append(PersonJoined(**lead, founding=True, **of))
    facts += [
        OperatorAdmitted(operator=name, title={"zh": name, "en": name}, kind="access-operator", **of)
        for name in OPERATORS
    ]
    for kind, names in (("authority", AUTHORITIES), ("reviewer", BODIES)):
        facts += [
            OrganisationAdmitted(organisation=name, kind=kind, title={"zh": name, "en": name}, **of) for name in names
        ]
    leads = [Member(Seat(name, 1), "officer-lead", True, True, ()) for name in AUTHORITIES]
    seconds = [asked.seated(name, 90, "officer") for name in AUTHORITIES]
    clerks = [asked.seated(name, 2, "clerk") for name in OPERATORS]
    for one in (*leads, *seconds, *clerks, *(seat for name in (*AUTHORITIES, *BODIES) for seat in officials.of(name))):
        seat = {"organisation": one.seat.organisation, "seat": str(one.seat), "role": one.role}
        facts.append(PersonJoined(**seat, founding=True, by=seat["seat"], rule=of["rule"]))
    used = {
        name: getattr(asked.USE, name)
        for name in ("purpose", "basis", "fields", "supervisor", "supervised_at", "office")
    }
    for number, name in enumerate(AUTHORITIES, 1):
        facts.append(UseRegistered(**used, organisation=name, use=number, by=f"{name}/1", rule="law@1"))
    return facts


@dataclass
class Year:
    """Requests spread over a year from `begin`, with their facts in the order of each; reproducible by its seed."""

    begin: datetime
    chance: Random
    officials: Officials
    lives: list[list[events.RequestEvent]] = field(default_factory=list)
    _pairs: dict[tuple[str, str], list[datetime]] = field(default_factory=lambda: defaultdict(list))
    _seats: dict[str, list[Member]] = field(default_factory=dict)

    def live(self, requests: int) -> None:
        """Have so many requests be asked, and lived through to the end of the year."""
        self._seats = {name: self.officials.of(name) for name in (*AUTHORITIES, *BODIES)}
        for number in range(1, requests + 1):
            at = self.begin + timedelta(days=360) * ((number - self.chance.random()) / requests)
            self.lives.append(_Life(self, number, at).facts)

    def by_lot(self, body: str, officer: Member) -> Member:
        """The reviewer of a case."""
        own = self._seats[body]
        friends = str(officer.seat) == self.officials.friend and self.officials.crooked.startswith(f"{body}/")
        if friends and self.chance.random() < 0.4:
            return next(one for one in own if str(one.seat) == self.officials.crooked)
        return self.chance.choice(own)

    def pair(self, officer: str, reviewer: str, now: datetime, time: timedelta) -> int:
        """Approvals of one officer by one reviewer within a time."""
        kept = self._pairs[officer, reviewer] = [at for at in self._pairs[officer, reviewer] if now - at < time]
        return len(kept)


Act = Callable[[], commands.Step | None]


class _Life:
    """One request, from its filing to the end of the year."""

    def __init__(self, year: Year, number: int, at: datetime) -> None:
        self.year, self.number, self.now, self.chance = year, number, at, year.chance
        self.authority, self.body = self.chance.choice(AUTHORITIES), self.chance.choice(BODIES)
        self.operator = self.chance.choice(OPERATORS)
        self.officer = self.chance.choice(year._seats[self.authority])
        self.reviewer = year.by_lot(self.body, self.officer)
        self.clerk = asked.seated(self.operator, 2, "clerk")
        # Some officers ask better than others: whoever decides must not stand out by that.
        self.good = self.chance.random() < 0.55 + 0.4 * (self.officer.seat.number % 5) / 5
        crooked = str(self.reviewer.seat) == year.officials.crooked
        friend = year.officials.friend in ("", str(self.officer.seat))
        self.bought = crooked and friend
        self.done: set[str] = set()
        self.facts: list[events.RequestEvent] = []
        self._filed()
        end = year.begin + timedelta(days=366)
        for _ in range(30):
            if self.request.ended or not self._goes_on(end):
                break
        # Whatever nobody did by then, a worker says of its time that it was over.
        self.now = max(self.now, end)
        if not self.request.ended:
            self._take(
                decided(commands.PassTime(request=self.number), Matter(self.request, KEYS), KEEPERS, self._under())
            )

    def _filed(self) -> None:
        draw = self.chance.random()
        urgency, desired = ("emergency", "now") if draw < 0.05 else ("ordinary", "preserve" if draw < 0.1 else "now")
        use = msgspec.structs.replace(
            asked.USE, organisation=self.authority, number=1 + AUTHORITIES.index(self.authority)
        )
        kinds = dict.fromkeys(AUTHORITIES, "authority") | dict.fromkeys(BODIES, "reviewer")
        state = asked.asking(use=use, bodies=kinds | dict.fromkeys(OPERATORS, "operator"), keys=KEYS, fresh=self.number)
        command = asked.whole(
            use=use.number,
            operator=self.operator,
            reviewer=self.body,
            urgency=urgency,
            desired=desired,
            envelope=asked.sealed(b"who?", (self.authority, self.body, self.operator), self.authority),
        )
        self._take(decided(command, state, self.officer, self._under()))

    def _under(self) -> Under:
        return asked.under(self.now)

    def _take(self, decision: object) -> bool:
        if not isinstance(decision, Accepted):
            assert isinstance(decision, Refused)
            return False
        for fact in decision.events:
            assert isinstance(fact, events.RequestEvent)
            self.request: Request = evolve(self.request if self.facts else None, fact)
            self.facts.append(fact)
            if isinstance(fact, events.RequestApproved | events.RequestNarrowed):
                self.year._pairs[self.request.officer, fact.by].append(fact.at)
        return True

    def _goes_on(self, end: datetime) -> bool:
        """Somebody does the next thing after a while, or nobody does and the time passes; False after the end of the year."""
        slow = self.chance.expovariate(1 / 18)
        self.now += HOURS * min(1 + (slow / 10 if self.bought or self.request.urgency == "emergency" else slow), 500)
        if self.now >= end:
            return False
        current = caught_up(self.request, "", self._under())[1]
        made = STEPS[current.standing.step](self)
        if made is None:
            due = current.standing.due
            if due is None or due >= end:
                return False
            self.now = max(self.now, due)
            return self._take(
                decided(commands.PassTime(request=self.number), Matter(self.request, KEYS), KEEPERS, self._under())
            )
        command, by = made
        officer = self.officer
        most = self.request.by.pair
        pair = self.year.pair(str(officer.seat), str(by.seat), self.now, lasts(self.request.by.pair_time))
        if isinstance(command, commands.Approve) and pair >= most:
            by = self.reviewer = self.year.by_lot(self.body, officer)
            return True
        state = Matter(self.request, KEYS, officer=officer, office=asked.OFFICE, pair=pair)
        assert self._take(decided(command, state, by, self._under())), (command, self.request)
        return True

    def once(self, name: str, probability: float) -> bool:
        """Whether something happens that does at most once."""
        if name in self.done or self.chance.random() >= probability:
            return False
        self.done.add(name)
        return True

    # What whoever's turn it is does in a step: the act and who does it, or None where nobody does anything.

    def review(self) -> tuple[commands.Step, Member] | None:
        of: dict[str, Any] = {"request": self.number}
        if self.once(f"opened {self.request.standing.step}", 1):
            return commands.OpenRequest(**of), self.reviewer
        later = self.request.standing.step == "later-review"
        if not later and not self.bought:
            if self.request.standing.step == "under-review" and self.once("return", 0.08):
                return commands.ReturnIncomplete(missing=("grounds",), **of), self.reviewer
            if self.request.standing.step == "under-review" and self.once("ask", 0.06):
                to = (self.authority, self.body)
                return commands.AskBack(envelope=asked.sealed(b"why?", to, self.body), **of), self.reviewer
            if self.once("withdraw", 0.03):
                return commands.WithdrawRequest(**of), self.officer
            if self.once("silent", 0.02):
                self.done.add("gone")
        if self.once("postpone", 0.05):
            until = self.now + timedelta(days=30)
            return commands.PostponeTelling(until=until, why="it goes on", **of), self.reviewer
        if "gone" in self.done:
            return None
        if not (self.good or self.bought):
            return commands.Refuse(reason="no-grounds", **of), self.reviewer
        whole = self.request.standing.step != "under-review" or not self.once("narrow", 0.2)
        return commands.Approve(fields=asked.FIELDS if whole else asked.FIELDS[:1], **of), self.reviewer

    def complete(self) -> tuple[commands.Step, Member] | None:
        to = (self.authority, self.body, self.operator)
        sealed = asked.sealed(b"443", to, self.authority)
        return None if self.once("abandon", 0.1) else (
            commands.CompleteRequest(request=self.number, envelope=sealed), self.officer
        )  # fmt: skip

    def answer_back(self) -> tuple[commands.Step, Member] | None:
        sealed = asked.sealed(b"so", (self.authority, self.body), self.authority)
        return commands.AnswerBack(request=self.number, envelope=sealed), self.officer

    def confirm(self) -> tuple[commands.Step, Member] | None:
        if self.once("call", 1):
            return commands.CallBack(request=self.number, number=asked.OFFICE), self.clerk
        second = asked.seated(self.authority, 90, "officer")
        return None if self.once("unconfirmed", 0.15) else (commands.ConfirmEmergency(request=self.number), second)

    def answer(self) -> tuple[commands.Step, Member] | None:
        if self.once(f"taken {self.request.standing.step}", 1):
            return commands.OpenRequest(request=self.number), self.clerk
        if self.once("late", 0.03):
            return None
        fields, outcome = self.request.approved or (), self.chance.choice((*("given",) * 12, *NOT_GIVING, "partly"))
        if outcome == "partly" and len(fields) < 2:
            outcome = "given"
        given = {"given": fields, "partly": fields[:1]}.get(outcome, ())
        sealed = asked.sealed(b"it is Li", (self.authority,), self.operator) if given else b""
        return commands.Answer(request=self.number, outcome=outcome, fields=given, envelope=sealed), self.clerk

    def preserve(self) -> tuple[commands.Step, Member] | None:
        if self.once("says nothing", 0.1):
            return None
        return commands.Preserve(request=self.number), self.clerk

    def tell(self) -> tuple[commands.Step, Member] | None:
        if self.request.postponed is not None and self.now < self.request.postponed:
            self.now = self.request.postponed
        if self.once("forgets", 0.04):
            return None
        told = commands.Tell(
            request=self.number,
            notice=asked.notice(),
            bucket=self.number % 1024,
            complaint=asked.COMPLAINT,
            by_word=self.number % 2 == 0,
        )
        holds_none = (
            self.request.outcome == "not-held" and self.operator in self.request.opened and not self.request.held
        )
        return (commands.TellNobody(request=self.number) if holds_none else told), self.clerk

    def told(self) -> tuple[commands.Step, Member] | None:
        if self.once("taken by the officer", 0.7):
            return commands.OpenRequest(request=self.number), self.officer
        return None

    def waits(self) -> tuple[commands.Step, Member] | None:
        return None


STEPS: Mapping[str, Callable[[_Life], tuple[commands.Step, Member] | None]] = {
    "under-review": _Life.review,
    "preserved": _Life.review,
    "later-review": _Life.review,
    "incomplete": _Life.complete,
    "asked-back": _Life.answer_back,
    "to-confirm": _Life.confirm,
    **dict.fromkeys(("with-operator", "operator-late", "urgent", "urgent-late"), _Life.answer),
    "to-preserve": _Life.preserve,
    **dict.fromkeys(("to-tell", "tell-late"), _Life.tell),
    "told": _Life.told,
    **dict.fromkeys(("kept", "closed", "untold"), _Life.waits),
}
KEYS = {name: frozenset({asked.held(name).id}) for name in (*AUTHORITIES, *BODIES, *OPERATORS)}


def year_of(requests: int, begin: datetime, officials: Officials | None = None, seed: int = 12) -> Year:
    """A year that was lived."""
    year = Year(begin, Random(seed), officials or Officials())
    year.live(requests)
    return year
