"""The operator's commands: pack a list of subscribers, and file it."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from openroll.cli.say import bar, err, fail, out, refuse, show_faults
from openroll.cli.wiring import Wiring
from openroll.register.districts import load as load_districts
from openroll.register.terms import terms_of
from openroll.rules import NoSuchRule, RuleFaults, load
from openroll.service.batch import FileRefused, take_file
from openroll.service.reading import codes as filing_codes
from openroll.service.sequencer import Sequencer
from openroll.sheet import faults_csv
from openroll.sheet.pack import pack as pack_list

Faults = Annotated[Path | None, Parameter(help="Write the first 1,000 faults here as CSV.")]


def add(app: App, wiring: Wiring) -> None:
    """Add the operator's commands."""

    @app.command
    def pack(
        subscribers: Path,
        /,
        *,
        rule: str,
        districts: str = "cn-cq-2006",
        output: Annotated[Path | None, Parameter(name=["--output", "-o"])] = None,
        again: Path | None = None,
        faults: Faults = None,
    ) -> None:
        """On the operator's side: split a list of subscribers into a filing file and the operator's own disclosures.

        Needs no roll and no network. Personal values stay in the disclosures file; only digests go into the filing file.

        Parameters
        ----------
        subscribers
            A CSV with handle, kind, access, district, connected, and the rule's personal fields.
        rule
            The rule of the roll it is for.
        districts
            The roll's list of districts.
        output
            The filing file (default: SUBSCRIBERS.filing.csv); the disclosures go beside it.
        again
            The disclosures of the last time, to keep the digests of what did not change.
        """
        filing = output or subscribers.with_suffix(".filing.csv")
        kept = filing.with_name(filing.name.removesuffix(".csv").removesuffix(".filing") + ".disclosures.ndjson")
        try:
            loaded = load(rule)
            terms = terms_of(loaded, load_districts(districts), (wiring.clock() + timedelta(hours=14)).date())
        except (NoSuchRule, RuleFaults, FileNotFoundError) as error:
            fail(str(error))
        with bar() as show:
            size = subscribers.stat().st_size if subscribers.is_file() else 0
            packed = pack_list(
                subscribers,
                filing,
                kept,
                fields=loaded.fields,
                terms=terms,
                random=wiring.random,
                again=again,
                progress=lambda done: show("packing", done, size),
            )
        if packed.fault_count:
            show_faults(packed.faults, packed.fault_count)
            if faults is not None:
                faults.write_text(faults_csv(packed.faults), encoding="utf-8-sig")
            raise SystemExit(1)
        out.print(
            f"Packed {packed.rows:,} rows.\n  to send: {filing}\n  to keep: {kept} (it opens the digests; guard it)"
        )

    @app.command
    def codes(*, operator: str, output: Annotated[Path, Parameter(name=["--output", "-o"])]) -> None:
        """Write the filing codes of an operator's own subscriptions as CSV, for it to hand to its subscribers.

        A code opens one filing to whoever holds it: the file is readable by its owner only.

        Parameters
        ----------
        operator
            The operator's short name.
        output
            Where to write handle and code. It must not be there yet.
        """
        roll = wiring.roll()
        with (
            bar() as show,
            os.fdopen(os.open(output, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file,
        ):
            file.write("handle,code\n")
            count = 0
            for count, (handle, code) in enumerate(filing_codes(roll, operator), 1):
                file.write(f"{handle},{code}\n")
                show("codes", count, 0)
        out.print(
            f"Wrote {count:,} filing codes to {output}. Hand each to its subscriber, then guard or destroy the file."
        )

    @app.command
    def file(
        path: Path, /, *, operator: str, dry_run: bool = False, faults: Faults = None, sequence: bool = True
    ) -> None:
        """File a packed file. With any fault it is refused whole; sent again after a crash it is finished.

        Parameters
        ----------
        path
            The filing file: CSV, NDJSON or Parquet.
        operator
            The operator's short name.
        dry_run
            Do everything but write.
        sequence
            Give the filings their places in the log at once, rather than leave that to the server.
        """
        roll = wiring.roll()
        with bar() as show:
            size = path.stat().st_size if path.is_file() else 0
            result = take_file(roll, operator, path, size=size, dry_run=dry_run, progress=show)
        if isinstance(result, FileRefused):
            if result.fault_count:
                show_faults(result.faults, result.fault_count)
            if faults is not None:
                faults.write_text(result.faults_csv, encoding="utf-8-sig")
            refuse(result.refused)
        if dry_run:
            out.print(f"Would file {result.stored:,} of {result.rows:,} rows. Nothing was written.")
            return
        if not result.stored:
            out.print(f"This file was taken before, whole ({result.rows:,} rows). Nothing was changed.")
            return
        out.print(f"Filed {result.stored:,} of {result.rows:,} rows; the file's digest is {result.digest}.")
        if sequence:
            with bar() as show:
                done = Sequencer(roll).run_until_empty(lambda now: show("log", now.size, 0))
            err.print(f"The log has {done.size:,} entries.")
