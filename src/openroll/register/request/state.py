"""A request as its facts leave it, and what else a decision on it needs."""

from collections.abc import Mapping
from datetime import datetime
from functools import singledispatch

import msgspec

from openroll.register.organisation.seats import Member
from openroll.register.procedure import Standing, begun, left_by_silence, moved, put_off
from openroll.register.request import events
from openroll.register.request.signed_decisions import BEGINS_ANEW, DECIDES, decision_text, digest_in_log
from openroll.rules.procedure import Procedure, lasts, procedure_named

TELLING = "to-tell"
"""The step in which the person is to be told, as the procedures that ship call it; a procedure says so itself (`telling`)."""
PROCEDURE_UNKNOWN = "unknown-procedure"
"""Where a request stands whose procedure this version of Openroll does not have: nobody here can say more."""


class Request(msgspec.Struct, frozen=True, omit_defaults=True):
    """A request, whole: what was asked by whom of whom, where it stands, and what has come of it.

    `approved` are the fields that were approved, None before that; `in_effect` says whether the operator was ever to act on it.
    `outcome` is the code of what came of it, empty while nothing did; `annulled` whether what went out may not be used.
    `answered` is what its operator answered, whatever came of the request later; `held` that it preserves whatever it holds.
    `words` are the seats whose word stands in it, each with the party that it spoke for, who asked first; `called_by` is the seat
    that called back.
    `taken` says of each seat that took envelopes in which step it last did, and how many there were. `told_at` is when its person
    was last told. `filed_as` and `asked` are the digests of its filing in the log and of the envelope that asked last;
    `decisions` those that an answer rests on now, each with its party and its text to be signed; `signed` the texts of which
    signatures were taken.
    """

    number: int
    filed: datetime
    authority: str
    use: int
    operator: str
    reviewer: str
    objector: str
    fields: tuple[str, ...]
    urgency: str
    desired: str
    earlier: int | None
    officer: str
    procedure: str
    standing: Standing
    envelopes: tuple[str, ...]
    missing: tuple[str, ...] = ()
    called_back: bool = False
    called_by: str = ""
    words: tuple[tuple[str, str], ...] = ()
    approved: tuple[str, ...] | None = None
    approved_by: str = ""
    approved_at: datetime | None = None
    in_effect: bool = False
    held: bool = False
    outcome: str = ""
    answered: str = ""
    given: tuple[str, ...] = ()
    annulled: bool = False
    postponed: datetime | None = None
    extended: frozenset[str] = frozenset()
    opened: frozenset[str] = frozenset()
    taken: Mapping[str, tuple[str, int]] = {}
    complaint: str = ""
    complaint_before: tuple[str, ...] = ()
    complained: bool = False
    told_at: datetime | None = None
    filed_as: str = ""
    asked: str = ""
    decisions: tuple[tuple[str, str], ...] = ()
    signed: frozenset[str] = frozenset()

    @property
    def by(self) -> Procedure:
        """The procedure that it goes by. Raises ProcedureGone."""
        return procedure_of(self.procedure)

    @property
    def ended(self) -> bool:
        """Whether nothing is left to do."""
        return self.by.step(self.standing.step).end

    def party(self, organisation: str) -> str:
        """What an organisation is in this request; empty for one that has no part in it."""
        parts = {
            self.authority: "authority",
            self.reviewer: "reviewer",
            self.operator: "operator",
            self.objector: "objector",
        }
        return parts.get(organisation, "") if organisation else ""

    def has_taken(self, seat: str) -> bool:
        """Whether a seat took all the envelopes that there are in the step that it stands in: the log says so once."""
        return self.taken.get(seat) == (self.standing.step, len(self.envelopes))

    @property
    def complain_until(self) -> datetime | None:
        """By when its person can complain; None where nobody can now: not told yet, complained already, or the time is over."""
        try:
            can = self.by.move(self.standing.step, "complain", "person") is not None
        except ProcedureGone:
            can = False  # nobody acts on it here, whatever its step
        return self.standing.due if can and not self.complained else None

    def status(self, now: datetime) -> str:
        """Where it stands, in the words of docs/requests.md."""
        step = self.standing.step
        if step == self.by.telling and self.postponed is not None and now < self.postponed:
            return "telling-delayed"
        return step


class ProcedureGone(LookupError):
    """A request goes by a procedure that this version of Openroll does not have. The message is a sentence without its stop."""

    def __init__(self, name: str) -> None:
        super().__init__(f"it goes by the procedure {name}, which this version of Openroll does not have")


def procedure_of(name: str) -> Procedure:
    """The procedure that events name, with what the rule set of it then. Raises ProcedureGone."""
    try:
        return procedure_named(name)
    except KeyError:
        raise ProcedureGone(name) from None


class Use(msgspec.Struct, frozen=True):
    """A registered use, as its facts leave it, and as the rule of the day does.

    `rule` is the one under which it was registered, as events name it. `said` is its purpose in that rule's words, by language,
    empty where the roll does not have the rule any more (its database went back); `purpose_gone` and `fields_gone` are what the
    rule of the day allows no more of it (`register.request.uses`).
    """

    organisation: str
    number: int
    purpose: int
    basis: str
    fields: tuple[str, ...]
    supervisor: str
    supervised_at: str
    office: str
    ended: bool = False
    rule: str = ""
    said: Mapping[str, str] = {}
    purpose_gone: bool = False
    fields_gone: tuple[str, ...] = ()


class Registering(msgspec.Struct, frozen=True):
    """Before a use is registered: the rule's fields, how many purposes it names, and whether the organisation is an authority.

    `registered` is how many uses it has in force, and how many it registered lately (`rights.LATELY`).
    """

    kind: str
    fields: frozenset[str]
    purposes: int
    fresh: int = 0
    registered: tuple[int, int] = (0, 0)


class Keys(msgspec.Struct, frozen=True):
    """The keys in force of an organisation, by their ids, and its kind (None: there is no such organisation).

    `published` is how many it has in force, and how many it published lately (`rights.LATELY`).
    """

    kind: str | None
    known: frozenset[str]
    published: tuple[int, int] = (0, 0)


class Asking(msgspec.Struct, frozen=True):
    """Before a request is filed: the use (None: none in force), the bodies it names and their keys, and the earlier request.

    `bodies` gives the kind of each organisation that is in force; `bound` those of them that the authority or the operator let
    in, or was let in by.
    """

    use: Use | None
    bodies: Mapping[str, str]
    keys: Mapping[str, frozenset[str]]
    bound: frozenset[str]
    procedure: Procedure
    earlier: Request | None = None
    fresh: int = 0


class Matter(msgspec.Struct, frozen=True):
    """Before a step of a request: the request (None: none of this number), and whom the step must be compared with.

    `officer` and `approver` are the seats that asked and approved, `caller` the one that called back, `words` every seat whose
    word stands in the request, with its party; `same` are seats in which, as far as the roll knows, sits who acts now. `pair`
    counts the approvals of this officer by this reviewer within the procedure's time. `use` is the one that was asked under, as
    it is today. `unread` says that the person was told in a notice that the register lost since: they are told once more, also
    where the request has ended. `own_keys` are the public halves of the keys in force of whoever signs a decision.
    """

    request: Request | None
    keys: Mapping[str, frozenset[str]]
    officer: Member | None = None
    approver: Member | None = None
    caller: Member | None = None
    words: tuple[tuple[str, Member], ...] = ()
    same: frozenset[str] = frozenset()
    pair: int = 0
    office: str = ""
    use: Use | None = None
    unread: bool = False
    own_keys: tuple[str, ...] = ()


def fold(facts: "tuple[events.RequestEvent, ...] | list[events.RequestEvent]") -> Request | None:
    """The request that these facts leave, in their order; None for none."""
    request: Request | None = None
    for fact in facts:
        request = evolve(request, fact)
    return request


def evolve(request: Request | None, fact: events.RequestEvent) -> Request:
    """The request after one more fact. Raises ValueError for what no decider makes: a fact of no request, or a second filing."""
    if isinstance(fact, events.RequestFiled):
        if request is not None:
            raise ValueError(f"request {fact.request} is filed a second time")
        return _filed(fact)
    if request is None:
        raise ValueError(f"{fact.name} of a request that was never filed")
    party = party_of(fact, request)
    words = tuple(dict.fromkeys((*request.words, (party, fact.by)))) if party else request.words
    return msgspec.structs.replace(_after(fact, request), words=words)


def _filed(fact: events.RequestFiled) -> Request:
    by = procedure_of(fact.procedure)
    urgent = fact.urgency == "emergency"
    return _as_filed(fact, begun(by, begins(fact.urgency, fact.desired), fact.at, urgent=urgent))


def unfollowed(fact: events.RequestFiled) -> Request:
    """A request as it was filed, which goes by a procedure that is not here: what came after cannot be followed."""
    return _as_filed(fact, Standing(PROCEDURE_UNKNOWN, fact.at, None))


def _as_filed(fact: events.RequestFiled, standing: Standing) -> Request:
    return Request(
        fact.request,
        fact.at,
        fact.authority,
        fact.use,
        fact.operator,
        fact.reviewer,
        fact.objector,
        fact.fields,
        fact.urgency,
        fact.desired,
        fact.earlier,
        fact.by,
        fact.procedure,
        standing,
        (fact.envelope,),
        words=(("authority", fact.by),),
        filed_as=digest_in_log(fact),
        asked=fact.envelope,
    )


def begins(urgency: str, desired: str) -> str:
    """How a request begins, as procedures name it: preserving first, else by its urgency."""
    if desired == "preserve":
        return "preserve"
    return urgency


ACTS: Mapping[type[events.RequestEvent], tuple[str, str]] = {
    events.RequestReturned: ("return", "reviewer"),
    events.RequestCompleted: ("complete", "authority"),
    events.RequestAskedBack: ("ask-back", "reviewer"),
    events.RequestAnsweredBack: ("answer-back", "authority"),
    events.RequestConfirmed: ("confirm", "authority"),
    events.RequestApproved: ("approve", "reviewer"),
    events.RequestNarrowed: ("narrow", "reviewer"),
    events.RequestSeconded: ("second", "reviewer"),
    events.RequestRefused: ("refuse", "reviewer"),
    events.RequestAnnulled: ("refuse", "reviewer"),
    events.RequestObjected: ("object", "objector"),
    events.RequestPassed: ("let-pass", "objector"),
    events.RequestWithdrawn: ("withdraw", "authority"),
    events.RequestPreserved: ("preserve", "operator"),
    events.RequestProduced: ("produce", "authority"),
    events.RequestAnswered: ("answer", "operator"),
    events.PersonTold: ("tell", "operator"),
    events.PersonToldByWord: ("tell", "operator"),
    events.NobodyTold: ("nobody", "operator"),
}
"""The act of a procedure that each fact is, and whose. What is not here leaves a request in its step."""


def party_of(fact: events.RequestEvent, request: Request | events.RequestFiled) -> str:
    """The party whose word a fact is; empty for what is nobody's: time that passed, what the person says, and reading.

    An heir's word is that of the operator it succeeded.
    """
    match fact:
        case events.RequestFiled():
            return "authority"
        case events.RequestCalledBack():
            return "reviewer" if fact.organisation == request.reviewer else "operator"
        case events.RequestSigned():
            return {request.objector: "objector", request.authority: "authority", request.reviewer: "reviewer"}.get(
                fact.organisation, ""
            )
        case events.TellingPostponed() | events.TimeExtended():
            return "reviewer"
    return ACTS.get(type(fact), ("", ""))[1]


def _after(fact: events.RequestEvent, request: Request) -> Request:
    changed = _decided(fact, _changed(fact, request))
    if isinstance(fact, events.TimePassed):
        return _into(changed, left_by_silence(changed.by, changed.standing, fact.to, fact.at))
    if type(fact) not in ACTS:
        return changed
    act, party = ACTS[type(fact)]
    if isinstance(fact, events.PersonTold) and request.complaint:
        return _told_anew(changed, fact.at)
    if isinstance(fact, events.RequestAnswered) and request.by.move(request.standing.step, act, party) is None:
        act = "decline"  # of before: an operator said so that it preserves nothing, which no decider takes any more
    move = request.by.move(request.standing.step, act, party)
    if move is None:
        raise ValueError(f"{fact.name} in the step {request.standing.step!r}, where no decider takes it")
    return _into(changed, moved(request.by, request.standing, move, fact.at))


def _decided(fact: events.RequestEvent, request: Request) -> Request:
    """The request with the decisions that an answer rests on: an approval begins anew, what agrees to it comes beside it."""
    if type(fact) not in DECIDES:
        return request
    before = () if isinstance(fact, BEGINS_ANEW) else request.decisions
    one = (DECIDES[type(fact)], decision_text(fact, request.filed_as, request.asked, request.approved or ()))
    return msgspec.structs.replace(request, decisions=(*before, one))


def _told_anew(request: Request, at: datetime) -> Request:
    """A request whose person is told once more, as the first notice was lost: with the whole time to complain from then on.

    It may have ended meanwhile: nobody complains by what nobody can find. Who had read the first keeps its word.
    """
    move = request.by.move(request.by.telling, "tell", "operator")
    step = request.standing.step if move is None or not request.ended else move.to
    time, was = request.by.step(step).time, request.standing
    if step != was.step:
        left = {name: seconds for name, seconds in was.left.items() if name != step}
        was = Standing(step, at, None if time is None else at, was.urgent, left)
    return msgspec.structs.replace(request, standing=put_off(was, at + lasts(time)) if time else was)


def _into(request: Request, standing: Standing) -> Request:
    """The request in its new step: one that is to be told, and whose telling was put off, is so until then and a step's time."""
    telling = request.by.telling
    if standing.step == telling and request.postponed is not None and standing.due is not None:
        time = request.by.step(telling).time
        standing = put_off(standing, request.postponed + lasts(time)) if time else standing
    return msgspec.structs.replace(request, standing=standing)


@singledispatch
def _changed(_fact: events.RequestEvent, request: Request) -> Request:
    """What a fact changes of a request beside its step. Nothing, where no line below says so."""
    return request


def _sealed(request: Request, envelope: str) -> tuple[str, ...]:
    return (*request.envelopes, envelope) if envelope else request.envelopes


@_changed.register
def _(fact: events.RequestOpened, request: Request) -> Request:
    taken = {**request.taken, fact.by: (request.standing.step, len(request.envelopes))}
    return msgspec.structs.replace(request, opened=request.opened | {fact.organisation}, taken=taken)


@_changed.register
def _(fact: events.RequestReturned, request: Request) -> Request:
    return msgspec.structs.replace(request, missing=fact.missing)


@_changed.register
def _(fact: events.RequestSigned, request: Request) -> Request:
    return msgspec.structs.replace(request, signed=request.signed | {fact.decision})


@_changed.register(events.RequestCompleted)
@_changed.register(events.RequestAskedBack)
@_changed.register(events.RequestAnsweredBack)
@_changed.register(events.RequestComplained)
def _envelope(
    fact: events.RequestCompleted | events.RequestAskedBack | events.RequestAnsweredBack | events.RequestComplained,
    request: Request,
) -> Request:
    complained = request.complained or isinstance(fact, events.RequestComplained)
    anew = isinstance(fact, events.RequestCompleted)
    missing, asked = ((), fact.envelope) if anew else (request.missing, request.asked)
    envelopes = _sealed(request, fact.envelope)
    return msgspec.structs.replace(request, envelopes=envelopes, complained=complained, missing=missing, asked=asked)


@_changed.register
def _(fact: events.RequestCalledBack, request: Request) -> Request:
    return msgspec.structs.replace(request, called_back=True, called_by=fact.by)


@_changed.register
def _(_fact: events.RequestConfirmed, request: Request) -> Request:
    return msgspec.structs.replace(request, in_effect=True, approved=request.fields)


@_changed.register(events.RequestApproved)
@_changed.register(events.RequestNarrowed)
def _approved(fact: events.RequestApproved | events.RequestNarrowed, request: Request) -> Request:
    step = request.by.move(request.standing.step, *ACTS[type(fact)])
    effect = step is not None and request.by.step(step.to).owner != "reviewer"
    return msgspec.structs.replace(
        request,
        approved=fact.fields,
        approved_by=fact.by,
        approved_at=fact.at,
        in_effect=request.in_effect or effect,
    )


@_changed.register
def _(_fact: events.RequestSeconded, request: Request) -> Request:
    return msgspec.structs.replace(request, in_effect=True)


@_changed.register
def _(_fact: events.RequestPreserved, request: Request) -> Request:
    return msgspec.structs.replace(request, in_effect=True, held=True)


@_changed.register
def _(_fact: events.RequestRefused, request: Request) -> Request:
    return msgspec.structs.replace(request, outcome="refused")


@_changed.register
def _(_fact: events.RequestAnnulled, request: Request) -> Request:
    return msgspec.structs.replace(request, outcome="annulled", annulled=True)


@_changed.register
def _(_fact: events.RequestObjected, request: Request) -> Request:
    return msgspec.structs.replace(request, outcome="objected")


@_changed.register
def _(_fact: events.RequestWithdrawn, request: Request) -> Request:
    return msgspec.structs.replace(request, outcome="withdrawn")


@_changed.register
def _(_fact: events.RequestProduced, request: Request) -> Request:
    return msgspec.structs.replace(request, outcome="produced")


@_changed.register
def _(fact: events.RequestAnswered, request: Request) -> Request:
    return msgspec.structs.replace(
        request,
        outcome=fact.outcome,
        answered=fact.outcome,
        given=fact.fields,
        envelopes=_sealed(request, fact.envelope),
    )


@_changed.register
def _(fact: events.TellingPostponed, request: Request) -> Request:
    time = request.by.step(request.by.telling).time
    standing = request.standing
    if standing.step == request.by.telling and time is not None:
        standing = put_off(standing, fact.until + lasts(time))
    return msgspec.structs.replace(request, postponed=fact.until, standing=standing)


@_changed.register
def _(fact: events.TimeExtended, request: Request) -> Request:
    standing = put_off(request.standing, fact.until)
    return msgspec.structs.replace(request, standing=standing, extended=request.extended | {fact.step})


@_changed.register
def _(fact: events.PersonTold, request: Request) -> Request:
    before = (*request.complaint_before, request.complaint) if request.complaint else ()
    return msgspec.structs.replace(request, complaint=fact.complaint, complaint_before=before, told_at=fact.at)


@_changed.register
def _(fact: events.TimePassed, request: Request) -> Request:
    silence = request.by.step(fact.step).silence
    if silence == "annulled":
        return msgspec.structs.replace(request, outcome=silence, annulled=True)
    return msgspec.structs.replace(request, outcome=request.outcome or silence or "")
