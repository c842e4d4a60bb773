"""`openroll whatif`: what each command prints and writes, how it speaks of mistakes, and that no other command waits for it."""

import hashlib
import json
import math
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import polars as pl
import psutil
import pytest

from openroll.cli.arguments import NotSaid
from openroll.cli.whatif.commands import app
from openroll.cli.whatif.options import with_settings
from openroll.cli.whatif.pages import TITLES, UNITS, counted, figures
from openroll.rules import load, shipped
from openroll.whatif import ANSWERS, answers, bands, cities, load_city, run, titles

NOTICE, PROPOSAL = "cn-cq-2006-notice", "notification-2006"
VILLAGE = ("--city", "village", "--runs", "3")
SHIPPED = Path(__file__).parents[2] / "src" / "openroll"


class Told(NamedTuple):
    """What a command gave: its status and what it wrote."""

    status: int
    out: str
    err: str


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs a command on a terminal of 100 columns."""
    monkeypatch.setenv("COLUMNS", "100")

    def call(*words: str) -> Told:
        with pytest.raises(SystemExit) as ended:
            app(list(words))
        captured = capsys.readouterr()
        return Told(int(ended.value.code or 0), captured.out, captured.err)

    return call


def test_run_answers_every_question_with_its_band(told: Any) -> None:
    """What is printed as JSON is what the model answers; in words every answer has its title, and differences their sentence."""
    found = json.loads(told("run", NOTICE, PROPOSAL, *VILLAGE, "--json").out)
    outcome = run([load(NOTICE), load(PROPOSAL)], load_city("village"), runs=3)
    expected = [row | {"unit": UNITS[row["answer"]]} for row in bands(answers(outcome)).to_dicts()]
    assert found["answers"] == expected
    assert found["by"] == "2006-10-30"
    words = told("run", NOTICE, PROPOSAL, *VILLAGE)
    assert words.status == 0
    assert words.err.strip() == ""
    assert set(TITLES) == {one.name for one in ANSWERS}
    for title in TITLES.values():
        assert title.format(day="30 October 2006") in words.out
    assert f"{PROPOSAL}, beside {NOTICE}" in words.out
    assert re.search(r"Records an authority can read at will: less by [\d,]+ \([\d,]+ to [\d,]+\)\.", words.out)


def test_answers_are_said_in_chinese(told: Any) -> None:
    """Under --lang zh no title and no sentence stays English."""
    page = told("run", NOTICE, PROPOSAL, *VILLAGE, "--lang", "zh").out
    for line in page.replace(NOTICE, "").replace(PROPOSAL, "").replace("CNY", "").splitlines():
        assert not re.search(r"[A-Za-z]{2}", line), line


def test_compare_says_what_is_carried(told: Any) -> None:
    """Each other rule against the first; two are needed."""
    page = told("compare", PROPOSAL, NOTICE, *VILLAGE)
    assert page.status == 0
    assert f"{NOTICE}, beside {PROPOSAL}" in page.out
    assert "Months off the network, together: more by" in page.out
    assert "expected two rules" in told("compare", NOTICE, *VILLAGE).err


def test_parquet_holds_series_answers_and_what_was_drawn(told: Any, tmp_path: Path) -> None:
    """Three files, the same bytes again for the same seed; the answers in them are those of the model."""
    bytes_ = []
    for name in ("one", "two"):
        assert told("run", NOTICE, *VILLAGE, "-o", str(tmp_path / f"{name}.parquet")).status == 0
        files = [tmp_path / f"{name}{part}.parquet" for part in ("", ".answers", ".drawn")]
        bytes_.append([hashlib.sha256(file.read_bytes()).hexdigest() for file in files])
    assert bytes_[0] == bytes_[1]
    kept = pl.read_parquet(tmp_path / "one.answers.parquet")
    mine = answers(run([load(NOTICE)], load_city("village"), runs=3))
    keys = ["rule", "answer", "run"]
    assert kept.sort(keys).equals(mine.sort(keys))
    assert pl.read_parquet(tmp_path / "one.drawn.parquet").height == 3
    filed = pl.read_parquet(tmp_path / "one.parquet").filter(pl.col("series") == "filed", pl.col("run") == 2)
    assert filed["day"].to_list() == sorted(filed["day"].to_list())
    assert filed.height == 120


def test_a_dry_run_writes_nothing(told: Any, tmp_path: Path) -> None:
    """It says what would be made and written, and leaves the folder empty."""
    for command in ("run", "sweep"):
        page = told(command, NOTICE, *VILLAGE, "-o", str(tmp_path / "x.parquet"), "--dry-run")
        assert page.status == 0
        assert "3 runs of 120 days" in page.out
    assert list(tmp_path.iterdir()) == []


def test_sweeps_find_what_matters(told: Any, tmp_path: Path) -> None:
    """By swings, on a grid and by indices: filings rise with the lull's chance, and the files hold every run and every effect."""
    file = tmp_path / "sweep.parquet"
    over = ("--over", "filing.lull=0.001..0.05", "--over", "officials.ask", "--answer", "filed", "--workers", "1")
    swings = told("sweep", NOTICE, "--city", "village", *over, "--runs", "10", "--json", "-o", str(file))
    lull, ask = json.loads(swings.out)["effects"]
    assert lull["most"] > lull["least"]
    assert abs(lull["most"] - lull["least"]) > abs(ask["most"] - ask["least"])
    assert pl.read_parquet(file).columns == ["rule", "run", "answer", "value", "filing.lull", "officials.ask"]
    assert pl.read_parquet(tmp_path / "sweep.effects.parquet")["answer"].n_unique() == len(ANSWERS)
    grid = json.loads(told("sweep", NOTICE, "--city", "village", *over, "--grid", "2", "--json").out)["effects"]
    assert len(grid) == 4
    assert [row["middle"] for row in grid[:2]] < [row["middle"] for row in grid[2:]]
    page = told("sweep", NOTICE, "--city", "village", *over, "--sobol", "4")
    assert page.status == 0
    assert re.search(r"filing\.lull +-?\d\.\d\d ± \d\.\d\d", page.out)


def test_every_city_is_shown_whole(told: Any) -> None:
    """The list names each city; a city shows each assumption with where it comes from, and as JSON is its file again."""
    page = told("cities")
    assert all(name in page.out for name in cities())
    shown = told("city", "village", "--show").out
    for path in titles():
        assert path.partition(".")[2] in shown
    assert "[made]" in shown
    assert "Assumed: a guess made for the village" in shown
    assert json.loads(told("city", "village", "--json").out)["id"] == "village"
    assert "2,851 districts" in told("city", "nation-1400m").out


MISTAKES: list[tuple[str, str]] = [
    ("run no-such-rule --city village", "there is no 'no-such-rule'"),
    ("run {rule}+nothing --city village", "there is no 'nothing'"),
    ("run {rule} --city nowhere", "there is no 'nowhere'"),
    ("run {rule} --city ./nowhere.yaml", "No such file"),
    ("run --city village", "expected a rule"),
    ("run {rule} {rule} --city village", "named twice"),
    ("run {rule} --city village --set filing.lul=1", "Nearest: filing.lull"),
    ("run {rule} --city village --set filing.lull", "expected PATH=NUMBER"),
    ("run {rule} --city village --set filing.lull=much", "'much' is no number"),
    ("run {rule} --city village --set filing.lull=nan", "makes no sense"),
    ("run {rule} --city village --set filing.lull=2", "a chance a day from 0 to 1"),
    ("run {rule} --city village --set officials.length_short=1", "Together they go up"),
    ("run {rule} --city village --set filing.lull=0 --set filing.lull=1", "said twice"),
    ("run {rule} --city village --by 2007-01-01", "expected a day of the run"),
    ("run {rule} --city village --by soon", "expected a day of the run"),
    ("run {rule} --city village --runs 0", "expected 1 to 1,000,000"),
    ("run {rule} --city village --seed -1", "expected a whole number"),
    ("run {rule} --city nation-1400m --mode people", "--mode cohorts"),
    ("run {rule} --city village -o year.csv", "ends in"),
    ("run {rule} --city village -o no/such/year.parquet", "there is no folder"),
    ("run {rule} --city village --workers 0", "expected 1 to 1,024"),
    ("run {rule} --city village --scheduler here", "tcp://"),
    ("run {rule} --city village --workers 2 --scheduler tcp://127.0.0.1:9", "expected one of them"),
    ("sweep {rule} --city village --over filing.lul", "Nearest: filing.lull"),
    ("sweep {rule} --city village --over people.households", "gives it no range"),
    ("sweep {rule} --city village --over filing.lull=0.2..0.1", "the low end first"),
    ("sweep {rule} --city village --sobol 12", "a power of two"),
    ("sweep {rule} --city village --sobol 4 --grid 4", "expected one of them"),
    ("sweep {rule} --city village --grid 9", "runs: expected"),
    ("sweep {rule} --city village --answer happiness", "expected one of filed"),
    ("city nowhere", "there is no 'nowhere'"),
]


@pytest.mark.parametrize(("words", "said"), MISTAKES, ids=[words for words, _ in MISTAKES])
def test_a_mistake_is_a_sentence(told: Any, words: str, said: str) -> None:
    """What cannot be meant ends with status 2, nothing on standard output, and what was expected."""
    page = told(*words.format(rule=NOTICE).split())
    assert page.status == 2
    assert page.out == ""
    assert page.err.startswith("openroll whatif: ")
    assert said in page.err
    assert "Traceback" not in page.err


@pytest.mark.parametrize(
    ("kept", "old", "new", "said"),
    [
        (
            "whatif/cities/village.yaml",
            "lull: {value: 0.005",
            "lull: {value: 5",
            r"city\.yaml:\d+: assumptions/filing/lull",
        ),
        ("whatif/cities/village.yaml", "days: 120", "days: soon", r"city\.yaml:\d+: days"),
        ("rules/shipped/notification-2006.yaml", "status:", "state:", r"rule\.yaml:\d+: "),
    ],
)
def test_mistakes_of_a_file_are_told_with_their_lines(
    told: Any, tmp_path: Path, kept: str, old: str, new: str, said: str
) -> None:
    """A city or a rule in a file has its mistakes told as `openroll rule check` tells them."""
    text = (SHIPPED / kept).read_text(encoding="utf-8")
    assert old in text
    file = tmp_path / ("city.yaml" if "cities" in kept else "rule.yaml")
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    rule, city = (str(file), "village") if file.name == "rule.yaml" else (NOTICE, str(file))
    page = told("run", rule, "--city", city)
    assert page.status == 2
    assert re.search(said, page.err), page.err
    assert "Expected:" in page.err


def test_a_number_set_by_hand_is_used(told: Any) -> None:
    """With nobody patient, nobody heeding and no word spread, nobody files: --set reaches the model."""
    nobody = (
        "--set",
        "filing.heed=0",
        "--set",
        "filing.word=0",
        "--set",
        "filing.reminder=0",
        "--set",
        "people.outside=0",
    )
    rows = json.loads(told("run", NOTICE, *VILLAGE, *nobody, "--json").out)["answers"]
    assert next(row["middle"] for row in rows if row["answer"] == "filed") < 20


@pytest.mark.parametrize("mode", ["cohorts", "people"])
def test_chances_that_compete_share_a_day(told: Any, mode: str) -> None:
    """Where filing late is as good as certain, and being found as well, a day still holds one of them, and nobody is lost."""
    hasty = ("--set", "filing.late=1000000", "--set", "filing.lull=1", "--set", "fear.leave=1", "--set", "life.end=1")
    page = told("run", NOTICE, "--city", "village", "--runs", "1", "--mode", mode, *hasty, "--json")
    assert page.status == 0, page.err
    assert all(math.isfinite(row["middle"]) for row in json.loads(page.out)["answers"] if row["middle"] is not None)


@pytest.mark.parametrize("number", ["nan", "inf", "-inf", "-1", "-1e-300", "1e400", "1e16", "", "0x1", "1_0__0"])
def test_a_number_out_of_range_is_refused_for_every_assumption(number: str) -> None:
    """Whatever is set, what is no number that makes sense there is refused in a sentence that says what is expected."""
    city = load_city("village")
    for path in titles():
        with pytest.raises(NotSaid, match="Expected: "):
            with_settings(city, [f"{path}={number}"])


@pytest.mark.parametrize(
    ("value", "said"),
    [(0, "0"), (1234567, "1,230,000"), (61.24, "61.2"), (0.0123, "0.0123"), (-4563, "−4,560"), (7, "7")],
)
def test_numbers_have_three_figures(value: float, said: str) -> None:
    """No more than the model carries, in digits that are read at once."""
    assert figures("en", value) == said
    assert counted("en", 0.0004) == "0"


@pytest.mark.parametrize("words", [["--help"], ["rule", "list"]])
def test_other_commands_do_not_wait_for_the_model(words: list[str]) -> None:
    """Neither the model nor Numba, SALib, SciPy or Dask is imported by a command that makes no runs."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "openroll", *words], capture_output=True, text=True, check=True
    )
    imported = {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines()}
    assert "cyclopts" in imported
    assert not imported & {"numba", "llvmlite", "SALib", "scipy", "dask", "distributed"}
    assert "openroll.whatif" not in done.stderr


def test_ctrl_c_ends_every_process(tmp_path: Path) -> None:
    """A sweep on two processes that is stopped says so, ends with 130, and leaves no process and no file."""
    command = [sys.executable, "-m", "openroll", "whatif", "run", NOTICE, "--city", "chongqing-2006", "--runs", "400"]
    command += ["--workers", "2", "-o", str(tmp_path / "year.parquet")]
    started = subprocess.Popen(
        command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    process = psutil.Process(started.pid)
    try:
        while len(workers := process.children(recursive=True)) < 3 and started.poll() is None:  # two, and their tracker
            time.sleep(0.1)
        os.killpg(started.pid, signal.SIGINT)
        _, err = started.communicate(timeout=60)
        assert started.returncode == 130, err
        assert err.strip().endswith("Stopped. Nothing was written.")
        _, alive = psutil.wait_procs(workers, timeout=30)
        assert alive == []
        assert list(tmp_path.iterdir()) == []
    finally:
        for one in (*workers, process):
            if one.is_running():
                one.kill()


PAGE = (Path(__file__).parents[2] / "docs" / "whatif-commands.md").read_text(encoding="utf-8")


def test_every_series_is_told_on_its_page() -> None:
    """The page names each series that any rule's run has, and no other."""
    rows = [
        line.split("|")[1]
        for line in PAGE.partition("| series | value |")[2].partition("## Sweeps")[0].splitlines()
        if "`" in line
    ]
    told = {name for row in rows for name in re.findall(r"`([^`]+)`", row)}
    outcome = run([load(name) for name in shipped()], msgspec.structs.replace(load_city("village"), days=30))
    reminded = run([load("cn-cq-2006-notice")], load_city("village"))
    assert told == set().union(*(one.city for one in (*outcome.series, *reminded.series)))


def test_every_command_of_the_page_is_meant(told: Any) -> None:
    """The commands that the page shows can be called as they stand there."""
    commands = re.findall(r"^    openroll whatif (.*)$", PAGE, re.MULTILINE)
    assert len(commands) == 8
    only = {"run": ["--dry-run"], "sweep": ["--dry-run"], "compare": ["--runs", "1"]}
    for line in commands:
        words = line.partition("#")[0].split()
        if words[0] == "fit":  # minutes, and tested where it is made
            words = ["fit", "--help"]
        assert told(*words, *only.get(words[0], [])).status == 0, line


def test_every_option_is_told_in_its_help(told: Any) -> None:
    """No option of a command is without a word on what it does, and the page speaks of those that need more than one."""
    for command in ("run", "compare", "sweep", "cities", "city", "fit"):
        assert told(command, "--help").status == 0
    for option in ("--runs", "--set", "--by", "--mode", "--over", "--grid", "--sobol", "--workers", "--scheduler"):
        assert option in told("run", "--help").out + told("sweep", "--help").out
        assert option in PAGE


def test_a_report_is_written(told: Any, tmp_path: Path) -> None:
    """-o report.html writes the report in the language asked for, and prints the answers as well."""
    page = told("run", NOTICE, *VILLAGE, "--lang", "zh", "-o", str(tmp_path / "report.html"))
    assert page.status == 0
    assert "停网月数合计" in page.out
    assert "<html" in (tmp_path / "report.html").read_text(encoding="utf-8")
    assert 'lang="zh' in (tmp_path / "report.html").read_text(encoding="utf-8")
