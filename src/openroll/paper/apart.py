"""Letters printed by a process of its own, whose memory goes with it.

Typst keeps what it laid out for its next ten sheets: 200 letters leave 100 MB each time, 1.3 GB in the end, in a server that
should stay small. A child (paper/child.py) is asked for one file and ends.
"""

import subprocess
import sys
from collections.abc import Sequence
from datetime import datetime

import msgspec

from openroll import child_process
from openroll.paper.letters import Letter, LetterFrame
from openroll.paper.typeface import FontsMissing
from openroll.paper.wording import NotPrintable
from openroll.words import own

NOT_PRINTABLE, NO_FONTS = 3, 4
"""Exit statuses of the child; the sentence stands on its standard error."""


class Task(msgspec.Struct, frozen=True):
    """What the child prints, as JSON on its standard input; `made` is the PDF's time of making."""

    letters: list[Letter]
    frame: LetterFrame
    made: datetime
    words: str = ""
    """The folder of the roll's own words, if it has any."""


def letters_apart(letters: Sequence[Letter], frame: LetterFrame, *, made: datetime) -> bytes:
    """As `letters_pdf`, by a child process. Raises NotPrintable, FontsMissing, and OSError where it cannot be started or dies."""
    done = subprocess.run(
        [sys.executable, "-m", "openroll.paper.child"],
        input=msgspec.json.encode(Task(list(letters), frame, made, str(own.folder() or ""))),
        capture_output=True,
        check=False,
        env=child_process.environment(),
    )
    if done.returncode == 0:
        return done.stdout
    said = done.stderr.decode("utf-8", "replace").strip()
    if done.returncode == NOT_PRINTABLE:
        raise NotPrintable(said)
    if done.returncode == NO_FONTS:
        raise FontsMissing(said)
    raise ChildProcessError(f"the process that prints letters ended with status {done.returncode}")
