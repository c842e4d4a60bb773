"""The tables of requests made again from events, for `openroll rebuild`: what each act does to its table, said once."""

from collections.abc import MutableMapping

from openroll.register.event import Event
from openroll.register.request import events
from openroll.register.request.state import Request, evolve
from openroll.register.request.turns import part_of, readers
from openroll.service.requests.projections import organisation_of, row_of
from openroll.store.events import EventRow

Row = dict[str, object]
Rows = MutableMapping[object, Row]
_STATE = ""
"""The column that no table has, under which the state of a request is kept while its facts are folded."""


def replay_envelope_key(rows: Rows, fact: Event, event: EventRow) -> None:
    """A key of an organisation is published, and ended."""
    match fact:
        case events.KeyPublished():
            of = {"organisation": fact.organisation, "key": fact.key, "public": fact.public}
            rows[fact.organisation, fact.key] = {**of, "published": event.at}
        case events.KeyEnded():
            rows[fact.organisation, fact.key]["ended"] = event.at


def replay_registered_use(rows: Rows, fact: Event, event: EventRow) -> None:
    """An authority registers what it may ask for, and it ends."""
    match fact:
        case events.UseRegistered():
            rows[fact.use] = {
                "number": fact.use,
                "organisation": fact.organisation,
                "purpose": fact.purpose,
                "basis": fact.basis,
                "fields": list(fact.fields),
                "supervisor": fact.supervisor,
                "supervised_at": fact.supervised_at,
                "office": fact.office,
                "registered": event.at,
                "rule": fact.rule,
            }
        case events.UseEnded():
            rows[fact.use]["ended"] = event.at


def replay_request(rows: Rows, fact: Event, event: EventRow) -> None:
    """A request is where its facts leave it."""
    if not isinstance(fact, events.RequestEvent):
        return
    before = rows.get(event.stream, {}).get(_STATE)
    assert before is None or isinstance(before, Request)  # noqa: S101 - put there below
    request = evolve(before, fact)
    said = row_of(request, event.stream, event.version)._asdict()
    rows[event.stream] = {name: _listed(value) for name, value in said.items()} | {_STATE: request}


def replay_envelope(rows: Rows, fact: Event, event: EventRow) -> None:
    """An envelope stands beside the fact that holds its digest."""
    sealed = part_of(fact) if isinstance(fact, events.RequestEvent) else None
    if sealed is None or not isinstance(fact, events.RequestEvent):
        return
    part, digest = sealed
    rows[event.stream, event.version] = {
        "request": fact.request,
        "version": event.version,
        "part": part,
        "organisation": organisation_of(fact),
        "readers": list(readers(part)),
        "digest": digest,
        "at": event.at,
        "whole": True,
    }


def replay_notice(rows: Rows, fact: Event, event: EventRow) -> None:
    """A notice stands in the heap that its fact names."""
    if isinstance(fact, events.PersonTold):
        rows[event.stream] = {
            "request": fact.request,
            "version": event.version,
            "bucket": fact.bucket,
            "digest": fact.notice,
            "at": event.at,
            "whole": True,
        }


def _listed(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value
