"""Commands on subscriptions that go to another operator: which are on their way, and each step by which one goes."""

import csv
import sys

from cyclopts import App

from openroll.cli.output import out, refuse
from openroll.cli.wiring import Wiring
from openroll.register.decision import Refused
from openroll.service.filing import porting
from openroll.service.filing.porting import Party
from openroll.service.filing.submit import Taken
from openroll.service.identity.people import unknown
from openroll.service.queries import own_by_handle
from openroll.sheet.faults import safe_cell

COLUMNS = (
    "reference",
    "losing",
    "gaining",
    "asked",
    "mine",
    "until",
    "handle",
    "kind",
    "access",
    "district",
    "connected",
    "void",
)


def add(app: App, wiring: Wiring) -> None:
    """Add the commands on subscriptions that change their operator."""
    group = App(name="porting", help="Subscriptions that go to another operator, once both agree.")
    app.command(group)

    @group.command(name="list")
    def list_waiting(*, operator: str) -> None:
        """Write the subscriptions that are to leave an operator or to come to it as CSV, each with its last day."""
        roll = wiring.roll()
        if refused := unknown(roll, operator):
            refuse(refused)
        writer = csv.writer(sys.stdout)
        writer.writerow(COLUMNS)
        for one in porting.waiting(roll, operator):
            writer.writerow([safe_cell(str(getattr(one, name))) for name in COLUMNS])

    @group.command
    def offer(handle: str, /, *, operator: str, to: str) -> None:
        """Offer one of an operator's subscriptions to another operator."""
        roll = wiring.roll()
        record = own_by_handle(roll, operator, handle)
        if isinstance(record, Refused):
            refuse(record)
        _tell(porting.offer(roll, Party(operator), record.number, to), f"Offered to {to}.")

    _add_ask(wiring, group)
    _add_words(wiring, group)


def _add_ask(wiring: Wiring, group: App) -> None:
    @group.command
    def ask(code: str, /, *, operator: str, handle: str) -> None:
        """Ask for another operator's subscription by its filing code, to have it under a handle of one's own."""
        _tell(porting.ask(wiring.roll(), Party(operator), code, handle), "Asked. Its operator has to agree.")


def _add_words(wiring: Wiring, group: App) -> None:
    @group.command
    def agree(reference: str, /, *, operator: str, handle: str = "") -> None:
        """Agree to what the other operator offered or asked; with your own handle where it was offered."""
        _tell(porting.agree(wiring.roll(), Party(operator), reference, handle), "Agreed: it has gone over.")

    @group.command
    def withdraw(reference: str, /, *, operator: str, why: str = "") -> None:
        """Take an offer or an asking back, or decline it: the subscription stays where it is."""
        _tell(porting.withdraw(wiring.roll(), Party(operator), reference, why), "It stays where it is.")


def _tell(outcome: Taken | Refused, done: str) -> None:
    if isinstance(outcome, Refused):
        refuse(outcome)
    out.print(done)
