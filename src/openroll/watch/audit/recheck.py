"""Checking a monitor's evidence anew: with the log's public keys and the folder, and nothing else.

Three answers. It **holds**: the files convince by themselves. It rests **on the word** of who wrote it, in a part it names: the
signatures are good and the files are what they are said to be, but that somebody served them, or when, no file can show. Or
it **fails**: the files do not show what they are said to show.
"""

from pathlib import Path

from openroll.tlog import TlogError
from openroll.watch.audit.checks import CHECKS
from openroll.watch.audit.evidence_folder import Fails, Folder, Verdict
from openroll.watch.audit.trust import Trust


def recheck(folder: Path, trust: Trust) -> Verdict:
    """What the evidence in a folder is worth to somebody who has the keys. Never raises for what a folder holds."""
    try:
        held = Folder(folder, trust)
        kind = str(held.said.get("kind", "two-heads"))
        check = CHECKS.get(kind)
        if check is None:
            raise Fails(f"{kind} is no kind of evidence known here")
        return check(held)
    except Fails as error:
        return Verdict("fails", str(error))
    except TlogError as error:
        return Verdict("fails", f"a proof in it is not good: {error}")
