"""The tables of requests made again from events, for `openroll rebuild`: what each act does to its table, said once."""

from collections.abc import MutableMapping
from typing import NamedTuple

from openroll.register.event import Event
from openroll.register.organisation.events import OperatorLeft, OperatorSucceeded
from openroll.register.request import events
from openroll.register.request.state import Request, evolve
from openroll.register.request.turns import part_of, readers
from openroll.service.event_rows import UNSALTED
from openroll.service.requests.projections import organisation_of, row_of
from openroll.store.events import EventRow


class _Folded(NamedTuple):
    """A request as its facts leave it so far, and whether its newest notice went with a database that went back."""

    request: Request
    notice_lost: bool


Row = dict[str, object]
Rows = MutableMapping[object, Row]
_STATE = ""
"""The column that no table has, under which the state of a request is kept while its facts are folded."""


def replay_envelope_key(rows: Rows, fact: Event, event: EventRow) -> None:
    """A key of an organisation is published, and ended, also with its organisation."""
    match fact:
        case events.KeyPublished():
            of = {"organisation": fact.organisation, "key": fact.key, "public": fact.public}
            rows[fact.organisation, fact.key] = {**of, "published": event.at}
        case events.KeyEnded():
            rows[fact.organisation, fact.key]["ended"] = event.at
        case OperatorLeft() | OperatorSucceeded():
            for row in rows.values():
                if row["organisation"] == fact.operator and row.get("ended") is None:
                    row["ended"] = event.at


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
    assert before is None or isinstance(before, _Folded)  # noqa: S101 - put there below
    request = evolve(before.request if before else None, fact)
    lost = event.salt == UNSALTED if isinstance(fact, events.PersonTold) else before is not None and before.notice_lost
    said = row_of(request, event.stream, event.version, unread=lost)._asdict()
    rows[event.stream] = {name: _listed(value) for name, value in said.items()} | {_STATE: _Folded(request, lost)}


def replay_envelope(rows: Rows, fact: Event, event: EventRow) -> None:
    """An envelope stands beside the fact that holds its digest, where the fact is not all that came back of it."""
    sealed = part_of(fact) if isinstance(fact, events.RequestEvent) else None
    if sealed is None or not isinstance(fact, events.RequestEvent) or event.salt == UNSALTED:
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
    """A notice stands in the heap that its fact names, where the fact is not all that came back of it."""
    if isinstance(fact, events.PersonTold) and event.salt != UNSALTED:
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
