"""The post: mails by template, sent again and again until the server takes them or a person sees that it did not.

A mail waits in the roll's own table, handed in with the facts it tells of: both are kept, or neither. When it is sent is said by
the one table of all work (service/work.py). Why not a library's
queue: procrastinate 3.10 fits into a roll's schema, but its notifications are the whole database's. Measured with two
rolls side by side: cancelling job 1 of one roll cancelled job 1 of the other. And it goes by the server's clock, never by
the roll's.
"""

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from psycopg import Connection

from openroll.service.key_labels import MAIL_SECRETS, OLD_MAIL
from openroll.service.mail.mailboxes import stopped_of
from openroll.service.mail.message import Params, Write, checked_address, checked_params, message_of
from openroll.service.mail.smtp import RefusedForGood, ServerAway, Transport, TryLater
from openroll.service.roll import Roll
from openroll.service.sealing import CannotOpen, opens, seal, unseal
from openroll.service.work import MACHINE, Away, Done, Kind, Later, Never, Result, enqueue, run_one
from openroll.store import mail as mails
from openroll.store.mail import FailedMail, WaitingMail
from openroll.store.work import WorkRow, end

MAIL = "mail"
"""The kind of work that a mail is, and the reason why a person has it when it failed."""

WAITS = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=6),
    timedelta(hours=12),
    timedelta(hours=24),
)
"""How long a mail is put off after its first, second, ... attempt. When the attempt after the last wait fails, the mail has."""


def send_later(
    roll: Roll,
    template: str,
    lang: str,
    params: Params,
    address: str,
    now: datetime,
    *,
    connection: Connection | None = None,
    stop: str = "",
) -> UUID:
    """Hand in a mail; its number. With a `connection` it waits as soon as that transaction is committed, and not before.

    `stop` is where who gets it says that they want no more (RFC 8058); the mail names it at its end and in its head. Once they
    said so, a mail with one that still waits does not go out.

    `params` must hold nothing about a person: they stand readable in the database (the link does not: it may let its holder
    in). Raises ValueError when they are not those of the template or hold a line break, or when the address is none;
    see `mailing.checked_params`.
    """
    kept = checked_params(template, lang, params)
    number = UUID(bytes=roll.random_bytes(16), version=4)
    link = kept.pop("link", None)
    waiting = WaitingMail(
        id=number,
        template=template,
        lang=lang,
        params=kept,
        address_sealed=_seal(roll, number, "address", checked_address(address)),
        link_sealed=None if link is None else _seal(roll, number, "link", f"{link}\n{stop}" if stop else str(link)),
        made=now,
        tries=0,
    )
    if connection is not None:
        _hand_in(connection, waiting)
    else:
        with roll.database.own() as own:
            _hand_in(own, waiting)
    return number


def _hand_in(connection: Connection, mail: WaitingMail) -> None:
    mails.put(connection, mail)
    enqueue(connection, MAIL, str(mail.id), MACHINE, MAIL, mail.made, now=mail.made)


def _seal(roll: Roll, number: UUID, purpose: str, text: str) -> bytes:
    return seal(MAIL_SECRETS.of(roll.keys), text, _bound(roll.name, number, purpose), roll.random_bytes)


def address_opens(key: bytes, name: str, number: UUID, sealed: bytes) -> bool:
    """Whether a key of addresses opens the address of a mail that waits, in the roll of this name."""
    bound = _bound(name, number, "address")
    return any(opens(one.from_secret(key), sealed, bound) for one in (MAIL_SECRETS, OLD_MAIL))


def _bound(name: str, number: UUID, purpose: str) -> str:
    # The number too: who can write to the table cannot move an address from one mail to another.
    return f"openroll mail {purpose} {number} of {name}"


@dataclass(frozen=True)
class Delivered:
    """What one round did. `trouble` says why it ended before all that was due was tried, or nothing."""

    sent: int = 0
    put_off: int = 0
    failed: int = 0
    trouble: str = ""


def kind(roll: Roll, transport: Transport, write: Write) -> Kind:
    """How a mail is sent, for the background worker; its key is the mail's number.

    Each mail is sent at least once. A crash after the server took it and before that was committed sends it a second time,
    with the same Message-ID and every other header and line the same, so that receivers can tell.

    A mail that was not taken is put off (`WAITS`), and has failed when all its tries are used; one that the server refuses for
    good (5xx to the recipient or the message) fails at once. When the server is away, or refuses us rather than a mail, the
    others keep their tries. No transaction is open while the server is talked to: the log would wait for it.
    """
    return Kind(functools.partial(_send, roll, transport, write), MAIL, WAITS)


def _send(roll: Roll, transport: Transport, write: Write, row: WorkRow) -> Result:
    try:
        number = UUID(row.key)
    except ValueError:
        return Never("no mail has this number")
    with roll.database.own() as connection:
        mail = mails.waiting(connection, number)
        if mail is None:  # a process died after it was said what became of it
            why = mails.last_error(connection, number)
            return Never(why) if why else Done()
        if _is_unwanted(connection, roll, mail):
            mails.settle(connection, mail.id, UNWANTED, roll.clock())
            return Done()
    verdict, why = _attempt(roll, transport, write, mail)
    with roll.database.own() as connection:
        if verdict == "sent":
            mails.mark_sent(connection, mail.id, roll.clock())
            return Done()
        if verdict == "never" or row.attempts > len(WAITS):
            mails.mark_failed(connection, mail.id, why)
            return Never(why)
        mails.put_off(connection, mail.id, why)
    return Away(why) if verdict == "away" else Later(why)


UNWANTED = "who reads this address wants no mails"
"""Why a mail that waited was not sent; it is settled, and nobody's work."""


def _is_unwanted(connection: Connection, roll: Roll, mail: WaitingMail) -> bool:
    """Whether its reader has said, since it was handed in, that no more go to the address. Asked before each attempt."""
    try:
        if not _links(roll, mail)[1:]:
            return False
        to = _unseal(roll, mail.id, "address", mail.address_sealed)
    except CannotOpen:  # which the attempt will say
        return False
    return bool(stopped_of(connection, roll, [to]))


def deliver_due(
    roll: Roll, transport: Transport, write: Write, now: datetime, *, stopping: Callable[[], bool] = lambda: False
) -> Delivered:
    """Send every mail that is due at `now`, as the worker does; what was done. `stopping` is asked before each mail."""
    sent = put_off = failed = 0
    kinds = {MAIL: kind(roll, transport, write)}
    while not stopping() and (ran := run_one(roll, kinds, now)) is not None:
        result = ran.result
        sent += isinstance(result, Done)
        failed += isinstance(result, Never)
        put_off += isinstance(result, Later | Away)
        if isinstance(result, Away):
            return Delivered(sent, put_off, failed, result.fault)
    return Delivered(sent, put_off, failed)


_Verdict = Literal["sent", "later", "away", "never"]


def _attempt(roll: Roll, transport: Transport, write: Write, mail: WaitingMail) -> tuple[_Verdict, str]:
    try:
        to = _unseal(roll, mail.id, "address", mail.address_sealed)
        links = _links(roll, mail)
        letter = write(mail.template, mail.lang, {**mail.params, **dict(zip(("link", "stop"), links, strict=False))})
        host, stop = roll.origin.partition("/")[0], "".join(links[1:])
        message = message_of(letter, mail.lang, number=mail.id, made=mail.made, to=to, host=host, stop=stop)
        transport.send(message, to)
    except ServerAway as error:
        return "away", str(error)
    except TryLater as error:
        return "later", str(error)
    except RefusedForGood as error:
        return "never", str(error)
    except CannotOpen:
        return "never", "the address does not open with the key addresses.key: it was sealed under another"
    except Exception as error:
        # A fault of ours must not hold up the mails behind this one. Its text may repeat an address: only its name is kept.
        return "later", f"a fault of the roll itself: {type(error).__name__}"
    return "sent", ""


def _links(roll: Roll, mail: WaitingMail) -> list[str]:
    """The link that a mail names, and the one by which its reader stops mails, as far as it has them. Raises CannotOpen."""
    return [] if mail.link_sealed is None else _unseal(roll, mail.id, "link", mail.link_sealed).split("\n")


def _unseal(roll: Roll, number: UUID, purpose: str, sealed: bytes) -> str:
    bound = _bound(roll.name, number, purpose)
    try:
        return unseal(MAIL_SECRETS.of(roll.keys), sealed, bound)
    except CannotOpen:
        return unseal(OLD_MAIL.of(roll.keys), sealed, bound)  # it waited when mails had no key of their own yet


def failed(roll: Roll) -> Sequence[FailedMail]:
    """The mails that did not go out and that nobody has settled, the oldest first: the registrar's to look at."""
    with roll.database.transaction("registrar") as connection:
        return mails.failed(connection)


def retry(roll: Roll, number: UUID, address: str) -> bool:
    """Let a failed mail wait again, for an address given anew (the old one is erased); whether there was one.

    Raises ValueError when the address is none.
    """
    sealed, now = _seal(roll, number, "address", checked_address(address)), roll.clock()
    with roll.database.own() as connection:
        there = mails.again(connection, number, sealed)
        if there:
            enqueue(connection, MAIL, str(number), MACHINE, MAIL, now, now=now)
    return there


def give_up(roll: Roll, number: UUID) -> bool:
    """Settle a failed mail without sending it: it leaves the registrar's work, and its row stays. Whether there was one."""
    now = roll.clock()
    with roll.database.own() as connection:
        there = mails.give_up(connection, number, now)
        if there:
            end(connection, MAIL, str(number), "given-up", now)
    return there


def post_state(roll: Roll) -> Mapping[str, int]:
    """How many mails are `waiting`, `sent` and `failed`. Those given up are in none."""
    with roll.database.transaction("registrar") as connection:
        return {"waiting": 0, "sent": 0, "failed": 0, **mails.counts(connection)}
