"""Requests: what their acts are decided on, and the tables that follow their events."""

from psycopg import Connection

from openroll.register.organisation.roles import Seat, seat_of
from openroll.register.request import commands, events
from openroll.register.request.made import ACTS
from openroll.register.request.sealed import digest_of
from openroll.register.request.state import Request
from openroll.register.request.turns import is_late, is_telling, may_open, part_of, readers
from openroll.service.identity.seats import record_of
from openroll.service.requests import states
from openroll.service.way import NEW, Asked, Done, Mails, Projections, Record, Way, Ways
from openroll.store import notices, requests
from openroll.store.notices import NoticeRow
from openroll.store.requests import EnvelopeRow, KeyRow, RequestRow, UseRow


def _own(connection: Connection, asked: Asked) -> Record:
    """The record of the organisation that acts."""
    return Record(record_of(connection, asked.by.organisation), asked.by.organisation)


def _of_use(connection: Connection, asked: Asked) -> Record:
    """The record of the authority that registered a use."""
    authority = requests.authority_of_use(connection, asked.command.use)
    return Record(None, "") if authority is None else Record(record_of(connection, authority), authority)


def _new_request(_: Connection, asked: Asked) -> Record:
    """A record of its own, of the authority that asks."""
    return Record(NEW, asked.by.organisation)


def _of_request(connection: Connection, asked: Asked) -> Record:
    """The record of a request."""
    found = requests.stream_of(connection, asked.command.request)
    return Record(None, "") if found is None else Record(*found)


def _use_number(_: object) -> str:
    return "use"


def _request_number(_: object) -> str:
    return "request"


WAYS: Ways = {
    commands.PublishKey: Way(_own, states.publishing),
    commands.EndKey: Way(_own, states.ending_key),
    commands.RegisterUse: Way(_own, states.registering, _use_number),
    commands.EndUse: Way(_of_use, states.ending_use),
    commands.FileRequest: Way(_new_request, states.asking, _request_number),
    **dict.fromkeys((*ACTS, commands.Approve, commands.Complain, commands.PassTime), Way(_of_request, states.matter)),
}


# What comes of events.


def _key_published(connection: Connection, done: Done, fact: events.KeyPublished) -> None:
    requests.put_key(connection, KeyRow(fact.organisation, fact.key, fact.public, done.now))


def _key_ended(connection: Connection, done: Done, fact: events.KeyEnded) -> None:
    requests.end_key(connection, fact.organisation, fact.key, done.now)


def _use_registered(connection: Connection, done: Done, fact: events.UseRegistered) -> None:
    of = (fact.purpose, fact.basis, fact.fields, fact.supervisor, fact.supervised_at, fact.office)
    requests.put_use(connection, UseRow(fact.use, fact.organisation, *of, done.now, rule=fact.rule))


def _use_ended(connection: Connection, done: Done, fact: events.UseEnded) -> None:
    requests.end_use(connection, fact.use, done.now)


def _stepped(connection: Connection, done: Done, fact: events.RequestEvent) -> None:
    """The row of a request follows each of its facts; what is sealed is kept beside the fact that holds its digest."""
    if (sealed := part_of(fact)) is not None:
        part, digest = sealed
        data: bytes = done.command.envelope
        if digest_of(data) != digest:
            raise ValueError("an envelope is kept under its own digest")
        of = (fact.request, done.version, part, organisation_of(fact), readers(part))
        requests.put_envelope(connection, EnvelopeRow(*of, digest, data, done.now))
    if isinstance(fact, events.PersonTold):
        of_notice = (fact.request, done.version, fact.bucket, fact.notice)
        notices.put_notice(connection, NoticeRow(*of_notice, done.command.notice, done.now))
    put_row(connection, done.number, done.version)


def put_row(connection: Connection, stream: int, version: int) -> None:
    """Bring the row of a request to what its facts say, up to a version; what is sealed beside them stays as it is."""
    request = states.request_of(connection, stream, version)
    assert request is not None  # noqa: S101 - its first fact is written before it is shown
    unread = bool(request.complaint) and requests.is_lost(connection, request.number, stream)
    requests.put_request(connection, row_of(request, stream, version, unread=unread))


def organisation_of(fact: events.RequestEvent) -> str:
    """The organisation that acted; empty for the person."""
    seat: Seat | None = seat_of(fact.by)
    return "" if seat is None else seat.organisation


def row_of(request: Request, stream: int, version: int, *, unread: bool = False) -> RequestRow:
    """The row of a request in its table. `unread`: its person was told in a notice that was lost, which is late too."""
    return RequestRow(
        number=request.number,
        stream=stream,
        version=version,
        authority=request.authority,
        use=request.use,
        operator=request.operator,
        reviewer=request.reviewer,
        objector=request.objector,
        fields=request.fields,
        urgency=request.urgency,
        desired=request.desired,
        earlier=request.earlier,
        officer=request.officer,
        approver=request.approved_by,
        approved=request.approved_at,
        filed=request.filed,
        procedure=request.procedure,
        step=request.standing.step,
        due=request.standing.due,
        postponed=request.postponed,
        outcome=request.outcome,
        annulled=request.annulled,
        may_open=may_open(request),
        telling=is_telling(request),
        late=unread or is_late(request),
        ended=request.ended,
        told=request.told_at,
    )


PROJECTIONS: Projections = {
    events.KeyPublished: _key_published,
    events.KeyEnded: _key_ended,
    events.UseRegistered: _use_registered,
    events.UseEnded: _use_ended,
    events.RequestFiled: _stepped,
    events.RequestOpened: _stepped,
    events.RequestReturned: _stepped,
    events.RequestCompleted: _stepped,
    events.RequestAskedBack: _stepped,
    events.RequestAnsweredBack: _stepped,
    events.RequestCalledBack: _stepped,
    events.RequestConfirmed: _stepped,
    events.RequestApproved: _stepped,
    events.RequestNarrowed: _stepped,
    events.RequestSeconded: _stepped,
    events.RequestRefused: _stepped,
    events.RequestAnnulled: _stepped,
    events.RequestObjected: _stepped,
    events.RequestPassed: _stepped,
    events.RequestSigned: _stepped,
    events.TellingPostponed: _stepped,
    events.TimeExtended: _stepped,
    events.RequestWithdrawn: _stepped,
    events.RequestPreserved: _stepped,
    events.RequestProduced: _stepped,
    events.RequestAnswered: _stepped,
    events.PersonTold: _stepped,
    events.PersonToldByWord: _stepped,
    events.NobodyTold: _stepped,
    events.RequestComplained: _stepped,
    events.TimePassed: _stepped,
}

MAILS: Mails = {}
