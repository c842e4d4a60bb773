"""What keeps the log or a filing is told by a code of ours: no words of an exception, and a full disk as what it is."""

import errno
from pathlib import Path

import psycopg
import pytest
from psycopg_pool import PoolTimeout

from openroll.register.command import Actor
from openroll.register.decision import Refused
from openroll.register.file_refusals import DiskFull
from openroll.service.filing import group_commit
from openroll.service.filing.one_journey import OneJourney
from openroll.service.log.ratchet import Forked, Ratchet, RatchetDamaged
from openroll.service.log.trouble import SENTENCES, trouble_of
from openroll.service.numbers import Marks, NumbersDamaged
from openroll.service.roll import Roll
from tests.handles import handle
from tests.service.filings import filing, submission_of

SECRET = 'connection to server at "10.0.0.7", port 5432 failed for user "keeper": /srv/roll/ratchet'


def came_of(cause: Exception) -> Exception:
    """An error that came of another."""
    try:
        raise ValueError(SECRET) from cause
    except ValueError as error:
        return error


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (psycopg.OperationalError(SECRET), "database-away"),
        (PoolTimeout(SECRET), "database-away"),
        (psycopg.errors.InsufficientPrivilege(SECRET), "database-fault"),
        (psycopg.errors.DiskFull(SECRET), "disk-full"),
        (OSError(errno.ENOSPC, SECRET), "disk-full"),
        (came_of(OSError(errno.EDQUOT, SECRET)), "disk-full"),
        (PermissionError(SECRET), "fault"),
        (Forked(SECRET), "forked"),
        (RatchetDamaged(SECRET), "ratchet-damaged"),
    ],
)
def test_trouble_is_a_code_and_a_sentence_of_ours(error: Exception, code: str) -> None:
    """Whatever a round ends in, what everybody reads holds none of its words."""
    assert trouble_of(error) == f"{code}: {SENTENCES[code]}"


def test_what_a_held_roll_says_names_no_folder(tmp_path: Path) -> None:
    """A damaged file is named by its name alone: the sentence stands on the public pages while the roll is held."""
    for name, read in (("ratchet", lambda path: Ratchet(path).read()), ("numbers", lambda path: Marks(path).read())):
        (tmp_path / name).write_bytes(b"{")
        with pytest.raises(
            (RatchetDamaged, NumbersDamaged), match=f"the file {name} of the roll's home is damaged"
        ) as said:
            read(tmp_path / name)
        assert str(tmp_path) not in str(said.value)


def test_a_full_disk_is_told_whoever_files(roll: Roll, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not that the database is away, which nobody would find to be so: that the disk is full, and nothing was taken."""

    def full(*_: object) -> list[object]:
        raise OSError(errno.ENOSPC, SECRET)

    monkeypatch.setattr(OneJourney, "take", full)
    group = group_commit.GroupCommit(roll)
    try:
        one = submission_of(filing(handle=handle("full-1")), Actor("operator", "east"))
        assert group.submit_and_wait(one) == Refused(DiskFull())
    finally:
        group.close()
