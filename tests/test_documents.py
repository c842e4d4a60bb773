"""What the documents say holds: commands are there, fault codes are told, no secret and no registry's address is kept."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from openroll.compose.main import main

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = sorted(set(re.findall(r"^    openroll ((?:[a-z][a-z-]* ?)+)", README, re.MULTILINE)))


def paths() -> list[str]:
    """The commands the README shows, without what is given to them."""
    return sorted({re.sub(r" (cn|bayu|subscribers|check cn).*", "", f" {one}").strip() for one in COMMANDS})


# The words are in sys.argv, as in a real run; Cyclopts doubts that a test means it so.
@pytest.mark.filterwarnings("ignore:Cyclopts application invoked without tokens")
@pytest.mark.parametrize("command", paths())
def test_a_command_of_the_readme_is_there(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every command that the README shows answers to --help, and its options are real."""
    words = [word for word in command.split() if word not in ("bayu", "my")]
    monkeypatch.setattr(sys, "argv", ["openroll", *words, "--help"])
    with pytest.raises(SystemExit) as ended:
        main()
    done = capsys.readouterr()
    assert not ended.value.code, done.err
    shown = re.findall(rf"^    openroll {command}.*$", README, re.MULTILINE)
    for option in {option for line in shown for option in re.findall(r"(--[a-z-]+)", line)}:
        assert option in done.out, (command, option)


def test_the_program_itself_knows_them() -> None:
    """`python -m openroll --help`, in a process of its own, names every command with which the README's lines begin."""
    done = subprocess.run([sys.executable, "-m", "openroll", "--help"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    for command in paths():
        assert re.search(rf"^\W*{command.split()[0]}\b", done.stdout, re.MULTILINE), (command, done.stdout)


def test_what_the_readme_writes_is_no_part_of_a_commit() -> None:
    """Keys, codes, letters, names and copies that the README's own commands leave in the clone are ignored by git."""
    written = set(re.findall(r"^    openroll .* (?:-o|--state|--to) ([a-z][a-z.-]*)", README, re.MULTILINE))
    written |= set(re.findall(r"^    openroll (?:handle new-key|mirror \S+) (\S+)", README, re.MULTILINE))
    written |= {"log.pub", "bayu.disclosures.ndjson", "receipt.tlog-proof", "my-roll", "witness"}
    assert {"letters", "codes.csv", "my-copy", "backups", "report.html"} <= written
    for name in sorted(written):
        # What stands within a folder is asked for: a pattern for folders alone holds for none that is not there yet.
        asked = name if "." in name else f"{name}/x"
        done = subprocess.run(["git", "check-ignore", "-q", asked], cwd=ROOT, check=False)
        assert done.returncode == 0, name


def test_every_fault_code_is_told() -> None:
    """The page for operators tells every code that the reading of a file can give, and no other."""
    page = (ROOT / "docs" / "operator-file.md").read_text(encoding="utf-8")
    told = {
        code
        for row in re.findall(r"^\| (`.*?) \|", page, re.MULTILINE)
        for code in re.findall(r"`([a-z]+(?:-[a-z]+)+)`", row)
    }
    source = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "src/openroll/sheet").glob("*.py"))
    given = set(
        re.findall(
            r'"((?:file|not|encoding|line|list|header|column|row|cell|account|number|character|handle|date|digests|field)-[a-z-]+)"',
            source,
        )
    )
    given |= {"act-unknown", "kind-unknown", "access-unknown", "district-unknown"}
    given -= {"file-name"}
    given |= {"handle-changed", "handle-left"}  # the roll's own refusals, which a whole list meets at its rows
    assert told - {"encoding"} == given


def test_nothing_names_a_registry_or_a_machine() -> None:
    """No lock file names where packages came from, and nothing kept names a path of somebody's machine."""
    kept = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    for name in kept:
        path = ROOT / name
        if name.startswith("requirements/") or name.endswith("package-lock.json"):
            text = path.read_text(encoding="utf-8")
            assert "index-url" not in text
            assert "resolved" not in text
            assert "registry" not in text
