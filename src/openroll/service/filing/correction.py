"""A refused file, put right in place: cells replaced, rows left out, and the corrected copy ready to be sent again."""

from collections.abc import Collection, Mapping
from typing import BinaryIO

from openroll.disk_room import NoRoom, Room
from openroll.register.decision import Refused
from openroll.register.file_refusals import DiskFull, UploadLost, UploadNotMendable
from openroll.register.organisation.roles import Seat
from openroll.service.filing.upload_files import file_of
from openroll.service.filing.uploads import no_share, send, why_gone
from openroll.service.roll import Roll
from openroll.store.uploads import UploadRow


def mend_and_send(
    roll: Roll, by: Seat, row: UploadRow, fixes: Mapping[tuple[int, str], str], drop: Collection[int]
) -> UploadRow | Refused:
    """A refused upload's file put right and entered anew (`mend_upload`, `uploads.send`), with the operator's share asked first.

    It reads and writes the whole file: an executor of files does it, one at a time an operator.
    """
    if (none := no_share(roll, by, row.size)) is not None:
        return none
    mended = mend_upload(roll, row, fixes, drop)
    if isinstance(mended, Refused):
        return mended
    with mended:
        return send(roll, by, mended, row.purpose)


def mend_upload(
    roll: Roll, row: UploadRow, fixes: Mapping[tuple[int, str], str], drop: Collection[int]
) -> BinaryIO | Refused:
    """A corrected copy of a refused upload's file, open and without a name. The caller closes it.

    Refused with the reason where the file is not kept any more, and where what was given does not put it right.
    """
    from openroll.sheet.apart import mend_apart  # noqa: PLC0415 - what reads files comes with the first file

    gone = why_gone(roll, row)
    if gone is not None:
        return Refused(gone)
    if row.state != "refused":
        return Refused(UploadNotMendable())
    kept = {cell: value for cell, value in fixes.items() if cell[0] not in drop}
    try:
        with file_of(roll, row.id).open("rb") as file:
            return mend_apart(file, kept, drop, spool=Room(roll.home))
    except NoRoom:
        return Refused(DiskFull())
    except FileNotFoundError:
        return Refused(UploadLost())
    except ValueError:
        return Refused(UploadNotMendable())
