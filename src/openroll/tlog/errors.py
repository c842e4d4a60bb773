"""The errors of the log library: all are TlogErrors with a code and a sentence."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar


class TlogError(Exception):
    """Something could not be verified or read. `code` is stable; the message is a sentence for a person.

    `rule` is the number of the rule in docs/proofs.md that a receipt breaks, as `F8`; empty where none of them is meant.
    """

    code: ClassVar[str] = "tlog"

    def __init__(self, message: str = "", *, rule: str = "") -> None:
        super().__init__(message)
        self.rule = rule


@contextmanager
def under_rule(rule: str) -> Iterator[None]:
    """Context manager: give every TlogError raised inside the number of the verification rule, unless it has one."""
    try:
        yield
    except TlogError as error:
        error.rule = error.rule or rule
        raise


class Malformed(TlogError):
    """Bytes that are not in the one form their specification allows."""

    code = "malformed"


class KeyMalformed(Malformed):
    """A public key that is not in its one form, or one that no signature may be checked with."""

    code = "key-malformed"


class PolicyMalformed(Malformed):
    """A trust policy that is not as its format has it. `line` is the number of the line that is wrong, 0 for the whole."""

    code = "policy-malformed"

    def __init__(self, message: str = "", *, rule: str = "P1", line: int = 0) -> None:
        super().__init__(message, rule=rule)
        self.line = line


class SavedAsText(Malformed):
    """A receipt whose line ends or encoding were changed by a program that saves text; what it says is what was signed."""

    code = "saved-as-text"


class ProofFailed(TlogError):
    """A Merkle proof that does not lead to the given root."""

    code = "proof-failed"


class SignatureFailed(TlogError):
    """A signature by a known key that does not fit what it should sign."""

    code = "signature-failed"


class KeyMissing(TlogError):
    """A key that was asked for has not signed."""

    code = "key-missing"


class QuorumMissing(TlogError):
    """A checkpoint that its log signed and too few witnesses cosigned for the policy it is read under."""

    code = "quorum-missing"


class KeyRevoked(TlogError):
    """A key whose word is no longer to be believed here: it was stolen or lost, and the log says so."""

    code = "key-revoked"


class OtherLog(TlogError):
    """A good-looking proof from another log than the keys given are for."""

    code = "other-log"


class ContentChanged(TlogError):
    """The content does not give the commitment that stands in the log."""

    code = "content-changed"


class Missing(TlogError):
    """A tile, an entry bundle or a checkpoint that the log must serve is missing."""

    code = "missing"


class NotLater(TlogError):
    """A checkpoint older than the one at hand: nothing follows from it, and nothing is proved against anybody."""

    code = "not-later"
