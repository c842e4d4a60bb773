"""The entry point: settings, wiring, and the command line over them."""

import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import psycopg

from openroll import cli
from openroll.bench.command import app_of
from openroll.compose import rolls
from openroll.compose.settings import Settings, random_bytes, settings_from
from openroll.service.opening import NoSuchRoll
from openroll.service.roll import ClockBehind, Roll
from openroll.store.connect import Database


class Process:
    """What commands need, from the settings of this process."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.home: Path = settings.home
        self.data: Path | None = None if settings.database_url else settings.home / "postgres"
        self.roll_home: Path = settings.roll_home
        self.roll_name: str = settings.roll
        self.address: str = settings.doors.address or "http://localhost:8000"
        self.clock: Callable[[], datetime] = settings.clock()
        self.given = settings.given
        self.random: Callable[[int], bytes] = random_bytes

    def database(self) -> Database:
        """Where the roll is or will be."""
        return rolls.database(self._settings)

    def roll(self) -> Roll:
        """The open roll."""
        return rolls.roll(self._settings)

    def serve(self, host: str, port: int) -> None:
        """Serve until stopped."""
        from openroll.compose.server import serve  # noqa: PLC0415 - commands that serve nothing start quicker without it

        serve(self._settings, host, port)

    def serve_witness(self, settings: Path, host: str, port: int) -> None:
        """Serve a witness until stopped."""
        from openroll.compose.witness import serve  # noqa: PLC0415 - as above

        serve(settings, host, port)


def main() -> None:
    """Run the command line. Troubles that a person can mend end in a sentence, not in a traceback."""
    try:
        settings = settings_from()
        for sentence in settings.unknown:
            print(f"openroll: {sentence}", file=sys.stderr)  # noqa: T201 - a command speaks by printing
        process = Process(settings)
        app = cli.build(process)
        app.command(app_of(process))
        app()
    except (NoSuchRoll, ClockBehind, ValueError, psycopg.OperationalError, OSError) as error:
        print(f"openroll: {_said(error)}", file=sys.stderr)  # noqa: T201 - a command speaks by printing
        sys.exit(2)


def _said(error: Exception) -> str:
    """An error as a sentence; of the operating system's own, which file it is about."""
    if isinstance(error, OSError) and error.filename and error.strerror:
        return f"{error.filename} cannot be used: {error.strerror}"
    return str(error)
