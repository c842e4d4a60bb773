"""What a roll asks a remote place to look at, what the place says that it saw, and how anybody checks that. Pure.

Both are signed notes (C2SP signed-note): a roll asks under a key of its log, a place answers under a key that it has for nothing
else. Neither text can pass for a head of a log: no log has such a name, and the second line is no size. The answer stands in the
fact that is made of it (`events.Sighting`), from which its text is made again.
"""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass

from openroll.register.request.one_record import domain_fault
from openroll.register.site.control import Persisted, Wanted, persisted, wanted_of
from openroll.register.site.events import Sighting
from openroll.register.site.record import PROOFS
from openroll.tlog import TlogError, Verifier
from openroll.tlog.encoding import strict_base64

ASKED, SEEN = "openroll site asked/1", "openroll site seen/1"
MOST_DOMAINS = 10
_NONE = "-"


@dataclass(frozen=True, slots=True)
class Asked:
    """A question: the name of the asking roll's log, when it asks (Unix seconds), the site's domains (A-labels), and the proof of
    control that is looked for, if one is."""

    roll: str
    at: int
    domains: tuple[str, ...]
    wanted: Wanted | None = None

    def text(self) -> str:
        """What the roll signs."""
        return "\n".join((ASKED, self.roll, str(self.at), " ".join(self.domains), _record(self.wanted), ""))


def read_asked(text: str) -> Asked | None:
    """The question that a text asks; None for what is none."""
    lines = text.split("\n")
    if len(lines) != 6 or lines[0] != ASKED or lines[5] or not (lines[2].isascii() and lines[2].isdigit()):
        return None
    domains, record = tuple(lines[3].split(" ")), persisted(lines[4])
    if len(lines[2]) > 12 or len(domains) > MOST_DOMAINS or any(domain_fault(one) for one in domains):
        return None
    if record is None and lines[4] != _NONE:
        return None
    wanted = None if record is None else Wanted(record.issuer, record.account)
    asked = Asked(lines[1], int(lines[2]), domains, wanted)
    return asked if asked.text() == text else None


def seen_text(roll: str, domains: Sequence[str], wanted: Wanted | None, sighting: Sighting) -> str:
    """What a place signs: for whom it looked, when, at what, and what it saw."""
    answers = "yes" if sighting.answers else "no"
    control = _NONE if sighting.control is None else sighting.control or "none"
    lines = (SEEN, roll, str(sighting.at), " ".join(domains), _record(wanted))
    return "\n".join((*lines, f"answers {answers}", f"control {control}", ""))


def read_seen(text: str, place: str) -> Sighting | None:
    """What a place says that it saw, without its signature; None for what is no such text."""
    lines = text.split("\n")
    if len(lines) != 8 or lines[0] != SEEN or not (lines[2].isascii() and lines[2].isdigit() and len(lines[2]) <= 12):
        return None
    control = {"control -": None, "control none": ""} | {f"control {one}": one for one in PROOFS}
    if lines[5] not in ("answers yes", "answers no") or lines[6] not in control:
        return None
    return Sighting(place=place, at=int(lines[2]), answers=lines[5] == "answers yes", control=control[lines[6]])


def signature_said(verifier: Verifier, signature: bytes) -> str:
    """A signature as it stands in a fact: as in a signed note's line, behind the key's id."""
    return b64encode(verifier.key_id + signature).decode()


def is_signed(sighting: Sighting, roll: str, domains: Sequence[str], account: str, keys: Sequence[Verifier]) -> bool:
    """Whether one of these keys of a place signed what a fact says that it saw. `account` is the fact's own."""
    text = seen_text(roll, domains, wanted_of(account), sighting)
    try:
        signature = strict_base64(sighting.signature, "the signature")
        key = next((one for one in keys if (one.name, one.key_id) == (sighting.place, signature[:4])), None)
        if key is None or sighting.answers is None:
            return False
        key.verify(text, signature[4:])
    except TlogError:
        return False
    return True


def _record(wanted: Wanted | None) -> str:
    return _NONE if wanted is None else Persisted(wanted.issuer, wanted.account).value()
