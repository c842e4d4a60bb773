"""Commands on the life of operators: how each stands, and what whoever keeps the machine does for the registrar."""

import csv
import sys

from cyclopts import App

from openroll.cli.output import out, refuse
from openroll.cli.wiring import Wiring
from openroll.register.decision import Decision, Refused
from openroll.service.governance import lives
from openroll.sheet.faults import safe_cell

COLUMNS = ("name", "ended", "heir", "to", "offered_by", "until", "announced", "ready", "accepted", "heard")


def add(app: App, wiring: Wiring) -> None:
    """Add the commands on operators that leave or are succeeded."""
    group = App(name="succession", help="Operators that leave, or that another one succeeds in all they had.")
    app.command(group)

    @group.command(name="list")
    def list_lives() -> None:
        """Write every operator there is or was as CSV: since when it is gone, who succeeded it, what is offered or announced."""
        writer = csv.writer(sys.stdout)
        writer.writerow(COLUMNS)
        for one in lives.lives(wiring.roll()):
            cells = (getattr(one, name) for name in COLUMNS)
            writer.writerow(["" if cell is None else safe_cell(str(cell)) for cell in cells])

    @group.command
    def announce(operator: str, /, *, heir: str) -> None:
        """Announce that another operator succeeds one that is gone; the heir agrees, and another person carries it out."""
        _tell(lives.offer_succession(wiring.roll(), operator, heir), f"Announced: {heir} is to succeed {operator}.")

    _add_ends(wiring, group)


def _add_ends(wiring: Wiring, group: App) -> None:
    @group.command
    def carry_out(operator: str, /) -> None:
        """Carry out what a lead of the registrar announced, once the notice is over."""
        _tell(lives.succeed(wiring.roll(), operator), f"{operator} is succeeded; its tokens, seats and sessions ended.")

    @group.command
    def withdraw(operator: str, /, *, why: str = "") -> None:
        """Take back what was announced."""
        _tell(lives.withdraw_succession(wiring.roll(), operator, why), "Taken back.")

    @group.command
    def leave(operator: str, /, *, why: str) -> None:
        """Have an operator leave the roll that answers for no subscription any more; `--why` stands in the public log."""
        _tell(lives.leave_roll(wiring.roll(), operator, why), f"{operator} is in the roll no more.")


def _tell(decision: Decision, done: str) -> None:
    if isinstance(decision, Refused):
        refuse(decision)
    out.print(done)
