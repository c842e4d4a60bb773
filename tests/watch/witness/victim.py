"""A witness that kills itself (SIGKILL) at the step it is told: python -m tests.watch.witness.victim FOLDER STEP.

It is asked to cosign one head after another of a made log, and prints each cosignature once it is given, flushed at once:
what was printed was seen by somebody.
"""

import sys
from pathlib import Path

from openroll.watch.witness.evidence import EvidenceStore
from openroll.watch.witness.heads import Heads
from openroll.watch.witness.settings import read_keys, read_settings, watched_logs
from openroll.watch.witness.witness import Cosigned, Witness
from tests.service.victim import armed
from tests.watch.made_log import MadeLog

SIZES = (3, 5, 9)


def main() -> None:
    """Cosign until it is killed, or to the end."""
    folder, step = Path(sys.argv[1]), sys.argv[2]
    settings = read_settings(folder / "witness.yaml")
    keys = read_keys(settings, folder)
    hook = armed(step)
    heads = Heads(folder / "state", folder / "ratchet", keys.own, step=hook)
    witness = Witness(
        keys, watched_logs(settings), heads, EvidenceStore(folder / "evidence"), clock=lambda: 1_700_000_000, step=hook
    )
    log, old = MadeLog(), 0
    for size in SIZES:
        answer = witness.add_checkpoint(log.submission(old, size), "here")
        assert isinstance(answer, Cosigned), answer
        print(size, answer.lines.hex(), flush=True)
        old = size
    print("survived", flush=True)


if __name__ == "__main__":
    main()
