"""The entry point of `openroll`: settings, wiring, and the command line over them."""

import os
import sys
import traceback
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from types import TracebackType

import psycopg

from openroll import cli
from openroll.bench.command import app_of
from openroll.compose import rolls
from openroll.compose.settings import Settings, random_bytes, settings_from
from openroll.disk_room import is_full, say_full
from openroll.service.governance.open_roll import NoSuchRoll
from openroll.service.kinds import kinds_of
from openroll.service.roll import NotNow, Roll
from openroll.service.work import Registry
from openroll.store.address import without_password
from openroll.store.connect import Database, is_away
from openroll.store.rights import begin_request, stands
from openroll.store.waiting import WAITED_OUT
from openroll.tlog import printable
from openroll.words.catalogue import use_own
from openroll.words.mails import write

STANDS = ". A part of what this command does was done before, and stands: look what is there before you run it again"


class Process:
    """The wiring that commands get: database, roll and servers of this process's settings."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.home: Path = settings.home
        self.data: Path | None = None if settings.database_url else settings.home / "postgres"
        self.roll_home: Path = settings.roll_home
        self.roll_name: str = settings.roll
        self.address: str = settings.web.address or "http://localhost:8000"
        self.clock: Callable[[], datetime] = settings.clock()
        self.given = settings.given
        self.random: Callable[[int], bytes] = random_bytes

    def database(self, *, making: bool = False) -> Database:
        """The database of the roll, or for who is `making` one, where it will be."""
        return rolls.database(self._settings, making=making)

    def roll(self) -> Roll:
        """The open roll."""
        return rolls.roll(self._settings)

    def kinds(self, roll: Roll) -> Registry:
        """The background worker's kinds of work, for commands that do them."""
        return kinds_of(roll, self._settings.transport(), write, looks=self._settings.looks())

    def serve(self, host: str, port: int, workers: int) -> None:
        """Serve until stopped."""
        from openroll.compose.server import serve  # noqa: PLC0415 - commands that serve nothing start quicker without it

        serve(self._settings, host, port, workers)

    def serve_witness(self, settings: Path, host: str, port: int) -> None:
        """Serve a witness until stopped."""
        from openroll.compose.witness import serve  # noqa: PLC0415 - as above

        serve(settings, host, port)


CONNECTED_WITHIN = 5
"""Seconds that a database has to take up a connection where nobody says otherwise: a halted one would have over two minutes."""


def main() -> None:
    """Run the command line. Errors that a person can mend end in a sentence, not in a traceback."""
    sys.excepthook = _without_password
    os.environ.setdefault("PGCONNECT_TIMEOUT", str(CONNECTED_WITHIN))
    _take_no_modules_from_here()
    begin_request()
    try:
        settings = settings_from()
        for sentence in settings.unknown:
            print(f"openroll: {sentence}", file=sys.stderr)  # noqa: T201 - a command speaks by printing
        use_own(settings.words)
        process = Process(settings)
        app = cli.build(process)
        app.command(app_of(process))
        app()
    except (NoSuchRoll, NotNow, ValueError, psycopg.Error, OSError) as error:
        said = printable(without_password(said_of(error) + (STANDS if stands() else ""), _url()))
        print(f"openroll: {said}", file=sys.stderr)  # noqa: T201 - a command speaks by printing
        sys.exit(2)


def _take_no_modules_from_here() -> None:
    """Import nothing, keys in hand, that lies in the folder one happens to stand in.

    `python -m openroll` puts that folder before all others; it stays only where Openroll itself is run from it. Children have
    their own word for it (`child_process.SAFE_PATH`).
    """
    here = Path.cwd()
    if not Path(__file__).is_relative_to(here):
        sys.path[:] = [one for one in sys.path if one and Path(one) != here]


def said_of(error: Exception) -> str:
    """An error as a sentence: of the operating system's own, which file it is about; of the database's, what it means."""
    if isinstance(error, WAITED_OUT):
        said = " ".join(str(error).split())
        undone = "" if stands() else " Nothing was done."
        return (
            f"the database is busy with something else that this needs ({said}).{undone} Try again;"
            " `openroll status` names whose transactions are open"
        )
    if is_away(error):
        return _away(error)
    if isinstance(error, psycopg.Error) and error.sqlstate:
        return f"the database refuses what was asked of it: {_reason(error)} (SQLSTATE {error.sqlstate})"
    if isinstance(error, OSError) and is_full(error):
        return say_full(error)
    if isinstance(error, OSError) and error.filename and error.strerror:
        return f"{error.filename} cannot be used: {error.strerror}"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return " ".join(str(error).split())


def _away(error: Exception) -> str:
    """That the database is away, whose it is, and what to do; what the driver says of it stands in brackets."""
    if _url():
        return (
            f"the database that DATABASE_URL names does not answer ({_reason(error)}). Look whether it runs and lets this"
            " login in, and say the command again"
        )
    return (
        f"the roll's own PostgreSQL does not answer ({_reason(error)}): it is starting, or ended in the middle of this. Say"
        " the command again in some seconds; it starts it where it does not run"
    )


def _reason(error: Exception) -> str:
    """What the driver says of each server that it asked, without what it asks back on lines of their own."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip() and not line.startswith("\t")]
    said = "; ".join(lines) or type(error).__name__
    return said.removeprefix("connection failed: ").removeprefix("connection is bad: ")


def _url() -> str:
    return os.environ.get("DATABASE_URL", "")


def _without_password(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Excepthook: shows an unforeseen error whole, but for the database's password."""
    text = "".join(traceback.format_exception(kind, error, trace))
    print(without_password(text, _url()), file=sys.stderr, end="")  # noqa: T201 - as Python itself would
