"""The process that prints files of letters: `python -m openroll.paper.child FOLDER`, as paper/apart.py starts it.

Words, fonts and the squares' symbols are read once. Each file is printed by a child that is forked from here and ends with it, so
that its memory (Typst keeps what it laid out) is given back, and none is spent on reading them again.
"""

import os
import sys
from contextlib import suppress
from pathlib import Path

import msgspec

from openroll.paper.apart import NO_FONTS, NOT_PRINTABLE, PRINTED, Task, receive, send
from openroll.paper.letters import letters_pdf
from openroll.paper.squares import code_squares
from openroll.paper.typeface import FontsMissing, typeface
from openroll.paper.wording import NotPrintable
from openroll.words import catalogue


def main(words: str) -> int:
    """Print what standard input asks for to standard output, to its end; the exit status. `words` is the roll's own folder."""
    catalogue.use_own(Path(words) if words else None)
    with suppress(FontsMissing):  # said in the answer to each file
        typeface()
    while True:
        try:
            task = msgspec.json.decode(receive(sys.stdin.buffer), type=Task)
        except EOFError:
            return 0
        with suppress(ValueError):  # what is wrong with an address is said in the answer
            for address in task.frame.find.values():
                code_squares(f"{address}#")
        if status := _forked(task):
            return status


def _forked(task: Task) -> int:
    """Answer by a child; its exit status, as a shell has it."""
    child = os.fork()  # no other thread runs here: Typst starts its own with the first sheet, which is the child's
    if child == 0:
        status = 1
        try:
            _answer(task)
            status = 0
        finally:
            os._exit(status)
    ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return ended if ended >= 0 else 128 - ended


def _answer(task: Task) -> None:
    try:
        answer = bytes([PRINTED]) + letters_pdf(task.letters, task.frame, made=task.made)
    except NotPrintable as error:
        answer = bytes([NOT_PRINTABLE]) + str(error).encode()
    except FontsMissing as error:
        answer = bytes([NO_FONTS]) + str(error).encode()
    send(sys.stdout.buffer, answer)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
