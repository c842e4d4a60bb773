"""Commands on notices: the codes that an operator hands out, and reading what one's own code opens."""

import csv
import io
import re
import sys
from getpass import getpass
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from openroll.cli.handles import read_key
from openroll.cli.key_files import read_bytes, write_private
from openroll.cli.output import fail, line, out
from openroll.cli.requests import person
from openroll.cli.requests.at_roll import Believed, Roll
from openroll.cli.requests.heap_files import read_heaps
from openroll.cli.requests.held_log import Where
from openroll.cli.wiring import Wiring
from openroll.disclosure.notice import bucket_of, month_bucket, notice_secret
from openroll.disclosure.notice_code import NoticeCodeWrong, code_of, secret_of
from openroll.disclosure.notice_heap import Heap, HeapMalformed, heap_of
from openroll.register.subscription.handle import is_handle
from openroll.sheet.faults import safe_cell
from openroll.sheet.rehandle import accounts_by_handle

_MOST_HEAP = 100_000_000


def add(app: App, wiring: Wiring) -> None:
    """Add the commands on notices."""
    notices = App(name="notice", help="Notices: what was asked about a person, readable by the person alone.")
    app.command(notices)

    _add_code(notices)
    _add_bucket(notices)
    _add_read(notices)
    _add_list(notices, wiring)
    person.add(notices)


def _add_code(notices: App) -> None:
    @notices.command
    def code(
        subscribers: Path | None = None,
        /,
        *,
        key: Annotated[Path, Parameter(help="Your handle key, as `openroll handle new-key` made it.")],
        handle: Annotated[
            list[str] | None, Parameter(help="Handles instead of a list; their codes are printed.")
        ] = None,
        output: Annotated[Path | None, Parameter(name=["--output", "-o"])] = None,
        encoding: Annotated[str, Parameter(help="The encoding of a list that is not in UTF-8.")] = "",
    ) -> None:
        """On the operator's side: the notice codes of your subscribers, to print on a bill or give at a counter.

        Whoever has one reads what was asked about that subscription. The roll has none of them.

        Parameters
        ----------
        subscribers
            Your list: a CSV with your account numbers.
        output
            Where to write account, handle and code as CSV, for its owner only. It must not be there yet.
        """
        secret = read_key(key)
        if subscribers is None and handle:
            for one in handle:
                if not is_handle(one):
                    fail(f"{one!r} is no handle: `openroll handle of` makes one of an account number.")
                line(code_of(notice_secret(secret, one)))
        elif subscribers is not None and output is not None and not handle:
            written = _write_codes(subscribers, secret, output, encoding)
            out.print(
                f"Wrote {written:,} notice codes: {output}. Each opens one subscription's notices.", soft_wrap=True
            )
        else:
            fail("Name your list and --output, or --handle.")


def _write_codes(subscribers: Path, key: bytes, output: Path, encoding: str) -> int:
    """Write a list's codes beside its numbers; how many."""
    try:
        accounts = accounts_by_handle(subscribers, key, encoding)
    except OSError as error:
        fail(f"{error.filename or subscribers}: {error.strerror or error}.")
    except ValueError as error:
        fail(str(error))
    table = io.StringIO(newline="")
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(["account", "handle", "notice_code"])
    for handle, account in accounts.items():
        writer.writerow([safe_cell(account), handle, code_of(notice_secret(key, handle))])
    write_private(output, table.getvalue().encode("utf-8-sig"), "A list of codes")
    return len(accounts)


def _add_bucket(notices: App) -> None:
    @notices.command
    def bucket(request: str, /) -> None:
        """Print the bucket that a code's notice of a request stands in. The code is read from standard input.

        Parameters
        ----------
        request
            The number of the request; or the month, as 2026-11, of notices that were told before each request had its own.
        """
        if re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", request, re.ASCII):
            line(str(month_bucket(_secret_asked(), request)))
        elif re.fullmatch(r"[1-9]\d{0,18}", request, re.ASCII):
            line(str(bucket_of(_secret_asked(), int(request))))
        else:
            fail(f"{request!r} is neither the number of a request nor a month, as 2026-11.")


def _add_read(notices: App) -> None:
    @notices.command
    def read(
        heaps: Path,
        /,
        *more: Path,
        log: Where = "",
        log_key: Annotated[
            list[str] | None,
            Parameter(negative="", help="With --log: a public key of that log, or a file with one a line."),
        ] = None,
        policy: Annotated[
            Path | None, Parameter(help="With --log: a policy file, whose witnesses must have cosigned the head.")
        ] = None,
    ) -> None:
        """Read what a notice code opens in heaps of notices that the roll publishes. The code is read from standard input.

        Without --log nothing is asked of anybody, and what a heap says of its notices is believed. Status 2 where something is
        sealed to it that cannot be read: altered, or signed by none of the keys in the heaps.

        Parameters
        ----------
        heaps
            The heap, as fetched; more of them behind it.
        """
        if bool(log) != bool(log_key):
            fail("--log and --log-key go together: a log is believed by its keys.")
        if policy is not None and not log_key:
            fail("--policy needs --log and --log-key.")
        believed = Believed(log_key=log_key, policy=policy) if log_key else None
        read_heaps([_heap(path) for path in (heaps, *more)], _secret_asked(), log, believed)


def _add_list(notices: App, wiring: Wiring) -> None:
    @notices.command(name="list")
    def list_own(
        *,
        roll: Roll,
        since: Annotated[
            str, Parameter(help="The first month to look into, as 2026-01 (default: two years ago).")
        ] = "",
        log_key: Annotated[
            list[str] | None,
            Parameter(
                negative="",
                help="A public key of the roll's log, or a file with one a line: what stands in public is held against every"
                " entry of the log then, and not taken from the roll.",
            ),
        ] = None,
        policy: Annotated[
            Path | None, Parameter(help="With --log-key: a policy file, whose witnesses must have cosigned the head.")
        ] = None,
        output: Annotated[Path | None, Parameter(name=["--output", "--out", "-o"])] = None,
    ) -> None:
        """List what was asked about you: who, when, why, on what basis, what was given. The code is read from standard input.

        The roll sees that what was told in a month is fetched, as by everybody; what is yours in it is found and opened here.

        Parameters
        ----------
        output
            Where to write it whole, as JSON in the form of a wallet's transaction log (EUDI TS10), for its owner only. It
            must not be there yet.
        """
        if policy is not None and not log_key:
            fail("--policy needs --log-key.")
        believed = Believed(log_key=log_key, policy=policy) if log_key else None
        person.list_own(wiring, _secret_asked(), roll, since, output, believed)


def _heap(path: Path) -> Heap:
    try:
        return heap_of(read_bytes(path, _MOST_HEAP))
    except HeapMalformed as error:
        fail(f"{path}: {error}.")


def _secret_asked() -> bytes:
    """The secret of a code from standard input: typed unseen at a terminal, else its first line."""
    code = getpass("Notice code: ") if sys.stdin.isatty() else sys.stdin.readline().strip()
    try:
        return secret_of(code)
    except NoticeCodeWrong as error:
        fail(f"This is not a notice code: {error}.")
