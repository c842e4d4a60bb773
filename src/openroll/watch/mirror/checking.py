"""Check a mirror offline: every file on its disk is proved again, and each wrong one is named."""

from pathlib import Path

from openroll.tlog import KEY_HISTORY, TlogError
from openroll.watch.mirror.copying import Progress, served_head
from openroll.watch.mirror.folder import MirrorFolder, NotAMirror, head_of
from openroll.watch.mirror.heads import Head
from openroll.watch.mirror.keys import first_keys, kept_keys
from openroll.watch.mirror.proved import Check, ProvedTiles, WrongFile
from openroll.watch.source import FolderSource


class _Checking:
    """File store of a check: reads the mirror's own files and nothing else."""

    def __init__(self, log: Path) -> None:
        self._own = FolderSource(log)

    def take(self, path: str, whole: str, check: Check) -> bytes:
        return check(self.read(path, whole, from_source=False)[0], path)

    def read(self, path: str, whole: str, *, from_source: bool) -> tuple[bytes, str]:  # noqa: ARG002 - there is one place to read
        data = self._own.get(path)
        if data is None:
            raise WrongFile(path, "it is not there")
        return data, path

    def keep(self, path: str, data: bytes) -> None:
        """Nothing: a check writes nothing."""


def check(folder: MirrorFolder, progress: Progress = lambda _done, _of: None) -> tuple[Head, list[str]]:
    """Prove every file of the mirror from its own disk; gives the head, and a sentence on each wrong file.

    What is wrong is also written down for the next run to mend. Raises NotAMirror.
    """
    state = folder.remembered()
    faults: dict[str, str] = {}
    try:
        keys = kept_keys(folder, state)
    except TlogError as error:
        keys = first_keys(state)
        faults[KEY_HISTORY] = f"{KEY_HISTORY} is wrong: {error}"
    head = served_head(folder, state, keys)
    if head is None:
        there = folder.source(state.shape).get("checkpoint") is not None
        if not there and not state.seen:
            raise NotAMirror(f"{folder.root} shows no head yet: run the mirror first")
        faults["checkpoint"] = "checkpoint is wrong: " + ("its signatures do not hold" if there else "it is not there")
        state.damaged = sorted(faults)
        folder.remember(state)
        return Head(head_of(state.seen), state.seen.encode()), list(faults.values())
    try:
        tiles = ProvedTiles(_Checking(folder.log(state.shape)), head.checkpoint)
        _check_lots(tiles, faults, progress)
    except WrongFile as error:
        faults[error.path] = str(error)
    state.damaged = sorted(faults)
    folder.remember(state)
    return head, list(faults.values())


def _check_lots(tiles: ProvedTiles, faults: dict[str, str], progress: Progress) -> None:
    size, start = tiles.checkpoint.size, 0
    while start < size:
        try:
            for bundle_range in tiles.bundle_ranges(start):
                start = 256 * bundle_range.number + bundle_range.width
                progress(start, size)
                try:
                    tiles.bundle_range(bundle_range)
                except WrongFile as error:
                    faults[error.path] = str(error)
        except WrongFile as error:
            # A tile above is wrong, so what lies below it cannot be proved: on to the next one on its level.
            faults[error.path] = str(error)
            start = _past(error.path, start)


def _past(path: str, start: int) -> int:
    """The first entry after those below a tile."""
    level = int(path.split("/")[1])
    span = int(256 ** (level + 1))
    return (start // span + 1) * span
