"""A real roll behind `openroll serve`, static servers in processes of their own, and monitors that are run as commands."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from openroll.service.filing.bulk import FileTaken, take_file
from openroll.service.governance import figures
from openroll.service.log.sequencer import Sequencer
from openroll.service.roll import Roll
from tests.conftest import whole_days_to
from tests.program import Program
from tests.seats import seated
from tests.service.filings import rows_file
from tests.web.conftest import serving


@dataclass
class Live:
    """An honest roll: its address, its keys in a file, and a copy of its public side as static files."""

    address: str
    roll: Roll
    keys: Path
    site: Path
    day: str


@pytest.fixture(scope="session")
def live(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A roll with 300 filings and published figures, served by its own server."""
    home = tmp_path_factory.mktemp("honest")
    with serving(database_url, home, f"a{os.getpid()}") as (address, roll):
        assert isinstance(take_file(roll, "east", rows_file(300)), FileTaken)
        sequencer = Sequencer(roll)
        sequencer.run_until_empty()
        assert isinstance(figures.publish(roll, seated(roll, "registrar", "registrar-lead")), str)
        sequencer.run_until_empty()
        sequencer.close()
        day = figures.published(roll)[0][0].isoformat()
        yield Live(address, roll, roll.home / "keys" / "log.pub", _copied(address, roll, home / "site", day), day)


def _copied(address: str, roll: Roll, site: Path, day: str) -> Path:
    shutil.copytree(roll.public, site / "log")
    for path in ("figures/json", f"figures/published/{day}"):
        (site / path).parent.mkdir(parents=True, exist_ok=True)
        with urllib.request.urlopen(f"{address}/{path}") as answer:  # noqa: S310 - our own server, on loopback
            (site / path).write_bytes(answer.read())
    return site


@pytest.fixture(scope="session")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """A plain static file server in another process: its address, and the folder it serves."""
    folder = tmp_path_factory.mktemp("web")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1", "--directory", str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)  # waits for a real process
        yield f"http://127.0.0.1:{port}", folder
    finally:
        process.terminate()
        process.wait(10)


class Outside(NamedTuple):
    """Where commands are run outside the roll: `openroll`, and `python -m openroll.watch` of whoever is shown evidence."""

    openroll: Program
    evidence: Program


@pytest.fixture(scope="session")
def outside(program: Callable[[str], Program]) -> Outside:
    """The commands, each in processes of its own."""
    return Outside(program("openroll.compose.main"), program("openroll.watch.__main__"))


@dataclass
class Found:
    """What one run of a command said."""

    status: int
    told: dict[str, Any]
    errors: str

    @property
    def kinds(self) -> list[str]:
        """The kinds of fault that were found, each once."""
        return sorted({fault["kind"] for fault in self.told["faults"]})

    def evidence(self, kind: str) -> Path:
        """The folder of the first fault of a kind."""
        return Path(next(fault["evidence"] for fault in self.told["faults"] if fault["kind"] == kind))


@dataclass
class Auditor:
    """Somebody outside with a folder of their own. `later` moves their clock by days from the roll's."""

    outside: Outside
    keys: Path
    state: Path
    today: datetime
    later: int = 0

    def looks(self, address: str, *options: str) -> Found:
        """Run `openroll audit` once."""
        shift = whole_days_to(self.today) + self.later
        given = ["audit", address, "--key", str(self.keys), "--json", "--state", str(self.state), *options]
        done = self.outside.openroll.run(given, {"OPENROLL_SHIFT_DAYS": str(shift)})
        assert done.stdout, done.stderr
        return Found(done.returncode, json.loads(done.stdout), done.stderr)

    def shows(self, found: Found, kind: str, somebody: Path) -> tuple[int, str]:
        """Carry the evidence to somebody else and let them check it with nothing but the keys: status and sentence."""
        assert found.status == 1, (found.told, found.errors)
        assert found.kinds == [kind], found.told
        shutil.copytree(found.evidence(kind), somebody)
        assert (somebody / "explanation.txt").read_text(encoding="utf-8")
        done = self.outside.evidence.run(["evidence", str(somebody), "--key", str(self.keys)])
        return done.returncode, done.stdout + done.stderr


HOLDS, ON_A_WORD, FAILS = 0, 3, 1


@pytest.fixture
def auditor(live: Live, outside: Outside, tmp_path: Path) -> Auditor:
    """An auditor of the honest roll, whose clock stands on the roll's day."""
    return Auditor(outside, live.keys, tmp_path / "auditor", live.roll.clock())


@pytest.fixture
def copy(live: Live, web: tuple[str, Path], tmp_path: Path) -> Callable[[str], tuple[str, Path]]:
    """Copies of the honest roll's public side behind the static server: the address and the folder of each."""

    def make(name: str) -> tuple[str, Path]:
        name = f"{tmp_path.name}-{name}"
        shutil.copytree(live.site, web[1] / name)
        return f"{web[0]}/{name}", web[1] / name

    return make
