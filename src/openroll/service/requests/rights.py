"""Rights to ask: what authorities registered that they may ask for, and the keys that one writes to organisations by."""

from datetime import date

import msgspec
from msgspec.structs import replace

from openroll.disclosure.envelope import Published, published_of
from openroll.register.decision import Refused
from openroll.register.events import event_of
from openroll.register.organisation.roles import Seat
from openroll.register.request.commands import EndKey, EndUse, PublishKey, RegisterUse
from openroll.register.request.events import KeyEnded, KeyPublished, UseEnded, UseRegistered
from openroll.register.request.state import Use
from openroll.service.acts import Acted, act
from openroll.service.identity.seats import record_of
from openroll.service.requests import pace
from openroll.service.requests.current import current
from openroll.service.requests.proofs import FactSeen, facts_proved
from openroll.service.requests.shown import MOST
from openroll.service.requests.states import use_today
from openroll.service.roll import Roll
from openroll.store import requests


def publish_key(roll: Roll, public: str, by: Seat) -> Acted | Refused:
    """Publish a key of one's organisation, from the line of its public half (an official act)."""
    with current(roll) as connection:
        often = pace.too_many_rights(connection, roll, KeyPublished, by)
        return often or act(connection, roll, PublishKey(public=public.strip()), by)


def end_key(roll: Roll, key: str, why: str, by: Seat) -> Acted | Refused:
    """Have a key of one's organisation used no more (an official act)."""
    with current(roll) as connection:
        return act(connection, roll, EndKey(key=key, why=why), by)


def keys_of(roll: Roll, organisation: str) -> tuple[Published, ...]:
    """The keys in force of an organisation, the newest first."""
    with roll.database.own() as connection:
        rows = requests.keys(connection, [organisation])
    return tuple(published_of(row.public) for row in rows)


class SeenKey(msgspec.Struct, frozen=True):
    """A key that an organisation published: the line of its public half, whether it has ended, and the receipt of the entry
    that says whose it is (empty while that has no place in the log); of one that ended the receipt of the entry that says so.

    `by` published it on the day `published`: a seat of the organisation, in a roll that is as it should be.
    """

    organisation: str
    key: str
    public: str
    ended: bool
    receipt: str
    by: str = ""
    published: date | None = None
    ended_receipt: str = ""


def published_keys(roll: Roll, organisation: str) -> list[SeenKey]:
    """Every key that an organisation ever published, the newest first, each with its proof. Anybody may have them.

    One seals to those in force, and checks with all of them: what was signed stays signed.
    """
    with roll.database.own() as connection:
        rows = requests.keys_ever(connection, organisation)
        stream = record_of(connection, organisation, ended=True) if rows else None
    if stream is None:
        return []
    said = dict(map(_said_of, facts_proved(roll, stream, (KeyPublished.name, KeyEnded.name))))
    found = [_seen(row, said.get((KeyPublished.name, row.key)), ended=ended) for row, ended in rows]
    return [replace(one, ended_receipt=_receipt(said.get((KeyEnded.name, one.key)))) for one in found]


def _said_of(seen: FactSeen) -> tuple[tuple[str, str], tuple[FactSeen, str]]:
    """What a fact says of which key; the fact, and who did that."""
    fact = event_of(seen.name, seen.body)
    assert isinstance(fact, KeyPublished | KeyEnded)  # noqa: S101 - no other was asked for
    return (seen.name, fact.key), (seen, fact.by)


def _receipt(said: tuple[FactSeen, str] | None) -> str:
    return "" if said is None else said[0].receipt


def _seen(row: requests.KeyRow, said: tuple[FactSeen, str] | None, *, ended: bool) -> SeenKey:
    """A key as its row has it; with who published it, and when, where a fact says so."""
    found = SeenKey(row.organisation, row.key, row.public, ended, "")
    return found if said is None else replace(found, receipt=said[0].receipt, by=said[1], published=said[0].day)


def register_use(roll: Roll, command: RegisterUse, by: Seat) -> Acted | Refused:
    """Register what one's authority may ask for (an official act). `fresh` of what it gives is the use's number."""
    with current(roll) as connection:
        return pace.too_many_rights(connection, roll, UseRegistered, by) or act(connection, roll, command, by)


def end_use(roll: Roll, use: int, why: str, by: Seat) -> Acted | Refused:
    """End a registered use (an official act)."""
    with current(roll) as connection:
        return act(connection, roll, EndUse(use=use, why=why), by)


def uses(
    roll: Roll, authority: str | None = None, *, ended: bool = False, before: int | None = None, most: int = MOST
) -> list[Use]:
    """The registered uses in force, of one authority or of all, as the rule of today leaves them; with `ended` those that ended
    too. The newest first; `before` goes on below a number. Anybody may see them."""
    today = roll.day(roll.clock())
    with roll.database.own() as connection:
        rows = requests.uses(connection, authority, ended=ended, before=before, most=most)
        return [use_today(roll, row, today) for row in rows]


def one_use(roll: Roll, number: int) -> Use | None:
    """A registered use, ended or not; None for a number that none has. Anybody may see it."""
    found = uses(roll, ended=True, before=number + 1, most=1)
    return found[0] if found and found[0].number == number else None


def receipt_of_use(roll: Roll, use: Use, kind: type[UseRegistered | UseEnded] = UseRegistered) -> str:
    """The receipt of the entry by which a use was registered, or by which it ended; empty while it has no place in the log."""
    with roll.database.own() as connection:
        stream = record_of(connection, use.organisation, ended=True)
    if stream is None:
        return ""
    name = kind.name

    def is_it(body: str) -> bool:
        fact = event_of(name, body)
        return isinstance(fact, kind) and fact.use == use.number

    said = facts_proved(
        roll, stream, (name,), is_it
    )  # one receipt alone: anybody may ask, and an authority may have many uses
    return said[0].receipt if said else ""
