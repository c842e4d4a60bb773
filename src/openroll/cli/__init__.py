"""The commands. They translate, and decide nothing."""

from cyclopts import App

from openroll.cli import (
    audit,
    backup,
    handles,
    log,
    mirror,
    operator,
    people,
    receipts,
    recovery,
    registrar,
    status,
    tokens,
    unconfirmed,
    witness,
    work,
)
from openroll.cli.rule import app as rule_app
from openroll.cli.wiring import Wiring

__all__ = ["Wiring", "build"]


def build(wiring: Wiring) -> App:
    """The whole command line over what `wiring` provides."""
    app = App(
        name="openroll",
        help="A register of internet subscriptions under a published rule: operators file, people choose what to tell, "
        "and every official act leaves a proof.",
    )
    app.command(rule_app)
    # By name: the model's libraries take seconds to load, and only its own commands wait for them.
    app.command(
        "openroll.cli.whatif.commands:app",
        name="whatif",
        help="What a rule would do to a city, before anyone enforces it.",
    )
    for group in (
        registrar,
        people,
        tokens,
        operator,
        handles,
        unconfirmed,
        log,
        receipts,
        recovery,
        backup,
        witness,
        mirror,
        audit,
        work,
        status,
    ):
        group.add(app, wiring)
    return app
