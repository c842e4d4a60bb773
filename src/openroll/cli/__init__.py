"""The commands. They translate, and decide nothing."""

from cyclopts import App, Parameter

from openroll.cli import (
    audit,
    backup,
    envelopes,
    giving,
    handles,
    letters,
    lives,
    log,
    mirror,
    notices,
    operator,
    people,
    porting,
    propose,
    receipts,
    recovery,
    registrar,
    requests,
    status,
    tokens,
    unconfirmed,
    witness,
    work,
)
from openroll.cli.jurisdiction import app as jurisdiction_app
from openroll.cli.rule import app as rule_app
from openroll.cli.wiring import Wiring

__all__ = ["Wiring", "build"]


def _default(value: object) -> str | None:
    """What help says of an option that is left out; nothing where that is nothing."""
    if value is None or value is False or value in ("", ()):
        return None
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def build(wiring: Wiring) -> App:
    """The whole command line over what `wiring` provides."""
    app = App(
        name="openroll",
        help="A register of internet subscriptions under a published rule: operators file, people choose what to tell, "
        "and every official act leaves a proof.",
        # Nobody asks for --no-dry-run or --empty-title; an option whose opposite is meant says so itself.
        default_parameter=Parameter(negative="", show_default=_default),
    )
    app.command(rule_app)
    jurisdictions = App(name="jurisdiction", help=jurisdiction_app.help)
    jurisdictions.command(jurisdiction_app, name="*")
    propose.add(jurisdictions, wiring)
    app.command(jurisdictions)
    app.command(
        "openroll.cli.words:app",
        name="words",
        help="The words of a language: begin a catalogue, check it, translate it in a spreadsheet.",
    )
    # By name: the model's libraries take seconds to load, and only its own commands wait for them.
    app.command(
        "openroll.cli.whatif.commands:app",
        name="whatif",
        help="What a rule would do to a city, before anyone enforces it.",
    )
    # By name too: name servers and sites are asked with libraries that nothing else needs.
    app.command("openroll.cli.site_filing:app", name="site", help="Web sites: look at them, file them, look them up.")
    for group in (
        registrar,
        people,
        tokens,
        operator,
        handles,
        envelopes,
        giving,
        notices,
        requests,
        letters,
        unconfirmed,
        porting,
        lives,
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
