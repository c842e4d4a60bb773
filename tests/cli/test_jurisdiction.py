"""A folder of one's own on the command line: made, checked, shown, packed with."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from cyclopts import App
from tests.cli.test_operator import Around

from openroll.cli import build
from openroll.compose.main import main
from openroll.register.subscription.handle import key_line

pytestmark = pytest.mark.filterwarnings("ignore:Cyclopts application invoked without tokens")
Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """Runs a command in an empty folder: its status, and all that it says on one line."""
    monkeypatch.chdir(tmp_path)

    def ran(*words: str) -> tuple[int, str]:
        monkeypatch.setattr("sys.argv", ["openroll", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), " ".join((said.out + said.err).split())

    return ran


def made(run: Run, name: str = "tz") -> Path:
    """A Tanzanian folder, as `new` makes it."""
    status, said = run("jurisdiction", "new", name, "--id", "tz", "--title", "sw=Tanzania", "--title", "en=Tanzania")
    assert status == 0, said
    return Path(name)


def test_a_new_folder_has_names_of_its_own_and_says_what_to_change(run: Run) -> None:
    """Id, title and rule are its own; what is still Kenya's has a mark, and `check` names the lines; tables have their heads."""
    folder = made(run)
    main_file = (folder / "jurisdiction.yaml").read_text(encoding="utf-8")
    assert "id: tz\nversion: 1\ntitle: {sw: Tanzania, en: Tanzania}\nlanguages: [sw, en]\nzone: Africa/" in main_file
    assert "rules: [tz-notification]" in main_file
    rule = (folder / "rules" / "tz-notification.yaml").read_text(encoding="utf-8")
    assert "id: tz-notification" in rule
    for line in rule.splitlines():
        assert ("CHANGE" in line) >= ("currency: KES" in line or "shillings" in line or ' sw: "' in line), line
    begins = re.search(r"^in_force: ([0-9-]+) # CHANGE$", rule, re.MULTILINE)
    assert begins
    assert date.fromisoformat(begins[1]) > datetime.now(UTC).date()
    assert rule.count("counts_from: connection\n    applies: new # CHANGE\n") == 2
    assert (folder / "offices.csv").read_text() == "district,counters,box,postcode,town,country,en,sw\n"
    status, said = run("jurisdiction", "check", "tz")
    assert (status, "tz-notification: a live roll may open under it" in said) == (0, True), said
    assert "jurisdiction.yaml:6-" in said
    assert "rules/tz-notification.yaml:4-" in said
    assert "has no first day" not in said
    assert "is held to no field" not in said
    (folder / "jurisdiction.yaml").write_text(main_file.replace(", fields: [phone]", ""), encoding="utf-8")
    assert (
        "the form telephone under `numbers` is held to no field: no rule of the place"
        in run("jurisdiction", "check", "tz")[1]
    )


def test_what_a_check_finds_says_the_line_and_the_word(run: Run) -> None:
    """What may not stand readable is told at its line with its word; a rule without a first day, with whom it makes late."""
    folder = made(run)
    main_file, rule = folder / "jurisdiction.yaml", folder / "rules" / "tz-notification.yaml"
    main_file.write_text(main_file.read_text().replace("en: A household", "en: A devout household"))
    rule.write_text(re.sub("in_force: .*|    applies: .*", "", rule.read_text()))
    status, said = run("jurisdiction", "check", "tz")
    assert status == 1
    assert "jurisdiction.yaml:11: kinds/1/title" in said
    assert "the word devout in en (`openroll rule words --lang en --list dwelling`" in said
    assert "tz-notification has no first day (in_force)" in said
    assert "(file, file-each)" in said


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (("ke",), "'ke' is the id of a jurisdiction that ships"),
        (("tz", "--id", "T Z"), "'T Z' is no id of a jurisdiction"),
        (("tz", "--title", "Tanzania"), "expected a language and a text"),
        (("tz", "--like", "."), "--like .: it takes one that ships: ch-be"),
    ],
)
def test_a_name_that_is_none_makes_no_folder(run: Run, words: tuple[str, ...], wanted: str) -> None:
    """What cannot be meant is a sentence, and nothing is written."""
    Path("jurisdiction.yaml").write_bytes(b"")
    status, said = run("jurisdiction", "new", *words)
    assert (status, wanted in said) == (2, True), said
    assert not Path(words[0]).exists()


def test_a_roll_opens_in_no_folder_that_check_refuses(run: Run) -> None:
    """`init` looks as `check` does, and each names every fault with its file and line."""
    folder = made(run)
    file = folder / "jurisdiction.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("city: kisima-2026", "city: kisima-206").replace("currency: KES", "currency: XXZ"))
    for words in (("jurisdiction", "check", "tz"), ("init", "--jurisdiction", "tz", "--dry-run")):
        status, said = run(*words)
        assert (status, "2 faults" in said) == (2, True), said
        assert "jurisdiction.yaml:7: currency: There is no currency 'XXZ'." in said
        assert "city: There is no city 'kisima-206'" in said
        assert "For example: kisima-2026" in said


def test_a_folder_is_shown_whole(run: Run) -> None:
    """Offices with their addresses, forms with their fields, levels, rules and notes, in the language that is asked for."""
    folder = made(run)
    with (folder / "offices.csv").open("a", encoding="utf-8") as file:
        file.write("047,2,,00100,Nairobi,,Nairobi office,Ofisi ya Nairobi\n")
    status, said = run("jurisdiction", "show", "tz", "--lang", "sw", "--day", "2026-12-01")
    assert status == 0
    for wanted in (
        "047 Ofisi ya Nairobi (2 counters): Ofisi ya Nairobi; 00100; Nairobi",
        "Nambari ya simu (telephone), a telephone number of KE or with + and its country, as 0712 345678; held in fields: phone",
        "What districts are called: Kaunti",
        "Rules: tz-notification",
        "Address: P.O. Box {box}-{postcode}",
        "Note: Muundo wa nambari",
        "2026-12-25 off Siku ya Krismasi",
    ):
        assert wanted in said, (wanted, said)


def test_packing_names_the_file_the_row_and_the_column(run: Run) -> None:
    """A telephone number of two digits is told with an example; a misspelt rule of the folder with the one that was meant."""
    made(run)
    Path("key").write_text(key_line(b"k" * 32), encoding="ascii")
    head = "account,kind,access,district,connected,phone\n"
    Path("list.csv").write_text(f"{head}1,person,sim,047,2024-01-05,12\n", encoding="utf-8")
    status, said = run("pack", "list.csv", "--jurisdiction", "tz", "--key", "key")
    assert (status, "list.csv: 1 fault" in said, "phone" in said, "0712 345678" in said) == (1, True, True, True), said
    status, said = run("pack", "list.csv", "--jurisdiction", "tz", "--rule", "tz-notifcation", "--key", "key")
    assert (status, "Did you mean tz-notification?" in said) == (2, True), said


def test_a_language_that_is_not_said_is_the_main_one(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """In an empty environment too; one that is no tag is said to be none."""
    for name in ("LANG", "LANGUAGE", "LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    status, said = run("jurisdiction", "show", "ke", "--day", "2026-07-01")
    assert (status, "Kenya (ke, version" in said) == (0, True), said
    status, said = run("jurisdiction", "show", "ke", "--lang", "e n")
    assert (status, "expected the tag of a language" in said) == (2, True), said


def commands(app: App) -> Iterator[App]:
    """Every command beneath an app."""
    for name in app:
        if not name.startswith("-"):
            yield app[name]
            yield from commands(app[name])


def test_every_default_is_taken_by_its_own_option(tmp_path: Path) -> None:
    """No command refuses what an option is when it is left out."""
    looked_at = []
    for command in commands(build(Around(tmp_path))):
        if command.default_command is None:
            continue
        for argument in command.assemble_argument_collection():
            default = argument.field_info.default
            given = argument.parameter.validator
            for validator in given if isinstance(given, tuple) else ():
                if isinstance(default, str) and not isinstance(validator, str):
                    validator(str, default)
                    looked_at.append(argument.name)
    assert looked_at.count("--lang") >= 3
