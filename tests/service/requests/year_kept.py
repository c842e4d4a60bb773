"""A simulated year in a roll: its facts as events in the order of time, as the service writes them, and its requests' rows."""

from datetime import datetime

import msgspec

from openroll.register.command import Actor
from openroll.register.decision import Accepted
from openroll.register.event import Event
from openroll.register.organisation.commands import AdmitOrganisation
from openroll.register.organisation.events import PersonJoined
from openroll.register.organisation.roles import KEEPER, REGISTRAR
from openroll.register.request.events import RequestEvent
from openroll.register.request.state import fold
from openroll.service.acts import append
from openroll.service.event_rows import event_row
from openroll.service.identity.people import admit_organisation
from openroll.service.log.sequencer import Sequencer
from openroll.service.requests.projections import organisation_of, row_of
from openroll.service.roll import Roll
from openroll.service.rollback_guard import new_numbers
from openroll.store import requests
from openroll.store.numbers import RECORD
from tests.service.requests.year import AUTHORITIES, BODIES, Year, admitted

_AT_ONCE = 1_000
_ROLES = dict.fromkeys(AUTHORITIES, "officer") | dict.fromkeys(BODIES, "reviewer")


def keep(roll: Roll, year: Year) -> None:
    """Write a year, and give every fact its place in the log. The roll's clock stands at its end then."""
    for name in (*AUTHORITIES, *BODIES):
        kind = "authority" if name in AUTHORITIES else "reviewer"
        admit = AdmitOrganisation(organisation=name, kind=kind, title={"zh": "某机构", "en": name.title()})
        assert isinstance(admit_organisation(roll, admit, KEEPER), Accepted)
    rule = roll.rule_name
    seats = [
        msgspec.structs.replace(fact, rule=rule)
        for fact in admitted(year.officials)
        if isinstance(fact, PersonJoined) and fact.organisation != REGISTRAR
    ]
    first = new_numbers(roll, RECORD, len(year.lives) + len(seats)).start + len(seats)
    facts: list[tuple[datetime, int, int, Event, str]] = [
        (fact.at, first + place, version, fact, organisation_of(life[0]))
        for place, life in enumerate(year.lives)
        for version, fact in enumerate(life, 1)
    ]
    facts += [(year.begin, first - len(seats) + place, 1, seat, seat.organisation) for place, seat in enumerate(seats)]
    facts.sort(key=lambda one: one[:3])
    for begin in range(0, len(facts), _AT_ONCE):
        lot = facts[begin : begin + _AT_ONCE]
        now = lot[-1][0]
        roll.clock = lambda now=now: now  # type: ignore[misc] # a default binds it now
        rows = [
            event_row(
                roll, at, fact, stream=stream, version=version, actor=_actor(_by(fact)), owner=owner
            )
            for at, stream, version, fact, owner in lot
        ]  # fmt: skip
        with roll.database.own() as connection:
            append(connection, roll, rows)
    with roll.database.own() as connection, connection.pipeline():
        for place, life in enumerate(year.lives):
            request = fold(life)
            assert request is not None
            requests.put_request(connection, row_of(request, first + place, len(life)))
    Sequencer(roll).run_until_empty()


def _by(fact: Event) -> str:
    return organisation_of(fact) if isinstance(fact, RequestEvent) else str(getattr(fact, "organisation", ""))


def _actor(organisation: str) -> Actor:
    if not organisation:
        return Actor("registrar")
    return Actor(_ROLES.get(organisation, "clerk"), organisation)
