"""Telling a record's holder what happened, where they gave an address: what cannot be told never stops what is done.

An address that does not open (its key is lost, or another copy's) is nobody's to tell. The act stands all the same, the server's
log says that somebody was not told, and a piece of work waits for the registrar's people, who have it told in another way.
"""

import logging
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from psycopg import Connection

from openroll.register.event import Event
from openroll.register.organisation.roles import REGISTRAR
from openroll.register.subscription.decide import CONFIRMED
from openroll.register.subscription.events import ContactChanged, ReleaseAsked, SubscriptionPorted
from openroll.rules.language import in_language
from openroll.service.filing.projections import MAILS
from openroll.service.identity.address_links import link_for
from openroll.service.identity.contact import contact_of, old_until
from openroll.service.mail.mailboxes import stopped_of
from openroll.service.mail.message import Params
from openroll.service.mail.outbox import send_later
from openroll.service.roll import Roll
from openroll.service.sealing import CannotOpen
from openroll.service.work import CONTACT, end_of, enqueue
from openroll.store import subscriptions
from openroll.store.connect import assume

_DAYS = timedelta(days=2)


class Told(NamedTuple):
    """Who is told of a record: the languages and addresses; `unopened` where somebody would be, and the address does not open."""

    addresses: Sequence[tuple[str, str]] = ()
    unopened: bool = False


def told_of(connection: Connection, roll: Roll, number: int, now: datetime) -> Told:
    """Who is told of what happens to a record. Under the application's role."""
    try:
        contact = contact_of(connection, roll, number)
    except CannotOpen:
        return Told(unopened=True)
    return Told() if contact is None else Told(contact.told(roll.day(now)))


def tell_holder(connection: Connection, roll: Roll, number: int, of: type[Event], link: str, now: datetime) -> None:
    """Tell a record's holder what happened to what opens it, where they gave an address. Takes on the application's role."""
    assume(connection, "application")
    tell(connection, roll, number, told_of(connection, roll, number, now), of, link, now)


def tell(
    connection: Connection, roll: Roll, number: int, told: Told, of: type[Event], link: str, now: datetime
) -> None:
    """As `tell_holder`, of those who were told before the act: it may have forgotten them."""
    params: dict[str, str | int] = {"link": link or f"https://{roll.origin}"}
    if of is ReleaseAsked:
        params["until"] = roll.last_day_to_refuse(now).isoformat()
    if of is ContactChanged:
        params["until"] = old_until(roll, now).isoformat()
    _tell(connection, roll, number, told, of, lambda _: params, now)


def tell_of_port(connection: Connection, roll: Roll, number: int, gaining: Mapping[str, str], link: str) -> None:
    """Tell a record's holder, who gave an address, that another operator has it now: `gaining` is that one's title by language.

    In the transaction of the act, under the application's role.
    """
    now = roll.clock()

    def params(lang: str) -> Params:
        return {"operator": in_language(gaining, lang), "link": link or f"https://{roll.origin}"}

    _tell(connection, roll, number, told_of(connection, roll, number, now), SubscriptionPorted, params, now)


def _tell(
    connection: Connection,
    roll: Roll,
    number: int,
    told: Told,
    of: type[Event],
    params: Callable[[str], Params],
    now: datetime,
) -> None:
    """The one way in which anybody is told within an act."""
    if told.unopened:
        logging.getLogger("openroll").warning(
            "mail: an address does not open with addresses.key, so a holder was not told (%s): see openroll work list",
            MAILS[of],
        )
        note_unopened(connection, roll, number, now)
    if not told.addresses or filed_alone(connection, number):
        return
    stopped = stopped_of(connection, roll, [address for _, address in told.addresses])
    for lang, address in told.addresses:
        if address not in stopped:
            given = params(lang)
            stop = link_for(roll, number, address, lang, site_of(roll, str(given["link"])))
            send_later(roll, MAILS[of], lang, given, address, now, connection=connection, stop=stop)


def filed_alone(connection: Connection, number: int) -> bool:
    """Whether somebody filed a record alone and its operator has not taken it: what anybody makes has us write to nobody.

    Leaves the application's role on.
    """
    assume(connection, "subscriber", record=number)
    row = subscriptions.get(connection, number)
    assume(connection, "application")
    return row is not None and row.standing != CONFIRMED


def site_of(roll: Roll, link: str) -> str:
    """Where the roll's pages are, with a last slash, by the link to the one on which a filing is opened."""
    found = re.fullmatch("(https?://.+/)[A-Za-z0-9-]+/find", link)
    return found[1] if found else f"https://{roll.origin}/"


def note_unopened(connection: Connection, roll: Roll, number: int, now: datetime) -> None:
    """Have the registrar's people know that a record's holder is told of nothing."""
    due = end_of(roll, roll.day(now) + _DAYS)
    enqueue(connection, CONTACT, str(number), REGISTRAR, CONTACT, due, now=now)
