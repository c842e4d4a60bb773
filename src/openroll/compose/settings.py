"""Settings, from the environment: where things are kept, which database, which roll, by which clock."""

import os
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from openroll.service.roll import Clock
from openroll.service.smtp import Smtp, smtp_of


class Doors(msgspec.Struct, frozen=True):
    """How people reach the pages: their public address, whether one proxy stands in front, and the development sign-in.

    Passkeys belong to the host of `address`, so it is a name and not a number: http://localhost on a desk, https elsewhere.
    """

    address: str = ""
    behind_proxy: bool = False
    null_sign_in: bool = False


class Settings(msgspec.Struct, frozen=True):
    """What a process runs with.

    `home` keeps keys, ratchets, public files and the private PostgreSQL. `database_url` is empty for that private one. `day`
    lets a demonstration live on another day: its clock starts there at the moment `began` (both UTC). `smtp` and
    `mail_from` name the mail server and the address mails come from; without them mails wait. `clock_was_wrong` says that the
    time of the newest head was wrong: without it nothing is written by a clock that stands before it.
    """

    home: Path
    roll: str
    database_url: str = ""
    shift: timedelta = timedelta()
    doors: Doors = Doors()
    smtp: str = ""
    mail_from: str = ""
    clock_was_wrong: bool = False

    @property
    def roll_home(self) -> Path:
        """Where this roll's keys, ratchet and public files are."""
        return self.home / "rolls" / self.roll

    def transport(self) -> Smtp | None:
        """The mail server, or None when none is set. Raises ValueError with the name of the setting that is wrong."""
        return smtp_of(self.smtp, self.mail_from) if self.smtp else None

    def clock(self) -> Clock:
        """The clock: the machine's, or for a demonstration the machine's moved by a fixed time."""
        shift = self.shift
        return lambda: datetime.now(UTC) + shift


def settings_from(environment: Mapping[str, str] = os.environ) -> Settings:
    """Read OPENROLL_HOME, OPENROLL_ROLL, DATABASE_URL, OPENROLL_SHIFT_DAYS, OPENROLL_CLOCK_WAS_WRONG and the mail server's.

    Raises ValueError with the name of a bad one.
    """
    shift = environment.get("OPENROLL_SHIFT_DAYS", "0")
    if not shift.lstrip("-").isdigit():
        raise ValueError(f"OPENROLL_SHIFT_DAYS is a whole number of days, not {shift!r}")
    settings = Settings(
        home=Path(environment.get("OPENROLL_HOME", "var")).absolute(),
        roll=environment.get("OPENROLL_ROLL", "chongqing-2006"),
        database_url=environment.get("DATABASE_URL", ""),
        shift=timedelta(days=int(shift)),
        doors=_doors(environment),
        smtp=environment.get("OPENROLL_SMTP", ""),
        mail_from=environment.get("OPENROLL_MAIL_FROM", ""),
        clock_was_wrong=environment.get("OPENROLL_CLOCK_WAS_WRONG", "0") == "1",
    )
    settings.transport()  # a wrong one is said now, not when the first mail waits
    return settings


def _doors(environment: Mapping[str, str]) -> Doors:
    address = environment.get("OPENROLL_ADDRESS", "")
    parts = urlsplit(address)
    local = parts.hostname in ("localhost", "127.0.0.1", "::1")
    if address and (parts.scheme not in ("http", "https") or parts.path or (parts.scheme == "http" and not local)):
        raise ValueError(f"OPENROLL_ADDRESS is https and a host, as https://roll.example, not {address!r}")
    return Doors(
        address,
        environment.get("OPENROLL_BEHIND_PROXY", "0") == "1",
        environment.get("OPENROLL_NULL_SIGN_IN", "0") == "1",
    )


random_bytes = secrets.token_bytes
"""Where salts and keys come from: the operating system's randomness."""
