"""docs/rules.md says what the code does: its examples are rules, and it leaves no key, state or safeguard out."""

import re
from datetime import date
from pathlib import Path

import msgspec
import pytest

from openroll.rules import (
    KINDS,
    NEEDED_TO_OPEN,
    SAFEGUARDS,
    STATES,
    Subject,
    duties,
    parse_overlay,
    parse_rule,
    rule_schema,
)
from openroll.rules.overlay import OverlayFile

PAGE = (Path(__file__).parents[2] / "docs" / "rules.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
SAID = {word for quoted in re.findall(r"`([^`\n]+)`", PAGE) for word in re.findall(r"[a-z_-]+", quoted)}


def test_every_key_of_a_rule_file_is_on_the_page() -> None:
    """Each key that the published schema knows, and each key of an overlay, stands on the page."""
    keys = {key for thing in rule_schema()["$defs"].values() for key in thing.get("properties", {})}
    assert keys - SAID - {"zh", "en", "amount", "currency"} == set()
    assert set(OverlayFile.__struct_fields__) - SAID == set()


def test_every_word_that_a_key_takes_is_on_the_page() -> None:
    """Each allowed value of each key with a fixed list stands on the page."""
    words = set(re.findall(r'"enum": \[(.*?)\]', msgspec.json.encode(rule_schema()).decode().replace('":[', '": [')))
    allowed = {word for one in words for word in re.findall(r'"([^"]+)"', one)}
    assert allowed
    assert allowed - SAID == set()


def test_every_state_kind_and_safeguard_is_on_the_page() -> None:
    """The six states, the seven kinds and the 24 checks are named, the nine that a live roll needs in bold."""
    assert {*STATES, *KINDS} - SAID == set()
    checks = PAGE[PAGE.index("legality ·") :].split("\n\n")[0].replace("\n", " ")
    assert [name.strip(" *") for name in checks.split("·")] == [one.id for one in SAFEGUARDS]
    assert set(re.findall(r"\*\*([a-z-]+)\*\*", checks)) == NEEDED_TO_OPEN


def test_the_examples_work() -> None:
    """The smallest rule and the overlay on the page are what they say: the overlay makes 30 days 15."""
    rule_text, overlay_text = EXAMPLES
    organisation = Subject("organisation", date(2006, 12, 5))
    plain = parse_rule(rule_text, "page")
    laid = parse_rule(rule_text, "page", [parse_overlay(overlay_text, "page")])
    due = [duties(organisation, rule, date(2006, 12, 10))[0].due for rule in (plain, laid)]
    assert due == [date(2007, 1, 4), date(2006, 12, 20)]
    assert (laid.ref, laid.version) == ("my-rule+shorter", 2)


@pytest.mark.parametrize(("start", "end"), [("2006-07-10", "2006-08-09")])
def test_the_day_count_on_the_page_is_the_one_computed(start: str, end: str) -> None:
    """P30D from 10 July ends with 9 August, as the page says."""
    assert "P30D from 10 July ends with 9 August" in PAGE
    subject = Subject("organisation", date.fromisoformat(start))
    assert duties(subject, parse_rule(EXAMPLES[0], "page"), date(2006, 7, 20))[0].due == date.fromisoformat(end)
