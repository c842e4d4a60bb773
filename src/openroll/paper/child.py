"""The process that prints one file of letters and ends: `python -m openroll.paper.child`, as paper/apart.py starts it."""

import sys
from pathlib import Path

import msgspec

from openroll.paper.apart import NO_FONTS, NOT_PRINTABLE, Task
from openroll.paper.letters import letters_pdf
from openroll.paper.typeface import FontsMissing
from openroll.paper.wording import NotPrintable
from openroll.words import catalogue


def main() -> int:
    """Print what standard input asks for to standard output; the exit status."""
    task = msgspec.json.decode(sys.stdin.buffer.read(), type=Task)
    catalogue.use_own(Path(task.words) if task.words else None)
    try:
        data = letters_pdf(task.letters, task.frame, made=task.made)
    except (NotPrintable, FontsMissing) as error:
        print(error, file=sys.stderr)  # noqa: T201 - its parent reads it
        return NOT_PRINTABLE if isinstance(error, NotPrintable) else NO_FONTS
    sys.stdout.buffer.write(data)
    return 0


if __name__ == "__main__":
    sys.exit(main())
