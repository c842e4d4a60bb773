"""A mirror that kills itself (SIGKILL) at the step it is told: python -m tests.watch.mirror.victim LOG COPY STEP before|after."""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from openroll.watch.mirror import copying, folder
from openroll.watch.mirror.folder import MirrorFolder
from openroll.watch.source import FolderSource

STEPS: dict[str, tuple[Any, str, int]] = {
    "3 seen": (MirrorFolder, "remember", 1),
    "4 a file staged": (MirrorFolder, "stage", 100),
    "4 a lot of files": (MirrorFolder, "commit", 2),
    "4 synced": (os, "sync", 1),
    "4 a file in its place": (Path, "rename", 50),
    "4 folders synced": (folder, "sync_folders", 1),
    "5 shown": (MirrorFolder, "publish", 1),
    "6 collected": (MirrorFolder, "collect", 1),
    "6 written down": (MirrorFolder, "remember", 2),
}
"""Where a run can be killed: around the nth of each of these calls."""


def _killing(function: Callable[..., Any], when: str, at: int) -> Callable[..., Any]:
    calls = 0

    def wrapped(*given: Any, **named: Any) -> Any:
        nonlocal calls
        calls += 1
        if when == "before" and calls == at:
            os.kill(os.getpid(), signal.SIGKILL)
        result = function(*given, **named)
        if when == "after" and calls == at:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    return wrapped


def main() -> None:
    """Run the mirror, armed, as the arguments say."""
    log, copy, step, when = sys.argv[1:]
    where, name, at = STEPS[step]
    setattr(where, name, _killing(getattr(where, name), when, at))
    mirror = MirrorFolder(Path(copy))
    with mirror.locked():
        copying.run(mirror, mirror.remembered(), FolderSource(Path(log)), connections=1)


if __name__ == "__main__":
    main()
