"""docs/jurisdiction.md says what the code does: its files are a folder that reads, and it leaves no key and no column out."""

import re
from pathlib import Path

import msgspec
import pytest

from openroll.compose.main import main
from openroll.places import Bundle, folder_of, jurisdiction_schema, read_bundle, surroundings
from openroll.places.model import PARTS
from openroll.places.reading import MAIN
from openroll.places.tables import DAYS, DISTRICTS, OFFICES, columns_of
from openroll.rules.text import read_yaml
from openroll.whatif import cities
from openroll.words import catalogue

PAGE = (Path(__file__).parents[2] / "docs" / "jurisdiction.md").read_text(encoding="utf-8")
(YAML,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
CSVS = re.findall(r"### ([a-z]+\.csv)\n\n```csv\n(.*?)```", PAGE, re.DOTALL)
COMMANDS = re.findall(r"^    (openroll .*?)(?: +#.*)?$", PAGE, re.MULTILINE)


def folder() -> Bundle:
    """The folder that the page shows, under Kenya's rule with names of its own."""
    rule = (folder_of("ke") / "rules" / "ke-notification.yaml").read_text(encoding="utf-8")
    rule = rule.replace("id: ke-notification", "id: tz-notification").replace("Africa/Nairobi", "Africa/Dar_es_Salaam")
    files = {MAIN: YAML, **dict(CSVS)}
    around = surroundings({"tz-notification": rule}, cities())
    return read_bundle({name: text.encode() for name, text in files.items()}, around)


def test_the_folder_on_the_page_has_no_fault() -> None:
    """It is read, against its rule and all that ships, and says what the page says of it."""
    place = folder()
    assert [place.level(lang) for lang in ("sw", "en")] == ["Mkoa", "Region"]
    assert place.offices_of("51")[0].title["en"] == "Zanzibar office"
    assert place.offices_of("26") == ()


def test_every_key_is_in_the_example_and_told() -> None:
    """Each key of the published schema stands in the whole example, or is one of another validator, and in the page's text."""
    told = set(re.findall(r"[a-z_]+", " ".join(re.findall(r"`([^`\n]+)`", PAGE))))
    used = {str(part) for path in read_yaml(YAML, MAIN)[1] for part in path}
    schema = jurisdiction_schema()
    assert set(schema["$defs"]["Jurisdiction"]["properties"]) - used == set()
    keys = {key for thing in schema["$defs"].values() for key in thing.get("properties", {})}
    assert keys - used == {"stdnum", "region"}
    assert keys - told == set()
    enums = re.findall(r'"enum":\[(.*?)\]', msgspec.json.encode(schema).decode())
    assert {word for one in enums for word in re.findall(r'"([^"]+)"', one)} - told == set()
    assert set(PARTS) - told == set()


@pytest.mark.parametrize(("name", "text"), CSVS)
def test_every_column_is_told(name: str, text: str) -> None:
    """Each column that a table may have stands in the page's table of it; each that the example has is one of these."""
    part = PAGE[PAGE.index(f"### {name}") :].split("\n### ")[0].split("\n## ")[0]
    told = {word for row in re.findall(r"^\| (`.*?) \|", part, re.MULTILINE) for word in re.findall(r"`(\w+)`", row)}
    assert told == set(columns_of(name))
    heading = text.split("\n", maxsplit=1)[0].split(",")
    assert set(heading) - set(columns_of(name)) == {"sw", "en"}


def test_every_table_is_on_the_page() -> None:
    """The page shows the three tables there are."""
    assert {name for name, _ in CSVS} == {DISTRICTS, OFFICES, DAYS}


@pytest.mark.filterwarnings("ignore:Cyclopts application invoked without tokens")
@pytest.mark.parametrize("line", sorted({re.sub(r" (tz|simu|wateja)\b.*", "", one) for one in COMMANDS}))
def test_every_command_on_the_page_is_there(
    line: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each answers to --help, with the options that the page gives it."""
    command = re.sub(r" --.*", "", line)
    monkeypatch.setattr("sys.argv", [*command.split(), "--help"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert not ended.value.code
    shown = capsys.readouterr().out
    for whole in (one for one in COMMANDS if one.startswith(command)):
        assert set(re.findall(r"(--[a-z-]+)", whole)) - set(re.findall(r"(--[a-z-]+)", shown)) == set(), whole


def test_the_page_of_languages_names_every_catalogue() -> None:
    """docs/languages.md lists the languages that there are words in, and which of them a machine drafted."""
    page = (Path(__file__).parents[2] / "docs" / "languages.md").read_text(encoding="utf-8")
    told = dict(re.findall(r"^\| `([a-z]+)` \| [^|]+ \| ([^|]+) \|$", page, re.MULTILINE))
    assert set(told) == set(catalogue.shipped())
    drafts = {tag for tag in told if catalogue.is_draft(tag)}
    assert {tag for tag, standing in told.items() if "drafted" in standing or "likewise" in standing} == drafts
