"""One family of errors: whatever is wrong with a proof, a note or a tile, it is a TlogError with a code and a sentence."""

from typing import ClassVar


class TlogError(Exception):
    """Something could not be verified or read. `code` is stable; the message is a sentence for a person."""

    code: ClassVar[str] = "tlog"


class Malformed(TlogError):
    """Bytes that are not in the one form their specification allows."""

    code = "malformed"


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
    """A tile, a bundle or a checkpoint that the log must serve and does not."""

    code = "missing"


class NotLater(TlogError):
    """A head that is older than the one already held: nothing follows from it, and nothing is proved against anybody."""

    code = "not-later"
