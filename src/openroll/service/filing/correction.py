"""A refused file, put right in place: cells replaced, rows left out, and the corrected copy ready to be sent again."""

from collections.abc import Collection, Mapping
from typing import BinaryIO

from openroll.disk_room import NoRoom, Room
from openroll.register.decision import Refused
from openroll.register.file_refusals import DiskFull, UploadLost, UploadNotMendable
from openroll.service.filing.upload_files import file_of
from openroll.service.filing.uploads import why_gone
from openroll.service.roll import Roll
from openroll.store.uploads import UploadRow


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
