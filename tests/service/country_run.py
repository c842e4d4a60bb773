"""A country's subscriptions, from a list to letters (`script/country --help`).

A made-up list is packed, filed, and compared again after the rule asks one field more, and the letters are printed: each by the
command that an operator runs, with its time and its largest memory. Slow: a million rows take minutes, their letters about 35 on
two quiet cores, and 11 GB of disk. With `--home` the roll stays in that folder; where it is there, only letters are made.
"""

import argparse
import csv
import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import msgspec

from openroll import places
from openroll.compose import rolls
from openroll.compose.settings import settings_from
from openroll.rules import Field, load
from openroll.service.governance import rule_versions
from tests.seats import seated, words_read

OPERATOR = "mtandao"
NAMES = (
    "Wanjikũ",
    "Ng'ang'a",
    "Achieng'",
    "Mwĩthaga",
    "José",
    "Jürg",
    "Nuñez",
    "Özil",
    "Čapek",
    "Łukasz",
    "王小明",
    "Nguyễn",
    "Þór",
)
"""Letters of the shipped languages, and of their neighbours."""

LANGUAGE = {"en": "Language", "sw": "Lugha", "fil": "Wika", "de": "Sprache", "fr": "Langue", "zh": "语言"}
"""What the field is called that the rule comes to ask besides."""


class Step(NamedTuple):
    """What one command took."""

    what: str
    seconds: float
    megabytes: int


def write_list(path: Path, rows: int, jurisdiction: str) -> None:
    """Write a made-up list of subscribers: in every district, of every kind and way to connect that people have there."""
    place, today = places.load(jurisdiction), datetime.now(UTC).date()
    rule = load(place.jurisdiction.rules[0])
    draw = random.Random(2026)
    kinds = [kind.id for kind in place.jurisdiction.kinds if kind.id in rule.covers]
    accesses = [access.id for access in place.jurisdiction.accesses]
    districts = [district.code for district in place.leaves(today)]
    forms = {field: form.example for form in place.jurisdiction.numbers for field in form.held_fields}
    fields = [field.name for field in rule.fields if field.personal]
    begun = today - timedelta(days=20)
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["account", "kind", "access", "district", "connected", *fields])
        for number in range(rows):
            name = f"{draw.choice(NAMES)} {draw.choice(NAMES)} {number}"
            told = [forms.get(field, name) for field in fields]
            where = [draw.choice(kinds), draw.choice(accesses), draw.choice(districts)]
            out.writerow([f"a-{number:09d}", *where, begun + timedelta(days=number % 20), *told])


class Runner:
    """The command line on a roll of its own."""

    def __init__(self, home: Path) -> None:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("OPENROLL_", "DATABASE_URL"))}
        self.environment = kept | {"OPENROLL_HOME": str(home), "OPENROLL_ROLL": "country"}
        self.steps: list[Step] = []

    def __call__(self, *words: str | Path, what: str = "") -> None:
        """Run a command to its end; with `what` its time and memory are noted, its own processes' counted together."""
        begun = time.perf_counter()
        command = [sys.executable, "-m", "openroll", *map(str, words)]
        with tempfile.TemporaryFile() as said:
            process = subprocess.Popen(command, env=self.environment, stdout=said, stderr=subprocess.STDOUT)
            most = Largest(process.pid)
            status = process.wait()
            if status:
                said.seek(0)
                raise SystemExit(f"{' '.join(command[2:])} ended with {status}:\n{said.read().decode()[-2_000:]}")
        if what:
            self.steps.append(Step(what, time.perf_counter() - begun, most.megabytes))
            print(f"{what:44} {self.steps[-1].seconds:8.1f} s {self.steps[-1].megabytes:6,} MB", flush=True)


class Largest:
    """Watches how much memory a process and its children take together, at most: their proportional share (smaps_rollup)."""

    def __init__(self, pid: int) -> None:
        self.megabytes = 0
        self._pid = pid
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        while Path(f"/proc/{self._pid}").exists():
            self.megabytes = max(self.megabytes, sum(map(_share, _family(self._pid))) // 1024)
            time.sleep(0.2)  # looks at a real process


def _family(pid: int) -> Iterator[int]:
    yield pid
    try:
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                yield from _family(int(child))
    except OSError:
        return


def _share(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


def ask_one_field_more(environment: dict[str, str]) -> None:
    """Have the registrar's people propose and publish the same rule with one field more, in force tomorrow."""
    os.environ |= environment
    roll = rolls.roll(settings_from())
    one, two = (seated(roll, "registrar", role) for role in ("registrar-lead", "registrar"))
    languages = roll.opened.languages
    extra = Field(
        name="language",
        title={language: LANGUAGE[language] for language in languages},
        personal=True,
        aims=next(field.aims for field in roll.rule.fields if field.aims),
    )
    # Within the rule's own minimum, else no live rule may ask for it.
    rule = msgspec.structs.replace(
        roll.rule,
        version=roll.rule.version + 1,
        fields=(*roll.rule.fields, extra),
        minimum=(*roll.rule.minimum, extra.name),
    )
    number = rule_versions.propose_rule(roll, rule, roll.day(roll.clock()) + timedelta(days=1), one)
    if not isinstance(number, int):
        raise SystemExit(f"the rule was not proposed: {number}")
    words_read(roll, rule)
    refused = rule_versions.settle(roll, number, two, drop=False)
    if refused is not None:
        raise SystemExit(f"the rule was not published: {refused}")


def main() -> None:
    """The command `script/country`."""
    parser = argparse.ArgumentParser("script/country", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--jurisdiction", default="ke")
    parser.add_argument("--no-letters", action="store_true", help="stop before the letters")
    parser.add_argument(
        "--home", type=Path, help="keep the roll here; where it is here already, make its letters alone"
    )
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="openroll-country-"))
    run = Runner(given.home.absolute() if given.home else folder / "home")
    try:
        if given.home and (given.home / "rolls").exists():
            run.environment["OPENROLL_SHIFT_DAYS"] = "2"
            run("letters", "--operator", OPERATOR, "-o", folder / "letters", what="letters of the roll that is there")
            return
        listed, key, filing = folder / "list.csv", folder / "handle.key", folder / "list.filing.csv"
        write_list(listed, given.rows, given.jurisdiction)
        run("init", "--jurisdiction", given.jurisdiction, "--origin", "country.example/roll", "--demonstration")
        run("admit", OPERATOR, "--title", f"{places.load(given.jurisdiction).jurisdiction.languages[0]}=Mtandao")
        run("handle", "new-key", key)
        pack = ("pack", listed, "--jurisdiction", given.jurisdiction, "--key", key)
        run(*pack, what=f"pack {given.rows:,} rows")
        run("file", filing, "--operator", OPERATOR, what=f"file {given.rows:,}, to their places in the log")
        run("reconcile", filing, "--operator", OPERATOR, what=f"reconcile {given.rows:,}")
        ask_one_field_more(run.environment)
        run.environment["OPENROLL_SHIFT_DAYS"] = "2"
        run("reconcile", filing, "--operator", OPERATOR, what="the same, after the rule asks a field more")
        if not given.no_letters:
            run("letters", "--operator", OPERATOR, "-o", folder / "letters", what=f"letters, {given.rows:,}")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
