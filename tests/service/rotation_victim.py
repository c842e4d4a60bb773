"""A process that changes the log's keys and kills itself (SIGKILL) at the step it is told.

It prints every checkpoint it saw published, flushed at once: what was printed was seen by somebody, and must still hold.
"""

import os
import sys
from pathlib import Path

from openroll.register.organisation.commands import AdmitOperator
from openroll.service.governance.open_roll import admit_operator, find_roll
from openroll.service.log.key_rotation import Acting, Turn, rotate
from openroll.service.log.sequencer import Sequencer
from openroll.store.connect import Database
from tests.conftest import Ticking
from tests.service.victim import die


def main() -> None:
    """Run on the roll that the arguments name; die when the step comes by for the nth time."""
    url, home, name, step, nth = sys.argv[1:]
    roll = find_roll(Database(url, name), Path(home), clock=Ticking(), random_bytes=os.urandom)
    seen = 0

    def hook(at: str) -> None:
        nonlocal seen
        seen += at == step
        if at == step and seen == int(nth):
            die()

    turn = rotate(roll, "the yearly change", overlap=False, acting=Acting(step=hook))
    assert isinstance(turn, Turn), turn
    admit_operator(roll, AdmitOperator(operator="north", title={"zh": "北", "en": "North"}, kind="access-operator"))
    sequencer = Sequencer(roll, step=hook)
    sequencer.run_until_empty(lambda _: print((roll.public / "checkpoint").read_bytes().hex(), flush=True))
    print("survived", flush=True)


if __name__ == "__main__":
    main()
