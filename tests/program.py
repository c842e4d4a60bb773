"""Runs a program many times, each in a process of its own, paying for its imports once: python -m tests.program MODULE.

A line of JSON on standard input is a run: its arguments, its environment, and the files its output goes to. The answer is its
exit status on a line, negative for the signal that ended it. Each run is a fresh child of a process that has imported everything
and done nothing; it may kill itself, and nothing but itself is gone.
"""

import gc
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import Any

ROOT = Path(__file__).parents[1]


class Program:
    """A program ready to run: `folder` is where outputs go.

    `module` names one with a `main` that reads `sys.argv` and may return its exit status.
    """

    def __init__(self, module: str, folder: Path) -> None:
        self._folder = folder
        self._module = module
        self._process: subprocess.Popen[str] | None = None

    def run(
        self, arguments: Sequence[str], env: Mapping[str, str] = MappingProxyType({})
    ) -> subprocess.CompletedProcess[str]:
        """Run it with these arguments, to its end: status, output, errors, as `subprocess.run` gives them."""
        if self._process is None:
            command = [sys.executable, "-m", "tests.program", self._module]
            self._process = subprocess.Popen(
                command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
        assert self._process.stdin
        assert self._process.stdout
        out, errors = self._folder / "out", self._folder / "errors"
        words = list(arguments)
        given = {"arguments": words, "env": dict(env), "out": str(out), "errors": str(errors)}
        self._process.stdin.write(json.dumps(given) + "\n")
        self._process.stdin.flush()
        status = int(self._process.stdout.readline())
        return subprocess.CompletedProcess(words, status, out.read_text("utf-8"), errors.read_text("utf-8"))

    def close(self) -> None:
        """End it."""
        if self._process is not None:
            self._process.communicate(timeout=20)


def _child(module: str, given: dict[str, Any]) -> int:
    """Be the program; its exit status."""
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for number, path in ((1, given["out"]), (2, given["errors"])):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), number)
    os.environ.update(given["env"])
    sys.argv = [module, *given["arguments"]]
    try:
        ended = import_module(module).main()
    except SystemExit as left:
        return left.code if isinstance(left.code, int) else 1 if left.code else 0
    return ended if isinstance(ended, int) else 0


def _serve(module: str) -> None:
    """Run it as often as is asked, until standard input ends."""
    import_module(module)
    gc.freeze()  # a child that collects would look through what was imported, and copy each page of it
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            status = 70
            try:
                status = _child(module, json.loads(line))
            except BaseException:
                sys.excepthook(*sys.exc_info())
            finally:
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(status)
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)


if __name__ == "__main__":
    _serve(sys.argv[1])
