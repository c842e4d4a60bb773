"""The post: mails by template, sent again and again until the server takes them or a person sees that it did not.

A mail waits in the roll's own table, handed in with the facts it tells of: both are kept, or neither. Why not a library's
queue: procrastinate 3.10 fits into a roll's schema, but its notifications are the whole database's. Measured with two
rolls side by side: cancelling job 1 of one roll cancelled job 1 of the other. And it goes by the server's clock, never by
the roll's.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from psycopg import Connection

from openroll.service.key_labels import MAIL, OLD_MAIL
from openroll.service.mail.message import Params, Write, checked_address, checked_params, message_of
from openroll.service.mail.smtp import RefusedForGood, ServerAway, Transport, TryLater
from openroll.service.roll import Roll
from openroll.service.sealing import CannotOpen, seal, unseal
from openroll.store import mail as mails
from openroll.store.mail import FailedMail, WaitingMail

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
) -> UUID:
    """Hand in a mail; its number. With a `connection` it waits as soon as that transaction is committed, and not before.

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
        link_sealed=None if link is None else _seal(roll, number, "link", str(link)),
        made=now,
        tries=0,
    )
    if connection is not None:
        mails.put(connection, waiting)
    else:
        with roll.database.open_runtime("openroll-post", role="application") as own:
            mails.put(own, waiting)
    return number


def _seal(roll: Roll, number: UUID, purpose: str, text: str) -> bytes:
    return seal(MAIL.of(roll.keys), text, _bound(roll, number, purpose), roll.random_bytes)


def _bound(roll: Roll, number: UUID, purpose: str) -> str:
    # The number too: who can write to the table cannot move an address from one mail to another.
    return f"openroll mail {purpose} {number} of {roll.name}"


@dataclass(frozen=True)
class Delivered:
    """What one round did. `trouble` says why it ended before all that was due was tried, or nothing."""

    sent: int = 0
    put_off: int = 0
    failed: int = 0
    trouble: str = ""


def deliver_due(
    roll: Roll, transport: Transport, write: Write, now: datetime, *, stopping: Callable[[], bool] = lambda: False
) -> Delivered:
    """Send every mail that is due, each in a transaction of its own; several processes may do so at once.

    Each mail is sent at least once. A crash after the server took it and before that was committed sends it a second time,
    with the same Message-ID and every other header and line the same, so that receivers can tell.

    A mail that was not taken is put off (`WAITS`), and has failed when all its tries are used; one that the server refuses for
    good (5xx to the recipient or the message) fails at once. When the server is away, or refuses us rather than a mail, the
    round ends with that mail: the others keep their tries. `stopping` is asked before each mail.
    """
    count = {"sent": 0, "put_off": 0, "failed": 0}
    trouble = ""
    with roll.database.open_runtime("openroll-post", role="application") as connection:
        while not stopping() and not trouble:
            with connection.transaction():
                mail = mails.take_due(connection, now)
                if mail is None:
                    break
                verdict, why = _attempt(roll, transport, write, mail)
                count[_settle(connection, mail, verdict, why, now)] += 1
                trouble = why if verdict == "away" else ""
    return Delivered(**count, trouble=trouble)


_Verdict = Literal["sent", "later", "away", "never"]


def _attempt(roll: Roll, transport: Transport, write: Write, mail: WaitingMail) -> tuple[_Verdict, str]:
    try:
        to = _unseal(roll, mail.id, "address", mail.address_sealed)
        link = {} if mail.link_sealed is None else {"link": _unseal(roll, mail.id, "link", mail.link_sealed)}
        letter = write(mail.template, mail.lang, {**mail.params, **link})
        host = roll.origin.partition("/")[0]
        transport.send(message_of(letter, mail.lang, number=mail.id, made=mail.made, to=to, host=host), to)
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


def _unseal(roll: Roll, number: UUID, purpose: str, sealed: bytes) -> str:
    bound = _bound(roll, number, purpose)
    try:
        return unseal(MAIL.of(roll.keys), sealed, bound)
    except CannotOpen:
        return unseal(OLD_MAIL.of(roll.keys), sealed, bound)  # it waited when mails had no key of their own yet


def _settle(connection: Connection, mail: WaitingMail, verdict: _Verdict, why: str, now: datetime) -> str:
    if verdict == "sent":
        mails.mark_sent(connection, mail.id, now)
        return "sent"
    if verdict == "never" or mail.tries >= len(WAITS):
        mails.mark_failed(connection, mail.id, why)
        return "failed"
    mails.put_off(connection, mail.id, now + WAITS[mail.tries], why)
    return "put_off"


def failed(roll: Roll) -> Sequence[FailedMail]:
    """The mails that did not go out and that nobody has settled, the oldest first: the registrar's to look at."""
    with roll.database.transaction("registrar") as connection:
        return mails.failed(connection)


def retry(roll: Roll, number: UUID, address: str) -> bool:
    """Let a failed mail wait again, for an address given anew (the old one is erased); whether there was one.

    Raises ValueError when the address is none.
    """
    sealed = _seal(roll, number, "address", checked_address(address))
    with roll.database.transaction("registrar") as connection:
        return mails.again(connection, number, sealed, roll.clock())


def give_up(roll: Roll, number: UUID) -> bool:
    """Settle a failed mail without sending it: it leaves the registrar's work, and its row stays. Whether there was one."""
    with roll.database.transaction("registrar") as connection:
        return mails.give_up(connection, number, roll.clock())


def post_state(roll: Roll) -> Mapping[str, int]:
    """How many mails are `waiting`, `sent` and `failed`. Those given up are in none."""
    with roll.database.transaction("registrar") as connection:
        return {"waiting": 0, "sent": 0, "failed": 0, **mails.counts(connection)}


class Delivering:
    """Rounds of the post in a thread of their own: soon after a nudge, and every 20 seconds in any case.

    Without a transport there are none: mails wait, `delivers` is false, and `post_state` says how many.
    """

    ANYWAY = 20.0

    def __init__(self, roll: Roll, transport: Transport | None, write: Write) -> None:
        self._roll = roll
        self._transport = transport
        self._write = write
        self._wake = threading.Event()
        self._stop = threading.Event()
        self.trouble = ""
        self._thread = threading.Thread(target=self._work, name="delivering", daemon=True)
        if self.delivers:
            self._thread.start()

    @property
    def delivers(self) -> bool:
        """Whether there is a mail server to send to."""
        return self._transport is not None

    def wake(self) -> None:
        """There is something to send."""
        self._wake.set()

    def close(self) -> None:
        """Stop after the mail that is being sent. What waits still waits at the next start."""
        self._stop.set()
        self._wake.set()
        if self.delivers:
            self._thread.join()

    def _work(self) -> None:
        while not self._stop.is_set():
            self._round()
            self._wake.wait(self.ANYWAY)
            self._wake.clear()

    def _round(self) -> None:
        assert self._transport is not None  # noqa: S101 - the thread is started with one only
        try:
            done = deliver_due(self._roll, self._transport, self._write, self._roll.clock(), stopping=self._stop.is_set)
            self.trouble = done.trouble
        except Exception as error:
            # The round must not end the thread: a database that restarts is there again at the next one.
            self.trouble = f"{type(error).__name__}: {error}"
