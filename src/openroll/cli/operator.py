"""The operator's commands: pack a list of subscribers, and file it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, NoReturn
from zoneinfo import ZoneInfo

from cyclopts import App, Parameter

from openroll.cli.arguments import NotSaid, spoken
from openroll.cli.handles import read_key
from openroll.cli.jurisdiction_files import basis_named
from openroll.cli.letters import tell_left_out
from openroll.cli.output import bar, err, fail, out, refuse, show_encodings, show_faults, write, write_faults
from openroll.cli.people import LETTERS_FIRST, WAITS, say_invite_first
from openroll.cli.roll_rules import NOT_ASKED, RollAsked, basis_of_roll
from openroll.cli.wiring import Wiring
from openroll.durable import new_file
from openroll.register.decision import Refused
from openroll.register.subscription.terms import terms_of
from openroll.rules.kinds import fields_of_subscriptions
from openroll.service.filing.bulk import FileRefused, take_file
from openroll.service.filing.letters import count_letters, give_codes
from openroll.service.filing.reconcile import Reconciled
from openroll.service.filing.reconcile import reconcile as compare
from openroll.service.governance.open_roll import Basis
from openroll.service.identity.people import begins_unled
from openroll.service.log.sequencer import Sequencer
from openroll.service.queries import codes as filing_codes
from openroll.service.roll import Roll
from openroll.sheet import faults_csv
from openroll.sheet.pack import Packed
from openroll.sheet.pack import pack as pack_list

Encoding = Annotated[str, Parameter(help="The encoding of a list that is not in UTF-8, as big5 or windows-1252.")]
Faults = Annotated[Path | None, Parameter(help="Write the first 1,000 faults here as CSV.")]


def add(app: App, wiring: Wiring) -> None:
    """Add the operator's commands."""

    _add_pack(app, wiring)
    _add_codes(app, wiring)
    _add_file(app, wiring)
    _add_reconcile(app, wiring)


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Packing:
    """What a list is packed with."""

    rule: Annotated[str, Parameter(help="The rule of the roll it is for (default: the jurisdiction's first).")] = ""
    jurisdiction: Annotated[str, Parameter(help="The roll's jurisdiction: one that ships, or a folder.")] = ""
    key: Annotated[Path | None, Parameter(help="Your handle key (`openroll handle new-key` makes it).")] = None
    districts: Annotated[str, Parameter(show=False)] = ""
    output: Annotated[
        Path | None,
        Parameter(
            name=["--output", "-o"],
            help="The filing file (default: SUBSCRIBERS.filing.csv); the disclosures go beside it.",
        ),
    ] = None
    again: Annotated[
        list[Path] | None,
        Parameter(
            negative="",
            help="The disclosures of the last time, to keep the digests of what did not change; --again again for those of"
            " several times, the newest last.",
        ),
    ] = None
    encoding: Encoding = ""
    faults: Faults = None


_OTHER_FORMATS = (".ndjson", ".jsonl", ".json", ".xlsx", ".xls", ".ods")
"""What the name of a CSV must not say: whoever sends it on would call it so, and be told that it is malformed."""


def _add_pack(app: App, wiring: Wiring) -> None:
    @app.command
    def pack(subscribers: Path, /, *, packing: Packing = Packing(), asked: RollAsked = NOT_ASKED) -> None:
        """On the operator's side: split a list of subscribers into a filing file and the operator's own disclosures.

        Needs no roll, and no network but with --roll: then the rule and the jurisdiction in force are fetched from the roll,
        proved by its log, and kept for --offline. Account numbers and personal values stay in the disclosures file; what goes
        into the filing file are handles, which your key makes of the account numbers, and digests.

        Parameters
        ----------
        subscribers
            A CSV with account, kind, access, district, connected, and the rule's personal fields.
        """
        filing = packing.output or subscribers.with_suffix(".filing.csv")
        if filing.suffix.lower() in _OTHER_FORMATS:
            fail(
                f"--output {filing}: a filing file is CSV. Give it a name that ends in .csv; by program it is sent as such."
            )
        kept = filing.with_name(filing.name.removesuffix(".csv").removesuffix(".filing") + ".disclosures.ndjson")
        packed = _packed(subscribers, filing, kept, packing, _basis(packing, asked, wiring), wiring)
        if packed.fault_count:
            show_faults(packed.faults, packed.fault_count, str(subscribers))
            show_encodings(subscribers, packed.faults)
            if packing.faults is not None:
                write_faults(packing.faults, faults_csv(packed.faults))
            raise SystemExit(1)
        out.print(f"Packed {packed.rows:,} {'row' if packed.rows == 1 else 'rows'}.")
        out.print(f"  to send: {filing}", soft_wrap=True)
        out.print(f"  to keep: {kept} (it opens the digests; guard it)", soft_wrap=True)
        if packed.open_end:
            err.print(
                "The last line of the list has no line end, as in a list that was cut off: look whether its last row is whole.",
                soft_wrap=True,
            )


def _basis(packing: Packing, asked: RollAsked, wiring: Wiring) -> Basis:
    """What is packed under: the rule and the jurisdiction that the roll is asked for, or those that are named."""
    with spoken("pack"):
        if not asked.roll:
            return basis_named(packing.jurisdiction or packing.districts, packing.rule)
        if packing.rule or packing.jurisdiction or packing.districts:
            raise NotSaid("--roll names the rule and the jurisdiction already: leave out --rule and --jurisdiction.")
        return basis_of_roll(asked, wiring)


def _packed(subscribers: Path, filing: Path, kept: Path, packing: Packing, basis: Basis, wiring: Wiring) -> Packed:
    secret = None if packing.key is None else read_key(packing.key)
    place, loaded = basis
    terms = terms_of(loaded, place, wiring.clock().astimezone(ZoneInfo(loaded.zone)).date())
    with bar() as show:
        size = subscribers.stat().st_size if subscribers.is_file() else 0
        return pack_list(
            subscribers,
            filing,
            kept,
            fields=fields_of_subscriptions(loaded),
            terms=terms,
            random=wiring.random,
            key=secret,
            again=packing.again or (),
            encoding=packing.encoding,
            progress=lambda done: show("packing", done, size),
        )


def _add_codes(app: App, wiring: Wiring) -> None:
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
        if output.exists():
            fail(f"{output} is there already.")
        if isinstance(given := give_codes(roll, operator), Refused):
            refuse(given)
        with bar() as show, new_file(output) as file:
            file.write(b"handle,code\n")
            count = 0
            for count, (handle, code) in enumerate(filing_codes(roll, operator), 1):
                file.write(f"{handle},{code}\n".encode())
                show("codes", count, 0)
        ended = count - count_letters(roll, operator)
        without = f", of which {ended:,} of subscriptions that ended, for which no letter is made" if ended > 0 else ""
        where = f"{output}{without}"
        guard = "Hand each to its subscriber, then guard or destroy the file."
        out.print(f"Wrote {count:,} filing codes to {where}. {guard}", soft_wrap=True)
        tell_left_out(roll, operator)


def _add_file(app: App, wiring: Wiring) -> None:
    @app.command
    def file(
        path: Path,
        /,
        *,
        operator: str,
        encoding: Encoding = "",
        dry_run: bool = False,
        faults: Faults = None,
        sequence: Annotated[bool, Parameter(negative="--no-sequence")] = True,
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
        if not path.exists():
            fail(f"{path} is not there. Give the path of the filing file that `openroll pack` wrote.")
        roll = wiring.roll()
        unled = begins_unled(roll, operator)
        with bar() as show:
            size = path.stat().st_size if path.is_file() else 0
            result = take_file(roll, operator, path, size=size, dry_run=dry_run, progress=show, encoding=encoding)
        if isinstance(result, FileRefused):
            _refuse(path, result, faults)
        if dry_run:
            out.print(f"Would file {result.stored:,} of {result.rows:,} rows. Nothing was written.")
            if unled:
                err.print(say_invite_first(operator), soft_wrap=True)
            return
        if not result.stored:
            out.print(f"This file was taken before, whole ({result.rows:,} rows). Nothing was changed.")
            return
        out.print(f"Filed {result.stored:,} of {result.rows:,} rows; the file's digest is {result.digest}.")
        if sequence:
            err.print(f"The log has {_sequenced(roll):,} entries.")
        if unled:
            err.print(f"{WAITS}{LETTERS_FIRST}".format(of=operator), soft_wrap=True)


def _sequenced(roll: Roll) -> int:
    """Give what waits its place; the log's size then."""
    sequencer = Sequencer(roll)
    with bar() as show:
        done = sequencer.run_until_empty(lambda now: show("log", now.size, 0))
    sequencer.close()
    return done.size


def _add_reconcile(app: App, wiring: Wiring) -> None:
    @app.command
    def reconcile(
        path: Path,
        /,
        *,
        operator: str,
        encoding: Encoding = "",
        output: Annotated[Path | None, Parameter(name=["--output", "-o"])] = None,
        faults: Faults = None,
    ) -> None:
        """Compare an operator's whole list with what the roll holds for it. Nothing is changed.

        Parameters
        ----------
        path
            The list as `openroll pack` writes it, every row new: CSV, NDJSON or Parquet.
        operator
            The operator's short name.
        output
            Write what differs here as CSV: the first 1,000 handles of each kind.
        """
        roll = wiring.roll()
        with bar() as show:
            found = compare(roll, operator, path, progress=show, encoding=encoding)
        if isinstance(found, FileRefused):
            _refuse(path, found, faults)
        _say_compared(found)
        if output is not None:
            write(output, found.csv())
        elif not found.agrees:
            err.print("--output FILE writes the first 1,000 handles of each kind as CSV.")


def _say_compared(found: Reconciled) -> None:
    """Say how many rows are how."""
    out.print(f"Compared {found.listed:,} rows with the roll.")
    out.print(f"  the same in both: {found.same:,}")
    out.print(f"  different: {found.differs:,}")
    out.print(f"  only in the list: {found.only_list:,}")
    out.print(f"  only in the roll: {found.only_roll:,}")
    out.print(f"  ended in the roll: {found.ended:,}")
    if found.left:
        out.print(
            f"  of those only in the list, went to another operator: {found.left:,} (handle-left, with the day, in --output;"
            " take them out of your list)",
            soft_wrap=True,
        )
    if found.changed:
        out.print(
            f"  of those only in the list, have another handle since: {found.changed:,} (handle-changed, with the day, in"
            " --output): the list is of a key that you have changed. Pack it anew with the key of today.",
            soft_wrap=True,
        )
    if found.under_earlier:
        out.print(
            f"  of the same, made when the rule asked other fields: {found.under_earlier:,} (nothing is due of them;"
            " their next change brings those of its day)"
        )
    if found.without_handle:
        out.print(f"  filed by subscribers, without a handle: {found.without_handle:,}")
    if found.only_list and found.only_roll and not (found.same or found.differs or found.changed):
        err.print(
            "No handle of the list is one of the roll's. Was the list packed under another handle key than the one they were"
            " filed under? Pack it again under that one.",
            soft_wrap=True,
        )


def _refuse(path: Path, result: FileRefused, faults: Path | None) -> NoReturn:
    """Show the faults of a file, write them where that was asked for, and end."""
    if result.fault_count:
        show_faults(result.faults, result.fault_count, str(path))
        show_encodings(path, result.faults)
    if faults is not None:
        write_faults(faults, result.faults_csv)
    refuse(result.refused)
