"""A roll with its application in this process: its clock is ours to move, and everyone may sit down in it."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import msgspec
from litestar.testing import TestClient
from psycopg import sql

from openroll.compose.server import application
from openroll.compose.settings import WebSettings
from openroll.register.decision import Accepted
from openroll.register.organisation.commands import AdmitOrganisation
from openroll.register.organisation.roles import Seat
from openroll.rules.language import PRESET_LANGUAGES
from openroll.service.expiry import SWEEPS, sweep
from openroll.service.governance.figures import count_day
from openroll.service.identity.api_tokens import issue_token
from openroll.service.identity.people import admit_organisation
from openroll.service.roll import Roll
from openroll.store.schema import drop
from tests.conftest import Ticking, opened
from tests.web.visitor import Visitor

ADDRESS = "https://roll.example"
SEATS = (
    "east/clerk",
    "east/operator-lead",
    "registrar/registrar",
    "registrar/registrar-lead",
    "bureau/officer",
    "bureau/officer-lead",
    "panel/reviewer",
    "panel/reviewer-lead",
)
"""The eight kinds of seat there are, one of each."""
ACTS = (
    "event",
    "subscription",
    "operator",
    "organisation",
    "person",
    "invitation",
    "token",
    "provider",
    "subject",
    "passkey",
    "ceremony",
    "upload",
    "work",
    "proposal",
    "rule_version",
    "published_figures",
    "idempotency",
)
"""Tables that change only when somebody does something. (Sessions are seen; log and machine follow what was done.)"""

OF_THE_MACHINE = frozenset(
    {
        *("placed", "head", "checkpoint", "cosignature", "tile", "bundle", "tally", "sequencer_round"),
        *("lease", "mutex", "regular_work", "wall"),
    }
)
"""Tables in which the log goes on, and processes say that they are there, whoever does something or nothing."""


OPEN = WebSettings(address=ADDRESS, null_sign_in=True, filings_alone=1_000_000, site_look_ups=1_000_000)
"""What a house is opened with, if nothing else is said."""


class House:
    """The application over a roll of its own."""

    def __init__(self, roll: Roll, client: TestClient) -> None:  # type: ignore[type-arg]
        self.roll = roll
        self.client = client

    def visitor(self, address: str = ADDRESS) -> Visitor:
        """Somebody new, without a cookie; `address` is the one their browser believes to be at."""
        return Visitor(address, self.client)

    def sitting(self, seat: str) -> Visitor:
        """Who sits in a seat, such as `east/clerk`, in a session of its own: the roll's clock runs fast."""
        return self.visitor().take_seat(seat)

    def filed(self) -> tuple[Visitor, str]:
        """A subscriber who has just filed, and their filing code."""
        visitor = self.visitor()
        return visitor, visitor.file_alone()

    def token(self, operator: str = "east") -> str:
        """A new token of an operator's."""
        token = issue_token(self.roll, operator, "attack")
        assert isinstance(token, str)
        return token

    def pass_time(self, time: timedelta) -> None:
        """Move the roll's clock on."""
        clock = self.roll.clock
        assert isinstance(clock, Ticking)
        clock.now += time

    def sweep_ahead(self) -> None:
        """Take away at once what the machine would take away by itself within a day, of sessions within five minutes.

        Before something long is compared: what tests before it have left half done would run out in the midst of it.
        """
        sweep(self.roll)
        with self.roll.database.own() as connection:
            for name, taken in SWEEPS.items():
                ahead = timedelta(minutes=5) if name == "sessions" else timedelta(days=1)
                taken(connection, self.roll.clock() + ahead)

    def rows(self) -> dict[str, int]:
        """As `acts`, of every table that the machine does not write by itself, but for when a session was seen."""
        with self.roll.database.own() as connection:
            every = connection.execute("select tablename from pg_tables where schemaname = current_schema()")
            tables = [str(table) for (table,) in every if table not in OF_THE_MACHINE]
        assert "event" in tables
        return self.acts(tables)

    def acts(self, tables: Sequence[str] = ACTS) -> dict[str, int]:
        """What people have done so far: the rows of each table, folded into a number."""
        with self.roll.database.own() as connection:
            found = {}
            for table in tables:
                name = sql.Identifier(table)
                # What the machine does by itself meanwhile is no act: it takes files in hand, and says that the log stands still.
                whose = sql.SQL(" where owner <> 'machine' and kind <> 'log'" if table == "work" else "")
                what = sql.SQL({"upload": "t.id", "session": "t.hash"}.get(table, "t"))
                row = connection.execute(
                    sql.SQL("select coalesce(sum(hashtextextended({}::text, 0)), 0) from {} t").format(what, name)
                    + whose
                ).fetchone()
                found[table] = int(row[0]) if row else 0
        return found


@contextmanager
def house(
    database_url: str,
    home: Path,
    name: str,
    web: WebSettings | None = None,
    *,
    languages: tuple[str, ...] = PRESET_LANGUAGES,
) -> Iterator[House]:
    """Open a roll with an authority (`bureau`) and a reviewer (`panel`), and its application.

    Its what-if measures a village, and does not give way to the tests beside it: walks of all pages would wait for it else.
    """
    roll = opened(database_url, home / name, name, languages=languages)
    for organisation, kind in (("bureau", "authority"), ("panel", "reviewer")):
        command = AdmitOrganisation(
            organisation=organisation, kind=kind, title={"zh": "某局", "en": organisation.title()}
        )
        assert isinstance(admit_organisation(roll, command, Seat("registrar", 0)), Accepted)
    count_day(roll)  # as the server does a moment after its start: pages that are compared then count the same
    app = application(
        roll,
        msgspec.structs.replace(web or OPEN, what_if_city="village", what_if_idle=False),
    )
    try:
        with TestClient(app, base_url=ADDRESS, raise_server_exceptions=False) as client:
            yield House(roll, client)
    finally:
        drop(database_url, name)


def name_of(what: str) -> str:
    """A name for a roll that no other process of the tests uses."""
    return f"{what}{os.getpid()}"
