"""A process that files and sequences, and kills itself (SIGKILL) at the step it is told: python -m tests.service.victim.

It prints each filing's key once it is acknowledged, and each checkpoint once it is published, flushed at once: what was
printed was seen by somebody, and must still hold afterwards.
"""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from openroll.register.command import Actor
from openroll.service.filing import submit
from openroll.service.filing.bulk import take_file
from openroll.service.filing.submit import Submission, Taken
from openroll.service.governance.open_roll import find_roll
from openroll.service.log.sequencer import Sequencer
from openroll.service.roll import Roll
from openroll.store import events, idempotency, subscriptions
from openroll.store.connect import Database
from openroll.tlog import parse_policy
from tests.conftest import Ticking
from tests.service.filings import filing, rows_file, submission_of

WRITE_STEPS = {
    "2 load": (idempotency, "ask_keys"),
    "3 decide": (submit, "decide"),
    "4 append": (events, "append"),
    "5 project": (subscriptions, "put"),
    "5 keys": (idempotency, "put"),
    "6 commit": (submit, "_take_together"),
}
"""Where the write path can be killed: around each of these calls."""


def die() -> None:
    """End at once, as a machine that loses its power does."""
    os.kill(os.getpid(), signal.SIGKILL)


def killing(function: Callable[..., Any], *, before: bool, at_call: int) -> Callable[..., Any]:
    """The same function, killed before or after its nth call."""
    calls = 0

    def wrapped(*given: Any, **named: Any) -> Any:
        nonlocal calls
        calls += 1
        if before and calls == at_call:
            die()
        result = function(*given, **named)
        if not before and calls == at_call:
            die()
        return result

    return wrapped


def arm_write(step: str, when: str) -> None:
    """Arm one step of the write path, on its third call."""
    where, name = WRITE_STEPS[step]
    setattr(where, name, killing(getattr(where, name), before=when == "before", at_call=3))


def armed(step: str) -> Callable[[str], None]:
    """A hook that kills when a step of this name comes by for the second time."""
    seen = 0

    def hook(name: str) -> None:
        nonlocal seen
        seen += name == step
        if seen == 2:
            die()

    return hook


def run(roll: Roll, step: str) -> None:
    """File six times and sequence after every second filing, then a file; die where armed."""
    kind, _, name = step.partition("|")
    if kind == "write":
        arm_write(*name.split("|"))
    sequencer = Sequencer(roll, step=armed(name) if kind == "sequence" else lambda _: None)
    with roll.database.open() as connection:
        connection.autocommit = True
        for number in range(6):
            one: Submission = submission_of(filing(handle=f"v-{number}"), Actor("operator", "east"))
            outcome = submit.take(connection, [one], roll, roll.clock())[0]
            if isinstance(outcome, Taken):
                print("acknowledged", one.key, outcome.number, flush=True)
            if number % 2:
                sequencer.run_until_empty()
                print("published", (roll.public / "checkpoint").read_bytes().hex(), flush=True)
    take_file(roll, "east", rows_file(120), step=armed(name) if kind == "file" else lambda _: None)
    sequencer.run_until_empty()


def main() -> None:
    """Run on the roll that the arguments name."""
    url, home, name, step, batch, policy = sys.argv[1:]
    from openroll.service.filing import bulk as batches

    batches.BATCH = int(batch)
    roll = find_roll(Database(url, name), Path(home), clock=Ticking(), random_bytes=os.urandom)
    roll.policy = parse_policy(policy.encode()) if policy else None
    run(roll, step)
    print("survived", flush=True)


if __name__ == "__main__":
    main()
