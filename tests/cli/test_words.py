"""`openroll words` and the words of a jurisdiction's folder, as a translator and a registrar use them."""

import os
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from tests.program import Program

from openroll.cli import words
from openroll.cli.jurisdiction_files import copied
from openroll.cli.words_files import take_words
from openroll.store.schema import drop


@pytest.fixture
def openroll(program: Callable[[str], Program]) -> Program:
    """The command line, each run in a process of its own."""
    return program("openroll.compose.main")


@pytest.fixture
def name(database_url: str) -> Iterator[str]:
    """The name of a roll that is not there yet."""
    found = f"w{os.getpid()}"
    yield found
    drop(database_url, found)


def test_a_translator_needs_files_only(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Begun, written out, filled in by a spreadsheet, taken back, checked: each step says the next; mistakes are sentences."""
    copied("ke", tmp_path / "tz", date(2026, 11, 29))
    words.new("am", tmp_path / "tz", by="A speaker")
    file, table = tmp_path / "tz" / "words" / "am.po", tmp_path / "am.csv"
    assert f"`openroll words export {file} am.csv`" in capsys.readouterr().out
    words.export(str(file), table)
    text = table.read_text("utf-8-sig")
    table.write_text(text.replace(",Help,,", ",Help,እገዛ,Formal"), encoding="utf-8")
    words.import_table(file, table, dry_run=True)
    assert 'msgstr "እገዛ"' not in file.read_text("utf-8")
    words.import_table(file, table)
    assert "1 texts changed" in capsys.readouterr().out
    assert "# Formal\n#. pages: " in file.read_text("utf-8")
    words.new("am", tmp_path / "tz")
    assert "0 texts to translate" in capsys.readouterr().out
    assert words.check(str(tmp_path / "tz"), counts=True) == 1
    assert "am: 0 faults" in capsys.readouterr().out
    table.write_text(text.replace(",Help,,", ",Help,<b>x</b>,"), encoding="utf-8")
    for wrong, told in (
        (lambda: words.import_table(file, table), "Its markup is <b> </b>"),
        (lambda: words.new("Amharic", tmp_path), "expected the tag of a language"),
        (lambda: words.new("am", tmp_path, like="it"), "no words ship in it"),
        (lambda: words.export(str(file), tmp_path / "am.xlsx"), "name a .csv file"),
        (lambda: words.check(str(tmp_path / "sw.po")), "No such file"),
        (lambda: words.check("xx"), "expected a .po file"),
        (lambda: words.check(str(tmp_path)), "there is no catalogue in it"),
        (lambda: words.import_table(Path("zh"), table), "there is no such file"),
    ):
        with pytest.raises(SystemExit) as ended:
            wrong()
        assert ended.value.code == 2
        assert told in " ".join(capsys.readouterr().err.split())
    assert "እገዛ" in file.read_text("utf-8")


def test_a_roll_takes_the_words_of_its_folder(openroll: Program, database_url: str, name: str, tmp_path: Path) -> None:
    """`init --jurisdiction` takes them and prints their digest; a catalogue with a fault opens no roll."""
    env = {"DATABASE_URL": database_url, "OPENROLL_HOME": str(tmp_path / "home"), "OPENROLL_ROLL": name}
    place = tmp_path / "tz"
    copied("ke", place, date(2026, 11, 29))
    words.new("sw-TZ", place)
    file = place / "words" / "sw-TZ.po"
    good = file.read_text("utf-8").replace('msgid "Help"\nmsgstr ""', 'msgid "Help"\nmsgstr "Usaidizi"')
    file.write_text(good.replace('"Usaidizi"', '"<b>Usaidizi"'), encoding="utf-8")
    opening = ["init", "--jurisdiction", str(place), "--origin", "roll.example/tz"]
    refused = openroll.run(opening, env)
    assert (refused.returncode, "sw-TZ.po:" in refused.stderr) == (2, True), refused.stderr
    assert not (tmp_path / "home" / "rolls").exists()
    file.write_text(good, encoding="utf-8")
    opened = openroll.run(opening, env)
    assert (opened.returncode, "Words of its own in sw-TZ: SHA-256 " in opened.stdout) == (0, True), opened.stderr
    assert (tmp_path / "home" / "rolls" / name / "words" / "sw-TZ.po").read_text("utf-8") == good
    file.rename(file.with_name("sw-KE.po"))
    (place / "words" / "sw-KE.po").write_text(good.replace("sw-TZ", "sw-KE"), encoding="utf-8")
    take_words(place, tmp_path / "home" / "rolls" / name)
    assert [one.name for one in (tmp_path / "home" / "rolls" / name / "words").iterdir()] == ["sw-KE.po"]
