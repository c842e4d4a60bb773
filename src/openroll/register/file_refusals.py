"""Why an operator's file is not taken, or not yet."""

from datetime import date

from openroll.register.refusal import Refusal, Slowed


class FileFaulty(Refusal, frozen=True):
    """The operator's file has faults and was refused whole; nothing of it was written."""

    code = "file-faulty"
    cites = "what its faults come from"
    faults: int


class FileRestFaulty(Refusal, frozen=True):
    """The first `stored` of the file's `rows` were filed before it broke off; the rest has faults, and was refused whole."""

    code = "file-rest-faulty"
    cites = "what its faults come from"
    faults: int
    stored: int
    rows: int


class FileInProgress(Refusal, frozen=True):
    """The same file is being taken by another process at this moment."""

    code = "file-in-progress"
    status = 409
    digest: str


class UploadUnknown(Refusal, frozen=True):
    """No such upload of this operator."""

    code = "upload-unknown"
    status = 404


class UploadTimeOver(Refusal, frozen=True):
    """A refused file waited as long as such files may for somebody to put it right, and was deleted on this day."""

    code = "upload-time-over"
    status = 404
    on: date


class UploadNotKept(Refusal, frozen=True):
    """The file was deleted as soon as it was looked at or taken, on this day: there was nothing to put right here."""

    code = "upload-not-kept"
    status = 404
    on: date


class UploadLost(Refusal, frozen=True):
    """The file is not on the disk any more, though nobody deleted it here: a backup brought its entry back without it, say."""

    code = "upload-lost"
    status = 404


class UploadNotMendable(Refusal, frozen=True):
    """What was given does not put the file right: it is still here."""

    code = "upload-not-mendable"


class UploadGivenUp(Refusal, frozen=True):
    """Taking the file broke off each time it was tried."""

    code = "upload-given-up"
    status = 503
    tries: int


class UploadsWaiting(Refusal, frozen=True):
    """So many files of this operator wait already that no more are taken in."""

    code = "uploads-waiting"
    status = 429
    most: int


class UploadsFull(Refusal, frozen=True):
    """The operator's files that wait or are kept to be put right fill its share of the disk (megabytes)."""

    code = "uploads-full"
    status = 429
    most: int


class FileTooLarge(Refusal, frozen=True):
    """The file is larger than any may be (megabytes)."""

    code = "file-too-large"
    status = 422
    most: int


class FilesInHand(Slowed, frozen=True):
    """A file of this operator is being taken by the API at this moment; nothing was taken. `wait` is in seconds."""

    code = "files-in-hand"
    unit = 1  # seconds


class DiskFull(Refusal, frozen=True):
    """The roll's disk has no room for a file beyond what is kept free, or did not take it; nothing of it was taken."""

    code = "disk-full"
    status = 507


class FileUnfinished(Refusal, frozen=True):
    """It broke off while a file was being filed: `stored` of its `rows` are filed, perhaps more."""

    code = "file-unfinished"
    status = 503
    stored: int
    rows: int


class FileOvertaken(Refusal, frozen=True):
    """A record or handle of the file was changed by somebody else while the file was taken: `stored` of its `rows` are filed."""

    code = "file-overtaken"
    status = 409
    stored: int
    rows: int
