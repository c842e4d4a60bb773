"""What decisions on requests need, from facts and tables: where a request stands, whose keys are in force, who is who."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime

import msgspec
from psycopg import Connection

from openroll.register.events import event_of
from openroll.register.organisation.lives import heir_of
from openroll.register.organisation.roles import Seat, seat_of
from openroll.register.organisation.seats import Member, joined_to
from openroll.register.request import commands
from openroll.register.request.events import RequestEvent
from openroll.register.request.rights import LATELY
from openroll.register.request.state import Asking, Keys, Matter, Registering, Request, Use, fold
from openroll.register.request.uses import under_rule
from openroll.rules.procedure import lasts, procedure_for
from openroll.service.identity.seats import kind_of, member
from openroll.service.roll import Roll
from openroll.service.way import Asked
from openroll.store import events, notices, operators, people, requests
from openroll.store.exclusion import hold
from openroll.store.requests import UseRow


def facts_of(connection: Connection, stream: int, upto: int | None = None) -> list[RequestEvent]:
    """The facts of a request in their order, all of them or those up to a version."""
    rows = events.of_streams(connection, [stream])
    facts = [event_of(row.name, row.body) for row in rows if upto is None or row.version <= upto]
    return [fact for fact in facts if isinstance(fact, RequestEvent)]


def request_of(connection: Connection, stream: int, upto: int | None = None) -> Request | None:
    """The request that a record's facts leave, with the operator that answers today for what the one it asked had."""
    request = fold(facts_of(connection, stream, upto))
    return None if request is None else with_heirs(request, operators.ask_heirs(connection)())


def with_heirs(request: Request, heirs: Mapping[str, str]) -> Request:
    """A request whose operator was succeeded is its heir's to answer."""
    return msgspec.structs.replace(request, operator=heir_of(request.operator, heirs))


def registering(connection: Connection, roll: Roll, asked: Asked) -> Registering:
    """Before a use is registered."""
    rule = roll.rule_on(roll.day(asked.now)).rule
    kind = kind_of(connection, asked.by.organisation) or ""
    hold(connection, f"uses of {asked.by.organisation}")  # of two at once the second is counted after the first
    registered = requests.count_uses(connection, asked.by.organisation, asked.now - LATELY)
    return Registering(kind, frozenset(field.name for field in rule.fields), len(rule.purposes), registered=registered)


def publishing(connection: Connection, _: Roll, asked: Asked) -> Keys:
    """Before a key is published: no key ever is twice, nor two organisations'."""
    hold(connection, "envelope keys")  # of two at once the second finds it published
    published = requests.count_keys(connection, asked.by.organisation, asked.now - LATELY)
    return Keys(kind_of(connection, asked.by.organisation), requests.known_keys(connection), published)


def ending_key(connection: Connection, _: Roll, asked: Asked) -> Keys:
    """Before a key is ended: those of one's organisation that are in force. What others wrote by them comes first."""
    own = asked.by.organisation
    requests.hold_keys_alone(connection, own)
    return Keys(kind_of(connection, own), keys_of(connection, [own]).get(own, frozenset()))


def ending_use(connection: Connection, _: Roll, asked: Asked) -> Use | None:
    """Before a use is ended. What was filed under it comes first."""
    row = requests.use(connection, asked.command.use, alone=True)
    return None if row is None else use_of(row)


def use_today(roll: Roll, row: UseRow, day: date) -> Use:
    """A registered use as the rule of a day leaves it.

    One that was registered under a rule which this roll does not have (its log said so before the database went back, and the
    rule is not published again yet) has no purpose: its place in the list of another rule may be another one's.
    """
    rule = roll.rule_on(day).rule
    registered = next((one.rule for one in roll.versions if one.name == row.rule), None if row.rule else rule)
    purposes = [] if registered is None else registered.purposes
    said = purposes[row.purpose] if 0 <= row.purpose < len(purposes) else {}
    return under_rule(use_of(row), said, {field.name for field in rule.fields}, rule.purposes)


def use_of(row: UseRow) -> Use:
    """A registered use as its facts leave it."""
    return Use(
        organisation=row.organisation,
        number=row.number,
        purpose=row.purpose,
        basis=row.basis,
        fields=tuple(row.fields),
        supervisor=row.supervisor,
        supervised_at=row.supervised_at,
        office=row.office,
        ended=row.ended is not None,
        rule=row.rule,
    )


def keys_of(connection: Connection, organisations: Iterable[str]) -> dict[str, frozenset[str]]:
    """The ids of the keys in force of each of these organisations that has any, held until the transaction ends."""
    found: dict[str, set[str]] = {}
    for row in requests.keys(connection, [name for name in organisations if name], hold=True):
        found.setdefault(row.organisation, set()).add(row.key)
    return {name: frozenset(keys) for name, keys in found.items()}


def bound_to(connection: Connection, organisations: Iterable[str]) -> frozenset[str]:
    """The organisations that chains of invitations join to any of these."""
    return joined_to(organisations, requests.links(connection))


def asking(connection: Connection, roll: Roll, asked: Asked) -> Asking:
    """Before a request is filed."""
    command, authority = asked.command, asked.by.organisation
    use = requests.use(connection, command.use)
    named = (authority, command.operator, command.reviewer, command.objector)
    kinds = {one.name: one.kind for one in people.organisations(connection) if one.name in named}
    operators.is_in_force(connection, command.operator, hold=True)  # it is succeeded before this, or after
    earlier = None if command.earlier is None else _request(connection, command.earlier)
    return Asking(
        use=None if use is None else use_today(roll, use, roll.day(asked.now)),
        bodies=kinds,
        keys=keys_of(connection, named),
        bound=bound_to(connection, (authority, command.operator)),
        procedure=procedure_for(roll.rule_on(roll.day(asked.now)).rule),
        earlier=earlier,
    )


def _request(connection: Connection, number: int) -> Request | None:
    found = requests.stream_of(connection, number)
    return None if found is None else request_of(connection, found[0])


def matter(connection: Connection, roll: Roll, asked: Asked) -> Matter:
    """Before something is done in a request."""
    request = _request(connection, asked.command.request)
    if request is None:
        return Matter(None, {})
    by, use = asked.by, requests.use(connection, request.use)
    bodies = (request.authority, request.reviewer, request.operator, request.objector)
    if isinstance(asked.command, commands.Approve | commands.SecondApproval):
        hold(connection, f"approvals of {request.officer} by {by}")  # two at once are counted one after the other
    return Matter(
        request=request,
        keys=keys_of(connection, bodies),
        officer=_member(connection, request.officer),
        approver=_member(connection, request.approved_by),
        caller=_member(connection, request.called_by),
        words=tuple(
            (party, found) for party, seat in request.words if (found := _member(connection, seat)) is not None
        ),
        same=frozenset(str(Seat(*one)) for one in requests.same_person(connection, by.organisation, by.number)),
        pair=_pair(connection, request, by, asked.now),
        office="" if use is None else use.office,
        use=None if use is None else use_today(roll, use, roll.day(asked.now)),
        unread=is_unread(connection, request),
        own_keys=_own_keys(connection, asked),
    )


def _own_keys(connection: Connection, asked: Asked) -> tuple[str, ...]:
    """The public halves of the keys in force of whoever signs a decision; none for any other act."""
    if not isinstance(asked.command, commands.SignDecision):
        return ()
    return tuple(row.public for row in requests.keys(connection, [asked.by.organisation], hold=True))


def is_unread(connection: Connection, request: Request) -> bool:
    """Whether a person was told in a notice that is not in its heap: it went with a database that went back, or was taken out.

    They are told anew, however long ago that was. One that was altered there is late too, but stands in the way of another.
    """
    return bool(request.complaint) and not notices.has_notice(connection, request.number)


def _member(connection: Connection, seat: str) -> Member | None:
    found = seat_of(seat)
    return None if found is None else member(connection, found)


def _pair(connection: Connection, request: Request, by: Seat, now: datetime) -> int:
    since = now - lasts(request.by.pair_time)
    return requests.approvals(connection, request.officer, str(by), since, request.number)
