"""The wheel that `pip install .` makes: it alone, outside the tree, serves pages with their theme in every language."""

import os
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import httpx
import pytest

from tests.web.conftest import free_port, wait_for

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel built from this tree with the tools of this environment."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (made,) = folder.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of a fresh environment that has the wheel, and its dependencies from this environment but not this tree.

    A folder named in a .pth file is searched, and the .pth files within it are not followed: the editable install that points to
    this tree is not seen.
    """
    folder = tmp_path_factory.mktemp("fresh") / "venv"
    venv.create(folder)
    site = Path(next(folder.glob("lib/python*/site-packages")))
    with ZipFile(wheel) as archive:
        archive.extractall(site)
    others = [path for path in sys.path if path.endswith("site-packages")] or [sysconfig.get_path("purelib")]
    (site / "dependencies.pth").write_text("".join(f"{path}\n" for path in others), encoding="utf-8")
    return folder / "bin" / "python"


def openroll(python: Path, home: Path, *words: str, url: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the installed package, in a folder that is not the tree."""
    environment = {
        "PATH": os.environ["PATH"],
        "DATABASE_URL": url,
        "OPENROLL_HOME": str(home),
        "OPENROLL_ROLL": "wheel",
    }
    return subprocess.run(
        [str(python), "-m", "openroll", *words], cwd=home, env=environment, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def address(installed: Path, database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A roll opened and served by the installed package; its address."""
    home = tmp_path_factory.mktemp("home")
    where = subprocess.run(
        [str(installed), "-c", "import openroll; print(openroll.__file__)"],
        cwd=home,
        capture_output=True,
        text=True,
        check=True,
    )
    assert str(installed.parents[1]) in where.stdout, "the installed package is what is tested, and not the tree"
    opening = [
        "init",
        "--rule",
        "notification-2006",
        "--title-en",
        "Wheel",
        "--title-zh",
        "轮",
        "--registrar",
        "Office",
    ]
    done = openroll(installed, home, *opening, url=database_url)
    assert done.returncode == 0, done.stdout + done.stderr
    port = free_port()
    environment = {
        "PATH": os.environ["PATH"],
        "DATABASE_URL": database_url,
        "OPENROLL_HOME": str(home),
        "OPENROLL_ROLL": "wheel",
        "OPENROLL_WHAT_IF_CITY": "village",
        "OPENROLL_WHAT_IF_AT_START": "0",
        "OPENROLL_WHAT_IF_IDLE": "0",
        "OPENROLL_MAY_LOSE_FILINGS": "1",  # the tests' own server waits for no disk
    }
    log = home / "server.log"
    with log.open("wb") as errors:
        process = subprocess.Popen(
            [str(installed), "-m", "openroll", "serve", "--port", str(port)],
            cwd=home,
            env=environment,
            stdout=errors,
            stderr=errors,
        )
        try:
            wait_for(f"http://localhost:{port}/en/", process, log)
            yield f"http://localhost:{port}"
        finally:
            process.terminate()
            process.wait(20)


def test_the_wheel_holds_what_pages_need(wheel: Path) -> None:
    """Theme, scripts, fonts for print with their licence and the Chinese catalogue are in the wheel, and no tests."""
    with ZipFile(wheel) as archive:
        names = archive.namelist()
    build = "openroll/web/static/build"
    for name in (
        "theme.css",
        "verify.js",
        "passkey.js",
        "progress.js",
        "fonts/NotoSansSC_400Regular.ttf",
        "fonts/NotoSans_700Bold.ttf",
        "fonts/OFL.txt",
    ):
        assert f"{build}/{name}" in names, name
    assert "openroll/words/locale/zh/LC_MESSAGES/messages.mo" in names
    assert {name.split("/")[0] for name in names} <= {"openroll", "openroll-0.1.0.dist-info"}


def test_an_installed_roll_serves_pages_with_their_theme(address: str) -> None:
    """Home and help come in both languages, and everything that they name as a style or a script is there."""
    for language, words in (("en", "Check a receipt"), ("zh", "核验回执")):
        page = httpx.get(f"{address}/{language}/")
        assert page.status_code == 200
        assert words in page.text, language
        for path in sorted({part.split('"')[0] for part in page.text.split('"/static/')[1:]}):
            assert httpx.get(f"{address}/static/{path}").status_code == 200, path


def test_an_installed_roll_prints(installed: Path, tmp_path: Path) -> None:
    """The typeface for paper is found in the installed package, with its Chinese."""
    code = "from openroll.paper.typeface import typeface; print(typeface().can_show('重庆'))"
    done = subprocess.run([str(installed), "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "True\n"), done.stderr
