"""The system user that a private PostgreSQL server runs as (it refuses root), and how it reaches its data folder.

PostgreSQL does not run as root. Where we are root its programs run as a user of their own, who owns the data folder and nothing
above it. They inherit that folder as an open file and are told its name there (`/proc/self/fd/7`): the kernel follows that
without asking whether they may pass the folders above, so nobody has to open those. (Their working folder would not do: up to
version 15 they leave it and come back by its whole name.)
"""

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

SERVER_USER = "embedded_postgres"
_OPEN = Path("/proc/self/fd")


class NoServerUser(OSError):
    """PostgreSQL cannot run as any system user here; the sentence says why and what to do."""


def owner_for(data: Path) -> pwd.struct_passwd | None:
    """The system user that PostgreSQL runs as on this data folder; None for ourselves, who are not root.

    Makes the user where it is missing. A folder that somebody else than root owns already goes on belonging to them.
    """
    if os.geteuid() != 0:
        return None
    if data.exists() and data.stat().st_uid != 0:
        return pwd.getpwuid(data.stat().st_uid)
    try:
        return pwd.getpwnam(SERVER_USER)
    except KeyError:
        made = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SERVER_USER]
        done = subprocess.run(made, capture_output=True, text=True, check=False)  # noqa: S603 - as root, the system's own
        if done.returncode:
            raise NoServerUser(
                f"PostgreSQL does not run as root, and a user {SERVER_USER} for it cannot be made ({done.stderr.strip()}): "
                "run openroll as another user, or name a server in DATABASE_URL"
            ) from None
        return pwd.getpwnam(SERVER_USER)


def give(data: Path, user: pwd.struct_passwd | None) -> None:
    """Give the PostgreSQL data folder to `user` alone (chown). Nothing above it is touched."""
    data.chmod(0o700)
    if user is None or data.stat().st_uid == user.pw_uid:
        return
    for folder, folders, files in os.walk(data):
        for name in (".", *folders, *files):
            os.chown(Path(folder) / name, user.pw_uid, user.pw_gid, follow_symlinks=False)


@contextmanager
def reaching(data: Path, user: pwd.struct_passwd | None) -> Iterator[tuple[str, dict[str, Any]]]:
    """How to name the data folder for a PostgreSQL program, and how `subprocess` starts it as its user.

    It runs as the cluster's user, with plain English messages, and holds the folder open.
    """
    given: dict[str, Any] = {"cwd": "/", "env": os.environ | {"LC_ALL": "C", "LC_MESSAGES": "C"}}
    if user is not None:
        given |= {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    folder = os.open(data, os.O_RDONLY | os.O_DIRECTORY)
    try:
        if _OPEN.exists():
            yield f"{_OPEN}/{folder}", given | {"pass_fds": (folder,)}
        else:
            yield str(data), given
    finally:
        os.close(folder)


def remove(data: Path) -> None:
    """Empty a PostgreSQL data folder that an unfinished initdb left, and keep the folder."""
    for path in data.iterdir():
        shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
