"""Commands on what is kept: the log and the projections."""

from pathlib import Path

from cyclopts import App

from openroll.cli import keys
from openroll.cli.arguments import spoken
from openroll.cli.output import bar, fail, out
from openroll.cli.wiring import Wiring
from openroll.cli.words_files import folder_of_place, take_words
from openroll.service.filing.rebuild import FactUnfit, Rebuilt, not_covered
from openroll.service.filing.rebuild import rebuild as rebuild_all
from openroll.service.keys import KeyNotHeld
from openroll.service.log.fsck import fsck as check_log
from openroll.service.log.publishing import PASSED_BY
from openroll.service.log.ratchet import Forked
from openroll.service.log.sequencer import RoundElsewhere, Sequencer


def add(app: App, wiring: Wiring) -> None:
    """Add the commands on the log and the projections."""
    logs = App(name="log", help="The public log.")
    app.command(logs)
    keys.add(app, logs, wiring)

    _add_sequence(wiring, logs)
    _add_fsck(wiring, logs)
    _add_rebuild(app, wiring)
    _add_serve(app, wiring)


def _add_sequence(wiring: Wiring, logs: App) -> None:
    @logs.command
    def sequence() -> None:
        """Give waiting events their places, and finish whatever a crash left unfinished."""
        sequencer = Sequencer(wiring.roll())
        with bar() as show:
            try:
                done = sequencer.run_until_empty(lambda now: show("log", now.size, 0))
            except (Forked, KeyNotHeld, RoundElsewhere) as error:
                fail(f"nothing was signed: {error}.", 1)
            finally:
                sequencer.close()
        out.print(f"The log has {done.size:,} entries.")
        for sentence in sequencer.cosigning.troubles:
            out.print(f"Not cosigned: {sentence}.", soft_wrap=True)


def _add_fsck(wiring: Wiring, logs: App) -> None:
    @logs.command
    def fsck() -> None:
        """Recompute the tree from the entries and compare it with tiles, checkpoint and facts; names the first difference."""
        with bar() as show:
            result = check_log(wiring.roll(), lambda done, of: show("entries", done, of))
        if result.fault is not None:
            fail(f"{result.fault.where}: {result.fault.what}.", 1)
        for position in result.silent:
            out.print(
                f"Entry {position} is an official act longer than an entry can be: the log holds its commitment alone.",
                soft_wrap=True,
            )
        if result.waiting is not None:
            out.print(
                f"Not placed: an event has waited {result.waiting:,.0f} seconds. `openroll status` says for what."
            )
        if result.lost:
            out.print(f"Without their facts: {result.lost:,} entries, no more than the acts log.restored/1 say.")
        out.print(f"Good: {result.size:,} entries give the root {result.root} that is signed.")


def _add_rebuild(app: App, wiring: Wiring) -> None:
    @app.command
    def rebuild(*, check: bool = False) -> None:
        """Rebuild every projection from the events.

        Parameters
        ----------
        check
            Compare only, and name each row that differs; nothing is written. Says too which tables are not made from events.
        """
        try:
            with bar() as show:
                result = rebuild_all(wiring.roll(), replace=not check, progress=lambda done: show("events", done, 0))
        except FactUnfit as error:
            fail(f"{error}. No roll writes such a fact: bring back a copy of before it (`openroll restore FOLDER`).", 1)
        for found in result.differences:
            out.print(
                f"{found.table} {found.key}: kept {found.kept or 'nothing'}, rebuilt {found.rebuilt or 'nothing'}",
                soft_wrap=True,
            )
        if check:
            _print_not_covered()
        if result.passed_by:
            out.print(f"{PASSED_BY.format(result.passed_by)}.", soft_wrap=True)
        _end_if_differing(result, check=check)
        mended = f", {len(result.differences)} rows mended" if result.differences else ""
        out.print(f"Good: {result.events:,} events give the {result.rows:,} records kept{mended}.")
        if result.derived_until is not None:
            out.print(
                f"Look after old copies: {result.derived:,} facts filed or told on pages until"
                f" {result.derived_until:%Y-%m-%d} hide what was told by salts that can be computed by whoever has the key"
                " of filing codes and a backup or escrow deposit of before this roll was upgraded. Destroy those copies,"
                " or guard them as if the names stood in them (docs/keys.md, Older copies).",
                soft_wrap=True,
            )


def _add_serve(app: App, wiring: Wiring) -> None:
    @app.command
    def serve(*, host: str = "127.0.0.1", port: int = 8000, workers: int = 1, jurisdiction: Path | None = None) -> None:
        """Serve pages, API and log, and give filings their places as they come.

        Stopped (SIGTERM), it takes nothing new, finishes what it has in hand and acknowledges it. A new server may be started
        beside the old one, on the same port: it takes over when that one is stopped.

        Parameters
        ----------
        workers
            Processes that share the port; one of them gives filings their places, another when it dies.
        jurisdiction
            The jurisdiction's folder, whose words are taken anew (`words/TAG.po`). The rest changes by a published act alone.
        """
        if jurisdiction is not None and wiring.roll_home.is_dir():
            with spoken("serve"):
                take_words(folder_of_place(jurisdiction), wiring.roll_home)
        wiring.serve(host, port, workers)


def _print_not_covered() -> None:
    out.print("Not compared, as they are not made from events:")
    for table, why in not_covered().items():
        out.print(f"  {table}: {why}", soft_wrap=True)


def _end_if_differing(result: Rebuilt, *, check: bool) -> None:
    """Status 1 while anything differs or has no place. What events do not tell whole `rebuild` names and leaves."""
    if check and (result.differences or result.passed_by):
        raise SystemExit(1)
    if result.left:
        tables = ", ".join(dict.fromkeys(one.table for one in result.left))
        fail(
            f"{tables}: events do not tell these tables whole, so their rows were left as they are. Who wrote to them? Bring"
            " the rows back from a backup (openroll backup restore), and ask the event's record which seat acted.",
            1,
        )
