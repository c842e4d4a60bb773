"""What can be wrong with an envelope or a key. Each message is a sentence's end, for a face to put behind the file's name."""


class EnvelopeError(ValueError):
    """Anything that an envelope, or a key for one, is refused for."""


class EnvelopeShape(EnvelopeError):
    """The bytes are no envelope of this form: cut off, grown, written otherwise, or of a version that is not known here."""


class EnvelopeNotOurs(EnvelopeError):
    """An envelope that does not open here. `reason` is one of the four below, for programs; they never say more.

    `not-a-recipient`: it is sealed to other keys. `does-not-open`: it was altered, or belongs to another matter (context).
    `signer-unknown`: it opened, and the key it is signed with is none of those named. `signature`: it is not that key's.
    """

    def __init__(self, reason: str) -> None:
        """`reason` is a key of `NOT_OURS`."""
        super().__init__(NOT_OURS[reason])
        self.reason = reason


NOT_OURS = {
    "not-a-recipient": "it is sealed to other keys than this",
    "does-not-open": "it was altered, or belongs to another matter than the one named",
    "signer-unknown": "it is signed with none of the keys named",
    "signature": "its signature is not by the key that it names",
}


class EnvelopeTooLong(EnvelopeError):
    """What should be sealed does not go into one envelope; `most` is how many bytes would, to these recipients."""

    def __init__(self, length: int, most: int) -> None:
        """Say how much there is and how much goes in."""
        super().__init__(f"it has {length:,} bytes, and an envelope to these recipients holds {most:,}")
        self.most = most


class KeyUnfit(EnvelopeError):
    """A key that is none: damaged, of another kind, or one under which nothing would be secret."""
