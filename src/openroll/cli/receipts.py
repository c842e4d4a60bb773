"""Commands on receipts: making one, bringing one under a later head, and saying in plain words what one proves."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC
from getpass import getpass
from pathlib import Path
from typing import Annotated, NoReturn

from cyclopts import App, Parameter

from openroll.cli import receipt_fetch
from openroll.cli.arguments import Language
from openroll.cli.output import command, fail, line, out, refuse
from openroll.cli.wiring import Wiring
from openroll.durable import write_durably
from openroll.register.decision import Refused
from openroll.rules.language import ENGLISH
from openroll.service.log.receipts import file_name
from openroll.service.log.receipts import receipt as make_receipt
from openroll.service.queries import by_code
from openroll.tlog import (
    KeyHistory,
    NotLater,
    Policy,
    TlogError,
    Verifier,
    follow,
    handovers_of,
    origin_of,
    parse_policy,
    restored_receipt,
)
from openroll.watch.audit.finding import Finding, write_evidence
from openroll.watch.audit.trust import verifiers
from openroll.watch.receipt_upgrade import Upgraded, log_keys_of, upgrade
from openroll.watch.source import Unreachable, open_log_or_address
from openroll.words.explained import explained

Keys = Annotated[list[str] | None, Parameter(name="--key", negative="")]


def add(app: App, wiring: Wiring) -> None:
    """Add the commands on receipts."""
    receipts = App(name="receipt", help="Receipts: make one, bring it under a later head, have it explained.")
    app.command(receipts)

    _add_make(wiring, receipts)
    _add_upgrade_one(wiring, receipts)
    _add_repair(receipts)
    _add_explain_one(receipts)
    receipt_fetch.add(receipts)


def _add_make(wiring: Wiring, receipts: App) -> None:
    @receipts.default
    @receipts.command
    def make(code: str = "-", /, *, version: int = 1, output: Path | None = None) -> None:
        """Write the receipt of a filing, by its filing code.

        Parameters
        ----------
        code
            The filing code, 16 digits, in quotation marks if there are spaces; left out, it is read from standard input, so that
            neither the list of processes nor the shell's history holds it.
        version
            Which fact of the record: 1 is the filing itself.
        output
            Where to write it (default: named for what it proves, as receipt-1-filed.tlog-proof).
        """
        roll = wiring.roll()
        record = by_code(roll, _code_asked() if code == "-" else code)
        if isinstance(record, Refused):
            refuse(record)
        proof = make_receipt(roll, record.number, version)
        if isinstance(proof, Refused):
            refuse(proof)
        path = output or Path(file_name(roll, proof, version))
        _write(path, proof)
        out.print(
            f"Wrote {path}. To check it: python -P -m openroll.tlog verify {path} --key log.pub",
            soft_wrap=True,
        )


def _code_asked() -> str:
    """The filing code from standard input: typed unseen at a terminal, else its first line."""
    return getpass("Filing code: ") if sys.stdin.isatty() else sys.stdin.readline().strip()


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Upgrading:
    """Where the newer head is found, and what is believed there."""

    source: Annotated[
        str,
        Parameter(
            name="--from",
            help="Where the log is served: the roll's address, a mirror's, or a mirror's folder. A server learns in which 256"
            " entries yours is; a folder learns nothing.",
        ),
    ]
    key: Annotated[
        Keys, Parameter(help="A public key of the log that must have signed, or a file with one a line.")
    ] = None
    history: Annotated[
        Path | None,
        Parameter(
            help="The log's key history, where it has changed its keys since (a roll serves it at /log/key-history.json, and"
            " so does a mirror; from there it is read without this)."
        ),
    ] = None
    policy: Annotated[Path | None, Parameter(help="A policy file: the later head must be cosigned as it asks.")] = None


def _add_upgrade_one(wiring: Wiring, receipts: App) -> None:
    @receipts.command(name="upgrade")
    def upgrade_one(
        receipt: Path,
        /,
        *,
        upgrading: Upgrading,
        output: Annotated[Path | None, Parameter(name=["--output", "-o"])] = None,
        evidence: Path = Path("evidence"),
        dry_run: bool = False,
    ) -> None:
        """Bring a receipt under the newest head of its log, from the roll or from any mirror. It verifies offline as before.

        Status 1, with an evidence folder, when the log contradicts the receipt: then keep both. Status 1 without one when the
        receipt, the head or its files are not good; 2 when nothing could be read, or the head there is an older one.

        Parameters
        ----------
        receipt
            The receipt you have.
        output
            Where to write the new receipt (default: beside the old one, which may have cosignatures that the new one lacks; the
            head's size is put into its name).
        evidence
            Where a contradiction is kept.
        dry_run
            Read and check everything, and write no receipt. A contradiction is kept all the same.
        """
        known, trusted = _trust(upgrading.key or (), upgrading.policy)
        made, keys = _later(receipt, upgrading, known, trusted)
        if isinstance(made, Finding):
            _accuse(made, keys, trusted, evidence, wiring)
        beside = receipt.with_name(f"{receipt.stem}.{made.new.size}{receipt.suffix}")
        if output is None and beside.exists() and beside.read_bytes() != made.receipt:
            fail(
                f"{beside} is there already, with other signatures perhaps, and stays. Name another file with --output."
            )
        _keep(made, None if dry_run else output or beside)


def _later(
    receipt: Path, upgrading: Upgrading, known: list[Verifier], trusted: Policy | None
) -> tuple[Upgraded | Finding, KeyHistory]:
    """The receipt under the newest head of its log, or what convicts the log; with the keys that were read."""
    old, told = _read(receipt), None if upgrading.history is None else _read(upgrading.history)
    try:
        log = open_log_or_address(upgrading.source)
        keys = log_keys_of(log, known, told)
        return upgrade(old, log, keys, trusted), keys
    except NotLater as error:
        fail(f"{error}. A mirror may be behind: try another. A log never may: `openroll audit` shows whether it is.")
    except (TlogError, Unreachable) as error:
        fail(f"no new receipt was written: {error}.", 1 if isinstance(error, TlogError) else 2)


def _add_repair(receipts: App) -> None:
    @receipts.command
    def repair(receipt: Path, /, *, output: Annotated[Path | None, Parameter(name=["--output", "-o"])] = None) -> None:
        """Undo what a program that saves text did to a receipt: its line ends, its encoding, a line at its end.

        Parameters
        ----------
        receipt
            The receipt.
        output
            Where to write it as it was (default: beside it).
        """
        _repair(receipt, output)


def _add_explain_one(receipts: App) -> None:
    @receipts.command(name="explain")
    def explain_one(
        receipt: Path,
        /,
        *,
        key: Keys = None,
        history: Path | None = None,
        policy: Path | None = None,
        lang: Language = ENGLISH,
    ) -> None:
        """Say in plain words what a receipt proves and what it does not; of a bad one, what is wrong. Status 1 for a bad one.

        Parameters
        ----------
        receipt
            The receipt.
        key
            A public key of the log that must have signed, or a file with one a line.
        history
            The log's key history, where the key is from before the receipt.
        policy
            A policy file: its logs, its witnesses and their quorum.
        lang
            The language it is said in.
        """
        known, trusted = _trust(key or (), policy)
        data, told = _read(receipt), None if history is None else _read(history)
        try:
            keys = KeyHistory(known) if told is None or not known else follow(handovers_of(told), known)
        except TlogError as error:
            fail(f"the key history proves nothing under your keys: {error}.")
        end_explained(data, keys, trusted, lang)


def end_explained(data: bytes, keys: KeyHistory, policy: Policy | None, lang: str) -> NoReturn:
    """Say in plain words what a receipt proves and what it does not, and end: with status 1 for a bad one."""
    from openroll.words.labels import EVENTS, words  # noqa: PLC0415 - brings the pages and their server along

    said = explained(data, keys, lang, lambda kind: words(lang, EVENTS, kind), policy)
    for paragraph in said.paragraphs:
        line(*paragraph.split("\n"), "")
    raise SystemExit(0 if said.good else 1)


def _repair(receipt: Path, output: Path | None) -> None:
    made = restored_receipt(_read(receipt))
    if made is None:
        fail(f"{receipt} needs no repair of this kind, or holds no receipt. Nothing was written.", 1)
    path = output or receipt.with_name(f"{receipt.stem}.repaired{receipt.suffix}")
    if path.exists():
        fail(f"{path} is there already. Name another file with --output.")
    _write(path, made)
    explain = command("receipt", "explain", path, "--key", "log.pub")
    out.print(f"Wrote {path}. Nothing was checked: {explain} does that, with the log's key in log.pub.", soft_wrap=True)


def _trust(keys: Sequence[str], policy: Path | None) -> tuple[list[Verifier], Policy | None]:
    if not keys and policy is None:
        fail("give --key, --policy or both: without a key of the log nothing can be checked")
    try:
        return verifiers(keys), None if policy is None else parse_policy(policy.read_bytes())
    except (OSError, UnicodeDecodeError, TlogError) as error:
        fail(f"the key or policy cannot be read: {error}.")


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        fail(f"{path} cannot be read: {error.strerror or error}.")


def _keep(made: Upgraded, path: Path | None) -> None:
    led = f"from a head of {made.old.size:,} entries to one of {made.new.size:,}"
    if path is None:
        out.print(f"Good: {led}. Nothing was written.", soft_wrap=True)
        return
    _write(path, made.receipt)
    out.print(f"Wrote {path}: {led}.", soft_wrap=True)


def _write(path: Path, receipt: bytes) -> None:
    try:
        write_durably(path, receipt)
    except OSError as error:
        fail(f"{path} cannot be written: {error.strerror or error}. Name another file with --output.")


def _accuse(finding: Finding, known: KeyHistory, policy: Policy | None, folder: Path, wiring: Wiring) -> NoReturn:
    log = origin_of(finding.files["head-1"])
    listed = [one.verifier for one in policy.logs if one.verifier.name == log] if policy else []
    keys = dict.fromkeys([*sorted(known.ever()), *map(str, listed)])
    try:
        place = write_evidence(folder, finding, log=log, seen=wiring.clock().astimezone(UTC), keys=keys)
    except OSError as error:
        fail(
            f"THE LOG CONTRADICTS YOUR RECEIPT, and the evidence cannot be written to {folder}: {error.strerror or error}. "
            "Do it again with --evidence and another folder, before the log changes.",
            1,
        )
    fail(
        f"THE LOG CONTRADICTS YOUR RECEIPT. {finding.what} No receipt was written; your old one stays as it is. "
        f"The evidence is in {place}: its explanation.txt says how anyone can check it.",
        1,
    )
