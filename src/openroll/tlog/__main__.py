"""`python -m openroll.tlog verify RECEIPT`: verify a receipt with nothing but this package and `cryptography`."""

import argparse
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from openroll.tlog.cosigned import Cosignature
from openroll.tlog.errors import TlogError
from openroll.tlog.key_history import follow, handovers_of, receipt_size, verify_under
from openroll.tlog.note import Verifier
from openroll.tlog.policy import Policy, parse_policy, shown
from openroll.tlog.printable import printable
from openroll.tlog.proof import Proved, parse_proof, restored_receipt, verify_receipt


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns 0 when the receipt is good, 1 when it is not, 2 when something could not be read."""
    parser = argparse.ArgumentParser(prog="python -m openroll.tlog", description="Check receipts of a public log.")
    commands = parser.add_subparsers(dest="command", required=True)
    verify = commands.add_parser("verify", help="check a receipt against the log's public keys, a policy, or both")
    verify.add_argument("receipt", type=Path)
    verify.add_argument(
        "--key", action="append", default=[], help="a verifier key that must have signed, or a file with one a line"
    )
    verify.add_argument("--policy", type=Path, help="a tlog-policy file: its logs, its witnesses and their quorum")
    verify.add_argument(
        "--history", type=Path, help="the log's key history: the key given may be one from before the receipt"
    )
    keys = commands.add_parser("keys", help="prove a log's newer keys from an older one you hold")
    keys.add_argument("receipt", metavar="HISTORY", type=Path, help="what the log serves at /log/key-history.json")
    keys.add_argument("--key", action="append", required=True, help="a verifier key, or a file with one a line")
    repair = commands.add_parser("repair", help="write a receipt that a program saved as text as it was before")
    repair.add_argument("receipt", type=Path)
    repair.add_argument("--output", "-o", type=Path, required=True, help="a file that is not there yet")
    inspect = commands.add_parser("inspect", help="show what a receipt says, without checking it")
    inspect.add_argument("receipt", type=Path)
    options = parser.parse_args(arguments)
    if options.command == "verify" and not options.key and options.policy is None:
        parser.error("verify needs --key, --policy or both: without a key nothing can be checked")
    try:
        data = options.receipt.read_bytes()
        if options.command == "inspect":
            return _inspect(data)
        if options.command == "repair":
            return _repair(data, options.output)
        if options.command == "keys":
            return _prove_keys(data, options.key)
        return _verify(data, options.key, options.policy, options.history)
    except OSError as error:
        _say(f"Cannot read {error.filename or options.receipt}: {error.strerror}", sys.stderr)
    except TlogError as error:
        rule = f" (rule {error.rule} of docs/proofs.md)" if error.rule else ""
        _say(f"NOT GOOD ({error.code}): {error}{rule}", sys.stderr)
        return 1
    return 2


def _keys(given: Sequence[str]) -> list[Verifier]:
    lines: list[str] = []
    for key in given:
        path = Path(key)
        lines += path.read_text(encoding="utf-8").split() if "+" not in key or path.is_file() else [key]
    return [Verifier.parse(line) for line in lines]


def _verify(data: bytes, keys: Sequence[str], policy_file: Path | None, history: Path | None) -> int:
    verifiers = _read_keys(keys)
    if verifiers is None:
        return 2
    policy = None
    if policy_file is not None:
        try:
            policy = parse_policy(policy_file.read_bytes())
        except (OSError, TlogError) as error:
            _say(f"Cannot read the policy {policy_file}: {error}", sys.stderr)
            return 2
    if history is not None:
        # The key held leads to the keys of the receipt's own time, which then must all have signed it.
        key_history = follow(handovers_of(history.read_bytes()), verifiers)
        verify_under(data, key_history)
        verifiers = list(key_history.at(receipt_size(data)))
    proved = verify_receipt(data, verifiers, policy=policy)
    _tell(proved)
    if policy is None:
        whose = "every key of its time" if history else "every key you gave"
        _say(f"Proved: the log holds exactly this, and its keeper has signed for it with {whose}.")
        _say("Not proved: that what was filed is true, nor that others are shown the same log (ask its witnesses).")
    else:
        _tell_witnesses(policy, proved.cosignatures, bool(verifiers))
    return 0


def _read_keys(keys: Sequence[str]) -> list[Verifier] | None:
    try:
        return _keys(keys)
    except (OSError, UnicodeDecodeError, TlogError) as error:
        _say(f"Cannot read the key: {error}", sys.stderr)
        return None


def _prove_keys(history: bytes, keys: Sequence[str]) -> int:
    verifiers = _read_keys(keys)
    if verifiers is None:
        return 2
    newest = follow(handovers_of(history), verifiers).terms[-1]
    for key in newest.staying:
        _say(str(key))
    _say(
        f"Proved: these sign checkpoints of {newest.first} entries and more. Not proved: that no later change was kept back.",
        sys.stderr,
    )
    return 0


def _tell_witnesses(policy: Policy, cosignatures: Sequence[Cosignature], every_key: bool) -> None:
    have = {one.witness.name: one for one in cosignatures}
    for witness in policy.witnesses:
        if witness.name in have:
            _say(f"  Cosigned by {shown(witness.name)} {_when(have[witness.name].time)}.")
        else:
            _say(f"  Not cosigned by {shown(witness.name)}.")
    if not policy.witnesses:
        _say("  The policy names no witness.")
    signed = "with every key you gave" if every_key else "with a key that the policy lists"
    _say(f"Proved: the log holds exactly this, and its keeper has signed for it {signed}.")
    if policy.quorum == "none":
        _say(
            "Not proved: that what was filed is true, nor, as the policy asks for no witness, that others are shown the same log."
        )
        return
    _say(
        f"Proved: the quorum {shown(policy.quorum)} of the policy is reached; to its witnesses this log has only ever grown."
    )
    _say("Not proved: that what was filed is true.")


def _when(time: int) -> str:
    if not time:
        return "without saying when"
    try:
        return f"at {datetime.fromtimestamp(time, UTC):%Y-%m-%d %H:%M:%S} UTC by its clock"
    except (OverflowError, ValueError, OSError):
        return f"at second {time} by its clock, which no calendar holds"


def _tell(proved: Proved) -> None:
    checkpoint = proved.checkpoint
    _say(f"GOOD. Log {checkpoint.origin}")
    _say(f"  {proved.entry.kind} of {proved.entry.day} is entry {proved.index} of the {checkpoint.size} signed for.")
    _say(f"  What was logged, unaltered: {proved.body.decode()}")


def _inspect(data: bytes) -> int:
    proof = parse_proof(data)
    _say(f"index {proof.index}, {len(proof.path)} hashes, checkpoint:")
    for line in (*proof.checkpoint.splitlines(), proof.extra or b""):
        _say("  " + line.decode("utf-8", "replace"))
    _say("Nothing was checked: use verify.")
    return 0


def _repair(data: bytes, output: Path) -> int:
    receipt = restored_receipt(data)
    if receipt is None:
        _say(
            "Nothing was written: no program that saves text has changed this, or there is no receipt in it.",
            sys.stderr,
        )
        return 1
    with output.open("xb") as file:
        try:
            file.write(receipt)
            file.flush()
        except OSError:
            output.unlink(missing_ok=True)  # what is cut off is no receipt, and would keep the next try from its name
            raise
    _say(f"Wrote {output}. Nothing was checked: use verify.")
    return 0


def _say(text: str, stream: TextIO | None = None) -> None:
    stream = stream or sys.stdout
    try:
        print(printable(text), file=stream, flush=True)
    except BrokenPipeError:  # who reads has enough, as `head`: the exit code is the verdict all the same
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


if __name__ == "__main__":
    sys.exit(main())
