"""A refused file, put right in place: cells replaced, rows left out, and the corrected copy ready to be sent again."""

from collections.abc import Collection, Mapping
from pathlib import Path

from openroll.register.decision import Refused
from openroll.register.refusals import UploadUnknown
from openroll.service.roll import Roll
from openroll.service.uploads import file_of, folder
from openroll.sheet.mend import mend
from openroll.store.uploads import UploadRow


def mend_upload(
    roll: Roll, row: UploadRow, fixes: Mapping[tuple[int, str], str], drop: Collection[int]
) -> Path | Refused:
    """A corrected copy of a refused upload's file."""
    path = file_of(roll, row.id)
    if row.state != "refused" or not path.exists():
        return Refused(UploadUnknown())
    output = folder(roll) / f"mended-{row.id}-{roll.salts(8).hex()}"
    kept = {cell: value for cell, value in fixes.items() if cell[0] not in drop}
    try:
        mend(path, output, kept, drop)
    except ValueError:
        output.unlink(missing_ok=True)
        return Refused(UploadUnknown())
    return output
