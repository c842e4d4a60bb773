"""A roll made by the program of another commit, upgraded by this one: `script/upgrade-from REV [--rows N]`.

The other commit is checked out beside this one and runs with the packages that are installed here. Everything goes through the
two command lines, as whoever keeps a roll would do it.
"""

import argparse
import csv
import gzip
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from openroll.compose.postgres import database_url
from openroll.compose.settings import settings_from
from openroll.store.postgres_tools import address, client_tool, server_of

HERE = Path(__file__).parents[2]
RULE = "cn-cq-2006-regulation+with-safeguards"
ROLL = "upgraded"
RECEIPTS = 10
"""Receipts that are made before, spread over the file, and verified after."""
_RUN = "from openroll.compose.main import main; main()"


class Broken(Exception):
    """A command failed, or something is not what it was."""


class Program:
    """The command line of one commit, on one roll."""

    def __init__(self, source: Path, home: Path, *, quiet: bool = False) -> None:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("OPENROLL_", "DATABASE_URL"))}
        self.environment = kept | {"PYTHONPATH": str(source), "OPENROLL_HOME": str(home), "OPENROLL_ROLL": ROLL}
        self._quiet = quiet

    def __call__(self, *words: str | Path) -> str:
        """Run a command; what it prints. Raises Broken."""
        return self.python("-c", _RUN, *words)

    def python(self, *words: str | Path) -> str:
        """Run this commit's Python. Raises Broken."""
        done = subprocess.run(
            [sys.executable, *map(str, words)],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            cwd=self.environment["OPENROLL_HOME"],
        )
        if done.returncode:
            raise Broken(f"{' '.join(map(str, words[-6:]))}: status {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    def has(self, *words: str) -> bool:
        """Whether this commit has a command."""
        try:
            self(*words, "--help")
        except Broken:
            return False
        return True


def main() -> None:
    """Do it all once and print how long each step took; status 1, with what differs, where something was lost."""
    arguments = _arguments()
    folder = Path(tempfile.mkdtemp(prefix="upgrade-from-"))
    source, home = folder / "source", folder / "home"
    home.mkdir()
    try:
        _git("worktree", "add", "--detach", "--force", str(source), arguments.rev)
        steps = Steps()
        before = make_roll(Program(source / "src", home), source, home, arguments.rows, steps)
        if arguments.fixture:
            pack_fixture(home, arguments.fixture, before)
        else:
            check_upgraded(Program(HERE / "src", home), home, before, steps)
        steps.print()
    except Broken as error:
        sys.exit(f"upgrade-from: {error}")
    finally:
        _git("worktree", "remove", "--force", str(source))
        _stop(home)
        shutil.rmtree(folder, ignore_errors=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="script/upgrade-from", description=__doc__)
    parser.add_argument("rev", help="the commit whose program makes the roll")
    parser.add_argument("--rows", type=int, default=10_000, help="filings of the roll (10,000)")
    parser.add_argument("--fixture", type=Path, help="write the roll as it was before, for tests, and end")
    return parser.parse_args()


class Steps:
    """What each step took, in seconds."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, float]] = []

    def __call__(self, name: str, step: Callable[[], str]) -> str:
        """Do a step; what it says."""
        begun = time.perf_counter()
        said = step()
        self.taken.append((name, time.perf_counter() - begun))
        return said

    def print(self) -> None:
        """Each step with its time, as a table for docs/measurements.md."""
        for name, seconds in self.taken:
            print(f"| {name} | {seconds:.1f} s |")


def make_roll(openroll: Program, source: Path, home: Path, rows: int, steps: Steps) -> dict[str, object]:
    """Open, admit, file, issue and invite with the old program; what must be the same after the upgrade."""
    steps(
        "init",
        lambda: openroll(
            "init", "--rule", RULE, "--title-en", "Old", "--title-zh", "旧", "--origin", "roll.example/old"
        ),
    )
    for operator in ("bayu", "jialing"):
        openroll("admit", operator, "--title-en", operator.title(), "--title-zh", "某网")
    openroll("token", "issue", "bayu")
    openroll("invite")
    openroll("invite", "bayu")
    subscribers = home / "subscribers.csv"
    subscribers.write_text(_subscribers(source, rows), "utf-8")
    key: tuple[str | Path, ...] = ()
    if openroll.has("handle", "new-key"):
        openroll("handle", "new-key", home / "bayu.handle-key")
        key = ("--key", home / "bayu.handle-key")
    packed = home / "bayu.filing.csv"
    steps("pack", lambda: openroll("pack", subscribers, "--rule", RULE, *key, "-o", packed))
    steps(f"file {rows:,} rows", lambda: openroll("file", packed, "--operator", "bayu"))
    openroll("rebuild", "--check")
    openroll("log", "fsck")
    codes = home / "codes.csv"
    openroll("codes", "--operator", "bayu", "-o", codes)
    (home / "log.pub").write_text(openroll("key"), "utf-8")
    return _state(openroll, home, codes.read_text("utf-8"))


def _state(openroll: Program, home: Path, codes: str) -> dict[str, object]:
    """Codes, keys, tokens and some receipts, as they are now."""
    found = [code for _, code in list(csv.reader(io.StringIO(codes)))[1:]]
    for number, code in enumerate(found[:: max(1, len(found) // RECEIPTS)]):
        openroll("receipt", "make", code, "--output", home / f"{number}.tlog-proof")
    return {"codes": codes, "keys": openroll("key"), "tokens": _numbers(openroll("token", "list", "bayu"))}


def _numbers(table: str) -> list[str]:
    """The numbers in a printed table of tokens: how it is drawn may change."""
    return [word for line in table.splitlines() for word in line.replace("│", " ").split()[:1] if word.isdigit()]


def check_upgraded(openroll: Program, home: Path, before: dict[str, object], steps: Steps) -> None:
    """Upgrade with this program and compare. Raises Broken with what differs."""
    steps("upgrade", lambda: openroll("upgrade"))
    openroll("upgrade")
    steps("rebuild --check", lambda: openroll("rebuild", "--check"))
    steps("log fsck", lambda: openroll("log", "fsck"))
    codes = home / "codes-after.csv"
    openroll("codes", "--operator", "bayu", "-o", codes)
    after = {
        "codes": codes.read_text("utf-8"),
        "keys": openroll("key"),
        "tokens": _numbers(openroll("token", "list", "bayu")),
    }
    for name, value in before.items():
        if after[name] != value:
            raise Broken(f"{name} are not what they were before the upgrade")
    receipts = sorted(home.glob("*.tlog-proof"))
    for receipt in receipts:
        steps("receipts of before verify", lambda receipt=receipt: _verify(openroll, home, receipt))  # type: ignore[misc]
    openroll("log", "sequence")
    openroll("log", "fsck")
    _merge(steps)


def _verify(openroll: Program, home: Path, receipt: Path) -> str:
    return openroll.python("-m", "openroll.tlog", "verify", receipt, "--key", home / "log.pub")


def _merge(steps: Steps) -> None:
    """The receipts as one line."""
    each = [seconds for name, seconds in steps.taken if name.startswith("receipts")]
    steps.taken = [one for one in steps.taken if not one[0].startswith("receipts")]
    steps.taken.append((f"{len(each)} receipts of before verify", sum(each)))


def _subscribers(source: Path, rows: int) -> str:
    """A list of made-up subscribers under the columns that the old program reads; nobody is told."""
    header = (source / "docs/subscribers.csv").read_text("utf-8").splitlines()[0]
    empty = "," * (header.count(",") - 4)
    lines = (
        f"line-{number:06},household,adsl,500103,2006-{10 + number % 2}-{1 + number % 28:02}{empty}"
        for number in range(rows)
    )
    return "\n".join((header, *lines)) + "\n"


def pack_fixture(home: Path, target: Path, before: dict[str, object]) -> None:
    """The roll before its upgrade as one archive: its tables as SQL, its folder, some receipts. The keys are a made-up roll's."""
    settings = settings_from({"OPENROLL_HOME": str(home), "OPENROLL_ROLL": ROLL})
    server = server_of(database_url(settings))
    where, environment = address(server)
    dumped = subprocess.run(
        [
            client_tool("pg_dump", server),
            "--inserts",
            "--no-owner",
            "--schema",
            f"roll_{ROLL}",
            where,
        ],
        env=os.environ | environment,
        capture_output=True,
        check=True,
    ).stdout
    with gzip.GzipFile(target, "wb", mtime=0) as packed, tarfile.open(fileobj=packed, mode="w") as archive:
        _add(archive, "dump.sql", dumped)
        _add(archive, "before.json", json.dumps(before, ensure_ascii=False).encode())
        for path in sorted((*home.glob("*.tlog-proof"), home / "log.pub")):
            _add(archive, path.name, path.read_bytes())
        folder = settings.roll_home
        for path in sorted(one for one in folder.rglob("*") if one.is_file()):
            _add(archive, f"home/{path.relative_to(folder)}", path.read_bytes())


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), 0o600
    archive.addfile(entry, io.BytesIO(content))


def _stop(home: Path) -> None:
    """End the private PostgreSQL of this roll."""
    pid = home / "postgres" / "postmaster.pid"
    if pid.exists():
        os.kill(int(pid.read_text().splitlines()[0]), 2)


def _git(*words: Sequence[str] | str) -> None:
    subprocess.run(["git", "-C", str(HERE), *map(str, words)], check=True, capture_output=True)


if __name__ == "__main__":
    main()
