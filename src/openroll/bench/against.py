"""Benchmark two commits in turn in one run (`script/against`), so that the machine's noise meets both alike.

    script/against REV ITEM... [--times N] [--seconds N] [--rows N]

makes a worktree of REV in a temporary folder, with packages borrowed from this one's, and runs `openroll bench ITEM` of REV and
of this tree in turn, each in a database of its own. For each figure it says both medians, how many times as good this tree is,
the least and most of that over the turns, and what else the machine was doing. It ends with 1 where this tree is slower in every
turn.
"""

import argparse
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import msgspec

from openroll.bench.figure import busy

HERE = Path(__file__).parents[3]
SLOWER_IS_MORE = ("ms", "s", "MB", "µs")
"""Units of which less is better; of every other, more."""
_LATER = re.compile(r"(?: \(p50 [0-9.]+ ms, p99 (?P<p99>[0-9.]+) ms\)|; p99 (?P<page>[0-9.,]+) ms\))$")
"""What a name ends in that is measured: the median and p99 of filings, or the p99 of a page behind who asked for it."""
_TRIES = 3
HANDLE_LETTERS = 36
"""Letters of a handle (`register.subscription.handle`), which the bench of an old commit is patched to file, too."""


class Compared(msgspec.Struct, frozen=True):
    """A benchmark figure of both commits: their medians, and the ratio ours to theirs over the turns (1: the same)."""

    name: str
    unit: str
    ours: float
    theirs: float
    ratio: float
    least: float
    most: float

    @property
    def verdict(self) -> str:
        """`slower` only where it was so in every turn; else, where turns differ, `within the spread`."""
        if self.ratio >= 1:
            return "no slower"
        return "slower" if self.most < 1 else "within the spread"


Turn = Mapping[str, tuple[str, float]]
"""What one run of the bench gave: unit and value, by the figure's name."""


def compared(ours: Sequence[Turn], theirs: Sequence[Turn]) -> list[Compared]:
    """The benchmark figures that both commits have, in the order of ours, turn by turn."""
    found = []
    for name, (unit, _) in ours[0].items():
        if not all(name in turn for turn in (*ours, *theirs)):
            continue
        mine, other = [turn[name][1] for turn in ours], [turn[name][1] for turn in theirs]
        pairs = [(b, a) if unit in SLOWER_IS_MORE else (a, b) for a, b in zip(mine, other, strict=True)]
        ratios = [above / below for above, below in pairs if below]
        if ratios:
            found.append(Compared(name, unit, median(mine), median(other), median(ratios), min(ratios), max(ratios)))
    return found


def figures_of(text: str) -> Turn:
    """Parse the output of `openroll bench --json`: rates by name, p99 and memory as figures of their own."""
    turn: dict[str, tuple[str, float]] = {}
    for one in json.loads(text.strip().splitlines()[-1])["figures"]:
        later = _LATER.search(one["name"])
        name = _LATER.sub(")" if later and later["page"] else "", one["name"])
        turn[name] = (one["unit"], one["ours"])
        if later:
            turn[f"{name}, p99"] = ("ms", float((later["p99"] or later["page"]).replace(",", "")))
        if one.get("megabytes"):
            turn[f"{name.partition(',')[0]}, memory"] = ("MB", float(one["megabytes"]))
        if one["limit"] and one["unit"] not in SLOWER_IS_MORE:
            turn[f"{name}, of its limit"] = ("ratio", one["ours"] / one["limit"])
    return turn


def mended(source: str) -> str:
    """The bench of an old commit, patched to file handles like today's: of their length, in no order, and nobody's number.

    An operator's account numbers in a row, as the old import filed them, go to the end of a unique index each time; keyed
    pseudonyms go anywhere in it, and COPY into bare tables takes longer too.
    """
    letters = 'str.maketrans("0123456789", "ghijklmnop")'
    source = re.sub(
        r"(?m)^( +handle = )random\[128:\]\.hex\(\)$", rf'\1"k" + random[128:].hex().translate({letters})', source
    )
    drawn = f'["k" + os.urandom(18).hex()[:{HANDLE_LETTERS - 1}].translate({letters}), '
    return source.replace('[f"acc-{number:08d}", ', drawn)


@contextmanager
def tree_of(revision: str, folder: Path) -> Iterator[Path]:
    """Context manager: a git worktree of a commit with its generated files; removed afterwards."""
    tree = folder / "tree"
    git = ["git", "-C", str(HERE), "worktree"]
    subprocess.run([*git, "add", "--quiet", "--detach", str(tree), revision], check=True)  # noqa: S603 - git, beside us
    try:
        for bench in (tree / "src/openroll/bench/online.py", tree / "src/openroll/bench/filings.py"):
            if bench.exists():
                bench.write_text(mended(bench.read_text(encoding="utf-8")), encoding="utf-8")
        built = Path("src/openroll/web/static/build")
        if (HERE / built).exists() and not (tree / built).exists():
            shutil.copytree(HERE / built, tree / built)
        yield tree
    finally:
        subprocess.run([*git, "remove", "--force", str(tree)], check=True)  # noqa: S603 - as above


def environment_of(tree: Path, folder: Path) -> Path:
    """The Python environment to benchmark a worktree in: its own sources first, then our packages; missing ones installed."""
    venv, beside = folder / "venv", folder / "beside"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(venv)], check=True)  # noqa: S603 - ourselves
    python = venv / "bin/python"
    site = next(venv.glob("lib/python*/site-packages"))
    borrowed = [one for one in sys.path if "site-packages" in one] or [sysconfig.get_path("purelib")]
    (site / "_borrowed.pth").write_text("\n".join([str(tree / "src"), str(beside), *borrowed]) + "\n")
    locale = tree / "src/openroll/words/locale"
    if locale.exists():
        compile_ = [str(python), "-m", "babel.messages.frontend", "--quiet", "compile", "-d", str(locale)]
        subprocess.run(compile_, check=True)  # noqa: S603 - as above
    for _ in range(20):
        looked = subprocess.run(  # noqa: S603 - as above
            [str(python), "-c", "import openroll.compose.main, openroll.compose.server"],
            check=False,
            capture_output=True,
            text=True,
        )
        missing = re.search(r"No module named '([\w.]+)'", looked.stderr)
        if looked.returncode == 0 or missing is None:
            break
        wanted = missing[1].partition(".")[0].replace("_", "-")
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(beside), wanted]
        subprocess.run(pip, check=True)  # noqa: S603 - as above
    if looked.returncode:
        raise SystemExit(f"against: {tree} cannot be started: {looked.stderr.strip().splitlines()[-1]}")
    return python


def turn_of(python: Path, home: Path, arguments: Sequence[str]) -> Turn:
    """Run the benchmark once in a commit's environment; again where it breaks off."""
    environment = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "DATABASE_URL")}
    environment |= {"OPENROLL_HOME": str(home)}
    for _ in range(_TRIES):
        run = [str(python), "-m", "openroll", "bench", *arguments, "--json"]
        done = subprocess.run(  # noqa: S603 - as above
            run, check=False, capture_output=True, text=True, env=environment, cwd=home.parent
        )
        if done.returncode == 0:
            return figures_of(done.stdout)
    raise SystemExit(f"against: {' '.join(run)} broke off {_TRIES} times:\n{done.stderr[-2_000:]}")


def shown(rows: Sequence[Compared], revision: str) -> str:
    """The comparison of two commits as a table of at most 80 columns."""
    lines = [f"{'':26} {'here':>13} {revision[:13]:>13}  times as good"]
    for one in rows:
        ours, theirs = (f"{value:,.0f}" if value >= 100 else f"{value:.2f}" for value in (one.ours, one.theirs))
        lines.append(f"{one.name[:44]} ({one.unit[:14]})")
        lines.append(f"{'':26} {ours:>13} {theirs:>13}  {one.ratio:.2f} ({one.least:.2f} to {one.most:.2f})")
        if one.verdict != "no slower":
            lines.append(f"{'':56}{one.verdict}")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command `script/against`; its exit status."""
    parser = argparse.ArgumentParser(
        "script/against", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("revision", metavar="REV", help="the commit to compare with")
    parser.add_argument(
        "items", metavar="ITEM", nargs="+", help="what `openroll bench` measures: online, import, pages, log, …"
    )
    parser.add_argument("--times", type=int, default=3, help="turns of each (3)")
    parser.add_argument("--seconds", type=int, default=8, help="seconds that each number of connections files (8)")
    parser.add_argument("--rows", type=int, help="rows and entries, as `openroll bench --rows`")
    given = parser.parse_args(arguments)
    options = ["--seconds", str(given.seconds), *(["--rows", str(given.rows)] if given.rows else [])]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the worktree goes away, too, when it is stopped
    print(f"before: {busy()}", flush=True)  # noqa: T201 - a script speaks by printing
    slower = False
    with tempfile.TemporaryDirectory(prefix="openroll-against-") as name:
        folder = Path(name)
        with tree_of(given.revision, folder) as tree:
            sides = ((Path(sys.executable), folder / "here"), (environment_of(tree, folder), folder / "there"))
            for item in given.items:
                turns: tuple[list[Turn], list[Turn]] = ([], [])
                for turn in range(given.times):
                    for side in (0, 1) if turn % 2 == 0 else (1, 0):  # who goes first alternates
                        turns[side].append(turn_of(*sides[side], [item, *options]))
                    print(f"{item}: turn {turn + 1} of {given.times}; {busy()}", flush=True)  # noqa: T201 - as above
                rows = compared(*turns)
                if not rows:
                    raise SystemExit(f"against: {item} has no figure of one name in both: nothing was compared")
                slower = slower or any(one.verdict == "slower" for one in rows)
                print(shown(rows, given.revision), flush=True)  # noqa: T201 - as above
    return 1 if slower else 0


if __name__ == "__main__":
    sys.exit(main())
