"""Check a monitor's evidence with the log's public keys and the evidence folder, and nothing else.

Three answers. It **holds**: the files convince by themselves. It rests **on the word** of who wrote it, in a part it names: the
signatures are good and the files are what they are said to be, but that somebody served them, or when, no file can show. Or
it **fails**: the files do not show what they are said to show.
"""

from pathlib import Path

from openroll.tlog import TlogError
from openroll.watch.audit.checks import CHECKS
from openroll.watch.audit.evidence_folder import EvidenceFails, EvidenceFolder, Verdict
from openroll.watch.audit.trust import Trust


def recheck(folder: Path, trust: Trust) -> Verdict:
    """The verdict on an evidence folder. Never raises for what a folder holds."""
    try:
        evidence = EvidenceFolder(folder, trust)
        kind = str(evidence.details.get("kind", "two-heads"))
        check = CHECKS.get(kind)
        if check is None:
            raise EvidenceFails(f"{kind} is no kind of evidence known here")
        return check(evidence)
    except EvidenceFails as error:
        return Verdict("fails", str(error))
    except TlogError as error:
        return Verdict("fails", f"a proof in it is not good: {error}")
