"""`python -m openroll.watch evidence FOLDER --key KEY`: check a monitor's evidence offline."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from openroll.tlog import TlogError, printable
from openroll.watch.audit.evidence_folder import Verdict
from openroll.watch.audit.recheck import recheck
from openroll.watch.audit.trust import trust_of

STATUS = {"holds": 0, "on the word": 3, "fails": 1}
"""0: it convinces by itself; 3: it rests in part on somebody's word; 1: it does not hold; 2: it could not be read."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; the exit status is one of STATUS."""
    parser = argparse.ArgumentParser(prog="python -m openroll.watch", description="Check a monitor's evidence.")
    commands = parser.add_subparsers(dest="command", required=True)
    evidence = commands.add_parser("evidence", help="check an evidence folder with the log's public keys alone")
    evidence.add_argument("folder", type=Path)
    evidence.add_argument("--key", action="append", required=True, help="a key of the log, or a file with one a line")
    evidence.add_argument("--witness-key", action="append", default=[], help="a key of a witness, or a file")
    options = parser.parse_args(arguments)
    if not options.folder.is_dir():
        sys.stderr.write(printable(f"{options.folder} is no folder") + "\n")
        return 2
    try:
        trust = trust_of(options.key, options.witness_key)
    except (OSError, UnicodeDecodeError, TlogError) as error:
        sys.stderr.write(printable(f"Cannot read the key: {error}") + "\n")
        return 2
    verdict = recheck(options.folder, trust)
    sys.stdout.write(printable(say(verdict)) + "\n")
    return STATUS[verdict.answer]


def say(verdict: Verdict) -> str:
    """The verdict on a piece of evidence as a sentence for the terminal."""
    head = {"holds": "HOLDS", "on the word": "RESTS ON A WORD", "fails": "DOES NOT HOLD"}[verdict.answer]
    return f"{head}: {printable(verdict.why)}."


if __name__ == "__main__":
    sys.exit(main())
