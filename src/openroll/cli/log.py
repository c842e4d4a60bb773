"""Commands on what is kept: the log, the projections, receipts."""

from pathlib import Path

from cyclopts import App

from openroll.cli import keys
from openroll.cli.say import bar, fail, out, refuse
from openroll.cli.wiring import Wiring
from openroll.register.decision import Refused
from openroll.service.fsck import fsck as check_log
from openroll.service.keys import KeyNotHeld
from openroll.service.ratchet import Forked
from openroll.service.reading import by_code
from openroll.service.rebuild import rebuild as rebuild_all
from openroll.service.receipts import receipt as make_receipt
from openroll.service.sequencer import Sequencer


def add(app: App, wiring: Wiring) -> None:
    """Add the commands on the log and the projections."""
    logs = App(name="log", help="The public log.")
    app.command(logs)
    keys.add(app, logs, wiring)

    @logs.command
    def sequence() -> None:
        """Give waiting events their places, and finish whatever a crash left unfinished."""
        with bar() as show:
            try:
                done = Sequencer(wiring.roll()).run_until_empty(lambda now: show("log", now.size, 0))
            except (Forked, KeyNotHeld) as error:
                fail(f"nothing was signed: {error}.", 1)
        out.print(f"The log has {done.size:,} entries.")

    @logs.command
    def fsck() -> None:
        """Recompute the tree from the entries and compare it with tiles, checkpoint and facts; names the first difference."""
        with bar() as show:
            result = check_log(wiring.roll(), lambda done, of: show("entries", done, of))
        if result.fault is not None:
            fail(f"{result.fault.where}: {result.fault.what}.", 1)
        out.print(f"Good: {result.size:,} entries give the root {result.root} that is signed.")

    @app.command
    def rebuild(*, check: bool = False) -> None:
        """Rebuild every projection from the events.

        Parameters
        ----------
        check
            Compare only, and name the first difference; nothing is written.
        """
        with bar() as show:
            result = rebuild_all(wiring.roll(), replace=not check, progress=lambda done: show("events", done, 0))
        for found in result.differences:
            out.print(
                f"{found.table} {found.key}: kept {found.kept or 'nothing'}, rebuilt {found.rebuilt or 'nothing'}"
            )
        if check and result.differences:
            raise SystemExit(1)
        mended = f", {len(result.differences)} tables mended" if result.differences else ""
        out.print(f"Good: {result.events:,} events give the {result.rows:,} records kept{mended}.")

    @app.command
    def receipt(code: str, /, *, version: int = 1, output: Path | None = None) -> None:
        """Write the receipt of a filing, by its filing code.

        Parameters
        ----------
        code
            The filing code, 16 digits, in quotation marks if there are spaces.
        version
            Which fact of the record: 1 is the filing itself.
        output
            Where to write it (default: CODE.tlog-proof).
        """
        roll = wiring.roll()
        record = by_code(roll, code)
        if isinstance(record, Refused):
            refuse(record)
        proof = make_receipt(roll, record.number, version)
        if isinstance(proof, Refused):
            refuse(proof)
        path = output or Path(record.code.replace(" ", "") + ".tlog-proof")
        path.write_bytes(proof)
        out.print(f"Wrote {path}. To check it: python -m openroll.tlog verify {path} --key log.pub", soft_wrap=True)

    @app.command
    def serve(*, host: str = "127.0.0.1", port: int = 8000) -> None:
        """Serve pages, API and log, and give filings their places as they come."""
        wiring.serve(host, port)
