"""Runs `openroll` commands, each in a process of its own, without paying for the imports each time: python -m ...outsider.

A line of JSON on standard input is a command: its arguments, its environment, and the files its output goes to. The answer is its
exit status on a line. Each command runs in a fresh child of a process that has imported everything and done nothing.
"""

import json
import os
import sys
from typing import Any

from openroll.compose.main import main


def child(given: dict[str, Any]) -> int:
    """Be the command; its exit status."""
    for number, path in ((1, given["out"]), (2, given["err"])):
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(descriptor, number)
    os.environ.update(given["env"])
    sys.argv = ["openroll", *given["arguments"]]
    try:
        main()
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else 1 if ended.code else 0
    return 0


def serve() -> None:
    """Run commands until standard input ends."""
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            status = 70
            try:
                status = child(json.loads(line))
            finally:
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(status)
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)


if __name__ == "__main__":
    serve()
