"""Every table of a roll, once: how it is made again from events, or why it is not made from them.

`openroll rebuild --check` makes each covered table again and compares it with the one that is kept (store/projections.py). A
replay is a small function that folds one official act into the rows of its table: what the act does to the table, said once.
"""

from collections.abc import Callable, MutableMapping
from datetime import UTC, date, datetime
from typing import NamedTuple

from psycopg.types.json import Jsonb

from openroll.register.event import Event
from openroll.register.organisation.events import (
    OperatorAdmitted,
    OperatorLeft,
    OperatorSucceeded,
    OrganisationAdmitted,
    PersonInvited,
    PersonJoined,
    PersonLeft,
    ProviderSet,
    SeatAnnounced,
    SeatConfirmed,
    SuccessionAccepted,
    SuccessionOffered,
    SuccessionWithdrawn,
    TokenEnded,
    TokenIssued,
    TokenReplaced,
)
from openroll.register.organisation.roles import REGISTRAR
from openroll.register.roll.events import (
    EscrowDeposited,
    FiguresPublished,
    LogBegun,
    RollOpened,
    RuleDropped,
    RuleProposed,
    RulePublished,
    RuleRead,
)
from openroll.service.requests.replays import (
    replay_envelope,
    replay_envelope_key,
    replay_notice,
    replay_registered_use,
    replay_request,
)
from openroll.store.events import EventRow
from openroll.store.projections import Recount, count_tally, find_events_of_keys, find_left_handles

Row = dict[str, object]
"""A row by its columns, as the projection's query names them; a column that is not said is empty."""
Rows = MutableMapping[object, Row]
"""The rows of one table by whatever finds them again."""
Replay = Callable[[Rows, Event, EventRow], None]


class Folded(NamedTuple):
    """A table that official acts make: the function that folds each of them into its rows.

    Acts come record by record. Where what one does to a row depends on acts on other records, `in_time` names the kinds that are
    folded, in the order in which they happened.
    """

    replay: Replay
    in_time: tuple[type[Event], ...] = ()


class Streamed(NamedTuple):
    """A table of records: each is the fold of its own events, one record at a time (`evolve` of its kind of record)."""


class Recounted(NamedTuple):
    """A table that one statement makes again from the events and their places."""

    recount: Recount


class Apart(NamedTuple):
    """A table that is not made from events, and why."""

    why: str


LIVES: tuple[type[Event], ...] = (
    OperatorAdmitted,
    SuccessionOffered,
    SuccessionAccepted,
    SuccessionWithdrawn,
    OperatorLeft,
    OperatorSucceeded,
    SeatConfirmed,
    PersonLeft,
)
"""What makes the table of operators: one is another's heir, and what a seat anywhere offered ends with that seat."""


def replay_operator(rows: Rows, fact: Event, event: EventRow) -> None:
    """An operator stands in the roll from the day it was admitted to the day it left or another succeeded it."""
    nothing: Row = dict.fromkeys(("offered_to", "offered_by", "offered_until", "offered_accepted", "offered_notice"))
    match fact:
        case OperatorAdmitted():
            rows[fact.operator] = {
                "name": fact.operator,
                "number": event.stream,
                "title": Jsonb(fact.title),
                "kind": fact.kind,
                "admitted": event.day,
            }
        case SuccessionOffered():
            offered: Row = {"offered_to": fact.heir, "offered_by": fact.by, "offered_until": fact.until}
            rows[fact.operator] |= nothing | offered
        case SuccessionAccepted():
            rows[fact.operator] |= {"offered_accepted": fact.by, "offered_notice": fact.until}
        case SuccessionWithdrawn():
            rows[fact.operator] |= nothing
        case OperatorLeft() | OperatorSucceeded():
            heir = fact.heir if isinstance(fact, OperatorSucceeded) else None
            rows[fact.operator] |= nothing | {"ended": event.day, "heir": heir}
            _taken_back(rows, nothing, lambda seat: seat.startswith(f"{fact.operator}/"))
            if isinstance(fact, OperatorSucceeded) and fact.offered_by.startswith(f"{REGISTRAR}/"):
                _unasked(rows, fact.operator, event.at)
        case SeatConfirmed() if fact.unasked and fact.organisation in rows:
            _unasked(rows, fact.organisation, event.at)
        case PersonLeft():
            _taken_back(rows, nothing, lambda seat: seat == fact.seat)


def _taken_back(rows: Rows, nothing: Row, ended: Callable[[str], bool]) -> None:
    """What seats that end had offered, announced or agreed to is as if never said."""
    for row in rows.values():
        if ended(str(row.get("offered_by") or "")):
            row.update(nothing)
        if ended(str(row.get("offered_accepted") or "")):
            row.update({"offered_accepted": None, "offered_notice": None})


def _unasked(rows: Rows, operator: str, at: datetime) -> None:
    """An operator was never asked, nor were those whose heir it is."""
    before = rows[operator].get("unasked")
    rows[operator]["unasked"] = [*before, at] if isinstance(before, list) else [at]
    for name in [str(name) for name, row in rows.items() if row.get("heir") == operator]:
        _unasked(rows, name, at)


def replay_organisation(rows: Rows, fact: Event, event: EventRow) -> None:
    """An authority or a reviewer stands in the roll from the day it was admitted."""
    if isinstance(fact, OrganisationAdmitted):
        rows[fact.organisation] = {
            "name": fact.organisation,
            "number": event.stream,
            "kind": fact.kind,
            "title": Jsonb(fact.title),
            "admitted": event.day,
        }


def replay_person(rows: Rows, fact: Event, event: EventRow) -> None:
    """A seat is taken, put in force by another's word, and given up or taken away. Who sits in it is told by no event."""
    match fact:
        case PersonJoined():
            rows[fact.seat] = _seat(fact, event)
        case SeatAnnounced():
            of: Row = {"announced_by": fact.by, "announced": event.at, "announced_until": fact.until}
            rows[fact.seat] |= of
        case SeatConfirmed():
            rows[fact.seat] |= {"confirmed_by": fact.by, "confirmed": event.at}
        case PersonLeft():
            rows[fact.seat]["left_at"] = event.at
        case OperatorLeft() | OperatorSucceeded():
            for row in rows.values():
                if row["organisation"] == fact.operator and row.get("left_at") is None:
                    row["left_at"] = event.at


def _seat(fact: PersonJoined, event: EventRow) -> Row:
    row: Row = {
        "organisation": fact.organisation,
        "seat": int(fact.seat.rpartition("/")[2]),
        "role": fact.role,
        "joined": event.at,
    }
    if fact.founding or fact.invited_by:  # else a seat of before seats were confirmed
        row |= {"invited_by": fact.invited_by, "founding": fact.founding}
    return row


def replay_token(rows: Rows, fact: Event, event: EventRow) -> None:
    """A token is issued, gets a successor and with it a last day, and is ended; a seat's tokens end with the seat."""
    match fact:
        case TokenIssued():
            rows[fact.token] = _token(fact.token, fact.organisation, event.at, fact.expires) | {"seat": fact.seat}
        case TokenReplaced():
            rows[fact.token]["expires"] = instant(fact.until)
            new = _token(fact.successor, fact.organisation, event.at, fact.expires)
            rows[fact.successor] = new | {"replaces": fact.token, "seat": rows[fact.token]["seat"]}
        case TokenEnded():
            rows[fact.token]["revoked"] = event.at
        case PersonLeft():
            _end_tokens(rows, event, lambda row: row["seat"] != 0 and _seat_of(row) == fact.seat)
        case OperatorLeft() | OperatorSucceeded():
            _end_tokens(rows, event, lambda row: row["organisation"] == fact.operator)


def _end_tokens(rows: Rows, event: EventRow, ends: Callable[[Row], bool]) -> None:
    for row in rows.values():
        if ends(row) and row.get("revoked") is None:
            row["revoked"] = event.at


def _seat_of(token: Row) -> str:
    return f"{token['organisation']}/{token['seat']}"


def _token(number: int, organisation: str, issued: datetime, expires: str) -> Row:
    return {"id": number, "organisation": organisation, "issued": issued, "expires": instant(expires)}


def instant(said: str) -> datetime | None:
    """The instant that an event says in UTC to the second; None for never, which it says as nothing."""
    return datetime.strptime(said, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC) if said else None


def replay_invitation(rows: Rows, fact: Event, event: EventRow) -> None:  # noqa: ARG001 - a replay's shape
    """Invitations of an organisation to a role, counted: open until one was used by who joined, or was taken back.

    A seat made for development (founding, invited by nobody) used an invitation that was never told.
    """
    if isinstance(fact, OperatorLeft | OperatorSucceeded):
        _take_back(rows, fact.operator)
    if not isinstance(fact, PersonInvited | PersonJoined):
        return
    about = (fact.organisation, fact.role)
    empty = {"organisation": fact.organisation, "role": fact.role, "used": 0, "revoked": 0, "open": 0}
    row = rows.setdefault(about, empty)
    if isinstance(fact, PersonInvited):
        _count(row, "revoked" if fact.withdrawn else "open", 1)
        _count(row, "open", -1 if fact.withdrawn else 0)
    else:
        _count(row, "used", 1)
        _count(row, "open", 0 if fact.founding and not fact.invited_by else -1)


def _take_back(rows: Rows, organisation: str) -> None:
    """The invitations of an organisation that were open are good no more."""
    for row in rows.values():
        if row["organisation"] == organisation:
            _count(row, "revoked", int(str(row["open"])))
            row["open"] = 0


def _count(row: Row, column: str, more: int) -> None:
    before = row[column]
    assert isinstance(before, int)  # noqa: S101 - set just now; the type checker cannot see it
    row[column] = before + more


def replay_rule_version(rows: Rows, fact: Event, event: EventRow) -> None:
    """The rule that the roll was opened under holds from the first day there is, each later one from the day it names."""
    match fact:
        case RollOpened():
            name, place, starts = fact.rule, fact.jurisdiction, date.min
        case RulePublished():
            name, place, starts = fact.published, fact.jurisdiction, fact.starts
        case _:
            return
    if "@" not in place:
        place = ""  # of before bundles had a digest: the list of districts stood in the opening alone
    row: Row = {"name": name, "jurisdiction": place, "starts": starts, "since": event.at, "whole": True}
    rows[event.version] = row


def replay_proposal(rows: Rows, fact: Event, event: EventRow) -> None:
    """A rule is proposed by a seat, and published or dropped once by another."""
    starts: date | None
    place: str | None
    made_on: Row = {}
    match fact:
        case RuleProposed():
            made_on = {"on_rule": fact.on_rule or "", "on_jurisdiction": fact.on_jurisdiction or ""}
            name, place, by, act, starts = fact.proposed, fact.jurisdiction, fact.by, "proposed", fact.starts
        case RulePublished():
            name, place, by, act, starts = fact.published, fact.jurisdiction, fact.proposed_by, "published", fact.starts
        case RuleDropped():
            name, place, by, act, starts = fact.dropped, None, fact.proposed_by, "dropped", None
        case _:
            return
    seat = int(by.rpartition("/")[2])
    of: Row = {"name": name, "jurisdiction": place, "seat": seat, "act": act, **made_on}
    rows[event.version] = of | {"starts": starts, "at": event.at, "whole": True}


def replay_rule_reading(rows: Rows, fact: Event, event: EventRow) -> None:
    """A seat signs once that it read the words of a rule."""
    if isinstance(fact, RuleRead):
        seat = int(fact.by.rpartition("/")[2])
        of: Row = {"digest": fact.digest, "words": fact.words, "name": fact.read, "role": fact.role}
        rows[event.version] = of | {"organisation": fact.organisation, "seat": seat, "at": event.at}


def replay_published_figures(rows: Rows, fact: Event, event: EventRow) -> None:
    """The figures of a day are published once, under the digest of what was published."""
    if isinstance(fact, FiguresPublished):
        rows[fact.on] = {"day": fact.on, "digest": fact.digest, "at": event.at, "whole": True}


def replay_provider(rows: Rows, fact: Event, event: EventRow) -> None:  # noqa: ARG001 - a replay's shape
    """An organisation signs in with the provider it named last, as long as it is in the roll."""
    if isinstance(fact, OperatorLeft | OperatorSucceeded):
        rows.pop(fact.operator, None)
    if isinstance(fact, ProviderSet):
        rows[fact.organisation] = {"organisation": fact.organisation, "issuer": fact.issuer}


def replay_deposit(rows: Rows, fact: Event, event: EventRow) -> None:
    """An escrow deposit was handed over."""
    if isinstance(fact, EscrowDeposited):
        rows[event.version] = {"day": fact.on, "digest": fact.digest, "size": fact.size, "at": event.at}


def replay_ended_log(rows: Rows, fact: Event, event: EventRow) -> None:
    """A log ended where another began: with its last checkpoint, whose second line is its size (C2SP tlog-checkpoint)."""
    if isinstance(fact, LogBegun):
        rows[event.version] = {
            "number": len(rows) + 1,
            "origin": fact.before,
            "size": int(fact.checkpoint.split("\n")[1]),
            "note": fact.checkpoint.encode(),
            "keys": "".join(f"{key}\n" for key in fact.keys),
            "ended": event.at,
        }


_LOG = "the log itself, which `openroll log fsck` recomputes from the events and compares with what was signed"
_SECRETS = "secrets of people or their seals: events hold none"
_QUEUE = "work that waits or was done: what it did stands in events, that it waits does not"

TABLES: dict[str, Streamed | Folded | Recounted | Apart] = {
    "subscription": Streamed(),
    "site": Streamed(),
    "site_word": Streamed(),
    "operator": Folded(replay_operator, LIVES),
    "organisation": Folded(replay_organisation),
    "person": Folded(replay_person),
    "token": Folded(replay_token),
    "invitation": Folded(replay_invitation),
    "rule_version": Folded(replay_rule_version),
    "proposal": Folded(replay_proposal),
    "rule_reading": Folded(replay_rule_reading),
    "published_figures": Folded(replay_published_figures),
    "provider": Folded(replay_provider),
    "deposit": Folded(replay_deposit),
    "ended_log": Folded(replay_ended_log),
    "envelope_key": Folded(replay_envelope_key),
    "registered_use": Folded(replay_registered_use),
    "request": Folded(replay_request),
    "envelope": Folded(replay_envelope),
    "notice": Folded(replay_notice),
    "tally": Recounted(count_tally),
    "idempotency": Recounted(find_events_of_keys),
    "left_handle": Recounted(find_left_handles),
    "event": Apart("the facts themselves, from which the others are made"),
    "placed": Apart(f"which place each event has: {_LOG}"),
    "head": Apart(_LOG),
    "tile": Apart(_LOG),
    "bundle": Apart(_LOG),
    "checkpoint": Apart(_LOG),
    "lost": Apart("entries of the log whose facts are gone: no event of this database tells what they were"),
    "cosignature": Apart("what witnesses signed: their word, which no event of ours can make"),
    "daily_figures": Apart("rounded counts as the first server of a day saw them, kept as they were (append-only)"),
    "taken_file": Apart(f"how far each operator's file got: {_QUEUE}"),
    "upload": Apart(f"files sent on pages: {_QUEUE}"),
    "work": Apart(_QUEUE),
    "mutex": Apart("names that transactions hold one at a time: no fact"),
    "lease": Apart("which process leads, and which takes which file: true while its connection lives"),
    "sequencer_round": Apart("always empty: locked for a round of the sequencer"),
    "site_look": Apart(f"when the roll looks at each site next, and what its looks saw: {_QUEUE}"),
    "regular_work": Apart(f"the day each regular task was last begun: {_QUEUE}"),
    "mail": Apart(f"mails that wait, sealed, and what became of them: {_QUEUE}"),
    "asked_address": Apart(
        "addresses that were asked or want no mails, by keyed hash: whoever reads them says so, and no event"
    ),
    "sign_of_life": Apart(
        "that an organisation came by while a succession of it or a seat in it was announced: told by no event"
    ),
    "contact": Apart("sealed addresses, given by choice and taken back at will: told by no event"),
    "passkey": Apart(f"{_SECRETS}. That one holds a record is told (subscription.held), and compared there"),
    "session": Apart(_SECRETS),
    "ceremony": Apart(_SECRETS),
    "subject": Apart("who somebody is at their provider: events name nobody"),
    "former_subject": Apart("who came by which subject before they left, hashed: events name nobody"),
    "grant_mark": Apart(
        "which grants were taken back or shown, by their digest: nobody's record, and told by no event"
    ),
    "throttle": Apart("how often something was tried of late, by keyed hash; forgotten within a day"),
    "spent_puzzle": Apart("puzzles that were solved already; forgotten within minutes"),
    "wall": Apart("pads by which the database checks who speaks: made from a key outside it"),
    "migration": Apart("the shape that the tables have (Alembic)"),
    "derived_salts": Apart("until when salts of old versions could be computed: said once by migration 0007"),
}
"""Every table of a roll. A test walks information_schema and finds each here once."""
