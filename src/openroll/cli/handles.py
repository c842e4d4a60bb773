"""Commands on handles: the operator's key and what it makes, and how many old handles a roll still has."""

import sys
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from openroll.cli.key_files import read_private, write_private
from openroll.cli.output import bar, err, fail, out, refuse, show_encodings, show_faults, write_faults
from openroll.cli.table import Rows
from openroll.cli.wiring import Wiring
from openroll.register.subscription.handle import (
    KEY_BYTES,
    AccountUnfit,
    KeyDamaged,
    handle_of,
    key_id,
    key_line,
    key_of,
)
from openroll.service.filing.handles import old_handles
from openroll.service.identity.people import unknown
from openroll.sheet import faults_csv
from openroll.sheet.rehandle import accounts_by_handle, add_accounts, write_rehandling

_Key = Annotated[Path, Parameter(help="Your handle key, as `openroll handle new-key` made it.")]
_Encoding = Annotated[str, Parameter(help="The encoding of a list that is not in UTF-8, as big5 or windows-1252.")]
_Output = Annotated[Path, Parameter(name=["--output", "-o"])]


def add(app: App, wiring: Wiring) -> None:
    """Add the commands on handles."""
    handles = App(name="handle", help="Handles: made of an operator's own account numbers by a key of its own.")
    app.command(handles)

    _add_new_key(wiring, handles)
    _add_handles_of(handles)
    _add_lists(handles)
    _add_left(wiring, handles)


def _add_new_key(wiring: Wiring, handles: App) -> None:
    @handles.command
    def new_key(path: Path, /) -> None:
        """On the operator's side: make a handle key, once. It never leaves you: keep a copy where your backups are.

        Parameters
        ----------
        path
            Where to write it. It must not be there yet; it is readable by its owner only.
        """
        key = wiring.random(KEY_BYTES)
        write_private(path, key_line(key).encode(), "A key")
        told = "Keep it, and a copy: without it your own numbers lead to no record."
        out.print(f"Wrote the handle key {key_id(key)} to {path}. {told}", soft_wrap=True)


def _add_handles_of(handles: App) -> None:
    @handles.command(name="of")
    def handles_of(*accounts: str, key: _Key) -> None:
        """On the operator's side: print the handles of account numbers, one a line.

        Parameters
        ----------
        accounts
            The numbers. Without any they are read from standard input, one a line, and stand in no list of commands.
        """
        secret = read_key(key)
        for account in accounts or (line.rstrip("\r\n") for line in sys.stdin):
            try:
                print(handle_of(account, secret))  # noqa: T201 - for other programs: plain, unwrapped
            except AccountUnfit as error:
                fail(f"{account!r}: {error}.")


def _add_left(wiring: Wiring, handles: App) -> None:
    @handles.command
    def left(operator: str = "") -> None:
        """On the registrar's side: how many records still have a handle older than its form, which may be readable.

        Parameters
        ----------
        operator
            An operator's short name: of its records alone.
        """
        roll = wiring.roll()
        if operator and (refused := unknown(roll, operator)):
            refuse(refused)
        counts = {name: count for name, count in old_handles(roll).items() if operator in ("", name)}
        table = Rows("operator", "old handles left")
        for name, count in counts.items():
            table.add_row(name, f"{count:,}")
        if counts:
            out.print(table)
            err.print("Their operators change them with `openroll handle rekey`.")
        else:
            out.print(f"Every handle{operator and ' of '}{operator} has today's form.")


def _add_lists(handles: App) -> None:
    _add_rekey(handles)
    _add_accounts(handles)


def _add_rekey(handles: App) -> None:
    @handles.command
    def rekey(
        subscribers: Path,
        /,
        *,
        new_key: _Key,
        key: Annotated[Path | None, Parameter(help="The key they were filed under.")] = None,
        output: _Output,
        encoding: _Encoding = "",
        faults: Annotated[Path | None, Parameter(help="Write the first 1,000 faults here as CSV.")] = None,
    ) -> None:
        """On the operator's side: make the filing file that changes every record's handle to that of a new key.

        Parameters
        ----------
        subscribers
            Your list: a CSV with your account numbers. Without --key their old handles are those numbers themselves, or
            what stands in a column named handle.
        output
            The filing file, to be sent as any other. It must not be there yet.
        """
        old, new = None if key is None else read_key(key), read_key(new_key)
        if old == new:
            fail(f"{key} and {new_key} are the same key ({key_id(new)}): no handle changes. --new-key is the new one.")
        with bar() as show:
            size = subscribers.stat().st_size if subscribers.is_file() else 0
            made = write_rehandling(
                subscribers,
                output,
                old=old,
                new=new,
                encoding=encoding,
                progress=lambda done: show("reading", done, size),
            )
        if made.fault_count:
            show_faults(made.faults, made.fault_count)
            show_encodings(subscribers, made.faults)
            if faults is not None:
                write_faults(faults, faults_csv(made.faults))
            raise SystemExit(1)
        told = "Keep the old key until it is filed; from then on pack with the new one alone."
        out.print(f"Wrote {made.rows:,} changes of handle. To send: {output}. {told}", soft_wrap=True)


def _add_accounts(handles: App) -> None:
    @handles.command
    def accounts(
        table: Path, /, *, subscribers: list[Path], key: _Key, output: _Output, encoding: _Encoding = ""
    ) -> None:
        """On the operator's side: put your account numbers beside the handles of a CSV, as of codes or of a comparison.

        Parameters
        ----------
        table
            A CSV with a column named handle.
        subscribers
            Your list, with your account numbers. Again for each earlier one: what is only in the roll stands in the list that it
            was filed by.
        output
            Where to write the table with its numbers. It must not be there yet.
        """
        known: dict[str, str] = {}
        try:
            secret = read_key(key)
            for one in subscribers:
                known |= accounts_by_handle(one, secret, encoding)
            told = add_accounts(known, table, output)
        except OSError as error:
            fail(f"{error.filename or table}: {error.strerror or error}.")
        except (ValueError, KeyError) as error:
            fail(str(error))
        out.print(f"Found the numbers of {told.rows - told.lacking:,} of {told.rows:,} rows: {output}", soft_wrap=True)
        if told.lacking:
            rows = ", ".join(f"row {row} ({handle or 'no handle'})" for row, handle in told.first)
            more = f" and {told.lacking - len(told.first):,} more" if told.lacking > len(told.first) else ""
            lists = "this list" if len(subscribers) == 1 else "these lists"
            err.print(
                f"No number of {lists} makes the handle of {rows}{more}. Give the earlier list that it stands in as well"
                " (--subscribers once more); a handle of another key is found by that key.",
                soft_wrap=True,
            )


def read_key(path: Path) -> bytes:
    """The handle key in a file, or a sentence and the end. A file that others may read is told."""
    try:
        return key_of(read_private(path, "`openroll handle new-key FILE` makes a key."))
    except KeyDamaged as error:
        fail(f"{path}: {error}. Bring it back from your copy; a new key would lead to none of your records.")
