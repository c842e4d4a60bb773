"""Commands on requests: an authority asks, a reviewer decides, an operator answers, each from a machine of their own.

What names a record is sealed, opened and checked here; the roll has none of the keys (docs/requests.md).
"""

from cyclopts import App

from openroll.cli.requests import acts, answering, asking, exporting, figures, reading, rights, signing
from openroll.cli.wiring import Wiring


def add(app: App, wiring: Wiring) -> None:
    """Add the commands on requests."""
    group = App(name="request", help="Requests: an authority asks, another body decides, the operator answers.")
    app.command(group)
    rights.add(group)
    asking.add(group, wiring)
    acts.add(group)
    signing.add(group)
    reading.add(group)
    answering.add(group)
    exporting.add(group, wiring)
    figures.add(group)
