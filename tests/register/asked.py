"""Requests in memory, for tests: the keys of their bodies, envelopes, notices, and a request in whatever step."""

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import msgspec

from openroll.disclosure.envelope import X25519, HeldKey, public_line, seal, sign_text
from openroll.disclosure.notice import seal_notice
from openroll.register.decision import Accepted
from openroll.register.official import Under
from openroll.register.organisation.roles import Seat
from openroll.register.organisation.seats import Member
from openroll.register.procedure import Standing
from openroll.register.request import commands
from openroll.register.request.ask import file_request
from openroll.register.request.decide import step
from openroll.register.request.state import Asking, Matter, Request, Use, fold
from openroll.register.request.words import ANSWER, NOTICE, TEXT
from openroll.rules.procedure import procedure

NOW = datetime(2006, 11, 28, tzinfo=UTC)
FIELDS = ("name", "address")
CASE = hashlib.sha256(b"case 7 with salt").hexdigest()
CONTEXT = "a test"
OFFICE = "+86 23 1234 5678"
WORD = "a word that stands in the notice"
COMPLAINT = hashlib.sha256(WORD.encode()).hexdigest()
BODIES = {"police": "authority", "court": "reviewer", "east": "operator", "third": "reviewer"}
USE = Use(
    organisation="police",
    number=1,
    purpose=0,
    basis="Criminal Procedure Act, article 100",
    fields=FIELDS,
    supervisor="Data Protection Commissioner",
    supervised_at="complaints@supervisor.example",
    office=OFFICE,
)


@cache
def held(of: str) -> HeldKey:
    """The key of an organisation, always the same."""
    return HeldKey(hashlib.sha256(of.encode()).digest(), X25519)


@cache
def sealed(content: bytes, to: tuple[str, ...], by: str = "police") -> bytes:
    """An envelope to these organisations, of the size of its part: an answer is to one, and not the person's."""
    pad_to = ANSWER if len(to) == 1 and by != "person" else TEXT
    return seal(content, [held(one).published.sealing for one in to], held(by).signing, CONTEXT, pad_to=pad_to)


@cache
def notice(content: bytes = b"somebody asked about you", by: str = "east") -> bytes:
    """A notice to somebody whose secret is known here."""
    return seal_notice(content, bytes(16), held(by).signing, CONTEXT, pad_to=NOTICE)


KEYS = {name: frozenset({held(name).id}) for name in BODIES}


def seated(organisation: str, number: int, role: str, by: Seat | None = None) -> Member:
    """A seat in force, of a line of its own unless another seat let it in."""
    own = Seat(organisation, number)
    chain = (own,) if by is None else (own, by)
    return Member(own, role, True, True, chain)


OFFICER, SECOND = seated("police", 2, "officer"), seated("police", 3, "officer")
REVIEWER, SECOND_REVIEWER = seated("court", 2, "reviewer"), seated("court", 3, "reviewer")
CLERK, OBJECTOR = seated("east", 2, "clerk"), seated("third", 2, "reviewer")
TWINS = {
    OFFICER: seated("court", 9, "reviewer"),
    REVIEWER: seated("police", 9, "officer"),
    SECOND_REVIEWER: seated("third", 9, "reviewer"),
    CLERK: seated("court", 7, "reviewer"),
    SECOND: seated("east", 9, "clerk"),
    OBJECTOR: seated("east", 7, "clerk"),
}
"""Another seat, of another body, in which somebody sits, as the roll knows."""
SEATS = (*TWINS, *TWINS.values())


def same_as(by: Member) -> frozenset[str]:
    """The other seats in which somebody sits."""
    return frozenset(str(other.seat) for pair in TWINS.items() if by in pair for other in pair if other != by)


def under(now: datetime = NOW) -> Under:
    """What is decided under, at a moment."""
    return Under("law@1", now.date(), now)


def asking(by: str = "request-1", **changed: Any) -> Asking:
    """What is known before a request is filed."""
    known = Asking(use=USE, bodies=BODIES, keys=KEYS, bound=frozenset(), procedure=procedure(by), fresh=1)
    return msgspec.structs.replace(known, **changed)


def whole(**given: Any) -> commands.FileRequest:
    """A request that is whole, but for what is given."""
    readers = ("police", "court", "east", *filter(None, (given.get("objector", ""),)))
    of: dict[str, Any] = {
        "use": 1,
        "operator": "east",
        "reviewer": "court",
        "fields": FIELDS,
        "urgency": "ordinary",
        "desired": "now",
        "case_digest": CASE,
        "envelope": sealed(b"who is a-1?", readers),
    }
    return commands.FileRequest(**(of | given))


def filed(by: str = "request-1", now: datetime = NOW, **given: Any) -> Request:
    """A request that was just filed."""
    decision = file_request(whole(**given), asking(by), OFFICER, under(now))
    assert isinstance(decision, Accepted), decision
    request = fold(decision.events)  # type: ignore[arg-type] # they are facts of a request
    assert request is not None
    return request


def in_step(step: str, by: str = "request-1", **changed: Any) -> Request:
    """A request in a step, with a day left in it; whatever else is `changed`."""
    request = filed(by, objector="third" if by == "request-objection-1" else "")
    standing = Standing(step, NOW, NOW + timedelta(days=1))
    return msgspec.structs.replace(request, standing=standing, **changed)


def matter(request: Request, **changed: Any) -> Matter:
    """What is known before a step of it, with whom of `SEATS` said something in it."""
    seats = {str(one.seat): one for one in SEATS}
    words = tuple((party, seats[seat]) for party, seat in request.words if seat in seats)
    known = Matter(request, KEYS, officer=OFFICER, words=words, office=OFFICE, use=USE)
    return msgspec.structs.replace(known, **changed)


def reviewed(fields: tuple[str, ...] = FIELDS[:1], by: str = "request-1", **given: Any) -> list[Any]:
    """The facts of a request that its reviewer approved in these fields."""
    found = list(facts(file_request(whole(**given), asking(by), OFFICER, under())))
    decision = step(commands.Approve(request=1, fields=fields, why="enough"), matter(after(found)), REVIEWER, under())
    return [*found, *facts(decision)]


def after(facts_of: Iterable[Any]) -> Request:
    """The request that facts leave."""
    request = fold(list(facts_of))
    assert request is not None
    return request


def own_keys(of: str) -> tuple[str, ...]:
    """The public halves of an organisation's keys."""
    return (public_line(held(of).published),)


def signing(request: Request, of: str = "court", by: HeldKey | None = None) -> commands.SignDecision:
    """The newest decision of a body in a request, signed by its key, or by another one."""
    key = by or held(of)
    party = request.party(of)
    text = next((text for whose, text in reversed(request.decisions) if whose == party), "no decision")
    signature = sign_text(text, key.signing)
    return commands.SignDecision(
        request=request.number, decision=text, key=key.published.verifying.id, signature=signature
    )


def facts(decision: object) -> Iterable[Any]:
    """The facts of a decision; none where it refuses."""
    return decision.events if isinstance(decision, Accepted) else ()
