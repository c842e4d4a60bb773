"""A monitor's finding, and the evidence folder it writes for others.

A finding is either a fault, which comes with evidence, or a warning, which does not. The evidence says of itself how far it
goes: some of it convinces anyone who has the log's public keys, some only whoever looks where the monitor looked.
"""

import hashlib
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal

import msgspec

from openroll.durable import write_all_durably
from openroll.tlog import printable

Kind = Literal[
    "two-heads",
    "smaller-head",
    "other-log",
    "damaged",
    "not-an-entry",
    "silent-act",
    "readable-act",
    "bad-act",
    "back-dated",
    "post-dated",
    "act-missing",
    "overdue",
    "notice-missing",
    "stands-out",
    "figures-wrong",
    "figures-changed",
    "figures-gone",
    "receipt-denied",
    "stale-mirror",
    "time-went-back",
    "under-quorum",
]

MEANS: Mapping[Kind, str] = {
    "two-heads": "The log signed two heads that cannot both be of one log that only grows.",
    "smaller-head": "The log shows a head smaller than one it had signed before: entries are withheld or were dropped.",
    "other-log": "What is served is not signed with the keys of this log.",
    "damaged": "What is served is not what the head signs for.",
    "not-an-entry": "The log holds something that is no entry of a roll.",
    "silent-act": "An official act stands in the log without its text.",
    "readable-act": "A person's act stands in the log with its text, where only a commitment may stand.",
    "bad-act": "The text of an official act is not what the event of its name holds.",
    "back-dated": "An entry is dated before it can have been made, or was kept out of the log for longer than is allowed.",
    "post-dated": "An entry is dated on a day that has not begun anywhere.",
    "act-missing": "An official act does not follow from those before it: an act is missing, or this one was not allowed.",
    "overdue": "The time of a request's step was over, the log went on for more than a week, and no entry says so.",
    "notice-missing": "A notice that was told to a person is not given out, or not as the log has it: they find nothing.",
    "stands-out": "An official decides on requests as no lot would have it: a question, and no verdict.",
    "figures-wrong": "Figures that the entries do not give.",
    "figures-changed": "Published figures are not those whose digest stands in the log.",
    "figures-gone": "Published figures whose digest stands in the log are not served any more.",
    "receipt-denied": "The log signed a receipt for an entry that it does not show.",
    "stale-mirror": "A mirror keeps showing an old head.",
    "time-went-back": "A witness cosigned a larger head at an earlier time than a smaller one.",
    "under-quorum": "A head without the cosignatures that the policy asks for.",
}
"""What each kind of fault means, in a sentence."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault that a monitor found in a log: its kind, source, description, and the files that prove it.

    `details` is what a third party needs besides the files (an index, a path, a time): plain strings and numbers.
    """

    kind: Kind
    where: str
    what: str
    files: Mapping[str, bytes] = field(default_factory=dict)
    details: Mapping[str, str | int] = field(default_factory=dict)
    of_earlier: str = ""
    """The name of one that an earlier visit found and gave evidence of."""

    @property
    def name(self) -> str:
        """The evidence folder's name, the same at every visit: the fault's kind and eight digits of its digest.

        Of what the entries show, the head that they were read under is no part, nor proofs to it: those are others at each visit.
        """
        if self.of_earlier:
            return self.of_earlier
        moving = (
            _MOVING_OVERDUE if self.kind == "overdue" else _MOVING if self.kind in _SHOWN_BY_ENTRIES else frozenset()
        )
        shown = hashlib.sha256(f"{self.kind}\n{self.where}\n".encode())
        for name in sorted(self.files.keys() - moving):
            shown.update(name.encode() + b"\n" + self.files[name])
        for name in sorted(self.details.keys() - moving - {"seen"}):
            shown.update(f"{name}={self.details[name]}\n".encode())
        return f"{self.kind}-{shown.hexdigest()[:8]}"


_SHOWN_BY_ENTRIES: frozenset[Kind] = frozenset(
    {
        "not-an-entry",
        "silent-act",
        "readable-act",
        "bad-act",
        "back-dated",
        "post-dated",
        "act-missing",
        "notice-missing",
        "stands-out",
    }
)
_MOVING = frozenset({"head-1", "entry-proof", "earlier-proof"})
_MOVING_OVERDUE = _MOVING | {"entry", "index"}
"""Of what is overdue the entry is the newest one, whichever that is."""


def hashes(proof: Sequence[bytes]) -> bytes:
    """A Merkle proof as a file: a hash a line, in base64."""
    return "".join(b64encode(one).decode() + "\n" for one in proof).encode()


def write_evidence(
    folder: Path, finding: Finding, *, log: str, seen: datetime, keys: Iterable[str], history: bytes = b""
) -> Path:
    """Write a finding's evidence folder and return it; an existing one stays as it is. `history` is the log's key history."""
    place = folder / finding.name
    if (place / "explanation.txt").exists():
        return place
    details = {"kind": finding.kind, "where": finding.where, "log": log, "seen": seen.isoformat(timespec="seconds")}
    about = msgspec.json.format(msgspec.json.encode(details | dict(finding.details), order="sorted")) + b"\n"
    files = {**finding.files, "evidence.json": about, "keys": "".join(f"{key}\n" for key in keys).encode()}
    if history:
        files["key-history"] = history
    write_all_durably([(place / name, data) for name, data in sorted(files.items())])
    # The explanation comes last: a folder that has one is whole.
    write_all_durably([(place / "explanation.txt", _explain(finding, log, details["seen"], files).encode())])
    return place


def _explain(finding: Finding, log: str, seen: str, files: Mapping[str, bytes]) -> str:
    listed = "".join(f"  {name:<16} {FILES.get(name, 'as it was served')}\n" for name in sorted(files))
    return f"""{MEANS[finding.kind]}

Log:   {printable(log)}
Where: {printable(finding.where)}
Seen:  {seen} (by the clock of whoever wrote this)

{printable(finding.what)}

Files
{listed}
To check this without the server and without trusting who wrote it: get the log's public keys from somewhere you trust
(the file keys here holds those that were used, for comparison), then

    python -P -m openroll.watch evidence THIS-FOLDER --key log.pub

It says whether this convinces by itself, rests in part on the word of whoever wrote it (and on which), or does not hold.
By other tools: heads are C2SP signed notes (c2sp.org/signed-note, c2sp.org/tlog-checkpoint), proofs are RFC 6962's.
"""


FILES: Mapping[str, str] = {
    "head-1": "a head the log signed, as served (signed note)",
    "head-2": "another head the log signed, as served (signed note)",
    "proof": "hashes, base64, one a line: from the smaller size to head-2",
    "proof-1": "hashes, base64, one a line: from the smaller size to head-1",
    "prefix-root": "hex: the root that head-2 has at the smaller size",
    "prefix-root-1": "hex: the root that head-1 has at the smaller size",
    "entry": "the entry, byte for byte",
    "entry-proof": "hashes, base64, one a line: the inclusion proof of the entry in head-1",
    "earlier": "an entry that stands before it, byte for byte",
    "earlier-proof": "the inclusion proof of that in head-1",
    "entries": "the first entries of the log, each behind its length (two bytes, big-endian)",
    "figures": "the figures, byte for byte",
    "receipt": "the receipt (C2SP tlog-proof)",
    "evidence.json": "what is shown, for programs",
    "keys": "the public keys the monitor used",
    "key-history": "how the log says its keys changed, signed by those before",
}
