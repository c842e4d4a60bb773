"""Failed sign-ins and refusals, written down for who keeps the roll: who by a keyed hash, what and when. Never what was typed.

`refusals.log` in the roll's folder holds a line of JSON for each (`at` in UTC, `what` as sign-in, refused or missed, the route as
the table of routes has it, the status, and who), and for each sign-in of a seat (`signed-in`); when somebody opened a filing is
nobody's business. What one source repeats within a minute is one line more, with how many `times`: a flood does not push older
lines out soon. Two lines have the same `who` when they came from the same address, or network of
64 bits for IPv6; nobody reads an address back without the roll's key, and not from a backup, which leaves the file out. It is
rotated at a megabyte or after a month; nine older files are kept, for three months at most.
"""

import fcntl
import hashlib
import hmac
import json
import os
import threading
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from openroll.durable import PRIVATE, make_private, open_to_write
from openroll.service.key_labels import REFUSAL_LOG
from openroll.service.roll import Roll
from openroll.traffic import networks

MOST_BYTES, MOST_FILES = 1_000_000, 9
TOGETHER, MOST_COUNTED = timedelta(minutes=1), 5_000
"""Repeats within this time are one line; so many different lines are remembered for it."""
ROTATED_AFTER, KEPT_FOR = timedelta(days=30), timedelta(days=90)
SIGN_INS = frozenset(
    {
        "POST /{lang}/find",
        "POST /{lang}/sign-in/null",
        "GET /{lang}/sign-in/with/{organisation}",
        "GET /sign-in/back/{lang}",
        "GET /{lang}/join",
        "POST /{lang}/join",
        "POST /{lang}/passkey/sign-in",
        "POST /{lang}/passkey/join/options",
        "POST /{lang}/passkey/join",
        "POST /{lang}/passkey/hold",
        "POST /{lang}/passkey/add",
        "POST /api/v1/record",
        "POST /api/v1/receipt",
    }
)
"""Routes by which somebody gets in: whatever they refuse is a failed sign-in."""
LOOK_UPS = frozenset(
    {
        "POST /{lang}/registrar/records",
        "POST /{lang}/operator/records",
        "POST /{lang}/operator/records/release",
        "POST /{lang}/operator/unconfirmed",
    }
)
"""Routes by which officials look records up: what they miss is written down, as guessing from a seat is guessing too."""
_REFUSED = (401, 403, 429)


class _Line(NamedTuple):
    """What a line says, but for when and how often."""

    what: str
    route: str
    status: int
    who: str
    seat: str

    def said(self, now: datetime, times: int) -> bytes:
        """The line itself."""
        whole = {"at": now.isoformat(timespec="seconds")} | self._asdict() | ({"times": times} if times > 1 else {})
        return json.dumps(whole).encode() + b"\n"


class RefusalLog:
    """The file, written line by line as things are refused."""

    def __init__(self, roll: Roll) -> None:
        self._path = roll.home / "refusals.log"
        self._clock = roll.clock
        self._key = REFUSAL_LOG.of(roll.keys)
        self._lock = threading.Lock()
        self._begun: datetime | None = None
        self._file = -1
        self._looked: datetime | None = None
        self._counted: dict[_Line, tuple[datetime, int]] = {}
        """What was written within a minute, in that order: since when, and how often it was repeated."""

    def concerns(self, method: str, route: str, status: int) -> bool:
        """Whether an answer is a failed sign-in, a refusal, or a record that an official looked up in vain."""
        return status in _REFUSED or (400 <= status < 500 and f"{method} {route}" in SIGN_INS | LOOK_UPS)

    def write(
        self, method: str, route: str, status: int, *, source: str, seat: str = "", came_in: bool = False
    ) -> None:
        """Write one down; `came_in` where somebody signed in to a seat. It blocks: not for the event loop.

        A disk that takes nothing stops nobody's request: what is lost then is this line.
        """
        now = self._clock()
        line = f"{method} {route}"
        what = "signed-in" if came_in else "sign-in" if line in SIGN_INS else "refused"
        what = "missed" if line in LOOK_UPS and status == 404 else what
        one = _Line(what, line, status, self._who(source), seat)
        with self._lock, suppress(OSError):
            due = self._due(now)
            if came_in:
                due.append(one.said(now, 1))  # each: nobody signs in to a seat in a flood
            elif one in self._counted:
                self._counted[one] = (self._counted[one][0], self._counted[one][1] + 1)
            else:
                self._counted[one] = (now, 0)
                due.append(one.said(now, 1))
            if due:
                self._append(now, due)

    def _due(self, now: datetime) -> list[bytes]:
        """The lines of what was repeated and whose minute is over, or for which there is no more room."""
        due = []
        while self._counted:
            one, (since, times) = next(iter(self._counted.items()))
            if timedelta() <= now - since < TOGETHER and len(self._counted) < MOST_COUNTED:
                break
            del self._counted[one]
            if times:
                due.append(one.said(now, times))
        return due

    def _append(self, now: datetime, lines: list[bytes]) -> None:
        make_private(self._path.parent)
        # Other processes of the roll write into the same file: one of them at a time puts it aside.
        with open_to_write(self._path.with_suffix(".lock"), PRIVATE, os.O_APPEND) as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self._rotate(now)
            with open_to_write(self._path, PRIVATE, os.O_APPEND) as file:
                file.write(b"".join(lines))

    def _who(self, source: str) -> str:
        return hmac.digest(self._key, networks(source)[0].encode(), hashlib.sha256).hex()[:16]

    def _rotate(self, now: datetime) -> None:
        """Put the file aside when it is large or old, and take away what is older than it may be."""
        if self._looked is None or now - self._looked > timedelta(days=1):
            self._looked = now
            for old in self._older():
                if now - (_time(old, -1) or now) > KEPT_FOR:
                    old.unlink(missing_ok=True)
        if not self._path.exists():
            return
        if self._path.stat().st_ino != self._file:  # another process put the one aside that was known
            self._file, self._begun = self._path.stat().st_ino, None
        self._begun = self._begun or _time(self._path, 0) or now
        if self._path.stat().st_size < MOST_BYTES and now - self._begun < ROTATED_AFTER:
            return
        for number in range(MOST_FILES, 1, -1):
            before = self._numbered(number - 1)
            if before.exists():
                before.replace(self._numbered(number))
        self._path.replace(self._numbered(1))
        self._begun = now

    def _numbered(self, number: int) -> Path:
        return self._path.with_name(f"{self._path.name}.{number}")

    def _older(self) -> list[Path]:
        return [path for number in range(1, MOST_FILES + 1) if (path := self._numbered(number)).exists()]


def _time(path: Path, place: int) -> datetime | None:
    """When the first (0) or the last (-1) line that can be read was written; None where there is none."""
    lines = path.read_bytes().splitlines()
    for line in lines if place == 0 else reversed(lines):
        with suppress(ValueError, LookupError, TypeError):
            return datetime.fromisoformat(json.loads(line)["at"])
    return None
